extension Fixed {
  /// The nearest Double, for statistics and drawing only.
  public var approximate: Double { Fixed.double(units) / 1e18 }

  /// The nearest Double of a whole number, as `Double(units)` gives it at sixty times the cost.
  ///
  /// The 64 leading bits decide, with the last of them set where bits are cut off: a Double keeps 53,
  /// so that only one rounding takes place.
  static func double(_ units: Int128) -> Double {
    let magnitude = units.magnitude
    let high = UInt64(truncatingIfNeeded: magnitude >> 64)
    let low = UInt64(truncatingIfNeeded: magnitude)
    var value = Double(low)
    if high != 0 {
      let shift = high.leadingZeroBitCount
      let leading = UInt64(truncatingIfNeeded: magnitude >> (64 - shift))
      let isCut = low << shift != 0
      value = Double(leading | (isCut ? 1 : 0))
      value *= Double(sign: .plus, exponent: 64 - shift, significand: 1)
    }
    return units < 0 ? -value : value
  }
}
