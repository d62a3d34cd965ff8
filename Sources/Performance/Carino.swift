import Statistics

/// Effects of single periods brought to a scale on which they add up over many (Carino linking).
///
/// Returns link by multiplication and effects add, so the effects of single periods do not add up
/// to the linked return. Each period's effects are scaled by kₜ/K with kₜ = ln(1 + rₜ)/rₜ and
/// K = ln(1 + R)/R, both 1 in the limit of no return.
///
/// - Source: D. R. Cariño, Combining attribution effects over time, J. of Performance Measurement
///   3 (1999), 5-14.
public struct Carino: Hashable, Sendable {
  /// The linked return ∏(1 + rₜ) − 1.
  ///
  /// Unit: 1.
  public let totalReturn: Double
  /// kₜ/K of each period.
  public let factors: [Double]

  /// Works out the factors of single periods.
  ///
  /// It is `nil` without periods or where a period, or all together, lost
  /// everything, since the logarithm ends there.
  ///
  /// - Parameter returns: Simple returns whose effects are linked. Unit: 1.
  /// - Complexity: O(n).
  public init?(returns: [Double]) {
    guard let total = Growth.linked(returns), let whole = Self.coefficient(total),
      !returns.isEmpty
    else { return nil }
    var factors: [Double] = []
    for value in returns {
      guard let own = Self.coefficient(value), let factor = ratio(own, whole) else { return nil }
      factors.append(factor)
    }
    totalReturn = total
    self.factors = factors
  }

  /// ln(1 + r)/r, 1 at 0.
  private static func coefficient(_ value: Double) -> Double? {
    guard value > -1 else { return nil }
    return value == 0 ? 1 : finite(Elementary.log1p(value) / value)
  }

  /// One effect over all periods.
  ///
  /// - Parameter effects: The effect in each period, in the unit of the returns.
  /// - Returns: Its share of the linked return.
  public func linked(_ effects: [Double]) -> Double {
    precondition(effects.count == factors.count, "There is one effect a period.")
    return zip(effects, factors).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The factors of a comparison: effects explain the difference to a benchmark.
  ///
  /// kₜ = (ln(1 + rₜ) − ln(1 + bₜ))/(rₜ − bₜ), 1/(1 + rₜ) where both are equal; K the same of the
  /// linked returns. Linked effects add up to R − B.
  ///
  /// - Parameters:
  ///   - returns: The portfolio's simple returns.
  ///   - benchmark: The benchmark's, on the same periods.
  /// - Returns: The factors; `nil` without periods or after a loss of everything.
  public static func active(_ returns: [Double], against benchmark: [Double]) -> [Double]? {
    precondition(returns.count == benchmark.count, "Series and benchmark have the same periods.")
    guard let own = Growth.linked(returns), let other = Growth.linked(benchmark),
      let whole = activeCoefficient(own, other), !returns.isEmpty
    else { return nil }
    var factors: [Double] = []
    for (value, base) in zip(returns, benchmark) {
      guard let one = activeCoefficient(value, base), let factor = ratio(one, whole) else {
        return nil
      }
      factors.append(factor)
    }
    return factors
  }

  private static func activeCoefficient(_ own: Double, _ other: Double) -> Double? {
    guard own > -1, other > -1 else { return nil }
    let step = (own - other) / (1 + other)
    // ln(1 + step)/step keeps its digits where both returns are nearly equal
    guard let slope = step == 0 ? 1 : finite(Elementary.log1p(step) / step) else { return nil }
    return finite(slope / (1 + other))
  }
}
