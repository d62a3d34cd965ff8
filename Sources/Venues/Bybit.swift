import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bybit: the unified trading account for spot and derivatives, and the funding account.
  public static let bybit = Venue(
    id: "bybit", name: "Bybit",
    documents: ["https://bybit-exchange.github.io/docs/v5/intro"],
    surfaces: [
      Surface("public", Bybit.host), Surface("private", Bybit.host, "/", Bybit.recipe),
    ],
    limits: Bybit.limits, faults: Bybit.faults, feeds: Bybit.feeds, desk: Bybit.desk,
    streams: Bybit.streams,
    unseen: [
      "history older than two years", "copy trading and bots' own accounts",
      "liquidity mining, dual asset and launchpool products",
    ])
}

enum Bybit {
  static let host = "https://api.bybit.com"

  // https://bybit-exchange.github.io/docs/v5/guide#authentication
  static let recipe = Recipe([
    .on(["GET"], [.query(.raw)]), .notOn(["GET"], [.jsonBody]),
    .header("Content-Type", "application/json"), .header("X-BAPI-API-KEY", .key),
    .header("X-BAPI-TIMESTAMP", .time(.milliseconds)), .header("X-BAPI-RECV-WINDOW", "5000"),
    .header("X-BAPI-SIGN", .made(signature)),
    .custom { draft in if draft.method == "GET", draft.query.isEmpty { draft.path += "?" } },
  ])

  /// By the secret, or by a private RSA key that stands in its place.
  private static func signature(_ draft: Draft) throws(VenueFault) -> [UInt8] {
    let text: Token = .join([.time(.milliseconds), .key, "5000", .query, .body])
    if draft.credentials.secret.hasPrefix("-----BEGIN") {
      return try draft.bytes(.base64(.rsa(key: .secret, text)))
    }
    return try draft.bytes(.hex(.hmac(.sha256, key: .secret, text)))
  }

  // https://bybit-exchange.github.io/docs/v5/rate-limit
  static let limits = Limits(
    [
      LimitBucket("account", capacity: 10, refill: .window(seconds: 1), scope: .key),
      LimitBucket("address", capacity: 600, refill: .window(seconds: 5), scope: .address),
      LimitBucket("asset", capacity: 5, refill: .window(seconds: 1), scope: .key),
    ], slow: [429], ban: [403])
  static let open = ["address": 1]

  // https://bybit-exchange.github.io/docs/v5/error
  static let faults = FaultTable(
    codes: [
      "10000": .retryable, "10016": .retryable, "10019": .retryable, "170007": .unknownOutcome,
      "170032": .rate, "10006": .rate, "10018": .rate, "10429": .rate, "170210": .rate,
      "170217": .rate, "3100326": .definitive, "10002": .clock, "10003": .auth, "10004": .auth,
      "10005": .auth, "10007": .auth, "10008": .banned, "10009": .banned, "10010": .auth,
      "10024": .auth, "10027": .banned, "10028": .auth, "33004": .auth, "110004": .funds,
      "110006": .funds, "110007": .funds, "110012": .funds, "110014": .funds, "110044": .funds,
      "110045": .funds, "110051": .funds, "110052": .funds, "110053": .funds,
      "170131": .funds, "170033": .funds, "175003": .funds, "175006": .funds,
      "110001": .orderNotFound, "110008": .orderNotFound, "110010": .orderNotFound,
      "170139": .orderNotFound, "170142": .orderNotFound, "170213": .orderNotFound,
      "170143": .orderNotFound,
    ],
    find: { body, _ in
      guard let code = (try? body.optionalText("retCode", "ret_code")) ?? nil, code != "0" else {
        return nil
      }
      return (code, (try? body.optionalText("retMsg", "ret_msg")) ?? "")
    })

  /// The venue's kinds of products.
  enum Category: String, CaseIterable {
    case spot
    case linear
    case inverse
    case option

    init?(_ market: Market) {
      switch market.kind {
      case .spot: self = .spot
      case .option: self = .option
      case .swap, .future: self = market.isInverse ? .inverse : .linear
      }
    }

    var kind: MarketKind { self == .spot ? .spot : self == .option ? .option : .swap }
    var part: AccountPart {
      switch self {
      case .spot: .spot
      case .linear: .swap
      case .inverse: .inverse
      case .option: .option
      }
    }

    /// The category, and the market where one is asked for that is in it.
    func named(_ ask: Ask) throws(VenueFault) -> Parameters {
      if let market = ask.market, Category(market) != self {
        throw .unsupported("\(market.id) as \(rawValue)")
      }
      return ["symbol": .text(ask.market?.id), "category": .string(rawValue)]
    }
  }

  static func category(_ ask: Ask) throws(VenueFault) -> Parameters {
    let market = try ask.needed()
    guard let category = Category(market) else { throw .unsupported(market.id) }
    return ["symbol": .string(market.id), "category": .string(category.rawValue)]
  }

  static func get(
    _ path: String, _ parameters: Parameters = [:], _ bucket: String = "account"
  ) -> Call {
    Call("private", "GET", "v5/" + path, parameters, cost: [bucket: 1, "address": 1])
  }

  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", "v5/market/" + path, parameters, cost: open)
  }

  static let list = Pick.listIfAny("result", "list")
  static let cursor = Pick.text("result", "nextPageCursor")

  /// A range, a number of rows and where the last page ended.
  static func page(_ ask: Ask, most: Int) -> Parameters {
    var parameters = ask.range("startTime", "endTime", "limit", most: most)
    parameters["cursor"] = .text(ask.cursor)
    return parameters
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = balances
    feeds.fills = Category.allCases.map(fills)
    feeds.deposits = [
      transfers(.deposit, "asset/deposit/query-record"),
      transfers(.deposit, "asset/deposit/query-internal-record"),
    ]
    feeds.withdrawals = [
      transfers(.withdrawal, "asset/withdraw/query-record"),
      transfers(.withdrawal, "asset/withdraw/query-record", ["withdrawType": "1"]),
    ]
    feeds.statement = [
      bills("account/transaction-log", .spot),
      bills("account/contract-transaction-log", .inverse),
    ]
    feeds.positions = [
      positions(.linear, "USDT"), positions(.linear, "USDC"), positions(.inverse, nil),
      positions(.option, nil),
    ]
    feeds.markets = Category.allCases.map(markets)
    feeds.assets = [assets]
    feeds.tickers = Category.allCases.map(tickers)
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = Category.allCases.map(openOrders)
    feeds.closedOrders = Category.allCases.flatMap {
      [closedOrders($0, "Filled"), closedOrders($0, "Cancelled")]
    }
    feeds.clock = Feed(
      calls: { _ in [look("time")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "time") })
    feeds.rights = Feed(
      calls: { _ in [get("user/query-api")] }, rows: Pick.one("result"), row: rights)
    return feeds
  }()

  // https://bybit-exchange.github.io/docs/v5/user/apikey-info
  private static func rights(_ row: Node, _: Ask) throws(VenueFault) -> KeyRights? {
    var words: Set<String> = []
    for group in try row["permissions"].optionalMembers() {
      for word in try group.optionalElements() { words.insert(try word.text()) }
    }
    var addresses: [String] = []
    for address in try row["ips"].optionalElements() { addresses.append(try address.text()) }
    let isReadOnly = try row.optionalFlag("readOnly") ?? false
    return KeyRights(
      canRead: true,
      canTrade: !isReadOnly && !words.isDisjoint(with: ["SpotTrade", "Order", "OptionsTrade"]),
      canWithdraw: !isReadOnly && words.contains("Withdraw"),
      addresses: addresses.filter { $0 != "*" },
      expires: try row.optionalTime(.iso, "expiredAt"),
      made: try row.optionalTime(.iso, "createdAt"))
  }

  // MARK: - Balances

  private static var balances: [Feed<Balance>] {
    [
      Feed(
        part: .spot, evidence: .recorded,
        calls: { _ in [get("account/wallet-balance", ["accountType": "UNIFIED"])] },
        rows: Pick.inner("coin", of: "result", "list"), row: unified),
      Feed(
        part: .funding,
        calls: { _ in
          [get("asset/transfer/query-account-coins-balance", ["accountType": "FUND"], "asset")]
        },
        rows: Pick.list("result", "balance"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("coin"), free: try row.optionalDecimal("transferBalance"),
            total: try row.decimal("walletBalance"), part: .funding)
        }),
      // Of the classic account:
      // https://bybit-exchange.github.io/docs/v5/spot-margin-normal/account-info
      Feed(
        part: .margin, calls: { _ in [get("spot-cross-margin-trade/account")] },
        rows: Pick.listIfAny("result", "loanAccountList"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("tokenId"), free: try row.optionalDecimal("free"),
            used: try row.optionalDecimal("locked"), total: try row.decimal("total"),
            part: .margin)
        }),
      earn(.earn, "FlexibleSaving"), earn(.staking, "OnChain"),
    ]
  }

  /// What margin needs and what is locked cannot be used; the rest can.
  static func unified(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let asset = try row.text("coin")
    let total = try row.decimal("walletBalance")
    if let free = try row.optionalDecimal("availableToWithdraw", "free") {
      return Balance(asset: asset, free: free, total: total)
    }
    var used = Fixed.zero
    for name in ["locked", "totalPositionIM", "totalOrderIM"] {
      guard let held = try row.optionalDecimal(name) else { continue }
      guard let sum = try? used.adding(held) else { throw row[name].fault("a smaller number") }
      used = sum
    }
    return Balance(asset: asset, used: used, total: total)
  }

  // https://bybit-exchange.github.io/docs/v5/earn/position
  private static func earn(_ part: AccountPart, _ category: String) -> Feed<Balance> {
    Feed(
      part: part,
      calls: { _ in [get("earn/position", ["category": .string(category)], "asset")] },
      rows: list,
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("coin"), free: .zero, total: try row.decimal("amount"), part: part)
      })
  }
}
