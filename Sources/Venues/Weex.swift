import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// WEEX: spot and perpetuals.
  public static let weex = Venue(
    id: "weex", name: "WEEX", documents: ["https://www.weex.com/api-doc/"],
    surfaces: [
      Surface("public", Weex.spotHost, "/"),
      Surface("private", Weex.spotHost, "/", Weex.recipe),
      Surface("contractPublic", Weex.swapHost, "/"),
      Surface("contractPrivate", Weex.swapHost, "/", Weex.recipe),
    ],
    credentials: CredentialField.withPassphrase, limits: Weex.limits, faults: Weex.faults,
    feeds: Weex.feeds, desk: Weex.desk,
    unseen: [
      "deposits and withdrawals beyond their lines in the statement: no address, no transaction",
      "copy trading, earn and rewards",
    ])
}

private enum Weex {
  static let spotHost = "https://api-spot.weex.com"
  static let swapHost = "https://api-contract.weex.com"

  // https://www.weex.com/api-doc/spot/QuickStart/Signature
  static let recipe = Recipe([
    .custom { draft throws(VenueFault) in
      // A list goes into the body whatever the method.
      let hasList = draft.parameters.items.contains { item in
        if case .array = item.value { true } else { false }
      }
      let isQuery = draft.method == "GET" || (draft.method == "DELETE" && !hasList)
      try draft.run(isQuery ? [.query(.strict)] : [.jsonBody])
    },
    .notOn(["GET"], [.header("Content-Type", "application/json")]),
    .header("ACCESS-KEY", .key), .header("ACCESS-PASSPHRASE", .passphrase),
    .header("ACCESS-TIMESTAMP", .time(.milliseconds)),
    .header(
      "ACCESS-SIGN",
      .base64(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.milliseconds), .method, .pathAndQuery, .body])))),
  ])

  // https://www.weex.com/api-doc/spot/QuickStart/RateLimits
  static let limits = Limits([
    LimitBucket("WEIGHT", capacity: 500, refill: .window(seconds: 10), scope: .address)
  ])

  // https://www.weex.com/api-doc/spot/ErrorCodes/ExampleOfErrorCode
  static let faults = FaultTable(
    codes: [
      "429": .rate, "40001": .auth, "40002": .auth, "40003": .auth, "40005": .clock,
      "40006": .auth, "40008": .clock, "40009": .auth, "40011": .auth, "40012": .auth,
      "40013": .auth, "40014": .auth, "40015": .retryable, "40018": .auth, "40022": .auth,
      "40753": .auth, "-1000": .retryable, "-1003": .rate, "-1021": .clock, "-1022": .auth,
      "-2013": .orderNotFound, "-2014": .auth, "-2015": .auth,
    ],
    texts: [
      "insufficient": .funds, "not enough": .funds, "too many": .rate, "too frequent": .rate,
      "order does not exist": .orderNotFound, "order not exist": .orderNotFound,
      "timestamp": .clock, "signature": .auth, "system busy": .retryable,
    ],
    find: { body, status in
      guard let code = (try? body.optionalText("code")) ?? nil,
        !["0", "00000", "200"].contains(code)
      else { return nil }
      return (code: code, message: (try? body.optionalText("msg", "message")) ?? "")
    })

  private static let intervals: [Int: String] = [
    60: "1m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1h", 7_200: "2h", 14_400: "4h",
    21_600: "6h", 28_800: "8h", 43_200: "12h", 86_400: "1d", 604_800: "1w", 2_592_000: "1M",
  ]

  static let spot: BinanceLike = {
    var one = BinanceLike(bucket: "WEIGHT")
    one.paths = BinanceLike.Paths(
      markets: "api/v3/exchangeInfo", clock: "api/v3/time", ticker: "api/v3/market/ticker/24hr",
      candles: "api/v3/market/klines", book: "api/v3/market/depth",
      trades: "api/v3/market/trades", fills: "api/v3/myTrades",
      openOrders: "api/v3/openOrders", closedOrders: "api/v3/allOrders", order: "api/v3/order")
    one.weights = ["api/v3/market/ticker/24hr all": 40, "api/v3/myTrades": 5]
    one.intervals = intervals
    one.candlesMost = 300
    one.fillPaging = Paging(.forward, most: 100)
    one.orderPaging = Paging(.forward, most: 1_000)
    return one
  }()

  static let swap: BinanceLike = {
    var one = spot
    one.open = "contractPublic"
    one.signed = "contractPrivate"
    one.part = .swap
    one.kind = .swap
    one.paths = BinanceLike.Paths(
      markets: "capi/v3/market/exchangeInfo", clock: "capi/v3/market/time",
      ticker: "capi/v3/market/ticker/24hr", candles: "capi/v3/market/klines",
      book: "capi/v3/market/depth", trades: "capi/v3/market/trades", fills: "capi/v3/userTrades",
      openOrders: "capi/v3/openOrders", closedOrders: "capi/v3/order/history",
      order: "capi/v3/order")
    one.orderPaging = Paging(.forward, most: 1_000, lookBack: 90 * Paging.day)
    return one
  }()

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { ask in [spot.call("GET", "api/v3/account/", ask.extra)] },
        rows: Pick.list("balances"), row: BinanceLike.balance(.spot)),
      Feed(
        part: .swap, evidence: .recorded,
        calls: { ask in [swap.call("GET", "capi/v3/account/balance", ask.extra)] },
        rows: BinanceLike.list, row: BinanceLike.marginBalance(.swap)),
    ]
    feeds.fills = [fills, swap.fills()]
    feeds.statement = [
      statement(spot, "api/v3/account/bills", .spot, "after", "before"),
      statement(spot, "api/v3/account/fundingBills", .funding, "startTime", "endTime"),
      statement(swap, "capi/v3/account/income", .swap, "startTime", "endTime"),
    ]
    feeds.positions = [positions]
    feeds.markets = [markets(spot), markets(swap)]
    feeds.assets = [
      Feed(
        evidence: .recorded,
        calls: { _ in [spot.call("GET", "api/v3/coins", signed: false)] }, rows: Pick.list(),
        row: BinanceLike.asset)
    ]
    feeds.tickers = [spot.tickers(.recorded), swap.tickers()]
    feeds.candles = [candles(spot), candles(swap)]
    feeds.trades = [trades(spot, .documented), trades(swap, .recorded)]
    feeds.books = [books(spot, .recorded), books(swap, .documented)]
    feeds.openOrders = [spot.openOrders(), swap.openOrders(.recorded)]
    feeds.closedOrders = [spot.closedOrders(), swap.closedOrders()]
    feeds.clock = spot.clock()
    return feeds
  }()

  // MARK: - Markets

  private static func markets(_ one: BinanceLike) -> Feed<Market> {
    var feed = one.markets()
    feed.row = { row, ask throws(VenueFault) in
      let isSwap = one.kind == .swap
      let tick =
        isSwap ? try row.step(digits: "pricePrecision") : try row.optionalDecimal("tickSize")
      let step =
        isSwap ? try row.step(digits: "quantityPrecision") : try row.optionalDecimal("stepSize")
      return Market(
        id: try row.text("symbol"), base: try row.text("baseAsset"),
        quote: try row.text("quoteAsset"), settle: try row.optionalText("marginAsset"),
        kind: one.kind, isActive: try row.optionalText("status").map { $0 == "TRADING" },
        contractSize: isSwap ? .one : nil, amountStep: step, priceStep: tick,
        amountMin: try row.optionalDecimal("minTradeAmount", "minOrderSize"),
        amountMax: row.shownDecimal("maxTradeAmount", "maxOrderSize"))
    }
    return feed
  }

  /// Trades and books take no range; books of fifteen or two hundred levels.
  private static func trades(_ one: BinanceLike, _ evidence: Evidence) -> Feed<PublicTrade> {
    var feed = one.trades(evidence)
    feed.paging = Paging(.single, most: 1_000)
    let calls = feed.calls
    feed.calls = { ask throws(VenueFault) in
      var ask = ask
      (ask.from, ask.to) = (nil, nil)
      return try calls(ask)
    }
    return feed
  }

  private static func books(_ one: BinanceLike, _ evidence: Evidence) -> Feed<OrderBook> {
    var feed = one.books(evidence)
    let calls = feed.calls
    feed.calls = { ask throws(VenueFault) in
      var ask = ask
      ask.limit = ask.limit.flatMap { $0 > 15 ? 200 : nil }
      return try calls(ask)
    }
    return feed
  }

  /// Candles of the past are another route of perpetuals; spot has the last ones only.
  private static func candles(_ one: BinanceLike) -> Feed<Candle> {
    var feed = one.candles()
    let calls = feed.calls
    if one.kind == .spot { feed.paging = Paging(.single, most: 300) }
    feed.calls = { ask throws(VenueFault) in
      var ask = ask
      let isPast = ask.from != nil || ask.to != nil
      if one.kind == .spot { (ask.from, ask.to) = (nil, nil) }
      var all = try calls(ask)
      if isPast, one.kind == .swap {
        for place in all.indices { all[place].path = "capi/v3/market/historyKlines" }
      }
      return all
    }
    return feed
  }

  // MARK: - The account

  /// The fee is in what is bought, or in the quote of what is sold.
  private static let fills: Feed<Fill> = {
    var feed = spot.fills(.recorded)
    feed.row = { row, ask throws(VenueFault) in
      guard var fill = try BinanceLike.fill(.spot)(row, ask) else { return nil }
      let market = ask.markets.market(fill.market, .spot) ?? ask.market
      if fill.fees.isEmpty, let paid = try row.optionalDecimal("commission"), let market,
        let side = fill.side
      {
        fill.fees = [VenueAmount(side == .buy ? market.base : market.quote, paid)]
      }
      return fill
    }
    return feed
  }()

  private static func statement(
    _ one: BinanceLike, _ path: String, _ part: AccountPart, _ from: String, _ to: String
  ) -> Feed<StatementRow> {
    Feed(
      part: part, paging: Paging(.backward, most: 100),
      evidence: path.hasSuffix("/bills") ? .recorded : .documented,
      calls: { ask in
        let range = ask.range(from, to, "limit", most: 100)
        return [one.call("POST", path, range.adding(ask.extra))]
      },
      rows: { answer throws(VenueFault) in
        if case .object? = answer.body.json {
          return try answer.body.first(["items", "data"]).optionalElements()
        }
        return try answer.body.elements()
      },
      row: { row, ask throws(VenueFault) in
        let type = try row.optionalText("bizType", "incomeType")
        let asset = try row.text("coinName", "asset")
        let known = type.map { meaning($0, part) }
        return StatementRow(
          id: try row.optionalText("billId"),
          time: try row.optionalTime(.milliseconds, "cTime", "time"),
          asset: asset, amount: try row.decimal("deltaAmount", "income"), kind: known?.kind,
          type: type,
          fee: try row.optionalDecimal("fees", "fillFee").map { VenueAmount(asset, $0) },
          after: row.shownDecimal("afterAmount", "balance"), part: part,
          isToldElsewhere: known?.isTold ?? false)
      })
  }

  /// What a word of the statement means, and whether fills tell it too.
  private static func meaning(
    _ word: String, _ part: AccountPart
  ) -> (kind: EntryKind?, isTold: Bool) {
    let lower = word.lowercased()
    if lower.contains("transfer") { return (.internalTransfer, false) }
    if lower.hasPrefix("trade") || lower.contains("position") || lower.contains("order_fill") {
      return (.trade, true)
    }
    if lower.contains("funding") { return (.marginFee, false) }
    if part == .swap, lower == "deposit" || lower == "withdraw" {
      return (.internalTransfer, false)
    }
    if lower.hasPrefix("deposit") { return (.deposit, false) }
    if lower.hasPrefix("withdraw") { return (.withdrawal, false) }
    if lower.contains("rebate") { return (.feeRebate, false) }
    if lower.contains("airdrop") { return (.airdrop, false) }
    if lower.contains("bonus") || lower.contains("reward") { return (.reward, false) }
    return (nil, false)
  }

  private static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap, evidence: .recorded,
    calls: { ask in [swap.call("GET", "capi/v3/account/position/allPosition", ask.extra)] },
    rows: BinanceLike.list,
    row: { row, ask throws(VenueFault) in
      let market = try row.text("symbol")
      let size = try row.decimal("size")
      let value = try row.optionalDecimal("openValue")
      let margin = try row.optionalText("marginType", "marginMode")
      return OpenPosition(
        market: market, isLong: try row.word("side", ["LONG": true, "SHORT": false]),
        contracts: size, contractSize: ask.markets.market(market, .swap)?.contractSize,
        entryPrice: BinanceLike.mean(cost: value, of: size),
        liquidationPrice: try row.decimalUnlessZero("liquidatePrice"),
        unrealised: try row.optionalDecimal("unrealizePnl"),
        leverage: try row.optionalDecimal("leverage"),
        margin: try row.optionalDecimal("marginSize"), isIsolated: margin.map { $0 == "ISOLATED" },
        time: try row.optionalTime(.milliseconds, "updatedTime"))
    })

  // MARK: - Orders

  private static func interface(_ ask: Ask) -> BinanceLike {
    (ask.newOrder?.market ?? ask.market)?.kind == .swap ? swap : spot
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 36,
    place: { ask throws(VenueFault) in try place(ask) },
    cancel: { ask throws(VenueFault) in
      let one = interface(ask)
      return one.call("DELETE", one.paths.order, try one.orderName(ask, hasMarket: false))
    },
    find: { ask throws(VenueFault) in
      let one = interface(ask)
      return one.call("GET", one.paths.order, try one.orderName(ask, hasMarket: false))
    }, open: spot.openOrders())

  /// Perpetuals are told which of both positions of a market an order is for.
  private static func place(_ ask: Ask) throws(VenueFault) -> Call {
    guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
    let one = interface(ask)
    var call = try one.place(ask)
    guard one.kind == .swap else {
      if order.timeInForce == nil { call.parameters["timeInForce"] = nil }
      return call
    }
    call.parameters["reduceOnly"] = nil
    let isLong = (order.side == .buy) != order.isReduceOnly
    call.parameters["positionSide"] = .string(isLong ? "LONG" : "SHORT")
    return call
  }
}
