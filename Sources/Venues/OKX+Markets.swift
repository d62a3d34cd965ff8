import Amounts
import Encodings
import Ledger
import VenueKit

// What OKX tells anybody.

extension OKX {
  // https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
  static var markets: [Feed<Market>] {
    let plain = [Family.spot, .swap, .future].map { family in
      Feed<Market>(
        market: family.kind,
        calls: { _ in [look("public/instruments", ["instType": .string(family.rawValue)])] },
        rows: data, row: market)
    }
    // Options have to be asked for by what they are written on.
    let option = Feed<Market>(
      market: .option,
      calls: { _ in
        ["BTC-USD", "ETH-USD"].map {
          look("public/instruments", ["instType": "OPTION", "instFamily": .string($0)])
        }
      },
      rows: data, row: market)
    return plain + [option]
  }

  private static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let under = try row.optionalText("uly", "instFamily")?.split(separator: "-").map(String.init)
    guard let family = Family(rawValue: try row.text("instType")),
      let base = try row.optionalText("baseCcy") ?? under?.first,
      let quote = try row.optionalText("quoteCcy") ?? under?.dropFirst().first
    else { return nil }
    return Market(
      id: try row.text("instId"), base: base, quote: quote,
      settle: try row.optionalText("settleCcy"), kind: family.kind,
      isActive: try row.optionalText("state").map { $0 == "live" },
      contractSize: try row.optionalDecimal("ctVal"), amountStep: try row.optionalDecimal("lotSz"),
      priceStep: try row.optionalDecimal("tickSz"), amountMin: try row.optionalDecimal("minSz"),
      amountMax: row.shownDecimal("maxLmtSz"),
      expiry: try row.optionalTime(.milliseconds, "expTime"),
      strike: try row.optionalDecimal("stk"))
  }

  // https://www.okx.com/docs-v5/en/#funding-account-rest-api-get-currencies: a row a network
  static let assets = Feed<ListedAsset>(
    evidence: .recorded, calls: { _ in [get("asset/currencies")] }, rows: data,
    row: { row, _ throws(VenueFault) in
      let network = AssetNetwork(
        id: try row.text("chain"), fee: row.shownDecimal("minFee", "fee"),
        withdrawMin: row.shownDecimal("minWd"), contract: try row.optionalText("ctAddr"),
        canDeposit: try row.optionalFlag("canDep"), canWithdraw: try row.optionalFlag("canWd"))
      return ListedAsset(
        id: try row.text("ccy"), name: try row.optionalText("name"),
        step: try row.step(digits: "wdTickSz"), networks: [network])
    })

  static func tickers(_ family: Family) -> Feed<Ticker> {
    Feed(
      market: family.kind, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        if let market = try ask.optional([family.kind]) {
          return [look("market/ticker", ["instId": .string(market.id)])]
        }
        return [look("market/tickers", ["instType": .string(family.rawValue)])]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let isSpot = try row.optionalText("instType") == "SPOT"
        return Ticker(
          market: try row.text("instId"), time: try row.optionalTime(.milliseconds, "ts"),
          last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bidPx"),
          ask: try row.optionalDecimal("askPx"), high: try row.optionalDecimal("high24h"),
          low: try row.optionalDecimal("low24h"), open: try row.optionalDecimal("open24h"),
          baseVolume: try row.optionalDecimal("vol24h"),
          quoteVolume: isSpot ? row.shownDecimal("volCcy24h") : nil)
      })
  }

  // https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks: 1,440 candles;
  // older ones by another route.
  static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 300), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let reach = Int64(1_439) * Int64(ask.interval)
      let isOld = ask.from.map { $0 < ask.now.advanced(bySeconds: -reach) } ?? false
      let count = min(ask.limit ?? (isOld ? 300 : 100), 300)
      var parameters: Parameters = [
        "instId": .string(try ask.needed().id), "bar": .string(try bar(ask.interval)),
        "limit": .text(String(count)),
      ]
      if let from = ask.from {
        let before = from.moved(byMilliseconds: -1)
        parameters["before"] = .text(before, .milliseconds)
        let end = from.advanced(bySeconds: Int64(count) * Int64(ask.interval))
        parameters["after"] = .text(end, .milliseconds)
      }
      if let to = ask.to { parameters["after"] = .text(to, .milliseconds) }
      return [look(isOld ? "market/history-candles" : "market/candles", parameters)]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      try Candle(row, .milliseconds)
    })

  /// Candles of six hours and more begin by UTC, not by the venue's own day.
  private static func bar(_ seconds: Int) throws(VenueFault) -> String {
    let words = [
      60: "1m", 180: "3m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1H", 7_200: "2H",
      14_400: "4H", 21_600: "6Hutc", 43_200: "12Hutc", 86_400: "1Dutc", 172_800: "2Dutc",
      259_200: "3Dutc", 604_800: "1Wutc", 2_592_000: "1Mutc", 7_776_000: "3Mutc",
    ]
    guard let word = words[seconds] else { throw .unsupported("candles of \(seconds) s") }
    return word
  }

  static let trades = Feed<PublicTrade>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let id: Parameters = ["instId": .string(try ask.needed().id)]
      return [look("market/trades", id.adding(ask.range(nil, nil, "limit", most: 500)))]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("tradeId"), time: try row.time(.milliseconds, "ts"),
        market: try row.text("instId"), side: try row.side("side"),
        price: try row.decimal("px"), amount: try row.decimal("sz"))
    })

  static let books = Feed<OrderBook>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let size = min(ask.limit ?? 20, 400)
      return [
        look(
          "market/books", ["instId": .string(try ask.needed().id), "sz": .text(String(size))])
      ]
    },
    rows: data,
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "ts"),
        bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
        sequence: try row.optionalInteger("seqId"))
    })
}
