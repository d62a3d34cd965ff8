import Encodings
import Risk
import Statistics

/// Covariance within the day, and how a peg held.
enum IntradayCases {
  static let metrics: [String: RiskMetric] = [
    "hf.realised_covariance": realised, "hf.hayashi_yoshida": hayashiYoshida,
    "hf.previous_tick_correlation": previousTick, "hf.peg_monitor": peg,
  ]

  @Sendable private static func realised(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let history = try riskCase.prices()
    guard let table = history.completeReturns(.log, .dropRows) else { throw .unclear("gaps") }
    let matrix = Realised.covariance(table.returns)
    var days: [String: [Int]] = [:]
    for (place, bar) in table.bars.enumerated() {
      days[UTCDay.text(Int(bar) ?? 0), default: []].append(place)
    }
    let byDay = days.mapValues { places in
      RiskValue(
        table.returns.map { column in
          places.reduce(0) { $0 + column[$1] * column[$1] }.squareRoot()
        })
    }
    return riskCase.differences([
      "realised_vol_by_day": .table(byDay), "realised_covariance": RiskValue(matrix.nested),
      "realised_correlation": RiskValue(Covariance.correlation(matrix)),
      "returns": RiskValue(table.count),
    ])
  }

  /// The two symbols' prices: trades, or bars one below the other.
  private static func series(_ riskCase: RiskCase) throws(RiskCaseFault) -> [TickSeries] {
    guard let symbols = riskCase.input["symbols"].strings, symbols.count == 2 else {
      throw .unclear("not two symbols")
    }
    guard let clock = riskCase.input["time"].string else {
      let bars = try LongPrices(riskCase, symbols: symbols, column: "close")
      return bars.prices.map { prices in
        TickSeries(prices.keys.sorted().map { ($0, prices[$0] ?? 0) })
      }
    }
    let table = try riskCase.table()
    guard let times = table.texts(clock), let names = table.texts("symbol"),
      let ids = table.texts("trade_id"), let prices = table.numbers("price")
    else { throw .unclear("no trades") }
    return symbols.map { symbol in
      var trades: [(time: Int, id: Int, price: Double)] = []
      for row in times.indices where names[row] == symbol {
        guard let time = Int(times[row]), let id = Int(ids[row]), let price = prices[row] else {
          continue
        }
        trades.append((time, id, price))
      }
      trades.sort { ($0.time, $0.id) < ($1.time, $1.id) }
      return TickSeries(trades.map { ($0.time, $0.price) })
    }
  }

  private static func table(_ found: AsynchronousCovariance) -> [String: RiskValue] {
    [
      "covariance": RiskValue(found.covariance), "variance": RiskValue(found.variances),
      "correlation": RiskValue(found.correlation),
    ]
  }

  @Sendable private static func hayashiYoshida(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let series = try series(riskCase)
    let found = AsynchronousCovariance(series[0], series[1])
    var values = table(found)
    // The cases count prices here, not returns.
    values["observations"] = RiskValue(series.map { Double($0.prices.count) })
    return riskCase.differences(values)
  }

  @Sendable private static func previousTick(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let series = try series(riskCase)
    let from = Int(try riskCase.given("from_ms"))
    let to = Int(try riskCase.given("to_ms"))
    var rows: [RiskValue] = []
    for row in riskCase.expected["table"].elements {
      guard let step = row["step_ms"].whole, step > 0 else { throw .unclear("no step") }
      let times = Array(stride(from: from, through: to, by: step))
      guard let found = AsynchronousCovariance.previousTick(series[0], series[1], at: times) else {
        rows.append(.undefined)
        continue
      }
      var values = table(found)
      values["step_ms"] = RiskValue(step)
      values["returns"] = RiskValue(times.count - 1)
      rows.append(.table(values))
    }
    return riskCase.differences(["table": .list(rows)])
  }

  @Sendable private static func peg(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let table = try riskCase.table()
    guard let times = table.texts("ts")?.map({ Int($0) ?? 0 }),
      let lows = table.numbers("low")?.compactMap({ $0 }),
      let closes = table.numbers("close")?.compactMap({ $0 }),
      lows.count == times.count, closes.count == times.count,
      let found = PegReport(
        lows: lows, closes: closes, threshold: try riskCase.number("threshold"),
        lambda: try riskCase.number("lambda"))
    else { throw .unclear("no bars") }
    func time(_ bar: Int?) -> RiskValue { RiskValue(bar.map { Double(times[$0]) }) }
    return riskCase.differences([
      "min_low": RiskValue(found.lowest), "min_low_ts": time(found.lowestBar),
      "closes_below": RiskValue(found.closesBelow), "lows_below": RiskValue(found.lowsBelow),
      "first_close_below_ts": time(found.firstCloseBelow),
      "worst_log_return": RiskValue(found.worstReturn), "worst_ts": time(found.worstBar),
      "peak_ewma_vol": RiskValue(found.peakVolatility), "peak_ewma_ts": time(found.peakBar),
    ])
  }
}

/// Dates of seconds since 1970.
enum UTCDay {
  /// The date as year-month-day.
  ///
  /// Source: H. Hinnant, https://howardhinnant.github.io/date_algorithms.html, civil_from_days.
  static func text(_ seconds: Int) -> String {
    let days = seconds / 86_400 + 719_468
    let era = days / 146_097
    let ofEra = days - era * 146_097
    let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let shifted = (5 * ofYear + 2) / 153
    let day = ofYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let civil = year + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
    return "\(civil)-\(two(month))-\(two(day))"
  }
}
