import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Coinone of Korea; its markets have no id of their own and are named `KRW-BTC` here.
  public static let coinone = Venue(
    id: "coinone", name: "Coinone",
    documents: ["https://docs.coinone.co.kr/reference"],
    surfaces: [
      Surface("public", Coinone.host, "/public/v2/"),
      Surface("private", Coinone.host, "/", Coinone.recipe(nonce: .nonce(.seconds))),
      Surface("v2Private", Coinone.host, "/v2/", Coinone.recipe(nonce: .nonce(.seconds))),
      Surface("v2_1Private", Coinone.host, "/v2.1/", Coinone.recipe(nonce: .uuid)),
    ],
    credentials: [
      CredentialField("key", "Access token"), CredentialField("secret", "Secret key"),
    ],
    limits: Limits([
      LimitBucket("private", capacity: 40, refill: .window(seconds: 1), scope: .key),
      LimitBucket("public", capacity: 1200, refill: .window(seconds: 60), scope: .address),
    ]),
    faults: Coinone.faults, feeds: Coinone.feeds,
    unseen: ["staking and its rewards", "airdrops and other events"])
}

// https://docs.coinone.co.kr/reference
private enum Coinone {
  static let host = "https://api.coinone.co.kr"

  /// The body is the base64 of a JSON object that starts with token and nonce.
  static func recipe(nonce: Token) -> Recipe {
    Recipe(
      [
        .lead("nonce", nonce), .lead("access_token", .key), .bind("payload", .base64(.json)),
        .header("X-COINONE-PAYLOAD", .value("payload")),
        .header(
          "X-COINONE-SIGNATURE",
          .hex(.hmac(.sha512, key: .upper(.secret), .value("payload")))),
        .body(.value("payload"), contentType: "application/json"),
      ], adds: ["access_token", "nonce"])
  }

  // https://docs.coinone.co.kr/docs/error-code
  static let faults = FaultTable(
    codes: [
      "4": .auth, "11": .auth, "12": .auth, "40": .auth, "103": .funds, "104": .orderNotFound,
      "120": .auth, "121": .auth, "122": .clock, "123": .auth, "130": .clock, "131": .clock,
      "132": .clock, "133": .clock, "405": .retryable, "1206": .auth,
    ],
    texts: ["too many": .rate],
    find: { body, _ in
      let code = body.first(["error_code", "errorCode"]).json?.plainText ?? ""
      let isError = body["result"].json == .string("error") || !["", "0"].contains(code)
      guard isError else { return nil }
      return (code, body.first(["error_msg", "errorMsg"]).json?.plainText ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        calls: { _ in [signed("account/balance/all")] }, rows: Pick.list("balances"), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 100, window: 90 * Paging.day), calls: fills,
        rows: Pick.list("completed_orders"), row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.backward, most: 100, window: 90 * Paging.day),
        calls: { ask in [history("coin", ask, ["currency": .text(ask.asset)])] },
        rows: Pick.listIfAny("transactions"), row: transfer),
      Feed(
        paging: Paging(.backward, most: 100, window: 90 * Paging.day),
        calls: { ask in [history("krw", ask, [:])] }, rows: Pick.listIfAny("transactions"),
        row: transfer),
    ]
    feeds.openOrders = [
      Feed(
        calls: { ask in
          [
            signed(
              "order/open_orders",
              [
                "quote_currency": .text(ask.market?.quote),
                "target_currency": .text(ask.market?.base),
              ])
          ]
        }, rows: Pick.listIfAny("open_orders"), row: order)
    ]
    feeds.markets = [
      Feed(calls: { _ in [open("markets/KRW")] }, rows: Pick.list("markets"), row: market)
    ]
    feeds.assets = [
      Feed(
        evidence: .recorded, calls: { _ in [open("currencies")] }, rows: Pick.list("currencies"),
        row: asset)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          let asked = ask.market ?? (ask.manyMarkets.count == 1 ? ask.manyMarkets.first : nil)
          guard let asked else { return [open("ticker_new/KRW")] }
          return [open("ticker_new/\(asked.quote)/\(asked.base)")]
        }, rows: Pick.list("tickers"), row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.backward, most: 500), scope: .eachMarket, calls: candles,
        rows: Pick.list("chart"), row: candle)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open(try pair("trades", ask), ["size": .number(ask.limit.map { min($0, 200) })])]
        }, rows: Pick.list("transactions"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in [open(try pair("orderbook", ask))] },
        rows: Pick.one(), row: book)
    ]
    return feeds
  }()

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["public": 1])
  }

  static func signed(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("v2_1Private", "POST", path, parameters)
  }

  static func pair(_ path: String, _ ask: Ask) throws(VenueFault) -> String {
    let market = try ask.needed()
    return "\(path)/\(market.quote)/\(market.base)"
  }

  static func fills(_ ask: Ask) -> [Call] {
    let times: Parameters = [
      "size": .number(ask.limit.map { min($0, 100) }), "from_ts": .number(ask.from, .milliseconds),
      "to_ts": .number(ask.to, .milliseconds),
    ]
    guard let market = ask.market else { return [signed("order/completed_orders/all", times)] }
    let names: Parameters = [
      "quote_currency": .text(market.quote), "target_currency": .text(market.base),
    ]
    return [signed("order/completed_orders", names.adding(times))]
  }

  static func history(_ kind: String, _ ask: Ask, _ first: Parameters) -> Call {
    signed(
      "transaction/\(kind)/history",
      first.adding([
        "size": .number(ask.limit.map { min($0, 100) }),
        "from_ts": .number(ask.from, .milliseconds), "to_ts": .number(ask.to, .milliseconds),
      ]))
  }

  static let frames = [
    60: "1m", 180: "3m", 300: "5m", 600: "10m", 900: "15m", 1800: "30m", 3600: "1h", 7200: "2h",
    14400: "4h", 21600: "6h", 86400: "1d", 604_800: "1w", 2_592_000: "1mon",
  ]

  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    return [
      open(
        try pair("chart", ask),
        [
          "interval": .text(frame), "timestamp": .text(ask.to, .milliseconds),
          "size": .number(ask.limit.map { min($0, 500) }),
        ])
    ]
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.decimal("available"),
      used: try row.decimal("limit"))
  }

  static func name(_ row: Node) throws(VenueFault) -> String {
    let quote = try row.text("quote_currency", "baseCurrency").uppercased()
    return quote + "-" + (try row.text("target_currency", "targetCurrency").uppercased())
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let fee = try row.optionalDecimal("fee")
    let quote = try row.text("quote_currency").uppercased()
    let asset = try row.optionalText("fee_currency")?.uppercased() ?? quote
    return Fill(
      id: try row.text("trade_id"), order: try row.optionalText("order_id"),
      time: try row.time(.milliseconds, "timestamp"), market: try name(row),
      side: try row.optionalFlag("is_ask").map { $0 ? .sell : .buy },
      price: try row.decimal("price"), amount: try row.decimal("qty"),
      fees: fee.map { [VenueAmount(asset, $0)] } ?? [],
      isMaker: try row.optionalFlag("is_maker"))
  }

  static func status(_ word: String?) -> Transfer.Status? {
    guard let word = word?.uppercased() else { return nil }
    if word.hasSuffix("SUCCESS") || word.hasSuffix("COMPLETE") { return .ok }
    if word.hasSuffix("CANCEL") || word.hasSuffix("CANCELED") { return .canceled }
    if word.hasSuffix("FAIL") || word.hasSuffix("REJECT") { return .failed }
    return word.hasSuffix("WAIT") || word.hasSuffix("REGISTER") ? .pending : nil
  }

  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let type = try row.text("type").uppercased()
    guard type.hasPrefix("DEPOSIT") || type.hasPrefix("WITHDRAW") else { return nil }
    let isDeposit = type.hasPrefix("DEPOSIT")
    let asset = try row.optionalText("currency")?.uppercased() ?? "KRW"
    return Transfer(
      id: try row.optionalText("id"), transactionHash: try row.optionalText("txid"),
      time: try row.optionalTime(.milliseconds, "created_at"),
      direction: isDeposit ? .deposit : .withdrawal, asset: asset,
      amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      address: try row.optionalText("to_address"),
      tag: try row.optionalText("to_secondary_address"),
      status: status(try row.optionalText("status")))
  }

  static let sides: [String: Side] = ["bid": .buy, "ask": .sell, "buy": .buy, "sell": .sell]

  /// The older answers count in seconds and say bid or ask in `type`.
  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("type")?.lowercased()
    let side = try row.optionalText("side")?.lowercased() ?? type
    return Order(
      id: try row.text("order_id", "orderId"), clientID: try row.optionalText("user_order_id"),
      time: try row["ordered_at"].isNothing
        ? row.optionalTime(.seconds, "timestamp") : row.optionalTime(.milliseconds, "ordered_at"),
      market: row["quote_currency"].isNothing ? nil : try name(row),
      type: type.map { sides[$0] == nil ? $0 : "limit" } ?? "limit",
      side: side.flatMap { sides[$0] }, price: try row.optionalDecimal("price"),
      amount: try row.optionalDecimal("original_qty", "qty"),
      filled: try row.optionalDecimal("executed_qty"),
      remaining: try row.optionalDecimal("remain_qty"), status: .open)
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    Market(
      id: try name(row), base: try row.text("target_currency").uppercased(),
      quote: try row.text("quote_currency").uppercased(),
      isActive: try row.optionalText("trade_status").map { $0 == "1" },
      amountStep: try row.optionalDecimal("qty_unit"),
      priceStep: try row.decimalUnlessZero("price_unit"),
      amountMin: try row.optionalDecimal("min_qty"), amountMax: try row.optionalDecimal("max_qty"),
      costMin: try row.optionalDecimal("min_order_amount"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    let id = try row.text("symbol")
    return ListedAsset(
      id: id, name: try row.optionalText("name"), step: try row.step(digits: "max_precision"),
      networks: [
        AssetNetwork(
          id: id, fee: try row.optionalDecimal("withdrawal_fee"),
          withdrawMin: try row.optionalDecimal("withdrawal_min_amount"),
          canDeposit: try row.optionalText("deposit_status").map { $0 == "normal" },
          canWithdraw: try row.optionalText("withdraw_status").map { $0 == "normal" })
      ])
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try name(row), time: try row.optionalTime(.milliseconds, "timestamp"),
      last: try row.optionalDecimal("last"),
      bid: try row["best_bids"][0].optionalDecimal("price"),
      ask: try row["best_asks"][0].optionalDecimal("price"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("first"),
      baseVolume: try row.optionalDecimal("target_volume"),
      quoteVolume: try row.optionalDecimal("quote_volume"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "timestamp", volume: "target_volume")
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("id"), time: try row.time(.milliseconds, "timestamp"), market: "",
      side: try row.optionalFlag("is_seller_maker").map { $0 ? .buy : .sell },
      price: try row.decimal("price"), amount: try row.decimal("qty"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: try name(row), time: try row.optionalTime(.milliseconds, "timestamp"),
      bids: try OrderBook.levels(row["bids"].elements(), "price", "qty"),
      asks: try OrderBook.levels(row["asks"].elements(), "price", "qty"))
  }
}
