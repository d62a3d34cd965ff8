import Amounts
import Ledger

extension ImportFormat {
  /// Koinly's export for editing in bulk: `From` and `To` columns, each code followed by `;` and an
  /// id of Koinly's own.
  public static let koinlyBulkEdit = ImportFormat(
    id: "koinly-bulk-edit", name: "Koinly bulk edit", venue: "koinly", defaultAccount: "Koinly",
    clock: .utc,
    sources: [
      "https://support.koinly.io/en/articles/9490043",
      "https://support.koinly.io/en/articles/9490023-what-are-tags",
    ],
    header: .having([
      "ID (read-only)", "Date (UTC)", "Type", "Tag", "From Wallet (read-only)", "From Amount",
      "From Currency", "To Wallet (read-only)", "To Amount", "To Currency", "Fee Amount",
      "Fee Currency",
    ]),
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in try KoinlyBulkEdit.meaning(of: row) }
    })
}

/// What the rows of Koinly's export for editing mean.
private enum KoinlyBulkEdit {
  static func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    if ["true", "yes", "1"].contains(row["Deleted"].lowercased()) {
      return .skipped("deleted in Koinly")
    }
    let sides = TrackedSides(
      incoming: try amount(row, "To Amount", of: "To Currency"),
      outgoing: try amount(row, "From Amount", of: "From Currency"),
      fee: try amount(row, "Fee Amount", of: "Fee Currency"))
    let time = try row.time("Date (UTC)", .iso)
    var transaction: ImportedTransaction
    if let incoming = sides.incoming, let outgoing = sides.outgoing {
      // Whatever its tag, a row with both sides exchanges them or moves one coin.
      let kind = try kindOfBoth(row)
      transaction = ImportedTransaction(
        row: row.number, time: time, kind: kind, incoming: incoming, outgoing: outgoing,
        fee: sides.fee)
    } else {
      transaction = try KoinlyTags.transaction(
        of: sides, on: row, tag: "Tag", at: time, reward: .staking)
    }
    if transaction.kind != .transfer { transaction.state(try worth(of: row)) }
    describe(&transaction, from: row)
    return .transaction(transaction)
  }

  private static func kindOfBoth(_ row: Row) throws(RowFault) -> EntryKind {
    switch try row.text("Type").lowercased() {
    case "transfer": .transfer
    case "trade", "exchange", "buy", "sell", "swap": .trade
    default: throw row.fault(.unknownKind, "Type")
    }
  }

  private static func describe(_ transaction: inout ImportedTransaction, from row: Row) {
    let from = name(row["From Wallet (read-only)"])
    let to = name(row["To Wallet (read-only)"])
    if transaction.kind == .transfer {
      transaction.account = from
      transaction.toAccount = to
    } else {
      transaction.account = transaction.incoming == nil ? from ?? to : to ?? from
    }
    transaction.note = row.optional("Description")
    transaction.transactionHash = row.optional("TxHash")
    transaction.reference = row.optional("ID (read-only)")
  }

  /// What Koinly found it was worth, else what the user said.
  private static func worth(of row: Row) throws(RowFault) -> Money? {
    let found = try money(row, "Net Value (read-only)", of: "Value Currency (read-only)")
    if let found { return found }
    return try money(row, "Net Worth Amount", of: "Net Worth Currency")
  }

  private static func money(
    _ row: Row, _ column: Column, of code: Column
  ) throws(RowFault) -> Money? {
    guard let amount = try row.optionalMagnitude(column, .pointed), !amount.isZero,
      let code = name(row[code])
    else { return nil }
    return try row.money(column, in: Currency(code), .pointed)
  }

  private static func amount(
    _ row: Row, _ column: Column, of code: Column
  ) throws(RowFault) -> AssetQuantity? {
    guard var amount = try row.optionalAmount(column, of: code, .pointed) else { return nil }
    guard let plain = name(amount.asset.code) else { throw row.fault(.missing, code) }
    amount.asset = NamedAsset(plain)
    return amount
  }

  /// `Kraken` of `Kraken;kr`, `BTC` of `BTC;1`.
  private static func name(_ cell: String) -> String? {
    let name = Row.trimmed(cell[..<(cell.lastIndex(of: ";") ?? cell.endIndex)])
    return name.isEmpty ? nil : name
  }
}
