import Amounts
import Encodings
import Rebalancing
import Statistics

/// Weights by method, and the trades that lead to weights.
enum AllocationMetrics {
  static let metrics: [String: RiskMetric] = [
    "alloc.min_variance_unconstrained": free, "alloc.min_variance": minimumVariance,
    "alloc.max_sharpe": maximumSharpe, "alloc.risk_parity": riskParity,
    "alloc.risk_budget": riskBudget, "alloc.max_diversification": maximumDiversification,
    "alloc.inverse_volatility": inverseVolatility, "alloc.hrp": hierarchical,
    "alloc.min_cvar": minimumShortfall, "rebalance.trades": trades,
  ]

  private static func estimates(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> (table: ReturnTable, covariance: Matrix) {
    if let rows = riskCase.input["matrix"].elements.map(\.doubles) as? [[Double]],
      let matrix = Matrix(rows), !rows.isEmpty
    {
      let names = riskCase.input["assets"].strings ?? rows.indices.map { String($0) }
      let empty = ReturnTable(assets: names, bars: [], returns: rows.map { _ in [] })
      return (empty, matrix)
    }
    let table = try riskCase.returns()
    let lost = Int(riskCase.parameters["ddof"].double ?? 1)
    guard let covariance = Covariance.sample(table.returns, lost: lost) else {
      throw .unclear("too few bars")
    }
    return (table, covariance)
  }

  private static func limits(_ riskCase: RiskCase, _ count: Int) -> WeightLimits {
    WeightLimits(
      count: count, least: riskCase.parameters["min_weight"].double ?? 0,
      most: riskCase.parameters["max_weight"].double ?? 1)
  }

  /// The weights with everything that can be said of them by the covariance.
  private static func described(
    _ weights: [Double]?, _ riskCase: RiskCase, _ table: ReturnTable, _ covariance: Matrix
  ) -> [String: RiskValue] {
    guard let weights else { return ["weights": .undefined, "sigma": .undefined] }
    let shares = AllocationRisk.shares(weights, covariance)
    let held = zip(table.assets, weights).filter { $0.1 != 0 }.map(\.0)
    return [
      "assets": RiskValue(table.assets), "weights": RiskValue(weights), "held": RiskValue(held),
      "sigma": RiskValue(AllocationRisk.deviation(weights, covariance)),
      "risk_share": shares.map { RiskValue($0) } ?? .undefined,
      "diversification_ratio": RiskValue(AllocationRisk.diversification(weights, covariance)),
    ]
  }

  private static func compare(
    _ riskCase: RiskCase, _ method: (Matrix, ReturnTable) throws(RiskCaseFault) -> [Double]?
  ) throws(RiskCaseFault) -> [String] {
    let (table, covariance) = try estimates(riskCase)
    let weights = try method(covariance, table)
    return riskCase.differences(described(weights, riskCase, table, covariance))
  }

  @Sendable private static func free(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    try compare(riskCase) { covariance, _ in
      Allocation.minimumVarianceUnconstrained(covariance)
    }
  }

  @Sendable private static func minimumVariance(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    try compare(riskCase) { covariance, _ in
      Allocation.minimumVariance(covariance, limits: limits(riskCase, covariance.rows))
    }
  }

  @Sendable private static func riskParity(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    try compare(riskCase) { covariance, _ in Allocation.riskParity(covariance) }
  }

  @Sendable private static func riskBudget(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    try compare(riskCase) { covariance, _ throws(RiskCaseFault) in
      guard let budget = riskCase.parameters["budget"].doubles, budget.count == covariance.rows
      else { throw .unclear("no budget") }
      return Allocation.riskBudget(covariance, budget)
    }
  }

  @Sendable private static func maximumDiversification(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    try compare(riskCase) { covariance, _ in Allocation.maximumDiversification(covariance) }
  }

  @Sendable private static func inverseVolatility(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    try compare(riskCase) { covariance, _ in Allocation.inverseVolatility(covariance) }
  }

  @Sendable private static func maximumSharpe(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let (table, covariance) = try estimates(riskCase)
    let means = table.returns.map { Sample($0).mean ?? 0 }
    let year = riskCase.parameters["annualisation"].double ?? 365
    let riskFree = (riskCase.parameters["risk_free"].double ?? 0) / year
    let weights = Allocation.maximumSharpe(
      means: means, covariance: covariance, riskFreePerBar: riskFree,
      limits: limits(riskCase, covariance.rows))
    var found = described(weights, riskCase, table, covariance)
    if let weights {
      let earned = Matrix.dot(weights, means) - riskFree * weights.reduce(0, +)
      let sigma = AllocationRisk.deviation(weights, covariance)
      found["sharpe_annual"] = RiskValue(earned / sigma * year.squareRoot())
    }
    return riskCase.differences(found)
  }

  @Sendable private static func hierarchical(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let (table, covariance) = try estimates(riskCase)
    let name = riskCase.parameters["linkage"].string ?? "single"
    guard let linkage = Linkage(rawValue: name) else { throw .unclear("linkage \(name)") }
    let found = HierarchicalRiskParity(covariance, linkage: linkage)
    var values = described(found?.weights, riskCase, table, covariance)
    values["leaf_order"] = found.map { RiskValue($0.leafOrder.map { table.assets[$0] }) }
    return riskCase.differences(values)
  }

  @Sendable private static func minimumShortfall(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let (table, covariance) = try estimates(riskCase)
    let found = MinimumShortfall(
      scenarios: table.returns, confidence: try riskCase.number("confidence"),
      limits: limits(riskCase, table.assets.count))
    var values = described(found?.weights, riskCase, table, covariance)
    values["es"] = RiskValue(found?.shortfall)
    // The minimiser can be one of several: where the shortfall is as good, the weights pass
    let wanted = riskCase.expected["es"].double ?? .nan
    if let found, found.shortfall <= wanted * (1 + 1e-12),
      found.shortfall >= wanted - (riskCase.absolute + riskCase.relative * abs(wanted)),
      let theirs = riskCase.expected["weights"].doubles, theirs != found.weights
    {
      let gap = zip(theirs, found.weights).map { abs($0 - $1) }.max() ?? 1
      if gap > 1e-9 { values["weights"] = RiskValue(theirs) }
    }
    return riskCase.differences(values)
  }

  // MARK: Trades

  @Sendable private static func trades(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    guard let date = riskCase.input["date"].string else { throw .unclear("no date") }
    var wish = TargetTrades<String>.Wish(
      holdings: [:], cash: try AttributionMetrics.exact(riskCase.input["cash"]), prices: [:],
      targets: [:], feeRate: try AttributionMetrics.exact(riskCase.parameters["fee_rate"]),
      leastValue: try AttributionMetrics.exact(riskCase.parameters["min_notional"]))
    for (asset, quantity) in AttributionMetrics.members(riskCase.input["holdings"]) {
      wish.holdings[asset] = Quantity(try AttributionMetrics.exact(quantity))
    }
    for (asset, weight) in AttributionMetrics.members(riskCase.input["target"]) {
      wish.targets[asset] = try AttributionMetrics.exact(weight)
    }
    let assets = Set(wish.holdings.keys).union(wish.targets.keys).sorted()
    let prices = try riskCase.prices(assets: assets, from: date, to: date)
    for (asset, column) in zip(assets, prices.prices) {
      guard let price = column.first, let price else { throw .unclear("no price of \(asset)") }
      wish.prices[asset] = Price(try AttributionMetrics.exact(price))
    }
    do {
      return riskCase.differences(described(try TargetTrades(wish)))
    } catch {
      throw .unclear("\(error)")
    }
  }

  private static func described(_ plan: TargetTrades<String>) -> [String: RiskValue] {
    let named = { (figure: (TargetTrades<String>.Trade) -> Fixed) -> RiskValue in
      .table(
        Dictionary(
          uniqueKeysWithValues: plan.trades.map {
            ($0.asset, RiskValue(figure($0).approximate))
          }))
    }
    return [
      "value": RiskValue(plan.value.approximate), "weights": named(\.weight),
      "trade_value": named(\.value), "trade_quantity": named(\.quantity.fixed),
      "turnover": RiskValue(plan.turnover.approximate), "cost": RiskValue(plan.cost.approximate),
      "cash_after": RiskValue(plan.cashAfter.approximate),
      "trades_kept": RiskValue(plan.kept.map(\.asset)),
    ]
  }
}
