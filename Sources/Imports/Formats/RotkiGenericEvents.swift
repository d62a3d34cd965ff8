import Amounts
import Ledger

extension ImportFormat {
  /// rotki's format for events of any source; assets are named by rotki's identifiers.
  public static let rotkiGenericEvents = ImportFormat(
    id: "rotki-generic-events", name: "rotki generic events", venue: "rotki",
    defaultAccount: "rotki", clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/rotki_events.py"
    ],
    header: .having([
      "Type", "Location", "Currency", "Amount", "Fee", "Fee Currency", "Description", "Timestamp",
    ]),
    rowsMayEndEarly: true,
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in try rotkiEvent(row) }
    })

  private static let rotkiReceipts: [String: EntryKind] = [
    "deposit": .deposit, "income": .receive, "staking": .staking,
  ]

  private static let rotkiPayments: [String: EntryKind] = [
    "withdrawal": .withdrawal, "loss": .spend, "spend": .spend,
  ]

  /// An event, and its fee as an event of its own.
  private static func rotkiEvent(_ row: Row) throws(RowFault) -> RowMeaning {
    let type = try row.text("Type").lowercased()
    let receipt = rotkiReceipts[type]
    guard let kind = receipt ?? rotkiPayments[type] else { throw row.fault(.unknownKind, "Type") }
    let amount = try RotkiAssets.amount(row, "Amount", of: "Currency")
    var event = ImportedTransaction(
      row: row.number, time: try row.time("Timestamp", .unixMilliseconds), kind: kind)
    event.account = row.optional("Location")
    event.note = row.optional("Description")
    var alone = event
    if receipt == nil { event.outgoing = amount } else { event.incoming = amount }
    guard let fee = try RotkiAssets.fee(of: row) else { return .transaction(event) }
    (alone.kind, alone.fee) = (.fee, fee)
    return .transactions([event, alone])
  }
}
