import Amounts
import Encodings
import Ledger
import VenueKit

/// One of Binance's interfaces (spot, USD-M, COIN-M), or one of another venue made after it: the
/// same names of parameters and fields, other hosts, paths and limits.
///
/// https://developers.binance.com/docs/binance-spot-api-docs/rest-api
struct BinanceLike: Sendable {
  /// The surface of open calls.
  var open = "public"
  /// The surface of signed calls.
  var signed = "private"
  /// The part of the account.
  var part: AccountPart = .spot
  /// The kind of markets.
  var kind: MarketKind = .spot
  /// Which way its markets are settled; `nil` for either.
  var isInverse: Bool?
  /// Where its own ways differ.
  var paths = Paths()
  /// The bucket that its calls draw from.
  var bucket = "REQUEST_WEIGHT"
  /// What calls cost by path, with ` all` after it where everything is listed; others cost 1.
  var weights: [String: Int] = [:]
  /// How its fills follow one another.
  var fillPaging = Paging(.forward, most: 1_000, window: Paging.day)
  /// Whether fills are asked for by their ids where the stretch is longer than the day that may be
  /// asked for by time: `fromId` walks on from the first fill of the market.
  ///
  /// https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints#account-trade-list-user_data
  var asksFillsByID = false
  /// How its orders follow one another.
  var orderPaging = Paging(.forward, most: 1_000, window: Paging.day)
  /// The most candles of a call, and how many are asked for where nothing is said.
  var candlesMost = 1_000
  /// Whether a candle's number is always stated.
  var statesCandles = false
  /// The words of a candle's length.
  var intervals = BinanceLike.intervals
  /// Whether an end must be stated where trades of anybody's have a beginning.
  var tradesNeedEnd = false

  /// Paths below the surfaces.
  struct Paths: Sendable {
    var markets = "exchangeInfo"
    var clock = "time"
    var ticker = "ticker/24hr"
    var candles = "klines"
    var book = "depth"
    var trades = "aggTrades"
    var fills = "myTrades"
    var openOrders = "openOrders"
    var closedOrders = "allOrders"
    var order = "order"
  }

  /// The words of lengths of candles, by seconds.
  static let intervals: [Int: String] = [
    1: "1s", 60: "1m", 180: "3m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1h", 7_200: "2h",
    14_400: "4h", 21_600: "6h", 28_800: "8h", 43_200: "12h", 86_400: "1d", 259_200: "3d",
    604_800: "1w", 2_592_000: "1M",
  ]

  // MARK: - Calls

  private var kinds: Set<MarketKind> { kind == .spot ? [.spot] : [.swap, .future] }

  /// The market asked for, where it is one of ours.
  func market(_ ask: Ask) throws(VenueFault) -> Market {
    try ask.needed(kinds, isInverse: isInverse)
  }

  /// The id of the market asked for, if any, where it is one of ours.
  func marketID(_ ask: Ask) throws(VenueFault) -> JSON? {
    .text(try ask.optional(kinds, isInverse: isInverse)?.id)
  }

  /// A call with its cost.
  func call(
    _ method: String, _ path: String, _ parameters: Parameters = [:], signed isSigned: Bool = true,
    isAll: Bool = false
  ) -> Call {
    let weight = (isAll ? weights[path + " all"] : nil) ?? weights[path] ?? 1
    return Call(
      isSigned ? signed : open, method, path, parameters, cost: [bucket: weight])
  }

  /// Parameters of one market with the time range, the number of rows and the caller's own.
  func parameters(
    _ ask: Ask, _ first: Parameters, most: Int = .max
  ) -> Parameters {
    first.adding(ask.range("startTime", "endTime", "limit", most: most)).adding(ask.extra)
  }

  // MARK: - Open feeds

  /// Markets.
  func markets(_ evidence: Evidence = .documented) -> Feed<Market> {
    let feed = self
    return Feed(
      market: kind, evidence: evidence,
      calls: { ask throws(VenueFault) in
        [feed.call("GET", feed.paths.markets, ask.extra, signed: false)]
      },
      rows: Pick.list("symbols"), row: BinanceLike.market)
  }

  /// The clock.
  func clock(_ evidence: Evidence = .documented) -> Feed<Instant> {
    let feed = self
    return Feed(
      evidence: evidence,
      calls: { _ in [feed.call("GET", feed.paths.clock, signed: false)] },
      rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "serverTime") })
  }

  /// Tickers; `list` is the parameter that takes several markets, where there is one.
  func tickers(list: String? = nil, _ evidence: Evidence = .documented) -> Feed<Ticker> {
    let feed = self
    return Feed(
      market: kind, evidence: evidence,
      calls: { ask throws(VenueFault) in
        var parameters: Parameters = ["symbol": try feed.marketID(ask)]
        if let list, ask.market == nil, !ask.manyMarkets.isEmpty {
          let ids = ask.manyMarkets.filter { $0.kind == feed.kind }.map { JSON.string($0.id) }
          parameters = [list: .string(JSON.array(ids).text)]
        }
        return [
          feed.call(
            "GET", feed.paths.ticker, parameters.adding(ask.extra), signed: false,
            isAll: parameters.items.isEmpty)
        ]
      },
      rows: BinanceLike.list, row: BinanceLike.ticker)
  }

  /// Candles.
  func candles(_ evidence: Evidence = .documented) -> Feed<Candle> {
    let feed = self
    return Feed(
      market: kind, paging: Paging(.forward, most: candlesMost), scope: .eachMarket,
      evidence: evidence,
      calls: { ask throws(VenueFault) in
        guard let word = feed.intervals[ask.interval] else {
          throw .unsupported("candles of \(ask.interval) s")
        }
        var parameters: Parameters = [
          "symbol": .string(try feed.market(ask).id), "interval": .string(word),
        ]
        parameters = feed.parameters(ask, parameters, most: feed.candlesMost)
        if feed.statesCandles { feed.stateCandles(ask, &parameters) }
        return [feed.call("GET", feed.paths.candles, parameters, signed: false)]
      },
      rows: BinanceLike.list, row: BinanceLike.candle)
  }

  /// Sets a number of candles where none is asked for, and the end that COIN-M wants with it.
  private func stateCandles(_ ask: Ask, _ parameters: inout Parameters) {
    let isRange = ask.from != nil && ask.to != nil
    let count = min(ask.limit ?? (isRange ? candlesMost : 500), candlesMost)
    parameters["limit"] = .number(count)
    guard isInverse == true, ask.to == nil, let from = ask.from else { return }
    let (seconds, overflow) = count.multipliedReportingOverflow(by: ask.interval)
    guard !overflow else { return }
    let end = from.advanced(bySeconds: Int64(seconds))
    let last = Instant(microseconds: end.microseconds - 1_000)
    parameters["endTime"] = .text(min(last, ask.now), .milliseconds)
  }

  /// The order book.
  func books(_ evidence: Evidence = .documented) -> Feed<OrderBook> {
    let feed = self
    return Feed(
      market: kind, scope: .eachMarket, evidence: evidence,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = [
          "symbol": .string(try feed.market(ask).id), "limit": .number(ask.limit),
        ]
        return [feed.call("GET", feed.paths.book, parameters.adding(ask.extra), signed: false)]
      },
      rows: Pick.one(), row: BinanceLike.book)
  }

  /// Trades of anybody's.
  func trades(_ evidence: Evidence = .documented) -> Feed<PublicTrade> {
    let feed = self
    return Feed(
      market: kind, paging: Paging(.forward, most: 1_000), scope: .eachMarket, evidence: evidence,
      calls: { ask throws(VenueFault) in
        let id = JSON.string(try feed.market(ask).id)
        var parameters = feed.parameters(ask, ["symbol": id], most: 1_000)
        if feed.tradesNeedEnd, let from = ask.from, ask.to == nil {
          parameters["endTime"] = .text(from.advanced(bySeconds: 3_600), .milliseconds)
        }
        return [feed.call("GET", feed.paths.trades, parameters, signed: false)]
      },
      rows: BinanceLike.list, row: BinanceLike.publicTrade)
  }

  // MARK: - Signed feeds

  /// Our executions.
  func fills(_ evidence: Evidence = .documented) -> Feed<Fill> {
    let feed = self
    return Feed(
      part: part, market: kind, paging: fillPaging, scope: .eachMarket, evidence: evidence,
      calls: { ask throws(VenueFault) in
        let id = JSON.string(try feed.market(ask).id)
        var parameters = feed.parameters(ask, ["symbol": id], most: feed.fillPaging.most)
        if feed.asksFillsByID { BinanceLike.askByID(ask, &parameters) }
        return [feed.call("GET", feed.paths.fills, parameters)]
      },
      rows: BinanceLike.list, row: BinanceLike.fill(part),
      next: { answer throws(VenueFault) in
        feed.asksFillsByID ? try BinanceLike.nextID(answer, most: feed.fillPaging.most) : nil
      })
  }

  /// Asks for fills by their ids where the stretch is too long to be asked for by time.
  static func askByID(_ ask: Ask, _ parameters: inout Parameters) {
    guard let first = firstID(ask) else { return }
    parameters["startTime"] = nil
    parameters["endTime"] = nil
    parameters["fromId"] = .string(first)
  }

  /// The id after that of a full page's last fill.
  static func nextID(_ answer: Answer, most: Int) throws(VenueFault) -> String? {
    let rows = try list(answer)
    guard rows.count >= (answer.ask.limit ?? most), let last = try rows.last?.integer("id"),
      last < .max
    else { return nil }
    return String(last + 1)
  }

  /// The id to walk on from; `nil` where the stretch may be asked for by time.
  private static func firstID(_ ask: Ask) -> String? {
    if let cursor = ask.cursor { return cursor }
    guard let from = ask.from, let to = ask.to else { return nil }
    let day = Int64(Paging.day) * 1_000_000
    let (span, overflow) = to.microseconds.subtractingReportingOverflow(from.microseconds)
    return overflow || span > day ? "0" : nil
  }

  /// Our orders that stand.
  func openOrders(_ evidence: Evidence = .documented) -> Feed<Order> {
    let feed = self
    return Feed(
      part: part, market: kind, evidence: evidence,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["symbol": try feed.marketID(ask)]
        return [
          feed.call(
            "GET", feed.paths.openOrders, parameters.adding(ask.extra), isAll: ask.market == nil)
        ]
      },
      rows: BinanceLike.list, row: BinanceLike.order)
  }

  /// Our orders that are done.
  func closedOrders(_ evidence: Evidence = .documented) -> Feed<Order> {
    let feed = self
    return Feed(
      part: part, market: kind, paging: orderPaging, scope: .eachMarket, evidence: evidence,
      calls: { ask throws(VenueFault) in
        let id = JSON.string(try feed.market(ask).id)
        return [
          feed.call(
            "GET", feed.paths.closedOrders,
            feed.parameters(ask, ["symbol": id], most: feed.orderPaging.most))
        ]
      },
      rows: BinanceLike.list, row: BinanceLike.doneOrder)
  }

  // MARK: - Orders

  /// Parameters that name one order.
  func orderName(
    _ ask: Ask, id: String = "orderId", own: String = "origClientOrderId", hasMarket: Bool = true
  ) throws(VenueFault) -> Parameters {
    var parameters = Parameters()
    if hasMarket { parameters["symbol"] = .string(try market(ask).id) }
    if let order = ask.order, !order.isEmpty {
      parameters[id] = .string(order)
    } else if let order = ask.clientOrder {
      parameters[own] = .string(order)
    } else {
      throw .unsupported("an order without an id")
    }
    return parameters.adding(ask.extra)
  }

  /// The call that cancels.
  func cancel(_ ask: Ask) throws(VenueFault) -> Call {
    call("DELETE", paths.order, try orderName(ask))
  }

  /// The call that finds.
  func find(_ ask: Ask) throws(VenueFault) -> Call {
    call("GET", paths.order, try orderName(ask))
  }

  /// The call that places; spot has a type of its own for post-only orders, futures a time in force.
  func place(_ ask: Ask, answers: String? = nil) throws(VenueFault) -> Call {
    guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
    var parameters: Parameters = [
      "symbol": .string(order.market.id), "side": .string(order.side == .buy ? "BUY" : "SELL"),
      "newOrderRespType": .text(answers), "type": .string(typeWord(order)),
      "quantity": .text(try BinanceLike.stepped(order.amount, order.market.amountStep)),
    ]
    if order.type == .limit {
      guard let price = order.price else { throw .unsupported("a limit order without a price") }
      parameters["price"] = .text(try BinanceLike.ticked(price, order.market.priceStep))
      if let word = timeWord(order) { parameters["timeInForce"] = .string(word) }
    }
    if order.isReduceOnly, kind != .spot { parameters["reduceOnly"] = .string("true") }
    parameters["newClientOrderId"] = .text(order.clientID)
    return call("POST", paths.order, parameters.adding(ask.extra))
  }

  private func typeWord(_ order: NewOrder) -> String {
    if order.type == .market { return "MARKET" }
    return kind == .spot && order.timeInForce == .postOnly ? "LIMIT_MAKER" : "LIMIT"
  }

  private func timeWord(_ order: NewOrder) -> String? {
    switch order.timeInForce {
    case .postOnly?: kind == .spot ? nil : "GTX"
    case let force?: force.rawValue
    case nil: "GTC"
    }
  }

  /// An amount cut down to a market's step.
  static func stepped(_ amount: Fixed, _ step: Fixed?) throws(VenueFault) -> Fixed {
    guard let step, !step.isZero, !step.isNegative else { return amount }
    return Fixed(units: amount.units - amount.units % step.units)
  }

  /// A price brought to the nearest of a market's steps.
  static func ticked(_ price: Fixed, _ step: Fixed?) throws(VenueFault) -> Fixed {
    guard let step, step.units > 1 else { return price }
    let (raised, overflow) = price.units.addingReportingOverflow(step.units / 2)
    guard !overflow else { throw .unsupported("a price of \(price.text)") }
    return Fixed(units: raised - raised % step.units)
  }

  /// A desk whose calls go to the interface that the market belongs to.
  static func desk(
    clientIDMost: Int, row: @escaping @Sendable (Node, Ask) throws(VenueFault) -> Order? = order,
    place: @escaping @Sendable (Ask) throws(VenueFault) -> Call,
    cancel: @escaping @Sendable (Ask) throws(VenueFault) -> Call,
    find: @escaping @Sendable (Ask) throws(VenueFault) -> Call, open: Feed<Order>,
    rows: @escaping @Sendable (Answer) throws(VenueFault) -> [Node] = list
  ) -> OrderDesk {
    OrderDesk(
      place: Feed(calls: { ask throws(VenueFault) in [try place(ask)] }, rows: rows, row: row),
      cancel: Feed(calls: { ask throws(VenueFault) in [try cancel(ask)] }, rows: rows, row: row),
      find: Feed(calls: { ask throws(VenueFault) in [try find(ask)] }, rows: rows, row: row),
      open: open, clientIDMost: clientIDMost)
  }
}
