import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// WOO X: spot and perpetuals in one account.
  public static let woo = Venue(
    id: "woo", name: "WOO X",
    documents: ["https://docs.woox.io"],
    surfaces: [
      Surface("v1.public", Woo.host, "/v1/public/"),
      Surface("v3.public", Woo.host, "/v3/public/"),
      Surface("v1.private", Woo.host, "/v1/", Woo.older),
      Surface("v2.private", Woo.host, "/v2/", Woo.older),
      Surface("v3.private", Woo.host, "/v3/", Woo.recipe),
    ],
    limits: Limits([
      LimitBucket("requests", capacity: 10, refill: .window(seconds: 1), scope: .key)
    ]),
    faults: Woo.faults, feeds: Woo.feeds,
    unseen: [
      "fills before the last 90 days", "conversions", "staking and vault rewards", "sub-accounts",
    ])
}

// https://docs.woox.io
private enum Woo {
  static let host = "https://api.woox.io"

  static let recipe = Recipe([
    .sort,
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("x-api-key", .key),
    .header("x-api-timestamp", .time(.milliseconds)),
    .header(
      "x-api-signature",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.milliseconds), .method, .pathAndQuery, .body])))),
  ])

  /// The first two generations sign the sorted parameters and the time.
  static let older = Recipe([
    .sort,
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.ifParameters([.form(.strict)], else: [])]),
    .header("x-api-key", .key),
    .header("x-api-timestamp", .time(.milliseconds)),
    .header(
      "x-api-signature",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.either(.query, .body), "|", .time(.milliseconds)])))),
  ])

  static let faults = FaultTable(
    codes: [
      "-1000": .retryable, "-1001": .auth, "-1002": .auth, "-1003": .rate,
      "-1006": .orderNotFound, "-1008": .funds, "-1011": .retryable, "-1012": .unknownOutcome,
      "-1101": .funds,
    ],
    texts: ["timestamp": .clock, "too many": .rate],
    find: { body, _ in
      guard body["success"].json == .bool(false) else { return nil }
      return (body["code"].json?.plainText ?? "", body["message"].json?.plainText ?? "")
    })

  static let quarter = 90 * Paging.day

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [balances] }, rows: Pick.list("data", "holding"), row: balance),
      Feed(
        part: .staking, calls: { _ in [balances] }, rows: Pick.list("data", "holding"),
        row: staked),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.numbered, most: 500, lookBack: quarter), evidence: .recorded,
        calls: { ask in [pages("trade/transactionHistory", ask, "limit", symbol(ask))] },
        rows: Pick.list("data", "rows"), row: fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.numbered, most: 1000), evidence: .recorded,
        calls: { ask in [wallet(ask, "DEPOSIT")] }, rows: Pick.list("data", "rows"),
        row: { row, _ throws(VenueFault) in try transfer(row, "DEPOSIT") })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.numbered, most: 1000), evidence: .recorded,
        calls: { ask in [wallet(ask, "WITHDRAW")] }, rows: Pick.list("data", "rows"),
        row: { row, _ throws(VenueFault) in try transfer(row, "WITHDRAW") })
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.numbered, most: 1000), evidence: .recorded,
        calls: { ask in [wallet(ask, nil)] }, rows: Pick.list("data", "rows"),
        row: { row, _ throws(VenueFault) in try transfer(row, nil) })
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.numbered, most: 1000), evidence: .recorded,
        calls: { ask in
          [pages("asset/wallet/history", ask, "size", ["token": .text(ask.asset)])]
        }, rows: Pick.list("data", "rows"), row: statement),
      Feed(
        paging: Paging(.numbered, most: 500), evidence: .recorded,
        calls: { ask in [pages("futures/fundingFee/history", ask, "size", symbol(ask))] },
        rows: Pick.list("data", "rows"), row: funding),
    ]
    feeds.positions = [
      Feed(
        market: .swap, evidence: .recorded,
        calls: { ask in [Call("v3.private", "GET", "futures/positions", symbol(ask))] },
        rows: Pick.list("data", "positions"), row: position)
    ]
    feeds.openOrders = [orders("INCOMPLETE")]
    feeds.closedOrders = [orders("COMPLETED")]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        evidence: .recorded, calls: { _ in [Call("v3.public", "GET", "instruments")] },
        rows: Pick.list("data", "rows"), row: market)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in [Call("v1.public", "GET", "token")] }, rows: Pick.list("rows"), row: asset)
    ]
    // There is no route of tickers; the day's candle knows the last price.
    feeds.tickers = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "v3.public", "GET", "klineHistory",
              ["symbol": .text(try ask.needed().id), "type": "1d", "limit": "1"])
          ]
        }, rows: Pick.list("data", "rows"),
        row: { row, _ throws(VenueFault) in
          Ticker(market: try row.text("symbol"), last: try row.optionalDecimal("close"))
        })
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket, evidence: .recorded,
        calls: candles, rows: Pick.list("data", "rows"), row: candle)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "v3.public", "GET", "marketTrades",
              ["symbol": .text(try ask.needed().id), "limit": .number(ask.limit)])
          ]
        }, rows: Pick.list("data", "rows"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "v3.public", "GET", "orderbook",
              ["symbol": .text(try ask.needed().id), "maxLevel": .number(ask.limit)])
          ]
        }, rows: Pick.one(), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [Call("v3.public", "GET", "systemInfo")] }, rows: Pick.one("timestamp"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  // MARK: - Calls

  static let balances = Call("v3.private", "GET", "asset/balances")

  static func symbol(_ ask: Ask) -> Parameters { ["symbol": .text(ask.market?.id)] }

  static func pages(
    _ path: String, _ ask: Ask, _ limit: String, _ parameters: Parameters
  ) -> Call {
    var all = parameters.adding(ask.range("startTime", "endTime", limit))
    if ask.page > 0 { all["page"] = .number(ask.page + 1) }
    return Call("v3.private", "GET", path, all)
  }

  static func wallet(_ ask: Ask, _ side: String?) -> Call {
    pages(
      "asset/wallet/history", ask, "size",
      ["token": .text(ask.asset), "tokenSide": .text(side), "type": "BALANCE"])
  }

  static func orders(_ status: String) -> Feed<Order> {
    Feed(
      paging: Paging(.numbered, most: 500), evidence: .recorded,
      calls: { ask in
        let first: Parameters = ["status": .text(status)]
        return [pages("trade/orders", ask, "size", first.adding(symbol(ask)))]
      }, rows: Pick.list("data", "rows"), row: order)
  }

  static let frames = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 14400: "4h", 43200: "12h",
    86400: "1d", 604_800: "1w", 2_592_000: "1mon",
  ]

  /// `after` itself is left out.
  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let after = ask.from.map { Instant(microseconds: max(0, $0.microseconds) - 1_000) }
    return [
      Call(
        "v3.public", "GET", "klineHistory",
        [
          "symbol": .text(try ask.needed().id), "type": .text(frame),
          "after": .text(after, .milliseconds), "before": .text(ask.to, .milliseconds),
          "limit": .number(ask.limit),
        ])
    ]
  }

  // MARK: - Rows

  /// Times are seconds with a fraction in one answer and milliseconds in another.
  static func time(_ node: Node) throws(VenueFault) -> Instant? {
    if node.isNothing { return nil }
    let isSeconds = try node.decimal() < Fixed(whole: 100_000_000_000)
    return try node.time(isSeconds ? .seconds : .milliseconds)
  }

  static func neededTime(_ node: Node) throws(VenueFault) -> Instant {
    guard let time = try time(node) else { throw node.fault("a time") }
    return time
  }

  static func part(_ market: String) -> AccountPart { market.hasPrefix("PERP_") ? .swap : .spot }

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("token"), free: try row.decimal("availableBalance"),
      total: try row.decimal("holding"))
  }

  static func staked(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let staked = try row.optionalDecimal("staked") ?? .zero
    let leaving = try row.optionalDecimal("unbonding") ?? .zero
    guard let sum = try? staked.adding(leaving) else { throw row.fault("sums in range") }
    return Balance(asset: try row.text("token"), used: sum, total: sum, part: .staking)
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let market = try row.text("symbol")
    let realised = try row.optionalDecimal("realizedPnl", "realized_pnl")
    return Fill(
      id: try row.text("id"), order: try row.optionalText("orderId", "order_id"),
      time: try neededTime(row.first(["executedTimestamp", "executed_timestamp"])),
      market: market, side: try row.side("side"),
      price: try row.decimal("executedPrice", "executed_price"),
      amount: try row.decimal("executedQuantity", "executed_quantity"),
      fees: try row["feeAsset"].isNothing
        ? row.fees("fee", "fee_asset") : row.fees("fee", "feeAsset"),
      isMaker: try row.optionalFlag("isMaker"), part: part(market),
      realised: realised.map { VenueAmount("USDT", $0) })
  }

  static let states: [String: Transfer.Status] = [
    "NEW": .pending, "CONFIRMING": .pending, "PROCESSING": .pending, "COMPLETED": .ok,
    "CANCELED": .canceled, "FAILED": .failed, "REJECTED": .failed,
  ]

  /// A token of several networks is named with its network: `TRON_USDT`.
  static func token(_ text: String) -> (asset: String, network: String?) {
    guard let line = text.lastIndex(of: "_") else { return (text, nil) }
    return (String(text[text.index(after: line)...]), String(text[..<line]))
  }

  static func transfer(_ row: Node, _ wanted: String?) throws(VenueFault) -> Transfer? {
    let side = try row.optionalText("tokenSide")
    guard try row.optionalText("type") ?? "BALANCE" == "BALANCE",
      wanted == nil || side == nil || side == wanted, side == "DEPOSIT" || side == "WITHDRAW"
    else { return nil }
    let (asset, network) = token(try row.text("token"))
    let feeAsset = try row.optionalText("feeToken").map { token($0).asset } ?? asset
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("txId"),
      time: try time(row["createdTime"]), direction: side == "DEPOSIT" ? .deposit : .withdrawal,
      asset: asset, amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("feeAmount").map { VenueAmount(feeAsset, $0) },
      network: network, address: try row.optionalText("targetAddress"),
      tag: try row.optionalText("extra"), status: try row.word("status", states))
  }

  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let amount = try row.decimal("amount")
    let isOut = try row.optionalText("tokenSide") == "WITHDRAW"
    let type = try row.optionalText("type")
    let isTold = type == "BALANCE"
    let kind: EntryKind = isTold ? (isOut ? .withdrawal : .deposit) : .internalTransfer
    return StatementRow(
      id: try row.optionalText("id"), time: try time(row["createdTime"]),
      asset: try row.text("token"), amount: isOut ? try row.minus(amount) : amount, kind: kind,
      type: type, reference: try row.optionalText("txId"), isToldElsewhere: isTold)
  }

  static func funding(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let fee = try row.decimal("fundingFee")
    let isPaid = try row.text("paymentType").lowercased() == "pay"
    return StatementRow(
      id: try row.text("id"), time: try time(row.first(["updatedTime", "createdTime"])),
      asset: "USDT", amount: isPaid ? try row.minus(fee) : fee,
      kind: isPaid ? .marginFee : .marginGain, type: "funding",
      reference: try row.optionalText("symbol"), part: .swap)
  }

  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let holding = try row.decimal("holding")
    let entry = try row.optionalDecimal("averageOpenPrice", "average_open_price")
    let mark = try row.optionalDecimal("markPrice", "mark_price")
    var profit: Fixed?
    if let entry, let mark, let gap = try? mark.subtracting(entry) {
      profit = try? gap.multiplied(by: holding, rounding: .halfEven)
    }
    let mode = try row.optionalText("marginMode", "margin_mode")
    return OpenPosition(
      market: try row.text("symbol"), isLong: holding.isZero ? nil : !holding.isNegative,
      contracts: row.size(holding), contractSize: .one, entryPrice: entry, markPrice: mark,
      liquidationPrice: try row.decimalUnlessZero("estLiqPrice", "est_liq_price"),
      unrealised: profit, leverage: try row.optionalDecimal("leverage"),
      isIsolated: mode.map { $0 == "ISOLATED" }, time: try time(row["timestamp"]))
  }

  static let orderStates: [String: Order.Status] = [
    "NEW": .open, "PARTIAL_FILLED": .open, "REPLACED": .open, "INCOMPLETE": .open,
    "FILLED": .closed, "CANCELLED": .canceled, "CANCEL_SENT": .canceled, "REJECTED": .rejected,
    "EXPIRED": .expired,
  ]

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let own = try row.optionalText("clientOrderId")
    let average = try row.decimalUnlessZero("averageExecutedPrice")
    return Order(
      id: try row.text("orderId"), clientID: own == "0" ? nil : own,
      time: try time(row.first(["createdTime", "timestamp"])),
      market: try row.optionalText("symbol"), type: try row.optionalText("type")?.lowercased(),
      side: try row.side("side"), price: try row.optionalDecimal("price") ?? average,
      amount: try row.optionalDecimal("quantity"), filled: try row.optionalDecimal("executed"),
      cost: try row.optionalDecimal("amount"), average: average,
      status: try row.word("status", orderStates), fees: try row.fees("totalFee", "feeAsset"))
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("symbol")
    let quote = try row.text("quoteAsset")
    let isPerpetual = id.hasPrefix("PERP_")
    return Market(
      id: id, base: try row.text("baseAsset"), quote: quote, settle: isPerpetual ? quote : nil,
      kind: isPerpetual ? .swap : .spot,
      isActive: try row.optionalText("status").map { $0 == "TRADING" },
      contractSize: isPerpetual ? .one : nil, amountStep: try row.optionalDecimal("baseTick"),
      priceStep: try row.optionalDecimal("quoteTick"),
      amountMin: try row.optionalDecimal("baseMin"),
      amountMax: try row.optionalDecimal("baseMax"), costMin: try row.optionalDecimal("minNotional")
    )
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    ListedAsset(
      id: try row.text("balance_token", "token"), name: try row.optionalText("fullname"),
      networks: try row.optionalText("network").map { [AssetNetwork(id: $0)] } ?? [])
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "startTimestamp")
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: nil, time: try neededTime(row["executedTimestamp"]), market: try row.text("symbol"),
      side: try row.side("side"), price: try row.decimal("executedPrice"),
      amount: try row.decimal("executedQuantity"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", time: try row.optionalTime(.milliseconds, "timestamp"),
      bids: try OrderBook.levels(row["data"]["bids"].elements(), "price", "quantity"),
      asks: try OrderBook.levels(row["data"]["asks"].elements(), "price", "quantity"))
  }
}
