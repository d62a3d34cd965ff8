import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BitTrade of Japan, formerly Huobi Japan: spot.
  public static let bittrade = Venue(
    id: "bittrade", name: "BitTrade", documents: ["https://api-doc.bittrade.co.jp/"],
    surfaces: [
      Surface("spot.public", Bittrade.host, "/"),
      Surface("private", Bittrade.host, "/v1/", HTX.recipe),
      Surface("v2Private", Bittrade.host, "/v2/", HTX.recipe),
    ],
    limits: Bittrade.limits, faults: HTX.faults, feeds: Bittrade.feeds,
    unseen: [
      "yen that came in or went out by bank", "purchases at the sales office", "margin positions",
    ])
}

// It answers as HTX's spot interface does: https://api-doc.bittrade.co.jp/
private enum Bittrade {
  static let host = "https://api-cloud.bittrade.co.jp"

  // https://api-doc.bittrade.co.jp/ (limits): 10 calls a second
  static let limits = Limits([
    LimitBucket("private", capacity: 10, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 10, refill: .window(seconds: 1), scope: .address),
  ])

  static let feeds: Feeds = {
    let like = HTX.feeds
    var feeds = Feeds()
    feeds.balances = like.balances.filter { $0.part == .spot }.map(here)
    feeds.fills = [here(HTX.spotFills)]
    feeds.deposits = like.deposits.map(here)
    feeds.withdrawals = like.withdrawals.map(here)
    feeds.markets = [markets]
    feeds.tickers = like.tickers.filter { $0.market == .spot }.map(here)
    feeds.openOrders = like.openOrders.filter { $0.market == .spot }.map(here)
    feeds.clock = like.clock.map(here)
    feeds.accounts = like.accounts.map(here)
    return feeds
  }()

  /// A feed of HTX asked here: what stands below `/v1/` is on the private surface.
  private static func here<Row>(_ feed: Feed<Row>) -> Feed<Row> {
    var feed = feed
    let calls = feed.calls
    feed.evidence = .documented
    feed.calls = { ask throws(VenueFault) in
      try calls(ask).map { call in
        var call = call
        if call.surface == "spot.private" {
          call.surface = "private"
          call.path = String(call.path.trimmingPrefix("v1/"))
        }
        return call
      }
    }
    return feed
  }

  // https://api-doc.bittrade.co.jp/ (v1/common/symbols)
  private static let markets = Feed<Market>(
    market: .spot,
    calls: { _ in [Call("spot.public", "GET", "v1/common/symbols", cost: HTX.open)] },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("base-currency"),
        quote: try row.text("quote-currency"),
        isActive: try row.optionalText("state").map { $0 == "online" },
        amountStep: try row.step(digits: "amount-precision"),
        priceStep: try row.step(digits: "price-precision"),
        amountMin: row.shownDecimal("min-order-amt"), amountMax: row.shownDecimal("max-order-amt"),
        costMin: row.shownDecimal("min-order-value"))
    })
}
