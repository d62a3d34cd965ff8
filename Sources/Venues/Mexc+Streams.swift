import Amounts
import Encodings
import Ledger
import VenueKit

// https://www.mexc.com/api-docs/spot-v3/websocket-market-streams: 30 subscriptions a connection,
// a connection ends after 24 hours; what is pushed is in Protocol Buffers, as described by
// https://github.com/mexcdevelop/websocket-proto

extension Mexc {
  static let streams = [marketStream, contractMarketStream, userStream, contractUserStream]

  private static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://wbs-api.mexc.com/ws" },
    subscribe: { channels, _ in
      Stream.batched(channels.compactMap(topic), by: 30, subscription)
    },
    ping: #"{"method":"PING"}"#, pingEvery: 20, channelsMost: 30,
    book: BookRules(.counted, from: .call), unpack: unpack, read: readPushed)

  private static func topic(_ channel: Channel) -> JSON? {
    switch channel {
    case .ticker(let market) where market.kind == .spot:
      .string("spot@public.miniTicker.v3.api.pb@\(market.id)@24H")
    case .trades(let market) where market.kind == .spot:
      .string("spot@public.aggre.deals.v3.api.pb@100ms@\(market.id)")
    case .book(let market) where market.kind == .spot:
      .string("spot@public.aggre.depth.v3.api.pb@100ms@\(market.id)")
    default: nil
    }
  }

  private static func subscription(_ topics: [JSON]) -> String {
    let message: JSON = ["method": "SUBSCRIPTION", "params": .array(topics)]
    return message.text
  }

  // MARK: - What is pushed

  private static let levelFields = [ProtobufField(1, "price"), ProtobufField(2, "quantity")]
  private static let dealFields = [
    ProtobufField(1, "price"), ProtobufField(2, "quantity"),
    ProtobufField(3, "tradeType", .integer), ProtobufField(4, "time", .integer),
    ProtobufField(5, "tradeId"),
  ]
  private static let depthFields = [
    ProtobufField(1, "asks", .messages(levelFields)),
    ProtobufField(2, "bids", .messages(levelFields)), ProtobufField(4, "fromVersion"),
    ProtobufField(5, "toVersion"),
  ]
  private static let tickerFields = [
    ProtobufField(1, "symbol"), ProtobufField(2, "price"), ProtobufField(5, "high"),
    ProtobufField(6, "low"), ProtobufField(7, "volume"), ProtobufField(8, "quantity"),
  ]
  private static let orderFields = [
    ProtobufField(1, "id"), ProtobufField(2, "clientId"), ProtobufField(3, "price"),
    ProtobufField(4, "quantity"), ProtobufField(6, "avgPrice"),
    ProtobufField(8, "tradeType", .integer), ProtobufField(11, "remainQuantity"),
    ProtobufField(13, "cumulativeQuantity"), ProtobufField(14, "cumulativeAmount"),
    ProtobufField(15, "status", .integer), ProtobufField(16, "createTime", .integer),
  ]
  private static let ownDealFields = [
    ProtobufField(1, "price"), ProtobufField(2, "quantity"), ProtobufField(3, "amount"),
    ProtobufField(4, "tradeType", .integer), ProtobufField(5, "isMaker", .integer),
    ProtobufField(7, "tradeId"), ProtobufField(9, "orderId"), ProtobufField(10, "feeAmount"),
    ProtobufField(11, "feeCurrency"), ProtobufField(12, "time", .integer),
  ]
  private static let accountFields = [
    ProtobufField(1, "vcoinName"), ProtobufField(3, "balanceAmount"),
    ProtobufField(5, "frozenAmount"), ProtobufField(8, "time", .integer),
  ]
  private static let fields = [
    ProtobufField(1, "channel"), ProtobufField(3, "symbol"),
    ProtobufField(6, "sendTime", .integer), ProtobufField(304, "order", .message(orderFields)),
    ProtobufField(306, "ownDeal", .message(ownDealFields)),
    ProtobufField(307, "account", .message(accountFields)),
    ProtobufField(309, "ticker", .message(tickerFields)),
    ProtobufField(313, "depth", .message(depthFields)),
    ProtobufField(314, "deals", .message([ProtobufField(1, "deals", .messages(dealFields))])),
  ]

  private static func unpack(_ bytes: [UInt8]) throws(VenueFault) -> JSON {
    guard let json = Protobuf.json(bytes, fields) else {
      throw .malformed(path: "$", expected: "a message of MEXC's description")
    }
    return json
  }

  private static let sides: [String: Side] = ["1": .buy, "2": .sell]

  private static func readPushed(_ node: Node, _: Ask) throws(VenueFault) -> [StreamEvent] {
    guard let channel = try node.optionalText("channel") else {
      // Texts answer requests: `code` 0, and the topic, `PONG` or what is wrong as `msg`.
      let text = try node.optionalText("msg") ?? ""
      if text.hasPrefix("Not Subscribed") || text.hasPrefix("msg format invalid") {
        return [.refused(Refusal(.definitive, message: text))]
      }
      return text.hasPrefix("spot@") ? [.subscribed] : []
    }
    let id = try node.optionalText("symbol") ?? ""
    if channel.contains("private") { return try own(node, id) }
    if !node["ticker"].isNothing {
      let row = node["ticker"]
      return [
        .ticker(
          Ticker(
            market: try row.optionalText("symbol") ?? id,
            time: try node.optionalTime(.milliseconds, "sendTime"),
            last: try row.optionalDecimal("price"), high: try row.optionalDecimal("high"),
            low: try row.optionalDecimal("low"), baseVolume: row.shownDecimal("quantity"),
            quoteVolume: row.shownDecimal("volume")))
      ]
    }
    if !node["depth"].isNothing { return [.book(try change(node["depth"], id))] }
    var events: [StreamEvent] = []
    for row in try node["deals"]["deals"].optionalElements() {
      let trade = PublicTrade(
        id: try row.optionalText("tradeId"), time: try row.time(.milliseconds, "time"),
        market: id, side: try row.word("tradeType", sides), price: try row.decimal("price"),
        amount: try row.decimal("quantity"))
      events.append(.trade(named(trade)))
    }
    return events
  }

  /// A change covers the versions from `fromVersion` to `toVersion`.
  ///
  /// https://www.mexc.com/api-docs/spot-v3/websocket-market-streams#how-to-properly-maintain-a-local-copy-of-the-order-book
  private static func change(_ row: Node, _ id: String) throws(VenueFault) -> BookChange {
    let first = try row.integer("fromVersion")
    let last = try row.integer("toVersion")
    guard first <= last else { throw row["toVersion"].fault("a number from \(first) on") }
    return BookChange(
      market: id, isSnapshot: false,
      bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "quantity"),
      asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "quantity"),
      sequence: first...last)
  }

  // MARK: - Our account

  // https://www.mexc.com/api-docs/spot-v3/websocket-user-data-streams: a key is good for an hour,
  // and then the stream is opened anew with another.
  private static let userStream = Stream(
    name: "user", isPrivate: true,
    url: { _, ask in "wss://wbs-api.mexc.com/ws?listenKey=" + (ask.cursor ?? "") },
    tokenCall: Call("spot.private", "POST", "userDataStream", cost: ["SPOT": 1]),
    token: { answer throws(VenueFault) in
      Escaping.strict(try answer.body.text("listenKey"))
    },
    subscribe: { _, _ in
      [
        subscription([
          "spot@private.orders.v3.api.pb", "spot@private.deals.v3.api.pb",
          "spot@private.account.v3.api.pb",
        ])
      ]
    },
    ping: #"{"method":"PING"}"#, pingEvery: 20, unpack: unpack, read: readPushed)

  private static func own(_ node: Node, _ id: String) throws(VenueFault) -> [StreamEvent] {
    var events: [StreamEvent] = []
    let (deal, order, account) = (node["ownDeal"], node["order"], node["account"])
    if !deal.isNothing {
      events.append(
        .fill(
          Fill(
            id: try deal.text("tradeId"), order: try deal.optionalText("orderId"),
            time: try deal.time(.milliseconds, "time"), market: id,
            side: try deal.word("tradeType", sides), price: try deal.decimal("price"),
            amount: try deal.decimal("quantity"), cost: try deal.optionalDecimal("amount"),
            fees: try deal.fees("feeAmount", "feeCurrency"),
            // What is false is left out.
            isMaker: try deal.optionalFlag("isMaker") ?? false)))
    }
    if !order.isNothing { events.append(.order(try placed(order, id))) }
    if !account.isNothing {
      events.append(
        .balance(
          Balance(
            asset: try account.text("vcoinName"),
            free: try account.optionalDecimal("balanceAmount"),
            used: try account.optionalDecimal("frozenAmount"))))
    }
    return events
  }

  private static func placed(_ row: Node, _ id: String) throws(VenueFault) -> Order {
    let words: [String: Order.Status] = [
      "1": .open, "2": .closed, "3": .open, "4": .canceled, "5": .canceled,
    ]
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("clientId"),
      time: try row.optionalTime(.milliseconds, "createTime"), market: id,
      side: try row.word("tradeType", sides), price: try row.decimalUnlessZero("price"),
      amount: try row.decimalUnlessZero("quantity"),
      filled: try row.optionalDecimal("cumulativeQuantity"),
      cost: try row.optionalDecimal("cumulativeAmount"),
      average: try row.decimalUnlessZero("avgPrice"), status: try row.word("status", words))
  }
}
