import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
// A connection's messages are numbered by `sequence_num` over all its channels, so a missing number
// says that any of its books may lack a change; beside every subscription the heartbeats keep it
// open.

extension Coinbase {
  static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://advanced-trade-ws.coinbase.com" },
    subscribe: { channels, _ in
      channels.compactMap(subscription) + [message("heartbeats", [:])]
    }, pingEvery: 30, channelsMost: 100,
    book: BookRules(.none, from: .stream, number: { try? $0.optionalInteger("sequence_num") }),
    read: readMarket)

  static let userStream = Stream(
    name: "user", isPrivate: true,
    url: { _, _ in "wss://advanced-trade-ws-user.coinbase.com" },
    login: { credentials, moment, tools throws(VenueFault) in
      let token = JSON.string(try token(credentials, moment, tools))
      return ["user", "heartbeats"].map { message($0, ["jwt": token]) }
    }, subscribe: { _, _ in [] }, pingEvery: 30, read: readAccount)

  private static func message(_ channel: String, _ more: Parameters) -> String {
    let start: Parameters = ["type": .string("subscribe"), "channel": .string(channel)]
    return start.adding(more).json.text
  }

  private static func subscription(_ channel: Channel) -> String? {
    let (name, market): (String, Market)
    switch channel {
    case .ticker(let wanted): (name, market) = ("ticker", wanted)
    case .trades(let wanted): (name, market) = ("market_trades", wanted)
    case .book(let wanted): (name, market) = ("level2", wanted)
    case .account: return nil
    }
    return message(name, ["product_ids": .array([.string(market.id)])])
  }

  /// A refusal, where the message is one.
  private static func refusal(_ node: Node) throws(VenueFault) -> StreamEvent? {
    guard try node.optionalText("type") == "error" else { return nil }
    let text = try node.optionalText("message") ?? ""
    let isAuth = text.contains("authentication") || text.contains("jwt")
    return .refused(Refusal(isAuth ? .auth : .definitive, code: text, message: text))
  }

  static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let refusal = try refusal(node) { return [refusal] }
    let channel = try node.text("channel")
    if channel == "subscriptions" { return [.subscribed] }
    var events: [StreamEvent] = []
    for event in try node["events"].optionalElements() {
      switch channel {
      case "ticker":
        for row in try event["tickers"].elements() { events.append(.ticker(try ticked(row, node))) }
      case "market_trades":
        for row in try event["trades"].elements() { events.append(.trade(try traded(row))) }
      case "l2_data": events.append(.book(try booked(event)))
      default: break
      }
    }
    return events
  }

  private static func ticked(_ row: Node, _ node: Node) throws(VenueFault) -> Ticker {
    Ticker(
      market: try row.text("product_id"), time: try node.optionalTime(.iso, "timestamp"),
      last: try row.optionalDecimal("price"), bid: try row.optionalDecimal("best_bid"),
      ask: try row.optionalDecimal("best_ask"), high: try row.optionalDecimal("high_24_h"),
      low: try row.optionalDecimal("low_24_h"), baseVolume: try row.optionalDecimal("volume_24_h"))
  }

  private static func traded(_ row: Node) throws(VenueFault) -> PublicTrade {
    PublicTrade(
      id: try row.optionalText("trade_id"), time: try row.time(.iso, "time"),
      market: try row.text("product_id"), side: try row["side"].sideOfWord(),
      price: try row.decimal("price"), amount: try row.decimal("size"))
  }

  private static func booked(_ event: Node) throws(VenueFault) -> BookChange {
    var bids: [BookLevel] = []
    var asks: [BookLevel] = []
    for row in try event["updates"].elements() {
      let level = BookLevel(try row.decimal("price_level"), try row.decimal("new_quantity"))
      switch try row["side"].sideOfWord() {
      case .buy: bids.append(level)
      case .sell: asks.append(level)
      case nil: throw row["side"].fault("bid or offer")
      }
    }
    return BookChange(
      market: try event.text("product_id"),
      isSnapshot: try event.optionalText("type") == "snapshot", bids: bids, asks: asks)
  }

  static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let refusal = try refusal(node) { return [refusal] }
    switch try node.text("channel") {
    case "subscriptions": return [.loggedIn, .subscribed]
    case "user": break
    default: return []
    }
    var events: [StreamEvent] = []
    for event in try node["events"].optionalElements() {
      for row in try event["orders"].optionalElements() { events.append(.order(try placed(row))) }
    }
    return events
  }

  private static func placed(_ row: Node) throws(VenueFault) -> Order {
    let average = try row["avg_price"].decimalButZero()
    return Order(
      id: try row.text("order_id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.iso, "creation_time"),
      market: try row.optionalText("product_id"),
      type: try row.optionalText("order_type")?.lowercased(),
      side: try row["order_side"].sideOfWord(),
      price: try row["limit_price"].decimalButZero() ?? average,
      filled: try row.optionalDecimal("cumulative_quantity"),
      remaining: try row.optionalDecimal("leaves_quantity"), average: average,
      status: try row.optionalText("status").flatMap(status))
  }
}
