import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Coinmate.
  public static let coinmate = Venue(
    id: "coinmate", name: "Coinmate", documents: ["https://coinmate.docs.apiary.io/"],
    surfaces: [
      Surface("public", Coinmate.host, "/api/"),
      Surface("private", Coinmate.host, "/api/", Coinmate.recipe),
    ],
    credentials: [
      CredentialField("uid", "Client ID", isSecret: false),
      CredentialField("key", "Public key", isSecret: false),
      CredentialField("secret", "Private key"),
    ],
    limits: Limits([
      LimitBucket("requests", capacity: 100, refill: .window(seconds: 60), scope: .address)
    ]),
    faults: Coinmate.faults, feeds: Coinmate.feeds, needsGrowingNonce: true,
    unseen: ["vouchers"])
}

// https://coinmate.docs.apiary.io/#introduction/signing-request-with-hmac
enum Coinmate {
  static let host = "https://coinmate.io"

  /// Who asks and a signature of just that lead the form.
  static let recipe = Recipe([
    .bind("nonce", .nonce(.milliseconds)),
    .lead(
      "signature",
      .upper(
        .hex(.hmac(.sha256, key: .secret, .join([.value("nonce"), .field("uid"), .key]))))),
    .lead("publicKey", .key),
    .lead("nonce", .value("nonce")),
    .lead("clientId", .field("uid")),
    .form(.strict),
  ])

  static let faults = FaultTable(
    texts: [
      "access denied": .auth, "incorrect nonce": .clock, "nonce": .clock,
      "too many requests": .rate, "not enough account balance": .funds,
      "no order with given": .orderNotFound, "maintenance": .retryable,
    ],
    find: { body, status in
      let message = ((try? body.optionalText("errorMessage")) ?? nil) ?? ""
      if case .bool(true)? = body["error"].json { return ("", message) }
      return status >= 400 ? ("", message) : nil
    })

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.optionalText("currency") ?? row.key,
      free: try row.optionalDecimal("available"), used: try row.optionalDecimal("reserved"),
      total: try row.optionalDecimal("balance"))
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let pair = try row.text("currencyPair")
    let quote = String(pair.split(separator: "_").last ?? "")
    let fee = try row.optionalDecimal("fee")
    let kind = try row.optionalText("feeType")
    return Fill(
      id: try row.text("transactionId"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "createdTimestamp"), market: pair,
      side: try row["type"].sideOfWord(), price: try row.decimal("price"),
      amount: try row.decimal("amount"), fees: fee.map { [VenueAmount(quote, $0)] } ?? [],
      isMaker: kind == "MAKER" ? true : kind == "TAKER" ? false : nil)
  }

  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let asset = try row.text("amountCurrency")
    let fee = try row.optionalDecimal("fee")
    let type = try row.text("transferType")
    guard type == "DEPOSIT" || type == "WITHDRAWAL" else { return nil }
    return Transfer(
      id: try row.optionalText("transactionId", "id"),
      transactionHash: try row.optionalText("txid"),
      time: try row.time(.milliseconds, "timestamp"),
      direction: type == "DEPOSIT" ? .deposit : .withdrawal, asset: asset,
      amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
      network: try row.optionalText("walletType"),
      address: try row.optionalText("destination"),
      tag: try row.optionalText("destinationTag"),
      status: try row.optionalText("transferStatus").flatMap(transferStatus))
  }

  private static func transferStatus(_ word: String) -> Transfer.Status? {
    switch word {
    case "COMPLETED", "OK": .ok
    case "NEW", "SENT", "CREATED", "WAITING", "PENDING": .pending
    case "CANCELED", "CANCELLED": .canceled
    default: nil
    }
  }

  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("transactionType")
    let outward: Set = [
      "SELL", "QUICK_SELL", "WITHDRAWAL", "DEBIT", "BALANCE_MOVE_DEBIT", "CREATE_VOUCHER",
    ]
    let kinds: [String: EntryKind] = [
      "BUY": .trade, "SELL": .trade, "QUICK_BUY": .trade, "QUICK_SELL": .trade,
      "DEPOSIT": .deposit, "WITHDRAWAL": .withdrawal, "REFERRAL": .referral,
      "NEW_USER_REWARD": .reward, "BALANCE_MOVE_CREDIT": .internalTransfer,
      "BALANCE_MOVE_DEBIT": .internalTransfer,
    ]
    let amount = try row.decimal("amount").sizeOnly()
    let fee = try row["fee"].decimalButZero()
    let feeAsset = try row.optionalText("feeCurrency")
    return StatementRow(
      id: try row.text("transactionId"), time: try row.time(.milliseconds, "timestamp"),
      asset: try row.text("amountCurrency"),
      amount: outward.contains(type) ? try amount.opposite() : amount, kind: kinds[type],
      type: type, reference: try row.optionalText("orderId"),
      fee: feeAsset.flatMap { asset in fee.map { VenueAmount(asset, $0) } },
      isToldElsewhere: kinds[type] == .trade || type == "DEPOSIT" || type == "WITHDRAWAL")
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let word = try row.optionalText("status")
    let statuses: [String: Order.Status] = [
      "OPEN": .open, "PARTIALLY_FILLED": .open, "FILLED": .closed, "CANCELLED": .canceled,
    ]
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.milliseconds, "timestamp"),
      market: try row.optionalText("currencyPair"),
      type: try row.optionalText("orderTradeType")?.lowercased(),
      side: try row["type"].sideOfWord(), price: try row["price"].decimalButZero(),
      amount: try row.optionalDecimal("originalAmount", "amount"),
      remaining: try row.optionalDecimal("remainingAmount"),
      average: try row.optionalDecimal("avgPrice"),
      status: word == nil ? .open : word.flatMap { statuses[$0] })
  }

  // MARK: - Feeds

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "POST", path, parameters)]
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters)]
  }

  private static func range(_ ask: Ask) -> Parameters {
    [
      "limit": .number(ask.limit ?? 1000), "timestampFrom": .text(ask.from, .milliseconds),
      "timestampTo": .text(ask.to, .milliseconds),
    ]
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(calls: { _ in signed("balances") }, rows: Picks.members("data"), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 1000),
        calls: { ask in
          let pair: Parameters = ["currencyPair": .text(ask.market?.id)]
          return signed("tradeHistory", range(ask).adding(pair))
        }, rows: Picks.list("data"), row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.backward, most: 1000),
        calls: { ask in
          let asset: Parameters = ["currency": .text(ask.asset)]
          return signed("transferHistory", range(ask).adding(asset))
        }, rows: Picks.list("data"), row: transfer)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.backward, most: 1000),
        calls: { ask in signed("transactionHistory", range(ask)) }, rows: Picks.list("data"),
        row: statement)
    ]
    feeds.openOrders = [
      Feed(calls: { _ in signed("openOrders") }, rows: Picks.list("data"), row: order)
    ]
    addMarkets(&feeds)
    return feeds
  }()

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("tradingPairs") }, rows: Picks.list("data"), row: market)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          guard let market = ask.market else { return open("tickerAll") }
          return open("ticker", ["currencyPair": .string(market.id)])
        },
        rows: { answer throws(VenueFault) in
          answer.ask.market == nil ? try answer.body["data"].members() : [answer.body["data"]]
        }, row: ticker)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.single, lookBack: 600), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open(
            "transactions",
            [
              "currencyPair": .string(try Picks.market(ask).id),
              "minutesIntoHistory": .string("10"),
            ])
        }, rows: Picks.list("data"),
        row: { row, ask throws(VenueFault) in
          PublicTrade(
            id: try row.optionalText("transactionId"),
            time: try row.time(.milliseconds, "timestamp"),
            market: try row.optionalText("currencyPair") ?? ask.market?.id ?? "",
            side: try row["tradeType"].sideOfWord(), price: try row.decimal("price"),
            amount: try row.decimal("amount"))
        })
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "orderBook",
            [
              "currencyPair": .string(try Picks.market(ask).id),
              "groupByPriceLimit": .string("False"),
            ])
        }, rows: Picks.one("data"),
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "", time: try row.optionalTime(.seconds, "timestamp"),
            bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "amount"),
            asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "amount"))
        })
    ]
    feeds.clock = Feed(
      calls: { _ in open("system/time") }, rows: Picks.body,
      row: { row, _ throws(VenueFault) in
        let inner = row["data"].isNothing ? row : row["data"]
        return try inner.time(.milliseconds, "serverTime")
      })
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    Market(
      id: try row.text("name"), base: try row.text("firstCurrency"),
      quote: try row.text("secondCurrency"),
      amountStep: try row["lotDecimals"].stepOfDecimals(),
      priceStep: try row["priceDecimals"].stepOfDecimals(),
      amountMin: try row.optionalDecimal("minAmount"))
  }

  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    let isNamed = row.key != "$" && row.key != "data"
    return Ticker(
      market: isNamed ? row.key : ask.market?.id ?? "",
      time: try row.optionalTime(.seconds, "timestamp"), last: try row.optionalDecimal("last"),
      bid: try row.optionalDecimal("bid"), ask: try row.optionalDecimal("ask"),
      high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
      open: try row.optionalDecimal("open"), baseVolume: try row.optionalDecimal("amount"))
  }
}
