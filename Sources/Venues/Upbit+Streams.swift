import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.upbit.com/kr/reference/websocket-guide: a later request replaces the one before, so
// that all is asked for at once; a connection is closed after 120 seconds without a word.

extension Upbit {
  static let streams = [marketStream, userStream]

  private static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://api.upbit.com/websocket/v1" },
    subscribe: { channels, ask in
      var codes: [(type: String, codes: [JSON])] = [
        ("ticker", []), ("trade", []), ("orderbook", []),
      ]
      for channel in channels {
        switch channel {
        case .ticker(let market): codes[0].codes.append(.string(market.id))
        case .trades(let market): codes[1].codes.append(.string(market.id))
        case .book(let market): codes[2].codes.append(.string(market.id))
        case .account: break
        }
      }
      let wanted = codes.filter { !$0.codes.isEmpty }.map { type, codes -> JSON in
        ["type": .string(type), "codes": .array(codes)]
      }
      return wanted.isEmpty ? [] : [request(wanted, ask.now)]
    }, ping: "PING", pingEvery: 60, channelsMost: 200, book: bookRules, read: readMarket)

  /// The best thirty levels a side, whole every time.
  private static let bookRules = BookRules(.none, from: .stream, window: 30)

  /// The ticket is ours to choose; the time makes it another one each time.
  private static func request(_ wanted: [JSON], _ now: Instant) -> String {
    let ticket: JSON = ["ticket": .string("coffer-" + TimeForm.microseconds.write(now))]
    let form: JSON = ["format": "DEFAULT"]
    let message: JSON = .array([ticket] + wanted + [form])
    return message.text
  }

  private static func refusal(_ node: Node) throws(VenueFault) -> StreamEvent? {
    let error = node["error"]
    guard !error.isNothing else { return nil }
    let code = try error.optionalText("name") ?? ""
    let kind: RefusalKind = code == "INVALID_AUTH" ? .auth : .definitive
    return .refused(Refusal(kind, code: code, message: try error.optionalText("message") ?? ""))
  }

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let refusal = try refusal(node) { return [refusal] }
    switch try node.optionalText("type") {
    case "ticker": return try ticker(node, ask).map { [.ticker($0)] } ?? []
    case "trade":
      return [
        .trade(
          PublicTrade(
            id: try node.optionalText("sequential_id"),
            time: try node.time(.milliseconds, "trade_timestamp"),
            market: try node.text("code"), side: try node.word("ask_bid", sides),
            price: try node.decimal("trade_price"), amount: try node.decimal("trade_volume")))
      ]
    case "orderbook":
      let units = try node["orderbook_units"].elements()
      return [
        .book(
          BookChange(
            market: try node.text("code"), isSnapshot: true,
            bids: try OrderBook.levels(units, "bid_price", "bid_size"),
            asks: try OrderBook.levels(units, "ask_price", "ask_size")))
      ]
    default: return []
    }
  }

  // MARK: - Our account

  /// The request that opens it bears the token.
  private static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in "wss://api.upbit.com/websocket/v1/private" },
    opening: { credentials, moment, tools throws(VenueFault) in
      try StreamLogin.fields(
        "websocket/v1/private", host, UpbitToken.recipe, keeping: ["Authorization"], credentials,
        moment, tools)
    },
    subscribe: { _, ask in
      [request([["type": "myOrder"], ["type": "myAsset"]], ask.now)]
    }, ping: "PING", pingEvery: 60, read: readAccount)

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let refusal = try refusal(node) { return [refusal] }
    switch try node.optionalText("type") {
    case "myAsset":
      var events: [StreamEvent] = []
      for row in try node["assets"].optionalElements() {
        events += try balance(row, ask).map { [.balance($0)] } ?? []
      }
      return events
    case "myOrder": return try ordered(node)
    default: return []
    }
  }

  // https://docs.upbit.com/kr/reference/websocket-myorder
  private static func ordered(_ node: Node) throws(VenueFault) -> [StreamEvent] {
    let words: [String: Order.Status] = [
      "wait": .open, "watch": .open, "trade": .open, "done": .closed, "cancel": .canceled,
      "prevented": .canceled,
    ]
    let id = try node.text("uuid")
    let market = try node.text("code")
    let side = try node.word("ask_bid", sides)
    let isTrade = try node.optionalText("state") == "trade"
    let type = try node.optionalText("order_type")
    // Of an execution price and volume are the execution's own.
    let order = Order(
      id: id, clientID: try node.optionalText("identifier"),
      time: try node.optionalTime(.milliseconds, "order_timestamp"), market: market,
      type: type == "price" ? "market" : type, side: side,
      price: isTrade || type == "price" ? nil : try node.optionalDecimal("price"),
      filled: try node.optionalDecimal("executed_volume"),
      remaining: try node.optionalDecimal("remaining_volume"),
      cost: try node.optionalDecimal("executed_funds"), status: try node.word("state", words))
    guard isTrade else { return [.order(order)] }
    let fill = Fill(
      id: try node.text("trade_uuid"), order: id,
      time: try node.time(.milliseconds, "trade_timestamp", "timestamp"), market: market,
      side: side, price: try node.decimal("price"), amount: try node.decimal("volume"),
      isMaker: try node.optionalFlag("is_maker"))
    return [.fill(fill), .order(order)]
  }
}
