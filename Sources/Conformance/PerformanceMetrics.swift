import Encodings
import Performance
import Statistics

/// Returns, drawdowns, ratios and comparisons with a benchmark.
enum PerformanceMetrics {
  static let metrics: [String: RiskMetric] = [
    "return_series": returnSeries, "portfolio_return_series": portfolioReturnSeries,
    "total_return_cagr": growth, "drawdown.max": deepest, "drawdown.ulcer_pain": ulcerAndPain,
    "drawdown.cdar": drawdownAtRisk, "ratio.sharpe": sharpe, "ratio.sortino": sortino,
    "ratio.calmar": ratios, "ratio.omega": omega, "ratio.win_loss": ratios,
    "benchmark.beta": regression, "benchmark.tracking_error": trackingError,
    "benchmark.capture": capture, "benchmark.rolling_beta": rollingBeta,
  ]

  // MARK: Returns

  @Sendable private static func returnSeries(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    guard let returns = try riskCase.returns().returns.first else { throw .unclear("no asset") }
    return riskCase.differences(summary(returns, riskCase))
  }

  @Sendable private static func portfolioReturnSeries(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let reset = riskCase.parameters["rebalance"].string ?? "every_bar"
    guard reset == "never" else {
      return riskCase.differences(summary(try riskCase.portfolio().returns, riskCase))
    }
    let held = HeldPortfolio(
      try riskCase.prices(), weights: try riskCase.weights(), missing: try riskCase.policy())
    guard let held else { throw .unclear("the window has gaps") }
    var table = summary(held.returns, riskCase)
    table["final_value"] = RiskValue(held.finalValue)
    table["final_weights"] = RiskValue(held.finalWeights)
    return riskCase.differences(table)
  }

  private static func summary(_ returns: [Double], _ riskCase: RiskCase) -> [String: RiskValue] {
    let least = returns.indices.min { returns[$0] < returns[$1] }
    let most = returns.indices.min { returns[$0] > returns[$1] }
    let samples = riskCase.expected["samples"].elements.map { sample -> RiskValue in
      let index = sample.elements.first?.whole ?? -1
      let value = returns.indices.contains(index) ? returns[index] : nil
      return .list([RiskValue(index), RiskValue(value)])
    }
    return [
      "n": RiskValue(returns.count), "sum": RiskValue(returns.reduce(0, +)),
      "sum_sq": RiskValue(returns.reduce(0) { $0 + $1 * $1 }),
      "min": RiskValue(least.map { returns[$0] }), "argmin": RiskValue(least.map { Double($0) }),
      "max": RiskValue(most.map { returns[$0] }), "argmax": RiskValue(most.map { Double($0) }),
      "samples": .list(samples),
    ]
  }

  private static func year(_ riskCase: RiskCase) -> Double {
    riskCase.parameters["annualisation"].double ?? 365
  }

  @Sendable private static func growth(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let returns = try riskCase.portfolio().returns
    return riskCase.differences([
      "total_return": RiskValue(Growth.linked(returns)),
      "cagr": RiskValue(Growth.annual(returns, barsPerYear: year(riskCase))),
    ])
  }

  // MARK: Drawdowns

  private static func drawdowns(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> (points: [String], Drawdowns) {
    let (bars, returns) = try riskCase.portfolio()
    guard let path = Drawdowns(returns: returns) else { throw .unclear("no finite path") }
    guard riskCase.input["series"].doubles == nil else { return (["start"] + bars, path) }
    // The start is the bar before the first return, which a policy may have moved
    let all = try riskCase.prices().bars
    let first = bars.first.flatMap { all.firstIndex(of: $0) } ?? 0
    let start = first > 0 ? all[first - 1] : all.first ?? ""
    return ([start] + bars, path)
  }

  @Sendable private static func deepest(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let (points, path) = try drawdowns(riskCase)
    let name = { (point: Int?) -> RiskValue in
      point.map { .text(points[$0]) } ?? .undefined
    }
    let (deepest, longest) = (path.deepest, path.longest)
    return riskCase.differences([
      "max_drawdown": RiskValue(path.maximum), "peak": name(deepest?.peak),
      "trough": name(deepest?.trough), "recovery": name(deepest?.recovery),
      "current": RiskValue(path.current),
      "longest_underwater_bars": RiskValue(longest?.barsUnderwater ?? 0),
      "longest_underwater_from": name(longest?.peak),
      "longest_underwater_to": name(longest?.lastUnderwater),
    ])
  }

  @Sendable private static func ulcerAndPain(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let path = try drawdowns(riskCase).1
    return riskCase.differences([
      "ulcer_index": RiskValue(path.ulcerIndex), "pain_index": RiskValue(path.painIndex),
    ])
  }

  @Sendable private static func drawdownAtRisk(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let tail = try drawdowns(riskCase).1.atRisk(confidence: try riskCase.number("confidence"))
    return riskCase.differences([
      "dar": RiskValue(tail?.threshold), "cdar": RiskValue(tail?.mean),
    ])
  }

  // MARK: Ratios

  /// Every ratio by its own name, since cases of degenerate series ask for several at once.
  private static func allRatios(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> (ReturnRatios, [String: RiskValue]) {
    let returns = try riskCase.portfolio().returns
    let figures = ReturnRatios(returns, barsPerYear: year(riskCase))
    let riskFree = riskCase.parameters["risk_free_annual"].double ?? 0
    let wins = figures.winsAndLosses
    let path = Drawdowns(returns: returns)
    return (
      figures,
      [
        "sharpe": RiskValue(figures.sharpe(riskFreeAnnual: riskFree)?.annual),
        "sortino": RiskValue(
          figures.sortino(target: riskCase.parameters["target"].double ?? 0)?.annual),
        "calmar": RiskValue(figures.calmar), "cagr": RiskValue(figures.annualGrowth),
        "omega": RiskValue(
          figures.omega(threshold: riskCase.parameters["threshold"].double ?? 0)),
        "max_drawdown": RiskValue(path?.maximum), "win_rate": RiskValue(wins?.winRate),
        "payoff": RiskValue(wins?.payoff), "profit_factor": RiskValue(wins?.profitFactor),
        "best": RiskValue(wins?.best), "worst": RiskValue(wins?.worst),
        "ulcer_index": RiskValue(path?.ulcerIndex), "pain_index": RiskValue(path?.painIndex),
        "volatility": RiskValue(figures.annualVolatility),
      ]
    )
  }

  private static func scaled(_ ratio: ScaledRatio?) -> [String: RiskValue] {
    ["per_bar": RiskValue(ratio?.perBar), "annual": RiskValue(ratio?.annual)]
  }

  @Sendable private static func ratios(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    riskCase.differences(try allRatios(riskCase).1)
  }

  @Sendable private static func sharpe(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let (figures, table) = try allRatios(riskCase)
    let riskFree = riskCase.parameters["risk_free_annual"].double ?? 0
    let own = scaled(figures.sharpe(riskFreeAnnual: riskFree))
    return riskCase.differences(table.merging(own) { $1 })
  }

  @Sendable private static func sortino(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let (figures, table) = try allRatios(riskCase)
    let own = scaled(figures.sortino(target: riskCase.parameters["target"].double ?? 0))
    return riskCase.differences(table.merging(own) { $1 })
  }

  @Sendable private static func omega(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    riskCase.differences(try allRatios(riskCase).1)
  }

  // MARK: Benchmark

  static func comparison(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> (bars: [String], BenchmarkComparison) {
    let own = try riskCase.portfolio()
    if let series = riskCase.input["benchmark"].doubles {
      guard series.count == own.returns.count else { throw .unclear("series differ in length") }
      return (own.bars, BenchmarkComparison(own.returns, against: series))
    }
    guard let name = riskCase.input["benchmark"].string else { throw .unclear("no benchmark") }
    let prices = try riskCase.prices(assets: [name])
    let found = prices.portfolioReturns(weights: [1], riskCase.kind, try riskCase.policy())
    guard let found else { throw .unclear("the benchmark has gaps") }
    guard own.bars == found.bars else { throw .unclear("the benchmark has other bars") }
    return (own.bars, BenchmarkComparison(own.returns, against: found.returns))
  }

  @Sendable private static func regression(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let line = try comparison(riskCase).1.regression
    return riskCase.differences([
      "beta": RiskValue(line?.beta), "alpha_per_bar": RiskValue(line?.alphaPerBar),
      "r_squared": RiskValue(line?.rSquared), "correlation": RiskValue(line?.correlation),
      "beta_standard_error": RiskValue(line?.betaStandardError),
      "residual_sd": RiskValue(line?.residualDeviation),
    ])
  }

  @Sendable private static func trackingError(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let year = year(riskCase)
    let pair = try comparison(riskCase).1
    return riskCase.differences([
      "tracking_error": RiskValue(pair.trackingError(barsPerYear: year)),
      "information_ratio_arithmetic": RiskValue(pair.informationRatio(barsPerYear: year)),
      "information_ratio_geometric": RiskValue(pair.geometricInformationRatio(barsPerYear: year)),
    ])
  }

  @Sendable private static func capture(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let capture = try comparison(riskCase).1.capture
    return riskCase.differences([
      "beta_up": RiskValue(capture.betaUp), "beta_down": RiskValue(capture.betaDown),
      "up_capture": RiskValue(capture.upCapture), "down_capture": RiskValue(capture.downCapture),
    ])
  }

  @Sendable private static func rollingBeta(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let (bars, pair) = try comparison(riskCase)
    let window = try riskCase.whole("window")
    guard window > 0 else { throw .unclear("window \(window)") }
    let betas = pair.rollingBeta(window: window)
    let at = riskCase.expected["at"].elements.map { row -> RiskValue in
      let name = row.elements.first?.string ?? ""
      let beta = bars.firstIndex(of: name).flatMap { betas[$0] }
      return .list([.text(name), RiskValue(beta)])
    }
    return riskCase.differences(["at": .list(at)])
  }
}
