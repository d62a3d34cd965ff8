import Amounts
import Encodings
import Ledger
import VenueKit

// https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
// https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
// https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-market-streams

extension Binance {
  static let streams: [Stream] = [
    market("market", "wss://stream.binance.com:9443/ws", book: spotBook) { channel in
      name(channel, trades: "trade", serves: { $0.kind == .spot })
    },
    // USD-M splits books from the rest.
    market("linear.market", "wss://fstream.binance.com/market/ws") { channel in
      if case .book = channel { return nil }
      return name(channel, trades: "aggTrade", serves: { $0.kind != .spot && !$0.isInverse })
    },
    market("linear.book", "wss://fstream.binance.com/public/ws", book: futuresBook) { channel in
      guard case .book = channel else { return nil }
      return name(channel, trades: "aggTrade", serves: { $0.kind != .spot && !$0.isInverse })
    },
    market("inverse.market", "wss://dstream.binance.com/ws", book: futuresBook) { channel in
      name(channel, trades: "aggTrade", serves: { $0.kind != .spot && $0.isInverse })
    },
    user,
    futuresUser("linear.user", "fapiPrivate", "wss://fstream.binance.com/private/ws/", .swap),
    futuresUser("inverse.user", "dapiPrivate", "wss://dstream.binance.com/ws/", .inverse),
  ]

  // MARK: - Markets

  /// A change's `U` is at most the last state's number and one.
  ///
  /// https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
  private static let spotBook = BookRules(.counted, from: .call)
  /// A change's `pu` is the `u` before; the first one covers the fetched book's number.
  ///
  /// https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/How-to-manage-a-local-order-book-correctly
  private static let futuresBook = BookRules(.linkedAround, from: .call)

  /// The stream's name of a channel; `nil` where another stream serves it.
  private static func name(
    _ channel: Channel, trades: String, serves: (Market) -> Bool
  ) -> String? {
    switch channel {
    case .ticker(let market) where serves(market): "\(market.id.lowercased())@ticker"
    case .trades(let market) where serves(market): "\(market.id.lowercased())@\(trades)"
    case .book(let market) where serves(market): "\(market.id.lowercased())@depth@100ms"
    default: nil
    }
  }

  private static func market(
    _ name: String, _ url: String, book: BookRules? = nil,
    _ word: @escaping @Sendable (Channel) -> String?
  ) -> Stream {
    Stream(
      name: name, url: { _, _ in url },
      subscribe: { channels, _ in
        let names = channels.compactMap(word).map { JSON.string($0) }
        guard !names.isEmpty else { return [] }
        let message = JSON.object(
          JSONObject([
            ("method", .string("SUBSCRIBE")), ("params", .array(names)), ("id", .number("1")),
          ]))
        return [message.text]
      },
      pingEvery: 180, channelsMost: 200, book: book, read: read)
  }

  /// Reads a message of any stream.
  private static func read(_ message: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    let event = message["data"].isNothing ? message : message["data"]
    switch try event.optionalText("e") {
    case "24hrTicker"?: return [.ticker(try ticker(event))]
    case "trade"?, "aggTrade"?: return [.trade(try trade(event))]
    case "depthUpdate"?: return [.book(try change(event))]
    case nil: return state(message)
    default: return []
    }
  }

  private static func state(_ message: Node) -> [StreamEvent] {
    let error = message["error"].isNothing ? message : message["error"]
    if let found = refusal(error, 200)
      ?? (message["error"].isNothing ? nil : refusal(error, 400))
    {
      return [.refused(faults.refusal(code: found.code, message: found.message, status: 400))]
    }
    return message["id"].isNothing ? [] : [.subscribed]
  }

  private static func ticker(_ event: Node) throws(VenueFault) -> Ticker {
    Ticker(
      market: try event.text("s"), time: try event.optionalTime(.milliseconds, "E"),
      last: try event.optionalDecimal("c"), bid: try event.optionalDecimal("b"),
      ask: try event.optionalDecimal("a"), high: try event.optionalDecimal("h"),
      low: try event.optionalDecimal("l"), open: try event.optionalDecimal("o"),
      baseVolume: event.shownDecimal("v"), quoteVolume: event.shownDecimal("q"))
  }

  private static func trade(_ event: Node) throws(VenueFault) -> PublicTrade {
    PublicTrade(
      id: try event.optionalText("t", "a"), time: try event.time(.milliseconds, "T"),
      market: try event.text("s"), side: try event.optionalFlag("m").map { $0 ? .sell : .buy },
      price: try event.decimal("p"), amount: try event.decimal("q"))
  }

  private static func change(_ event: Node) throws(VenueFault) -> BookChange {
    let (first, last) = (try event.integer("U"), try event.integer("u"))
    guard first <= last else { throw event["u"].fault("a number from \(first) on") }
    return BookChange(
      market: try event.text("s"), isSnapshot: false, bids: try OrderBook.levels(event["b"]),
      asks: try OrderBook.levels(event["a"]), sequence: first...last,
      previous: try event.optionalInteger("pu"))
  }

  // MARK: - The account

  /// The account's events of spot come by the socket of requests, signed for on it.
  ///
  /// https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests
  private static let user = Stream(
    name: "user", isPrivate: true,
    url: { _, _ in "wss://ws-api.binance.com:443/ws-api/v3" },
    login: { credentials, moment, tools throws(VenueFault) in
      let surface = Surface("user", "wss://ws-api.binance.com", "/", streamLogin)
      let request = try surface.request(
        Call("user", "POST", ""), credentials: credentials, moment: moment, tools: tools)
      return [String(decoding: request.body ?? [], as: UTF8.self)]
    },
    subscribe: { _, _ in [] }, pingEvery: 180,
    read: { message, _ throws(VenueFault) in
      let event = message["event"]
      switch try event.optionalText("e") {
      case "executionReport"?: return try execution(event)
      case "outboundAccountPosition"?: return try holdings(event)
      case "eventStreamTerminated"?, "serverShutdown"?: return [.reconnect]
      case nil:
        if try message.optionalText("status") == "200" { return [.loggedIn] }
        return state(message)
      default: return []
      }
    })

  /// The parameters are signed as a query sorted by name, and sent as JSON.
  private static let streamLogin = Recipe([
    .add("apiKey", .key), .add("timestamp", .time(.milliseconds)), .sort,
    .bind("all", .parameters(.raw)),
    .custom { draft throws(VenueFault) in
      var signed = draft
      signed.query = String(decoding: draft.values["all"] ?? [], as: UTF8.self)
      signed.body = nil
      var parameters = draft.parameters
      parameters["signature"] = .string(try signed.text(.made(signature)))
      let message = JSON.object(
        JSONObject([
          ("id", .string(draft.moment.uuid)),
          ("method", .string("userDataStream.subscribe.signature")),
          ("params", parameters.json),
        ]))
      draft.body = message.text
    },
  ])

  private static func execution(_ event: Node) throws(VenueFault) -> [StreamEvent] {
    let filled = try event.decimal("z")
    let market = try event.text("s")
    let id = try event.text("i")
    let side = try event.side("S")
    let price = try event.decimalUnlessZero("p")
    let order = Order(
      id: id, clientID: try event.optionalText("C", "c"),
      time: try event.optionalTime(.milliseconds, "O"), market: market,
      type: try event.optionalText("o").map {
        BinanceLike.typeWord($0, hasPrice: price != nil)
      },
      side: side, price: price, amount: try event.decimal("q"), filled: filled,
      cost: try event.optionalDecimal("Z"), status: try event.word("X", BinanceLike.statuses))
    guard try event.optionalText("x") == "TRADE" else { return [.order(order)] }
    let fill = Fill(
      id: try event.text("t"), order: id, time: try event.time(.milliseconds, "T"),
      market: market, side: side, price: try event.decimal("L"), amount: try event.decimal("l"),
      cost: try event.optionalDecimal("Y"), fees: try event.fees("n", "N"),
      isMaker: try event.optionalFlag("m"))
    return [.fill(fill), .order(order)]
  }

  private static func holdings(_ event: Node) throws(VenueFault) -> [StreamEvent] {
    var events: [StreamEvent] = []
    for row in try event["B"].elements() {
      events.append(
        .balance(
          Balance(asset: try row.text("a"), free: try row.decimal("f"), used: try row.decimal("l")))
      )
    }
    return events
  }

  // https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams
  private static func futuresUser(
    _ name: String, _ surface: String, _ url: String, _ part: AccountPart
  ) -> Stream {
    Stream(
      name: name, isPrivate: true, url: { _, ask in url + (ask.cursor ?? "") },
      tokenCall: Call(
        surface, "POST", "listenKey", cost: [part == .swap ? "FAPI" : "DAPI": 1]),
      token: { answer throws(VenueFault) in try answer.body.text("listenKey") },
      tokenLife: 1_800, subscribe: { _, _ in [] }, pingEvery: 180,
      read: { message, _ throws(VenueFault) in
        let event = message["data"].isNothing ? message : message["data"]
        switch try event.optionalText("e") {
        case "ORDER_TRADE_UPDATE"?: return try futuresExecution(event["o"], part)
        case "ACCOUNT_UPDATE"?: return try wallets(event["a"]["B"], part)
        case "listenKeyExpired"?: return [.reconnect]
        default: return []
        }
      })
  }

  private static func futuresExecution(
    _ event: Node, _ part: AccountPart
  ) throws(VenueFault) -> [StreamEvent] {
    let market = try event.text("s")
    let id = try event.text("i")
    let side = try event.side("S")
    let price = try event.decimalUnlessZero("p")
    let order = Order(
      id: id, clientID: try event.optionalText("c"),
      time: try event.optionalTime(.milliseconds, "T"), market: market,
      type: try event.optionalText("o").map {
        BinanceLike.typeWord($0, hasPrice: price != nil)
      },
      side: side, price: price, amount: try event.decimal("q"), filled: try event.decimal("z"),
      average: try event.decimalUnlessZero("ap"),
      status: try event.word("X", BinanceLike.statuses))
    guard try event.optionalText("x") == "TRADE" else { return [.order(order)] }
    let settle = try event.optionalText("ma")
    let realised = try event.optionalDecimal("rp")
    let fill = Fill(
      id: try event.text("t"), order: id, time: try event.time(.milliseconds, "T"),
      market: market, side: side, price: try event.decimal("L"), amount: try event.decimal("l"),
      fees: try event.fees("n", "N"), isMaker: try event.optionalFlag("m"), part: part,
      realised: settle.flatMap { asset in realised.map { VenueAmount(asset, $0) } })
    return [.fill(fill), .order(order)]
  }

  private static func wallets(
    _ rows: Node, _ part: AccountPart
  ) throws(VenueFault) -> [StreamEvent] {
    var events: [StreamEvent] = []
    for row in try rows.optionalElements() {
      events.append(
        .balance(Balance(asset: try row.text("a"), total: try row.decimal("wb"), part: part)))
    }
    return events
  }
}
