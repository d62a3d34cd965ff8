import Amounts
import Encodings
import Ledger
import VenueKit

// https://www.gate.com/docs/developers/apiv4/ws/en/
// https://www.gate.com/docs/developers/futures/ws/en/

extension Gate {
  static let streams = [
    market("market", "wss://api.gateio.ws/ws/v4/", "spot") { $0.kind == .spot },
    market("usdt.market", "wss://fx-ws.gateio.ws/v4/ws/usdt", "futures") {
      $0.kind == .swap && $0.settle == "USDT"
    },
    market("btc.market", "wss://fx-ws.gateio.ws/v4/ws/btc", "futures") {
      $0.kind == .swap && $0.settle == "BTC"
    },
    userStream,
  ]

  private static func market(
    _ name: String, _ url: String, _ section: String,
    serves: @escaping @Sendable (Market) -> Bool
  ) -> Stream {
    Stream(
      name: name, url: { _, _ in url },
      subscribe: { channels, ask in subscriptions(channels, section, ask.now, serves) },
      pingEvery: 20, channelsMost: 200, book: bookRules, read: readMarket)
  }

  /// A change's `U` is at most the last state's number and one.
  ///
  /// https://www.gate.com/docs/developers/apiv4/ws/en/#how-to-maintain-local-order-book
  private static let bookRules = BookRules(.counted, from: .call)

  private static func subscriptions(
    _ channels: [Channel], _ section: String, _ now: Instant, _ serves: (Market) -> Bool
  ) -> [String] {
    var tickers: [JSON] = []
    var trades: [JSON] = []
    var texts: [String] = []
    for channel in channels {
      switch channel {
      case .ticker(let market) where serves(market): tickers.append(.string(market.id))
      case .trades(let market) where serves(market): trades.append(.string(market.id))
      case .book(let market) where serves(market):
        var payload: [JSON] = [.string(market.id), "100ms"]
        // Contracts name how many levels are told of.
        if section == "futures" { payload.append("100") }
        texts.append(subscription("\(section).order_book_update", payload, now))
      default: break
      }
    }
    texts += Stream.batched(tickers, by: 100) { subscription("\(section).tickers", $0, now) }
    texts += Stream.batched(trades, by: 100) { subscription("\(section).trades", $0, now) }
    return texts
  }

  private static func subscription(
    _ channel: String, _ payload: [JSON], _ now: Instant
  ) -> String {
    let message: JSON = [
      "time": .number(TimeForm.seconds.write(now)), "channel": .string(channel),
      "event": "subscribe", "payload": .array(payload),
    ]
    return message.text
  }

  /// What is said of the connection; `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    let error = node["error"]
    if !error.isNothing {
      let code = try error.optionalText("code") ?? ""
      // https://www.gate.com/docs/developers/apiv4/ws/en/#error: 4 is an authentication that fails.
      let kind: RefusalKind = code == "4" ? .auth : .definitive
      return [
        .refused(Refusal(kind, code: code, message: try error.optionalText("message") ?? ""))
      ]
    }
    switch try node.optionalText("event") {
    case "update", "all": return nil
    case "subscribe": return [.loggedIn, .subscribed]
    default: return []
    }
  }

  /// The rows of a message: one of spot, several of contracts.
  private static func rows(_ node: Node) throws(VenueFault) -> [Node] {
    let result = node["result"]
    if case .array? = result.json { return try result.elements() }
    return result.isNothing ? [] : [result]
  }

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    var events: [StreamEvent] = []
    for row in try rows(node) {
      switch try node.text("channel") {
      case "spot.tickers", "futures.tickers":
        guard var ticker = try ticker(row, ask) else { continue }
        ticker.time = try node.optionalTime(.milliseconds, "time_ms")
        events.append(.ticker(ticker))
      case "spot.trades", "futures.trades":
        events += try trade(row, ask).map { [.trade($0)] } ?? []
      case "spot.order_book_update", "futures.order_book_update":
        events.append(.book(try change(row)))
      default: break
      }
    }
    return events
  }

  private static func change(_ row: Node) throws(VenueFault) -> BookChange {
    let (first, last) = (try row.integer("U"), try row.integer("u"))
    guard first <= last else { throw row["u"].fault("a number from \(first) on") }
    return BookChange(
      market: try row.text("s"), isSnapshot: try row.optionalFlag("full") ?? false,
      bids: try levels(row["b"]), asks: try levels(row["a"]), sequence: first...last)
  }

  // MARK: - Our account

  /// Spot only: contracts want the account's number beside the key.
  private static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in "wss://api.gateio.ws/ws/v4/" }, login: login,
    subscribe: { _, _ in [] }, pingEvery: 20, read: readAccount)

  /// Every subscription is signed by itself.
  ///
  /// https://www.gate.com/docs/developers/apiv4/ws/en/#authentication
  private static func login(
    _ credentials: Credentials, _ moment: Moment, _ tools: SigningTools
  ) throws(VenueFault) -> [String] {
    try StreamLogin.needed(credentials)
    let time = TimeForm.seconds.write(moment.time)
    return ["spot.orders", "spot.usertrades", "spot.balances"].map { channel in
      let text = "channel=\(channel)&event=subscribe&time=\(time)"
      let signature = tools.hmac(.sha512, Array(credentials.secret.utf8), Array(text.utf8))
      let auth: JSON = [
        "method": "api_key", "KEY": .string(credentials.key),
        "SIGN": .string(Hex.text(signature)),
      ]
      let message: JSON = [
        "time": .number(time), "channel": .string(channel), "event": "subscribe",
        "payload": .array(channel == "spot.balances" ? [] : ["!all"]), "auth": auth,
      ]
      return message.text
    }
  }

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    var events: [StreamEvent] = []
    for row in try rows(node) {
      switch try node.text("channel") {
      case "spot.orders": events += try order(row, ask).map { [.order($0)] } ?? []
      case "spot.usertrades": events += try fill(row, ask, .spot, "").map { [.fill($0)] } ?? []
      case "spot.balances":
        events.append(
          .balance(
            Balance(
              asset: try row.text("currency"), free: try row.optionalDecimal("available"),
              total: try row.optionalDecimal("total"))))
      default: break
      }
    }
    return events
  }
}
