import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bitstamp.
  public static let bitstamp = Venue(
    id: "bitstamp", name: "Bitstamp", documents: ["https://www.bitstamp.net/api/"],
    surfaces: [
      Surface("public", Bitstamp.host, "/api/v2/"),
      Surface("private", Bitstamp.host, "/api/v2/", Bitstamp.recipe),
    ],
    limits: Bitstamp.limits, faults: Bitstamp.faults, feeds: Bitstamp.feeds,
    desk: Bitstamp.desk, streams: Bitstamp.streams,
    unseen: [
      "perpetuals' positions", "addresses and hashes of deposits and withdrawals",
      "what is lent or staked and not in the balances",
    ])
}

// https://www.bitstamp.net/api/#section/Authentication
enum Bitstamp {
  static let host = "https://www.bitstamp.net"

  /// The body is a form; the venue refuses one without any field (API0020), so that a call without
  /// terms bears one that means nothing.
  ///
  /// What GET routes need stands in their paths.
  static let recipe = Recipe([
    .on(["GET"], [.custom { draft in draft.parameters = [:] }]),
    .notOn(
      ["GET"],
      [.ifParameters([.form(.strict)], else: [.add("foo", "bar"), .form(.strict)])]),
    .bind("time", .time(.milliseconds)),
    .header("X-Auth", .join(["BITSTAMP ", .key])),
    .header("X-Auth-Nonce", .uuid),
    .header("X-Auth-Timestamp", .value("time")),
    .header("X-Auth-Version", "v2"),
    .custom { draft throws(VenueFault) in
      let type = draft.body == nil ? "" : "application/x-www-form-urlencoded"
      let message: Token = .join([
        "BITSTAMP ", .key, .method, .host, .path, .query, .text(type), .uuid, .value("time"),
        "v2", .body,
      ])
      try draft.run([.header("X-Auth-Signature", .hex(.hmac(.sha256, key: .secret, message)))])
    },
  ])

  // https://www.bitstamp.net/api/#section/Request-limits
  static let limits = Limits([
    LimitBucket("requests", capacity: 10_000, refill: .window(seconds: 600), scope: .address),
    LimitBucket("second", capacity: 400, refill: .window(seconds: 1), scope: .address),
  ])

  static let faults = FaultTable(
    codes: [
      "API0001": .auth, "API0002": .auth, "API0003": .auth, "API0004": .clock, "API0005": .auth,
      "API0006": .auth, "API0008": .auth, "API0011": .auth, "API0017": .clock,
      "API0018": .clock, "API0019": .clock, "400.002": .rate,
    ],
    texts: [
      "request rate limit": .rate, "invalid signature": .auth, "invalid nonce": .clock,
      "no permission": .auth, "authentication failed": .auth, "order not found": .orderNotFound,
      "order could not be found": .orderNotFound, "you have only": .funds,
      "you need": .funds, "check your account balance": .funds, "maintenance": .retryable,
      "internal error": .retryable,
    ],
    find: { body, status in
      func word(_ node: Node) -> String {
        if let text = try? node.optionalText() { return text }
        return node.json.map { node.isNothing ? "" : $0.text } ?? ""
      }
      let isFailure = word(body["status"]) == "error" || !body["error"].isNothing
      guard isFailure || status >= 400 else { return nil }
      return (word(body["code"]), word(body.first(["reason", "error", "message"])))
    })

  // MARK: - Rows

  // https://www.bitstamp.net/api/#tag/Account-balances
  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency").uppercased(), free: try row.optionalDecimal("available"),
      used: try row.optionalDecimal("reserved"), total: try row.optionalDecimal("total"))
  }

  private static let notAmounts: Set<String> = [
    "id", "fee", "type", "price", "tid", "status", "datetime", "amount",
  ]

  /// The currencies that a row of the account's transactions changes; each is a member of the row.
  private static func changes(_ row: Node) throws(VenueFault) -> [VenueAmount] {
    var changes: [VenueAmount] = []
    for member in try row.members() where !notAmounts.contains(member.key) {
      guard !member.key.contains("_"), let amount = try? member.decimal(), !amount.isZero else {
        continue
      }
      changes.append(VenueAmount(member.key, amount))
    }
    return changes
  }

  /// The pair a trade is of: the member `base_quote` whose halves are members, too.
  private static func pair(_ row: Node) throws(VenueFault) -> (
    base: String, quote: String, price: Fixed
  )? {
    for member in try row.members() {
      let halves = member.key.split(separator: "_").map(String.init)
      guard halves.count == 2, !row[halves[0]].isNothing, !row[halves[1]].isNothing,
        let price = try? member.decimal(), !price.isZero
      else { continue }
      return (halves[0], halves[1], price)
    }
    return nil
  }

  // https://www.bitstamp.net/api/#tag/Transactions-private/operation/GetUserTransactions
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    guard try row.text("type") == "2" else { return nil }
    guard let (base, quote, price) = try pair(row) else { throw row.fault("a pair's price") }
    let amount = try row.decimal(base)
    let cost = try row.decimal(quote)
    let fee = try row.optionalDecimal("fee")
    return Fill(
      id: try row.text("id"), order: try row.optionalText("order_id"),
      time: try row.time(.iso, "datetime"), market: base + quote,
      side: amount.isZero ? nil : amount.isNegative ? .sell : .buy, price: price,
      amount: try amount.sizeOnly(), cost: try cost.sizeOnly(),
      fees: fee.map { [VenueAmount(quote.uppercased(), $0)] } ?? [])
  }

  /// A deposit (0) or a withdrawal (1), or a withdrawal as the route of requests writes it.
  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    if !row["currency"].isNothing { return try request(row) }
    let type = try row.text("type")
    guard type == "0" || type == "1", let change = try changes(row).first else { return nil }
    let asset = change.asset.uppercased()
    let fee = try row.optionalDecimal("fee")
    return Transfer(
      id: try row.text("id"), time: try row.time(.iso, "datetime"),
      direction: type == "0" ? .deposit : .withdrawal, asset: asset,
      amount: try change.amount.sizeOnly(), fee: fee.map { VenueAmount(asset, $0) }, status: .ok)
  }

  private static func request(_ row: Node) throws(VenueFault) -> Transfer {
    let words: [String: Transfer.Status] = [
      "0": .pending, "1": .pending, "2": .ok, "3": .canceled, "4": .failed,
    ]
    let parts = try row.optionalText("address")?.split(separator: "?dt=").map(String.init) ?? []
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("transaction_id", "txid"),
      time: try row.time(.iso, "datetime"), direction: .withdrawal,
      asset: try row.text("currency"), amount: try row.decimal("amount").sizeOnly(),
      network: try row.optionalText("network"), address: parts.first,
      tag: parts.count > 1 ? parts[1] : nil, status: words[try row.text("status")])
  }

  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("type")
    guard let change = try changes(row).first else { return nil }
    let asset = change.asset.uppercased()
    let fee = try row["fee"].decimalButZero()
    return StatementRow(
      id: try row.text("id"), time: try row.time(.iso, "datetime"), asset: asset,
      amount: change.amount, kind: kind(type, change.amount), type: type,
      reference: try row.optionalText("order_id"), fee: fee.map { VenueAmount(asset, $0) },
      isToldElsewhere: ["0", "1", "2"].contains(type))
  }

  private static func kind(_ type: String, _ amount: Fixed) -> EntryKind? {
    switch type {
    case "0": .deposit
    case "1": .withdrawal
    case "2": .trade
    case "14", "33", "35": .internalTransfer
    case "25": .unstake
    case "26": .stake
    case "27": .staking
    case "32": .referral
    case "58", "59", "60": amount.isNegative ? .marginLoss : .marginGain
    case "61": .liquidation
    default: nil
    }
  }

  // MARK: - Orders

  // https://www.bitstamp.net/api/#tag/Orders
  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let done = try row["transactions"].optionalElements()
    let traded = try done.first.flatMap { row throws(VenueFault) in try tradedPair(row) }
    let base = ask.market?.base.lowercased() ?? traded?.base
    var filled: Fixed?
    for transaction in done {
      let amount = try base.flatMap { name throws(VenueFault) in
        try transaction.optionalDecimal(name)
      }
      filled = try? (filled ?? .zero).adding(amount ?? .zero)
    }
    let left = try row.optionalDecimal("amount_remaining")
    let whole = try row.optionalDecimal("amount_at_create", "amount")
    let status = try row.optionalText("status")
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.iso, "datetime"),
      market: try row.optionalText("currency_pair", "market") ?? ask.market?.id
        ?? traded.map { $0.base + $0.quote },
      type: row["price"].isNothing ? nil : "limit", side: try side(row["type"]),
      price: try row["price"].decimalButZero(), amount: whole, filled: filled, remaining: left,
      status: status.map(word) ?? (row["amount"].isNothing ? nil : .open))
  }

  /// The two currencies of an order's transaction; the price tells which is the base.
  private static func tradedPair(_ row: Node) throws(VenueFault) -> (base: String, quote: String)? {
    let changes = try changes(row)
    guard changes.count == 2, let price = try row.optionalDecimal("price") else { return nil }
    let (a, b) = (changes[0], changes[1])
    // How far the price is from quote over base; beyond exact numbers it is not this pair.
    func distance(_ base: Fixed, _ quote: Fixed) -> Fixed? {
      guard let ratio = try? quote.divided(by: base, rounding: .halfEven).magnitude() else {
        return nil
      }
      return try? ratio.subtracting(price).magnitude()
    }
    let (first, second) = (distance(a.amount, b.amount), distance(b.amount, a.amount))
    guard let first else { return (b.asset, a.asset) }
    return second.map({ first <= $0 }) ?? true
      ? (a.asset, b.asset) : (b.asset, a.asset)
  }

  private static func side(_ node: Node) throws(VenueFault) -> Side? {
    switch try node.optionalText() {
    case "0": .buy
    case "1": .sell
    default: nil
    }
  }

  private static func word(_ status: String) -> Order.Status? {
    switch status {
    case "In Queue", "Open", "Cancel pending": .open
    case "Finished": .closed
    case "Canceled": .canceled
    case "Expired": .expired
    default: nil
    }
  }

  static let desk = OrderDesk(
    place: Feed(
      calls: placing, rows: Picks.body,
      row: { row, ask throws(VenueFault) in Picks.placed(try row.text("id"), ask) }),
    cancel: Feed(
      calls: { ask throws(VenueFault) in
        [Call("private", "POST", "cancel_order/", ["id": .string(try Picks.order(ask))])]
      }, rows: Picks.body,
      row: { row, ask throws(VenueFault) in
        var order = Picks.canceled(ask)
        order.id = try row.text("id")
        return order
      }),
    find: Feed(
      calls: { ask in
        [
          Call(
            "private", "POST", "order_status/",
            [
              "id": .text(ask.order),
              "client_order_id": .text(ask.order == nil ? ask.clientOrder : nil),
            ])
        ]
      }, rows: Picks.body, row: order),
    open: Feed(
      calls: { _ in [Call("private", "POST", "open_orders/all/")] }, rows: Picks.list(),
      row: order),
    clientIDMost: 32)

  private static func placing(_ ask: Ask) throws(VenueFault) -> [Call] {
    let order = try Picks.newOrder(ask)
    let side = order.side == .buy ? "buy" : "sell"
    let force = order.timeInForce
    let terms: Parameters = [
      "pair": .string(order.market.id), "amount": .text(order.amount),
      "price": order.type == .limit ? .text(order.price) : nil,
      "ioc_order": force == .immediateOrCancel ? .string("True") : nil,
      "fok_order": force == .fillOrKill ? .string("True") : nil,
      "moc_order": force == .postOnly ? .string("True") : nil,
      "client_order_id": .text(order.clientID),
    ]
    let path = order.type == .limit ? "\(side)/{pair}/" : "\(side)/market/{pair}/"
    return [Call("private", "POST", path, terms)]
  }
}
