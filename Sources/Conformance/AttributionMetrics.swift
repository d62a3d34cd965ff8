import Amounts
import Encodings
import Ledger
import Lots
import Performance
import Statistics

/// Attribution by asset, source, group and factor; realised and unrealised profit.
enum AttributionMetrics {
  static let metrics: [String: RiskMetric] = [
    "attribution.by_asset": byAsset, "attribution.by_source": bySource,
    "attribution.realised_unrealised": realised, "attribution.brinson_fachler": brinson,
    "attribution.single_factor": singleFactor,
  ]

  /// The members of an object that are numbers, in order.
  static func members(_ json: JSON) -> [(name: String, value: Double)] {
    guard case .object(let object) = json else { return [] }
    return zip(object.names, object.values).compactMap { name, value in
      value.double.map { (name, $0) }
    }
  }

  private static func complete(_ prices: Statistics.PriceHistory) throws(RiskCaseFault)
    -> [[Double]]
  {
    let columns = prices.prices.map { $0.compactMap { $0 } }
    guard columns.allSatisfy({ $0.count == prices.bars.count }) else {
      throw .unclear("the window has gaps")
    }
    return columns
  }

  @Sendable private static func byAsset(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let holdings = members(riskCase.input["holdings"])
    let prices = try riskCase.prices(assets: holdings.map(\.name))
    let found = AssetAttribution(
      quantities: holdings.map(\.value), prices: try complete(prices))
    guard let found else { throw .unclear("fewer than two bars") }
    let named = { (values: [Double]) -> RiskValue in
      .table(
        Dictionary(uniqueKeysWithValues: zip(holdings.map(\.name), values.map { RiskValue($0) })))
    }
    let day = { (bar: Int?) -> RiskValue in
      guard let bar else { return .undefined }
      return .list([.text(prices.bars[bar + 1]), RiskValue(found.profitByBar[bar])])
    }
    return riskCase.differences([
      "pnl_by_asset": named(found.profits), "total_pnl": RiskValue(found.totalProfit),
      "total_return": RiskValue(found.totalReturn),
      "linked_contribution": found.linkedContributions.map(named) ?? .undefined,
      "best_day": day(found.bestBar), "worst_day": day(found.worstBar),
    ])
  }

  // MARK: By source

  /// A number as the exact decimal it was written as.
  static func exact(_ json: JSON?) throws(RiskCaseFault) -> Fixed {
    guard case .number(let text)? = json else { throw .unclear("no number") }
    if let value = try? Fixed(parsing: text) { return value }
    return try exact(Double(text) ?? .nan)
  }

  static func exact(_ value: Double) throws(RiskCaseFault) -> Fixed {
    if let value = try? Fixed(parsing: "\(value)") { return value }
    let (whole, rest) = (value.rounded(.towardZero), value.truncatingRemainder(dividingBy: 1))
    guard value.isFinite, abs(whole) < 1e20 else { throw .unclear("\(value) is no amount") }
    return Fixed(units: Int128(whole) * Fixed.scale + Int128((rest * 1e18).rounded()))
  }

  private struct Booking {
    let date: String
    let kind: String
    let row: [JSON]

    var asset: String { row.count > 1 ? row[1].string ?? "" : "" }
    func exact(_ place: Int) throws(RiskCaseFault) -> Fixed {
      try AttributionMetrics.exact(place < row.count ? row[place] : nil)
    }
  }

  private static let kinds = ["trades", "funding", "rewards", "fees"]

  @Sendable private static func bySource(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let bookings = kinds.flatMap { kind in
      riskCase.input[kind].elements.map {
        Booking(date: $0.elements.first?.string ?? "", kind: kind, row: $0.elements)
      }
    }
    let opening = members(riskCase.input["opening"])
    let assets = Set(opening.map(\.name) + bookings.map(\.asset)).sorted()
    let prices = try riskCase.prices(assets: assets)
    guard let first = prices.bars.first, let last = prices.bars.last,
      bookings.allSatisfy({ $0.date >= first && $0.date <= last })
    else { throw .unclear("a booking lies outside of the window") }
    var closes: [[String: SourceAttribution<String>.Close]] = []
    for bar in prices.bars.indices {
      var row: [String: SourceAttribution<String>.Close] = [:]
      for (asset, column) in zip(assets, prices.prices) {
        if let price = column[bar] { row[asset] = .init(Price(try exact(price))) }
      }
      closes.append(row)
    }
    do {
      return riskCase.differences(
        try follow(riskCase, opening.map(\.name), bookings, prices.bars, closes))
    } catch let fault as RiskCaseFault {
      throw fault
    } catch {
      throw .unclear("\(error)")
    }
  }

  private static func follow(
    _ riskCase: RiskCase, _ opening: [String], _ bookings: [Booking], _ bars: [String],
    _ closes: [[String: SourceAttribution<String>.Close]]
  ) throws -> [String: RiskValue] {
    var attribution = SourceAttribution<String>()
    for asset in opening {
      let quantity = Quantity(try exact(riskCase.input["opening"][asset]))
      guard let close = closes.first?[asset] else { continue }
      try attribution.open(asset, quantity, at: close)
    }
    for (bar, date) in bars.enumerated() {
      for booking in bookings where booking.date == date {
        try book(booking, &attribution, closes[bar])
      }
      try attribution.close(closes[bar])
    }
    let total = try attribution.total()
    let byAsset = try attribution.byAsset.mapValues { RiskValue(try $0.total().approximate) }
    return [
      "price": RiskValue(total.price.approximate), "trading": RiskValue(total.trading.approximate),
      "fees": RiskValue(total.fees.approximate), "funding": RiskValue(total.funding.approximate),
      "rewards": RiskValue(total.rewards.approximate),
      "currency": RiskValue(total.currency.approximate),
      "total": RiskValue(
        try attribution.value().subtracting(attribution.transferred).approximate),
      "by_asset": .table(byAsset),
      "closing": .table(attribution.quantities.mapValues { RiskValue($0.fixed.approximate) }),
      "closing_cash": RiskValue(attribution.cash.approximate),
    ]
  }

  private static func book(
    _ booking: Booking, _ attribution: inout SourceAttribution<String>,
    _ closes: [String: SourceAttribution<String>.Close]
  ) throws {
    switch booking.kind {
    case "trades":
      try attribution.trade(
        booking.asset, Quantity(try booking.exact(2)), at: Price(try booking.exact(3)),
        fee: booking.row.count > 4 ? try booking.exact(4) : .zero)
    case "funding": try attribution.fund(booking.asset, try booking.exact(2))
    case "fees": try attribution.fee(booking.asset, try booking.exact(2))
    default:
      guard let close = closes[booking.asset] else { throw RiskCaseFault.unclear("no price") }
      try attribution.reward(booking.asset, Quantity(try booking.exact(2)), at: close.price)
    }
  }

  // MARK: The others

  private static let costMethods: [String: LotMethod] = [
    "average": .average, "fifo": .lots(.fifo), "lifo": .lots(.lifo),
  ]

  @Sendable private static func realised(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let name = riskCase.parameters["cost_basis"].string ?? "average"
    guard let method = costMethods[name] else { throw .unclear("basis \(name)") }
    do {
      var rules = LotRules(currency: .usDollar, method: method)
      rules.missingBasis = .refused
      let report = try LotBook(rules: rules, events: trades(riskCase)).report()
      var (gain, open) = (Fixed.zero, Fixed.zero)
      for sale in report.disposals { gain = try gain.adding(sale.gain ?? .zero) }
      let last = Price(try exact(riskCase.input["last_price"]))
      for lot in report.holdings.flatMap(\.lots) {
        open = try open.adding(try lot.unrealised(at: last) ?? .zero)
      }
      return riskCase.differences([
        "realised": RiskValue(gain.approximate), "unrealised": RiskValue(open.approximate),
        "total": RiskValue(try gain.adding(open).approximate),
      ])
    } catch let fault as RiskCaseFault {
      throw fault
    } catch {
      throw .unclear("\(error)")
    }
  }

  /// Purchases and then sales, each a second after the one before.
  private static func trades(_ riskCase: RiskCase) throws -> [LotEvent] {
    let account = AccountID(named: "case")
    let asset = AssetID.venue(venue: "case", code: "A")
    var events: [LotEvent] = []
    for (kind, isSale) in [("buys", false), ("sells", true)] {
      for row in riskCase.input[kind].elements.map(\.elements) {
        guard row.count > 1 else { throw RiskCaseFault.unclear("a trade without a price") }
        let quantity = Quantity(try exact(row[0]))
        let value = try quantity.fixed.multiplied(by: try exact(row[1]), rounding: .halfEven)
        let fee = row.count > 2 ? try exact(row[2]) : .zero
        let change: LotChange =
          isSale
          ? .disposal(
            Outgoing(
              account: account, asset: asset, quantity: quantity, value: value, fee: fee,
              kind: .sell))
          : .acquisition(
            Acquisition(
              account: account, asset: asset, quantity: quantity, value: value, fee: fee))
        let number = events.count
        events.append(
          try LotEvent(
            id: LotID(entry: EntryID(high: 0, low: UInt64(number))),
            time: Instant(seconds: Int64(number)), sequence: number, change: change))
      }
    }
    return events
  }

  @Sendable private static func brinson(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    guard case .object(let groups) = riskCase.input["groups"] else { throw .unclear("no groups") }
    let own = riskCase.input["weights"]
    let other = riskCase.input["benchmark_weights"]
    var segments: [BrinsonFachler.Segment] = []
    for group in groups.values {
      let names = group.strings ?? []
      let prices = try riskCase.prices(assets: names)
      var returns: [Double] = []
      for column in prices.prices {
        guard let first = column.first, let last = column.last, let first, let last else {
          throw .unclear("no price at an end")
        }
        returns.append(last / first - 1)
      }
      segments.append(
        BrinsonFachler.Segment(
          portfolio: names.map { own[$0].double ?? 0 },
          benchmark: names.map { other[$0].double ?? 0 }, returns: returns))
    }
    let split = BrinsonFachler(segments)
    var table: [String: RiskValue] = [:]
    for (name, (segment, effect)) in zip(groups.names, zip(segments, split.effects)) {
      table[name] = .table([
        "allocation": RiskValue(effect.allocation), "selection": RiskValue(effect.selection),
        "interaction": RiskValue(effect.interaction),
        "portfolio_weight": RiskValue(segment.portfolioWeight),
        "benchmark_weight": RiskValue(segment.benchmarkWeight),
        "portfolio_return": RiskValue(segment.portfolioReturn),
        "benchmark_return": RiskValue(segment.benchmarkReturn),
      ])
    }
    return riskCase.differences([
      "groups": .table(table), "portfolio_return": RiskValue(split.portfolioReturn),
      "benchmark_return": RiskValue(split.benchmarkReturn), "active": RiskValue(split.active),
    ])
  }

  @Sendable private static func singleFactor(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let market = try PerformanceMetrics.comparison(riskCase).1.benchmark
    let split = SingleFactor(
      weights: try riskCase.weights(), returns: try riskCase.returns().returns, market: market)
    return riskCase.differences([
      "beta_by_asset": split.map { RiskValue($0.betas) } ?? .undefined,
      "portfolio_beta": RiskValue(split?.portfolioBeta), "market": RiskValue(split?.market),
      "specific": RiskValue(split?.specific), "total": RiskValue(split?.total),
      "market_variance": RiskValue(split?.marketVariance),
      "specific_variance": RiskValue(split?.specificVariance),
    ])
  }
}
