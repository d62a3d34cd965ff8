import Amounts
import Encodings
import Ledger
import VenueKit

// https://www.okx.com/docs-v5/en/#overview-websocket: 480 subscriptions an hour and connection,
// messages of at most 64 KB; a connection without a message for 30 seconds is closed.

extension OKX {
  static let streams = [marketStream, userStream]

  private static let marketStream = Stream(
    name: "market", url: { _, _ in "wss://ws.okx.com:8443/ws/v5/public" },
    subscribe: { channels, _ in
      Stream.batched(channels.compactMap(argument), by: 100, StreamLogin.subscription)
    }, ping: "ping", pingEvery: 20, channelsMost: 240, book: bookRules, read: readMarket)

  /// A change's `prevSeqId` is the `seqId` before; a sum of 0 is none.
  ///
  /// https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel
  private static let bookRules = BookRules(
    .linked, from: .stream, window: 400, checksum: .plainPairs(levels: 25), isSumOptional: true)

  private static func argument(_ channel: Channel) -> JSON? {
    switch channel {
    case .ticker(let market): ["channel": "tickers", "instId": .string(market.id)]
    case .trades(let market): ["channel": "trades", "instId": .string(market.id)]
    case .book(let market): ["channel": "books", "instId": .string(market.id)]
    case .account: nil
    }
  }

  /// What is said of the connection; `nil` for data.
  private static func control(_ node: Node) throws(VenueFault) -> [StreamEvent]? {
    guard let event = try node.optionalText("event") else { return nil }
    let code = try node.optionalText("code") ?? ""
    switch event {
    case "subscribe": return [.subscribed]
    case "login" where code == "0": return [.loggedIn]
    case "login", "error", "channel-conn-count-error":
      let text = try node.optionalText("msg") ?? ""
      return [.refused(faults.refusal(code: code, message: text, status: 200))]
    // The server is about to close the connection for a change of its own.
    case "notice": return [.reconnect]
    default: return []
    }
  }

  private static let tickerRow = tickers(.spot).row

  private static func readMarket(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    let channel = try node["arg"].text("channel")
    let isSnapshot = try node.optionalText("action") == "snapshot"
    var events: [StreamEvent] = []
    for row in try node["data"].elements() {
      switch channel {
      case "tickers": events += try tickerRow(row, ask).map { [.ticker($0)] } ?? []
      case "trades": events += try trades.row(row, ask).map { [.trade($0)] } ?? []
      case "books":
        let id = try node["arg"].text("instId")
        events.append(.book(try change(row, id, isSnapshot)))
      default: break
      }
    }
    return events
  }

  private static func change(
    _ row: Node, _ id: String, _ isSnapshot: Bool
  ) throws(VenueFault) -> BookChange {
    let number = try row.integer("seqId")
    let sum = try row.optionalInteger("checksum")
    return BookChange(
      market: id, isSnapshot: isSnapshot, bids: try OrderBook.levels(row["bids"]),
      asks: try OrderBook.levels(row["asks"]), sequence: number...number,
      previous: try row.optionalInteger("prevSeqId"), checksum: sum == 0 ? nil : sum)
  }

  // MARK: - Our account

  private static let userStream = Stream(
    name: "user", isPrivate: true, url: { _, _ in "wss://ws.okx.com:8443/ws/v5/private" },
    login: login,
    subscribe: { _, _ in
      [
        StreamLogin.subscription([
          ["channel": "orders", "instType": "ANY"], ["channel": "account"],
        ])
      ]
    }, ping: "ping", pingEvery: 20, read: readAccount)

  // https://www.okx.com/docs-v5/en/#overview-websocket-login
  private static func login(
    _ credentials: Credentials, _ moment: Moment, _ tools: SigningTools
  ) throws(VenueFault) -> [String] {
    try StreamLogin.pathSigned(
      credentials, TimeForm.seconds.write(moment.time), "/users/self/verify", tools)
  }

  private static func readAccount(_ node: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    if let events = try control(node) { return events }
    var events: [StreamEvent] = []
    for row in try node["data"].elements() {
      switch try node["arg"].text("channel") {
      case "orders": events += try placed(row, ask)
      case "account":
        for detail in try row["details"].optionalElements() {
          events.append(.balance(try held(detail)))
        }
      default: break
      }
    }
    return events
  }

  // https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-order-channel
  private static func placed(_ row: Node, _ ask: Ask) throws(VenueFault) -> [StreamEvent] {
    var events: [StreamEvent] = []
    if let id = try row.optionalText("tradeId"), let size = try row.decimalUnlessZero("fillSz") {
      events.append(
        .fill(
          Fill(
            id: id, order: try row.text("ordId"), time: try row.time(.milliseconds, "fillTime"),
            market: try row.text("instId"), side: try row.side("side"),
            price: try row.decimal("fillPx"), amount: size,
            fees: try row.feesTaken("fillFee", "fillFeeCcy"),
            isMaker: try row.word("execType", ["M": true, "T": false]),
            part: Family.of(try row.optionalText("instType")))))
    }
    if let order = try order(row, ask) { events.append(.order(order)) }
    return events
  }

  private static func held(_ detail: Node) throws(VenueFault) -> Balance {
    Balance(
      asset: try detail.text("ccy"), free: try detail.optionalDecimal("availBal", "availEq"),
      total: try detail.optionalDecimal("cashBal"))
  }
}
