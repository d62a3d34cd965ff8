import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.bitfinex.com/docs/ws-general
// A channel's messages bear only the number that the venue gave it when it was subscribed to.

extension Bitfinex {
  static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://api-pub.bitfinex.com/ws/2" },
    subscribe: { channels, _ in
      // Flag 131072 asks for checksums of books, 65536 for numbers of messages.
      [#"{"event":"conf","flags":196608}"#] + channels.compactMap(subscription)
    }, ping: #"{"event":"ping"}"#, pingEvery: 15, channelsMost: 25,
    book: BookRules(
      .none, from: .stream, window: 25, checksum: .signedPairs(levels: 25), isSummedApart: true,
      number: number),
    remember: remember, read: readMarket)

  /// The number at a message's end, which counts all of the connection's data.
  ///
  /// https://docs.bitfinex.com/docs/ws-general
  private static func number(_ node: Node) -> Int64? {
    guard case .array(let elements)? = node.json else { return nil }
    // A word is followed by what it is about, but a heartbeat's by nothing.
    let isWord = (try? node[1].optionalWord()) != nil
    let isBeat = (try? node[1].isText("hb")) == true
    let place = isWord && !isBeat ? 3 : 2
    return elements.count == place + 1 ? try? node[place].integer() : nil
  }

  static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in "wss://api.bitfinex.com/ws/2" },
    login: { credentials, moment, tools throws(VenueFault) in
      guard !credentials.key.isEmpty, !credentials.secret.isEmpty else {
        throw .unsigned("no key is stored for this account")
      }
      let nonce = TimeForm.milliseconds.write(moment.nonce)
      let payload = "AUTH" + nonce
      let signature = tools.hmac(
        .sha384, Array(credentials.secret.utf8), Array(payload.utf8))
      let message: Parameters = [
        "event": .string("auth"), "apiKey": .string(credentials.key),
        "authSig": .string(Hex.text(signature)), "authNonce": .string(nonce),
        "authPayload": .string(payload),
      ]
      return [message.json.text]
    }, subscribe: { _, _ in [] }, ping: #"{"event":"ping"}"#, pingEvery: 15, read: readAccount)

  private static func subscription(_ channel: Channel) -> String? {
    var message: Parameters = ["event": .string("subscribe")]
    switch channel {
    case .ticker(let market):
      message = message.adding(["channel": .string("ticker"), "symbol": .string(market.id)])
    case .trades(let market):
      message = message.adding(["channel": .string("trades"), "symbol": .string(market.id)])
    case .book(let market):
      message = message.adding([
        "channel": .string("book"), "symbol": .string(market.id), "prec": .string("P0"),
        "freq": .string("F0"), "len": .string("25"),
      ])
    case .account: return nil
    }
    return message.json.text
  }

  private static func remember(_ node: Node) -> (name: String, word: String)? {
    guard (try? node.optionalText("event")) == "subscribed",
      let number = try? node.text("chanId"), let channel = try? node.text("channel"),
      let symbol = try? node.text("symbol")
    else { return nil }
    return (number, "\(channel) \(symbol)")
  }

  /// What is said of the connection; `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    guard case .object? = node.json else { return nil }
    switch try node.optionalText("event") {
    case "subscribed": return [.subscribed]
    case "auth" where try node.optionalText("status") == "OK": return [.loggedIn, .subscribed]
    case "auth", "error":
      let code = try node.optionalText("code") ?? ""
      let text = try node.optionalText("msg") ?? ""
      return [.refused(faults.refusal(code: code, message: text, status: 200))]
    case "info":
      // 20051: the server restarts; 20060: it pauses.
      let code = try node.optionalText("code")
      return code == "20051" || code == "20060" ? [.reconnect] : []
    default: return []
    }
  }

  static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    guard let words = ask.accounts[try node[0].text()] else { return [] }
    let parts = words.split(separator: " ").map(String.init)
    guard let channel = parts.first, let market = parts.last else { return [] }
    switch channel {
    case "ticker": return try streamTicker(node, market)
    case "trades": return try streamTrades(node, market)
    case "book": return try streamBook(node, market)
    default: return []
    }
  }

  private static func streamTicker(_ node: Node, _ market: String) throws(VenueFault)
    -> [StreamEvent]
  {
    guard case .array? = node[1].json, var ticker = try ticker(node[1], Ask(now: .init(seconds: 0)))
    else { return [] }
    ticker.market = market
    return [.ticker(ticker)]
  }

  /// A trade comes as `te` at once and as `tu` with its number; the first pages comes as a list.
  private static func streamTrades(_ node: Node, _ market: String) throws(VenueFault)
    -> [StreamEvent]
  {
    var rows: [Node] = []
    if case .array? = node[1].json { rows = try node[1].elements() }
    if try node[1].isText("te") { rows = [node[2]] }
    var events: [StreamEvent] = []
    for row in rows {
      guard var trade = try trade(row, Ask(now: .init(seconds: 0))) else { continue }
      trade.market = market
      events.append(.trade(trade))
    }
    return events
  }

  /// A level, a list of levels for a start, or `cs` and the checksum of the first 25 levels.
  private static func streamBook(_ node: Node, _ market: String) throws(VenueFault) -> [StreamEvent]
  {
    if try node[1].isText("cs") {
      return [
        .book(
          BookChange(
            market: market, isSnapshot: false, bids: [], asks: [],
            checksum: try node[2].integer()))
      ]
    }
    guard case .array? = node[1].json else { return [] }
    var isSnapshot = false
    if case .array? = node[1][0].json { isSnapshot = true }
    var bids: [BookLevel] = []
    var asks: [BookLevel] = []
    for row in isSnapshot ? try node[1].elements() : [node[1]] {
      let amount = try row[2].decimal()
      let isGone = try row[1].decimal().isZero
      let level = BookLevel(try row[0].decimal(), isGone ? .zero : try amount.sizeOnly())
      if amount.isNegative { asks.append(level) } else { bids.append(level) }
    }
    return [.book(BookChange(market: market, isSnapshot: isSnapshot, bids: bids, asks: asks))]
  }

  // MARK: - Our account

  static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    guard let word = try node[1].optionalWord() else { return [] }
    switch word {
    case "os":
      var events: [StreamEvent] = []
      for row in try node[2].elements() {
        if let order = try order(row, ask) { events.append(.order(order)) }
      }
      return events
    case "on", "ou", "oc": return try order(node[2], ask).map { [.order($0)] } ?? []
    // `te` comes first but without the fee.
    case "tu": return try fill(node[2], ask).map { [.fill($0)] } ?? []
    case "ws": return try wallets(try node[2].elements())
    case "wu": return try wallets([node[2]])
    default: return []
    }
  }

  private static func wallets(_ rows: [Node]) throws(VenueFault) -> [StreamEvent] {
    let parts: [String: AccountPart] = [
      "exchange": .spot, "margin": .margin, "funding": .funding,
    ]
    var events: [StreamEvent] = []
    for row in rows {
      guard let part = parts[try row[0].text()] else { continue }
      events.append(
        .balance(
          Balance(
            asset: try row[1].text(), free: try row[4].optionalDecimal(),
            total: try row[2].decimal(), part: part)))
    }
    return events
  }
}

extension Node {
  /// A text; `nil` for anything else.
  fileprivate func optionalWord() throws(VenueFault) -> String? {
    guard case .string? = json else { return nil }
    return try optionalText()
  }

  fileprivate func isText(_ word: String) throws(VenueFault) -> Bool {
    try optionalWord() == word
  }
}
