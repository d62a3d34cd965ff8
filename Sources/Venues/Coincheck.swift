import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Coincheck of Japan.
  public static let coincheck = Venue(
    id: "coincheck", name: "Coincheck",
    documents: ["https://coincheck.com/documents/exchange/api"],
    surfaces: [
      Surface("public", Coincheck.host, "/api/"),
      Surface("private", Coincheck.host, "/api/", Coincheck.recipe),
    ],
    limits: Limits([
      LimitBucket("private", capacity: 4, refill: .window(seconds: 1), scope: .key),
      LimitBucket("public", capacity: 4, refill: .window(seconds: 1), scope: .address),
    ]),
    faults: Coincheck.faults, feeds: Coincheck.feeds, needsGrowingNonce: true,
    unseen: [
      "deposits of yen by bank", "interest on lent coins", "purchases at the sales office",
      "savings plans",
    ])
}

// https://coincheck.com/documents/exchange/api
private enum Coincheck {
  static let host = "https://coincheck.com"

  static let recipe = Recipe([
    .sort,
    .on(["GET"], [.query(.strict)]),
    .notOn(["GET"], [.ifParameters([.form(.strict)], else: [])]),
    .header("ACCESS-KEY", .key),
    .header("ACCESS-NONCE", .nonce(.milliseconds)),
    .header(
      "ACCESS-SIGNATURE",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([.nonce(.milliseconds), "https://", .host, .pathAndQuery, .body])))),
  ])

  static let faults = FaultTable(
    texts: [
      "invalid authentication": .auth, "nonce must be incremented": .clock,
      "too many requests": .rate, "rate limit": .rate, "not enough": .funds,
      "insufficient": .funds, "order not found": .orderNotFound, "disabled api key": .auth,
    ],
    find: { body, _ in
      guard body["success"].json == .bool(false) else { return nil }
      return ("", body["error"].json?.plainText ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [Call("private", "GET", "accounts/balance")] },
        rows: gathered, row: balance),
      Feed(
        part: .earn, calls: { _ in [Call("private", "GET", "accounts/balance")] },
        rows: gathered, row: lent),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.cursor, most: 25),
        calls: { ask in
          [
            Call(
              "private", "GET", "exchange/orders/transactions_pagination",
              [
                "limit": .number(ask.limit.map { min($0, 25) }),
                "order": ask.limit == nil ? nil : "asc", "starting_after": .text(ask.cursor),
              ])
          ]
        }, rows: Pick.list("data"), row: fill, next: Pick.last("id", of: "data"))
    ]
    feeds.deposits = [
      Feed(
        scope: .eachAsset, calls: { ask in [money("deposit_money", ask)] },
        rows: Pick.list("deposits"),
        row: { row, _ throws(VenueFault) in try transfer(row, .deposit) })
    ]
    feeds.withdrawals = [
      Feed(
        scope: .eachAsset, calls: { ask in [money("send_money", ask)] }, rows: Pick.list("sends"),
        row: { row, _ throws(VenueFault) in try transfer(row, .withdrawal) }),
      Feed(
        paging: Paging(.cursor, most: 25),
        calls: { ask in
          [
            Call(
              "private", "GET", "withdraws",
              [
                "limit": .number(ask.limit.map { min($0, 25) }),
                "order": ask.limit == nil ? nil : "asc", "starting_after": .text(ask.cursor),
              ])
          ]
        }, rows: Pick.list("data"),
        row: { row, _ throws(VenueFault) in try transfer(row, .withdrawal) },
        next: Pick.last("id", of: "data")),
    ]
    feeds.openOrders = [
      Feed(
        calls: { _ in [Call("private", "GET", "exchange/orders/opens")] },
        rows: Pick.list("orders"),
        row: order)
    ]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        calls: { _ in [open("exchange_status", [:])] }, rows: Pick.list("exchange_status"),
        row: market)
    ]
    feeds.tickers = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in [open("ticker", ["pair": .text(try ask.needed().id)])] },
        rows: Pick.one(), row: ticker)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            open(
              "trades", ["pair": .text(try ask.needed().id), "limit": .number(ask.limit)])
          ]
        }, rows: Pick.list("data"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("order_books", ["pair": .text(try ask.needed().id)])]
        }, rows: Pick.one(), row: book)
    ]
  }

  static func open(_ path: String, _ parameters: Parameters) -> Call {
    Call("public", "GET", path, parameters, cost: ["public": 1])
  }

  static func money(_ path: String, _ ask: Ask) -> Call {
    Call("private", "GET", path, ["currency": .text(ask.asset ?? "BTC")])
  }

  /// One object an asset of members such as `btc`, `btc_reserved`, `btc_lent`.
  static func gathered(_ answer: Answer) throws(VenueFault) -> [Node] {
    let members = try answer.body.members()
    var rows: [Node] = []
    for member in members where member.key != "success" && !member.key.contains("_") {
      var own: [(String, JSON)] = [("asset", .string(member.key)), ("free", member.json ?? .null)]
      for other in members where other.key.hasPrefix(member.key + "_") {
        own.append((String(other.key.dropFirst(member.key.count + 1)), other.json ?? .null))
      }
      rows.append(Node(.object(JSONObject(own))))
    }
    return rows
  }

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("asset"), free: try row.decimal("free"),
      used: try row.optionalDecimal("reserved"))
  }

  static func lent(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let lent = try row.optionalDecimal("lent") ?? .zero
    let waiting = try row.optionalDecimal("lend_in_use") ?? .zero
    guard let total = try? lent.adding(waiting) else { throw row.fault("sums in range") }
    return Balance(asset: try row.text("asset"), used: total, total: total, part: .earn)
  }

  /// `funds` names what each asset changed by.
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let pair = try row.text("pair")
    let base = String(pair.prefix { $0 != "_" })
    let funds = row["funds"]
    guard let amount = row.size(try funds.decimal(base)) else { throw funds.fault("an amount") }
    return Fill(
      id: try row.text("id"), order: try row.optionalText("order_id"),
      time: try row.time(.iso, "created_at"), market: pair, side: try row.side("side"),
      price: try row.decimal("rate"), amount: amount, fees: try row.fees("fee", "fee_currency"),
      isMaker: try row.word("liquidity", ["M": true, "T": false]))
  }

  static let states: [String: Transfer.Status] = [
    "finished": .ok, "confirmed": .ok, "received": .pending, "pending": .pending,
    "processing": .pending, "canceled": .canceled,
  ]

  /// Coins that were sent have no state: the list holds what is done.
  static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("currency")
    let state = try row.optionalText("status")
    return Transfer(
      id: try row.text("id"), time: try row.optionalTime(.iso, "created_at", "confirmed_at"),
      direction: direction, asset: asset, amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      address: try row.optionalText("address"), status: state.map { states[$0] } ?? .ok)
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    Order(
      id: try row.text("id"), time: try row.optionalTime(.iso, "created_at"),
      market: try row.optionalText("pair"), type: row["rate"].isNothing ? "market" : "limit",
      side: try row.side("order_type"), price: try row.optionalDecimal("rate"),
      remaining: try row.optionalDecimal("pending_amount"), status: .open)
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("pair")
    let parts = id.split(separator: "_").map(String.init)
    guard parts.count == 2 else { throw row["pair"].fault("a pair of two assets") }
    return Market(
      id: id, base: parts[0], quote: parts[1],
      isActive: try row.optionalText("status").map { $0 == "available" })
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: "", time: try row.optionalTime(.seconds, "timestamp"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), baseVolume: try row.optionalDecimal("volume"))
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.text("id"), time: try row.time(.iso, "created_at"), market: try row.text("pair"),
      side: try row.side("order_type"), price: try row.decimal("rate"),
      amount: try row.decimal("amount"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
  }
}
