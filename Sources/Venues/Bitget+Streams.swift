import Amounts
import Encodings
import Ledger
import VenueKit

// https://www.bitget.com/api-doc/common/websocket-intro: 1,000 channels a connection, better 50;
// 10 messages a second; a ping every 30 seconds.

extension Bitget {
  static let streams = [
    market("market") { $0.kind == .spot ? "SPOT" : nil },
    market("contract.market") { $0.kind == .spot ? nil : Product($0).rawValue },
    userStream,
  ]

  private static func market(
    _ name: String, product: @escaping @Sendable (Market) -> String?
  ) -> Stream {
    Stream(
      name: name, url: { _, _ in "wss://ws.bitget.com/v2/ws/public" },
      subscribe: { channels, _ in
        Stream.batched(
          channels.compactMap { argument($0, product) }, by: 50, StreamLogin.subscription)
      }, ping: "ping", pingEvery: 30, channelsMost: 200, book: bookRules, read: readMarket)
  }

  /// The sum tells whether a change was missed.
  ///
  /// https://www.bitget.com/api-doc/spot/websocket/public/Depth-Channel
  private static let bookRules = BookRules(
    .none, from: .stream, window: 400, checksum: .paddedPairs(levels: 25))

  private static func argument(_ channel: Channel, _ product: (Market) -> String?) -> JSON? {
    let (name, market): (String, Market)
    switch channel {
    case .ticker(let wanted): (name, market) = ("ticker", wanted)
    case .trades(let wanted): (name, market) = ("trade", wanted)
    case .book(let wanted): (name, market) = ("books", wanted)
    case .account: return nil
    }
    return product(market).map { argument($0, name, ("instId", market.id)) }
  }

  private static func argument(
    _ product: String, _ channel: String, _ what: (name: String, id: String)
  ) -> JSON {
    .object(
      JSONObject([
        ("instType", .string(product)), ("channel", .string(channel)),
        (what.name, .string(what.id)),
      ]))
  }

  /// What is said of the connection; `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    guard let event = try node.optionalText("event") else { return nil }
    let code = try node.optionalText("code") ?? ""
    switch event {
    case "subscribe": return [.subscribed]
    case "login" where code == "0": return [.loggedIn]
    case "login", "error":
      let text = try node.optionalText("msg") ?? ""
      // 30004 to 30016 are about the login.
      let isAuth = ["30004", "30005", "30008", "30011", "30012", "30013", "30014", "30015"]
        .contains(code)
      let kind: RefusalKind = isAuth || event == "login" ? .auth : .definitive
      return [.refused(Refusal(kind, code: code, message: text))]
    default: return []
    }
  }

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let channel = try node["arg"].text("channel")
    let id = try node["arg"].text("instId")
    let isSnapshot = try node.optionalText("action") == "snapshot"
    var events: [StreamEvent] = []
    for row in try node["data"].elements() {
      switch channel {
      case "ticker": events += try ticker(row, ask).map { [.ticker($0)] } ?? []
      case "trade":
        guard var trade = try trade(row, ask) else { continue }
        trade.market = id
        events.append(.trade(trade))
      case "books": events.append(.book(try change(row, id, isSnapshot)))
      default: break
      }
    }
    return events
  }

  private static func change(
    _ row: Node, _ id: String, _ isSnapshot: Bool
  ) throws(VenueFault) -> BookChange {
    var digits = BookDigits()
    for side in ["bids", "asks"] {
      for level in try row[side].optionalElements() {
        digits = digits.widened(by: BookDigits(price: level[0], amount: level[1]))
      }
    }
    return BookChange(
      market: id, isSnapshot: isSnapshot, bids: try OrderBook.levels(row["bids"]),
      asks: try OrderBook.levels(row["asks"]), checksum: try row.optionalInteger("checksum"),
      digits: digits)
  }

  // MARK: - Our account

  /// Classic accounts; what unified ones say comes by another address.
  private static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in "wss://ws.bitget.com/v2/ws/private" },
    login: { credentials, moment, tools throws(VenueFault) in
      try StreamLogin.pathSigned(
        credentials, TimeForm.seconds.write(moment.time), "/user/verify", tools)
    },
    subscribe: { _, _ in
      let products = ["SPOT"] + Product.allCases.map(\.rawValue)
      let arguments = products.flatMap { product in
        [
          argument(product, "orders", ("instId", "default")),
          argument(product, "fill", ("instId", "default")),
          argument(product, "account", ("coin", "default")),
        ]
      }
      return [StreamLogin.subscription(arguments)]
    }, ping: "ping", pingEvery: 30, read: readAccount)

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let product = try node["arg"].text("instType")
    let part: AccountPart = Product(rawValue: product)?.part ?? .spot
    var events: [StreamEvent] = []
    for row in try node["data"].elements() {
      switch try node["arg"].text("channel") {
      case "orders": events.append(.order(try placed(row)))
      case "fill":
        guard var fill = try fill(row, ask, part) else { continue }
        // The stream's documents do not settle which sign a fee has.
        fill.fees = []
        fill.realised = nil
        events.append(.fill(fill))
      case "account":
        events.append(
          .balance(
            Balance(
              asset: try row.text("coin", "marginCoin"),
              free: try row.optionalDecimal("available"), part: part)))
      default: break
      }
    }
    return events
  }

  // https://www.bitget.com/api-doc/spot/websocket/private/Order-Channel
  private static func placed(_ row: Node) throws(VenueFault) -> Order {
    let words: [String: Order.Status] = [
      "live": .open, "partially_filled": .open, "filled": .closed, "canceled": .canceled,
      "cancelled": .canceled,
    ]
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("clientOid"),
      time: try row.optionalTime(.milliseconds, "cTime"),
      market: try row.optionalText("instId"), type: try row.optionalText("orderType"),
      side: try row.side("side"), price: try row.decimalUnlessZero("price"),
      filled: try row.optionalDecimal("accBaseVolume"),
      average: try row.decimalUnlessZero("priceAvg"), status: try row.word("status", words))
  }
}
