import Amounts
import Encodings
import Ledger
import VenueKit

extension KrakenDialect {
  // MARK: - Markets

  /// The public routes: https://docs.kraken.com/api/docs/rest-api/get-server-time and its neighbours.
  func answer(
    _ name: String, _ fields: KrakenFields, at now: Instant
  ) throws(KrakenRefusal) -> JSON {
    switch name {
    case "Time": return ["unixtime": .seconds(now), "rfc1123": .string(now.description)]
    case "SystemStatus": return ["status": "online", "timestamp": .string(now.description)]
    case "Assets": return assets(fields)
    case "AssetPairs": return try pairs(fields)
    case "Ticker": return try tickers(fields, at: now)
    case "Depth": return try depth(fields, at: now)
    case "Trades": return try trades(fields, at: now)
    case "OHLC": return try candles(fields, at: now)
    default: throw KrakenRefusal("EGeneral:Unknown method")
    }
  }

  private func assets(_ fields: KrakenFields) -> JSON {
    let wanted = fields["asset"].map { $0.split(separator: ",").map(String.init) }
    var rows = JSONObject()
    for asset in exchange.listing.assets {
      let code = KrakenDialect.code(asset)
      let altname = KrakenDialect.altname(asset)
      if let wanted, !wanted.contains(code), !wanted.contains(altname) { continue }
      rows.set(
        code,
        [
          "aclass": "currency", "altname": .string(altname), "decimals": 10,
          "display_decimals": 5, "status": "enabled",
        ])
    }
    return .object(rows)
  }

  private func pairs(_ fields: KrakenFields) throws(KrakenRefusal) -> JSON {
    var rows = JSONObject()
    for market in try markets(fields["pair"]) {
      let base = KrakenDialect.altname(market.base)
      let quote = KrakenDialect.altname(market.quote)
      rows.set(
        KrakenDialect.key(market),
        [
          "altname": .string(base + quote), "wsname": .string("\(base)/\(quote)"),
          "aclass_base": "currency", "base": .string(KrakenDialect.code(market.base)),
          "aclass_quote": "currency", "quote": .string(KrakenDialect.code(market.quote)),
          "lot": "unit", "cost_decimals": 5, "pair_decimals": .count(market.priceDigits),
          "lot_decimals": .count(market.amountDigits), "lot_multiplier": 1, "leverage_buy": [],
          "leverage_sell": [], "fees": [[0, .number("0.26")]],
          "fees_maker": [[0, .number("0.16")]], "fee_volume_currency": "ZUSD", "margin_call": 80,
          "margin_stop": 40, "ordermin": .plain(market.amountMin),
          "costmin": .plain(market.costMin), "tick_size": .plain(.step(market.priceDigits)),
          "status": "online",
        ])
    }
    return .object(rows)
  }

  private func markets(_ names: String?) throws(KrakenRefusal) -> [SimulatedMarket] {
    guard let names else { return exchange.listing.markets }
    var found: [SimulatedMarket] = []
    for name in names.split(separator: ",") { found.append(try market(String(name))) }
    return found
  }

  private func tickers(_ fields: KrakenFields, at now: Instant) throws(KrakenRefusal) -> JSON {
    var rows = JSONObject()
    for market in try markets(fields["pair"]) {
      let day = exchange.day(market, at: now)
      let digits = market.priceDigits
      func best(_ level: (price: Fixed, amount: Fixed)) -> JSON {
        [.padded(level.price, digits), "1", .padded(level.amount, 3)]
      }
      func twice(_ value: JSON) -> JSON { [value, value] }
      rows.set(
        KrakenDialect.key(market),
        [
          "a": best(day.ask), "b": best(day.bid),
          "c": [.padded(day.last, digits), .padded(market.amountMin, 8)],
          "v": twice(.padded(day.baseVolume, 8)), "p": twice(.padded(day.last, digits)),
          "t": [6_405, 21_103], "l": twice(.padded(day.low, digits)),
          "h": twice(.padded(day.high, digits)), "o": .padded(day.open, digits),
        ])
    }
    return .object(rows)
  }

  private func depth(_ fields: KrakenFields, at now: Instant) throws(KrakenRefusal) -> JSON {
    let market = try market(fields["pair"])
    let count = Int(min(max(fields.whole("count") ?? 100, 1), 50))
    let book = exchange.book(market, moment: SimulatedExchange.moment(now), depth: count)
    func rows(_ levels: [(price: Fixed, amount: Fixed)]) -> JSON {
      .array(
        levels.map {
          [.padded($0.price, market.priceDigits), .padded($0.amount, 3), .seconds(now)]
        })
    }
    return .object(
      JSONObject([(KrakenDialect.key(market), ["asks": rows(book.asks), "bids": rows(book.bids)])]))
  }

  private func trades(_ fields: KrakenFields, at now: Instant) throws(KrakenRefusal) -> JSON {
    let market = try market(fields["pair"])
    let since = fields.whole("since").map { Instant(microseconds: $0 / 1_000) }
    let prints = exchange.prints(
      market, after: since ?? now.advanced(bySeconds: -1_000), to: now)
    let rows = prints.map { trade -> JSON in
      [
        .padded(trade.price, market.priceDigits), .padded(trade.amount, 8),
        .number(KrakenDialect.exact(trade.time)), trade.isBuy ? "b" : "s", "l", "",
        .whole(trade.id),
      ]
    }
    let last = TimeForm.nanoseconds.write(prints.last?.time ?? now)
    return .object(
      JSONObject([(KrakenDialect.key(market), .array(rows)), ("last", .string(last))]))
  }

  /// Seconds with four digits after the point.
  static func exact(_ time: Instant) -> String {
    let fraction = time.microseconds % 1_000_000 / 100
    let digits = String(fraction)
    return "\(time.seconds)." + String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }

  /// The last 720 candles at most.
  private func candles(_ fields: KrakenFields, at now: Instant) throws(KrakenRefusal) -> JSON {
    let market = try market(fields["pair"])
    let seconds = (fields.whole("interval") ?? 1) * 60
    guard [1, 5, 15, 30, 60, 240, 1_440, 10_080, 21_600].contains(seconds / 60) else {
      throw KrakenRefusal("EGeneral:Invalid arguments")
    }
    let first = now.advanced(bySeconds: -seconds * 719)
    let since = fields.time("since") ?? first
    let from = since < first ? first : since
    let rows = exchange.candles(market, from: from, seconds: seconds, most: 720, at: now)
      .map { candle -> JSON in
        let digits = market.priceDigits
        return [
          .seconds(candle.start), .padded(candle.open, digits), .padded(candle.high, digits),
          .padded(candle.low, digits), .padded(candle.close, digits),
          .padded(candle.close, digits), .padded(candle.volume, 8), 100,
        ]
      }
    return .object(
      JSONObject([(KrakenDialect.key(market), .array(rows)), ("last", .seconds(now))]))
  }

  // MARK: - Account

  mutating func run(
    _ name: String, _ fields: KrakenFields, _ account: Int, at now: Instant
  ) throws(KrakenRefusal) -> JSON {
    switch name {
    case "Balance": return balance(account, at: now, isExtended: false)
    case "BalanceEx": return balance(account, at: now, isExtended: true)
    case "TradeBalance": return ["eb": "0.0000", "tb": "0.0000", "m": "0.0000", "n": "0.0000"]
    case "TradesHistory": return tradesHistory(fields, account, at: now)
    case "QueryTrades": return queryTrades(fields, account, at: now)
    case "Ledgers": return try ledgers(fields, account, at: now)
    case "DepositStatus": return transfers(fields, account, .deposit, at: now)
    case "WithdrawStatus": return transfers(fields, account, .withdrawal, at: now)
    case "DepositMethods": return [["method": "Bitcoin", "limit": false, "fee": "0.0000000000"]]
    case "OpenPositions": return .object(JSONObject())
    case "TradeVolume": return ["currency": "ZUSD", "volume": "0.0000"]
    case "Earn/Allocations": return allocations(account)
    case "GetWebSocketsToken": return token(account, at: now)
    case "GetApiKeyInfo": return keyRow(account)
    default: return try runOrders(name, fields, account, at: now)
    }
  }

  /// What the key may do.
  ///
  /// https://docs.kraken.com/api/docs/rest-api/get-api-key-info
  private func keyRow(_ account: Int) -> JSON {
    let known = exchange.accounts[account]
    var rights: [JSON] = [
      "query-funds", "query-open-trades", "query-closed-trades", "query-ledger", "access-ws",
    ]
    if known.canTrade { rights += ["modify-trades", "close-trades"] }
    if known.canWithdraw { rights.append("withdraw-funds") }
    return [
      "api_key_name": "simulated", "api_key": .string(known.credentials.key),
      "nonce_window": "0", "permissions": .array(rights), "valid_until": "0",
      "query_from": "0", "query_to": "0", "ip_allowlist": [],
    ]
  }

  private func balance(_ account: Int, at now: Instant, isExtended: Bool) -> JSON {
    var rows = JSONObject()
    func add(_ code: String, _ total: Fixed, _ locked: Fixed) {
      rows.set(
        code,
        isExtended
          ? ["balance": .padded(total, 10), "hold_trade": .padded(locked, 10)]
          : .padded(total, 10))
    }
    for balance in exchange.balances(account, at: now) where !balance.total.isZero {
      add(KrakenDialect.code(balance.asset), balance.total, balance.locked)
    }
    let earn = exchange.accounts[account].earn
    for asset in earn.keys.sorted() {
      guard let amount = earn[asset], !amount.isZero else { continue }
      add(KrakenDialect.altname(asset) + ".B", amount, .zero)
    }
    return .object(rows)
  }

  /// "50 results are returned at a time, the most recent by default"; `start` is exclusive.
  private func tradesHistory(
    _ fields: KrakenFields, _ account: Int, at now: Instant
  ) -> JSON {
    let start = fields.time("start").map { Instant(microseconds: $0.microseconds + 1) }
    let rows = exchange.events(account, [.trade], from: start, to: fields.time("end"), at: now)
    let offset = Int(min(max(fields.whole("ofs") ?? 0, 0), 10_000_000))
    var trades = JSONObject()
    for event in rows.reversed().dropFirst(offset).prefix(50) {
      trades.set(KrakenDialect.id("T", event.id), tradeRow(event))
    }
    return ["trades": .object(trades), "count": .count(rows.count)]
  }

  private func queryTrades(_ fields: KrakenFields, _ account: Int, at now: Instant) -> JSON {
    let wanted = Set((fields["txid"] ?? "").split(separator: ",").prefix(20).map(String.init))
    var trades = JSONObject()
    for event in exchange.events(account, [.trade], at: now) {
      let id = KrakenDialect.id("T", event.id)
      if wanted.contains(id) { trades.set(id, tradeRow(event)) }
    }
    return .object(trades)
  }

  private func tradeRow(_ event: SimulatedEvent) -> JSON {
    guard let market = exchange.market(event.market) else { return .null }
    return [
      "ordertxid": .string(KrakenDialect.id("O", event.order)), "postxid": "TKH2SE-M7IF5-CFI7LT",
      "pair": .string(KrakenDialect.key(market)), "time": .number(KrakenDialect.exact(event.time)),
      "type": event.isBuy ? "buy" : "sell", "ordertype": event.isMaker ? "limit" : "market",
      "price": .padded(event.price, market.priceDigits), "cost": .plain(event.otherAmount),
      "fee": .padded(event.fee, 8), "vol": .padded(event.amount, 8), "margin": "0.00000",
      "leverage": "0", "misc": "", "trade_id": .whole(event.id), "maker": .bool(event.isMaker),
    ]
  }

  /// 50 rows at a time, newest first.
  private func ledgers(
    _ fields: KrakenFields, _ account: Int, at now: Instant
  ) throws(KrakenRefusal) -> JSON {
    var wanted: Set<String>?
    if let text = fields["asset"], text != "all" {
      var codes: Set<String> = []
      for name in text.split(separator: ",") {
        guard let asset = asset(String(name)) else { throw KrakenRefusal("EQuery:Unknown asset") }
        codes.insert(asset)
      }
      wanted = codes
    }
    let start = fields.time("start").map { Instant(microseconds: $0.microseconds + 1) }
    let offset = Int(min(max(fields.whole("ofs") ?? 0, 0), 10_000_000))
    let type = fields["type"].flatMap { $0 == "all" ? nil : $0 }
    var page = JSONObject()
    var count = 0
    /// Whether the next row is one of those that are asked for.
    func isOfPage() -> Bool {
      count += 1
      return count > offset && count <= offset + 50
    }
    // Only the page that is asked for is written out: histories are long.
    let rows = exchange.ledger(account, from: start, to: fields.time("end"), at: now)
    for row in rows.reversed() {
      if let wanted, !wanted.contains(row.asset) { continue }
      let kind = exchange.accounts[account].events[row.event].kind
      let word = KrakenDialect.word(kind, row)
      if let type, type != word.type { continue }
      if kind == .toEarn || kind == .fromEarn, isOfPage() {
        let made = KrakenDialect.earnRow(row, exchange.event(of: row, account), word)
        page.set(KrakenDialect.id("L", row.id + 1), made)
      }
      if isOfPage() {
        let made = KrakenDialect.ledgerRow(row, exchange.event(of: row, account), word)
        page.set(KrakenDialect.id("L", row.id), made)
      }
    }
    return ["ledger": .object(page), "count": .count(count)]
  }

  private static func word(
    _ kind: SimulatedEvent.Kind, _ row: SimulatedLedgerRow
  ) -> (type: String, subtype: String) {
    switch kind {
    case .trade: ("trade", "tradespot")
    case .deposit: ("deposit", "")
    case .withdrawal: ("withdrawal", "")
    case .reward: ("earn", "reward")
    case .conversion: (row.amount.isNegative ? "spend" : "receive", "")
    case .toEarn: ("earn", "allocation")
    case .fromEarn: ("earn", "deallocation")
    case .charge, .toFutures: ("adjustment", "")
    }
  }

  private static func ledgerRow(
    _ row: SimulatedLedgerRow, _ event: SimulatedEvent, _ word: (type: String, subtype: String)
  ) -> JSON {
    [
      "refid": .string(id(event.kind == .trade ? "T" : "Q", event.id)),
      "time": .number(exact(row.time)), "type": .string(word.type),
      "subtype": .string(word.subtype), "aclass": "currency", "asset": .string(code(row.asset)),
      "amount": .padded(row.amount, 10), "fee": .padded(row.fee, 10),
      "balance": .padded(row.after, 10), "wallet": "spot / main",
    ]
  }

  /// The same move as the earn part sees it.
  private static func earnRow(
    _ row: SimulatedLedgerRow, _ event: SimulatedEvent, _ word: (type: String, subtype: String)
  ) -> JSON {
    [
      "refid": .string(id("Q", event.id)), "time": .number(exact(row.time)),
      "type": .string(word.type), "subtype": .string(word.subtype), "aclass": "currency",
      "asset": .string(altname(row.asset) + ".B"), "amount": .padded(-row.amount, 10),
      "fee": "0.0000000000", "balance": "0.0000000000", "wallet": "earn / bonded",
    ]
  }

  /// Newest first; with `cursor`, in pages.
  private func transfers(
    _ fields: KrakenFields, _ account: Int, _ kind: SimulatedEvent.Kind, at now: Instant
  ) -> JSON {
    var rows = exchange.events(
      account, [kind], from: fields.time("start"), to: fields.time("end"), at: now)
    if let name = fields["asset"] { rows = rows.filter { $0.asset == asset(name) } }
    let events = rows.reversed()
    let limit = Int(min(max(fields.whole("limit") ?? 500, 1), 500))
    guard let cursor = fields["cursor"], cursor != "false" else {
      return .array(events.prefix(limit).map { transferRow($0) })
    }
    let first = cursor == "true" ? 0 : Int(cursor) ?? 0
    let page = events.dropFirst(max(first, 0)).prefix(limit).map { transferRow($0) }
    let isEnd = first + limit >= events.count
    return [
      kind == .deposit ? "deposit" : "withdrawals": .array(page),
      "next_cursor": isEnd ? .null : .string(String(first + limit)),
    ]
  }

  private func transferRow(_ event: SimulatedEvent) -> JSON {
    let bits = UInt64(bitPattern: event.id)
    var row = JSONObject([
      ("method", .string(event.asset == "BTC" ? "Bitcoin" : "Ether (Hex)")),
      ("aclass", "currency"), ("asset", .string(KrakenDialect.code(event.asset))),
      ("refid", .string(KrakenDialect.id("Q", event.id))),
      ("txid", .string(SeededText.hex(64, mixed(bits, 9)))),
      ("info", .string("0x" + SeededText.hex(40, bits))), ("amount", .padded(event.amount, 10)),
      ("fee", .padded(event.fee, 10)), ("time", .seconds(event.time)), ("status", "Success"),
    ])
    if event.kind == .withdrawal {
      row.set("key", "my wallet")
      row.set("network", .string(event.asset == "BTC" ? "Bitcoin" : "Ethereum"))
    }
    return .object(row)
  }

  private func allocations(_ account: Int) -> JSON {
    let earn = exchange.accounts[account].earn
    let items = earn.keys.sorted().map { asset -> JSON in
      let amount: JSON = ["native": .plain(earn[asset] ?? .zero), "converted": "0.00"]
      return [
        "strategy_id": .string(KrakenDialect.id("E", Int64(asset.utf8.count))),
        "native_asset": .string(KrakenDialect.altname(asset)),
        "amount_allocated": ["total": amount], "total_rewarded": ["native": "0", "converted": "0"],
      ]
    }
    return [
      "converted_asset": "USD", "total_allocated": "0", "total_rewarded": "0",
      "next_cursor": .null, "items": .array(items),
    ]
  }

  /// A token must be used within 15 minutes.
  private mutating func token(_ account: Int, at now: Instant) -> JSON {
    let text = SeededText.letters(43, mixed(UInt64(account), UInt64(bitPattern: now.microseconds)))
    tokens[text] = (account, now.advanced(bySeconds: 900))
    return ["token": .string(text), "expires": 900]
  }
}
