import Statistics

/// A straight line through pairs of returns.
public struct Regression: Hashable, Sendable {
  /// Slope: covariance over the benchmark's variance.
  public let beta: Double
  /// What is left on a bar where the benchmark returns 0.
  ///
  /// Unit: 1 a bar.
  public let alphaPerBar: Double
  /// The share of the variance that the line explains; `nil` where the series does not vary.
  public let rSquared: Double?
  /// Pearson's correlation; `nil` where the series does not vary.
  public let correlation: Double?
  /// Standard deviation of what the line does not explain, with n − 2; `nil` for n < 3.
  public let residualDeviation: Double?
  /// Standard error of the slope; `nil` for n < 3.
  public let betaStandardError: Double?
}

/// How a series followed a benchmark when that rose and when it fell.
public struct Capture: Hashable, Sendable {
  /// Slope over bars on which the benchmark rose.
  public let betaUp: Double?
  /// Slope over bars on which the benchmark fell.
  public let betaDown: Double?
  /// Geometric mean of the series over that of the benchmark, where the benchmark rose.
  public let upCapture: Double?
  /// The same where the benchmark fell.
  public let downCapture: Double?
}

/// One series of simple returns beside another.
public struct BenchmarkComparison: Hashable, Sendable {
  /// The series, oldest first.
  ///
  /// Unit: 1.
  public let returns: [Double]
  /// The benchmark on the same bars.
  ///
  /// Unit: 1.
  public let benchmark: [Double]

  /// Sets a series beside its benchmark; both have one length.
  public init(_ returns: [Double], against benchmark: [Double]) {
    precondition(returns.count == benchmark.count, "Series and benchmark have the same bars.")
    self.returns = returns
    self.benchmark = benchmark
  }

  /// Ordinary least squares of the series on the benchmark.
  ///
  /// - Returns: The line; `nil` for fewer than two bars or a benchmark that does not vary.
  /// - Complexity: O(n).
  /// - Source: W. H. Greene, Econometric Analysis, 7th ed., 2012, section 3.2.1 and eq. 4-17.
  public var regression: Regression? { Self.regression(returns[...], benchmark[...]) }

  static func regression(_ y: ArraySlice<Double>, _ x: ArraySlice<Double>) -> Regression? {
    let count = Double(x.count)
    let (sampleX, sampleY) = (Sample(Array(x)), Sample(Array(y)))
    guard let meanX = sampleX.mean, let meanY = sampleY.mean,
      let varianceX = sampleX.variance(), let varianceY = sampleY.variance(), varianceX > 0
    else { return nil }
    let products = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    guard let beta = ratio(products / (count - 1), varianceX) else { return nil }
    let spread = (varianceX * varianceY).squareRoot() * (count - 1)
    let correlation = ratio(products, spread).map { min(max($0, -1), 1) }
    let left = zip(x, y).reduce(0) { sum, pair in
      let rest = pair.1 - meanY - beta * (pair.0 - meanX)
      return sum + rest * rest
    }
    let residual = count > 2 ? finite((left / (count - 2)).squareRoot()) : nil
    return Regression(
      beta: beta, alphaPerBar: meanY - beta * meanX, rSquared: correlation.map { $0 * $0 },
      correlation: correlation, residualDeviation: residual,
      betaStandardError: residual.flatMap { ratio($0, (varianceX * (count - 1)).squareRoot()) })
  }

  /// What the series earned a year beyond what its beta explains.
  ///
  /// - Parameters:
  ///   - barsPerYear: How many returns make a year.
  ///   - riskFreeAnnual: The riskless rate a year, spread evenly over the bars.
  /// - Returns: (mean r − rf − β (mean b − rf)) times the bars a year; `nil` without a regression.
  /// - Source: M. C. Jensen, The Performance of Mutual Funds in the Period 1945-1964, J. of Finance
  ///   23 (1968), eq. 8.
  public func jensenAlpha(barsPerYear: Double, riskFreeAnnual: Double = 0) -> Double? {
    regression.flatMap {
      finite($0.alphaPerBar * barsPerYear - riskFreeAnnual * (1 - $0.beta))
    }
  }

  /// Standard deviation (n − 1) of the differences, a year; `nil` for fewer than two bars.
  ///
  /// - Parameter barsPerYear: How many returns make a year.
  /// - Returns: The tracking error. Unit: 1/√year.
  public func trackingError(barsPerYear: Double) -> Double? {
    Sample(differences).standardDeviation().flatMap { finite($0 * barsPerYear.squareRoot()) }
  }

  /// Mean difference over its deviation, a year; `nil` where the tracking error is 0.
  ///
  /// - Parameter barsPerYear: How many returns make a year.
  /// - Returns: The ratio. Unit: 1/√year.
  /// - Source: R. C. Grinold, R. N. Kahn, Active Portfolio Management, 2nd ed., 2000, ch. 5.
  public func informationRatio(barsPerYear: Double) -> Double? {
    let sample = Sample(differences)
    guard let mean = sample.mean, let deviation = sample.standardDeviation() else { return nil }
    return ratio(mean, deviation).flatMap { finite($0 * barsPerYear.squareRoot()) }
  }

  /// Difference of the compound annual rates over the tracking error; `nil` where that is 0.
  ///
  /// - Parameter barsPerYear: How many returns make a year.
  /// - Returns: The ratio. Unit: 1/√year.
  public func geometricInformationRatio(barsPerYear: Double) -> Double? {
    guard let error = trackingError(barsPerYear: barsPerYear),
      let own = Growth.annual(returns, barsPerYear: barsPerYear),
      let other = Growth.annual(benchmark, barsPerYear: barsPerYear)
    else { return nil }
    return ratio(own - other, error)
  }

  private var differences: [Double] { zip(returns, benchmark).map { $0 - $1 } }

  /// Betas and captures over rising and over falling bars of the benchmark.
  ///
  /// - Source: Morningstar, Upside/Downside Capture Ratio methodology, with geometric means.
  public var capture: Capture {
    let (up, down) = (part { $0 > 0 }, part { $0 < 0 })
    return Capture(
      betaUp: up.regression?.beta, betaDown: down.regression?.beta,
      upCapture: up.ratioOfGeometricMeans, downCapture: down.ratioOfGeometricMeans)
  }

  private func part(_ isCounted: (Double) -> Bool) -> BenchmarkComparison {
    let bars = benchmark.indices.filter { isCounted(benchmark[$0]) }
    return BenchmarkComparison(bars.map { returns[$0] }, against: bars.map { benchmark[$0] })
  }

  private var ratioOfGeometricMeans: Double? {
    guard let own = Growth.geometricMean(returns), let other = Growth.geometricMean(benchmark)
    else { return nil }
    return ratio(own, other)
  }

  /// Beta over the last bars, at every bar.
  ///
  /// - Parameter window: How many returns each beta looks at.
  /// - Returns: One value a bar: `nil` before the window is full and where the benchmark does not
  ///   vary within it.
  /// - Complexity: O(n · window); every window is summed anew, so that no rounding is carried on.
  public func rollingBeta(window: Int) -> [Double?] {
    precondition(window > 0, "A window has bars.")
    return returns.indices.map { last in
      let first = last - window + 1
      guard first >= 0 else { return nil }
      return Self.regression(returns[first...last], benchmark[first...last])?.beta
    }
  }
}
