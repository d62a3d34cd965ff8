import Amounts
import Ledger

extension ImportFormat {
  /// Coinbase Pro's account report: one row a movement; the rows of a fill share their trade id.
  public static let coinbasePro = ImportFormat(
    id: "coinbase-pro", name: "Coinbase Pro account", venue: "coinbase",
    defaultAccount: "Coinbase Pro", clock: .utc, sources: CoinbasePro.sources,
    header: .having([
      "type", "time", "amount", "balance", "amount/balance unit", "transfer id", "trade id",
      "order id",
    ]),
    makeDecoder: { _, _ in CoinbasePro(time: "time", isWholeSecond: false).decoder })

  /// The account statement as offered since Coinbase Pro was closed.
  public static let coinbaseProStatement = ImportFormat(
    id: "coinbase-pro-statement", name: "Coinbase Pro statement", venue: "coinbase",
    defaultAccount: "Coinbase Pro", clock: .utc, sources: CoinbasePro.sources,
    header: .having([
      "type", "timestamp", "amount", "balance", "amount/balance unit", "transfer id", "trade id",
      "order id",
    ]),
    makeDecoder: { _, _ in CoinbasePro(time: "timestamp", isWholeSecond: true).decoder })

  /// Coinbase Pro's fills report: one row a fill.
  public static let coinbaseProFills = ImportFormat(
    id: "coinbase-pro-fills", name: "Coinbase Pro fills", venue: "coinbase",
    defaultAccount: "Coinbase Pro", clock: .utc, sources: CoinbasePro.sources,
    header: .having([
      "trade id", "product", "side", "created at", "size", "size unit", "fee", "total",
      "price/fee/total unit",
    ]),
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in .transaction(try CoinbasePro.fill(row)) }
    })
}

/// Reads Coinbase Pro's rows; fees are on top of the amounts.
private struct CoinbasePro: Sendable {
  static let sources = [
    "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/coinbasepro.py",
    "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/coinbasepro.py",
  ]

  /// The column of the time.
  let time: Column
  /// Whether the rows of a statement are told by the second.
  let isWholeSecond: Bool

  var decoder: GroupDecoder {
    GroupDecoder(
      window: 200, key: { row throws(RowFault) in group(of: row) },
      meaning: { rows throws(RowFault) in try outcomes(of: rows) })
  }

  private func group(of row: Row) -> String? {
    let type = row["type"].lowercased()
    guard ["match", "fee", "conversion"].contains(type) else { return nil }
    let trade = row["trade id"]
    // Trade ids are counted for each market; a conversion has none.
    return trade.isEmpty
      ? type + " " + row[time] : "trade \(trade) \(row["order id"])"
  }

  private func outcomes(of rows: [Row]) throws(RowFault) -> [RowOutcome] {
    guard let row = rows.first else { return [] }
    if group(of: row) != nil { return try trade(rows).map { .transaction($0) } }
    let kinds: (in: EntryKind, out: EntryKind)
    switch try row.text("type").lowercased() {
    case "deposit", "withdrawal": kinds = (.deposit, .withdrawal)
    case "rebate": kinds = (.feeRebate, .fee)
    default: throw row.fault(.unknownKind, "type")
    }
    var transaction = try change(of: row).transaction(in: kinds.in, out: kinds.out)
    transaction.account = CoinbasePro.account(of: row)
    transaction.reference = row.optional("transfer id")
    return [.transaction(transaction)]
  }

  private func change(of row: Row) throws(RowFault) -> Change {
    let time = try row.time(time, .iso)
    return try row.change(
      "amount", of: try row.asset("amount/balance unit"),
      at: isWholeSecond ? Instant(seconds: time.seconds) : time)
  }

  /// One trade of what came in, what went out and the fee; a fee alone stays one.
  private func trade(_ rows: [Row]) throws(RowFault) -> [ImportedTransaction] {
    var sides: [Change] = []
    var fees: [Change] = []
    for row in rows {
      let change = try change(of: row)
      if row["type"].lowercased() == "fee" { fees.append(change) } else { sides.append(change) }
    }
    guard sides.count == 2, let incoming = sides.first(where: { $0.isIncoming }),
      let outgoing = sides.first(where: { !$0.isIncoming }), fees.count <= 1
    else { throw RowFault(.incomplete, column: "trade id", text: rows[0]["trade id"]) }
    var trade = ImportedTransaction(
      row: rows[0].number, time: incoming.time, kind: .trade, incoming: incoming.amount,
      outgoing: outgoing.amount, fee: fees.first?.amount.unlessZero)
    trade.account = CoinbasePro.account(of: rows[0])
    trade.mergedRows = rows.dropFirst().map(\.number)
    if let id = rows[0].optional("trade id") {
      trade.reference = CoinbasePro.reference(
        id, incoming.amount.asset.code, outgoing.amount.asset.code)
    }
    return [trade]
  }

  static func fill(_ row: Row) throws(RowFault) -> ImportedTransaction {
    let size = try row.amount("size", of: "size unit")
    let quote = try row.asset("price/fee/total unit")
    let fee = try row.optionalMagnitude("fee") ?? .zero
    let total = AssetQuantity(try row.magnitude("total"), quote)
    var trade = ImportedTransaction(
      row: row.number, time: try row.time("created at", .iso), kind: .trade)
    switch try row.text("side").uppercased() {
    case "BUY":
      trade.incoming = size
      trade.outgoing = try total.subtracting(fee)
    case "SELL":
      trade.incoming = try total.adding(fee)
      trade.outgoing = size
    default: throw row.fault(.unknownKind, "side")
    }
    trade.fee = AssetQuantity(fee, quote).unlessZero
    trade.account = account(of: row)
    if let id = row.optional("trade id") {
      trade.reference = reference(id, size.asset.code, quote.code)
    }
    return trade
  }

  /// The account; the first portfolio of a customer is called as the venue is.
  private static func account(of row: Row) -> String? {
    let name = row["portfolio"]
    return name.isEmpty || name == "default" ? nil : "Coinbase Pro \(name)"
  }

  /// What a fill is called in both reports: its id and, since ids are counted per market, its codes.
  private static func reference(_ id: String, _ codes: String...) -> String {
    id + " " + codes.sorted().joined(separator: "-")
  }
}
