import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api

extension Coinbase {
  static let feeds: Feeds = {
    var feeds = Feeds()
    addMoney(&feeds)
    addMarkets(&feeds)
    addSeries(&feeds)
    return feeds
  }()

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("v3.public", "GET", "brokerage/" + path, parameters, cost: ["public": 1])]
  }

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("v3.private", "GET", "brokerage/" + path, parameters, cost: ["private": 1])]
  }

  // MARK: - Money

  private static func addMoney(_ feeds: inout Feeds) {
    feeds.balances = [
      Feed(
        part: .spot, paging: Paging(.cursor, most: 250),
        calls: { ask in
          signed(
            "accounts",
            ["limit": .number(ask.limit ?? 250), "cursor": .text(ask.cursor)])
        }, rows: Picks.list("accounts"), row: balance, next: more),
      Feed(
        part: .staking, paging: Paging(.cursor, most: 250), evidence: .recorded,
        calls: wallets, rows: Picks.list("data"), row: stakedBalance, next: moreWallets),
      Feed(
        part: .future, calls: { _ in signed("cfm/balance_summary") },
        rows: Picks.one("balance_summary"), row: futuresBalance),
    ]
    feeds.accounts = Feed(
      paging: Paging(.cursor, most: 250), calls: wallets, rows: Picks.list("data"), row: account,
      next: moreWallets)
    feeds.fills = [
      Feed(
        paging: Paging(.cursor, most: 1000), evidence: .recorded,
        calls: { ask in
          signed(
            "orders/historical/fills",
            [
              "product_id": .text(ask.market?.id), "limit": .number(ask.limit),
              "start_sequence_timestamp": .text(ask.from, .iso),
              "end_sequence_timestamp": .text(ask.to, .iso), "cursor": .text(ask.cursor),
            ])
        }, rows: Picks.list("fills"), row: fill,
        next: { answer throws(VenueFault) in
          // The last page has a cursor, too; the one after it is empty.
          let isEmpty = try answer.body["fills"].elements().isEmpty
          return isEmpty ? nil : try answer.body.optionalText("cursor")
        }),
      Feed(
        paging: walletPaging, scope: .eachAccount, walk: "wallet", calls: walletCalls,
        rows: Picks.list("data"), row: retailFill, next: walletNext),
    ]
    feeds.transfers = [
      Feed(
        paging: walletPaging, scope: .eachAccount, walk: "wallet", evidence: .recorded,
        calls: walletCalls, rows: Picks.list("data"), row: transfer, next: walletNext)
    ]
    feeds.statement = [
      Feed(
        paging: walletPaging, scope: .eachAccount, walk: "wallet", calls: walletCalls,
        rows: Picks.list("data"), row: statement, next: walletNext)
    ]
    feeds.positions = [
      Feed(
        part: .future, calls: { _ in signed("cfm/positions") },
        rows: Picks.optionalList("positions"), row: position)
    ]
    feeds.rights = Feed(
      calls: { _ in signed("key_permissions") }, rows: Picks.body,
      row: { row, _ throws(VenueFault) in
        KeyRights(
          canRead: try row.optionalFlag("can_view"), canTrade: try row.optionalFlag("can_trade"),
          canWithdraw: try row.optionalFlag("can_transfer"))
      })
  }

  // "Values up to 100 are permitted":
  // https://docs.cdp.coinbase.com/coinbase-app/api-architecture/pagination
  private static let walletPaging = Paging(.cursor, most: 100)

  private static func wallets(_ ask: Ask) -> [Call] {
    [
      Call(
        "v2.private", "GET", "accounts",
        ["limit": .number(ask.limit ?? 250), "starting_after": .text(ask.cursor)],
        cost: ["app": 1, "private": 1])
    ]
  }

  private static func moreWallets(_ answer: Answer) throws(VenueFault) -> String? {
    try answer.body["pagination"].optionalText("next_starting_after")
  }

  private static func more(_ answer: Answer) throws(VenueFault) -> String? {
    try answer.body.optionalFlag("has_next") == true
      ? try answer.body.optionalText("cursor") : nil
  }

  // MARK: - Markets

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        calls: { _ in open("market/products") }, rows: Picks.list("products"), row: market)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in [Call("v2.public", "GET", "currencies", cost: ["public": 1])] },
        rows: Picks.list("data"),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("id", "code"), name: try row.optionalText("name"),
            step: try row.optionalDecimal("min_size"))
        }),
      Feed(
        calls: { _ in
          [Call("v2.public", "GET", "currencies/crypto", cost: ["public": 1])]
        }, rows: Picks.list("data"),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("code"), name: try row.optionalText("name"),
            step: try row["exponent"].stepOfDecimals())
        }),
    ]
    feeds.tickers = [
      Feed(evidence: .recorded, calls: tickerCalls, rows: tickerRows, row: ticker)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "market/product_book",
            ["product_id": .string(try Picks.market(ask).id), "limit": .number(ask.limit)])
        }, rows: Picks.one("pricebook"), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [Call("v2.public", "GET", "time", cost: ["public": 1])] },
      rows: Picks.one("data"),
      row: { row, _ throws(VenueFault) in try row.time(.iso, "iso") })
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let details = row["future_product_details"]
    let isSpot = try row.text("product_type") == "SPOT"
    let isPerpetual = try details.optionalText("contract_expiry_type") == "PERPETUAL"
    let quote = try row.text("quote_currency_id")
    let root = try details.optionalText("contract_root_unit")
    let isOff = try row.optionalFlag("trading_disabled")
    return Market(
      id: try row.text("product_id"),
      base: isSpot ? try row.text("base_currency_id") : root ?? "", quote: quote,
      settle: isSpot ? nil : quote, kind: isSpot ? .spot : isPerpetual ? .swap : .future,
      isActive: isOff.map { !$0 },
      contractSize: isSpot ? nil : try details.optionalDecimal("contract_size"),
      amountStep: try row.optionalDecimal("base_increment"),
      priceStep: try row.optionalDecimal("price_increment", "quote_increment"),
      amountMin: try row.optionalDecimal("base_min_size"),
      amountMax: try row.optionalDecimal("base_max_size"),
      costMin: try row.optionalDecimal("quote_min_size"),
      expiry: isPerpetual ? nil : try details.optionalTime(.iso, "contract_expiry"))
  }

  private static func tickerCalls(_ ask: Ask) -> [Call] {
    if let market = ask.market {
      return open(
        "market/products/{product_id}/ticker",
        ["product_id": .string(market.id), "limit": .number(1)])
    }
    let isSpot = ask.manyMarkets.first.map { $0.kind == .spot } ?? isSpot(ask.part)
    let names = ask.manyMarkets.map { JSON.string($0.id) }
    return open(
      "market/products",
      [
        "product_ids": names.isEmpty ? nil : .array(names),
        "product_type": .string(isSpot ? "SPOT" : "FUTURE"),
      ])
  }

  private static func isSpot(_ part: AccountPart?) -> Bool { part == nil || part == .spot }

  private static func tickerRows(_ answer: Answer) throws(VenueFault) -> [Node] {
    answer.body["products"].isNothing
      ? [answer.body] : try answer.body["products"].elements()
  }

  /// A product, or the best prices of one with its last trade, or that trade.
  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    let last = row["trades"].isNothing ? row : row["trades"][0]
    return Ticker(
      market: try last.optionalText("product_id") ?? ask.market?.id ?? "",
      time: try last.optionalTime(.iso, "time"), last: try last.optionalDecimal("price"),
      bid: try row.optionalDecimal("best_bid", "bid"),
      ask: try row.optionalDecimal("best_ask", "ask"),
      baseVolume: try last.optionalDecimal("volume_24h"))
  }

  static func book(_ row: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: try row.optionalText("product_id") ?? ask.market?.id ?? "",
      time: try row.optionalTime(.iso, "time"),
      bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "size"),
      asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "size"))
  }

  // MARK: - Series

  private static func addSeries(_ feeds: inout Feeds) {
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 300), scope: .eachMarket,
        calls: candleCalls, rows: Picks.list("candles"),
        row: { row, _ throws(VenueFault) in
          try Candle(row, .seconds, "start")
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.backward, most: 1000), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "market/products/{product_id}/ticker",
            [
              "product_id": .string(try Picks.market(ask).id),
              "start": .text(ask.from, .seconds), "limit": .number(ask.limit),
              "end": .text(ask.to, .seconds),
            ])
        }, rows: Picks.list("trades"),
        row: { row, _ throws(VenueFault) in
          PublicTrade(
            id: try row.optionalText("trade_id"), time: try row.time(.iso, "time"),
            market: try row.optionalText("product_id") ?? "", side: try row["side"].sideOfWord(),
            price: try row.decimal("price"), amount: try row.decimal("size"))
        })
    ]
    feeds.openOrders = [
      Feed(
        paging: Paging(.cursor, most: 100), calls: { ask in orders(ask, "OPEN") },
        rows: Picks.list("orders"), row: order, next: more)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.cursor, most: 100), evidence: .recorded,
        calls: { ask in orders(ask, "FILLED") }, rows: Picks.list("orders"), row: order,
        next: more)
    ]
  }

  static func orders(_ ask: Ask, _ status: String?) -> [Call] {
    signed(
      "orders/historical/batch",
      [
        "order_status": .text(status), "product_id": .text(ask.market?.id),
        "limit": .number(ask.limit ?? 100), "start_date": .text(ask.from, .iso),
        "end_date": .text(ask.to, .iso), "cursor": .text(ask.cursor),
      ])
  }

  private static let granularities = [
    60: "ONE_MINUTE", 300: "FIVE_MINUTE", 900: "FIFTEEN_MINUTE", 1800: "THIRTY_MINUTE",
    3600: "ONE_HOUR", 7200: "TWO_HOUR", 14_400: "FOUR_HOUR", 21_600: "SIX_HOUR",
    86_400: "ONE_DAY",
  ]

  /// Both ends have to be named, at most 300 candles apart.
  private static func candleCalls(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let word = granularities[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let span = Int64(ask.interval) * Int64(min(max(ask.limit ?? 300, 1), 300))
    let start = ask.from ?? (ask.to ?? ask.now).advanced(bySeconds: -span)
    let end = ask.to ?? start.advanced(bySeconds: span)
    return open(
      "market/products/{product_id}/candles",
      [
        "product_id": .string(try Picks.market(ask).id), "granularity": .string(word),
        "start": .text(start, .seconds), "end": .text(end, .seconds),
      ])
  }
}
