import Amounts
import Encodings
public import Ledger

// Web sockets, version 2: https://docs.kraken.com/api/docs/guides/spot-ws-intro and the pages
// https://docs.kraken.com/api/docs/websocket-v2/ticker, …/book, …/trade, …/executions, …/balances.
extension KrakenDialect {
  /// `/v2` of either host.
  public mutating func open(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedStream? {
    guard request.path == "/v2" else { return nil }
    var stream = SimulatedStream(request, at: now)
    // The first pulse tells the status.
    stream.idled = Instant(seconds: 0)
    return stream
  }

  static func symbol(_ market: SimulatedMarket) -> String { "\(market.base)/\(market.quote)" }

  /// `subscribe`, `unsubscribe` and `ping`.
  public mutating func receive(
    _ text: String, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let message: JSON
    do { message = try JSON.reading(text) } catch {
      return [KrakenDialect.failed("", "JSON field not found", .null)]
    }
    let id = message["req_id"] ?? .null
    let params = message["params"] ?? .null
    switch message["method"]?.plainText {
    case "ping":
      let time = JSON.string(now.description)
      return [
        .text(
          (["method": "pong", "req_id": id, "time_in": time, "time_out": time] as JSON).text)
      ]
    case "subscribe": return subscribe(params, id, &stream, at: now)
    case "unsubscribe":
      let name = params["channel"]?.plainText ?? ""
      let symbols = (params["symbol"]?.list ?? []).compactMap(\.plainText)
      stream.channels.removeAll { channel in
        channel.name.hasPrefix(name + " ")
          && (symbols.isEmpty || symbols.contains { channel.name == "\(name) \($0)" })
      }
      return [
        .text(
          (["method": "unsubscribe", "req_id": id, "success": true] as JSON).text)
      ]
    default: return [KrakenDialect.failed("", "Invalid method", id)]
    }
  }

  private static func failed(_ method: String, _ reason: String, _ id: JSON) -> StreamFrame {
    .text(
      ([
        "error": .string(reason), "method": .string(method), "req_id": id, "success": false,
      ] as JSON).text)
  }

  private mutating func subscribe(
    _ params: JSON, _ id: JSON, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    let name = params["channel"]?.plainText ?? ""
    if name == "executions" || name == "balances" {
      return subscribeAccount(name, params, id, &stream, at: now)
    }
    let kind: SimulatedStream.Channel.Kind
    switch name {
    case "ticker": kind = .ticker
    case "trade": kind = .trades
    case "book": kind = .book
    default: return [KrakenDialect.failed("subscribe", "Channel not supported", id)]
    }
    var frames: [StreamFrame] = []
    for symbol in (params["symbol"]?.list ?? []).compactMap(\.plainText) {
      guard
        let market = exchange.listing.markets.first(where: { KrakenDialect.symbol($0) == symbol })
      else {
        frames.append(
          KrakenDialect.failed("subscribe", "Currency pair not supported \(symbol)", id))
        continue
      }
      var channel = SimulatedStream.Channel(
        kind: kind, market: market.index, name: "\(name) \(symbol)", printed: now)
      channel.depth = Int(params["depth"]?.wholeNumber ?? 10)
      guard [10, 25, 100, 500, 1_000].contains(channel.depth), stream.add(channel) != nil else {
        frames.append(KrakenDialect.failed("subscribe", "Subscription depth not supported", id))
        continue
      }
      frames.append(accepted(["channel": .string(name), "symbol": .string(symbol)], id, now))
      frames += self.market(stream.channels.count - 1, &stream, at: now)
    }
    return frames
  }

  private func accepted(_ result: JSON, _ id: JSON, _ now: Instant) -> StreamFrame {
    let time = JSON.string(now.description)
    return .text(
      ([
        "method": "subscribe", "req_id": id, "result": result, "success": true, "time_in": time,
        "time_out": time,
      ] as JSON).text)
  }

  private mutating func subscribeAccount(
    _ name: String, _ params: JSON, _ id: JSON, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    guard let token = params["token"]?.plainText, let known = tokens[token] else {
      return [KrakenDialect.failed("subscribe", "EAPI:Invalid token", id)]
    }
    guard known.ends > now || stream.account == known.account else {
      return [KrakenDialect.failed("subscribe", "ESession:Invalid session", id)]
    }
    stream.account = known.account
    stream.changesSeen = exchange.accounts[known.account].changes.count
    stream.topics.insert(name)
    let rows: [JSON]
    if name == "executions" {
      rows = exchange.openOrders(known.account).map { execution($0, nil, at: now) }
    } else {
      rows = exchange.balances(known.account, at: now).filter { !$0.total.isZero }
        .map { balanceRow($0.asset, $0.total) }
    }
    let snapshot: JSON = [
      "channel": .string(name), "type": "snapshot", "data": .array(rows),
      "sequence": .whole(stream.count() + 1),
    ]
    return [
      accepted(["channel": .string(name), "snapshot": true], id, now), .text(snapshot.text),
    ]
  }

  private func balanceRow(_ asset: String, _ total: Fixed) -> JSON {
    [
      "asset": .string(asset), "asset_class": "currency", "balance": .decimal(total),
      "wallets": [["type": "spot", "id": "main", "balance": .decimal(total)]],
    ]
  }

  /// The status at first, then a heartbeat a second.
  public mutating func idle(
    _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    if stream.idled.seconds == 0 {
      stream.idled = now
      let row: JSON = [
        "version": "2.0.0", "system": "online", "api_version": "v2", "connection_id": 12_345_678,
      ]
      let message: JSON = ["channel": "status", "type": "update", "data": [row]]
      return [.text(message.text)]
    }
    guard now.seconds > stream.idled.seconds, !stream.channels.isEmpty || stream.account != nil
    else { return [] }
    stream.idled = now
    return [.text("{\"channel\":\"heartbeat\"}")]
  }

  /// One message of a market channel; the first of a book is its snapshot.
  public func market(
    _ place: Int, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let channel = stream.channels[place]
    guard let market = exchange.market(channel.market) else { return [] }
    switch channel.kind {
    case .ticker: return [tickerMessage(place, channel, market, &stream, at: time)]
    case .trades:
      stream.channels[place].printed = time
      let prints = exchange.prints(market, after: channel.printed, to: time, most: 20)
      return prints.isEmpty ? [] : [tradesMessage(prints, market)]
    default: return bookMessage(place, channel, market, &stream, at: time)
    }
  }

  private func tickerMessage(
    _ place: Int, _ channel: SimulatedStream.Channel, _ market: SimulatedMarket,
    _ stream: inout SimulatedStream, at time: Instant
  ) -> StreamFrame {
    let isFirst = channel.moment < 0
    stream.channels[place].moment = SimulatedExchange.moment(time)
    let day = exchange.day(market, at: time)
    let change = day.last - day.open
    let row: JSON = [
      "symbol": .string(KrakenDialect.symbol(market)), "bid": .decimal(day.bid.price),
      "bid_qty": .decimal(day.bid.amount), "ask": .decimal(day.ask.price),
      "ask_qty": .decimal(day.ask.amount), "last": .decimal(day.last),
      "volume": .decimal(day.baseVolume), "vwap": .decimal(day.last), "low": .decimal(day.low),
      "high": .decimal(day.high), "change": .decimal(change),
      "change_pct": .decimal((change * 100.fixed / day.open).kept(2)),
    ]
    let message: JSON = [
      "channel": "ticker", "type": isFirst ? "snapshot" : "update", "data": [row],
    ]
    return .text(message.text)
  }

  private func tradesMessage(
    _ prints: [SimulatedPrint], _ market: SimulatedMarket
  ) -> StreamFrame {
    let rows = prints.map { trade -> JSON in
      [
        "symbol": .string(KrakenDialect.symbol(market)), "side": trade.isBuy ? "buy" : "sell",
        "price": .decimal(trade.price), "qty": .decimal(trade.amount), "ord_type": "limit",
        "trade_id": .whole(trade.id), "timestamp": .string(trade.time.description),
      ]
    }
    let message: JSON = ["channel": "trade", "type": "update", "data": .array(rows)]
    return .text(message.text)
  }

  private func bookMessage(
    _ place: Int, _ channel: SimulatedStream.Channel, _ market: SimulatedMarket,
    _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let moment = SimulatedExchange.moment(time)
    guard moment > channel.moment else { return [] }
    stream.channels[place].moment = moment
    if stream.skipsNumber {
      // A change that never arrives; the next checksum tells.
      stream.skipsNumber = false
      return []
    }
    let depth = min(channel.depth, 50)
    let new = exchange.book(market, moment: moment, depth: depth)
    var bids = new.bids
    var asks = new.asks
    if channel.moment >= 0 {
      let old = exchange.book(market, moment: channel.moment, depth: depth)
      bids = SimulatedBook.changes(old.bids, new.bids)
      asks = SimulatedBook.changes(old.asks, new.asks)
    }
    let row: JSON = [
      "symbol": .string(KrakenDialect.symbol(market)), "bids": levels(bids, market),
      "asks": levels(asks, market),
      "checksum": .whole(Int64(KrakenDialect.checksum(new, market))),
      "timestamp": .string(time.description),
    ]
    let message: JSON = [
      "channel": "book", "type": channel.moment < 0 ? "snapshot" : "update", "data": [row],
    ]
    return [.text(message.text)]
  }

  private func levels(
    _ levels: [(price: Fixed, amount: Fixed)], _ market: SimulatedMarket
  ) -> JSON {
    .array(
      levels.map { level in
        [
          "price": .number(level.price.padded(market.priceDigits)),
          "qty": .number(level.amount.padded(market.amountDigits)),
        ]
      })
  }

  /// CRC-32 over the ten best asks and bids, prices and amounts without point and leading zeros.
  ///
  /// https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
  static func checksum(_ book: SimulatedBook, _ market: SimulatedMarket) -> UInt32 {
    func bare(_ text: String) -> Substring { text.filter { $0 != "." }.drop { $0 == "0" }[...] }
    var text = ""
    for level in Array(book.asks.prefix(10)) + Array(book.bids.prefix(10)) {
      text += bare(level.price.padded(market.priceDigits))
      text += bare(level.amount.padded(market.amountDigits))
    }
    return CRC32.of(text.utf8)
  }

  // MARK: - Account

  /// Executions and balances, with a sequence number.
  public func account(
    _ change: PrivateChange, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame] {
    let name: String
    let row: JSON
    switch change.change {
    case .order(let order):
      (name, row) = ("executions", execution(order, nil, at: time))
    case .fill(let fill, let order):
      (name, row) = ("executions", execution(order, fill, at: time))
    case .balance(let asset, let total, _):
      (name, row) = ("balances", balanceRow(asset, total))
    }
    guard stream.topics.contains(name) else { return [] }
    let message: JSON = [
      "channel": .string(name), "type": "update", "data": [row],
      "sequence": .whole(stream.count() + 1),
    ]
    return [.text(message.text)]
  }

  private func execution(
    _ order: SimulatedOrder, _ fill: SimulatedEvent?, at time: Instant
  ) -> JSON {
    guard let market = exchange.market(order.market) else { return .null }
    var row = JSONObject([
      ("order_id", .string(KrakenDialect.id("O", order.id))),
      ("symbol", .string(KrakenDialect.symbol(market))), ("side", order.isBuy ? "buy" : "sell"),
      ("order_type", order.price == nil ? "market" : "limit"),
      ("order_qty", .decimal(order.amount)), ("cum_qty", .decimal(order.filled)),
      ("cum_cost", .decimal(order.cost)), ("avg_price", .decimal(order.averagePrice.kept(8))),
      ("time_in_force", "GTC"), ("timestamp", .string((fill?.time ?? order.updated).description)),
    ])
    if !order.clientID.isEmpty { row.set("cl_ord_id", .string(order.clientID)) }
    if let price = order.price { row.set("limit_price", .decimal(price)) }
    guard let fill else {
      let word = KrakenDialect.stage(order)
      row.set("exec_type", .string(word))
      row.set("order_status", .string(word))
      return .object(row)
    }
    row.set("exec_type", "trade")
    row.set("order_status", "partially_filled")
    row.set("exec_id", .string(KrakenDialect.id("T", fill.id)))
    row.set("trade_id", .whole(fill.id))
    row.set("last_qty", .decimal(fill.amount))
    row.set("last_price", .decimal(fill.price))
    row.set("cost", .decimal(fill.otherAmount))
    row.set("liquidity_ind", fill.isMaker ? "m" : "t")
    let fee: JSON = [
      "asset": .string(fill.feeAsset), "qty": .decimal(fill.fee),
    ]
    row.set("fees", [fee])
    return .object(row)
  }

  private static func stage(_ order: SimulatedOrder) -> String {
    switch order.state {
    case .open: order.filled.isZero ? "new" : "partially_filled"
    case .filled: "filled"
    case .canceled: "canceled"
    case .expired: "expired"
    }
  }
}
