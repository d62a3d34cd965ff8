public import Statistics

extension Allocation {
  /// The weights of least variance with short sales: C⁻¹1/(1ᵀC⁻¹1).
  ///
  /// - Parameter covariance: Of returns, N × N.
  /// - Returns: The weights; `nil` where the covariance is singular, as with fewer bars than assets
  ///   or an asset that does not vary.
  /// - Complexity: O(N³).
  /// - Source: R. C. Merton, An analytic derivation of the efficient portfolio frontier, J. of
  ///   Financial and Quantitative Analysis 7 (1972), eq. 9.
  public static func minimumVarianceUnconstrained(_ covariance: Matrix) -> [Double]? {
    guard deviations(covariance) != nil else { return nil }
    let ones = [Double](repeating: 1, count: covariance.rows)
    guard let solution = Cholesky(covariance)?.solve(ones) else { return nil }
    return normalised(solution)
  }

  /// The weights of least variance within limits.
  ///
  /// - Parameters:
  ///   - covariance: Of returns, N × N.
  ///   - limits: For each asset; long only without more.
  /// - Returns: The weights; of several optima, as with assets that move as one, one of them. `nil`
  ///   where the limits cannot be met.
  /// - Complexity: O(s N³) for s changes of bounds on the way, mostly about as many as assets held.
  /// - Source: H. Markowitz, Portfolio Selection, J. of Finance 7 (1952), 77-91; the optimum is that
  ///   of the conditions of Karush, Kuhn and Tucker.
  public static func minimumVariance(
    _ covariance: Matrix, limits: WeightLimits? = nil
  ) -> [Double]? {
    precondition(covariance.isSquare, "A covariance is square.")
    let count = covariance.rows
    let limits = limits ?? WeightLimits(count: count)
    precondition(limits.least.count == count, "Every asset has limits.")
    guard limits.canBeMet, covariance.elements.allSatisfy(\.isFinite) else { return nil }
    let order = (0..<count).sorted { covariance[$0, $0] < covariance[$1, $1] }
    return weights(covariance, [Double](repeating: 0, count: count), limits, filling: order)
  }

  /// Minimises ½ wᵀCw − cᵀw over weights within limits.
  static func weights(
    _ covariance: Matrix, _ linear: [Double], _ limits: WeightLimits, filling order: [Int]
  ) -> [Double]? {
    let problem = BoundedQuadratic(
      matrix: covariance, linear: linear,
      normal: [Double](repeating: 1, count: covariance.rows), least: limits.least,
      most: limits.most, total: 1)
    return problem.solved(from: limits.filled(order))
  }
}

extension WeightLimits {
  /// Weights that add up to 1: all at their least, then filled up in an order.
  func filled(_ order: [Int]) -> [Double] {
    var weights = least
    var left = 1 - least.reduce(0, +)
    for index in order where left > 0 {
      let share = min(left, most[index] - least[index])
      weights[index] += share
      left -= share
    }
    return weights
  }
}
