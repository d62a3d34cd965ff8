import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// dYdX Chain: perpetuals, read from its indexer and its chain by address.
  public static let dydx = Venue(
    id: "dydx", name: "dYdX",
    documents: ["https://docs.dydx.xyz/indexer-client/http"],
    surfaces: [
      Surface("indexer", Dydx.host, "/v4/"),
      Surface("account", Dydx.host, "/v4/", Dydx.byQuery),
      Surface("addresses", Dydx.host, "/v4/addresses/", Dydx.byPath),
      Surface("bank", Dydx.node, "/cosmos/bank/v1beta1/balances/", Dydx.byPath),
      Surface("staking", Dydx.node, "/cosmos/staking/v1beta1/delegations/", Dydx.byPath),
    ],
    credentials: [
      CredentialField("walletAddress", "dYdX address", isSecret: false),
      .account("subaccountNumber", "Number of the sub-account, 0 if empty", isOptional: true),
    ],
    limits: Limits([
      LimitBucket("indexer", capacity: 100, refill: .window(seconds: 10), scope: .address)
    ]),
    faults: Dydx.faults, feeds: Dydx.feeds, streams: Dydx.streams,
    unseen: [
      "fills, orders and transfers of sub-accounts other than the first, isolated positions too",
      "funding payments as single entries", "trading rewards", "MegaVault shares",
      "orders placed here",
    ])
}

// https://docs.dydx.xyz/indexer-client/http
enum Dydx {
  static let host = "https://indexer.dydx.trade"
  static let node = "https://dydx-rest.publicnode.com"

  static let byQuery = Recipe([
    .add("address", .field("walletAddress")), .query(.strict),
  ])

  /// The address is the first part of the path.
  static let byPath = Recipe([
    .custom { draft throws(VenueFault) in
      let rest = draft.path.dropFirst(draft.prefix.count)
      let address = Escaping.pathPart(try draft.text(.field("walletAddress")))
      draft.path = draft.prefix + address + (rest.isEmpty ? "" : "/" + rest)
    },
    .query(.strict),
  ])

  static let faults = FaultTable(
    texts: ["too many requests": .rate],
    find: { body, _ in
      let first = body["errors"][0]
      return first.isNothing ? nil : ("", first["msg"].json?.plainText ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .swap, calls: { _ in [Call("addresses", "GET", "")] }, rows: Pick.list("subaccounts"),
        row: collateral),
      Feed(
        part: .funding, calls: { _ in [Call("bank", "GET", "")] }, rows: Pick.list("balances"),
        row: { row, _ throws(VenueFault) in try coins(row, .funding) }),
      Feed(
        part: .staking, calls: { _ in [Call("staking", "GET", "")] },
        rows: Pick.list("delegation_responses"),
        row: { row, _ throws(VenueFault) in try coins(row["balance"], .staking) }),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 100), calls: fills, rows: Pick.list("fills"), row: fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.backward, most: 100), evidence: .recorded, calls: transfers,
        rows: Pick.list("transfers"),
        row: { row, _ throws(VenueFault) in try transfer(row, "DEPOSIT", .deposit) })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.backward, most: 100), evidence: .recorded, calls: transfers,
        rows: Pick.list("transfers"),
        row: { row, _ throws(VenueFault) in try transfer(row, "WITHDRAWAL", .withdrawal) })
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.backward, most: 100), evidence: .recorded, calls: transfers,
        rows: Pick.list("transfers"), row: statement)
    ]
    feeds.positions = [
      Feed(
        evidence: .recorded,
        calls: { ask in [own("perpetualPositions", ask, ["status": "OPEN"])] },
        rows: Pick.list("positions"), row: position)
    ]
    feeds.openOrders = [
      Feed(
        evidence: .recorded, calls: { ask in [orders(ask, "OPEN")] }, rows: Pick.list(), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.backward, most: 100), evidence: .recorded,
        calls: { ask in [orders(ask, "FILLED"), orders(ask, "CANCELED")] }, rows: Pick.list(),
        row: order)
    ]
    feeds.accounts = Feed(
      evidence: .recorded, calls: { _ in [Call("addresses", "GET", "")] },
      rows: Pick.list("subaccounts"),
      row: { row, _ throws(VenueFault) in
        let number = try row.text("subaccountNumber")
        return VenueAccount(name: number, id: number)
      })
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        market: .swap, calls: { _ in [Call("indexer", "GET", "perpetualMarkets")] },
        rows: Pick.members("markets"), row: market)
    ]
    feeds.tickers = [
      Feed(
        market: .swap,
        calls: { ask in
          [Call("indexer", "GET", "perpetualMarkets", ["ticker": .text(ask.market?.id)])]
        }, rows: Pick.members("markets"), row: ticker)
    ]
    feeds.candles = [
      Feed(
        market: .swap, paging: Paging(.backward, most: 1000), scope: .eachMarket,
        evidence: .recorded, calls: candles, rows: Pick.list("candles"), row: candle)
    ]
    feeds.trades = [
      Feed(
        market: .swap, paging: Paging(.backward, most: 1000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "indexer", "GET", "trades/perpetualMarket/{market}",
              [
                "market": .text(try ask.needed().id), "limit": .number(ask.limit),
                "createdBeforeOrAt": .text(ask.to, .iso),
              ])
          ]
        }, rows: Pick.list("trades"), row: trade)
    ]
    feeds.books = [
      Feed(
        market: .swap, scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let market: Parameters = ["market": .text(try ask.needed().id)]
          return [Call("indexer", "GET", "orderbooks/perpetualMarket/{market}", market)]
        }, rows: Pick.one(), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [Call("indexer", "GET", "time")] }, rows: Pick.one("iso"),
      row: { row, _ throws(VenueFault) in try row.time(.iso) })
  }

  // MARK: - Calls

  static func own(_ path: String, _ ask: Ask, _ others: Parameters) -> Call {
    let first: Parameters = [
      "subaccountNumber": .text(ask.accounts["subaccountNumber"] ?? "0")
    ]
    return Call("account", "GET", path, first.adding(others))
  }

  static func paged(_ ask: Ask) -> Parameters {
    [
      "limit": .number(ask.limit.map { min($0, 100) }), "createdBeforeOrAt": .text(ask.to, .iso),
      "page": ask.page > 0 ? .number(ask.page + 1) : nil,
    ]
  }

  static func fills(_ ask: Ask) -> [Call] {
    let market: Parameters = [
      "market": .text(ask.market?.id), "marketType": ask.market == nil ? nil : "PERPETUAL",
    ]
    return [own("fills", ask, market.adding(paged(ask)))]
  }

  static func transfers(_ ask: Ask) -> [Call] { [own("transfers", ask, paged(ask))] }

  static func orders(_ ask: Ask, _ status: String) -> Call {
    own(
      "orders", ask,
      [
        "status": .text(status), "ticker": .text(ask.market?.id),
        "limit": .number(ask.limit.map { min($0, 100) }),
        "goodTilBlockTimeBeforeOrAt": .text(ask.to, .iso),
      ])
  }

  static let resolutions = [
    60: "1MIN", 300: "5MINS", 900: "15MINS", 1800: "30MINS", 3600: "1HOUR", 14400: "4HOURS",
    86400: "1DAY",
  ]

  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let resolution = resolutions[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    return [
      Call(
        "indexer", "GET", "candles/perpetualMarkets/{market}",
        [
          "market": .text(try ask.needed().id), "resolution": .text(resolution),
          "fromISO": .text(ask.from, .iso), "toISO": .text(ask.to, .iso),
          "limit": .number(ask.limit),
        ])
    ]
  }

  // MARK: - Rows

  // Equity has the profit of open positions: https://docs.dydx.xyz/indexer-client/http
  static func collateral(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let positions = row["openPerpetualPositions"]
    return Balance(
      asset: "USDC", free: try row.roundedDecimal("freeCollateral"),
      total: try row.roundedDecimal("equity"), part: .swap,
      openProfit: positions.isNothing ? nil : try Node.openProfit(of: try positions.members()))
  }

  // Denominations of the chain and their decimals:
  // https://docs.dydx.xyz/nodes/network-constants
  static let denominations: [String: (asset: String, digits: Int)] = [
    "adydx": ("DYDX", 18),
    "ibc/8E27BA2D5493AF5636760E354E46004562C46AB7EC0CC4C1CA14E9E20E2545B5": ("USDC", 6),
  ]

  static func coins(_ row: Node, _ part: AccountPart) throws(VenueFault) -> Balance? {
    guard let (asset, digits) = denominations[try row.text("denom")] else { return nil }
    guard var units = Int128(try row.text("amount")), units >= 0, units < 1 << 120 else {
      throw row["amount"].fault("a whole number")
    }
    for _ in digits..<18 {
      let (product, overflow) = units.multipliedReportingOverflow(by: 10)
      guard !overflow else { throw row["amount"].fault("an amount in range") }
      units = product
    }
    let amount = Fixed(units: units)
    return part == .staking
      ? Balance(asset: asset, used: amount, total: amount, part: part)
      : Balance(asset: asset, free: amount, total: amount, part: part)
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    Fill(
      id: try row.text("id"), order: try row.optionalText("orderId"),
      time: try row.time(.iso, "createdAt"), market: try row.text("market", "ticker"),
      side: try row.side("side"), price: try row.decimal("price"), amount: try row.decimal("size"),
      fees: try row.optionalDecimal("fee").map { [VenueAmount("USDC", $0)] } ?? [],
      isMaker: try row.word("liquidity", ["MAKER": true, "TAKER": false]), part: .swap)
  }

  static func transfer(
    _ row: Node, _ type: String, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    guard try row.text("type") == type else { return nil }
    let other = row[direction == .deposit ? "sender" : "recipient"]
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("transactionHash"),
      time: try row.time(.iso, "createdAt"), direction: direction, asset: try row.text("symbol"),
      amount: try row.decimal("size"), address: try other.optionalText("address"), status: .ok)
  }

  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("type")
    let size = try row.decimal("size")
    let isOut = ["TRANSFER_OUT", "WITHDRAWAL"].contains(type)
    guard isOut || ["TRANSFER_IN", "DEPOSIT"].contains(type) else { return nil }
    let kinds: [String: EntryKind] = ["DEPOSIT": .deposit, "WITHDRAWAL": .withdrawal]
    return StatementRow(
      id: try row.text("id"), time: try row.time(.iso, "createdAt"),
      asset: try row.text("symbol"), amount: isOut ? try row.minus(size) : size,
      kind: kinds[type] ?? .transfer, type: type,
      reference: try row.optionalText("transactionHash"),
      part: .swap, isToldElsewhere: kinds[type] != nil)
  }

  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    OpenPosition(
      market: try row.text("market"),
      isLong: try row.word("side", ["LONG": true, "SHORT": false]),
      contracts: row.size(try row.decimal("size")), contractSize: .one,
      entryPrice: try row.roundedDecimal("entryPrice"),
      unrealised: try row.roundedDecimal("unrealizedPnl"))
  }

  static let orderStates: [String: Order.Status] = [
    "OPEN": .open, "UNTRIGGERED": .open, "BEST_EFFORT_OPENED": .open, "FILLED": .closed,
    "CANCELED": .canceled, "BEST_EFFORT_CANCELED": .canceled,
  ]

  /// The indexer tells when an order last changed, not when it was placed.
  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    Order(
      id: try row.text("id"), clientID: try row.optionalText("clientId"),
      time: try row.optionalTime(.iso, "updatedAt"), market: try row.optionalText("ticker"),
      type: try row.optionalText("type")?.lowercased(), side: try row.side("side"),
      price: try row.optionalDecimal("price"), amount: try row.optionalDecimal("size"),
      filled: try row.optionalDecimal("totalFilled"), status: try row.word("status", orderStates))
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("ticker")
    return Market(
      id: id, base: String(id.prefix { $0 != "-" }), quote: "USDC", settle: "USDC", kind: .swap,
      isActive: try row.optionalText("status").map { $0 == "ACTIVE" }, contractSize: .one,
      amountStep: try row.optionalDecimal("stepSize"),
      priceStep: try row.optionalDecimal("tickSize"))
  }

  /// The indexer tells the oracle's price, by which positions are valued, not the last trade's.
  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("ticker"), last: try row.roundedDecimal("oraclePrice"),
      quoteVolume: try row.roundedDecimal("volume24H"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .iso, "startedAt", volume: "baseTokenVolume")
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("id"), time: try row.time(.iso, "createdAt"), market: "",
      side: try row.side("side"), price: try row.decimal("price"), amount: try row.decimal("size"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", bids: try OrderBook.levels(row["bids"].elements(), "price", "size"),
      asks: try OrderBook.levels(row["asks"].elements(), "price", "size"))
  }
}
