import Amounts
import Encodings
import Ledger
import VenueKit

// https://bybit-exchange.github.io/docs/v5/ws/connect: spot takes 10 topics a message; a ping every
// 20 seconds.

extension Bybit {
  static let streams = [
    market("market", .spot), market("linear.market", .linear), market("inverse.market", .inverse),
    userStream,
  ]

  private static func market(_ name: String, _ category: Category) -> Stream {
    Stream(
      name: name, url: { _, _ in "wss://stream.bybit.com/v5/public/" + category.rawValue },
      subscribe: { channels, _ in
        Stream.batched(
          channels.compactMap { topic($0, category) }, by: 10, StreamLogin.subscription)
      },
      ping: #"{"op":"ping"}"#, pingEvery: 20, channelsMost: 200, book: bookRules,
      read: { node, ask throws(VenueFault) in try readMarket(node, ask) })
  }

  /// A new first state comes by itself where the venue lost something; updates are not said to be
  /// numbered one by one.
  ///
  /// https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook
  private static let bookRules = BookRules(.none, from: .stream, window: 50)

  private static func topic(_ channel: Channel, _ category: Category) -> JSON? {
    switch channel {
    case .ticker(let market) where Category(market) == category:
      .string("tickers.\(market.id)")
    case .trades(let market) where Category(market) == category:
      .string("publicTrade.\(market.id)")
    case .book(let market) where Category(market) == category:
      .string("orderbook.50.\(market.id)")
    default: nil
    }
  }

  /// What is said of the connection; `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    guard node["topic"].isNothing else { return nil }
    let operation = try node.optionalText("op")
    if try node.optionalFlag("success") == false {
      let text = try node.optionalText("ret_msg") ?? ""
      let kind: RefusalKind = operation == "auth" ? .auth : .definitive
      return [.refused(Refusal(kind, code: operation ?? "", message: text))]
    }
    switch operation {
    case "subscribe": return [.subscribed]
    case "auth": return [.loggedIn]
    default: return []
    }
  }

  private static let tickerRow = tickers(.spot).row

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let data = node["data"]
    switch try node.text("topic").prefix(while: { $0 != "." }) {
    case "tickers":
      guard var ticker = try tickerRow(data, ask) else { return [] }
      ticker.time = try node.optionalTime(.milliseconds, "ts")
      return [.ticker(ticker)]
    case "publicTrade":
      var events: [StreamEvent] = []
      for row in try data.elements() { events.append(.trade(try traded(row))) }
      return events
    case "orderbook":
      return [
        .book(
          BookChange(
            market: try data.text("s"),
            isSnapshot: try node.optionalText("type") == "snapshot",
            bids: try OrderBook.levels(data["b"]), asks: try OrderBook.levels(data["a"])))
      ]
    default: return []
    }
  }

  // https://bybit-exchange.github.io/docs/v5/websocket/public/trade
  private static func traded(_ row: Node) throws(VenueFault) -> PublicTrade {
    PublicTrade(
      id: try row.optionalText("i"), time: try row.time(.milliseconds, "T"),
      market: try row.text("s"), side: try row.side("S"), price: try row.decimal("p"),
      amount: try row.decimal("v"))
  }

  // MARK: - Our account

  private static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in "wss://stream.bybit.com/v5/private" },
    login: login,
    subscribe: { _, _ in [StreamLogin.subscription(["order", "execution", "wallet"])] },
    ping: #"{"op":"ping"}"#, pingEvery: 20,
    read: { node, ask throws(VenueFault) in try readAccount(node, ask) })

  /// The login ends ten seconds on; a private RSA key may stand in the secret's place.
  private static func login(
    _ credentials: Credentials, _ moment: Moment, _ tools: SigningTools
  ) throws(VenueFault) -> [String] {
    try StreamLogin.needed(credentials)
    let ends = TimeForm.milliseconds.write(moment.time.advanced(bySeconds: 10))
    let text = Array("GET/realtime\(ends)".utf8)
    let signature: String
    if credentials.secret.hasPrefix("-----BEGIN") {
      do throws(SigningFault) {
        signature = Base64.text(try tools.rsaSHA256(credentials.secret, text))
      } catch {
        throw .unsigned(error.reason)
      }
    } else {
      signature = Hex.text(tools.hmac(.sha256, Array(credentials.secret.utf8), text))
    }
    let message: JSON = [
      "op": "auth", "args": [.string(credentials.key), .number(ends), .string(signature)],
    ]
    return [message.text]
  }

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let topic = try node.text("topic").prefix { $0 != "." }
    var events: [StreamEvent] = []
    for row in try node["data"].elements() {
      switch topic {
      case "order": events += try order(row, ask).map { [.order($0)] } ?? []
      case "execution":
        let category = try row.optionalText("category").flatMap { Category(rawValue: $0) }
        // Funding comes as an execution too.
        guard let category, try row.optionalText("execType") == "Trade" else { continue }
        events += try fill(row, ask, category).map { [.fill($0)] } ?? []
      case "wallet":
        for coin in try row["coin"].optionalElements() {
          events += try unified(coin, ask).map { [.balance($0)] } ?? []
        }
      default: break
      }
    }
    return events
  }
}
