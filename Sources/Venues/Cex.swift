import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// CEX.IO, its spot trading platform.
  public static let cex = Venue(
    id: "cex", name: "CEX.IO", documents: ["https://trade.cex.io/docs/"],
    surfaces: [
      Surface("public", Cex.host, "/api/spot/rest-public/", Recipe([.jsonBody])),
      Surface("private", Cex.host, "/api/spot/rest/", Cex.recipe),
    ],
    limits: Cex.limits, faults: Cex.faults, feeds: Cex.feeds,
    unseen: [
      "single executions: the statement's lines of trades tell them", "staking and savings",
    ])
}

// https://trade.cex.io/docs/#rest-private-api-calls-authentication
enum Cex {
  static let host = "https://trade.cex.io"

  /// Each action is a POST of JSON; signed are the action's name, the time and the body.
  static let recipe = Recipe([
    .jsonBody,
    .bind(
      "action",
      .made { draft throws(VenueFault) in Array(draft.path.dropFirst(draft.prefix.count).utf8) }),
    .bind("time", .time(.seconds)),
    .header("X-AGGR-KEY", .key),
    .header("X-AGGR-TIMESTAMP", .value("time")),
    .header(
      "X-AGGR-SIGNATURE",
      .base64(.hmac(.sha256, key: .secret, .join([.value("action"), .value("time"), .body])))),
  ])

  // https://trade.cex.io/docs/#rate-limits
  static let limits = Limits([
    LimitBucket("private", capacity: 200, refill: .window(seconds: 60), scope: .key),
    LimitBucket("public", capacity: 100, refill: .window(seconds: 60), scope: .address),
  ])

  static let faults = FaultTable(
    texts: [
      "rate limit": .rate, "too many requests": .rate, "unauthorized": .auth, "signature": .auth,
      "api key": .auth, "permission": .auth, "timestamp": .clock, "insufficient funds": .funds,
      "order not found": .orderNotFound, "please try again later": .retryable,
      "service unavailable": .retryable,
    ],
    find: { body, status in
      func word(_ node: Node) -> String { ((try? node.optionalText()) ?? nil) ?? "" }
      for place in [body, body["data"]] where !place["error"].isNothing {
        return (word(place["statusCode"]), word(place["error"]))
      }
      return status >= 400 ? ("", word(body["message"])) : nil
    })

  // MARK: - Rows

  /// What the wallet holds, or a trading account.
  private static func balance(_ part: AccountPart)
    -> @Sendable (Node, Ask) throws(VenueFault) -> Balance?
  {
    { row, _ throws(VenueFault) in
      Balance(
        asset: row.key, used: try row.optionalDecimal("balanceOnHold") ?? .zero,
        total: try row.decimal("balance"), part: part)
    }
  }

  // https://trade.cex.io/docs/#rest-private-api-calls-funding-history
  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let asset = try row.text("currency")
    let fee = try row.optionalDecimal("commissionAmount")
    return Transfer(
      id: try row.optionalText("txId"), time: try row.time(.iso, "updatedAt"),
      direction: try row.text("direction") == "withdraw" ? .withdrawal : .deposit, asset: asset,
      amount: try row.decimal("amount").sizeOnly(), fee: fee.map { VenueAmount(asset, $0) },
      address: try row["details"].optionalText("address"),
      status: try row.optionalText("status").flatMap(transferStatus))
  }

  private static func transferStatus(_ word: String) -> Transfer.Status? {
    switch word {
    case "approved", "executed", "completed": .ok
    case "pending", "new", "processing", "created": .pending
    case "rejected", "declined", "failed": .failed
    case "cancelled", "canceled": .canceled
    default: nil
    }
  }

  // https://trade.cex.io/docs/#rest-private-api-calls-transaction-history
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("type")
    let kinds: [String: EntryKind] = [
      "trade": .trade, "commission": .fee, "deposit": .deposit, "withdraw": .withdrawal,
      "internalTransfer": .internalTransfer,
    ]
    return StatementRow(
      id: try row.text("transactionId"), time: try row.time(.iso, "timestamp"),
      asset: try row.text("currency"), amount: try row.decimal("amount"), kind: kinds[type],
      type: type, reference: try row.optionalText("details").flatMap(reference),
      isToldElsewhere: type == "deposit" || type == "withdraw")
  }

  /// The execution, order or transfer that a line's words name.
  private static func reference(_ text: String) -> String? {
    let words = text.split(separator: " ")
    for name in ["executionId=", "orderId=", "fundingId="] {
      if let word = words.first(where: { $0.hasPrefix(name) }) {
        return String(word.dropFirst(name.count))
      }
    }
    return nil
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("orderType")?.lowercased()
    let average = try row.optionalDecimal("averagePrice")
    let limit = try row.optionalDecimal("price")
    let fee = try row.optionalDecimal("feeAmount")
    let feeAsset = try row.optionalText("feeCurrency")
    var fees: [VenueAmount] = []
    if let fee, let feeAsset { fees = [VenueAmount(feeAsset, fee)] }
    let status = try row.optionalText("status").flatMap(status)
    let filled = try row.optionalDecimal("executedAmountCcy1")
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.milliseconds, "serverCreateTimestamp"),
      market: "\(try row.text("currency1"))-\(try row.text("currency2"))",
      type: type == "stoplimit" ? "limit" : type, side: try row["side"].sideOfWord(),
      // The price of a market order is the mean of its executions.
      price: limit ?? average, amount: try row.optionalDecimal("requestedAmountCcy1"),
      filled: filled, cost: try row.optionalDecimal("executedAmountCcy2"), average: average,
      status: status, fees: fees)
  }

  private static func status(_ word: String) -> Order.Status? {
    switch word {
    case "NEW", "PENDING_NEW", "PARTIALLY_FILLED", "PENDING_CANCEL": .open
    case "FILLED": .closed
    case "CANCELLED": .canceled
    case "EXPIRED": .expired
    case "REJECTED": .rejected
    default: nil
    }
  }

  // MARK: - Feeds

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "POST", path, parameters, cost: ["public": 1])]
  }

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "POST", path, parameters, cost: ["private": 1])]
  }

  private static func range(_ ask: Ask) -> Parameters {
    [
      "dateFrom": .number(ask.from, .milliseconds), "pageSize": .number(ask.limit),
      "dateTo": .number(ask.to, .milliseconds),
      "pageNumber": ask.page > 0 ? .number(min(ask.page, 1_000_000)) : nil,
    ]
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .funding, calls: { _ in signed("get_my_wallet_balance") },
        rows: Picks.members("data"), row: balance(.funding)),
      Feed(
        part: .spot, calls: { _ in signed("get_my_account_status_v3") },
        rows: { answer throws(VenueFault) in
          var rows: [Node] = []
          for account in try answer.body["data"]["balancesPerAccounts"].optionalMembers() {
            rows += try account.members()
          }
          return rows
        }, row: balance(.spot)),
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.numbered, most: 100),
        calls: { ask in signed("get_my_funding_history", range(ask)) },
        rows: Picks.list("data"), row: transfer)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.numbered, most: 100),
        calls: { ask in
          let asset: Parameters = ["currency": .text(ask.asset)]
          return signed("get_my_transaction_history", asset.adding(range(ask)))
        }, rows: Picks.list("data"), row: statement)
    ]
    feeds.openOrders = [
      Feed(
        calls: { ask in signed("get_my_orders", ["pair": .text(ask.market?.id)]) },
        rows: Picks.list("data"), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.backward, most: 100), evidence: .recorded,
        calls: { ask in
          signed(
            "get_my_orders",
            [
              "archived": .bool(true), "pair": .text(ask.market?.id),
              "pageSize": .number(ask.limit),
              "serverCreateTimestampFrom": .number(ask.from, .milliseconds),
              "serverCreateTimestampTo": .number(ask.to, .milliseconds),
            ])
        }, rows: Picks.list("data"), row: order)
    ]
    addMarkets(&feeds)
    return feeds
  }()

  private static let lengths = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 7200: "2h", 14_400: "4h",
    86_400: "1d",
  ]

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("get_pairs_info") }, rows: Picks.list("data"), row: market)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in open("get_currencies_info") }, rows: Picks.list("data"),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("currency"), step: try row["precision"].stepOfDecimals())
        })
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          let markets = ask.market.map { [$0] } ?? ask.manyMarkets
          let names = markets.map { JSON.string($0.id) }
          return open("get_ticker", ["pairs": names.isEmpty ? nil : .array(names)])
        }, rows: Picks.members("data"), row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          guard let length = lengths[ask.interval] else {
            throw .unsupported("candles of \(ask.interval) seconds")
          }
          return open(
            "get_candles",
            [
              "pair": .string(try Picks.market(ask).id), "resolution": .string(length),
              "dataType": .string("bestAsk"), "fromISO": .text(ask.from, .iso),
              "toISO": .text(ask.to, .iso), "limit": .number(ask.limit),
            ])
        }, rows: Picks.list("data"),
        row: { row, _ throws(VenueFault) in
          try Candle(row, .milliseconds, "timestamp")
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "get_trade_history",
            [
              "pair": .string(try Picks.market(ask).id), "fromDateISO": .text(ask.from, .iso),
              "toDateISO": .text(ask.to, .iso), "pageSize": .number(ask.limit),
            ])
        }, rows: Picks.list("data", "trades"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open("get_order_book", ["pair": .string(try Picks.market(ask).id)])
        }, rows: Picks.one("data"),
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "timestamp"),
            bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
        })
    ]
    feeds.clock = Feed(
      calls: { _ in open("get_server_time") }, rows: Picks.one("data"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "timestamp") })
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let base = try row.text("base")
    let quote = try row.text("quote")
    return Market(
      id: "\(base)-\(quote)", base: base, quote: quote,
      amountStep: try row.optionalDecimal("baseLotSize"),
      priceStep: try row["pricePrecision"].stepOfDecimals(),
      amountMin: try row.optionalDecimal("baseMin"),
      amountMax: try row.optionalDecimal("baseMax"),
      costMin: try row.optionalDecimal("quoteMin"))
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: row.key, last: try row.optionalDecimal("last", "lastTradePrice"),
      bid: try row.optionalDecimal("bestBid"), ask: try row.optionalDecimal("bestAsk"),
      high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
      baseVolume: try row.optionalDecimal("volume"),
      quoteVolume: try row.optionalDecimal("quoteVolume"))
  }

  static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("tradeId"), time: try row.time(.iso, "dateISO"),
      market: ask.market?.id ?? "", side: try row["side"].sideOfWord(),
      price: try row.decimal("price"), amount: try row.decimal("amount"))
  }
}
