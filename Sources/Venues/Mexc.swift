import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// MEXC: spot and perpetuals.
  public static let mexc = Venue(
    id: "mexc", name: "MEXC",
    documents: [
      "https://www.mexc.com/api-docs/spot-v3/introduction",
      "https://www.mexc.com/api-docs/futures/update-log",
    ],
    surfaces: [
      Surface("spot.public", Mexc.host, "/api/v3/"),
      Surface("spot.private", Mexc.host, "/api/v3/", Mexc.spotRecipe),
      Surface("contract.public", Mexc.host, "/api/v1/contract/"),
      Surface("contract.private", Mexc.host, "/api/v1/private/", Mexc.contractRecipe),
    ],
    limits: Mexc.limits, faults: Mexc.faults, feeds: Mexc.feeds, desk: Mexc.desk,
    streams: Mexc.streams,
    unseen: [
      "savings, staking, launchpad and copy trading", "purchases by card and peer-to-peer trades",
      "fills older than a month on spot and than 90 days on perpetuals",
    ])
}

enum Mexc {
  static let host = "https://api.mexc.com"

  // https://www.mexc.com/api-docs/spot-v3/general-info
  static let spotRecipe = Recipe([
    .header("X-MEXC-APIKEY", .key), .add("timestamp", .time(.milliseconds)),
    .add("recvWindow", "5000"), .query(.strict),
    .notOn(["GET"], [.header("Content-Type", "application/json")]),
    .appendQuery("signature", .hex(.hmac(.sha256, key: .secret, .query))),
  ])

  // https://www.mexc.com/api-docs/futures/integration-guide
  static let contractRecipe = Recipe([
    .header("ApiKey", .key), .header("Request-Time", .time(.milliseconds)),
    .on(["GET", "DELETE"], [.sort, .query(.strict)]), .notOn(["GET", "DELETE"], [.jsonBody]),
    .header("Content-Type", "application/json"),
    .header(
      "Signature",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.key, .time(.milliseconds), .either(.body, .query)])))),
  ])

  // Spot: 500 in 10 s for each route; perpetuals: 20 in 2 s for most routes.
  static let limits = Limits([
    LimitBucket("SPOT", capacity: 500, refill: .window(seconds: 10), scope: .address),
    LimitBucket("CONTRACT", capacity: 20, refill: .window(seconds: 2), scope: .key),
  ])

  // https://www.mexc.com/api-docs/spot-v3/general-info (error codes)
  // https://www.mexc.com/api-docs/futures/error-code
  static let faults = FaultTable(
    codes: [
      "400": .definitive, "401": .auth, "402": .auth, "403": .auth, "406": .auth, "429": .rate,
      "500": .retryable, "501": .retryable, "503": .retryable, "504": .unknownOutcome, "510": .rate,
      "513": .clock, "602": .auth, "700001": .auth, "700002": .auth, "700003": .clock,
      "700006": .auth, "700007": .auth, "10072": .auth, "10073": .auth, "10101": .funds,
      "30004": .funds, "30005": .funds, "30019": .retryable, "30026": .orderNotFound,
      "-2011": .orderNotFound, "-2013": .orderNotFound, "2005": .funds, "2040": .orderNotFound,
      "2041": .orderNotFound, "9999": .retryable,
    ],
    texts: [
      "too many requests": .rate, "insufficient": .funds, "oversold": .funds,
      "order does not exist": .orderNotFound, "unknown order": .orderNotFound,
      "recvwindow": .clock,
    ],
    find: { body, status in
      let code = ((try? body.optionalText("code")) ?? nil) ?? ""
      let isRefused = ((try? body.optionalFlag("success")) ?? nil) == false
      guard isRefused || !["", "0", "200"].contains(code) else { return nil }
      return (code: code, message: (try? body.optionalText("msg", "message")) ?? "")
    })

  // MARK: - Spot

  static let spot: BinanceLike = {
    var one = BinanceLike(open: "spot.public", signed: "spot.private", bucket: "SPOT")
    one.weights = [
      "account": 10, "myTrades": 10, "openOrders": 3, "allOrders": 10, "order": 2,
      "ticker/24hr all": 40, "exchangeInfo": 10, "aggTrades": 1,
    ]
    // https://www.mexc.com/api-docs/spot-v3/spot-account-trade: the last month, 100 rows
    one.fillPaging = Paging(.backward, most: 100, lookBack: 30 * Paging.day)
    one.orderPaging = Paging(
      .backward, most: 1_000, window: 7 * Paging.day, lookBack: 7 * Paging.day)
    one.intervals = [
      60: "1m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "60m", 14_400: "4h", 28_800: "8h",
      86_400: "1d", 604_800: "1W", 2_592_000: "1M",
    ]
    return one
  }()

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { ask in [spot.call("GET", "account", ask.extra)] },
        rows: Pick.list("balances"), row: BinanceLike.balance(.spot)),
      contractBalances,
    ]
    feeds.fills = [spot.fills(.recorded), contractFills]
    feeds.deposits = [deposits]
    feeds.withdrawals = [withdrawals]
    feeds.statement = [funding, dust]
    feeds.positions = [positions]
    feeds.markets = [markets, contractMarkets]
    feeds.assets = [
      Feed(
        evidence: .recorded,
        calls: { _ in [spot.call("GET", "capital/config/getall")] }, rows: Pick.list(),
        row: BinanceLike.asset)
    ]
    feeds.tickers = [spot.tickers(.recorded), contractTickers]
    feeds.candles = [candles, contractCandles]
    feeds.trades = [trades, contractTrades]
    feeds.books = [spot.books(), contractBooks]
    feeds.openOrders = [spot.openOrders(), contractOpenOrders]
    feeds.closedOrders = [spot.closedOrders(), contractClosedOrders]
    feeds.clock = spot.clock()
    return feeds
  }()

  private static let markets: Feed<Market> = {
    var feed = spot.markets()
    feed.row = { row, ask throws(VenueFault) in
      guard var market = try BinanceLike.market(row, ask) else { return nil }
      market.amountStep = try row.step(digits: "baseAssetPrecision")
      market.priceStep = try row.step(digits: "quotePrecision")
      market.amountMin = try row.optionalDecimal("baseSizePrecision")
      market.costMin = try row.optionalDecimal("quoteAmountPrecision")
      if try row.optionalFlag("isSpotTradingAllowed") == false { market.isActive = false }
      return market
    }
    return feed
  }()

  /// Trades have no number here: what they say makes one.
  private static let trades: Feed<PublicTrade> = {
    var feed = spot.trades(.recorded)
    feed.row = { row, ask throws(VenueFault) in
      guard let trade = try BinanceLike.publicTrade(row, ask) else { return nil }
      return named(trade)
    }
    return feed
  }()

  /// A trade with a number made of what it says, where it has none.
  static func named(_ trade: PublicTrade) -> PublicTrade {
    guard trade.id == nil else { return trade }
    var trade = trade
    let time = TimeForm.milliseconds.write(trade.time)
    let side = trade.side?.rawValue ?? ""
    trade.id = "\(time)-\(side)-\(trade.amount.text)-\(trade.price.text)-taker"
    return trade
  }

  /// The end of a range is not in it, and a range is stated with both ends.
  private static let candles: Feed<Candle> = {
    var feed = spot.candles(.recorded)
    feed.calls = { ask throws(VenueFault) in
      guard let word = spot.intervals[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let (from, to) = span(ask, most: 1_000, usual: 500)
      let parameters: Parameters = [
        "symbol": .string(try spot.market(ask).id), "interval": .string(word),
        "startTime": .text(from, .milliseconds), "limit": .number(ask.limit),
        "endTime": .text(to.map { Instant(microseconds: $0.microseconds + 1_000) }, .milliseconds),
      ]
      return [spot.call("GET", "klines", parameters.adding(ask.extra), signed: false)]
    }
    return feed
  }()

  /// Both ends of a range of candles where one is wanted; none where none is.
  static func span(_ ask: Ask, most: Int, usual: Int) -> (from: Instant?, to: Instant?) {
    let length = Int64(min(max(ask.interval, 1), 2_592_000))
    if let to = ask.to, ask.from == nil {
      let count = Int64(min(max(ask.limit ?? usual, 1), most))
      return (to.advanced(bySeconds: -count * length), to)
    }
    guard let from = ask.from, ask.to == nil else { return (ask.from, ask.to) }
    let end = from.advanced(bySeconds: Int64(most) * length)
    return (from, min(Instant(microseconds: end.microseconds - 1_000), ask.now))
  }

  // MARK: - Transfers

  // https://www.mexc.com/api-docs/spot-v3/wallet-endpoints
  private static let depositStatuses: [String: Transfer.Status] = [
    "1": .failed, "2": .pending, "3": .pending, "4": .pending, "5": .ok, "6": .pending,
    "7": .failed, "8": .canceled, "9": .pending, "10": .failed, "11": .pending, "12": .ok,
  ]
  private static let withdrawalStatuses: [String: Transfer.Status] = [
    "1": .pending, "2": .pending, "3": .pending, "4": .pending, "5": .pending, "6": .pending,
    "7": .ok, "8": .failed, "9": .canceled, "10": .pending,
  ]

  private static let deposits = Feed<Transfer>(
    paging: Paging(.backward, most: 1_000, window: 90 * Paging.day, lookBack: 90 * Paging.day),
    calls: { ask in
      let parameters: Parameters = ["coin": .text(ask.asset)]
      return [
        spot.call("GET", "capital/deposit/hisrec", spot.parameters(ask, parameters, most: 1_000))
      ]
    },
    rows: Pick.list(),
    row: { row, ask throws(VenueFault) in
      guard var transfer = try BinanceLike.deposit(row, ask) else { return nil }
      transfer.status = try row.word("status", depositStatuses)
      transfer.tag = try row.optionalText("memo")
      return transfer
    })

  private static let withdrawals = Feed<Transfer>(
    paging: Paging(.backward, most: 1_000, window: 90 * Paging.day, lookBack: 90 * Paging.day),
    calls: { ask in
      let parameters: Parameters = ["coin": .text(ask.asset)]
      return [
        spot.call(
          "GET", "capital/withdraw/history", spot.parameters(ask, parameters, most: 1_000))
      ]
    },
    rows: Pick.list(),
    row: { row, ask throws(VenueFault) in
      guard var transfer = try BinanceLike.withdrawal(row, ask) else { return nil }
      transfer.status = try row.word("status", withdrawalStatuses)
      return transfer
    })

  /// Dust turned into MX, two lines each.
  private static let dust = Feed<StatementRow>(
    part: .spot, paging: Paging(.numbered, most: 1_000),
    calls: { ask in
      let range = ask.range("startTime", "endTime", "limit", most: 1_000)
      let page: Parameters = ["page": .number(ask.page + 1)]
      return [spot.call("GET", "capital/convert", range.adding(page).adding(ask.extra))]
    },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for batch in try answer.body["data"].optionalElements() {
        for part in try batch["convertDetails"].optionalElements() {
          rows += [BinanceLike.leg(part, "from"), BinanceLike.leg(part, "to")]
        }
      }
      return rows
    },
    row: { row, _ throws(VenueFault) in
      let isFrom = try row.text("leg") == "from"
      let id = try row.text("id")
      let asset = try row.text("asset")
      let amount = try row.decimal(isFrom ? "amount" : "convert")
      return StatementRow(
        id: "\(id)/\(asset)/\(isFrom ? "from" : "to")",
        time: try row.optionalTime(.milliseconds, "time"), asset: isFrom ? asset : "MX",
        amount: isFrom ? try row.minus(amount) : amount, kind: .trade, type: "dust",
        reference: "\(id)/\(asset)",
        fee: isFrom ? nil : try row.optionalDecimal("commission").map { VenueAmount("MX", $0) })
    })

  // MARK: - Orders

  static let desk = OrderDesk(
    place: Feed(
      evidence: .recorded, calls: { ask throws(VenueFault) in [try place(ask)] }, rows: placed,
      row: order),
    cancel: Feed(
      calls: { ask throws(VenueFault) in [try cancel(ask)] }, rows: placed, row: order),
    find: Feed(calls: { ask throws(VenueFault) in [try find(ask)] }, rows: placed, row: order),
    open: spot.openOrders(), clientIDMost: 32)

  /// The rows of an answer of either interface.
  private static func placed(_ answer: Answer) throws(VenueFault) -> [Node] {
    guard answer.call.surface == "contract.private" else { return try BinanceLike.list(answer) }
    let data = answer.body["data"]
    if case .array? = data.json { return try data.elements() }
    return data.isNothing ? [] : [data]
  }

  private static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let market = ask.newOrder?.market ?? ask.market
    if market?.kind != .swap, row["vol"].isNothing { return try BinanceLike.order(row, ask) }
    return try contractOrder(row, ask)
  }

  private static func place(_ ask: Ask) throws(VenueFault) -> Call {
    guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
    guard order.market.kind == .spot else { return try contractPlace(order, ask) }
    var parameters: Parameters = [
      "symbol": .string(order.market.id), "side": .string(order.side == .buy ? "BUY" : "SELL"),
      "type": .string(typeWord(order)),
      "quantity": .text(try BinanceLike.stepped(order.amount, order.market.amountStep)),
      "newClientOrderId": .text(order.clientID),
    ]
    if order.type == .limit {
      guard let price = order.price else { throw .unsupported("a limit order without a price") }
      parameters["price"] = .text(try BinanceLike.ticked(price, order.market.priceStep))
    }
    return spot.call("POST", "order", parameters.adding(ask.extra))
  }

  /// The type says how long an order stands.
  private static func typeWord(_ order: NewOrder) -> String {
    if order.type == .market { return "MARKET" }
    return switch order.timeInForce {
    case .postOnly?: "LIMIT_MAKER"
    case .immediateOrCancel?: "IMMEDIATE_OR_CANCEL"
    case .fillOrKill?: "FILL_OR_KILL"
    default: "LIMIT"
    }
  }

  private static func cancel(_ ask: Ask) throws(VenueFault) -> Call {
    guard try ask.needed().kind != .spot else { return try spot.cancel(ask) }
    if let id = ask.order { return contract("POST", "order/cancel", ["": .array([.string(id)])]) }
    guard let own = ask.clientOrder else { throw .unsupported("an order without an id") }
    return contract(
      "POST", "order/cancel_with_external",
      ["symbol": .string(try ask.needed().id), "externalOid": .string(own)])
  }

  private static func find(_ ask: Ask) throws(VenueFault) -> Call {
    guard try ask.needed().kind != .spot else { return try spot.find(ask) }
    if let id = ask.order {
      return contract("GET", "order/get/{order_id}", ["order_id": .string(id)])
    }
    guard let own = ask.clientOrder else { throw .unsupported("an order without an id") }
    return contract(
      "GET", "order/external/{symbol}/{external_oid}",
      ["symbol": .string(try ask.needed().id), "external_oid": .string(own)])
  }
}
