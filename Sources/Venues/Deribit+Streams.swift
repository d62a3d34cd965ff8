import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.deribit.com/articles/notifications: 500 channels a connection and call.

extension Deribit {
  static let streams = [marketStream, userStream]

  private static let address = "wss://www.deribit.com/ws/api/v2"
  /// A call that is answered at once, so that silence is told from a lost connection.
  private static let ping =
    #"{"jsonrpc":"2.0","id":9,"method":"public/test","params":{}}"#

  private static let marketStream = Stream(
    name: "market", url: { _, _ in address },
    subscribe: { channels, _ in
      Stream.batched(channels.compactMap(name), by: 100) {
        call("public/subscribe", ["channels": .array($0)])
      }
    }, ping: ping, pingEvery: 30, channelsMost: 300, book: bookRules, read: readMarket)

  /// A change's `prev_change_id` is the `change_id` before.
  ///
  /// https://docs.deribit.com/subscriptions/orderbook/bookinstrument_nameinterval
  private static let bookRules = BookRules(.linked, from: .stream)

  private static func name(_ channel: Channel) -> JSON? {
    switch channel {
    case .ticker(let market): .string("ticker.\(market.id).100ms")
    case .trades(let market): .string("trades.\(market.id).100ms")
    case .book(let market): .string("book.\(market.id).100ms")
    case .account: nil
    }
  }

  private static func call(_ method: String, _ parameters: Parameters) -> String {
    let message: JSON = [
      "jsonrpc": "2.0", "id": .number("1"), "method": .string(method), "params": parameters.json,
    ]
    return message.text
  }

  /// What is said of the connection; `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    switch try node.optionalText("method") {
    case "subscription": return nil
    case "heartbeat":
      let isTest = try node["params"].optionalText("type") == "test_request"
      return isTest ? [.reply(call("public/test", [:]))] : []
    default: break
    }
    if let found = faults.find(node, 200) {
      return [
        .refused(faults.refusal(code: found.code, message: found.message, status: 200))
      ]
    }
    let result = node["result"]
    if !result["access_token"].isNothing { return [.loggedIn] }
    if case .array? = result.json { return [.subscribed] }
    return []
  }

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let data = node["params"]["data"]
    switch try node["params"].text("channel").prefix(while: { $0 != "." }) {
    case "ticker": return try ticker(data, ask).map { [.ticker($0)] } ?? []
    case "trades":
      var events: [StreamEvent] = []
      for row in try data.elements() {
        events += try trade(row, ask).map { [.trade($0)] } ?? []
      }
      return events
    case "book": return [.book(try change(data))]
    default: return []
    }
  }

  private static func change(_ data: Node) throws(VenueFault) -> BookChange {
    let number = try data.integer("change_id")
    return BookChange(
      market: try data.text("instrument_name"),
      isSnapshot: try data.optionalText("type") == "snapshot", bids: try levels(data["bids"]),
      asks: try levels(data["asks"]), sequence: number...number,
      previous: try data.optionalInteger("prev_change_id"))
  }

  /// Levels are what became of them, price and amount.
  private static func levels(_ node: Node) throws(VenueFault) -> [BookLevel] {
    var all: [BookLevel] = []
    for level in try node.optionalElements() {
      let isGone = try level[0].optionalText() == "delete"
      all.append(BookLevel(try level[1].decimal(), isGone ? .zero : try level[2].decimal()))
    }
    return all
  }

  // MARK: - Our account

  private static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in address }, login: login,
    subscribe: { _, _ in
      [
        call(
          "private/subscribe",
          [
            "channels": [
              "user.orders.any.any.raw", "user.trades.any.any.raw", "user.portfolio.any",
            ]
          ])
      ]
    }, ping: ping, pingEvery: 30, read: readAccount)

  /// The signature covers time, nonce and no data.
  ///
  /// https://docs.deribit.com/api-reference/authentication/public-auth
  static func login(
    _ credentials: Credentials, _ moment: Moment, _ tools: SigningTools
  ) throws(VenueFault) -> [String] {
    try StreamLogin.needed(credentials)
    let time = TimeForm.milliseconds.write(moment.time)
    let nonce = moment.uuid.filter { $0 != "-" }
    let text = time + "\n" + nonce + "\n"
    let signature = tools.hmac(.sha256, Array(credentials.secret.utf8), Array(text.utf8))
    return [
      call(
        "public/auth",
        [
          "grant_type": "client_signature", "client_id": .string(credentials.key),
          "timestamp": .number(time), "signature": .string(Hex.text(signature)),
          "nonce": .string(nonce), "data": "",
        ])
    ]
  }

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let data = node["params"]["data"]
    var rows = [data]
    if case .array? = data.json { rows = try data.elements() }
    let channel = try node["params"].text("channel").split(separator: ".").prefix(2)
    var events: [StreamEvent] = []
    for row in rows {
      switch channel.joined(separator: ".") {
      case "user.orders": events += try order(row, ask).map { [.order($0)] } ?? []
      case "user.trades": events += try fill(row, ask).map { [.fill($0)] } ?? []
      case "user.portfolio":
        events.append(
          .balance(
            Balance(
              asset: try row.text("currency"), free: try row.roundedDecimal("available_funds"),
              total: try row.roundedDecimal("equity"))))
      default: break
      }
    }
    return events
  }
}
