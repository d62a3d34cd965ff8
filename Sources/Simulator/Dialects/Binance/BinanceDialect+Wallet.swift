import Amounts
import Encodings
import Ledger
import VenueKit

// https://developers.binance.com/docs/wallet, https://developers.binance.com/docs/simple_earn and
// https://developers.binance.com/docs/convert
extension BinanceDialect {
  mutating func runWallet(
    _ route: BinanceRoute, _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    switch route.name {
    case "GET /sapi/v1/system/status": return ["status": 0, "msg": "normal"]
    case "GET /sapi/v1/capital/config/getall": return coins(account, at: now)
    case "GET /sapi/v1/capital/deposit/hisrec": return try deposits(fields, account, at: now)
    case "GET /sapi/v1/capital/withdraw/history": return try withdrawals(fields, account, at: now)
    case "GET /sapi/v1/asset/assetDividend": return try dividends(fields, account, at: now)
    case "GET /sapi/v1/asset/dribblet": return ["total": 0, "userAssetDribblets": []]
    case "GET /sapi/v1/asset/transfer": return try transfers(fields, account, at: now)
    case "GET /sapi/v1/asset/tradeFee":
      return .array(exchange.listing.markets.map(feeRow))
    case "POST /sapi/v1/asset/get-funding-asset": return []
    case "POST /sapi/v3/asset/getUserAsset": return userAssets(account, at: now)
    case "GET /sapi/v1/asset/wallet/balance": return []
    case "GET /sapi/v1/account/apiRestrictions": return restrictions(account, at: now)
    case "GET /sapi/v1/convert/tradeFlow": return try conversions(fields, account, at: now)
    case "GET /sapi/v1/fiat/orders", "GET /sapi/v1/fiat/payments":
      return ["code": "000000", "message": "success", "data": [], "total": 0, "success": true]
    case "GET /sapi/v1/simple-earn/account": return ["totalAmountInBTC": "0"]
    case "GET /sapi/v1/simple-earn/flexible/position": return positions(fields, account)
    case "GET /sapi/v1/simple-earn/flexible/history/rewardsRecord":
      return try earnRewards(fields, account, at: now)
    case "GET /sapi/v1/simple-earn/flexible/history/subscriptionRecord":
      return try earnMoves(fields, account, .toEarn, at: now)
    case "GET /sapi/v1/simple-earn/flexible/history/redemptionRecord":
      return try earnMoves(fields, account, .fromEarn, at: now)
    case "GET /sapi/v1/margin/account":
      return ["borrowEnabled": false, "marginLevel": "999", "userAssets": []]
    case "GET /sapi/v1/margin/isolated/account": return ["assets": []]
    case "GET /sapi/v1/margin/myTrades", "GET /sapi/v1/margin/openOrders",
      "GET /sapi/v1/margin/allOrders":
      return []
    default: return ["rows": [], "total": 0]
    }
  }

  /// The range asked for; refused where longer than the route allows.
  private func range(
    _ fields: FormFields, most days: Int64, usual: Int64, at now: Instant
  ) throws(BinanceRefusal) -> (from: Instant, to: Instant) {
    let to = fields.number("endTime").flatMap { Instant(millis: $0) } ?? now
    let from =
      fields.number("startTime").flatMap { Instant(millis: $0) }
      ?? to.advanced(bySeconds: -usual * 86_400)
    guard from <= to else {
      throw BinanceRefusal(400, -1023, "Start time is greater than end time.")
    }
    guard to.seconds - from.seconds <= days * 86_400 else {
      throw BinanceRefusal(
        400, -1127, "The query time period must be less than \(days) days.")
    }
    return (from, to)
  }

  /// Newest first, `offset` rows left out.
  private func deposits(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    let range = try range(fields, most: 90, usual: 90, at: now)
    var rows = exchange.events(account, [.deposit], from: range.from, to: range.to, at: now)
    if let coin = fields["coin"] { rows = rows.filter { $0.asset == coin } }
    return .array(BinanceDialect.page(rows, fields).map(depositRow))
  }

  private static func page(
    _ rows: SimulatedRows<SimulatedEvent>, _ fields: FormFields
  ) -> [SimulatedEvent] {
    let offset = Int(min(max(fields.number("offset") ?? 0, 0), 1_000_000))
    let limit = Int(min(max(fields.number("limit") ?? 1_000, 1), 1_000))
    return Array(rows.reversed().dropFirst(offset).prefix(limit))
  }

  private func depositRow(_ event: SimulatedEvent) -> JSON {
    [
      "id": .string(SeededText.hex(32, UInt64(bitPattern: event.id))),
      "amount": .plain(event.amount), "coin": .string(event.asset),
      "network": .string(BinanceDialect.network(event.asset)), "status": 1,
      "address": .string("0x" + SeededText.hex(40, UInt64(event.asset.utf8.count))),
      "addressTag": "", "txId": .string(hash(event)), "insertTime": .millis(event.time),
      "completeTime": .millis(event.time), "transferType": 0, "confirmTimes": "12/12",
      "unlockConfirm": 12, "walletType": 0,
    ]
  }

  private func hash(_ event: SimulatedEvent) -> String {
    "0x" + SeededText.hex(64, mixed(UInt64(bitPattern: event.id), 9))
  }

  private static func network(_ asset: String) -> String {
    switch asset {
    case "BTC", "LTC", "SOL", "XRP", "ADA", "DOT", "DOGE", "BCH": asset
    default: "ETH"
    }
  }

  private func withdrawals(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    let range = try range(fields, most: 90, usual: 90, at: now)
    var rows = exchange.events(account, [.withdrawal], from: range.from, to: range.to, at: now)
    if let coin = fields["coin"] { rows = rows.filter { $0.asset == coin } }
    return .array(
      BinanceDialect.page(rows, fields).map { event in
        let time = BinanceDialect.spaced(event.time)
        // `amount` is what arrives; the fee is taken besides.
        return [
          "id": .string(SeededText.hex(32, UInt64(bitPattern: event.id))),
          "amount": .plain(event.amount), "transactionFee": .plain(event.fee),
          "coin": .string(event.asset), "status": 6,
          "address": .string("0x" + SeededText.hex(40, UInt64(bitPattern: event.id))),
          "txId": .string(hash(event)), "applyTime": .string(time),
          "network": .string(BinanceDialect.network(event.asset)), "transferType": 0,
          "info": "", "confirmNo": 12, "walletType": 0, "txKey": "", "completeTime": .string(time),
        ]
      })
  }

  /// `2024-05-05 15:38:56`, UTC.
  static func spaced(_ time: Instant) -> String {
    TimeForm.isoBare.write(time).split(separator: "T").joined(separator: " ")
  }

  /// Half of the rewards are told here, the others as earn rewards.
  private func dividends(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    let range = try range(fields, most: 180, usual: 30, at: now)
    let limit = Int(min(max(fields.number("limit") ?? 20, 1), 500))
    var rows = exchange.events(account, [.reward], from: range.from, to: range.to, at: now)
      .filter { $0.id % 2 == 0 }
    if let asset = fields["asset"] { rows = rows.filter { $0.asset == asset } }
    let page = rows.reversed().prefix(limit).map { event -> JSON in
      [
        "id": .whole(event.id), "amount": .plain(event.amount), "asset": .string(event.asset),
        "divTime": .millis(event.time), "enInfo": "Locked Staking", "tranId": .whole(event.id),
        "direction": 1,
      ]
    }
    return ["rows": .array(page), "total": .count(rows.count)]
  }

  private func pageOfEarn(
    _ rows: SimulatedRows<SimulatedEvent>, _ fields: FormFields
  ) -> [SimulatedEvent] {
    let size = Int(min(max(fields.number("size") ?? 10, 1), 100))
    let current = Int(min(max(fields.number("current") ?? 1, 1), 100_000))
    return Array(rows.reversed().dropFirst((current - 1) * size).prefix(size))
  }

  private func earnRewards(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    guard let type = fields["type"] else { throw .missing("type") }
    let range = try range(fields, most: 90, usual: 30, at: now)
    let isTold = type == "REALTIME" || type == "ALL"
    let rows = exchange.events(account, [.reward], from: range.from, to: range.to, at: now)
      .filter { $0.id % 2 != 0 && isTold }
    let page = pageOfEarn(rows, fields).map { event -> JSON in
      [
        "asset": .string(event.asset), "rewards": .plain(event.amount),
        "projectId": .string(event.asset + "001"), "type": "REALTIME",
        "time": .millis(event.time),
      ]
    }
    return ["rows": .array(page), "total": .count(rows.count)]
  }

  private func earnMoves(
    _ fields: FormFields, _ account: Int, _ kind: SimulatedEvent.Kind, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    let range = try range(fields, most: 90, usual: 30, at: now)
    let rows = exchange.events(account, [kind], from: range.from, to: range.to, at: now)
    let isIn = kind == .toEarn
    let page = pageOfEarn(rows, fields).map { event -> JSON in
      [
        "amount": .plain(event.amount), "asset": .string(event.asset),
        "time": .millis(event.time),
        isIn ? "purchaseId" : "redeemId": .whole(event.id),
        "projectId": .string(event.asset + "001"), "productId": .string(event.asset + "001"),
        "type": "NORMAL", isIn ? "sourceAccount" : "destAccount": "SPOT",
        "status": .string(isIn ? "SUCCESS" : "PAID"),
      ]
    }
    return ["rows": .array(page), "total": .count(rows.count)]
  }

  private func positions(_ fields: FormFields, _ account: Int) -> JSON {
    let earn = exchange.accounts[account].earn
    let held = earn.keys.sorted().filter { !(earn[$0] ?? .zero).isZero }
    let size = Int(min(max(fields.number("size") ?? 10, 1), 100))
    let current = Int(min(max(fields.number("current") ?? 1, 1), 100_000))
    let page = held.dropFirst((current - 1) * size).prefix(size).map { asset -> JSON in
      [
        "totalAmount": .plain(earn[asset] ?? .zero), "asset": .string(asset),
        "productId": .string(asset + "001"), "canRedeem": true, "collateralAmount": "0",
        "latestAnnualPercentageRate": "0.02", "cumulativeTotalRewards": "0",
      ]
    }
    return ["rows": .array(page), "total": .count(held.count)]
  }

  /// At most 30 days between the times, both of them needed.
  private func conversions(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    guard let start = fields.number("startTime") else { throw .missing("startTime") }
    guard let end = fields.number("endTime") else { throw .missing("endTime") }
    let range = try range(fields, most: 30, usual: 30, at: now)
    let limit = Int(min(max(fields.number("limit") ?? 100, 1), 1_000))
    let rows = exchange.events(account, [.conversion], from: range.from, to: range.to, at: now)
    let page = rows.prefix(limit).map { event -> JSON in
      [
        "quoteId": .string(SeededText.hex(32, UInt64(bitPattern: event.id))),
        "orderId": .whole(event.id), "orderStatus": "SUCCESS", "fromAsset": .string(event.asset),
        "fromAmount": .plain(event.amount), "toAsset": .string(event.otherAsset),
        "toAmount": .plain(event.otherAmount),
        "ratio": .plain(event.otherAmount / event.amount),
        "inverseRatio": .plain(event.amount / event.otherAmount),
        "createTime": .millis(event.time),
      ]
    }
    return [
      "list": .array(page), "startTime": .whole(start), "endTime": .whole(end),
      "limit": .count(limit), "moreData": .bool(rows.count > limit),
    ]
  }

  private func transfers(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(BinanceRefusal) -> JSON {
    guard let type = fields["type"] else { throw .missing("type") }
    let range = try range(fields, most: 190, usual: 7, at: now)
    let kinds: Set<SimulatedEvent.Kind> = type == "MAIN_UMFUTURE" ? [.toFutures] : []
    let rows = exchange.events(account, kinds, from: range.from, to: range.to, at: now)
    let page = pageOfEarn(rows, fields).map { event -> JSON in
      [
        "asset": .string(event.asset), "amount": .plain(event.amount), "type": .string(type),
        "status": "CONFIRMED", "tranId": .whole(event.id), "timestamp": .millis(event.time),
      ]
    }
    return ["total": .count(rows.count), "rows": .array(page)]
  }

  private func feeRow(_ market: SimulatedMarket) -> JSON {
    [
      "symbol": .string(BinanceDialect.symbol(market)),
      "makerCommission": .plain(exchange.listing.makerRate),
      "takerCommission": .plain(exchange.listing.takerRate),
    ]
  }

  private func userAssets(_ account: Int, at now: Instant) -> JSON {
    .array(
      exchange.balances(account, at: now).filter { !$0.total.isZero }.map { balance in
        [
          "asset": .string(balance.asset), "free": .plain(balance.total - balance.locked),
          "locked": .plain(balance.locked), "freeze": "0", "withdrawing": "0", "ipoable": "0",
          "btcValuation": "0",
        ]
      })
  }

  private func coins(_ account: Int, at now: Instant) -> JSON {
    .array(
      exchange.balances(account, at: now).map { balance in
        let network: JSON = [
          "network": .string(BinanceDialect.network(balance.asset)),
          "coin": .string(balance.asset), "withdrawIntegerMultiple": "0.00000001",
          "isDefault": true, "depositEnable": true, "withdrawEnable": true, "withdrawFee": "0.0005",
          "withdrawMin": "0.001", "contractAddress": "",
        ]
        return [
          "coin": .string(balance.asset), "depositAllEnable": true, "withdrawAllEnable": true,
          "name": .string(balance.asset), "free": .plain(balance.total - balance.locked),
          "locked": .plain(balance.locked), "freeze": "0", "withdrawing": "0", "ipoing": "0",
          "ipoable": "0", "storage": "0", "isLegalMoney": .bool(balance.asset == "EUR"),
          "trading": true, "networkList": [network],
        ]
      })
  }

  private func restrictions(_ account: Int, at now: Instant) -> JSON {
    let known = exchange.accounts[account]
    return [
      "ipRestrict": false, "createTime": .millis(now.advanced(bySeconds: -8_640_000)),
      "enableReading": true, "enableWithdrawals": .bool(known.canWithdraw),
      "enableInternalTransfer": false, "enableMargin": false, "enableFutures": true,
      "permitsUniversalTransfer": false, "enableVanillaOptions": false,
      "enableFixApiTrade": false, "enableFixReadOnly": false,
      "enableSpotAndMarginTrading": .bool(known.canTrade), "enablePortfolioMarginTrading": false,
    ]
  }
}
