import Amounts
import Encodings
import Ledger

// https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
extension BinanceDialect {
  /// The wish in an order's parameters.
  func wish(_ fields: FormFields) throws(BinanceRefusal) -> OrderWish {
    let market = try market(fields["symbol"])
    let side = fields["side"] ?? ""
    guard side == "BUY" || side == "SELL" else {
      throw side.isEmpty ? .missing("side") : BinanceRefusal(400, -1117, "Invalid side.")
    }
    var wish = OrderWish(market: market.index, isBuy: side == "BUY")
    wish.amount = try number(fields, "quantity")
    wish.quoteAmount = try number(fields, "quoteOrderQty")
    wish.clientID = fields["newClientOrderId"] ?? ""
    switch fields["type"] {
    case "MARKET": break
    case "LIMIT":
      guard let price = try number(fields, "price") else { throw .missing("price") }
      wish.price = price
      wish.force = try force(fields)
    case "LIMIT_MAKER":
      guard let price = try number(fields, "price") else { throw .missing("price") }
      wish.price = price
      wish.force = .postOnly
    case nil: throw .missing("type")
    default: throw BinanceRefusal(400, -1116, "Invalid orderType.")
    }
    if wish.amount == nil, wish.quoteAmount == nil || wish.price != nil {
      throw .missing("quantity")
    }
    return wish
  }

  private func force(_ fields: FormFields) throws(BinanceRefusal) -> SimulatedOrder.Force {
    switch fields["timeInForce"] {
    case "GTC": return .goodTillCanceled
    case "IOC": return .immediateOrCancel
    case "FOK": return .fillOrKill
    case nil: throw .missing("timeInForce")
    default: throw BinanceRefusal(400, -1115, "Invalid timeInForce.")
    }
  }

  private func number(_ fields: FormFields, _ name: String) throws(BinanceRefusal) -> Fixed? {
    guard let text = fields[name] else { return nil }
    guard let value = Fixed(simulated: text) else {
      throw BinanceRefusal(
        400, -1100,
        "Illegal characters found in parameter '\(name)'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'."
      )
    }
    return value
  }

  mutating func place(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    var wish = try wish(fields)
    let name = "orders \(account)"
    guard allowances.charge(name, 1, seconds: 10, at: now) <= 100 else {
      throw BinanceRefusal(
        429, -1015, "Too many new orders; current limit is 100 orders per 10 SECOND.")
    }
    if wish.clientID.isEmpty {
      wish.clientID = SeededText.letters(22, UInt64(bitPattern: exchange.lastID))
    }
    let order: SimulatedOrder
    do { order = try exchange.place(wish, account: account, at: now) } catch {
      throw BinanceDialect.refusal(error)
    }
    return placed(order, account, isFull: fields["newOrderRespType"] != "ACK")
  }

  /// The documents' words for refusals.
  ///
  /// https://developers.binance.com/docs/binance-spot-api-docs/errors
  static func refusal(_ refusal: OrderRefusal) -> BinanceRefusal {
    switch refusal {
    case .insufficientFunds:
      BinanceRefusal(400, -2010, "Account has insufficient balance for requested action.")
    case .duplicateClientID: BinanceRefusal(400, -2010, "Duplicate order sent.")
    case .wouldTake:
      BinanceRefusal(400, -2010, "Order would immediately match and take.")
    case .notAllowed: BinanceRefusal(400, -2010, "This account may not place or cancel orders.")
    case .amountStep: BinanceRefusal(400, -1013, "Filter failure: LOT_SIZE")
    case .priceStep: BinanceRefusal(400, -1013, "Filter failure: PRICE_FILTER")
    case .costTooSmall: BinanceRefusal(400, -1013, "Filter failure: NOTIONAL")
    case .unknownOrder: BinanceRefusal(400, -2011, "Unknown order sent.")
    case .unknownMarket: BinanceRefusal(400, -1121, "Invalid symbol.")
    case .cannotFill: BinanceRefusal(400, -2010, "Order could not be filled in full.")
    case .badNumber: BinanceRefusal(400, -1013, "Invalid quantity.")
    }
  }

  private func placed(_ order: SimulatedOrder, _ account: Int, isFull: Bool) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    var row = JSONObject([
      ("symbol", .string(BinanceDialect.symbol(market))), ("orderId", .whole(order.id)),
      ("orderListId", -1), ("clientOrderId", .string(order.clientID)),
      ("transactTime", .millis(order.time)),
    ])
    guard isFull else { return .object(row) }
    for (name, value) in state(order) { row.set(name, value) }
    let fills = exchange.accounts[account].events.suffix(order.fills + 1)
      .filter { $0.kind == .trade && $0.order == order.id }
    row.set(
      "fills",
      .array(
        fills.map { fill in
          [
            "price": .padded(fill.price, 8), "qty": .padded(fill.amount, 8),
            "commission": .padded(fill.fee, 8), "commissionAsset": .string(fill.feeAsset),
            "tradeId": .whole(fill.id),
          ]
        }))
    return .object(row)
  }

  private func state(_ order: SimulatedOrder) -> [(String, JSON)] {
    let amount = order.amount.isZero ? order.filled : order.amount
    return [
      ("price", .padded(order.price ?? .zero, 8)), ("origQty", .padded(amount, 8)),
      ("executedQty", .padded(order.filled, 8)),
      ("origQuoteOrderQty", .padded(order.quoteAmount ?? .zero, 8)),
      ("cummulativeQuoteQty", .padded(order.cost, 8)),
      ("status", .string(BinanceDialect.status(order))),
      ("timeInForce", .string(BinanceDialect.force(order))),
      ("type", .string(BinanceDialect.type(order))),
      ("side", order.isBuy ? "BUY" : "SELL"), ("workingTime", .millis(order.time)),
      ("selfTradePreventionMode", "NONE"),
    ]
  }

  static func status(_ order: SimulatedOrder) -> String {
    switch order.state {
    case .open: order.filled.isZero ? "NEW" : "PARTIALLY_FILLED"
    case .filled: "FILLED"
    case .canceled: "CANCELED"
    case .expired: "EXPIRED"
    }
  }

  static func type(_ order: SimulatedOrder) -> String {
    order.price == nil ? "MARKET" : order.force == .postOnly ? "LIMIT_MAKER" : "LIMIT"
  }

  static func force(_ order: SimulatedOrder) -> String {
    switch order.force {
    case .goodTillCanceled, .postOnly: "GTC"
    case .immediateOrCancel: "IOC"
    case .fillOrKill: "FOK"
    }
  }

  func orderRow(_ order: SimulatedOrder) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    var row = JSONObject([
      ("symbol", .string(BinanceDialect.symbol(market))), ("orderId", .whole(order.id)),
      ("orderListId", -1), ("clientOrderId", .string(order.clientID)),
    ])
    for (name, value) in state(order) { row.set(name, value) }
    row.set("stopPrice", "0.00000000")
    row.set("icebergQty", "0.00000000")
    row.set("time", .millis(order.time))
    row.set("updateTime", .millis(order.updated))
    row.set("isWorking", true)
    return .object(row)
  }

  func found(_ fields: FormFields, _ account: Int) throws(BinanceRefusal) -> SimulatedOrder {
    let market = try market(fields["symbol"])
    let id = fields.number("orderId")
    let client = fields["origClientOrderId"] ?? ""
    guard id != nil || !client.isEmpty else {
      throw BinanceRefusal(
        400, -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
      )
    }
    guard let order = exchange.order(id, clientID: client, account: account),
      order.market == market.index
    else { throw BinanceRefusal(400, -2013, "Order does not exist.") }
    return order
  }

  func openOrders(_ fields: FormFields, _ account: Int) throws(BinanceRefusal) -> JSON {
    var orders = exchange.openOrders(account)
    if fields["symbol"] != nil {
      let market = try market(fields["symbol"])
      orders = orders.filter { $0.market == market.index }
    }
    return .array(orders.map(orderRow))
  }

  func allOrders(_ fields: FormFields, _ account: Int) throws(BinanceRefusal) -> JSON {
    let market = try market(fields["symbol"])
    let limit = Int(min(max(fields.number("limit") ?? 500, 1), 1_000))
    var orders = exchange.accounts[account].orders.filter { $0.market == market.index }
    if let start = fields.number("orderId") { orders = orders.filter { $0.id >= start } }
    if let from = fields.number("startTime") {
      orders = orders.filter { $0.time.milliseconds >= from }
    }
    if let to = fields.number("endTime") { orders = orders.filter { $0.time.milliseconds <= to } }
    return .array(orders.suffix(limit).map(orderRow))
  }

  mutating func cancel(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    let order: SimulatedOrder
    do { order = try found(fields, account) } catch {
      throw error.code == -2013 ? BinanceDialect.refusal(.unknownOrder) : error
    }
    return canceled(try cancel(order, account, at: now), fields)
  }

  mutating func cancelAll(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    let market = try market(fields["symbol"])
    let orders = exchange.openOrders(account).filter { $0.market == market.index }
    if orders.isEmpty { throw BinanceDialect.refusal(.unknownOrder) }
    var rows: [JSON] = []
    for order in orders { rows.append(canceled(try cancel(order, account, at: now), fields)) }
    return .array(rows)
  }

  private mutating func cancel(
    _ order: SimulatedOrder, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> SimulatedOrder {
    do { return try exchange.cancel(order.id, account: account, at: now) } catch {
      throw BinanceDialect.refusal(error)
    }
  }

  private func canceled(_ order: SimulatedOrder, _ fields: FormFields) -> JSON {
    guard case .object(var row) = orderRow(order) else { return .null }
    row.set("origClientOrderId", .string(order.clientID))
    row.set("clientOrderId", .string(SeededText.letters(22, UInt64(bitPattern: order.id))))
    row.set("transactTime", .millis(order.updated))
    return .object(row)
  }
}
