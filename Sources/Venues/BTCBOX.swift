import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BTCBOX of Japan: spot against yen.
  public static let btcbox = Venue(
    id: "btcbox", name: "BTCBOX", documents: ["https://blog.btcbox.jp/en/archives/8762"],
    surfaces: [
      Surface("public", BTCBOX.host, "/api/v1/"),
      Surface("private", BTCBOX.host, "/api/v1/", BTCBOX.recipe),
    ],
    limits: BTCBOX.limits, faults: BTCBOX.faults, feeds: BTCBOX.feeds, needsGrowingNonce: true,
    unseen: [
      "single executions and their fees: orders are read, as far as they were executed",
      "deposits and withdrawals: the interface has no list of them",
    ])
}

private enum BTCBOX {
  static let host = "https://www.btcbox.co.jp"

  // https://blog.btcbox.jp/en/archives/8762 (authentication): keyed by the MD5 of the secret
  static let recipe = Recipe([
    .lead("nonce", .nonce(.milliseconds)), .lead("key", .key), .form(.nested),
    .appendForm(
      "signature", .hex(.hmac(.sha256, key: .hex(.hash(.md5, .secret)), .body))),
  ])

  static let limits = Limits([
    LimitBucket("requests", capacity: 1, refill: .window(seconds: 1), scope: .key)
  ])

  // https://blog.btcbox.jp/en/archives/8762 (error codes)
  static let faults = FaultTable(
    codes: [
      "104": .auth, "105": .auth, "106": .clock, "107": .funds, "200": .funds, "201": .definitive,
      "202": .definitive, "203": .orderNotFound, "401": .auth, "402": .rate,
    ],
    find: { body, _ in
      guard body["result"].json == .bool(false) else { return nil }
      return (((try? body.optionalText("code")) ?? nil) ?? "", "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.openOrders = [orders("open")]
    feeds.closedOrders = [orders("all")]
    feeds.markets = [markets]
    feeds.tickers = [ticker, tickers]
    return feeds
  }()

  // MARK: - The account

  /// `btc_balance` is free, `btc_lock` is in orders.
  private static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [Call("private", "POST", "balance")] },
    rows: { answer throws(VenueFault) in
      let body = answer.body
      return try body.members().compactMap { member in
        guard member.key.hasSuffix("_balance") else { return nil }
        let asset = String(member.key.dropLast("_balance".count))
        return Node([
          "asset": .string(asset), "free": member.json ?? .null,
          "used": body[asset + "_lock"].json ?? .number("0"),
        ])
      }
    },
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("asset"), free: try row.decimal("free"), used: try row.decimal("used"))
    })

  private static let states: [String: Order.Status] = [
    "no": .open, "part": .open, "all": .closed, "cancelled": .canceled, "closed": .closed,
  ]

  // https://blog.btcbox.jp/en/archives/8762 (trade_list); its times are those of Japan
  private static func orders(_ type: String) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = [
          "coin": .string(try ask.needed([.spot]).id), "type": .string(type),
          "since": .text(ask.from, .seconds),
        ]
        return [Call("private", "POST", "trade_list", parameters)]
      },
      rows: Pick.list(),
      row: { row, ask throws(VenueFault) in
        let time = try row.optionalText("datetime")
        return Order(
          id: try row.text("id"), time: time.flatMap { TimeForm.iso.read($0 + "+09:00") },
          market: ask.market?.id, type: "limit", side: try row.side("type"),
          price: try row.optionalDecimal("price"),
          amount: try row.optionalDecimal("amount_original"),
          remaining: try row.optionalDecimal("amount_outstanding"),
          status: try row.word("status", states))
      })
  }

  // MARK: - Markets

  private static let latest = Call("public", "GET", "tickers")

  /// `BTC_JPY`; routes of one market take the base asset in lower case.
  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [latest] }, rows: Pick.members(),
    row: { row, _ in
      let parts = row.key.split(separator: "_").map(String.init)
      guard parts.count == 2 else { return nil }
      return Market(
        id: parts[0].lowercased(), base: parts[0].lowercased(), quote: parts[1].lowercased(),
        alias: row.key)
    })

  private static let ticker = Feed<Ticker>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [Call("public", "GET", "ticker", ["coin": .string(try ask.needed([.spot]).id)])]
    },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in try read(row, ask.market?.id ?? "") })

  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      return [latest]
    },
    rows: Pick.members(), row: { row, _ throws(VenueFault) in try read(row, row.key) })

  private static func read(_ row: Node, _ market: String) throws(VenueFault) -> Ticker {
    Ticker(
      market: market, last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("buy"),
      ask: try row.optionalDecimal("sell"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), baseVolume: row.shownDecimal("vol"))
  }
}
