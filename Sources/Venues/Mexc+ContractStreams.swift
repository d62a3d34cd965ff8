import Amounts
import Encodings
import Ledger
import VenueKit

// https://www.mexc.com/api-docs/futures/websocket-api: texts in JSON; a connection without a ping
// for a minute is closed.

extension Mexc {
  static let contractMarketStream = Stream(
    name: "contract.market", url: { _, _ in "wss://contract.mexc.com/edge" },
    subscribe: { channels, _ in channels.compactMap(asked) },
    ping: #"{"method":"ping"}"#, pingEvery: 15, channelsMost: 100,
    book: BookRules(.counted, from: .call), read: readContracts)

  static let contractUserStream = Stream(
    name: "contract.user", isPrivate: true, url: { _, _ in "wss://contract.mexc.com/edge" },
    login: { credentials, moment, tools throws(VenueFault) in
      try StreamLogin.needed(credentials)
      let time = TimeForm.milliseconds.write(moment.time)
      let text = Array((credentials.key + time).utf8)
      let signature = Hex.text(tools.hmac(.sha256, Array(credentials.secret.utf8), text))
      let terms: JSON = [
        "apiKey": .string(credentials.key), "reqTime": .string(time),
        "signature": .string(signature),
      ]
      let message: JSON = ["method": "login", "param": terms]
      return [message.text]
    },
    // Everything of the account comes by itself after the login.
    subscribe: { _, _ in [] }, ping: #"{"method":"ping"}"#, pingEvery: 15, read: readContracts)

  private static func asked(_ channel: Channel) -> String? {
    let (method, market): (String, Market)
    switch channel {
    case .ticker(let wanted): (method, market) = ("sub.ticker", wanted)
    case .trades(let wanted): (method, market) = ("sub.deal", wanted)
    case .book(let wanted): (method, market) = ("sub.depth", wanted)
    case .account: return nil
    }
    guard market.kind == .swap else { return nil }
    let message: JSON = ["method": .string(method), "param": ["symbol": .string(market.id)]]
    return message.text
  }

  private static func readContracts(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    let data = node["data"]
    let id = try node.optionalText("symbol") ?? ""
    switch try node.optionalText("channel") ?? "" {
    case "rs.login":
      if try data.optionalText() == "success" { return [.loggedIn, .subscribed] }
      return [.refused(Refusal(.auth, message: data.json?.plainText ?? ""))]
    case "rs.error":
      return [.refused(Refusal(.definitive, message: data.json?.plainText ?? ""))]
    case "rs.sub.ticker", "rs.sub.deal", "rs.sub.depth": return [.subscribed]
    case "push.ticker": return try contractTickers.row(data, ask).map { [.ticker($0)] } ?? []
    case "push.deal": return try dealt(data, id, ask)
    case "push.depth":
      let version = try data.integer("version")
      return [
        .book(
          BookChange(
            market: id, isSnapshot: false, bids: try OrderBook.levels(data["bids"]),
            asks: try OrderBook.levels(data["asks"]), sequence: version...version))
      ]
    case "push.personal.order": return try contractOrder(data, ask).map { [.order($0)] } ?? []
    case "push.personal.order.deal":
      return try contractFills.row(data, ask).map { [.fill($0)] } ?? []
    case "push.personal.asset":
      return try contractBalances.row(data, ask).map { [.balance($0)] } ?? []
    default: return []
    }
  }

  /// Trades come one by one, or several in a list.
  private static func dealt(
    _ data: Node, _ id: String, _ ask: Ask
  ) throws(VenueFault) -> [StreamEvent] {
    var rows = [data]
    if case .array? = data.json { rows = try data.elements() }
    var events: [StreamEvent] = []
    for row in rows {
      guard var trade = try contractTrades.row(row, ask) else { continue }
      trade.market = id
      events.append(.trade(trade))
    }
    return events
  }
}
