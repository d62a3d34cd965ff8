import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Binance: spot, margin, earn, USD-M and COIN-M futures.
  public static let binance = Venue(
    id: "binance", name: "Binance",
    documents: [
      "https://developers.binance.com/docs/binance-spot-api-docs/rest-api",
      "https://developers.binance.com/docs/wallet",
      "https://developers.binance.com/docs/simple_earn",
      "https://developers.binance.com/docs/margin_trading",
      "https://developers.binance.com/docs/derivatives",
    ],
    surfaces: Binance.surfaces, limits: Binance.limits, faults: Binance.faults,
    feeds: Binance.feeds, desk: Binance.desk, streams: Binance.streams,
    unseen: [
      "Portfolio Margin and options accounts",
      "what is owed on margin: balances there are what is held, loans stand in the statement",
      "purchases by card and peer-to-peer trades",
      "Pay, gift cards, mining, dual investment, bots and copy trading",
      "moves between own parts other than those of the futures wallets",
      "dust conversions beyond the last hundred",
    ])
}

// https://developers.binance.com/docs/binance-spot-api-docs/rest-api
enum Binance {
  static let recipe = signing(window: "10000")

  /// How Binance and what runs on its software sign: the time first, the window last, one signature
  /// over query and body; a key that is a PEM text signs by its own kind.
  ///
  /// https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
  static func signing(window: String) -> Recipe {
    Recipe(
      [
        .header("X-MBX-APIKEY", .key),
        .custom { draft throws(VenueFault) in
          if !isKeyOnly(draft) {
            try draft.run([
              .lead("timestamp", .time(.milliseconds)), .add("recvWindow", .text(window)),
            ])
          }
        },
        .on(["GET", "DELETE"], [.query(.strict)]),
        .notOn(["GET", "DELETE"], [.custom(form)]),
        .custom { draft throws(VenueFault) in
          guard !isKeyOnly(draft) else { return }
          try draft.run([
            .on(["GET", "DELETE"], [.appendQuery("signature", .made(signature))]),
            .notOn(["GET", "DELETE"], [.appendForm("signature", .made(signature))]),
          ])
        },
      ], adds: ["signature"])
  }

  /// Calls that take the key but no signature.
  private static func isKeyOnly(_ draft: Draft) -> Bool {
    let last = draft.path.split(separator: "/").last
    return last == "userDataStream" || last == "listenKey" || last == "historicalTrades"
  }

  /// Writes the body as a form; a list of orders goes as the JSON it is.
  private static func form(_ draft: inout Draft) throws(VenueFault) {
    let isBatch = draft.path.hasSuffix("/batchOrders")
    if isBatch, draft.parameters["batchOrders"] == nil {
      let window = draft.parameters["recvWindow"]
      draft.parameters["recvWindow"] = nil
      draft.parameters["batchOrders"] = .array([])
      draft.parameters["recvWindow"] = window
    }
    let items = draft.parameters.items
    try draft.run([.form(.strict)])
    guard isBatch else { return }
    draft.body = items.map { item in
      Parameters([item]).text(item.name == "batchOrders" ? ParameterStyle(.none, .json) : .strict)
    }.joined(separator: "&")
  }

  static func signature(_ draft: Draft) throws(VenueFault) -> [UInt8] {
    let message = Token.join([.query, .body])
    let secret = draft.credentials.secret
    guard secret.contains("PRIVATE KEY") else {
      return try draft.bytes(.hex(.hmac(.sha256, key: .secret, message)))
    }
    // An Ed25519 key is 48 bytes of PKCS#8; an RSA key has hundreds.
    let isShort = secret.utf8.count < 200
    let made: Token = isShort ? .ed25519(key: .secret, message) : .rsa(key: .secret, message)
    return try draft.bytes(.base64(made))
  }

  static let surfaces: [Surface] = {
    let hosts: [(String, String, String)] = [
      ("private", "https://api.binance.com", "/api/v3/"),
      ("privateV1", "https://api.binance.com", "/api/v1/"),
      ("sapi", "https://api.binance.com", "/sapi/v1/"),
      ("sapiV2", "https://api.binance.com", "/sapi/v2/"),
      ("sapiV3", "https://api.binance.com", "/sapi/v3/"),
      ("sapiV4", "https://api.binance.com", "/sapi/v4/"),
      ("fapiPrivate", "https://fapi.binance.com", "/fapi/v1/"),
      ("fapiPrivateV2", "https://fapi.binance.com", "/fapi/v2/"),
      ("fapiPrivateV3", "https://fapi.binance.com", "/fapi/v3/"),
      ("dapiPrivate", "https://dapi.binance.com", "/dapi/v1/"),
      ("dapiPrivateV2", "https://dapi.binance.com", "/dapi/v2/"),
      ("eapiPrivate", "https://eapi.binance.com", "/eapi/v1/"),
      ("papi", "https://papi.binance.com", "/papi/v1/"),
      ("papiV2", "https://papi.binance.com", "/papi/v2/"),
    ]
    return [
      Surface("public", "https://api.binance.com", "/api/v3/"),
      Surface("sapiPublic", "https://api.binance.com", "/sapi/v1/"),
      Surface("fapiPublic", "https://fapi.binance.com", "/fapi/v1/"),
      Surface("dapiPublic", "https://dapi.binance.com", "/dapi/v1/"),
      Surface("eapiPublic", "https://eapi.binance.com", "/eapi/v1/"),
    ] + hosts.map { Surface($0.0, $0.1, $0.2, recipe) }
  }()

  // https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
  // https://developers.binance.com/docs/wallet (12,000 a minute and address, 180,000 a minute and key)
  static let limits = Limits([
    LimitBucket(
      "REQUEST_WEIGHT", capacity: 6_000, refill: .window(seconds: 60), scope: .address,
      usedHeader: "x-mbx-used-weight-1m"),
    LimitBucket(
      "SAPI_IP", capacity: 12_000, refill: .window(seconds: 60), scope: .address,
      usedHeader: "x-sapi-used-ip-weight-1m"),
    LimitBucket(
      "SAPI_UID", capacity: 180_000, refill: .window(seconds: 60), scope: .key,
      usedHeader: "x-sapi-used-uid-weight-1m"),
    LimitBucket(
      "FAPI", capacity: 2_400, refill: .window(seconds: 60), scope: .address,
      usedHeader: "x-mbx-used-weight-1m"),
    LimitBucket(
      "DAPI", capacity: 2_400, refill: .window(seconds: 60), scope: .address,
      usedHeader: "x-mbx-used-weight-1m"),
    LimitBucket(
      "ORDERS", capacity: 100, refill: .window(seconds: 10), scope: .key,
      usedHeader: "x-mbx-order-count-10s"),
  ])

  // https://developers.binance.com/docs/binance-spot-api-docs/errors
  // https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
  static let faults = FaultTable(
    codes: [
      "-1000": .retryable, "-1001": .retryable, "-1002": .auth, "-1006": .unknownOutcome,
      "-1007": .unknownOutcome, "-1008": .retryable, "-1010": .definitive, "-1015": .rate,
      "-1016": .retryable, "-1021": .clock, "-1022": .auth, "-2008": .auth, "-2013": .orderNotFound,
      "-2014": .auth, "-2015": .auth, "-2018": .funds, "-2019": .funds, "-2026": .orderNotFound,
      "-3041": .funds, "-4118": .funds, "-12014": .rate,
    ],
    texts: [
      "banned until": .banned, "too many requests": .rate, "too much request weight": .rate,
      "insufficient balance": .funds, "unknown order": .orderNotFound,
      "order does not exist": .orderNotFound, "service unavailable": .retryable,
      "system busy": .retryable,
    ],
    find: refusal)

  /// A negative code is a refusal whatever the status; other codes are where the status is one.
  static func refusal(_ body: Node, _ status: Int) -> (code: String, message: String)? {
    guard let code = (try? body.optionalText("code")) ?? nil else { return nil }
    guard code.hasPrefix("-") || !(200..<300).contains(status) else { return nil }
    return (code: code, message: (try? body.optionalText("msg", "message", "errMsg")) ?? "")
  }

  // MARK: - Interfaces

  static let spot = BinanceLike(
    weights: [
      "account": 20, "myTrades": 20, "openOrders": 6, "openOrders all": 80, "allOrders": 20,
      "order": 4, "klines": 2, "depth": 25, "ticker/24hr": 2, "ticker/24hr all": 80,
      "exchangeInfo": 20, "aggTrades": 4,
    ],
    fillPaging: Paging(.cursor, most: 1_000), asksFillsByID: true,
    statesCandles: true, tradesNeedEnd: true)

  // https://developers.binance.com/docs/derivatives/usds-margined-futures
  static let linear: BinanceLike = {
    var paths = BinanceLike.Paths()
    paths.fills = "userTrades"
    return BinanceLike(
      open: "fapiPublic", signed: "fapiPrivate", part: .swap, kind: .swap, isInverse: false,
      paths: paths, bucket: "FAPI",
      weights: [
        "userTrades": 5, "openOrders all": 40, "allOrders": 5, "klines": 10, "depth": 10,
        "ticker/24hr all": 40, "aggTrades": 20,
      ],
      fillPaging: Paging(
        .forward, most: 1_000, window: 7 * Paging.day, lookBack: 180 * Paging.day),
      orderPaging: Paging(.forward, most: 1_000, window: 7 * Paging.day, lookBack: 90 * Paging.day),
      candlesMost: 1_500, statesCandles: true, tradesNeedEnd: true)
  }()

  // https://developers.binance.com/docs/derivatives/coin-margined-futures
  static let inverse: BinanceLike = {
    var one = linear
    one.open = "dapiPublic"
    one.signed = "dapiPrivate"
    one.part = .inverse
    one.isInverse = true
    one.bucket = "DAPI"
    one.weights["userTrades"] = 20
    one.weights["allOrders"] = 20
    return one
  }()

  /// The interface that serves an asking's market.
  static func interface(_ ask: Ask) throws(VenueFault) -> BinanceLike {
    var ask = ask
    if let order = ask.newOrder { ask.market = order.market }
    let market = try ask.needed()
    switch market.kind {
    case .spot: return spot
    case .swap, .future: return market.isInverse ? inverse : linear
    case .option: throw .unsupported("orders of options")
    }
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 36,
    place: { ask throws(VenueFault) in
      let one = try interface(ask)
      var call = try one.place(ask, answers: one.kind == .spot ? "FULL" : "RESULT")
      call.cost["ORDERS"] = 1
      return call
    },
    cancel: { ask throws(VenueFault) in try interface(ask).cancel(ask) },
    find: { ask throws(VenueFault) in try interface(ask).find(ask) }, open: spot.openOrders())

  // MARK: - Feeds

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = balances
    feeds.fills = [
      spot.fills(.recorded), linear.fills(.recorded), inverse.fills(),
      marginFills(.margin), marginFills(.isolatedMargin),
    ]
    feeds.deposits = [deposits, fiat(.deposit)]
    feeds.withdrawals = [withdrawals, fiat(.withdrawal)]
    feeds.statement = statement
    feeds.positions = [positions("fapiPrivateV3", .swap), positions("dapiPrivate", .inverse)]
    feeds.markets = [spot.markets(), linear.markets(), inverse.markets()]
    feeds.assets = [
      Feed(
        evidence: .recorded,
        calls: { _ in
          [Call("sapi", "GET", "capital/config/getall", cost: ["SAPI_IP": 10])]
        },
        rows: Pick.list(), row: BinanceLike.asset)
    ]
    feeds.tickers = [
      spot.tickers(list: "symbols", .recorded), linear.tickers(), inverse.tickers(),
    ]
    feeds.candles = [spot.candles(), linear.candles(.recorded), inverse.candles(.recorded)]
    feeds.trades = [spot.trades(.recorded), linear.trades(), inverse.trades()]
    feeds.books = [spot.books(.recorded), linear.books(), inverse.books()]
    feeds.openOrders = [
      spot.openOrders(), linear.openOrders(.recorded), inverse.openOrders(), marginOrders,
    ]
    feeds.closedOrders = [spot.closedOrders(), linear.closedOrders(), inverse.closedOrders()]
    // Dated futures are asked for in the same way.
    for one in [linear, inverse] {
      var dated = one
      dated.kind = .future
      feeds.fills.append(dated.fills())
      feeds.candles.append(dated.candles())
      feeds.trades.append(dated.trades())
      feeds.books.append(dated.books())
      feeds.closedOrders.append(dated.closedOrders())
    }
    feeds.clock = spot.clock()
    feeds.rights = rights
    return feeds
  }()

  private static let rights = Feed<KeyRights>(
    calls: { _ in [Call("sapi", "GET", "account/apiRestrictions", cost: ["SAPI_IP": 1])] },
    rows: Pick.one(),
    row: { row, _ throws(VenueFault) in
      KeyRights(
        canRead: try row.optionalFlag("enableReading"),
        canTrade: try row.optionalFlag("enableSpotAndMarginTrading"),
        canWithdraw: try row.optionalFlag("enableWithdrawals"),
        addresses: try row.optionalFlag("ipRestrict") == false ? [] : nil,
        expires: try row.optionalTime(.milliseconds, "tradingAuthorityExpirationTime"),
        made: try row.optionalTime(.milliseconds, "createTime"))
    })
}
