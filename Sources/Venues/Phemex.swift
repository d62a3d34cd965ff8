import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Phemex: spot and perpetuals settled in USDT.
  public static let phemex = Venue(
    id: "phemex", name: "Phemex",
    documents: [
      "https://github.com/phemex/phemex-api-docs/blob/master/Public-Spot-API-en.md",
      "https://github.com/phemex/phemex-api-docs/blob/master/Public-Hedged-Perpetual-API.md",
    ],
    surfaces: [
      Surface("public", Phemex.host), Surface("private", Phemex.host, "/", Phemex.recipe),
    ],
    limits: Phemex.limits, faults: Phemex.faults, feeds: Phemex.feeds,
    unseen: [
      "deposits and withdrawals before the last three months", "fills of coin-margined perpetuals",
      "conversions, earn and launch products", "funding of perpetuals as single entries",
    ])
}

// https://github.com/phemex/phemex-api-docs

/// Numbers ending in `Ep` and `Ev` are scaled by 10⁸ on spot and in Bitcoin; those ending in `Rp`,
/// `Rv` and `Rq` are real.
private enum Phemex {
  static let host = "https://api.phemex.com"

  /// A request is good for a minute.
  static let recipe = Recipe([
    .on(["GET", "DELETE", "PUT"], [.query(.strict)]),
    .notOn(["GET", "DELETE", "PUT"], [.jsonBodyUnlessEmpty]),
    .bind(
      "expiry",
      .made { draft in
        Array(TimeForm.seconds.write(draft.moment.time.advanced(bySeconds: 60)).utf8)
      }),
    .header("x-phemex-access-token", .key),
    .header("x-phemex-request-expiry", .value("expiry")),
    .header(
      "x-phemex-request-signature",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.path, .query, .value("expiry"), .body])))),
  ])

  // https://github.com/phemex/phemex-api-docs/blob/master/Generic-API-Info.en.md
  static let limits = Limits([
    LimitBucket("others", capacity: 100, refill: .window(seconds: 60), scope: .key),
    LimitBucket("spot", capacity: 500, refill: .window(seconds: 60), scope: .key),
    LimitBucket("contract", capacity: 500, refill: .window(seconds: 60), scope: .key),
    LimitBucket("address", capacity: 5000, refill: .window(seconds: 300), scope: .address),
  ])

  // https://github.com/phemex/phemex-api-docs/blob/master/TradingErrorCode.md
  static let faults = FaultTable(
    codes: [
      "10002": .orderNotFound, "10003": .orderNotFound, "10500": .retryable, "11001": .funds,
      "11082": .funds, "19999": .definitive, "401": .auth, "10401": .auth,
    ],
    texts: [
      "no_enough": .funds, "not_enough": .funds, "insufficient": .funds,
      "order_not_found": .orderNotFound, "too many": .rate, "expired": .clock,
      "signature": .auth, "unauthorized": .auth, "busy": .retryable,
    ],
    find: { body, _ in
      let error = body["error"]
      if case .object? = error.json {
        return (error["code"].json?.plainText ?? "", error["message"].json?.plainText ?? "")
      }
      guard let code = body["code"].json?.plainText, code != "0" else { return nil }
      return (code, body["msg"].json?.plainText ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [signed("spot/wallets", "spot")] }, rows: Pick.list("data"),
        row: balance),
      Feed(
        part: .swap, calls: { _ in [positions] }, rows: Pick.one("data", "account"), row: margin),
      Feed(
        part: .inverse,
        calls: { _ in
          [signed("accounts/accountPositions", "contract", ["currency": "BTC"])]
        }, rows: Pick.one("data", "account"), row: coinMargin),
    ]
    feeds.fills = [
      Feed(
        part: .spot, market: .spot, paging: Paging(.numbered, most: 200), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let market = try ask.needed([.spot])
          return [signed("api-data/spots/trades", "others", range(ask, market))]
        }, rows: listed, row: spotFill),
      Feed(
        part: .swap, market: .swap, paging: Paging(.numbered, most: 200), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let market = try ask.needed([.swap], isInverse: false)
          return [signed("api-data/g-futures/trades", "others", range(ask, market))]
        }, rows: listed, row: swapFill),
    ]
    feeds.deposits = [transfers("exchange/wallets/depositList", .deposit)]
    feeds.withdrawals = [transfers("exchange/wallets/withdrawList", .withdrawal)]
    feeds.positions = [
      Feed(
        market: .swap, calls: { _ in [positions] }, rows: Pick.list("data", "positions"),
        row: position)
    ]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        calls: { _ in [open("public/products")] },
        rows: { answer throws(VenueFault) in
          let data = answer.body["data"]
          let newer = try data["perpProductsV2"].optionalElements()
          return try data["products"].elements() + newer
        }, row: market)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in [open("public/products")] }, rows: Pick.list("data", "currencies"),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("currency"), name: try row.optionalText("name"),
            step: try row.step(digits: "valueScale"))
        })
    ]
    feeds.tickers = [
      Feed(
        market: .spot, calls: { ask throws(VenueFault) in try tickers("md/spot/", ask, [.spot]) },
        rows: told, row: spotTicker),
      Feed(
        market: .swap, calls: { ask throws(VenueFault) in try tickers("md/v3/", ask, [.swap]) },
        rows: told, row: swapTicker),
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.single, most: 1000), scope: .eachMarket, calls: candles,
        rows: Pick.listIfAny("data", "rows"), row: candle)
    ]
    feeds.books = [
      Feed(
        market: .spot, scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("md/orderbook", ["symbol": .text(try ask.needed([.spot]).id)])]
        }, rows: Pick.one("result"), row: spotBook),
      Feed(
        market: .swap, scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("md/v2/orderbook", ["symbol": .text(try ask.needed([.swap]).id)])]
        }, rows: Pick.one("result"), row: swapBook),
    ]
    feeds.clock = Feed(
      calls: { _ in [open("public/time")] }, rows: Pick.one("data", "serverTime"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["address": 1])
  }

  static func signed(_ path: String, _ bucket: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters, cost: [bucket: 1, "address": 1])
  }

  static let positions = signed(
    "g-accounts/accountPositions", "contract", ["currency": "USDT"])

  /// Without a beginning only the last two days are told.
  static func range(_ ask: Ask, _ market: Market) -> Parameters {
    [
      "symbol": .text(market.id), "start": .text(ask.from, .milliseconds),
      "end": .text(ask.to, .milliseconds), "offset": offset(ask),
      "limit": .number(ask.limit.map { min($0, 200) }),
    ]
  }

  static func offset(_ ask: Ask) -> JSON? {
    ask.page > 0 ? .number(ask.page * min(ask.limit ?? 20, 200)) : nil
  }

  static func transfers(_ path: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered, most: 200, lookBack: 90 * Paging.day), scope: .eachAsset,
      calls: { ask throws(VenueFault) in
        [
          signed(
            path, "others",
            [
              "currency": .text(try ask.neededAsset()), "offset": offset(ask),
              "limit": .number(ask.limit.map { min($0, 200) }),
            ])
        ]
      }, rows: listed, row: { row, _ throws(VenueFault) in try transfer(row, direction) })
  }

  static func tickers(
    _ prefix: String, _ ask: Ask, _ kinds: Set<MarketKind>
  ) throws(VenueFault) -> [Call] {
    guard let market = try ask.optional(kinds) else { return [open(prefix + "ticker/24hr/all")] }
    return [open(prefix + "ticker/24hr", ["symbol": .text(market.id)])]
  }

  static let frames: Set<Int> = [
    60, 300, 900, 1800, 3600, 14400, 86400, 604_800, 2_592_000, 7_776_000, 31_104_000,
  ]

  /// The latest candles, in one of six numbers.
  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard frames.contains(ask.interval) else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let wanted = ask.limit ?? 1000
    let count: Int = [5, 10, 50, 100, 500, 1000].first { $0 >= wanted } ?? 1000
    return [
      open(
        "exchange/public/md/v2/kline",
        [
          "symbol": .text(try ask.needed().id), "resolution": .number(ask.interval),
          "limit": .number(count),
        ])
    ]
  }

  /// A list, or a list in `rows`.
  static func listed(_ answer: Answer) throws(VenueFault) -> [Node] {
    if case .array? = answer.body.json { return try answer.body.elements() }
    let data = answer.body["data"]
    if case .array? = data.json { return try data.elements() }
    return try data["rows"].optionalElements()
  }

  static func told(_ answer: Answer) throws(VenueFault) -> [Node] {
    let result = answer.body["result"]
    if case .array? = result.json { return try result.elements() }
    return [result]
  }

  // MARK: - Scales

  /// A whole number that counts 10⁻⁸.
  static func scaled(_ node: Node) throws(VenueFault) -> Fixed {
    let value = try node.decimal()
    guard let real = try? value.divided(by: Fixed(whole: 100_000_000), rounding: .halfEven) else {
      throw node.fault("a scaled number")
    }
    return real
  }

  static func optionalScaled(_ node: Node) throws(VenueFault) -> Fixed? {
    node.isNothing ? nil : try scaled(node)
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let trading = try scaled(row["lockedTradingBalanceEv"])
    let leaving = try scaled(row["lockedWithdrawEv"])
    guard let used = try? trading.adding(leaving) else { throw row.fault("sums in range") }
    return Balance(
      asset: try row.text("currency"), used: used, total: try scaled(row["balanceEv"]))
  }

  static func margin(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), used: try row.decimal("totalUsedBalanceRv"),
      total: try row.decimal("accountBalanceRv"), part: .swap)
  }

  static func coinMargin(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), used: try scaled(row["totalUsedBalanceEv"]),
      total: try scaled(row["accountBalanceEv"]), part: .inverse)
  }

  static let makers: [String: Bool] = ["MakerFill": true, "TakerFill": false]
  static let executions: Set<String> = ["Trade", "LiqTrade", "AdlTrade"]

  static func spotFill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    guard try row.optionalText("tradeType").map(executions.contains) ?? true else { return nil }
    let fee = try optionalScaled(row["execFeeEv"])
    let asset = try row.optionalText("feeCurrency")
    return Fill(
      id: try row.text("execId"), order: try row.optionalText("orderID"),
      time: try row.time(.nanoseconds, "transactTimeNs"), market: try row.text("symbol"),
      side: try row.side("side"), price: try scaled(row["execPriceEp"]),
      amount: try scaled(row["execBaseQtyEv"]), cost: try optionalScaled(row["execQuoteQtyEv"]),
      fees: fee.flatMap { paid in asset.map { [VenueAmount($0, paid)] } } ?? [],
      isMaker: try row.word("execStatus", makers))
  }

  static func swapFill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    guard try row.optionalText("tradeType").map(executions.contains) ?? true else { return nil }
    let asset = try row.text("currency")
    return Fill(
      id: try row.text("execID", "execId"), order: try row.optionalText("orderID", "orderId"),
      time: try row.time(.nanoseconds, "transactTimeNs"), market: try row.text("symbol"),
      side: try row.side("side"), price: try row.decimal("execPriceRp"),
      amount: try row.decimal("execQtyRq"), cost: try row.optionalDecimal("execValueRv"),
      fees: try row.optionalDecimal("execFeeRv").map { [VenueAmount(asset, $0)] } ?? [],
      isMaker: try row.word("execStatus", makers), part: .swap,
      realised: try row.optionalDecimal("closedPnlRv").map { VenueAmount(asset, $0) })
  }

  static let states: [String: Transfer.Status] = [
    "Success": .ok, "Succeed": .ok, "Confirmed": .pending, "New": .pending, "Pending": .pending,
    "Security Checking": .pending, "Pending Review": .pending, "Pending Transfer": .pending,
    "Rejected": .failed, "Security check failed": .failed, "SecurityCheckFailed": .failed,
    "Expired": .failed, "Address Risk": .failed, "Cancelled": .canceled, "Canceled": .canceled,
  ]

  static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("currency")
    return Transfer(
      id: try row.optionalText("id"), transactionHash: try row.optionalText("txHash"),
      time: try row.optionalTime(.milliseconds, "createdAt", "submitedAt", "submittedAt"),
      direction: direction, asset: asset, amount: try scaled(row["amountEv"]),
      fee: try optionalScaled(row["feeEv"]).map { VenueAmount(asset, $0) },
      network: try row.optionalText("chainName"), address: try row.optionalText("address"),
      status: try row.word("status", states))
  }

  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let size = try row.decimal("size", "sizeRq")
    if size.isZero { return nil }
    return OpenPosition(
      market: try row.text("symbol"), isLong: try row.side("side").map { $0 == .buy },
      contracts: row.size(size), contractSize: .one,
      entryPrice: try row.optionalDecimal("avgEntryPriceRp", "avgEntryPrice"),
      markPrice: try row.optionalDecimal("markPriceRp"),
      liquidationPrice: try row.decimalUnlessZero("liquidationPriceRp"),
      unrealised: try row.optionalDecimal("unRealisedPnlRv"),
      leverage: row.size(try row.decimalUnlessZero("leverageRr")),
      margin: try row.optionalDecimal("positionMarginRv"),
      isIsolated: try row.optionalFlag("crossMargin").map { !$0 })
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let kinds: [String: MarketKind] = [
      "Spot": .spot, "Perpetual": .swap, "PerpetualV2": .swap, "PerpetualPilot": .swap,
    ]
    guard let kind = try row.word("type", kinds) else { return nil }
    let isSpot = kind == .spot
    return Market(
      id: try row.text("symbol"),
      base: try row.text("baseCurrency", "contractUnderlyingAssets").filter { $0 != " " },
      quote: try row.text("quoteCurrency"),
      settle: isSpot ? nil : try row.optionalText("settleCurrency"), kind: kind,
      isActive: try row.optionalText("status").map { $0 == "Listed" },
      contractSize: isSpot ? nil : row.shownDecimal("contractSize"),
      amountStep: isSpot
        ? try optionalScaled(row["baseTickSizeEv"]) : row.shownDecimal("qtyStepSize"),
      priceStep: isSpot
        ? try optionalScaled(row["quoteTickSizeEv"]) : row.shownDecimal("tickSize"))
  }

  static func spotTicker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"), time: try row.optionalTime(.nanoseconds, "timestamp"),
      last: try optionalScaled(row["lastEp"]), bid: try optionalScaled(row["bidEp"]),
      ask: try optionalScaled(row["askEp"]), high: try optionalScaled(row["highEp"]),
      low: try optionalScaled(row["lowEp"]), open: try optionalScaled(row["openEp"]),
      baseVolume: try optionalScaled(row["volumeEv"]),
      quoteVolume: try optionalScaled(row["turnoverEv"]))
  }

  static func swapTicker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"), time: try row.optionalTime(.nanoseconds, "timestamp"),
      last: try row.optionalDecimal("closeRp", "lastRp"), bid: try row.optionalDecimal("bidRp"),
      ask: try row.optionalDecimal("askRp"), high: try row.optionalDecimal("highRp"),
      low: try row.optionalDecimal("lowRp"), open: try row.optionalDecimal("openRp"),
      baseVolume: try row.optionalDecimal("volumeRq"),
      quoteVolume: try row.roundedDecimal("turnoverRv"))
  }

  /// Time, interval, the close before, open, high, low, close, volume; scaled on spot, where they
  /// are whole numbers, and real texts of USDT perpetuals.
  static func candle(_ row: Node, _ ask: Ask) throws(VenueFault) -> Candle? {
    func number(_ place: Int) throws(VenueFault) -> Fixed {
      ask.market?.kind == .spot ? try scaled(row[place]) : try row[place].decimal()
    }
    return Candle(
      time: try row[0].time(.seconds), open: try number(3), high: try number(4),
      low: try number(5), close: try number(6), volume: try number(7))
  }

  static func spotBook(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    func levels(_ node: Node) throws(VenueFault) -> [BookLevel] {
      var levels: [BookLevel] = []
      for level in try node.elements() {
        levels.append(BookLevel(try scaled(level[0]), try scaled(level[1])))
      }
      return levels
    }
    return OrderBook(
      market: try row.text("symbol"), time: try row.optionalTime(.nanoseconds, "timestamp"),
      bids: try levels(row["book"]["bids"]), asks: try levels(row["book"]["asks"]),
      sequence: try row.optionalInteger("sequence"))
  }

  static func swapBook(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: try row.text("symbol"), time: try row.optionalTime(.nanoseconds, "timestamp"),
      bids: try OrderBook.levels(row["orderbook_p"]["bids"]),
      asks: try OrderBook.levels(row["orderbook_p"]["asks"]),
      sequence: try row.optionalInteger("sequence"))
  }
}
