import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.kraken.com/api/docs/rest-api/add-order and get-orders-info

extension Kraken {
  // An own id is a UUID or free text of up to 18 characters.
  static let desk = OrderDesk(
    place: Feed(
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        [Call("private", "POST", "AddOrder", try placing(ask), cost: ["orders": 1])]
      }, rows: Picks.one("result"),
      row: { row, ask throws(VenueFault) in Picks.placed(try row["txid"][0].text(), ask) }),
    cancel: Feed(
      calls: { ask in
        [
          Call(
            "private", "POST", "CancelOrder",
            [
              "txid": .text(ask.order),
              "cl_ord_id": .text(ask.order == nil ? ask.clientOrder : nil),
            ], cost: ["orders": 8])
        ]
      }, rows: Picks.one("result"), row: cancelled),
    find: Feed(
      evidence: .recorded, calls: finding, rows: foundRows, row: order),
    open: Feed(
      evidence: .recorded,
      calls: { ask in
        [
          Call(
            "private", "POST", "OpenOrders", ["cl_ord_id": .text(ask.clientOrder)],
            cost: ["counter": 1])
        ]
      }, rows: Picks.members("result", "open"), row: order),
    clientIDMost: 18)

  private static func placing(_ ask: Ask) throws(VenueFault) -> Parameters {
    let order = try Picks.newOrder(ask)
    let isPostOnly = order.timeInForce == .postOnly
    let force = order.type == .limit && !isPostOnly ? order.timeInForce : nil
    return [
      "pair": .string(order.market.id), "type": .string(order.side.rawValue),
      "ordertype": .string(order.type.rawValue), "volume": .text(order.amount),
      "price": order.type == .limit ? .text(order.price) : nil,
      "timeinforce": .text(force?.rawValue), "oflags": isPostOnly ? .string("post") : nil,
      "reduce_only": order.isReduceOnly ? .bool(true) : nil,
      "cl_ord_id": .text(order.clientID),
    ]
  }

  private static func cancelled(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    var order = Picks.canceled(ask)
    // A cancellation under way, or of nothing, has cancelled nothing yet.
    let count = try row.integer("count")
    if count < 1 { order.status = nil }
    if try row.optionalFlag("pending") == true { order.status = .open }
    return order
  }

  /// By the venue's id in one call; by ours among those that stand and those that are done.
  private static func finding(_ ask: Ask) throws(VenueFault) -> [Call] {
    if let id = ask.order {
      return [
        Call(
          "private", "POST", "QueryOrders", ["trades": .string("True"), "txid": .string(id)],
          cost: ["counter": 1])
      ]
    }
    guard let own = ask.clientOrder else { throw .unsupported("finding an order without an id") }
    return ["OpenOrders", "ClosedOrders"].map {
      Call("private", "POST", $0, ["cl_ord_id": .string(own)], cost: ["counter": 1])
    }
  }

  private static func foundRows(_ answer: Answer) throws(VenueFault) -> [Node] {
    let result = answer.body["result"]
    switch answer.call.path {
    case "OpenOrders": return try result["open"].members()
    case "ClosedOrders": return try result["closed"].members()
    default: return try result.members()
    }
  }

  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let terms = row["descr"].isNothing ? row : row["descr"]
    let pair = try terms.optionalText("pair")
    let word = try terms.optionalText("ordertype")
    let isTriggered = word?.hasSuffix("-limit") ?? false
    let type = word.map(type)
    let limit = try terms[isTriggered ? "price2" : "price"].decimalButZero()
    let quote = pair.flatMap { ask.markets.market($0, .spot)?.quote }
    let fee = try row.optionalDecimal("fee")
    let average = try row["price"].decimalButZero()
    return Order(
      id: try row.optionalText("id") ?? row.key,
      clientID: try row.optionalText("cl_ord_id", "userref"),
      time: try row.optionalTime(.seconds, "opentm"), market: pair, type: type,
      side: try terms["type"].sideOfWord(),
      // The price of a market order is the mean of its executions.
      price: type == "market" ? average : limit, amount: try row.optionalDecimal("vol"),
      filled: try row.optionalDecimal("vol_exec"),
      cost: try row.optionalDecimal("cost"), average: average,
      status: try status(row), fees: fee.map { [VenueAmount(quote ?? "", $0)] } ?? [])
  }

  /// Whether what is sent to the book in the end is a limit or a market order.
  private static func type(_ word: String) -> String {
    switch word {
    case "limit", "iceberg": "limit"
    case "market", "stop-loss", "take-profit", "trailing-stop": "market"
    default: word.hasSuffix("-limit") ? "limit" : word
    }
  }

  static func status(_ row: Node) throws(VenueFault) -> Order.Status? {
    switch try row.optionalText("status", "order_status") {
    case "pending", "open", "pending_new", "new", "partially_filled": .open
    case "closed", "filled": .closed
    case "canceled": .canceled
    case "expired": .expired
    default: nil
    }
  }
}
