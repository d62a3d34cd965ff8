import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BitoPro of Taiwan.
  public static let bitopro = Venue(
    id: "bitopro", name: "BitoPro",
    documents: ["https://github.com/bitoex/bitopro-offical-api-docs"],
    surfaces: [
      Surface("public", Bitopro.host, "/v3/"),
      Surface("private", Bitopro.host, "/v3/", Bitopro.recipe),
    ],
    limits: Limits([
      LimitBucket("requests", capacity: 600, refill: .window(seconds: 60), scope: .address)
    ]),
    faults: Bitopro.faults, feeds: Bitopro.feeds,
    unseen: ["staking rewards", "purchases at the retail counter (BitoEX)"])
}

// https://github.com/bitoex/bitopro-offical-api-docs/blob/master/api/v3/rest-1/rest.md
private enum Bitopro {
  static let host = "https://api.bitopro.com"

  /// The payload is the body, or a nonce alone where there is none.
  ///
  /// The pair of an order stands in the path and in the body.
  static let recipe = Recipe([
    .on(
      ["GET", "DELETE"],
      [
        .query(.strict),
        .bind("payload", .base64(.join(["{\"nonce\":", .nonce(.milliseconds), "}"]))),
      ]),
    .notOn(
      ["GET", "DELETE"],
      [
        .custom { draft in
          let parts = draft.path.split(separator: "/")
          if parts.count == 3, parts[1] == "orders", parts[2] != "all", parts[2] != "batch",
            draft.parameters["pair"] == nil
          {
            draft.parameters["pair"] = .string(String(parts[2]))
          }
        },
        .jsonBody, .bind("payload", .base64(.body)),
      ]),
    .header("X-BITOPRO-APIKEY", .key),
    .header("X-BITOPRO-PAYLOAD", .value("payload")),
    .header("X-BITOPRO-SIGNATURE", .hex(.hmac(.sha384, key: .secret, .value("payload")))),
  ])

  static let faults = FaultTable(
    texts: [
      "unauthorized": .auth, "invalid signature": .auth, "nonce": .clock,
      "balance not enough": .funds, "insufficient": .funds, "order not found": .orderNotFound,
      "too many requests": .rate,
    ],
    find: { body, _ in
      let error = body["error"]
      return error.isNothing ? nil : ("", error.json?.plainText ?? "")
    })

  static let quarter = 90 * Paging.day

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        calls: { _ in [Call("private", "GET", "accounts/balance")] }, rows: Pick.list("data"),
        row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 1000, window: quarter), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let pair: Parameters = ["pair": .text(try ask.needed().id)]
          return [
            Call("private", "GET", "orders/trades/{pair}", pair.adding(range(ask)))
          ]
        }, rows: Pick.listIfAny("data"), row: fill)
    ]
    feeds.deposits = [transfers("wallet/depositHistory/{currency}", .deposit)]
    feeds.withdrawals = [transfers("wallet/withdrawHistory/{currency}", .withdrawal)]
    feeds.openOrders = [
      Feed(
        calls: { ask in
          [Call("private", "GET", "orders/open", ["pair": .text(ask.market?.id)])]
        }, rows: Pick.listIfAny("data"), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.backward, most: 1000, window: quarter), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let first: Parameters = ["pair": .text(try ask.needed().id), "statusKind": "DONE"]
          return [Call("private", "GET", "orders/all/{pair}", first.adding(range(ask)))]
        }, rows: Pick.listIfAny("data"), row: order)
    ]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        calls: { _ in [Call("public", "GET", "provisioning/trading-pairs")] },
        rows: Pick.list("data"), row: market)
    ]
    feeds.assets = [
      Feed(
        evidence: .recorded, calls: { _ in [Call("public", "GET", "provisioning/currencies")] },
        rows: Pick.list("data"), row: asset)
    ]
    feeds.tickers = [
      Feed(
        evidence: .recorded,
        calls: { ask in
          [Call("public", "GET", ask.market.map { "tickers/" + $0.id } ?? "tickers")]
        },
        rows: { answer throws(VenueFault) in
          let data = answer.body["data"]
          if case .array? = data.json { return try data.elements() }
          return [data]
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket, evidence: .recorded,
        calls: candles, rows: Pick.listIfAny("data"), row: candle)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [Call("public", "GET", "trades/{pair}", ["pair": .text(try ask.needed().id)])]
        }, rows: Pick.listIfAny("data"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "public", "GET", "order-book/{pair}",
              ["pair": .text(try ask.needed().id), "limit": .number(ask.limit)])
          ]
        }, rows: Pick.one(), row: book)
    ]
  }

  static func range(_ ask: Ask) -> Parameters {
    ask.range("startTimestamp", "endTimestamp", "limit", most: 1000)
  }

  static func transfers(_ path: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.backward, most: 100, window: quarter), scope: .eachAsset,
      calls: { ask throws(VenueFault) in
        let asset: Parameters = ["currency": .text(try ask.neededAsset())]
        return [
          Call(
            "private", "GET", path,
            asset.adding(ask.range("startTimestamp", "endTimestamp", "limit", most: 100)))
        ]
      }, rows: Pick.listIfAny("data"),
      row: { row, ask throws(VenueFault) in try transfer(row, ask, direction) })
  }

  static let frames = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 10800: "3h", 14400: "4h",
    21600: "6h", 43200: "12h", 86400: "1d", 604_800: "1w", 2_592_000: "1M",
  ]

  /// Both ends are required.
  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let span = Int64(ask.interval) * Int64(min(max(ask.limit ?? 500, 1), 1000))
    let end = ask.to ?? ask.from?.advanced(bySeconds: span) ?? ask.now
    return [
      Call(
        "public", "GET", "trading-history/{pair}",
        [
          "pair": .text(try ask.needed().id), "resolution": .text(frame),
          "to": .text(end, .seconds),
          "from": .text(ask.from ?? end.advanced(bySeconds: -span), .seconds),
        ])
    ]
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.decimal("available"),
      total: try row.decimal("amount"))
  }

  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    Fill(
      id: try row.text("tradeId"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "createdTimestamp", "timestamp"),
      market: try row.optionalText("pair") ?? ask.market?.id ?? "", side: try row.side("action"),
      price: try row.decimal("price"), amount: try row.decimal("baseAmount"),
      cost: try row.optionalDecimal("quoteAmount"), fees: try row.fees("fee", "feeSymbol"),
      isMaker: try row.optionalFlag("isTaker").map { !$0 })
  }

  static let states: [String: Transfer.Status] = [
    "COMPLETE": .ok, "PROCESSING": .pending, "WAIT_PROCESS": .pending, "PROCESS": .pending,
    "EMAIL_VERIFICATION": .pending, "CANCELLED": .canceled, "EXPIRED": .failed,
    "INVALID": .failed, "FAILED": .failed,
  ]

  /// `total` is what left or came, with the fee in it.
  static func transfer(
    _ row: Node, _ ask: Ask, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    guard let asset = try row.optionalText("currency") ?? ask.asset else {
      throw row["currency"].fault("an asset, in the row or the asking")
    }
    return Transfer(
      id: try row.text("serial"), transactionHash: try row.optionalText("txid"),
      time: try row.time(.milliseconds, "timestamp"), direction: direction, asset: asset,
      amount: try row.decimal("total"), isFeeInside: true,
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      network: try row.optionalText("protocol"), address: try row.optionalText("address"),
      tag: try row.optionalText("message"), status: try row.word("status", states))
  }

  static let orderStates: [String: Order.Status] = [
    "-1": .open, "0": .open, "1": .open, "2": .closed, "3": .canceled, "4": .canceled,
    "6": .canceled,
  ]

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    Order(
      id: try row.text("id", "orderId"), clientID: try row.optionalText("clientId"),
      time: try row.optionalTime(.milliseconds, "timestamp", "createdTimestamp"),
      market: try row.optionalText("pair"), type: try row.optionalText("type")?.lowercased(),
      side: try row.side("action"), price: try row.optionalDecimal("price"),
      amount: try row.optionalDecimal("originalAmount", "amount"),
      filled: try row.optionalDecimal("executedAmount"),
      remaining: try row.optionalDecimal("remainingAmount"),
      average: try row.decimalUnlessZero("avgExecutionPrice"),
      status: try row.word("status", orderStates), fees: try row.fees("fee", "feeSymbol"))
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let step = try row.step(digits: "amountPrecision")
    let most = try row.step(digits: "basePrecision")
    return Market(
      id: try row.text("pair"), base: try row.text("base").uppercased(),
      quote: try row.text("quote").uppercased(),
      isActive: try row.optionalFlag("maintain").map { !$0 },
      amountStep: step ?? most,
      priceStep: try row.step(digits: "quotePrecision"),
      amountMin: try row.optionalDecimal("minLimitBaseAmount"),
      amountMax: try row.optionalDecimal("maxLimitBaseAmount"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    let id = try row.text("currency")
    return ListedAsset(
      id: id,
      networks: [
        AssetNetwork(
          id: id, fee: try row.optionalDecimal("withdrawFee"),
          withdrawMin: try row.optionalDecimal("minWithdraw"),
          canDeposit: try row.optionalFlag("deposit"),
          canWithdraw: try row.optionalFlag("withdraw"))
      ])
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("pair"), last: try row.optionalDecimal("lastPrice"),
      high: try row.optionalDecimal("high24hr"), low: try row.optionalDecimal("low24hr"),
      baseVolume: try row.optionalDecimal("volume24hr"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "timestamp")
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: nil, time: try row.time(.seconds, "timestamp"), market: "",
      side: try row.optionalFlag("isBuyer").map { $0 ? .buy : .sell },
      price: try row.decimal("price"), amount: try row.decimal("amount"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", bids: try OrderBook.levels(row["bids"].elements(), "price", "amount"),
      asks: try OrderBook.levels(row["asks"].elements(), "price", "amount"))
  }
}
