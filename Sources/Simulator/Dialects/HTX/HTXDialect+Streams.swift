import Amounts
import Encodings
public import Ledger
import VenueKit

// https://huobiapi.github.io/docs/spot/v1/en/#websocket-market-data and …#websocket-asset-and-order
extension HTXDialect {
  private static let isPrivate = 1
  private static let isFeed = 2
  private static let isOfContracts = 4

  /// `/ws`, `/feed` and `/ws/v2`.
  public mutating func open(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedStream? {
    var stream = SimulatedStream(request, at: now)
    if request.host.hasPrefix("api.hbdm.") {
      stream.flags = HTXDialect.isOfContracts
      return stream
    }
    switch request.path {
    case "/ws": break
    case "/feed": stream.flags = HTXDialect.isFeed
    case "/ws/v2": stream.flags = HTXDialect.isPrivate
    default: return nil
    }
    return stream
  }

  /// Market messages are gzip, account messages are text.
  private func packed(_ message: JSON, _ stream: SimulatedStream) -> StreamFrame {
    stream.flags & HTXDialect.isPrivate != 0
      ? .text(message.text) : .binary(Gzip.packed(Array(message.text.utf8)))
  }

  /// `sub`, `unsub`, `req`, `pong`; of the private stream, messages with an `action`.
  public mutating func receive(
    _ text: String, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let message: JSON
    do { message = try JSON.reading(text) } catch {
      return [refused("bad-request", "invalid json", .null, stream, now)]
    }
    if stream.flags & HTXDialect.isPrivate != 0 {
      return receivePrivate(message, &stream, at: now)
    }
    if message["pong"] != nil {
      stream.rest = max(stream.rest, 0)
      stream.topics.remove("ping")
      return []
    }
    let id = message["id"] ?? .null
    if stream.flags & HTXDialect.isOfContracts != 0 {
      return [packed(HTXDialect.silent(message, id, at: now), stream)]
    }
    if let name = message["sub"]?.plainText {
      guard add(name, &stream, at: now) else {
        return [refused("bad-request", "invalid topic \(name)", id, stream, now)]
      }
      let answer: JSON = ["id": id, "status": "ok", "subbed": .string(name), "ts": .millis(now)]
      return [packed(answer, stream)]
    }
    if let name = message["unsub"]?.plainText {
      stream.channels.removeAll { $0.name == name }
      let answer: JSON = ["id": id, "status": "ok", "unsubbed": .string(name), "ts": .millis(now)]
      return [packed(answer, stream)]
    }
    if let name = message["req"]?.plainText { return [requested(name, id, stream, at: now)] }
    return [refused("bad-request", "unknown request", id, stream, now)]
  }

  /// Contracts have streams on which nothing happens: whatever is asked is granted.
  private static func silent(_ message: JSON, _ id: JSON, at now: Instant) -> JSON {
    if let word = message["op"] {
      return [
        "op": word, "type": "api", "cid": message["cid"] ?? .null, "err-code": 0,
        "topic": message["topic"] ?? .null, "ts": .millis(now),
      ]
    }
    return ["id": id, "status": "ok", "subbed": message["sub"] ?? .null, "ts": .millis(now)]
  }

  private func refused(
    _ code: String, _ text: String, _ id: JSON, _ stream: SimulatedStream, _ now: Instant
  ) -> StreamFrame {
    packed(
      [
        "id": id, "status": "error", "err-code": .string(code), "err-msg": .string(text),
        "ts": .millis(now),
      ], stream)
  }

  private func topic(_ name: String) -> (market: SimulatedMarket, rest: String)? {
    let parts = name.split(separator: ".", maxSplits: 2).map(String.init)
    guard parts.count == 3, parts[0] == "market",
      let market = exchange.listing.markets.first(where: { HTXDialect.symbol($0) == parts[1] })
    else { return nil }
    return (market, parts[2])
  }

  private func add(_ name: String, _ stream: inout SimulatedStream, at now: Instant) -> Bool {
    guard let topic = topic(name) else { return false }
    var channel = SimulatedStream.Channel(
      kind: .ticker, market: topic.market.index, name: name, printed: now)
    switch topic.rest {
    case "ticker", "detail": break
    case "bbo": channel.kind = .best
    case "trade.detail": channel.kind = .trades
    case "depth.step0", "depth.step1", "depth.step2":
      channel.kind = .book
      channel.isPlain = true
    case "mbp.5", "mbp.20", "mbp.150", "mbp.400":
      guard stream.flags & HTXDialect.isFeed != 0 else { return false }
      channel.kind = .book
      channel.depth = min(Int(topic.rest.dropFirst(4)) ?? 20, 50)
    case "mbp.refresh.5", "mbp.refresh.10", "mbp.refresh.20":
      channel.kind = .book
      channel.isPlain = true
      channel.depth = Int(topic.rest.dropFirst(12)) ?? 20
    default: return false
    }
    return stream.add(channel) != nil
  }

  private func requested(
    _ name: String, _ id: JSON, _ stream: SimulatedStream, at now: Instant
  ) -> StreamFrame {
    guard let topic = topic(name), topic.rest.hasPrefix("mbp.") else {
      return refused("bad-request", "invalid topic \(name)", id, stream, now)
    }
    let moment = SimulatedExchange.moment(now)
    let depth = min(Int(topic.rest.dropFirst(4)) ?? 20, 50)
    let book = exchange.book(topic.market, moment: moment, depth: depth)
    let data: JSON = [
      "seqNum": .whole(moment), "bids": levels(book.bids), "asks": levels(book.asks),
    ]
    return packed(
      ["id": id, "rep": .string(name), "status": "ok", "ts": .millis(now), "data": data], stream)
  }

  /// A ping every 5 seconds, on the private stream every 20; two left unanswered end it.
  public mutating func idle(
    _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let isPrivate = stream.flags & HTXDialect.isPrivate != 0
    guard now.seconds - stream.idled.seconds >= (isPrivate ? 20 : 5) else { return [] }
    stream.idled = now
    if stream.topics.contains("ping two") { return [.close(1_003)] }
    if stream.topics.contains("ping") { stream.topics.insert("ping two") }
    stream.topics.insert("ping")
    let data: JSON = ["ts": .millis(now)]
    return [packed(isPrivate ? ["action": "ping", "data": data] : ["ping": .millis(now)], stream)]
  }

  // MARK: - Markets

  /// One message of a market channel.
  public func market(
    _ place: Int, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let channel = stream.channels[place]
    guard let market = exchange.market(channel.market) else { return [] }
    let moment = SimulatedExchange.moment(time)
    let tick: JSON
    switch channel.kind {
    case .trades:
      stream.channels[place].printed = time
      let prints = exchange.prints(market, after: channel.printed, to: time, most: 20)
      guard let last = prints.last else { return [] }
      tick = [
        "id": .whole(last.id), "ts": .millis(last.time), "data": .array(prints.map(printRow)),
      ]
    case .best:
      guard case .object(var row) = best(market, at: time) else { return [] }
      row.set("seqId", .whole(moment))
      tick = .object(row)
    case .book:
      guard moment > channel.moment else { return [] }
      stream.channels[place].moment = moment
      guard let change = bookTick(channel, market, moment, &stream, at: time) else { return [] }
      tick = change
    default:
      guard case .object(var row) = tickerRow(market, at: time) else { return [] }
      row.set("lastPrice", row["close"] ?? .null)
      row.set("lastSize", .decimal(market.amountMin))
      tick = .object(row)
    }
    return [
      packed(["ch": .string(channel.name), "ts": .millis(time), "tick": tick], stream)
    ]
  }

  private func best(_ market: SimulatedMarket, at time: Instant) -> JSON {
    let day = exchange.day(market, at: time)
    return [
      "symbol": .string(HTXDialect.symbol(market)), "quoteTime": .millis(time),
      "bid": .decimal(day.bid.price), "bidSize": .decimal(day.bid.amount),
      "ask": .decimal(day.ask.price), "askSize": .decimal(day.ask.amount),
    ]
  }

  /// The whole book, or the change since the state `prevSeqNum`.
  private func bookTick(
    _ channel: SimulatedStream.Channel, _ market: SimulatedMarket, _ moment: Int64,
    _ stream: inout SimulatedStream, at time: Instant
  ) -> JSON? {
    if channel.isPlain { return bookRow(market, 20, at: time) }
    if stream.skipsNumber {
      // A change that never arrives.
      stream.skipsNumber = false
      return nil
    }
    let before = channel.moment < 0 ? moment - 1 : channel.moment
    let old = exchange.book(market, moment: before, depth: channel.depth)
    let new = exchange.book(market, moment: moment, depth: channel.depth)
    return [
      "seqNum": .whole(moment), "prevSeqNum": .whole(before),
      "bids": levels(SimulatedBook.changes(old.bids, new.bids)),
      "asks": levels(SimulatedBook.changes(old.asks, new.asks)),
    ]
  }

  // MARK: - Account

  private mutating func receivePrivate(
    _ message: JSON, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let channel = message["ch"]?.plainText ?? ""
    func answer(_ action: JSON, _ code: Int, _ text: String? = nil) -> [StreamFrame] {
      var row = JSONObject([
        ("action", action), ("code", .count(code)), ("ch", .string(channel)),
      ])
      if let text { row.set("message", .string(text)) }
      row.set("data", .object(JSONObject()))
      return [.text(JSON.object(row).text)]
    }
    switch message["action"]?.plainText {
    case "pong":
      stream.topics.remove("ping")
      stream.topics.remove("ping two")
      return []
    case "req" where channel == "auth":
      guard let account = logIn(message["params"] ?? .null, stream.host, at: now) else {
        return answer("req", 2_002, "auth.fail")
      }
      stream.account = account
      stream.changesSeen = exchange.accounts[account].changes.count
      return answer("req", 200)
    case "sub":
      guard let account = stream.account else { return answer("sub", 2_002, "invalid.auth.state") }
      stream.topics.insert(channel)
      return answer("sub", 200) + balances(channel, account, at: now)
    default: return answer("error", 2_001, "invalid.action")
    }
  }

  /// Version 2.1: no upper-case first letters, otherwise as over HTTP.
  private func logIn(_ params: JSON, _ host: String, at now: Instant) -> Int? {
    func text(_ name: String) -> String { params[name]?.plainText ?? "" }
    let names = ["accessKey", "signatureMethod", "signatureVersion", "timestamp"]
    let query = names.map { "\($0)=\(Escaping.strict(text($0)))" }.joined(separator: "&")
    guard let account = exchange.account(key: text("accessKey")),
      text("signatureVersion") == "2.1",
      let time = TimeForm.isoBare.read(text("timestamp")), abs(time.seconds - now.seconds) <= 300
    else { return nil }
    let message = "GET\n\(host)\n/ws/v2\n\(query)"
    let secret = Array(exchange.accounts[account].credentials.secret.utf8)
    let expected = Base64.text(tools.hmac(.sha256, secret, Array(message.utf8)))
    return text("signature") == expected ? account : nil
  }

  private func balances(_ channel: String, _ account: Int, at now: Instant) -> [StreamFrame] {
    guard channel.hasPrefix("accounts.update") else { return [] }
    return exchange.balances(account, at: now).filter { !$0.total.isZero }.map { balance in
      pushed(channel, balanceRow(balance.asset, balance.total, balance.locked, account, nil))
    }
  }

  private func pushed(_ channel: String, _ data: JSON) -> StreamFrame {
    .text((["action": "push", "ch": .string(channel), "data": data] as JSON).text)
  }

  private func balanceRow(
    _ asset: String, _ total: Fixed, _ locked: Fixed, _ account: Int, _ time: Instant?
  ) -> JSON {
    [
      "currency": .string(asset.lowercased()), "accountId": .whole(HTXDialect.spot(account)),
      "balance": .plain(total), "available": .plain(total - locked), "changeType": .null,
      "accountType": "trade", "changeTime": time.map { .millis($0) } ?? .null, "seqNum": 0,
    ]
  }

  /// `orders#…`, `trade.clearing#…` and `accounts.update#…`.
  public func account(
    _ change: PrivateChange, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    guard let account = stream.account else { return [] }
    func channel(_ name: String) -> String? {
      stream.topics.sorted().first { $0.hasPrefix(name) }
    }
    switch change.change {
    case .order(let order):
      guard let name = channel("orders#") else { return [] }
      let word =
        order.state == .open ? "creation" : order.state == .filled ? "trade" : "cancellation"
      return [pushed(name, orderPush(order, nil, word))]
    case .fill(let fill, let order):
      var frames: [StreamFrame] = []
      if let name = channel("orders#") {
        frames.append(pushed(name, orderPush(order, fill, "trade")))
      }
      if let name = channel("trade.clearing#") {
        frames.append(pushed(name, clearing(fill, order, account)))
      }
      return frames
    case .balance(let asset, let total, let locked):
      guard let name = channel("accounts.update") else { return [] }
      return [pushed(name, balanceRow(asset, total, locked, account, time))]
    }
  }

  private func orderPush(_ order: SimulatedOrder, _ fill: SimulatedEvent?, _ word: String) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    var row = JSONObject([
      ("eventType", .string(word)), ("symbol", .string(HTXDialect.symbol(market))),
      ("orderId", .whole(order.id)), ("clientOrderId", .string(order.clientID)),
      ("type", .string(HTXDialect.type(order))),
      ("orderStatus", .string(HTXDialect.state(order))),
      ("orderPrice", .plain(order.price ?? .zero)), ("orderSize", .plain(order.amount)),
      ("orderCreateTime", .millis(order.time)), ("lastActTime", .millis(order.updated)),
      ("execAmt", .plain(order.filled)), ("remainAmt", .plain(order.rest)),
    ])
    if let fill {
      row.set("tradePrice", .plain(fill.price))
      row.set("tradeVolume", .plain(fill.amount))
      row.set("tradeId", .whole(fill.id))
      row.set("tradeTime", .millis(fill.time))
      row.set("aggressor", .bool(!fill.isMaker))
    }
    return .object(row)
  }

  private func clearing(_ fill: SimulatedEvent, _ order: SimulatedOrder, _ account: Int) -> JSON {
    guard let market = exchange.market(fill.market) else { return .null }
    var row = JSONObject([
      ("eventType", "trade"), ("symbol", .string(HTXDialect.symbol(market))),
      ("orderId", .whole(order.id)), ("tradePrice", .plain(fill.price)),
      ("tradeVolume", .plain(fill.amount)), ("orderSide", fill.isBuy ? "buy" : "sell"),
      ("orderType", .string(HTXDialect.type(order))), ("aggressor", .bool(!fill.isMaker)),
      ("tradeId", .whole(fill.id)), ("tradeTime", .millis(fill.time)),
    ])
    row.set("transactFee", .plain(fill.fee))
    row.set("feeCurrency", .string(fill.feeAsset.lowercased()))
    row.set("feeDeduct", "0")
    row.set("feeDeductType", "")
    row.set("accountId", .whole(HTXDialect.spot(account)))
    row.set("source", "spot-api")
    row.set("clientOrderId", .string(order.clientID))
    row.set("orderPrice", .plain(order.price ?? .zero))
    row.set("orderSize", .plain(order.amount))
    row.set("orderCreateTime", .millis(order.time))
    row.set("orderStatus", .string(HTXDialect.state(order)))
    return .object(row)
  }
}
