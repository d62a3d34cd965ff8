public import Statistics

/// How a tail is averaged.
public enum ShortfallEstimator: String, Hashable, Sendable, CaseIterable {
  /// The mean of the floor((n-1)(1-a)) + 1 worst returns.
  case tailMean = "tail_mean"
  /// The last return counts by its fraction, so that exactly n(1-a) returns are averaged.
  ///
  /// Source: R. T. Rockafellar, S. Uryasev, Conditional value-at-risk for general loss
  /// distributions, Journal of Banking & Finance 26(7), 2002; C. Acerbi, D. Tasche, On the coherence
  /// of expected shortfall, ibid.
  case fractional
}

/// What past returns, each as likely as any other, say about losses.
///
/// Losses are positive and in the returns' unit: fractions of the portfolio's value a bar.
public struct HistoricalLosses: Hashable, Sendable {
  /// The returns, oldest first.
  public let returns: [Double]
  /// The returns, worst first.
  public let ascending: SortedSample

  /// Takes returns; `nil` without any.
  public init?(_ returns: [Double]) {
    guard !returns.isEmpty else { return nil }
    self.returns = returns
    ascending = SortedSample(returns)
  }

  /// The loss that is exceeded with a probability of one less the confidence.
  ///
  /// - Parameters:
  ///   - confidence: Between 0 and 1.
  ///   - rule: How the quantile is read.
  /// - Returns: The value at risk, negative where even the tail gains; `nil` for a confidence that is
  ///   none.
  /// - Source: P. Jorion, Value at Risk, 3rd ed., 2007, section 10.2.
  public func valueAtRisk(_ confidence: Double, _ rule: QuantileRule = .linear) -> Double? {
    guard confidence > 0, confidence < 1 else { return nil }
    return ascending.quantile(1 - confidence, rule).map { -$0 }
  }

  /// The rank of the order statistic from the worst return, counted from 1.
  public func rank(_ confidence: Double) -> Int { ascending.rank(1 - confidence) }

  /// The mean loss in the tail.
  ///
  /// - Parameters:
  ///   - confidence: Between 0 and 1.
  ///   - estimator: How the tail is averaged.
  /// - Returns: The expected shortfall; `nil` for a confidence that is none.
  public func expectedShortfall(
    _ confidence: Double, _ estimator: ShortfallEstimator = .tailMean
  ) -> Double? {
    guard confidence > 0, confidence < 1 else { return nil }
    let count = tailCount(confidence, estimator)
    let whole = ascending.values.prefix(count)
    guard estimator == .fractional, let last = whole.last else {
      return -whole.reduce(0, +) / Double(count)
    }
    let exact = Double(returns.count) * (1 - confidence)
    let sum = whole.dropLast().reduce(0, +) + (exact - Double(count - 1)) * last
    return -sum / exact
  }

  /// How many returns the tail has.
  ///
  /// - Parameters:
  ///   - confidence: Between 0 and 1.
  ///   - estimator: How the tail is averaged.
  /// - Returns: 1 or more.
  public func tailCount(_ confidence: Double, _ estimator: ShortfallEstimator) -> Int {
    switch estimator {
    case .tailMean: TailCount.wholeValues(of: returns.count, 1 - confidence)
    case .fractional: rank(confidence)
    }
  }

  /// The value at risk with recent returns counting more.
  ///
  /// Return i of n has the weight λⁿ⁻ⁱ(1-λ)/(1-λⁿ); the loss is that of the first return, worst
  /// first, at which the weights reach one less the confidence.
  ///
  /// - Parameters:
  ///   - confidence: Between 0 and 1.
  ///   - lambda: The decay a bar, above 0; 1 weighs all alike.
  /// - Returns: The loss and how many returns were passed to reach it.
  /// - Source: J. Boudoukh, M. Richardson, R. Whitelaw, The best of both worlds, Risk 11(5), 1998.
  public func ageWeightedValueAtRisk(
    _ confidence: Double, lambda: Double
  ) -> (loss: Double, rank: Int)? {
    guard confidence > 0, confidence < 1, lambda > 0, lambda <= 1 else { return nil }
    let count = returns.count
    let whole =
      lambda == 1
      ? Double(count) : (1 - Elementary.pow(lambda, Double(count))) / (1 - lambda)
    let order = returns.indices.sorted { (returns[$0], $0) < (returns[$1], $1) }
    var reached = 0.0
    for (rank, index) in order.enumerated() {
      reached += Elementary.pow(lambda, Double(count - 1 - index)) / whole
      if reached >= 1 - confidence { return (-returns[index], rank + 1) }
    }
    return order.last.map { (-returns[$0], count) }
  }
}

/// Past returns rescaled to today's volatility.
///
/// Source: J. Hull, A. White, Incorporating volatility updating into the historical simulation
/// method for value-at-risk, Journal of Risk 1(1), 1998; G. Barone-Adesi, K. Giannopoulos, L. Vosper,
/// VaR without correlations for portfolios of derivative securities, Journal of Futures Markets
/// 19(5), 1999.
public struct FilteredLosses: Hashable, Sendable {
  /// The rescaled returns and their losses.
  public let losses: HistoricalLosses
  /// The volatility of the next bar.
  ///
  /// Unit: 1/√bar.
  public let nextVolatility: Double

  /// Filters by an exponentially weighted variance that starts from the mean square of all.
  ///
  /// - Parameters:
  ///   - returns: Oldest first.
  ///   - lambda: The decay a bar.
  /// - Returns: `nil` without returns or where the variance is zero.
  public static func exponential(_ returns: [Double], lambda: Double) -> FilteredLosses? {
    guard !returns.isEmpty else { return nil }
    var variance = returns.reduce(0) { $0 + $1 * $1 } / Double(returns.count)
    var variances = [variance]
    for value in returns {
      variance = lambda * variance + (1 - lambda) * value * value
      variances.append(variance)
    }
    return FilteredLosses(returns, variances)
  }

  /// Filters by a GARCH variance.
  ///
  /// - Parameters:
  ///   - returns: Oldest first.
  ///   - model: Its parameters, taken as they are.
  /// - Returns: `nil` without returns or where a variance is not positive.
  public static func garch(_ returns: [Double], _ model: Garch) -> FilteredLosses? {
    FilteredLosses(returns, model.variances(returns))
  }

  /// Takes a variance before each return, and one more for the next bar.
  private init?(_ returns: [Double], _ variances: [Double]) {
    guard let next = variances.last, variances.allSatisfy({ $0 > 0 }) else { return nil }
    let volatility = next.squareRoot()
    let scenarios = zip(returns, variances).map { $0 / $1.squareRoot() * volatility }
    guard let losses = HistoricalLosses(scenarios) else { return nil }
    self.losses = losses
    nextVolatility = volatility
  }
}
