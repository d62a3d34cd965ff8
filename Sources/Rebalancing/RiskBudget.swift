public import Statistics

extension Allocation {
  /// Weights of equal risk: each asset contributes 1/N of the variance.
  ///
  /// - Parameter covariance: Of returns, N × N.
  /// - Returns: Positive weights; `nil` where a variance is not positive.
  /// - Source: S. Maillard, T. Roncalli, J. Teïletche, The properties of equally weighted risk
  ///   contribution portfolios, J. of Portfolio Management 36 (2010), 60-70.
  public static func riskParity(_ covariance: Matrix) -> [Double]? {
    let count = covariance.rows
    return riskBudget(covariance, [Double](repeating: 1 / Double(max(count, 1)), count: count))
  }

  /// Positive weights whose shares of the variance are given: wᵢ(Cw)ᵢ/wᵀCw = bᵢ.
  ///
  /// The one solution is the minimiser of ½ xᵀRx − Σ bᵢ ln xᵢ, scaled to the sum 1, with R the
  /// correlation and x the weights in units of 1/σ. Newton's method finds it to the last digits.
  ///
  /// - Parameters:
  ///   - covariance: Of returns, N × N.
  ///   - budget: Shares in any unit, all positive.
  /// - Returns: The weights; `nil` where a variance or a share is not positive, or where a perfect
  ///   hedge leaves no risk to share.
  /// - Complexity: O(N³) a step, some ten steps.
  /// - Source: F. Spinu, An algorithm for computing risk parity weights, SSRN 2297383, 2013.
  public static func riskBudget(_ covariance: Matrix, _ budget: [Double]) -> [Double]? {
    precondition(budget.count == covariance.rows, "Every asset has a budget.")
    guard let deviations = deviations(covariance), let shares = normalised(budget),
      budget.allSatisfy({ $0 > 0 && $0.isFinite })
    else { return nil }
    var correlation = covariance
    for i in deviations.indices {
      for j in deviations.indices { correlation[i, j] /= deviations[i] * deviations[j] }
    }
    guard let scaled = LogBarrier(matrix: correlation, shares: shares).minimiser else { return nil }
    return normalised(zip(scaled, deviations).map { $0 / $1 })
  }
}

/// ½ xᵀRx − Σ bᵢ ln xᵢ over positive x.
private struct LogBarrier {
  let matrix: Matrix
  let shares: [Double]

  private func value(_ x: [Double]) -> Double {
    zip(shares, x).reduce(matrix.quadraticForm(x) / 2) { $0 - $1.0 * Elementary.log($1.1) }
  }

  /// Where the slope vanishes; `nil` where there is no such point.
  var minimiser: [Double]? {
    var x = shares.map { $0.squareRoot() }
    // The best length of the starting direction: xᵀRx = Σ b = 1
    let form = matrix.quadraticForm(x)
    guard form > 0 else { return nil }
    x = x.map { $0 / form.squareRoot() }
    var lastError = Double.infinity
    for _ in 0..<200 {
      let slopes = zip(matrix.times(x), zip(shares, x)).map { $0 - $1.0 / $1.1 }
      let error = zip(slopes, zip(shares, x)).map { abs($0 * $1.1) / $1.0 }.max() ?? 0
      // Near the end the error stops falling at the rounding of the sums
      if error < 1e-15 || (error < 1e-12 && error >= lastError) { return x }
      lastError = error
      var curve = matrix
      for i in x.indices { curve[i, i] += shares[i] / (x[i] * x[i]) }
      guard let way = Cholesky(curve)?.solve(slopes), let next = step(x, way, slopes) else {
        return error < 1e-9 ? x : nil
      }
      x = next
    }
    return lastError < 1e-9 ? x : nil
  }

  /// A step against the slope that stays positive and does not climb.
  private func step(_ x: [Double], _ way: [Double], _ slopes: [Double]) -> [Double]? {
    let limit = zip(x, way).reduce(1.0) { $1.1 > 0 ? min($0, 0.95 * $1.0 / $1.1) : $0 }
    let fall = Matrix.dot(way, slopes)
    let here = value(x)
    var length = limit
    for _ in 0..<60 {
      let next = zip(x, way).map { $0 - length * $1 }
      let there = value(next)
      if there <= here - 1e-4 * length * fall + 1e-14 * max(abs(here), 1) { return next }
      length /= 2
    }
    return nil
  }
}
