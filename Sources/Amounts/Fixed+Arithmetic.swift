extension Fixed {
  /// The sum, exactly.
  public func adding(_ other: Fixed) throws(ArithmeticFault) -> Fixed {
    let (sum, overflow) = units.addingReportingOverflow(other.units)
    if overflow { throw .overflow }
    return Fixed(units: sum)
  }

  /// The difference, exactly.
  public func subtracting(_ other: Fixed) throws(ArithmeticFault) -> Fixed {
    let (difference, overflow) = units.subtractingReportingOverflow(other.units)
    if overflow { throw .overflow }
    return Fixed(units: difference)
  }

  /// The value with the other sign.
  public func negated() throws(ArithmeticFault) -> Fixed {
    try Fixed.zero.subtracting(self)
  }

  /// The value without its sign.
  public func magnitude() throws(ArithmeticFault) -> Fixed {
    isNegative ? try negated() : self
  }

  /// The product, rounded to 18 digits.
  public func multiplied(
    by other: Fixed, rounding: Rounding
  ) throws(ArithmeticFault) -> Fixed {
    let product = units.magnitude.multipliedFullWidth(by: other.units.magnitude)
    return try Fixed.divide(
      high: product.high, low: product.low, by: UInt128(Fixed.scale),
      isNegative: isNegative != other.isNegative, rounding: rounding)
  }

  /// The quotient, rounded to 18 digits.
  public func divided(by other: Fixed, rounding: Rounding) throws(ArithmeticFault) -> Fixed {
    if other.isZero { throw .divisionByZero }
    let product = units.magnitude.multipliedFullWidth(by: UInt128(Fixed.scale))
    return try Fixed.divide(
      high: product.high, low: product.low, by: other.units.magnitude,
      isNegative: isNegative != other.isNegative, rounding: rounding)
  }

  /// The value rounded to fewer fractional digits.
  ///
  /// - Parameters:
  ///   - digits: How many fractional digits stay, 0 to 18.
  ///   - rounding: What happens to the rest.
  /// - Returns: The nearest value with that many digits in the named direction.
  /// - Throws: `overflow` where rounding away from zero leaves the range.
  public func rounded(
    toDigits digits: Int, rounding: Rounding
  ) throws(ArithmeticFault) -> Fixed {
    precondition((0...Fixed.fractionDigits).contains(digits), "Digits kept lie between 0 and 18.")
    var step: UInt128 = 1
    for _ in digits..<Fixed.fractionDigits { step *= 10 }
    let (quotient, remainder) = units.magnitude.quotientAndRemainder(dividingBy: step)
    let grows = rounding.growsMagnitude(
      quotient: quotient, remainder: remainder, divisor: step, isNegative: isNegative)
    let (magnitude, overflow) = (quotient + (grows ? 1 : 0)).multipliedReportingOverflow(by: step)
    if overflow { throw .overflow }
    return try Fixed(magnitude: magnitude, isNegative: isNegative)
  }

  /// Divides a 256-bit magnitude by a 128-bit one and applies sign and rounding.
  private static func divide(
    high: UInt128, low: UInt128, by divisor: UInt128, isNegative: Bool, rounding: Rounding
  ) throws(ArithmeticFault) -> Fixed {
    if high >= divisor { throw .overflow }
    let (quotient, remainder) =
      high == 0
      ? low.quotientAndRemainder(dividingBy: divisor) : divisor.dividingFullWidth((high, low))
    let grows = rounding.growsMagnitude(
      quotient: quotient, remainder: remainder, divisor: divisor, isNegative: isNegative)
    let (magnitude, overflow) = quotient.addingReportingOverflow(grows ? 1 : 0)
    if overflow { throw .overflow }
    return try Fixed(magnitude: magnitude, isNegative: isNegative)
  }

  /// Makes a value from its magnitude in units and its sign.
  init(magnitude: UInt128, isNegative: Bool) throws(ArithmeticFault) {
    if isNegative {
      if magnitude > Int128.min.magnitude { throw .overflow }
      self.init(units: Int128(truncatingIfNeeded: 0 &- magnitude))
    } else {
      guard let units = Int128(exactly: magnitude) else { throw .overflow }
      self.init(units: units)
    }
  }
}
