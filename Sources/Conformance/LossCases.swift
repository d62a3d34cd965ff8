import Encodings
import Risk
import Statistics

/// Value at risk and expected shortfall of a portfolio's returns.
enum LossCases {
  static let metrics: [String: RiskMetric] = [
    "var.historical": historical, "es.historical": shortfall, "var.parametric_normal": normal,
    "var.parametric_normal_horizon": normal, "var.cornish_fisher": cornishFisher,
    "var.parametric_student": student, "var.parametric_ewma": exponential,
    "var.age_weighted_historical": ageWeighted, "var.filtered_historical_ewma": filtered,
    "var.filtered_historical_garch": garch, "var.monte_carlo_normal": monteCarlo,
    "var.monte_carlo_student": monteCarlo, "var.small_sample": small,
    "var.rolling_historical": rolling,
  ]

  private static func losses(_ riskCase: RiskCase) throws(RiskCaseFault) -> HistoricalLosses {
    guard let losses = HistoricalLosses(try riskCase.portfolio().returns) else {
      throw .unclear("no returns")
    }
    return losses
  }

  private static func rule(_ riskCase: RiskCase) throws(RiskCaseFault) -> QuantileRule {
    let name = riskCase.parameters["quantile"].string ?? "linear"
    guard let rule = QuantileRule(rawValue: name) else { throw .unclear("quantile \(name)") }
    return rule
  }

  @Sendable private static func historical(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let losses = try losses(riskCase)
    let confidence = try riskCase.number("confidence")
    return riskCase.differences([
      "var": RiskValue(losses.valueAtRisk(confidence, try rule(riskCase))),
      "k": RiskValue(losses.rank(confidence)),
    ])
  }

  @Sendable private static func shortfall(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let losses = try losses(riskCase)
    let confidence = try riskCase.number("confidence")
    let name = riskCase.parameters["estimator"].string ?? ShortfallEstimator.tailMean.rawValue
    guard let estimator = ShortfallEstimator(rawValue: name) else {
      throw .unclear("estimator \(name)")
    }
    return riskCase.differences([
      "es": RiskValue(losses.expectedShortfall(confidence, estimator)),
      "k": RiskValue(losses.tailCount(confidence, estimator)),
    ])
  }

  /// Mean and deviation of the portfolio's returns.
  private static func spread(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> (sample: Sample, mean: Double, deviation: Double)? {
    let sample = Sample(try riskCase.portfolio().returns)
    guard let mean = sample.mean, let deviation = sample.standardDeviation(lost: riskCase.lost)
    else { return nil }
    return (sample, mean, deviation)
  }

  private static func table(_ loss: ParametricLoss.Loss?) -> [String: RiskValue] {
    [
      "var": RiskValue(loss?.valueAtRisk), "es": RiskValue(loss?.expectedShortfall),
    ]
  }

  @Sendable private static func normal(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    guard let spread = try spread(riskCase) else { return riskCase.differences(.undefined) }
    let confidence = try riskCase.number("confidence")
    let loss = ParametricLoss.normal(
      mean: spread.mean, deviation: spread.deviation, confidence,
      horizon: riskCase.parameters["horizon"].double ?? 1)
    var found = table(loss)
    found["z"] = RiskValue(Normal.quantile(1 - confidence))
    return riskCase.differences(found)
  }

  @Sendable private static func student(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    guard let spread = try spread(riskCase) else { return riskCase.differences(.undefined) }
    let loss = ParametricLoss.student(
      mean: spread.mean, deviation: spread.deviation, try riskCase.number("confidence"),
      degrees: try riskCase.number("nu"))
    return riskCase.differences(table(loss))
  }

  @Sendable private static func cornishFisher(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let sample = Sample(try riskCase.portfolio().returns)
    guard let mean = sample.mean, let skewness = sample.skewness,
      let kurtosis = sample.excessKurtosis,
      let corrected = ParametricLoss.CornishFisher(
        try riskCase.number("confidence"), skewness: skewness, excessKurtosis: kurtosis)
    else { return riskCase.differences(.undefined) }
    func loss(_ lost: Int) -> RiskValue {
      RiskValue(sample.standardDeviation(lost: lost).map { -(mean + corrected.quantile * $0) })
    }
    return riskCase.differences([
      "z_cf": RiskValue(corrected.quantile), "skew": RiskValue(skewness),
      "excess_kurtosis": RiskValue(kurtosis), "var_population_sd": loss(0),
      "var_sample_sd": loss(1), "monotone_warning": .truth(!corrected.isMonotone),
    ])
  }

  @Sendable private static func exponential(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let confidence = try riskCase.number("confidence")
    let covariance = Covariance.exponential(
      try riskCase.returns().returns, lambda: try riskCase.number("lambda"))
    guard let covariance else { return riskCase.differences(.undefined) }
    let sigma = max(covariance.quadraticForm(try riskCase.weights()), 0).squareRoot()
    var found = table(ParametricLoss.normal(mean: 0, deviation: sigma, confidence))
    found["sigma"] = RiskValue(sigma)
    return riskCase.differences(found)
  }

  @Sendable private static func ageWeighted(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let found = try losses(riskCase).ageWeightedValueAtRisk(
      try riskCase.number("confidence"), lambda: try riskCase.number("lambda"))
    guard let found else { return riskCase.differences(.undefined) }
    return riskCase.differences([
      "var": RiskValue(found.loss), "rank": RiskValue(found.rank),
    ])
  }

  private static func filtered(
    _ riskCase: RiskCase, _ found: FilteredLosses?
  ) throws(RiskCaseFault) -> [String: RiskValue] {
    let confidence = try riskCase.number("confidence")
    return [
      "var": RiskValue(found?.losses.valueAtRisk(confidence)),
      "es": RiskValue(found?.losses.expectedShortfall(confidence)),
      "sigma_next": RiskValue(found?.nextVolatility),
    ]
  }

  @Sendable private static func filtered(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let found = FilteredLosses.exponential(
      try riskCase.portfolio().returns, lambda: try riskCase.number("lambda"))
    return riskCase.differences(try filtered(riskCase, found))
  }

  @Sendable private static func garch(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let model = Garch(
      omega: try riskCase.number("omega"), alpha: try riskCase.number("alpha"),
      beta: try riskCase.number("beta"), scale: riskCase.parameters["scale"].double ?? 100,
      backcast: riskCase.backcast)
    let returns = try riskCase.portfolio().returns
    var found = try filtered(riskCase, FilteredLosses.garch(returns, model))
    found["log_likelihood"] = RiskValue(model.logLikelihood(returns))
    return riskCase.differences(found)
  }

  /// Simulates with three seeds; each must lie within the stated tolerance, and a seed must repeat.
  @Sendable private static func monteCarlo(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let table = try riskCase.returns()
    let confidence = try riskCase.number("confidence")
    guard let covariance = Covariance.sample(table.returns) else {
      return riskCase.differences(.undefined)
    }
    let degrees = riskCase.parameters["nu"].double
    let isStudent = riskCase.parameters["distribution"].string == "student"
    let means = table.returns.map { Sample($0).mean ?? 0 }
    let weights = try riskCase.weights()
    let paths = try riskCase.whole("paths")
    func simulated(_ seed: UInt64) -> ParametricLoss.Loss? {
      MonteCarlo(
        paths: paths, means: means, covariance: covariance, weights: weights,
        distribution: isStudent ? .student(degrees: degrees ?? 0) : .normal, seed: seed)?
        .loss(confidence)
    }
    var reasons: [String] = []
    for seed in [1, 20, 300] as [UInt64] {
      let found = simulated(seed)
      for (name, value) in [("var", found?.valueAtRisk), ("es", found?.expectedShortfall)] {
        guard let wanted = riskCase.expected[name].double,
          let bound = riskCase.expected[name + "_tolerance"].double
        else { continue }
        let isNear = value.map { abs($0 - wanted) <= bound } ?? false
        if !isNear { reasons.append("\(name): expected \(wanted), found \(value ?? .nan)") }
      }
    }
    if simulated(1) != simulated(1) { reasons.append("a seed does not repeat") }
    return reasons
  }

  @Sendable private static func small(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let losses = try losses(riskCase)
    func both(_ figure: (Double) -> Double?) -> RiskValue {
      .table(["0.95": RiskValue(figure(0.95)), "0.99": RiskValue(figure(0.99))])
    }
    return riskCase.differences([
      "n": RiskValue(losses.returns.count),
      "hist_linear": both { losses.valueAtRisk($0, .linear) },
      "hist_order": both { losses.valueAtRisk($0, .orderStatistic) },
      "es_fractional": both { losses.expectedShortfall($0, .fractional) },
      "es_tail_mean": both { losses.expectedShortfall($0, .tailMean) },
      "sd": RiskValue(Sample(losses.returns).standardDeviation()),
    ])
  }

  @Sendable private static func rolling(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let portfolio = try riskCase.portfolio()
    let confidence = try riskCase.number("confidence")
    let rule = try rule(riskCase)
    let path = RollingWindow.sorted(try riskCase.whole("window"), portfolio.returns) { window in
      window.quantile(1 - confidence, rule).map { -$0 }
    }.map { $0 ?? nil }
    let known = path.compactMap { $0 }
    return riskCase.differences([
      "at": riskCase.dated(portfolio.bars) { RiskValue(path[$0]) },
      "count": RiskValue(known.count), "sum": RiskValue(known.reduce(0, +)),
      "max": RiskValue(known.max()), "distinct": RiskValue(Set(known).count),
    ])
  }
}
