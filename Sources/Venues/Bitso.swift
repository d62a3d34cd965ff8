import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bitso.
  public static let bitso = Venue(
    id: "bitso", name: "Bitso",
    documents: ["https://docs.bitso.com/bitso-api/docs/authentication"],
    surfaces: [
      Surface("public", Bitso.host, "/api/v3/"),
      Surface("private", Bitso.host, "/api/v3/", Bitso.recipe),
    ],
    limits: Bitso.limits, faults: Bitso.faults, feeds: Bitso.feeds, needsGrowingNonce: true,
    unseen: ["what earns in Bitso+: its balance is not apart", "cards"])
}

// https://docs.bitso.com/bitso-api/docs/authentication
enum Bitso {
  static let host = "https://bitso.com"

  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .bind("nonce", .nonce(.milliseconds)),
    .bind(
      "signature",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.value("nonce"), .method, .pathAndQuery, .body])))),
    .header(
      "Authorization",
      .join(["Bitso ", .key, ":", .value("nonce"), ":", .value("signature")])),
    .header("Content-Type", "application/json"),
  ])

  // https://docs.bitso.com/bitso-api/docs/rate-limits
  static let limits = Limits([
    LimitBucket("private", capacity: 300, refill: .window(seconds: 60), scope: .key),
    LimitBucket("public", capacity: 60, refill: .window(seconds: 60), scope: .address),
  ])

  // https://docs.bitso.com/bitso-api/docs/error-codes
  static let faults = FaultTable(
    codes: [
      "0101": .auth, "0102": .auth, "0201": .clock, "0202": .auth, "0203": .auth, "0204": .auth,
      "0205": .auth, "0206": .auth, "0207": .clock, "0200": .rate, "0301": .definitive,
      "0304": .definitive, "0343": .funds, "0379": .funds, "0406": .orderNotFound,
      "0800": .rate, "0801": .banned,
    ],
    texts: [
      "too many requests": .rate, "nonce": .clock, "signature": .auth, "insufficient": .funds,
      "balance": .funds,
    ],
    find: { body, status in
      func word(_ name: String) -> String {
        ((try? body["error"].optionalText(name)) ?? nil) ?? ""
      }
      if case .bool(true)? = body["success"].json { return nil }
      guard !body["error"].isNothing || status >= 400 else { return nil }
      return (word("code"), word("message"))
    })

  // MARK: - Rows

  // https://docs.bitso.com/bitso-api/docs/get-account-balance
  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency").uppercased(), free: try row.optionalDecimal("available"),
      used: try row.optionalDecimal("locked"), total: try row.optionalDecimal("total"))
  }

  // https://docs.bitso.com/bitso-api/docs/list-user-trades: amounts are signed by what they did
  // to the balance, and there are no rebates.
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let side = try row["side"].sideOfWord()
    let maker = try row["maker_side"].sideOfWord()
    let fee = try row.optionalDecimal("fees_amount")
    let asset = try row.optionalText("fees_currency")
    var fees: [VenueAmount] = []
    if let fee, let asset { fees = [VenueAmount(asset.uppercased(), try fee.sizeOnly())] }
    return Fill(
      id: try row.text("tid"), order: try row.optionalText("oid"),
      time: try row.time(.iso, "created_at"), market: try row.text("book"), side: side,
      price: try row.decimal("price"), amount: try row.decimal("major").sizeOnly(),
      cost: try row.optionalDecimal("minor")?.sizeOnly(), fees: fees,
      isMaker: maker == nil || side == nil ? nil : maker == side)
  }

  // https://docs.bitso.com/bitso-api/docs/list-fundings and list-withdrawals
  private static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let details = row["details"]
    let name = direction == .deposit ? "fid" : "wid"
    if row[name].isNothing { return nil }
    let statuses: [String: Transfer.Status] = [
      "complete": .ok, "completed": .ok, "pending": .pending, "in_progress": .pending,
      "processing": .pending, "failed": .failed, "cancelled": .canceled,
    ]
    return Transfer(
      id: try row.text(name), transactionHash: try details.optionalText("tx_hash"),
      time: try row.time(.iso, "created_at"), direction: direction,
      asset: try row.text("currency").uppercased(), amount: try row.decimal("amount"),
      network: try row.optionalText("network", "method"),
      address: try details.optionalText("receiving_address", "withdrawal_address"),
      tag: try details.optionalText("destination_tag"),
      status: try row.optionalText("status").flatMap { statuses[$0] })
  }

  // https://docs.bitso.com/bitso-api/docs/list-transactions: one line changes several balances;
  // each is a row here.
  static func statementRows(_ answer: Answer) throws(VenueFault) -> [Node] {
    var rows: [Node] = []
    for line in try answer.body["payload"].elements() {
      guard case .object(let members)? = line.json else { throw line.fault("an object") }
      for (index, change) in try line["balance_updates"].elements().enumerated() {
        guard let json = change.json else { continue }
        var row = members
        row.set("balance_updates", .array([json]))
        row.set("index", .number(String(index)))
        rows.append(Node(.object(row)))
      }
    }
    return rows
  }

  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let change = row["balance_updates"][0]
    let operation = try row.text("operation")
    let kinds: [String: EntryKind] = [
      "trade": .trade, "fee": .fee, "funding": .deposit, "withdrawal": .withdrawal,
      "conversion": .trade, "earnings": .interest, "referral": .referral,
    ]
    let id = try row.text("eid")
    let index = try row.optionalInteger("index") ?? 0
    return StatementRow(
      id: index == 0 ? id : "\(id)-\(index)", time: try row.time(.iso, "created_at"),
      asset: try change.text("currency").uppercased(), amount: try change.decimal("amount"),
      kind: kinds[operation], type: operation,
      reference: try row["details"].optionalText("tid", "fid", "wid", "oid"),
      isToldElsewhere: ["trade", "fee", "funding", "withdrawal"].contains(operation))
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let statuses: [String: Order.Status] = [
      "open": .open, "queued": .open, "partially filled": .open, "partial-fill": .open,
      "partially_filled": .open, "completed": .closed, "cancelled": .canceled,
      "canceled": .canceled,
    ]
    return Order(
      id: try row.text("oid"), clientID: try row.optionalText("origin_id", "client_id"),
      time: try row.optionalTime(.iso, "created_at"), market: try row.text("book"),
      type: try row.optionalText("type"), side: try row["side"].sideOfWord(),
      price: try row["price"].decimalButZero(), amount: try row.optionalDecimal("original_amount"),
      remaining: try row.optionalDecimal("unfilled_amount"),
      status: try row.optionalText("status").flatMap { statuses[$0] })
  }

  // MARK: - Feeds

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "GET", path, parameters, cost: ["private": 1])]
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["public": 1])]
  }

  /// The last row's number, after which the older ones come, while pages are full.
  private static func marker(_ name: String) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in
      let rows = try answer.body["payload"].elements()
      guard rows.count >= answer.ask.limit ?? 25 else { return nil }
      return try rows.last?.optionalText(name)
    }
  }

  private static func moved(_ path: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor, most: 25),
      calls: { ask in
        signed(path, ["limit": .number(ask.limit), "marker": .text(ask.cursor)])
      }, rows: Picks.list("payload"),
      row: { row, _ throws(VenueFault) in try transfer(row, direction) },
      next: marker(direction == .deposit ? "fid" : "wid"))
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(calls: { _ in signed("balance") }, rows: Picks.list("payload", "balances"), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.cursor, most: 25),
        calls: { ask in
          signed(
            "user_trades",
            [
              "book": .text(ask.market?.id), "limit": .number(ask.limit),
              "marker": .text(ask.cursor),
            ])
        }, rows: Picks.list("payload"), row: fill, next: marker("tid"))
    ]
    feeds.deposits = [moved("fundings", .deposit)]
    feeds.withdrawals = [moved("withdrawals", .withdrawal)]
    feeds.statement = [
      Feed(
        paging: Paging(.cursor, most: 25),
        calls: { ask in
          signed("ledger", ["limit": .number(ask.limit), "marker": .text(ask.cursor)])
        }, rows: statementRows, row: statement, next: marker("eid"))
    ]
    feeds.openOrders = [
      Feed(
        paging: Paging(.cursor, most: 25),
        calls: { ask in
          signed(
            "open_orders",
            [
              "book": .text(ask.market?.id), "limit": .number(ask.limit),
              "marker": .text(ask.cursor),
            ])
        }, rows: Picks.list("payload"), row: order, next: marker("oid"))
    ]
    addMarkets(&feeds)
    return feeds
  }()

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("available_books") }, rows: Picks.list("payload"), row: market)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in open("ticker", ["book": .text(ask.market?.id)]) },
        rows: { answer throws(VenueFault) in
          let payload = answer.body["payload"]
          if case .array? = payload.json { return try payload.elements() }
          return [payload]
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 300), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let span = Int64(ask.interval) * Int64(min(max(ask.limit ?? 300, 1), 300))
          let end = ask.to ?? ask.from?.advanced(bySeconds: span) ?? ask.now
          let start = ask.from ?? end.advanced(bySeconds: -span)
          return open(
            "ohlc",
            [
              "book": .string(try Picks.market(ask).id), "time_bucket": .number(ask.interval),
              "start": .text(start, .milliseconds), "end": .text(end, .milliseconds),
            ])
        }, rows: Picks.list("payload"),
        row: { row, _ throws(VenueFault) in
          Candle(
            time: try row.time(.milliseconds, "bucket_start_time"),
            open: try row.decimal("first_rate", "open"), high: try row.decimal("max_rate", "high"),
            low: try row.decimal("min_rate", "low"),
            close: try row.decimal("last_rate", "close"),
            volume: try row.optionalDecimal("volume"))
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.cursor, most: 25), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "trades",
            [
              "book": .string(try Picks.market(ask).id), "limit": .number(ask.limit),
              "marker": .text(ask.cursor),
            ])
        }, rows: Picks.list("payload"), row: trade, next: marker("tid"))
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open("order_book", ["book": .string(try Picks.market(ask).id)])
        }, rows: Picks.one("payload"),
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "", time: try row.optionalTime(.iso, "updated_at"),
            bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "amount"),
            asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "amount"),
            sequence: try row.optionalInteger("sequence"))
        })
    ]
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("book")
    let halves = id.split(separator: "_").map { $0.uppercased() }
    guard halves.count == 2 else { return nil }
    return Market(
      id: id, base: halves[0], quote: halves[1],
      priceStep: try row.optionalDecimal("tick_size"),
      amountMin: try row.optionalDecimal("minimum_amount"),
      amountMax: try row.optionalDecimal("maximum_amount"),
      costMin: try row.optionalDecimal("minimum_value"))
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("book"), time: try row.optionalTime(.iso, "created_at"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), baseVolume: try row.optionalDecimal("volume"))
  }

  /// The side told is the maker's; the taker's is the other.
  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    let maker = try row["maker_side"].sideOfWord()
    return PublicTrade(
      id: try row.optionalText("tid"), time: try row.time(.iso, "created_at"),
      market: try row.text("book"), side: maker.map { $0 == .buy ? .sell : .buy },
      price: try row.decimal("price"), amount: try row.decimal("amount"))
  }
}
