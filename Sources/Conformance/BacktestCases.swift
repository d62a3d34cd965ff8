import Encodings
import Risk
import Statistics

/// Back-tests of values at risk.
enum BacktestCases {
  static let metrics: [String: RiskMetric] = [
    "backtest.kupiec": kupiec, "backtest.traffic_light": trafficLight, "backtest.rolling": rolling,
  ]

  private static func counts(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> (observations: Int, exceptions: Int, probability: Double) {
    (
      Int(try riskCase.given("observations")), Int(try riskCase.given("exceptions")),
      try riskCase.given("probability")
    )
  }

  @Sendable private static func kupiec(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let (observations, exceptions, probability) = try counts(riskCase)
    let test = Backtest.coverage(
      observations: observations, exceptions: exceptions, probability: probability)
    return riskCase.differences([
      "lr": RiskValue(test?.ratio), "p_value": RiskValue(test?.probability),
    ])
  }

  @Sendable private static func trafficLight(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let (observations, exceptions, probability) = try counts(riskCase)
    let light = TrafficLight(
      observations: observations, exceptions: exceptions, probability: probability)
    return riskCase.differences([
      "cumulative_probability": RiskValue(light.cumulativeProbability),
      "zone": .text(light.zone.rawValue), "plus_factor": RiskValue(light.plusFactor),
    ])
  }

  @Sendable private static func rolling(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let portfolio = try riskCase.portfolio()
    let window = try riskCase.whole("window")
    let confidence = try riskCase.number("confidence")
    let forecasts: [Double?]
    switch riskCase.parameters["model"].string {
    case "historical":
      forecasts = RollingForecast.historical(portfolio.returns, window: window, confidence)
    case "ewma_normal":
      forecasts = RollingForecast.exponential(
        portfolio.returns, lambda: riskCase.parameters["lambda"].double ?? 0.94, window: window,
        confidence)
    default: throw .unclear("the model")
    }
    let (test, hits) = Backtest.comparing(portfolio.returns, forecasts, confidence: confidence)
    let pairs = test.transitions
    return riskCase.differences([
      "observations": RiskValue(test.hits.count), "exceptions": RiskValue(test.count),
      "exception_dates_first5": RiskValue(hits.prefix(5).map { portfolio.bars[$0] }),
      "kupiec_lr": RiskValue(test.coverage?.ratio),
      "kupiec_p": RiskValue(test.coverage?.probability),
      "transitions": .table([
        "n00": RiskValue(pairs.n00), "n01": RiskValue(pairs.n01), "n10": RiskValue(pairs.n10),
        "n11": RiskValue(pairs.n11),
      ]),
      "independence_lr": RiskValue(test.independence?.ratio),
      "independence_p": RiskValue(test.independence?.probability),
      "conditional_coverage_lr": RiskValue(test.conditionalCoverage?.ratio),
      "conditional_coverage_p": RiskValue(test.conditionalCoverage?.probability),
      "traffic_light_cumulative": RiskValue(test.trafficLight.cumulativeProbability),
    ])
  }
}
