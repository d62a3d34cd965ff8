import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Indodax of Indonesia.
  public static let indodax = Venue(
    id: "indodax", name: "Indodax",
    documents: ["https://github.com/btcid/indodax-official-api-docs"],
    surfaces: [
      Surface("public", Indodax.host),
      Surface("private", Indodax.host, "/", Indodax.recipe),
    ],
    limits: Limits([
      LimitBucket("private", capacity: 180, refill: .window(seconds: 60), scope: .key),
      LimitBucket("public", capacity: 180, refill: .window(seconds: 60), scope: .address),
    ]),
    faults: Indodax.faults, feeds: Indodax.feeds, needsGrowingNonce: true,
    unseen: ["staking and its rewards", "purchases with the app's own products"])
}

// https://github.com/btcid/indodax-official-api-docs/blob/master/Private-RestAPI.md
private enum Indodax {
  static let host = "https://indodax.com"

  /// Every private call goes to `/tapi` and names its method in the form.
  static let recipe = Recipe(
    [
      .custom { draft throws(VenueFault) in
        let path = String(draft.path.dropFirst(draft.prefix.count))
        let method = draft.parameters["method"] ?? .string(path)
        draft.path = "/tapi"
        let first: Parameters = [
          "method": method, "timestamp": .string(try draft.text(.nonce(.milliseconds))),
          "recvWindow": draft.parameters["recvWindow"] ?? "5000",
        ]
        draft.parameters["method"] = nil
        draft.parameters["recvWindow"] = nil
        draft.parameters = first.adding(draft.parameters)
      },
      .form(.strict),
      .header("Key", .key),
      .header("Sign", .hex(.hmac(.sha512, key: .secret, .body))),
    ], adds: ["timestamp"])

  static let faults = FaultTable(
    codes: [
      "invalid_credentials": .auth, "bad_sign": .auth, "invalid_timestamp": .clock,
      "too_many_requests_from_your_ip": .rate, "insufficient_balance": .funds,
    ],
    texts: [
      "invalid credentials": .auth, "invalid timestamp": .clock, "invalid nonce": .clock,
      "insufficient balance": .funds, "order not found": .orderNotFound,
      "invalid order": .orderNotFound, "too many requests": .rate, "not available": .retryable,
    ],
    find: { body, _ in
      let isRefused = body["success"].json.map { $0.plainText == "0" } ?? false
      let error = body["error"]
      guard isRefused || !error.isNothing else { return nil }
      let message = body.first(["error", "error_description"]).json?.plainText ?? ""
      return (body["error_code"].json?.plainText ?? "", message)
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(calls: { _ in [signed("getInfo")] }, rows: gathered, row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            signed(
              "tradeHistory",
              [
                "pair": .text(try ask.needed().id), "count": .number(ask.limit),
                "order": ask.limit == nil ? nil : "asc", "since": .text(ask.from, .seconds),
                "end": .text(ask.to, .seconds),
              ])
          ]
        }, rows: Pick.listIfAny("return", "trades"), row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.single, window: 7 * Paging.day),
        calls: { ask in
          [signed("transHistory", ["start": day(ask.from), "end": day(ask.to)])]
        }, rows: moved, row: transfer)
    ]
    feeds.openOrders = [
      Feed(
        calls: { ask in [signed("openOrders", ["pair": .text(ask.market?.id)])] },
        rows: standing, row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.single, most: 1000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            signed(
              "orderHistory",
              ["pair": .text(try ask.needed().id), "count": .number(ask.limit)])
          ]
        }, rows: Pick.listIfAny("return", "orders"), row: order)
    ]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [Feed(calls: { _ in [open("api/pairs")] }, rows: Pick.list(), row: market)]
    feeds.tickers = [
      Feed(
        evidence: .recorded,
        calls: { ask in
          [open(ask.market.map { "api/ticker/" + $0.id } ?? "api/summaries")]
        },
        rows: { answer throws(VenueFault) in
          let one = answer.body["ticker"]
          return one.isNothing ? try answer.body["tickers"].members() : [one]
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket, calls: candles,
        rows: Pick.list(), row: candle)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in [open("api/trades/" + (try ask.needed().id))] },
        rows: Pick.list(), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in [open("api/depth/" + (try ask.needed().id))] },
        rows: Pick.one(), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [open("api/server_time")] }, rows: Pick.one("server_time"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["public": 1])
  }

  static func signed(_ method: String, _ parameters: Parameters = [:]) -> Call {
    let first: Parameters = ["method": .text(method)]
    return Call("private", "POST", "tapi", first.adding(parameters))
  }

  static func day(_ time: Instant?) -> JSON? {
    time.map { .string(String(TimeForm.isoBare.write($0).prefix(10))) }
  }

  static let frames = [
    60: "1", 900: "15", 1800: "30", 3600: "60", 14400: "240", 86400: "1D", 259_200: "3D",
    604_800: "1W",
  ]

  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let end = ask.to ?? ask.now
    let span = Int64(ask.interval) * Int64(min(max(ask.limit ?? 1000, 1), 1000))
    return [
      open(
        "tradingview/history_v2",
        [
          "to": .text(end, .seconds), "tf": .text(frame),
          "symbol": .text(try ask.needed().id),
          "from": .text(ask.from ?? end.advanced(bySeconds: -span), .seconds),
        ])
    ]
  }

  // MARK: - Rows

  /// One object an asset of what is free and what is held.
  static func gathered(_ answer: Answer) throws(VenueFault) -> [Node] {
    let held = answer.body["return"]["balance_hold"]
    return try answer.body["return"]["balance"].members().map { free in
      Node(
        .object(
          JSONObject([
            ("asset", .string(free.key)), ("free", free.json ?? .null),
            ("held", held[free.key].json ?? .null),
          ])))
    }
  }

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("asset"), free: try row.decimal("free"),
      used: try row.optionalDecimal("held"))
  }

  static func base(_ pair: String) -> String { String(pair.prefix { $0 != "_" }) }

  /// The amount is the member named after the base asset; fees are in the quote.
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let pair = try row.optionalText("pair") ?? ask.market?.id ?? ""
    let quote = pair.split(separator: "_").last.map(String.init) ?? ""
    return Fill(
      id: try row.text("trade_id"), order: try row.optionalText("order_id"),
      time: try row.time(.seconds, "trade_time"), market: pair, side: try row.side("type"),
      price: try row.decimal("price"), amount: try row.decimal(base(pair)),
      fees: try row.optionalDecimal("fee").map { [VenueAmount(quote, $0)] } ?? [])
  }

  /// Deposits and withdrawals stand under their direction and their asset.
  static func moved(_ answer: Answer) throws(VenueFault) -> [Node] {
    var rows: [Node] = []
    for direction in ["withdraw", "deposit"] {
      for asset in try answer.body["return"][direction].optionalMembers() {
        for row in try asset.optionalElements() {
          guard case .object(var members)? = row.json else { throw row.fault("an object") }
          members.set("direction", .string(direction))
          members.set("asset", .string(asset.key))
          rows.append(Node(.object(members)))
        }
      }
    }
    return rows
  }

  static let states: [String: Transfer.Status] = [
    "success": .ok, "approved": .pending, "wait": .pending, "pending": .pending,
    "processing": .pending, "failed": .failed, "rejected": .failed, "cancelled": .canceled,
    "cancel": .canceled,
  ]

  static func transfer(_ row: Node, _ ask: Ask) throws(VenueFault) -> Transfer? {
    let asset = try row.text("asset")
    if let wanted = ask.asset, wanted.lowercased() != asset.lowercased() { return nil }
    return Transfer(
      id: try row.optionalText("withdraw_id", "deposit_id"),
      transactionHash: try row.optionalText("tx"),
      time: try row.optionalTime(.seconds, "success_time", "submit_time"),
      direction: try row.text("direction") == "deposit" ? .deposit : .withdrawal, asset: asset,
      amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      network: try row.optionalText("network"),
      address: try row.optionalText("withdraw_address"), status: try row.word("status", states))
  }

  /// A list for one pair, an object of lists for all.
  static func standing(_ answer: Answer) throws(VenueFault) -> [Node] {
    let orders = answer.body["return"]["orders"]
    if case .array? = orders.json { return try orders.elements() }
    var rows: [Node] = []
    for pair in try orders.optionalMembers() {
      for row in try pair.optionalElements() {
        guard case .object(var members)? = row.json else { throw row.fault("an object") }
        members.set("pair", .string(pair.key))
        rows.append(Node(.object(members)))
      }
    }
    return rows
  }

  static let orderStates: [String: Order.Status] = [
    "open": .open, "filled": .closed, "cancelled": .canceled,
  ]

  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let pair = try row.optionalText("pair") ?? ask.market?.id
    let asset = pair.map(base) ?? ""
    return Order(
      id: try row.text("order_id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.seconds, "submit_time"), market: pair,
      type: try row.optionalText("order_type") ?? "limit", side: try row.side("type"),
      price: try row.optionalDecimal("price"), amount: try row.optionalDecimal("order_" + asset),
      remaining: try row.optionalDecimal("remain_" + asset),
      status: try row.optionalText("status").map { orderStates[$0] } ?? .open)
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    Market(
      id: try row.text("ticker_id"), base: try row.text("traded_currency"),
      quote: try row.text("base_currency"),
      isActive: try row.optionalText("is_maintenance", "is_market_suspended").map { $0 == "0" },
      amountMin: try row.optionalDecimal("trade_min_traded_currency"),
      costMin: try row.optionalDecimal("trade_min_base_currency"), alias: try row.text("id"))
  }

  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    let pair = row.key.contains("_") ? row.key : ask.market?.id ?? ""
    let quote = pair.split(separator: "_").last.map(String.init) ?? ""
    return Ticker(
      market: pair, time: try row.optionalTime(.seconds, "server_time"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("buy"),
      ask: try row.optionalDecimal("sell"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), baseVolume: try row.optionalDecimal("vol_" + base(pair)),
      quoteVolume: try row.optionalDecimal("vol_" + quote))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    Candle(
      time: try row.time(.seconds, "Time"), open: try row.decimal("Open"),
      high: try row.decimal("High"), low: try row.decimal("Low"), close: try row.decimal("Close"),
      volume: try row.optionalDecimal("Volume"))
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("tid"), time: try row.time(.seconds, "date"), market: "",
      side: try row.side("type"), price: try row.decimal("price"),
      amount: try row.decimal("amount"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", bids: try OrderBook.levels(row["buy"]), asks: try OrderBook.levels(row["sell"]))
  }
}
