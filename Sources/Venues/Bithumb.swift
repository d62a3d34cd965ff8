import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bithumb of Korea.
  public static let bithumb = Venue(
    id: "bithumb", name: "Bithumb",
    documents: ["https://apidocs.bithumb.com"],
    surfaces: [
      Surface("public", Bithumb.host),
      Surface("private", Bithumb.host, "/", Bithumb.recipe),
    ],
    limits: Limits([
      LimitBucket("private", capacity: 140, refill: .window(seconds: 1), scope: .key),
      LimitBucket("public", capacity: 150, refill: .window(seconds: 1), scope: .address),
    ]),
    faults: Upbit.faults, feeds: Bithumb.feeds,
    unseen: [
      "single executions: an order's executions are read as one fill at its mean price",
      "staking and its rewards", "airdrops and other events",
    ])
}

/// https://apidocs.bithumb.com; rows are those of Upbit.
private enum Bithumb {
  static let host = "https://api.bithumb.com"

  static let recipe = UpbitToken.recipe(
    claims: .join([",\"timestamp\":", .time(.milliseconds)]),
    hashed: ParameterStyle(.strict, .brackets))

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        calls: { _ in [Call("private", "GET", "v1/accounts")] }, rows: Pick.list(),
        row: Upbit.balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.numbered, most: 100),
        calls: { ask in [orders(ask, "done"), orders(ask, "cancel")] }, rows: Pick.list(),
        row: Upbit.fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.numbered, most: 100), calls: { ask in [transfers("v1/deposits", ask)] },
        rows: Pick.list(), row: { row, _ throws(VenueFault) in try Upbit.transfer(row, .deposit) })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.numbered, most: 100), calls: { ask in [transfers("v1/withdraws", ask)] },
        rows: Pick.list(),
        row: { row, _ throws(VenueFault) in try Upbit.transfer(row, .withdrawal) })
    ]
    feeds.openOrders = [
      Feed(
        paging: Paging(.numbered, most: 100), calls: { ask in [orders(ask, "wait")] },
        rows: Pick.list(), row: Upbit.order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.numbered, most: 100),
        calls: { ask in [orders(ask, "done"), orders(ask, "cancel")] }, rows: Pick.list(),
        row: Upbit.order)
    ]
    feeds.markets = [
      Feed(calls: { _ in [open("v1/market/all")] }, rows: Pick.list(), row: Upbit.market)
    ]
    feeds.tickers = [Feed(scope: .eachMarket, calls: tickers, rows: Pick.list(), row: Upbit.ticker)]
    feeds.candles = [
      Feed(
        paging: Paging(.backward, most: 200), scope: .eachMarket, calls: candles,
        rows: Pick.list(), row: Upbit.candle)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.cursor, most: 500, lookBack: Upbit.week), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            open(
              "v1/trades/ticks",
              [
                "market": .text(code(try ask.needed())),
                "count": .number(min(ask.limit ?? 200, 500)), "cursor": .text(ask.cursor),
              ])
          ]
        }, rows: Pick.list(), row: Upbit.trade, next: Pick.last("sequential_id"))
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("v1/orderbook", ["markets": .text(code(try ask.needed()))])]
        }, rows: Pick.list(), row: Upbit.book)
    ]
    return feeds
  }()

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["public": 1])
  }

  /// `KRW-BTC`; the older routes named a market by its base alone.
  static func code(_ market: Market) -> String {
    market.id.contains("-") ? market.id : market.quote + "-" + market.base
  }

  static func orders(_ ask: Ask, _ state: String) -> Call {
    Call(
      "private", "GET", "v1/orders",
      [
        "market": .text(ask.market.map(code)), "state": .text(state),
        "limit": .number(ask.limit.map { min($0, 100) }),
        "page": ask.page > 0 ? .number(ask.page + 1) : nil,
      ])
  }

  static func transfers(_ path: String, _ ask: Ask) -> Call {
    Call(
      "private", "GET", path,
      [
        "currency": .text(ask.asset), "limit": .number(ask.limit.map { min($0, 100) }),
        "page": ask.page > 0 ? .number(ask.page + 1) : nil,
      ])
  }

  static func tickers(_ ask: Ask) throws(VenueFault) -> [Call] {
    var asked = ask.market.map { [$0] } ?? ask.manyMarkets
    if asked.isEmpty { asked = ask.markets.all }
    guard !asked.isEmpty else { throw .unsupported("tickers without a market") }
    return [open("v1/ticker", ["markets": .text(asked.map(code).joined(separator: ","))])]
  }

  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    var translated = ask
    translated.market?.id = code(try ask.needed())
    return try Upbit.candles(translated).map { call in
      Call("public", call.method, "v1/" + call.path, call.parameters, cost: ["public": 1])
    }
  }
}
