import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.gemini.com/websocket/market-data/v2/level-2-data
// https://docs.gemini.com/websocket/order-events

extension Gemini {
  static let streams = [marketStream, userStream]

  /// One subscription brings book and trades; there is no channel of tickers.
  private static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://api.gemini.com/v2/marketdata" },
    subscribe: { channels, _ in
      var symbols: [String] = []
      for symbol in channels.compactMap(symbol) where !symbols.contains(symbol) {
        symbols.append(symbol)
      }
      if symbols.isEmpty { return [] }
      let wanted: JSON = ["name": "l2", "symbols": .array(symbols.map { .string($0) })]
      let message: JSON = ["type": "subscribe", "subscriptions": [wanted]]
      return [message.text]
    },
    pingEvery: 20, channelsMost: 50, book: BookRules(.none, from: .stream), read: readMarket)

  private static func symbol(_ channel: Channel) -> String? {
    switch channel {
    case .ticker(let market), .trades(let market), .book(let market): market.id.uppercased()
    case .account: nil
    }
  }

  private static func readMarket(_ node: Node, _: Ask) throws(VenueFault) -> [StreamEvent] {
    switch try node.optionalText("type") {
    case "l2_updates": return try updated(node)
    case "trade":
      let trade = try traded(node)
      return [.ticker(ticker(trade)), .trade(trade)]
    default:
      guard try node.optionalText("result") == "error" else { return [] }
      return [.refused(try refusal(node))]
    }
  }

  private static func refusal(_ node: Node) throws(VenueFault) -> Refusal {
    let code = try node.optionalText("reason") ?? ""
    return faults.refusal(
      code: code, message: try node.optionalText("message") ?? "", status: 200)
  }

  /// The first message of a market has the whole book and the last trades, newest first.
  private static func updated(_ node: Node) throws(VenueFault) -> [StreamEvent] {
    var bids: [BookLevel] = []
    var asks: [BookLevel] = []
    for row in try node["changes"].optionalElements() {
      let level = BookLevel(try row[1].decimal(), try row[2].decimal())
      switch try row[0].sideOfWord() {
      case .buy: bids.append(level)
      case .sell: asks.append(level)
      case nil: throw row[0].fault("buy or sell")
      }
    }
    let market = try node.text("symbol").lowercased()
    var trades: [PublicTrade] = []
    for row in try node["trades"].optionalElements() { trades.append(try traded(row)) }
    // A market without any trade has no first state that could be told from a change.
    let isFirst = !trades.isEmpty
    var events: [StreamEvent] = [
      .book(BookChange(market: market, isSnapshot: isFirst, bids: bids, asks: asks))
    ]
    if let newest = trades.max(by: { $0.time < $1.time }) {
      events.append(.ticker(ticker(newest)))
    }
    return events + trades.map { .trade($0) }
  }

  private static func ticker(_ trade: PublicTrade) -> Ticker {
    Ticker(market: trade.market, time: trade.time, last: trade.price)
  }

  private static func traded(_ row: Node) throws(VenueFault) -> PublicTrade {
    PublicTrade(
      id: try row.optionalText("event_id"), time: try row.time(.milliseconds, "timestamp"),
      market: try row.text("symbol").lowercased(), side: try row["side"].sideOfWord(),
      price: try row.decimal("price"), amount: try row.decimal("quantity"))
  }

  // MARK: - Our orders

  /// The request that opens it is signed as any other.
  private static let userStream = Stream(
    name: "user", isPrivate: true,
    url: { _, _ in "wss://api.gemini.com/v1/order/events?heartbeat=true" },
    opening: { credentials, moment, tools throws(VenueFault) in
      try StreamLogin.fields(
        "v1/order/events", host, recipe,
        keeping: ["X-GEMINI-APIKEY", "X-GEMINI-PAYLOAD", "X-GEMINI-SIGNATURE"], credentials,
        moment, tools)
    },
    subscribe: { _, _ in [] }, pingEvery: 20, read: readOrders)

  private static func readOrders(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    guard case .array? = node.json else {
      switch try node.optionalText("type") {
      case "subscription_ack": return [.loggedIn, .subscribed]
      default:
        guard try node.optionalText("result") == "error" else { return [] }
        return [.refused(try refusal(node))]
      }
    }
    var events: [StreamEvent] = []
    for row in try node.elements() {
      let event = try row.optionalText("type")
      guard var order = try order(row, ask) else { continue }
      order.type = try row.optionalText("order_type")
      if event == "rejected" { order.status = .rejected }
      if event == "fill" { events.append(.fill(try filled(row, order))) }
      events.append(.order(order))
    }
    return events
  }

  private static func filled(_ row: Node, _ order: Order) throws(VenueFault) -> Fill {
    let fill = row["fill"]
    let market = order.market ?? ""
    return Fill(
      id: try fill.text("trade_id"), order: order.id,
      time: try row.time(.milliseconds, "timestampms"), market: market, side: order.side,
      price: try fill.decimal("price"), amount: try fill.decimal("amount"),
      fees: try fill.fees("fee", "fee_currency"),
      isMaker: try fill.word("liquidity", ["Maker": true, "Taker": false]),
      part: market.hasSuffix("perp") ? .swap : .spot)
  }
}
