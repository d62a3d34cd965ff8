import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Pacifica: perpetuals on Solana, read by address.
  public static let pacifica = Venue(
    id: "pacifica", name: "Pacifica",
    documents: ["https://docs.pacifica.fi/api-documentation/api"],
    surfaces: [
      Surface("private", Pacifica.host, "/api/v1/", Pacifica.recipe),
      Surface("public", Pacifica.host, "/api/v1/"),
      Surface("account", Pacifica.host, "/api/v1/", Pacifica.byAddress),
    ],
    credentials: [
      CredentialField("walletAddress", "Solana address", isSecret: false),
      CredentialField("privateKey", "Solana private key (only for orders)", isOptional: true),
    ],
    limits: Pacifica.limits, faults: Pacifica.faults, feeds: Pacifica.feeds,
    unseen: ["sub-accounts", "points", "orders placed here"])
}

private enum Pacifica {
  static let host = "https://api.pacifica.fi"

  // https://docs.pacifica.fi/api-documentation/api/signing
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]),
    .notOn(["GET"], [.custom(PacificaSigning.step), .jsonBody]),
    .header("Content-Type", "application/json"),
  ])

  /// Reads take the address and need no key.
  static let byAddress = Recipe([
    .lead("account", .field("walletAddress")), .query(.strict),
  ])

  // https://docs.pacifica.fi/api-documentation/api/rate-limits
  static let limits = Limits([
    LimitBucket("credits", capacity: 100, refill: .window(seconds: 60), scope: .address)
  ])

  static let faults = FaultTable(
    codes: ["400": .definitive, "401": .auth, "403": .auth, "429": .rate, "500": .retryable],
    texts: [
      "insufficient": .funds, "order not found": .orderNotFound, "rate limit": .rate,
      "verification failed": .auth, "signature": .auth, "expired": .clock,
    ],
    find: { body, _ in
      guard body["success"].json == .bool(false) else { return nil }
      let code = ((try? body.optionalText("code")) ?? nil) ?? ""
      return (code, ((try? body.optionalText("error")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("account", "GET", path, parameters)
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters)
  }

  private static func page(_ ask: Ask, isTimed: Bool) -> Parameters {
    var parameters = ask.range(
      isTimed ? "start_time" : nil, isTimed ? "end_time" : nil, "limit", most: 100)
    parameters["cursor"] = .text(ask.cursor)
    return parameters
  }

  private static let next: @Sendable (Answer) throws(VenueFault) -> String? = {
    answer throws(VenueFault) in
    let isMore = try answer.body.optionalFlag("has_more") ?? false
    return isMore ? try answer.body.optionalText("next_cursor") : nil
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .swap, evidence: .recorded, calls: { _ in [call("account")] },
        rows: Pick.one("data"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: "USDC", free: try row.optionalDecimal("available_to_withdraw"),
            total: try row.decimal("balance"), part: .swap)
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("deposit", .deposit)]
    feeds.withdrawals = [transfers("withdraw", .withdrawal)]
    feeds.statement = [changes, funding]
    feeds.positions = [positions]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [
      Feed(
        part: .swap, evidence: .recorded, calls: { _ in [call("orders")] },
        rows: Pick.list("data"),
        row: { row, _ throws(VenueFault) in
          var order = try order(row)
          if order.status == nil, row["order_status"].isNothing { order.status = .open }
          return order
        })
    ]
    feeds.closedOrders = [
      Feed(
        part: .swap, paging: Paging(.cursor, most: 100),
        calls: { ask in [call("orders/history", page(ask, isTimed: false))] },
        rows: Pick.list("data"), row: { row, _ throws(VenueFault) in try order(row) }, next: next)
    ]
    return feeds
  }()

  // MARK: - The account

  /// `open_long` and `close_short` buy.
  private static func side(_ node: Node) throws(VenueFault) -> Side? {
    switch try node.optionalText() {
    case "open_long", "close_short", "bid", "buy": .buy
    case "open_short", "close_long", "ask", "sell": .sell
    default: nil
    }
  }

  // https://docs.pacifica.fi/api-documentation/api/rest-api/account/get-trade-history
  private static let fills = Feed<Fill>(
    part: .swap, paging: Paging(.cursor, most: 100),
    calls: { ask in
      let market: Parameters = ["symbol": .text(ask.market?.id)]
      return [call("trades/history", market.adding(page(ask, isTimed: true)))]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let makers = ["fulfill_maker": true, "fulfill_taker": false]
      return Fill(
        id: try row.text("history_id"), order: try row.optionalText("order_id"),
        time: try row.time(.milliseconds, "created_at"),
        market: try row.text("symbol"), side: try side(row["side"]),
        price: try row.decimal("price"), amount: try row.decimal("amount"),
        fees: try row.optionalDecimal("fee").map { [VenueAmount("USDC", $0)] } ?? [],
        isMaker: try row.word("event_type", makers), part: .swap,
        realised: try row.optionalDecimal("pnl").map { VenueAmount("USDC", $0) })
    },
    next: next)

  private static let told: Set<String> = ["deposit", "withdraw", "trade", "funding"]
  private static let kinds: [String: EntryKind] = [
    "deposit": .deposit, "withdraw": .withdrawal, "trade": .trade, "funding": .marginFee,
    "market_liquidation": .liquidation, "backstop_liquidation": .liquidation,
    "adl_liquidation": .liquidation, "payout": .reward,
    "subaccount_transfer": .internalTransfer, "transfer": .internalTransfer,
  ]

  // https://docs.pacifica.fi/api-documentation/api/rest-api/account/get-account-balance-history
  private static let changes = Feed<StatementRow>(
    part: .swap, paging: Paging(.cursor, most: 100),
    calls: { ask in [call("account/balance/history", page(ask, isTimed: false))] },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let word = try row.text("event_type")
      return StatementRow(
        id: nil, time: try row.time(.milliseconds, "created_at"), asset: "USDC",
        amount: try row.decimal("amount"), kind: kinds[word], type: word,
        after: try row.optionalDecimal("balance"), part: .swap,
        isToldElsewhere: told.contains(word))
    },
    next: next)

  private static func transfers(
    _ word: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor, most: 100),
      calls: { ask in [call("account/balance/history", page(ask, isTimed: false))] },
      rows: Pick.list("data"),
      row: { row, _ throws(VenueFault) in
        guard try row.text("event_type") == word else { return nil }
        return Transfer(
          id: nil, time: try row.time(.milliseconds, "created_at"), direction: direction,
          asset: "USDC", amount: try row.decimal("amount").sizeOnly(), status: .ok)
      },
      next: next)
  }

  private static let funding = Feed<StatementRow>(
    part: .swap, paging: Paging(.cursor, most: 100),
    calls: { ask in [call("funding/history", page(ask, isTimed: false))] },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      guard let payout = try row.optionalDecimal("payout") else { return nil }
      return StatementRow(
        id: try row.optionalText("history_id"), time: try row.time(.milliseconds, "created_at"),
        asset: "USDC", amount: payout, kind: .marginFee, type: "funding",
        reference: try row.optionalText("symbol"), part: .swap)
    },
    next: next)

  private static let positions = Feed<OpenPosition>(
    part: .swap, calls: { _ in [call("positions")] }, rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      OpenPosition(
        market: try row.text("symbol"), isLong: try row.word("side", ["bid": true, "ask": false]),
        contracts: try row.decimal("amount").sizeOnly(), contractSize: .one,
        entryPrice: try row.optionalDecimal("entry_price"),
        margin: try row.optionalDecimal("margin"), isIsolated: try row.optionalFlag("isolated"),
        time: try row.optionalTime(.milliseconds, "updated_at"), part: .swap)
    })

  private static let states: [String: Order.Status] = [
    "open": .open, "partially_filled": .open, "filled": .closed, "cancelled": .canceled,
    "rejected": .rejected,
  ]

  private static func order(_ row: Node) throws(VenueFault) -> Order {
    Order(
      id: try row.text("order_id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.milliseconds, "created_at"),
      market: try row.optionalText("symbol"), type: try row.optionalText("order_type"),
      side: try side(row["side"]), price: try row.optionalDecimal("price", "initial_price"),
      amount: try row.optionalDecimal("initial_amount", "amount"),
      filled: try row.optionalDecimal("filled_amount"),
      average: try row.decimalUnlessZero("average_filled_price"),
      status: try row.word("order_status", states))
  }

  // MARK: - Markets

  // https://docs.pacifica.fi/api-documentation/api/rest-api/markets/get-market-info
  private static let markets = Feed<Market>(
    evidence: .recorded, calls: { _ in [open("info")] }, rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let id = try row.text("symbol")
      let isSpot = try row.optionalText("instrument_type") == "spot"
      return Market(
        id: id, base: try row.optionalText("base_asset") ?? id, quote: "USDC",
        settle: isSpot ? nil : "USDC", kind: isSpot ? .spot : .swap, isActive: true,
        contractSize: isSpot ? nil : .one, amountStep: row.shownDecimal("lot_size"),
        priceStep: row.shownDecimal("tick_size"), costMin: row.shownDecimal("min_order_size"))
    })

  /// The route tells no last trade: the middle of the book stands for it.
  /// https://docs.pacifica.fi/api-documentation/api/rest-api/markets/get-prices
  private static let tickers = Feed<Ticker>(
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      return [open("info/prices")]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("symbol"), time: try row.optionalTime(.milliseconds, "timestamp"),
        last: try row.optionalDecimal("mid"), open: try row.optionalDecimal("yesterday_price"),
        quoteVolume: row.shownDecimal("volume_24h"))
    })

  private static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 3_950), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1m", 180: "3m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1h", 7_200: "2h",
        14_400: "4h", 28_800: "8h", 43_200: "12h", 86_400: "1d",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let reach = Int64(min(ask.limit ?? 1_000, 3_950)) * Int64(ask.interval)
      let start = ask.from ?? (ask.to ?? ask.now).advanced(bySeconds: -reach)
      let parameters: Parameters = [
        "symbol": .string(try ask.needed().id), "interval": .string(word),
        "start_time": .text(start, .milliseconds), "end_time": .text(ask.to, .milliseconds),
      ]
      return [open("kline", parameters)]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .milliseconds, "t", .letters)
    })

  private static let trades = Feed<PublicTrade>(
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [open("trades", ["symbol": .string(try ask.needed().id)])]
    },
    rows: Pick.list("data"),
    row: { row, ask throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("history_id"), time: try row.time(.milliseconds, "created_at"),
        market: ask.market?.id ?? "", side: try side(row["side"]),
        price: try row.decimal("price"), amount: try row.decimal("amount"))
    })

  private static let books = Feed<OrderBook>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let level: Parameters = ["agg_level": "1"]
      return [open("book", level.led("symbol", try ask.needed().id))]
    },
    rows: Pick.one("data"),
    row: { row, _ throws(VenueFault) in
      OrderBook(
        market: try row.text("s"), time: try row.optionalTime(.milliseconds, "t"),
        bids: try OrderBook.levels(row["l"][0].optionalElements(), "p", "a"),
        asks: try OrderBook.levels(row["l"][1].optionalElements(), "p", "a"))
    })

}
