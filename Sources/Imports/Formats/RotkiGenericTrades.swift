import Amounts
import Ledger

extension ImportFormat {
  /// rotki's format for trades of any source, and its older one of a pair with a side.
  public static let rotkiGenericTrades = ImportFormat(
    id: "rotki-generic-trades", name: "rotki generic trades", venue: "rotki",
    defaultAccount: "rotki", clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/rotki_trades.py"
    ],
    header: HeaderRule { header in
      let has = { (name: String) in header.position(of: name) != nil }
      return has("Location") && has("Fee Currency") && has("Timestamp")
        && (has("Spend Currency") && has("Receive Currency") && has("Spend Amount")
          && has("Receive Amount")
          || has("Base Currency") && has("Quote Currency") && has("Buy Amount")
            && has("Sell Amount") && has("Type"))
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, _ in
      let isOlder = header.position(of: "Spend Currency") == nil
      return UnrepeatedRowDecoder(timeIn: "Timestamp") { row throws(RowFault) in
        .transaction(try rotkiTrade(row, isOlder: isOlder))
      }
    })

  private static func rotkiTrade(
    _ row: Row, isOlder: Bool
  ) throws(RowFault) -> ImportedTransaction {
    var trade = ImportedTransaction(
      row: row.number, time: try row.time("Timestamp", .unixMilliseconds), kind: .trade)
    if isOlder {
      let base = try RotkiAssets.amount(row, "Buy Amount", of: "Base Currency")
      let quote = try RotkiAssets.amount(row, "Sell Amount", of: "Quote Currency")
      switch row["Type"].lowercased() {
      case "buy": (trade.incoming, trade.outgoing) = (base, quote)
      case "sell": (trade.incoming, trade.outgoing) = (quote, base)
      default: throw row.fault(.unknownKind, "Type")
      }
    } else {
      trade.incoming = try RotkiAssets.amount(row, "Receive Amount", of: "Receive Currency")
      trade.outgoing = try RotkiAssets.amount(row, "Spend Amount", of: "Spend Currency")
    }
    trade.fee = try RotkiAssets.fee(of: row)
    trade.account = row.optional("Location")
    trade.note = row.optional("Description")
    return trade
  }
}
