import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.bitfinex.com/reference/rest-auth-submit-order

extension Bitfinex {
  static let desk = OrderDesk(
    place: Feed(
      evidence: .recorded,
      calls: { ask throws(VenueFault) in signed("w/order/submit", try placing(ask)) },
      rows: { answer throws(VenueFault) in try answer.body[4].elements() }, row: order),
    cancel: Feed(
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        guard let id = ask.order else {
          // An own id is of a day, which stands beside it.
          guard let own = ask.clientOrder else { throw .unsupported("cancelling without an id") }
          let day = String(TimeForm.iso.write(ask.now).prefix(10))
          return signed("w/order/cancel", ["cid": number(own), "cid_date": .string(day)])
        }
        return signed("w/order/cancel", ["id": .number(id)])
      }, rows: { answer throws(VenueFault) in [answer.body[4]] }, row: order),
    find: Feed(calls: finding, rows: foundRows, row: order),
    open: Feed(
      evidence: .recorded, calls: { ask in openOrders(ask) }, rows: Picks.list(), row: order),
    clientIDMost: 13)

  /// An own id as the number of 45 bits that the venue takes: the number itself, or a hash
  /// (FNV-1a) of a text that is none.
  static func number(_ own: String) -> JSON {
    let mask: UInt64 = 1 << 45 - 1
    if let number = UInt64(own), number <= mask { return .number(own) }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in own.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return .number(String(hash & mask))
  }

  private static func placing(_ ask: Ask) throws(VenueFault) -> Parameters {
    let order = try Picks.newOrder(ask)
    let amount = order.side == .buy ? order.amount : try order.amount.opposite()
    var flags = 0
    if order.isReduceOnly { flags += 1024 }
    if order.timeInForce == .postOnly { flags += 4096 }
    return [
      "symbol": .string(order.market.id), "amount": .text(amount),
      "price": order.type == .limit ? .text(order.price) : nil, "type": .string(type(order)),
      "flags": flags == 0 ? nil : .number(flags), "cid": order.clientID.map(number),
    ]
  }

  private static func type(_ order: NewOrder) -> String {
    let word: String
    switch (order.type, order.timeInForce) {
    case (.market, _): word = "MARKET"
    case (_, .immediateOrCancel): word = "IOC"
    case (_, .fillOrKill): word = "FOK"
    default: word = "LIMIT"
    }
    return order.market.kind == .spot ? "EXCHANGE " + word : word
  }

  /// Among the orders that stand, and among those that are done.
  private static func finding(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard ask.order != nil || ask.clientOrder != nil else {
      throw .unsupported("finding an order without an id")
    }
    let id = ask.order.map { JSON.array([.number($0)]) }
    guard let market = ask.market else {
      return signed("r/orders", ["id": id]) + signed("r/orders/hist", ["id": id])
    }
    let terms: Parameters = ["symbol": .string(market.id), "id": id]
    return signed("r/orders/{symbol}", terms) + signed("r/orders/{symbol}/hist", terms)
  }

  private static func foundRows(_ answer: Answer) throws(VenueFault) -> [Node] {
    let rows = try answer.body.elements()
    guard answer.ask.order == nil, let own = answer.ask.clientOrder else { return rows }
    var found: [Node] = []
    for row in rows where try row[2].optionalText() == number(own).plainText { found.append(row) }
    return found
  }

  // https://docs.bitfinex.com/reference/rest-auth-retrieve-orders: sorted and paged by the time of
  // the last change, which is what is kept.
  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let left = try row[6].decimal()
    let whole = try row[7].decimal()
    let type = try row[8].text()
    let isMarket = type.hasSuffix("MARKET")
    let average = try row[17].decimalButZero()
    let own = try row[2].optionalText()
    let isAsked = own != nil && ask.clientOrder.map { number($0).plainText } == own
    return Order(
      id: try row[0].text(), clientID: isAsked ? ask.clientOrder : own,
      time: try row[5].time(.milliseconds), market: try row[3].text(),
      type: word(type), side: whole.isNegative ? .sell : .buy,
      // The price of a market order is the mean of its executions.
      price: isMarket ? average : try row[16].decimalButZero(),
      amount: try whole.sizeOnly(), remaining: try left.sizeOnly(), average: average,
      status: try row[13].optionalText().flatMap(status))
  }

  private static func word(_ type: String) -> String {
    let bare = type.hasPrefix("EXCHANGE ") ? String(type.dropFirst(9)) : type
    switch bare {
    case "LIMIT", "STOP LIMIT", "IOC", "FOK": return "limit"
    case "MARKET", "STOP", "TRAILING STOP": return "market"
    default: return bare.lowercased()
    }
  }

  private static func status(_ text: String) -> Order.Status? {
    let rules: [(String, Order.Status)] = [
      ("ACTIVE", .open), ("PARTIALLY FILLED", .open), ("EXECUTED", .closed),
      ("CANCELED", .canceled), ("POSTONLY CANCELED", .canceled),
      ("INSUFFICIENT", .canceled), ("RSN_", .rejected), ("FORCED EXECUTED", .closed),
    ]
    return rules.first { text.hasPrefix($0.0) }?.1
  }
}
