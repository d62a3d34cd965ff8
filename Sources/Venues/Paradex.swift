import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Paradex: perpetuals and options, read with a read-only token.
  public static let paradex = Venue(
    id: "paradex", name: "Paradex", documents: ["https://docs.paradex.trade/api"],
    surfaces: [
      Surface("public", Paradex.host, "/v1/"),
      Surface("private", Paradex.host, "/v1/", Paradex.recipe),
    ],
    credentials: [CredentialField("authToken", "Read-only token (JWT)")],
    limits: Paradex.limits, faults: Paradex.faults, feeds: Paradex.feeds,
    unseen: [
      "vault shares", "sub-accounts",
      "orders placed here, which would need a signature on the Stark curve",
    ])
}

private enum Paradex {
  static let host = "https://api.prod.paradex.trade"

  /// A token that the account holder makes on the venue's own pages is enough for reading; what an
  /// order's signature is stands in its body before it comes here.
  /// https://docs.paradex.trade/api/general-information/authentication
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("Accept", "application/json"),
    .header("Authorization", .join(["Bearer ", .field("authToken")])),
  ])

  // https://docs.paradex.trade/api/general-information/rate-limits/api
  static let limits = Limits([
    LimitBucket("private", capacity: 600, refill: .window(seconds: 60), scope: .key),
    LimitBucket("public", capacity: 1_500, refill: .window(seconds: 60), scope: .address),
  ])

  static let faults = FaultTable(
    codes: [
      "INVALID_TOKEN": .auth, "INVALID_REQUEST_PARAMETER": .definitive,
      "NOT_ENOUGH_MARGIN": .funds, "ORDER_ID_NOT_FOUND": .orderNotFound,
      "CLIENT_ORDER_ID_NOT_FOUND": .orderNotFound, "SYSTEM_STATUS_UPDATE": .retryable,
      "INTERNAL_ERROR": .retryable, "SERVICE_IS_UNAVAILABLE": .retryable,
      "RATELIMIT_EXCEEDED": .rate, "TOO_MANY_REQUESTS": .rate, "UNAUTHORIZED_ERROR": .auth,
      "STARKNET_SIGNATURE_VERIFICATION_FAILED": .auth, "BAD_REQUEST": .definitive,
    ],
    find: { body, _ in
      guard let code = (try? body["error"].optionalText()) ?? nil else { return nil }
      return (code, ((try? body.optionalText("message")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters)
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["public": 1])
  }

  private static func page(_ ask: Ask) -> Parameters {
    let market: Parameters = ["market": .text(ask.market?.id)]
    var parameters = market.adding(ask.range("start_at", "end_at", "page_size", most: 100))
    parameters["cursor"] = .text(ask.cursor)
    return parameters
  }

  private static func history<Row>(
    _ path: String, evidence: Evidence = .documented,
    row: @escaping @Sendable (Node, Ask) throws(VenueFault) -> Row?
  ) -> Feed<Row> {
    Feed(
      part: .swap, paging: Paging(.cursor, most: 100), evidence: evidence,
      calls: { ask in [call(path, page(ask))] }, rows: Pick.list("results"), row: row,
      next: Pick.text("next"))
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .swap, calls: { _ in [call("balance")] }, rows: Pick.list("results"),
        row: { row, _ throws(VenueFault) in
          Balance(asset: try row.text("token"), total: try row.decimal("size"), part: .swap)
        })
    ]
    feeds.fills = [history("fills", row: fill)]
    feeds.transfers = [history("transfers", row: transfer)]
    feeds.statement = [history("funding/payments", row: funding)]
    feeds.positions = [
      Feed(
        part: .swap, evidence: .recorded, calls: { _ in [call("positions")] },
        rows: Pick.list("results"), row: position)
    ]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [
      Feed(
        part: .swap, calls: { ask in [call("orders", ["market": .text(ask.market?.id)])] },
        rows: Pick.list("results"), row: order)
    ]
    feeds.closedOrders = [history("orders-history", row: order)]
    feeds.clock = Feed(
      calls: { _ in [open("system/time")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "server_time") })
    return feeds
  }()

  // MARK: - The account

  // https://docs.paradex.trade/api/prod/account/list-fills
  private static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let profit = try row.optionalDecimal("realized_pnl")
    return Fill(
      id: try row.text("id"), order: try row.optionalText("order_id"),
      time: try row.time(.milliseconds, "created_at"), market: try row.text("market"),
      side: try row.side("side"), price: try row.decimal("price"),
      amount: try row.decimal("size"), fees: try row.fees("fee", "fee_currency"),
      isMaker: try row.word("liquidity", ["MAKER": true, "TAKER": false]), part: .swap,
      realised: profit.map { VenueAmount("USDC", $0) })
  }

  private static let moves: [String: Transfer.Status] = [
    "PENDING": .pending, "AVAILABLE": .pending, "COMPLETED": .ok, "FAILED": .failed,
  ]

  // https://docs.paradex.trade/api/prod/transfers/list
  private static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let words: [String: Transfer.Direction] = ["DEPOSIT": .deposit, "WITHDRAWAL": .withdrawal]
    guard let direction = try row.word("kind", words) else { return nil }
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("txn_hash"),
      time: try row.optionalTime(.milliseconds, "created_at"), direction: direction,
      asset: try row.text("token"), amount: try row.decimal("amount"),
      address: try row.optionalText("account"), status: try row.word("status", moves))
  }

  private static func funding(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    StatementRow(
      id: try row.text("id"), time: try row.time(.milliseconds, "created_at"), asset: "USDC",
      amount: try row.decimal("payment"), kind: .marginFee, type: "funding",
      reference: try row.optionalText("market"), part: .swap)
  }

  private static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let size = try row.decimal("size")
    guard !size.isZero else { return nil }
    return OpenPosition(
      market: try row.text("market"), isLong: try row.word("side", ["LONG": true, "SHORT": false]),
      contracts: try size.sizeOnly(), contractSize: .one,
      entryPrice: try row.optionalDecimal("average_entry_price"),
      liquidationPrice: try row.optionalDecimal("liquidation_price"),
      unrealised: try row.optionalDecimal("unrealized_pnl"),
      time: try row.optionalTime(.milliseconds, "last_updated_at"), part: .swap)
  }

  /// An order that stopped says why.
  private static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let states: [String: Order.Status] = ["NEW": .open, "OPEN": .open, "UNTRIGGERED": .open]
    let reason = try row.optionalText("cancel_reason")
    let remaining = try row.optionalDecimal("remaining_size")
    var status = try row.word("status", states)
    if try row.optionalText("status") == "CLOSED" { status = .closed }
    if let reason { status = reason == "NOT_ENOUGH_MARGIN" ? .rejected : .canceled }
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("client_id"),
      time: try row.optionalTime(.milliseconds, "created_at"),
      market: try row.optionalText("market"), type: try row.optionalText("type")?.lowercased(),
      side: try row.side("side"), price: try row.decimalUnlessZero("price"),
      amount: try row.optionalDecimal("size"), remaining: remaining,
      average: try row.optionalDecimal("avg_fill_price"), status: status)
  }

  // MARK: - Markets

  // https://docs.paradex.trade/api/prod/markets/get-markets
  private static let markets = Feed<Market>(
    evidence: .recorded, calls: { _ in [open("markets")] }, rows: Pick.list("results"),
    row: { row, _ throws(VenueFault) in
      let kinds: [String: MarketKind] = [
        "PERP": .swap, "PERP_OPTION": .option, "OPTION": .option, "FUTURE": .future,
        "SPOT": .spot,
      ]
      guard let kind = try row.word("asset_kind", kinds) else { return nil }
      return Market(
        id: try row.text("symbol"), base: try row.text("base_currency"),
        quote: try row.text("quote_currency"),
        settle: kind == .spot ? nil : try row.optionalText("settlement_currency"), kind: kind,
        contractSize: kind == .spot ? nil : .one,
        amountStep: try row.optionalDecimal("order_size_increment"),
        priceStep: try row.optionalDecimal("price_tick_size"),
        amountMax: row.shownDecimal("max_order_size"), costMin: row.shownDecimal("min_notional"),
        expiry: try row.optionalTime(.milliseconds, "expiry_at"),
        strike: try row.decimalUnlessZero("strike_price"))
    })

  private static let tickers = Feed<Ticker>(
    evidence: .recorded,
    calls: { ask in [open("markets/summary", ["market": .text(ask.market?.id ?? "ALL")])] },
    rows: Pick.list("results"),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("symbol"), time: try row.optionalTime(.milliseconds, "created_at"),
        last: try row.optionalDecimal("last_traded_price"), bid: try row.optionalDecimal("bid"),
        ask: try row.optionalDecimal("ask"), quoteVolume: row.shownDecimal("volume_24h"))
    })

  private static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 1_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let minutes = ask.interval / 60
      guard [1, 3, 5, 15, 30, 60].contains(minutes) else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let reach = Int64(min(ask.limit ?? 1_000, 1_000)) * Int64(ask.interval)
      let end = ask.from.map { ask.to ?? $0.advanced(bySeconds: reach) } ?? ask.to ?? ask.now
      let start = ask.from ?? end.advanced(bySeconds: -reach)
      let parameters: Parameters = [
        "resolution": .string(String(minutes)), "symbol": .string(try ask.needed().id),
        "end_at": .text(end, .milliseconds), "start_at": .text(start, .milliseconds),
      ]
      return [open("markets/klines", parameters)]
    },
    rows: Pick.list("results"),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .milliseconds)
    })

  private static let trades = Feed<PublicTrade>(
    paging: Paging(.cursor, most: 100), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      _ = try ask.needed()
      return [open("trades", page(ask))]
    },
    rows: Pick.list("results"),
    row: { row, _ throws(VenueFault) in
      PublicTrade(
        id: try row.text("id"), time: try row.time(.milliseconds, "created_at"),
        market: try row.text("market"), side: try row.side("side"),
        price: try row.decimal("price"), amount: try row.decimal("size"))
    },
    next: Pick.text("next"))

  private static let books = Feed<OrderBook>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let market: Parameters = ["market": .string(try ask.needed().id)]
      return [open("orderbook/{market}", market.adding(["depth": .number(ask.limit)]))]
    },
    rows: Pick.one(),
    row: { row, _ throws(VenueFault) in
      OrderBook(
        market: try row.text("market"),
        time: try row.optionalTime(.milliseconds, "last_updated_at"),
        bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
        sequence: try row.optionalInteger("seq_no"))
    })
}
