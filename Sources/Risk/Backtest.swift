public import Statistics

/// How often losses exceeded the value at risk, against how often they should have.
public struct Backtest: Hashable, Sendable {
  /// Whether each bar's loss exceeded the value at risk known before it, oldest first.
  public let hits: [Bool]
  /// The probability of a hit if the model is right.
  public let probability: Double

  /// A likelihood ratio and how likely a greater one is if the model is right.
  public struct Test: Hashable, Sendable {
    /// The likelihood ratio, zero or above.
    public let ratio: Double
    /// The p-value.
    public let probability: Double
  }

  /// Takes hits.
  ///
  /// - Parameters:
  ///   - hits: Oldest first.
  ///   - probability: One less the model's confidence.
  public init(hits: [Bool], probability: Double) {
    self.hits = hits
    self.probability = probability
  }

  /// Compares returns with the values at risk known before them.
  ///
  /// - Parameters:
  ///   - returns: Oldest first.
  ///   - forecasts: The value at risk before each return; `nil` leaves the bar out.
  ///   - confidence: The forecasts' confidence.
  /// - Returns: The back-test and the indices of its hits.
  public static func comparing(
    _ returns: [Double], _ forecasts: [Double?], confidence: Double
  ) -> (test: Backtest, hitIndices: [Int]) {
    precondition(returns.count == forecasts.count, "one forecast a return")
    var hits: [Bool] = []
    var indices: [Int] = []
    for (index, value) in returns.enumerated() {
      guard let forecast = forecasts[index] else { continue }
      hits.append(value < -forecast)
      if value < -forecast { indices.append(index) }
    }
    return (Backtest(hits: hits, probability: 1 - confidence), indices)
  }

  /// The number of hits.
  public var count: Int { hits.count { $0 } }

  /// Whether there are as many hits as there should be.
  public var coverage: Test? {
    Backtest.coverage(observations: hits.count, exceptions: count, probability: probability)
  }

  /// Whether there are as many hits as there should be, from counts alone.
  ///
  /// LR = -2 ln((1-p)ⁿ⁻ˣpˣ / (1-x/n)ⁿ⁻ˣ(x/n)ˣ), chi-square of one degree; 0 ln 0 = 0.
  ///
  /// - Parameters:
  ///   - observations: n.
  ///   - exceptions: x.
  ///   - probability: p.
  /// - Returns: The test; `nil` without observations or for a probability that is none.
  /// - Source: P. H. Kupiec, Techniques for verifying the accuracy of risk measurement models, Journal
  ///   of Derivatives 3(2), 1995.
  public static func coverage(
    observations: Int, exceptions: Int, probability: Double
  ) -> Test? {
    guard observations > 0, exceptions >= 0, exceptions <= observations, probability > 0,
      probability < 1
    else { return nil }
    let misses = observations - exceptions
    let share = Double(exceptions) / Double(observations)
    let model = likelihood(exceptions, misses, probability)
    let ratio = 2 * (likelihood(exceptions, misses, share) - model)
    return test(ratio, degrees: 1)
  }

  /// How often a hit follows a hit, and so on: counts of pairs of neighbours, by first and second.
  public var transitions: (n00: Int, n01: Int, n10: Int, n11: Int) {
    var counts = (n00: 0, n01: 0, n10: 0, n11: 0)
    for (first, second) in zip(hits, hits.dropFirst()) {
      switch (first, second) {
      case (false, false): counts.n00 += 1
      case (false, true): counts.n01 += 1
      case (true, false): counts.n10 += 1
      case (true, true): counts.n11 += 1
      }
    }
    return counts
  }

  /// Whether hits come alone: a first-order Markov chain against independence.
  ///
  /// - Source: P. F. Christoffersen, Evaluating interval forecasts, International Economic Review
  ///   39(4), 1998.
  public var independence: Test? {
    let (n00, n01, n10, n11) = transitions
    let pairs = n00 + n01 + n10 + n11
    guard pairs > 0 else { return nil }
    let after0 = n00 + n01 > 0 ? Double(n01) / Double(n00 + n01) : 0
    let after1 = n10 + n11 > 0 ? Double(n11) / Double(n10 + n11) : 0
    let all = Double(n01 + n11) / Double(pairs)
    let chain = Backtest.likelihood(n01, n00, after0) + Backtest.likelihood(n11, n10, after1)
    let ratio = 2 * (chain - Backtest.likelihood(n01 + n11, n00 + n10, all))
    return Backtest.test(ratio, degrees: 1)
  }

  /// Whether hits are as many as they should be and come alone: the sum of both ratios.
  public var conditionalCoverage: Test? {
    guard let coverage, let independence else { return nil }
    return Backtest.test(coverage.ratio + independence.ratio, degrees: 2)
  }

  /// The zone of the number of hits.
  public var trafficLight: TrafficLight {
    TrafficLight(observations: hits.count, exceptions: count, probability: probability)
  }

  private static func test(_ ratio: Double, degrees: Int) -> Test {
    let ratio = max(ratio, 0)
    return Test(ratio: ratio, probability: ChiSquare.probabilityAbove(ratio, degrees: degrees))
  }

  /// hits · ln p + misses · ln(1-p), with 0 ln 0 = 0.
  private static func likelihood(_ hits: Int, _ misses: Int, _ p: Double) -> Double {
    let first = hits == 0 ? 0 : Double(hits) * Elementary.log(p)
    return first + (misses == 0 ? 0 : Double(misses) * Elementary.log1p(-p))
  }
}

/// The supervisors' three zones for the number of exceptions.
///
/// Source: Basel Committee on Banking Supervision, Supervisory framework for the use of
/// "backtesting", January 1996, https://www.bis.org/publ/bcbs22.htm, table 2.
public struct TrafficLight: Hashable, Sendable {
  /// A zone.
  public enum Zone: String, Hashable, Sendable {
    /// Below 95% of what a right model gives.
    case green
    /// Below 99.99%.
    case yellow
    /// Above.
    case red
  }

  /// The probability of so many exceptions or fewer if the model is right.
  public let cumulativeProbability: Double
  /// The zone.
  public let zone: Zone
  /// What the committee adds to the multiplication factor; defined for 250 days at 99%.
  public let plusFactor: Double

  /// Judges a number of exceptions.
  ///
  /// - Parameters:
  ///   - observations: The number of days.
  ///   - exceptions: The days with a loss above the value at risk.
  ///   - probability: One less the confidence.
  public init(observations: Int, exceptions: Int, probability: Double) {
    cumulativeProbability = Binomial.probability(
      atMost: exceptions, of: observations, each: probability)
    zone =
      cumulativeProbability < 0.95 ? .green : cumulativeProbability < 0.9999 ? .yellow : .red
    let factors = [0, 0, 0, 0, 0, 0.4, 0.5, 0.65, 0.75, 0.85]
    plusFactor = exceptions < 0 ? 0 : exceptions < factors.count ? factors[exceptions] : 1
  }
}

/// Values at risk as they were known before each bar.
public enum RollingForecast {
  /// The historical value at risk of the returns before each bar.
  ///
  /// - Parameters:
  ///   - returns: Oldest first.
  ///   - window: How many returns before the bar count.
  ///   - confidence: Between 0 and 1.
  ///   - rule: How the quantile is read.
  /// - Returns: One a bar; `nil` before the window is full.
  public static func historical(
    _ returns: [Double], window: Int, _ confidence: Double, _ rule: QuantileRule = .linear
  ) -> [Double?] {
    let after = RollingWindow.sorted(window, returns) { sorted in
      sorted.quantile(1 - confidence, rule).map { -$0 }
    }
    return Array(([nil] + after.map { $0 ?? nil }).prefix(returns.count))
  }

  /// The zero-mean normal value at risk of an exponentially weighted variance.
  ///
  /// - Parameters:
  ///   - returns: Oldest first.
  ///   - lambda: The decay a bar.
  ///   - window: How many bars come before the first forecast.
  ///   - confidence: Between 0 and 1.
  /// - Returns: One a bar; `nil` before the first forecast.
  public static func exponential(
    _ returns: [Double], lambda: Double, window: Int, _ confidence: Double
  ) -> [Double?] {
    guard let z = Normal.quantile(confidence) else { return returns.map { _ in nil } }
    let variances = ExponentialVolatility(returns, lambda: lambda).variances
    return returns.indices.map { index in
      index < max(window, 1) ? nil : variances[index - 1].map { z * $0.squareRoot() }
    }
  }
}
