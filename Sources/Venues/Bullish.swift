import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bullish: spot and derivatives.
  ///
  /// `Ask.accounts["tradingAccountId"]` is the account.
  public static let bullish = Venue(
    id: "bullish", name: "Bullish",
    documents: ["https://api.exchange.bullish.com/docs/api/rest/"],
    surfaces: [
      Surface("public", Bullish.host, "/trading-api/"),
      Surface("private", Bullish.host, "/trading-api/", Bullish.recipe),
      Surface("login", Bullish.host, "/trading-api/", Bullish.login),
    ],
    credentials: [
      CredentialField("key", "Public key of an HMAC key", isSecret: false),
      CredentialField("secret", "Secret key"),
      .account(
        "tradingAccountId", "Trading account id, the primary one if empty", isOptional: true),
    ],
    limits: Limits([
      LimitBucket("private", capacity: 50, refill: .window(seconds: 1), scope: .key),
      LimitBucket("public", capacity: 50, refill: .window(seconds: 1), scope: .address),
    ]),
    faults: Bullish.faults, feeds: Bullish.feeds, session: Bullish.session,
    unseen: [
      "deposits and withdrawals with a key that the venue keeps to trading, as it does HMAC keys",
      "trading accounts other than the one asked for",
      "trades before the last 90 days", "interest on loans and liquidity",
      "settlements of derivatives as single entries",
    ])
}

// https://api.exchange.bullish.com/docs/api/rest/
private enum Bullish {
  static let host = "https://api.exchange.bullish.com"

  /// Reads are signed without their query; what changes something is hashed first.
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]),
    .notOn(["GET"], [.jsonBody]),
    .bind(
      "text",
      .join([.time(.milliseconds), .nonce(.microseconds), .method, .path, .body])),
    .header("BX-TIMESTAMP", .time(.milliseconds)),
    .header("BX-NONCE", .nonce(.microseconds)),
    .on(["GET"], [.header("BX-SIGNATURE", .hex(.hmac(.sha256, key: .secret, .value("text"))))]),
    .notOn(
      ["GET"],
      [
        .header(
          "BX-SIGNATURE",
          .hex(.hmac(.sha256, key: .secret, .hex(.hash(.sha256, .value("text"))))))
      ]),
    .header("Authorization", .join(["Bearer ", .field("token")])),
  ])

  // https://docs.exchange.bullish.com/rest/authentication: a token lasts 24 hours; the nonce of a
  // login is the time in seconds
  // https://github.com/bullish-exchange/api-examples/blob/master/session/generate_jwt_hmac.py
  static let login = Recipe([
    .query(.strict),
    .header("BX-PUBLIC-KEY", .key),
    .header("BX-TIMESTAMP", .time(.milliseconds)),
    .header("BX-NONCE", .time(.seconds)),
    .header(
      "BX-SIGNATURE",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.time(.milliseconds), .time(.seconds), .method, .path])))),
  ])

  // https://docs.exchange.bullish.com/rest/authentication
  static let session = VenueSession(
    login: Call("login", "GET", "v1/users/hmac/login"), surfaces: ["private"], fields: ["token"],
    life: Paging.day,
    read: { answer throws(VenueFault) in
      SessionGrant(fields: ["token": try answer.body.text("token")])
    })

  static let faults = FaultTable(
    codes: ["INSUFFICIENT_BALANCE": .funds, "ORDER_NOT_FOUND": .orderNotFound],
    texts: [
      "insufficient": .funds, "nonce": .clock, "timestamp": .clock, "unauthorized": .auth,
      "rate limit": .rate, "order not found": .orderNotFound, "jwt": .auth,
    ],
    find: { body, _ in
      let name = body.first(["errorCodeName", "errorCode"])
      guard !name.isNothing else { return nil }
      return (name.json?.plainText ?? "", body["message"].json?.plainText ?? "")
    })

  static let quarter = 90 * Paging.day

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        evidence: .recorded,
        calls: { ask throws(VenueFault) in [try own("v1/accounts/asset", ask)] },
        rows: Pick.list(), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 100, window: quarter, lookBack: quarter),
        evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [try own("v1/history/trades", ask, symbol(ask).adding(range(ask)))]
        }, rows: listed, row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.backward, most: 100),
        calls: { ask in [Call("private", "GET", "v1/wallets/transactions", range(ask))] },
        rows: listed, row: transfer)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.backward, most: 100, window: quarter), evidence: .recorded,
        calls: { ask throws(VenueFault) in
          let asset: Parameters = ["assetSymbol": .text(ask.asset)]
          return [try own("v1/history/transfer", ask, asset.adding(range(ask)))]
        }, rows: listed, row: moved)
    ]
    feeds.positions = [
      Feed(
        calls: { ask throws(VenueFault) in [try own("v1/derivatives-positions", ask)] },
        rows: Pick.list(), row: position)
    ]
    feeds.openOrders = [orders("v2/history/orders", "OPEN")]
    feeds.closedOrders = [orders("v2/orders", "CLOSED"), orders("v2/orders", "CANCELLED")]
    feeds.accounts = Feed(
      evidence: .recorded, calls: { _ in [Call("private", "GET", "v1/accounts/trading-accounts")] },
      rows: primaryFirst,
      row: { row, _ throws(VenueFault) in
        VenueAccount(name: "tradingAccountId", id: try row.text("tradingAccountId"))
      })
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        evidence: .recorded, calls: { _ in [open("v1/markets")] }, rows: Pick.list(), row: market)
    ]
    feeds.assets = [Feed(calls: { _ in [open("v1/assets")] }, rows: Pick.list(), row: asset)]
    feeds.tickers = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in [open("v1/markets/\(try ask.needed().id)/tick")] },
        rows: Pick.one(), row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.backward, most: 100), scope: .eachMarket, calls: candles, rows: listed,
        row: candle)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          let id = try ask.needed().id
          if ask.from == nil, ask.to == nil { return [open("v1/markets/\(id)/trades")] }
          return [open("v1/history/markets/\(id)/trades", range(ask))]
        }, rows: listed, row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("v1/markets/\(try ask.needed().id)/orderbook/hybrid")]
        }, rows: Pick.one(), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [open("v1/time")] }, rows: Pick.one("timestamp"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["public": 1])
  }

  static func own(
    _ path: String, _ ask: Ask, _ parameters: Parameters = [:]
  ) throws(VenueFault) -> Call {
    let first: Parameters = ["tradingAccountId": .text(try ask.account("tradingAccountId"))]
    return Call("private", "GET", path, first.adding(parameters))
  }

  static func symbol(_ ask: Ask) -> Parameters { ["symbol": .text(ask.market?.id)] }

  /// Pages have one of four sizes; with one end of a range the other is now.
  static func range(_ ask: Ask) -> Parameters {
    let hasTime = ask.from != nil || ask.to != nil
    return [
      "_pageSize": size(ask.limit), "createdAtDatetime[gte]": .text(ask.from, .iso),
      "createdAtDatetime[lte]": hasTime ? .text(ask.to ?? ask.now, .iso) : nil,
    ]
  }

  static func size(_ limit: Int?) -> JSON? {
    guard let limit else { return nil }
    let fitting: Int = [5, 25, 50, 100].first { $0 >= limit } ?? 100
    return .text(String(fitting))
  }

  static func orders(_ path: String, _ status: String) -> Feed<Order> {
    Feed(
      paging: Paging(.backward, most: 100, window: quarter, lookBack: quarter),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        var parameters = symbol(ask)
        parameters["status"] = .text(status)
        return [try own(path, ask, parameters.adding(range(ask)))]
      }, rows: listed, row: order)
  }

  static let frames = [
    60: "1m", 300: "5m", 1800: "30m", 3600: "1h", 21600: "6h", 43200: "12h", 86400: "1d",
  ]

  /// Both ends are required.
  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let count = min(max(ask.limit ?? 100, 1), 100)
    let span = Int64(ask.interval) * Int64(count)
    let end = ask.to ?? ask.from?.advanced(bySeconds: span) ?? ask.now
    return [
      open(
        "v1/markets/\(try ask.needed().id)/candle",
        [
          "timeBucket": .text(frame), "_pageSize": size(count),
          "createdAtDatetime[gte]": .text(ask.from ?? end.advanced(bySeconds: -span), .iso),
          "createdAtDatetime[lte]": .text(end, .iso),
        ])
    ]
  }

  /// A list, or a list in `data` where links to other pages come along.
  static func listed(_ answer: Answer) throws(VenueFault) -> [Node] {
    if case .array? = answer.body.json { return try answer.body.elements() }
    return try answer.body["data"].elements()
  }

  /// The primary trading account is the one that is meant where none is named.
  static func primaryFirst(_ answer: Answer) throws(VenueFault) -> [Node] {
    var rows = try answer.body.elements()
    let primary = rows.firstIndex { row in
      ((try? row.optionalText("isPrimaryAccount")) ?? nil) == "true"
    }
    if let primary { rows.swapAt(0, primary) }
    return rows
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("assetSymbol"), free: try row.decimal("availableQuantity"),
      used: try row.decimal("lockedQuantity"))
  }

  static func part(_ symbol: String, _ ask: Ask) -> AccountPart {
    if let known = ask.markets.market(symbol) { return known.part }
    if symbol.hasSuffix("-PERP") { return .swap }
    if symbol.hasSuffix("-C") || symbol.hasSuffix("-P") { return .option }
    return symbol.contains("-") ? .future : .spot
  }

  /// Fees are taken in either asset of the market; where both are zero the quote's zero is told.
  static func fees(_ row: Node, _ ask: Ask) throws(VenueFault) -> [VenueAmount] {
    guard let symbol = try row.optionalText("symbol"), let market = ask.markets.market(symbol)
    else { return [] }
    let quote = try row.optionalDecimal("quoteFee").map { VenueAmount(market.quote, $0) }
    let base = try row.optionalDecimal("baseFee").map { VenueAmount(market.base, $0) }
    let paid = [quote, base].compactMap { $0 }
    let real = paid.filter { !$0.amount.isZero }
    return real.isEmpty ? Array(paid.prefix(1)) : real
  }

  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let symbol = try row.text("symbol")
    return Fill(
      id: try row.text("tradeId"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "createdAtTimestamp"), market: symbol,
      side: try row.side("side"), price: try row.decimal("price"),
      amount: try row.decimal("quantity"), cost: try row.optionalDecimal("quoteAmount"),
      fees: try fees(row, ask), isMaker: try row.optionalFlag("isTaker").map { !$0 },
      part: part(symbol, ask))
  }

  static let states: [String: Transfer.Status] = [
    "COMPLETE": .ok, "COMPLETED": .ok, "PENDING": .pending, "PROCESSING": .pending,
    "CANCELLED": .canceled, "FAILED": .failed, "REJECTED": .failed,
  ]

  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let asset = try row.text("symbol")
    let directions: [String: Transfer.Direction] = [
      "DEPOSIT": .deposit, "WITHDRAW": .withdrawal, "WITHDRAWAL": .withdrawal,
    ]
    guard let direction = directions[try row.text("direction")] else {
      throw row["direction"].fault("DEPOSIT or WITHDRAWAL")
    }
    let details = row["transactionDetails"]
    return Transfer(
      id: try row.text("custodyTransactionId"),
      transactionHash: try details.optionalText("blockchainTxId"),
      time: try row.time(.iso, "createdAtDateTime", "createdAtDatetime"), direction: direction,
      asset: asset, amount: try row.decimal("quantity"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      network: try row.optionalText("network"), address: try details.optionalText("address"),
      status: try row.word("status", states))
  }

  static func moved(_ row: Node, _ ask: Ask) throws(VenueFault) -> StatementRow? {
    let amount = try row.decimal("quantity")
    let isOut = try row.optionalText("fromTradingAccountId") == ask.accounts["tradingAccountId"]
    return StatementRow(
      id: try row.text("requestId"), time: try row.time(.milliseconds, "createdAtTimestamp"),
      asset: try row.text("assetSymbol"), amount: isOut ? try row.minus(amount) : amount,
      kind: .transfer, type: try row.optionalText("statusReason"))
  }

  static func position(_ row: Node, _ ask: Ask) throws(VenueFault) -> OpenPosition? {
    let symbol = try row.text("symbol")
    let size = try row.decimal("quantity")
    let worth = try row.optionalDecimal("entryNotional")
    return OpenPosition(
      market: symbol, isLong: try row.side("side").map { $0 == .buy }, contracts: row.size(size),
      contractSize: .one,
      entryPrice: worth.flatMap { try? $0.divided(by: size, rounding: .halfEven) },
      unrealised: try row.optionalDecimal("mtmPnl"),
      time: try row.optionalTime(.milliseconds, "updatedAtTimestamp"), part: part(symbol, ask))
  }

  static let orderStates: [String: Order.Status] = [
    "OPEN": .open, "CLOSED": .closed, "CANCELLED": .canceled, "REJECTED": .rejected,
  ]
  static let orderTypes = [
    "LMT": "limit", "MKT": "market", "POST_ONLY": "limit", "STOP_LIMIT": "limit",
  ]

  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("type")
    let average = try row.decimalUnlessZero("averageFillPrice")
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.milliseconds, "createdAtTimestamp"),
      market: try row.optionalText("symbol"), type: type.map { orderTypes[$0] ?? $0.lowercased() },
      side: try row.side("side"), price: try row.decimalUnlessZero("price") ?? average,
      amount: try row.optionalDecimal("quantity"),
      filled: try row.optionalDecimal("quantityFilled"),
      cost: try row.optionalDecimal("quoteAmount"), average: average,
      status: try row.word("status", orderStates), fees: try fees(row, ask))
  }

  static let kinds: [String: MarketKind] = [
    "SPOT": .spot, "PERPETUAL": .swap, "DATED_FUTURE": .future, "OPTION": .option,
  ]

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    guard let kind = try row.word("marketType", kinds) else { return nil }
    return Market(
      id: try row.text("symbol"), base: try row.text("baseSymbol", "underlyingBaseSymbol"),
      quote: try row.text("quoteSymbol", "underlyingQuoteSymbol"),
      settle: try row.optionalText("settlementAssetSymbol"), kind: kind,
      isActive: try row.optionalFlag("createOrderEnabled"),
      contractSize: try row.optionalDecimal("contractMultiplier"),
      amountStep: try row.step(digits: "quantityPrecision"),
      priceStep: try row.optionalDecimal("tickSize"),
      amountMin: try row.optionalDecimal("minQuantityLimit"),
      amountMax: try row.optionalDecimal("maxQuantityLimit"),
      expiry: try row.optionalTime(.iso, "expiryDatetime"),
      strike: try row.optionalDecimal("optionStrikePrice"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    ListedAsset(
      id: try row.text("symbol"), name: try row.optionalText("name"),
      step: try row.step(digits: "precision"))
  }

  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
      time: try row.optionalTime(.milliseconds, "createdAtTimestamp"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bestBid"),
      ask: try row.optionalDecimal("bestAsk"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
      baseVolume: try row.optionalDecimal("baseVolume"),
      quoteVolume: try row.optionalDecimal("quoteVolume"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "createdAtTimestamp")
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("tradeId"), time: try row.time(.milliseconds, "createdAtTimestamp"),
      market: try row.text("symbol"), side: try row.side("side"), price: try row.decimal("price"),
      amount: try row.decimal("quantity"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", time: try row.optionalTime(.milliseconds, "timestamp"),
      bids: try OrderBook.levels(row["bids"].elements(), "price", "priceLevelQuantity"),
      asks: try OrderBook.levels(row["asks"].elements(), "price", "priceLevelQuantity"),
      sequence: try row.optionalInteger("sequenceNumber"))
  }
}
