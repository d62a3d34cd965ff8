import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// LATOKEN: spot; assets and markets are named by UUIDs.
  public static let latoken = Venue(
    id: "latoken", name: "LATOKEN", documents: ["https://api.latoken.com/doc/v2/"],
    surfaces: [
      Surface("public", LATOKEN.host, "/v2/"),
      Surface("private", LATOKEN.host, "/v2/", LATOKEN.recipe),
    ],
    limits: LATOKEN.limits, faults: LATOKEN.faults, feeds: LATOKEN.feeds,
    unseen: ["staking and launchpads", "futures' executions"])
}

private enum LATOKEN {
  static let host = "https://api.latoken.com"

  // The parameters are signed as a query, sent as JSON:
  // https://api.latoken.com/doc/v2/#section/Authentication
  static let recipe = Recipe([
    .bind("text", .parameters(.strict)),
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
    .header("X-LA-APIKEY", .key),
    .header(
      "X-LA-SIGNATURE",
      .hex(.hmac(.sha512, key: .secret, .join([.method, .path, .value("text")])))),
    .header("X-LA-DIGEST", "HMAC-SHA512"),
  ])

  static let limits = Limits([
    LimitBucket("all", capacity: 5, refill: .window(seconds: 1), scope: .address)
  ])

  static let faults = FaultTable(
    codes: [
      "UNAUTHORIZED": .auth, "FORBIDDEN": .auth, "ACCESS_DENIED": .auth, "RATELIMIT": .rate,
      "INTERNAL_ERROR": .retryable, "SERVICE_UNAVAILABLE": .retryable, "TIMEOUT": .unknownOutcome,
      "INSUFFICIENT_FUNDS": .funds, "ORDER_VALIDATION": .definitive,
      "NOT_FOUND": .orderNotFound,
    ],
    texts: [
      "insufficient": .funds, "invalid api key": .auth, "signature": .auth,
      "too many requests": .rate, "order not found": .orderNotFound,
    ],
    find: { body, status in
      let code = (try? body["error"].optionalText()) ?? nil
      let isFailed = (try? body["status"].optionalText()) == "FAILURE"
      guard code != nil || isFailed, status >= 400 || isFailed else { return nil }
      return (code ?? "", (try? body["message"].optionalText()) ?? "")
    })

  static func get(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters)
  }
  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters)
  }

  static func pair(_ market: Market) -> String { "\(market.base)/\(market.quote)" }

  /// The market of a row that names its two assets.
  static func market(_ row: Node, _ ask: Ask) throws(VenueFault) -> String {
    if let asked = ask.market { return asked.id }
    let base = try row.text("baseCurrency")
    let quote = try row.text("quoteCurrency")
    if let known = ask.markets.market("\(base)/\(quote)") { return known.id }
    let found = ask.markets.all.first { $0.base == base && $0.quote == quote }
    return found?.id ?? "\(base)/\(quote)"
  }

  static func page(_ ask: Ask, _ size: String, most: Int) -> Parameters {
    var parameters = ask.range(nil, nil, size, most: most)
    if ask.page > 0 { parameters["page"] = .string(String(ask.page)) }
    return parameters
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      balances(.spot, "ACCOUNT_TYPE_SPOT"), balances(.funding, "ACCOUNT_TYPE_WALLET"),
      balances(.swap, "ACCOUNT_TYPE_FUTURES"),
    ]
    feeds.fills = [fills]
    feeds.transfers = [transfers]
    feeds.markets = [markets]
    feeds.assets = [
      Feed(
        calls: { _ in [look("currency")] }, rows: Pick.list(),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("id"), ticker: try row.optionalText("tag"),
            name: try row.optionalText("name"), step: try row.step(digits: "decimals"))
        })
    ]
    feeds.tickers = [ticker, tickers]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [orders("/active", isOne: true)]
    feeds.closedOrders = [orders("", isOne: false)]
    feeds.clock = Feed(
      calls: { _ in [look("time")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "serverTime") })
    return feeds
  }()

  static func balances(_ part: AccountPart, _ type: String) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in [get("auth/account")] }, rows: Pick.list(),
      row: { row, _ throws(VenueFault) in
        guard try row.text("type") == type else { return nil }
        return Balance(
          asset: try row.text("currency"), free: try row.decimal("available"),
          used: try row.decimal("blocked"), part: part)
      })
  }

  static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 1_000),
    calls: { ask in
      let path = ask.market.map { "auth/trade/pair/" + pair($0) } ?? "auth/trade"
      return [get(path, page(ask, "limit", most: 1_000))]
    },
    rows: Pick.list(),
    row: { row, ask throws(VenueFault) in
      let quote = try row.text("quoteCurrency")
      let side: Side? = try row.word(
        "direction", ["TRADE_DIRECTION_BUY": .buy, "TRADE_DIRECTION_SELL": .sell])
      let wasMakerBuyer = try row.optionalFlag("makerBuyer")
      return Fill(
        id: try row.text("id"), order: try row.optionalText("order"),
        time: try row.time(.milliseconds, "timestamp"), market: try market(row, ask), side: side,
        price: try row.decimal("price"), amount: try row.decimal("quantity"),
        cost: try row.optionalDecimal("cost"),
        fees: try row.optionalDecimal("fee").map { [VenueAmount(quote, $0)] } ?? [],
        isMaker: side.flatMap { side in wasMakerBuyer.map { $0 == (side == .buy) } })
    })

  static let transfers = Feed<Transfer>(
    paging: Paging(.numbered, most: 1_000),
    calls: { ask in [get("auth/transaction", page(ask, "size", most: 1_000))] },
    rows: Pick.listIfAny("content"),
    row: { row, _ throws(VenueFault) in
      let asset = try row.text("currency")
      let direction: Transfer.Direction? = try row.word(
        "type",
        ["TRANSACTION_TYPE_DEPOSIT": .deposit, "TRANSACTION_TYPE_WITHDRAWAL": .withdrawal])
      guard let direction else { return nil }
      return Transfer(
        id: try row.text("id"), transactionHash: try row.optionalText("transactionHash"),
        time: try row.optionalTime(.milliseconds, "timestamp"), direction: direction, asset: asset,
        amount: try row.decimal("amount"),
        fee: try row.optionalDecimal("transactionFee").map { VenueAmount(asset, $0) },
        address: try row.optionalText("recipientAddress"), tag: try row.optionalText("memo"),
        status: try row.word("status", words))
    })

  static let words: [String: Transfer.Status] = [
    "TRANSACTION_STATUS_CONFIRMED": .ok, "TRANSACTION_STATUS_EXECUTED": .ok,
    "TRANSACTION_STATUS_CHECKING": .pending, "TRANSACTION_STATUS_PENDING": .pending,
    "TRANSACTION_STATUS_CANCELLED": .canceled, "TRANSACTION_STATUS_FAILED": .failed,
  ]

  static let markets = Feed<Market>(
    market: .spot, calls: { _ in [look("pair")] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let (base, quote) = (try row.text("baseCurrency"), try row.text("quoteCurrency"))
      return Market(
        id: try row.text("id"), base: base, quote: quote,
        isActive: try row.optionalText("status").map { $0 == "PAIR_STATUS_ACTIVE" },
        amountStep: try row.optionalDecimal("quantityTick"),
        priceStep: try row.optionalDecimal("priceTick"),
        amountMin: try row.optionalDecimal("minOrderQuantity"), alias: "\(base)/\(quote)")
    })

  static let ticker = Feed<Ticker>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in [look("ticker/" + pair(try ask.needed()))] },
    rows: Pick.one(), row: readTicker)
  static let tickers = Feed<Ticker>(
    calls: { _ in [look("ticker")] }, rows: Pick.list(), row: readTicker)

  static func readTicker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try market(row, ask), time: try row.optionalTime(.milliseconds, "updateTimestamp"),
      last: try row.optionalDecimal("lastPrice"), bid: try row.optionalDecimal("bestBid"),
      ask: try row.optionalDecimal("bestAsk"), baseVolume: try row.optionalDecimal("amount24h"),
      quoteVolume: row.shownDecimal("volume24h"))
  }

  static let trades = Feed<PublicTrade>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let path = "trade/history/" + pair(try ask.needed())
      return [look(path, ask.range(nil, nil, "limit", most: 1_000))]
    },
    rows: Pick.list(),
    row: { row, ask throws(VenueFault) in
      let wasMakerBuyer = try row.optionalFlag("makerBuyer")
      return PublicTrade(
        id: try row.optionalText("id"), time: try row.time(.milliseconds, "timestamp"),
        market: try market(row, ask), side: wasMakerBuyer.map { $0 ? .sell : .buy },
        price: try row.decimal("price"), amount: try row.decimal("quantity"))
    })

  static let books = Feed<OrderBook>(
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let path = "book/" + pair(try ask.needed())
      return [look(path, ask.range(nil, nil, "limit", most: 1_000))]
    },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "",
        bids: try OrderBook.levels(row["bid"].optionalElements(), "price", "quantity"),
        asks: try OrderBook.levels(row["ask"].optionalElements(), "price", "quantity"))
    })

  static func orders(_ suffix: String, isOne: Bool) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, paging: Paging(.numbered, most: 1_000),
      scope: isOne ? .eachMarket : .all,
      calls: { ask throws(VenueFault) in
        if isOne { _ = try ask.needed() }
        let path = ask.market.map { "auth/order/pair/" + pair($0) + suffix } ?? "auth/order"
        return [get(path, page(ask, "limit", most: 1_000))]
      },
      rows: Pick.list(),
      row: { row, ask throws(VenueFault) in
        let hasPair = !row["baseCurrency"].isNothing
        let message = try row.optionalText("message") ?? ""
        let isCancel = message.hasPrefix("cancellation request successfully")
        return Order(
          id: try row.text("id"), clientID: try row.optionalText("clientOrderId"),
          time: try row.optionalTime(.milliseconds, "timestamp"),
          market: hasPair ? try market(row, ask) : ask.market?.id,
          type: try row.word("type", ["ORDER_TYPE_LIMIT": "limit", "ORDER_TYPE_MARKET": "market"]),
          side: try row.word("side", ["ORDER_SIDE_BUY": .buy, "ORDER_SIDE_SELL": .sell]),
          price: try row.decimalUnlessZero("price"), amount: try row.optionalDecimal("quantity"),
          filled: try row.optionalDecimal("filled"), cost: try row.optionalDecimal("cost"),
          status: isCancel ? .canceled : try row.word("status", states))
      })
  }

  static let states: [String: Order.Status] = [
    "ORDER_STATUS_PLACED": .open, "ORDER_STATUS_CLOSED": .closed,
    "ORDER_STATUS_CANCELLED": .canceled, "ORDER_STATUS_REJECTED": .rejected,
    "ORDER_STATUS_NOOP": .open, "ORDER_STATUS_PARTIALLY_FILLED": .open,
  ]
}
