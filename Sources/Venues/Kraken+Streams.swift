import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.kraken.com/api/docs/guides/spot-ws-intro and …/websocket-v2/

extension Kraken {
  static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://ws.kraken.com/v2" },
    subscribe: { channels, _ in channels.compactMap(subscription) },
    ping: #"{"method":"ping"}"#, pingEvery: 30, channelsMost: 200, book: bookRules,
    read: readMarket)

  /// Ten levels a side where no depth is asked for; a lost change is told by the next checksum only.
  ///
  /// https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
  private static let bookRules = BookRules(
    .none, from: .stream, window: 10, checksum: .bareDigits(levels: 10))

  static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in "wss://ws-auth.kraken.com/v2" },
    tokenCall: Call("private", "POST", "GetWebSocketsToken", cost: ["counter": 1]),
    token: { answer throws(VenueFault) in try answer.body["result"].text("token") },
    subscribe: { _, ask in
      ["executions", "balances"].map { channel in
        let token = JSON.string(ask.cursor ?? "")
        return message("subscribe", ["channel": .string(channel), "token": token])
      }
    },
    ping: #"{"method":"ping"}"#, pingEvery: 30, read: readAccount)

  private static func message(_ method: String, _ parameters: Parameters) -> String {
    Parameters([
      Parameters.Item("method", .string(method)), Parameters.Item("params", parameters.json),
    ]).json.text
  }

  private static func subscription(_ channel: Channel) -> String? {
    let (name, market): (String, Market)
    switch channel {
    case .ticker(let wanted): (name, market) = ("ticker", wanted)
    case .trades(let wanted): (name, market) = ("trade", wanted)
    case .book(let wanted): (name, market) = ("book", wanted)
    case .account: return nil
    }
    return message(
      "subscribe", ["channel": .string(name), "symbol": .array([.string(symbol(market))])])
  }

  /// The streams' name of a market: common codes with a slash.
  private static func symbol(_ market: Market) -> String {
    "\(aliases[market.base] ?? market.base)/\(aliases[market.quote] ?? market.quote)"
  }

  /// The market of a stream's name; alternate names of pairs hold XBT and XDG.
  private static func market(_ symbol: String, _ ask: Ask) -> String {
    let old = ["BTC": "XBT", "DOGE": "XDG"]
    let name = symbol.split(separator: "/").map { old[String($0)] ?? String($0) }.joined()
    return ask.markets.market(name, .spot)?.id ?? name
  }

  /// What every stream may say beside data: `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    if let method = try node.optionalText("method") {
      if try node.optionalFlag("success") == false || !node["error"].isNothing {
        let text = try node.optionalText("error") ?? method
        return [.refused(faults.refusal(code: text, message: text, status: 200))]
      }
      return method == "subscribe" ? [.subscribed] : []
    }
    return node["data"].isNothing || node["channel"].isNothing ? [] : nil
  }

  static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let channel = try node.text("channel")
    let isSnapshot = try node.optionalText("type") == "snapshot"
    var events: [StreamEvent] = []
    for row in try node["data"].elements() {
      switch channel {
      case "ticker": events.append(.ticker(try streamTicker(row, ask)))
      case "trade": events.append(.trade(try streamTrade(row, ask)))
      case "book": events.append(.book(try streamBook(row, ask, isSnapshot)))
      default: break
      }
    }
    return events
  }

  /// `change` is that of 24 hours (https://docs.kraken.com/api/docs/websocket-v2/ticker).
  private static func streamTicker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker {
    let last = try row.optionalDecimal("last")
    let change = try row.optionalDecimal("change")
    let open = last.flatMap { last in change.flatMap { try? last.subtracting($0) } }
    return Ticker(
      market: market(try row.text("symbol"), ask), time: try row.optionalTime(.iso, "timestamp"),
      last: last, bid: try row.optionalDecimal("bid"), ask: try row.optionalDecimal("ask"),
      high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"), open: open,
      baseVolume: try row.optionalDecimal("volume"))
  }

  private static func streamTrade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade {
    PublicTrade(
      id: try row.optionalText("trade_id"), time: try row.time(.iso, "timestamp"),
      market: market(try row.text("symbol"), ask), side: try row["side"].sideOfWord(),
      price: try row.decimal("price"), amount: try row.decimal("qty"))
  }

  private static func streamBook(
    _ row: Node, _ ask: Ask, _ isSnapshot: Bool
  ) throws(VenueFault) -> BookChange {
    var digits = BookDigits()
    let bids = try levels(row["bids"], &digits)
    let asks = try levels(row["asks"], &digits)
    return BookChange(
      market: market(try row.text("symbol"), ask), isSnapshot: isSnapshot, bids: bids, asks: asks,
      checksum: try row.optionalInteger("checksum"), digits: digits)
  }

  private static func levels(
    _ node: Node, _ digits: inout BookDigits
  ) throws(VenueFault) -> [BookLevel] {
    var levels: [BookLevel] = []
    for level in try node.optionalElements() {
      let (price, amount) = (level["price"], level["qty"])
      levels.append(BookLevel(try price.decimal(), try amount.decimal()))
      digits = digits.widened(by: BookDigits(price: price, amount: amount))
    }
    return levels
  }

  // MARK: - Our account

  static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let channel = try node.text("channel")
    var events: [StreamEvent] = []
    for row in try node["data"].elements() {
      switch channel {
      case "executions": events += try execution(row, ask)
      case "balances": events += try balances(row)
      default: break
      }
    }
    return events
  }

  private static func execution(_ row: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    var events: [StreamEvent] = []
    if try row.optionalText("exec_type") == "trade" {
      events.append(.fill(try streamFill(row, ask)))
    }
    events.append(
      .order(
        Order(
          id: try row.text("order_id"), clientID: try row.optionalText("cl_ord_id"),
          time: try row.optionalTime(.iso, "timestamp"),
          market: try row.optionalText("symbol").map { market($0, ask) },
          type: try row.optionalText("order_type"), side: try row["side"].sideOfWord(),
          price: try row["limit_price"].decimalButZero(),
          amount: try row.optionalDecimal("order_qty"),
          filled: try row.optionalDecimal("cum_qty"), cost: try row.optionalDecimal("cum_cost"),
          average: try row["avg_price"].decimalButZero(), status: try status(row))))
    return events
  }

  private static func streamFill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill {
    var fees: [VenueAmount] = []
    for fee in try row["fees"].optionalElements() {
      fees.append(VenueAmount(try fee.text("asset"), try fee.decimal("qty")))
    }
    return Fill(
      id: try row.text("exec_id"), order: try row.text("order_id"),
      time: try row.time(.iso, "timestamp"), market: market(try row.text("symbol"), ask),
      side: try row["side"].sideOfWord(), price: try row.decimal("last_price"),
      amount: try row.decimal("last_qty"), cost: try row.optionalDecimal("cost"), fees: fees,
      isMaker: try row.optionalText("liquidity_ind").map { $0 == "m" },
      part: try row.optionalFlag("margin") == true ? .margin : .spot)
  }

  /// A snapshot lists wallets; a change names the one whose balance it states.
  private static func balances(_ row: Node) throws(VenueFault) -> [StreamEvent] {
    let (asset, part) = holding(try row.text("asset"))
    guard !row["wallets"].isNothing else {
      let isEarn = try row.optionalText("wallet_type") == "earn"
      let total = try row.decimal("balance")
      return [.balance(Balance(asset: asset, total: total, part: isEarn ? .earn : part))]
    }
    var events: [StreamEvent] = []
    for wallet in try row["wallets"].elements() {
      let isEarn = try wallet.optionalText("type") == "earn"
      let total = try wallet.decimal("balance")
      events.append(
        .balance(Balance(asset: asset, total: total, part: isEarn ? .earn : part)))
    }
    return events
  }
}
