import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Deribit: futures, perpetuals, options and spot.
  public static let deribit = Venue(
    id: "deribit", name: "Deribit",
    documents: [
      "https://docs.deribit.com/api-reference/trading/private-get_user_trades_by_currency",
      "https://docs.deribit.com/articles/accessing-historical-trades-orders",
    ],
    surfaces: [
      Surface("public", Deribit.host, "/api/v2/public/"),
      Surface("private", Deribit.host, "/api/v2/private/", Deribit.recipe),
    ],
    limits: Deribit.limits, faults: Deribit.faults, feeds: Deribit.feeds, desk: Deribit.desk,
    streams: Deribit.streams,
    unseen: [
      "sub-accounts other than the key's own",
      "what settled before the transaction log's first day",
    ])
}

enum Deribit {
  static let host = "https://www.deribit.com"

  // https://docs.deribit.com/articles/authentication
  static let recipe = Recipe([
    .query(.strict),
    .bind(
      "signature",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([
            .time(.milliseconds), "\n", .nonce(.milliseconds), "\n", .method, "\n", .pathAndQuery,
            "\n", .body, "\n",
          ])))),
    .header(
      "Authorization",
      .join([
        "deri-hmac-sha256 id=", .key, ",ts=", .time(.milliseconds), ",sig=", .value("signature"),
        ",nonce=", .nonce(.milliseconds),
      ])),
  ])

  // https://docs.deribit.com/articles/rate-limits: 50,000 credits, 500 a request, 10,000 a second
  // back; requests to the matching engine 5 a second in bursts of 20.
  static let limits = Limits([
    LimitBucket("credits", capacity: 100, refill: .steady(perSecond: 20), scope: .key),
    LimitBucket("matching", capacity: 20, refill: .steady(perSecond: 5), scope: .key),
  ])

  // https://docs.deribit.com/articles/errors
  static let faults = FaultTable(
    codes: [
      "9999": .auth, "10000": .auth, "10001": .retryable, "10004": .orderNotFound,
      "10009": .funds, "10010": .orderNotFound, "10028": .rate, "10029": .orderNotFound,
      "10040": .retryable, "10041": .retryable, "10047": .retryable, "10066": .rate,
      "11044": .orderNotFound, "11051": .retryable, "11094": .retryable, "11095": .unknownOutcome,
      "11098": .auth, "12000": .auth, "12003": .auth, "13004": .auth, "13009": .auth,
      "13012": .auth, "13021": .auth, "13028": .retryable, "13031": .auth, "13403": .auth,
      "13503": .retryable, "13780": .unknownOutcome, "13888": .unknownOutcome,
    ],
    texts: ["too_many_requests": .rate, "timed_out": .unknownOutcome],
    find: { body, _ in
      let error = body["error"]
      guard !error.isNothing else { return nil }
      let code = error["code"].json?.plainText ?? ""
      let reason = error["data"]["reason"].json?.plainText
      return (
        code, [error["message"].json?.plainText, reason].compactMap { $0 }.joined(separator: ": ")
      )
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        evidence: .recorded, calls: { _ in [Call("private", "GET", "get_account_summaries")] },
        rows: Pick.list("result", "summaries"), row: balance)
    ]
    // Trades of the last day come without, the others only with `historical`.
    feeds.fills = [
      Feed(
        paging: Paging(.forward, most: 1000, lookBack: Paging.day), scope: .eachAsset,
        calls: { ask in [userTrades(ask, ["include_old": "true"])] },
        rows: Pick.list("result", "trades"), row: fill),
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachAsset,
        calls: { ask in [userTrades(ask, ["historical": "true"])] },
        rows: Pick.list("result", "trades"), row: fill),
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.numbered, most: 1000), scope: .eachAsset,
        calls: { ask in [transfers("get_deposits", ask)] },
        rows: Pick.list("result", "data"),
        row: { row, _ throws(VenueFault) in try transfer(row, .deposit) })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.numbered, most: 1000), scope: .eachAsset,
        calls: { ask in [transfers("get_withdrawals", ask)] },
        rows: Pick.list("result", "data"),
        row: { row, _ throws(VenueFault) in try transfer(row, .withdrawal) })
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.cursor, most: 250), scope: .eachAsset, calls: log,
        rows: Pick.list("result", "logs"), row: statement,
        next: Pick.text("result", "continuation"))
    ]
    feeds.positions = [
      Feed(
        evidence: .recorded,
        calls: { ask in
          [Call("private", "GET", "get_positions", ["currency": .text(ask.asset)])]
        },
        rows: Pick.list("result"), row: position)
    ]
    feeds.openOrders = [openOrders]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.numbered, most: 1000), scope: .eachAsset, evidence: .recorded,
        calls: closedOrders, rows: Pick.list("result"), row: order)
    ]
    feeds.accounts = Feed(
      calls: { _ in [Call("private", "GET", "get_subaccounts")] }, rows: Pick.list("result"),
      row: { row, _ throws(VenueFault) in
        VenueAccount(name: try row.text("system_name", "username"), id: try row.text("id"))
      })
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        calls: { _ in [Call("public", "GET", "get_instruments")] }, rows: Pick.list("result"),
        row: market)
    ]
    feeds.assets = [
      Feed(
        evidence: .recorded, calls: { _ in [Call("public", "GET", "get_currencies")] },
        rows: Pick.list("result"), row: asset)
    ]
    feeds.tickers = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [Call("public", "GET", "ticker", ["instrument_name": .text(try ask.needed().id)])]
        },
        rows: Pick.one("result"), row: ticker),
      Feed(
        scope: .eachAsset,
        calls: { ask in
          let currency = ask.asset ?? firstAsset
          return [
            Call("public", "GET", "get_book_summary_by_currency", ["currency": .text(currency)])
          ]
        },
        rows: Pick.list("result"), row: ticker),
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 5000), scope: .eachMarket, evidence: .recorded,
        calls: candles,
        rows: { answer throws(VenueFault) in
          try answer.body["result"].transposed(["ticks", "open", "high", "low", "close", "volume"])
        }, row: candle)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket, calls: publicTrades,
        rows: Pick.list("result", "trades"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "public", "GET", "get_order_book",
              ["instrument_name": .text(try ask.needed().id), "depth": .number(ask.limit)])
          ]
        },
        rows: Pick.one("result"), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [Call("public", "GET", "get_time")] }, rows: Pick.one("result"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  // MARK: - Calls

  /// Every route of an account's history wants a currency; asked without one it is the first's.
  static let firstAsset = "BTC"

  static func userTrades(_ ask: Ask, _ first: Parameters) -> Call {
    var parameters = first
    let hasTime = ask.from != nil || ask.to != nil
    if let market = ask.market {
      parameters["instrument_name"] = .text(market.id)
    } else {
      parameters["currency"] = .text(ask.asset ?? firstAsset)
    }
    parameters = parameters.adding(ask.range("start_timestamp", "end_timestamp", "count"))
    // Pages follow one another by time; without this they come as they left the database.
    if hasTime, ask.limit != nil { parameters["sorting"] = "asc" }
    let name = "get_user_trades_by_" + (ask.market == nil ? "currency" : "instrument")
    return Call("private", "GET", hasTime ? name + "_and_time" : name, parameters)
  }

  static func transfers(_ path: String, _ ask: Ask) -> Call {
    Call(
      "private", "GET", path,
      [
        "currency": .text(ask.asset ?? firstAsset), "count": .number(ask.limit),
        "offset": offset(ask),
      ])
  }

  static func offset(_ ask: Ask) -> JSON? {
    ask.page > 0 ? .number(ask.page * (ask.limit ?? 1000)) : nil
  }

  static func log(_ ask: Ask) -> [Call] {
    let from = ask.from ?? ask.now.advanced(bySeconds: -Int64(Paging.day) * 30)
    return [
      Call(
        "private", "GET", "get_transaction_log",
        [
          "currency": .text(ask.asset ?? firstAsset),
          "start_timestamp": .text(from, .milliseconds),
          "end_timestamp": .text(ask.to ?? ask.now, .milliseconds),
          "count": .number(ask.limit), "continuation": .text(ask.cursor),
        ])
    ]
  }

  static func closedOrders(_ ask: Ask) -> [Call] {
    var parameters: Parameters = ["count": .number(ask.limit ?? 1000), "offset": offset(ask)]
    if let market = ask.market {
      parameters["instrument_name"] = .text(market.id)
    } else {
      parameters["currency"] = .text(ask.asset ?? firstAsset)
    }
    let path = "get_order_history_by_" + (ask.market == nil ? "currency" : "instrument")
    var historical = parameters
    historical["historical"] = "true"
    return [
      Call("private", "GET", path, parameters), Call("private", "GET", path, historical),
    ]
  }

  static func publicTrades(_ ask: Ask) throws(VenueFault) -> [Call] {
    let hasTime = ask.from != nil || ask.to != nil
    let start: Parameters = [
      "instrument_name": .text(try ask.needed().id), "include_old": "true",
    ]
    let path = "get_last_trades_by_instrument" + (hasTime ? "_and_time" : "")
    return [
      Call(
        "public", "GET", path, start.adding(ask.range("start_timestamp", "end_timestamp", "count")))
    ]
  }

  static let resolutions = [
    60: "1", 180: "3", 300: "5", 600: "10", 900: "15", 1800: "30", 3600: "60", 7200: "120",
    10800: "180", 21600: "360", 43200: "720", 86400: "1D",
  ]

  /// Both ends are required; the first candle is found only from a millisecond before it.
  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let resolution = resolutions[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let step = Int64(ask.interval)
    let count = Int64(min(max(ask.limit ?? 1000, 1), 5000))
    let start: Instant
    let end: Instant
    if let from = ask.from {
      start = Instant(microseconds: max(0, from.microseconds) - 1_000)
      end = ask.to ?? (ask.limit == nil ? ask.now : start.advanced(bySeconds: step * count))
    } else {
      end = ask.to ?? ask.now
      start = end.advanced(bySeconds: -step * (count - 1))
    }
    return [
      Call(
        "public", "GET", "get_tradingview_chart_data",
        [
          "instrument_name": .text(try ask.needed().id), "resolution": .text(resolution),
          "start_timestamp": .text(start, .milliseconds),
          "end_timestamp": .text(end, .milliseconds),
        ])
    ]
  }

  // MARK: - Rows

  // Equity is the balance, the session's profit and what options are worth:
  // https://docs.deribit.com/api-reference/account-management/private-get_account_summary
  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let equity = try row.decimal("equity")
    return Balance(
      asset: try row.text("currency"), free: try row.optionalDecimal("available_funds"),
      used: try row.optionalDecimal("maintenance_margin"), total: equity,
      openProfit: try row.openProfit(of: equity, beyond: "balance"))
  }

  static func part(_ id: String, _ ask: Ask) -> AccountPart {
    if let known = ask.markets.market(id) { return known.part }
    if id.hasSuffix("-C") || id.hasSuffix("-P") { return .option }
    if id.hasSuffix("-PERPETUAL") { return id.contains("_") ? .swap : .inverse }
    return id.contains("-") ? .future : .spot
  }

  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let market = try row.text("instrument_name")
    return Fill(
      id: try row.text("trade_id"), order: try row.optionalText("order_id"),
      time: try row.time(.milliseconds, "timestamp"), market: market,
      side: try row.side("direction"), price: try row.decimal("price"),
      amount: try row.decimal("amount"), fees: try row.fees("fee", "fee_currency"),
      isMaker: try row.word("liquidity", ["M": true, "T": false]), part: part(market, ask))
  }

  static let transferStates: [String: Transfer.Status] = [
    "completed": .ok, "confirmed": .pending, "unconfirmed": .pending, "pending": .pending,
    "cancelled": .canceled, "interrupted": .canceled, "replaced": .canceled, "rejected": .failed,
  ]

  static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("currency")
    return Transfer(
      id: try row.optionalText("id"), transactionHash: try row.optionalText("transaction_id"),
      time: try row.optionalTime(.milliseconds, "created_timestamp", "received_timestamp"),
      direction: direction, asset: asset, amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      address: try row.optionalText("address"), status: try row.word("state", transferStates))
  }

  /// Lines of trades, deposits and withdrawals belong to what the other feeds tell.
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let amount = try row.decimal("change")
    let type = try row.optionalText("type")
    let kind: EntryKind? =
      switch type {
      case "trade"?: .trade
      case "deposit"?: .deposit
      case "withdrawal"?: .withdrawal
      case "transfer"?: .transfer
      case "swap"?: .trade
      case "settlement"?, "delivery"?: amount.isNegative ? .marginLoss : .marginGain
      case "correction"?: .adjustment
      case "negative_balance_fee"?: .fee
      default: nil
      }
    return StatementRow(
      id: try row.optionalText("id"), time: try row.optionalTime(.milliseconds, "timestamp"),
      asset: try row.text("currency"), amount: amount, kind: kind, type: type,
      reference: try row.optionalText("trade_id", "order_id"),
      after: try row.optionalDecimal("balance"),
      isToldElsewhere: ["trade", "deposit", "withdrawal"].contains(type))
  }

  /// `size` is in USD for inverse and in USDC for linear futures, so that only `size_currency`
  /// counts a linear position in the base asset as its fills do.
  static func position(_ row: Node, _ ask: Ask) throws(VenueFault) -> OpenPosition? {
    let market = try row.text("instrument_name")
    let isLinear = market.contains("_")
    let size =
      isLinear
      ? try row.optionalDecimal("size_currency", "size") : try row.optionalDecimal("size")
    let isLong: Bool? = try row.word("direction", ["buy": true, "sell": false])
    return OpenPosition(
      market: market, isLong: isLong, contracts: row.size(size), contractSize: .one,
      entryPrice: try row.optionalDecimal("average_price"),
      markPrice: try row.optionalDecimal("mark_price"),
      liquidationPrice: try row.optionalDecimal("estimated_liquidation_price"),
      unrealised: try row.optionalDecimal("floating_profit_loss"),
      leverage: try row.optionalDecimal("leverage"),
      margin: try row.optionalDecimal("initial_margin"), isIsolated: false,
      part: part(market, ask))
  }

  static let orderStates: [String: Order.Status] = [
    "open": .open, "untriggered": .open, "triggered": .open, "filled": .closed,
    "cancelled": .canceled, "rejected": .rejected, "archive": .closed,
  ]

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    Order(
      id: try row.text("order_id"), clientID: try row.optionalText("label"),
      time: try row.optionalTime(.milliseconds, "creation_timestamp"),
      market: try row.optionalText("instrument_name"), type: try row.optionalText("order_type"),
      side: try row.side("direction"), price: row.shownDecimal("price"),
      amount: try row.optionalDecimal("amount"), filled: try row.optionalDecimal("filled_amount"),
      average: try row.decimalUnlessZero("average_price"),
      status: try row.word("order_state", orderStates))
  }

  /// Amounts are in base, or in USD of inverse futures, never in contracts of `contract_size`.
  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let isPerpetual = try row.optionalText("settlement_period") == "perpetual"
    let kinds: [String: MarketKind] = [
      "spot": .spot, "option": .option, "future": isPerpetual ? .swap : .future,
    ]
    guard let kind = kinds[try row.text("kind")] else { return nil }
    return Market(
      id: try row.text("instrument_name"), base: try row.text("base_currency"),
      quote: try row.text("counter_currency", "quote_currency"),
      settle: kind == .spot ? nil : try row.optionalText("settlement_currency"), kind: kind,
      isActive: try row.optionalFlag("is_active"), contractSize: kind == .spot ? nil : .one,
      amountStep: try row.optionalDecimal("min_trade_amount"),
      priceStep: try row.optionalDecimal("tick_size"),
      amountMin: try row.optionalDecimal("min_trade_amount"),
      expiry: kind == .future || kind == .option
        ? try row.optionalTime(.milliseconds, "expiration_timestamp") : nil,
      strike: try row.optionalDecimal("strike"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    let id = try row.text("currency")
    return ListedAsset(
      id: id, name: try row.optionalText("currency_long"),
      networks: [
        AssetNetwork(
          id: try row.optionalText("network_currency", "coin_type") ?? id,
          fee: try row.optionalDecimal("withdrawal_fee"))
      ])
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    let stats = row["stats"].isNothing ? row : row["stats"]
    return Ticker(
      market: try row.text("instrument_name"),
      time: try row.optionalTime(.milliseconds, "timestamp", "creation_timestamp"),
      last: try row.optionalDecimal("last_price", "last"),
      bid: try row.optionalDecimal("best_bid_price", "bid_price"),
      ask: try row.optionalDecimal("best_ask_price", "ask_price"),
      high: try stats.optionalDecimal("high"), low: try stats.optionalDecimal("low"),
      baseVolume: try stats.optionalDecimal("volume"),
      quoteVolume: try stats.optionalDecimal("volume_notional", "volume_usd"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds)
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("trade_id"), time: try row.time(.milliseconds, "timestamp"),
      market: try row.text("instrument_name"), side: try row.side("direction"),
      price: try row.decimal("price"), amount: try row.decimal("amount"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: try row.text("instrument_name"),
      time: try row.optionalTime(.milliseconds, "timestamp"),
      bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
      sequence: try row.optionalInteger("change_id"))
  }

  // MARK: - Desk

  static let openOrders = Feed<Order>(
    calls: { ask in
      guard let market = ask.market else { return [Call("private", "GET", "get_open_orders")] }
      return [
        Call(
          "private", "GET", "get_open_orders_by_instrument",
          ["instrument_name": .text(market.id)])
      ]
    }, rows: Pick.list("result"), row: order)

  static let desk = OrderDesk(
    place: Feed(calls: place, rows: Pick.one("result", "order"), row: order),
    cancel: Feed(
      calls: { ask throws(VenueFault) in
        [
          Call(
            "private", "GET", "cancel", ["order_id": .text(try ask.neededOrderID())],
            cost: ["matching": 1])
        ]
      }, rows: Pick.one("result"), row: order),
    find: Feed(
      calls: { ask throws(VenueFault) in
        [Call("private", "GET", "get_order_state", ["order_id": .text(try ask.neededOrderID())])]
      }, rows: Pick.one("result"), row: order),
    open: openOrders, clientIDMost: 64)

  static let forces: [TimeInForce: String] = [
    .goodTillCancelled: "good_til_cancelled", .immediateOrCancel: "immediate_or_cancel",
    .fillOrKill: "fill_or_kill",
  ]

  static func place(_ ask: Ask) throws(VenueFault) -> [Call] {
    let order = try ask.neededOrder()
    return [
      Call(
        "private", "GET", order.side.rawValue,
        [
          "instrument_name": .text(order.market.id), "amount": .text(order.amount),
          "type": .text(order.type.rawValue), "price": .text(order.price),
          "time_in_force": .text(order.timeInForce.flatMap { forces[$0] }),
          "post_only": order.timeInForce == .postOnly ? "true" : nil,
          "reduce_only": order.isReduceOnly ? "true" : nil, "label": .text(order.clientID),
        ], cost: ["matching": 1])
    ]
  }
}
