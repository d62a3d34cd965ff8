import Statistics

/// A figure a bar and the same figure a year.
public struct ScaledRatio: Hashable, Sendable {
  /// On one bar.
  public let perBar: Double
  /// Times √(bars a year).
  public let annual: Double
}

/// How often and how much a series won and lost.
public struct WinsAndLosses: Hashable, Sendable {
  /// Winning bars over bars that are not 0; `nil` where all are 0.
  public let winRate: Double?
  /// Mean win over mean loss; `nil` without wins or without losses.
  public let payoff: Double?
  /// Sum of wins over sum of losses; `nil` without losses.
  public let profitFactor: Double?
  /// The largest return.
  public let best: Double
  /// The smallest return.
  public let worst: Double
}

/// Reward for risk, of one series of simple returns.
public struct ReturnRatios: Hashable, Sendable {
  /// Simple returns, oldest first.
  ///
  /// Unit: 1.
  public let returns: [Double]
  /// How many returns make a year: 365 for daily bars of a market that never closes.
  public let barsPerYear: Double

  /// Looks at a series.
  public init(_ returns: [Double], barsPerYear: Double) {
    precondition(barsPerYear > 0, "A year has bars.")
    self.returns = returns
    self.barsPerYear = barsPerYear
  }

  /// Mean excess return over its standard deviation (n − 1).
  ///
  /// - Parameter riskFreeAnnual: The riskless rate a year, spread evenly over the bars: rf/bars.
  /// - Returns: The ratio; `nil` for fewer than two returns or without variance.
  /// - Source: W. F. Sharpe, The Sharpe Ratio, J. of Portfolio Management 21 (1994), eq. 3-6.
  public func sharpe(riskFreeAnnual: Double = 0) -> ScaledRatio? {
    let sample = Sample(returns)
    guard let mean = sample.mean, let deviation = sample.standardDeviation() else { return nil }
    return scaled(mean - riskFreeAnnual / barsPerYear, over: deviation)
  }

  /// Mean return above a target over the downside deviation, which divides by all n.
  ///
  /// - Parameter target: The least acceptable return a bar.
  /// - Returns: The ratio; `nil` without returns or where no return lies below the target.
  /// - Source: F. A. Sortino, L. N. Price, Performance measurement in a downside risk framework,
  ///   J. of Investing 3 (1994), 59-64.
  public func sortino(target: Double = 0) -> ScaledRatio? {
    let sample = Sample(returns)
    guard let mean = sample.mean, let below = sample.downsideDeviation(target: target) else {
      return nil
    }
    return scaled(mean - target, over: below)
  }

  private func scaled(_ mean: Double, over deviation: Double) -> ScaledRatio? {
    guard let perBar = ratio(mean, deviation),
      let annual = finite(perBar * barsPerYear.squareRoot())
    else { return nil }
    return ScaledRatio(perBar: perBar, annual: annual)
  }

  /// The compound rate a year.
  ///
  /// Unit: 1/year. See ``Growth/annual(_:barsPerYear:)``.
  public var annualGrowth: Double? { Growth.annual(returns, barsPerYear: barsPerYear) }

  /// Standard deviation (n − 1) a year; `nil` for fewer than two returns.
  ///
  /// Unit: 1/√year.
  public var annualVolatility: Double? {
    Sample(returns).standardDeviation().flatMap { finite($0 * barsPerYear.squareRoot()) }
  }

  /// Compound annual growth over the largest drawdown of the whole series.
  ///
  /// - Source: T. W. Young, Calmar Ratio: A Smoother Tool, Futures, October 1991; over the whole
  ///   window here, not over 36 months.
  public var calmar: Double? {
    guard let growth = annualGrowth, let fall = Drawdowns(returns: returns)?.maximum else {
      return nil
    }
    return ratio(growth, abs(fall))
  }

  /// What was gained above a threshold over what was lost below it.
  ///
  /// - Parameter threshold: The return a bar from which on it counts as a gain.
  /// - Returns: The ratio; `nil` where nothing lies below the threshold.
  /// - Source: C. Keating, W. F. Shadwick, A Universal Performance Measure, J. of Performance
  ///   Measurement 6 (2002), 59-84.
  public func omega(threshold: Double = 0) -> Double? {
    let gained = returns.reduce(0) { $0 + max($1 - threshold, 0) }
    let lost = returns.reduce(0) { $0 + max(threshold - $1, 0) }
    return ratio(gained, lost)
  }

  /// Wins and losses; `nil` without returns.
  public var winsAndLosses: WinsAndLosses? {
    guard let best = returns.max(), let worst = returns.min() else { return nil }
    let (wins, losses) = (returns.filter { $0 > 0 }, returns.filter { $0 < 0 })
    let (won, lost) = (wins.reduce(0, +), -losses.reduce(0, +))
    let payoff =
      wins.isEmpty || losses.isEmpty
      ? nil : ratio(won / Double(wins.count), lost / Double(losses.count))
    return WinsAndLosses(
      winRate: ratio(Double(wins.count), Double(wins.count + losses.count)), payoff: payoff,
      profitFactor: ratio(won, lost), best: best, worst: worst)
  }
}
