import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Blockchain.com Exchange.
  public static let blockchaincom = Venue(
    id: "blockchaincom", name: "Blockchain.com Exchange",
    documents: ["https://api.blockchain.com/v3/"],
    surfaces: [
      Surface("public", BlockchainCom.host, "/v3/exchange/"),
      Surface("private", BlockchainCom.host, "/v3/exchange/", BlockchainCom.recipe),
    ],
    credentials: [CredentialField("secret", "API secret")],
    limits: BlockchainCom.limits, faults: BlockchainCom.faults, feeds: BlockchainCom.feeds,
    unseen: ["wallets outside of the exchange", "rewards"])
}

// https://api.blockchain.com/v3/#section/Authentication
enum BlockchainCom {
  static let host = "https://api.blockchain.com"

  /// Nothing is signed: the secret is sent as it is.
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
    .header("X-API-Token", .secret),
  ])

  static let limits = Limits([
    LimitBucket("requests", capacity: 120, refill: .window(seconds: 60), scope: .key)
  ])

  static let faults = FaultTable(
    texts: [
      "unauthorized": .auth, "forbidden": .auth, "too many": .rate, "rate limit": .rate,
      "insufficient": .funds, "order not found": .orderNotFound,
    ],
    find: { body, status in
      guard status >= 400 || !body["error"].isNothing else { return nil }
      func word(_ names: [String]) -> String {
        ((try? body.first(names).optionalText()) ?? nil) ?? ""
      }
      return (word(["status", "code"]), word(["message", "error"]))
    })

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.decimal("available"),
      total: try row.decimal("balance"))
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let name = try row.text("symbol")
    let quote = String(name.split(separator: "-").last ?? "")
    let fee = try row.optionalDecimal("fee")
    return Fill(
      id: try row.text("tradeId"), order: try row.optionalText("exOrdId"),
      time: try row.time(.milliseconds, "timestamp"), market: name,
      side: try row["side"].sideOfWord(), price: try row.decimal("price"),
      amount: try row.decimal("qty"), fees: fee.map { [VenueAmount(quote, $0)] } ?? [])
  }

  private static func moved(_ path: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.backward, most: 100),
      calls: { ask in
        signed(
          path, ["from": .text(ask.from, .milliseconds), "to": .text(ask.to, .milliseconds)])
      }, rows: Picks.list(),
      row: { row, _ throws(VenueFault) in try transfer(row, direction) })
  }

  private static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    // A row names itself by the kind it is of.
    let name = direction == .deposit ? "depositId" : "withdrawalId"
    if row[name].isNothing { return nil }
    let asset = try row.text("currency")
    let fee = try row.optionalDecimal("fee")
    let statuses: [String: Transfer.Status] = [
      "COMPLETED": .ok, "PENDING": .pending, "UNCONFIRMED": .pending, "REJECTED": .failed,
      "FAILED": .failed, "REFUNDED": .canceled,
    ]
    return Transfer(
      id: try row.text(name), transactionHash: try row.optionalText("txHash", "txhash"),
      time: try row.time(.milliseconds, "timestamp"), direction: direction, asset: asset,
      amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
      address: try row.optionalText("address"),
      status: try row.optionalText("state").flatMap { statuses[$0] })
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("ordType")?.lowercased()
    let average = try row["avgPx"].decimalButZero()
    let limit = try row["price"].decimalButZero()
    let statuses: [String: Order.Status] = [
      "OPEN": .open, "PENDING": .open, "PART_FILLED": .open, "FILLED": .closed,
      "CANCELED": .canceled, "REJECTED": .rejected, "EXPIRED": .expired,
    ]
    return Order(
      id: try row.text("exOrdId"), clientID: try row.optionalText("clOrdId"),
      time: try row.optionalTime(.milliseconds, "timestamp"), market: try row.text("symbol"),
      type: type == "stoplimit" ? "limit" : type, side: try row["side"].sideOfWord(),
      // The price of a market order is the mean of its executions.
      price: limit ?? average, filled: try row.optionalDecimal("cumQty"),
      remaining: try row.optionalDecimal("leavesQty"), average: average,
      status: try row.optionalText("ordStatus").flatMap { statuses[$0] })
  }

  // MARK: - Feeds

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "GET", path, parameters)]
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters)]
  }

  private static func orders(_ state: String) -> Feed<Order> {
    Feed(
      paging: Paging(.backward, most: 100),
      calls: { ask in
        signed(
          "orders",
          [
            "status": .string(state), "limit": .number(ask.limit ?? 100),
            "symbol": .text(ask.market?.id), "from": .text(ask.from, .milliseconds),
            "to": .text(ask.to, .milliseconds),
          ])
      }, rows: Picks.list(), row: order)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        calls: { _ in signed("accounts", ["account": .string("primary")]) },
        rows: Picks.list("primary"), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 100), evidence: .recorded,
        calls: { ask in
          signed(
            "fills",
            [
              "symbol": .text(ask.market?.id), "limit": .number(ask.limit),
              "from": .text(ask.from, .milliseconds), "to": .text(ask.to, .milliseconds),
            ])
        }, rows: Picks.list(), row: fill)
    ]
    feeds.deposits = [moved("deposits", .deposit)]
    feeds.withdrawals = [moved("withdrawals", .withdrawal)]
    feeds.openOrders = [orders("OPEN")]
    feeds.closedOrders = [orders("FILLED")]
    feeds.markets = [
      Feed(calls: { _ in open("symbols") }, rows: Picks.members(), row: market)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          guard let market = ask.market else { return open("tickers") }
          return open("tickers/{symbol}", ["symbol": .string(market.id)])
        }, rows: Picks.optionalOneOrList, row: ticker)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open("l2/{symbol}", ["symbol": .string(try Picks.market(ask).id)])
        }, rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
            bids: try OrderBook.levels(row["bids"].optionalElements(), "px", "qty"),
            asks: try OrderBook.levels(row["asks"].optionalElements(), "px", "qty"))
        })
    ]
    return feeds
  }()

  /// A whole number and how many decimals it has: 50000 and 8 give 0.0005.
  private static func scaled(_ row: Node, _ name: String) throws(VenueFault) -> Fixed? {
    guard let count = try row.optionalDecimal(name),
      let step = try row["\(name)_scale"].stepOfDecimals()
    else { return nil }
    return try? count.multiplied(by: step, rounding: .halfEven)
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let state = try row.optionalText("status")
    let most = try scaled(row, "max_order_size")
    return Market(
      id: row.key, base: try row.text("base_currency"), quote: try row.text("counter_currency"),
      isActive: state.map { $0 == "open" }, amountStep: try scaled(row, "lot_size"),
      priceStep: try scaled(row, "min_price_increment"),
      amountMin: try scaled(row, "min_order_size"),
      amountMax: most?.isZero == true ? nil : most)
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"), last: try row.optionalDecimal("last_trade_price"),
      open: try row.optionalDecimal("price_24h"), baseVolume: try row.optionalDecimal("volume_24h"))
  }
}
