import Amounts
import Encodings
import Ledger
import VenueKit

// Executions, transfers, statements and positions at Bybit.

extension Bybit {
  // MARK: - Fills

  // https://bybit-exchange.github.io/docs/v5/order/execution: windows of 7 days, two years
  static func fills(_ category: Category) -> Feed<Fill> {
    Feed(
      part: category.part, market: category.kind,
      paging: Paging(.cursor, most: 100, window: 7 * Paging.day, lookBack: 730 * Paging.day),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let named: Parameters = ["execType": "Trade"]
        let parameters = named.adding(try category.named(ask)).adding(page(ask, most: 100))
        return [get("execution/list", parameters)]
      },
      rows: list, row: { row, ask throws(VenueFault) in try fill(row, ask, category) },
      next: cursor)
  }

  static func fill(
    _ row: Node, _ ask: Ask, _ category: Category
  ) throws(VenueFault) -> Fill? {
    let id = try row.text("symbol")
    let side = try row.side("side")
    let market = ask.markets.market(id, category.kind)
    let asset = try row.optionalText("feeCurrency") ?? feeAsset(id, market, side, category)
    let fee = try row.optionalDecimal("execFee")
    let profit = try row.decimalUnlessZero("execPnl")
    let settle = market?.settle
    var isMaker = try row.optionalFlag("isMaker")
    if let word = try row.optionalText("lastLiquidityInd") { isMaker = word == "MAKER" }
    return Fill(
      id: try row.text("execId", "tradeId"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "execTime", "tradeTime"), market: id, side: side,
      price: try row.decimal("execPrice"), amount: try row.decimal("execQty"),
      cost: try row.optionalDecimal("execValue"),
      fees: asset.flatMap { asset in fee.map { [VenueAmount(asset, $0)] } } ?? [],
      isMaker: isMaker, part: category.part,
      realised: settle.flatMap { settle in profit.map { VenueAmount(settle, $0) } })
  }

  /// What a fee was paid in where the venue does not say: of spot what was bought, of derivatives
  /// what they settle in.
  ///
  /// - Source: https://bybit-exchange.github.io/docs/v5/enum#spot-fee-currency-instruction
  private static func feeAsset(
    _ id: String, _ market: Market?, _ side: Side?, _ category: Category
  ) -> String? {
    if category != .spot { return market?.settle ?? (id.hasSuffix("PERP") ? "USDC" : nil) }
    let pair = market.map { ($0.base, $0.quote) } ?? halves(id)
    guard let pair, let side else { return nil }
    return side == .buy ? pair.0 : pair.1
  }

  private static func halves(_ id: String) -> (String, String)? {
    for quote in ["USDT", "USDC", "USDE", "BTC", "ETH", "EUR", "BRZ", "DAI", "USDQ", "USD1"]
    where id.hasSuffix(quote) && id.count > quote.count {
      return (String(id.dropLast(quote.count)), quote)
    }
    return nil
  }

  // MARK: - Deposits and withdrawals

  // https://bybit-exchange.github.io/docs/v5/asset/deposit/deposit-record: windows of 30 days
  // https://bybit-exchange.github.io/docs/v5/asset/withdraw/withdraw-record: windows of 30 days
  static func transfers(
    _ direction: Transfer.Direction, _ path: String, _ more: Parameters = [:]
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor, most: 50, window: 30 * Paging.day),
      calls: { ask in
        let coin: Parameters = ["coin": .text(ask.asset)]
        return [get(path, more.adding(coin).adding(page(ask, most: 50)), "asset")]
      },
      rows: Pick.listIfAny("result", "rows"),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("coin")
        let isDeposit = direction == .deposit
        let fee = try row.optionalDecimal(isDeposit ? "depositFee" : "withdrawFee")
        let time =
          try row["createdTime"].isNothing
          ? row.optionalTime(.milliseconds, "successAt", "createTime")
          : row.optionalTime(.seconds, "createdTime")
        return Transfer(
          id: try row.optionalText("id", "withdrawId"),
          transactionHash: try row.optionalText("txID"), time: time, direction: direction,
          asset: asset, amount: try row.decimal("amount"),
          fee: fee.map { VenueAmount(asset, $0) }, network: try row.optionalText("chain"),
          address: try row.optionalText("toAddress", "address"),
          tag: try row.optionalText("tag"),
          status: try row.word("status", isDeposit ? depositWords : withdrawalWords))
      },
      next: cursor)
  }

  private static let depositWords: [String: Transfer.Status] = [
    "1": .pending, "2": .pending, "3": .ok, "4": .failed, "10011": .pending, "10012": .ok,
  ]
  private static let withdrawalWords: [String: Transfer.Status] = [
    "SecurityCheck": .pending, "Pending": .pending, "success": .ok, "CancelByUser": .canceled,
    "Reject": .failed, "Fail": .failed, "BlockchainConfirmed": .ok,
    "MoreInformationRequired": .pending,
  ]

  // MARK: - Statement

  // https://bybit-exchange.github.io/docs/v5/account/transaction-log: windows of 7 days, two years
  static func bills(_ path: String, _ part: AccountPart) -> Feed<StatementRow> {
    Feed(
      part: part,
      paging: Paging(.cursor, most: 50, window: 7 * Paging.day, lookBack: 730 * Paging.day),
      evidence: .recorded,
      calls: { ask in
        let coin: Parameters = ["currency": .text(ask.asset)]
        return [get(path, coin.adding(page(ask, most: 50)))]
      },
      rows: list,
      row: { row, _ throws(VenueFault) in
        let word = try row.text("type")
        let known = kinds[word]
        let time =
          try row["exec_time"].isNothing
          ? row.optionalTime(.milliseconds, "transactionTime")
          : row.optionalTime(.iso, "exec_time")
        return StatementRow(
          id: try row.optionalText("id"), time: time, asset: try row.text("currency", "coin"),
          amount: try row.decimal("change", "amount"), kind: known?.kind, type: word,
          reference: try row.optionalText("tradeId", "orderId", "tx_id"),
          after: try row.optionalDecimal("cashBalance", "wallet_balance"), part: part,
          isToldElsewhere: known?.isTold ?? false)
      },
      next: cursor)
  }

  // https://bybit-exchange.github.io/docs/v5/enum#typeuta-translog
  private static let kinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "TRADE": (.trade, true), "SETTLEMENT": (.marginFee, false), "DELIVERY": (.marginGain, false),
    "LIQUIDATION": (.liquidation, false), "ADL": (.liquidation, false),
    "TRANSFER_IN": (.internalTransfer, false), "TRANSFER_OUT": (.internalTransfer, false),
    "AIRDROP": (.airdrop, false), "BONUS": (.reward, false), "BONUS_RECOLLECT": (.fee, false),
    "FEE_REFUND": (.feeRebate, false), "INTEREST": (.marginFee, false),
    "CURRENCY_BUY": (.trade, false), "CURRENCY_SELL": (.trade, false),
    "SPOT_REPAYMENT_SELL": (.loanRepayment, false), "SPOT_REPAYMENT_BUY": (.loanRepayment, false),
    "MANUAL_BORROW": (.loan, false), "AUTO_BORROW": (.loan, false),
    "LIABILITY_BORROW": (.loan, false), "LIABILITY_REPAY": (.loanRepayment, false),
    "TOKENS_SUBSCRIPTION": (.stake, false), "TOKENS_REDEMPTION": (.unstake, false),
    "FLEXIBLE_STAKING_SUBSCRIPTION": (.stake, false),
    "FLEXIBLE_STAKING_REDEMPTION": (.unstake, false),
    "FIXED_STAKING_SUBSCRIPTION": (.stake, false), "BLOCK_TRADE": (.trade, true),
    "CONVERT": (.trade, false), "FLEXIBLE_STAKING_YIELD": (.staking, false),
  ]

  // MARK: - Positions

  // https://bybit-exchange.github.io/docs/v5/position
  static func positions(_ category: Category, _ settle: String?) -> Feed<OpenPosition> {
    Feed(
      part: category.part, market: category.kind, paging: Paging(.cursor, most: 200),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        var parameters = try category.named(ask)
        if ask.market == nil {
          let only = ask.manyMarkets.count == 1 ? ask.manyMarkets.first : nil
          if let only, Category(only) != category { throw .unsupported(only.id) }
          parameters["symbol"] = .text(only?.id)
          parameters["settleCoin"] = only == nil ? .text(settle) : nil
          parameters["limit"] = .text(String(min(ask.limit ?? 200, 200)))
        }
        parameters["cursor"] = .text(ask.cursor)
        return [get("position/list", parameters)]
      },
      rows: list, row: { row, ask throws(VenueFault) in try position(row, ask, category) },
      next: cursor)
  }

  private static func position(
    _ row: Node, _ ask: Ask, _ category: Category
  ) throws(VenueFault) -> OpenPosition? {
    let id = try row.text("symbol")
    let side = try row.side("side")
    return OpenPosition(
      market: id, isLong: side.map { $0 == .buy },
      contracts: row.size(try row.optionalDecimal("size")), contractSize: .one,
      entryPrice: try row.optionalDecimal("avgPrice", "entryPrice"),
      markPrice: row.shownDecimal("markPrice"), liquidationPrice: row.shownDecimal("liqPrice"),
      unrealised: try row.optionalDecimal("unrealisedPnl"),
      leverage: row.shownDecimal("leverage"), margin: row.shownDecimal("positionIM"),
      isIsolated: try row.word("tradeMode", ["0": false, "1": true]),
      time: try row.optionalTime(.milliseconds, "updatedTime"), part: category.part)
  }
}
