import Amounts
import Encodings
public import Ledger
import VenueKit

// Market streams: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams;
// user data: https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream;
// the web-socket API: https://developers.binance.com/docs/binance-spot-api-docs/websocket-api.
extension BinanceDialect {
  private static let isCombined = 1
  private static let isAPI = 2
  private static let hasEnvelope = 4

  /// `/ws/<name>`, `/stream?streams=<name>/<name>` and `/ws-api/v3`.
  public mutating func open(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedStream? {
    var stream = SimulatedStream(request, at: now)
    if request.path == "/ws-api/v3" {
      stream.flags = BinanceDialect.isAPI
      return stream
    }
    var names: [String] = []
    // Futures split their streams by a first part: /public, /market, /private.
    var path = request.path
    for part in ["/public", "/market", "/private"] where path.hasPrefix(part + "/") {
      path = String(path.dropFirst(part.utf8.count))
    }
    if path == "/stream" {
      stream.flags = BinanceDialect.isCombined
      names = (request.queryFields["streams"] ?? "").split(separator: "/").map(String.init)
    } else if path == "/ws" || path.hasPrefix("/ws/") {
      names = path.split(separator: "/").dropFirst().map(String.init)
    } else {
      return nil
    }
    for name in names { _ = subscribe(name, &stream, at: now) }
    return stream
  }

  private func subscribe(
    _ name: String, _ stream: inout SimulatedStream, at now: Instant
  ) -> Bool {
    if let known = listenKeys[name], known.ends > now {
      listen(known.account, &stream)
      stream.topics.insert(name)
      return true
    }
    if name.hasPrefix("futures") { return true }
    let parts = name.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 2,
      let market = exchange.listing.markets.first(where: {
        BinanceDialect.symbol($0).lowercased() == parts[0]
      })
    else { return false }
    let kind: SimulatedStream.Channel.Kind
    switch parts[1] {
    case "trade", "aggTrade": kind = .trades
    case "bookTicker": kind = .best
    case "ticker", "miniTicker": kind = .ticker
    case "depth": kind = .book
    default: return false
    }
    return stream.add(
      SimulatedStream.Channel(kind: kind, market: market.index, name: name, printed: now)) != nil
  }

  private func listen(_ account: Int, _ stream: inout SimulatedStream) {
    stream.account = account
    stream.changesSeen = exchange.accounts[account].changes.count
  }

  /// `SUBSCRIBE` and `UNSUBSCRIBE`, or a request of the web-socket API.
  public mutating func receive(
    _ text: String, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let message: JSON
    do { message = try JSON.reading(text) } catch {
      return [.text("{\"error\":{\"code\":3,\"msg\":\"Invalid JSON: \"}}")]
    }
    let id = message["id"] ?? .null
    if stream.flags & BinanceDialect.isAPI != 0 {
      return [.text(answer(message, id, &stream, at: now).text)]
    }
    let names = (message["params"]?.list ?? []).compactMap(\.plainText)
    switch message["method"]?.plainText {
    case "SUBSCRIBE":
      for name in names where !subscribe(name, &stream, at: now) {
        return [.text("{\"code\":2,\"msg\":\"Invalid request: unknown stream\"}")]
      }
    case "UNSUBSCRIBE": stream.channels.removeAll { names.contains($0.name) }
    case "LIST_SUBSCRIPTIONS":
      let list = JSON.array(stream.channels.map { .string($0.name) })
      return [.text((["result": list, "id": id] as JSON).text)]
    default:
      return [.text("{\"code\":0,\"msg\":\"Unknown property\"}")]
    }
    return [.text((["result": .null, "id": id] as JSON).text)]
  }

  private mutating func answer(
    _ message: JSON, _ id: JSON, _ stream: inout SimulatedStream, at now: Instant
  ) -> JSON {
    let result: JSON
    switch message["method"]?.plainText {
    case "ping": result = .object(JSONObject())
    case "time": result = ["serverTime": .millis(now)]
    case "userDataStream.subscribe.signature":
      do {
        listen(try signedAccount(message["params"] ?? .null, at: now), &stream)
        stream.flags |= BinanceDialect.hasEnvelope
        result = ["subscriptionId": 0]
      } catch {
        return [
          "id": id, "status": .count(error.status),
          "error": ["code": .count(error.code), "msg": .string(error.message)],
        ]
      }
    default:
      return [
        "id": id, "status": 400, "error": ["code": -1000, "msg": "Unknown method."],
      ]
    }
    return ["id": id, "status": 200, "result": result, "rateLimits": []]
  }

  /// The signed text is every parameter but the signature, sorted by name.
  private func signedAccount(
    _ params: JSON, at now: Instant
  ) throws(BinanceRefusal) -> Int {
    guard case .object(let members) = params, let key = members["apiKey"]?.plainText else {
      throw .missing("apiKey")
    }
    guard let account = exchange.account(key: key) else {
      throw BinanceRefusal(401, -2015, "Invalid API-key, IP, or permissions for action.")
    }
    let pairs = members.names.sorted().filter { $0 != "signature" }
      .map { "\($0)=\(members[$0]?.plainText ?? "")" }
    let text = pairs.joined(separator: "&")
    try checkTime(FormFields(text), at: now)
    let secret = exchange.accounts[account].credentials.secret
    let expected = Hex.text(tools.hmac(.sha256, Array(secret.utf8), Array(text.utf8)))
    guard members["signature"]?.plainText?.lowercased() == expected else {
      throw BinanceRefusal(400, -1022, "Signature for this request is not valid.")
    }
    return account
  }

  /// A ping frame every 20 seconds.
  public mutating func idle(
    _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    guard now.seconds - stream.idled.seconds >= 20 else { return [] }
    stream.idled = now
    return [.ping]
  }

  // MARK: - Markets

  /// One message of a market channel.
  public func market(
    _ place: Int, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let channel = stream.channels[place]
    guard let market = exchange.market(channel.market) else { return [] }
    switch channel.kind {
    case .trades: return trades(place, channel, market, &stream, at: time)
    case .book: return depth(place, channel, market, &stream, at: time)
    case .best:
      let book = exchange.book(market, moment: SimulatedExchange.moment(time), depth: 1)
      guard let bid = book.bids.first, let ask = book.asks.first else { return [] }
      return [
        wrapped(
          [
            "u": .whole(SimulatedExchange.moment(time)),
            "s": .string(BinanceDialect.symbol(market)), "b": .padded(bid.price, 8),
            "B": .padded(bid.amount, 8), "a": .padded(ask.price, 8), "A": .padded(ask.amount, 8),
          ], channel.name, stream)
      ]
    default: return [wrapped(dayMessage(channel.name, market, at: time), channel.name, stream)]
    }
  }

  private func wrapped(_ data: JSON, _ name: String, _ stream: SimulatedStream) -> StreamFrame {
    stream.flags & BinanceDialect.isCombined == 0
      ? .text(data.text) : .text((["stream": .string(name), "data": data] as JSON).text)
  }

  private func dayMessage(_ name: String, _ market: SimulatedMarket, at time: Instant) -> JSON {
    let day = exchange.day(market, at: time)
    var row = JSONObject([
      ("e", name.hasSuffix("@miniTicker") ? "24hrMiniTicker" : "24hrTicker"), ("E", .millis(time)),
      ("s", .string(BinanceDialect.symbol(market))), ("c", .padded(day.last, 8)),
      ("o", .padded(day.open, 8)), ("h", .padded(day.high, 8)), ("l", .padded(day.low, 8)),
      ("v", .padded(day.baseVolume, 8)), ("q", .padded(day.quoteVolume, 8)),
    ])
    guard name.hasSuffix("@ticker") else { return .object(row) }
    row.set("p", .padded(day.last - day.open, 8))
    row.set("b", .padded(day.bid.price, 8))
    row.set("B", .padded(day.bid.amount, 8))
    row.set("a", .padded(day.ask.price, 8))
    row.set("A", .padded(day.ask.amount, 8))
    return .object(row)
  }

  private func trades(
    _ place: Int, _ channel: SimulatedStream.Channel, _ market: SimulatedMarket,
    _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    stream.channels[place].printed = time
    return exchange.prints(market, after: channel.printed, to: time, most: 20).map { trade in
      let isSum = channel.name.hasSuffix("@aggTrade")
      var row = JSONObject([
        ("e", isSum ? "aggTrade" : "trade"), ("E", .millis(time)),
        ("s", .string(BinanceDialect.symbol(market))), (isSum ? "a" : "t", .whole(trade.id)),
        ("p", .padded(trade.price, 8)), ("q", .padded(trade.amount, 8)),
      ])
      row.set("T", .millis(trade.time))
      row.set("m", .bool(!trade.isBuy))
      row.set("M", true)
      return wrapped(.object(row), channel.name, stream)
    }
  }

  /// The change from the state last told to this one, with the first and last number of it.
  private func depth(
    _ place: Int, _ channel: SimulatedStream.Channel, _ market: SimulatedMarket,
    _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let moment = SimulatedExchange.moment(time)
    let before = channel.moment < 0 ? moment - 1 : channel.moment
    guard moment > before else { return [] }
    stream.channels[place].moment = moment
    if stream.skipsNumber {
      // A change that never arrives.
      stream.skipsNumber = false
      return []
    }
    let old = exchange.book(market, moment: before, depth: 50)
    let new = exchange.book(market, moment: moment, depth: 50)
    var row = JSONObject([
      ("e", "depthUpdate"), ("E", .millis(time)), ("s", .string(BinanceDialect.symbol(market))),
      ("U", .whole(before + 1)), ("u", .whole(moment)),
      ("b", .levels(SimulatedBook.changes(old.bids, new.bids), market)),
      ("a", .levels(SimulatedBook.changes(old.asks, new.asks), market)),
    ])
    // Futures tell the last number of the message before as well.
    if stream.host.hasPrefix("fstream") { row.set("pu", .whole(before)) }
    return [wrapped(.object(row), channel.name, stream)]
  }

  // MARK: - Account

  /// Order reports and balances.
  public func account(
    _ change: PrivateChange, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let event: JSON
    switch change.change {
    case .order(let order):
      event = report(order, nil, at: time)
    case .fill(let fill, let order):
      event = report(order, fill, at: time)
    case .balance(let asset, let total, let locked):
      event = [
        "e": "outboundAccountPosition", "E": .millis(time), "u": .millis(time),
        "B": [
          ["a": .string(asset), "f": .padded(total - locked, 8), "l": .padded(locked, 8)]
        ],
      ]
    }
    if stream.flags & BinanceDialect.hasEnvelope != 0 {
      return [.text((["subscriptionId": 0, "event": event] as JSON).text)]
    }
    return [wrapped(event, stream.topics.first ?? "", stream)]
  }

  private func report(
    _ order: SimulatedOrder, _ fill: SimulatedEvent?, at time: Instant
  ) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    let isFull = fill != nil && !order.amount.isZero && order.rest.isZero
    let status = isFull ? "FILLED" : BinanceDialect.status(order)
    let kind = fill != nil ? "TRADE" : status == "PARTIALLY_FILLED" ? "NEW" : status
    var row = JSONObject([
      ("e", "executionReport"), ("E", .millis(time)),
      ("s", .string(BinanceDialect.symbol(market))), ("c", .string(order.clientID)),
      ("S", order.isBuy ? "BUY" : "SELL"), ("o", .string(BinanceDialect.type(order))),
      ("f", .string(BinanceDialect.force(order))), ("q", .padded(order.amount, 8)),
      ("p", .padded(order.price ?? .zero, 8)), ("P", "0.00000000"), ("F", "0.00000000"),
    ])
    row.set("g", -1)
    row.set("C", "")
    row.set("x", .string(kind))
    row.set("X", .string(status))
    row.set("r", "NONE")
    row.set("i", .whole(order.id))
    row.set("l", .padded(fill?.amount ?? .zero, 8))
    row.set("z", .padded(order.filled, 8))
    row.set("L", .padded(fill?.price ?? .zero, 8))
    row.set("n", .padded(fill?.fee ?? .zero, 8))
    row.set("N", fill.map { .string($0.feeAsset) } ?? .null)
    row.set("T", .millis(fill?.time ?? order.updated))
    row.set("t", .whole(fill?.id ?? -1))
    row.set("w", .bool(order.state == .open))
    row.set("m", .bool(fill?.isMaker ?? false))
    row.set("O", .millis(order.time))
    row.set("Z", .padded(order.cost, 8))
    row.set("Y", .padded(fill?.otherAmount ?? .zero, 8))
    row.set("Q", .padded(order.quoteAmount ?? .zero, 8))
    return .object(row)
  }
}
