import Amounts
import Ledger

extension ImportFormat {
  /// CoinTracking's trade list with fees and comments, and its import template of the same order.
  ///
  /// The header repeats `Cur.`, in the account's language, so columns go by position; further columns
  /// with addresses and hashes may follow. Times are in the zone the account was set to.
  public static let coinTrackingTradeList = ImportFormat(
    id: "cointracking-trade-list", name: "CoinTracking trade list", venue: "cointracking",
    defaultAccount: "CoinTracking", clock: .account,
    sources: [
      "https://cointracking.info/import/import_csv/",
      "https://cointracking.freshdesk.com/en/support/solutions/articles/29000042783",
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/cointracking.py",
    ],
    header: HeaderRule { header in
      let columns = header.columns
      guard columns.count >= 11 else { return false }
      return [2, 4, 6].allSatisfy { columns[$0] == "cur." }
        || columns[0...1] == ["type", "buy amount"] && columns[3] == "sell amount"
          && [2, 4].allSatisfy {
            columns[$0].hasSuffix("currency") || columns[$0].hasSuffix("cur.")
          }
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, settings in
      let hash = ["Tx-ID", "Tx Hash", "Tx-ID (optional)"].first { header.position(of: $0) != nil }
      return SingleRowDecoder { row throws(RowFault) in
        .transaction(
          try CoinTracking.listed(row, hash: .named(hash ?? "Tx-ID"), settings))
      }
    })
}

extension CoinTracking {
  /// A row of the trade list, by position.
  fileprivate static func listed(
    _ row: Row, hash: Column, _ settings: ImportSettings
  ) throws(RowFault) -> ImportedTransaction {
    let sides = TrackedSides(
      incoming: try row.trackedSide(1, of: 2, numbers),
      outgoing: try row.trackedSide(3, of: 4, numbers),
      fee: try row.optionalAmount(5, of: 6, numbers))
    let instant = try time(of: row, 10, settings)
    var transaction = try sides.transaction(of: row, at: instant, label: 0, in: listedTypes)
    transaction.account = row.optional(7)
    transaction.note = row.optional(9)
    transaction.transactionHash = row.optional(hash)
    return transaction
  }

  /// The list does not say what a gift or an income was for.
  private static let listedTypes: LabelVocabulary = {
    var listed = types
    for label in ["gifttip", "income", "geschenktrinkgeld", "einnahme", "ingresos"] {
      listed.incoming[label] = .receive
    }
    return listed
  }()
}
