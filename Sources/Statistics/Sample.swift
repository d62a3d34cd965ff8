/// Values of one quantity, oldest first, and what describes their distribution.
///
/// Figures that need more values than there are, or a spread where there is none, are `nil`.
public struct Sample: Hashable, Sendable {
  /// The values, oldest first.
  public let values: [Double]

  /// Takes values as they are.
  public init(_ values: [Double]) {
    self.values = values
  }

  /// The number of values.
  public var count: Int { values.count }

  /// The arithmetic mean.
  public var mean: Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(count)
  }

  /// The mean of squared distances to the mean.
  ///
  /// Computed in two passes, so that a large mean or one huge value costs no digits of the others.
  ///
  /// - Parameter lost: Degrees of freedom lost: 1 for a sample, 0 for a whole population.
  /// - Returns: The variance in squared units; `nil` unless there are more values than `lost`.
  public func variance(lost: Int = 1) -> Double? {
    guard count > lost, let mean else { return nil }
    return isConstant ? 0 : powerSum(2, around: mean) / Double(count - lost)
  }

  /// The square root of the variance, in the values' unit.
  ///
  /// - Parameter lost: Degrees of freedom lost.
  /// - Returns: The standard deviation; `nil` unless there are more values than `lost`.
  public func standardDeviation(lost: Int = 1) -> Double? {
    variance(lost: lost)?.squareRoot()
  }

  /// The root mean square of what falls short of a target, over all values.
  ///
  /// - Parameter target: The target, in the values' unit.
  /// - Returns: The downside deviation; `nil` without values.
  /// - Source: F. A. Sortino, R. van der Meer, Downside risk, Journal of Portfolio Management 17(4),
  ///   1991, with the denominator n.
  public func downsideDeviation(target: Double = 0) -> Double? {
    guard count > 0 else { return nil }
    let sum = values.reduce(0) { sum, value in
      let short = min(value - target, 0)
      return sum + short * short
    }
    return (sum / Double(count)).squareRoot()
  }

  /// The third standardised central moment, with 1/n.
  public var skewness: Double? { standardisedMoment(3) }

  /// The fourth standardised central moment less three, with 1/n.
  public var excessKurtosis: Double? { standardisedMoment(4).map { $0 - 3 } }

  /// The mean of a whole power of the distances to the mean, with 1/n.
  ///
  /// - Parameter power: The power, 1 or more.
  /// - Returns: The central moment; `nil` without values.
  public func centralMoment(_ power: Int) -> Double? {
    mean.map { powerSum(power, around: $0) / Double(count) }
  }

  /// Whether all values are equal, so that no variance is defined by rounding alone.
  public var isConstant: Bool {
    guard let first = values.first else { return true }
    return values.allSatisfy { $0 == first }
  }

  private func standardisedMoment(_ power: Int) -> Double? {
    guard let spread = variance(lost: 0), spread > 0, let moment = centralMoment(power) else {
      return nil
    }
    let deviation = spread.squareRoot()
    return moment / (0..<power).reduce(1.0) { product, _ in product * deviation }
  }

  private func powerSum(_ power: Int, around centre: Double) -> Double {
    var sum = 0.0
    for value in values {
      let distance = value - centre
      var product = distance
      for _ in 1..<max(power, 1) { product *= distance }
      sum += product
    }
    return sum
  }
}
