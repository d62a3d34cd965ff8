import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.kraken.com/api/docs/guides/futures-rest

extension KrakenFutures {
  static let feeds: Feeds = {
    var feeds = Feeds()
    addMoney(&feeds)
    addMarkets(&feeds)
    return feeds
  }()

  private static func signed(
    _ path: String, _ parameters: Parameters = [:], cost: Int = 2
  ) -> [Call] {
    [Call("private", "GET", path, parameters, cost: ["derivatives": cost])]
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["public": 1])]
  }

  /// The accounts by name; an account that stands alone is the only one.
  private static func accounts(_ answer: Answer) throws(VenueFault) -> [Node] {
    let many = answer.body["accounts"]
    return many.isNothing ? [answer.body] : try many.members()
  }

  /// What the accounts of a type hold, by asset.
  private static func holdings(_ type: String, _ name: String) -> Picks.Rows {
    { answer throws(VenueFault) in
      var rows: [Node] = []
      for account in try accounts(answer) where try account.optionalText("type") == type {
        rows += try account[name].optionalMembers()
      }
      return rows
    }
  }

  private static func addMoney(_ feeds: inout Feeds) {
    feeds.balances = [
      Feed(
        part: .swap, calls: { _ in signed("accounts") },
        rows: holdings("multiCollateralMarginAccount", "currencies"), row: balance),
      Feed(
        part: .funding, calls: { _ in signed("accounts") },
        rows: holdings("cashAccount", "balances"), row: cash),
      Feed(
        part: .inverse, calls: { _ in signed("accounts") }, rows: accounts, row: marginBalance),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 100), evidence: .recorded,
        calls: { ask in signed("fills", ["lastFillTime": .text(ask.to, .iso)]) },
        rows: Picks.list("fills"), row: fill)
    ]
    feeds.statement = [
      Feed(
        part: .swap, paging: Paging(.backward, most: 500),
        calls: { ask in
          [
            Call(
              "log", "GET", "account-log",
              [
                "since": .text(ask.from, .milliseconds), "before": .text(ask.to, .milliseconds),
                "count": .number(ask.limit),
              ], cost: ["history": 3])
          ]
        }, rows: Picks.list("logs"), row: statement)
    ]
    feeds.positions = [
      Feed(
        calls: { _ in signed("openpositions") }, rows: Picks.list("openPositions"),
        row: position)
    ]
    feeds.openOrders = [
      Feed(
        evidence: .recorded, calls: { _ in signed("openorders") },
        rows: Picks.list("openOrders"), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.cursor, most: 1000), evidence: .recorded,
        calls: { ask in
          [
            Call(
              "history", "GET", "orders",
              [
                "since": .text(ask.from, .milliseconds), "before": .text(ask.to, .milliseconds),
                "count": .number(ask.limit), "continuation_token": .text(ask.cursor),
              ], cost: ["history": 1])
          ]
        }, rows: Picks.list("elements"), row: ended,
        next: { answer throws(VenueFault) in
          try answer.body.optionalText("continuationToken")
        })
    ]
  }

  // MARK: - Markets

  private static let lengths = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 14_400: "4h", 43_200: "12h",
    86_400: "1d", 604_800: "1w",
  ]

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("instruments") }, rows: Picks.list("instruments"), row: market)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          guard let market = ask.market else { return open("tickers") }
          return open("tickers/{symbol}", ["symbol": .string(market.id)])
        },
        rows: { answer throws(VenueFault) in
          let one = answer.body["ticker"]
          return one.isNothing ? try answer.body["tickers"].elements() : [one]
        }, row: ticker)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open("orderbook", ["symbol": .string(try Picks.market(ask).id)])
        }, rows: Picks.one("orderBook"),
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "", bids: try OrderBook.levels(row["bids"]),
            asks: try OrderBook.levels(row["asks"]))
        })
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 2000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          guard let length = lengths[ask.interval] else {
            throw .unsupported("candles of \(ask.interval) seconds")
          }
          let market = try Picks.market(ask).id
          return [
            Call(
              "charts", "GET", "trade/{symbol}/{length}",
              [
                "symbol": .string(market), "length": .string(length),
                "from": .text(ask.from, .seconds), "to": .text(ask.to, .seconds),
              ], cost: ["public": 1])
          ]
        }, rows: Picks.list("candles"), row: candle)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.backward, most: 1000), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "markets", "GET", "{symbol}/executions",
              [
                "symbol": .string(try Picks.market(ask).id), "count": .number(ask.limit),
                "since": .text(ask.from, .milliseconds), "before": .text(ask.to, .milliseconds),
              ], cost: ["public": 1])
          ]
        },
        rows: { answer throws(VenueFault) in
          try answer.body["elements"].elements().map { $0["event"]["Execution"]["execution"] }
        }, row: trade)
    ]
  }

  // https://docs.kraken.com/api/docs/futures-api/trading/get-instruments: PF and PI are
  // perpetuals, FF and FI end; PI and FI are settled in the base.
  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("symbol")
    let halves = id.split(separator: "_").map { $0.uppercased() }
    guard halves.count >= 2, ["PF", "PI", "FF", "FI"].contains(halves[0]) else { return nil }
    let base = try row.optionalText("base") ?? String(halves[1].dropLast(3))
    let quote = try row.optionalText("quote") ?? String(halves[1].suffix(3))
    let isInverse = halves[0].hasSuffix("I")
    return Market(
      id: id, base: base, quote: quote, settle: isInverse ? base : quote,
      kind: halves[0].hasPrefix("P") ? .swap : .future,
      isActive: try row.optionalFlag("tradeable"),
      contractSize: try row.optionalDecimal("contractSize"),
      amountStep: try amountStep(row["contractValueTradePrecision"]),
      priceStep: try row.optionalDecimal("tickSize"),
      expiry: try row.optionalTime(.iso, "lastTradingTime"))
  }

  /// A number of decimals that may be negative: -3 means thousands.
  private static func amountStep(_ node: Node) throws(VenueFault) -> Fixed? {
    guard !node.isNothing, try node.integer() < 0 else { return try node.stepOfDecimals() }
    let places = try node.integer()
    guard places > -12 else { throw node.fault("a step within range") }
    var whole: Int64 = 1
    for _ in 0..<(-places) { whole *= 10 }
    return Fixed(whole: whole)
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"), time: try row.optionalTime(.iso, "lastTime"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high24h"),
      low: try row.optionalDecimal("low24h"), open: try row.optionalDecimal("open24h"),
      baseVolume: try row.optionalDecimal("vol24h"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "time")
  }

  static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    let taker = row["takerOrder"]
    return PublicTrade(
      id: try row.optionalText("uid"), time: try row.time(.milliseconds, "timestamp"),
      market: try taker.optionalText("tradeable") ?? ask.market?.id ?? "",
      side: try taker["direction"].sideOfWord(), price: try row.decimal("price"),
      amount: try row.decimal("quantity"))
  }
}
