import Amounts
import Encodings
import Ledger
import VenueKit

// What Bybit tells anybody, and orders.

extension Bybit {
  // https://bybit-exchange.github.io/docs/v5/market/instrument
  static func markets(_ category: Category) -> Feed<Market> {
    Feed(
      market: category.kind, paging: Paging(.cursor, most: 1_000),
      calls: { ask in
        let parameters: Parameters = [
          "category": .string(category.rawValue), "limit": category == .spot ? nil : "1000",
          "cursor": .text(ask.cursor),
        ]
        return [look("instruments-info", parameters)]
      },
      rows: list, row: { row, _ throws(VenueFault) in try market(row, category) }, next: cursor)
  }

  private static func market(_ row: Node, _ category: Category) throws(VenueFault) -> Market? {
    let id = try row.text("symbol")
    let (lot, price) = (row["lotSizeFilter"], row["priceFilter"])
    let contract = try row.optionalText("contractType") ?? ""
    var kind = category.kind
    if contract.hasSuffix("Futures") { kind = .future }
    let parts = id.split(separator: "-")
    let strike = category == .option && parts.count > 2 ? try? Fixed(parsing: parts[2]) : nil
    return Market(
      id: id, base: try row.text("baseCoin"), quote: try row.text("quoteCoin"),
      settle: try row.optionalText("settleCoin"), kind: kind,
      isActive: try row.optionalText("status").map { $0 == "Trading" },
      contractSize: category == .spot ? nil : .one,
      amountStep: try lot.optionalDecimal("basePrecision", "qtyStep"),
      priceStep: try price.optionalDecimal("tickSize"),
      amountMin: try lot.optionalDecimal("minOrderQty"),
      amountMax: lot.shownDecimal("maxLimitOrderQty", "maxOrderQty"),
      costMin: try lot.optionalDecimal("minOrderAmt", "minNotionalValue"),
      expiry: try row.optionalTime(.milliseconds, "deliveryTime"), strike: strike)
  }

  // https://bybit-exchange.github.io/docs/v5/asset/coin-info
  static let assets = Feed<ListedAsset>(
    evidence: .recorded, calls: { _ in [get("asset/coin/query-info", [:], "asset")] },
    rows: Pick.list("result", "rows"),
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row["chains"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text("chain"), fee: chain.shownDecimal("withdrawFee"),
            withdrawMin: chain.shownDecimal("withdrawMin"),
            contract: try chain.optionalText("contractAddress"),
            canDeposit: try chain.optionalFlag("chainDeposit"),
            canWithdraw: try chain.optionalFlag("chainWithdraw")))
      }
      return ListedAsset(
        id: try row.text("coin"), name: try row.optionalText("name"), networks: networks)
    })

  static func tickers(_ category: Category) -> Feed<Ticker> {
    Feed(
      market: category.kind, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        var parameters = try category.named(ask)
        if category == .option, ask.market == nil {
          parameters["baseCoin"] = .string(ask.manyMarkets.first?.base ?? ask.asset ?? "BTC")
        }
        return [look("tickers", parameters)]
      },
      rows: list,
      row: { row, _ throws(VenueFault) in
        Ticker(
          market: try row.text("symbol"), last: try row.optionalDecimal("lastPrice"),
          bid: try row.optionalDecimal("bid1Price", "bidPrice"),
          ask: try row.optionalDecimal("ask1Price", "askPrice"),
          high: try row.optionalDecimal("highPrice24h"),
          low: try row.optionalDecimal("lowPrice24h"),
          open: try row.optionalDecimal("prevPrice24h"),
          baseVolume: try row.optionalDecimal("volume24h"),
          quoteVolume: row.shownDecimal("turnover24h"))
      })
  }

  static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 1_000), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1", 180: "3", 300: "5", 900: "15", 1_800: "30", 3_600: "60", 7_200: "120",
        14_400: "240", 21_600: "360", 43_200: "720", 86_400: "D", 604_800: "W", 2_592_000: "M",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      var parameters = try category(ask)
      parameters["interval"] = .string(word)
      parameters["start"] = .text(ask.from, .milliseconds)
      parameters["end"] = .text(ask.to, .milliseconds)
      parameters["limit"] = .text(String(min(ask.limit ?? 200, 1_000)))
      return [look("kline", parameters)]
    },
    rows: list,
    row: { row, _ throws(VenueFault) in
      try Candle(row, .milliseconds)
    })

  static let trades = Feed<PublicTrade>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [
        look("recent-trade", try category(ask).adding(ask.range(nil, nil, "limit", most: 1_000)))
      ]
    },
    rows: list,
    row: { row, _ throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("execId"), time: try row.time(.milliseconds, "time"),
        market: try row.text("symbol"), side: try row.side("side"),
        price: try row.decimal("price"), amount: try row.decimal("size"))
    })

  static let books = Feed<OrderBook>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      var parameters = try category(ask)
      let usual = parameters["category"] == "spot" ? 50 : 25
      parameters["limit"] = .text(String(ask.limit ?? usual))
      return [look("orderbook", parameters)]
    },
    rows: Pick.one("result"),
    row: { row, _ throws(VenueFault) in
      OrderBook(
        market: try row.text("s"), time: try row.optionalTime(.milliseconds, "ts"),
        bids: try OrderBook.levels(row["b"]), asks: try OrderBook.levels(row["a"]),
        sequence: try row.optionalInteger("u"))
    })

  // MARK: - Orders

  // https://bybit-exchange.github.io/docs/v5/order/open-order
  static func openOrders(_ category: Category) -> Feed<Order> {
    Feed(
      part: category.part, market: category.kind, paging: Paging(.cursor, most: 50),
      calls: { ask throws(VenueFault) in
        var parameters = try category.named(ask).adding(ask.range(nil, nil, "limit", most: 50))
        if ask.market == nil, category == .linear { parameters["settleCoin"] = "USDT" }
        parameters["cursor"] = .text(ask.cursor)
        return [get("order/realtime", parameters)]
      },
      rows: list, row: order, next: cursor)
  }

  // https://bybit-exchange.github.io/docs/v5/order/order-list: windows of 7 days, two years
  static func closedOrders(_ category: Category, _ status: String) -> Feed<Order> {
    Feed(
      part: category.part, market: category.kind,
      paging: Paging(.cursor, most: 50, window: 7 * Paging.day, lookBack: 730 * Paging.day),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let state: Parameters = ["orderStatus": .string(status)]
        let parameters = try category.named(ask).adding(state).adding(page(ask, most: 50))
        return [get("order/history", parameters)]
      },
      rows: list, row: order, next: cursor)
  }

  static let desk = OrderDesk(
    place: Feed(
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        [Call("private", "POST", "v5/order/create", try placing(ask))]
      }, rows: Pick.one("result"), row: order),
    cancel: Feed(
      calls: { ask throws(VenueFault) in
        [Call("private", "POST", "v5/order/cancel", try naming(ask))]
      }, rows: Pick.one("result"), row: order),
    find: Feed(
      evidence: .recorded,
      calls: { ask throws(VenueFault) in [get("order/realtime", try naming(ask))] },
      rows: list, row: order),
    open: Feed(
      calls: { ask throws(VenueFault) in
        [get("order/realtime", try category(ask).adding(ask.range(nil, nil, "limit", most: 50)))]
      }, rows: list, row: order), clientIDMost: 36)

  private static func naming(_ ask: Ask) throws(VenueFault) -> Parameters {
    var parameters = try category(ask)
    parameters["orderId"] = .text(ask.order)
    if ask.order == nil { parameters["orderLinkId"] = .text(ask.clientOrder) }
    return parameters
  }

  // https://bybit-exchange.github.io/docs/v5/order/create-order
  private static func placing(_ ask: Ask) throws(VenueFault) -> Parameters {
    guard let wanted = ask.newOrder, let category = Category(wanted.market) else {
      throw .unsupported("placing no order")
    }
    let isMarket = wanted.type == .market
    let force: [TimeInForce: JSON] = [
      .immediateOrCancel: "IOC", .fillOrKill: "FOK", .postOnly: "PostOnly",
      .goodTillCancelled: "GTC",
    ]
    let parameters: Parameters = [
      "symbol": .string(wanted.market.id), "side": wanted.side == .buy ? "Buy" : "Sell",
      "orderType": isMarket ? "Market" : "Limit",
      "timeInForce": wanted.timeInForce.flatMap { force[$0] },
      "price": isMarket ? nil : .text(wanted.price), "category": .string(category.rawValue),
      "marketUnit": isMarket && category == .spot ? "baseCoin" : nil,
      "qty": .string(wanted.amount.text), "reduceOnly": wanted.isReduceOnly ? true : nil,
      "orderLinkId": .text(wanted.clientID),
    ]
    return parameters.adding(ask.extra)
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let status = try row.word("orderStatus", orderWords)
    let filled = try row.optionalDecimal("cumExecQty")
    let average = try row.decimalUnlessZero("avgPrice")
    let isCost = try row.optionalText("marketUnit") == "quoteCoin"
    var fees: [VenueAmount] = []
    for fee in try row["cumFeeDetail"].optionalMembers() {
      fees.append(VenueAmount(fee.key, try fee.decimal()))
    }
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("orderLinkId"),
      time: try row.optionalTime(.milliseconds, "createdTime", "createdAt"),
      market: try row.optionalText("symbol"),
      type: try row.optionalText("orderType")?.lowercased(), side: try row.side("side"),
      price: try row.decimalUnlessZero("price") ?? average,
      amount: isCost ? (status == .closed ? filled : nil) : try row.optionalDecimal("qty"),
      filled: filled, cost: try row.optionalDecimal("cumExecValue"), average: average,
      status: status, fees: fees)
  }

  // https://bybit-exchange.github.io/docs/v5/enum#orderstatus
  private static let orderWords: [String: Order.Status] = [
    "Created": .open, "New": .open, "PartiallyFilled": .open, "Untriggered": .open,
    "Triggered": .open, "Active": .open, "Filled": .closed,
    "PartiallyFilledCanceled": .canceled, "Cancelled": .canceled, "Deactivated": .canceled,
    "Rejected": .rejected,
  ]
}
