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
    if content == fact.content {
      outcome.duplicates += 1
    } else {
      outcome.conflicts += 1
      refusals.append(refusal(of: entry, "conflict", fact, raw))
    }
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
