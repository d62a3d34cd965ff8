import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// P2B, spot.
  public static let p2b = Venue(
    id: "p2b", name: "P2B",
    documents: ["https://github.com/P2B-team/p2b-api-docs/blob/master/api-doc.md"],
    surfaces: [
      Surface("public", P2b.host, "/api/v2/public/"),
      Surface("private", P2b.host, "/api/v2/", P2b.recipe),
    ],
    limits: P2b.limits, faults: P2b.faults, feeds: P2b.feeds, desk: P2b.desk,
    needsGrowingNonce: true,
    unseen: ["deposits and withdrawals: the interface has no route for them", "market orders"])
}

private enum P2b {
  static let host = "https://api.p2pb2b.com"

  // https://github.com/P2B-team/p2b-api-docs/blob/master/api-doc.md#authorization
  static let recipe = Recipe([
    .add("request", .path), .add("nonce", .nonce(.seconds)), .jsonBody,
    .header("X-TXC-APIKEY", .key), .header("X-TXC-PAYLOAD", .base64(.body)),
    .header("X-TXC-SIGNATURE", .hex(.hmac(.sha512, key: .secret, .base64(.body)))),
  ])

  static let limits = Limits([
    LimitBucket("REQUESTS", capacity: 10, refill: .window(seconds: 1), scope: .address)
  ])

  // https://github.com/P2B-team/p2b-api-docs/blob/master/errors.md
  static let faults = FaultTable(
    codes: [
      "1001": .auth, "1002": .auth, "1003": .auth, "1004": .auth, "1005": .auth, "1006": .clock,
      "1007": .clock, "1008": .auth, "1009": .auth, "1010": .auth, "1011": .auth, "1012": .auth,
      "1013": .auth, "1014": .auth, "1015": .auth, "1016": .retryable, "2010": .auth,
      "2020": .auth, "2021": .auth, "2022": .auth, "2030": .auth, "2040": .funds,
      "3080": .definitive, "5010": .retryable, "5011": .rate, "6010": .funds,
      "6020": .retryable, "6021": .retryable, "6030": .orderNotFound,
    ],
    texts: [
      "nonce": .clock, "balance not enough": .funds, "order not found": .orderNotFound,
      "too many requests": .rate, "service unavailable": .retryable, "signature": .auth,
    ],
    find: { body, _ in
      guard ((try? body.optionalFlag("success")) ?? nil) == false else { return nil }
      let message = body["message"]
      let text = (try? message.optionalText()) ?? nil
      return (
        code: ((try? body.optionalText("errorCode")) ?? nil) ?? "",
        message: text ?? message.json?.text ?? ""
      )
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "POST", path, parameters)
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [call("account/balances")] }, rows: Pick.members("result"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: row.key, free: try row.decimal("available"), used: try row.decimal("freeze"))
        })
    ]
    feeds.fills = [fills]
    feeds.markets = [markets]
    feeds.tickers = [ticker, tickers]
    feeds.candles = [candles]
    feeds.books = [books]
    feeds.openOrders = [openOrders]
    feeds.closedOrders = [closedOrders]
    return feeds
  }()

  // MARK: - Markets

  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [open("markets")] }, rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      let limits = row["limits"]
      return Market(
        id: try row.text("name"), base: try row.text("stock"), quote: try row.text("money"),
        amountStep: try limits.optionalDecimal("step_size"),
        priceStep: try limits.optionalDecimal("tick_size"),
        amountMin: try limits.optionalDecimal("min_amount"),
        amountMax: limits.shownDecimal("max_amount"),
        costMin: try limits.optionalDecimal("min_total"))
    })

  private static let ticker = Feed<Ticker>(
    market: .spot, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [open("ticker", ["market": .string(try ask.needed([.spot]).id)])]
    },
    rows: Pick.one("result"),
    row: { row, ask throws(VenueFault) in try read(row, market: ask.market?.id ?? "") })

  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      return [open("tickers")]
    },
    rows: Pick.members("result"),
    row: { row, _ throws(VenueFault) in
      var one = try read(row["ticker"], market: row.key)
      one.time = try row.optionalTime(.seconds, "at")
      return one
    })

  private static func read(_ row: Node, market: String) throws(VenueFault) -> Ticker {
    Ticker(
      market: market, last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
      baseVolume: row.shownDecimal("volume", "vol"), quoteVolume: row.shownDecimal("deal"))
  }

  private static let candles = Feed<Candle>(
    market: .spot, paging: Paging(.single, most: 500), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [60: "1m", 3_600: "1h", 86_400: "1d"]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let parameters: Parameters = [
        "market": .string(try ask.needed([.spot]).id), "interval": .string(word),
        "limit": .number(ask.limit),
      ]
      return [open("market/kline", parameters.adding(ask.extra))]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      // Time, open, close, high, low, volume.
      try Candle(row, .seconds, .openCloseHighLow)
    })

  private static let books = Feed<OrderBook>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "market": .string(try ask.needed([.spot]).id), "limit": .number(ask.limit),
      ]
      return [open("depth/result", parameters.adding(ask.extra))]
    },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "", time: try row.optionalTime(.seconds, "current_time"),
        bids: try OrderBook.levels(row["result"]["bids"]),
        asks: try OrderBook.levels(row["result"]["asks"]))
    })

  // MARK: - The account

  /// A day up to the end asked for; both ends are required.
  private static func range(_ ask: Ask) throws(VenueFault) -> Parameters {
    let day = Int64(Paging.day)
    let to = ask.to ?? ask.from.map { min($0.advanced(bySeconds: day), ask.now) } ?? ask.now
    let from = ask.from ?? to.advanced(bySeconds: -day)
    return [
      "market": .string(try ask.needed([.spot]).id), "startTime": .number(from, .seconds),
      "endTime": .number(to, .seconds), "limit": .number(ask.limit.map { min($0, 100) }),
      "offset": ask.page > 0 ? .number(ask.page * (ask.limit ?? 50)) : nil,
    ]
  }

  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 100, window: Paging.day),
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [call("account/market_deal_history", try range(ask).adding(ask.extra))]
    },
    rows: Pick.listIfAny("result", "deals"),
    row: { row, ask throws(VenueFault) in
      let paid = try row.optionalDecimal("deal_fee", "fee")
      let quote = ask.market?.quote
      let role = try row.optionalText("role")
      return Fill(
        id: try row.text("deal_id", "id"), order: try row.optionalText("deal_order_id"),
        time: try row.time(.seconds, "deal_time", "time"), market: ask.market?.id ?? "",
        side: try row.side("side", "type"), price: try row.decimal("price"),
        amount: try row.decimal("amount"), cost: try row.optionalDecimal("deal"),
        fees: quote.flatMap { quote in paid.map { [VenueAmount(quote, $0)] } } ?? [],
        isMaker: role.map { $0 == "maker" })
    })

  private static let openOrders = Feed<Order>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 100), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "market": .string(try ask.needed([.spot]).id),
        "limit": .number(ask.limit.map { min($0, 100) }),
        "offset": ask.page > 0 ? .number(ask.page * (ask.limit ?? 50)) : nil,
      ]
      return [call("orders", parameters.adding(ask.extra))]
    },
    rows: Pick.listIfAny("result"),
    row: { row, ask throws(VenueFault) in
      var order = try order(row, ask)
      order?.status = .open
      return order
    })

  private static let closedOrders = Feed<Order>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 100, window: Paging.day),
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [call("account/order_history", try range(ask).adding(ask.extra))]
    },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for market in try answer.body["result"].optionalMembers() { rows += try market.elements() }
      return rows
    }, row: order)

  private static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let filled = try row.optionalDecimal("dealStock")
    let cost = try row.optionalDecimal("dealMoney")
    let quote = ask.market?.quote
    let fee = try row.optionalDecimal("dealFee")
    return Order(
      id: try row.text("orderId", "id"), time: try row.optionalTime(.seconds, "timestamp", "ctime"),
      market: try row.optionalText("market"), type: try row.optionalText("type"),
      side: try row.side("side"), price: try row.decimalUnlessZero("price"),
      amount: try row.optionalDecimal("amount"), filled: filled,
      remaining: try row.optionalDecimal("left"), cost: cost,
      average: BinanceLike.mean(cost: cost, of: filled),
      fees: quote.flatMap { quote in fee.map { [VenueAmount(quote, $0)] } } ?? [])
  }

  // MARK: - Orders

  static let desk = OrderDesk(
    place: Feed(
      calls: { ask throws(VenueFault) in
        guard let order = ask.newOrder, order.type == .limit, let price = order.price else {
          throw .unsupported("orders other than limit orders")
        }
        let parameters: Parameters = [
          "market": .string(order.market.id), "side": .string(order.side.rawValue),
          "amount": .text(try BinanceLike.stepped(order.amount, order.market.amountStep)),
          "price": .text(try BinanceLike.ticked(price, order.market.priceStep)),
        ]
        return [call("order/new", parameters.adding(ask.extra))]
      }, rows: Pick.one("result"), row: order),
    cancel: Feed(
      calls: { ask throws(VenueFault) in
        guard let id = ask.order else { throw .unsupported("an order without an id") }
        return [
          call(
            "order/cancel", ["market": .string(try ask.needed([.spot]).id), "orderId": .string(id)])
        ]
      }, rows: Pick.one("result"), row: order),
    // The venue has no route for one order: it is looked for among those that stand.
    find: Feed(
      calls: openOrders.calls, rows: openOrders.rows,
      row: { row, ask throws(VenueFault) in
        let found = try openOrders.row(row, ask)
        return found?.id == ask.order ? found : nil
      }),
    open: openOrders, clientIDMost: 0)
}
