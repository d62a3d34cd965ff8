import Amounts
import Encodings
import Ledger
import VenueKit

// Markets, prices and orders at BingX. https://bingx-api.github.io/docs-v3/

extension Bingx {
  /// Which of three interfaces: spot, perpetuals in USDT, perpetuals in the coin.
  static func id(_ ask: Ask, _ part: AccountPart) throws(VenueFault) -> JSON {
    switch part {
    case .spot: .string(try ask.needed([.spot]).id)
    default: .string(try ask.needed([.swap], isInverse: part == .inverse).id)
    }
  }

  private static func optionalID(_ ask: Ask, _ part: AccountPart) throws(VenueFault) -> JSON? {
    ask.market == nil ? nil : try id(ask, part)
  }

  private static func kind(_ part: AccountPart) -> MarketKind { part == .spot ? .spot : .swap }

  // MARK: - Markets

  static let spotMarkets = Feed<Market>(
    market: .spot, calls: { _ in [open("spot.v1", "common/symbols")] }, rows: rows("symbols"),
    row: { row, _ throws(VenueFault) in
      let id = try row.text("symbol")
      let names = id.split(separator: "-").map(String.init)
      guard names.count == 2 else { throw row["symbol"].fault("two assets with a dash") }
      return Market(
        id: id, base: names[0], quote: names[1],
        isActive: try row.optionalText("status").map { $0 == "1" },
        amountStep: try row.optionalDecimal("stepSize"),
        priceStep: try row.optionalDecimal("tickSize"), amountMin: nil,
        costMin: try row.optionalDecimal("minNotional"))
    })

  /// Amounts of perpetuals in USDT are in the base asset.
  static let contracts = Feed<Market>(
    market: .swap, calls: { _ in [open("swap.v2", "quote/contracts")] }, rows: rows(),
    row: { row, _ throws(VenueFault) in
      let currency = try row.text("currency")
      return Market(
        id: try row.text("symbol"), base: try row.text("asset"), quote: currency, settle: currency,
        kind: .swap, isActive: try row.optionalText("status").map { $0 == "1" },
        contractSize: .one, amountStep: try row.step(digits: "quantityPrecision"),
        priceStep: try row.step(digits: "pricePrecision"),
        amountMin: try row.optionalDecimal("tradeMinQuantity"),
        costMin: try row.optionalDecimal("tradeMinUSDT"))
    })

  /// A contract settled in the coin is worth `minTickSize` dollars.
  static let inverseContracts = Feed<Market>(
    part: .inverse, market: .swap, calls: { _ in [open("cswap.v1", "market/contracts")] },
    rows: rows(),
    row: { row, _ throws(VenueFault) in
      let id = try row.text("symbol")
      let names = id.split(separator: "-").map(String.init)
      guard names.count == 2 else { throw row["symbol"].fault("two assets with a dash") }
      return Market(
        id: id, base: names[0], quote: names[1], settle: names[0], kind: .swap,
        isActive: try row.optionalText("status").map { $0 == "1" },
        contractSize: try row.optionalDecimal("minTickSize"),
        priceStep: try row.step(digits: "pricePrecision"),
        amountMin: try row.optionalDecimal("minQty"))
    })

  static let tickers: [Feed<Ticker>] = [
    ticker(.spot, "spot.v1", "ticker/24hr", .recorded),
    ticker(.swap, "swap.v2", "quote/ticker", .documented),
    ticker(.inverse, "cswap.v1", "market/ticker", .documented),
  ]

  private static func ticker(
    _ part: AccountPart, _ surface: String, _ path: String, _ evidence: Evidence
  ) -> Feed<Ticker> {
    Feed(
      market: kind(part), evidence: evidence,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["symbol": try optionalID(ask, part)]
        return [open(surface, path, parameters.adding(ask.extra))]
      }, rows: rows(), row: BinanceLike.ticker)
  }

  static let candles: [Feed<Candle>] = [
    candle(.spot, "spot.v1", "market/kline", .recorded),
    candle(.swap, "swap.v3", "quote/klines", .documented),
    candle(.inverse, "cswap.v1", "market/klines", .documented),
  ]

  private static func candle(
    _ part: AccountPart, _ surface: String, _ path: String, _ evidence: Evidence
  ) -> Feed<Candle> {
    Feed(
      market: kind(part), paging: Paging(.forward, most: 1_000), scope: .eachMarket,
      evidence: evidence,
      calls: { ask throws(VenueFault) in
        guard let word = BinanceLike.intervals[ask.interval], ask.interval >= 60 else {
          throw .unsupported("candles of \(ask.interval) s")
        }
        let parameters: Parameters = [
          "symbol": try id(ask, part), "interval": .string(word),
        ]
        let range = ask.range("startTime", "endTime", "limit", most: 1_440)
        return [open(surface, path, parameters.adding(range).adding(ask.extra))]
      }, rows: rows(), row: BinanceLike.candle)
  }

  static let trades: [Feed<PublicTrade>] = [
    trade(.spot, "spot.v1", "market/trades", .recorded),
    trade(.swap, "swap.v2", "quote/trades", .documented),
  ]

  private static func trade(
    _ part: AccountPart, _ surface: String, _ path: String, _ evidence: Evidence
  ) -> Feed<PublicTrade> {
    Feed(
      market: kind(part), paging: Paging(.single, most: 500), scope: .eachMarket,
      evidence: evidence,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["symbol": try id(ask, part), "limit": .number(ask.limit)]
        return [open(surface, path, parameters.adding(ask.extra))]
      }, rows: rows(),
      row: { row, ask throws(VenueFault) in
        guard var trade = try BinanceLike.publicTrade(row, ask) else { return nil }
        trade.id = try row.optionalText("id", "fillId", "t")
        if let market = try row.optionalText("s") { trade.market = market }
        return trade
      })
  }

  static let books: [Feed<OrderBook>] = [
    book(.spot, "spot.v1", "market/depth"), book(.swap, "swap.v2", "quote/depth"),
    book(.inverse, "cswap.v1", "market/depth"),
  ]

  private static func book(
    _ part: AccountPart, _ surface: String, _ path: String
  ) -> Feed<OrderBook> {
    Feed(
      market: kind(part), scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["symbol": try id(ask, part), "limit": .number(ask.limit)]
        return [open(surface, path, parameters.adding(ask.extra))]
      }, rows: rows(),
      row: { row, ask throws(VenueFault) in
        OrderBook(
          market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "ts", "T"),
          bids: try levels(row["bids"]), asks: try levels(row["asks"]),
          sequence: try row.optionalInteger("lastUpdateId"))
      })
  }

  /// Levels of a book, cut to 18 decimals: some carry the noise of binary fractions behind them.
  private static func levels(_ node: Node) throws(VenueFault) -> [BookLevel] {
    var levels: [BookLevel] = []
    for level in try node.optionalElements() {
      levels.append(BookLevel(try level[0].decimal(), try cut(level[1])))
    }
    return levels
  }

  private static func cut(_ node: Node) throws(VenueFault) -> Fixed {
    let text = try node.text()
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].count > Fixed.fractionDigits, !text.contains("e") else {
      return try node.decimal()
    }
    guard let value = try? Fixed(parsing: parts[0] + "." + parts[1].prefix(Fixed.fractionDigits))
    else { throw node.fault("a decimal number") }
    return value
  }

  // MARK: - Orders

  static func orders(_ part: AccountPart, _ surface: String, _ path: String) -> Feed<Order> {
    Feed(
      part: part, market: kind(part),
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["symbol": try optionalID(ask, part)]
        return [call(surface, "GET", path, parameters.adding(ask.extra))]
      }, rows: rows("orders", "list"), row: order)
  }

  static func closed(_ part: AccountPart, _ surface: String, _ path: String) -> Feed<Order> {
    Feed(
      part: part, market: kind(part),
      paging: Paging(
        .backward, most: part == .spot ? 100 : 1_000, window: 7 * Paging.day,
        lookBack: 90 * Paging.day),
      scope: .eachMarket, evidence: part == .spot ? .recorded : .documented,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["symbol": try id(ask, part)]
        let count = part == .spot ? "pageSize" : "limit"
        let range = ask.range("startTime", "endTime", count, most: part == .spot ? 100 : 1_000)
        return [call(surface, "GET", path, parameters.adding(range).adding(ask.extra))]
      }, rows: rows("orders", "list"),
      row: { row, ask throws(VenueFault) in
        let found = try order(row, ask)
        return found?.status == .open ? nil : found
      })
  }

  private static let statuses: [String: Order.Status] = [
    "PENDING": .open, "RUNNING": .open, "WORKING": .open, "CANCELLED": .canceled,
    "FAILED": .canceled,
  ]

  private static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    guard var order = try BinanceLike.order(row, ask) else { return nil }
    order.clientID = try row.optionalText("clientOrderId", "clientOrderID")
    let status = try row.word("status", statuses)
    order.status = status ?? order.status
    let market = ask.market ?? order.market.flatMap { ask.markets.market($0) }
    if let fee = try row.optionalDecimal("fee", "commission"), let market {
      let isBase = market.kind == .spot ? order.side == .buy : market.isInverse
      let asset = try row.optionalText("feeAsset") ?? (isBase ? market.base : market.quote)
      order.fees = [VenueAmount(asset, try row.minus(fee))]
    }
    return order
  }

  private static func part(_ ask: Ask) throws(VenueFault) -> AccountPart {
    var ask = ask
    if let order = ask.newOrder { ask.market = order.market }
    let market = try ask.needed()
    return market.kind == .spot ? .spot : market.isInverse ? .inverse : .swap
  }

  /// An order's parameters: its market and one of its ids.
  private static func name(
    _ ask: Ask, _ part: AccountPart
  ) throws(VenueFault) -> Parameters {
    var parameters: Parameters = ["symbol": try id(ask, part)]
    if let id = ask.order {
      parameters["orderId"] = .string(id)
    } else if let own = ask.clientOrder {
      parameters["clientOrderID"] = .string(own)
    } else {
      throw .unsupported("an order without an id")
    }
    return parameters.adding(ask.extra)
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 40, row: order,
    place: { ask throws(VenueFault) in try place(ask) },
    cancel: { ask throws(VenueFault) in
      let part = try part(ask)
      let parameters = try name(ask, part)
      return switch part {
      case .spot: call("spot.v1", "POST", "trade/cancel", parameters)
      case .inverse: call("cswap.v1", "DELETE", "trade/cancelOrder", parameters)
      default: call("swap.v2", "DELETE", "trade/order", parameters)
      }
    },
    find: { ask throws(VenueFault) in
      let part = try part(ask)
      let parameters = try name(ask, part)
      return switch part {
      case .spot: call("spot.v1", "GET", "trade/query", parameters)
      case .inverse: call("cswap.v1", "GET", "trade/orderDetail", parameters)
      default: call("swap.v2", "GET", "trade/order", parameters)
      }
    }, open: orders(.spot, "spot.v1", "trade/openOrders"), rows: rows("order"))

  private static func place(_ ask: Ask) throws(VenueFault) -> Call {
    guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
    let part = try part(ask)
    let force = order.timeInForce.map { $0 == .postOnly ? "PostOnly" : $0.rawValue }
    var parameters: Parameters = [
      "symbol": .string(order.market.id), "type": .string(order.type.rawValue.uppercased()),
      "side": .string(order.side.rawValue.uppercased()), "timeInForce": .text(force),
      "quantity": .text(try BinanceLike.stepped(order.amount, order.market.amountStep)),
    ]
    if order.type == .limit {
      guard let price = order.price else { throw .unsupported("a limit order without a price") }
      parameters["price"] = .text(try BinanceLike.ticked(price, order.market.priceStep))
    }
    guard part != .spot else {
      parameters["newClientOrderId"] = .text(order.clientID)
      return call("spot.v1", "POST", "trade/order", parameters.adding(ask.extra))
    }
    parameters["positionSide"] = "BOTH"
    if order.isReduceOnly { parameters["reduceOnly"] = "true" }
    parameters["clientOrderID"] = .text(order.clientID)
    let surface = part == .inverse ? "cswap.v1" : "swap.v2"
    return call(surface, "POST", "trade/order", parameters.adding(ask.extra))
  }
}
