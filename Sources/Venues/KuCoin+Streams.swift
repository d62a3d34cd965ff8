import Amounts
import Encodings
import Ledger
import VenueKit

// https://www.kucoin.com/docs-new/websocket-api/base-info/introduction: a token names the server;
// 400 topics a connection, 100 symbols a message; a ping every 18 seconds.

extension KuCoin {
  static let streams = [marketStream, userStream] + futuresStreams
  static let futuresStreams = [futuresMarketStream, futuresUserStream]

  private static let ping = #"{"id":"1","type":"ping"}"#

  private static let marketStream = Stream(
    name: "market", url: address,
    tokenCall: Call("public", "POST", "bullet-public", cost: ["public": 10]), token: token,
    subscribe: { channels, _ in
      subscriptions(
        channels, ticker: "/market/ticker", trades: "/market/match", book: "/market/level2"
      ) { $0.kind == .spot }
    },
    ping: ping, pingEvery: 18, channelsMost: 300, book: bookRules, read: readMarket)

  private static let futuresMarketStream = Stream(
    name: "futures.market", url: address,
    tokenCall: Call("futuresPublic", "POST", "bullet-public", cost: ["public": 10]), token: token,
    subscribe: { channels, _ in
      subscriptions(
        channels, ticker: "/contractMarket/ticker", trades: "/contractMarket/execution",
        book: "/contractMarket/level2"
      ) { $0.kind != .spot }
    },
    ping: ping, pingEvery: 18, channelsMost: 300, book: bookRules, read: readMarket)

  /// Changes are numbered one by one; the fetched book says which is its last.
  ///
  /// https://www.kucoin.com/docs-new/3470068w0
  private static let bookRules = BookRules(.counted, from: .call)

  private static func address(_: [Channel], _ ask: Ask) -> String { ask.cursor ?? "" }

  /// The address to open: the first server named, with the token.
  ///
  /// It is opened only where it is one of the venue's own.
  private static func token(_ answer: Answer) throws(VenueFault) -> String {
    let data = answer.body["data"]
    let place = data["instanceServers"][0]["endpoint"]
    let endpoint = try place.text()
    let host = endpoint.dropFirst(6).prefix { $0 != "/" && $0 != "?" }
    guard endpoint.hasPrefix("wss://"), host.hasSuffix(".kucoin.com") else {
      throw place.fault("an address of KuCoin")
    }
    let token = Escaping.strict(try data.text("token"))
    return endpoint + (endpoint.hasSuffix("/") ? "" : "/") + "?token=" + token
  }

  private static func subscriptions(
    _ channels: [Channel], ticker: String, trades: String, book: String,
    serves: (Market) -> Bool
  ) -> [String] {
    var ids: [(topic: String, ids: [String])] = [(ticker, []), (trades, []), (book, [])]
    for channel in channels {
      switch channel {
      case .ticker(let market) where serves(market): ids[0].ids.append(market.id)
      case .trades(let market) where serves(market): ids[1].ids.append(market.id)
      case .book(let market) where serves(market): ids[2].ids.append(market.id)
      default: break
      }
    }
    return ids.flatMap { topic, ids in
      // Topics of contracts take one symbol.
      Stream.batched(ids, by: topic.hasPrefix("/contract") ? 1 : 100) { some in
        subscription(topic + ":" + some.joined(separator: ","), isPrivate: false)
      }
    }
  }

  private static func subscription(_ topic: String, isPrivate: Bool) -> String {
    let message: JSON = [
      "id": "1", "type": "subscribe", "topic": .string(topic),
      "privateChannel": .bool(isPrivate), "response": .bool(true),
    ]
    return message.text
  }

  /// What is said of the connection; `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    switch try node.optionalText("type") {
    case "message", nil: return node["topic"].isNothing ? [] : nil
    case "ack": return [.subscribed]
    case "error":
      let code = try node.optionalText("code") ?? ""
      let text = try node.optionalText("data") ?? ""
      let kind: RefusalKind = code == "401" ? .auth : .definitive
      return [.refused(Refusal(kind, code: code, message: text))]
    default: return []
    }
  }

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let parts = try node.text("topic").split(separator: ":").map(String.init)
    let (topic, id) = (parts.first ?? "", parts.last ?? "")
    let data = node["data"]
    switch topic {
    case "/market/ticker":
      return [
        .ticker(
          Ticker(
            market: id, time: try data.optionalTime(.milliseconds, "time"),
            last: try data.optionalDecimal("price"), bid: try data.optionalDecimal("bestBid"),
            ask: try data.optionalDecimal("bestAsk")))
      ]
    case "/contractMarket/ticker":
      return try futuresTickers.row(data, ask).map { [.ticker($0)] } ?? []
    case "/market/match", "/contractMarket/execution":
      guard var trade = try publicTrade(data, ask) else { return [] }
      trade.market = id
      return [.trade(trade)]
    case "/market/level2": return [.book(try change(data, id))]
    case "/contractMarket/level2": return [.book(try futuresChange(data, id))]
    default: return []
    }
  }

  /// Levels are price, amount and number; one of price 0 only counts.
  private static func change(_ data: Node, _ id: String) throws(VenueFault) -> BookChange {
    let first = try data.integer("sequenceStart")
    let last = try data.integer("sequenceEnd")
    guard first <= last else { throw data["sequenceEnd"].fault("a number from \(first) on") }
    let changes = data["changes"]
    let bids = try OrderBook.levels(changes["bids"])
    let asks = try OrderBook.levels(changes["asks"])
    return BookChange(
      market: id, isSnapshot: false, bids: bids.filter { !$0.price.isZero },
      asks: asks.filter { !$0.price.isZero }, sequence: first...last)
  }

  /// A change of contracts is a text: price, side and contracts.
  private static func futuresChange(_ data: Node, _ id: String) throws(VenueFault) -> BookChange {
    let number = try data.integer("sequence")
    let parts = try data.text("change").split(separator: ",")
    guard parts.count == 3, let price = try? Fixed(parsing: String(parts[0])),
      let amount = try? Fixed(parsing: String(parts[2])), ["buy", "sell"].contains(parts[1])
    else { throw data["change"].fault("price, side and contracts") }
    let levels = [BookLevel(price, amount)]
    let isBid = parts[1] == "buy"
    return BookChange(
      market: id, isSnapshot: false, bids: isBid ? levels : [], asks: isBid ? [] : levels,
      sequence: number...number)
  }

  // MARK: - Our account

  private static let userStream = Stream(
    name: "user", isPrivate: true, url: address,
    tokenCall: Call("private", "POST", "bullet-private", cost: ["management": 10]), token: token,
    subscribe: { _, _ in
      ["/spotMarket/tradeOrdersV2", "/account/balance"].map {
        subscription($0, isPrivate: true)
      }
    }, ping: ping, pingEvery: 18,
    read: { node, _ throws(VenueFault) in try readAccount(node, .spot) })

  private static let futuresUserStream = Stream(
    name: "futures.user", isPrivate: true, url: address,
    tokenCall: Call("futuresPrivate", "POST", "bullet-private", cost: ["futures": 10]),
    token: token,
    subscribe: { _, _ in
      ["/contractMarket/tradeOrders", "/contractAccount/wallet"].map {
        subscription($0, isPrivate: true)
      }
    }, ping: ping, pingEvery: 18,
    read: { node, _ throws(VenueFault) in try readAccount(node, .swap) })

  private static func readAccount(
    _ node: Node, _ part: AccountPart
  ) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let data = node["data"]
    switch try node.text("topic").prefix(while: { $0 != ":" }) {
    case "/spotMarket/tradeOrdersV2", "/contractMarket/tradeOrders":
      return try orderChange(data, part)
    case "/account/balance":
      let parts: [String: AccountPart] = ["main": .funding, "margin": .margin]
      let event = try data.optionalText("relationEvent")?.prefix { $0 != "." && $0 != "_" }
      return [
        .balance(
          Balance(
            asset: try data.text("currency"), free: try data.optionalDecimal("available"),
            used: try data.optionalDecimal("hold"), total: try data.optionalDecimal("total"),
            part: event.flatMap { parts[String($0)] } ?? .spot))
      ]
    case "/contractAccount/wallet":
      return [
        .balance(
          Balance(
            asset: try data.text("currency"), free: try data.optionalDecimal("availableBalance"),
            total: try data.optionalDecimal("equity", "walletBalance"), part: .swap))
      ]
    default: return []
    }
  }

  // https://www.kucoin.com/docs-new/3470073w0
  private static func orderChange(
    _ data: Node, _ part: AccountPart
  ) throws(VenueFault) -> [StreamEvent] {
    let words: [String: Order.Status] = [
      "received": .open, "open": .open, "match": .open, "update": .open, "filled": .closed,
      "canceled": .canceled,
    ]
    let id = try data.text("orderId")
    let market = try data.text("symbol")
    let side = try data.side("side")
    let order = Order(
      id: id, clientID: try data.optionalText("clientOid"),
      time: try data.optionalTime(.nanoseconds, "orderTime"), market: market,
      type: try data.optionalText("orderType"), side: side,
      price: try data.decimalUnlessZero("price"),
      amount: try data.decimalUnlessZero("originSize", "size"),
      filled: try data.optionalDecimal("filledSize"), status: try data.word("type", words))
    guard try data.optionalText("type") == "match" else { return [.order(order)] }
    let fill = Fill(
      id: try data.text("tradeId"), order: id, time: try data.time(.nanoseconds, "ts"),
      market: market, side: side, price: try data.decimal("matchPrice"),
      amount: try data.decimal("matchSize"),
      isMaker: try data.word("liquidity", ["maker": true, "taker": false]), part: part)
    return [.fill(fill), .order(order)]
  }
}
