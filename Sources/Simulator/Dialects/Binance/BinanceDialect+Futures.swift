import Amounts
import Encodings
import Ledger

extension BinanceDialect {
  func runFutures(
    _ route: BinanceRoute, _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    switch route.name {
    case "GET /fapi/v1/ping": return .object(JSONObject())
    case "GET /fapi/v1/time": return ["serverTime": .millis(now)]
    case "GET /fapi/v1/exchangeInfo":
      let rows = BinanceFutures.symbols.map(contract)
      return [
        "timezone": "UTC", "serverTime": .millis(now), "rateLimits": [], "exchangeFilters": [],
        "symbols": .array(rows),
      ]
    case "GET /fapi/v1/depth": return try futuresDepth(fields, at: now)
    case "GET /fapi/v1/klines": return try klines(fields, at: now)
    case "GET /fapi/v1/trades": return try publicTrades(fields, at: now, isAggregate: false)
    case "GET /fapi/v1/aggTrades": return try publicTrades(fields, at: now, isAggregate: true)
    case "GET /fapi/v1/premiumIndex": return .array(BinanceFutures.symbols.map { mark($0, now) })
    case "GET /fapi/v1/ticker/24hr": return try tickers(fields) { dayTicker($0, at: now) }
    case "GET /fapi/v2/account", "GET /fapi/v3/account": return futuresAccount(account, at: now)
    case "GET /fapi/v2/balance", "GET /fapi/v3/balance": return futuresBalance(account, at: now)
    case "GET /fapi/v2/positionRisk", "GET /fapi/v3/positionRisk":
      return .array(heldSymbols(account).map { positionRow($0, account, at: now) })
    case "GET /fapi/v1/userTrades": return try userTrades(fields, account)
    case "GET /fapi/v1/income": return incomeRows(fields, account)
    default: return []
    }
  }

  /// COIN-M futures list nothing and hold nothing here.
  static func coins(_ path: String, at now: Instant) -> JSON {
    switch path {
    case "/dapi/v1/ping": .object(JSONObject())
    case "/dapi/v1/time": ["serverTime": .millis(now)]
    case "/dapi/v1/exchangeInfo":
      [
        "timezone": "UTC", "serverTime": .millis(now), "rateLimits": [], "exchangeFilters": [],
        "symbols": [],
      ]
    case "/dapi/v1/account": ["canTrade": true, "assets": [], "positions": []]
    default: []
    }
  }

  /// The key of a futures stream, on which nothing happens.
  func futuresKey(_ account: Int) -> JSON {
    ["listenKey": .string("futures" + SeededText.letters(53, mixed(UInt64(account), 83)))]
  }

  private func contract(_ symbol: String) -> JSON {
    let base = String(symbol.dropLast(4))
    let step = base == "BTC" ? "0.001" : "0.001"
    return [
      "symbol": .string(symbol), "pair": .string(symbol), "contractType": "PERPETUAL",
      "deliveryDate": 4_133_404_800_000, "onboardDate": 1_569_398_400_000, "status": "TRADING",
      "baseAsset": .string(base), "quoteAsset": "USDT", "marginAsset": "USDT",
      "pricePrecision": 2, "quantityPrecision": 3,
      "filters": [
        [
          "filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000",
          "tickSize": "0.01",
        ],
        [
          "filterType": "LOT_SIZE", "minQty": .string(step), "maxQty": "1000",
          "stepSize": .string(step),
        ],
        ["filterType": "MIN_NOTIONAL", "notional": "5"],
      ],
    ]
  }

  private func futuresDepth(_ fields: FormFields, at now: Instant) throws(BinanceRefusal) -> JSON {
    let market = try market(fields["symbol"])
    let moment = SimulatedExchange.moment(now)
    let limit = Int(min(max(fields.number("limit") ?? 500, 1), 50))
    // No side has more levels, and the stream tells of all of them.
    let book = exchange.book(market, moment: moment, depth: min(limit, 50))
    return [
      "lastUpdateId": .whole(moment), "E": .millis(now), "T": .millis(now),
      "bids": .levels(book.bids, market), "asks": .levels(book.asks, market),
    ]
  }

  private func price(_ symbol: String, at now: Instant) -> Fixed {
    .near(exchange.prices.dollars(String(symbol.dropLast(4)), at: now) ?? 1, digits: 2)
  }

  private func mark(_ symbol: String, _ now: Instant) -> JSON {
    let price = JSON.padded(price(symbol, at: now), 8)
    let next = (now.seconds / 28_800 + 1) * 28_800_000
    return [
      "symbol": .string(symbol), "markPrice": price, "indexPrice": price,
      "estimatedSettlePrice": price, "lastFundingRate": "0.00010000", "interestRate": "0.00010000",
      "nextFundingTime": .whole(next), "time": .millis(now),
    ]
  }

  private func heldSymbols(_ account: Int) -> [String] {
    let positions = futures[account].positions
    return positions.keys.sorted().filter { !(positions[$0]?.amount.isZero ?? true) }
  }

  private func positionRow(_ symbol: String, _ account: Int, at now: Instant) -> JSON {
    let position = futures[account].positions[symbol] ?? BinanceFutures.Position()
    let mark = price(symbol, at: now)
    let notional = position.amount * mark
    let margin = notional / 20.fixed
    return [
      "symbol": .string(symbol), "positionSide": "BOTH", "positionAmt": .plain(position.amount),
      "entryPrice": .plain(position.entry.kept(8)),
      "breakEvenPrice": .plain(position.entry.kept(8)), "markPrice": .padded(mark, 8),
      "unRealizedProfit": .padded(futures[account].unrealised(symbol, mark: mark), 8),
      "unrealizedProfit": .padded(futures[account].unrealised(symbol, mark: mark), 8),
      "liquidationPrice": .padded(position.entry / 2.fixed, 8), "leverage": "20",
      "isolatedMargin": "0", "isolated": false, "marginType": "cross",
      "notional": .padded(notional, 8), "marginAsset": "USDT", "isolatedWallet": "0",
      "initialMargin": .padded(margin, 8), "maintMargin": .padded(margin / 2.fixed, 8),
      "positionInitialMargin": .padded(margin, 8), "openOrderInitialMargin": "0", "adl": 2,
      "updateTime": .millis(position.updated),
    ]
  }

  private func unrealised(_ account: Int, at now: Instant) -> Fixed {
    heldSymbols(account).reduce(.zero) {
      $0 + futures[account].unrealised($1, mark: price($1, at: now))
    }
  }

  private func futuresAccount(_ account: Int, at now: Instant) -> JSON {
    let wallet = futures[account].wallet
    let profit = unrealised(account, at: now)
    let asset: JSON = [
      "asset": "USDT", "walletBalance": .padded(wallet, 8),
      "unrealizedProfit": .padded(profit, 8), "marginBalance": .padded(wallet + profit, 8),
      "maintMargin": "0.00000000", "initialMargin": "0.00000000",
      "positionInitialMargin": "0.00000000", "openOrderInitialMargin": "0.00000000",
      "crossWalletBalance": .padded(wallet, 8), "crossUnPnl": .padded(profit, 8),
      "availableBalance": .padded(wallet, 8), "maxWithdrawAmount": .padded(wallet, 8),
      "updateTime": .millis(now),
    ]
    return [
      "totalWalletBalance": .padded(wallet, 8), "totalUnrealizedProfit": .padded(profit, 8),
      "totalMarginBalance": .padded(wallet + profit, 8), "availableBalance": .padded(wallet, 8),
      "assets": [asset],
      "positions": .array(heldSymbols(account).map { positionRow($0, account, at: now) }),
    ]
  }

  private func futuresBalance(_ account: Int, at now: Instant) -> JSON {
    let wallet = futures[account].wallet
    return [
      [
        "accountAlias": "SgsR", "asset": "USDT", "balance": .padded(wallet, 8),
        "crossWalletBalance": .padded(wallet, 8),
        "crossUnPnl": .padded(unrealised(account, at: now), 8),
        "availableBalance": .padded(wallet, 8), "maxWithdrawAmount": .padded(wallet, 8),
        "marginAvailable": true, "updateTime": .millis(now),
      ]
    ]
  }

  /// At most seven days between the times.
  private func userTrades(
    _ fields: FormFields, _ account: Int
  ) throws(BinanceRefusal) -> JSON {
    let symbol = try market(fields["symbol"])
    let from = fields.number("startTime")
    let to = fields.number("endTime")
    if let from, let to, to - from > 604_800_000 {
      throw BinanceRefusal(
        400, -4166, "Search window is restricted to recent 7 days only.")
    }
    let limit = Int(min(max(fields.number("limit") ?? 500, 1), 1_000))
    let rows = futures[account].trades.filter { trade in
      trade.symbol == BinanceDialect.symbol(symbol)
        && trade.time.milliseconds >= from ?? .min && trade.time.milliseconds <= to ?? .max
        && trade.id >= fields.number("fromId") ?? 0
    }
    return .array(
      rows.prefix(limit).map { trade in
        [
          "symbol": .string(trade.symbol), "id": .whole(trade.id), "orderId": .whole(trade.id * 3),
          "side": trade.isBuy ? "BUY" : "SELL", "price": .padded(trade.price, 2),
          "qty": .padded(trade.amount, 3), "realizedPnl": .padded(trade.realised, 8),
          "marginAsset": "USDT", "quoteQty": .padded(trade.price * trade.amount, 8),
          "commission": .padded(trade.fee, 8), "commissionAsset": "USDT",
          "time": .millis(trade.time), "positionSide": "BOTH", "maker": false,
          "buyer": .bool(trade.isBuy),
        ]
      })
  }

  private func incomeRows(_ fields: FormFields, _ account: Int) -> JSON {
    let limit = Int(min(max(fields.number("limit") ?? 100, 1), 1_000))
    let rows = futures[account].income.filter { row in
      (fields["incomeType"] == nil || fields["incomeType"] == row.type)
        && (fields["symbol"] == nil || fields["symbol"] == row.symbol)
        && row.time.milliseconds >= fields.number("startTime") ?? .min
        && row.time.milliseconds <= fields.number("endTime") ?? .max
    }
    return .array(
      rows.prefix(limit).map { row in
        [
          "symbol": .string(row.symbol), "incomeType": .string(row.type),
          "income": .padded(row.amount, 8), "asset": "USDT", "info": .string(row.type),
          "time": .millis(row.time), "tranId": .whole(row.id),
          "tradeId": .string(row.trade == 0 ? "" : String(row.trade)),
        ]
      })
  }
}
