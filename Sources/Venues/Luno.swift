import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Luno.
  public static let luno = Venue(
    id: "luno", name: "Luno", documents: ["https://www.luno.com/en/developers/api"],
    surfaces: [
      Surface("public", Luno.host, "/api/1/"),
      Surface("exchange", Luno.host, "/api/exchange/1/"),
      Surface("private", Luno.host, "/api/1/", Luno.recipe),
      Surface("exchangePrivate", Luno.host, "/api/exchange/1/", Luno.recipe),
    ],
    limits: Luno.limits, faults: Luno.faults, aliases: ["XBT": "BTC"], feeds: Luno.feeds,
    unseen: ["savings wallets that have no account here"])
}

// https://www.luno.com/en/developers/api#tag/Authentication
enum Luno {
  static let host = "https://api.luno.com"

  /// Basic authentication (RFC 7617); parameters stand in the query, of POST too.
  static let recipe = Recipe([
    .query(.strict),
    .bind("pair", .base64(.join([.key, ":", .secret]))),
    .header("Authorization", .join(["Basic ", .value("pair")])),
  ])

  // https://www.luno.com/en/developers/api#section/Rate-limiting
  static let limits = Limits([
    LimitBucket("private", capacity: 300, refill: .window(seconds: 60), scope: .key),
    LimitBucket("public", capacity: 60, refill: .window(seconds: 60), scope: .address),
  ])

  static let faults = FaultTable(
    codes: [
      "ErrTooManyRequests": .rate, "ErrUnauthorised": .auth, "ErrApiKeyRevoked": .auth,
      "ErrInsufficientPerms": .auth, "ErrIncorrectPermission": .auth,
      "ErrInsufficientFunds": .funds, "ErrInsufficientBalance": .funds,
      "ErrOrderNotFound": .orderNotFound, "ErrMarketUnavailable": .retryable,
      "ErrInternal": .unknownOutcome, "ErrDuplicateClientOrderID": .definitive,
    ],
    find: { body, status in
      func word(_ name: String) -> String { ((try? body.optionalText(name)) ?? nil) ?? "" }
      guard !body["error"].isNothing || status >= 400 else { return nil }
      return (word("error_code"), word("error"))
    })

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("asset"), used: try row.optionalDecimal("reserved") ?? .zero,
      total: try row.decimal("balance"))
  }

  // https://www.luno.com/en/developers/api#tag/Orders/operation/ListUserTrades
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let name = try row.text("pair")
    let market = ask.market ?? ask.markets.market(name)
    var fees: [VenueAmount] = []
    if let fee = try row["fee_base"].decimalButZero() {
      fees.append(VenueAmount(market?.base ?? "", fee))
    }
    if let fee = try row["fee_counter"].decimalButZero() {
      fees.append(VenueAmount(market?.quote ?? "", fee))
    }
    return Fill(
      id: try row.text("sequence"), order: try row.optionalText("order_id"),
      time: try row.time(.milliseconds, "timestamp"), market: market?.id ?? name,
      side: try row["type"].sideOfWord(), price: try row.decimal("price"),
      amount: try row.decimal("volume"), cost: try row.optionalDecimal("counter"), fees: fees)
  }

  /// The accounts to walk through, by asset; the cursor is `account` or `account/mark`.
  private static func accounts(_ ask: Ask) -> [(asset: String, id: String)] {
    ask.accounts.sorted { $0.key < $1.key }.compactMap { name, id in
      let asset = String(name.prefix { $0 != ":" })
      return ask.asset == nil || ask.asset == asset ? (asset, id) : nil
    }
  }

  private static func place(_ ask: Ask) throws(VenueFault) -> (
    asset: String, id: String, mark: String?
  ) {
    let parts = (ask.cursor ?? "").split(separator: "/").map(String.init)
    let all = accounts(ask)
    let found = parts.isEmpty ? all.first : all.first { $0.id == parts[0] }
    guard let found else { throw .unsupported("transactions before the accounts are known") }
    return (found.asset, found.id, parts.count > 1 ? parts[1] : nil)
  }

  private static func following(_ ask: Ask, _ id: String) -> String? {
    let all = accounts(ask)
    guard let index = all.firstIndex(where: { $0.id == id }), index + 1 < all.count else {
      return nil
    }
    return all[index + 1].id
  }

  // https://www.luno.com/en/developers/api#tag/Transfers
  static func transfer(_ row: Node, _ ask: Ask) throws(VenueFault) -> Transfer? {
    let asset = try place(ask).asset
    let fee = try row.optionalDecimal("fee")
    guard let isIn = try row.optionalFlag("inbound") else {
      throw row["inbound"].fault("which way it went")
    }
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("transaction_id"),
      time: try row.time(.milliseconds, "created_at"),
      direction: isIn ? .deposit : .withdrawal, asset: asset,
      amount: try row.decimal("amount").sizeOnly(), fee: fee.map { VenueAmount(asset, $0) },
      status: .ok)
  }

  // https://www.luno.com/en/developers/api#tag/Accounts/operation/ListTransactions
  static func statement(_ row: Node, _ ask: Ask) throws(VenueFault) -> StatementRow? {
    let asset = try row.text("currency")
    let account = ask.cursor.map { String($0.prefix { $0 != "/" }) } ?? accounts(ask).first?.id
    let index = try row.text("row_index")
    let kind = try row.optionalText("kind")
    let kinds: [String: EntryKind] = ["FEE": .fee, "EXCHANGE": .trade, "INTEREST": .interest]
    let amount = try row.decimal("balance_delta")
    let move: EntryKind = amount.isNegative ? .withdrawal : .deposit
    return StatementRow(
      id: account.map { "\($0)-\(index)" } ?? index,
      time: try row.time(.milliseconds, "timestamp"), asset: asset, amount: amount,
      kind: kind == "TRANSFER" ? move : kind.flatMap { kinds[$0] },
      type: try row.optionalText("description") ?? kind,
      after: try row.optionalDecimal("balance"),
      isToldElsewhere: kind == "EXCHANGE" || kind == "TRANSFER" || kind == "FEE")
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let statuses: [String: Order.Status] = ["PENDING": .open, "COMPLETE": .closed]
    let word = try row.optionalText("type")
    let sides: [String: Side] = ["BID": .buy, "BUY": .buy, "ASK": .sell, "SELL": .sell]
    let isMarket = word == "BUY" || word == "SELL"
    return Order(
      id: try row.text("order_id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.milliseconds, "creation_timestamp"),
      market: try row.optionalText("pair"), type: isMarket ? "market" : "limit",
      side: word.flatMap { sides[$0] }, price: try row["limit_price"].decimalButZero(),
      amount: try row["limit_volume"].decimalButZero(), filled: try row.optionalDecimal("base"),
      cost: try row.optionalDecimal("counter"),
      status: try row.optionalText("state").flatMap { statuses[$0] })
  }

  // MARK: - Feeds

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["public": 1])]
  }

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "GET", path, parameters, cost: ["private": 1])]
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(calls: { _ in signed("balance") }, rows: Picks.list("balance"), row: balance)
    ]
    feeds.accounts = Feed(
      calls: { _ in signed("balance") }, rows: Picks.list("balance"),
      row: { row, _ throws(VenueFault) in
        let id = try row.text("account_id")
        return VenueAccount(name: "\(try row.text("asset")):\(id)", id: id)
      })
    feeds.fills = [
      Feed(
        paging: Paging(.forward, most: 100), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          signed(
            "listtrades",
            [
              "pair": .string(try Picks.market(ask).id), "since": .text(ask.from, .milliseconds),
              "before": .text(ask.to, .milliseconds), "limit": .number(ask.limit),
            ])
        }, rows: Picks.optionalList("trades"), row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.cursor, most: 100), calls: transferCalls,
        rows: Picks.optionalList("transfers"), row: transfer, next: transferNext)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.cursor, most: 1000), calls: lineCalls,
        rows: Picks.optionalList("transactions"), row: statement, next: lineNext)
    ]
    feeds.openOrders = [orders("PENDING")]
    feeds.closedOrders = [orders("COMPLETE")]
    addMarkets(&feeds)
    return feeds
  }()

  private static func orders(_ state: String) -> Feed<Order> {
    Feed(
      paging: Paging(.backward, most: 100),
      calls: { ask in
        signed(
          "listorders",
          [
            "state": .string(state), "pair": .text(ask.market?.id), "limit": .number(ask.limit),
            "created_before": .text(ask.to, .milliseconds),
          ])
      }, rows: Picks.optionalList("orders"), row: order)
  }

  private static func transferCalls(_ ask: Ask) throws(VenueFault) -> [Call] {
    let place = try place(ask)
    return signed(
      "transfers",
      [
        "account_id": .string(place.id), "limit": .number(ask.limit ?? 100),
        "before": .text(place.mark),
      ])
  }

  /// Newest first: the oldest row's time leads on, until all of an account is read.
  private static func transferNext(_ answer: Answer) throws(VenueFault) -> String? {
    let place = try place(answer.ask)
    let rows = try answer.body["transfers"].optionalElements()
    if rows.count >= answer.ask.limit ?? 100, let last = rows.last {
      return "\(place.id)/\(try last.text("created_at"))"
    }
    return following(answer.ask, place.id)
  }

  /// Rows are numbered from 1, a thousand a call.
  private static func lineCalls(_ ask: Ask) throws(VenueFault) -> [Call] {
    let place = try place(ask)
    let start = place.mark.flatMap { Int($0) } ?? 1
    return signed(
      "accounts/{id}/transactions",
      [
        "id": .string(place.id), "min_row": .number(start),
        "max_row": .number(min(start, 1_000_000_000) + 1000),
      ])
  }

  private static func lineNext(_ answer: Answer) throws(VenueFault) -> String? {
    let place = try place(answer.ask)
    let rows = try answer.body["transactions"].optionalElements()
    guard rows.count >= 1000 else { return following(answer.ask, place.id) }
    let start = place.mark.flatMap { Int($0) } ?? 1
    return "\(place.id)/\(min(start, 1_000_000_000) + 1000)"
  }

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        calls: { _ in [Call("exchange", "GET", "markets", cost: ["public": 1])] },
        rows: Picks.list("markets"), row: market)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          guard let market = ask.market else { return open("tickers") }
          return open("ticker", ["pair": .string(market.id)])
        },
        rows: { answer throws(VenueFault) in
          let many = answer.body["tickers"]
          return many.isNothing ? [answer.body] : try many.elements()
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let start = ask.from ?? ask.now.advanced(bySeconds: -1000 * Int64(ask.interval))
          return [
            Call(
              "exchangePrivate", "GET", "candles",
              [
                "duration": .number(ask.interval), "pair": .string(try Picks.market(ask).id),
                "since": .text(start, .milliseconds),
              ], cost: ["private": 1])
          ]
        }, rows: Picks.optionalList("candles"),
        row: { row, _ throws(VenueFault) in
          try Candle(row, .milliseconds, "timestamp")
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.single, lookBack: Paging.day), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open(
            "trades",
            [
              "pair": .string(try Picks.market(ask).id), "since": .text(ask.from, .milliseconds),
            ])
        }, rows: Picks.optionalList("trades"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open("orderbook", ["pair": .string(try Picks.market(ask).id)])
        }, rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "timestamp"),
            bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "volume"),
            asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "volume"))
        })
    ]
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let state = try row.optionalText("trading_status")
    return Market(
      id: try row.text("market_id"), base: try row.text("base_currency"),
      quote: try row.text("counter_currency"), isActive: state.map { $0 == "ACTIVE" },
      amountStep: try row["volume_scale"].stepOfDecimals(),
      priceStep: try row["price_scale"].stepOfDecimals(),
      amountMin: try row.optionalDecimal("min_volume"),
      amountMax: try row.optionalDecimal("max_volume"))
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("pair"), time: try row.optionalTime(.milliseconds, "timestamp"),
      last: try row.optionalDecimal("last_trade"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"),
      baseVolume: try row.optionalDecimal("rolling_24_hour_volume"))
  }

  static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("sequence"), time: try row.time(.milliseconds, "timestamp"),
      market: ask.market?.id ?? "",
      side: try row.optionalFlag("is_buy").map { $0 ? .buy : .sell },
      price: try row.decimal("price"), amount: try row.decimal("volume"))
  }
}
