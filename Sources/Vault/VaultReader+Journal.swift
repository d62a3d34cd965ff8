import Cipher
import GRDB
public import Ledger

/// An entry with its row in the ledger: rows only grow, in the order in which they were written.
public struct LedgerRow: Sendable {
  /// The row's number, from 1.
  public let number: Int
  /// The entry.
  public let entry: Entry
}

/// A place in the ledger's order of time.
public struct LedgerPlace: Hashable, Sendable {
  let mark: Mark
}

extension VaultReader {
  /// The number of the last row.
  public func lastRow() throws(VaultFault) -> Int {
    try read { db in try lastID(db) }
  }

  /// A window of the ledger, oldest first.
  ///
  /// - Parameters:
  ///   - place: After which entry it begins; `nil` for the first.
  ///   - last: The last row that counts.
  ///   - limit: How many entries, at most 10,000.
  /// - Returns: The rows and the place after which to go on; `nil` at the end.
  /// - Throws: `VaultFault`.
  public func rows(
    after place: LedgerPlace?, through last: Int, limit: Int
  ) throws(VaultFault) -> (rows: [LedgerRow], next: LedgerPlace?) {
    try read { db in
      let limit = max(1, min(limit, 10_000))
      let start = place?.mark ?? Mark(time: .min, id: 0)
      let marks = try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT time, entry_id FROM entry_by_time
            WHERE (time, entry_id) > (?, ?) AND entry_id <= ?
            ORDER BY time, entry_id LIMIT ?
            """), arguments: [start.time, start.id, last, limit]
      ).map { Mark(time: $0[0], id: $0[1]) }
      let rows = try loaded(marks.map(\.id), db)
      let next = marks.count == limit ? marks.last.map { LedgerPlace(mark: $0) } : nil
      return (rows, next)
    }
  }

  /// Rows that were written after one, in the order of writing.
  ///
  /// - Parameters:
  ///   - number: The row that was seen last.
  ///   - limit: How many, at most 10,000.
  /// - Returns: The rows; none at the end.
  /// - Throws: `VaultFault`.
  public func rows(writtenAfter number: Int, limit: Int) throws(VaultFault) -> [LedgerRow] {
    try read { db in
      let numbers = try Int.fetchAll(
        db.cachedStatement(sql: "SELECT id FROM entry WHERE id > ? ORDER BY id LIMIT ?"),
        arguments: [number, max(1, min(limit, 10_000))])
      return try loaded(numbers, db)
    }
  }

  private func loaded(_ numbers: [Int], _ db: Database) throws -> [LedgerRow] {
    let entries = try EntryLoader(db, catalogue.names).entries(numbers)
    return zip(numbers, entries).map { LedgerRow(number: $0, entry: $1) }
  }

  /// The last row that was known at a time.
  ///
  /// A file's rows are known from when its import began, a venue's from when it answered. What was
  /// entered by hand has no time of its own: it counts as known with the row that was written before it.
  ///
  /// - Parameter time: When.
  /// - Returns: The row's number; 0 where nothing was known.
  /// - Throws: `VaultFault`.
  public func lastRow(knownAt time: Instant) throws(VaultFault) -> Int {
    try read { db in
      let limit = try Int.fetchOne(
        db,
        sql: """
          SELECT min(e.id) FROM entry e JOIN import i ON i.id = e.import_id
          LEFT JOIN (
            SELECT import_id, max(last_line) AS line FROM answer WHERE time <= ?1 GROUP BY import_id
          ) a ON a.import_id = e.import_id
          WHERE CASE WHEN EXISTS (SELECT 1 FROM connection c WHERE c.import_id = e.import_id)
            THEN e.line > coalesce(a.line, 0) ELSE i.time > ?1 END
          """, arguments: [time.microseconds])
      return try limit.map { $0 - 1 } ?? lastID(db)
    }
  }

  /// What an entry was read from.
  ///
  /// - Parameter origin: Where the entry was read.
  /// - Returns: The source; `nil` for what was entered by hand.
  /// - Throws: `VaultFault`.
  public func source(of origin: EntryOrigin) throws(VaultFault) -> EntrySource? {
    try read { db in
      guard
        let record = try Row.fetchOne(
          db, sql: "SELECT file_name, file_sha256, time FROM import WHERE id = ?",
          arguments: [origin.importNumber])
      else { return nil }
      let answer = try Row.fetchOne(
        db,
        sql: """
          SELECT request, sha256, time FROM answer
          WHERE import_id = ? AND first_line <= ? AND last_line >= ? ORDER BY id DESC LIMIT 1
          """, arguments: [origin.importNumber, origin.line, origin.line])
      if let answer {
        return EntrySource(
          name: answer[0], hash: answer.bytes(1), known: Instant(microseconds: answer[2]))
      }
      return EntrySource(
        name: record[0], hash: record.bytes(1), known: Instant(microseconds: record[2]))
    }
  }
}

/// A file or a venue's answer that entries were read from.
public struct EntrySource: Hashable, Sendable {
  /// The file's name, or what the venue was asked.
  public let name: String
  /// SHA-256 of the file or the answer.
  public let hash: [UInt8]
  /// Since when it is known.
  public let known: Instant
}
