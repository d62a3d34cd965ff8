import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// GRVT: perpetuals, read with the session that its sign-in gives.
  public static let grvt = Venue(
    id: "grvt", name: "GRVT", documents: ["https://api-docs.grvt.io/"],
    surfaces: [
      Surface("market", GRVT.open, "/full/v1/", Recipe([.jsonBody])),
      Surface("trading", GRVT.host, "/full/v1/", GRVT.recipe),
      Surface("login", GRVT.edge, "/auth/api_key/", GRVT.login),
    ],
    credentials: [
      CredentialField("key", "API key"),
      .account("accountId", "Sub-account id, the key's own if empty", isOptional: true),
    ],
    limits: GRVT.limits, faults: GRVT.faults, feeds: GRVT.feeds, session: GRVT.session,
    unseen: [
      "sub-accounts other than the one asked for",
      "transfers between accounts", "orders placed here, which would need a wallet's signature",
    ])
}

private enum GRVT {
  static let host = "https://trades.grvt.io"
  static let open = "https://market-data.grvt.io"
  static let edge = "https://edge.grvt.io"

  // https://api-docs.grvt.io/#authentication
  static let recipe = Recipe([
    .jsonBody, .header("Cookie", .field("AuthCookieValue")),
    .header("X-Grvt-Account-Id", .field("AuthAccountId")),
  ])

  // https://api-docs.grvt.io/auth/ (API Key Login)
  static let login = Recipe([
    .add("api_key", .key), .jsonBody, .header("Cookie", "rm=true;"),
  ])

  // https://api-docs.grvt.io/auth/ (API Key Login): the cookie `gravity`, and in the body the
  // sub-account where the key is one of a trading account. The header with the account's id and the
  // session's day: https://help.grvt.io/en/articles/14117414
  static let session = VenueSession(
    login: Call("login", "POST", "login"), surfaces: ["trading"],
    fields: ["AuthCookieValue", "AuthAccountId"], life: Paging.day, read: granted)

  private static func granted(_ answer: Answer) throws(VenueFault) -> SessionGrant {
    guard let cookie = answer.cookie("gravity"), let id = answer.header("x-grvt-account-id") else {
      let status = try answer.body.optionalText("status") ?? "no status"
      throw .refused(Refusal(.auth, message: "the sign-in gave no session: \(status)"))
    }
    var accounts: [String: String] = [:]
    accounts["accountId"] = try answer.body.optionalText("sub_account_id")
    return SessionGrant(
      fields: ["AuthCookieValue": "gravity=" + cookie.value, "AuthAccountId": id],
      accounts: accounts, life: cookie.life)
  }

  static let limits = Limits([
    LimitBucket("requests", capacity: 75, refill: .window(seconds: 10), scope: .key)
  ])

  // https://api-docs.grvt.io/trading_api/#errors
  static let faults = FaultTable(
    codes: [
      "1000": .auth, "1001": .auth, "1002": .retryable, "1004": .definitive, "1005": .retryable,
      "1006": .rate, "1008": .auth, "2080": .funds, "2100": .orderNotFound,
      "2107": .orderNotFound, "2110": .funds, "7201": .auth,
    ],
    find: { body, _ in
      guard body["result"].isNothing, !body["message"].isNothing else { return nil }
      let code = ((try? body.optionalText("code")) ?? nil) ?? ""
      return (code, ((try? body.optionalText("message")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("trading", "POST", path, parameters)
  }

  private static func ask(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("market", "POST", path, parameters)
  }

  /// The sub-account, with the markets' assets where some are asked for.
  private static func account(_ ask: Ask) throws(VenueFault) -> Parameters {
    var parameters: Parameters = ["sub_account_id": .string(try ask.account("accountId"))]
    let markets = ask.market.map { [$0] } ?? ask.manyMarkets
    guard !markets.isEmpty else { return parameters }
    parameters["base"] = .array(markets.map { .string($0.base) })
    parameters["quote"] = .array(markets.map { .string($0.quote) })
    return parameters
  }

  private static func range(_ ask: Ask) -> Parameters {
    [
      "start_time": .text(ask.from, .nanoseconds), "end_time": .text(ask.to, .nanoseconds),
      "limit": .number(ask.limit.map { min($0, 1_000) }), "cursor": .text(ask.cursor),
    ]
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.fills = [fills]
    feeds.deposits = [deposits]
    feeds.withdrawals = [withdrawals]
    feeds.statement = [rewards, funding]
    feeds.positions = [positions]
    feeds.markets = [markets]
    feeds.assets = [assets]
    feeds.tickers = [ticker]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [
      Feed(
        part: .swap, market: .swap, evidence: .documented,
        calls: { ask throws(VenueFault) in [call("open_orders", try account(ask))] },
        rows: Pick.list("result"), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        part: .swap, market: .swap, paging: Paging(.cursor, most: 1_000),
        calls: { ask throws(VenueFault) in
          [call("order_history", try account(ask).adding(range(ask)))]
        },
        rows: Pick.list("result"), row: order, next: Pick.text("next"))
    ]
    feeds.accounts = Feed(
      calls: { _ in [call("get_sub_accounts")] }, rows: Pick.list("sub_account_ids"),
      row: { row, _ throws(VenueFault) in VenueAccount(name: "accountId", id: try row.text()) })
    return feeds
  }()

  // MARK: - The account

  /// The summary stands for the settling currency; other coins stand beside it.
  /// https://api-docs.grvt.io/trading_api/#sub-account-summary
  private static let balances = Feed<Balance>(
    part: .swap, market: .swap, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [call("account_summary", ["sub_account_id": .string(try ask.account("accountId"))])]
    },
    rows: { answer throws(VenueFault) in
      let result = answer.body["result"]
      let summary = result.isNothing ? answer.body : result
      let settle = try summary.optionalText("settle_currency")
      let others = try summary["spot_balances"].optionalElements().filter { one in
        (try? one.optionalText("currency")) != settle
      }
      return [summary] + others
    },
    row: { row, _ throws(VenueFault) in
      guard let settle = try row.optionalText("settle_currency") else {
        return Balance(
          asset: try row.text("currency"), total: try row.decimal("balance"), part: .swap)
      }
      let own = try row["spot_balances"].optionalElements().first { one in
        (try? one.optionalText("currency")) == settle
      }
      // The total equity has the profit of open positions, the spot balance has not:
      // https://api-docs.grvt.io/trading_api/#sub-account-summary
      return Balance(
        asset: settle, free: try row.decimal("available_balance"),
        total: try (own ?? row).decimal("balance", "total_equity"), part: .swap,
        openProfit: own == nil ? try row.optionalDecimal("unrealized_pnl") : nil)
    })

  private static let fills = Feed<Fill>(
    part: .swap, market: .swap, paging: Paging(.cursor, most: 1_000), evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [call("fill_history", try account(ask).adding(range(ask)))]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      let market = try row.text("instrument")
      let parts = market.split(separator: "_").map(String.init)
      let quote = parts.count > 1 ? parts[1] : "USDT"
      return Fill(
        id: try row.text("trade_id"), order: try row.text("order_id"),
        time: try row.time(.nanoseconds, "event_time"), market: market,
        side: try row.word("is_buyer", ["true": .buy, "false": .sell]),
        price: try row.decimal("price"), amount: try row.decimal("size"),
        fees: try row.optionalDecimal("fee").map { [VenueAmount(quote, $0)] } ?? [],
        isMaker: try row.optionalFlag("is_taker").map { !$0 }, part: .swap,
        realised: try row.optionalDecimal("realized_pnl").map { VenueAmount(quote, $0) })
    },
    next: Pick.text("next"))

  private static func moves(_ ask: Ask) -> Parameters {
    let asset: Parameters = ["currency": ask.asset.map { .array([.string($0)]) }]
    return asset.adding(range(ask))
  }

  // https://api-docs.grvt.io/trading_api/#deposit-history
  private static let deposits = Feed<Transfer>(
    paging: Paging(.cursor, most: 1_000),
    calls: { ask in [call("deposit_history", moves(ask))] }, rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      guard let hash = try row.optionalText("l_1_hash"), row["to_eth_address"].isNothing else {
        return nil
      }
      return Transfer(
        id: try row.optionalText("tx_id"), transactionHash: hash,
        time: try row.optionalTime(.nanoseconds, "initiated_time"), direction: .deposit,
        asset: try row.text("currency"), amount: try row.decimal("num_tokens"),
        address: try row.optionalText("to_account_id"),
        status: row["confirmed_time"].isNothing ? .pending : .ok)
    },
    next: Pick.text("next"))

  // https://api-docs.grvt.io/trading_api/#withdrawal-history
  private static let withdrawals = Feed<Transfer>(
    paging: Paging(.cursor, most: 1_000),
    calls: { ask in [call("withdrawal_history", moves(ask))] }, rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      guard let address = try row.optionalText("to_eth_address") else { return nil }
      return Transfer(
        id: try row.optionalText("tx_id"), transactionHash: try row.optionalText("l_1_hash"),
        time: try row.optionalTime(.nanoseconds, "event_time"), direction: .withdrawal,
        asset: try row.text("currency"), amount: try row.decimal("num_tokens"), address: address,
        status: row["l_1_hash"].isNothing ? .pending : .ok)
    },
    next: Pick.text("next"))

  /// What the venue itself paid; moves between one's own accounts are no facts of the ledger.
  /// https://api-docs.grvt.io/trading_api/#transfer-history
  private static let rewards = Feed<StatementRow>(
    part: .swap, paging: Paging(.cursor, most: 1_000),
    calls: { ask in [call("transfer_history", moves(ask))] }, rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      guard let word = try row.optionalText("transfer_type"), word != "STANDARD" else {
        return nil
      }
      return StatementRow(
        id: try row.text("tx_id"), time: try row.time(.nanoseconds, "event_time"),
        asset: try row.text("currency"), amount: try row.decimal("num_tokens"),
        kind: word.hasSuffix("INCENTIVE") ? .reward : nil, type: word, part: .swap)
    },
    next: Pick.text("next"))

  private static let funding = Feed<StatementRow>(
    part: .swap, market: .swap, paging: Paging(.cursor, most: 1_000),
    calls: { ask throws(VenueFault) in
      [call("funding_payment_history", try account(ask).adding(range(ask)))]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      StatementRow(
        id: try row.text("tx_id"), time: try row.time(.nanoseconds, "event_time"),
        asset: try row.text("currency"), amount: try row.decimal("amount"), kind: .marginFee,
        type: "funding", reference: try row.text("instrument"), part: .swap)
    },
    next: Pick.text("next"))

  private static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap,
    calls: { ask throws(VenueFault) in [call("positions", try account(ask))] },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      let size = try row.decimal("size")
      guard !size.isZero else { return nil }
      return OpenPosition(
        market: try row.text("instrument"), isLong: !size.isNegative,
        contracts: try size.sizeOnly(), contractSize: .one,
        entryPrice: try row.optionalDecimal("entry_price"),
        markPrice: try row.optionalDecimal("mark_price"),
        liquidationPrice: try row.decimalUnlessZero("est_liquidation_price"),
        unrealised: try row.optionalDecimal("unrealized_pnl"),
        leverage: try row.optionalDecimal("leverage"),
        time: try row.optionalTime(.nanoseconds, "event_time"), part: .swap)
    })

  private static let states: [String: Order.Status] = [
    "PENDING": .open, "OPEN": .open, "FILLED": .closed, "REJECTED": .rejected,
    "CANCELLED": .canceled,
  ]

  private static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let (leg, data, state) = (row["legs"][0], row["metadata"], row["state"])
    return Order(
      id: try row.text("order_id"), clientID: try data.optionalText("client_order_id"),
      time: try data.optionalTime(.nanoseconds, "create_time"),
      market: try leg.optionalText("instrument"),
      type: try row.optionalFlag("is_market").map { $0 ? "market" : "limit" },
      side: try leg.word("is_buying_asset", ["true": .buy, "false": .sell]),
      price: try leg.decimalUnlessZero("limit_price"), amount: try leg.optionalDecimal("size"),
      filled: try state["traded_size"][0].optionalDecimal(),
      average: try state["avg_fill_price"][0].decimalButZero(),
      status: try state.word("status", states))
  }

  // MARK: - Markets

  // https://api-docs.grvt.io/market_data_api/#get-all-instruments
  private static let markets = Feed<Market>(
    market: .swap, evidence: .recorded, calls: { _ in [ask("all_instruments")] },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      let kinds: [String: MarketKind] = [
        "PERPETUAL": .swap, "FUTURE": .future, "CALL": .option, "PUT": .option,
      ]
      guard let kind = try row.word("kind", kinds) else { return nil }
      let quote = try row.text("quote")
      return Market(
        id: try row.text("instrument"), base: try row.text("base"), quote: quote, settle: quote,
        kind: kind, contractSize: .one, amountStep: try row.optionalDecimal("min_size"),
        priceStep: try row.optionalDecimal("tick_size"), amountMin: row.shownDecimal("min_size"),
        amountMax: row.shownDecimal("max_position_size"),
        costMin: row.shownDecimal("min_notional"))
    })

  /// The route takes a body that is not empty.
  private static let assets = Feed<ListedAsset>(
    evidence: .recorded,
    calls: { _ in
      let body = JSON.object(JSONObject([("", .string(""))]))
      return [ask("currency", Parameters([Parameters.Item("", body)]))]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      ListedAsset(id: try row.text("symbol"), step: try row.step(digits: "balance_decimals"))
    })

  private static func name(_ ask: Ask) throws(VenueFault) -> Parameters {
    ["instrument": .string(try ask.needed().id)]
  }

  private static let ticker = Feed<Ticker>(
    market: .swap, scope: .eachMarket,
    calls: { ask throws(VenueFault) in [GRVT.ask("ticker", try name(ask))] },
    rows: Pick.one("result"),
    row: { row, _ throws(VenueFault) in
      // Volumes are told by the taker's side.
      Ticker(
        market: try row.text("instrument"), time: try row.optionalTime(.nanoseconds, "event_time"),
        last: try row.optionalDecimal("last_price"), bid: try row.optionalDecimal("best_bid_price"),
        ask: try row.optionalDecimal("best_ask_price"), high: try row.optionalDecimal("high_price"),
        low: try row.optionalDecimal("low_price"), open: try row.optionalDecimal("open_price"),
        baseVolume: volume(row, "buy_volume_24h_b", "sell_volume_24h_b"),
        quoteVolume: volume(row, "buy_volume_24h_q", "sell_volume_24h_q"))
    })

  private static func volume(_ row: Node, _ bought: String, _ sold: String) -> Fixed? {
    guard let bought = row.shownDecimal(bought), let sold = row.shownDecimal(sold) else {
      return nil
    }
    return try? bought.adding(sold)
  }

  private static let candles = Feed<Candle>(
    market: .swap, paging: Paging(.cursor, most: 1_000), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "CI_1_M", 300: "CI_5_M", 900: "CI_15_M", 1_800: "CI_30_M", 3_600: "CI_1_H",
        14_400: "CI_4_H", 86_400: "CI_1_D", 604_800: "CI_1_W",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let kind: Parameters = ["interval": .string(word), "type": "TRADE"]
      return [GRVT.ask("kline", try name(ask).adding(kind).adding(range(ask)))]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .nanoseconds, "open_time", volume: "volume_b")
    },
    next: Pick.text("next"))

  private static let trades = Feed<PublicTrade>(
    market: .swap, paging: Paging(.cursor, most: 1_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [GRVT.ask("trade_history", try name(ask).adding(range(ask)))]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      PublicTrade(
        id: try row.text("trade_id"), time: try row.time(.nanoseconds, "event_time"),
        market: try row.text("instrument"),
        side: try row.word("is_taker_buyer", ["true": .buy, "false": .sell]),
        price: try row.decimal("price"), amount: try row.decimal("size"))
    },
    next: Pick.text("next"))

  private static let books = Feed<OrderBook>(
    market: .swap, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let depth = [10, 50, 100].first { $0 >= ask.limit ?? 50 } ?? 500
      return [GRVT.ask("book", try name(ask).adding(["depth": .number(depth)]))]
    },
    rows: Pick.one("result"),
    row: { row, _ throws(VenueFault) in
      OrderBook(
        market: try row.text("instrument"),
        time: try row.optionalTime(.nanoseconds, "event_time"),
        bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "size"),
        asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "size"))
    })

}
