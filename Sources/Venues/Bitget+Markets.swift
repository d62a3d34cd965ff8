import Amounts
import Encodings
import Ledger
import VenueKit

// What Bitget tells anybody, and orders.

extension Bitget {
  static let spotMarkets = Feed<Market>(
    market: .spot, calls: { _ in [look("v2/spot/public/symbols")] }, rows: rows,
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("baseCoin"),
        quote: try row.text("quoteCoin"),
        isActive: try row.optionalText("status").map { $0 == "online" },
        amountStep: try row.step(digits: "quantityPrecision"),
        priceStep: try row.step(digits: "pricePrecision"),
        amountMin: row.shownDecimal("minTradeAmount"),
        amountMax: row.shownDecimal("maxTradeAmount"), costMin: row.shownDecimal("minTradeUSDT"))
    })

  static func markets(_ product: Product) -> Feed<Market> {
    Feed(
      market: .swap,
      calls: { _ in
        [look("v2/mix/market/contracts", ["productType": .string(product.rawValue)])]
      },
      rows: rows,
      row: { row, _ throws(VenueFault) in
        let base = try row.text("baseCoin")
        let quote = try row.text("quoteCoin")
        let expiry = try row.optionalTime(.milliseconds, "deliveryTime")
        // The price moves in so many units of the last digit.
        let unit = try row.step(digits: "pricePlace")
        let count = try row.optionalDecimal("priceEndStep") ?? .one
        return Market(
          id: try row.text("symbol"), base: base, quote: quote,
          settle: product == .coin ? base : quote, kind: expiry == nil ? .swap : .future,
          isActive: try row.optionalText("symbolStatus").map { $0 == "normal" },
          contractSize: .one, amountStep: try row.optionalDecimal("sizeMultiplier"),
          priceStep: unit.flatMap { try? $0.multiplied(by: count, rounding: .halfEven) },
          amountMin: row.shownDecimal("minTradeNum"), amountMax: row.shownDecimal("maxOrderQty"),
          costMin: row.shownDecimal("minTradeUSDT"), expiry: expiry)
      })
  }

  static let assets = Feed<ListedAsset>(
    evidence: .recorded, calls: { _ in [look("v2/spot/public/coins")] }, rows: rows,
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row["chains"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text("chain"), fee: chain.shownDecimal("withdrawFee"),
            withdrawMin: chain.shownDecimal("minWithdrawAmount"),
            contract: try chain.optionalText("contractAddress"),
            canDeposit: try chain.optionalFlag("rechargeable"),
            canWithdraw: try chain.optionalFlag("withdrawable")))
      }
      return ListedAsset(id: try row.text("coin"), networks: networks)
    })

  // MARK: - Tickers

  static let spotTickers = Feed<Ticker>(
    market: .spot, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [look("v2/spot/market/tickers", ["symbol": .text(try ask.optional([.spot])?.id)])]
    },
    rows: rows, row: ticker)

  static func tickers(_ product: Product) -> Feed<Ticker> {
    Feed(
      market: .swap,
      calls: { ask throws(VenueFault) in
        let isOne = ask.market != nil
        let path = isOne ? "v2/mix/market/ticker" : "v2/mix/market/tickers"
        return [look(path, try product.named(ask))]
      },
      rows: rows, row: ticker)
  }

  static func unifiedTickers(_ product: Product) -> Feed<Ticker> {
    Feed(
      market: .swap, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        _ = try product.named(ask)
        return [
          look(
            "v3/market/tickers",
            ["symbol": .text(ask.market?.id), "category": .string(product.rawValue)])
        ]
      },
      rows: rows, row: ticker)
  }

  private static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"), time: try row.optionalTime(.milliseconds, "ts"),
      last: try row.optionalDecimal("lastPr", "lastPrice"),
      bid: try row.optionalDecimal("bidPr", "bid1Price"),
      ask: try row.optionalDecimal("askPr", "ask1Price"),
      high: try row.optionalDecimal("high24h", "highPrice24h"),
      low: try row.optionalDecimal("low24h", "lowPrice24h"),
      open: try row.optionalDecimal("open", "open24h", "openPrice24h"),
      baseVolume: try row.optionalDecimal("baseVolume", "volume24h"),
      quoteVolume: row.shownDecimal("quoteVolume", "turnover24h"))
  }

  // MARK: - Candles

  static let spotCandles = Feed<Candle>(
    market: .spot, paging: Paging(.forward, most: 1_000), scope: .eachMarket,
    evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1min", 180: "3min", 300: "5min", 900: "15min", 1_800: "30min", 3_600: "1h",
        14_400: "4h", 21_600: "6Hutc", 43_200: "12Hutc", 86_400: "1Dutc", 259_200: "3Dutc",
        604_800: "1Wutc", 2_592_000: "1Mutc",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let named: Parameters = [
        "symbol": .string(try ask.needed([.spot]).id), "granularity": .string(word),
      ]
      let range = ask.range("startTime", "endTime", "limit", most: 1_000)
      return [look("v2/spot/market/candles", named.adding(range))]
    },
    rows: rows, row: { row, _ throws(VenueFault) in try candle(row, volume: 5) })

  static func candles(_ product: Product) -> Feed<Candle> {
    Feed(
      market: .swap, paging: Paging(.forward, most: 1_000), scope: .eachMarket,
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let words = [
          60: "1m", 180: "3m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1H", 7_200: "2H",
          14_400: "4H", 21_600: "6Hutc", 43_200: "12Hutc", 86_400: "1Dutc", 259_200: "3Dutc",
          604_800: "1Wutc", 2_592_000: "1Mutc",
        ]
        guard let word = words[ask.interval] else {
          throw .unsupported("candles of \(ask.interval) s")
        }
        _ = try ask.needed()
        var parameters = try product.named(ask)
        parameters["granularity"] = .string(word)
        let range = ask.range("startTime", "endTime", "limit", most: 1_000)
        return [look("v2/mix/market/candles", parameters.adding(range))]
      },
      rows: rows,
      // Of contracts settled in coins the quote counts: they are as many dollars.
      row: { row, _ throws(VenueFault) in try candle(row, volume: product == .coin ? 6 : 5) })
  }

  private static func candle(_ row: Node, volume: Int) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, volume: volume)
  }

  // MARK: - Trades and books

  static let spotTrades = Feed<PublicTrade>(
    market: .spot, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let named: Parameters = ["symbol": .string(try ask.needed([.spot]).id)]
      let range = ask.range("startTime", "endTime", "limit", most: 1_000)
      return [look("v2/spot/market/fills-history", named.adding(range))]
    },
    rows: rows, row: trade)

  static func trades(_ product: Product) -> Feed<PublicTrade> {
    Feed(
      market: .swap, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        _ = try ask.needed()
        let range = ask.range("startTime", "endTime", "limit", most: 1_000)
        return [look("v2/mix/market/fills-history", try product.named(ask).adding(range))]
      },
      rows: rows, row: trade)
  }

  static func unifiedTrades(_ product: Product) -> Feed<PublicTrade> {
    Feed(
      market: .swap, scope: .eachMarket, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        _ = try product.named(ask)
        let named: Parameters = [
          "symbol": .string(try ask.needed().id), "category": .string(product.rawValue),
        ]
        return [look("v3/market/fills", named.adding(ask.range(nil, nil, "limit", most: 100)))]
      },
      rows: rows, row: trade)
  }

  private static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("tradeId", "execId"), time: try row.time(.milliseconds, "ts"),
      market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
      side: try row.side("side"), price: try row.decimal("price"),
      amount: try row.decimal("size"))
  }

  static let spotBooks = Feed<OrderBook>(
    market: .spot, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let named: Parameters = ["symbol": .string(try ask.needed([.spot]).id)]
      return [
        look(
          "v2/spot/market/orderbook", named.adding(ask.range(nil, nil, "limit", most: 150)))
      ]
    },
    rows: Pick.one("data"), row: book)

  static func books(_ product: Product) -> Feed<OrderBook> {
    Feed(
      market: .swap, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        _ = try ask.needed()
        let range = ask.range(nil, nil, "limit", most: 1_000)
        return [look("v2/mix/market/merge-depth", try product.named(ask).adding(range))]
      },
      rows: Pick.one("data"), row: book)
  }

  private static func book(_ row: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "ts"),
      bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
  }

  // MARK: - Orders

  static var openOrders: [Feed<Order>] {
    let spot = Feed<Order>(
      part: .spot, market: .spot, paging: Paging(.cursor, most: 100), evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let named: Parameters = ["symbol": .text(try ask.optional([.spot])?.id)]
        return [get("spot", "v2/spot/trade/unfilled-orders", named.adding(page(ask)))]
      },
      rows: rows, row: order, next: below("orderId"))
    let futures = Product.allCases.map { product in
      Feed<Order>(
        part: product.part, market: .swap, paging: Paging(.cursor, most: 100),
        calls: { ask throws(VenueFault) in
          let parameters = try product.named(ask).adding(page(ask))
          return [get("mix", "v2/mix/order/orders-pending", parameters)]
        },
        rows: rows, row: order, next: below("orderId"))
    }
    return [spot] + futures + unifiedOrders("v3/trade/unfilled-orders", .documented)
  }

  static var closedOrders: [Feed<Order>] {
    let spot = Feed<Order>(
      part: .spot, market: .spot, paging: quarter, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let named: Parameters = ["symbol": .text(try ask.optional([.spot])?.id)]
        return [get("spot", "v2/spot/trade/history-orders", named.adding(page(ask)))]
      },
      rows: rows, row: order, next: below("orderId"))
    let futures = Product.allCases.map { product in
      Feed<Order>(
        part: product.part, market: .swap, paging: quarter, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          let parameters = try product.named(ask).adding(page(ask))
          return [get("mix", "v2/mix/order/orders-history", parameters)]
        },
        rows: rows, row: order, next: below("orderId"))
    }
    return [spot] + futures + unifiedOrders("v3/trade/history-orders", .documented)
  }

  private static func unifiedOrders(_ path: String, _ evidence: Evidence) -> [Feed<Order>] {
    (["SPOT"] + Product.allCases.map(\.rawValue)).map { category in
      let isSpot = category == "SPOT"
      return Feed(
        part: isSpot ? .spot : .swap, market: isSpot ? .spot : .swap,
        paging: Paging(.cursor, most: 100, window: 30 * Paging.day, lookBack: 90 * Paging.day),
        evidence: evidence,
        calls: { ask throws(VenueFault) in
          if let market = ask.market {
            let own = market.kind == .spot ? "SPOT" : Product(market).rawValue
            guard own == category else { throw .unsupported(market.id) }
          }
          let named: Parameters = [
            "symbol": .text(ask.market?.id), "category": .string(category),
          ]
          return [get("uta", path, named.adding(page(ask, "cursor")))]
        },
        rows: rows, row: order, next: below("orderId"))
    }
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("orderType")
    let status = try row.word(["status", "state", "orderStatus"], orderWords)
    let isMargin = !row["baseSize"].isNothing
    let filled = try row.optionalDecimal(isMargin ? "size" : "baseVolume", "cumExecQty")
    let average = try row.decimalUnlessZero("priceAvg", "avgPrice")
    var side = try row.side("side")
    // Of a hedged position's close the side names the position: it is the other one that trades.
    let isHedged = try row.optionalText("posMode") == "hedge_mode"
    let closes = try row.optionalText("tradeSide") == "close"
    let reduces = try row.optionalText("reduceOnly") == "YES"
    if isHedged, closes || reduces { side = side.map { $0 == .buy ? .sell : .buy } }
    // Spot orders at the market to buy state their size in quote.
    let isCost =
      row["category"].isNothing && row["posMode"].isNothing && row["marginCoin"].isNothing
      && type == "market" && side == .buy
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("clientOid"),
      time: try row.optionalTime(.milliseconds, "cTime", "createdTime"),
      market: try row.optionalText("symbol"), type: type, side: side,
      price: try row.decimalUnlessZero("price") ?? average,
      amount: isCost
        ? (status == .closed ? filled : nil)
        : try row.optionalDecimal("baseSize", "size", "qty"),
      filled: filled, average: average, status: status, fees: try fees(row))
  }

  private static let orderWords: [String: Order.Status] = [
    "live": .open, "new": .open, "init": .open, "not_trigger": .open, "partially_filled": .open,
    "partially_fill": .open, "partial_fill": .open, "filled": .closed, "full_fill": .closed,
    "executed": .closed, "cancelled": .canceled, "canceled": .canceled, "fail_trigger": .rejected,
    "fail_execute": .rejected,
  ]
}
