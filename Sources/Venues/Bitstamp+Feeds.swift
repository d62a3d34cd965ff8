import Amounts
import Encodings
import Ledger
import VenueKit

// https://www.bitstamp.net/api/

extension Bitstamp {
  static let feeds: Feeds = {
    var feeds = Feeds()
    addMoney(&feeds)
    addMarkets(&feeds)
    return feeds
  }()

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters)]
  }

  /// The account's transactions, newest first; by time only of the last thirty days.
  private static func transactions(_ ask: Ask) -> [Call] {
    let isRecent = ask.from.map { $0 > ask.now.advanced(bySeconds: -30 * 86_400) } ?? false
    let size = ask.limit ?? 100
    let terms: Parameters = [
      "limit": .number(ask.limit),
      "offset": ask.page > 0 ? .number(min(ask.page, 100_000) * size) : nil,
      "since_timestamp": isRecent ? .text(ask.from, .seconds) : nil,
    ]
    guard let market = ask.market else {
      return [Call("private", "POST", "user_transactions/", terms)]
    }
    let pair: Parameters = ["pair": .string(market.id)]
    return [Call("private", "POST", "user_transactions/{pair}/", pair.adding(terms))]
  }

  private static func addMoney(_ feeds: inout Feeds) {
    feeds.balances = [
      Feed(
        calls: { _ in [Call("private", "POST", "account_balances/")] }, rows: Picks.list(),
        row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.numbered, most: 100), calls: transactions, rows: Picks.list(), row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.numbered, most: 100),
        calls: { ask in
          var whole = ask
          whole.market = nil
          return transactions(whole)
        }, rows: Picks.list(), row: transfer)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.numbered, most: 100),
        calls: { ask in
          var whole = ask
          whole.market = nil
          return transactions(whole)
        }, rows: Picks.list(), row: statement)
    ]
    feeds.openOrders = [
      Feed(
        calls: { _ in [Call("private", "POST", "open_orders/all/")] }, rows: Picks.list(),
        row: order)
    ]
  }

  // MARK: - Markets

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("markets/") }, rows: Picks.list(), row: market)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in open("currencies/") }, rows: Picks.list(),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("currency"), name: try row.optionalText("name"),
            step: try row["decimals"].stepOfDecimals())
        })
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          guard let market = ask.market else { return open("ticker/") }
          return open("ticker/{pair}/", ["pair": .string(market.id)])
        },
        rows: { answer throws(VenueFault) in
          if case .array? = answer.body.json { return try answer.body.elements() }
          return [answer.body]
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open(
            "ohlc/{pair}/",
            [
              "pair": .string(try Picks.market(ask).id), "step": .number(ask.interval),
              "limit": .number(ask.limit ?? 1000), "start": .text(ask.from, .seconds),
              "end": .text(ask.to, .seconds),
            ])
        }, rows: Picks.list("data", "ohlc"), row: candle)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.single, lookBack: Paging.day), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          let isOld = ask.from.map { $0 < ask.now.advanced(bySeconds: -3600) } ?? false
          return open(
            "transactions/{pair}/",
            ["pair": .string(try Picks.market(ask).id), "time": .string(isOld ? "day" : "hour")])
        }, rows: Picks.list(), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open("order_book/{pair}/", ["pair": .string(try Picks.market(ask).id)])
        }, rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "",
            time: try row.optionalTime(.microseconds, "microtimestamp"),
            bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
            sequence: try row.optionalInteger("microtimestamp"))
        })
    ]
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let isPerpetual = try row.optionalText("market_type") == "PERPETUAL"
    let quote = try row.text("counter_currency")
    let trading = try row.optionalText("trading")
    return Market(
      id: try row.text("market_symbol"), base: try row.text("base_currency"), quote: quote,
      settle: isPerpetual ? quote : nil, kind: isPerpetual ? .swap : .spot,
      isActive: trading.map { $0 == "Enabled" },
      contractSize: isPerpetual ? .one : nil,
      amountStep: try row["base_decimals"].stepOfDecimals(),
      priceStep: try row["counter_decimals"].stepOfDecimals(),
      costMin: try row.optionalDecimal("minimum_order_value"),
      alias: try row.optionalText("name"))
  }

  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.optionalText("market", "pair") ?? ask.market?.id ?? "",
      time: try row.optionalTime(.seconds, "timestamp"), last: try row.optionalDecimal("last"),
      bid: try row.optionalDecimal("bid"), ask: try row.optionalDecimal("ask"),
      high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
      open: try row.optionalDecimal("open_24", "open"),
      baseVolume: try row.optionalDecimal("volume"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .seconds, "timestamp")
  }

  static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    let type = try row.optionalText("type")
    return PublicTrade(
      id: try row.optionalText("tid"), time: try row.time(.seconds, "date"),
      market: ask.market?.id ?? "", side: type == "0" ? .buy : type == "1" ? .sell : nil,
      price: try row.decimal("price"), amount: try row.decimal("amount"))
  }
}
