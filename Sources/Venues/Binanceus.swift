import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Binance.US, spot.
  public static let binanceus = Venue(
    id: "binanceus", name: "Binance.US", documents: ["https://docs.binance.us/"],
    surfaces: [
      Surface("public", Binanceus.host, "/api/v3/"),
      Surface("private", Binanceus.host, "/api/v3/", Binance.recipe),
      Surface("sapi", Binanceus.host, "/sapi/v1/", Binance.recipe),
      Surface("sapiV3", Binanceus.host, "/sapi/v3/", Binance.recipe),
    ],
    limits: Binanceus.limits, faults: Binance.faults, feeds: Binanceus.feeds,
    desk: Binanceus.desk,
    unseen: [
      "staking, rewards and distributions", "trades over the counter and conversions of dust",
      "deposits and withdrawals of dollars",
    ])
}

private enum Binanceus {
  static let host = "https://api.binance.us"

  // https://docs.binance.us/#limits
  static let limits = Limits([
    LimitBucket(
      "REQUEST_WEIGHT", capacity: 1_200, refill: .window(seconds: 60), scope: .address,
      usedHeader: "x-mbx-used-weight-1m"),
    LimitBucket(
      "ORDERS", capacity: 100, refill: .window(seconds: 10), scope: .key,
      usedHeader: "x-mbx-order-count-10s"),
  ])

  static let spot = BinanceLike(
    weights: [
      "account": 10, "myTrades": 10, "openOrders": 3, "openOrders all": 40, "allOrders": 10,
      "order": 2, "depth": 10, "ticker/24hr all": 40, "exchangeInfo": 10,
    ],
    fillPaging: Paging(.cursor, most: 1_000), asksFillsByID: true,
    statesCandles: true, tradesNeedEnd: true)

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { ask in [spot.call("GET", "account", ask.extra)] },
        rows: Pick.list("balances"), row: BinanceLike.balance(.spot))
    ]
    feeds.fills = [spot.fills()]
    feeds.deposits = [transfers("capital/deposit/hisrec", BinanceLike.deposit)]
    feeds.withdrawals = [transfers("capital/withdraw/history", BinanceLike.withdrawal)]
    feeds.markets = [spot.markets()]
    feeds.assets = [
      Feed(
        calls: { _ in [Call("sapi", "GET", "capital/config/getall")] }, rows: Pick.list(),
        row: BinanceLike.asset)
    ]
    feeds.tickers = [spot.tickers(list: "symbols")]
    feeds.candles = [spot.candles(.recorded)]
    feeds.trades = [spot.trades(.recorded)]
    feeds.books = [spot.books()]
    feeds.openOrders = [spot.openOrders()]
    feeds.closedOrders = [spot.closedOrders()]
    feeds.clock = spot.clock()
    return feeds
  }()

  // https://docs.binance.us/#get-crypto-deposit-history
  private static func transfers(
    _ path: String, _ row: @escaping @Sendable (Node, Ask) throws(VenueFault) -> Transfer?
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.forward, most: 1_000, window: 90 * Paging.day),
      calls: { ask in
        let parameters = spot.parameters(ask, ["coin": .text(ask.asset)], most: 1_000)
        return [Call("sapi", "GET", path, parameters)]
      },
      rows: BinanceLike.list, row: row)
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 36,
    place: { ask throws(VenueFault) in
      var call = try spot.place(ask, answers: "FULL")
      call.cost["ORDERS"] = 1
      return call
    },
    cancel: { ask throws(VenueFault) in try spot.cancel(ask) },
    find: { ask throws(VenueFault) in try spot.find(ask) }, open: spot.openOrders())
}
