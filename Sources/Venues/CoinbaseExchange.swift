import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Coinbase Exchange, for institutions; formerly Coinbase Pro.
  public static let coinbaseexchange = Venue(
    id: "coinbaseexchange", name: "Coinbase Exchange",
    documents: ["https://docs.cdp.coinbase.com/exchange/rest-api/authentication"],
    surfaces: [
      Surface("public", CoinbaseExchange.host),
      Surface("private", CoinbaseExchange.host, "/", CoinbaseExchange.recipe),
    ],
    credentials: CredentialField.withPassphrase, limits: CoinbaseExchange.limits,
    faults: CoinbaseExchange.faults, feeds: CoinbaseExchange.feeds,
    unseen: ["profiles other than the key's", "loans"])
}

// https://docs.cdp.coinbase.com/exchange/rest-api/authentication
enum CoinbaseExchange {
  static let host = "https://api.exchange.coinbase.com"

  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBodyUnlessEmpty]),
    .bind("time", .time(.seconds)),
    .header("CB-ACCESS-KEY", .key),
    .header(
      "CB-ACCESS-SIGN",
      .base64(
        .hmac(
          .sha256, key: .unbase64(.secret),
          .join([.value("time"), .method, .pathAndQuery, .body])))),
    .header("CB-ACCESS-TIMESTAMP", .value("time")),
    .header("CB-ACCESS-PASSPHRASE", .passphrase),
    .header("Content-Type", "application/json"),
  ])

  // https://docs.cdp.coinbase.com/exchange/rest-api/rate-limits
  static let limits = Limits([
    LimitBucket("private", capacity: 15, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 10, refill: .window(seconds: 1), scope: .address),
  ])

  // https://docs.cdp.coinbase.com/exchange/rest-api/requests: the words alone tell what it is.
  static let faults = FaultTable(
    texts: [
      "rate limit exceeded": .rate, "invalid api key": .auth, "invalid passphrase": .auth,
      "invalid signature": .auth, "forbidden": .auth, "timestamp": .clock,
      "request timestamp expired": .clock, "insufficient funds": .funds,
      "order not found": .orderNotFound, "internal server error": .unknownOutcome,
      "maintenance": .retryable,
    ],
    find: { body, status in
      guard let message = try? body.optionalText("message") else {
        return status >= 400 ? ("", "") : nil
      }
      return ("", message)
    })

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.optionalDecimal("available"),
      used: try row.optionalDecimal("hold"), total: try row.optionalDecimal("balance"))
  }

  // https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/orders/get-all-fills
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let product = try row.text("product_id")
    let fee = try row.optionalDecimal("fee")
    let quote = String(product.split(separator: "-").last ?? "")
    let liquidity = try row.optionalText("liquidity")
    return Fill(
      id: try row.text("trade_id"), order: try row.optionalText("order_id"),
      time: try row.time(.iso, "created_at"), market: product,
      side: try row["side"].sideOfWord(), price: try row.decimal("price"),
      amount: try row.decimal("size"), fees: fee.map { [VenueAmount(quote, $0)] } ?? [],
      isMaker: liquidity == "M" ? true : liquidity == "T" ? false : nil)
  }

  // https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/transfers/get-all-transfers
  static func transfer(_ row: Node, _ ask: Ask) throws(VenueFault) -> Transfer? {
    let type = try row.text("type")
    let direction: Transfer.Direction
    switch type {
    case "deposit", "internal_deposit": direction = .deposit
    case "withdraw", "internal_withdraw": direction = .withdrawal
    default: return nil
    }
    let account = try row.optionalText("account_id")
    let known = ask.accounts.first { $0.value == account }?.key
    guard let asset = try row.optionalText("currency") ?? known ?? ask.asset else {
      throw row.fault("a currency, or an account that is known")
    }
    let details = row["details"]
    let fee = try details["fee"].decimalButZero()
    return Transfer(
      id: try row.text("id"),
      transactionHash: try details.optionalText("crypto_transaction_hash"),
      time: try row.time(.iso, "created_at"), direction: direction, asset: asset,
      amount: try row.decimal("amount").sizeOnly(), fee: fee.map { VenueAmount(asset, $0) },
      network: try details.optionalText("network"),
      address: try details.optionalText("sent_to_address", "crypto_address"),
      tag: try details.optionalText("destination_tag"), status: try status(row))
  }

  private static func status(_ row: Node) throws(VenueFault) -> Transfer.Status? {
    if !row["canceled_at"].isNothing { return .canceled }
    return row["completed_at"].isNothing ? .pending : .ok
  }

  // https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/accounts/get-single-account-ledger
  static func statement(_ row: Node, _ ask: Ask) throws(VenueFault) -> StatementRow? {
    guard let asset = ask.asset else { throw .unsupported("a ledger without an asset") }
    let type = try row.text("type")
    let kinds: [String: EntryKind] = [
      "match": .trade, "fee": .fee, "rebate": .feeRebate, "conversion": .trade,
    ]
    let amount = try row.decimal("amount")
    let move: EntryKind = amount.isNegative ? .withdrawal : .deposit
    return StatementRow(
      id: try row.text("id"), time: try row.time(.iso, "created_at"), asset: asset,
      amount: amount, kind: type == "transfer" ? move : kinds[type], type: type,
      reference: try row["details"].optionalText("trade_id", "transfer_id", "order_id"),
      after: try row.optionalDecimal("balance"),
      isToldElsewhere: ["match", "fee", "transfer"].contains(type))
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let product = try row.text("product_id")
    let fee = try row.optionalDecimal("fill_fees")
    let quote = String(product.split(separator: "-").last ?? "")
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("client_oid"),
      time: try row.optionalTime(.iso, "created_at"), market: product,
      type: try row.optionalText("type"), side: try row["side"].sideOfWord(),
      price: try row["price"].decimalButZero(), amount: try row.optionalDecimal("size"),
      filled: try row.optionalDecimal("filled_size"),
      cost: try row.optionalDecimal("executed_value"), status: try status(of: row),
      fees: fee.map { [VenueAmount(quote, $0)] } ?? [])
  }

  private static func status(of row: Node) throws(VenueFault) -> Order.Status? {
    switch try row.optionalText("status") {
    case "pending", "active", "open", "received": .open
    case "done", "settled": try row.optionalText("done_reason") == "canceled" ? .canceled : .closed
    case "canceled", "canceling": .canceled
    case "rejected": .rejected
    default: nil
    }
  }

  // MARK: - Feeds

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["public": 1])]
  }

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "GET", path, parameters, cost: ["private": 1])]
  }

  /// Transfers after a time are asked for by `before`, and those before it by `after`.
  private static func moved(_ type: String) -> Feed<Transfer> {
    Feed(
      paging: Paging(.backward, most: 100),
      calls: { ask in
        signed(
          "transfers",
          ["type": .string(type), "limit": .number(ask.limit), "after": .text(ask.to, .iso)])
      }, rows: Picks.list(), row: transfer)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(calls: { _ in signed("accounts") }, rows: Picks.list(), row: balance)
    ]
    feeds.accounts = Feed(
      calls: { _ in signed("accounts") }, rows: Picks.list(),
      row: { row, _ throws(VenueFault) in
        VenueAccount(name: try row.text("currency"), id: try row.text("id"))
      })
    feeds.fills = [
      Feed(
        paging: Paging(.cursor, most: 100), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          signed(
            "fills",
            [
              "product_id": .string(try Picks.market(ask).id), "limit": .number(ask.limit),
              "start_date": .text(ask.from, .iso), "end_date": .text(ask.to, .iso),
              "after": .text(ask.cursor),
            ])
        }, rows: Picks.list(), row: fill, next: older("trade_id"))
    ]
    feeds.deposits = [moved("deposit")]
    feeds.withdrawals = [moved("withdraw")]
    feeds.statement = [
      Feed(
        paging: Paging(.cursor, most: 100), scope: .eachAsset,
        calls: { ask throws(VenueFault) in
          guard let asset = ask.asset, let id = ask.accounts[asset] else {
            throw .unsupported("a ledger before the accounts are known")
          }
          return signed(
            "accounts/{id}/ledger",
            [
              "id": .string(id), "start_date": .text(ask.from, .iso),
              "end_date": .text(ask.to, .iso), "limit": .number(ask.limit),
              "after": .text(ask.cursor),
            ])
        }, rows: Picks.list(), row: statement, next: older("id"))
    ]
    feeds.openOrders = [
      Feed(
        calls: { ask in signed("orders", ["product_id": .text(ask.market?.id)]) },
        rows: Picks.list(), row: order)
    ]
    addMarkets(&feeds)
    return feeds
  }()

  /// The last row's number, after which the older ones come, while pages are full.
  private static func older(_ name: String) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in
      let rows = try answer.body.elements()
      guard rows.count >= answer.ask.limit ?? 100 else { return nil }
      return try rows.last?.optionalText(name)
    }
  }

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("products") }, rows: Picks.list(), row: market)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in open("currencies") }, rows: Picks.list(),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("id"), name: try row.optionalText("name"),
            step: try row.optionalDecimal("max_precision"))
        })
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          guard let market = ask.market else { return open("products/spark-lines") }
          return open("products/{id}/ticker", ["id": .string(market.id)])
        },
        rows: { answer throws(VenueFault) in
          answer.ask.market == nil ? try answer.body.members() : [answer.body]
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 300, window: 300 * 60), scope: .eachMarket,
        evidence: .recorded,
        calls: { ask throws(VenueFault) in
          let span = Int64(ask.interval) * 300
          let end = ask.to ?? ask.from?.advanced(bySeconds: span)
          return open(
            "products/{id}/candles",
            [
              "id": .string(try Picks.market(ask).id), "granularity": .number(ask.interval),
              "start": .text(ask.from, .iso), "end": ask.from == nil ? nil : .text(end, .iso),
            ])
        }, rows: Picks.list(),
        row: { row, _ throws(VenueFault) in
          Candle(
            time: try row[0].time(.seconds), open: try row[3].decimal(),
            high: try row[2].decimal(), low: try row[1].decimal(), close: try row[4].decimal(),
            volume: try row[5].optionalDecimal())
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.cursor, most: 1000), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open(
            "products/{id}/trades",
            [
              "id": .string(try Picks.market(ask).id), "limit": .number(ask.limit),
              "after": .text(ask.cursor),
            ])
        }, rows: Picks.list(), row: trade, next: older("trade_id"))
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "products/{id}/book",
            ["id": .string(try Picks.market(ask).id), "level": .number(2)])
        }, rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "", time: try row.optionalTime(.iso, "time"),
            bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
        })
    ]
    feeds.clock = Feed(
      calls: { _ in open("time") }, rows: Picks.body,
      row: { row, _ throws(VenueFault) in try row.time(.iso, "iso") })
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("id")
    let halves = id.split(separator: "-").map(String.init)
    let isSplit = halves.count == 2
    let isOff = try row.optionalFlag("trading_disabled")
    return Market(
      id: id, base: isSplit ? halves[0] : try row.text("base_currency"),
      quote: isSplit ? halves[1] : try row.text("quote_currency"), isActive: isOff.map { !$0 },
      amountStep: try row.optionalDecimal("base_increment"),
      priceStep: try row.optionalDecimal("quote_increment"),
      costMin: try row.optionalDecimal("min_market_funds"))
  }

  /// A ticker, or a line of prices of which the first is the latest.
  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    if case .array? = row.json {
      return Ticker(
        market: row.key, time: try row[0][0].optionalTime(.seconds),
        last: try row[0][1].optionalDecimal())
    }
    return Ticker(
      market: ask.market?.id ?? "", time: try row.optionalTime(.iso, "time"),
      last: try row.optionalDecimal("price"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"), baseVolume: try row.optionalDecimal("volume"))
  }

  /// The side told is the maker's; the taker's is the other.
  static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    let maker = try row["side"].sideOfWord()
    return PublicTrade(
      id: try row.optionalText("trade_id"), time: try row.time(.iso, "time"),
      market: ask.market?.id ?? "", side: maker.map { $0 == .buy ? .sell : .buy },
      price: try row.decimal("price"), amount: try row.decimal("size"))
  }
}
