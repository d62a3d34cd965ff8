import Amounts
import Encodings
import Ledger
import VenueKit

// https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
// 1,000 subscriptions and 2,000 messages a minute; a connection to which the server had nothing to
// say for a minute is closed: …/websocket/timeouts-and-heartbeats

extension Hyperliquid {
  static let streams = [marketStream, userStream]

  private static let address = "wss://api.hyperliquid.xyz/ws"
  private static let ping = #"{"method":"ping"}"#

  private static let marketStream = Stream(
    name: "market", url: { _, _ in address },
    subscribe: { channels, _ in channels.compactMap(asked) }, ping: ping, pingEvery: 30,
    channelsMost: 200, book: bookRules, read: readMarket)

  /// The best twenty levels a side, whole every time.
  private static let bookRules = BookRules(.none, from: .stream, window: 20)

  private static func asked(_ channel: Channel) -> String? {
    switch channel {
    case .ticker(let market): subscription("activeAssetCtx", ("coin", market.id))
    case .trades(let market): subscription("trades", ("coin", market.id))
    case .book(let market): subscription("l2Book", ("coin", market.id))
    case .account: nil
    }
  }

  private static func subscription(
    _ type: String, _ what: (name: String, word: String)
  ) -> String {
    let wanted: JSON = .object(
      JSONObject([("type", .string(type)), (what.name, .string(what.word))]))
    let message: JSON = ["method": "subscribe", "subscription": wanted]
    return message.text
  }

  private static func refusal(_ node: Node) -> StreamEvent {
    let text = node["data"].json?.plainText ?? ""
    return .refused(faults.refusal(code: "", message: text, status: 200))
  }

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    let data = node["data"]
    switch try node.optionalText("channel") {
    case "subscriptionResponse": return [.subscribed]
    case "error": return [refusal(node)]
    case "activeAssetCtx", "activeSpotAssetCtx":
      guard var ticker = try ticker(data["ctx"], ask) else { return [] }
      ticker.market = try data.text("coin")
      return [.ticker(ticker)]
    case "trades":
      var events: [StreamEvent] = []
      for row in try data.elements() { events.append(.trade(try traded(row))) }
      return events
    case "l2Book":
      guard let book = try book(data, ask) else { return [] }
      return [
        .book(
          BookChange(market: book.market, isSnapshot: true, bids: book.bids, asks: book.asks))
      ]
    default: return []
    }
  }

  private static func traded(_ row: Node) throws(VenueFault) -> PublicTrade {
    PublicTrade(
      id: try row.optionalText("tid"), time: try row.time(.milliseconds, "time"),
      market: try row.text("coin"), side: try row.word("side", sides),
      price: try row.decimal("px"), amount: try row.decimal("sz"))
  }

  // MARK: - Our account

  /// Anybody may listen to an address: no key is sent.
  private static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in address },
    login: { credentials, _, _ throws(VenueFault) in
      let wallet = credentials.field("walletAddress")
      guard !wallet.isEmpty else { throw .unsigned("no address is stored for this account") }
      return ["userFills", "orderUpdates"].map { subscription($0, ("user", wallet)) }
    },
    subscribe: { _, _ in [] }, ping: ping, pingEvery: 30, read: readAccount)

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    let data = node["data"]
    var events: [StreamEvent] = []
    switch try node.optionalText("channel") {
    case "subscriptionResponse": return [.loggedIn, .subscribed]
    case "error": return [refusal(node)]
    case "userFills":
      // The first message tells what was before, which is nothing new.
      if try data.optionalFlag("isSnapshot") == true { return [] }
      for row in try data["fills"].optionalElements() {
        events += try fill(row, ask).map { [.fill($0)] } ?? []
      }
    case "orderUpdates":
      for row in try data.elements() {
        events += try order(row, ask).map { [.order($0)] } ?? []
      }
    default: break
    }
    return events
  }
}
