extension UInt256 {
  /// The sum, nil beyond 256 bits.
  public func adding(_ other: UInt256) -> UInt256? {
    let (sum, carries) = addingCarrying(other)
    return carries ? nil : sum
  }

  /// The sum modulo 2²⁵⁶, and whether it carries.
  func addingCarrying(_ other: UInt256) -> (UInt256, Bool) {
    let (lower, carry) = low.addingReportingOverflow(other.low)
    let (sum, first) = high.addingReportingOverflow(other.high)
    let (upper, second) = sum.addingReportingOverflow(carry ? 1 : 0)
    return (UInt256(high: upper, low: lower), first || second)
  }

  /// The difference, nil below zero.
  public func subtracting(_ other: UInt256) -> UInt256? {
    self < other ? nil : wrappingSubtracting(other)
  }

  /// The difference modulo 2²⁵⁶, as contracts that count fees in circles need it.
  public func wrappingSubtracting(_ other: UInt256) -> UInt256 {
    let (lower, borrows) = low.subtractingReportingOverflow(other.low)
    return UInt256(high: high &- other.high &- (borrows ? 1 : 0), low: lower)
  }

  /// The product, nil beyond 256 bits.
  public func multiplied(by other: UInt256) -> UInt256? {
    let product = multipliedFullWidth(by: other)
    return product.high.isZero ? product.low : nil
  }

  /// The product of 512 bits.
  public func multipliedFullWidth(by other: UInt256) -> (high: UInt256, low: UInt256) {
    let lowest = low.multipliedFullWidth(by: other.low)
    let crossed = high.multipliedFullWidth(by: other.low)
    let crossing = low.multipliedFullWidth(by: other.high)
    let highest = high.multipliedFullWidth(by: other.high)
    // The second quarter, with what it carries into the third.
    let (partial, first) = lowest.high.addingReportingOverflow(UInt128(crossed.low))
    let (second, another) = partial.addingReportingOverflow(UInt128(crossing.low))
    let carried: UInt128 = (first ? 1 : 0) + (another ? 1 : 0)
    let (upper, _) = UInt256(high: highest.high, low: UInt128(highest.low))
      .addingCarrying(UInt256(crossed.high))
    let (more, _) = upper.addingCarrying(UInt256(crossing.high))
    let (top, _) = more.addingCarrying(UInt256(carried))
    return (top, UInt256(high: second, low: UInt128(lowest.low)))
  }

  /// Quotient and remainder, nil for a divisor of zero.
  public func dividing(by divisor: UInt256) -> (quotient: UInt256, remainder: UInt256)? {
    guard !divisor.isZero else { return nil }
    if high == 0, divisor.high == 0 {
      let (quotient, remainder) = low.quotientAndRemainder(dividingBy: divisor.low)
      return (UInt256(quotient), UInt256(remainder))
    }
    return UInt256.dividing((.zero, self), by: divisor)
  }

  /// Quotient and remainder of a number of 512 bits; nil where the quotient has more than 256.
  static func dividing(
    _ number: (high: UInt256, low: UInt256), by divisor: UInt256
  ) -> (quotient: UInt256, remainder: UInt256)? {
    guard number.high < divisor else { return nil }
    var remainder = number.high
    var quotient = UInt256.zero
    // One bit at a time: slow, short, and used a few times for each position only.
    for bit in (0..<256).reversed() {
      let isCarried = remainder.high >> 127 == 1
      remainder = remainder.shiftedLeft(by: 1)
      if number.low.bit(bit) { remainder.low |= 1 }
      quotient = quotient.shiftedLeft(by: 1)
      if isCarried || remainder >= divisor {
        remainder = remainder.wrappingSubtracting(divisor)
        quotient.low |= 1
      }
    }
    return (quotient, remainder)
  }

  /// The product divided by `divisor`, rounded down, with 512 bits in between.
  ///
  /// - Parameters:
  ///   - factor: The other factor.
  ///   - divisor: Not zero.
  /// - Returns: The quotient, or nil for a divisor of zero or a quotient beyond 256 bits.
  public func multiplied(by factor: UInt256, dividedBy divisor: UInt256) -> UInt256? {
    UInt256.dividing(multipliedFullWidth(by: factor), by: divisor)?.quotient
  }

  /// Whether a bit is set; 0 is the lowest.
  func bit(_ index: Int) -> Bool {
    index >= 128 ? high >> UInt128(index - 128) & 1 == 1 : low >> UInt128(index) & 1 == 1
  }

  /// The number times 2ⁿ modulo 2²⁵⁶.
  public func shiftedLeft(by count: Int) -> UInt256 {
    switch count {
    case ...0: self
    case 1..<128:
      UInt256(
        high: high << UInt128(count) | low >> UInt128(128 - count), low: low << UInt128(count))
    case 128..<256: UInt256(high: low << UInt128(count - 128), low: 0)
    default: .zero
    }
  }

  /// The number divided by 2ⁿ, rounded down.
  public func shiftedRight(by count: Int) -> UInt256 {
    switch count {
    case ...0: self
    case 1..<128:
      UInt256(
        high: high >> UInt128(count), low: low >> UInt128(count) | high << UInt128(128 - count))
    case 128..<256: UInt256(high: 0, low: high >> UInt128(count - 128))
    default: .zero
    }
  }
}
