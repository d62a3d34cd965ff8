import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Coins.ph, spot.
  public static let coinsph = Venue(
    id: "coinsph", name: "Coins.ph", documents: ["https://docs.coins.ph/rest-api/"],
    surfaces: [
      Surface("public", Coinsph.host, "/"),
      Surface("private", Coinsph.host, "/", Coinsph.recipe),
    ],
    limits: Coinsph.limits, faults: Coinsph.faults, feeds: Coinsph.feeds, desk: Coinsph.desk,
    unseen: ["conversions, fiat and payment requests", "earn products and rewards"])
}

private enum Coinsph {
  static let host = "https://api.pro.coins.ph"

  // https://docs.coins.ph/rest-api/#signed-trade-user_data-and-user_stream-endpoint-security
  // What is signed ends with the `&` that joins the signature.
  static let recipe = Recipe([
    .header("X-COINS-APIKEY", .key), .add("timestamp", .time(.milliseconds)), .query(.strict),
    .custom { draft in draft.query += "&" },
    .appendQuery("signature", .hex(.hmac(.sha256, key: .secret, .query))),
  ])

  // https://docs.coins.ph/rest-api/#limits
  static let limits = Limits([
    LimitBucket(
      "REQUEST_WEIGHT", capacity: 1_200, refill: .window(seconds: 60), scope: .address)
  ])

  // https://docs.coins.ph/errors/
  static let faults = FaultTable(
    codes: [
      "-1000": .retryable, "-1001": .retryable, "-1002": .auth, "-1003": .rate,
      "-1006": .unknownOutcome, "-1007": .unknownOutcome, "-1015": .rate, "-1016": .retryable,
      "-1021": .clock, "-1022": .auth, "-1023": .auth, "-1024": .auth, "-1025": .auth,
      "-1131": .funds, "-1139": .orderNotFound, "-1142": .orderNotFound, "-1143": .orderNotFound,
      "-2013": .orderNotFound, "-2014": .auth, "-2015": .auth, "-2016": .definitive,
      "86103": .clock, "88010": .rate,
    ],
    texts: [
      "insufficient": .funds, "order does not exist": .orderNotFound, "too many": .rate,
      "unknown order": .orderNotFound,
    ],
    find: Binance.refusal)

  static let spot: BinanceLike = {
    var one = BinanceLike()
    one.paths = BinanceLike.Paths(
      markets: "openapi/v1/exchangeInfo", clock: "openapi/v1/time",
      ticker: "openapi/quote/v1/ticker/24hr", candles: "openapi/quote/v1/klines",
      book: "openapi/quote/v1/depth", trades: "openapi/quote/v1/trades",
      fills: "openapi/v1/myTrades", openOrders: "openapi/v1/openOrders",
      closedOrders: "openapi/v1/historyOrders", order: "openapi/v1/order")
    one.weights = [
      "openapi/v1/account": 10, "openapi/v1/myTrades": 10, "openapi/v1/openOrders all": 40,
      "openapi/v1/openOrders": 3, "openapi/v1/historyOrders": 10, "openapi/v1/order": 2,
      "openapi/quote/v1/ticker/24hr all": 40, "openapi/v1/exchangeInfo": 10,
    ]
    one.fillPaging = Paging(.forward, most: 1_000)
    one.orderPaging = Paging(.forward, most: 1_000)
    return one
  }()

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { ask in [spot.call("GET", "openapi/v1/account", ask.extra)] },
        rows: Pick.list("balances"), row: BinanceLike.balance(.spot))
    ]
    feeds.fills = [spot.fills()]
    feeds.deposits = [transfers("deposit", BinanceLike.deposit)]
    feeds.withdrawals = [transfers("withdraw", BinanceLike.withdrawal)]
    feeds.markets = [spot.markets()]
    feeds.assets = [
      Feed(
        calls: { _ in [spot.call("GET", "openapi/wallet/v1/config/getall")] }, rows: Pick.list(),
        row: BinanceLike.asset)
    ]
    feeds.tickers = [spot.tickers(.recorded)]
    feeds.candles = [candles]
    feeds.trades = [spot.trades()]
    feeds.books = [spot.books()]
    feeds.openOrders = [spot.openOrders()]
    feeds.closedOrders = [spot.closedOrders()]
    feeds.clock = spot.clock()
    return feeds
  }()

  /// Candles are given from the end of a range on, so that both ends are stated.
  private static let candles: Feed<Candle> = {
    var feed = spot.candles(.recorded)
    let calls = feed.calls
    feed.calls = { ask throws(VenueFault) in
      var ask = ask
      let count = Int64(min(max(ask.limit ?? 1_000, 1), 1_000))
      let length = Int64(min(max(ask.interval, 1), 2_592_000))
      ask.limit = Int(count)
      if let to = ask.to, ask.from == nil {
        ask.from = to.advanced(bySeconds: -length * (count - 1))
      } else if let from = ask.from, ask.to == nil {
        ask.to = from.advanced(bySeconds: length * (count - 1))
      }
      return try calls(ask)
    }
    return feed
  }()

  // https://docs.coins.ph/rest-api/#wallet-endpoints
  private static let statuses: [String: Transfer.Status] = [
    "0": .pending, "1": .ok, "2": .failed, "3": .pending,
  ]

  private static func transfers(
    _ kind: String, _ row: @escaping @Sendable (Node, Ask) throws(VenueFault) -> Transfer?
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.forward, most: 1_000, window: 90 * Paging.day),
      calls: { ask in
        let parameters = spot.parameters(ask, ["coin": .text(ask.asset)], most: 1_000)
        return [spot.call("GET", "openapi/wallet/v1/\(kind)/history", parameters)]
      },
      rows: BinanceLike.list,
      row: { node, ask throws(VenueFault) in
        guard var transfer = try row(node, ask) else { return nil }
        transfer.status = try node.word("status", statuses)
        return transfer
      })
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 36,
    place: { ask throws(VenueFault) in try spot.place(ask, answers: "FULL") },
    cancel: { ask throws(VenueFault) in
      spot.call("DELETE", spot.paths.order, try spot.orderName(ask, hasMarket: false))
    },
    find: { ask throws(VenueFault) in
      spot.call("GET", spot.paths.order, try spot.orderName(ask, hasMarket: false))
    }, open: spot.openOrders())
}
