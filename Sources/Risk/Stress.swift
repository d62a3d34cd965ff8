public import Statistics

/// A day in the past to live through again.
public struct Crash: Hashable, Sendable {
  /// A short name without blanks, to name it by.
  public let name: String
  /// What happened.
  public let title: String
  /// The last close before, a date of UTC.
  public let from: String
  /// The close at the bottom or after the worst, a date of UTC.
  public let to: String

  /// Crashes that a portfolio of crypto assets should have been put through.
  ///
  /// Source: the days of the largest falls in daily closes of Binance's spot markets; each event is
  /// described at https://en.wikipedia.org/wiki/Cryptocurrency_bubble or its own page there.
  public static let named: [Crash] = [
    Crash("covid-2020-03", "Covid sell-off", "2020-03-07", "2020-03-13"),
    Crash("china-2021-05", "China's mining ban and deleveraging", "2021-05-12", "2021-05-23"),
    Crash("terra-2022-05", "Collapse of Terra", "2022-05-05", "2022-05-12"),
    Crash("3ac-2022-06", "Celsius and Three Arrows", "2022-06-07", "2022-06-18"),
    Crash("ftx-2022-11", "Collapse of FTX", "2022-11-05", "2022-11-09"),
    Crash("usdc-2023-03", "Silicon Valley Bank and USDC", "2023-03-08", "2023-03-11"),
    Crash("carry-2024-08", "Unwinding of yen carry trades", "2024-07-31", "2024-08-05"),
    Crash("tariff-2025-04", "Tariffs", "2025-04-02", "2025-04-08"),
    Crash("liquidation-2025-10", "Liquidation cascade", "2025-10-09", "2025-10-11"),
  ]

  /// Names a crash.
  ///
  /// - Parameters:
  ///   - name: A short name.
  ///   - title: What happened.
  ///   - from: The last close before.
  ///   - to: The close after the worst.
  public init(_ name: String, _ title: String, _ from: String, _ to: String) {
    self.name = name
    self.title = title
    self.from = from
    self.to = to
  }
}

/// What a change of prices does to a portfolio.
public struct StressResult: Hashable, Sendable {
  /// Where an asset's change comes from.
  public enum Source: String, Hashable, Sendable {
    /// Its own prices.
    case observed
    /// A proxy's change times its beta, since it had no price.
    case proxy = "beta"
    /// The user or a rule.
    case assumed
    /// Nothing: neither a price nor a beta; the change counts as zero and the figure as incomplete.
    case unknown
  }

  /// One asset's part.
  public struct Part: Hashable, Sendable {
    /// The asset.
    public let asset: String
    /// Its relative price change, -1 or above.
    public let shock: Double
    /// Where the change comes from.
    public let source: Source
    /// Weight times change, a fraction of the portfolio's value.
    public let profit: Double
  }

  /// The parts, in the assets' order.
  public let parts: [Part]

  /// The portfolio's relative change.
  public var profit: Double { parts.reduce(0) { $0 + $1.profit } }

  /// Whether every asset's change is its own or was said.
  public var isComplete: Bool { parts.allSatisfy { $0.source != .unknown } }

  /// Applies changes to weights.
  ///
  /// - Parameters:
  ///   - assets: One a weight.
  ///   - weights: Fractions of the portfolio's value.
  ///   - shocks: Each asset's change and where it comes from.
  public init(assets: [String], weights: [Double], shocks: [(change: Double, source: Source)]) {
    precondition(
      assets.count == weights.count && shocks.count == weights.count, "one change an asset")
    parts = assets.indices.map { index in
      Part(
        asset: assets[index], shock: shocks[index].change, source: shocks[index].source,
        profit: weights[index] * shocks[index].change)
    }
  }

  /// Applies what a user supposes; assets without a supposition stay.
  ///
  /// - Parameters:
  ///   - assets: One a weight.
  ///   - weights: Fractions of the portfolio's value.
  ///   - changes: Relative changes by asset; below -1 counts as -1.
  /// - Returns: What they do to the portfolio.
  public static func supposing(
    _ assets: [String], _ weights: [Double], _ changes: [String: Double]
  ) -> StressResult {
    let shocks = assets.map { asset in (max(changes[asset] ?? 0, -1), Source.assumed) }
    return StressResult(assets: assets, weights: weights, shocks: shocks)
  }
}

/// Past changes applied to today's weights.
public struct HistoricalReplay: Sendable {
  /// All prices there are, of the portfolio's assets and the proxy.
  public let history: PriceHistory
  /// What stands in for assets without a price.
  public let proxy: String
  /// How many common returns a beta is estimated from.
  public let betaReturns: Int

  /// Takes prices.
  ///
  /// - Parameters:
  ///   - history: All prices there are, of the portfolio's assets and the proxy.
  ///   - proxy: What stands in for assets without a price.
  ///   - betaReturns: How many common returns a beta is estimated from: the first ones.
  public init(history: PriceHistory, proxy: String, betaReturns: Int = 180) {
    self.history = history
    self.proxy = proxy
    self.betaReturns = betaReturns
  }

  /// The change of each asset between two bars, applied to weights.
  ///
  /// shock = P(to)/P(from) - 1; without a price at either end max(β · proxy's shock, -1).
  ///
  /// - Parameters:
  ///   - assets: One a weight.
  ///   - weights: Fractions of the portfolio's value.
  ///   - from: The first bar.
  ///   - to: The last bar.
  /// - Returns: `nil` where a bar is not in the history.
  public func result(
    _ assets: [String], _ weights: [Double], from: String, to: String
  ) -> StressResult? {
    guard let first = history.bars.firstIndex(of: from),
      let last = history.bars.firstIndex(of: to), first <= last
    else { return nil }
    let base = column(proxy).flatMap { change($0, first, last) }
    let shocks = assets.map { asset -> (change: Double, source: StressResult.Source) in
      if let own = column(asset).flatMap({ change($0, first, last) }) { return (own, .observed) }
      guard let base, let beta = beta(asset) else { return (0, .unknown) }
      return (max(beta * base, -1), .proxy)
    }
    return StressResult(assets: assets, weights: weights, shocks: shocks)
  }

  /// An asset's beta to the proxy over their first common returns; `nil` below two or without variance.
  public func beta(_ asset: String) -> Double? {
    guard let own = column(asset), let base = column(proxy) else { return nil }
    var left: [Double] = []
    var right: [Double] = []
    for bar in history.bars.indices.dropFirst() where left.count < betaReturns {
      guard let one = change(own, bar - 1, bar), let other = change(base, bar - 1, bar) else {
        continue
      }
      left.append(one)
      right.append(other)
    }
    guard let matrix = Covariance.sample([left, right]), matrix[1, 1] > 0 else { return nil }
    return matrix[0, 1] / matrix[1, 1]
  }

  /// The portfolio's value through a crash, quantities fixed at its start and the rest in cash.
  ///
  /// - Parameters:
  ///   - assets: One a weight.
  ///   - weights: Fractions of the value at the first bar.
  ///   - from: The first bar.
  ///   - to: The last bar.
  /// - Returns: The value at every bar, 1 at the first; `nil` where an asset lacks a price.
  public func path(
    _ assets: [String], _ weights: [Double], from: String, to: String
  ) -> (bars: [String], values: [Double])? {
    guard let first = history.bars.firstIndex(of: from),
      let last = history.bars.firstIndex(of: to), first <= last
    else { return nil }
    var values = [Double](repeating: 1, count: last - first + 1)
    for (asset, weight) in zip(assets, weights) {
      guard let prices = column(asset), let start = prices[first], start > 0 else { return nil }
      for bar in first...last {
        guard let price = prices[bar] else { return nil }
        values[bar - first] += weight * (price / start - 1)
      }
    }
    return (Array(history.bars[first...last]), values)
  }

  private func column(_ asset: String) -> [Double?]? {
    history.assets.firstIndex(of: asset).map { history.prices[$0] }
  }

  private func change(_ prices: [Double?], _ first: Int, _ last: Int) -> Double? {
    guard let start = prices[first], let end = prices[last] else { return nil }
    return ReturnKind.simple.between(start, end)
  }
}

/// The worst stretch of bars, wherever it lies.
public struct WorstWindow: Hashable, Sendable {
  /// Its compounded return, negative for a loss.
  public let change: Double
  /// The index of its first return.
  public let first: Int
  /// The index of its last return.
  public let last: Int
  /// The median compounded return of all stretches of this length.
  public let median: Double

  /// Finds the worst stretch of so many returns; the first of equals.
  ///
  /// - Parameters:
  ///   - returns: Simple returns, oldest first.
  ///   - bars: The length, 1 or more.
  public init?(_ returns: [Double], bars: Int) {
    guard bars >= 1, returns.count >= bars else { return nil }
    var changes: [Double] = []
    for start in 0...(returns.count - bars) {
      changes.append(returns[start..<(start + bars)].reduce(1) { $0 * (1 + $1) } - 1)
    }
    var worst = 0
    for index in changes.indices where changes[index] < changes[worst] { worst = index }
    change = changes[worst]
    first = worst
    last = worst + bars - 1
    median = SortedSample(changes).quantile(0.5) ?? change
  }
}

/// Stress that follows from the covariance of returns.
public struct CovarianceStress: Hashable, Sendable {
  /// Of the assets' returns, N × N.
  public let covariance: Matrix
  /// One an asset.
  public let weights: [Double]

  /// Takes a portfolio.
  ///
  /// - Parameters:
  ///   - covariance: Of the assets' returns, N × N.
  ///   - weights: One an asset.
  public init(_ covariance: Matrix, _ weights: [Double]) {
    precondition(covariance.rows == weights.count && covariance.isSquare, "one row an asset")
    self.covariance = covariance
    self.weights = weights
  }

  /// The assets' mean changes once one of them has changed, zero-mean normal.
  ///
  /// shockᵢ = Cᵢf/Cff · s; the remaining deviation is √(wᵀ(C - ccᵀ/Cff)w).
  ///
  /// - Parameters:
  ///   - factor: The index of the asset that changes.
  ///   - shock: Its change.
  /// - Returns: `nil` where the factor has no variance.
  /// - Source: P. H. Kupiec, Stress testing in a value at risk framework, Journal of Derivatives
  ///   6(1), 1998.
  public func conditional(
    on factor: Int, _ shock: Double
  ) -> (shocks: [Double], profit: Double, deviation: Double)? {
    let variance = covariance[factor, factor]
    guard variance > 0 else { return nil }
    let column = (0..<covariance.rows).map { covariance[$0, factor] }
    let shocks = column.map { $0 / variance * shock }
    let along = Matrix.dot(weights, column)
    let left = covariance.quadraticForm(weights) - along * along / variance
    return (shocks, Matrix.dot(weights, shocks), max(left, 0).squareRoot())
  }

  /// The portfolio's beta to one asset; `nil` where that has no variance.
  public func beta(to factor: Int) -> Double? {
    let variance = covariance[factor, factor]
    guard variance > 0 else { return nil }
    let column = (0..<covariance.rows).map { covariance[$0, factor] }
    return Matrix.dot(weights, column) / variance
  }

  /// What would have to happen for a loss.
  public struct Reverse: Hashable, Sendable {
    /// The portfolio's beta to the factor.
    public let beta: Double
    /// The factor's change that loses so much through betas; `nil` where the beta is zero.
    public let factorShock: Double?
    /// Whether such a change is possible: a price cannot fall below zero.
    public let isFeasible: Bool
    /// The probability of a change of the factor at least as bad, normal and zero-mean, a bar.
    public let probability: Double?
    /// The most likely normal changes of all assets that lose so much.
    public let mostLikely: [Double]
    /// How far they are from nothing, in deviations: loss over volatility.
    public let distance: Double
  }

  /// What would have to happen for a loss.
  ///
  /// s = -L/β; most likely shocks -L Cw/(wᵀCw), Mahalanobis distance L/σ.
  ///
  /// - Parameters:
  ///   - loss: The loss, a positive fraction of the portfolio's value.
  ///   - factor: The index of the asset whose change is looked for.
  /// - Returns: `nil` where the portfolio or the factor has no variance.
  /// - Source: T. Breuer, M. Jandačka, K. Rheinberger, M. Summer, How to find plausible, severe and
  ///   useful stress scenarios, International Journal of Central Banking 5(3), 2009.
  public func reverse(_ loss: Double, factor: Int) -> Reverse? {
    let products = covariance.times(weights)
    let variance = Matrix.dot(weights, products)
    guard variance > 0, let beta = beta(to: factor) else { return nil }
    let shock = beta == 0 ? nil : -loss / beta
    let deviation = covariance[factor, factor].squareRoot()
    return Reverse(
      beta: beta, factorShock: shock, isFeasible: shock.map { $0 >= -1 } ?? false,
      probability: shock.map { Normal.probability(-abs($0) / deviation) },
      mostLikely: products.map { -loss * $0 / variance }, distance: loss / variance.squareRoot())
  }

  /// The volatility if all correlations moved towards one.
  ///
  /// - Parameter share: How far, from 0 (as estimated) to 1 (all move as one).
  /// - Returns: √(wᵀC'w) with C'ᵢⱼ = (1-share)Cᵢⱼ + share σᵢσⱼ.
  public func volatility(correlationTowardsOne share: Double) -> Double {
    let together = zip(weights, covariance.diagonal).reduce(0) {
      $0 + $1.0 * max($1.1, 0).squareRoot()
    }
    let apart = covariance.quadraticForm(weights)
    return max((1 - share) * apart + share * together * together, 0).squareRoot()
  }
}

/// The values of fixed holdings, and the worst that happened to them.
public struct ValuePath: Hashable, Sendable {
  /// The values, oldest first.
  public let values: [Double]

  /// Takes values; `nil` without any, or where one is not positive.
  public init?(_ values: [Double]) {
    guard !values.isEmpty, values.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    self.values = values
  }

  /// The simple returns.
  public var returns: [Double] { zip(values, values.dropFirst()).map { $1 / $0 - 1 } }

  /// The deepest fall from a peak: its size, zero or below, and the places of peak and trough.
  public var deepestFall: (change: Double, peak: Int, trough: Int) {
    var peak = 0
    var result = (change: 0.0, peak: 0, trough: 0)
    for (index, value) in values.enumerated() {
      if value > values[peak] { peak = index }
      let change = value / values[peak] - 1
      if change < result.change { result = (change, peak, index) }
    }
    return result
  }
}
