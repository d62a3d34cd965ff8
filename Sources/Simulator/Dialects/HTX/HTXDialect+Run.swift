import Amounts
import Encodings
import Ledger
import VenueKit

extension HTXDialect {
  mutating func run(
    _ request: SimulatedRequest, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    let fields = request.queryFields
    switch "\(request.method) \(request.path)" {
    case "GET /v1/common/timestamp": return ["status": "ok", "data": .millis(now)]
    case "GET /v2/market-status": return answer(["marketStatus": 1])
    case "GET /v1/common/symbols": return ok(.array(exchange.listing.markets.map(symbolRow)))
    case "GET /v2/settings/common/symbols", "GET /v1/settings/common/symbols":
      return [
        "status": "ok", "data": .array(exchange.listing.markets.map(settingsRow)),
        "ts": .wholeText(now.milliseconds), "full": 1,
      ]
    case "GET /v2/reference/currencies": return answer(currencies(fields))
    case "GET /market/tickers":
      let rows = exchange.listing.markets.map { tickerRow($0, at: now) }
      return ["data": .array(rows), "status": "ok", "ts": .millis(now)]
    case "GET /market/detail/merged":
      let market = try market(fields["symbol"])
      return told(
        "\(HTXDialect.symbol(market)).detail.merged", "tick", merged(market, at: now), now)
    case "GET /market/depth": return try depth(fields, at: now)
    case "GET /market/history/trade": return try trades(fields, at: now)
    case "GET /market/history/kline", "GET /market/history/candles":
      return try candles(fields, at: now)
    default: return try runAccount(request, fields, account, at: now)
    }
  }

  /// An answer of `v1`.
  func ok(_ data: JSON) -> JSON { ["status": "ok", "data": data] }
  /// An answer of `v2`.
  func answer(_ data: JSON) -> JSON { ["code": 200, "message": "success", "data": data] }

  private func told(_ channel: String, _ name: String, _ value: JSON, _ now: Instant) -> JSON {
    ["ch": .string("market." + channel), "status": "ok", "ts": .millis(now), name: value]
  }

  // MARK: - Markets

  private func symbolRow(_ market: SimulatedMarket) -> JSON {
    [
      "base-currency": .string(market.base.lowercased()),
      "quote-currency": .string(market.quote.lowercased()),
      "price-precision": .count(market.priceDigits),
      "amount-precision": .count(market.amountDigits),
      "symbol-partition": "main", "symbol": .string(HTXDialect.symbol(market)), "state": "online",
      "value-precision": 8, "min-order-amt": .decimal(market.amountMin), "max-order-amt": 1_000_000,
      "min-order-value": .decimal(market.costMin),
      "limit-order-min-order-amt": .decimal(market.amountMin), "api-trading": "enabled", "tags": "",
    ]
  }

  private func settingsRow(_ market: SimulatedMarket) -> JSON {
    let base = JSON.string(market.base.lowercased())
    let quote = JSON.string(market.quote.lowercased())
    return [
      "symbol": .string(HTXDialect.symbol(market)), "sn": .string("\(market.base)/\(market.quote)"),
      "bc": base, "qc": quote, "bcdn": .string(market.base), "qcdn": .string(market.quote),
      "state": "online", "te": true, "ce": true, "sp": "main", "tpp": .count(market.priceDigits),
      "tap": .count(market.amountDigits), "fp": 8, "minoa": .decimal(market.amountMin),
      "minov": .decimal(market.costMin),
    ]
  }

  private func currencies(_ fields: FormFields) -> JSON {
    let rows = exchange.listing.assets.map { $0.lowercased() }
      .filter { fields["currency"] == nil || fields["currency"] == $0 }
      .map { code -> JSON in
        let chain: JSON = [
          "chain": .string(code), "displayName": .string(code.uppercased()), "baseChain": "",
          "depositStatus": "allowed", "withdrawStatus": "allowed", "minWithdrawAmt": "0.01",
          "minDepositAmt": "0.01", "withdrawPrecision": 8, "withdrawFeeType": "fixed",
          "transactFeeWithdraw": "0.001", "numOfConfirmations": 12,
        ]
        return ["currency": .string(code), "instStatus": "normal", "chains": [chain]]
      }
    return .array(rows)
  }

  func tickerRow(_ market: SimulatedMarket, at now: Instant) -> JSON {
    let day = exchange.day(market, at: now)
    return [
      "symbol": .string(HTXDialect.symbol(market)), "open": .decimal(day.open),
      "high": .decimal(day.high), "low": .decimal(day.low), "close": .decimal(day.last),
      "amount": .decimal(day.baseVolume), "vol": .decimal(day.quoteVolume), "count": 86_400,
      "bid": .decimal(day.bid.price), "bidSize": .decimal(day.bid.amount),
      "ask": .decimal(day.ask.price), "askSize": .decimal(day.ask.amount),
    ]
  }

  private func merged(_ market: SimulatedMarket, at now: Instant) -> JSON {
    let day = exchange.day(market, at: now)
    let moment = JSON.whole(SimulatedExchange.moment(now))
    return [
      "id": moment, "version": moment, "open": .decimal(day.open), "close": .decimal(day.last),
      "low": .decimal(day.low), "high": .decimal(day.high), "amount": .decimal(day.baseVolume),
      "vol": .decimal(day.quoteVolume), "count": 86_400,
      "bid": [.decimal(day.bid.price), .decimal(day.bid.amount)],
      "ask": [.decimal(day.ask.price), .decimal(day.ask.amount)],
    ]
  }

  func levels(_ levels: [(price: Fixed, amount: Fixed)]) -> JSON {
    .array(levels.map { [.decimal($0.price), .decimal($0.amount)] })
  }

  func bookRow(_ market: SimulatedMarket, _ depth: Int, at now: Instant) -> JSON {
    let moment = SimulatedExchange.moment(now)
    let book = exchange.book(market, moment: moment, depth: depth)
    return [
      "ts": .millis(now), "version": .whole(moment), "bids": levels(book.bids),
      "asks": levels(book.asks),
    ]
  }

  private func depth(_ fields: FormFields, at now: Instant) throws(HTXRefusal) -> JSON {
    let market = try market(fields["symbol"])
    guard let type = fields["type"], type.hasPrefix("step") else {
      throw HTXRefusal("invalid-parameter", "invalid type")
    }
    let limit = Int(min(max(fields.number("depth") ?? 20, 1), 50))
    let row = bookRow(market, limit, at: now)
    return told("\(HTXDialect.symbol(market)).depth.\(type)", "tick", row, now)
  }

  func printRow(_ trade: SimulatedPrint) -> JSON {
    [
      "id": .whole(trade.id * 100), "ts": .millis(trade.time), "trade-id": .whole(trade.id),
      "tradeId": .whole(trade.id), "amount": .decimal(trade.amount), "price": .decimal(trade.price),
      "direction": trade.isBuy ? "buy" : "sell",
    ]
  }

  private func trades(_ fields: FormFields, at now: Instant) throws(HTXRefusal) -> JSON {
    let market = try market(fields["symbol"])
    let size = Int(min(max(fields.number("size") ?? 1, 1), 2_000))
    let prints = exchange.prints(market, after: now.advanced(bySeconds: -1_000), to: now)
    let rows = prints.reversed().prefix(size).map { trade -> JSON in
      ["id": .whole(trade.id), "ts": .millis(trade.time), "data": [printRow(trade)]]
    }
    return told("\(HTXDialect.symbol(market)).trade.detail", "data", .array(rows), now)
  }

  private static let periods: [String: Int64] = [
    "1min": 60, "5min": 300, "15min": 900, "30min": 1_800, "60min": 3_600, "4hour": 14_400,
    "1day": 86_400, "1week": 604_800,
  ]

  /// The latest candles, newest first.
  private func candles(_ fields: FormFields, at now: Instant) throws(HTXRefusal) -> JSON {
    let market = try market(fields["symbol"])
    let period = fields["period"] ?? ""
    guard let seconds = HTXDialect.periods[period] else {
      throw HTXRefusal("invalid-parameter", "invalid period")
    }
    let size = Int(min(max(fields.number("size") ?? 150, 1), 2_000))
    let to = fields.number("to").map { Instant(seconds: $0) } ?? now
    let back = to.advanced(bySeconds: -seconds * Int64(size - 1))
    let from = fields.number("from").map { Instant(seconds: $0) } ?? back
    let rows = exchange.candles(
      market, from: max(from, back), seconds: seconds, most: size, at: now
    ).filter { $0.start <= to }.reversed().map { candle -> JSON in
      [
        "id": .seconds(candle.start), "open": .decimal(candle.open),
        "close": .decimal(candle.close), "low": .decimal(candle.low),
        "high": .decimal(candle.high), "amount": .decimal(candle.volume),
        "vol": .decimal((candle.volume * candle.close).kept(8)), "count": 100,
      ]
    }
    return told("\(HTXDialect.symbol(market)).kline.\(period)", "data", .array(Array(rows)), now)
  }
}
