import Amounts
import Encodings
import Ledger
import VenueKit

// Calls: https://docs.kraken.com/api/docs/category/rest-api/account-data and …/market-data

extension Kraken {
  static let feeds: Feeds = {
    var feeds = Feeds()
    addMoney(&feeds)
    addOrders(&feeds)
    addMarkets(&feeds)
    return feeds
  }()

  private static func counted(
    _ path: String, _ parameters: Parameters = [:], cost: Int = 1
  ) -> [Call] {
    [Call("private", "POST", path, parameters, cost: ["counter": cost])]
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["public": 1])]
  }

  /// The second after a time: `end` is a whole second, and rows have fractions.
  private static func end(_ ask: Ask) -> JSON? {
    .text(ask.to?.advanced(bySeconds: 1), .seconds)
  }

  private static func offset(_ ask: Ask) -> JSON? {
    ask.page > 0 ? .string(String(min(ask.page, 1_000_000) * 50)) : nil
  }

  // MARK: - Money

  private static func addMoney(_ feeds: inout Feeds) {
    feeds.balances = [
      Feed(
        calls: { ask throws(VenueFault) in
          guard ask.part != .swap, ask.part != .future else {
            throw .unsupported("futures: they are the venue krakenfutures")
          }
          return counted("BalanceEx")
        },
        rows: Picks.members("result"), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.numbered, most: 50),
        calls: { ask in
          counted(
            "TradesHistory",
            ["start": .text(ask.from, .seconds), "end": end(ask), "ofs": offset(ask)], cost: 2)
        }, rows: Picks.members("result", "trades"), row: fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.backward, most: 25), evidence: .recorded,
        calls: { ask in counted("DepositStatus", moved(ask)) }, rows: movedRows, row: deposit)
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.backward, most: 25), evidence: .recorded,
        calls: { ask in counted("WithdrawStatus", moved(ask)) }, rows: movedRows, row: withdrawal)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.numbered, most: 50),
        calls: { ask in
          counted(
            "Ledgers",
            [
              "asset": .text(ask.asset), "start": .text(ask.from, .seconds), "end": end(ask),
              "ofs": offset(ask),
            ], cost: 2)
        }, rows: Picks.members("result", "ledger"), row: statement)
    ]
    feeds.positions = [
      Feed(
        part: .margin, evidence: .recorded,
        calls: { _ in
          counted("OpenPositions", ["docalcs": .bool(true), "consolidation": .string("market")])
        }, rows: positionRows, row: position)
    ]
    feeds.rights = Feed(
      calls: { _ in counted("GetApiKeyInfo") }, rows: Picks.one("result"), row: rights)
  }

  private static func moved(_ ask: Ask) -> Parameters {
    [
      "asset": .text(ask.asset), "start": .text(ask.from, .seconds), "end": end(ask),
    ]
  }

  /// An array, or under `deposit` or `withdrawals` where the answer has a cursor.
  private static func movedRows(_ answer: Answer) throws(VenueFault) -> [Node] {
    let result = answer.body["result"]
    if case .array? = result.json { return try result.elements() }
    return try result.first(["deposit", "deposits", "withdrawals", "withdrawal"])
      .optionalElements()
  }

  /// An array where positions are put together by market, else an object.
  private static func positionRows(_ answer: Answer) throws(VenueFault) -> [Node] {
    let result = answer.body["result"]
    if case .array? = result.json { return try result.elements() }
    return try result.members()
  }

  // MARK: - Orders

  private static func addOrders(_ feeds: inout Feeds) {
    feeds.openOrders = [
      Feed(
        evidence: .recorded,
        calls: { ask in counted("OpenOrders", ["cl_ord_id": .text(ask.clientOrder)]) },
        rows: Picks.members("result", "open"), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.numbered, most: 50), evidence: .recorded,
        calls: { ask in
          counted(
            "ClosedOrders",
            [
              "start": .text(ask.from, .seconds), "end": end(ask), "ofs": offset(ask),
              "cl_ord_id": .text(ask.clientOrder),
            ])
        }, rows: Picks.members("result", "closed"), row: order)
    ]
  }

  // MARK: - Markets

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("AssetPairs") }, rows: Picks.members("result"), row: market)
    ]
    feeds.assets = [
      Feed(
        evidence: .recorded, calls: { _ in open("Assets") }, rows: Picks.members("result"),
        row: asset)
    ]
    feeds.tickers = [
      Feed(
        evidence: .recorded,
        calls: { ask in
          let markets = ask.market.map { [$0] } ?? ask.manyMarkets
          let pairs = markets.map(\.id).joined(separator: ",")
          return open("Ticker", ["pair": .text(pairs.isEmpty ? nil : pairs)])
        }, rows: Picks.members("result"), row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 720, lookBack: 720 * 60), scope: .eachMarket,
        evidence: .recorded,
        calls: { ask throws(VenueFault) in
          // Candles after `since` only, so that it stands one candle earlier.
          let since = ask.from?.advanced(bySeconds: -Int64(ask.interval))
          return open(
            "OHLC",
            [
              "pair": .string(try Picks.market(ask).id),
              "interval": .string(String(ask.interval / 60)), "since": .text(since, .seconds),
            ])
        }, rows: seriesRows, row: candle)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "Trades",
            [
              "pair": .string(try Picks.market(ask).id), "since": .text(ask.from, .nanoseconds),
              "count": .number(ask.limit),
            ])
        }, rows: seriesRows, row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "Depth",
            ["pair": .string(try Picks.market(ask).id), "count": .number(ask.limit)])
        }, rows: Picks.members("result"), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in open("Time") }, rows: Picks.one("result"),
      row: { row, _ throws(VenueFault) in try row.time(.seconds, "unixtime") })
  }

  /// The list under the pair's name; beside it stands `last`.
  private static func seriesRows(_ answer: Answer) throws(VenueFault) -> [Node] {
    for member in try answer.body["result"].members() where member.key != "last" {
      return try member.elements()
    }
    return []
  }

  /// The pair that a row stands under, or the one asked for.
  private static func pair(_ row: Node, _ ask: Ask) -> String {
    row.key == "$" ? ask.market?.id ?? "" : row.key
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let decimals = try row["pair_decimals"].stepOfDecimals()
    return Market(
      id: row.key, base: try row.text("base"), quote: try row.text("quote"),
      isActive: try row.optionalText("status") == "online",
      amountStep: try row["lot_decimals"].stepOfDecimals(),
      priceStep: try row.optionalDecimal("tick_size") ?? decimals,
      amountMin: try row.optionalDecimal("ordermin"),
      costMin: try row.optionalDecimal("costmin"), alias: try row.optionalText("altname"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    ListedAsset(
      id: row.key, ticker: try row.optionalText("altname"),
      step: try row["decimals"].stepOfDecimals())
  }

  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: pair(row, ask), last: try row["c"][0].optionalDecimal(),
      bid: try row["b"][0].optionalDecimal(), ask: try row["a"][0].optionalDecimal(),
      high: try row["h"][1].optionalDecimal(), low: try row["l"][1].optionalDecimal(),
      open: try row.optionalDecimal("o"), baseVolume: try row["v"][1].optionalDecimal())
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    Candle(
      time: try row[0].time(.seconds), open: try row[1].decimal(), high: try row[2].decimal(),
      low: try row[3].decimal(), close: try row[4].decimal(), volume: try row[6].decimal())
  }

  static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row[6].optionalText(), time: try row[2].time(.seconds),
      market: ask.market?.id ?? "", side: try row[3].sideOfWord(), price: try row[0].decimal(),
      amount: try row[1].decimal())
  }

  static func book(_ row: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: pair(row, ask), bids: try OrderBook.levels(row["bids"]),
      asks: try OrderBook.levels(row["asks"]))
  }
}
