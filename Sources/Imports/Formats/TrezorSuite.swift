import Amounts
import Ledger

extension ImportFormat {
  /// Trezor Suite's export of one account: one row a target of a transaction.
  ///
  /// The first layout names neither its coin nor its zone: the coin comes from the user or from the
  /// file's name, for example `export-btc-….csv`.
  public static let trezorSuite = ImportFormat(
    id: "trezor-suite", name: "Trezor Suite", venue: "trezor", defaultAccount: "Trezor",
    clock: .account,
    sources: ["https://trezor.io/guides/trezor-suite/export-your-transaction-history"],
    header: HeaderRule { header in
      TrezorSuite.variants.contains { $0.allSatisfy { header.position(of: $0) != nil } }
    },
    makeDecoder: { header, settings in
      let reader = TrezorSuite(header: header, settings: settings)
      return SingleRowDecoder { row throws(RowFault) in try reader.read(row) }
    })
}

/// Reads one row of Trezor Suite's export.
private struct TrezorSuite {
  static let variants: [[String]] = [
    ["timestamp", "type", "transaction id", "fee", "fee unit", "address", "amount", "amount unit"],
    ["date & time", "type", "transaction id", "addresses", "fee", "total"],
    ["timestamp", "type", "transaction id", "addresses", "fee", "total"],
  ]

  let header: Header
  let settings: ImportSettings

  private var isFirstLayout: Bool { header.position(of: "total") != nil }

  func read(_ row: Row) throws(RowFault) -> RowMeaning {
    var transaction = ImportedTransaction(
      row: row.number, time: try time(row), kind: .withdrawal)
    let amount = try amount(row)
    transaction.fee = try fee(row)
    transaction.note = row.optional("label")
    transaction.transactionHash = row.optional("transaction id")
    switch try row.text("type").uppercased() {
    case "RECV":
      // The sender paid the fee.
      transaction.fee = nil
      transaction.kind = .deposit
      transaction.incoming = amount
    case "SENT": transaction.outgoing = amount
    case "CONTRACT" where !amount.quantity.isZero: transaction.outgoing = amount
    case "SELF", "FAILED", "CONTRACT":
      if transaction.fee == nil { return .skipped("nothing moved") }
      transaction.kind = .fee
    default: throw row.fault(.unknownKind, "type")
    }
    return .transaction(transaction)
  }

  private func time(_ row: Row) throws(RowFault) -> Instant {
    guard header.position(of: "timestamp") == nil else {
      return try row.time("timestamp", .unixSeconds)
    }
    return try row.time(
      "date & time", .iso, TrezorSuite.dateAndTime.ordered(settings.dateOrder),
      TrezorSuite.dateAndHour.ordered(settings.dateOrder), zone: settings.zone)
  }

  private static let dateAndTime = TimePattern.pattern("dd/MM/yyyy[,] HH:mm[:ss]")
  private static let dateAndHour = TimePattern.pattern("dd/MM/yyyy[,] hh:mm[:ss]~a")

  private func amount(_ row: Row) throws(RowFault) -> AssetQuantity {
    if isFirstLayout { return AssetQuantity(try row.magnitude("total", .pointed), try coin(row)) }
    return try row.amount("amount", of: "amount unit", .pointed)
  }

  private func fee(_ row: Row) throws(RowFault) -> AssetQuantity? {
    guard isFirstLayout else { return try row.optionalAmount("fee", of: "fee unit", .pointed) }
    guard let fee = try row.optionalMagnitude("fee", .pointed), !fee.isZero else { return nil }
    return AssetQuantity(fee, try coin(row))
  }

  /// The coin of a file that does not name it.
  private func coin(_ row: Row) throws(RowFault) -> NamedAsset {
    if let named = settings.nativeAsset { return NamedAsset(named) }
    let parts = settings.fileName.split(separator: "-")
    guard parts.count >= 3, (3...4).contains(parts[1].utf8.count),
      parts[1].allSatisfy({ $0.isASCII && $0.isLetter })
    else { throw RowFault(.missing, column: "native asset", text: settings.fileName) }
    return NamedAsset(parts[1].uppercased())
  }
}
