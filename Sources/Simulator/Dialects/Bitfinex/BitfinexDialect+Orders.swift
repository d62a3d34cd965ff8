import Amounts
import Encodings
import Ledger

// https://docs.bitfinex.com/reference/rest-auth-submit-order and its neighbours
extension BitfinexDialect {
  mutating func runOrders(
    _ parts: [String], _ body: JSON, _ account: Int, at now: Instant
  ) throws(BitfinexRefusal) -> JSON {
    switch parts.joined(separator: "/") {
    case "r/orders": return open(nil, body, account)
    case "r/orders/hist": return history(nil, body, account)
    case "w/order/submit": return try submit(body, account, at: now)
    case "w/order/cancel": return try cancel(body, account, at: now)
    case "w/order/cancel/multi": return cancelMany(body, account, at: now)
    default: break
    }
    guard parts.count >= 3, parts[0] == "r" else { throw .unknown }
    switch (parts[1], parts.count) {
    case ("orders", 3): return open(try market(parts[2]), body, account)
    case ("orders", 4) where parts[3] == "hist":
      return history(try market(parts[2]), body, account)
    case ("order", 4) where parts[3] == "trades":
      let id = parts[2].split(separator: ":").last.flatMap { Int64($0) }
      let rows = exchange.events(account, [.trade], at: now).filter { $0.order == id }
      return .array(rows.map { tradeRow($0, order: nil) })
    default: throw .unknown
    }
  }

  private func open(_ market: SimulatedMarket?, _ body: JSON, _ account: Int) -> JSON {
    let wanted = (body["id"]?.list ?? []).compactMap(\.wholeNumber)
    return .array(
      exchange.openOrders(account).filter { order in
        (market == nil || order.market == market?.index)
          && (wanted.isEmpty || wanted.contains(order.id))
      }.map(orderRow))
  }

  private func history(_ market: SimulatedMarket?, _ body: JSON, _ account: Int) -> JSON {
    let wanted = (body["id"]?.list ?? []).compactMap(\.wholeNumber)
    let limit = min(max(Int(body["limit"]?.wholeNumber ?? 25), 1), 2_500)
    let rows = exchange.accounts[account].orders.filter { order in
      order.state != .open && (market == nil || order.market == market?.index)
        && (wanted.isEmpty || wanted.contains(order.id))
        && order.time.milliseconds >= body["start"]?.wholeNumber ?? .min
        && order.time.milliseconds <= body["end"]?.wholeNumber ?? .max
    }
    return .array(rows.reversed().prefix(limit).map(orderRow))
  }

  static func type(_ order: SimulatedOrder) -> String {
    guard order.price != nil else { return "EXCHANGE MARKET" }
    switch order.force {
    case .immediateOrCancel: return "EXCHANGE IOC"
    case .fillOrKill: return "EXCHANGE FOK"
    default: return "EXCHANGE LIMIT"
    }
  }

  static func status(_ order: SimulatedOrder) -> String {
    let filled = order.isBuy ? order.filled : -order.filled
    let part = "@ \(order.averagePrice.kept(8).text)(\(filled.text))"
    switch order.state {
    case .open: return order.filled.isZero ? "ACTIVE" : "PARTIALLY FILLED \(part)"
    case .filled: return "EXECUTED \(part)"
    case .canceled:
      return order.filled.isZero ? "CANCELED" : "CANCELED was: PARTIALLY FILLED \(part)"
    case .expired: return order.price == nil ? "INSUFFICIENT BALANCE (G1)" : "IOC CANCELED"
    }
  }

  /// 32 fields; `AMOUNT` is what is left.
  func orderRow(_ order: SimulatedOrder) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    func signed(_ value: Fixed) -> JSON { .decimal(order.isBuy ? value : -value) }
    let price = order.price ?? order.averagePrice.kept(8)
    return [
      .whole(order.id), .null, Int64(order.clientID).map { .whole($0) } ?? .null,
      .string(BitfinexDialect.symbol(market)), .millis(order.time), .millis(order.updated),
      signed(order.rest), signed(order.amount), .string(BitfinexDialect.type(order)), .null, .null,
      .null, order.force == .postOnly ? 4_096 : 0, .string(BitfinexDialect.status(order)), .null,
      .null, .decimal(price), .decimal(order.averagePrice.kept(8)), 0, 0, .null, .null, .null, 0,
      0, .null, .null, .null, "API>BFX", .null, .null, .object(JSONObject()),
    ]
  }

  private func notified(
    _ type: String, _ rows: JSON, _ text: String, at now: Instant
  ) -> JSON {
    [.millis(now), .string(type), .null, .null, rows, .null, "SUCCESS", .string(text)]
  }

  private mutating func submit(
    _ body: JSON, _ account: Int, at now: Instant
  ) throws(BitfinexRefusal) -> JSON {
    let wish = try wish(body)
    do {
      let order = try exchange.place(wish, account: account, at: now)
      return notified("on-req", [orderRow(order)], "Submitting 1 orders.", at: now)
    } catch {
      throw BitfinexDialect.refusal(error)
    }
  }

  func wish(_ body: JSON) throws(BitfinexRefusal) -> OrderWish {
    let market = try market(body["symbol"]?.plainText)
    guard let amount = body["amount"]?.fixed, !amount.isZero else {
      throw BitfinexRefusal(10_001, "Invalid order: amount: invalid")
    }
    var wish = OrderWish(market: market.index, isBuy: !amount.isNegative)
    wish.amount = amount.isNegative ? -amount : amount
    wish.clientID = body["cid"]?.plainText ?? ""
    switch body["type"]?.plainText {
    case "EXCHANGE MARKET": return wish
    case "EXCHANGE LIMIT": break
    case "EXCHANGE IOC": wish.force = .immediateOrCancel
    case "EXCHANGE FOK": wish.force = .fillOrKill
    default: throw BitfinexRefusal(10_001, "Invalid order: type: invalid")
    }
    guard let price = body["price"]?.fixed else {
      throw BitfinexRefusal(10_001, "Invalid order: price: invalid")
    }
    wish.price = price
    let flags = body["flags"]?.wholeNumber ?? 0
    if flags & 4_096 != 0, wish.force == .goodTillCanceled { wish.force = .postOnly }
    return wish
  }

  static func refusal(_ refusal: OrderRefusal) -> BitfinexRefusal {
    let text =
      switch refusal {
      case .insufficientFunds: "Invalid order: not enough exchange balance"
      case .wouldTake: "Invalid order: post only would be filled"
      case .costTooSmall, .amountStep, .badNumber: "Invalid order: minimum size not met"
      case .priceStep: "Invalid price."
      case .duplicateClientID: "Invalid order: cid: duplicate"
      case .unknownOrder: "Order not found."
      case .unknownMarket: "symbol: invalid"
      case .cannotFill: "Invalid order: fill or kill cannot be filled"
      case .notAllowed: "action: disabled"
      }
    return BitfinexRefusal(10_001, text)
  }

  private mutating func cancel(
    _ body: JSON, _ account: Int, at now: Instant
  ) throws(BitfinexRefusal) -> JSON {
    let client = body["cid"]?.plainText ?? ""
    guard let known = exchange.order(body["id"]?.wholeNumber, clientID: client, account: account)
    else { throw BitfinexDialect.refusal(.unknownOrder) }
    do {
      let order = try exchange.cancel(known.id, account: account, at: now)
      let text = "Submitted for cancellation; waiting for confirmation (ID: \(order.id))."
      return notified("oc-req", orderRow(order), text, at: now)
    } catch {
      throw BitfinexDialect.refusal(error)
    }
  }

  private mutating func cancelMany(_ body: JSON, _ account: Int, at now: Instant) -> JSON {
    let wanted = (body["id"]?.list ?? []).compactMap(\.wholeNumber)
    let isAll = body["all"]?.wholeNumber == 1
    var rows: [JSON] = []
    for order in exchange.openOrders(account) where isAll || wanted.contains(order.id) {
      do {
        let done = try exchange.cancel(order.id, account: account, at: now)
        rows.append(orderRow(done))
      } catch { continue }
    }
    return notified(
      "oc_multi-req", .array(rows), "Submitting \(rows.count) order cancellations.", at: now)
  }
}
