import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Poloniex, spot.
  public static let poloniex = Venue(
    id: "poloniex", name: "Poloniex",
    documents: [
      "https://api-docs.poloniex.com/spot/api",
      "https://api-docs.poloniex.com/spot/api/private/trade",
      "https://api-docs.poloniex.com/spot/api/private/wallet",
    ],
    surfaces: [
      Surface("public", Poloniex.host), Surface("private", Poloniex.host, "/", Poloniex.recipe),
    ],
    limits: Poloniex.limits, faults: Poloniex.faults, feeds: Poloniex.feeds,
    unseen: ["futures", "trades before the last 180 days", "lending before 2022"])
}

// https://api-docs.poloniex.com/spot/api
private enum Poloniex {
  static let host = "https://api.poloniex.com"

  /// Of a GET the sorted parameters with the time are signed, else the body and the time.
  static let recipe = Recipe([
    .on(
      ["GET"],
      [
        .bind(
          "signed",
          .made { draft throws(VenueFault) in
            var all = draft.parameters
            all["signTimestamp"] = .string(try draft.text(.time(.milliseconds)))
            return Array(all.sorted.text(.strict).utf8)
          }),
        .query(.strict),
      ]),
    .notOn(
      ["GET"],
      [
        .jsonBodyUnlessEmpty,
        .bind(
          "signed",
          .made { draft throws(VenueFault) in
            let time = "signTimestamp=" + (try draft.text(.time(.milliseconds)))
            return Array((draft.body.map { "requestBody=\($0)&" + time } ?? time).utf8)
          }),
      ]),
    .header("key", .key),
    .header("signTimestamp", .time(.milliseconds)),
    .header(
      "signature",
      .base64(
        .hmac(
          .sha256, key: .secret, .join([.method, "\n", .path, "\n", .value("signed")])))),
  ])

  // https://api-docs.poloniex.com/spot/rate-limits
  static let limits = Limits([
    LimitBucket("private", capacity: 10, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 10, refill: .window(seconds: 1), scope: .address),
  ])

  static let faults = FaultTable(
    texts: [
      "api key": .auth, "signature": .auth, "permission": .auth, "timestamp": .clock,
      "recvwindow": .clock, "insufficient": .funds, "order does not exist": .orderNotFound,
      "order not found": .orderNotFound, "rate limit": .rate, "too many": .rate,
      "internal system error": .retryable, "system unavailable": .retryable,
      "timeout": .unknownOutcome,
    ],
    find: { body, _ in
      guard let code = body["code"].json?.plainText, code != "200", code != "null",
        !body["message"].isNothing
      else { return nil }
      return (code, body["message"].json?.plainText ?? "")
    })

  static let halfYear = 180 * Paging.day

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        calls: { _ in [Call("private", "GET", "accounts/balances")] }, rows: Pick.inner("balances"),
        row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 1000, window: halfYear, lookBack: halfYear),
        calls: { ask in
          let first: Parameters = ["symbols": .text(ask.market?.id)]
          return [signed("trades", first.adding(range(ask)))]
        }, rows: Pick.list(), row: fill)
    ]
    feeds.deposits = [moves("deposits")]
    feeds.withdrawals = [moves("withdrawals")]
    feeds.statement = [
      Feed(
        paging: Paging(.backward, most: 1000, window: halfYear, lookBack: halfYear),
        calls: { ask in
          let asset: Parameters = ["currency": .text(ask.asset)]
          return [signed("accounts/activity", asset.adding(range(ask)))]
        }, rows: Pick.list(), row: statement)
    ]
    feeds.openOrders = [
      Feed(
        calls: { ask in
          [signed("orders", ["symbol": .text(ask.market?.id), "limit": .number(ask.limit)])]
        }, rows: Pick.list(), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.backward, most: 1000, window: halfYear, lookBack: halfYear),
        calls: { ask in
          let market: Parameters = ["symbol": .text(ask.market?.id)]
          return [signed("orders/history", market.adding(range(ask)))]
        }, rows: Pick.list(), row: order)
    ]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [Feed(calls: { _ in [open("markets")] }, rows: Pick.list(), row: market)]
    feeds.assets = [Feed(calls: { _ in [open("v2/currencies")] }, rows: Pick.list(), row: asset)]
    feeds.tickers = [
      Feed(
        calls: { ask in
          [open(ask.market.map { "markets/\($0.id)/ticker24h" } ?? "markets/ticker24h")]
        },
        rows: { answer throws(VenueFault) in
          if case .array? = answer.body.json { return try answer.body.elements() }
          return [answer.body]
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 500), scope: .eachMarket, calls: candles,
        rows: Pick.list(), row: candle)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("markets/\(try ask.needed().id)/trades", ["limit": .number(ask.limit)])]
        }, rows: Pick.list(), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("markets/\(try ask.needed().id)/orderBook", ["limit": .number(ask.limit)])]
        }, rows: Pick.one(), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [open("timestamp")] }, rows: Pick.one("serverTime"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["public": 1])
  }

  static func signed(_ path: String, _ parameters: Parameters) -> Call {
    Call("private", "GET", path, parameters)
  }

  static func range(_ ask: Ask) -> Parameters {
    ask.range("startTime", "endTime", "limit", most: 1000)
  }

  /// Both ends are required; one answer holds deposits and withdrawals.
  static func moves(_ member: String) -> Feed<Transfer> {
    Feed(
      paging: Paging(.single, window: halfYear),
      calls: { ask in
        let end = ask.to ?? ask.now
        let start = ask.from ?? end.advanced(bySeconds: -Int64(halfYear))
        return [
          signed(
            "wallets/activity", ["start": .text(start, .seconds), "end": .text(end, .seconds)])
        ]
      }, rows: Pick.listIfAny(member),
      row: { row, _ throws(VenueFault) in
        try transfer(row, member == "deposits" ? .deposit : .withdrawal)
      })
  }

  static let frames = [
    60: "MINUTE_1", 300: "MINUTE_5", 600: "MINUTE_10", 900: "MINUTE_15", 1800: "MINUTE_30",
    3600: "HOUR_1", 7200: "HOUR_2", 14400: "HOUR_4", 21600: "HOUR_6", 43200: "HOUR_12",
    86400: "DAY_1", 259_200: "DAY_3", 604_800: "WEEK_1", 2_592_000: "MONTH_1",
  ]

  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let first: Parameters = ["interval": .text(frame)]
    return [
      open(
        "markets/\(try ask.needed().id)/candles",
        first.adding(ask.range("startTime", "endTime", "limit", most: 500)))
    ]
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.decimal("available"),
      used: try row.decimal("hold"))
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    Fill(
      id: try row.text("id"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "createTime"), market: try row.text("symbol"),
      side: try row.side("side"), price: try row.decimal("price"),
      amount: try row.decimal("quantity"), cost: try row.optionalDecimal("amount"),
      fees: try row.fees("feeAmount", "feeCurrency"),
      isMaker: try row.word("matchRole", ["MAKER": true, "TAKER": false]))
  }

  /// The state of a withdrawal may be followed by the transaction: `COMPLETED: 0x…`.
  static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("currency")
    let words = try row.optionalText("status")?.split(separator: ":").map {
      $0.trimmingPrefix { $0 == " " }
    }
    let states: [String: Transfer.Status] = [
      "COMPLETED": .ok, "COMPLETE": .ok, "PROCESSING": .pending, "PENDING": .pending,
      "AWAITING APPROVAL": .pending, "FAILED": .failed, "CANCELED": .canceled,
      "CANCELLED": .canceled,
    ]
    let told = words.flatMap { $0.count > 1 ? $0.last.map { String($0) } : nil }
    return Transfer(
      id: try row.text(direction == .deposit ? "depositNumber" : "withdrawalRequestsId"),
      transactionHash: try row.optionalText("txid") ?? told,
      time: try row.time(.seconds, "timestamp"), direction: direction, asset: asset,
      amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      address: try row.optionalText("address"), tag: try row.optionalText("paymentID"),
      status: words?.first.flatMap { states[String($0)] })
  }

  // https://api-docs.poloniex.com/spot/api/private/account, types of activity
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let kinds: [String: EntryKind] = [
      "104": .adjustment, "105": .adjustment, "201": .airdrop, "202": .feeRebate, "203": .staking,
      "204": .referral,
    ]
    let type = try row.optionalText("activityType")
    return StatementRow(
      id: try row.text("id"), time: try row.time(.milliseconds, "createTime"),
      asset: try row.text("currency"), amount: try row.decimal("amount"),
      kind: type.flatMap { kinds[$0] }, type: type)
  }

  static let orderStates: [String: Order.Status] = [
    "NEW": .open, "PARTIALLY_FILLED": .open, "PENDING_CANCEL": .open, "FILLED": .closed,
    "PARTIALLY_CANCELED": .canceled, "CANCELED": .canceled, "FAILED": .rejected,
  ]

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let average = try row.decimalUnlessZero("avgPrice")
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.milliseconds, "createTime"),
      market: try row.optionalText("symbol"), type: try row.optionalText("type")?.lowercased(),
      side: try row.side("side"), price: try row.decimalUnlessZero("price") ?? average,
      amount: try row.decimalUnlessZero("quantity"),
      filled: try row.optionalDecimal("filledQuantity"),
      cost: try row.optionalDecimal("filledAmount"), average: average,
      status: try row.word("state", orderStates))
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let limit = row["symbolTradeLimit"]
    return Market(
      id: try row.text("symbol"), base: try row.text("baseCurrencyName"),
      quote: try row.text("quoteCurrencyName"),
      isActive: try row.optionalText("state").map { $0 == "NORMAL" },
      amountStep: try limit.step(digits: "quantityScale"),
      priceStep: try limit.step(digits: "priceScale"),
      amountMin: try limit.optionalDecimal("minQuantity"),
      costMin: try limit.optionalDecimal("minAmount"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    var networks: [AssetNetwork] = []
    for network in try row["networkList"].optionalElements() {
      networks.append(
        AssetNetwork(
          id: try network.text("blockchain", "coin"),
          fee: try network.optionalDecimal("withdrawFee"),
          withdrawMin: try network.optionalDecimal("withdrawMin"),
          contract: try network.optionalText("contractAddress"),
          canDeposit: try network.optionalFlag("depositEnable"),
          canWithdraw: try network.optionalFlag("withdrawalEnable")))
    }
    return ListedAsset(
      id: try row.text("coin"), name: try row.optionalText("name"), networks: networks)
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"), time: try row.optionalTime(.milliseconds, "ts"),
      last: try row.optionalDecimal("close"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
      baseVolume: try row.optionalDecimal("quantity"),
      quoteVolume: try row.roundedDecimal("amount"))
  }

  /// Low, high, open, close, amount, quantity … and the begin as the thirteenth.
  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    Candle(
      time: try row[12].time(.milliseconds), open: try row[2].decimal(), high: try row[1].decimal(),
      low: try row[0].decimal(), close: try row[3].decimal(), volume: try row[5].optionalDecimal())
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("id"), time: try row.time(.milliseconds, "createTime", "ts"),
      market: "", side: try row.side("takerSide"), price: try row.decimal("price"),
      amount: try row.decimal("quantity"))
  }

  /// Prices and quantities follow one another in one list.
  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    func levels(_ node: Node) throws(VenueFault) -> [BookLevel] {
      let numbers = try node.elements()
      var levels: [BookLevel] = []
      for place in stride(from: 0, to: numbers.count - 1, by: 2) {
        levels.append(BookLevel(try numbers[place].decimal(), try numbers[place + 1].decimal()))
      }
      return levels
    }
    return OrderBook(
      market: "", time: try row.optionalTime(.milliseconds, "time"),
      bids: try levels(row["bids"]), asks: try levels(row["asks"]))
  }
}
