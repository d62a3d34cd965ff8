import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/create-order

extension Coinbase {
  static let desk = OrderDesk(
    place: Feed(
      calls: { ask throws(VenueFault) in
        [
          Call(
            "v3.private", "POST", "brokerage/orders", try placing(ask), cost: ["private": 1])
        ]
      }, rows: Picks.body,
      row: { row, ask throws(VenueFault) in
        let made = row["success_response"].isNothing ? row : row["success_response"]
        return Picks.placed(try made.text("order_id"), ask)
      }),
    cancel: Feed(
      calls: { ask throws(VenueFault) in
        let ids = JSON.array([.string(try Picks.order(ask))])
        return [
          Call(
            "v3.private", "POST", "brokerage/orders/batch_cancel", ["order_ids": ids],
            cost: ["private": 1])
        ]
      }, rows: Picks.list("results"),
      row: { row, ask throws(VenueFault) in
        var order = Picks.canceled(ask)
        order.id = try row.text("order_id")
        return order
      }),
    find: Feed(calls: finding, rows: foundRows, row: order),
    open: Feed(
      paging: Paging(.cursor, most: 100), calls: { ask in orders(ask, "OPEN") },
      rows: Picks.list("orders"), row: order),
    clientIDMost: 36)

  private static func placing(_ ask: Ask) throws(VenueFault) -> Parameters {
    let order = try Picks.newOrder(ask)
    let (name, terms) = try terms(order)
    return [
      "client_order_id": .text(order.clientID), "product_id": .string(order.market.id),
      "side": .string(order.side == .buy ? "BUY" : "SELL"),
      "order_configuration": Parameters([Parameters.Item(name, terms.json)]).json,
    ]
  }

  /// The kind of order by its name there, and its terms.
  private static func terms(_ order: NewOrder) throws(VenueFault) -> (String, Parameters) {
    guard order.type == .limit else { return ("market_market_ioc", try marketTerms(order)) }
    var terms: Parameters = [
      "base_size": .text(order.amount), "limit_price": .text(order.price),
    ]
    switch order.timeInForce {
    case .immediateOrCancel: return ("sor_limit_ioc", terms)
    case .fillOrKill: return ("limit_limit_fok", terms)
    case .goodTillCancelled, .postOnly, nil:
      terms["post_only"] = .bool(order.timeInForce == .postOnly)
      return ("limit_limit_gtc", terms)
    }
  }

  /// Purchases on spot are sized in the quote asset, where a price tells how much that is.
  private static func marketTerms(_ order: NewOrder) throws(VenueFault) -> Parameters {
    guard order.market.kind == .spot, order.side == .buy, let price = order.price else {
      return ["base_size": .text(order.amount)]
    }
    guard let cost = try? order.amount.multiplied(by: price, rounding: .down) else {
      throw .unsupported("an order beyond the range of amounts")
    }
    return ["quote_size": .text(cost)]
  }

  /// One order by the venue's id; by ours among the latest of its market.
  private static func finding(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let id = ask.order else { return orders(ask, nil) }
    return [
      Call(
        "v3.private", "GET", "brokerage/orders/historical/{order_id}",
        ["order_id": .string(id)], cost: ["private": 1])
    ]
  }

  private static func foundRows(_ answer: Answer) throws(VenueFault) -> [Node] {
    guard answer.body["order"].isNothing else { return [answer.body["order"]] }
    var found: [Node] = []
    for row in try answer.body["orders"].elements() {
      let isOurs = try row.optionalText("client_order_id") == answer.ask.clientOrder
      if isOurs || answer.ask.clientOrder == nil { found.append(row) }
    }
    return found
  }

  // https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/get-order
  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let terms = try row["order_configuration"].optionalMembers().first
    let status = try row.optionalText("status").flatMap(status)
    let filled = try row.optionalDecimal("filled_size")
    let average = try row["average_filled_price"].decimalButZero()
    let product = try row.text("product_id")
    let quote =
      ask.markets.market(product)?.quote ?? String(product.split(separator: "-").last ?? "")
    let fee = try row.optionalDecimal("total_fees")
    let size = try terms?.optionalDecimal("base_size")
    let limit = try terms?.optionalDecimal("limit_price")
    return Order(
      id: try row.text("order_id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.iso, "created_time"), market: product,
      type: try row.optionalText("order_type").map(type), side: try row["side"].sideOfWord(),
      // The price of a market order is the mean of its executions.
      price: limit ?? average, amount: size ?? (status == .closed ? filled : nil),
      filled: filled, cost: try row.optionalDecimal("filled_value"), average: average,
      status: status, fees: fee.map { [VenueAmount(quote, $0)] } ?? [])
  }

  private static func type(_ word: String) -> String {
    switch word {
    case "STOP_LIMIT", "STOP", "BRACKET", "TWAP": "limit"
    default: word.lowercased()
    }
  }

  static func status(_ word: String) -> Order.Status? {
    switch word {
    case "OPEN", "PENDING", "QUEUED", "CANCEL_QUEUED", "EDIT_QUEUED": .open
    case "FILLED": .closed
    case "CANCELLED": .canceled
    case "EXPIRED": .expired
    case "FAILED": .rejected
    default: nil
    }
  }
}
