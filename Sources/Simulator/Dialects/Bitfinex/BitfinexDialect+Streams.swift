import Amounts
import Encodings
public import Ledger
import VenueKit

// https://docs.bitfinex.com/docs/ws-general, …/ws-public, …/ws-auth and …/ws-websocket-checksum
extension BitfinexDialect {
  private static let hasSequence = 65_536
  private static let hasChecksum = 131_072

  /// `/ws/2` of either host.
  public mutating func open(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedStream? {
    guard request.path == "/ws/2" else { return nil }
    var stream = SimulatedStream(request, at: now)
    stream.idled = Instant(seconds: 0)
    return stream
  }

  /// `conf`, `auth`, `subscribe`, `unsubscribe` and `ping`.
  public mutating func receive(
    _ text: String, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let message: JSON
    do { message = try JSON.reading(text) } catch {
      return [BitfinexDialect.failed(10_300, "json: invalid")]
    }
    switch message["event"]?.plainText {
    case "ping":
      let pong: JSON = ["event": "pong", "cid": message["cid"] ?? .null, "ts": .millis(now)]
      return [.text(pong.text)]
    case "conf":
      stream.flags = Int(message["flags"]?.wholeNumber ?? 0)
      let answer: JSON = ["event": "conf", "status": "OK", "flags": .count(stream.flags)]
      return [.text(answer.text)]
    case "auth": return logIn(message, &stream, at: now)
    case "subscribe": return subscribe(message, &stream, at: now)
    case "unsubscribe":
      let id = message["chanId"]?.wholeNumber ?? -1
      stream.channels.removeAll { $0.number == id }
      let answer: JSON = ["event": "unsubscribed", "status": "OK", "chanId": .whole(id)]
      return [.text(answer.text)]
    default: return [BitfinexDialect.failed(10_000, "unknown event")]
    }
  }

  private static func failed(_ code: Int, _ text: String) -> StreamFrame {
    .text((["event": "error", "msg": .string(text), "code": .count(code)] as JSON).text)
  }

  /// The payload is `AUTH` and the nonce.
  private mutating func logIn(
    _ message: JSON, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    func refused(_ code: Int, _ text: String) -> [StreamFrame] {
      let answer: JSON = [
        "event": "auth", "status": "FAILED", "chanId": 0, "code": .count(code),
        "msg": .string(text),
      ]
      return [.text(answer.text)]
    }
    guard let account = exchange.account(key: message["apiKey"]?.plainText ?? ""),
      let payload = message["authPayload"]?.plainText,
      isSigned(payload, message["authSig"]?.plainText ?? "", account)
    else { return refused(10_100, "apikey: invalid") }
    let nonce = message["authNonce"]?.plainText ?? ""
    guard payload == "AUTH" + nonce else { return refused(10_100, "apikey: payload invalid") }
    do { try use(nonce, account) } catch { return refused(error.code, error.message) }
    stream.account = account
    stream.changesSeen = exchange.accounts[account].changes.count
    let answer: JSON = [
      "event": "auth", "status": "OK", "chanId": 0, "userId": .count(100_000 + account),
      "caps": .object(JSONObject()),
    ]
    let wallets = exchange.balances(account, at: now).filter { !$0.total.isZero }
      .map { walletRow($0.asset, $0.total, $0.locked) }
    let orders = exchange.openOrders(account).map(orderRow)
    return [
      .text(answer.text), numbered([0, "ps", []], &stream),
      numbered([0, "ws", .array(wallets)], &stream),
      numbered([0, "os", .array(orders)], &stream),
    ]
  }

  private mutating func subscribe(
    _ message: JSON, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let name = message["channel"]?.plainText ?? ""
    var symbol = message["symbol"]?.plainText ?? message["pair"]?.plainText ?? ""
    if !symbol.hasPrefix("t") { symbol = "t" + symbol }
    let kind: SimulatedStream.Channel.Kind
    switch name {
    case "ticker": kind = .ticker
    case "trades": kind = .trades
    case "book": kind = .book
    default: return [BitfinexDialect.failed(10_300, "channel: unknown")]
    }
    let found = exchange.listing.markets.first { BitfinexDialect.symbol($0) == symbol }
    guard let found else { return [BitfinexDialect.failed(10_300, "symbol: invalid")] }
    var channel = SimulatedStream.Channel(
      kind: kind, market: found.index, name: "\(name) \(symbol)", printed: now)
    channel.depth = min(Int(message["len"]?.plainText ?? "") ?? 25, 50)
    let before = stream.channels.count
    guard let number = stream.add(channel) else {
      return [BitfinexDialect.failed(10_305, "Reached limit of open channels")]
    }
    if stream.channels.count == before {
      return [BitfinexDialect.failed(10_301, "subscribe: dup")]
    }
    let answer: JSON = [
      "event": "subscribed", "channel": .string(name), "chanId": .whole(number),
      "symbol": .string(symbol), "pair": .string(String(symbol.dropFirst())),
    ]
    return [.text(answer.text)] + snapshot(before, found, &stream, at: now)
  }

  private func snapshot(
    _ place: Int, _ market: SimulatedMarket, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    guard stream.channels[place].kind == .trades else {
      return self.market(place, &stream, at: now)
    }
    let prints = exchange.prints(market, after: now.advanced(bySeconds: -30), to: now)
    let rows = JSON.array(prints.reversed().map(printRow))
    return [numbered([.whole(stream.channels[place].number), rows], &stream)]
  }

  /// With the sequence flag every message ends with its number.
  private func numbered(_ message: JSON, _ stream: inout SimulatedStream) -> StreamFrame {
    guard stream.flags & BitfinexDialect.hasSequence != 0 else { return .text(message.text) }
    return .text(JSON.array(message.list + [.whole(stream.count() + 1)]).text)
  }

  /// The greeting, then a heartbeat for each channel every 15 seconds.
  public mutating func idle(
    _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    if stream.idled.seconds == 0 {
      stream.idled = now
      let platform: JSON = ["status": 1]
      let info: JSON = [
        "event": "info", "version": 2, "serverId": "5eedc0de", "platform": platform,
      ]
      return [.text(info.text)]
    }
    guard now.seconds - stream.idled.seconds >= 15 else { return [] }
    stream.idled = now
    var frames = stream.channels.map(\.number).map { numbered([.whole($0), "hb"], &stream) }
    if stream.account != nil { frames.append(numbered([0, "hb"], &stream)) }
    return frames
  }

  /// One message of a market channel; the first of a book is its snapshot.
  public func market(
    _ place: Int, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let channel = stream.channels[place]
    let id = JSON.whole(channel.number)
    guard let market = exchange.market(channel.market) else { return [] }
    switch channel.kind {
    case .ticker: return [numbered([id, .array(ticker(market, at: time))], &stream)]
    case .trades:
      stream.channels[place].printed = time
      var frames: [StreamFrame] = []
      for trade in exchange.prints(market, after: channel.printed, to: time, most: 20) {
        frames.append(numbered([id, "te", printRow(trade)], &stream))
        frames.append(numbered([id, "tu", printRow(trade)], &stream))
      }
      return frames
    default: return bookMessages(place, channel, market, &stream, at: time)
    }
  }

  private func bookMessages(
    _ place: Int, _ channel: SimulatedStream.Channel, _ market: SimulatedMarket,
    _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let moment = SimulatedExchange.moment(time)
    guard moment > channel.moment else { return [] }
    stream.channels[place].moment = moment
    let id = JSON.whole(channel.number)
    let new = exchange.book(market, moment: moment, depth: channel.depth)
    if channel.moment < 0 {
      let rows =
        new.bids.map { BitfinexDialect.bookRow($0, isBid: true) }
        + new.asks.map { BitfinexDialect.bookRow($0, isBid: false) }
      return [numbered([id, .array(rows)], &stream)]
    }
    let old = exchange.book(market, moment: channel.moment, depth: channel.depth)
    let rows =
      SimulatedBook.changes(old.bids, new.bids).map { BitfinexDialect.bookRow($0, isBid: true) }
      + SimulatedBook.changes(old.asks, new.asks).map {
        BitfinexDialect.bookRow($0, isBid: false)
      }
    var frames = rows.map { numbered([id, $0], &stream) }
    if stream.flags & BitfinexDialect.hasChecksum != 0 {
      let sum = JSON.whole(Int64(BitfinexDialect.checksum(new)))
      frames.append(numbered([id, "cs", sum], &stream))
    }
    return frames
  }

  /// CRC-32, signed, over the 25 best of both sides in turn: price and amount, asks negative.
  static func checksum(_ book: SimulatedBook) -> Int32 {
    var parts: [String] = []
    for place in 0..<25 {
      if book.bids.indices.contains(place) {
        parts += [book.bids[place].price.text, book.bids[place].amount.text]
      }
      if book.asks.indices.contains(place) {
        parts += [book.asks[place].price.text, (-book.asks[place].amount).text]
      }
    }
    return Int32(bitPattern: CRC32.of(parts.joined(separator: ":").utf8))
  }

  /// Orders, executions and wallets on channel 0.
  public func account(
    _ change: PrivateChange, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    switch change.change {
    case .order(let order):
      let isNew = order.state == .open && order.filled.isZero
      let word: JSON = isNew ? "on" : order.state == .open ? "ou" : "oc"
      return [numbered([0, word, orderRow(order)], &stream)]
    case .fill(let fill, let order):
      let row = tradeRow(fill, order: order)
      // "te" comes first and knows no fee.
      let early = JSON.array(Array(row.list.prefix(9)) + [.null, .null] + row.list.suffix(1))
      return [numbered([0, "te", early], &stream), numbered([0, "tu", row], &stream)]
    case .balance(let asset, let total, let locked):
      return [numbered([0, "wu", walletRow(asset, total, locked)], &stream)]
    }
  }
}
