import Amounts
import Ledger

extension ImportFormat {
  /// BlockFi's transaction history: one signed amount a row.
  ///
  /// The fee of a withdrawal is a row of its own, of the same second and coin. Trades are told in
  /// full by BlockFi's trade history; here only their legs stand, without saying which belong
  /// together.
  public static let blockFiTransactions = ImportFormat(
    id: "blockfi-transactions", name: "BlockFi transactions", venue: "blockfi",
    defaultAccount: "BlockFi", clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/blockfi_transactions.py",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/blockfi.py",
    ],
    header: .having(["Cryptocurrency", "Amount", "Transaction Type", "Confirmed At"]),
    makeDecoder: { _, _ in
      GroupDecoder(
        window: 50,
        key: { row in BlockFi.group(of: row) },
        meaning: { rows throws(RowFault) in try BlockFi.outcomes(of: rows) })
    })
}

/// What BlockFi's rows mean.
private enum BlockFi {
  private static let receipts: [String: EntryKind] = [
    "deposit": .deposit, "wiredeposit": .deposit, "achdeposit": .deposit,
    "interestpayment": .receive, "bonuspayment": .receive, "referralbonus": .receive,
    "ccrewardsredemption": .cashback, "cctradingrebate": .cashback,
  ]

  private static let withdrawals: Set<String> = ["withdrawal", "wirewithdrawal", "achwithdrawal"]

  private static let ownMoves: Set<String> = [
    "biawithdraw", "biadeposit", "biatransfer", "wallettransfer",
  ]

  /// A withdrawal and its fee: their time and coin.
  static func group(of row: Row) -> String? {
    let type = LabelVocabulary.key(row["Transaction Type"])
    guard withdrawals.contains(type) || type == "withdrawalfee", !row["Confirmed At"].isEmpty else {
      return nil
    }
    return row["Confirmed At"] + " " + row["Cryptocurrency"]
  }

  static func outcomes(of rows: [Row]) throws(RowFault) -> [RowOutcome] {
    if let row = rows.first, group(of: row) == nil { return [try outcome(of: row)] }
    var outcomes: [RowOutcome] = []
    var fees = rows.filter { LabelVocabulary.key($0["Transaction Type"]) == "withdrawalfee" }[...]
    let withdrawals = rows.filter { LabelVocabulary.key($0["Transaction Type"]) != "withdrawalfee" }
    for row in withdrawals {
      var withdrawal = try base(row, .withdrawal)
      withdrawal.outgoing = try row.amount("Amount", of: "Cryptocurrency")
      if let fee = fees.popFirst() {
        withdrawal.fee = try fee.amount("Amount", of: "Cryptocurrency")
        withdrawal.mergedRows = [fee.number]
      }
      outcomes.append(.transaction(withdrawal))
    }
    for row in fees {
      var fee = try base(row, .fee)
      fee.fee = try row.amount("Amount", of: "Cryptocurrency")
      outcomes.append(.transaction(fee))
    }
    return outcomes
  }

  private static func outcome(of row: Row) throws(RowFault) -> RowOutcome {
    if row["Confirmed At"].isEmpty { return .skipped(row: row.number, why: "not confirmed") }
    let type = LabelVocabulary.key(try row.text("Transaction Type"))
    if type == "trade" {
      return .skipped(row: row.number, why: "a leg of a trade that the trade history tells")
    }
    if ownMoves.contains(type) { return .skipped(row: row.number, why: "between own accounts") }
    let isOutgoing = try row.signed("Amount").isNegative
    let amount = try row.amount("Amount", of: "Cryptocurrency")
    if type == "cryptotransfer" {
      var transfer = try base(row, isOutgoing ? .withdrawal : .deposit)
      if isOutgoing { transfer.outgoing = amount } else { transfer.incoming = amount }
      return .transaction(transfer)
    }
    guard let kind = receipts[type] else { throw row.fault(.unknownKind, "Transaction Type") }
    if isOutgoing { throw row.fault(.unclearDirection, "Amount") }
    var receipt = try base(row, kind)
    receipt.incoming = amount
    return .transaction(receipt)
  }

  private static func base(
    _ row: Row, _ kind: EntryKind
  ) throws(RowFault) -> ImportedTransaction {
    var transaction = ImportedTransaction(
      row: row.number, time: try row.time("Confirmed At", .iso, .isoDate), kind: kind)
    transaction.note = row["Transaction Type"]
    return transaction
  }
}
