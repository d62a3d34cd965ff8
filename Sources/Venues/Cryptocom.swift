import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Crypto.com Exchange: spot, margin and perpetuals.
  public static let cryptocom = Venue(
    id: "cryptocom", name: "Crypto.com",
    documents: ["https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html"],
    surfaces: [
      Surface("v1.public", Cryptocom.host, "/exchange/v1/"),
      Surface("v1.private", Cryptocom.host, "/exchange/v1/", Cryptocom.recipe),
      Surface("v2.private", Cryptocom.host, "/v2/", Cryptocom.recipe),
    ],
    limits: Cryptocom.limits, faults: Cryptocom.faults, feeds: Cryptocom.feeds,
    desk: Cryptocom.desk,
    unseen: ["the Crypto.com App's wallets", "staking and earn products", "sub-accounts"])
}

// https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html
private enum Cryptocom {
  static let host = "https://api.crypto.com"
  static let envelope: Set<String> = ["id", "method", "api_key", "sig", "nonce"]

  /// The signature covers method, id, key, sorted parameters and nonce; the body wraps them.
  static let recipe = Recipe(
    [
      .custom { draft throws(VenueFault) in
        var parameters = draft.parameters
        if parameters.items.count == 1, case .object(let inner)? = parameters["params"] {
          parameters = Parameters(zip(inner.names, inner.values).map { .init($0, $1) })
        }
        draft.parameters = parameters
      },
      .bind("params", .json),
      .bind(
        "text",
        .made { draft throws(VenueFault) in
          Array(plain(draft.parameters.json).utf8)
        }),
      .bind(
        "method",
        .made { draft throws(VenueFault) in
          Array(try draft.text(.shortPath).utf8.dropFirst())
        }),
      .bind(
        "sig",
        .hex(
          .hmac(
            .sha256, key: .secret,
            .join([
              .value("method"), .nonce(.milliseconds), .key, .value("text"), .nonce(.milliseconds),
            ])))),
      .body(
        .join([
          "{\"id\":\"", .nonce(.milliseconds), "\",\"method\":\"", .value("method"),
          "\",\"params\":", .value("params"), ",\"api_key\":\"", .key, "\",\"sig\":\"",
          .value("sig"), "\",\"nonce\":\"", .nonce(.milliseconds), "\"}",
        ]), contentType: "application/json"),
    ], adds: envelope)

  /// Names and values one after another, names sorted, elements of arrays in their order.
  static func plain(_ json: JSON) -> String {
    switch json {
    case .object(let members):
      zip(members.names, members.values).sorted { $0.0 < $1.0 }
        .map { $0.0 + plain($0.1) }.joined()
    case .array(let elements): elements.map(plain).joined()
    default: json.plainText
    }
  }

  static let limits = Limits([
    LimitBucket("private", capacity: 30, refill: .window(seconds: 1), scope: .key),
    LimitBucket("history", capacity: 1, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 100, refill: .window(seconds: 1), scope: .address),
  ])

  static let faults = FaultTable(
    codes: [
      "202": .auth, "212": .orderNotFound, "306": .funds, "10001": .retryable, "10002": .auth,
      "10003": .auth, "10005": .auth, "10006": .rate, "10007": .clock, "20002": .funds,
      "40007": .funds, "40101": .auth, "40102": .clock, "40103": .auth, "40104": .auth,
      "40401": .orderNotFound, "40801": .unknownOutcome, "42901": .rate, "50001": .retryable,
    ],
    find: { body, _ in
      guard let code = body["code"].json?.plainText, code != "0" else { return nil }
      return (code, body["message"].json?.plainText ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        calls: { _ in [Call("v1.private", "POST", "private/user-balance")] },
        rows: Pick.inner("position_balances", of: "result", "data"), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 100, window: Paging.day, lookBack: 180 * Paging.day),
        calls: { ask in [history("private/get-trades", ask)] },
        rows: Pick.listIfAny("result", "data"), row: fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.numbered, most: 200, window: 90 * Paging.day),
        calls: { ask in [transfers("private/get-deposit-history", ask)] },
        rows: Pick.listIfAny("result", "deposit_list"),
        row: { row, _ throws(VenueFault) in try transfer(row, .deposit, depositStates) })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.numbered, most: 200, window: 90 * Paging.day),
        calls: { ask in [transfers("private/get-withdrawal-history", ask)] },
        rows: Pick.listIfAny("result", "withdrawal_list"),
        row: { row, _ throws(VenueFault) in try transfer(row, .withdrawal, withdrawalStates) })
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.backward, most: 100, window: Paging.day, lookBack: 180 * Paging.day),
        calls: { ask in [history("private/get-transactions", ask)] },
        rows: Pick.listIfAny("result", "data"), row: statement)
    ]
    feeds.positions = [
      Feed(
        calls: { ask in
          [
            Call(
              "v1.private", "POST", "private/get-positions",
              ["instrument_name": .text(ask.market?.id)])
          ]
        }, rows: Pick.listIfAny("result", "data"), row: position)
    ]
    feeds.openOrders = [openOrders]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.backward, most: 100, window: Paging.day, lookBack: 180 * Paging.day),
        calls: { ask in [history("private/get-order-history", ask)] },
        rows: Pick.listIfAny("result", "data"), row: order)
    ]
    feeds.assets = [
      Feed(
        evidence: .recorded,
        calls: { _ in [Call("v1.private", "POST", "private/get-currency-networks")] },
        rows: Pick.members("result", "currency_map"), row: asset)
    ]
    feeds.accounts = Feed(
      calls: { _ in [Call("v1.private", "POST", "private/get-accounts")] },
      rows: { answer throws(VenueFault) in
        let result = answer.body["result"]
        return [result["master_account"]] + (try result["sub_account_list"].optionalElements())
      },
      row: { row, _ throws(VenueFault) in
        let id = try row.text("uuid")
        return VenueAccount(name: try row.optionalText("label", "name") ?? id, id: id)
      })
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        calls: { _ in [open("public/get-instruments")] }, rows: Pick.list("result", "data"),
        row: market)
    ]
    feeds.tickers = [
      Feed(
        evidence: .recorded,
        calls: { ask in
          [open("public/get-tickers", ["instrument_name": .text(ask.market?.id)])]
        }, rows: Pick.list("result", "data"), row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 300), scope: .eachMarket, evidence: .recorded,
        calls: candles, rows: Pick.list("result", "data"), row: candle)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.backward, most: 150), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          let first: Parameters = ["instrument_name": .text(try ask.needed().id)]
          return [
            open("public/get-trades", first.adding(ask.range("start_ts", "end_ts", "count")))
          ]
        }, rows: Pick.list("result", "data"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            open(
              "public/get-book",
              [
                "instrument_name": .text(try ask.needed().id),
                "depth": .number(ask.limit.map { min($0, 50) }),
              ])
          ]
        }, rows: Pick.list("result", "data"), row: book)
    ]
  }

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("v1.public", "GET", path, parameters, cost: ["public": 1])
  }

  static func history(_ path: String, _ ask: Ask) -> Call {
    Call(
      "v1.private", "POST", path,
      [
        "instrument_name": .text(ask.market?.id), "start_time": .number(ask.from, .milliseconds),
        "end_time": .number(ask.to, .milliseconds),
        "limit": .number(ask.limit.map { min($0, 100) }),
      ], cost: ["history": 1])
  }

  static func transfers(_ path: String, _ ask: Ask) -> Call {
    Call(
      "v1.private", "POST", path,
      [
        "currency": .text(ask.asset), "start_ts": .number(ask.from, .milliseconds),
        "end_ts": .number(ask.to, .milliseconds),
        "page_size": .number(ask.limit.map { min($0, 200) }),
        "page": ask.page > 0 ? .number(ask.page) : nil,
      ])
  }

  static let frames = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 7200: "2h", 14400: "4h",
    43200: "12h", 86400: "1D", 604_800: "7D", 1_209_600: "14D", 2_592_000: "1M",
  ]

  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let first: Parameters = [
      "instrument_name": .text(try ask.needed().id), "timeframe": .text(frame),
    ]
    return [
      open(
        "public/get-candlestick", first.adding(ask.range("start_ts", "end_ts", "count", most: 300)))
    ]
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("instrument_name"), used: try row.optionalDecimal("reserved_qty"),
      total: try row.decimal("quantity"))
  }

  static func part(_ market: String, _ ask: Ask) -> AccountPart {
    if let known = ask.markets.market(market) { return known.part }
    if market.hasSuffix("-PERP") { return .swap }
    return market.contains("-") ? .future : .spot
  }

  /// `fees` is negative where a fee was taken.
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let market = try row.text("instrument_name")
    return Fill(
      id: try row.text("trade_id"), order: try row.optionalText("order_id"),
      time: try row.time(.milliseconds, "create_time"), market: market, side: try row.side("side"),
      price: try row.decimal("traded_price"), amount: try row.decimal("traded_quantity"),
      fees: try row.feesTaken("fees", "fee_instrument_name"),
      isMaker: try row.word("taker_side", ["MAKER": true, "TAKER": false]),
      part: part(market, ask))
  }

  static let depositStates: [String: Transfer.Status] = [
    "0": .pending, "1": .ok, "2": .failed, "3": .pending,
  ]
  static let withdrawalStates: [String: Transfer.Status] = [
    "0": .pending, "1": .pending, "2": .failed, "3": .pending, "4": .failed, "5": .ok,
    "6": .canceled,
  ]

  static func transfer(
    _ row: Node, _ direction: Transfer.Direction, _ states: [String: Transfer.Status]
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("currency")
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("txid"),
      time: try row.time(.milliseconds, "create_time"), direction: direction, asset: asset,
      amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      network: try row.optionalText("network_id"), address: try row.optionalText("address"),
      status: try row.word("status", states))
  }

  static let told: Set<String> = ["TRADING", "TRADE_FEE", "WITHDRAW", "WITHDRAW_FEE", "DEPOSIT"]

  static func kind(_ type: String?, _ amount: Fixed) -> EntryKind? {
    switch type {
    case "TRADING"?, "AUTO_CONVERSION"?, "MANUAL_CONVERSION"?: .trade
    case "TRADE_FEE"?, "WITHDRAW_FEE"?: .fee
    case "WITHDRAW"?: .withdrawal
    case "DEPOSIT"?: .deposit
    case "SUBACCOUNT_TX"?: .transfer
    case "FUNDING"?, "LIQUIDATION_FEE"?, "SETTLEMENT_FEE"?:
      amount.isNegative ? .marginFee : .marginGain
    case "REALIZED_PNL"?, "SESSION_SETTLE"?, "SOCIALIZED_LOSS"?, "INSURANCE_FUND"?,
      "UNCOVERED_LOSS"?:
      amount.isNegative ? .marginLoss : .marginGain
    case "ADJUSTMENT"?, "ADMIN_ADJUSTMENT"?: .adjustment
    default: nil
    }
  }

  /// The journal's own id: one order has a line for each trade and fee.
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.optionalText("journal_type")
    let amount = try row.decimal("transaction_qty")
    return StatementRow(
      id: try row.optionalText("journal_id"),
      time: try row.optionalTime(.milliseconds, "event_timestamp_ms"),
      asset: try row.text("instrument_name"), amount: amount, kind: kind(type, amount), type: type,
      reference: try row.optionalText("trade_id", "order_id"),
      isToldElsewhere: type.map(told.contains) ?? false)
  }

  static func position(_ row: Node, _ ask: Ask) throws(VenueFault) -> OpenPosition? {
    let market = try row.text("instrument_name")
    let quantity = try row.decimal("quantity")
    let cost = try row.optionalDecimal("open_pos_cost", "cost")
    let entry = cost.flatMap { try? $0.divided(by: quantity, rounding: .halfEven) }
    return OpenPosition(
      market: market, isLong: quantity.isZero ? nil : !quantity.isNegative,
      contracts: row.size(quantity), contractSize: .one, entryPrice: row.size(entry),
      unrealised: try row.optionalDecimal("open_position_pnl"),
      time: try row.optionalTime(.milliseconds, "update_timestamp_ms"), part: part(market, ask))
  }

  static let orderStates: [String: Order.Status] = [
    "ACTIVE": .open, "NEW": .open, "PENDING": .open, "FILLED": .closed, "CANCELED": .canceled,
    "REJECTED": .rejected, "EXPIRED": .expired,
  ]

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let code = try row.optionalText("code")
    let isRefused = code != nil && code != "0"
    let average = try row.decimalUnlessZero("avg_price")
    return Order(
      id: try row.text("order_id"), clientID: try row.optionalText("client_oid"),
      time: try row.optionalTime(.milliseconds, "create_time"),
      market: try row.optionalText("instrument_name"),
      type: try row.optionalText("order_type")?.lowercased(), side: try row.side("side"),
      price: try row.optionalDecimal("limit_price", "price") ?? average,
      amount: try row.optionalDecimal("quantity"),
      filled: try row.optionalDecimal("cumulative_quantity"),
      cost: try row.optionalDecimal("cumulative_value"), average: average,
      status: isRefused ? .rejected : try row.word("status", orderStates),
      fees: try row.fees("cumulative_fee", "fee_instrument_name"))
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let kinds: [String: MarketKind] = [
      "CCY_PAIR": .spot, "PERPETUAL_SWAP": .swap, "FUTURE": .future, "WARRANT": .option,
    ]
    guard let kind = try row.word("inst_type", kinds) else { return nil }
    let quote = try row.text("quote_ccy")
    return Market(
      id: try row.text("symbol"), base: try row.text("base_ccy"), quote: quote,
      settle: kind == .spot ? nil : quote, kind: kind, isActive: try row.optionalFlag("tradable"),
      contractSize: try row.optionalDecimal("contract_size"),
      amountStep: try row.optionalDecimal("qty_tick_size"),
      priceStep: try row.optionalDecimal("price_tick_size"),
      expiry: try row.optionalTime(.milliseconds, "expiry_timestamp_ms"),
      strike: try row.optionalDecimal("strike"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    var networks: [AssetNetwork] = []
    for network in try row["network_list"].optionalElements() {
      networks.append(
        AssetNetwork(
          id: try network.text("network_id"), fee: try network.optionalDecimal("withdrawal_fee"),
          withdrawMin: try network.optionalDecimal("min_withdrawal_amount"),
          canDeposit: try network.optionalFlag("deposit_enabled"),
          canWithdraw: try network.optionalFlag("withdraw_enabled")))
    }
    return ListedAsset(id: row.key, name: try row.optionalText("full_name"), networks: networks)
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("i"), time: try row.optionalTime(.milliseconds, "t"),
      last: try row.optionalDecimal("a"), bid: try row.optionalDecimal("b"),
      ask: try row.optionalDecimal("k"), high: try row.optionalDecimal("h"),
      low: try row.optionalDecimal("l"), baseVolume: try row.optionalDecimal("v"),
      quoteVolume: try row.optionalDecimal("vv"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "t", .letters)
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("d"), time: try row.time(.milliseconds, "t"),
      market: try row.text("i"), side: try row.side("s"), price: try row.decimal("p"),
      amount: try row.decimal("q"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", time: try row.optionalTime(.milliseconds, "t"),
      bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
      sequence: try row.optionalInteger("u"))
  }

  // MARK: - Desk

  static let openOrders = Feed<Order>(
    calls: { ask in
      [
        Call(
          "v1.private", "POST", "private/get-open-orders",
          ["instrument_name": .text(ask.market?.id)])
      ]
    }, rows: Pick.listIfAny("result", "data"), row: order)

  static let desk = OrderDesk(
    place: Feed(
      evidence: .recorded, calls: place, rows: Pick.one("result"), row: order),
    cancel: Feed(
      evidence: .recorded,
      calls: { ask throws(VenueFault) in [try one("private/cancel-order", ask)] },
      rows: Pick.one("result"), row: order),
    find: Feed(
      calls: { ask throws(VenueFault) in [try one("private/get-order-detail", ask)] },
      rows: Pick.one("result"), row: order),
    open: openOrders, clientIDMost: 36)

  static func one(_ path: String, _ ask: Ask) throws(VenueFault) -> Call {
    if ask.order == nil, let own = ask.clientOrder {
      return Call("v1.private", "POST", path, ["client_oid": .text(own)])
    }
    return Call("v1.private", "POST", path, ["order_id": .text(try ask.neededOrderID())])
  }

  static let forces: [TimeInForce: String] = [
    .goodTillCancelled: "GOOD_TILL_CANCEL", .immediateOrCancel: "IMMEDIATE_OR_CANCEL",
    .fillOrKill: "FILL_OR_KILL",
  ]

  static func place(_ ask: Ask) throws(VenueFault) -> [Call] {
    let order = try ask.neededOrder()
    guard !order.isReduceOnly else { throw .unsupported("reduce-only orders") }
    return [
      Call(
        "v1.private", "POST", "private/create-order",
        [
          "instrument_name": .text(order.market.id),
          "side": .text(order.side.rawValue.uppercased()),
          "type": .text(order.type.rawValue.uppercased()), "quantity": .text(order.amount),
          "price": .text(order.price), "client_oid": .text(order.clientID),
          "time_in_force": .text(order.timeInForce.flatMap { forces[$0] }),
          "exec_inst": order.timeInForce == .postOnly ? ["POST_ONLY"] : nil,
        ])
    ]
  }
}
