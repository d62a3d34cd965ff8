/// An exact decimal with 18 fractional digits, counted in units of 10⁻¹⁸ by a 128-bit integer.
///
/// Range: ±170 141 183 460 469 231 731.687303715884105727. It is the common footing of `Quantity`,
/// `Price` and `Money`; code outside this module works with those.
public struct Fixed: Hashable, Sendable {
  /// The value times 10¹⁸.
  public let units: Int128

  /// Makes the value `units` · 10⁻¹⁸.
  public init(units: Int128) {
    self.units = units
  }

  /// Makes a whole number.
  public init(whole: Int64) {
    units = Int128(whole) * Fixed.scale
  }

  /// Units in one: 10¹⁸.
  public static let scale: Int128 = 1_000_000_000_000_000_000
  /// The number of fractional digits kept.
  public static let fractionDigits = 18
  /// Zero.
  public static let zero = Fixed(units: 0)
  /// One.
  public static let one = Fixed(units: scale)

  /// Whether the value is zero.
  public var isZero: Bool { units == 0 }
  /// Whether the value is below zero.
  public var isNegative: Bool { units < 0 }

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

extension Fixed: Comparable {
  /// Orders by value.
  public static func < (a: Fixed, b: Fixed) -> Bool { a.units < b.units }
}

/// A result that does not fit ±1.7·10²⁰, or a division by zero.
public enum ArithmeticFault: Error, Hashable, Sendable {
  /// The exact result is out of range.
  case overflow
  /// The divisor was zero.
  case divisionByZero
}
