import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Tokocrypto, spot; its market data is Binance's.
  public static let tokocrypto = Venue(
    id: "tokocrypto", name: "Tokocrypto", documents: ["https://www.tokocrypto.com/apidocs/"],
    surfaces: [
      Surface("public", Tokocrypto.host, "/"),
      Surface("binance", "https://api.binance.com", "/api/v3/"),
      Surface("private", Tokocrypto.host, "/", Binance.signing(window: "5000")),
    ],
    limits: Tokocrypto.limits, faults: Tokocrypto.faults, feeds: Tokocrypto.feeds,
    desk: Tokocrypto.desk,
    unseen: ["staking, savings and rewards", "transfers of rupiah by bank", "conversions"])
}

private enum Tokocrypto {
  static let host = "https://www.tokocrypto.com"

  // https://www.tokocrypto.com/apidocs/#limits
  static let limits = Limits([
    LimitBucket("REQUESTS", capacity: 3_000, refill: .window(seconds: 60), scope: .address),
    LimitBucket(
      "REQUEST_WEIGHT", capacity: 6_000, refill: .window(seconds: 60), scope: .address,
      usedHeader: "x-mbx-used-weight-1m", sharedWith: ["binance"]),
  ])

  // https://www.tokocrypto.com/apidocs/#error-codes
  static let faults = FaultTable(
    codes: [
      "-1000": .retryable, "-1003": .rate, "-1006": .unknownOutcome, "-1007": .unknownOutcome,
      "-1015": .rate, "-1016": .retryable, "-1021": .clock, "-1022": .auth, "2008": .auth,
      "2013": .orderNotFound, "2014": .auth, "2015": .auth, "3210": .orderNotFound,
      "3211": .orderNotFound, "3203": .funds, "3701": .auth, "3702": .auth, "3704": .clock,
      "429": .rate,
    ],
    texts: [
      "insufficient": .funds, "order does not exist": .orderNotFound, "too many": .rate,
      "timestamp": .clock, "signature": .auth,
    ],
    find: { body, status in
      guard let code = (try? body.optionalText("code")) ?? nil, code != "0" else { return nil }
      return (code: code, message: (try? body.optionalText("msg", "message")) ?? "")
    })

  /// Binance's interface of market data, which names markets without the underscore.
  static let data: BinanceLike = {
    var one = BinanceLike(open: "binance", statesCandles: true)
    one.paths.trades = "trades"
    one.weights = ["ticker/24hr all": 80, "depth": 25, "trades": 25, "klines": 2]
    return one
  }()

  private static func plain<Row>(_ feed: Feed<Row>) -> Feed<Row> {
    var feed = feed
    let calls = feed.calls
    feed.calls = { ask throws(VenueFault) in
      var ask = ask
      ask.market?.id.removeAll { $0 == "_" }
      return try calls(ask)
    }
    return feed
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { ask in [call("GET", "account/spot", ask.extra)] },
        rows: Pick.list("data", "accountAssets"), row: BinanceLike.balance(.spot))
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("deposits", BinanceLike.deposit)]
    feeds.withdrawals = [transfers("withdraws", withdrawal)]
    feeds.markets = [markets]
    feeds.tickers = [plain(data.tickers())]
    feeds.candles = [plain(data.candles(.recorded))]
    feeds.trades = [plain(data.trades(.recorded))]
    feeds.books = [plain(data.books())]
    feeds.openOrders = [orders("1")]
    feeds.closedOrders = [orders("2")]
    feeds.clock = Feed(
      calls: { _ in [Call("public", "GET", "open/v1/common/time")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in
        try row.first(["timestamp", "serverTime"]).time(.milliseconds)
      })
    return feeds
  }()

  private static func call(_ method: String, _ path: String, _ parameters: Parameters) -> Call {
    Call("private", method, "open/v1/" + path, parameters, cost: ["REQUESTS": 1])
  }

  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [Call("public", "GET", "open/v1/common/symbols")] },
    rows: Pick.list("data", "list"),
    row: { row, ask throws(VenueFault) in
      guard var market = try BinanceLike.market(row, ask) else { return nil }
      let plain = market.id.filter { $0 != "_" }
      market.isActive = try row.optionalFlag("spotTradingEnable")
      market.alias = plain
      return market
    })

  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.forward, most: 1_000, window: Paging.day),
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let id = JSON.string(try ask.needed([.spot]).id)
      return [call("GET", "orders/trades", data.parameters(ask, ["symbol": id], most: 1_000))]
    },
    rows: Pick.listIfAny("data", "list"), row: BinanceLike.fill(.spot))

  // MARK: - Transfers

  private static func transfers(
    _ path: String, _ row: @escaping @Sendable (Node, Ask) throws(VenueFault) -> Transfer?
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.forward, most: 1_000, window: 90 * Paging.day),
      calls: { ask in
        [call("GET", path, data.parameters(ask, ["coin": .text(ask.asset)], most: 1_000))]
      },
      rows: Pick.listIfAny("data", "list"), row: row)
  }

  private static let withdrawalStatuses: [String: Transfer.Status] = [
    "0": .pending, "1": .canceled, "2": .pending, "3": .failed, "4": .pending, "5": .failed,
    "6": .ok, "10": .ok,
  ]

  private static func withdrawal(_ row: Node, _ ask: Ask) throws(VenueFault) -> Transfer? {
    guard var transfer = try BinanceLike.withdrawal(row, ask) else { return nil }
    let asset = transfer.asset
    transfer.time = try row.optionalTime(.milliseconds, "createTime", "applyTime")
    transfer.fee = try row.optionalDecimal("fee", "transactionFee").map { VenueAmount(asset, $0) }
    transfer.status = try row.word("status", withdrawalStatuses)
    return transfer
  }

  // MARK: - Orders

  private static let types: [String: String] = [
    "1": "limit", "2": "market", "3": "market", "4": "limit", "5": "market", "6": "limit",
    "7": "limit",
  ]
  private static let statuses: [String: Order.Status] = [
    "-2": .open, "0": .open, "1": .open, "2": .closed, "3": .canceled, "4": .open, "5": .rejected,
    "6": .expired,
  ]

  private static func orders(_ which: String) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, paging: Paging(.forward, most: 1_000), scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = [
          "symbol": .string(try ask.needed([.spot]).id), "type": .string(which),
        ]
        return [call("GET", "orders", data.parameters(ask, parameters, most: 1_000))]
      },
      rows: Pick.listIfAny("data", "list"), row: order)
  }

  /// An order in Tokocrypto's numbers, or in Binance's words.
  private static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    guard var order = try BinanceLike.order(row, ask) else { return nil }
    order.clientID = try row.optionalText("clientId", "clientOrderId")
    if let time = try row.optionalTime(.milliseconds, "createTime") { order.time = time }
    order.type = try row.word("type", types) ?? order.type
    order.side = try row.word("side", ["0": .buy, "1": .sell]) ?? order.side
    order.status = try row.word("status", statuses) ?? order.status
    if let cost = try row.optionalDecimal("executedQuoteQty") { order.cost = cost }
    let mean = try row.decimalUnlessZero("executedPrice")
    order.average = mean ?? order.average
    order.price = order.price ?? mean
    return order
  }

  private static func one(_ answer: Answer) throws(VenueFault) -> [Node] {
    let data = answer.body["data"]
    let list = data["list"]
    return list.isNothing ? (data.isNothing ? [] : [data]) : try list.elements()
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 36, row: order,
    place: { ask throws(VenueFault) in try place(ask) },
    cancel: { ask throws(VenueFault) in
      call("POST", "orders/cancel", try data.orderName(ask, own: "clientId", hasMarket: false))
    },
    find: { ask throws(VenueFault) in
      call("GET", "orders", try data.orderName(ask, own: "clientId", hasMarket: false))
    }, open: orders("1"), rows: one)

  private static func place(_ ask: Ask) throws(VenueFault) -> Call {
    guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
    let isMaker = order.type == .limit && order.timeInForce == .postOnly
    let forces: [TimeInForce: String] = [.immediateOrCancel: "2", .fillOrKill: "3"]
    var parameters: Parameters = [
      "symbol": .string(order.market.id),
      "type": .string(order.type == .market ? "2" : isMaker ? "7" : "1"),
      "side": .string(order.side == .buy ? "0" : "1"),
      "quantity": .text(try BinanceLike.stepped(order.amount, order.market.amountStep)),
      "clientId": .text(order.clientID),
    ]
    if order.type == .limit {
      guard let price = order.price else { throw .unsupported("a limit order without a price") }
      parameters["price"] = .text(try BinanceLike.ticked(price, order.market.priceStep))
      parameters["timeInForce"] = .text(order.timeInForce.flatMap { forces[$0] })
    }
    return call("POST", "orders", parameters.adding(ask.extra))
  }
}
