import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/introduction
extension CoinbaseDialect {
  mutating func run(
    _ request: SimulatedRequest, _ account: Int, at now: Instant
  ) throws(CoinbaseRefusal) -> JSON {
    let parts = request.parts
    let fields = request.queryFields
    if parts.first == "v2" {
      return try runOld(Array(parts.dropFirst()), request, account, at: now)
    }
    guard parts.count >= 4, parts[0] == "api", parts[1] == "v3", parts[2] == "brokerage" else {
      throw CoinbaseRefusal(404, "NOT_FOUND", "route not found")
    }
    var rest = Array(parts.dropFirst(3))
    if rest.first == "market" { rest.removeFirst() }
    let id = rest.count > 1 ? rest[1] : ""
    switch (request.method, rest.first ?? "", rest.count) {
    case ("GET", "time", 1):
      return [
        "iso": .iso(now), "epochSeconds": .wholeText(now.seconds),
        "epochMillis": .wholeText(now.milliseconds),
      ]
    case ("GET", "accounts", 1): return accounts(fields, account, at: now)
    case ("GET", "accounts", 2): return try oneAccount(id, account, at: now)
    case ("GET", "products", 1): return products(fields, at: now)
    case ("GET", "products", 2): return productRow(try market(id), at: now)
    case ("GET", "products", 3):
      let market = try market(id)
      return rest[2] == "candles"
        ? try candles(market, fields, at: now) : trades(market, fields, at: now)
    case ("GET", "product_book", 1): return try book(fields, at: now)
    case ("GET", "best_bid_ask", 1): return try best(fields, at: now)
    case ("GET", "key_permissions", 1): return permissions(account)
    case ("GET", "transaction_summary", 1): return CoinbaseDialect.summary
    case ("GET", "cfm", 2) where id == "balance_summary":
      return ["balance_summary": CoinbaseDialect.noFutures]
    case ("GET", "cfm", 2) where id == "positions": return ["positions": []]
    case ("GET", "portfolios", 1):
      let row: JSON = ["name": "Default", "uuid": .string(portfolio(account)), "type": "DEFAULT"]
      return ["portfolios": [row]]
    default: return try runOrders(rest, request, account, at: now)
    }
  }

  private static let summary: JSON = [
    "total_volume": 0, "total_fees": 0,
    "fee_tier": [
      "pricing_tier": "Advanced 1", "taker_fee_rate": "0.006", "maker_fee_rate": "0.004",
    ],
  ]

  private static let noFutures: JSON = {
    let none: JSON = ["value": "0", "currency": "USD"]
    return [
      "futures_buying_power": none, "total_usd_balance": none, "cbi_usd_balance": none,
      "cfm_usd_balance": none, "unrealized_pnl": none, "initial_margin": none,
    ]
  }()

  func portfolio(_ account: Int) -> String {
    SeededText.uuid(mixed(exchange.seed, UInt64(account), 74))
  }

  private func permissions(_ account: Int) -> JSON {
    let known = exchange.accounts[account]
    return [
      "can_view": true, "can_trade": .bool(known.canTrade),
      "can_transfer": .bool(known.canWithdraw), "portfolio_uuid": .string(portfolio(account)),
      "portfolio_type": "DEFAULT",
    ]
  }

  // MARK: - Accounts

  private func accounts(_ fields: FormFields, _ account: Int, at now: Instant) -> JSON {
    let limit = Int(min(max(fields.number("limit") ?? 49, 1), 250))
    let first = Int(min(max(fields.number("cursor") ?? 0, 0), 100_000))
    let balances = exchange.balances(account, at: now)
    let page = balances.dropFirst(first).prefix(limit)
    let hasNext = first + page.count < balances.count
    return [
      "accounts": .array(page.map { accountRow($0, account, at: now) }), "has_next": .bool(hasNext),
      "cursor": .string(hasNext ? String(first + page.count) : ""), "size": .count(page.count),
    ]
  }

  private func oneAccount(
    _ id: String, _ account: Int, at now: Instant
  ) throws(CoinbaseRefusal) -> JSON {
    let found = exchange.balances(account, at: now).first { wallet($0.asset, account) == id }
    guard let found else { throw CoinbaseRefusal(404, "NOT_FOUND", "account not found") }
    return ["account": accountRow(found, account, at: now)]
  }

  private func accountRow(
    _ balance: (asset: String, total: Fixed, locked: Fixed), _ account: Int, at now: Instant
  ) -> JSON {
    func money(_ value: Fixed) -> JSON {
      ["value": .plain(value), "currency": .string(balance.asset)]
    }
    let isFiat = balance.asset == "USD" || balance.asset == "EUR"
    return [
      "uuid": .string(wallet(balance.asset, account)), "name": .string("\(balance.asset) Wallet"),
      "currency": .string(balance.asset),
      "available_balance": money(balance.total - balance.locked), "default": true, "active": true,
      "created_at": "2021-05-31T09:59:59Z", "updated_at": .iso(now), "deleted_at": .null,
      "type": .string(isFiat ? "ACCOUNT_TYPE_FIAT" : "ACCOUNT_TYPE_CRYPTO"), "ready": true,
      "hold": money(balance.locked), "retail_portfolio_id": .string(portfolio(account)),
      "platform": "ACCOUNT_PLATFORM_CONSUMER",
    ]
  }

  // MARK: - Markets

  private func products(_ fields: FormFields, at now: Instant) -> JSON {
    let wanted = fields.all("product_ids")
    let markets = exchange.listing.markets.filter {
      wanted.isEmpty || wanted.contains(CoinbaseDialect.product($0))
    }
    let offset = Int(min(max(fields.number("offset") ?? 0, 0), 100_000))
    let limit = Int(min(max(fields.number("limit") ?? 1_000, 1), 1_000))
    let isOther = (fields["product_type"] ?? "SPOT") != "SPOT"
    let page =
      isOther ? [] : markets.dropFirst(offset).prefix(limit).map { productRow($0, at: now) }
    return ["products": .array(page), "num_products": .count(page.count)]
  }

  private func productRow(_ market: SimulatedMarket, at now: Instant) -> JSON {
    let day = exchange.day(market, at: now)
    let percent = ((day.last - day.open) * 100.fixed / day.open).kept(8)
    let step = JSON.plain(.step(market.priceDigits))
    return [
      "product_id": .string(CoinbaseDialect.product(market)), "price": .plain(day.last),
      "price_percentage_change_24h": .plain(percent), "volume_24h": .plain(day.baseVolume),
      "volume_percentage_change_24h": "0", "base_increment": .plain(market.amountMin),
      "quote_increment": step, "price_increment": step, "quote_min_size": .plain(market.costMin),
      "quote_max_size": "150000000", "base_min_size": .plain(market.amountMin),
      "base_max_size": "3400000", "base_name": .string(market.base),
      "quote_name": .string(market.quote), "watched": false, "is_disabled": false, "new": false,
      "status": "online", "cancel_only": false, "limit_only": false, "post_only": false,
      "trading_disabled": false, "auction_mode": false, "product_type": "SPOT",
      "quote_currency_id": .string(market.quote), "base_currency_id": .string(market.base),
      "mid_market_price": "", "alias": "", "alias_to": [],
      "base_display_symbol": .string(market.base), "quote_display_symbol": .string(market.quote),
      "view_only": false, "approximate_quote_24h_volume": .plain(day.quoteVolume),
    ]
  }

  private func levels(_ levels: [(price: Fixed, amount: Fixed)]) -> JSON {
    .array(levels.map { ["price": .plain($0.price), "size": .plain($0.amount)] })
  }

  private func bookRow(_ market: SimulatedMarket, _ depth: Int, at now: Instant) -> JSON {
    let book = exchange.book(market, moment: SimulatedExchange.moment(now), depth: depth)
    return [
      "product_id": .string(CoinbaseDialect.product(market)), "bids": levels(book.bids),
      "asks": levels(book.asks), "time": .iso(now),
    ]
  }

  private func book(_ fields: FormFields, at now: Instant) throws(CoinbaseRefusal) -> JSON {
    let limit = Int(min(max(fields.number("limit") ?? 50, 1), 50))
    return ["pricebook": bookRow(try market(fields["product_id"]), limit, at: now)]
  }

  private func best(_ fields: FormFields, at now: Instant) throws(CoinbaseRefusal) -> JSON {
    let wanted = fields.all("product_ids")
    let markets = exchange.listing.markets.filter {
      wanted.isEmpty || wanted.contains(CoinbaseDialect.product($0))
    }
    return ["pricebooks": .array(markets.map { bookRow($0, 1, at: now) })]
  }

  private func trades(_ market: SimulatedMarket, _ fields: FormFields, at now: Instant) -> JSON {
    let limit = Int(min(max(fields.number("limit") ?? 100, 1), 1_000))
    let to = fields.number("end").map { Instant(seconds: $0) } ?? now
    let from = fields.number("start").map { Instant(seconds: $0) }
    let prints = exchange.prints(
      market, after: from ?? to.advanced(bySeconds: -1_000), to: to < now ? to : now)
    let rows = prints.reversed().prefix(limit).map { trade -> JSON in
      [
        "trade_id": .wholeText(trade.id), "product_id": .string(CoinbaseDialect.product(market)),
        "price": .plain(trade.price), "size": .plain(trade.amount), "time": .iso(trade.time),
        "side": trade.isBuy ? "BUY" : "SELL", "bid": "", "ask": "",
      ]
    }
    let day = exchange.day(market, at: now)
    return [
      "trades": .array(rows), "best_bid": .plain(day.bid.price), "best_ask": .plain(day.ask.price),
    ]
  }

  private static let granularities: [String: Int64] = [
    "ONE_MINUTE": 60, "FIVE_MINUTE": 300, "FIFTEEN_MINUTE": 900, "THIRTY_MINUTE": 1_800,
    "ONE_HOUR": 3_600, "TWO_HOUR": 7_200, "FOUR_HOUR": 14_400, "SIX_HOUR": 21_600,
    "ONE_DAY": 86_400,
  ]

  /// Fewer than 350 candles a call.
  private func candles(
    _ market: SimulatedMarket, _ fields: FormFields, at now: Instant
  ) throws(CoinbaseRefusal) -> JSON {
    guard let seconds = CoinbaseDialect.granularities[fields["granularity"] ?? ""] else {
      throw CoinbaseRefusal(400, "INVALID_ARGUMENT", "granularity argument is invalid")
    }
    let end = fields.number("end") ?? now.seconds
    let start = fields.number("start") ?? end - seconds * 300
    guard start <= end, (end - start) / seconds < 350 else {
      throw CoinbaseRefusal(
        400, "INVALID_ARGUMENT", "number of candles requested should be less than 350")
    }
    let rows = exchange.candles(
      market, from: Instant(seconds: start), seconds: seconds, most: 350, at: now
    ).filter { $0.start.seconds <= end }.reversed().map { candle -> JSON in
      [
        "start": .wholeText(candle.start.seconds), "low": .plain(candle.low),
        "high": .plain(candle.high), "open": .plain(candle.open), "close": .plain(candle.close),
        "volume": .plain(candle.volume),
      ]
    }
    return ["candles": .array(Array(rows))]
  }
}
