import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Upbit of Korea.
  public static let upbit = Venue(
    id: "upbit", name: "Upbit",
    documents: [
      "https://docs.upbit.com/kr/reference/auth", "https://global-docs.upbit.com/reference",
    ],
    surfaces: [
      Surface("public", Upbit.host, "/v1/"),
      Surface("private", Upbit.host, "/v1/", UpbitToken.recipe),
    ],
    limits: Upbit.limits, faults: Upbit.faults, feeds: Upbit.feeds, desk: Upbit.desk,
    streams: Upbit.streams,
    unseen: [
      "single executions: an order's executions are read as one fill at its mean price",
      "staking and its rewards", "airdrops and other events", "accounts of Upbit's other countries",
    ])
}

/// A JWT over the hash of the parameters, as Upbit and Bithumb sign.
///
// https://docs.upbit.com/kr/reference/auth
enum UpbitToken {
  static let recipe = recipe(claims: "", hashed: ParameterStyle(.none, .brackets))

  /// The recipe with further claims after the nonce, and the way in which parameters are hashed.
  static func recipe(claims: Token, hashed raw: ParameterStyle) -> Recipe {
    Recipe([
      .ifParameters(
        [
          .bind(
            "hash",
            .join([
              ",\"query_hash\":\"", .hex(.hash(.sha512, .parameters(raw))),
              "\",\"query_hash_alg\":\"SHA512\"",
            ]))
        ], else: []),
      .on(["GET", "DELETE"], [.query(ParameterStyle(.strict, .brackets))]),
      .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
      .bind(
        "claims",
        .join([
          "{\"access_key\":\"", .key, "\",\"nonce\":\"", .uuid, "\"", claims, .value("hash"), "}",
        ])),
      .bind(
        "token",
        .join([
          .base64URL("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), ".", .base64URL(.value("claims")),
        ])),
      .header(
        "Authorization",
        .join([
          "Bearer ", .value("token"), ".",
          .base64URL(.hmac(.sha256, key: .secret, .value("token"))),
        ])),
    ])
  }
}

/// Bithumb's routes are made after Upbit's, so that its rows are read here too.
enum Upbit {
  static let host = "https://api.upbit.com"

  // https://docs.upbit.com/kr/reference/rate-limits
  static let limits = Limits([
    LimitBucket("exchange", capacity: 30, refill: .window(seconds: 1), scope: .key),
    LimitBucket("order", capacity: 8, refill: .window(seconds: 1), scope: .key),
    LimitBucket("quotation", capacity: 10, refill: .window(seconds: 1), scope: .address),
  ])

  // https://docs.upbit.com/kr/reference/rest-api-guide, the table of errors
  static let faults = FaultTable(
    codes: [
      "invalid_access_key": .auth, "jwt_verification": .auth, "expired_access_key": .auth,
      "invalid_query_payload": .auth, "no_authorization_ip": .auth, "no_authorization_i_p": .auth,
      "out_of_scope": .auth, "nonce_used": .clock, "insufficient_funds_ask": .funds,
      "insufficient_funds_bid": .funds, "order_not_found": .orderNotFound,
      "too_many_requests": .rate, "server_error": .retryable, "429": .rate, "500": .retryable,
    ],
    find: { body, _ in
      let error = body["error"]
      guard !error.isNothing else { return nil }
      return (error["name"].json?.plainText ?? "", error["message"].json?.plainText ?? "")
    })

  static let week = 7 * Paging.day

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(calls: { _ in [Call("private", "GET", "accounts")] }, rows: Pick.list(), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.forward, most: 1000, window: week),
        calls: { ask in [closed(ask, ["states": ["done", "cancel"], "order_by": "asc"])] },
        rows: Pick.list(), row: fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.numbered, most: 100), calls: { ask in [transfers("deposits", ask)] },
        rows: Pick.list(), row: { row, _ throws(VenueFault) in try transfer(row, .deposit) })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.numbered, most: 100), calls: { ask in [transfers("withdraws", ask)] },
        rows: Pick.list(), row: { row, _ throws(VenueFault) in try transfer(row, .withdrawal) })
    ]
    feeds.openOrders = [openOrders]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.backward, most: 1000, window: week),
        calls: { ask in [closed(ask, ["state": "done"]), closed(ask, ["state": "cancel"])] },
        rows: Pick.list(), row: order)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in [Call("private", "GET", "status/wallet")] }, rows: Pick.list(), row: asset)
    ]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in [open("market/all")] }, rows: Pick.list(), row: market)
    ]
    feeds.tickers = [Feed(calls: tickers, rows: Pick.list(), row: ticker)]
    feeds.candles = [
      Feed(
        paging: Paging(.backward, most: 200), scope: .eachMarket, evidence: .recorded,
        calls: candles, rows: Pick.list(), row: candle)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.cursor, most: 500, lookBack: week), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            open(
              "trades/ticks",
              [
                "market": .text(try ask.needed().id), "count": .number(min(ask.limit ?? 200, 500)),
                "cursor": .text(ask.cursor),
              ])
          ]
        }, rows: Pick.list(), row: trade, next: Pick.last("sequential_id"))
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("orderbook", ["markets": .text(try ask.needed().id)])]
        }, rows: Pick.list(), row: book)
    ]
  }

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["quotation": 1])
  }

  static func closed(_ ask: Ask, _ first: Parameters) -> Call {
    var parameters = first
    parameters["market"] = .text(ask.market?.id)
    return Call(
      "private", "GET", "orders/closed",
      parameters.adding(ask.range("start_time", "end_time", "limit", most: 1000)))
  }

  static func transfers(_ path: String, _ ask: Ask) -> Call {
    Call(
      "private", "GET", path,
      [
        "currency": .text(ask.asset), "limit": .number(ask.limit.map { min($0, 100) }),
        "page": ask.page > 0 ? .number(ask.page + 1) : nil,
      ])
  }

  static func tickers(_ ask: Ask) -> [Call] {
    let asked = ask.market.map { [$0] } ?? ask.manyMarkets
    if asked.isEmpty { return [open("ticker/all", ["quote_currencies": "KRW,BTC,USDT"])] }
    return [open("ticker", ["markets": .text(asked.map(\.id).joined(separator: ","))])]
  }

  static let frames = [
    1: "seconds", 60: "minutes/1", 180: "minutes/3", 300: "minutes/5", 600: "minutes/10",
    900: "minutes/15", 1800: "minutes/30", 3600: "minutes/60", 14400: "minutes/240",
    86400: "days", 604_800: "weeks", 2_592_000: "months", 31_536_000: "years",
  ]

  /// Candles before `to`, the newest first.
  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let count = min(max(ask.limit ?? 200, 1), 200)
    let span = Int64(ask.interval) * Int64(count)
    return [
      open(
        "candles/" + frame,
        [
          "market": .text(try ask.needed().id), "count": .number(count),
          "to": .text(ask.to ?? ask.from?.advanced(bySeconds: span), .iso),
        ])
    ]
  }

  // MARK: - Rows

  static let sides: [String: Side] = ["bid": .buy, "ask": .sell, "BID": .buy, "ASK": .sell]

  /// Of `KRW-BTC` KRW is the quote.
  static func pair(_ id: String, _ row: Node) throws(VenueFault) -> (base: String, quote: String) {
    let parts = id.split(separator: "-", maxSplits: 1)
    guard parts.count == 2 else { throw row.fault("a market as QUOTE-BASE") }
    return (String(parts[1]), String(parts[0]))
  }

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.decimal("balance"),
      used: try row.decimal("locked"))
  }

  /// One fill an order: what was executed, at what it cost.
  ///
  /// The exact cost is `executed_funds`.
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let amount = try row.decimal("executed_volume")
    if amount.isZero { return nil }
    let funds = try row.decimal("executed_funds")
    guard let price = try? funds.divided(by: amount, rounding: .halfEven) else {
      throw row.fault("funds that the volume divides")
    }
    let market = try row.text("market")
    let id = try row.text("uuid")
    let quote = try pair(market, row["market"]).quote
    return Fill(
      id: id, order: id, time: try row.time(.iso, "created_at"), market: market,
      side: try row.word("side", sides), price: price, amount: amount, cost: funds,
      fees: try row.optionalDecimal("paid_fee").map { [VenueAmount(quote, $0)] } ?? [])
  }

  static let transferStates: [String: Transfer.Status] = [
    "processing": .pending, "waiting": .pending, "submitting": .pending, "submitted": .pending,
    "almost_accepted": .pending, "travel_rule_suspected": .pending, "refunding": .pending,
    "accepted": .ok, "done": .ok, "rejected": .failed, "failed": .failed, "refunded": .failed,
    "cancelled": .canceled, "canceled": .canceled,
  ]

  static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("currency")
    var state = try row.optionalText("state")?.lowercased()
    if let word = state, word.hasPrefix("deposit_") { state = String(word.dropFirst(8)) }
    return Transfer(
      id: try row.text("uuid"), transactionHash: try row.optionalText("txid"),
      time: try row.time(.iso, "created_at"), direction: direction, asset: asset,
      amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      network: try row.optionalText("net_type"), status: state.flatMap { transferStates[$0] })
  }

  static let orderStates: [String: Order.Status] = [
    "wait": .open, "watch": .open, "progress": .open, "done": .closed, "cancel": .canceled,
  ]

  /// A market order that buys is named `price`, since it names what to spend.
  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("ord_type", "order_type")
    let market = try row.optionalText("market")
    let quote = market.map { String($0.prefix { $0 != "-" }) }
    let fee = try row.optionalDecimal("paid_fee")
    return Order(
      id: try row.text("uuid", "order_id"),
      clientID: try row.optionalText("identifier", "client_order_id"),
      time: try row.optionalTime(.iso, "created_at"), market: market,
      type: type == "price" ? "market" : type, side: try row.word("side", sides),
      price: type == "price" ? nil : try row.optionalDecimal("price"),
      amount: try row.optionalDecimal("volume"), filled: try row.optionalDecimal("executed_volume"),
      remaining: try row.optionalDecimal("remaining_volume"),
      cost: try row.optionalDecimal("executed_funds"), status: try row.word("state", orderStates),
      fees: fee.flatMap { fee in quote.map { [VenueAmount($0, fee)] } } ?? [])
  }

  /// The list holds only markets that trade.
  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("market")
    let (base, quote) = try pair(id, row["market"])
    return Market(
      id: id, base: base, quote: quote, isActive: true, amountStep: Fixed(units: 10_000_000_000))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    let state = try row.optionalText("wallet_state")
    let id = try row.text("currency")
    return ListedAsset(
      id: id,
      networks: [
        AssetNetwork(
          id: try row.optionalText("net_type") ?? id,
          canDeposit: state.map { ["working", "deposit_only"].contains($0) },
          canWithdraw: state.map { ["working", "withdraw_only"].contains($0) })
      ])
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("market", "code"),
      time: try row.optionalTime(.milliseconds, "trade_timestamp", "timestamp"),
      last: try row.optionalDecimal("trade_price"), high: try row.optionalDecimal("high_price"),
      low: try row.optionalDecimal("low_price"), open: try row.optionalDecimal("opening_price"),
      baseVolume: try row.optionalDecimal("acc_trade_volume_24h"),
      quoteVolume: try row.roundedDecimal("acc_trade_price_24h"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    Candle(
      time: try row.time(.isoBare, "candle_date_time_utc"), open: try row.decimal("opening_price"),
      high: try row.decimal("high_price"), low: try row.decimal("low_price"),
      close: try row.decimal("trade_price"),
      volume: try row.roundedDecimal("candle_acc_trade_volume"))
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("sequential_id"), time: try row.time(.milliseconds, "timestamp"),
      market: try row.text("market"), side: try row.word("ask_bid", sides),
      price: try row.decimal("trade_price"), amount: try row.decimal("trade_volume"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    var bids: [BookLevel] = []
    var asks: [BookLevel] = []
    for unit in try row["orderbook_units"].elements() {
      bids.append(BookLevel(try unit.decimal("bid_price"), try unit.decimal("bid_size")))
      asks.append(BookLevel(try unit.decimal("ask_price"), try unit.decimal("ask_size")))
    }
    return OrderBook(
      market: try row.text("market"), time: try row.optionalTime(.milliseconds, "timestamp"),
      bids: bids, asks: asks)
  }

  // MARK: - Desk

  static let openOrders = Feed<Order>(
    paging: Paging(.numbered, most: 100),
    calls: { ask in
      [
        Call(
          "private", "GET", "orders/open",
          [
            "market": .text(ask.market?.id), "limit": .number(ask.limit.map { min($0, 100) }),
            "page": ask.page > 0 ? .number(ask.page + 1) : nil,
          ])
      ]
    }, rows: Pick.list(), row: order)

  static let desk = OrderDesk(
    place: Feed(calls: place, rows: Pick.one(), row: order),
    cancel: Feed(
      calls: { ask throws(VenueFault) in [try one("DELETE", ask)] }, rows: Pick.one(), row: order),
    find: Feed(
      calls: { ask throws(VenueFault) in [try one("GET", ask)] }, rows: Pick.one(), row: order),
    open: openOrders, clientIDMost: 36)

  static func one(_ method: String, _ ask: Ask) throws(VenueFault) -> Call {
    if ask.order == nil, let own = ask.clientOrder {
      return Call("private", method, "order", ["identifier": .text(own)])
    }
    return Call("private", method, "order", ["uuid": .text(try ask.neededOrderID())])
  }

  static let forces: [TimeInForce: String] = [
    .immediateOrCancel: "ioc", .fillOrKill: "fok", .postOnly: "post_only",
  ]

  /// A market order that buys names what to spend, so it needs a price to reckon with.
  static func place(_ ask: Ask) throws(VenueFault) -> [Call] {
    let order = try ask.neededOrder()
    guard !order.isReduceOnly else { throw .unsupported("reduce-only orders") }
    var parameters: Parameters = [
      "market": .text(order.market.id), "side": order.side == .buy ? "bid" : "ask",
    ]
    if order.type == .market, order.side == .buy {
      guard let price = order.price, !price.isZero,
        let cost = try? order.amount.multiplied(by: price, rounding: .down)
      else { throw .unsupported("a market order that buys without a price") }
      parameters["ord_type"] = "price"
      parameters["price"] = .text(cost)
    } else {
      parameters["ord_type"] = .text(order.type.rawValue)
      parameters["price"] = order.type == .limit ? .text(order.price) : nil
      parameters["volume"] = .text(order.amount)
    }
    parameters["identifier"] = .text(order.clientID)
    parameters["time_in_force"] = .text(order.timeInForce.flatMap { forces[$0] })
    return [Call("private", "POST", "orders", parameters, cost: ["order": 1])]
  }
}
