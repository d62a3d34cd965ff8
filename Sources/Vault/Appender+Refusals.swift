import Amounts
import Cipher
import FoundationEssentials
import GRDB
import Ledger

extension Appender {
  /// The vault has an entry of this key: the same fact again, or another fact under its name.
  mutating func reportKnown(
    _ entry: NewEntry, _ fact: Fact, stored: Int?, _ raw: RawRows
  ) throws {
    let content = try stored.map { try storedContent(of: $0) } ?? added[fact.key]
    if try content == fact.content || comparesMovements && isSameMovement(entry, stored) {
      outcome.duplicates += 1
    } else {
      outcome.conflicts += 1
      refusals.append(refusal(of: entry, "conflict", fact, raw))
    }
  }

  /// Whether a stored entry is of the same kind and has the same legs.
  ///
  /// A venue may fill in a hash or a note afterwards, and an import of the same fact words it in its
  /// own way.
  private func isSameMovement(_ entry: NewEntry, _ stored: Int?) throws -> Bool {
    guard let stored else { return false }
    let kind = try Int.fetchOne(
      db.cachedStatement(sql: "SELECT kind FROM entry WHERE id = ?"), arguments: [stored])
    guard kind == EntryKindCode.code(of: entry.kind) else { return false }
    let range = LegNumber.range(ofEntry: stored)
    let statement = try db.cachedStatement(
      sql: """
        SELECT account_id, asset_id, quantity, counter FROM leg WHERE id BETWEEN ? AND ?
        ORDER BY id
        """)
    let rows = try Row.fetchAll(statement, arguments: [range.first, range.last])
    guard rows.count == entry.legs.count else { return false }
    // The order of legs says nothing.
    var found: [String: Int] = [:]
    for row in rows {
      let key = "\(row[0] as Int) \(row[1] as Int) \(row[2] as String) \(row[3] as Int)"
      found[key, default: 0] += 1
    }
    for leg in entry.legs {
      guard let account = store.state.names.number(of: leg.account),
        let asset = store.state.names.number(of: leg.asset)
      else { return false }
      let key = "\(account) \(asset) \(leg.quantity.fixed.text) \(leg.counter.rawValue)"
      guard let count = found[key], count > 0 else { return false }
      found[key] = count - 1
    }
    return true
  }

  private func storedContent(of number: Int) throws -> Digest? {
    let statement = try db.cachedStatement(sql: "SELECT content FROM entry WHERE id = ?")
    return try Data.fetchOne(statement, arguments: [number]).flatMap { Digest($0) }
  }

  /// A holding would overflow, or an asset has no lasting name.
  mutating func reportUnfit(_ entry: NewEntry, _ fact: Fact, _ raw: RawRows) {
    outcome.unrepresentable += 1
    let reason = legs.count == entry.legs.count ? "overflow" : "bad-asset"
    refusals.append(refusal(of: entry, reason, fact, raw))
  }

  private func refusal(
    of entry: NewEntry, _ reason: String, _ fact: Fact, _ raw: RawRows
  ) -> RefusedRow {
    RefusedRow(
      row: 0, line: entry.line, reason: reason, text: fact.key.description,
      raw: raw.text(ofLine: entry.line))
  }

  /// Closes the open refusals of rows that are understood now.
  ///
  /// - Parameters:
  ///   - understood: The rows as they came; some are several lines that state one fact.
  ///   - author: Who read them, and when.
  /// - Throws: What the database says.
  mutating func resolve(_ understood: Set<[UInt8]>, by author: Attribution) throws {
    if understood.isEmpty { return }
    let open = try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT id, raw FROM refused WHERE state = 0 AND import_id = ? ORDER BY id"),
      arguments: [importNumber])
    if open.isEmpty { return }
    var rows = understood
    for one in understood {
      for line in one.split(separator: UInt8(ascii: "\n")) { rows.insert(Array(line)) }
    }
    for row in open where rows.contains(row.bytes(1)) {
      let number: Int64 = row[0]
      try db.cachedStatement(sql: "UPDATE refused SET state = ? WHERE id = ?").run(
        RefusalState.resolved.rawValue, number)
      try store.audit(
        db, .refusedState, on: "refused:\(number)", by: author,
        ["read_again": .flag(true), "state": .number(Int64(RefusalState.resolved.rawValue))])
      outcome.resolved += 1
    }
  }

  /// Keeps a refused row, unless it is kept already.
  mutating func refuse(_ row: RefusedRow, _ tally: inout RefusalTally) throws {
    let plain = row.keyBytes
    let occurrence = tally.occurrence(of: hash(plain))
    let key = hash(plain + withUnsafeBytes(of: occurrence.bigEndian) { Array($0) })
    try db.cachedStatement(
      sql: """
        INSERT OR IGNORE INTO refused
          (key, import_id, row, line, reason, column_name, text, raw)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).run(
      Data(key.bytes), importNumber, row.row, row.line, row.reason, row.column, row.text,
      Data(row.raw))
    if db.changesCount == 1 { outcome.refused += 1 }
  }
}

extension RefusedRow {
  /// What makes a refused row the same when it is read again; its place in the file does not.
  fileprivate var keyBytes: [UInt8] {
    var bytes: [UInt8] = []
    for part in [Array(reason.utf8), Array(column.utf8), Array(text.utf8), raw] {
      withUnsafeBytes(of: UInt64(part.count).bigEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: part)
    }
    return bytes
  }
}
