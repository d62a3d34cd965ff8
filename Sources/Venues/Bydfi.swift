import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BYDFi: perpetuals, and the balances and transfers of spot.
  public static let bydfi = Venue(
    id: "bydfi", name: "BYDFi",
    documents: ["https://developers.bydfi.com"],
    surfaces: [
      Surface("public", Bydfi.host, "/api/"),
      Surface("private", Bydfi.host, "/api/", Bydfi.recipe),
    ],
    limits: Limits([
      LimitBucket("requests", capacity: 20, refill: .window(seconds: 1), scope: .key)
    ]),
    faults: Bydfi.faults, feeds: Bydfi.feeds,
    unseen: [
      "spot trades and spot markets", "coin-margined perpetuals",
      "fills before the last half year", "copy trading and bots",
    ])
}

// https://developers.bydfi.com
private enum Bydfi {
  static let host = "https://api.bydfi.com"

  static let recipe = Recipe([
    .sort,
    .on(["GET"], [.query(.strict)]),
    .notOn(["GET"], [.jsonBodyUnlessEmpty]),
    .header("X-API-KEY", .key),
    .header("X-API-TIMESTAMP", .time(.milliseconds)),
    .header(
      "X-API-SIGNATURE",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.key, .time(.milliseconds), .either(.query, .body)])))),
  ])

  static let faults = FaultTable(
    codes: ["401": .auth, "429": .rate, "510": .rate, "500": .retryable, "503": .retryable],
    texts: [
      "signature": .auth, "api key": .auth, "apikey": .auth, "permission": .auth,
      "timestamp": .clock, "too many": .rate, "insufficient": .funds,
      "order does not exist": .orderNotFound, "system busy": .retryable,
    ],
    find: { body, _ in
      guard let code = body["code"].json?.plainText, code != "200", code != "null" else {
        return nil
      }
      return (code, body["message"].json?.plainText ?? "")
    })

  static let week = 7 * Paging.day
  static let paged = Paging(.forward, most: 500, window: week, lookBack: 182 * Paging.day)

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      wallet(.spot, "SPOT"), wallet(.funding, "FUND"),
      Feed(
        part: .swap,
        calls: { _ in [signed("v1/fapi/account/balance", ["wallet": "W001"])] },
        rows: Pick.listIfAny("data"), row: margin),
    ]
    feeds.fills = [
      Feed(
        market: .swap, paging: paged, evidence: .recorded,
        calls: { ask in [derivatives("v1/fapi/trade/history_trade", ask)] },
        rows: Pick.listIfAny("data"), row: fill)
    ]
    feeds.deposits = [transfers("v1/spot/deposit_records", .deposit)]
    feeds.withdrawals = [transfers("v1/spot/withdraw_records", .withdrawal)]
    feeds.positions = [
      Feed(
        market: .swap, evidence: .recorded,
        calls: { _ in [signed("v1/fapi/trade/positions", ["contractType": "FUTURE"])] },
        rows: Pick.listIfAny("data"), row: position)
    ]
    feeds.openOrders = [
      Feed(
        market: .swap, scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            signed(
              "v1/fapi/trade/open_order",
              ["symbol": .text(try ask.needed().id), "wallet": "W001"])
          ]
        }, rows: Pick.listIfAny("data"), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        market: .swap, paging: paged, evidence: .recorded,
        calls: { ask in [derivatives("v1/fapi/trade/history_order", ask)] },
        rows: Pick.listIfAny("data"), row: order)
    ]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        market: .swap, calls: { _ in [open("exchange_info", [:])] }, rows: Pick.list("data"),
        row: market)
    ]
    feeds.tickers = [
      Feed(
        market: .swap,
        calls: { ask in [open("ticker/24hr", ["symbol": .text(ask.market?.id)])] },
        rows: Pick.list("data"), row: ticker)
    ]
    feeds.candles = [
      Feed(
        market: .swap, paging: Paging(.forward, most: 500), scope: .eachMarket,
        evidence: .recorded, calls: candles, rows: Pick.listIfAny("data"), row: candle)
    ]
    feeds.trades = [
      Feed(
        market: .swap, scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            open(
              "trades", ["symbol": .text(try ask.needed().id), "limit": .number(ask.limit)])
          ]
        }, rows: Pick.listIfAny("data"), row: trade)
    ]
    feeds.books = [
      Feed(
        market: .swap, scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            open("depth", ["symbol": .text(try ask.needed().id), "limit": .number(ask.limit)])
          ]
        }, rows: Pick.one("data"), row: book)
    ]
  }

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters) -> Call {
    Call("public", "GET", "v1/fapi/market/" + path, parameters)
  }

  static func signed(_ path: String, _ parameters: Parameters) -> Call {
    Call("private", "GET", path, parameters)
  }

  static func wallet(_ part: AccountPart, _ type: String) -> Feed<Balance> {
    Feed(
      part: part, evidence: part == .spot ? .recorded : .documented,
      calls: { _ in [signed("v1/account/assets", ["walletType": .text(type)])] },
      rows: Pick.listIfAny("data"),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("asset"), free: try row.decimal("available"),
          used: try row.optionalDecimal("frozen"), total: try row.optionalDecimal("total"),
          part: part)
      })
  }

  static func derivatives(_ path: String, _ ask: Ask) -> Call {
    let end: Instant? = ask.from == nil ? ask.to : ask.to ?? ask.now
    return signed(
      path,
      [
        "contractType": "FUTURE", "symbol": .text(ask.market?.id),
        "startTime": .text(ask.from, .milliseconds), "endTime": .text(end, .milliseconds),
        "limit": .number(ask.limit.map { min($0, 500) }),
      ])
  }

  /// Both ends are required.
  static func transfers(_ path: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.forward, most: 500, window: week),
      evidence: direction == .deposit ? .recorded : .documented,
      calls: { ask in
        let end = ask.to ?? ask.now
        let start = ask.from ?? end.advanced(bySeconds: -Int64(week))
        return [
          signed(
            path,
            [
              "asset": .text(ask.asset), "startTime": .text(start, .milliseconds),
              "endTime": .text(end, .milliseconds), "limit": .number(ask.limit),
            ])
        ]
      }, rows: Pick.listIfAny("data"),
      row: { row, _ throws(VenueFault) in try transfer(row, direction) })
  }

  static let frames = [
    60: "1m", 180: "3m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 7200: "2h", 14400: "4h",
    21600: "6h", 43200: "12h", 86400: "1d", 604_800: "1w", 2_592_000: "1M",
  ]

  /// Both ends are required.
  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let end = ask.to ?? ask.now
    let span = Int64(ask.interval) * Int64(min(max(ask.limit ?? 500, 1), 500))
    return [
      open(
        "klines",
        [
          "symbol": .text(try ask.needed().id), "interval": .text(frame),
          "startTime": .text(ask.from ?? end.advanced(bySeconds: -span), .milliseconds),
          "endTime": .text(end, .milliseconds), "limit": .number(ask.limit),
        ])
    ]
  }

  // MARK: - Rows

  static func margin(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("asset"), free: try row.optionalDecimal("availableBalance", "available"),
      used: try row.optionalDecimal("frozen"), total: try row.decimal("balance", "total"),
      part: .swap)
  }

  static func settle(_ symbol: String, _ ask: Ask) -> String {
    let known = ask.markets.market(symbol, .swap)?.settle
    return known ?? symbol.split(separator: "-").last.map(String.init) ?? symbol
  }

  /// Trades have no id of their own: one is made of the order, the time, the price and the volume.
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let symbol = try row.text("symbol")
    let order = try row.text("orderId")
    let time = try row.text("time")
    let asset = settle(symbol, ask)
    let parts = [order, time, try row.text("dealPrice"), try row.text("dealVolume")]
    return Fill(
      id: parts.joined(separator: " "), order: order, time: try row.time(.milliseconds, "time"),
      market: symbol, side: try row.side("side"), price: try row.decimal("dealPrice"),
      amount: try row.decimal("dealVolume"),
      fees: try row.optionalDecimal("fee").map { [VenueAmount(asset, $0)] } ?? [], part: .swap,
      realised: try row.optionalDecimal("tradePnl").map { VenueAmount(asset, $0) })
  }

  static let states: [String: Transfer.Status] = [
    "SUCCESS": .ok, "COMPLETED": .ok, "PENDING": .pending, "PROCESSING": .pending,
    "WAITING": .pending, "WAIT": .pending, "FAILED": .failed, "REJECTED": .failed,
    "CANCELED": .canceled, "CANCELLED": .canceled,
  ]

  static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("asset")
    let fee = try row.optionalDecimal("fee", "withdrawFee")
    return Transfer(
      id: try row.text("orderId"), transactionHash: try row.optionalText("txId"),
      time: try row.optionalTime(.milliseconds, "createTime"), direction: direction, asset: asset,
      amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
      network: try row.optionalText("network"), address: try row.optionalText("address"),
      tag: try row.optionalText("addressTag"), status: try row.word("status", states))
  }

  /// `volume` is in the base asset; fills and orders count contracts.
  static func position(_ row: Node, _ ask: Ask) throws(VenueFault) -> OpenPosition? {
    let symbol = try row.text("symbol")
    let volume = try row.decimal("volume")
    let size = ask.markets.market(symbol, .swap)?.contractSize
    let contracts = size.flatMap { try? volume.divided(by: $0, rounding: .halfEven) }
    return OpenPosition(
      market: symbol, isLong: try row.side("side").map { $0 == .buy },
      contracts: row.size(contracts ?? volume), contractSize: contracts == nil ? .one : size,
      entryPrice: try row.optionalDecimal("avgPrice"),
      markPrice: try row.optionalDecimal("markPrice"),
      liquidationPrice: try row.decimalUnlessZero("liqPrice"),
      unrealised: try row.optionalDecimal("unPnl"), margin: try row.optionalDecimal("im"))
  }

  static let orderStates: [String: Order.Status] = [
    "NEW": .open, "PARTIALLY_FILLED": .open, "FILLED": .closed, "CANCELED": .canceled,
    "EXPIRED": .expired, "REJECTED": .rejected, "2": .closed, "4": .canceled,
  ]

  /// The history tells no executed quantity; an order that is done was executed in full.
  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let status = try row.word("status", orderStates)
    let amount = try row.optionalDecimal("origQty")
    let filled = try row.optionalDecimal("executedQty", "dealVolume")
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.milliseconds, "createTime", "ctime"),
      market: try row.optionalText("symbol"), type: try row.optionalText("orderType")?.lowercased(),
      side: try row.side("side"), price: try row.optionalDecimal("price"), amount: amount,
      filled: filled ?? (status == .closed ? amount : nil),
      average: try row.decimalUnlessZero("avgPrice"), status: status)
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    Market(
      id: try row.text("symbol"), base: try row.text("baseAsset"),
      quote: try row.text("quoteAsset"), settle: try row.text("marginAsset"), kind: .swap,
      isActive: try row.optionalText("status").map { $0 == "NORMAL" },
      contractSize: try row.optionalDecimal("contractFactor"), amountStep: .one,
      priceStep: try row.step(digits: "priceOrderPrecision"),
      amountMin: try row.optionalDecimal("limitMinQty"),
      amountMax: try row.optionalDecimal("limitMaxQty"))
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"), time: try row.optionalTime(.milliseconds, "time"),
      last: try row.optionalDecimal("last"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
      baseVolume: try row.optionalDecimal("vol"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "t", .letters)
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("id"), time: try row.time(.milliseconds, "time"),
      market: try row.text("symbol"), side: try row.side("side"), price: try row.decimal("price"),
      amount: try row.decimal("quantity"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: try row.text("symbol"),
      bids: try OrderBook.levels(row["bids"].elements(), "price", "amount"),
      asks: try OrderBook.levels(row["asks"].elements(), "price", "amount"),
      sequence: try row.optionalInteger("lastUpdateId"))
  }
}
