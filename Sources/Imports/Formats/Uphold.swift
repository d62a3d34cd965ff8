import Amounts
import Ledger

extension ImportFormat {
  /// Uphold's transaction history, of both generations: with named places, and with underscores.
  public static let uphold = ImportFormat(
    id: "uphold", name: "Uphold", venue: "uphold", defaultAccount: "Uphold", clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/uphold_transactions.py",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/uphold.py",
    ],
    header: HeaderRule { header in
      let has = { (name: String) in header.position(of: name) != nil }
      return has("Date") && has("Id") && has("Type")
        && (has("Destination Amount") && has("Origin Amount") && has("Status")
          || has("destination_amount") && has("origin_amount"))
    },
    makeDecoder: { header, _ in
      if header.position(of: "Origin Amount") == nil {
        return SingleRowDecoder { row throws(RowFault) in
          .transaction(try Uphold.older(row))
        }
      }
      return SingleRowDecoder { row throws(RowFault) in try Uphold.meaning(of: row) }
    })
}

/// What Uphold's rows mean.
private enum Uphold {
  /// `Tue May 26 2020 18:06:28 GMT+0000`, with the zone's name in brackets or without.
  private static let times: [TimePattern] = [
    .pattern("E MMM dd yyyy HH:mm:ss~X[ *]"), .iso,
  ]

  static func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let status = row["Status"].lowercased()
    if !["", "completed", "complete"].contains(status) { return .skipped(status) }
    let side = try Side(row)
    let type = try row.text("Type").lowercased()
    guard ["in", "out", "transfer"].contains(type) else { throw row.fault(.unknownKind, "Type") }
    let isFromUphold = row["Origin"].lowercased() == "uphold"
    let isToUphold = row["Destination"].lowercased() == "uphold"
    switch (isFromUphold, isToUphold, type) {
    case (true, true, _) where side.isOneAmount:
      if type == "transfer" { return .skipped("between own cards") }
      return .transaction(
        type == "in"
          ? side.transaction(.receive, incoming: side.destination)
          : side.transaction(.spend, outgoing: side.origin))
    case (true, true, _): return try side.trade(feeIsTakenOff: true)
    case (true, false, "out") where side.isOneAsset:
      return .transaction(
        side.transaction(.withdrawal, outgoing: try side.sent(), fee: side.fee))
    case (false, true, "in") where side.isOneAsset:
      return .transaction(
        side.transaction(.deposit, incoming: side.origin, fee: side.fee))
    case (true, false, "out"), (false, true, "in"): return try side.trade(feeIsTakenOff: false)
    default: throw row.fault(.unclearDirection, "Origin")
    }
  }

  /// Both ends of a row and its fee.
  private struct Side {
    let row: Row
    let time: Instant
    let origin: AssetQuantity
    let destination: AssetQuantity
    let fee: AssetQuantity?

    init(_ row: Row) throws(RowFault) {
      self.row = row
      time = try Row.time(try row.text("Date"), Uphold.times, zone: UTCZone(), column: "Date")
      origin = try row.amount("Origin Amount", of: "Origin Currency", .pointed)
      destination = try row.amount("Destination Amount", of: "Destination Currency", .pointed)
      let code: Column = row["Fee Currency"].isEmpty ? "Origin Currency" : "Fee Currency"
      fee = try row.optionalAmount("Fee Amount", of: code, .pointed)
    }

    var isOneAsset: Bool { origin.asset == destination.asset }
    var isOneAmount: Bool { origin == destination }

    func transaction(
      _ kind: EntryKind, incoming: AssetQuantity? = nil, outgoing: AssetQuantity? = nil,
      fee: AssetQuantity? = nil
    ) -> ImportedTransaction {
      var transaction = ImportedTransaction(
        row: row.number, time: time, kind: kind, incoming: incoming, outgoing: outgoing, fee: fee)
      transaction.note = "\(row["Origin"]) to \(row["Destination"])"
      transaction.reference = row.optional("Id")
      return transaction
    }

    /// What left, without a fee that the origin's amount is known to include.
    func sent() throws(RowFault) -> AssetQuantity {
      guard let fee, fee.asset == origin.asset,
        let together = try? destination.quantity.adding(fee.quantity),
        together == origin.quantity
      else { return origin }
      return destination
    }

    /// One coin for another; `feeIsTakenOff` says that a fee in the coin got is off its amount.
    func trade(feeIsTakenOff: Bool) throws(RowFault) -> RowMeaning {
      var got = destination
      if feeIsTakenOff, let fee, fee.asset == destination.asset {
        guard let whole = try? destination.quantity.adding(fee.quantity) else {
          throw row.fault(.tooLarge, "Destination Amount")
        }
        got.quantity = whole
      }
      if got.quantity.isZero { return .skipped("a trade of nothing") }
      return .transaction(transaction(.trade, incoming: got, outgoing: origin, fee: fee))
    }
  }

  /// A row of the older generation: its fee is what the destination got less than the origin gave.
  static func older(_ row: Row) throws(RowFault) -> ImportedTransaction {
    let origin = try row.amount("origin_amount", of: "origin_currency", .pointed)
    let destination = try row.amount("destination_amount", of: "destination_currency", .pointed)
    var transaction = ImportedTransaction(
      row: row.number,
      time: try Row.time(try row.text("date"), times, zone: UTCZone(), column: "date"),
      kind: .trade)
    transaction.reference = row.optional("id")
    switch try row.text("type").lowercased() {
    case "deposit", "in":
      transaction.kind = .deposit
      transaction.incoming = origin
      transaction.fee = try difference(origin, destination, of: row)
    case "withdrawal", "out":
      transaction.kind = .withdrawal
      transaction.fee = try difference(origin, destination, of: row)
      transaction.outgoing = transaction.fee == nil ? origin : destination
    case "transfer":
      transaction.incoming = destination
      transaction.outgoing = origin
    default: throw row.fault(.unknownKind, "type")
    }
    return transaction
  }

  private static func difference(
    _ origin: AssetQuantity, _ destination: AssetQuantity, of row: Row
  ) throws(RowFault) -> AssetQuantity? {
    guard origin.asset == destination.asset, origin.quantity != destination.quantity else {
      return nil
    }
    guard let rest = try? origin.quantity.subtracting(destination.quantity), !rest.isNegative else {
      throw row.fault(.unclearDirection, "destination_amount")
    }
    return AssetQuantity(rest, origin.asset)
  }
}
