import Amounts
import Encodings
import Ledger
import VenueKit

// What KuCoin tells anybody of spot, and orders.

extension KuCoin {
  static let spotMarkets = Feed<Market>(
    market: .spot, calls: { _ in [look("symbols", [:], "public.v2", 4)] }, rows: data,
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("baseCurrency"),
        quote: try row.text("quoteCurrency"), isActive: try row.optionalFlag("enableTrading"),
        amountStep: try row.optionalDecimal("baseIncrement"),
        priceStep: try row.optionalDecimal("priceIncrement"),
        amountMin: try row.optionalDecimal("baseMinSize"),
        amountMax: row.shownDecimal("baseMaxSize"),
        costMin: try row.optionalDecimal("minFunds", "quoteMinSize"))
    })

  static let assets = Feed<ListedAsset>(
    evidence: .recorded, calls: { _ in [look("currencies", [:], "public.v3", 3)] }, rows: data,
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row.first(["chains", "items"]).optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text("chainId", "chainName"),
            fee: chain.shownDecimal("withdrawalMinFee", "minWithdrawFee"),
            withdrawMin: chain.shownDecimal("withdrawalMinSize", "minWithdrawSize"),
            contract: try chain.optionalText("contractAddress"),
            canDeposit: try chain.optionalFlag("isDepositEnabled"),
            canWithdraw: try chain.optionalFlag("isWithdrawEnabled")))
      }
      return ListedAsset(
        id: try row.text("currency"), name: try row.optionalText("fullName"),
        step: try row.step(digits: "precision"), networks: networks)
    })

  static let spotTickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      guard let market = try ask.optional([.spot]) else {
        return [look("market/allTickers", [:], "public", 15)]
      }
      return [look("market/stats", ["symbol": .string(market.id)], "public", 15)]
    },
    rows: { answer throws(VenueFault) in
      let data = answer.body["data"]
      if !data["ticker"].isNothing { return try data["ticker"].elements() }
      return data.isNothing ? [] : [data]
    },
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("symbol"), time: try row.optionalTime(.milliseconds, "time"),
        last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("buy"),
        ask: try row.optionalDecimal("sell"), high: try row.optionalDecimal("high"),
        low: try row.optionalDecimal("low"), baseVolume: try row.optionalDecimal("vol"),
        quoteVolume: row.shownDecimal("volValue"))
    })

  static let spotCandles = Feed<Candle>(
    market: .spot, paging: Paging(.forward, most: 1_500), scope: .eachMarket,
    evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1min", 180: "3min", 300: "5min", 900: "15min", 1_800: "30min", 3_600: "1hour",
        7_200: "2hour", 14_400: "4hour", 21_600: "6hour", 28_800: "8hour", 43_200: "12hour",
        86_400: "1day", 604_800: "1week", 2_592_000: "1month",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let reach = Int64(min(ask.limit ?? 1_500, 1_500)) * Int64(ask.interval)
      let end = ask.to ?? ask.from?.advanced(bySeconds: reach) ?? ask.now
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.spot]).id), "type": .string(word),
        "startAt": .text(ask.from, .seconds), "endAt": .text(end, .seconds),
      ]
      return [look("market/candles", parameters, "public", 3)]
    },
    rows: data,
    row: candle)

  /// Candles of spot are texts, of futures numbers; each has its own order and unit of time.
  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    guard case .string? = row[0].json else {
      return try Candle(row, .milliseconds)
    }
    // Time, open, close, high, low, volume, turnover.
    return try Candle(row, .seconds, .openCloseHighLow)
  }

  static let spotTrades = Feed<PublicTrade>(
    market: .spot, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [look("market/histories", ["symbol": .string(try ask.needed([.spot]).id)], "public", 3)]
    },
    rows: data, row: publicTrade)

  static func publicTrade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("tradeId", "sequence"),
      time: try row.time(.nanoseconds, "time", "ts"), market: ask.market?.id ?? "",
      side: try row.side("side"), price: try row.decimal("price"),
      amount: try row.decimal("size"))
  }

  static let spotBooks = Feed<OrderBook>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let depth = (ask.limit ?? 100) <= 20 ? 20 : 100
      let id: Parameters = ["symbol": .string(try ask.needed([.spot]).id)]
      return [look("market/orderbook/level2_\(depth)", id, "public", 4)]
    },
    rows: Pick.one("data"), row: book)

  static func book(_ row: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    let time =
      try row["ts"].isNothing
      ? row.optionalTime(.milliseconds, "time") : row.optionalTime(.nanoseconds, "ts")
    return OrderBook(
      market: ask.market?.id ?? "", time: time,
      bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
      sequence: try row.optionalInteger("sequence"))
  }

  // MARK: - Orders

  static func spotOrders(_ status: String) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, paging: Paging(.numbered, most: 500, window: 7 * Paging.day),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let named: Parameters = [
          "symbol": .text(try ask.optional([.spot])?.id), "tradeType": "TRADE",
          "status": .string(status),
        ]
        return [get("orders", named.adding(page(ask)), "private", 2, "spot")]
      },
      rows: items, row: order)
  }

  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let id = try row.optionalText("symbol")
    let filled = try row.optionalDecimal("dealSize", "filledSize")
    let cost = try row.optionalDecimal("dealFunds", "dealValue", "filledValue")
    let isOpen = try row.optionalFlag("isActive")
    let wasCancelled = try row.optionalFlag("cancelExist") ?? false
    let size = id.flatMap { ask.markets.market($0)?.contractSize } ?? .one
    let average = mean(cost, filled, size)
    return Order(
      id: try row.text("id", "orderId"), clientID: try row.optionalText("clientOid"),
      time: try row.optionalTime(.milliseconds, "createdAt"), market: id,
      type: try row.optionalText("type", "orderType")?.lowercased(), side: try row.side("side"),
      price: try row.decimalUnlessZero("price") ?? average,
      amount: try row.decimalUnlessZero("size"), filled: filled, cost: cost, average: average,
      status: isOpen.map { $0 ? .open : wasCancelled ? .canceled : .closed },
      fees: try row.fees("fee", "feeCurrency"))
  }

  private static func mean(_ cost: Fixed?, _ amount: Fixed?, _ size: Fixed) -> Fixed? {
    guard let cost, let amount, !amount.isZero, !cost.isZero, !size.isZero,
      let whole = try? amount.multiplied(by: size, rounding: .halfEven), !whole.isZero
    else { return nil }
    return try? cost.divided(by: whole, rounding: .halfEven)
  }
}
