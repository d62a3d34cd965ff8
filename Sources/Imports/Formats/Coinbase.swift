import Amounts
import Ledger

extension ImportFormat {
  /// Coinbase's transaction history, of all generations since 2019.
  ///
  /// A trade's other side stands in its remark; subtotals and fees are in one fiat currency.
  public static let coinbase = ImportFormat(
    id: "coinbase", name: "Coinbase transactions", venue: "coinbase",
    defaultAccount: "Coinbase", clock: .utc,
    sources: [
      "https://help.coinbase.com/en/coinbase/taxes/tools/statements",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/coinbase.py",
    ],
    header: HeaderRule { Coinbase.Columns($0) != nil },
    rowsMayEndEarly: true,
    makeDecoder: { header, _ in
      let columns = Coinbase.Columns(header)
      return GroupDecoder(
        window: 200, key: { row throws(RowFault) in Coinbase.group(of: row) },
        meaning: { rows throws(RowFault) in
          guard let columns else { throw RowFault(.wrongShape) }
          return try Coinbase(columns: columns).outcomes(of: rows)
        })
    })
}

/// Reads Coinbase's rows.
struct Coinbase: Sendable {
  let columns: Columns

  /// Where the figures in fiat money stand, and in what currency they are.
  struct Columns: Sendable {
    let subtotal: Column
    let total: Column
    let fees: Column
    private let currencyColumn: Column?
    private let fixedCurrency: Currency?

    /// Finds the columns; `nil` where the header is another program's.
    init?(_ header: Header) {
      for name in ["timestamp", "transaction type", "asset", "quantity transacted", "notes"]
      where header.position(of: name) == nil { return nil }
      let currencyNames = ["price currency", "spot price currency"]
      if let currency = currencyNames.first(where: { header.position(of: $0) != nil }) {
        currencyColumn = .named(currency)
        fixedCurrency = nil
        subtotal = "subtotal"
        total = Columns.column("total (inclusive of fees", of: header) ?? ""
        fees = Columns.column("fees", of: header) ?? ""
      } else {
        // The oldest generation names the currency in the columns: `GBP Subtotal`.
        let first = header.columns.first { $0.hasSuffix(" spot price at transaction") }
        guard let code = first?.prefix(3).uppercased(), let currency = Currency(code) else {
          return nil
        }
        currencyColumn = nil
        fixedCurrency = currency
        subtotal = .named("\(code) subtotal")
        total = .named("\(code) total (inclusive of fees)")
        fees = .named("\(code) fees")
      }
    }

    private static func column(_ beginning: String, of header: Header) -> Column? {
      header.columns.first { $0.hasPrefix(beginning) }.map { .named($0) }
    }

    /// The currency of a row's figures.
    func currency(of row: Row) throws(RowFault) -> Currency? {
      guard let currencyColumn else { return fixedCurrency }
      guard let text = row.optional(currencyColumn) else { return nil }
      guard let currency = Currency(text) else { throw row.fault(.wrongShape, currencyColumn) }
      return currency
    }
  }

  private static let type: Column = "transaction type"

  // MARK: - Groups

  /// Kinds of which two rows can be the two sides of one exchange.
  private static let pairedTypes: Set<String> = [
    "retail eth2 deprecation", "asset migration", "wrap asset", "unwrap asset",
    "retail staking transfer", "retail unstaking transfer",
  ]

  static func group(of row: Row) -> String? {
    let type = row[Coinbase.type].lowercased()
    if type == "convert" { return [type, row["timestamp"], row["notes"]].joined(separator: " ") }
    return pairedTypes.contains(type) ? type + " " + row["timestamp"] : nil
  }

  func outcomes(of rows: [Row]) throws(RowFault) -> [RowOutcome] {
    guard let first = rows.first else { return [] }
    switch first[Coinbase.type].lowercased() {
    case "convert": return try conversions(rows)
    case let type where Coinbase.pairedTypes.contains(type): return try pair(rows)
    default: break
    }
    switch try meaning(of: first) {
    case .transaction(let transaction): return [.transaction(transaction)]
    case .transactions(let several): return several.map { .transaction($0) }
    case .skipped(let why): return [.skipped(row: first.number, why: why)]
    }
  }

  /// Conversions: newer files have a row of its own for what came in.
  private func conversions(_ rows: [Row]) throws(RowFault) -> [RowOutcome] {
    var trades: [ImportedTransaction] = []
    var others: [Int] = []
    for row in rows {
      guard let note = CoinbaseNote.conversion(row["notes"]) else {
        throw row.fault(.unclearDirection, "notes")
      }
      let change = try change(of: row)
      if change.amount.asset.code == note.incoming.asset.code, change.isIncoming,
        note.outgoing.asset != note.incoming.asset
      {
        others.append(row.number)
        continue
      }
      var trade = ImportedTransaction(
        row: row.number, time: change.time, kind: .trade, incoming: note.incoming,
        outgoing: change.amount)
      trade.value = try money(columns.total, of: row)
      trade.note = row.optional("notes")
      trade.reference = row.optional("id")
      trades.append(trade)
    }
    guard !trades.isEmpty, others.count <= trades.count else {
      throw RowFault(.incomplete, column: "notes", text: rows[0]["notes"])
    }
    for (index, other) in others.enumerated() { trades[index].mergedRows = [other] }
    return trades.map { .transaction($0) }
  }

  /// Two rows of different assets are an exchange, of one asset a move between own accounts.
  private func pair(_ rows: [Row]) throws(RowFault) -> [RowOutcome] {
    var changes: [Change] = []
    for row in rows { changes.append(try change(of: row)) }
    guard Set(changes.map(\.amount.asset)).count > 1 else {
      return rows.map { .skipped(row: $0.number, why: "between own accounts") }
    }
    guard changes.count == 2, let incoming = changes.first(where: \.isIncoming),
      let outgoing = changes.first(where: { !$0.isIncoming })
    else { throw RowFault(.incomplete, column: "transaction type", text: rows[0][Coinbase.type]) }
    var trade = ImportedTransaction(
      row: rows[0].number, time: incoming.time, kind: .trade, incoming: incoming.amount,
      outgoing: outgoing.amount)
    trade.mergedRows = rows.dropFirst().map(\.number)
    trade.note = rows[0].optional("notes")
    trade.reference = rows[0].optional("id")
    return [.transaction(trade)]
  }

  // MARK: - Rows that stand alone

  private func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let type = try row.text(Coinbase.type).lowercased()
    if CoinbaseKinds.skipped.contains(type) { return .skipped("between own accounts") }
    var transaction: ImportedTransaction
    switch type {
    case "buy", "advanced trade buy", "advance trade buy":
      transaction = try trade(row, isBuy: true)
    case "sell", "advanced trade sell", "advance trade sell":
      transaction = try trade(row, isBuy: false)
    case "deposit", "withdrawal": transaction = try movement(row, isDeposit: type == "deposit")
    case "receive": transaction = try receipt(row)
    default:
      guard let rule = CoinbaseKinds.rules[type] else {
        throw row.fault(.unknownKind, Coinbase.type)
      }
      transaction = try change(row, by: rule)
    }
    transaction.note = row.optional("notes")
    transaction.reference = row.optional("id")
    return .transaction(transaction)
  }

  private func change(of row: Row) throws(RowFault) -> Change {
    try row.change(
      "quantity transacted", of: try row.asset("asset"), at: try row.time("timestamp", .iso),
      .pointed)
  }

  private func money(_ column: Column, of row: Row) throws(RowFault) -> Money? {
    try row.money(column, in: try columns.currency(of: row), .pointed)
  }

  private func change(
    _ row: Row, by rule: CoinbaseKinds.Rule
  ) throws(RowFault) -> ImportedTransaction {
    let found = try change(of: row)
    // Files before 2023 leave out the sign.
    let isIncoming =
      switch rule.direction {
      case .asSigned: found.isIncoming
      case .incoming: true
      case .outgoing: false
      }
    let directed = Change(
      row: found.row, time: found.time, amount: found.amount, isIncoming: isIncoming)
    var transaction = directed.transaction(in: rule.incoming, out: rule.outgoing)
    if rule.hasValue { transaction.value = try money(columns.total, of: row) }
    return transaction
  }

  /// Fiat money in or out; what is charged for it is part of the quantity.
  private func movement(_ row: Row, isDeposit: Bool) throws(RowFault) -> ImportedTransaction {
    let found = try change(of: row)
    let fee = try row.optionalMagnitude(columns.fees, .pointed) ?? .zero
    var transaction = ImportedTransaction(
      row: row.number, time: found.time, kind: isDeposit ? .deposit : .withdrawal)
    if isDeposit {
      transaction.incoming = try found.amount.adding(fee)
    } else {
      transaction.outgoing = try found.amount.subtracting(fee)
    }
    transaction.fee = AssetQuantity(fee, found.amount.asset).unlessZero
    return transaction
  }

  /// What came in from outside, or as a reward that only the remark tells of.
  private func receipt(_ row: Row) throws(RowFault) -> ImportedTransaction {
    let notes = row["notes"]
    let kind: EntryKind =
      if notes.contains("Coinbase Referral") {
        .referral
      } else if notes.contains("Coinbase Earn") || notes.contains("Coinbase Rewards") {
        .income
      } else {
        .deposit
      }
    var transaction = ImportedTransaction(
      row: row.number, time: try row.time("timestamp", .iso), kind: kind)
    transaction.incoming = try change(of: row).amount
    if let value = try money(columns.total, of: row), !value.amount.isZero {
      transaction.value = value
    }
    return transaction
  }

  private func trade(_ row: Row, isBuy: Bool) throws(RowFault) -> ImportedTransaction {
    let base = try change(of: row)
    let currency = try columns.currency(of: row)
    let note = CoinbaseNote.trade(row["notes"])
    var trade = ImportedTransaction(row: row.number, time: base.time, kind: .trade)
    let quote: AssetQuantity
    if let note, let fill = note.fill, note.quote.asset.code != currency?.code {
      (quote, trade.fee) = (fill.subtotal, fill.fee.unlessZero)
      trade.value = try money(columns.subtotal, of: row)
    } else if let note, note.quote.asset.code != currency?.code {
      // Paid with another coin, and only the total is told.
      quote = note.quote
      trade.value = try money(columns.subtotal, of: row)
    } else {
      guard let currency else { throw row.fault(.missing, "price currency") }
      let asset = NamedAsset(currency.code)
      quote = AssetQuantity(try row.magnitude(columns.subtotal, .pointed), asset)
      trade.fee =
        AssetQuantity(try row.optionalMagnitude(columns.fees, .pointed) ?? .zero, asset)
        .unlessZero
    }
    trade.incoming = isBuy ? base.amount : quote
    trade.outgoing = isBuy ? quote : base.amount
    return trade
  }
}
