import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.cdp.coinbase.com/coinbase-app/track-apis/transactions

extension Coinbase {
  /// The wallets to walk through, one after another: those of one asset, or all.
  private static func wallets(_ ask: Ask) -> [String] {
    let known = ask.accounts.sorted { $0.key < $1.key }
    guard let asset = ask.asset else { return known.map(\.value) }
    let own = known.filter { $0.key == asset || $0.key.hasPrefix(asset + ":") }
    // A wallet may be named by its currency, too.
    return own.isEmpty && known.isEmpty ? [asset] : own.map(\.value)
  }

  /// The call of one page of one wallet; the cursor is `wallet`, or `wallet/transaction`.
  static func walletCalls(_ ask: Ask) throws(VenueFault) -> [Call] {
    let marks = (ask.cursor ?? "").split(separator: "/", maxSplits: 1).map(String.init)
    guard let wallet = marks.first ?? wallets(ask).first else {
      throw .unsupported("transactions before the wallets are known")
    }
    return [
      Call(
        "v2.private", "GET", "accounts/{account_id}/transactions",
        [
          "account_id": .string(wallet), "limit": .number(ask.limit),
          "starting_after": .text(marks.count > 1 ? marks[1] : nil),
        ], cost: ["app": 1, "private": 1], tag: wallet)
    ]
  }

  /// The wallet's next page, until rows are older than asked for; then the next wallet.
  static func walletNext(_ answer: Answer) throws(VenueFault) -> String? {
    let wallet = answer.call.tag
    let rows = try answer.body["data"].elements()
    let after = try answer.body["pagination"].optionalText("next_starting_after")
    let last = try rows.last?.optionalTime(.iso, "created_at")
    let isDone = answer.ask.from.flatMap { from in last.map { $0 < from } } ?? false
    if let after, !isDone { return "\(wallet)/\(after)" }
    let all = wallets(answer.ask)
    guard let place = all.firstIndex(of: wallet), place + 1 < all.count else { return nil }
    return all[place + 1]
  }

  private static let moves: Set<String> = [
    "send", "receive", "fiat_deposit", "fiat_withdrawal", "exchange_deposit",
    "exchange_withdrawal", "pro_deposit", "pro_withdrawal",
  ]

  /// A transaction that moves money in or out, or a deposit or withdrawal of a bank.
  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let resource = try row.optionalText("resource")
    if resource == "deposit" || resource == "withdrawal" {
      return try bankTransfer(row, resource == "deposit" ? .deposit : .withdrawal)
    }
    guard moves.contains(try row.text("type")) else { return nil }
    let amount = try row["amount"].decimal("amount")
    let network = row["network"]
    let fee = network["transaction_fee"]
    let target = row["to"]
    return Transfer(
      id: try row.text("id"), transactionHash: try network.optionalText("hash"),
      time: try row.time(.iso, "created_at"),
      direction: amount.isNegative ? .withdrawal : .deposit,
      asset: try row["amount"].text("currency"), amount: try amount.sizeOnly(),
      isFeeInside: true,
      fee: fee.isNothing
        ? nil : VenueAmount(try fee.text("currency"), try fee.decimal("amount")),
      network: try network.optionalText("network_name"),
      address: try target.optionalText("address"),
      tag: try target.optionalText("destination_tag"), status: try status(row))
  }

  private static func bankTransfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer {
    let whole = row.first(["subtotal", "amount"])
    let fee = row["fee"]
    let id = try row.text("id")
    return Transfer(
      id: id, transactionHash: id, time: try row.time(.iso, "created_at"),
      direction: direction, asset: try whole.text("currency"),
      amount: try whole.decimal("amount"), isFeeInside: true,
      fee: fee.isNothing
        ? nil : VenueAmount(try fee.text("currency"), try fee.decimal("amount")),
      status: try status(row))
  }

  private static func status(_ row: Node) throws(VenueFault) -> Transfer.Status? {
    switch try row.optionalText("status") {
    case "completed": .ok
    case "pending", "waiting_for_signature", "waiting_for_clearing", "created": .pending
    case "canceled": .canceled
    case "failed", "expired": .failed
    default: nil
    }
  }

  /// Any transaction of a wallet.
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let amount = try row["amount"].decimal("amount")
    let type = try row.text("type")
    let isRetail = type == "buy" || type == "sell"
    let isTold =
      moves.contains(type) || type == "advanced_trade_fill"
      || (isRetail && !row[type].first(["subtotal", "total"]).isNothing)
    return StatementRow(
      id: try row.text("id"), time: try row.time(.iso, "created_at"),
      asset: try row["amount"].text("currency"), amount: amount, kind: kind(type, amount),
      // The two sides of a conversion are lines of two wallets, which are read one after the other:
      // each is told alone.
      type: type, isToldElsewhere: isTold)
  }

  private static func kind(_ type: String, _ amount: Fixed) -> EntryKind? {
    switch type {
    case "send", "receive", "fiat_deposit", "fiat_withdrawal":
      amount.isNegative ? .withdrawal : .deposit
    case "exchange_deposit", "exchange_withdrawal", "pro_deposit", "pro_withdrawal": .transfer
    case "buy", "sell", "trade", "advanced_trade_fill", "retail_simple_dust", "wrap_asset",
      "unwrap_asset":
      .trade
    case "staking_reward", "inflation_reward": .staking
    case "interest": .interest
    case "earn_payout", "incentives_rewards_payout", "subscription_rebate": .reward
    case "staking_transfer": .stake
    case "unstaking_transfer": .unstake
    case "transfer", "vault_withdrawal", "intx_deposit", "intx_withdrawal": .internalTransfer
    case "subscription": .fee
    case "cardspend": .spend
    case "cardbuyback": .cashback
    case "derivatives_settlement": amount.isNegative ? .marginLoss : .marginGain
    default: nil
    }
  }

  /// A position in futures, or one of the former international perpetuals.
  ///
  /// https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/futures/list-futures-positions
  static func position(_ row: Node, _ ask: Ask) throws(VenueFault) -> OpenPosition? {
    let market = try row.text("symbol", "product_id")
    let side = try row.text("side", "position_side")
    let profit = row["unrealized_pnl"]
    let known = ask.markets.market(market)
    return OpenPosition(
      market: market,
      isLong: side.hasSuffix("LONG") ? true : side.hasSuffix("SHORT") ? false : nil,
      contracts: try row.optionalDecimal("number_of_contracts", "net_size")?.sizeOnly(),
      contractSize: known?.contractSize,
      entryPrice: try plain(row.first(["avg_entry_price", "vwap"])),
      markPrice: try plain(row.first(["current_price", "mark_price"])),
      liquidationPrice: try plain(row["liquidation_price"]), unrealised: try plain(profit),
      leverage: try row.optionalDecimal("leverage"),
      part: known?.kind == .swap ? .swap : .future)
  }

  /// A number, alone or as `value` beside its currency.
  private static func plain(_ node: Node) throws(VenueFault) -> Fixed? {
    if case .object? = node.json { return try node.optionalDecimal("value") }
    return try node.optionalDecimal()
  }
}
