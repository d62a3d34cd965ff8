import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.gemini.com/rest/market-data and …/fund-management

extension Gemini {
  static let feeds: Feeds = {
    var feeds = Feeds()
    addMoney(&feeds)
    addMarkets(&feeds)
    addSeries(&feeds)
    return feeds
  }()

  static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "POST", path, parameters, cost: ["private": 1])]
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["public": 1])]
  }

  private static func addMoney(_ feeds: inout Feeds) {
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in signed("v1/balances") }, rows: Picks.list(), row: balance),
      Feed(
        part: .staking, calls: { _ in signed("v1/balances/staking") }, rows: Picks.list(),
        row: stakedBalance),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.forward, most: 50),
        calls: { ask in
          signed(
            "v1/mytrades",
            [
              "symbol": .text(ask.market?.id), "limit_trades": .number(ask.limit),
              "timestamp": .number(ask.from, .seconds),
            ])
        }, rows: Picks.list(), row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.forward, most: 10), calls: transfers, rows: Picks.list(), row: transfer)
    ]
    feeds.statement = [
      Feed(
        part: .spot, paging: Paging(.forward, most: 10), calls: transfers, rows: Picks.list(),
        row: transferLine),
      Feed(
        part: .staking, paging: Paging(.forward, most: 50),
        calls: { ask in
          signed(
            "v1/staking/history",
            [
              "since": .text(ask.from, .iso), "until": .text(ask.to, .iso),
              "limit": .number(ask.limit), "sortAsc": .bool(true), "currency": .text(ask.asset),
            ])
        },
        rows: { answer throws(VenueFault) in
          var rows: [Node] = []
          for provider in try answer.body.elements() {
            rows += try provider["transactions"].optionalElements()
          }
          return rows
        }, row: stakingLine),
    ]
    feeds.positions = [
      Feed(calls: { _ in signed("v1/positions") }, rows: Picks.list(), row: position)
    ]
    feeds.openOrders = [
      Feed(calls: { _ in signed("v1/orders") }, rows: Picks.list(), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.forward, most: 50),
        calls: { ask in
          signed(
            "v1/orders/history",
            [
              "symbol": .text(ask.market?.id), "limit_orders": .number(ask.limit),
              "timestamp": .number(ask.from, .milliseconds),
            ])
        }, rows: Picks.list(), row: order)
    ]
    feeds.rights = Feed(
      calls: { _ in signed("v1/roles") }, rows: Picks.body,
      row: { row, _ throws(VenueFault) in
        KeyRights(
          canRead: true, canTrade: try row.optionalFlag("isTrader"),
          canWithdraw: try row.optionalFlag("isFundManager"))
      })
  }

  private static func transfers(_ ask: Ask) -> [Call] {
    signed(
      "v1/transfers",
      [
        "timestamp": .number(ask.from, .milliseconds), "limit_transfers": .number(ask.limit),
      ])
  }

  // MARK: - Markets

  private static func addMarkets(_ feeds: inout Feeds) {
    // Names alone do not tell where the base ends (`paxgusd`), so each is asked for its details:
    // the cursor holds those that are left.
    feeds.markets = [
      Feed(
        paging: Paging(.cursor, most: 1),
        calls: { ask in
          guard let name = ask.cursor?.split(separator: ",").first else {
            return open("v1/symbols")
          }
          return open("v1/symbols/details/{symbol}", ["symbol": .string(String(name))])
        },
        rows: { answer throws(VenueFault) in
          if case .array? = answer.body.json { return [] }
          return [answer.body]
        }, row: market,
        next: { answer throws(VenueFault) in
          var left: [String] = []
          if case .array? = answer.body.json {
            for name in try answer.body.elements() { left.append(try name.text()) }
          } else {
            left = answer.ask.cursor?.split(separator: ",").dropFirst().map(String.init) ?? []
          }
          return left.isEmpty ? nil : left.joined(separator: ",")
        })
    ]
    feeds.tickers = [
      Feed(
        evidence: .recorded,
        calls: { ask in
          guard let market = ask.market else { return open("v1/pricefeed") }
          return open("v1/pubticker/{symbol}", ["symbol": .string(market.id)])
        }, rows: Picks.optionalOneOrList, row: ticker)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "v1/book/{symbol}",
            [
              "symbol": .string(try Picks.market(ask).id), "limit_bids": .number(ask.limit),
              "limit_asks": .number(ask.limit),
            ])
        }, rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "",
            bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "amount"),
            asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "amount"))
        })
    ]
  }

  // https://docs.gemini.com/rest/market-data#get-symbol-details
  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let isSwap = try row.optionalText("product_type") == "swap"
    let state = try row.optionalText("status")
    let quote = try row.text("quote_currency")
    return Market(
      id: try row.text("symbol").lowercased(), base: try row.text("base_currency"), quote: quote,
      settle: isSwap ? try row.optionalText("contract_price_currency") ?? quote : nil,
      kind: isSwap ? .swap : .spot,
      isActive: state.map { ["open", "limit_only", "post_only"].contains($0) },
      contractSize: isSwap ? .one : nil, amountStep: try row.optionalDecimal("tick_size"),
      priceStep: try row.optionalDecimal("quote_increment"),
      amountMin: try row.optionalDecimal("min_order_size"))
  }

  /// A ticker of one market, in either version, or a line of the price feed.
  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    let name = try row.optionalText("pair", "symbol")
    let volume = row["volume"]
    let base = ask.market?.base ?? ""
    return Ticker(
      market: name?.lowercased() ?? ask.market?.id ?? "",
      time: try volume.optionalTime(.milliseconds, "timestamp"),
      last: try row.optionalDecimal("last", "price", "close"),
      bid: try row.optionalDecimal("bid"), ask: try row.optionalDecimal("ask"),
      high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
      open: try row.optionalDecimal("open"), baseVolume: try volume.optionalDecimal(base))
  }

  // MARK: - Series

  private static let lengths = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1hr", 21_600: "6hr", 86_400: "1day",
  ]

  private static func addSeries(_ feeds: inout Feeds) {
    feeds.candles = [
      Feed(
        paging: Paging(.single, lookBack: Paging.day), scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          guard let length = lengths[ask.interval] else {
            throw .unsupported("candles of \(ask.interval) seconds")
          }
          return open(
            "v2/candles/{symbol}/{length}",
            ["symbol": .string(try Picks.market(ask).id), "length": .string(length)])
        }, rows: Picks.list(),
        row: { row, _ throws(VenueFault) in
          try Candle(row, .milliseconds)
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.forward, most: 50, lookBack: 7 * Paging.day), scope: .eachMarket,
        evidence: .recorded,
        calls: { ask throws(VenueFault) in
          open(
            "v1/trades/{symbol}",
            [
              "symbol": .string(try Picks.market(ask).id), "limit_trades": .number(ask.limit),
              "timestamp": .text(ask.from, .milliseconds),
            ])
        }, rows: Picks.list(),
        row: { row, ask throws(VenueFault) in
          PublicTrade(
            id: try row.optionalText("tid"), time: try row.time(.milliseconds, "timestampms"),
            market: ask.market?.id ?? "", side: try row["type"].sideOfWord(),
            price: try row.decimal("price"), amount: try row.decimal("amount"))
        })
    ]
  }
}
