import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// bitFlyer of Japan: spot and Crypto CFD.
  public static let bitflyer = Venue(
    id: "bitflyer", name: "bitFlyer",
    documents: ["https://lightning.bitflyer.com/docs"],
    surfaces: [
      Surface("public", Bitflyer.host, "/v1/"),
      Surface("private", Bitflyer.host, "/v1/me/", Bitflyer.recipe),
    ],
    limits: Limits([
      LimitBucket("private", capacity: 500, refill: .window(seconds: 300), scope: .key),
      LimitBucket("address", capacity: 500, refill: .window(seconds: 300), scope: .address),
    ]),
    faults: Bitflyer.faults, feeds: Bitflyer.feeds,
    unseen: ["swap points of Crypto CFD as single entries", "purchases at the sales office"])
}

// https://lightning.bitflyer.com/docs
private enum Bitflyer {
  static let host = "https://api.bitflyer.com"

  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]),
    .notOn(["GET"], [.jsonBodyUnlessEmpty]),
    .header("ACCESS-KEY", .key),
    .header("ACCESS-TIMESTAMP", .time(.seconds)),
    .header(
      "ACCESS-SIGN",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.time(.seconds), .method, .pathAndQuery, .body])))),
  ])

  static let faults = FaultTable(
    codes: [
      "-1": .rate, "-205": .funds, "-208": .retryable, "-500": .auth, "-501": .auth,
      "-506": .auth,
    ],
    texts: [
      "over api limit": .rate, "insufficient": .funds, "key not found": .auth,
      "order not found": .orderNotFound,
    ],
    find: { body, _ in
      guard case .number(let code)? = body["status"].json, code.hasPrefix("-") else { return nil }
      return (code, body["error_message"].json?.plainText ?? "")
    })

  static let older = Paging(.cursor, most: 500)

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [Call("private", "GET", "getbalance")] }, rows: Pick.list(),
        row: balance),
      Feed(
        part: .swap, calls: { _ in [Call("private", "GET", "getcollateralaccounts")] },
        rows: Pick.list(), row: collateral),
    ]
    feeds.fills = [
      Feed(
        paging: older, scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let market: Parameters = ["product_code": .text(try ask.needed().id)]
          return [Call("private", "GET", "getexecutions", market.adding(page(ask)))]
        }, rows: Pick.list(), row: fill, next: Pick.last("id"))
    ]
    feeds.deposits = transfers("getcoinins", "getdeposits", .deposit)
    feeds.withdrawals = transfers("getcoinouts", "getwithdrawals", .withdrawal)
    feeds.positions = [
      Feed(
        market: .swap,
        calls: { _ in
          [Call("private", "GET", "getpositions", ["product_code": "FX_BTC_JPY"])]
        }, rows: Pick.list(), row: position)
    ]
    feeds.openOrders = [orders("ACTIVE")]
    feeds.closedOrders = [orders("COMPLETED"), orders("CANCELED")]
    feeds.rights = Feed(
      calls: { _ in [Call("private", "GET", "getpermissions")] }, rows: Pick.one(), row: rights)
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in [open("getmarkets")] }, rows: Pick.list(), row: market)
    ]
    feeds.tickers = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("getticker", ["product_code": .text(try ask.needed().id)])]
        }, rows: Pick.one(), row: ticker)
    ]
    feeds.trades = [
      Feed(
        paging: older, scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let market: Parameters = ["product_code": .text(try ask.needed().id)]
          return [open("getexecutions", market.adding(page(ask)))]
        }, rows: Pick.list(), row: trade, next: Pick.last("id"))
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("getboard", ["product_code": .text(try ask.needed().id)])]
        }, rows: Pick.one(), row: book)
    ]
  }

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["address": 1])
  }

  static func page(_ ask: Ask) -> Parameters {
    ["count": .number(ask.limit.map { min($0, 500) }), "before": .text(ask.cursor)]
  }

  /// Coins and money have routes of their own, of the same form.
  static func transfers(
    _ coins: String, _ money: String, _ direction: Transfer.Direction
  ) -> [Feed<Transfer>] {
    [coins, money].map { path in
      Feed(
        paging: older, calls: { ask in [Call("private", "GET", path, page(ask))] },
        rows: Pick.list(), row: { row, _ throws(VenueFault) in try transfer(row, direction) },
        next: Pick.last("id"))
    }
  }

  static func orders(_ state: String) -> Feed<Order> {
    Feed(
      paging: older, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let first: Parameters = [
          "product_code": .text(try ask.needed().id), "child_order_state": .text(state),
        ]
        return [Call("private", "GET", "getchildorders", first.adding(page(ask)))]
      }, rows: Pick.list(), row: order, next: Pick.last("id"))
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency_code"), free: try row.decimal("available"),
      total: try row.decimal("amount"))
  }

  static func collateral(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(asset: try row.text("currency_code"), total: try row.decimal("amount"), part: .swap)
  }

  /// The commission is taken in the base asset.
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let market = try row.optionalText("product_code") ?? ask.market?.id ?? ""
    let commission = try row.decimalUnlessZero("commission")
    let base = ask.market?.base
    return Fill(
      id: try row.text("id"), order: try row.optionalText("child_order_acceptance_id"),
      time: try row.time(.iso, "exec_date"), market: market, side: try row.side("side"),
      price: try row.decimal("price"), amount: try row.decimal("size"),
      fees: commission.flatMap { paid in base.map { [VenueAmount($0, paid)] } } ?? [],
      part: ask.market?.part ?? .spot)
  }

  static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("currency_code")
    var fee = try row.optionalDecimal("fee")
    if let known = fee, let more = try row.optionalDecimal("additional_fee") {
      fee = try? known.adding(more)
    }
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("tx_hash"),
      time: try row.time(.iso, "event_date"), direction: direction, asset: asset,
      amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
      address: try row.optionalText("address"),
      status: try row.word("status", ["COMPLETED": .ok, "PENDING": .pending]))
  }

  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    OpenPosition(
      market: try row.text("product_code"), isLong: try row.side("side").map { $0 == .buy },
      contracts: try row.decimal("size"), contractSize: .one,
      entryPrice: try row.optionalDecimal("price"), unrealised: try row.optionalDecimal("pnl"),
      leverage: try row.optionalDecimal("leverage"),
      margin: try row.optionalDecimal("require_collateral"))
  }

  static let orderStates: [String: Order.Status] = [
    "ACTIVE": .open, "COMPLETED": .closed, "CANCELED": .canceled, "EXPIRED": .expired,
    "REJECTED": .rejected,
  ]

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    Order(
      id: try row.text("child_order_acceptance_id"),
      time: try row.optionalTime(.iso, "child_order_date"),
      market: try row.optionalText("product_code"),
      type: try row.optionalText("child_order_type")?.lowercased(), side: try row.side("side"),
      price: try row.optionalDecimal("price"), amount: try row.optionalDecimal("size"),
      filled: try row.optionalDecimal("executed_size"),
      remaining: try row.optionalDecimal("outstanding_size"),
      average: try row.decimalUnlessZero("average_price"),
      status: try row.word("child_order_state", orderStates))
  }

  /// The routes that the key may call.
  static func rights(_ row: Node, _: Ask) throws(VenueFault) -> KeyRights? {
    var routes: Set<String> = []
    for route in try row.elements() { routes.insert(try route.text()) }
    return KeyRights(
      canRead: routes.contains("/v1/me/getbalance"),
      canTrade: routes.contains("/v1/me/sendchildorder"),
      canWithdraw: routes.contains("/v1/me/withdraw") || routes.contains("/v1/me/sendcoin"))
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("product_code")
    let type = try row.optionalText("market_type")
    guard type != "Futures" else { return nil }
    let parts = id.split(separator: "_").map(String.init)
    guard parts.count >= 2 else { throw row["product_code"].fault("a code of two assets") }
    let (base, quote) = (parts[parts.count - 2], parts[parts.count - 1])
    let isFX = type == "FX"
    return Market(
      id: id, base: base, quote: quote, settle: isFX ? quote : nil, kind: isFX ? .swap : .spot,
      isActive: true, contractSize: isFX ? .one : nil, alias: try row.optionalText("alias"))
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("product_code"), time: try row.optionalTime(.iso, "timestamp"),
      last: try row.optionalDecimal("ltp"), bid: try row.optionalDecimal("best_bid"),
      ask: try row.optionalDecimal("best_ask"),
      baseVolume: try row.optionalDecimal("volume_by_product"))
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.text("id"), time: try row.time(.iso, "exec_date"), market: "",
      side: try row.side("side"), price: try row.decimal("price"), amount: try row.decimal("size"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", bids: try OrderBook.levels(row["bids"].elements(), "price", "size"),
      asks: try OrderBook.levels(row["asks"].elements(), "price", "size"))
  }
}
