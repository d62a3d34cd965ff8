import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/create-order and its
// neighbours
extension CoinbaseDialect {
  mutating func runOrders(
    _ rest: [String], _ request: SimulatedRequest, _ account: Int, at now: Instant
  ) throws(CoinbaseRefusal) -> JSON {
    let fields = request.queryFields
    switch (request.method, rest.joined(separator: "/")) {
    case ("GET", "orders/historical/fills"): return try fills(fields, account, at: now)
    case ("GET", "orders/historical/batch"): return orders(fields, account)
    case ("POST", "orders"): return try place(request.json, account, at: now)
    case ("POST", "orders/batch_cancel"): return cancel(request.json, account, at: now)
    default: break
    }
    guard request.method == "GET", rest.count == 3, rest[0] == "orders", rest[1] == "historical",
      let found = find(rest[2], account)
    else { throw CoinbaseRefusal(404, "NOT_FOUND", "not found") }
    return ["order": orderRow(found, account)]
  }

  private func find(_ id: String, _ account: Int) -> SimulatedOrder? {
    exchange.accounts[account].orders.last { order($0.id) == id }
  }

  /// Newest first; the cursor is the place of the next row.
  private func fills(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(CoinbaseRefusal) -> JSON {
    let products = Set(fields.all("product_ids") + fields.all("product_id"))
    let orders = Set(fields.all("order_ids") + fields.all("order_id"))
    let from = fields["start_sequence_timestamp"].flatMap { TimeForm.iso.read($0) }
    let to = fields["end_sequence_timestamp"].flatMap { TimeForm.iso.read($0) }
    var rows = exchange.events(account, [.trade], from: from, to: to, at: now)
    if !products.isEmpty || !orders.isEmpty {
      rows = rows.filter { event in
        guard let market = exchange.market(event.market) else { return false }
        return (products.isEmpty || products.contains(CoinbaseDialect.product(market)))
          && (orders.isEmpty || orders.contains(order(event.order)))
      }
    }
    let limit = Int(min(max(fields.number("limit") ?? 100, 1), 3_000))
    let first = Int(min(max(fields.number("cursor") ?? 0, 0), 10_000_000))
    let page = rows.reversed().dropFirst(first).prefix(limit)
    let next = first + page.count < rows.count ? String(first + page.count) : ""
    return ["fills": .array(page.map { fillRow($0, account) }), "cursor": .string(next)]
  }

  private func fillRow(_ event: SimulatedEvent, _ account: Int) -> JSON {
    guard let market = exchange.market(event.market) else { return .null }
    return [
      "entry_id": .string(SeededText.hex(64, UInt64(bitPattern: event.id))),
      "trade_id": .string(trade(event.id)), "order_id": .string(order(event.order)),
      "trade_time": .iso(event.time), "trade_type": "FILL", "price": .plain(event.price),
      "size": .plain(event.amount), "commission": .plain(event.fee),
      "product_id": .string(CoinbaseDialect.product(market)),
      "sequence_timestamp": .iso(event.time),
      "liquidity_indicator": event.isMaker ? "MAKER" : "TAKER", "size_in_quote": false,
      "user_id": .string(portfolio(account)), "side": event.isBuy ? "BUY" : "SELL",
      "retail_portfolio_id": .string(portfolio(account)),
    ]
  }

  private func orders(_ fields: FormFields, _ account: Int) -> JSON {
    let states = Set(fields.all("order_status"))
    let products = Set(fields.all("product_ids") + fields.all("product_id"))
    let rows = exchange.accounts[account].orders.filter { order in
      guard let market = exchange.market(order.market) else { return false }
      return (states.isEmpty || states.contains(CoinbaseDialect.status(order)))
        && (products.isEmpty || products.contains(CoinbaseDialect.product(market)))
    }
    let limit = Int(min(max(fields.number("limit") ?? 1_000, 1), 1_000))
    let first = Int(min(max(fields.number("cursor") ?? 0, 0), 10_000_000))
    let page = rows.reversed().dropFirst(first).prefix(limit)
    let hasNext = first + page.count < rows.count
    return [
      "orders": .array(page.map { orderRow($0, account) }), "sequence": "0",
      "has_next": .bool(hasNext), "cursor": .string(hasNext ? String(first + page.count) : ""),
    ]
  }

  static func status(_ order: SimulatedOrder) -> String {
    switch order.state {
    case .open: "OPEN"
    case .filled: "FILLED"
    case .canceled: "CANCELLED"
    case .expired: "EXPIRED"
    }
  }

  private func configuration(_ order: SimulatedOrder) -> JSON {
    guard let price = order.price else {
      if let quote = order.quoteAmount {
        return ["market_market_ioc": ["quote_size": .plain(quote)]]
      }
      return ["market_market_ioc": ["base_size": .plain(order.amount)]]
    }
    let size = JSON.plain(order.amount)
    switch order.force {
    case .immediateOrCancel:
      return ["sor_limit_ioc": ["base_size": size, "limit_price": .plain(price)]]
    case .fillOrKill:
      return ["limit_limit_fok": ["base_size": size, "limit_price": .plain(price)]]
    default:
      let isPost = JSON.bool(order.force == .postOnly)
      return [
        "limit_limit_gtc": ["base_size": size, "limit_price": .plain(price), "post_only": isPost]
      ]
    }
  }

  func orderRow(_ order: SimulatedOrder, _ account: Int) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    let share =
      order.amount.isZero || order.rest.isZero
      ? 100.fixed : (order.filled * 100.fixed / order.amount).kept(2)
    let total = order.isBuy ? order.cost + order.fees : order.cost - order.fees
    var row = JSONObject([
      ("order_id", .string(self.order(order.id))),
      ("product_id", .string(CoinbaseDialect.product(market))),
      ("user_id", .string(portfolio(account))), ("order_configuration", configuration(order)),
      ("side", order.isBuy ? "BUY" : "SELL"), ("client_order_id", .string(order.clientID)),
      ("status", .string(CoinbaseDialect.status(order))),
      ("time_in_force", order.price == nil ? "IMMEDIATE_OR_CANCEL" : "GOOD_UNTIL_CANCELLED"),
      ("created_time", .iso(order.time)), ("completion_percentage", .plain(share)),
    ])
    row.set("filled_size", .plain(order.filled))
    row.set("average_filled_price", .plain(order.averagePrice))
    row.set("fee", "")
    row.set("number_of_fills", .string(String(order.fills)))
    row.set("filled_value", .plain(order.cost))
    row.set("pending_cancel", false)
    row.set("size_in_quote", .bool(order.quoteAmount != nil))
    row.set("total_fees", .plain(order.fees))
    row.set("size_inclusive_of_fees", .bool(order.quoteAmount != nil))
    row.set("total_value_after_fees", .plain(total))
    row.set("trigger_status", "INVALID_ORDER_TYPE")
    row.set("order_type", order.price == nil ? "MARKET" : "LIMIT")
    row.set("reject_reason", "REJECT_REASON_UNSPECIFIED")
    row.set("settled", .bool(order.state != .open))
    row.set("product_type", "SPOT")
    row.set("last_fill_time", order.fills > 0 ? .iso(order.updated) : .null)
    return .object(row)
  }

  // MARK: - Placing

  /// A client id that is known gives the order of that id; no second one is made.
  private mutating func place(
    _ body: JSON, _ account: Int, at now: Instant
  ) throws(CoinbaseRefusal) -> JSON {
    guard let client = body["client_order_id"]?.plainText, !client.isEmpty else {
      throw CoinbaseRefusal(400, "INVALID_ARGUMENT", "client_order_id is required")
    }
    let market = try market(body["product_id"]?.plainText)
    let configuration = body["order_configuration"] ?? .null
    if let known = exchange.order(nil, clientID: client, account: account) {
      return placed(known, market, configuration)
    }
    let wish = try wish(body, market, client)
    do {
      return placed(
        try exchange.place(wish, account: account, at: now), market, configuration)
    } catch {
      let refusal = CoinbaseDialect.refusal(error)
      return [
        "success": false, "failure_reason": "UNKNOWN_FAILURE_REASON", "order_id": "",
        "error_response": [
          "error": .string(refusal.name), "message": .string(refusal.message),
          "error_details": "", "preview_failure_reason": .string("PREVIEW_" + refusal.name),
        ],
        "order_configuration": configuration,
      ]
    }
  }

  private func wish(
    _ body: JSON, _ market: SimulatedMarket, _ client: String
  ) throws(CoinbaseRefusal) -> OrderWish {
    guard let side = body["side"]?.plainText, side == "BUY" || side == "SELL",
      case .object(let shapes)? = body["order_configuration"], let name = shapes.names.first,
      let shape = shapes[name]
    else { throw CoinbaseRefusal(400, "INVALID_ARGUMENT", "order configuration is invalid") }
    var wish = OrderWish(market: market.index, isBuy: side == "BUY", clientID: client)
    wish.amount = shape["base_size"]?.fixed
    wish.quoteAmount = shape["quote_size"]?.fixed
    wish.price = shape["limit_price"]?.fixed
    switch name {
    case "market_market_ioc": wish.price = nil
    case "limit_limit_gtc": if shape["post_only"] == true { wish.force = .postOnly }
    case "limit_limit_fok": wish.force = .fillOrKill
    case "sor_limit_ioc": wish.force = .immediateOrCancel
    default: throw CoinbaseRefusal(400, "INVALID_ARGUMENT", "order configuration is not supported")
    }
    if name != "market_market_ioc", wish.price == nil || wish.amount == nil {
      throw CoinbaseRefusal(400, "INVALID_ARGUMENT", "limit_price and base_size are required")
    }
    return wish
  }

  private func placed(
    _ order: SimulatedOrder, _ market: SimulatedMarket, _ configuration: JSON
  ) -> JSON {
    [
      "success": true, "failure_reason": "UNKNOWN_FAILURE_REASON",
      "order_id": .string(self.order(order.id)),
      "success_response": [
        "order_id": .string(self.order(order.id)),
        "product_id": .string(CoinbaseDialect.product(market)),
        "side": order.isBuy ? "BUY" : "SELL", "client_order_id": .string(order.clientID),
      ],
      "order_configuration": configuration,
    ]
  }

  private static func refusal(_ refusal: OrderRefusal) -> (name: String, message: String) {
    switch refusal {
    case .insufficientFunds:
      ("INSUFFICIENT_FUND", "Insufficient balance in source account")
    case .wouldTake: ("INVALID_LIMIT_PRICE_POST_ONLY", "Post only order would cross")
    case .amountStep: ("INVALID_SIZE_PRECISION", "Size is not a multiple of the increment")
    case .priceStep: ("INVALID_PRICE_PRECISION", "Price is not a multiple of the increment")
    case .costTooSmall: ("INVALID_BASE_SIZE_TOO_SMALL", "Order size is below the minimum")
    case .badNumber: ("INVALID_BASE_SIZE", "Size is not valid")
    case .cannotFill: ("UNFULFILLABLE_FOK_ORDER", "Order cannot be filled in full")
    case .notAllowed: ("PERMISSION_DENIED", "Key may not trade")
    case .duplicateClientID, .unknownOrder, .unknownMarket:
      ("UNKNOWN_FAILURE_REASON", "Unknown")
    }
  }

  private mutating func cancel(_ body: JSON, _ account: Int, at now: Instant) -> JSON {
    var results: [JSON] = []
    for id in (body["order_ids"]?.list ?? []).prefix(100).compactMap(\.plainText) {
      var reason = "UNKNOWN_CANCEL_FAILURE_REASON"
      var isDone = false
      if let found = find(id, account) {
        do {
          _ = try exchange.cancel(found.id, account: account, at: now)
          isDone = true
        } catch { reason = "DUPLICATE_CANCEL_REQUEST" }
      } else {
        reason = "UNKNOWN_CANCEL_ORDER"
      }
      results.append([
        "success": .bool(isDone), "failure_reason": .string(reason), "order_id": .string(id),
      ])
    }
    return ["results": .array(results)]
  }
}
