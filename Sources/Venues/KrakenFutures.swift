import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Kraken Futures; its keys are not those of Kraken.
  public static let krakenfutures = Venue(
    id: "krakenfutures", name: "Kraken Futures",
    documents: [
      "https://docs.kraken.com/api/docs/guides/futures-rest",
      "https://docs.kraken.com/api/docs/futures-api/trading/get-fills",
      "https://docs.kraken.com/api/docs/futures-api/history/account-log",
    ],
    surfaces: [
      Surface("public", KrakenFutures.host, "/derivatives/api/v3/"),
      Surface("charts", KrakenFutures.host, "/api/charts/v1/"),
      Surface("markets", KrakenFutures.host, "/api/history/v3/market/"),
      Surface("private", KrakenFutures.host, "/derivatives/api/v3/", KrakenFutures.recipe),
      Surface("history", KrakenFutures.host, "/api/history/v2/", KrakenFutures.recipe),
      Surface("log", KrakenFutures.host, "/api/history/v3/", KrakenFutures.recipe),
    ],
    limits: KrakenFutures.limits, faults: KrakenFutures.faults,
    aliases: ["XBT": "BTC", "XDG": "DOGE"], feeds: KrakenFutures.feeds,
    desk: KrakenFutures.desk,
    unseen: ["fees in fills: they stand in the account log", "options"])
}

// https://docs.kraken.com/api/docs/guides/futures-rest
enum KrakenFutures {
  static let host = "https://futures.kraken.com"

  /// All parameters stand in the query, but a batch's `json` in the body; signed is either with the
  /// path, without `/derivatives`.
  static let recipe = Recipe([
    .custom { draft throws(VenueFault) in
      guard let batch = draft.parameters["json"] else { return try draft.run([.query(.strict)]) }
      draft.body = "json=" + batch.plainText
    },
    .bind(
      "path",
      .made { draft throws(VenueFault) in
        let start = "/derivatives"
        let path = draft.path
        return Array((path.hasPrefix(start) ? String(path.dropFirst(start.count)) : path).utf8)
      }),
    .header("Content-Type", "application/x-www-form-urlencoded"),
    .header("Accept", "application/json"),
    .header("APIKey", .key),
    .header(
      "Authent",
      .base64(
        .hmac(
          .sha512, key: .unbase64(.secret),
          .hash(.sha256, .join([.query, .body, .value("path")]))))),
  ])

  // https://docs.kraken.com/api/docs/guides/futures-rate-limits: 500 points in 10 seconds for
  // trading, 100 in 10 minutes for history.
  static let limits = Limits([
    LimitBucket("derivatives", capacity: 500, refill: .window(seconds: 10), scope: .key),
    LimitBucket("history", capacity: 100, refill: .window(seconds: 600), scope: .key),
    LimitBucket("public", capacity: 20, refill: .window(seconds: 10), scope: .address),
  ])

  // https://docs.kraken.com/api/docs/guides/futures-introduction
  static let faults = FaultTable(
    codes: [
      "apiLimitExceeded": .rate, "authenticationError": .auth, "accountInactive": .auth,
      "nonceBelowThreshold": .clock, "nonceDuplicate": .clock, "requestTimeout": .unknownOutcome,
      "Unavailable": .retryable, "unavailable": .retryable, "marketUnavailable": .retryable,
      "Server Error": .unknownOutcome, "insufficientAvailableFunds": .funds,
      "insufficientFunds": .funds, "notFound": .orderNotFound,
      "orderForEditNotFound": .orderNotFound,
      "clientOrderIdAlreadyExist": .definitive, "filled": .definitive,
    ],
    texts: ["limit exceeded": .rate],
    find: { body, status in
      func word(_ node: Node) -> String { ((try? node.optionalText()) ?? nil) ?? "" }
      if word(body["result"]) == "error" {
        return (word(body.first(["error", "code"])), word(body.first(["error", "message"])))
      }
      let placed = word(body["sendStatus"]["status"])
      if !placed.isEmpty, !["placed", "partiallyFilled", "filled"].contains(placed) {
        return (placed, placed)
      }
      let cancelled = word(body["cancelStatus"]["status"])
      if !cancelled.isEmpty, cancelled != "cancelled" { return (cancelled, cancelled) }
      return status >= 400 ? (word(body["error"]), word(body["error"])) : nil
    })

  // MARK: - Money

  /// An asset of the account with many collaterals.
  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: row.key.uppercased(), free: try row.optionalDecimal("available"),
      total: try row.decimal("quantity"), part: .swap)
  }

  static func cash(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(asset: row.key.uppercased(), total: try row.decimal(), part: .funding)
  }

  /// The account of an inverse market: its own currency, beside which contracts are listed.
  static func marginBalance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    guard try row.optionalText("type") == "marginAccount" else { return nil }
    let asset = try row.text("currency")
    let total = try row["balances"].decimal(asset)
    // Available funds hold profits not yet realised, too, which no balance has.
    let available = try row["auxiliary"].optionalDecimal("af")
    return Balance(
      asset: asset.uppercased(), free: available.map { $0 < total ? $0 : total }, total: total,
      part: .inverse)
  }

  // https://docs.kraken.com/api/docs/futures-api/trading/get-fills
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let market = try row.text("symbol")
    let kind = try row.optionalText("fillType")
    return Fill(
      id: try row.text("fill_id"), order: try row.optionalText("order_id"),
      time: try row.time(.iso, "fillTime"), market: market, side: try row["side"].sideOfWord(),
      price: try row.decimal("price"), amount: try row.decimal("size"),
      isMaker: kind == "maker" ? true : kind == "taker" ? false : nil,
      part: market.lowercased().hasPrefix("pf_") || market.lowercased().hasPrefix("ff_")
        ? .swap : .inverse)
  }

  // https://docs.kraken.com/api/docs/futures-api/history/account-log
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let before = try row.decimal("old_balance")
    let after = try row.decimal("new_balance")
    guard let change = try? after.subtracting(before) else {
      throw row.fault("balances within range")
    }
    let asset = try row.text("asset").uppercased()
    let type = try row.text("info")
    let fee = try row["fee"].decimalButZero()
    return StatementRow(
      id: try row.text("id"), time: try row.time(.iso, "date"), asset: asset, amount: change,
      kind: kind(type.lowercased(), change), type: type,
      reference: try row.optionalText("execution"), fee: fee.map { VenueAmount(asset, $0) },
      after: after, part: .swap,
      // A trade's line of contracts is the fill; its line of money holds profit and fee.
      isToldElsewhere: asset.hasPrefix("PI_") || asset.hasPrefix("FI_")
        || asset.hasPrefix("PF_") || asset.hasPrefix("FF_"))
  }

  private static func kind(_ type: String, _ amount: Fixed) -> EntryKind? {
    if type.contains("funding") || type.contains("interest") { return .marginFee }
    if type.contains("transfer") { return .internalTransfer }
    if type.contains("conversion") { return .trade }
    if type.contains("liquidation") { return .liquidation }
    let isResult = ["trade", "settlement", "realized", "assignment"]
    if isResult.contains(where: { type.contains($0) }) {
      return amount.isNegative ? .marginLoss : .marginGain
    }
    return type.contains("rebate") ? .feeRebate : nil
  }

  // https://docs.kraken.com/api/docs/futures-api/trading/get-open-positions
  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let side = try row.text("side")
    let leverage = try row.optionalDecimal("maxFixedLeverage")
    return OpenPosition(
      market: try row.text("symbol"),
      isLong: side == "long" ? true : side == "short" ? false : nil,
      contracts: try row.decimal("size"), entryPrice: try row.optionalDecimal("price"),
      leverage: leverage, isIsolated: leverage != nil)
  }

  // MARK: - Orders

  /// An order that stands, or one in the form of its status.
  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let inner = row["order"].isNothing ? row : row["order"]
    let left = try inner.optionalDecimal("unfilledSize")
    let word = try row.optionalText("status")
    return Order(
      id: try inner.text("order_id", "orderId"), clientID: try inner.optionalText("cliOrdId"),
      time: try inner.optionalTime(.iso, "receivedTime", "timestamp"),
      market: try inner.text("symbol"),
      type: try inner.optionalText("orderType", "type").map(type),
      side: try inner["side"].sideOfWord(), price: try inner["limitPrice"].decimalButZero(),
      amount: try inner.optionalDecimal("quantity"),
      filled: try inner.optionalDecimal("filledSize", "filled"), remaining: left,
      status: word.flatMap(status))
  }

  private static func type(_ word: String) -> String {
    switch word.lowercased() {
    case "lmt", "limit", "post", "stp", "take_profit": "limit"
    case "mkt", "market", "ioc", "fok": "market"
    default: word.lowercased()
    }
  }

  private static func status(_ word: String) -> Order.Status? {
    switch word {
    case "untouched", "partiallyFilled", "placed", "ENTERED_BOOK", "TRIGGER_PLACED",
      "PARTIALLY_FILLED":
      .open
    case "filled", "FULLY_EXECUTED": .closed
    case "cancelled", "CANCELLED": .canceled
    case "REJECTED", "TRIGGER_ACTIVATION_FAILURE": .rejected
    default: nil
    }
  }

  /// An event of the history that ends an order; others are passed over.
  ///
  /// https://docs.kraken.com/api/docs/futures-api/history/order-events
  static func ended(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let event = row["event"]
    let isCancelled = !event["OrderCancelled"].isNothing
    let told = event.first(["OrderUpdated", "OrderPlaced", "OrderCancelled"])
    let order = told.first(["newOrder", "order"])
    if order.isNothing { return nil }
    let left = try order.decimal("quantity")
    let filled = try order.decimal("filled")
    guard isCancelled || (left.isZero && !filled.isZero) else { return nil }
    return Order(
      id: try order.text("uid"), clientID: try order.optionalText("clientId"),
      time: try order.time(.milliseconds, "timestamp"), market: try order.text("tradeable"),
      type: try order.optionalText("orderType").map(type),
      side: try order["direction"].sideOfWord(),
      price: try order["limitPrice"].decimalButZero(), filled: filled, remaining: left,
      status: isCancelled ? .canceled : .closed)
  }

  /// The status of an order just sent: the order as it was before its first executions, which are
  /// told beside it.
  static func sent(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let id = try row.text("order_id", "orderId")
    guard let first = try row["orderEvents"].optionalElements().first else {
      return Picks.placed(id, ask)
    }
    let order = first.first(["new", "order", "orderPriorExecution", "orderTrigger"])
    if order.isNothing { return Picks.placed(id, ask) }
    var filled = try order.optionalDecimal("filled") ?? .zero
    for event in try row["orderEvents"].elements() where !event["executionId"].isNothing {
      guard let sum = try? filled.adding(try event.decimal("amount")) else {
        throw event.fault("amounts within range")
      }
      filled = sum
    }
    let amount = try order.optionalDecimal("quantity")
    return Order(
      id: id, clientID: try order.optionalText("cliOrdId"),
      time: try order.optionalTime(.iso, "timestamp"), market: try order.text("symbol"),
      type: try order.optionalText("type").map(type), side: try order["side"].sideOfWord(),
      price: try order["limitPrice"].decimalButZero(), amount: amount, filled: filled,
      status: amount == filled ? .closed : .open)
  }

  static let desk = OrderDesk(
    place: Feed(calls: placing, rows: Picks.one("sendStatus"), row: sent),
    cancel: Feed(
      calls: { ask in
        [
          Call(
            "private", "POST", "cancelorder",
            [
              "order_id": .text(ask.order),
              "cliOrdId": .text(ask.order == nil ? ask.clientOrder : nil),
            ], cost: ["derivatives": 10])
        ]
      }, rows: Picks.one("cancelStatus"),
      row: { row, ask throws(VenueFault) in
        var order = Picks.canceled(ask)
        order.id = try row.optionalText("order_id") ?? order.id
        return order
      }),
    find: Feed(
      calls: { ask in
        [
          Call(
            "private", "GET", "orders/status",
            [
              "orderIds": .text(ask.order),
              "cliOrdIds": .text(ask.order == nil ? ask.clientOrder : nil),
            ], cost: ["derivatives": 1])
        ]
      }, rows: Picks.list("orders"), row: order),
    open: Feed(
      evidence: .recorded,
      calls: { _ in [Call("private", "GET", "openorders", cost: ["derivatives": 2])] },
      rows: Picks.list("openOrders"), row: order),
    clientIDMost: 100)

  private static func placing(_ ask: Ask) throws(VenueFault) -> [Call] {
    let order = try Picks.newOrder(ask)
    let words: [TimeInForce: String] = [
      .immediateOrCancel: "ioc", .fillOrKill: "fok", .postOnly: "post",
    ]
    let isMarket = order.type == .market
    let type = isMarket ? "mkt" : order.timeInForce.flatMap { words[$0] } ?? "lmt"
    return [
      Call(
        "private", "POST", "sendorder",
        [
          "symbol": .string(order.market.id), "side": .string(order.side.rawValue),
          "size": .text(order.amount), "cliOrdId": .text(order.clientID),
          "reduceOnly": order.isReduceOnly ? .bool(true) : nil, "orderType": .string(type),
          "limitPrice": isMarket ? nil : .text(order.price),
        ], cost: ["derivatives": 10])
    ]
  }
}
