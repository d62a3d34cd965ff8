import Amounts
import Encodings
import Ledger
import VenueKit

// KuCoin's futures. https://www.kucoin.com/docs-new/rest/futures-trading/introduction

extension KuCoin {
  static let futuresFeeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = futuresBalances
    feeds.fills = [futuresFills]
    feeds.deposits = [transfers(.deposit, "deposit-list", "futuresPrivate")]
    feeds.withdrawals = [transfers(.withdrawal, "withdrawal-list", "futuresPrivate")]
    feeds.statement = [futuresLedger]
    feeds.positions = [positions]
    feeds.markets = [contracts]
    feeds.assets = [assets]
    feeds.tickers = [futuresTickers]
    feeds.candles = [futuresCandles]
    feeds.trades = [futuresTrades]
    feeds.books = [futuresBooks]
    feeds.openOrders = [futuresOrders("active")]
    feeds.closedOrders = [futuresOrders("done")]
    feeds.clock = clock("futuresPublic")
    return feeds
  }()

  private static func key(_ path: String, _ parameters: Parameters = [:]) -> Call {
    get(path, parameters, "futuresPrivate", 5, "futures")
  }
  private static let kinds: Set<MarketKind> = [.swap, .future]

  static let futuresBalances = [
    Feed<Balance>(
      part: .swap, market: .swap, evidence: .recorded,
      calls: { ask in
        let assets = ask.asset.map { [$0] } ?? ["USDT", "USDC", "XBT"]
        return assets.map { key("account-overview", ["currency": .string($0)]) }
      },
      rows: Pick.one("data"),
      row: { row, _ throws(VenueFault) in
        // accountEquity = marginBalance + unrealisedPNL:
        // https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-futures
        Balance(
          asset: try row.text("currency"), free: try row.optionalDecimal("availableBalance"),
          total: try row.decimal("accountEquity"), part: .swap,
          openProfit: try row.optionalDecimal("unrealisedPNL"))
      })
  ]

  static let futuresFills = Feed<Fill>(
    part: .swap, market: .swap, paging: Paging(.numbered, most: 1_000, window: 7 * Paging.day),
    evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let named: Parameters = ["symbol": .text(try ask.optional(kinds)?.id)]
      return [key("fills", named.adding(page(ask, most: 1_000)))]
    },
    rows: items, row: { row, ask throws(VenueFault) in try fill(row, ask, .swap) })

  /// Transfers, and what the settlement every eight hours realised.
  static let futuresLedger = Feed<StatementRow>(
    part: .swap, market: .swap, paging: Paging(.cursor, most: 50, window: Paging.day),
    calls: { ask in
      var parameters: Parameters = ["currency": .text(ask.asset)]
      parameters = parameters.adding(ask.range("startAt", "endAt", "maxCount", most: 50))
      parameters["offset"] = .text(ask.cursor)
      return [key("transaction-history", parameters)]
    },
    rows: Pick.listIfAny("data", "dataList"),
    row: { row, ask throws(VenueFault) in
      var line = try ledger(row, ask)
      line?.part = .swap
      return line
    },
    next: { answer throws(VenueFault) in
      let data = answer.body["data"]
      guard try data.optionalFlag("hasMore") == true else { return nil }
      return try data["dataList"].optionalElements().last?.optionalText("offset")
    })

  static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap, evidence: .recorded,
    calls: { _ in [key("positions")] }, rows: data,
    row: { row, ask throws(VenueFault) in
      let id = try row.text("symbol")
      let held = try row.optionalDecimal("currentQty", "size")
      var isLong = try row.word("positionSide", ["LONG": true, "SHORT": false])
      if isLong == nil, let held, !held.isZero { isLong = !held.isNegative }
      let mode = try row.optionalText("marginMode")
      let isCross = try row.optionalFlag("crossMode")
      return OpenPosition(
        market: id, isLong: isLong, contracts: row.size(held),
        contractSize: ask.markets.market(id)?.contractSize,
        entryPrice: try row.optionalDecimal("avgEntryPrice", "entryPrice"),
        markPrice: row.shownDecimal("markPrice"),
        liquidationPrice: row.shownDecimal("liquidationPrice"),
        unrealised: try row.optionalDecimal("unrealisedPnl", "unrealizedPnL"),
        leverage: row.shownDecimal("realLeverage", "leverage"),
        margin: row.shownDecimal("posInit", "initialMargin"),
        isIsolated: mode.map { $0 == "ISOLATED" } ?? isCross.map { !$0 },
        time: try row.optionalTime(.milliseconds, "currentTimestamp"), part: .swap)
    })

  static let contracts = Feed<Market>(
    market: .swap, calls: { _ in [look("contracts/active", [:], "futuresPublic", 3)] },
    rows: data,
    row: { row, _ throws(VenueFault) in
      let expiry = try row.optionalTime(.milliseconds, "expireDate")
      return Market(
        id: try row.text("symbol"), base: try row.text("baseCurrency"),
        quote: try row.text("quoteCurrency"), settle: try row.optionalText("settleCurrency"),
        kind: expiry == nil ? .swap : .future,
        isActive: try row.optionalText("status").map { $0 == "Open" },
        contractSize: row.size(try row.optionalDecimal("multiplier")),
        amountStep: try row.optionalDecimal("lotSize"),
        priceStep: try row.optionalDecimal("tickSize"),
        amountMin: try row.optionalDecimal("lotSize"),
        amountMax: row.shownDecimal("maxOrderQty"), expiry: expiry)
    })

  static let futuresTickers = Feed<Ticker>(
    market: .swap, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      guard let market = try ask.optional(kinds) else {
        return [look("contracts/active", [:], "futuresPublic", 3)]
      }
      return [look("ticker", ["symbol": .string(market.id)], "futuresPublic", 2)]
    },
    rows: { answer throws(VenueFault) in
      let data = answer.body["data"]
      if case .array? = data.json { return try data.elements() }
      return data.isNothing ? [] : [data]
    },
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("symbol"), time: try row.optionalTime(.nanoseconds, "ts"),
        last: try row.optionalDecimal("price", "lastTradePrice"),
        bid: try row.optionalDecimal("bestBidPrice", "buy"),
        ask: try row.optionalDecimal("bestAskPrice", "sell"),
        high: try row.optionalDecimal("highPrice"), low: try row.optionalDecimal("lowPrice"),
        baseVolume: row.shownDecimal("volumeOf24h"),
        quoteVolume: row.shownDecimal("turnoverOf24h"))
    })

  static let futuresCandles = Feed<Candle>(
    market: .swap, paging: Paging(.forward, most: 200), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      guard ask.interval % 60 == 0 else { throw .unsupported("candles of \(ask.interval) s") }
      let count = min(ask.limit ?? 200, 200)
      let reach = Int64(count) * Int64(ask.interval)
      let end = ask.to ?? ask.from?.advanced(bySeconds: reach) ?? ask.now
      let parameters: Parameters = [
        "symbol": .string(try ask.needed(kinds).id),
        "granularity": .string(String(ask.interval / 60)),
        "from": .text(ask.from, .milliseconds), "to": .text(end, .milliseconds),
      ]
      return [look("kline/query", parameters, "futuresPublic", 3)]
    },
    rows: data, row: candle)

  static let futuresTrades = Feed<PublicTrade>(
    market: .swap, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [look("trade/history", ["symbol": .string(try ask.needed(kinds).id)], "futuresPublic", 5)]
    },
    rows: data, row: publicTrade)

  static let futuresBooks = Feed<OrderBook>(
    market: .swap, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let depth = (ask.limit ?? 20) <= 20 ? 20 : 100
      let id: Parameters = ["symbol": .string(try ask.needed(kinds).id)]
      return [look("level2/depth\(depth)", id, "futuresPublic", 5)]
    },
    rows: Pick.one("data"), row: book)

  static func futuresOrders(_ status: String) -> Feed<Order> {
    Feed(
      part: .swap, market: .swap, paging: Paging(.numbered, most: 1_000, window: 7 * Paging.day),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let named: Parameters = [
          "status": .string(status), "symbol": .text(try ask.optional(kinds)?.id),
        ]
        return [key("orders", named.adding(page(ask, most: 1_000)))]
      },
      rows: items, row: order)
  }
}
