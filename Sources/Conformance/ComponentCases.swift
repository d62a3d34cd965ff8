import Encodings
import Risk
import Statistics

/// What positions add to risk, and how concentrated a portfolio is.
enum ComponentCases {
  static let metrics: [String: RiskMetric] = [
    "var.component": component, "es.component_historical": shortfall,
    "var.incremental": incremental, "var.component_cornish_fisher": cornishFisher,
    "diversification_ratio": diversification, "concentration.hhi": herfindahl,
    "concentration.effective_bets": bets,
  ]

  private static func covariance(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> (table: ReturnTable, matrix: Matrix) {
    let table = try riskCase.returns()
    guard let matrix = Covariance.sample(table.returns, lost: riskCase.lost) else {
      throw .unclear("too few returns")
    }
    return (table, matrix)
  }

  private static func found(_ risk: ComponentRisk, _ assets: [String]) -> [String: RiskValue] {
    [
      "assets": RiskValue(assets), "var": RiskValue(risk.total), "es": RiskValue(risk.total),
      "sigma": RiskValue(risk.volatility), "marginal": RiskValue(risk.marginal),
      "component": RiskValue(risk.component), "pct": RiskValue(risk.shares),
    ]
  }

  @Sendable private static func component(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let (table, matrix) = try covariance(riskCase)
    let isCentred = riskCase.parameters["mean"].string == "sample"
    let means = table.returns.map { Sample($0).mean ?? 0 }
    let risk = ComponentRisk.normal(
      try riskCase.weights(), matrix, means: isCentred ? means : nil,
      try riskCase.number("confidence"))
    return riskCase.differences(risk.map { .table(found($0, table.assets)) } ?? .undefined)
  }

  @Sendable private static func shortfall(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let table = try riskCase.returns()
    let result = ComponentRisk.historicalShortfall(
      table, try riskCase.weights(), try riskCase.number("confidence"))
    guard let result else { return riskCase.differences(.undefined) }
    var values = found(result.risk, table.assets)
    values["k"] = RiskValue(result.worstBars.count)
    let shown = riskCase.expected["worst_days"].elements.count
    values["worst_days"] = RiskValue(result.worstBars.prefix(shown).map { table.bars[$0] })
    return riskCase.differences(values)
  }

  @Sendable private static func incremental(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let (table, matrix) = try covariance(riskCase)
    let result = ComponentRisk.incremental(
      try riskCase.weights(), matrix, try riskCase.number("confidence"))
    guard let result else { return riskCase.differences(.undefined) }
    return riskCase.differences([
      "assets": RiskValue(table.assets), "var": RiskValue(result.total),
      "incremental": RiskValue(result.incremental),
    ])
  }

  @Sendable private static func cornishFisher(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let table = try riskCase.returns()
    let risk = ComponentRisk.cornishFisher(
      table, try riskCase.weights(), try riskCase.number("confidence"))
    return riskCase.differences(risk.map { .table(found($0, table.assets)) } ?? .undefined)
  }

  @Sendable private static func diversification(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let result = ComponentRisk.diversification(
      try riskCase.weights(), try covariance(riskCase).matrix)
    return riskCase.differences([
      "diversification_ratio": RiskValue(result.ratio),
      "undiversified_sigma": RiskValue(result.undiversified),
    ])
  }

  @Sendable private static func herfindahl(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    var weights = riskCase.input["weights"].doubles ?? []
    var value: Double?
    if case .object(let holdings) = riskCase.input["holdings"] {
      let date = riskCase.input["date"].string
      let prices = try riskCase.prices(assets: holdings.names, from: date, to: date)
      let values = zip(holdings.values, prices.prices).map { quantity, column in
        (quantity.double ?? 0) * ((column.last ?? nil) ?? 0)
      }
      let whole = values.reduce(0, +)
      value = whole
      weights = values.map { $0 / whole }
    }
    guard let found = Concentration(weights) else { return riskCase.differences(.undefined) }
    return riskCase.differences([
      "hhi": RiskValue(found.herfindahl), "effective_n": RiskValue(found.effectiveCount),
      "hhi_normalised": RiskValue(found.normalisedHerfindahl),
      "entropy": RiskValue(found.entropy),
      "effective_n_entropy": RiskValue(found.effectiveCountByEntropy),
      "top1": RiskValue(found.top(1)), "top3": RiskValue(found.top(3)),
      "gross": RiskValue(found.gross), "net": RiskValue(found.net), "value": RiskValue(value),
      "weights": RiskValue(weights),
    ])
  }

  @Sendable private static func bets(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    guard let found = EffectiveBets(try riskCase.weights(), try covariance(riskCase).matrix) else {
      return riskCase.differences(.undefined)
    }
    return riskCase.differences([
      "effective_bets": RiskValue(found.count), "largest_share": RiskValue(found.largestShare),
      "absorption_top1": RiskValue(found.absorption),
    ])
  }
}
