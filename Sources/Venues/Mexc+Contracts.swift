import Amounts
import Encodings
import Ledger
import VenueKit

// Perpetuals at MEXC. https://www.mexc.com/api-docs/futures/account-and-trading-endpoints

extension Mexc {
  /// A signed call of the perpetuals.
  static func contract(_ method: String, _ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("contract.private", method, path, parameters, cost: ["CONTRACT": 1])
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("contract.public", "GET", path, parameters, cost: ["CONTRACT": 1])
  }

  /// The page asked for, where it is not the first, and its size.
  private static func page(_ ask: Ask) -> Parameters {
    let parameters: Parameters = [
      "page_num": ask.page > 0 ? .number(ask.page + 1) : nil,
      "page_size": .number(ask.limit.map { min($0, 100) }),
    ]
    return parameters
  }

  /// The rows of an answer: the data itself, or a page's list in it.
  private static func rows(_ answer: Answer) throws(VenueFault) -> [Node] {
    let data = answer.body["data"]
    if case .object? = data.json {
      return try data.first(["resultList", "orders"]).optionalElements()
    }
    return try data.optionalElements()
  }

  // MARK: - Markets

  static let contractMarkets = Feed<Market>(
    market: .swap, calls: { _ in [open("detail")] }, rows: oneOrMany,
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("baseCoin"),
        quote: try row.text("quoteCoin"), settle: try row.text("settleCoin"), kind: .swap,
        isActive: try row.optionalText("state").map { $0 == "0" },
        contractSize: try row.decimal("contractSize"),
        amountStep: try row.optionalDecimal("volUnit"),
        priceStep: try row.optionalDecimal("priceUnit"),
        amountMin: try row.optionalDecimal("minVol"), amountMax: row.shownDecimal("maxVol"))
    })

  private static func oneOrMany(_ answer: Answer) throws(VenueFault) -> [Node] {
    let data = answer.body["data"]
    if case .array? = data.json { return try data.elements() }
    return data.isNothing ? [] : [data]
  }

  static let contractTickers = Feed<Ticker>(
    market: .swap,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = ["symbol": .text(try ask.optional([.swap])?.id)]
      return [open("ticker", parameters.adding(ask.extra))]
    },
    rows: oneOrMany,
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("symbol"), time: try row.optionalTime(.milliseconds, "timestamp"),
        last: try row.optionalDecimal("lastPrice"), bid: try row.optionalDecimal("bid1"),
        ask: try row.optionalDecimal("ask1"), high: try row.optionalDecimal("high24Price"),
        low: try row.optionalDecimal("lower24Price"), baseVolume: row.shownDecimal("volume24"),
        quoteVolume: row.shownDecimal("amount24"))
    })

  private static let intervals: [Int: String] = [
    60: "Min1", 300: "Min5", 900: "Min15", 1_800: "Min30", 3_600: "Min60", 14_400: "Hour4",
    28_800: "Hour8", 86_400: "Day1", 604_800: "Week1", 2_592_000: "Month1",
  ]

  static let contractCandles = Feed<Candle>(
    market: .swap, paging: Paging(.forward, most: 2_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      guard let word = intervals[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let both = span(ask, most: 2_000, usual: 2_000)
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.swap]).id), "interval": .string(word),
        "start": .text(both.from, .seconds), "end": .text(ask.to, .seconds),
      ]
      return [open("kline/{symbol}", parameters.adding(ask.extra))]
    },
    rows: columns,
    row: { row, _ throws(VenueFault) in
      try Candle(row, .seconds)
    })

  /// Candles come as one array a column; the shortest says how many there are.
  private static func columns(_ answer: Answer) throws(VenueFault) -> [Node] {
    let data = answer.body["data"]
    var columns: [[Node]] = []
    for name in ["time", "open", "high", "low", "close", "vol"] {
      columns.append(try data[name].elements())
    }
    let count = columns.map(\.count).min() ?? 0
    return (0..<count).map { index in
      Node(.array(columns.map { $0[index].json ?? .null }))
    }
  }

  static let contractTrades = Feed<PublicTrade>(
    market: .swap, paging: Paging(.single, most: 100), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.swap]).id), "limit": .number(ask.limit),
      ]
      return [open("deals/{symbol}", parameters.adding(ask.extra))]
    },
    rows: rows,
    row: { row, ask throws(VenueFault) in
      let sides: [String: Side] = ["1": .buy, "2": .sell]
      return named(
        PublicTrade(
          id: try row.optionalText("i"), time: try row.time(.milliseconds, "t"),
          market: ask.market?.id ?? "", side: try row.word("T", sides),
          price: try row.decimal("p"), amount: try row.decimal("v")))
    })

  static let contractBooks = Feed<OrderBook>(
    market: .swap, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.swap]).id), "limit": .number(ask.limit),
      ]
      return [open("depth/{symbol}", parameters.adding(ask.extra))]
    },
    rows: { answer throws(VenueFault) in
      [answer.body["data"].isNothing ? answer.body : answer.body["data"]]
    },
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "timestamp"),
        bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
        sequence: try row.optionalInteger("version"))
    })

  // MARK: - The account

  static let contractBalances = Feed<Balance>(
    part: .swap, calls: { _ in [contract("GET", "account/assets")] }, rows: oneOrMany,
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("currency"), free: try row.decimal("availableBalance"),
        used: try BinanceLike.sum(row, ["frozenBalance", "positionMargin"]), part: .swap)
    })

  // 1 opens long, 2 closes short, 3 opens short, 4 closes long.
  private static let sides: [String: Side] = ["1": .buy, "2": .buy, "3": .sell, "4": .sell]

  static let contractFills = Feed<Fill>(
    part: .swap, market: .swap,
    paging: Paging(.numbered, most: 100, window: 90 * Paging.day, lookBack: 90 * Paging.day),
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      var parameters: Parameters = [
        "symbol": .string(try ask.needed([.swap]).id), "start_time": .text(ask.from, .milliseconds),
        "end_time": .text(ask.to, .milliseconds),
      ]
      if let from = ask.from, ask.to == nil {
        let end = from.advanced(bySeconds: Int64(90 * Paging.day))
        parameters["end_time"] = .text(
          Instant(microseconds: end.microseconds - 1_000), .milliseconds)
      }
      return [
        contract(
          "GET", "order/list/order_deals", parameters.adding(page(ask)).adding(ask.extra))
      ]
    },
    rows: rows,
    row: { row, _ throws(VenueFault) in
      let settle = try row.optionalText("feeCurrency")
      let profit = try row.optionalDecimal("profit")
      return Fill(
        id: try row.text("id"), order: try row.optionalText("orderId"),
        time: try row.time(.milliseconds, "timestamp"), market: try row.text("symbol"),
        side: try row.word("side", sides), price: try row.decimal("price"),
        amount: try row.decimal("vol"), fees: try row.fees("fee", "feeCurrency"),
        isMaker: try row.optionalFlag("taker").map { !$0 }, part: .swap,
        realised: settle.flatMap { asset in profit.map { VenueAmount(asset, $0) } })
    })

  static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = ["symbol": .text(try ask.optional([.swap])?.id)]
      return [contract("GET", "position/open_positions", parameters.adding(ask.extra))]
    },
    rows: rows,
    row: { row, ask throws(VenueFault) in
      let market = try row.text("symbol")
      return OpenPosition(
        market: market, isLong: try row.word("positionType", ["1": true, "2": false]),
        contracts: try row.decimal("holdVol"),
        contractSize: ask.markets.market(market, .swap)?.contractSize,
        entryPrice: try row.decimalUnlessZero("holdAvgPrice", "openAvgPrice"),
        liquidationPrice: try row.decimalUnlessZero("liquidatePrice"),
        unrealised: try row.optionalDecimal("unrealized"),
        leverage: try row.optionalDecimal("leverage"), margin: try row.optionalDecimal("im"),
        isIsolated: try row.word("openType", ["1": true, "2": false]),
        time: try row.optionalTime(.milliseconds, "updateTime"))
    })

  /// Funding paid and got; the asset is the market's settling one.
  static let funding = Feed<StatementRow>(
    part: .swap, paging: Paging(.numbered, most: 100),
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "symbol": .text(try ask.optional([.swap])?.id), "page_num": .number(ask.page + 1),
        "page_size": .number(min(ask.limit ?? 100, 100)),
      ]
      return [contract("GET", "position/funding_records", parameters.adding(ask.extra))]
    },
    rows: rows,
    row: { row, ask throws(VenueFault) in
      let symbol = try row.text("symbol")
      let settle = ask.markets.market(symbol, .swap)?.settle
      let quote = symbol.split(separator: "_").last.map(String.init)
      guard let asset = settle ?? (quote == "USD" ? nil : quote) else {
        throw row["symbol"].fault("a market that is known")
      }
      return StatementRow(
        id: try row.text("id"), time: try row.time(.milliseconds, "settleTime"), asset: asset,
        amount: try row.decimal("funding"), kind: .marginFee, type: "funding", part: .swap)
    })

  // MARK: - Orders

  private static let types: [String: String] = [
    "1": "limit", "2": "limit", "3": "limit", "4": "limit", "5": "market", "6": "market",
  ]
  private static let states: [String: Order.Status] = [
    "1": .open, "2": .open, "3": .closed, "4": .canceled, "5": .rejected,
  ]

  static let contractOpenOrders = Feed<Order>(
    part: .swap, market: .swap, paging: Paging(.numbered, most: 100), evidence: .recorded,
    calls: { ask throws(VenueFault) in
      var parameters: Parameters = ["symbol": .text(try ask.optional([.swap])?.id)]
      parameters = parameters.adding(page(ask))
      parameters["page_size"] = .number(min(ask.limit ?? 100, 100))
      return [contract("GET", "order/list/open_orders", parameters.adding(ask.extra))]
    },
    rows: rows, row: contractOrder)

  static let contractClosedOrders = Feed<Order>(
    part: .swap, market: .swap,
    paging: Paging(.numbered, most: 100, window: 90 * Paging.day, lookBack: 90 * Paging.day),
    calls: { ask throws(VenueFault) in
      var parameters: Parameters = [
        "symbol": .text(try ask.optional([.swap])?.id), "states": "3",
        "start_time": .text(ask.from, .milliseconds), "end_time": .text(ask.to, .milliseconds),
      ]
      parameters = parameters.adding(page(ask))
      return [contract("GET", "order/list/history_orders", parameters.adding(ask.extra))]
    },
    rows: rows, row: contractOrder)

  /// An order, or the bare number of one that was placed or cancelled.
  static func contractOrder(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    guard case .object? = row.json else {
      return Order(id: try row.text(), clientID: ask.newOrder?.clientID)
    }
    if let code = try row.optionalText("errorCode"), code != "0", row["vol"].isNothing {
      throw .refused(
        faults.refusal(code: code, message: try row.optionalText("errorMsg") ?? "", status: 400))
    }
    let fee = try BinanceLike.sum(row, ["takerFee", "makerFee"])
    let asset = try row.optionalText("feeCurrency")
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("externalOid"),
      time: try row.optionalTime(.milliseconds, "createTime", "ts"),
      market: try row.optionalText("symbol"), type: try row.word("orderType", types),
      side: try row.word("side", sides), price: try row.decimalUnlessZero("price"),
      amount: try row.optionalDecimal("vol"), filled: try row.optionalDecimal("dealVol"),
      average: try row.decimalUnlessZero("dealAvgPrice"), status: try row.word("state", states),
      fees: asset.flatMap { asset in fee.map { [VenueAmount(asset, $0)] } } ?? [])
  }

  // https://www.mexc.com/api-docs/futures/account-and-trading-endpoints
  static func contractPlace(_ order: NewOrder, _ ask: Ask) throws(VenueFault) -> Call {
    let buys = order.isReduceOnly ? 2 : 1
    let sells = order.isReduceOnly ? 4 : 3
    let amount = try BinanceLike.stepped(order.amount, order.market.amountStep)
    var parameters: Parameters = [
      "symbol": .string(order.market.id), "vol": .number(amount),
      "type": .number(typeNumber(order)),
      "openType": .number(2), "side": .number(order.side == .buy ? buys : sells),
      "externalOid": .text(order.clientID),
    ]
    if order.type == .limit {
      guard let price = order.price else { throw .unsupported("a limit order without a price") }
      parameters["price"] = .number(try BinanceLike.ticked(price, order.market.priceStep))
    }
    return contract("POST", "order/create", parameters.adding(ask.extra))
  }

  private static func typeNumber(_ order: NewOrder) -> Int {
    if order.type == .market { return 5 }
    return switch order.timeInForce {
    case .postOnly?: 2
    case .immediateOrCancel?: 3
    case .fillOrKill?: 4
    default: 1
    }
  }
}
