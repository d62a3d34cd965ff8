import Amounts
import Encodings
import Ledger
import VenueKit

// https://www.bitstamp.net/websocket/v2/: a connection lives for 90 days at most; the server asks
// to be left before it goes.
// Our own orders come by channels of one market each, so that no stream has all of an account.

extension Bitstamp {
  static let streams = [marketStream]

  private static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://ws.bitstamp.net" },
    subscribe: { channels, _ in
      var names: [String] = []
      for name in channels.compactMap(name) where !names.contains(name) { names.append(name) }
      return names.map(subscription)
    }, ping: #"{"event":"bts:heartbeat"}"#, pingEvery: 30, channelsMost: 100, book: bookRules,
    read: readMarket)

  /// The best hundred levels a side, whole every time: changes alone have no numbers that join them.
  private static let bookRules = BookRules(.none, from: .stream, window: 100)

  /// Trades are what the venue calls its live ticker.
  private static func name(_ channel: Channel) -> String? {
    switch channel {
    case .ticker(let market), .trades(let market): "live_trades_\(market.id)"
    case .book(let market): "order_book_\(market.id)"
    case .account: nil
    }
  }

  private static func subscription(_ name: String) -> String {
    let message: JSON = ["event": "bts:subscribe", "data": ["channel": .string(name)]]
    return message.text
  }

  private static func readMarket(_ node: Node, _: Ask) throws(VenueFault) -> [StreamEvent] {
    let data = node["data"]
    let id = try node.optionalText("channel")?.split(separator: "_").last.map(String.init) ?? ""
    switch try node.optionalText("event") {
    case "bts:subscription_succeeded": return [.subscribed]
    case "bts:request_reconnect": return [.reconnect]
    case "bts:error":
      let code = try data.optionalText("code") ?? ""
      let text = try data.optionalText("message") ?? ""
      return [.refused(faults.refusal(code: code, message: text, status: 200))]
    case "trade":
      let trade = try traded(data, id)
      let ticker = Ticker(market: id, time: trade.time, last: trade.price)
      return [.ticker(ticker), .trade(trade)]
    case "data":
      return [
        .book(
          BookChange(
            market: id, isSnapshot: true, bids: try OrderBook.levels(data["bids"]),
            asks: try OrderBook.levels(data["asks"])))
      ]
    default: return []
    }
  }

  /// The type is the taker's: 0 buys, 1 sells.
  private static func traded(_ data: Node, _ id: String) throws(VenueFault) -> PublicTrade {
    let sides: [String: Side] = ["0": .buy, "1": .sell]
    return PublicTrade(
      id: try data.optionalText("id"), time: try data.time(.microseconds, "microtimestamp"),
      market: id, side: try data.word("type", sides),
      price: try data.decimal("price_str", "price"),
      amount: try data.decimal("amount_str", "amount"))
  }
}
