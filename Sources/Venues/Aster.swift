import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Aster: spot and perpetuals, signed with a wallet's key.
  public static let aster = Venue(
    id: "aster", name: "Aster", documents: ["https://github.com/asterdex/api-docs"],
    surfaces: [
      Surface("sapiPublic", Aster.spotHost, "/api/"),
      Surface("sapiPrivate", Aster.spotHost, "/api/", Aster.recipe),
      Surface("fapiPublic", Aster.swapHost, "/fapi/"),
      Surface("fapiPrivate", Aster.swapHost, "/fapi/", Aster.recipe),
    ],
    credentials: [
      CredentialField("walletAddress", "Wallet address", isSecret: false, isOptional: true),
      CredentialField("privateKey", "Private key of the API wallet"),
    ],
    limits: Aster.limits, faults: Binance.faults, feeds: Aster.feeds, desk: Aster.desk,
    needsGrowingNonce: true,
    unseen: [
      "deposits and withdrawals, which are transactions of the wallet",
      "staking, Earn and points", "income older than three months",
    ])
}

private enum Aster {
  static let spotHost = "https://sapi.asterdex.com"
  static let swapHost = "https://fapi.asterdex.com"

  // https://github.com/asterdex/api-docs (V3: sign with EIP-712)
  static let recipe = Recipe(
    [
      .custom { draft throws(VenueFault) in
        let signer = try address(draft)
        let named = draft.credentials.field("walletAddress").lowercased()
        try draft.run([
          .lead("signer", .text(signer)), .lead("user", .text(named.isEmpty ? signer : named)),
          .lead("nonce", .nonce(.microseconds)),
        ])
      },
      .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.form(.strict)]),
      .on(["GET"], [.appendQuery("signature", .made(signature))]),
      .notOn(["GET"], [.appendForm("signature", .made(signature))]),
    ], adds: ["signature"])

  private static func key(_ draft: Draft) throws(VenueFault) -> [UInt8] {
    let text = draft.credentials.field("privateKey")
    guard !text.isEmpty else { throw .unsigned("no privateKey is stored for this account") }
    return try Draft.signed { () throws(SigningFault) in try EthereumSignature.key(text) }
  }

  private static func address(_ draft: Draft) throws(VenueFault) -> String {
    let key = try key(draft)
    let tools = draft.tools
    return try Draft.signed { () throws(SigningFault) in
      try EthereumSignature.address(key: key, tools: tools)
    }
  }

  /// The whole text of the parameters is one message.
  private static func signature(_ draft: Draft) throws(VenueFault) -> [UInt8] {
    let text = draft.query.isEmpty ? draft.body ?? "" : draft.query
    let key = try key(draft)
    let tools = draft.tools
    let domain = JSONObject([
      ("name", .string("AsterSignTransaction")), ("version", .string("1")),
      ("chainId", .number("1666")),
      ("verifyingContract", .string("0x0000000000000000000000000000000000000000")),
    ])
    let message = EIP712(
      domain: .object(domain), types: ["Message": [EIP712.Field("msg", "string")]],
      primary: "Message", message: .object(JSONObject([("msg", .string(text))])))
    let made = try Draft.signed { () throws(SigningFault) in
      try EthereumSignature(digest: try message.digest(), key: key, tools: tools)
    }
    let text65 = "0x" + Hex.text(made.r + made.s) + Hex.text([made.v]).uppercased()
    return Array(text65.utf8)
  }

  static let limits = Limits([
    LimitBucket(
      "REQUEST_WEIGHT", capacity: 2_400, refill: .window(seconds: 60), scope: .address,
      usedHeader: "x-mbx-used-weight-1m"),
    LimitBucket(
      "SPOT", capacity: 6_000, refill: .window(seconds: 60), scope: .address,
      usedHeader: "x-mbx-used-weight-1m"),
  ])

  private static let paths = BinanceLike.Paths(
    markets: "v3/exchangeInfo", clock: "v3/time", ticker: "v3/ticker/24hr", candles: "v3/klines",
    book: "v3/depth", trades: "v3/trades", fills: "v3/userTrades", openOrders: "v3/openOrders",
    closedOrders: "v3/allOrders", order: "v3/order")

  static let spot: BinanceLike = {
    var one = BinanceLike(open: "sapiPublic", signed: "sapiPrivate", paths: paths, bucket: "SPOT")
    one.weights = ["v3/userTrades": 5, "v3/openOrders all": 40, "v3/ticker/24hr all": 40]
    one.fillPaging = Paging(.forward, most: 1_000, window: 7 * Paging.day)
    one.orderPaging = Paging(.forward, most: 1_000, window: 7 * Paging.day)
    return one
  }()

  static let swap: BinanceLike = {
    var one = spot
    one.open = "fapiPublic"
    one.signed = "fapiPrivate"
    one.part = .swap
    one.kind = .swap
    one.bucket = "REQUEST_WEIGHT"
    one.candlesMost = 1_500
    return one
  }()

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { ask in [spot.call("GET", "v3/account", ask.extra)] },
        rows: Pick.list("balances"), row: BinanceLike.balance(.spot)),
      Feed(
        part: .swap, evidence: .recorded,
        calls: { ask in [swap.call("GET", "v3/balance", ask.extra)] }, rows: Pick.list(),
        row: BinanceLike.marginBalance(.swap)),
    ]
    feeds.fills = [fills(spot, .documented), fills(swap, .recorded)]
    feeds.statement = [
      Feed(
        part: .swap, paging: Paging(.forward, most: 1_000, lookBack: 90 * Paging.day),
        evidence: .recorded,
        calls: { ask in
          [swap.call("GET", "v3/income", swap.parameters(ask, [:], most: 1_000))]
        },
        rows: Pick.list(), row: BinanceLike.income(.swap))
    ]
    feeds.positions = [
      Feed(
        part: .swap, market: .swap, evidence: .recorded,
        calls: { ask in [swap.call("GET", "v3/positionRisk", ask.extra)] },
        rows: Pick.list(), row: BinanceLike.position(.swap))
    ]
    feeds.markets = [spot.markets(), swap.markets()]
    feeds.assets = [
      Feed(
        evidence: .recorded,
        calls: { _ in [spot.call("GET", paths.markets, signed: false)] },
        rows: Pick.listIfAny("assets"),
        row: { row, _ throws(VenueFault) in ListedAsset(id: try row.text("asset")) })
    ]
    feeds.tickers = [spot.tickers(.recorded), swap.tickers(.recorded)]
    feeds.candles = [spot.candles(), swap.candles(.recorded)]
    feeds.trades = [spot.trades(), swap.trades(.recorded)]
    feeds.books = [spot.books(), swap.books(.recorded)]
    feeds.openOrders = [spot.openOrders(), swap.openOrders(.recorded)]
    feeds.closedOrders = [spot.closedOrders(), swap.closedOrders()]
    feeds.clock = spot.clock()
    return feeds
  }()

  /// What was paid is written with or without a minus.
  private static func fills(_ one: BinanceLike, _ evidence: Evidence) -> Feed<Fill> {
    var feed = one.fills(evidence)
    feed.row = { row, ask throws(VenueFault) in
      guard var fill = try BinanceLike.fill(one.part)(row, ask) else { return nil }
      for place in fill.fees.indices {
        fill.fees[place].amount = row.size(fill.fees[place].amount) ?? fill.fees[place].amount
      }
      return fill
    }
    return feed
  }

  private static func interface(_ ask: Ask) -> BinanceLike {
    (ask.newOrder?.market ?? ask.market)?.kind == .spot ? spot : swap
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 36,
    place: { ask throws(VenueFault) in try interface(ask).place(ask) },
    cancel: { ask throws(VenueFault) in try interface(ask).cancel(ask) },
    find: { ask throws(VenueFault) in try interface(ask).find(ask) }, open: spot.openOrders())
}
