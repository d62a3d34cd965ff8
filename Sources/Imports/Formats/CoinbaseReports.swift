import Amounts
import Ledger

extension ImportFormat {
  /// Coinbase's report of purchases and sales, offered until 2019; its third column is the coin.
  public static let coinbaseTransfers = ImportFormat(
    id: "coinbase-transfers", name: "Coinbase transfers report", venue: "coinbase",
    defaultAccount: "Coinbase", clock: .utc, sources: CoinbaseReports.sources,
    header: HeaderRule { header in
      header.columns.count >= 10
        && ["timestamp", "type"] == header.columns[0...1]
        && ["subtotal", "fees", "total", "currency", "price per coin"] == header.columns[3...7]
    },
    makeDecoder: { header, _ in
      let code = header.columns[2].uppercased()
      return SingleRowDecoder { row throws(RowFault) in
        .transaction(try CoinbaseReports.transfer(row, of: NamedAsset(code)))
      }
    })

  /// Coinbase's report of one wallet, offered until 2019.
  public static let coinbaseWallet = ImportFormat(
    id: "coinbase-wallet", name: "Coinbase wallet report", venue: "coinbase",
    defaultAccount: "Coinbase", clock: .utc, sources: CoinbaseReports.sources,
    header: .having([
      "timestamp", "balance", "amount", "currency", "to", "notes", "instantly exchanged",
      "transfer total", "transfer total currency", "transfer fee", "transfer id",
    ]),
    makeDecoder: { header, _ in
      let hash = header.columns.firstIndex { $0.hasSuffix("hash") || $0.contains(" hash") }
      return SingleRowDecoder { row throws(RowFault) in
        try CoinbaseReports.movement(row, hash: .at(hash ?? CoinbaseReports.hashPosition))
      }
    })
}

/// What the rows of Coinbase's old reports mean.
private enum CoinbaseReports {
  static let sources = [
    "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/coinbase.py"
  ]

  /// Where the hash stands in files whose header does not name it so.
  static let hashPosition = 21

  static func transfer(_ row: Row, of asset: NamedAsset) throws(RowFault) -> ImportedTransaction {
    let currency = try row.asset("currency")
    var transaction = ImportedTransaction(
      row: row.number, time: try row.time("timestamp", .iso), kind: .trade)
    switch try row.text("type").lowercased() {
    case "buy":
      transaction.incoming = AssetQuantity(try row.magnitude(2, .pointed), asset)
      transaction.outgoing = AssetQuantity(try row.magnitude("subtotal", .pointed), currency)
    case "sell":
      transaction.incoming = AssetQuantity(try row.magnitude("subtotal", .pointed), currency)
      transaction.outgoing = AssetQuantity(try row.magnitude(2, .pointed), asset)
    case "deposit":
      transaction.kind = .deposit
      transaction.incoming = AssetQuantity(try row.magnitude("total", .pointed), currency)
    case "withdrawal":
      transaction.kind = .withdrawal
      transaction.outgoing = AssetQuantity(try row.magnitude("total", .pointed), currency)
    default: throw row.fault(.unknownKind, "type")
    }
    transaction.fee =
      AssetQuantity(try row.optionalMagnitude("fees", .pointed) ?? .zero, currency).unlessZero
    transaction.reference = row.optional("id")
    return transaction
  }

  /// A change of the wallet: by a hash on the chain, by a transfer's id a trade or fiat money.
  static func movement(_ row: Row, hash: Column) throws(RowFault) -> RowMeaning {
    let change = try row.change(
      "amount", of: try row.asset("currency"), at: try row.time("timestamp", .iso), .pointed)
    var transaction = change.transaction(in: .deposit, out: .withdrawal)
    transaction.note = row.optional("notes")
    if !row[hash].isEmpty {
      transaction.transactionHash = row.optional(hash)
      return .transaction(transaction)
    }
    if !row["transfer id"].isEmpty { return .transaction(try exchange(row, change)) }
    // A bonus was paid in bitcoin; a remark on another coin repeats a row of the bitcoin wallet.
    if row["notes"].isEmpty { return .transaction(transaction) }
    guard change.amount.asset.code == "BTC", change.isIncoming else {
      return .skipped("told in the report of the bitcoin wallet")
    }
    transaction.kind = .referral
    return .transaction(transaction)
  }

  private static func exchange(
    _ row: Row, _ change: Change
  ) throws(RowFault) -> ImportedTransaction {
    let total = try row.amount("transfer total", of: "transfer total currency", .pointed)
    let fee = try row.optionalMagnitude("transfer fee", .pointed) ?? .zero
    var transaction: ImportedTransaction
    if total.asset == change.amount.asset {
      transaction = Change(
        row: row.number, time: change.time, amount: total, isIncoming: change.isIncoming
      ).transaction(in: .deposit, out: .withdrawal)
    } else {
      transaction = change.transaction(.trade)
      if change.isIncoming {
        transaction.outgoing = try total.subtracting(fee)
      } else {
        transaction.incoming = try total.adding(fee)
      }
    }
    transaction.fee =
      AssetQuantity(
        fee,
        try row.optionalAmount(
          "transfer fee", of: "transfer fee currency", .pointed)?.asset ?? total.asset
      ).unlessZero
    transaction.note = row.optional("notes")
    transaction.reference = row.optional("transfer id")
    return transaction
  }
}
