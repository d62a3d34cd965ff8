import Amounts

/// The unit that an asset's quantities are counted in: 10⁻¹⁸ of the asset, or a part of that.
///
/// A split of one into three leaves thirds, which no decimal holds. After it the grain is a third of
/// 10⁻¹⁸, and every quantity before and after is a whole number of grains again.
struct Grain: Hashable, Sendable {
  /// Grains in 10⁻¹⁸ of the asset; above zero.
  var perUnit: Int128 = 1

  /// A quantity in grains.
  func count(_ quantity: Quantity) throws(ArithmeticFault) -> Int128 {
    try Grain.product(quantity.fixed.units, perUnit)
  }

  /// A product that must not leave the range.
  static func product(_ a: Int128, _ b: Int128) throws(ArithmeticFault) -> Int128 {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    if overflow { throw .overflow }
    return product
  }

  /// The sum of counts, as a quantity.
  func total(_ counts: some Sequence<Int128>) throws(ArithmeticFault) -> Quantity {
    var sum: Int128 = 0
    for count in counts {
      let (next, overflow) = sum.addingReportingOverflow(count)
      if overflow { throw .overflow }
      sum = next
    }
    return quantity(sum)
  }

  /// Grains as a quantity, rounded half to even at the 18th digit where a split left more.
  func quantity(_ count: Int128) -> Quantity {
    if perUnit == 1 { return Quantity(Fixed(units: count)) }
    let (quotient, remainder) = count.quotientAndRemainder(dividingBy: perUnit)
    let rest = perUnit - remainder.magnitudeValue
    let grows =
      remainder.magnitudeValue > rest
      || (remainder.magnitudeValue == rest && quotient & 1 == 1)
    return Quantity(Fixed(units: grows ? quotient + (count < 0 ? -1 : 1) : quotient))
  }
}

extension Int128 {
  /// The value without its sign; never called for the one value that has no opposite.
  fileprivate var magnitudeValue: Int128 { self < 0 ? 0 - self : self }
}

extension Fixed {
  /// The part of an amount that belongs to a part of a quantity, rounded half to even.
  ///
  /// - Parameters:
  ///   - part: At least zero, at most `whole`.
  ///   - whole: Above zero.
  /// - Returns: `self` · `part` ÷ `whole`, never further from zero than `self`.
  func share(_ part: Int128, of whole: Int128) -> Fixed {
    if part == whole { return self }
    let divisor = whole.magnitude
    let product = units.magnitude.multipliedFullWidth(by: part.magnitude)
    let (quotient, remainder) =
      product.high == 0
      ? product.low.quotientAndRemainder(dividingBy: divisor)
      : divisor.dividingFullWidth((product.high, product.low))
    let rest = divisor - remainder
    let grows = remainder > rest || (remainder == rest && quotient & 1 == 1)
    let magnitude = Int128(truncatingIfNeeded: quotient + (grows ? 1 : 0))
    return Fixed(units: isNegative ? 0 - magnitude : magnitude)
  }
}
