import Amounts
import Ledger

extension ImportFormat {
  /// Koinly's transaction history: sides with their wallets, and values in the user's currency.
  public static let koinlyTransactions = ImportFormat(
    id: "koinly-transactions", name: "Koinly transaction history", venue: "koinly",
    defaultAccount: "Koinly", clock: .utc,
    sources: [
      "https://support.koinly.io/en/articles/9490022-what-are-transactions-in-koinly",
      "https://support.koinly.io/en/articles/9490023-what-are-tags",
    ],
    header: HeaderRule { header in
      KoinlyTransactions.columns.allSatisfy { header.position(of: $0) != nil }
        && (header.position(of: "label") != nil || header.position(of: "tag") != nil)
    },
    makeDecoder: { header, _ in
      let reader = KoinlyTransactions(header)
      return SingleRowDecoder { row throws(RowFault) in .transaction(try reader.read(row)) }
    })
}

/// Reads one row of Koinly's history.
private struct KoinlyTransactions {
  static let columns = [
    "date", "type", "sending wallet", "sent amount", "sent currency", "receiving wallet",
    "received amount", "received currency", "fee amount", "fee currency",
  ]

  private let tag: Column
  /// The column `Net Value (GBP)` and its currency.
  private let value: Column?
  private let currency: Currency?

  init(_ header: Header) {
    tag = header.position(of: "label") == nil ? "tag" : "label"
    let net = header.columns.firstIndex { $0.hasPrefix("net value (") }
    value = net.map { .at($0) }
    currency = net.flatMap { Currency(header.columns[$0].dropFirst(11).dropLast()) }
  }

  func read(_ row: Row) throws(RowFault) -> ImportedTransaction {
    var transaction = ImportedTransaction(
      row: row.number, time: try row.time("date", .iso), kind: try kind(row))
    transaction.incoming =
      try row.optionalAmount("received amount", of: "received currency", .pointed)
    transaction.outgoing = try row.optionalAmount("sent amount", of: "sent currency", .pointed)
    try check(transaction, row)
    transaction.fee = try row.optionalAmount("fee amount", of: "fee currency", .pointed)
    transaction.value = try statedValue(row, transaction)
    transaction.account = row.optional("sending wallet") ?? row.optional("receiving wallet")
    if transaction.kind == .transfer { transaction.toAccount = row.optional("receiving wallet") }
    transaction.note = row.optional("description")
    transaction.transactionHash = row.optional("txhash")
    return transaction
  }

  private func kind(_ row: Row) throws(RowFault) -> EntryKind {
    switch try row.text("type") {
    case "buy", "sell", "exchange", "trade": return .trade
    case "transfer": return .transfer
    case "fiat_deposit", "crypto_deposit", "deposit":
      if let kind = KoinlyTags.deposit(row[tag]) { return kind }
      throw row.fault(.unknownKind, tag)
    case "fiat_withdrawal", "crypto_withdrawal", "withdrawal":
      if let kind = KoinlyTags.withdrawal(row[tag]) { return kind }
      throw row.fault(.unknownKind, tag)
    default: throw row.fault(.unknownKind, "type")
    }
  }

  /// The sides that the type promises are there.
  private func check(_ transaction: ImportedTransaction, _ row: Row) throws(RowFault) {
    let type = row["type"]
    let isOneSided = type.hasSuffix("deposit") || type.hasSuffix("withdrawal")
    if transaction.incoming == nil && !(isOneSided && type.hasSuffix("withdrawal")) {
      throw row.fault(.missing, "received amount")
    }
    if transaction.outgoing == nil && !(isOneSided && type.hasSuffix("deposit")) {
      throw row.fault(.missing, "sent amount")
    }
  }

  /// The value, unless the transfer stays one's own or a side is that very currency.
  private func statedValue(
    _ row: Row, _ transaction: ImportedTransaction
  ) throws(RowFault) -> Money? {
    guard let value, let currency, transaction.kind != .transfer else { return nil }
    let sides = [transaction.incoming?.asset.code, transaction.outgoing?.asset.code]
    if sides.contains(currency.code) { return nil }
    return try row.money(value, in: currency, .pointed)
  }
}
