import Amounts
import Ledger

extension ImportFormat {
  /// Kraken's ledger export: one row a movement; both sides of a trade share their `refid`.
  ///
  /// A fee is charged on top of the amount, in the row's asset.
  public static let krakenLedgers = ImportFormat(
    id: "kraken-ledgers", name: "Kraken ledgers", venue: "kraken", defaultAccount: "Kraken",
    clock: .utc,
    sources: [
      "https://support.kraken.com/hc/en-us/articles/360001169383",
      "https://support.kraken.com/hc/en-us/articles/360001185506",
    ],
    header: .having([
      "txid", "refid", "time", "type", "subtype", "aclass", "asset", "amount", "fee",
    ]),
    makeDecoder: { _, _ in
      GroupDecoder(
        window: 2000,
        key: { row throws(RowFault) in KrakenLedgers.group(of: row) },
        meaning: { rows throws(RowFault) in try KrakenLedgers.outcomes(of: rows) })
    })
}

/// What Kraken's ledger rows mean.
private enum KrakenLedgers {
  /// Types whose rows make one trade, with the group they form.
  private static let tradeTypes: [String: String] = [
    "trade": "trade", "settled": "settled", "spend": "spend", "receive": "spend",
    "sale": "sale", "conversion": "conversion",
  ]

  /// Moves between a customer's own Kraken wallets: spot, staking, futures, earn.
  private static let ownMoves: Set<String> = [
    "spottostaking", "stakingtospot", "spotfromstaking", "stakingfromspot", "spottofutures",
    "spotfromfutures", "futurestospot", "migration", "autoallocate", "autoallocation",
    "allocation", "deallocation", "autodeallocation",
  ]

  static func group(of row: Row) -> String? {
    guard !row["txid"].isEmpty, let type = tradeTypes[row["type"]] else { return nil }
    return type + " " + row["refid"]
  }

  static func outcomes(of rows: [Row]) throws(RowFault) -> [RowOutcome] {
    if let row = rows.first, group(of: row) == nil { return try outcomes(of: row) }
    return try trade(rows).map { .transaction($0) }
  }

  private static func outcomes(of row: Row) throws(RowFault) -> [RowOutcome] {
    if row["txid"].isEmpty { return [.skipped(row: row.number, why: "not settled")] }
    let amount = try row.signed("amount")
    let type = try row.text("type")
    let subtype = row["subtype"]
    let movement = try Movement(row)
    switch (type, subtype) {
    case ("transfer", _) where ownMoves.contains(subtype),
      ("earn", _) where ownMoves.contains(subtype):
      return [.skipped(row: row.number, why: "between own wallets")]
    case ("earn", "") where movement.fee == nil:
      return [.skipped(row: row.number, why: "between own wallets")]
    case ("margin", _): return margin(movement, isGain: !amount.isNegative)
    case ("rollover", _):
      return [.transaction(movement.feeAlone(.marginFee))]
    case ("deposit", _) where amount.isNegative, ("withdrawal", _) where !amount.isNegative:
      return movement.reversal(amount.isNegative ? .withdrawal : .deposit)
    default:
      guard let kinds = kinds(type, subtype) else {
        throw row.fault(.unknownKind, type == "transfer" || type == "earn" ? "subtype" : "type")
      }
      return [.transaction(movement.transaction(amount.isNegative ? kinds.out : kinds.in))]
    }
  }

  /// What a row that comes in means, and one that goes out.
  private static func kinds(_ type: String, _ subtype: String) -> (in: EntryKind, out: EntryKind)? {
    switch (type, subtype) {
    case ("deposit", _): (.deposit, .withdrawal)
    case ("withdrawal", _): (.deposit, .withdrawal)
    case ("invite bonus", _): (.referral, .spend)
    case ("staking", _): (.staking, .spend)
    case ("dividend", _): (.income, .spend)
    case ("reward", _): (.reward, .spend)
    case ("credit", _): (.income, .spend)
    case ("adjustment", _): (.airdrop, .spend)
    case ("transfer", ""), ("transfer", "airdrop"): (.airdrop, .spend)
    case ("earn", "reward"), ("earn", ""): (.interest, .spend)
    default: nil
    }
  }

  private static func margin(_ movement: Movement, isGain: Bool) -> [RowOutcome] {
    var outcomes: [RowOutcome] = []
    if !movement.amount.quantity.isZero {
      outcomes.append(
        .transaction(movement.transaction(isGain ? .marginGain : .marginLoss, withFee: false)))
    }
    if movement.fee != nil || outcomes.isEmpty {
      outcomes.append(.transaction(movement.feeAlone(.marginFee)))
    }
    return outcomes
  }

  /// One trade of rows that come in, rows that go out and their fees.
  private static func trade(_ rows: [Row]) throws(RowFault) -> [ImportedTransaction] {
    var sides: [Movement] = []
    var fees: [Movement] = []
    for row in rows {
      let movement = try Movement(row)
      if !movement.amount.quantity.isZero { sides.append(movement) }
      if movement.fee != nil { fees.append(movement) }
    }
    guard let first = sides.first else {
      guard !fees.isEmpty else { throw RowFault(.incomplete, column: "refid") }
      return fees.map { $0.feeAlone(.fee) }
    }
    guard sides.count == 2, let other = sides.last, first.isIncoming != other.isIncoming else {
      throw RowFault(.incomplete, column: "refid", text: rows[0]["refid"])
    }
    var trade = ImportedTransaction(row: first.row.number, time: first.time, kind: .trade)
    trade.incoming = first.isIncoming ? first.amount : other.amount
    trade.outgoing = first.isIncoming ? other.amount : first.amount
    trade.fee = fees.first?.fee
    trade.reference = first.row.optional("refid")
    let further = fees.dropFirst().map { $0.feeAlone(.fee) }
    let own = Set(further.map(\.row) + [trade.row])
    trade.mergedRows = rows.map(\.number).filter { !own.contains($0) }
    return [trade] + further
  }

  /// One row: an amount with its direction, and a fee.
  private struct Movement {
    let row: Row
    let time: Instant
    let amount: AssetQuantity
    let isIncoming: Bool
    let fee: AssetQuantity?

    init(_ row: Row) throws(RowFault) {
      self.row = row
      time = try row.time("time", .iso)
      let asset = NamedAsset(KrakenAssets.code(try row.asset("asset").code))
      isIncoming = !(try row.signed("amount").isNegative)
      amount = AssetQuantity(try row.magnitude("amount"), asset)
      let charged = try row.optionalMagnitude("fee") ?? .zero
      fee = charged.isZero ? nil : AssetQuantity(charged, asset)
    }

    func transaction(_ kind: EntryKind, withFee: Bool = true) -> ImportedTransaction {
      var transaction = ImportedTransaction(row: row.number, time: time, kind: kind)
      if isIncoming { transaction.incoming = amount } else { transaction.outgoing = amount }
      if withFee { transaction.fee = fee }
      transaction.reference = row.optional("txid")
      return transaction
    }

    /// Only the fee, as what went out.
    func feeAlone(_ kind: EntryKind) -> ImportedTransaction {
      var transaction = ImportedTransaction(row: row.number, time: time, kind: kind)
      let paid = fee ?? AssetQuantity(.zero, amount.asset)
      if kind == .fee { transaction.fee = paid } else { transaction.outgoing = paid }
      transaction.reference = row.optional("txid")
      return transaction
    }

    /// A deposit or withdrawal taken back, with its fee.
    func reversal(_ kind: EntryKind) -> [RowOutcome] {
      var outcomes: [RowOutcome] = [.transaction(transaction(kind, withFee: false))]
      if let fee {
        var rebate = ImportedTransaction(row: row.number, time: time, kind: .feeRebate)
        rebate.incoming = fee
        rebate.reference = row.optional("txid")
        outcomes.append(.transaction(rebate))
      }
      return outcomes
    }
  }
}

/// Kraken's own codes of assets.
///
/// Source: https://support.kraken.com/hc/en-us/articles/360001185506
enum KrakenAssets {
  /// The code that everybody uses, for one of Kraken's: `BTC` for `XXBT`, `ETH2` for `ETH2.S`.
  static func code(_ code: String) -> String {
    let plain = withoutSuffix(code)
    return codes[plain] ?? plain
  }

  private static let codes: [String: String] = [
    "XXBT": "BTC", "XBT": "BTC", "XETC": "ETC", "XETH": "ETH", "XLTC": "LTC", "XMLN": "MLN",
    "XREP": "REP", "XXDG": "XDG", "XXLM": "XLM", "XXMR": "XMR", "XXRP": "XRP",
    "XZEC": "ZEC", "XICN": "ICN", "XDAO": "DAO", "XNMC": "NMC", "XXVN": "VEN", "ZARS": "ARS",
    "ZAUD": "AUD", "ZCAD": "CAD", "ZEUR": "EUR", "ZGBP": "GBP", "ZJPY": "JPY", "ZKRW": "KRW",
    "ZMXN": "MXN", "ZUSD": "USD", "KFEE": "FEE",
  ]

  /// Takes off the mark of the wallet an asset lies in: staked, bonded, held, parachain, earning.
  private static func withoutSuffix(_ code: String) -> String {
    guard let point = code.lastIndex(of: "."), point != code.startIndex else { return code }
    guard ["S", "M", "P", "F", "B", "T", "HOLD"].contains(code[code.index(after: point)...]) else {
      return code
    }
    var plain = code[..<point]
    // Bonded assets carry the days of their bond: DOT28.S.
    for days in ["03", "04", "07", "14", "21", "28"]
    where code.hasSuffix("S") && plain.hasSuffix(days) {
      plain = plain.dropLast(2)
    }
    return plain.isEmpty ? code : String(plain)
  }
}
