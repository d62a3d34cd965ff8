import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Alpaca: crypto, and shares as far as they are held.
  public static let alpaca = Venue(
    id: "alpaca", name: "Alpaca", documents: ["https://docs.alpaca.markets/reference"],
    surfaces: [
      Surface("trader.private", "https://api.alpaca.markets", "/", Alpaca.recipe),
      Surface("market.private", Alpaca.data, "/", Alpaca.recipe),
      Surface("market.public", Alpaca.data),
    ],
    limits: Alpaca.limits, faults: Alpaca.faults, feeds: Alpaca.feeds,
    unseen: [
      "fees of single fills: they are lines of the statement", "options", "wallets' networks",
    ])
}

// https://docs.alpaca.markets/docs/authentication-1
enum Alpaca {
  static let data = "https://data.alpaca.markets"

  /// Nothing is signed: the key and the secret are sent as they are.
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("APCA-API-KEY-ID", .key), .header("APCA-API-SECRET-KEY", .secret),
  ])

  // https://docs.alpaca.markets/docs/usage-limit-api-calls
  static let limits = Limits([
    LimitBucket("requests", capacity: 200, refill: .window(seconds: 60), scope: .key)
  ])

  static let faults = FaultTable(
    codes: [
      "40010001": .definitive, "40110000": .auth, "40310000": .funds, "40410000": .orderNotFound,
      "42910000": .rate, "50010000": .unknownOutcome,
    ],
    texts: [
      "request is not authorized": .auth, "forbidden": .auth, "insufficient": .funds,
      "order not found": .orderNotFound, "rate limit": .rate, "too many requests": .rate,
    ],
    find: { body, status in
      guard !body["message"].isNothing, status >= 400 || !body["code"].isNothing else {
        return status >= 400 ? ("", "") : nil
      }
      func word(_ name: String) -> String { ((try? body.optionalText(name)) ?? nil) ?? "" }
      return (word("code"), word("message"))
    })

  // MARK: - Rows

  /// The account's cash.
  static func cash(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.optionalText("currency") ?? "USD", used: .zero,
      total: try row.decimal("cash"))
  }

  /// What is held of an asset; names of crypto end in the currency they are priced in.
  static func held(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let name = try row.text("symbol")
    let isCrypto = try row.optionalText("asset_class") == "crypto"
    return Balance(
      asset: isCrypto ? base(name) : name, free: try row.optionalDecimal("qty_available"),
      total: try row.decimal("qty"))
  }

  private static func base(_ name: String) -> String {
    if let slash = name.firstIndex(of: "/") { return String(name[..<slash]) }
    for quote in ["USDT", "USDC", "USD"] where name.hasSuffix(quote) {
      return String(name.dropLast(quote.count))
    }
    return name
  }

  // https://docs.alpaca.markets/reference/getaccountactivities-2
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    Fill(
      id: try row.text("id"), order: try row.optionalText("order_id"),
      time: try row.time(.iso, "transaction_time"), market: try row.text("symbol"),
      side: try row["side"].sideOfWord(), price: try row.decimal("price"),
      amount: try row.decimal("qty"))
  }

  /// Cash moves, dividends and fees; fees of crypto are taken in what was bought.
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("activity_type")
    let kinds: [String: EntryKind] = [
      "FILL": .trade, "CSD": .deposit, "CSW": .withdrawal, "FEE": .fee, "CFEE": .fee,
      "INT": .interest, "DIV": .income, "DIVCGL": .income, "DIVCGS": .income,
      "JNLC": .internalTransfer, "JNLS": .internalTransfer, "TRANS": .transfer,
      "ACATC": .transfer, "ACATS": .transfer,
    ]
    if type == "FILL" { return nil }
    let cash = try row["net_amount"].decimalButZero()
    let quantity = try row["qty"].decimalButZero()
    guard let amount = cash ?? quantity else { return nil }
    let name = try row.optionalText("symbol")
    return StatementRow(
      id: try row.text("id"),
      time: try row.optionalTime(.iso, "created_at", "transaction_time", "date"),
      asset: cash != nil ? "USD" : name.map(base) ?? "USD", amount: amount, kind: kinds[type],
      type: type)
  }

  // https://docs.alpaca.markets/reference/listcryptofundingtransfers
  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let asset = try row.text("asset")
    let direction: Transfer.Direction
    switch try row.text("direction") {
    case "INCOMING": direction = .deposit
    case "OUTGOING": direction = .withdrawal
    default: throw row["direction"].fault("INCOMING or OUTGOING")
    }
    let statuses: [String: Transfer.Status] = [
      "PROCESSING": .pending, "COMPLETE": .ok, "FAILED": .failed, "REJECTED": .failed,
      "CANCELED": .canceled,
    ]
    let network = try row.optionalDecimal("network_fee") ?? .zero
    let own = try row.optionalDecimal("fees") ?? .zero
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("tx_hash"),
      time: try row.time(.iso, "created_at"), direction: direction, asset: asset,
      amount: try row.decimal("amount").sizeOnly(),
      fee: (try? network.adding(own)).map { VenueAmount(asset, $0) },
      network: try row.optionalText("chain"), address: try row.optionalText("to_address"),
      status: try row.optionalText("status").flatMap { statuses[$0] })
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("type", "order_type")
    let average = try row.optionalDecimal("filled_avg_price")
    let limit = try row.optionalDecimal("limit_price")
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.iso, "submitted_at", "created_at"),
      market: try row.optionalText("symbol"),
      type: type.map { $0.contains("limit") ? "limit" : $0 }, side: try row["side"].sideOfWord(),
      // The price of a market order is the mean of its executions.
      price: limit ?? average, amount: try row.optionalDecimal("qty"),
      filled: try row.optionalDecimal("filled_qty"), average: average,
      status: try row.optionalText("status").flatMap(status))
  }

  private static func status(_ word: String) -> Order.Status? {
    switch word {
    case "new", "accepted", "pending_new", "partially_filled", "held", "accepted_for_bidding",
      "calculated", "stopped", "suspended", "activated", "pending_replace", "done_for_day",
      "pending_cancel":
      .open
    case "filled": .closed
    case "canceled", "replaced": .canceled
    case "expired": .expired
    case "rejected": .rejected
    default: nil
    }
  }

  // MARK: - Feeds

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("trader.private", "GET", path, parameters)]
  }

  private static func open(_ path: String, _ parameters: Parameters) -> [Call] {
    [Call("market.public", "GET", "v1beta3/crypto/us/" + path, parameters)]
  }

  /// The last row's id leads on while pages are full.
  private static func older(_ answer: Answer) throws(VenueFault) -> String? {
    let rows = try answer.body.elements()
    guard rows.count >= answer.ask.limit ?? 100 else { return nil }
    return try rows.last?.optionalText("id")
  }

  private static func activities(_ ask: Ask, _ path: String) -> [Call] {
    signed(
      path,
      [
        "until": .text(ask.to, .iso), "after": .text(ask.from, .iso),
        "page_size": .number(ask.limit), "page_token": .text(ask.cursor),
      ])
  }

  private static func orders(_ state: String) -> Feed<Order> {
    Feed(
      paging: Paging(.backward, most: 50),
      calls: { ask in
        signed(
          "v2/orders",
          [
            "status": .string(state), "symbols": .text(ask.market?.id),
            "limit": .number(ask.limit), "after": .text(ask.from, .iso),
            "until": .text(ask.to, .iso),
          ])
      }, rows: Picks.list(), row: order)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        evidence: .recorded, calls: { _ in signed("v2/account") }, rows: Picks.body, row: cash),
      Feed(calls: { _ in signed("v2/positions") }, rows: Picks.list(), row: held),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.cursor, most: 100), evidence: .recorded,
        calls: { ask in activities(ask, "v2/account/activities/FILL") }, rows: Picks.list(),
        row: fill, next: older)
    ]
    feeds.transfers = [
      Feed(
        evidence: .recorded, calls: { _ in signed("v2/wallets/transfers") }, rows: Picks.list(),
        row: transfer)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.cursor, most: 100),
        calls: { ask in activities(ask, "v2/account/activities") }, rows: Picks.list(),
        row: statement, next: older)
    ]
    feeds.openOrders = [orders("open")]
    feeds.closedOrders = [orders("closed")]
    feeds.clock = Feed(
      calls: { _ in signed("v2/clock") }, rows: Picks.body,
      row: { row, _ throws(VenueFault) in try row.time(.iso, "timestamp") })
    addMarkets(&feeds)
    return feeds
  }()

  private static let lengths = [
    60: "1min", 180: "3min", 300: "5min", 900: "15min", 1800: "30min", 3600: "1H", 7200: "2H",
    14_400: "4H", 21_600: "6H", 28_800: "8H", 43_200: "12H", 86_400: "1D", 604_800: "1W",
  ]

  /// Rows by market under a name: those of the market asked for.
  private static func rows(_ name: String) -> Picks.Rows {
    { answer throws(VenueFault) in
      let market = try Picks.market(answer.ask)
      return try answer.body[name][market.id].optionalElements()
    }
  }

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        calls: { _ in
          signed("v2/assets", ["asset_class": .string("crypto"), "status": .string("active")])
        }, rows: Picks.list(), row: market)
    ]
    feeds.tickers = [
      Feed(
        evidence: .recorded,
        calls: { ask throws(VenueFault) in
          var markets = ask.market.map { [$0] } ?? ask.manyMarkets
          if markets.isEmpty { markets = ask.markets.all }
          guard !markets.isEmpty else { throw .unsupported("tickers without markets") }
          let names = markets.map(\.id).joined(separator: ",")
          return open("snapshots", ["symbols": .string(names)])
        }, rows: Picks.members("snapshots"), row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          guard let length = lengths[ask.interval] else {
            throw .unsupported("candles of \(ask.interval) seconds")
          }
          return open(
            "bars",
            [
              "symbols": .string(try Picks.market(ask).id), "timeframe": .string(length),
              "limit": .number(ask.limit), "start": .text(ask.from, .iso),
              "end": .text(ask.to, .iso),
            ])
        }, rows: rows("bars"),
        row: { row, _ throws(VenueFault) in
          try Candle(row, .iso, "t", .letters)
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open(
            "trades",
            [
              "symbols": .string(try Picks.market(ask).id), "start": .text(ask.from, .iso),
              "end": .text(ask.to, .iso), "limit": .number(ask.limit),
            ])
        }, rows: rows("trades"),
        row: { row, ask throws(VenueFault) in
          PublicTrade(
            id: try row.optionalText("i"), time: try row.time(.iso, "t"),
            market: ask.market?.id ?? "", side: try row["tks"].sideOfWord(),
            price: try row.decimal("p"), amount: try row.decimal("s"))
        })
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open("latest/orderbooks", ["symbols": .string(try Picks.market(ask).id)])
        }, rows: Picks.members("orderbooks"),
        row: { row, _ throws(VenueFault) in
          OrderBook(
            market: row.key, time: try row.optionalTime(.iso, "t"),
            bids: try OrderBook.levels(row["b"].optionalElements(), "p", "s"),
            asks: try OrderBook.levels(row["a"].optionalElements(), "p", "s"))
        })
    ]
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("symbol")
    let halves = id.split(separator: "/").map(String.init)
    guard halves.count == 2 else { return nil }
    return Market(
      id: id, base: halves[0], quote: halves[1], isActive: try row.optionalFlag("tradable"),
      amountStep: try row.optionalDecimal("min_trade_increment"),
      priceStep: try row.optionalDecimal("price_increment"),
      amountMin: try row.optionalDecimal("min_order_size"))
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    let day = row["dailyBar"]
    let quote = row["latestQuote"]
    return Ticker(
      market: row.key, time: try quote.optionalTime(.iso, "t"),
      last: try day.optionalDecimal("c"), bid: try quote.optionalDecimal("bp"),
      ask: try quote.optionalDecimal("ap"), high: try day.optionalDecimal("h"),
      low: try day.optionalDecimal("l"), open: try day.optionalDecimal("o"),
      baseVolume: try day.optionalDecimal("v"))
  }
}
