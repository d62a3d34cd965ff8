import Amounts
import Encodings
public import Ledger

// https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
extension CoinbaseDialect {
  /// Any path of the stream hosts.
  public mutating func open(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedStream? {
    guard request.path == "/" || request.path.isEmpty else { return nil }
    return SimulatedStream(request, at: now)
  }

  /// `subscribe` and `unsubscribe`.
  public mutating func receive(
    _ text: String, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let message: JSON
    do { message = try JSON.reading(text) } catch { return [CoinbaseDialect.failed("bad json")] }
    let name = message["channel"]?.plainText ?? ""
    let products = (message["product_ids"]?.list ?? []).compactMap(\.plainText)
    switch message["type"]?.plainText {
    case "subscribe": return subscribe(name, products, message, &stream, at: now)
    case "unsubscribe":
      stream.channels.removeAll { channel in
        channel.name.hasPrefix(name + " ")
          && (products.isEmpty || products.contains { channel.name == "\(name) \($0)" })
      }
      return [subscriptions(&stream, at: now)]
    default: return [CoinbaseDialect.failed("type is not known")]
    }
  }

  private static func failed(_ reason: String) -> StreamFrame {
    .text((["type": "error", "message": .string(reason)] as JSON).text)
  }

  private mutating func subscribe(
    _ name: String, _ products: [String], _ message: JSON, _ stream: inout SimulatedStream,
    at now: Instant
  ) -> [StreamFrame] {
    var account: Int?
    if let token = message["jwt"]?.plainText {
      do { account = try self.account(token: token, uri: nil, at: now) } catch {
        return [CoinbaseDialect.failed("authentication failure")]
      }
    }
    let kind: SimulatedStream.Channel.Kind
    switch name {
    case "ticker", "ticker_batch": kind = .ticker
    case "market_trades": kind = .trades
    case "level2": kind = .book
    case "heartbeats": kind = .heartbeat
    case "user":
      guard let account else { return [CoinbaseDialect.failed("authentication failure")] }
      stream.account = account
      stream.changesSeen = exchange.accounts[account].changes.count
      stream.topics.insert("user")
      let rows = exchange.openOrders(account).map { orderRow($0, account) }
      return [
        subscriptions(&stream, at: now),
        wrapped("user", ["type": "snapshot", "orders": .array(rows)], &stream, at: now),
      ]
    default: return [CoinbaseDialect.failed("channel is not known")]
    }
    var places: [Int] = []
    if kind == .heartbeat {
      _ = stream.add(
        SimulatedStream.Channel(kind: kind, market: -1, name: name + " ", printed: now))
    }
    for product in products where kind != .heartbeat {
      let found = exchange.listing.markets.first { CoinbaseDialect.product($0) == product }
      guard let found,
        stream.add(
          SimulatedStream.Channel(
            kind: kind, market: found.index, name: "\(name) \(product)", printed: now)) != nil
      else { return [CoinbaseDialect.failed("\(product) is not a valid product")] }
      places.append(stream.channels.count - 1)
    }
    // Messages are numbered in the order in which they are sent.
    var frames = [subscriptions(&stream, at: now)]
    for place in places { frames += market(place, &stream, at: now) }
    return frames
  }

  private func subscriptions(_ stream: inout SimulatedStream, at now: Instant) -> StreamFrame {
    var members = JSONObject()
    for channel in stream.channels {
      let parts = channel.name.split(separator: " ", omittingEmptySubsequences: false)
      let name = String(parts[0])
      let known = members[name]?.list ?? []
      members.set(name, .array(known + [.string(parts.count > 1 ? String(parts[1]) : "")]))
    }
    if stream.topics.contains("user") { members.set("user", ["all"]) }
    return wrapped("subscriptions", ["subscriptions": .object(members)], &stream, at: now)
  }

  /// Every message of a connection carries the next number.
  private func wrapped(
    _ channel: String, _ event: JSON, _ stream: inout SimulatedStream, at time: Instant
  ) -> StreamFrame {
    let message: JSON = [
      "channel": .string(channel), "client_id": "", "timestamp": .string(time.description),
      "sequence_num": .whole(stream.count()), "events": [event],
    ]
    return .text(message.text)
  }

  /// "You must subscribe within 5 seconds"; heartbeats come every second.
  public mutating func idle(
    _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    if stream.channels.isEmpty, stream.account == nil {
      return now.seconds - stream.idled.seconds > 5 ? [.close(1_008)] : []
    }
    guard now.seconds > stream.idled.seconds,
      stream.channels.contains(where: { $0.kind == .heartbeat })
    else { return [] }
    stream.idled = now
    let event: JSON = [
      "current_time": .string(now.description), "heartbeat_counter": .whole(now.seconds),
    ]
    return [wrapped("heartbeats", event, &stream, at: now)]
  }

  /// One message of a market channel; the first of each is a snapshot.
  public func market(
    _ place: Int, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let channel = stream.channels[place]
    guard let market = exchange.market(channel.market) else { return [] }
    let moment = SimulatedExchange.moment(time)
    let type: JSON = channel.moment < 0 ? "snapshot" : "update"
    switch channel.kind {
    case .ticker:
      stream.channels[place].moment = moment
      let event: JSON = ["type": type, "tickers": [tickerRow(market, at: time)]]
      return [wrapped("ticker", event, &stream, at: time)]
    case .trades:
      stream.channels[place].printed = time
      stream.channels[place].moment = moment
      let rows = exchange.prints(market, after: channel.printed, to: time, most: 20).map {
        trade -> JSON in
        [
          "trade_id": .wholeText(trade.id), "product_id": .string(CoinbaseDialect.product(market)),
          "price": .plain(trade.price), "size": .plain(trade.amount),
          "side": trade.isBuy ? "BUY" : "SELL", "time": .string(trade.time.description),
        ]
      }
      if rows.isEmpty { return [] }
      let event: JSON = ["type": type, "trades": .array(rows)]
      return [wrapped("market_trades", event, &stream, at: time)]
    default:
      guard moment > channel.moment else { return [] }
      stream.channels[place].moment = moment
      return [bookMessage(channel, market, moment, &stream, at: time)]
    }
  }

  private func tickerRow(_ market: SimulatedMarket, at time: Instant) -> JSON {
    let day = exchange.day(market, at: time)
    let percent = ((day.last - day.open) * 100.fixed / day.open).kept(8)
    return [
      "type": "ticker", "product_id": .string(CoinbaseDialect.product(market)),
      "price": .plain(day.last), "volume_24_h": .plain(day.baseVolume),
      "low_24_h": .plain(day.low), "high_24_h": .plain(day.high), "low_52_w": .plain(day.low),
      "high_52_w": .plain(day.high), "price_percent_chg_24_h": .plain(percent),
      "best_bid": .plain(day.bid.price), "best_bid_quantity": .plain(day.bid.amount),
      "best_ask": .plain(day.ask.price), "best_ask_quantity": .plain(day.ask.amount),
    ]
  }

  private func bookMessage(
    _ channel: SimulatedStream.Channel, _ market: SimulatedMarket, _ moment: Int64,
    _ stream: inout SimulatedStream, at time: Instant
  ) -> StreamFrame {
    let new = exchange.book(market, moment: moment, depth: 50)
    var bids = new.bids
    var asks = new.asks
    if channel.moment >= 0 {
      let old = exchange.book(market, moment: channel.moment, depth: 50)
      bids = SimulatedBook.changes(old.bids, new.bids)
      asks = SimulatedBook.changes(old.asks, new.asks)
    }
    func rows(_ levels: [(price: Fixed, amount: Fixed)], _ side: String) -> [JSON] {
      levels.map { level in
        [
          "side": .string(side), "event_time": .string(time.description),
          "price_level": .plain(level.price), "new_quantity": .plain(level.amount),
        ]
      }
    }
    let event: JSON = [
      "type": channel.moment < 0 ? "snapshot" : "update",
      "product_id": .string(CoinbaseDialect.product(market)),
      "updates": .array(rows(bids, "bid") + rows(asks, "offer")),
    ]
    return wrapped("l2_data", event, &stream, at: time)
  }

  /// Orders as they change.
  public func account(
    _ change: PrivateChange, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    guard let account = stream.account else { return [] }
    switch change.change {
    case .order(let order), .fill(_, let order):
      guard case .object(var row) = orderRow(order, account) else { return [] }
      row.set("avg_price", .plain(order.averagePrice))
      row.set("cumulative_quantity", .plain(order.filled))
      row.set("leaves_quantity", .plain(order.rest))
      row.set("order_side", order.isBuy ? "BUY" : "SELL")
      row.set("creation_time", .iso(order.time))
      row.set("limit_price", .plain(order.price ?? .zero))
      let event: JSON = ["type": "update", "orders": [.object(row)]]
      return [wrapped("user", event, &stream, at: time)]
    case .balance: return []
    }
  }
}
