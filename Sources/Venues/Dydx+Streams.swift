import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.dydx.xyz/indexer-client/websockets: 32 subscriptions a kind and connection; the
// server pings every 30 seconds. Messages of a connection are numbered by `message_id`.

extension Dydx {
  static let streams = [marketStream, userStream]

  private static let address = "wss://indexer.dydx.trade/v4/ws"
  private static let most = 32

  private static let marketStream = Stream(
    name: "market", url: { _, _ in address },
    subscribe: { channels, _ in
      var books: [String] = []
      var trades: [String] = []
      var hasTickers = false
      for channel in channels {
        switch channel {
        case .ticker: hasTickers = true
        case .trades(let market): trades.append(subscription("v4_trades", market.id))
        case .book(let market): books.append(subscription("v4_orderbook", market.id))
        case .account: break
        }
      }
      // One subscription tells of every market.
      let tickers = hasTickers ? [subscription("v4_markets", nil)] : []
      return tickers + trades.prefix(most) + books.prefix(most)
    },
    pingEvery: 30, channelsMost: 200, book: bookRules, read: readMarket)

  /// Books are whole while no message is missing; the indexer's may cross for a moment, and are then
  /// not relied on.
  ///
  /// https://docs.dydx.xyz/interaction/data/watch-orderbook
  private static let bookRules = BookRules(
    .none, from: .stream, number: { try? $0.optionalInteger("message_id") })

  private static func subscription(_ channel: String, _ id: String?) -> String {
    let message: Parameters = [
      "type": "subscribe", "channel": .string(channel), "id": .text(id),
    ]
    return message.json.text
  }

  /// What messages hold: a first state, one change or several.
  private static func contents(_ node: Node) throws(VenueFault) -> [Node] {
    switch try node.optionalText("type") {
    case "subscribed", "channel_data": [node["contents"]]
    case "channel_batch_data": try node["contents"].elements()
    default: []
    }
  }

  private static func refusal(_ node: Node) throws(VenueFault) -> StreamEvent? {
    guard try node.optionalText("type") == "error" else { return nil }
    let text = try node.optionalText("message") ?? ""
    return .refused(faults.refusal(code: "", message: text, status: 200))
  }

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let refusal = try refusal(node) { return [refusal] }
    let isFirst = try node.optionalText("type") == "subscribed"
    let id = try node.optionalText("id") ?? ""
    var events: [StreamEvent] = isFirst ? [.subscribed] : []
    for part in try contents(node) {
      switch try node.optionalText("channel") {
      case "v4_markets": events += try tickers(part, ask)
      case "v4_trades":
        for row in try part["trades"].optionalElements() {
          guard var trade = try trade(row, ask) else { continue }
          trade.market = id
          events.append(.trade(trade))
        }
      case "v4_orderbook":
        events.append(
          .book(
            BookChange(
              market: id, isSnapshot: isFirst, bids: try levels(part["bids"]),
              asks: try levels(part["asks"]))))
      default: break
      }
    }
    return events
  }

  private static func tickers(_ part: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    var events: [StreamEvent] = []
    for row in try part["markets"].optionalMembers() {
      if let ticker = try ticker(row, ask) { events.append(.ticker(ticker)) }
    }
    for row in try part["oraclePrices"].optionalMembers() {
      events.append(
        .ticker(
          Ticker(
            market: row.key, time: try row.optionalTime(.iso, "effectiveAt"),
            last: try row.roundedDecimal("oraclePrice"))))
    }
    return events
  }

  /// A first state has its levels as objects, changes as arrays.
  private static func levels(_ node: Node) throws(VenueFault) -> [BookLevel] {
    let rows = try node.optionalElements()
    if case .object? = rows.first?.json { return try OrderBook.levels(rows, "price", "size") }
    return try OrderBook.levels(node)
  }

  // MARK: - Our account

  /// Anybody may listen to an address: no key is sent.
  private static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in address },
    login: { credentials, _, _ throws(VenueFault) in
      let wallet = credentials.field("walletAddress")
      guard !wallet.isEmpty else { throw .unsigned("no address is stored for this account") }
      return [subscription("v4_subaccounts", wallet + "/0")]
    },
    subscribe: { _, _ in [] }, pingEvery: 30, read: readAccount)

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let refusal = try refusal(node) { return [refusal] }
    // The first message tells what was before, which is nothing new.
    if try node.optionalText("type") == "subscribed" { return [.loggedIn, .subscribed] }
    var events: [StreamEvent] = []
    for part in try contents(node) {
      for row in try part["fills"].optionalElements() {
        events += try fill(row, ask).map { [.fill($0)] } ?? []
      }
      for row in try part["orders"].optionalElements() {
        events += try order(row, ask).map { [.order($0)] } ?? []
      }
      for row in try part["assetPositions"].optionalElements() {
        events.append(
          .balance(
            Balance(
              asset: try row.text("symbol"), total: try row.decimal("size"), part: .swap)))
      }
    }
    return events
  }
}
