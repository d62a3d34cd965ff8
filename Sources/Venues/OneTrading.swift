import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// One Trading, formerly Bitpanda Pro.
  public static let onetrading = Venue(
    id: "onetrading", name: "One Trading", documents: ["https://docs.onetrading.com/"],
    surfaces: [
      Surface("public", OneTrading.host, "/fast/v1/"),
      Surface("private", OneTrading.host, "/fast/v1/", OneTrading.recipe),
    ],
    credentials: [CredentialField("key", "API token")], limits: OneTrading.limits,
    faults: OneTrading.faults, feeds: OneTrading.feeds,
    unseen: ["deposits and withdrawals: this interface is for trading", "futures accounts"])
}

// https://docs.onetrading.com/
enum OneTrading {
  static let host = "https://api.onetrading.com"

  /// Nothing is signed: the token is sent as it is.
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("Accept", "application/json"),
    .header("Authorization", .join(["Bearer ", .key])),
  ])

  static let limits = Limits([
    LimitBucket("requests", capacity: 200, refill: .window(seconds: 60), scope: .key)
  ])

  static let faults = FaultTable(
    codes: [
      "INVALID_CREDENTIALS": .auth, "INVALID_APICREDENTIALS": .auth, "INVALID_SCOPES": .auth,
      "MISSING_CREDENTIALS": .auth, "INSUFFICIENT_FUNDS": .funds,
      "ORDER_NOT_FOUND": .orderNotFound, "TOO_MANY_REQUESTS": .rate, "RATELIMIT": .rate,
      "INTERNAL_ERROR": .unknownOutcome, "INTERNAL_SERVER_ERROR": .unknownOutcome,
      "BAD_REQUEST": .definitive, "INVALID_CLIENT_UUID": .definitive,
      "CLIENT_ID_ALREADY_EXISTS": .definitive,
    ],
    texts: ["rate limit": .rate],
    find: { body, status in
      guard let code = try? body.optionalText("error") else {
        return status >= 400 ? ("", "") : nil
      }
      return (code, ((try? body.optionalText("message")) ?? nil) ?? code)
    })

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency_code"), free: try row.decimal("available"),
      used: try row.decimal("locked"))
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let trade = row["trade"].isNothing ? row : row["trade"]
    let fee = row["fee"]
    let kind = try fee.optionalText("fee_type")
    var fees: [VenueAmount] = []
    if let amount = try fee.optionalDecimal("fee_amount"),
      let asset = try fee.optionalText("fee_currency")
    {
      fees = [VenueAmount(asset, amount)]
    }
    return Fill(
      id: try trade.text("trade_id"), order: try trade.optionalText("order_id"),
      time: try trade.time(.iso, "time"), market: try trade.text("instrument_code"),
      side: try trade["side"].sideOfWord(), price: try trade.decimal("price"),
      amount: try trade.decimal("amount"), fees: fees,
      isMaker: kind == "MAKER" ? true : kind == "TAKER" ? false : nil)
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let order = row["order"].isNothing ? row : row["order"]
    let type = try order.optionalText("type")?.lowercased()
    let average = try order["average_price"].decimalButZero()
    let limit = try order["price"].decimalButZero()
    return Order(
      id: try order.text("order_id"), clientID: try order.optionalText("client_id"),
      time: try order.optionalTime(.iso, "time"), market: try order.text("instrument_code"),
      type: type, side: try order["side"].sideOfWord(),
      price: limit ?? average, amount: try order.optionalDecimal("amount"),
      filled: try order.optionalDecimal("filled_amount"), average: average,
      status: try order.optionalText("status").flatMap(status))
  }

  private static func status(_ word: String) -> Order.Status? {
    switch word {
    case "OPEN", "STOP_TRIGGERED": .open
    case "FILLED", "FILLED_FULLY": .closed
    case "FILLED_CLOSED", "CLOSED": .canceled
    case "FILLED_REJECTED", "REJECTED", "FAILED": .rejected
    default: nil
    }
  }

  // MARK: - Feeds

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "GET", path, parameters)]
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters)]
  }

  private static func cursor(_ answer: Answer) throws(VenueFault) -> String? {
    try answer.body.optionalText("cursor")
  }

  private static func orders(_ isDone: Bool) -> Feed<Order> {
    Feed(
      paging: Paging(.cursor, most: 100),
      calls: { ask in
        signed(
          "account/orders",
          [
            "instrument_code": .text(ask.market?.id),
            "with_cancelled_and_rejected": isDone ? .bool(true) : nil,
            "from": .text(ask.from, .iso), "to": .text(ask.to, .iso),
            "max_page_size": .number(ask.limit), "cursor": .text(ask.cursor),
          ])
      }, rows: Picks.list("order_history"), row: order, next: cursor)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(calls: { _ in signed("account/balances") }, rows: Picks.list("balances"), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.cursor, most: 100),
        calls: { ask in
          signed(
            "account/trades",
            [
              "instrument_code": .text(ask.market?.id), "from": .text(ask.from, .iso),
              "to": .text(ask.to, .iso), "max_page_size": .number(ask.limit),
              "cursor": .text(ask.cursor),
            ])
        }, rows: Picks.list("trade_history"), row: fill, next: cursor)
    ]
    feeds.openOrders = [orders(false)]
    feeds.closedOrders = [orders(true)]
    addMarkets(&feeds)
    return feeds
  }()

  private static let units: [Int: (String, Int)] = [
    60: ("MINUTES", 1), 300: ("MINUTES", 5), 900: ("MINUTES", 15), 1800: ("MINUTES", 30),
    3600: ("HOURS", 1), 14_400: ("HOURS", 4), 86_400: ("DAYS", 1), 604_800: ("WEEKS", 1),
    2_592_000: ("MONTHS", 1),
  ]

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("instruments") }, rows: Picks.list(), row: market)
    ]
    feeds.assets = [
      Feed(
        evidence: .recorded, calls: { _ in open("currencies") }, rows: Picks.list(),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("code"), name: try row.optionalText("name"),
            step: try row["precision"].stepOfDecimals())
        })
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          guard let market = ask.market else { return open("market-ticker") }
          return open("market-ticker/{code}", ["code": .string(market.id)])
        }, rows: Picks.optionalOneOrList, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1500), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          guard let (unit, period) = units[ask.interval] else {
            throw .unsupported("candles of \(ask.interval) seconds")
          }
          let span = Int64(ask.interval) * Int64(min(max(ask.limit ?? 1500, 1), 1500))
          let end = ask.to ?? ask.from?.advanced(bySeconds: span) ?? ask.now
          let start = ask.from ?? end.advanced(bySeconds: -span)
          return open(
            "candlesticks/{code}",
            [
              "code": .string(try Picks.market(ask).id), "unit": .string(unit),
              "period": .number(period), "from": .text(start, .iso), "to": .text(end, .iso),
            ])
        }, rows: Picks.list(),
        row: candle)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open("order-book/{code}", ["code": .string(try Picks.market(ask).id)])
        }, rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "", time: try row.optionalTime(.iso, "time"),
            bids: try levels(row["bids"]), asks: try levels(row["asks"]))
        })
    ]
    feeds.clock = Feed(
      calls: { _ in open("time") }, rows: Picks.body,
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "epoch_millis") })
  }

  /// Levels are a list; the first level alone is an object.
  private static func levels(_ node: Node) throws(VenueFault) -> [BookLevel] {
    var rows: [Node] = []
    if case .object? = node.json {
      rows = try node.members()
    } else {
      rows = try node.optionalElements()
    }
    var levels: [BookLevel] = []
    for level in rows {
      levels.append(BookLevel(try level.decimal("price"), try level.decimal("amount")))
    }
    return levels
  }

  /// A candle bears the time of its end, a millisecond before the next; the volume in base is
  /// `total_amount`.
  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    let lengths: [String: Int64] = [
      "MINUTES": 60, "HOURS": 3600, "DAYS": 86_400, "WEEKS": 604_800, "MONTHS": 2_592_000,
    ]
    let grain = row["granularity"]
    let period = try grain.integer("period")
    guard let length = lengths[try grain.text("unit")], (1...1000).contains(period) else {
      throw grain.fault("a known length")
    }
    let end = try row.time(.iso, "time").advanced(bySeconds: -length * period)
    let start = Instant(seconds: end.seconds + (end.microseconds % 1_000_000 == 0 ? 0 : 1))
    return Candle(
      time: start, open: try row.decimal("open"), high: try row.decimal("high"),
      low: try row.decimal("low"), close: try row.decimal("close"),
      volume: try row.optionalDecimal("total_amount"))
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let base = try row["base"].text("code")
    let quote = try row["quote"].text("code")
    let state = try row.optionalText("state")
    let isPerpetual = try row.optionalText("type")?.contains("PERP") ?? false
    return Market(
      id: try row.optionalText("id") ?? "\(base)_\(quote)", base: base, quote: quote,
      settle: isPerpetual ? quote : nil, kind: isPerpetual ? .swap : .spot,
      isActive: state.map { $0 == "ACTIVE" }, contractSize: isPerpetual ? .one : nil,
      amountStep: try row["amount_precision"].stepOfDecimals(),
      priceStep: try row["market_precision"].stepOfDecimals(),
      costMin: try row.optionalDecimal("min_size"))
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("instrument_code"), time: try row.optionalTime(.iso, "time"),
      last: try row.optionalDecimal("last_price"), bid: try row.optionalDecimal("best_bid"),
      ask: try row.optionalDecimal("best_ask"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), baseVolume: try row.optionalDecimal("base_volume"),
      quoteVolume: try row.optionalDecimal("quote_volume"))
  }
}
