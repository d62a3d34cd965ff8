import Amounts
import Ledger

extension ImportFormat {
  /// Bitcoin.tax's exports: trades with `Cost/Proceeds`, income and spending without.
  public static let bitcoinTax = ImportFormat(
    id: "bitcoin-tax", name: "Bitcoin.tax", venue: "bitcoin-tax", defaultAccount: "Bitcoin.tax",
    clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/bitcoin_tax.py",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/bitcointaxes.py",
    ],
    header: .having([
      "Date", "Action", "Symbol", "Volume", "Currency", "Fee", "FeeCurrency", "Total",
    ]),
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in try BitcoinTax.meaning(of: row) }
    })
}

/// What Bitcoin.tax's rows mean.
private enum BitcoinTax {
  private static let receipts: [String: EntryKind] = [
    "INCOME": .income, "MINING": .mining, "GIFTIN": .giftReceived, "BORROW": .loan,
  ]

  private static let payments: [String: EntryKind] = [
    "SPEND": .spend, "DONATION": .donation, "GIFT": .giftSent, "STOLEN": .lost, "LOST": .lost,
    "REPAY": .loanRepayment, "FEE": .fee,
  ]

  static func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let action = try row.text("Action").uppercased()
    if action == "SWAP" { return .skipped("a coin renamed or split off, no trade") }
    var transaction = ImportedTransaction(
      row: row.number, time: try row.time("Date", .iso, .isoDate), kind: .trade)
    let volume = try row.amount("Volume", of: "Symbol", .pointed)
    switch action {
    case "BUY":
      transaction.incoming = volume
      transaction.outgoing = try counterSide(row)
    case "SELL":
      transaction.incoming = try counterSide(row)
      transaction.outgoing = volume
    default:
      if let kind = receipts[action] {
        transaction.kind = kind
        transaction.incoming = volume
      } else if let kind = payments[action] {
        transaction.kind = kind
        if kind == .fee { transaction.fee = volume } else { transaction.outgoing = volume }
      } else {
        throw row.fault(.unknownKind, "Action")
      }
    }
    describe(&transaction, from: row)
    return try withFee(transaction, from: row)
  }

  /// What was paid or got; the total repeats it with the fee's rounding.
  private static func counterSide(_ row: Row) throws(RowFault) -> AssetQuantity {
    let column: Column = row["Cost/Proceeds"].isEmpty ? "Total" : "Cost/Proceeds"
    return try row.amount(column, of: "Currency", .pointed)
  }

  private static func describe(_ transaction: inout ImportedTransaction, from row: Row) {
    transaction.account = row.optional("Account")
    transaction.note = row.optional("Memo")
    transaction.transactionHash = row.optional("TxHash")
    transaction.recipient = row.optional("Recipient")
  }

  /// A fee is in the row's currency where it names none; a negative one is money back.
  private static func withFee(
    _ transaction: ImportedTransaction, from row: Row
  ) throws(RowFault) -> RowMeaning {
    let code: Column = row["FeeCurrency"].isEmpty ? "Currency" : "FeeCurrency"
    guard let fee = try row.optionalAmount("Fee", of: code, .pointed) else {
      return .transaction(transaction)
    }
    if try row.signed("Fee", .pointed).isNegative {
      var rebate = ImportedTransaction(
        row: row.number, time: transaction.time, kind: .feeRebate, incoming: fee)
      rebate.account = transaction.account
      return .transactions([transaction, rebate])
    }
    var transaction = transaction
    transaction.fee = fee
    return .transaction(transaction)
  }
}
