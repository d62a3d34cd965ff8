import Encodings
import Risk
import Statistics

/// Replays of crashes and supposed shocks.
enum StressCases {
  static let metrics: [String: RiskMetric] = [
    "stress.historical_replay": replay, "stress.worst_window": worst,
    "stress.conditional_shock": conditional, "stress.reverse_single_factor": reverse,
    "stress.hourly_replay": hourly,
  ]

  private static func byAsset(_ assets: [String], _ values: [Double]) -> RiskValue {
    .table(
      Dictionary(
        zip(assets, values.map { RiskValue($0) }), uniquingKeysWith: { first, _ in first }))
  }

  @Sendable private static func replay(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let proxy = riskCase.parameters["proxy"].string ?? "BTC"
    let assets = riskCase.input["assets"].strings ?? []
    let weights = try riskCase.weights()
    let columns = assets.contains(proxy) ? assets : assets + [proxy]
    let history = try riskCase.prices(assets: columns, from: "", to: "~")
    let replay = HistoricalReplay(
      history: history, proxy: proxy,
      betaReturns: Int(riskCase.parameters["beta_returns"].double ?? 180))
    let from = riskCase.input["from"].string ?? ""
    let to = riskCase.input["to"].string ?? ""
    guard let result = replay.result(assets, weights, from: from, to: to) else {
      return riskCase.differences(.undefined)
    }
    var found: [String: RiskValue] = [
      "shock": byAsset(assets, result.parts.map(\.shock)),
      "by_asset": byAsset(assets, result.parts.map(\.profit)), "pnl": RiskValue(result.profit),
      "source": .table(
        Dictionary(
          result.parts.map { ($0.asset, RiskValue.text($0.source.rawValue)) },
          uniquingKeysWith: { first, _ in first })),
    ]
    if let path = replay.path(assets, weights, from: from, to: to), let least = path.values.min(),
      let place = path.values.firstIndex(of: least)
    {
      found["path"] = .table([
        "min_value": RiskValue(least), "min_date": .text(path.bars[place]),
        "max_drawdown": RiskValue(ValuePath(path.values)?.deepestFall.change),
      ])
    }
    return riskCase.differences(found)
  }

  @Sendable private static func worst(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let portfolio = try riskCase.portfolio()
    // The start is the price date before the first return, which no return ends at.
    let dates = try riskCase.prices().bars
    var windows: [String: RiskValue] = [:]
    for horizon in riskCase.parameters["horizons"].doubles ?? [] {
      guard let bars = Int(exactly: horizon),
        let window = WorstWindow(portfolio.returns, bars: bars)
      else { continue }
      let offset = dates.count - portfolio.bars.count
      windows[String(bars)] = .table([
        "loss": RiskValue(window.change), "median": RiskValue(window.median),
        "start": .text(
          window.first > 0 ? portfolio.bars[window.first - 1] : dates[max(offset - 1, 0)]),
        "end": .text(portfolio.bars[window.last]),
      ])
    }
    return riskCase.differences(["windows": .table(windows)])
  }

  private static func stress(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> (assets: [String], stress: CovarianceStress, factor: Int) {
    let table = try riskCase.returns()
    let name = riskCase.parameters["factor"].string ?? "BTC"
    guard let matrix = Covariance.sample(table.returns, lost: riskCase.lost),
      let factor = table.assets.firstIndex(of: name)
    else { throw .unclear("no factor \(name)") }
    return (table.assets, CovarianceStress(matrix, try riskCase.weights()), factor)
  }

  @Sendable private static func conditional(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let (assets, stress, factor) = try stress(riskCase)
    guard let found = stress.conditional(on: factor, try riskCase.number("shock")) else {
      return riskCase.differences(.undefined)
    }
    return riskCase.differences([
      "shock": byAsset(assets, found.shocks), "pnl": RiskValue(found.profit),
      "conditional_sd": RiskValue(found.deviation),
    ])
  }

  @Sendable private static func reverse(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let (assets, stress, factor) = try stress(riskCase)
    guard let found = stress.reverse(try riskCase.number("loss"), factor: factor) else {
      return riskCase.differences(.undefined)
    }
    return riskCase.differences([
      "beta": RiskValue(found.beta), "btc_shock": RiskValue(found.factorShock),
      "feasible": .truth(found.isFeasible), "probability": RiskValue(found.probability),
      "most_likely_shock": byAsset(assets, found.mostLikely),
      "mahalanobis": RiskValue(found.distance),
    ])
  }

  @Sendable private static func hourly(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    guard case .object(let holdings) = riskCase.input["holdings"] else {
      throw .unclear("no holdings")
    }
    let bars = try LongPrices(
      riskCase, symbols: holdings.names, column: riskCase.input["column"].string ?? "close")
    var last = [Double?](repeating: nil, count: holdings.names.count)
    var hours: [Int] = []
    var values: [Double] = []
    var missing = [Int](repeating: 0, count: holdings.names.count)
    for hour in bars.hours {
      for symbol in holdings.names.indices {
        let price = bars.prices[symbol][hour]
        if price == nil { missing[symbol] += 1 }
        last[symbol] = price ?? last[symbol]
      }
      let prices = last.compactMap { $0 }
      guard prices.count == last.count else { continue }
      hours.append(hour)
      values.append(
        zip(holdings.values, prices).reduce(0) { $0 + ($1.0.double ?? 0) * $1.1 })
    }
    guard let path = ValuePath(values), let start = values.first, let end = values.last,
      let worst = path.returns.min(), let place = path.returns.firstIndex(of: worst)
    else { return riskCase.differences(.undefined) }
    let fall = path.deepestFall
    return riskCase.differences([
      "hours": RiskValue(hours.count), "first_ts": RiskValue(hours[0]),
      "start_value": RiskValue(start), "end_value": RiskValue(end),
      "max_drawdown": RiskValue(fall.change), "peak_ts": RiskValue(hours[fall.peak]),
      "trough_ts": RiskValue(hours[fall.trough]), "worst_hour": RiskValue(worst),
      "worst_hour_ts": RiskValue(hours[place + 1]),
      "hourly_sd": RiskValue(Sample(path.returns).standardDeviation()),
      "missing": byAsset(holdings.names, missing.map { Double($0) }),
    ])
  }
}

/// Prices of symbols that stand one below the other.
struct LongPrices {
  /// Every time in the file at which any symbol has a row, ascending.
  let hours: [Int]
  /// By symbol, prices by time.
  let prices: [[Int: Double]]

  init(_ riskCase: RiskCase, symbols: [String], column: String) throws(RiskCaseFault) {
    let table = try riskCase.table()
    guard let times = table.texts("ts"), let names = table.texts("symbol"),
      let values = table.numbers(column)
    else { throw .unclear("no columns ts, symbol, \(column)") }
    let low = riskCase.input["from_ts"].double ?? -.infinity
    let high = riskCase.input["to_ts"].double ?? .infinity
    var places: [Substring: Int] = [:]
    for (place, symbol) in symbols.enumerated() { places[Substring(symbol)] = place }
    var prices = [[Int: Double]](repeating: [:], count: symbols.count)
    var hours: Set<Int> = []
    for row in times.indices {
      guard let time = Int(times[row]), Double(time) >= low, Double(time) <= high else { continue }
      hours.insert(time)
      guard let place = places[names[row]], let value = values[row] else { continue }
      prices[place][time] = value
    }
    self.hours = hours.sorted()
    self.prices = prices
  }
}
