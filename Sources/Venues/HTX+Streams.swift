import Amounts
import Encodings
import Ledger
import VenueKit

// https://huobiapi.github.io/docs/spot/v1/en/#websocket-market-data
// https://huobiapi.github.io/docs/spot/v1/en/#websocket-asset-and-order
// https://huobiapi.github.io/docs/usdt_swap/v1/en/#websocket-subscription

extension HTX {
  static let streams = [market, book, contractMarket, user]

  // MARK: - Spot

  private static let market = Stream(
    name: "market", url: { _, _ in "wss://api.huobi.pro/ws" },
    subscribe: { channels, _ in
      channels.compactMap { channel in
        switch channel {
        case .ticker(let market): sub("market.\(market.id).ticker")
        case .trades(let market): sub("market.\(market.id).trade.detail")
        case .book, .account: nil
        }
      }
    }, packing: .gzip, read: readMarket)

  /// The feed of changes by number; the state they build on is asked for on the same stream.
  private static let book = Stream(
    name: "book", url: { _, _ in "wss://api.huobi.pro/feed" },
    subscribe: { channels, _ in
      channels.flatMap { channel -> [String] in
        guard case .book(let market) = channel else { return [] }
        let name = "market.\(market.id).mbp.400"
        let ask: JSON = ["req": .string(name), "id": .string(name)]
        return [sub(name), ask.text]
      }
    }, packing: .gzip, book: bookRules, read: readMarket)

  private static let contractMarket = Stream(
    name: "contract.market", url: { _, _ in "wss://api.hbdm.vn/linear-swap-ws" },
    subscribe: { channels, _ in
      channels.compactMap { channel in
        switch channel {
        case .ticker(let market): return sub("market.\(market.id).detail")
        case .trades(let market): return sub("market.\(market.id).trade.detail")
        case .book(let market):
          let name = "market.\(market.id).depth.size_150.high_freq"
          let message: JSON = [
            "sub": .string(name), "data_type": "incremental", "id": .string(name),
          ]
          return message.text
        case .account: return nil
        }
      }
    }, packing: .gzip, book: contractBookRules, read: readMarket)

  /// A change's `prevSeqNum` is the `seqNum` of the state before, also of the one asked for.
  ///
  /// https://www.htx.com/support/900000047626
  private static let bookRules = BookRules(.linked, from: .stream, window: 400)
  /// A change's `version` is one more than that of the state before.
  ///
  /// https://docs.tardis.dev/historical-data-details/huobi-dm
  private static let contractBookRules = BookRules(.counted, from: .stream, window: 150)

  private static func sub(_ name: String) -> String {
    let message: JSON = ["sub": .string(name), "id": .string(name)]
    return message.text
  }

  private static func readMarket(_ node: Node, _: Ask) throws(VenueFault) -> [StreamEvent] {
    if let ping = node["ping"].json {
      let pong: JSON = ["pong": ping]
      return [.reply(pong.text)]
    }
    if let status = try node.optionalText("status"), status != "ok" {
      return [
        .refused(
          faults.refusal(
            code: try node.optionalText("err-code") ?? "",
            message: try node.optionalText("err-msg") ?? "", status: 200))
      ]
    }
    if !node["subbed"].isNothing { return [.subscribed] }
    if let name = try node.optionalText("rep") {
      return [.book(try change(node["data"], marketID(name), isWhole: true))]
    }
    guard let name = try node.optionalText("ch") else { return [] }
    return try tick(node, name, marketID(name))
  }

  private static func marketID(_ channel: String) -> String {
    let parts = channel.split(separator: ".")
    return parts.count > 1 ? String(parts[1]) : ""
  }

  private static func tick(
    _ node: Node, _ name: String, _ id: String
  ) throws(VenueFault) -> [StreamEvent] {
    let tick = node["tick"]
    if name.hasSuffix(".trade.detail") {
      var events: [StreamEvent] = []
      for row in try tick["data"].elements() {
        events.append(
          .trade(
            PublicTrade(
              id: try row.optionalText("tradeId", "id"), time: try row.time(.milliseconds, "ts"),
              market: id, side: try row.side("direction"), price: try row.decimal("price"),
              amount: try row.decimal("amount"))))
      }
      return events
    }
    if name.contains(".mbp.") || name.contains(".depth.") {
      let isWhole = try tick.optionalText("event") == "snapshot"
      return [.book(try change(tick, id, isWhole: isWhole))]
    }
    return [
      .ticker(
        Ticker(
          market: id, time: try node.optionalTime(.milliseconds, "ts"),
          last: try tick.optionalDecimal("lastPrice", "close"),
          bid: try first(tick["bid"]), ask: try first(tick["ask"]),
          high: try tick.optionalDecimal("high"), low: try tick.optionalDecimal("low"),
          open: try tick.optionalDecimal("open"),
          baseVolume: try tick.optionalDecimal("amount"),
          quoteVolume: tick.shownDecimal("vol")))
    ]
  }

  private static func first(_ node: Node) throws(VenueFault) -> Fixed? {
    if case .array? = node.json { return try node[0].optionalDecimal() }
    return try node.optionalDecimal()
  }

  private static func change(
    _ node: Node, _ id: String, isWhole: Bool
  ) throws(VenueFault) -> BookChange {
    let number =
      try node["seqNum"].isNothing
      ? node.optionalInteger("version") : node.optionalInteger("seqNum")
    return BookChange(
      market: id, isSnapshot: isWhole, bids: try OrderBook.levels(node["bids"]),
      asks: try OrderBook.levels(node["asks"]), sequence: number.map { $0...$0 },
      previous: isWhole ? nil : try node.optionalInteger("prevSeqNum"))
  }

  // MARK: - Our own account

  private static let user = Stream(
    name: "user", isPrivate: true, url: { _, _ in "wss://api.huobi.pro/ws/v2" },
    login: login,
    subscribe: { _, _ in
      ["accounts.update#2", "orders#*", "trade.clearing#*#0"].map { name in
        let message: JSON = ["action": "sub", "ch": .string(name)]
        return message.text
      }
    }, read: readUser)

  private static func login(
    _ credentials: Credentials, _ moment: Moment, _ tools: SigningTools
  ) throws(VenueFault) -> [String] {
    guard !credentials.key.isEmpty, !credentials.secret.isEmpty else {
      throw .unsigned("no key is stored for this account")
    }
    let time = TimeForm.isoBare.write(moment.time)
    let fields: Parameters = [
      "accessKey": .string(credentials.key), "signatureMethod": "HmacSHA256",
      "signatureVersion": "2.1", "timestamp": .string(time),
    ]
    let text = "GET\napi.huobi.pro\n/ws/v2\n" + fields.text(.strict)
    let signature = Base64.text(
      tools.hmac(.sha256, Array(credentials.secret.utf8), Array(text.utf8)))
    let start: Parameters = ["authType": "api"]
    let signed = start.adding(fields).adding(["signature": .string(signature)])
    let message: JSON = ["action": "req", "ch": "auth", "params": signed.json]
    return [message.text]
  }

  private static func readUser(_ node: Node, _: Ask) throws(VenueFault) -> [StreamEvent] {
    let action = try node.optionalText("action")
    if action == "ping", let data = node["data"].json {
      let pong: JSON = ["action": "pong", "data": data]
      return [.reply(pong.text)]
    }
    let channel = try node.optionalText("ch") ?? ""
    if action == "req" || action == "sub" {
      let code = try node.optionalText("code") ?? ""
      guard code == "200" else {
        let message = try node.optionalText("message") ?? ""
        return [.refused(faults.refusal(code: code, message: message, status: 200))]
      }
      return [action == "req" ? .loggedIn : .subscribed]
    }
    guard action == "push", !node["data"].isNothing else { return [] }
    return try pushed(node["data"], channel).map { [$0] } ?? []
  }

  private static func pushed(
    _ data: Node, _ channel: String
  ) throws(VenueFault) -> StreamEvent? {
    if channel.hasPrefix("accounts.update") {
      guard try data.optionalText("accountType") == "trade" else { return nil }
      return .balance(
        Balance(
          asset: try data.text("currency"), free: try data.optionalDecimal("available"),
          total: try data.optionalDecimal("balance")))
    }
    if channel.hasPrefix("trade.clearing") {
      guard try data.optionalText("eventType") == "trade" else { return nil }
      return .fill(
        Fill(
          id: try data.text("tradeId"), order: try data.optionalText("orderId"),
          time: try data.time(.milliseconds, "tradeTime"), market: try data.text("symbol"),
          side: try data.side("orderSide"), price: try data.decimal("tradePrice"),
          amount: try data.decimal("tradeVolume"),
          fees: try data.fees("transactFee", "feeCurrency"),
          isMaker: try data.optionalFlag("aggressor").map { !$0 }))
    }
    guard channel.hasPrefix("orders#") else { return nil }
    return .order(
      Order(
        id: try data.text("orderId"), clientID: try data.optionalText("clientOrderId"),
        time: try data.optionalTime(.milliseconds, "orderCreateTime", "tradeTime"),
        market: try data.optionalText("symbol"), side: try data.side("type"),
        price: try data.decimalUnlessZero("orderPrice"),
        amount: try data.optionalDecimal("orderSize"),
        filled: try data.optionalDecimal("execAmt"),
        remaining: try data.optionalDecimal("remainAmt"),
        status: try data.word("orderStatus", streamWords)))
  }

  private static let streamWords: [String: Order.Status] = [
    "submitted": .open, "partial-filled": .open, "filled": .closed, "canceled": .canceled,
    "partial-canceled": .canceled, "rejected": .rejected,
  ]
}
