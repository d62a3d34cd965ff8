import Amounts
import Encodings
import Ledger
import VenueKit

// Orders at OKX. https://www.okx.com/docs-v5/en/#order-book-trading-trade

extension OKX {
  static let desk = OrderDesk(
    place: Feed(
      calls: { ask throws(VenueFault) in
        [Call("private", "POST", "trade/order", try placing(ask), cost: ["orders": 1])]
      }, rows: data, row: order),
    cancel: Feed(
      calls: { ask throws(VenueFault) in
        [Call("private", "POST", "trade/cancel-order", try naming(ask), cost: ["orders": 1])]
      }, rows: data, row: order),
    find: Feed(
      evidence: .recorded,
      calls: { ask throws(VenueFault) in [get("trade/order", try naming(ask), "orders")] },
      rows: data, row: order),
    open: openOrders, clientIDMost: 32)

  private static func naming(_ ask: Ask) throws(VenueFault) -> Parameters {
    [
      "instId": .string(try ask.needed().id), "ordId": .text(ask.order),
      "clOrdId": ask.order == nil ? .text(ask.clientOrder) : nil,
    ]
  }

  private static func placing(_ ask: Ask) throws(VenueFault) -> Parameters {
    guard let wanted = ask.newOrder else { throw .unsupported("placing no order") }
    let isSpot = wanted.market.kind == .spot
    let isMarket = wanted.type == .market
    let parameters: Parameters = [
      "instId": .string(wanted.market.id), "side": .string(wanted.side.rawValue),
      "ordType": .string(type(wanted)), "sz": .string(wanted.amount.text),
      "tdMode": isSpot ? "cash" : "cross", "px": isMarket ? nil : .text(wanted.price),
      "tgtCcy": isSpot && isMarket ? "base_ccy" : nil,
      "reduceOnly": wanted.isReduceOnly ? true : nil, "clOrdId": .text(wanted.clientID),
    ]
    return parameters.adding(ask.extra)
  }

  private static func type(_ wanted: NewOrder) -> String {
    guard wanted.type == .limit else { return "market" }
    return switch wanted.timeInForce {
    case .immediateOrCancel: "ioc"
    case .fillOrKill: "fok"
    case .postOnly: "post_only"
    default: "limit"
    }
  }

  static let openOrders = Feed<Order>(
    paging: Paging(.cursor, most: 100), evidence: .documented,
    calls: { ask in
      var parameters: Parameters = ["instId": .text(ask.market?.id)]
      parameters = parameters.adding(ask.range(nil, nil, "limit", most: 100))
      parameters["after"] = .text(ask.cursor)
      return [get("trade/orders-pending", parameters, "orders")]
    },
    rows: data, row: order, next: older("ordId"))

  /// Executed in the last seven days.
  static func recentOrders(_ family: Family) -> Feed<Order> {
    orders("trade/orders-history", family, ["state": "filled"], days: 7)
  }

  /// Done in the last three months, cancelled ones too.
  static func pastOrders(_ family: Family) -> Feed<Order> {
    orders("trade/orders-history-archive", family, [:], days: 90)
  }

  private static func orders(
    _ path: String, _ family: Family, _ more: Parameters, days: Int
  ) -> Feed<Order> {
    Feed(
      part: family.part, market: family.kind,
      paging: Paging(.cursor, most: 100, lookBack: days * Paging.day),
      calls: { ask throws(VenueFault) in
        var parameters = try family.named(ask).adding(more)
        parameters = parameters.adding(ask.range("begin", "end", "limit", most: 100))
        parameters["after"] = .text(ask.cursor)
        return [get(path, parameters)]
      },
      rows: data, row: order, next: older("ordId"))
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("ordType")
    let isPlain = type.map { ["post_only", "fok", "ioc", "optimal_limit_ioc"].contains($0) }
    let status = try row.word("state", orderWords)
    let filled = try row.optionalDecimal("accFillSz", "actualSz")
    let average = try row.decimalUnlessZero("avgPx")
    // A market order to buy may state its size in quote.
    let (target, side) = (try row.optionalText("tgtCcy"), try row.side("side"))
    let isCost = target == "quote_ccy" && side == .buy && type == "market"
    let id = try row.optionalText("ordId", "clOrdId", "algoId")
    guard let id else { throw row["ordId"].fault("an order's id") }
    return Order(
      id: try row.optionalText("ordId", "algoId") ?? id,
      clientID: try row.optionalText("clOrdId", "algoClOrdId"),
      time: try row.optionalTime(.milliseconds, "cTime"),
      market: try row.optionalText("instId"), type: isPlain == true ? "limit" : type,
      side: side, price: try row.decimalUnlessZero("px", "ordPx") ?? average,
      amount: isCost ? (status == .closed ? filled : nil) : try row.optionalDecimal("sz"),
      filled: filled, average: average, status: status,
      fees: try row.feesTaken("fee", "feeCcy"))
  }

  private static let orderWords: [String: Order.Status] = [
    "live": .open, "partially_filled": .open, "filled": .closed, "canceled": .canceled,
    "mmp_canceled": .canceled, "effective": .closed, "partially_effective": .open,
    "order_failed": .rejected, "pause": .open,
  ]
}
