import Amounts
import Ledger

extension ImportFormat {
  /// The Crypto.com app's transaction history: one row a movement with its value in fiat money.
  ///
  /// Dust conversions and coin swaps have one row for what was credited and one for each coin
  /// debited, at the same second.
  public static let cryptoComApp = ImportFormat(
    id: "cryptocom-app", name: "Crypto.com app", venue: "cryptocom",
    defaultAccount: "Crypto.com", clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/cryptocom.py",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/cryptocom.py",
    ],
    header: .having([
      "timestamp (utc)", "transaction description", "currency", "amount", "to currency",
      "to amount", "native currency", "native amount", "transaction kind",
    ]),
    rowsMayEndEarly: true,
    makeDecoder: { _, _ in
      GroupDecoder(
        window: 200, key: { row throws(RowFault) in CryptoComApp.group(of: row) },
        meaning: { rows throws(RowFault) in try CryptoComApp.outcomes(of: rows) })
    })
}

/// What the app's rows mean.
private enum CryptoComApp {
  private static let kindColumn: Column = "transaction kind"
  private static let timeColumn: Column = "timestamp (utc)"

  /// Kinds of which a row `…_credited` and rows `…_debited` at one second belong together.
  private static let pairedStems = ["dust_conversion", "interest_swap", "dynamic_coin_swap"]

  /// The parts that make up a `dynamic_coin_swap`, or stand alone in exports without it.
  private static let partStems = ["crypto_wallet_swap", "lockup_swap"]

  static func group(of row: Row) -> String? {
    guard let stem = stem(of: row) else { return nil }
    let family = partStems.contains(stem) ? "dynamic_coin_swap" : stem
    return family + " " + row[timeColumn]
  }

  private static func stem(of row: Row) -> String? {
    let kind = row[kindColumn]
    return (pairedStems + partStems).first { kind == $0 + "_credited" || kind == $0 + "_debited" }
  }

  static func outcomes(of rows: [Row]) throws(RowFault) -> [RowOutcome] {
    guard let first = rows.first else { return [] }
    if group(of: first) != nil { return try swaps(rows) }
    switch try meaning(of: first) {
    case .transaction(let transaction): return [.transaction(transaction)]
    case .transactions(let several): return several.map { .transaction($0) }
    case .skipped(let why): return [.skipped(row: first.number, why: why)]
    }
  }

  // MARK: - Rows that stand alone

  private static func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let kind = row[kindColumn]
    if kind.isEmpty { return .transaction(try fiatMovement(row)) }
    if isBlockedMoney(kind) || CryptoComKinds.skipped.contains(kind) {
      return .skipped("still in the account")
    }
    if CryptoComKinds.toExchange.contains(kind) {
      return .skipped("between own Crypto.com accounts")
    }
    let change = try change(of: row)
    if CryptoComKinds.trades.contains(kind) || kind.hasPrefix("trading.crypto_purchase") {
      return .transaction(try trade(row, change))
    }
    guard let kinds = CryptoComKinds.changes[kind] else {
      throw row.fault(.unknownKind, kindColumn)
    }
    var transaction = change.transaction(in: kinds.in, out: kinds.out)
    transaction.transactionHash = row.optional("transaction hash")
    transaction.note = row.optional("transaction description")
    return .transaction(transaction)
  }

  /// A limit order blocks money when it is placed and frees it when it is cancelled.
  private static func isBlockedMoney(_ kind: String) -> Bool {
    kind.hasPrefix("trading") && (kind.hasSuffix("_lock") || kind.hasSuffix("_unlock"))
  }

  private static func change(of row: Row) throws(RowFault) -> Change {
    try row.change(
      "amount", of: try row.asset("currency"), at: try row.time(timeColumn, .iso, .slashes))
  }

  /// A row of the fiat wallet has no kind; its description begins with what it is.
  private static func fiatMovement(_ row: Row) throws(RowFault) -> ImportedTransaction {
    let description = row["transaction description"].lowercased()
    guard description.contains("deposit") || description.contains("withdraw") else {
      throw row.fault(.unknownKind, "transaction description")
    }
    var movement = try change(of: row).transaction(
      description.contains("deposit") ? .deposit : .withdrawal)
    if movement.kind == .withdrawal, let amount = movement.incoming {
      (movement.incoming, movement.outgoing) = (nil, amount)
    }
    movement.note = row.optional("transaction description")
    return movement
  }

  /// A trade: against the `To` side where there is one, else against the value in fiat money.
  private static func trade(
    _ row: Row, _ change: Change
  ) throws(RowFault) -> ImportedTransaction {
    var trade = ImportedTransaction(row: row.number, time: change.time, kind: .trade)
    if row["to currency"].isEmpty {
      let native = try row.amount("native amount", of: "native currency")
      trade.incoming = change.isIncoming ? change.amount : native
      trade.outgoing = change.isIncoming ? native : change.amount
    } else {
      trade.incoming = try row.amount("to amount", of: "to currency")
      trade.outgoing = change.amount
    }
    trade.note = row.optional("transaction description")
    trade.transactionHash = row.optional("transaction hash")
    return trade
  }

  // MARK: - Rows that belong together

  private static func swaps(_ rows: [Row]) throws(RowFault) -> [RowOutcome] {
    let wholes = rows.filter { row in stem(of: row).map { pairedStems.contains($0) } ?? false }
    guard !wholes.isEmpty else {
      var outcomes: [RowOutcome] = []
      for part in partStems {
        let own = rows.filter { stem(of: $0) == part }
        if !own.isEmpty { outcomes += try swap(own) }
      }
      return outcomes
    }
    let parts = rows.filter { row in stem(of: row).map { partStems.contains($0) } ?? false }
    return try swap(wholes)
      + parts.map { .skipped(row: $0.number, why: "part of the swap as a whole") }
  }

  /// One trade for each coin debited, with its share of what was credited.
  private static func swap(_ rows: [Row]) throws(RowFault) -> [RowOutcome] {
    let credited = rows.filter { $0[kindColumn].hasSuffix("_credited") }
    let debited = rows.filter { $0[kindColumn].hasSuffix("_debited") }
    guard credited.count == 1, let credit = credited.first, !debited.isEmpty else {
      throw RowFault(.incomplete, column: "transaction kind", text: rows[0][kindColumn])
    }
    let received = try change(of: credit)
    guard received.isIncoming else { throw credit.fault(.unclearDirection, "amount") }
    let shares = try Shares(of: debited)
    let parts = try shares.parts(of: received.amount.quantity)
    var outcomes: [RowOutcome] = []
    for (index, row) in debited.enumerated() {
      let given = try change(of: row)
      var trade = ImportedTransaction(
        row: row.number, time: received.time, kind: .trade,
        incoming: AssetQuantity(parts[index], received.amount.asset),
        outgoing: AssetQuantity(
          try shares.shared(given.amount.quantity, at: index), given.amount.asset))
      if index == 0 { trade.mergedRows = [credit.number] }
      trade.note = credit.optional("transaction description")
      outcomes.append(.transaction(trade))
    }
    return outcomes
  }

  /// What each coin debited is worth of all of them, in US dollars.
  private struct Shares {
    private var values: [Quantity] = []
    private var total = Quantity.zero

    init(of rows: [Row]) throws(RowFault) {
      for row in rows {
        let value =
          rows.count == 1
          ? Quantity(.one) : try row.magnitude("native amount (in usd)")
        values.append(value)
        total = try AssetQuantity(total, NamedAsset("USD")).adding(value).quantity
      }
      // Values below a cent are written as zero.
      if total.isZero {
        throw RowFault(.incomplete, column: "native amount (in usd)")
      }
    }

    /// The whole in parts that add up to it.
    func parts(of whole: Quantity) throws(RowFault) -> [Quantity] {
      do { return try whole.allocated(by: values) } catch {
        throw RowFault(.tooLarge, text: whole.text)
      }
    }

    /// The share at an index of an amount.
    ///
    /// Where several coins were debited, rotki, the reference for this export, takes of each only
    /// the share that its value has of all; what is left of it stays on the account.
    func shared(_ amount: Quantity, at index: Int) throws(RowFault) -> Quantity {
      guard values.count > 1 else { return amount }
      do {
        let rest = try total.subtracting(values[index])
        return try amount.allocated(by: [values[index], rest])[0]
      } catch { throw RowFault(.tooLarge, text: amount.text) }
    }
  }
}
