import Amounts
import Ledger

extension ImportFormat {
  /// Bitfinex's deposits and withdrawals, with the fee on top of the amount.
  public static let bitfinexMovements = ImportFormat(
    id: "bitfinex-movements", name: "Bitfinex deposits and withdrawals", venue: "bitfinex",
    defaultAccount: "Bitfinex", clock: .utc,
    sources: [
      "https://docs.bitfinex.com/reference/rest-auth-movements",
      "https://github.com/bitfinexcom/bfx-report",
    ],
    header: .having(["date", "currency", "status", "amount", "fees", "description"]),
    makeDecoder: { _, settings in
      SingleRowDecoder { row throws(RowFault) in
        let status = try row.text("status")
        guard status.uppercased() == "COMPLETED" else {
          return .skipped("not completed: \(status.lowercased())")
        }
        let asset = Bitfinex.asset(try row.asset("currency").code)
        let change = try row.change("amount", of: asset, at: try Bitfinex.time(of: row, settings))
        var movement = change.transaction(in: .deposit, out: .withdrawal)
        movement.fee =
          AssetQuantity(try row.optionalMagnitude("fees") ?? .zero, asset).unlessZero
        movement.transactionHash = row.optional("transaction id")
        movement.recipient = change.isIncoming ? nil : row.optional("description")
        movement.note = row.optional("note")
        movement.reference = row.optional("#")
        return .transaction(movement)
      }
    })
}
