import Amounts
import Encodings
import Ledger

extension BitfinexDialect {
  // MARK: - Markets
  // https://docs.bitfinex.com/reference/rest-public-tickers and its neighbours

  func answer(
    _ parts: [String], _ fields: FormFields, at now: Instant
  ) throws(BitfinexRefusal) -> JSON {
    let name = parts.count > 1 ? parts[1] : ""
    switch (parts[0], parts.count) {
    case ("platform", 2): return [1]
    case ("ticker", 2): return .array(ticker(try market(name), at: now))
    case ("tickers", 1): return try tickers(fields, at: now)
    case ("trades", 3): return try trades(name, fields, at: now)
    case ("book", 3): return try book(name, parts[2], fields, at: now)
    case ("candles", 3): return try candles(name, parts[2], fields, at: now)
    case ("conf", 2):
      return .array(name.split(separator: ",").map { configuration(String($0)) })
    default: throw .unknown
    }
  }

  /// Bid, its size, ask, its size, change, relative change, last, volume, high, low.
  func ticker(_ market: SimulatedMarket, at now: Instant) -> [JSON] {
    let day = exchange.day(market, at: now)
    let change = day.last - day.open
    return [
      .decimal(day.bid.price), .decimal(day.bid.amount), .decimal(day.ask.price),
      .decimal(day.ask.amount), .decimal(change), .decimal((change / day.open).kept(8)),
      .decimal(day.last), .decimal(day.baseVolume), .decimal(day.high), .decimal(day.low),
    ]
  }

  private func tickers(_ fields: FormFields, at now: Instant) throws(BitfinexRefusal) -> JSON {
    let wanted = (fields["symbols"] ?? "ALL").split(separator: ",").map(String.init)
    let markets = exchange.listing.markets.filter {
      wanted == ["ALL"] || wanted.contains(BitfinexDialect.symbol($0))
    }
    return .array(
      markets.map { .array([.string(BitfinexDialect.symbol($0))] + ticker($0, at: now)) })
  }

  func printRow(_ trade: SimulatedPrint) -> JSON {
    [
      .whole(trade.id), .millis(trade.time), .decimal(trade.isBuy ? trade.amount : -trade.amount),
      .decimal(trade.price),
    ]
  }

  private func trades(
    _ name: String, _ fields: FormFields, at now: Instant
  ) throws(BitfinexRefusal) -> JSON {
    let market = try market(name)
    let end = fields.number("end").flatMap { Instant(millis: $0) } ?? now
    let start = fields.number("start").flatMap { Instant(millis: $0) }
    let limit = Int(min(max(fields.number("limit") ?? 125, 1), 10_000))
    let prints = exchange.prints(
      market, after: start ?? end.advanced(bySeconds: -1_000), to: end < now ? end : now)
    let rows = fields["sort"] == "1" ? prints : prints.reversed()
    return .array(rows.prefix(limit).map(printRow))
  }

  /// Price, count, amount; asks are negative.
  static func bookRow(_ level: (price: Fixed, amount: Fixed), isBid: Bool) -> JSON {
    if level.amount.isZero { return [.decimal(level.price), 0, isBid ? 1 : -1] }
    return [.decimal(level.price), 1, .decimal(isBid ? level.amount : -level.amount)]
  }

  private func book(
    _ name: String, _ precision: String, _ fields: FormFields, at now: Instant
  ) throws(BitfinexRefusal) -> JSON {
    let market = try market(name)
    let length = Int(fields.number("len") ?? 25)
    guard [1, 25, 100, 250].contains(length) else { throw BitfinexRefusal(10_020, "len: invalid") }
    let depth = min(length, 50)
    let book = exchange.book(market, moment: SimulatedExchange.moment(now), depth: depth)
    let rows =
      book.bids.map { BitfinexDialect.bookRow($0, isBid: true) }
      + book.asks.map { BitfinexDialect.bookRow($0, isBid: false) }
    guard precision == "R0" else { return .array(rows) }
    return .array(
      rows.enumerated().map { place, row in
        [.count(34_000_000 + place), row[0] ?? .null, row[2] ?? .null]
      })
  }

  private static let frames: [String: Int64] = [
    "1m": 60, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600, "3h": 10_800, "6h": 21_600,
    "12h": 43_200, "1D": 86_400, "1W": 604_800,
  ]

  /// `trade:1h:tBTCUSD`; newest first unless sorted otherwise.
  private func candles(
    _ name: String, _ section: String, _ fields: FormFields, at now: Instant
  ) throws(BitfinexRefusal) -> JSON {
    let keys = name.split(separator: ":", maxSplits: 2).map(String.init)
    guard keys.count == 3, keys[0] == "trade", let seconds = BitfinexDialect.frames[keys[1]] else {
      throw BitfinexRefusal(10_020, "key: invalid")
    }
    let market = try market(keys[2])
    let isAscending = fields["sort"] == "1"
    let limit = section == "last" ? 1 : Int(min(max(fields.number("limit") ?? 100, 1), 10_000))
    let end = fields.number("end").flatMap { Instant(millis: $0) } ?? now
    let back = end.advanced(bySeconds: -seconds * Int64(limit - 1))
    let start = fields.number("start").flatMap { Instant(millis: $0) }
    let from = isAscending ? start ?? back : max(start ?? back, back)
    let rows = exchange.candles(market, from: from, seconds: seconds, most: limit, at: now)
      .filter { $0.start <= end }.map { candle -> JSON in
        [
          .millis(candle.start), .decimal(candle.open), .decimal(candle.close),
          .decimal(candle.high), .decimal(candle.low), .decimal(candle.volume),
        ]
      }
    if section == "last" { return rows.last ?? [] }
    return .array(isAscending ? rows : rows.reversed())
  }

  private func configuration(_ name: String) -> JSON {
    let pairs = exchange.listing.markets
    func pair(_ market: SimulatedMarket) -> String {
      String(BitfinexDialect.symbol(market).dropFirst())
    }
    switch name {
    case "pub:list:pair:exchange": return .array(pairs.map { .string(pair($0)) })
    case "pub:list:currency":
      return .array(exchange.listing.assets.map { .string(BitfinexDialect.code($0)) })
    case "pub:info:pair":
      return .array(
        pairs.map { market in
          let info: JSON = [
            .null, .null, .null, .plain(market.amountMin), "1000000.0", .null, .null, .null, .null,
            .null, .null, .null,
          ]
          return [.string(pair(market)), info]
        })
    case "pub:map:currency:sym":
      return .array(
        [("UST", "USDt"), ("BCHN", "BCH"), ("ATO", "ATOM")].map { [.string($0.0), .string($0.1)] })
    case "pub:map:currency:label":
      return .array(
        exchange.listing.assets.map { [.string(BitfinexDialect.code($0)), .string($0)] })
    default: return []
    }
  }

  // MARK: - Account
  // https://docs.bitfinex.com/reference/rest-auth-wallets and its neighbours

  mutating func run(
    _ parts: [String], _ body: JSON, _ account: Int, at now: Instant
  ) throws(BitfinexRefusal) -> JSON {
    let path = parts.joined(separator: "/")
    switch path {
    case "r/wallets": return wallets(account, at: now)
    case "r/positions": return []
    case "r/info/user": return [.count(100_000 + account), "simulated@example.com", "simulated"]
    case "r/permissions": return permissions(account)
    case "r/summary":
      let fees: JSON = [
        [.number("0.001"), .number("0.001"), .number("0.001"), .null, .null, .number("0.0002")],
        [.number("0.002"), .number("0.002"), .number("0.002"), .null, .null, .number("0.00065")],
      ]
      return [.null, .null, .null, .null, fees]
    case "r/trades/hist": return trades(nil, body, account, at: now)
    case "r/ledgers/hist": return ledgers(nil, body, account, at: now)
    case "r/movements/hist": return movements(nil, body, account, at: now)
    default: break
    }
    if parts.count == 4, parts[0] == "r", parts[3] == "hist" {
      switch parts[1] {
      case "trades": return trades(try market(parts[2]), body, account, at: now)
      case "ledgers": return ledgers(parts[2], body, account, at: now)
      case "movements": return movements(parts[2], body, account, at: now)
      default: break
      }
    }
    return try runOrders(parts, body, account, at: now)
  }

  func walletRow(_ asset: String, _ total: Fixed, _ locked: Fixed) -> JSON {
    [
      "exchange", .string(BitfinexDialect.code(asset)), .decimal(total), 0,
      .decimal(total - locked), .null, .null,
    ]
  }

  private func wallets(_ account: Int, at now: Instant) -> JSON {
    .array(
      exchange.balances(account, at: now).filter { !$0.total.isZero }
        .map { walletRow($0.asset, $0.total, $0.locked) })
  }

  private func permissions(_ account: Int) -> JSON {
    let known = exchange.accounts[account]
    let write = known.canTrade ? 1 : 0
    return [
      ["account", 1, 0], ["history", 1, 0], ["orders", 1, .count(write)], ["positions", 1, 0],
      ["settings", 1, 0], ["wallets", 1, 0], ["withdraw", 0, known.canWithdraw ? 1 : 0],
    ]
  }

  private struct Span {
    let from: Instant?
    let to: Instant?
    let limit: Int

    init(_ body: JSON, usual: Int, most: Int) {
      from = body["start"]?.wholeNumber.flatMap { Instant(millis: $0) }
      to = body["end"]?.wholeNumber.flatMap { Instant(millis: $0) }
      limit = min(max(Int(body["limit"]?.wholeNumber ?? Int64(usual)), 1), most)
    }
  }

  /// At most 2,500 rows, newest first unless `sort` is 1.
  private func trades(
    _ market: SimulatedMarket?, _ body: JSON, _ account: Int, at now: Instant
  ) -> JSON {
    let span = Span(body, usual: 125, most: 2_500)
    var rows = exchange.events(account, [.trade], from: span.from, to: span.to, at: now)
    if let market { rows = rows.filter { $0.market == market.index } }
    let page =
      body["sort"]?.wholeNumber == 1
      ? Array(rows.prefix(span.limit)) : Array(rows.suffix(span.limit).reversed())
    return .array(page.map { tradeRow($0, order: nil) })
  }

  func tradeRow(_ event: SimulatedEvent, order: SimulatedOrder?) -> JSON {
    guard let market = exchange.market(event.market) else { return .null }
    let type = event.isMaker ? "EXCHANGE LIMIT" : "EXCHANGE MARKET"
    return [
      .whole(event.id), .string(BitfinexDialect.symbol(market)), .millis(event.time),
      .whole(event.order), .decimal(event.isBuy ? event.amount : -event.amount),
      .decimal(event.price), .string(type), .decimal(event.price), event.isMaker ? 1 : -1,
      .decimal(-event.fee), .string(BitfinexDialect.code(event.feeAsset)),
      order.flatMap { Int64($0.clientID) }.map { .whole($0) } ?? .null,
    ]
  }

  /// One row for the amount, another for the fee; newest first.
  private func ledgers(
    _ code: String?, _ body: JSON, _ account: Int, at now: Instant
  ) -> JSON {
    let span = Span(body, usual: 125, most: 2_500)
    let category = body["category"]?.wholeNumber
    var rows: [JSON] = []
    let all = exchange.ledger(account, from: span.from, to: span.to, at: now)
    for row in all.reversed() {
      let event = exchange.event(of: row, account)
      if let code, BitfinexDialect.code(row.asset) != code { continue }
      let words = describe(event, row)
      if !row.fee.isZero, category == nil || category == words.feeCategory {
        rows.append(ledgerRow(row.id * 2 + 1, row, -row.fee, row.after, words.fee))
      }
      if category == nil || category == words.category {
        rows.append(ledgerRow(row.id * 2, row, row.amount, row.after + row.fee, words.text))
      }
      if rows.count >= span.limit { break }
    }
    return .array(Array(rows.prefix(span.limit)))
  }

  private func ledgerRow(
    _ id: Int64, _ row: SimulatedLedgerRow, _ amount: Fixed, _ after: Fixed, _ text: String
  ) -> JSON {
    [
      .whole(id), .string(BitfinexDialect.code(row.asset)), "exchange", .millis(row.time), .null,
      .decimal(amount), .decimal(after), .null, .string(text),
    ]
  }

  /// The venue's words and the category of its filter:
  /// https://docs.bitfinex.com/reference/rest-auth-ledgers.
  private func describe(
    _ event: SimulatedEvent, _ row: SimulatedLedgerRow
  ) -> (text: String, category: Int64, fee: String, feeCategory: Int64) {
    let wallet = "on wallet exchange"
    let code = BitfinexDialect.code(row.asset)
    switch event.kind {
    case .trade:
      let base = BitfinexDialect.code(event.asset)
      let quote = BitfinexDialect.code(event.otherAsset)
      let deal = "\(event.amount.text) \(base) for \(quote) @ \(event.price.text) \(wallet)"
      let fee =
        "Trading fees for \(event.amount.text) \(base) (\(base)\(quote)) @ \(event.price.text)"
        + " on BFX (0.2%) \(wallet)"
      return ("Exchange \(deal)", 5, fee, 201)
    case .deposit: return ("Deposit (\(code)) #\(event.id) \(wallet)", 101, "", 0)
    case .withdrawal:
      let name = "Crypto Withdrawal"
      return ("\(name) #\(event.id) \(wallet)", 104, "\(name) fee \(wallet)", 254)
    case .reward: return ("Staking Payments \(wallet)", 262, "", 0)
    case .conversion:
      return ("Conversion #\(event.id) \(event.asset) to \(event.otherAsset) \(wallet)", 905, "", 0)
    case .toEarn, .fromEarn, .toFutures: return ("Transfer of \(code) \(wallet)", 51, "", 0)
    case .charge:
      // A word that is in no document, where that is wanted.
      let word = exchange.delays.hasStrangeWords ? "Sundry" : "Adjustment"
      return ("\(word) \(wallet)", 401, "", 0)
    }
  }

  /// 22 fields, newest first.
  private func movements(
    _ code: String?, _ body: JSON, _ account: Int, at now: Instant
  ) -> JSON {
    let span = Span(body, usual: 25, most: 1_000)
    let rows = exchange.events(
      account, [.deposit, .withdrawal], from: span.from, to: span.to, at: now)
    let found = rows.filter { code == nil || BitfinexDialect.code($0.asset) == code }
    return .array(found.reversed().prefix(span.limit).map(movementRow))
  }

  private func movementRow(_ event: SimulatedEvent) -> JSON {
    let bits = UInt64(bitPattern: event.id)
    let isIn = event.kind == .deposit
    return [
      .whole(event.id), .string(BitfinexDialect.code(event.asset)),
      .string(event.asset == "BTC" ? "BITCOIN" : "ETHEREUM"), .null, .null, .millis(event.time),
      .millis(event.time.advanced(bySeconds: 600)), .null, .null, "COMPLETED", .null, .null,
      .decimal(isIn ? event.amount : -event.amount), .decimal(-event.fee), .null, .null,
      .string("0x" + SeededText.hex(40, bits)), .null, .null, .null,
      .string(SeededText.hex(64, mixed(bits, 9))), .null,
    ]
  }
}
