import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Gemini: exchange, staking and perpetuals.
  public static let gemini = Venue(
    id: "gemini", name: "Gemini", documents: ["https://docs.gemini.com/rest/"],
    surfaces: [
      Surface("public", Gemini.host, "/"),
      Surface("private", Gemini.host, "/", Gemini.recipe),
    ],
    limits: Gemini.limits, faults: Gemini.faults, feeds: Gemini.feeds, desk: Gemini.desk,
    streams: Gemini.streams,
    needsGrowingNonce: true,
    unseen: [
      "other accounts of a group: a key is for one", "funding of perpetuals",
      "purchases by card before they are transfers",
    ])
}

// https://docs.gemini.com/authentication/api-key
enum Gemini {
  static let host = "https://api.gemini.com"

  /// What is signed is a JSON payload in a header: the path, a nonce, and then the parameters.
  static let recipe = Recipe([
    .custom { draft throws(VenueFault) in
      let head: Parameters = [
        "request": .string(draft.path),
        "nonce": .string(TimeForm.milliseconds.write(draft.moment.nonce)),
      ]
      let payload = head.adding(draft.parameters).json.text
      draft.values["payload"] = Array(Base64.text(Array(payload.utf8)).utf8)
    },
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
    .header("Content-Type", "text/plain"),
    .header("X-GEMINI-APIKEY", .key),
    .header("X-GEMINI-PAYLOAD", .value("payload")),
    .header(
      "X-GEMINI-SIGNATURE", .hex(.hmac(.sha384, key: .secret, .value("payload")))),
  ])

  // https://docs.gemini.com/rate-limit
  static let limits = Limits([
    LimitBucket("private", capacity: 600, refill: .window(seconds: 60), scope: .key),
    LimitBucket("public", capacity: 120, refill: .window(seconds: 60), scope: .address),
  ])

  // https://docs.gemini.com/rest/errors
  static let faults = FaultTable(
    codes: [
      "RateLimited": .rate, "RateLimit": .rate, "InvalidNonce": .clock,
      "InvalidTimestampInPayload": .clock, "InvalidSignature": .auth, "InvalidApiKey": .auth,
      "MissingApikeyHeader": .auth, "MissingPayloadHeader": .auth,
      "MissingSignatureHeader": .auth, "MissingRole": .auth, "IPNotAllowed": .auth,
      "InsufficientFunds": .funds, "OrderNotFound": .orderNotFound, "Maintenance": .retryable,
      "System": .unknownOutcome, "MarketNotOpen": .retryable, "ClientOrderIdTooLong": .definitive,
      "InvalidOrderType": .definitive, "InvalidSymbol": .definitive,
      "EndpointNotFound": .definitive, "EndpointMismatch": .definitive,
    ],
    find: { body, status in
      func word(_ name: String) -> String { ((try? body.optionalText(name)) ?? nil) ?? "" }
      guard word("result") == "error" || status >= 400 else { return nil }
      return (word("reason"), word("message"))
    })

  // MARK: - Rows

  // https://docs.gemini.com/rest/fund-management
  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.optionalDecimal("available"),
      total: try row.decimal("amount"))
  }

  // https://docs.gemini.com/rest/staking
  static func stakedBalance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row.optionalDecimal("available"),
      total: try row.decimal("balance"), part: .staking)
  }

  // https://docs.gemini.com/rest/orders#get-past-trades
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let fee = try row.optionalDecimal("fee_amount")
    let asset = try row.optionalText("fee_currency")
    let name = try row.optionalText("symbol")?.lowercased() ?? ask.market?.id ?? ""
    var fees: [VenueAmount] = []
    if let fee, let asset { fees = [VenueAmount(asset, fee)] }
    return Fill(
      id: try row.text("tid"), order: try row.text("order_id"),
      time: try row.time(.milliseconds, "timestampms"), market: name,
      side: try row["type"].sideOfWord(), price: try row.decimal("price"),
      amount: try row.decimal("amount"), fees: fees,
      isMaker: try row.optionalFlag("aggressor").map { !$0 },
      part: name.hasSuffix("perp") ? .swap : .spot)
  }

  // https://docs.gemini.com/rest/fund-management#list-past-transfers
  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let direction: Transfer.Direction
    switch try row.text("type") {
    case "Deposit": direction = .deposit
    case "Withdrawal": direction = .withdrawal
    default: return nil
    }
    let asset = try row.text("currency")
    let fee = try row.optionalDecimal("feeAmount")
    return Transfer(
      id: try row.optionalText("eid"), transactionHash: try row.optionalText("txHash"),
      time: try row.time(.milliseconds, "timestampms"), direction: direction, asset: asset,
      amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
      network: try row.optionalText("method"),
      address: try row.optionalText("destination"), status: try status(row))
  }

  private static func status(_ row: Node) throws(VenueFault) -> Transfer.Status? {
    switch try row.optionalText("status") {
    case "Complete", "Advanced": .ok
    case "Pending": .pending
    default: nil
    }
  }

  /// Rewards, reductions, credits and moves that a transfer's route also lists.
  static func transferLine(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("type")
    let kinds: [String: EntryKind] = [
      "Reward": .reward, "AdminCredit": .receive, "AdminDebit": .fee, "Deposit": .deposit,
      "Withdrawal": .withdrawal,
    ]
    let isOut = ["Withdrawal", "AdminDebit"].contains(type)
    let amount = try row.decimal("amount")
    return StatementRow(
      id: try row.optionalText("eid"), time: try row.time(.milliseconds, "timestampms"),
      asset: try row.text("currency"), amount: isOut ? try amount.opposite() : amount,
      kind: kinds[type], type: type, isToldElsewhere: ["Deposit", "Withdrawal"].contains(type))
  }

  /// A line of the staking account; rewards are told by `Interest`.
  static func stakingLine(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("transactionType")
    let kinds: [String: EntryKind] = [
      "Interest": .staking, "Deposit": .stake, "Redeem": .unstake, "RedeemPayment": .unstake,
    ]
    let isOut = ["Redeem", "RedeemPayment"].contains(type)
    let amount = try row.decimal("amount").sizeOnly()
    return StatementRow(
      id: try row.text("transactionId"), time: try row.time(.milliseconds, "dateTime"),
      asset: try row.text("amountCurrency"), amount: isOut ? try amount.opposite() : amount,
      kind: kinds[type], type: type, part: .staking)
  }

  // https://docs.gemini.com/rest/derivatives
  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let amount = try row.decimal("quantity")
    return OpenPosition(
      market: try row.text("symbol"), isLong: amount.isZero ? nil : !amount.isNegative,
      contracts: try amount.sizeOnly(), entryPrice: try row.optionalDecimal("average_cost"),
      markPrice: try row.optionalDecimal("mark_price"),
      unrealised: try row.optionalDecimal("unrealised_pnl"))
  }

  // MARK: - Orders

  // https://docs.gemini.com/rest/orders
  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("type")
    let isLive = try row.optionalFlag("is_live")
    let isCancelled = try row.optionalFlag("is_cancelled")
    return Order(
      id: try row.text("order_id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.milliseconds, "timestampms"),
      market: try row.optionalText("symbol")?.lowercased(), type: type.map(word),
      side: try row["side"].sideOfWord(), price: try row["price"].decimalButZero(),
      amount: try row.optionalDecimal("original_amount"),
      filled: try row.optionalDecimal("executed_amount"),
      remaining: try row.optionalDecimal("remaining_amount"),
      average: try row["avg_execution_price"].decimalButZero(),
      status: isLive == true ? .open : isCancelled == true ? .canceled : isLive.map { _ in .closed }
    )
  }

  private static func word(_ type: String) -> String {
    switch type {
    case "exchange limit", "auction-only exchange limit", "stop-limit": "limit"
    case "market buy", "market sell": "market"
    default: type
    }
  }

  static let desk = OrderDesk(
    place: Feed(calls: placing, rows: Picks.body, row: order),
    cancel: Feed(
      calls: { ask throws(VenueFault) in
        signed("v1/order/cancel", ["order_id": .string(try Picks.order(ask))])
      }, rows: Picks.body, row: order),
    find: Feed(
      calls: { ask in
        signed(
          "v1/order/status",
          [
            "order_id": .text(ask.order),
            "client_order_id": .text(ask.order == nil ? ask.clientOrder : nil),
          ])
      }, rows: Picks.optionalOneOrList, row: order),
    open: Feed(calls: { _ in signed("v1/orders") }, rows: Picks.list(), row: order),
    clientIDMost: 100)

  /// There are limit orders only; one that is to be done at once says so in its options.
  private static func placing(_ ask: Ask) throws(VenueFault) -> [Call] {
    let order = try Picks.newOrder(ask)
    guard order.type == .limit else { throw .unsupported("market orders") }
    let options: [TimeInForce: String] = [
      .immediateOrCancel: "immediate-or-cancel", .fillOrKill: "fill-or-kill",
      .postOnly: "maker-or-cancel",
    ]
    let option = order.timeInForce.flatMap { options[$0] }
    let own = order.clientID ?? TimeForm.milliseconds.write(ask.now)
    return signed(
      "v1/order/new",
      [
        "client_order_id": .string(own), "symbol": .string(order.market.id),
        "amount": .text(order.amount), "price": .text(order.price),
        "side": .string(order.side.rawValue), "type": .string("exchange limit"),
        "options": option.map { .array([.string($0)]) },
      ])
  }
}
