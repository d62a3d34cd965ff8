import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.bitfinex.com/docs/rest-auth and https://docs.bitfinex.com/docs/rest-public

extension Bitfinex {
  static let feeds: Feeds = {
    var feeds = Feeds()
    addMoney(&feeds)
    addOrders(&feeds)
    addMarkets(&feeds)
    addSeries(&feeds)
    return feeds
  }()

  static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "POST", "auth/" + path, parameters, cost: ["private": 1])]
  }

  private static func open(
    _ path: String, _ parameters: Parameters = [:], bucket: String = "public"
  ) -> [Call] {
    [Call("public", "GET", path, parameters, cost: [bucket: 1])]
  }

  private static func range(_ ask: Ask) -> Parameters {
    [
      "start": .number(ask.from, .milliseconds), "end": .number(ask.to, .milliseconds),
      "limit": .number(ask.limit),
    ]
  }

  // MARK: - Money

  private static func addMoney(_ feeds: inout Feeds) {
    feeds.balances = [
      balance("exchange", .spot), balance("margin", .margin), balance("funding", .funding),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 125),
        calls: { ask in
          var range = range(ask)
          range["end"] = .number(ask.to ?? ask.now, .milliseconds)
          guard let market = ask.market else { return signed("r/trades/hist", range) }
          return signed(
            "r/trades/{symbol}/hist", range.led("symbol", market.id))
        }, rows: Picks.list(), row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.backward, most: 25),
        calls: { ask in
          guard let asset = ask.asset else { return signed("r/movements/hist", range(ask)) }
          return signed(
            "r/movements/{currency}/hist", range(ask).led("currency", asset))
        }, rows: Picks.list(), row: transfer)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.backward, most: 25),
        calls: { ask in
          guard let asset = ask.asset else { return signed("r/ledgers/hist", range(ask)) }
          return signed(
            "r/ledgers/{currency}/hist", range(ask).led("currency", asset))
        }, rows: Picks.list(), row: statement)
    ]
    feeds.positions = [
      Feed(calls: { _ in signed("r/positions") }, rows: Picks.list(), row: position)
    ]
    feeds.rights = Feed(
      calls: { _ in signed("r/permissions") }, rows: Picks.body, row: rights)
  }

  private static func addOrders(_ feeds: inout Feeds) {
    feeds.openOrders = [
      Feed(
        evidence: .recorded, calls: { ask in openOrders(ask) }, rows: Picks.list(), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.backward, most: 25), evidence: .recorded,
        calls: { ask in
          guard let market = ask.market else { return signed("r/orders/hist", range(ask)) }
          return signed(
            "r/orders/{symbol}/hist", range(ask).led("symbol", market.id))
        }, rows: Picks.list(), row: order)
    ]
  }

  static func openOrders(_ ask: Ask) -> [Call] {
    guard let market = ask.market else { return signed("r/orders") }
    return signed("r/orders/{symbol}", ["symbol": .string(market.id)])
  }

  // MARK: - Markets

  private static let marketLists =
    "conf/pub:info:pair,pub:info:pair:futures,pub:list:pair:securities,pub:list:pair:margin"
  private static let assetLists =
    "conf/pub:list:currency,pub:map:currency:sym,pub:map:currency:label,pub:map:currency:unit,"
    + "pub:map:currency:undl,pub:map:currency:pool,pub:map:currency:explorer,"
    + "pub:map:currency:tx:fee,pub:map:tx:method,pub:info:tx:status,pub:list:currency:margin"

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        evidence: .recorded, calls: { _ in open(marketLists, bucket: "history") },
        rows: { answer throws(VenueFault) in
          try answer.body[0].elements() + answer.body[1].optionalElements()
        }, row: market)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in open(assetLists, bucket: "history") },
        rows: { answer throws(VenueFault) in try answer.body[0].elements() },
        row: { row, _ throws(VenueFault) in
          let id = try row.text()
          return ListedAsset(
            id: id, ticker: aliases[id], step: Fixed(units: Fixed.scale / 100_000_000))
        })
    ]
    feeds.tickers = [
      Feed(
        evidence: .recorded,
        calls: { ask in
          if let market = ask.market {
            return open("ticker/{symbol}", ["symbol": .string(market.id)])
          }
          let names = ask.manyMarkets.map(\.id).joined(separator: ",")
          return open("tickers", ["symbols": .string(names.isEmpty ? "ALL" : names)])
        },
        rows: { answer throws(VenueFault) in
          // One ticker is an array of numbers, many are an array of arrays.
          if case .array? = answer.body[0].json { return try answer.body.elements() }
          return answer.ask.market == nil ? [] : [answer.body]
        }, row: ticker)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "book/{symbol}/R0",
            ["symbol": .string(try Picks.market(ask).id), "len": .number(ask.limit)])
        }, rows: Picks.body, row: book)
    ]
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let name = try row[0].text()
    let halves = name.split(separator: ":").map(String.init)
    let isSplit = halves.count == 2
    guard isSplit || name.utf8.count == 6 else { return nil }
    let base = isSplit ? halves[0] : String(name.prefix(3))
    let quote = isSplit ? halves[1] : String(name.suffix(3))
    let isSwap = base.hasSuffix("F0") && quote.hasSuffix("F0")
    return Market(
      id: "t" + name, base: base, quote: quote, settle: isSwap ? quote : nil,
      kind: isSwap ? .swap : .spot, isActive: true, contractSize: isSwap ? .one : nil,
      amountStep: Fixed(units: Fixed.scale / 100_000_000),
      amountMin: try row[1][3].optionalDecimal(), amountMax: try row[1][4].optionalDecimal())
  }

  // https://docs.bitfinex.com/reference/rest-public-tickers: the name leads where many were asked.
  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    var name = ask.market?.id ?? ""
    var at = 0
    if case .string(let word)? = row[0].json {
      // Names of funding currencies begin with f.
      guard word.hasPrefix("t") else { return nil }
      name = word
      at = 1
    }
    return Ticker(
      market: name, last: try row[at + 6].optionalDecimal(), bid: try row[at].optionalDecimal(),
      ask: try row[at + 2].optionalDecimal(), high: try row[at + 8].optionalDecimal(),
      low: try row[at + 9].optionalDecimal(), baseVolume: try row[at + 7].optionalDecimal())
  }

  /// The raw book: one row an order, its amount negative where it sells.
  static func book(_ body: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    var bids: [BookLevel] = []
    var asks: [BookLevel] = []
    for row in try body.elements() {
      let amount = try row[2].decimal()
      let level = BookLevel(try row[1].decimal(), try amount.sizeOnly())
      if amount.isNegative { asks.append(level) } else { bids.append(level) }
    }
    return OrderBook(market: ask.market?.id ?? "", bids: bids, asks: asks)
  }

  // MARK: - Series

  private static let lengths = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 10_800: "3h", 21_600: "6h",
    43_200: "12h", 86_400: "1D", 604_800: "1W", 2_592_000: "1M",
  ]

  private static func addSeries(_ feeds: inout Feeds) {
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 100), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          guard let length = lengths[ask.interval] else {
            throw .unsupported("candles of \(ask.interval) seconds")
          }
          return open(
            "candles/trade:\(length):{symbol}/hist",
            [
              "symbol": .string(try Picks.market(ask).id),
              "sort": ask.from == nil ? nil : .number("1"), "limit": .number(ask.limit ?? 100),
              "start": .number(ask.from, .milliseconds), "end": .number(ask.to, .milliseconds),
            ])
        }, rows: Picks.list(),
        row: { row, _ throws(VenueFault) in
          try Candle(row, .milliseconds, .openCloseHighLow)
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.forward, most: 125), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open(
            "trades/{symbol}/hist",
            [
              "symbol": .string(try Picks.market(ask).id), "limit": .number(ask.limit),
              "start": .number(ask.from, .milliseconds), "end": .number(ask.to, .milliseconds),
              "sort": .number(ask.from == nil ? "-1" : "1"),
            ], bucket: "history")
        }, rows: Picks.list(), row: trade)
    ]
  }

  static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    let amount = try row[2].decimal()
    return PublicTrade(
      id: try row[0].optionalText(), time: try row[1].time(.milliseconds),
      market: ask.market?.id ?? "", side: amount.isNegative ? .sell : .buy,
      price: try row[3].decimal(), amount: try amount.sizeOnly())
  }
}
