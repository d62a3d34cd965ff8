extension Fixed {
  /// Splits the value in proportion to weights, losing nothing: the parts add up to the value.
  ///
  /// Each part is first cut off at `digits`; the steps that are left go one each to the parts with
  /// the largest remainders, earlier parts first (Hamilton's method of largest remainders, Balinski
  /// and Young, *Fair Representation*, 1982, ch. 3). What lies below `digits` goes to the first part
  /// that has a weight.
  ///
  /// - Parameters:
  ///   - weights: One weight a part, none negative, not all zero.
  ///   - digits: Fractional digits of a part, 0 to 18.
  /// - Returns: One part for each weight, in the same order.
  /// - Throws: `divisionByZero` where all weights are zero, `overflow` where weights do not add up.
  public func allocated(
    by weights: [Fixed], digits: Int = Fixed.fractionDigits
  ) throws(ArithmeticFault) -> [Fixed] {
    precondition(weights.allSatisfy { !$0.isNegative }, "A weight is never negative.")
    var total = Fixed.zero
    for weight in weights { total = try total.adding(weight) }
    if total.isZero { throw .divisionByZero }
    let whole = try rounded(toDigits: digits, rounding: .down)
    var step: UInt128 = 1
    for _ in digits..<Fixed.fractionDigits { step *= 10 }
    let steps = whole.units.magnitude / step
    var shares = Shares(steps: steps, weights: weights, total: total)
    shares.handOutRest()
    var parts: [Fixed] = []
    for share in shares.counts {
      parts.append(try Fixed(magnitude: share * step, isNegative: isNegative))
    }
    let rest = try subtracting(whole)
    if let first = weights.firstIndex(where: { !$0.isZero }) {
      parts[first] = try parts[first].adding(rest)
    }
    return parts
  }
}

/// Whole steps handed out in proportion to weights.
private struct Shares {
  var counts: [UInt128] = []
  private var remainders: [UInt128] = []
  private var left: UInt128

  init(steps: UInt128, weights: [Fixed], total: Fixed) {
    left = steps
    let divisor = total.units.magnitude
    for weight in weights {
      let product = steps.multipliedFullWidth(by: weight.units.magnitude)
      // A weight is at most the total, so the quotient is at most `steps` and always fits.
      let (quotient, remainder) =
        product.high == 0
        ? product.low.quotientAndRemainder(dividingBy: divisor)
        : divisor.dividingFullWidth((product.high, product.low))
      counts.append(quotient)
      remainders.append(remainder)
      left -= quotient
    }
  }

  mutating func handOutRest() {
    let order = remainders.indices.sorted {
      remainders[$0] != remainders[$1] ? remainders[$0] > remainders[$1] : $0 < $1
    }
    for index in order where left > 0 {
      counts[index] += 1
      left -= 1
    }
  }
}
