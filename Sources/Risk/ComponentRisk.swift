public import Statistics

/// A portfolio's risk and what each position adds to it; the parts add up to the whole.
///
/// Source: D. Tasche, Risk contributions and performance measurement, 1999 (Euler's theorem); M. B.
/// Garman, Improving on VaR, Risk 9(5), 1996.
public struct ComponentRisk: Hashable, Sendable {
  /// The value at risk, or the shortfall.
  ///
  /// Positive for a loss.
  public let total: Double
  /// The portfolio's standard deviation a bar.
  public let volatility: Double
  /// What a unit more of each asset adds.
  public let marginal: [Double]
  /// What each asset adds: weight times marginal.
  public let component: [Double]

  /// Each asset's share of the total; `nil` where the total is zero.
  public var shares: [Double?] { component.map { total == 0 ? nil : $0 / total } }

  /// Parts of the normal value at risk.
  ///
  /// VaR = zσ - μ with σ = √(wᵀCw); marginalᵢ = z(Cw)ᵢ/σ - μᵢ.
  ///
  /// - Parameters:
  ///   - weights: One an asset.
  ///   - covariance: Of the assets' returns, N × N.
  ///   - means: The mean return of each asset; `nil` takes them as zero.
  ///   - confidence: Between 0 and 1.
  /// - Returns: `nil` where the portfolio has no variance or the confidence is none.
  public static func normal(
    _ weights: [Double], _ covariance: Matrix, means: [Double]? = nil, _ confidence: Double
  ) -> ComponentRisk? {
    guard let z = Normal.quantile(confidence) else { return nil }
    let products = covariance.times(weights)
    let variance = Matrix.dot(weights, products)
    guard variance > 0 else { return nil }
    let volatility = variance.squareRoot()
    let marginal = products.enumerated().map { index, product in
      z * product / volatility - (means?[index] ?? 0)
    }
    let mean = means.map { Matrix.dot($0, weights) } ?? 0
    return ComponentRisk(
      total: z * volatility - mean, volatility: volatility, marginal: marginal, weights)
  }

  /// What leaving each asset, its proceeds in cash, would take off the zero-mean normal value at risk.
  ///
  /// - Parameters:
  ///   - weights: One an asset.
  ///   - covariance: Of the assets' returns, N × N.
  ///   - confidence: Between 0 and 1.
  /// - Returns: The value at risk with and without each asset; `nil` for a confidence that is none.
  /// - Complexity: O(N²) in all: without i the variance is wᵀCw - 2wᵢ(Cw)ᵢ + wᵢ²Cᵢᵢ.
  public static func incremental(
    _ weights: [Double], _ covariance: Matrix, _ confidence: Double
  ) -> (total: Double, incremental: [Double])? {
    guard let z = Normal.quantile(confidence) else { return nil }
    let products = covariance.times(weights)
    let variance = max(Matrix.dot(weights, products), 0)
    let total = z * variance.squareRoot()
    let parts = weights.indices.map { index in
      let weight = weights[index]
      let own = weight * weight * covariance[index, index]
      let without = variance - 2 * weight * products[index] + own
      return total - z * max(without, 0).squareRoot()
    }
    return (total, parts)
  }

  /// Parts of the historical expected shortfall: each asset's mean loss on the worst days.
  ///
  /// - Parameters:
  ///   - table: The assets' returns.
  ///   - weights: One an asset.
  ///   - confidence: Between 0 and 1.
  /// - Returns: The parts and the bars they are of, worst first; `nil` without bars.
  /// - Source: D. Tasche, Risk contributions and performance measurement, 1999, section 5.
  public static func historicalShortfall(
    _ table: ReturnTable, _ weights: [Double], _ confidence: Double
  ) -> (risk: ComponentRisk, worstBars: [Int])? {
    let portfolio = table.portfolio(weights)
    guard !portfolio.isEmpty, confidence > 0, confidence < 1 else { return nil }
    let count = TailCount.wholeValues(of: portfolio.count, 1 - confidence)
    let order = portfolio.indices.sorted { (portfolio[$0], $0) < (portfolio[$1], $1) }
    let worst = Array(order.prefix(count))
    let marginal = table.returns.map { column in
      -worst.reduce(0) { $0 + column[$1] } / Double(count)
    }
    let risk = ComponentRisk(
      total: Matrix.dot(marginal, weights),
      volatility: Sample(portfolio).standardDeviation() ?? 0, marginal: marginal, weights)
    return (risk, worst)
  }

  /// Parts of the Cornish-Fisher value at risk, with 1/(n-1) variance and 1/n higher moments.
  ///
  /// - Parameters:
  ///   - table: The assets' returns.
  ///   - weights: One an asset.
  ///   - confidence: Between 0 and 1.
  /// - Returns: `nil` where the portfolio has no variance.
  /// - Source: K. Boudt, B. Peterson, C. Croux, Estimation and decomposition of downside risk for
  ///   portfolios with non-normal returns, Journal of Risk 11(2), 2008.
  public static func cornishFisher(
    _ table: ReturnTable, _ weights: [Double], _ confidence: Double
  ) -> ComponentRisk? {
    guard let covariance = Covariance.sample(table.returns), let z = Normal.quantile(1 - confidence)
    else { return nil }
    let products = covariance.times(weights)
    let variance = Matrix.dot(weights, products)
    guard variance > 0 else { return nil }
    let deviation = variance.squareRoot()
    let means = table.returns.map { Sample($0).mean ?? 0 }
    let centred = table.returns.enumerated().map { index, column in
      column.map { $0 - means[index] }
    }
    let count = Double(table.count)
    let portfolio = ReturnTable(
      assets: table.assets, bars: table.bars, returns: centred
    ).portfolio(weights)
    let squares = portfolio.map { $0 * $0 }
    let cubes = zip(squares, portfolio).map { $0 * $1 }
    let third = cubes.reduce(0, +) / count
    let fourth = Matrix.dot(squares, squares) / count
    let skewness = third / (variance * deviation)
    let kurtosis = fourth / (variance * variance) - 3
    let correction = ParametricLoss.CornishFisher(
      confidence, skewness: skewness, excessKurtosis: kurtosis)
    guard let quantile = correction?.quantile else { return nil }
    let bySkew = (z * z - 1) / 6 - (2 * z * z * z - 5 * z) / 18 * skewness
    let byKurtosis = (z * z * z - 3 * z) / 24
    let marginal = weights.indices.map { index in
      let slope = products[index] / deviation
      let thirdSlope = 3 * Matrix.dot(squares, centred[index]) / count
      let fourthSlope = 4 * Matrix.dot(cubes, centred[index]) / count
      let skewSlope = thirdSlope / (variance * deviation) - 3 * skewness * slope / deviation
      let kurtosisSlope =
        fourthSlope / (variance * variance) - 4 * (kurtosis + 3) * slope / deviation
      let bend = bySkew * skewSlope + byKurtosis * kurtosisSlope
      return -means[index] - slope * quantile - deviation * bend
    }
    let total = -Matrix.dot(means, weights) - quantile * deviation
    return ComponentRisk(total: total, volatility: deviation, marginal: marginal, weights)
  }

  /// How much volatility diversification takes away: Σ|wᵢ|σᵢ over the portfolio's σ.
  ///
  /// - Parameters:
  ///   - weights: One an asset.
  ///   - covariance: Of the assets' returns, N × N.
  /// - Returns: The ratio and the volatility without diversification; no ratio without variance.
  /// - Source: Y. Choueifaty, Y. Coignard, Toward maximum diversification, Journal of Portfolio
  ///   Management 35(1), 2008.
  public static func diversification(
    _ weights: [Double], _ covariance: Matrix
  ) -> (ratio: Double?, undiversified: Double) {
    var sum = 0.0
    for (weight, variance) in zip(weights, covariance.diagonal) {
      sum += abs(weight) * max(variance, 0).squareRoot()
    }
    let variance = covariance.quadraticForm(weights)
    return (variance > 0 ? sum / variance.squareRoot() : nil, sum)
  }

  init(total: Double, volatility: Double, marginal: [Double], _ weights: [Double]) {
    self.total = total
    self.volatility = volatility
    self.marginal = marginal
    component = zip(weights, marginal).map { $0 * $1 }
  }
}
