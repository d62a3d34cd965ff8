import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Gate: spot, margin, futures, delivery, options and lending.
  public static let gate = Venue(
    id: "gate", name: "Gate", documents: ["https://www.gate.com/docs/developers/apiv4/en/"],
    surfaces: Gate.surfaces, limits: Gate.limits, faults: Gate.faults, feeds: Gate.feeds,
    streams: Gate.streams,
    unseen: [
      "staking, dual investment and structured products", "copy trading and bots",
      "options' statements", "what points paid for fees",
    ])
}

enum Gate {
  static let host = "https://api.gateio.ws"

  static let surfaces: [Surface] = {
    let sections = [
      "spot", "wallet", "futures", "delivery", "options", "margin", "unified", "earn", "account",
      "loan", "flash_swap", "rebate",
    ]
    var all = [
      Surface("public", host, "/api/v4/"),
      Surface("private.withdrawals", host, "/api/v4/", recipe),
      Surface("private.subAccounts", host, "/api/v4/sub_accounts/", recipe),
    ]
    for name in sections {
      all.append(Surface("public.\(name)", host, "/api/v4/\(name)/"))
      all.append(Surface("private.\(name)", host, "/api/v4/\(name)/", recipe))
    }
    return all
  }()

  // The signed query is not escaped:
  // https://www.gate.com/docs/developers/apiv4/en/#apiv4-signed-request-requirements
  static let recipe = Recipe([
    .custom(written),
    .header("KEY", .key), .header("Timestamp", .time(.seconds)),
    .header(
      "SIGN",
      .hex(
        .hmac(
          .sha512, key: .secret,
          .join([
            .method, "\n", .path, "\n", .value("raw"), "\n", .hex(.hash(.sha512, .body)), "\n",
            .time(.seconds),
          ])))),
    .header("Content-Type", "application/json"),
  ])

  /// Changes of futures' positions carry their parameters in the query too.
  private static func written(_ draft: inout Draft) throws(VenueFault) {
    let isRead = draft.method == "GET" || draft.method == "DELETE"
    let parts = draft.path.dropFirst(draft.prefix.count).split(separator: "/")
    let isContract = draft.prefix.hasSuffix("/futures/") || draft.prefix.hasSuffix("/delivery/")
    let isPosition =
      isContract && parts.count > 1
      && (parts[1].contains("dual") || parts[1].contains("positions"))
    if isRead || isPosition {
      try draft.run([.bind("raw", .parameters(.raw)), .query(.strict)])
    } else if draft.method == "PATCH" {
      // Changes of orders carry them in both; each once.
      let once = Parameters().adding(draft.parameters)
      draft.parameters = once
      try draft.run([.bind("raw", .parameters(.raw)), .query(.strict)])
      draft.body = once.json.text
    } else {
      try draft.run([.jsonBody])
    }
  }

  // https://www.gate.com/docs/developers/apiv4/en/#frequency-limit-rule
  static let limits = Limits([
    LimitBucket("private", capacity: 200, refill: .window(seconds: 10), scope: .key),
    LimitBucket("public", capacity: 200, refill: .window(seconds: 10), scope: .address),
  ])

  // https://www.gate.com/docs/developers/apiv4/en/#label-list
  static let faults = FaultTable(
    codes: [
      "INVALID_KEY": .auth, "INVALID_SIGNATURE": .auth, "IP_FORBIDDEN": .auth,
      "READ_ONLY": .auth, "FORBIDDEN": .auth, "MISSING_REQUIRED_HEADER": .auth,
      "INVALID_CREDENTIALS": .auth, "REQUEST_EXPIRED": .clock, "TOO_MANY_REQUESTS": .rate,
      "TOO_FAST": .rate, "ACCOUNT_LOCKED": .banned, "BALANCE_NOT_ENOUGH": .funds,
      "MARGIN_BALANCE_NOT_ENOUGH": .funds, "INSUFFICIENT_AVAILABLE": .funds,
      "MARGIN_NOT_ENOUGH": .funds, "ORDER_NOT_FOUND": .orderNotFound,
      "ORDER_CLOSED": .orderNotFound, "ORDER_CANCELLED": .orderNotFound,
      "ORDER_FINISHED": .orderNotFound, "SERVER_ERROR": .retryable, "TOO_BUSY": .retryable,
      "INTERNAL": .retryable, "POC_FILL_IMMEDIATELY": .definitive,
    ],
    find: { body, status in
      guard let label = (try? body["label"].optionalText()) ?? nil,
        status >= 400 || body["succeeded"].isNothing
      else { return nil }
      return (label, (try? body.optionalText("message", "detail")) ?? "")
    })

  /// A kind of derivatives with the currency it settles in; a settling of `nil` stands for options.
  struct Family: Sendable {
    let section: String
    let settle: String?
    let kind: MarketKind
    let part: AccountPart

    static let all = [
      Family(section: "futures", settle: "usdt", kind: .swap, part: .swap),
      Family(section: "futures", settle: "btc", kind: .swap, part: .inverse),
      Family(section: "delivery", settle: "usdt", kind: .future, part: .future),
      Family(section: "delivery", settle: "btc", kind: .future, part: .future),
      Family(section: "options", settle: nil, kind: .option, part: .option),
    ]

    /// Options name nothing before the route.
    func path(_ route: String) -> String { settle.map { "\($0)/" + route } ?? route }

    func market(_ ask: Ask) throws(VenueFault) -> Market? {
      guard let market = try ask.optional([kind]) else { return nil }
      if let settle, let own = market.settle, own.lowercased() != settle {
        throw .unsupported("\(market.id) settled in \(settle)")
      }
      return market
    }

    func named(_ ask: Ask) throws(VenueFault) -> Parameters {
      ["contract": .text(try market(ask)?.id)]
    }

    func get(_ route: String, _ parameters: Parameters) -> Call {
      Call("private.\(section)", "GET", path(route), parameters)
    }

    func look(_ route: String, _ parameters: Parameters) -> Call {
      Call("public.\(section)", "GET", path(route), parameters, cost: ["public": 1])
    }
  }

  static func get(_ section: String, _ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private.\(section)", "GET", path, parameters)
  }

  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public.spot", "GET", path, parameters, cost: ["public": 1])
  }

  static let list = Pick.listIfAny()

  /// A range, a number of rows and the number of the page, from 1.
  static func page(_ ask: Ask, most: Int) -> Parameters {
    var parameters = ask.range("from", "to", "limit", .seconds, most: most)
    if ask.page > 0 { parameters["page"] = .string(String(ask.page + 1)) }
    return parameters
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = balances
    feeds.fills = [spotFills] + Family.all.map(fills)
    feeds.deposits = [transfers(.deposit, "deposits")]
    feeds.withdrawals = [transfers(.withdrawal, "withdrawals")]
    feeds.statement = [spotBook] + Family.all.filter { $0.settle != nil }.map(contractBook)
    feeds.positions = Family.all.map(positions)
    feeds.markets = [spotMarkets] + Family.all.filter { $0.settle != nil }.map(contracts)
    feeds.assets = [assets]
    feeds.tickers = [spotTickers] + Family.all.map(tickers)
    feeds.candles = [spotCandles] + Family.all.map(candles)
    feeds.trades = [spotTrades] + Family.all.map(trades)
    feeds.books = [spotBooks] + Family.all.map(books)
    feeds.openOrders = [openSpotOrders] + Family.all.map { orders($0, "open") }
    feeds.closedOrders = [closedSpotOrders] + Family.all.map { orders($0, "finished") }
    feeds.clock = Feed(
      evidence: .recorded, calls: { _ in [look("time")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "server_time") })
    return feeds
  }()

  // MARK: - Balances

  private static var balances: [Feed<Balance>] {
    [
      plain(.spot, "spot", "accounts"), unified("unified", "accounts", .spot),
      plain(.funding, "margin", "funding_accounts"), unified("margin", "cross/accounts", .margin),
      Feed(
        part: .isolatedMargin, calls: { _ in [get("margin", "accounts")] },
        rows: { answer throws(VenueFault) in
          var rows: [Node] = []
          for pair in try answer.body.elements() { rows += [pair["base"], pair["quote"]] }
          return rows
        },
        row: { row, _ throws(VenueFault) in try plain(row, .isolatedMargin) }),
      // https://www.gate.com/docs/developers/apiv4/en/#query-user-s-lending-order-list
      Feed(
        part: .earn, paging: Paging(.numbered, most: 100),
        calls: { ask in [get("earn", "uni/lends", page(ask, most: 100))] }, rows: list,
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("currency"), free: .zero,
            total: try row.decimal("current_amount", "amount"), part: .earn)
        }),
    ] + Family.all.map(contractBalance)
  }

  private static func plain(
    _ part: AccountPart, _ section: String, _ path: String
  ) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in [get(section, path)] }, rows: list,
      row: { row, _ throws(VenueFault) in try plain(row, part) })
  }

  private static func plain(_ row: Node, _ part: AccountPart) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.decimal("available"),
      used: try row.decimal("locked"), part: part)
  }

  private static func unified(
    _ section: String, _ path: String, _ part: AccountPart
  ) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in [get(section, path)] }, rows: Pick.members("balances"),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: row.key, free: try row.decimal("available"), used: try row.decimal("freeze"),
          part: part)
      })
  }

  private static func contractBalance(_ family: Family) -> Feed<Balance> {
    Feed(
      part: family.part, market: family.kind, calls: { _ in [family.get("accounts", [:])] },
      rows: Pick.one(),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.optionalText("currency") ?? "USDT",
          free: try row.optionalDecimal("available"), total: try row.decimal("total"),
          part: family.part)
      })
  }
}
