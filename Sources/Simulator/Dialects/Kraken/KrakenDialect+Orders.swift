import Amounts
import Encodings
import Ledger

// https://docs.kraken.com/api/docs/rest-api/add-order and its neighbours
extension KrakenDialect {
  mutating func runOrders(
    _ name: String, _ fields: KrakenFields, _ account: Int, at now: Instant
  ) throws(KrakenRefusal) -> JSON {
    switch name {
    case "AddOrder": return try place(fields, account, at: now)
    case "CancelOrder": return try cancel(fields, account, at: now)
    case "CancelAll":
      let open = exchange.openOrders(account)
      for order in open { try cancel(order.id, account, at: now) }
      return ["count": .count(open.count)]
    case "OpenOrders":
      var rows = JSONObject()
      for order in exchange.openOrders(account) where isWanted(order, fields) {
        rows.set(KrakenDialect.id("O", order.id), orderRow(order))
      }
      return ["open": .object(rows)]
    case "ClosedOrders": return closed(fields, account)
    case "QueryOrders": return try query(fields, account)
    default: throw KrakenRefusal("EGeneral:Unknown method")
    }
  }

  private func isWanted(_ order: SimulatedOrder, _ fields: KrakenFields) -> Bool {
    fields["cl_ord_id"] == nil || fields["cl_ord_id"] == order.clientID
  }

  private func closed(_ fields: KrakenFields, _ account: Int) -> JSON {
    let done = exchange.accounts[account].orders.filter {
      $0.state != .open && isWanted($0, fields)
    }
    let offset = Int(min(max(fields.whole("ofs") ?? 0, 0), 10_000_000))
    var rows = JSONObject()
    for order in done.reversed().dropFirst(offset).prefix(50) {
      rows.set(KrakenDialect.id("O", order.id), orderRow(order))
    }
    return ["closed": .object(rows), "count": .count(done.count)]
  }

  private func query(_ fields: KrakenFields, _ account: Int) throws(KrakenRefusal) -> JSON {
    let wanted = (fields["txid"] ?? "").split(separator: ",").prefix(50).map(String.init)
    var rows = JSONObject()
    for id in wanted {
      guard let order = order(id, account) else { throw KrakenRefusal("EOrder:Unknown order") }
      rows.set(id, orderRow(order))
    }
    return .object(rows)
  }

  func order(_ id: String, _ account: Int) -> SimulatedOrder? {
    exchange.accounts[account].orders.last {
      KrakenDialect.id("O", $0.id) == id || (!$0.clientID.isEmpty && $0.clientID == id)
    }
  }

  private mutating func place(
    _ fields: KrakenFields, _ account: Int, at now: Instant
  ) throws(KrakenRefusal) -> JSON {
    let wish = try wish(fields)
    guard let market = exchange.market(wish.market) else {
      throw KrakenRefusal("EQuery:Unknown asset pair")
    }
    let text = KrakenDialect.words(wish, market)
    if fields["validate"] == "true" { return ["descr": ["order": .string(text)]] }
    let order: SimulatedOrder
    do { order = try exchange.place(wish, account: account, at: now) } catch {
      throw KrakenDialect.refusal(error)
    }
    let id = JSON.string(KrakenDialect.id("O", order.id))
    return ["descr": ["order": .string(text)], "txid": [id]]
  }

  private func wish(_ fields: KrakenFields) throws(KrakenRefusal) -> OrderWish {
    let market = try market(fields["pair"])
    guard let side = fields["type"], side == "buy" || side == "sell" else {
      throw KrakenRefusal("EGeneral:Invalid arguments:type")
    }
    var wish = OrderWish(market: market.index, isBuy: side == "buy")
    let flags = Set((fields["oflags"] ?? "").split(separator: ",").map(String.init))
    let volume = try fields.number("volume")
    if flags.contains("viqc") { wish.quoteAmount = volume } else { wish.amount = volume }
    wish.clientID = fields["cl_ord_id"] ?? ""
    switch fields["ordertype"] {
    case "market": break
    case "limit":
      guard let price = try fields.number("price") else {
        throw KrakenRefusal("EGeneral:Invalid arguments:price")
      }
      wish.price = price
    default: throw KrakenRefusal("EGeneral:Invalid arguments:ordertype")
    }
    switch fields["timeinforce"]?.uppercased() {
    case "IOC": wish.force = .immediateOrCancel
    case "FOK": wish.force = .fillOrKill
    default: if flags.contains("post") { wish.force = .postOnly }
    }
    return wish
  }

  private static func words(_ wish: OrderWish, _ market: SimulatedMarket) -> String {
    let amount = (wish.amount ?? wish.quoteAmount ?? .zero).padded(8)
    let side = wish.isBuy ? "buy" : "sell"
    let name = altname(market)
    guard let price = wish.price else { return "\(side) \(amount) \(name) @ market" }
    return "\(side) \(amount) \(name) @ limit \(price.padded(market.priceDigits))"
  }

  /// The documents' words for refusals.
  ///
  /// https://docs.kraken.com/api/docs/guides/spot-errors
  static func refusal(_ refusal: OrderRefusal) -> KrakenRefusal {
    switch refusal {
    case .insufficientFunds: KrakenRefusal("EOrder:Insufficient funds")
    case .wouldTake: KrakenRefusal("EOrder:Post only order")
    case .costTooSmall: KrakenRefusal("EOrder:Cost minimum not met")
    case .amountStep, .badNumber: KrakenRefusal("EOrder:Order minimum not met")
    case .priceStep: KrakenRefusal("EOrder:Tick size check failed")
    case .duplicateClientID: KrakenRefusal("EGeneral:Invalid arguments:cl_ord_id")
    case .unknownOrder: KrakenRefusal("EOrder:Unknown order")
    case .unknownMarket: KrakenRefusal("EQuery:Unknown asset pair")
    case .cannotFill: KrakenRefusal("EOrder:Cannot be filled in full")
    case .notAllowed: KrakenRefusal("EGeneral:Permission denied")
    }
  }

  private mutating func cancel(
    _ fields: KrakenFields, _ account: Int, at now: Instant
  ) throws(KrakenRefusal) -> JSON {
    let name = fields["txid"] ?? fields["cl_ord_id"] ?? ""
    guard let order = order(name, account) else { throw KrakenRefusal("EOrder:Unknown order") }
    try cancel(order.id, account, at: now)
    return ["count": 1]
  }

  private mutating func cancel(
    _ id: Int64, _ account: Int, at now: Instant
  ) throws(KrakenRefusal) {
    do { _ = try exchange.cancel(id, account: account, at: now) } catch {
      throw KrakenDialect.refusal(error)
    }
  }

  static func status(_ order: SimulatedOrder) -> String {
    switch order.state {
    case .open: "open"
    case .filled: "closed"
    case .canceled, .expired: "canceled"
    }
  }

  private func orderRow(_ order: SimulatedOrder) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    let digits = market.priceDigits
    let wish = OrderWish(
      market: order.market, isBuy: order.isBuy, price: order.price, amount: order.amount)
    let description: JSON = [
      "pair": .string(KrakenDialect.altname(market)), "type": order.isBuy ? "buy" : "sell",
      "ordertype": order.price == nil ? "market" : "limit",
      "price": .padded(order.price ?? .zero, digits), "price2": "0", "leverage": "none",
      "order": .string(KrakenDialect.words(wish, market)), "close": "",
    ]
    var row = JSONObject([
      ("refid", .null), ("userref", .null),
      ("cl_ord_id", order.clientID.isEmpty ? .null : .string(order.clientID)),
      ("status", .string(KrakenDialect.status(order))),
      ("opentm", .number(KrakenDialect.exact(order.time))), ("starttm", 0), ("expiretm", 0),
      ("descr", description),
    ])
    row.set("vol", .padded(order.amount.isZero ? order.filled : order.amount, 8))
    row.set("vol_exec", .padded(order.filled, 8))
    row.set("cost", .padded(order.cost, 8))
    row.set("fee", .padded(order.fees, 8))
    row.set("price", .padded(order.averagePrice, digits))
    row.set("stopprice", "0.00000")
    row.set("limitprice", "0.00000")
    row.set("misc", "")
    row.set("oflags", .string(order.force == .postOnly ? "post,fciq" : "fciq"))
    guard order.state != .open else { return .object(row) }
    row.set("closetm", .number(KrakenDialect.exact(order.updated)))
    row.set("reason", order.state == .canceled ? "User requested" : .null)
    return .object(row)
  }
}
