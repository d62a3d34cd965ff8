import Amounts
import Encodings
import Ledger

extension HTXDialect {
  mutating func runOrders(
    _ request: SimulatedRequest, _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    switch "\(request.method) \(request.path)" {
    case "POST /v1/order/orders/place": return try place(request.json, account, at: now)
    case "GET /v1/order/openOrders": return ok(try open(fields, account))
    case "GET /v1/order/orders": return ok(try past(fields, account, at: now))
    case "GET /v1/order/orders/getClientOrder":
      let client = fields["clientOrderId"] ?? ""
      guard let order = exchange.order(nil, clientID: client, account: account) else {
        throw HTXRefusal("base-record-invalid", "record invalid")
      }
      return ok(orderRow(order, account))
    case "POST /v1/order/orders/submitCancelClientOrder":
      let client = request.json["client-order-id"]?.plainText ?? ""
      let order = exchange.order(nil, clientID: client, account: account)
      _ = try cancel(order?.id ?? -1, account, at: now)
      return ok(0)
    default: return try runOneOrder(request, account, at: now)
    }
  }

  private mutating func runOneOrder(
    _ request: SimulatedRequest, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    let parts = request.parts
    guard parts.count >= 4, parts[0] == "v1", parts[1] == "order", parts[2] == "orders",
      let id = Int64(parts[3])
    else { throw HTXRefusal("gateway-internal-error", "path is not known") }
    if request.method == "POST", parts.count == 5, parts[4] == "submitcancel" {
      return ok(.wholeText(try cancel(id, account, at: now).id))
    }
    guard let order = exchange.order(id, account: account) else {
      throw HTXRefusal("base-record-invalid", "record invalid")
    }
    if parts.count == 5, parts[4] == "matchresults" {
      let rows = exchange.events(account, [.trade], at: now).filter { $0.order == id }
      return ok(.array(rows.map(matchRow)))
    }
    return ok(orderRow(order, account))
  }

  private mutating func place(
    _ body: JSON, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    guard body["account-id"]?.plainText == String(HTXDialect.spot(account)) else {
      throw HTXRefusal("account-get-accounts-inexistent-error", "account for id is inexistent")
    }
    let wish = try wish(body)
    do {
      return ok(.wholeText(try exchange.place(wish, account: account, at: now).id))
    } catch {
      throw HTXDialect.refusal(error)
    }
  }

  /// The amount of a market buy is in quote.
  private func wish(_ body: JSON) throws(HTXRefusal) -> OrderWish {
    let market = try market(body["symbol"]?.plainText)
    let type = body["type"]?.plainText ?? ""
    let parts = type.split(separator: "-", maxSplits: 1).map(String.init)
    guard parts.count == 2, parts[0] == "buy" || parts[0] == "sell" else {
      throw HTXRefusal("invalid-type", "invalid type")
    }
    guard let amount = body["amount"]?.fixed else {
      throw HTXRefusal("invalid-amount", "invalid amount")
    }
    var wish = OrderWish(market: market.index, isBuy: parts[0] == "buy")
    wish.clientID = body["client-order-id"]?.plainText ?? ""
    if parts[1] == "market" {
      if wish.isBuy { wish.quoteAmount = amount } else { wish.amount = amount }
      return wish
    }
    switch parts[1] {
    case "limit": break
    case "ioc": wish.force = .immediateOrCancel
    case "limit-fok": wish.force = .fillOrKill
    case "limit-maker": wish.force = .postOnly
    default: throw HTXRefusal("invalid-type", "invalid type")
    }
    guard let price = body["price"]?.fixed else {
      throw HTXRefusal("invalid-price", "invalid price")
    }
    wish.amount = amount
    wish.price = price
    return wish
  }

  private static func refusal(_ refusal: OrderRefusal) -> HTXRefusal {
    switch refusal {
    case .insufficientFunds:
      HTXRefusal(
        "account-frozen-balance-insufficient-error",
        "trade account balance is not enough")
    case .costTooSmall:
      HTXRefusal("order-value-min-error", "Order total cannot be lower than the minimum")
    case .amountStep:
      HTXRefusal("order-orderamount-precision-error", "order amount precision error")
    case .priceStep:
      HTXRefusal("order-orderprice-precision-error", "order price precision error")
    case .badNumber: HTXRefusal("invalid-amount", "invalid amount")
    case .unknownOrder: HTXRefusal("base-record-invalid", "record invalid")
    case .unknownMarket: HTXRefusal("base-symbol-error", "The symbol is invalid")
    case .wouldTake:
      HTXRefusal("order-disabled", "the order would be matched at once")
    case .cannotFill: HTXRefusal("order-fok-error", "the order cannot be filled in full")
    case .duplicateClientID:
      HTXRefusal("base-client-order-id-duplicate", "client order id is duplicate")
    case .notAllowed: HTXRefusal("order-no-permission", "the key may not trade")
    }
  }

  private mutating func cancel(
    _ id: Int64, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> SimulatedOrder {
    do { return try exchange.cancel(id, account: account, at: now) } catch {
      throw HTXRefusal("order-orderstate-error", "the order state is error")
    }
  }

  private func open(_ fields: FormFields, _ account: Int) throws(HTXRefusal) -> JSON {
    var orders = exchange.openOrders(account)
    if fields["symbol"] != nil {
      let market = try market(fields["symbol"])
      orders = orders.filter { $0.market == market.index }
    }
    let size = Int(min(max(fields.number("size") ?? 100, 1), 500))
    return .array(
      orders.reversed().prefix(size).map { order in
        guard case .object(var row) = orderRow(order, account) else { return .null }
        row.set("filled-amount", .plain(order.filled))
        row.set("filled-cash-amount", .plain(order.cost))
        row.set("filled-fees", .plain(order.fees))
        return .object(row)
      })
  }

  private func past(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    guard let states = fields["states"] else {
      throw HTXRefusal("invalid-parameter", "states is required")
    }
    let wanted = Set(states.split(separator: ",").map(String.init))
    let market = try market(fields["symbol"])
    let size = Int(min(max(fields.number("size") ?? 100, 1), 500))
    let orders = exchange.accounts[account].orders.filter { order in
      order.market == market.index && wanted.contains(HTXDialect.state(order))
    }
    return .array(orders.reversed().prefix(size).map { orderRow($0, account) })
  }

  static func state(_ order: SimulatedOrder) -> String {
    switch order.state {
    case .open: order.filled.isZero ? "submitted" : "partial-filled"
    case .filled: "filled"
    case .canceled, .expired: order.filled.isZero ? "canceled" : "partial-canceled"
    }
  }

  static func type(_ order: SimulatedOrder) -> String {
    let side = order.isBuy ? "buy" : "sell"
    guard order.price != nil else { return side + "-market" }
    switch order.force {
    case .goodTillCanceled: return side + "-limit"
    case .immediateOrCancel: return side + "-ioc"
    case .fillOrKill: return side + "-limit-fok"
    case .postOnly: return side + "-limit-maker"
    }
  }

  func orderRow(_ order: SimulatedOrder, _ account: Int) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    let isDone = order.state != .open
    let amount = order.amount.isZero ? order.quoteAmount ?? .zero : order.amount
    var row = JSONObject([
      ("id", .whole(order.id)), ("symbol", .string(HTXDialect.symbol(market))),
      ("account-id", .whole(HTXDialect.spot(account))),
      ("client-order-id", .string(order.clientID)), ("amount", .plain(amount)),
      ("price", .plain(order.price ?? .zero)), ("created-at", .millis(order.time)),
      ("type", .string(HTXDialect.type(order))), ("field-amount", .plain(order.filled)),
      ("field-cash-amount", .plain(order.cost)), ("field-fees", .plain(order.fees)),
    ])
    row.set("finished-at", isDone ? .millis(order.updated) : 0)
    row.set("updated-at", .millis(order.updated))
    row.set("source", "spot-api")
    row.set("state", .string(HTXDialect.state(order)))
    row.set("canceled-at", order.state == .canceled ? .millis(order.updated) : 0)
    return .object(row)
  }
}
