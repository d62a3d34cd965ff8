import Amounts
import Encodings
import Ledger

extension BinanceDialect {
  /// Runs a route that passed every check.
  mutating func run(
    _ route: BinanceRoute, _ request: SimulatedRequest, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    let fields = FormFields(request.query + "&" + request.body)
    if request.path.hasSuffix("/v1/listenKey") { return futuresKey(account) }
    if request.path.hasPrefix("/dapi/") { return BinanceDialect.coins(request.path, at: now) }
    if request.path.hasPrefix("/fapi/") {
      return try runFutures(route, fields, account, at: now)
    }
    switch route.name {
    case "GET /api/v3/ping": return .object(JSONObject())
    case "GET /api/v3/time": return ["serverTime": .millis(now)]
    case "GET /api/v3/exchangeInfo": return try exchangeInfo(fields, at: now)
    case "GET /api/v3/depth": return try depth(fields, at: now)
    case "GET /api/v3/trades": return try publicTrades(fields, at: now, isAggregate: false)
    case "GET /api/v3/aggTrades": return try publicTrades(fields, at: now, isAggregate: true)
    case "GET /api/v3/klines": return try klines(fields, at: now)
    case "GET /api/v3/ticker/24hr": return try tickers(fields) { dayTicker($0, at: now) }
    case "GET /api/v3/ticker/price": return try tickers(fields) { priceTicker($0, at: now) }
    case "GET /api/v3/ticker/bookTicker": return try tickers(fields) { bookTicker($0, at: now) }
    case "GET /api/v3/account": return accountInformation(fields, account, at: now)
    case "GET /api/v3/myTrades": return try myTrades(fields, account, at: now)
    case "GET /api/v3/order": return orderRow(try found(fields, account))
    case "GET /api/v3/openOrders": return try openOrders(fields, account)
    case "GET /api/v3/allOrders": return try allOrders(fields, account)
    case "POST /api/v3/order": return try place(fields, account, at: now)
    case "POST /api/v3/order/test":
      _ = try wish(fields)
      return .object(JSONObject())
    case "DELETE /api/v3/order": return try cancel(fields, account, at: now)
    case "DELETE /api/v3/openOrders": return try cancelAll(fields, account, at: now)
    case "GET /api/v3/rateLimit/order": return BinanceDialect.orderLimits
    case "POST /api/v3/userDataStream": return listenKey(account, at: now)
    case "PUT /api/v3/userDataStream", "DELETE /api/v3/userDataStream":
      return try renew(fields, isEnd: request.method == "DELETE", at: now)
    default: return try runWallet(route, fields, account, at: now)
    }
  }

  // MARK: - Markets

  static let orderLimits: JSON = [
    ["rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100, "count": 0],
    ["rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 200_000, "count": 0],
  ]

  private func exchangeInfo(
    _ fields: FormFields, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    var markets = exchange.listing.markets
    if fields["symbol"] != nil { markets = [try market(fields["symbol"])] }
    let weight: JSON = [
      "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6_000,
    ]
    return [
      "timezone": "UTC", "serverTime": .millis(now), "rateLimits": [weight],
      "exchangeFilters": [], "symbols": .array(markets.map(symbolRow)),
    ]
  }

  private func symbolRow(_ market: SimulatedMarket) -> JSON {
    let price: JSON = [
      "filterType": "PRICE_FILTER", "minPrice": .padded(.step(market.priceDigits), 8),
      "maxPrice": "1000000.00000000", "tickSize": .padded(.step(market.priceDigits), 8),
    ]
    let lot: JSON = [
      "filterType": "LOT_SIZE", "minQty": .padded(market.amountMin, 8),
      "maxQty": "9000000.00000000", "stepSize": .padded(market.amountMin, 8),
    ]
    let notional: JSON = [
      "filterType": "NOTIONAL", "minNotional": .padded(market.costMin, 8),
      "applyMinToMarket": true, "maxNotional": "9000000.00000000", "applyMaxToMarket": false,
      "avgPriceMins": 5,
    ]
    return [
      "symbol": .string(BinanceDialect.symbol(market)), "status": "TRADING",
      "baseAsset": .string(market.base), "baseAssetPrecision": 8,
      "quoteAsset": .string(market.quote), "quotePrecision": 8, "quoteAssetPrecision": 8,
      "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"], "icebergAllowed": false,
      "isSpotTradingAllowed": true, "isMarginTradingAllowed": false,
      "filters": [price, lot, notional], "permissions": [], "permissionSets": [["SPOT"]],
    ]
  }

  private func depth(_ fields: FormFields, at now: Instant) throws(BinanceRefusal) -> JSON {
    let market = try market(fields["symbol"])
    let moment = SimulatedExchange.moment(now)
    let limit = Int(min(max(fields.number("limit") ?? 100, 1), 50))
    // No side has more levels, and the stream tells of all of them.
    let book = exchange.book(market, moment: moment, depth: min(limit, 50))
    return [
      "lastUpdateId": .whole(moment), "bids": .levels(book.bids, market),
      "asks": .levels(book.asks, market),
    ]
  }

  func publicTrades(
    _ fields: FormFields, at now: Instant, isAggregate: Bool
  ) throws(BinanceRefusal) -> JSON {
    let market = try market(fields["symbol"])
    let limit = Int(min(max(fields.number("limit") ?? 500, 1), 1_000))
    let prints = exchange.prints(
      market, after: now.advanced(bySeconds: -1_000), to: now
    ).suffix(limit)
    return .array(
      prints.map { trade in
        if isAggregate {
          return [
            "a": .whole(trade.id), "p": .padded(trade.price, 8), "q": .padded(trade.amount, 8),
            "f": .whole(trade.id), "l": .whole(trade.id), "T": .millis(trade.time),
            "m": .bool(!trade.isBuy), "M": true,
          ]
        }
        return [
          "id": .whole(trade.id), "price": .padded(trade.price, 8),
          "qty": .padded(trade.amount, 8), "quoteQty": .padded(trade.amount * trade.price, 8),
          "time": .millis(trade.time), "isBuyerMaker": .bool(!trade.isBuy), "isBestMatch": true,
        ]
      })
  }

  static let intervals: [String: Int64] = [
    "1s": 1, "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600, "2h": 7_200,
    "4h": 14_400, "6h": 21_600, "8h": 28_800, "12h": 43_200, "1d": 86_400, "3d": 259_200,
    "1w": 604_800,
  ]

  func klines(_ fields: FormFields, at now: Instant) throws(BinanceRefusal) -> JSON {
    let market = try market(fields["symbol"])
    guard let seconds = BinanceDialect.intervals[fields["interval"] ?? ""] else {
      throw BinanceRefusal(400, -1120, "Invalid interval.")
    }
    let limit = Int(min(max(fields.number("limit") ?? 500, 1), 1_000))
    let to = fields.number("endTime").flatMap { Instant(millis: $0) } ?? now
    let from =
      fields.number("startTime").flatMap { Instant(millis: $0) }
      ?? to.advanced(bySeconds: -seconds * Int64(limit - 1))
    let rows = exchange.candles(market, from: from, seconds: seconds, most: limit, at: now)
    return .array(
      rows.filter { $0.start <= to }.map { candle in
        let volume = (candle.volume * candle.close).kept(8)
        return [
          .millis(candle.start), .padded(candle.open, 8), .padded(candle.high, 8),
          .padded(candle.low, 8), .padded(candle.close, 8), .padded(candle.volume, 8),
          .whole(candle.start.milliseconds + seconds * 1_000 - 1), .padded(volume, 8), 100,
          .padded(candle.volume, 8), .padded(volume, 8), "0",
        ]
      })
  }

  /// One ticker for `symbol`, several for `symbols` or none.
  func tickers(
    _ fields: FormFields, _ row: (SimulatedMarket) -> JSON
  ) throws(BinanceRefusal) -> JSON {
    if fields["symbol"] != nil { return row(try market(fields["symbol"])) }
    guard let names = fields["symbols"] else {
      return .array(exchange.listing.markets.map(row))
    }
    let list: JSON
    do { list = try JSON.reading(names) } catch {
      throw BinanceRefusal(400, -1100, "Illegal characters found in parameter 'symbols'.")
    }
    var rows: [JSON] = []
    for name in list.list { rows.append(row(try market(name.plainText))) }
    return .array(rows)
  }

  func dayTicker(_ market: SimulatedMarket, at now: Instant) -> JSON {
    let day = exchange.day(market, at: now)
    let change = day.last - day.open
    let percent = change * Fixed(whole: 100) / day.open
    return [
      "symbol": .string(BinanceDialect.symbol(market)), "priceChange": .padded(change, 8),
      "priceChangePercent": .padded(percent, 3), "weightedAvgPrice": .padded(day.last, 8),
      "prevClosePrice": .padded(day.open, 8), "lastPrice": .padded(day.last, 8),
      "lastQty": .padded(market.amountMin, 8), "bidPrice": .padded(day.bid.price, 8),
      "bidQty": .padded(day.bid.amount, 8), "askPrice": .padded(day.ask.price, 8),
      "askQty": .padded(day.ask.amount, 8), "openPrice": .padded(day.open, 8),
      "highPrice": .padded(day.high, 8), "lowPrice": .padded(day.low, 8),
      "volume": .padded(day.baseVolume, 8), "quoteVolume": .padded(day.quoteVolume, 8),
      "openTime": .millis(now.advanced(bySeconds: -86_400)), "closeTime": .millis(now),
      "firstId": .whole(now.seconds - 86_400), "lastId": .whole(now.seconds), "count": 86_400,
    ]
  }

  private func priceTicker(_ market: SimulatedMarket, at now: Instant) -> JSON {
    [
      "symbol": .string(BinanceDialect.symbol(market)),
      "price": .padded(exchange.prices.fixedPrice(market, at: now), 8),
    ]
  }

  private func bookTicker(_ market: SimulatedMarket, at now: Instant) -> JSON {
    let day = exchange.day(market, at: now)
    return [
      "symbol": .string(BinanceDialect.symbol(market)), "bidPrice": .padded(day.bid.price, 8),
      "bidQty": .padded(day.bid.amount, 8), "askPrice": .padded(day.ask.price, 8),
      "askQty": .padded(day.ask.amount, 8),
    ]
  }

  // MARK: - Account

  private func accountInformation(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) -> JSON {
    var rows: [JSON] = []
    for balance in exchange.balances(account, at: now) {
      if fields["omitZeroBalances"] == "true", balance.total.isZero { continue }
      rows.append([
        "asset": .string(balance.asset), "free": .padded(balance.total - balance.locked, 8),
        "locked": .padded(balance.locked, 8),
      ])
    }
    let known = exchange.accounts[account]
    return [
      "makerCommission": 10, "takerCommission": 10, "buyerCommission": 0, "sellerCommission": 0,
      "canTrade": .bool(known.canTrade), "canWithdraw": .bool(known.canWithdraw),
      "canDeposit": true, "brokered": false, "requireSelfTradePrevention": false,
      "updateTime": .millis(known.events.last?.time ?? now), "accountType": "SPOT",
      "balances": .array(rows), "permissions": ["SPOT"], "uid": .whole(10_000_000 + Int64(account)),
    ]
  }

  /// At most 24 hours between the times; without them the latest rows, else the earliest.
  private func myTrades(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    let market = try market(fields["symbol"])
    let limit = Int(min(max(fields.number("limit") ?? 500, 1), 1_000))
    let from = fields.number("startTime").flatMap { Instant(millis: $0) }
    let to = fields.number("endTime").flatMap { Instant(millis: $0) }
    if let from, let to, to.microseconds - from.microseconds > 86_400_000_000 {
      throw BinanceRefusal(400, -1127, "More than 24 hours between startTime and endTime.")
    }
    let start = fields.number("fromId")
    if start != nil, from != nil || to != nil {
      throw BinanceRefusal(400, -1128, "Combination of optional parameters invalid.")
    }
    var rows = exchange.events(account, [.trade], from: from, to: to, at: now)
      .filter { $0.market == market.index }
    if let start { rows = rows.filter { $0.id >= start } }
    if let order = fields.number("orderId") { rows = rows.filter { $0.order == order } }
    let isLatest = start == nil && from == nil
    let page = isLatest ? rows.suffix(limit) : rows.prefix(limit)
    return .array(page.map { tradeRow($0, market) })
  }

  private func tradeRow(_ event: SimulatedEvent, _ market: SimulatedMarket) -> JSON {
    [
      "symbol": .string(BinanceDialect.symbol(market)), "id": .whole(event.id),
      "orderId": .whole(event.order), "orderListId": -1, "price": .padded(event.price, 8),
      "qty": .padded(event.amount, 8), "quoteQty": .plain(event.otherAmount),
      "commission": .padded(event.fee, 8), "commissionAsset": .string(event.feeAsset),
      "time": .millis(event.time), "isBuyer": .bool(event.isBuy), "isMaker": .bool(event.isMaker),
      "isBestMatch": true,
    ]
  }

  // MARK: - Listen keys
  // "listenKey is valid for 60 minutes": https://developers.binance.com/docs/margin_trading/trade-data-stream/Connect

  private mutating func listenKey(_ account: Int, at now: Instant) -> JSON {
    let ends = now.advanced(bySeconds: 3_600)
    let known = listenKeys.first { $0.value.account == account && $0.value.ends > now }?.key
    let key =
      known ?? SeededText.letters(60, mixed(UInt64(account), UInt64(bitPattern: now.seconds)))
    listenKeys[key] = (account, ends)
    return ["listenKey": .string(key)]
  }

  private mutating func renew(
    _ fields: FormFields, isEnd: Bool, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    guard let key = fields["listenKey"] else { throw .missing("listenKey") }
    guard let known = listenKeys[key], known.ends > now else {
      throw BinanceRefusal(400, -1125, "This listenKey does not exist.")
    }
    listenKeys[key] = isEnd ? nil : (known.account, now.advanced(bySeconds: 3_600))
    return .object(JSONObject())
  }
}
