import Amounts
import Encodings
import Ledger
import VenueKit

// Orders at HTX: spot, and derivatives settled in USDT; those settled in coins are read only.

extension HTX {
  static let desk = OrderDesk(
    place: Feed(calls: place, rows: Pick.one(), row: receipt),
    cancel: Feed(calls: cancel, rows: Pick.one(), row: receipt),
    find: Feed(
      calls: find,
      rows: { answer throws(VenueFault) in
        let data = answer.body["data"]
        if case .array? = data.json { return try data.elements() }
        return data.isNothing ? [] : [data]
      }, row: order),
    open: Feed(calls: open, rows: Pick.listIfAny("data"), row: order), clientIDMost: 64)

  // MARK: - Placing

  private static func place(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let wanted = ask.newOrder else { throw .unsupported("placing no order") }
    if wanted.market.kind == .spot { return [try placeSpot(wanted, ask)] }
    guard !wanted.market.isInverse else { throw .unsupported("orders settled in coins") }
    return [try placeLinear(wanted, ask)]
  }

  // https://huobiapi.github.io/docs/spot/v1/en/#place-a-new-order
  private static func placeSpot(_ wanted: NewOrder, _ ask: Ask) throws(VenueFault) -> Call {
    var type = "\(wanted.side.rawValue)-\(wanted.type.rawValue)"
    var amount = wanted.amount
    if wanted.type == .limit {
      switch wanted.timeInForce {
      case .immediateOrCancel: type = "\(wanted.side.rawValue)-ioc"
      case .fillOrKill: type += "-fok"
      case .postOnly: type += "-maker"
      default: break
      }
    } else if wanted.side == .buy {
      amount = try cost(wanted)
    }
    let parameters: Parameters = [
      "account-id": .string(ask.accounts["spot"] ?? ""),
      "symbol": .string(wanted.market.id), "type": .string(type),
      "client-order-id": .text(wanted.clientID), "amount": .string(amount.text),
      "price": wanted.type == .limit ? .text(wanted.price) : nil,
    ]
    if parameters["account-id"] == "" { throw .unsupported("orders without the account's id") }
    return Call("spot.private", "POST", "v1/order/orders/place", parameters.adding(ask.extra))
  }

  /// What a market order to buy spends: HTX takes it in units of quote.
  private static func cost(_ wanted: NewOrder) throws(VenueFault) -> Fixed {
    guard let price = wanted.price else {
      throw .unsupported("a market order to buy without a price to work out its cost")
    }
    guard let cost = try? wanted.amount.multiplied(by: price, rounding: .down) else {
      throw .unsupported("an order of that size")
    }
    return cost
  }

  private static func placeLinear(_ wanted: NewOrder, _ ask: Ask) throws(VenueFault) -> Call {
    let words: [TimeInForce: String] = [.immediateOrCancel: "ioc", .fillOrKill: "fok"]
    let isPost = wanted.timeInForce == .postOnly
    let force = wanted.timeInForce.flatMap { words[$0] } ?? "gtc"
    let parameters: Parameters = [
      "contract_code": .string(wanted.market.id), "volume": .string(wanted.amount.text),
      "margin_mode": "cross", "side": .string(wanted.side.rawValue),
      "time_in_force": .string(force),
      "price": wanted.type == .limit ? .text(wanted.price) : nil,
      "type": .string(isPost ? "post_only" : wanted.type.rawValue),
      "reduce_only": wanted.isReduceOnly ? 1 : nil, "client_order_id": .text(wanted.clientID),
    ]
    return Call(
      "contract.private", "POST", "v5/trade/order", parameters.adding(ask.extra),
      cost: contractKey)
  }

  private static func receipt(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let data = row["data"]
    if let id = try data.optionalText("order_id") {
      return Order(id: id, clientID: try data.optionalText("client_order_id"))
    }
    return Order(id: try data.text())
  }

  // MARK: - Cancelling and finding

  private static func cancel(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard try ask.needed().kind == .spot else {
      let market = try ask.needed([.swap, .future], isInverse: false)
      let parameters: Parameters = [
        "order_id": .text(ask.order),
        "client_order_id": ask.order == nil ? .text(ask.clientOrder) : nil,
        "contract_code": .string(market.id),
      ]
      return [
        Call(
          "contract.private", "POST", "v5/trade/cancel_order", parameters, cost: contractKey)
      ]
    }
    let path = "v1/order/orders/"
    guard let id = ask.order else {
      return [
        Call(
          "spot.private", "POST", path + "submitCancelClientOrder",
          ["client-order-id": .text(ask.clientOrder)])
      ]
    }
    return [
      Call("spot.private", "POST", path + "{order-id}/submitcancel", ["order-id": .string(id)])
    ]
  }

  private static func find(_ ask: Ask) throws(VenueFault) -> [Call] {
    let market = try ask.needed()
    if market.kind == .spot { return [findSpot(ask)] }
    guard market.isInverse else {
      let parameters: Parameters = [
        "contract_code": .string(market.id), "margin_mode": "cross",
        "order_id": .text(ask.order),
        "client_order_id": ask.order == nil ? .text(ask.clientOrder) : nil,
      ]
      return [
        Call("contract.private", "GET", "v5/trade/order", parameters, cost: contractKey)
      ]
    }
    let isSwap = market.kind == .swap
    let parameters: Parameters = [
      "order_id": .text(ask.order),
      "client_order_id": ask.order == nil ? .text(ask.clientOrder) : nil,
      "contract_code": isSwap ? .string(market.id) : nil,
      "symbol": isSwap ? nil : .string(market.base),
    ]
    let path = isSwap ? "swap-api/v1/swap_order_info" : "api/v1/contract_order_info"
    return [Call("contract.private", "POST", path, parameters, cost: contractKey)]
  }

  private static func findSpot(_ ask: Ask) -> Call {
    let path = "v1/order/orders/"
    guard let id = ask.order else {
      return Call(
        "spot.private", "GET", path + "getClientOrder",
        ["clientOrderId": .text(ask.clientOrder)])
    }
    return Call("spot.private", "GET", path + "{order-id}", ["order-id": .string(id)])
  }

  // MARK: - Lists of orders

  private static func open(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let market = ask.market, market.kind != .spot else {
      let parameters: Parameters = [
        "account-id": .text(ask.accounts["spot"]), "symbol": .text(ask.market?.id),
        "size": .text(ask.limit.map(String.init)),
      ]
      return [
        Call("spot.private", "GET", "v1/order/openOrders", parameters.adding(ask.extra))
      ]
    }
    guard market.isInverse else {
      return [
        Call(
          "contract.private", "GET", "v5/trade/order/opens",
          ["contract_code": .string(market.id)], cost: contractKey)
      ]
    }
    let isSwap = market.kind == .swap
    return [
      Call(
        "contract.private", "POST",
        isSwap ? "swap-api/v1/swap_openorders" : "api/v1/contract_openorders",
        isSwap ? ["contract_code": .string(market.id)] : ["symbol": .string(market.base)],
        cost: contractKey)
    ]
  }

  static var openOrders: [Feed<Order>] {
    let all = ["v5/trade/order/opens"]
    return [Feed(market: .spot, evidence: .recorded, calls: open, rows: listed, row: order)]
      + all.map { path in
        Feed(
          market: .swap, evidence: .recorded,
          calls: { _ in [Call("contract.private", "GET", path, cost: contractKey)] },
          rows: listed, row: order)
      }
  }

  private static let listed: @Sendable (Answer) throws(VenueFault) -> [Node] = {
    answer throws(VenueFault) in
    let data = answer.body["data"]
    if case .array? = data.json { return try data.elements() }
    return try data["orders"].optionalElements()
  }

  static var closedOrders: [Feed<Order>] {
    let (done, gone) = ("filled", "partial-canceled,canceled")
    return [
      closedSpot(done), closedSpot(gone), closedLinear("cross", "filled"),
      closedLinear("isolated", "filled"), closedLinear("cross", "canceled,partially_canceled"),
      closedLinear("isolated", "canceled,partially_canceled"),
    ]
  }

  // https://huobiapi.github.io/docs/spot/v1/en/#search-past-orders: windows of 48 hours, 180 days
  private static func closedSpot(_ states: String) -> Feed<Order> {
    Feed(
      market: .spot,
      paging: Paging(.forward, most: 100, window: 2 * Paging.day, lookBack: 180 * Paging.day),
      scope: .eachMarket, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let named: Parameters = [
          "states": .string(states), "symbol": .string(try ask.needed([.spot]).id),
        ]
        let range = ask.range("start-time", "end-time", "size", most: 100)
        return [Call("spot.private", "GET", "v1/order/orders", named.adding(range))]
      },
      rows: listed, row: order)
  }

  private static func closedLinear(_ mode: String, _ states: String) -> Feed<Order> {
    Feed(
      market: .swap,
      paging: Paging(.forward, most: 100, window: 2 * Paging.day, lookBack: 90 * Paging.day),
      scope: .eachMarket, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let market = try ask.needed([.swap, .future], isInverse: false)
        let named: Parameters = [
          "contract_code": .string(market.id), "margin_mode": .string(mode),
          "states": .string(states),
        ]
        let range = ask.range("start_time", "end_time", "limit", most: 100)
        return [
          Call(
            "contract.private", "GET", "v5/trade/order/history", named.adding(range),
            cost: contractKey)
        ]
      },
      rows: listed,
      // A line of the history has an id of its own besides the order's.
      row: { row, ask throws(VenueFault) in
        var line = try order(row, ask)
        if let id = try row.optionalText("id") { line?.id = id }
        return line
      })
  }

  // MARK: - One order

  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    try row["contract_code"].isNothing ? spotOrder(row) : contractOrder(row)
  }

  private static func spotOrder(_ row: Node) throws(VenueFault) -> Order? {
    let words = try row.optionalText("type")?.split(separator: "-").map(String.init) ?? []
    let filled = try row.optionalDecimal("field-amount", "filled-amount")
    let cost = try row.optionalDecimal("field-cash-amount", "filled-cash-amount")
    let status = try row.word("state", spotWords)
    // A market order to buy states its amount in quote.
    let isCost = words == ["buy", "market"]
    let average = mean(cost, filled)
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("client-order-id"),
      time: try row.optionalTime(.milliseconds, "created-at"),
      market: try row.optionalText("symbol"), type: words.dropFirst().first,
      side: try row.side("type"), price: try row.decimalUnlessZero("price") ?? average,
      amount: isCost
        ? (status == .closed ? filled : nil) : try row.optionalDecimal("amount"),
      filled: filled, cost: cost, average: average, status: status)
  }

  private static func contractOrder(_ row: Node) throws(VenueFault) -> Order? {
    let average = try row.decimalUnlessZero("trade_avg_price")
    let hasCurrency = !row["fee_currency"].isNothing
    let fees = try row.feesTaken("fee", hasCurrency ? "fee_currency" : "fee_asset")
    return Order(
      id: try row.text("order_id_str", "order_id", "id"),
      clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.milliseconds, "created_time", "created_at", "create_date"),
      market: try row.text("contract_code"),
      type: try row.optionalText("type", "order_price_type"),
      side: try row.side("side", "direction"),
      price: try row.decimalUnlessZero("price") ?? average,
      amount: try row.optionalDecimal("volume"),
      filled: try row.optionalDecimal("trade_volume"),
      cost: try row.optionalDecimal("trade_turnover"), average: average,
      status: try row.word(["state", "status"], contractWords),
      fees: fees)
  }

  private static func mean(_ cost: Fixed?, _ amount: Fixed?) -> Fixed? {
    guard let cost, let amount, !amount.isZero, !cost.isZero else { return nil }
    return try? cost.divided(by: amount, rounding: .halfEven)
  }

  private static let spotWords: [String: Order.Status] = [
    "created": .open, "submitted": .open, "partial-filled": .open, "filled": .closed,
    "partial-canceled": .canceled, "canceled": .canceled, "canceling": .open,
    "rejected": .rejected,
  ]
  private static let contractWords: [String: Order.Status] = [
    "new": .open, "partially_filled": .open, "filled": .closed, "canceled": .canceled,
    "partially_canceled": .canceled, "rejected": .rejected,
    "1": .open, "2": .open, "3": .open, "4": .open, "5": .canceled, "6": .closed,
    "7": .canceled, "11": .open,
  ]
}
