import Amounts
import Encodings
import Ledger
import VenueKit

// https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html#websocket-heartbeats and
// #websocket-subscriptions: 400 subscriptions a connection, 100 a message; what the server asks
// every 30 seconds must be answered within 5.

extension Cryptocom {
  static let streams = [marketStream, userStream]

  private static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://stream.crypto.com/exchange/v1/market" },
    subscribe: { channels, ask in
      var names: [JSON] = []
      var books: [JSON] = []
      for channel in channels {
        switch channel {
        case .ticker(let market): names.append(.string("ticker.\(market.id)"))
        case .trades(let market): names.append(.string("trade.\(market.id)"))
        case .book(let market): books.append(.string("book.\(market.id).50"))
        case .account: break
        }
      }
      let terms: Parameters = [
        "book_subscription_type": "SNAPSHOT_AND_UPDATE", "book_update_frequency": .number("10"),
      ]
      return Stream.batched(names, by: 100) { subscription($0, [:], ask.now) }
        + Stream.batched(books, by: 100) { subscription($0, terms, ask.now) }
    },
    pingEvery: 30, channelsMost: 200, book: bookRules, read: readMarket)

  /// A change's `pu` is the `u` before; the stream sends a first state by itself.
  ///
  /// https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html#book-instrument_name-depth
  private static let bookRules = BookRules(.linked, from: .stream, window: 50)

  private static func subscription(
    _ channels: [JSON], _ terms: Parameters, _ now: Instant
  ) -> String {
    let wanted: Parameters = ["channels": .array(channels)]
    let message: JSON = [
      "id": .number("1"), "method": "subscribe", "params": wanted.adding(terms).json,
      "nonce": .number(TimeForm.milliseconds.write(now)),
    ]
    return message.text
  }

  /// What is said of the connection; `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    let method = try node.optionalText("method")
    if method == "public/heartbeat", let id = node["id"].json {
      let answer: JSON = ["id": id, "method": "public/respond-heartbeat"]
      return [.reply(answer.text)]
    }
    let code = try node.optionalText("code") ?? "0"
    guard code == "0" else {
      let text = try node.optionalText("message") ?? ""
      return [.refused(faults.refusal(code: code, message: text, status: 200))]
    }
    if method == "public/auth" { return [.loggedIn] }
    guard method == "subscribe" else { return [] }
    return node["result"]["data"].isNothing ? [.subscribed] : nil
  }

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let result = node["result"]
    let channel = try result.text("channel")
    var events: [StreamEvent] = []
    for row in try result["data"].elements() {
      switch channel {
      case "ticker": events += try ticker(row, ask).map { [.ticker($0)] } ?? []
      case "trade": events += try trade(row, ask).map { [.trade($0)] } ?? []
      case "book", "book.update":
        let id = try result.text("instrument_name")
        events.append(.book(try change(row, id, isSnapshot: channel == "book")))
      default: break
      }
    }
    return events
  }

  private static func change(
    _ row: Node, _ id: String, isSnapshot: Bool
  ) throws(VenueFault) -> BookChange {
    let levels = row["update"].isNothing ? row : row["update"]
    let number = try row.integer("u")
    return BookChange(
      market: id, isSnapshot: isSnapshot, bids: try OrderBook.levels(levels["bids"]),
      asks: try OrderBook.levels(levels["asks"]), sequence: number...number,
      previous: try row.optionalInteger("pu"))
  }

  // MARK: - Our account

  private static let userStream = Stream(
    name: "user", isPrivate: true,
    url: { _, _ in "wss://stream.crypto.com/exchange/v1/user" },
    login: login,
    subscribe: { _, ask in
      [subscription(["user.order", "user.trade", "user.balance"], [:], ask.now)]
    }, pingEvery: 30, read: readAccount)

  /// Signed as a request without parameters.
  ///
  /// https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html#digital-signature
  private static func login(
    _ credentials: Credentials, _ moment: Moment, _ tools: SigningTools
  ) throws(VenueFault) -> [String] {
    try StreamLogin.needed(credentials)
    let nonce = TimeForm.milliseconds.write(moment.nonce)
    let text = "public/auth" + nonce + credentials.key + nonce
    let signature = tools.hmac(.sha256, Array(credentials.secret.utf8), Array(text.utf8))
    let message: JSON = [
      "id": .number(nonce), "method": "public/auth", "api_key": .string(credentials.key),
      "sig": .string(Hex.text(signature)), "nonce": .number(nonce),
    ]
    return [message.text]
  }

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let result = node["result"]
    let channel = try result.text("channel")
    var events: [StreamEvent] = []
    for row in try result["data"].elements() {
      switch channel.split(separator: ".").prefix(2).joined(separator: ".") {
      case "user.order": events += try order(row, ask).map { [.order($0)] } ?? []
      case "user.trade": events += try fill(row, ask).map { [.fill($0)] } ?? []
      case "user.balance":
        for held in try row["position_balances"].optionalElements() {
          events += try balance(held, ask).map { [.balance($0)] } ?? []
        }
      default: break
      }
    }
    return events
  }
}
