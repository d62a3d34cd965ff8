public import Statistics

extension Allocation {
  /// The weights of the largest Sharpe ratio, eᵀw/√(wᵀCw) with e the means above the riskless rate.
  ///
  /// Where no asset is expected to earn more than the riskless rate, the ratio is quasiconvex and
  /// its maximum is a single asset: that with the largest ratio, which is negative or 0.
  ///
  /// - Parameters:
  ///   - means: Expected returns a bar, one an asset.
  ///   - covariance: Of returns, N × N.
  ///   - riskFreePerBar: The riskless rate a bar.
  ///   - limits: For each asset; long only without more.
  /// - Returns: The weights; `nil` where a variance is not positive, where the limits cannot be met,
  ///   or where limits other than long only leave no portfolio with a positive mean.
  /// - Source: W. F. Sharpe, Mutual Fund Performance, J. of Business 39 (1966), 119-138; as a
  ///   quadratic problem: G. Cornuejols, R. Tütüncü, Optimization Methods in Finance, 2007,
  ///   section 8.2.
  public static func maximumSharpe(
    means: [Double], covariance: Matrix, riskFreePerBar: Double = 0, limits: WeightLimits? = nil
  ) -> [Double]? {
    precondition(means.count == covariance.rows, "Every asset has a mean.")
    let excess = means.map { $0 - riskFreePerBar }
    guard let deviations = deviations(covariance), excess.allSatisfy(\.isFinite) else { return nil }
    if let limits,
      limits.least.contains(where: { $0 != 0 }) || limits.most.contains(where: { $0 < 1 })
    {
      precondition(limits.least.count == means.count, "Every asset has limits.")
      return limits.canBeMet ? cappedRatio(excess, covariance, limits) : nil
    }
    let ratios = zip(excess, deviations).map { $0 / $1 }
    guard let best = ratios.indices.max(by: { ratios[$0] < ratios[$1] }) else { return nil }
    guard excess[best] > 0 else {
      return ratios.indices.map { $0 == best ? 1 : 0 }
    }
    return ray(excess, covariance, from: best)
  }

  /// The long-only weights of the largest diversification ratio, Σ wᵢσᵢ/√(wᵀCw).
  ///
  /// - Parameter covariance: Of returns, N × N.
  /// - Returns: The weights; `nil` where a variance is not positive.
  /// - Source: Y. Choueifaty, Y. Coignard, Toward maximum diversification, J. of Portfolio
  ///   Management 35 (2008), 40-51.
  public static func maximumDiversification(_ covariance: Matrix) -> [Double]? {
    guard let deviations = deviations(covariance),
      let first = deviations.indices.min(by: { deviations[$0] < deviations[$1] })
    else { return nil }
    return ray(deviations, covariance, from: first)
  }

  /// Maximises eᵀw/√(wᵀCw) over w ≥ 0 as the least variance over eᵀy = 1, y ≥ 0.
  ///
  /// The ratio does not change with the length of w, so that only the direction is looked for.
  private static func ray(_ earned: [Double], _ covariance: Matrix, from first: Int) -> [Double]? {
    let count = earned.count
    // Units in which means are about 1 and variances too keep the steps well scaled
    let unit = earned[first]
    var start = [Double](repeating: 0, count: count)
    start[first] = 1
    let problem = BoundedQuadratic(
      matrix: covariance, linear: [Double](repeating: 0, count: count),
      normal: earned.map { $0 / unit }, least: [Double](repeating: 0, count: count),
      most: [Double](repeating: .infinity, count: count), total: 1)
    return problem.solved(from: start).flatMap(normalised)
  }

  /// Walks the efficient frontier to where its ratio is largest.
  ///
  /// w(t) minimises ½ wᵀCw − t eᵀw. The ratio grows with t while wᵀCw > t eᵀw, and the difference is
  /// linear in t between changes of bounds, so that a secant finds its zero.
  private static func cappedRatio(
    _ excess: [Double], _ covariance: Matrix, _ limits: WeightLimits
  ) -> [Double]? {
    let order = excess.indices.sorted { excess[$0] > excess[$1] }
    let richest = limits.filled(order)
    guard Matrix.dot(richest, excess) > 0 else { return nil }
    let point = { (t: Double) -> (weights: [Double], slope: Double)? in
      guard let found = weights(covariance, excess.map { t * $0 }, limits, filling: order) else {
        return nil
      }
      return (found, covariance.quadraticForm(found) - t * Matrix.dot(found, excess))
    }
    guard var low = point(0).map({ (0.0, $0.weights, $0.slope) }) else { return nil }
    var reach = covariance.quadraticForm(richest) / Matrix.dot(richest, excess)
    var high: (Double, [Double], Double)?
    for _ in 0..<60 {
      guard let found = point(reach) else { return nil }
      if found.slope <= 0 {
        high = (reach, found.weights, found.slope)
        break
      }
      low = (reach, found.weights, found.slope)
      reach *= 4
    }
    guard var high else { return richest }
    for step in 0..<100 {
      let (from, to) = (low.0, high.0)
      let secant = from + (to - from) * low.2 / (low.2 - high.2)
      // Every third step halves, which bounds their number where the secant lags
      let t = step % 3 == 2 ? from + (to - from) / 2 : secant
      guard t > from, t < to, let found = point(t) else { break }
      if found.slope > 0 {
        low = (t, found.weights, found.slope)
      } else {
        high = (t, found.weights, found.slope)
      }
    }
    return low.2 < -high.2 ? low.1 : high.1
  }
}
