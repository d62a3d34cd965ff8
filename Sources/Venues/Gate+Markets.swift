import Amounts
import Encodings
import Ledger
import VenueKit

// What Gate tells anybody.

extension Gate {
  static let spotMarkets = Feed<Market>(
    market: .spot, calls: { _ in [look("currency_pairs")] }, rows: list,
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("id"), base: try row.text("base"), quote: try row.text("quote"),
        isActive: try row.optionalText("trade_status").map { $0 == "tradable" },
        amountStep: try row.step(digits: "amount_precision"),
        priceStep: try row.step(digits: "precision"),
        amountMin: try row.optionalDecimal("min_base_amount"),
        amountMax: row.shownDecimal("max_base_amount"),
        costMin: try row.optionalDecimal("min_quote_amount"))
    })

  static func contracts(_ family: Family) -> Feed<Market> {
    Feed(
      market: family.kind, calls: { _ in [family.look("contracts", [:])] }, rows: list,
      row: { row, _ throws(VenueFault) in
        let id = try row.text("name")
        let pair = try row.optionalText("underlying") ?? id
        let parts = pair.split(separator: "_").map(String.init)
        guard parts.count >= 2 else { throw row["name"].fault("two assets") }
        let size = try row.decimalUnlessZero("quanto_multiplier") ?? .one
        return Market(
          id: id, base: parts[0], quote: parts[1], settle: family.settle?.uppercased(),
          kind: family.kind, isActive: try row.optionalFlag("in_delisting").map { !$0 },
          contractSize: size, amountStep: .one,
          priceStep: try row.optionalDecimal("order_price_round"),
          amountMin: try row.optionalDecimal("order_size_min"),
          amountMax: row.shownDecimal("order_size_max"),
          expiry: try row.optionalTime(.seconds, "expire_time"))
      })
  }

  static let assets = Feed<ListedAsset>(
    evidence: .recorded, calls: { _ in [look("currencies")] }, rows: list,
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row["chains"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text("name"), contract: try chain.optionalText("addr"),
            canDeposit: try chain.optionalFlag("deposit_disabled").map { !$0 },
            canWithdraw: try chain.optionalFlag("withdraw_disabled").map { !$0 }))
      }
      return ListedAsset(
        id: try row.text("currency"), name: try row.optionalText("name"), networks: networks)
    })

  // MARK: - Tickers

  static let spotTickers = Feed<Ticker>(
    market: .spot, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let market = try ask.optional([.spot])
      return [look("tickers", market.map { ["currency_pair": .string($0.id)] } ?? utc)]
    },
    rows: list, row: ticker)
  private static let utc: Parameters = ["timezone": "utc0"]

  static func tickers(_ family: Family) -> Feed<Ticker> {
    Feed(
      market: family.kind,
      calls: { ask throws(VenueFault) in
        let market = try family.market(ask)
        var parameters = market.map { ["contract": .string($0.id)] } ?? utc
        if family.settle == nil, let one = market ?? ask.manyMarkets.first {
          parameters["underlying"] = .string("\(one.base)_\(one.quote)")
        }
        return [family.look("tickers", parameters)]
      },
      rows: list, row: ticker)
  }

  private static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("currency_pair", "contract", "name"),
      last: try row.optionalDecimal("last", "last_price"),
      bid: try row.optionalDecimal("highest_bid", "bid1_price"),
      ask: try row.optionalDecimal("lowest_ask", "ask1_price"),
      high: try row.optionalDecimal("high_24h"), low: try row.optionalDecimal("low_24h"),
      baseVolume: try row.optionalDecimal("base_volume", "volume_24h_base"),
      quoteVolume: row.shownDecimal("quote_volume", "volume_24h_quote"))
  }

  // MARK: - Candles

  static let spotCandles = Feed<Candle>(
    market: .spot, paging: Paging(.forward, most: 1_000), scope: .eachMarket,
    evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let named: Parameters = ["currency_pair": .string(try ask.needed([.spot]).id)]
      return [look("candlesticks", named.adding(try span(ask, most: 1_000)))]
    },
    rows: list, row: candle)

  static func candles(_ family: Family) -> Feed<Candle> {
    Feed(
      market: family.kind, paging: Paging(.forward, most: 1_999), scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        _ = try ask.needed()
        let named = try family.named(ask)
        return [family.look("candlesticks", named.adding(try span(ask, most: 1_999)))]
      },
      rows: list, row: candle)
  }

  private static func span(_ ask: Ask, most: Int) throws(VenueFault) -> Parameters {
    let words = [
      10: "10s", 60: "1m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1h", 14_400: "4h",
      28_800: "8h", 86_400: "1d", 604_800: "7d", 2_592_000: "30d",
    ]
    guard let word = words[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) s")
    }
    let count = min(ask.limit ?? most, most)
    var parameters: Parameters = ["interval": .string(word)]
    guard let from = ask.from else {
      parameters["to"] = .text(ask.to, .seconds)
      parameters["limit"] = .text(String(count))
      return parameters
    }
    let reach = from.advanced(bySeconds: Int64(max(0, count - 1)) * Int64(ask.interval))
    parameters["from"] = .text(from, .seconds)
    parameters["to"] = .text(min(reach, ask.to ?? reach), .seconds)
    return parameters
  }

  private static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    guard case .array? = row.json else {
      return try Candle(row, .seconds, "t", .letters)
    }
    // Time, traded in quote, close, high, low, open, traded in base.
    return Candle(
      time: try row[0].time(.seconds), open: try row[5].decimal(), high: try row[3].decimal(),
      low: try row[4].decimal(), close: try row[2].decimal(),
      volume: try row[6].optionalDecimal())
  }

  // MARK: - Trades and books

  static let spotTrades = Feed<PublicTrade>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let named: Parameters = ["currency_pair": .string(try ask.needed([.spot]).id)]
      return [
        look("trades", named.adding(ask.range("from", "to", "limit", .seconds, most: 1_000)))
      ]
    },
    rows: list, row: trade)

  static func trades(_ family: Family) -> Feed<PublicTrade> {
    Feed(
      market: family.kind, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        _ = try ask.needed()
        let range = ask.range("from", "to", "limit", .seconds, most: 1_000)
        return [family.look("trades", try family.named(ask).adding(range))]
      },
      rows: list, row: trade)
  }

  private static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    let size = try row.decimal("amount", "size")
    var side = try row.side("side", "type")
    if side == nil, row["amount"].isNothing { side = size.isNegative ? .sell : .buy }
    let isSpot = row["contract"].isNothing && !row["create_time_ms"].isNothing
    let time =
      try isSpot
      ? row.time(.milliseconds, "create_time_ms") : row.time(.seconds, "create_time", "time")
    return PublicTrade(
      id: try row.optionalText("id"), time: time,
      market: try row.optionalText("currency_pair", "contract") ?? ask.market?.id ?? "",
      side: side, price: try row.decimal("price"), amount: row.size(size) ?? size)
  }

  static let spotBooks = Feed<OrderBook>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let named: Parameters = [
        "currency_pair": .string(try ask.needed([.spot]).id), "with_id": "true",
      ]
      return [look("order_book", named.adding(ask.range(nil, nil, "limit", most: 1_000)))]
    },
    rows: Pick.one(), row: book)

  static func books(_ family: Family) -> Feed<OrderBook> {
    Feed(
      market: family.kind, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        _ = try ask.needed()
        let id: Parameters = ["with_id": "true"]
        let named = try family.named(ask).adding(id)
        return [family.look("order_book", named.adding(ask.range(nil, nil, "limit", most: 300)))]
      },
      rows: Pick.one(), row: book)
  }

  private static func book(_ row: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    // Spot tells times in milliseconds, contracts in seconds and levels as objects.
    let current = try row.optionalDecimal("current")
    let isMilliseconds = current.map { Fixed(whole: 100_000_000_000) < $0 } ?? false
    return OrderBook(
      market: ask.market?.id ?? "",
      time: try row.optionalTime(isMilliseconds ? .milliseconds : .seconds, "current"),
      bids: try levels(row["bids"]), asks: try levels(row["asks"]),
      sequence: try row.optionalInteger("id"))
  }

  private static func levels(_ node: Node) throws(VenueFault) -> [BookLevel] {
    var all: [BookLevel] = []
    for level in try node.optionalElements() {
      if case .object? = level.json {
        all.append(BookLevel(try level.decimal("p"), try level.decimal("s")))
      } else {
        all.append(try BookLevel(level))
      }
    }
    return all
  }
}
