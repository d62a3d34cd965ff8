import Statistics

/// A portfolio's returns and risk split into one market's part and the rest.
public struct SingleFactor: Hashable, Sendable {
  /// Each asset's beta to the market.
  public let betas: [Double]
  /// Σ wᵢ βᵢ.
  public let portfolioBeta: Double
  /// The market's part of the summed returns: β Σ bₜ.
  ///
  /// Unit: 1.
  public let market: Double
  /// What is left of the summed returns.
  ///
  /// Unit: 1.
  public let specific: Double
  /// β² var(b), with n − 1.
  ///
  /// Unit: 1 a bar.
  public let marketVariance: Double
  /// The variance of r − β b, with n − 1.
  ///
  /// Unit: 1 a bar.
  public let specificVariance: Double

  /// The summed returns of the portfolio.
  ///
  /// Unit: 1.
  public var total: Double { market + specific }

  /// Splits the returns of constant weights.
  ///
  /// It is `nil` for fewer than two bars or a market that does not vary.
  ///
  /// - Parameters:
  ///   - weights: One an asset, reset on every bar.
  ///   - returns: Simple returns by asset, then bar.
  ///   - market: The market's simple returns on the same bars.
  /// - Complexity: O(assets · bars).
  /// - Source: W. F. Sharpe, A Simplified Model for Portfolio Analysis, Management Science 9
  ///   (1963), 277-293.
  public init?(weights: [Double], returns: [[Double]], market: [Double]) {
    precondition(weights.count == returns.count, "Every asset has a weight.")
    var betas: [Double] = []
    var portfolio = [Double](repeating: 0, count: market.count)
    for (weight, column) in zip(weights, returns) {
      guard let line = BenchmarkComparison(column, against: market).regression else { return nil }
      betas.append(line.beta)
      for bar in portfolio.indices { portfolio[bar] += weight * column[bar] }
    }
    let beta = zip(weights, betas).reduce(0) { $0 + $1.0 * $1.1 }
    let rest = zip(portfolio, market).map { $0 - beta * $1 }
    guard let ofMarket = Sample(market).variance(), ofMarket > 0,
      let ofRest = Sample(rest).variance()
    else { return nil }
    self.betas = betas
    portfolioBeta = beta
    self.market = beta * market.reduce(0, +)
    specific = portfolio.reduce(0, +) - beta * market.reduce(0, +)
    marketVariance = beta * beta * ofMarket
    specificVariance = ofRest
  }
}
