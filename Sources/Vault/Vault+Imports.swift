import FoundationEssentials
import GRDB
import Ledger

extension Vault {
  /// Opens an import; its batches follow under the number it gets.
  ///
  /// - Parameters:
  ///   - descriptor: What is imported.
  ///   - author: Who imports it, and when.
  /// - Returns: The import's number, from 1.
  /// - Throws: `VaultFault`.
  public func beginImport(
    _ descriptor: ImportDescriptor, by author: Attribution
  ) throws(VaultFault) -> Int64 {
    let number = try store.transact { db in
      let number = (try Int64.fetchOne(db, sql: "SELECT max(id) FROM import") ?? 0) + 1
      try db.execute(
        sql: """
          INSERT INTO import (id, time, file_name, file_sha256, format, settings, bytes, state)
          VALUES (?, ?, ?, ?, ?, ?, ?, 0)
          """,
        arguments: [
          number, author.time.microseconds, descriptor.fileName, Data(descriptor.fileHash),
          descriptor.format, descriptor.settings, descriptor.bytes,
        ])
      try store.audit(
        db, .beginImport, on: "import:\(number)", by: author,
        [
          "bytes": .number(descriptor.bytes), "file": .text(descriptor.fileName),
          "format": .text(descriptor.format), "sha256": .text(hexadecimal(descriptor.fileHash)),
        ])
      return number
    }
    store.tallies[number] = RefusalTally()
    return number
  }

  /// Writes a batch of an import down, in one transaction; ten to twenty thousand entries are a good
  /// batch.
  ///
  /// - Parameters:
  ///   - batch: What to write down.
  ///   - number: The import's number; 0 for what is entered by hand.
  ///   - author: Who does it, and when.
  /// - Returns: What became of it, and what changed.
  /// - Throws: `VaultFault`; nothing of the batch is in the vault then.
  public func append(
    _ batch: Batch, to number: Int64 = 0, by author: Attribution
  ) throws(VaultFault) -> AppendOutcome {
    guard number == 0 || store.tallies[number] != nil else { throw .refused(.importEnded) }
    return try store.append(batch, to: number, by: author)
  }

  /// Ends an import.
  ///
  /// - Parameters:
  ///   - number: Its number.
  ///   - state: How it ended; what it added stays in any case.
  ///   - author: Who ends it, and when.
  /// - Throws: `VaultFault`.
  public func finishImport(
    _ number: Int64, _ state: ImportState, by author: Attribution
  ) throws(VaultFault) {
    precondition(state != .running, "An import ends as done, cancelled or failed.")
    guard store.tallies[number] != nil else { throw .refused(.importEnded) }
    try store.transact { db in
      try db.execute(
        sql: "UPDATE import SET state = ?, ended = ? WHERE id = ?",
        arguments: [state.rawValue, author.time.microseconds, number])
      try store.audit(
        db, .endImport, on: "import:\(number)", by: author,
        ["state": .number(Int64(state.rawValue))])
    }
    store.tallies[number] = nil
  }

  /// Says what has become of a refused row.
  ///
  /// - Parameters:
  ///   - number: The row's number.
  ///   - state: Its new state.
  ///   - author: Who says so, and when.
  /// - Throws: `notFound` for a number that is none.
  public func setRefusal(
    _ number: Int64, _ state: RefusalState, by author: Attribution
  ) throws(VaultFault) {
    try store.transact { db in
      try db.execute(
        sql: "UPDATE refused SET state = ? WHERE id = ?", arguments: [state.rawValue, number])
      guard db.changesCount == 1 else {
        throw VaultFault.notFound(kind: "refused row", name: String(number))
      }
      try store.audit(
        db, .refusedState, on: "refused:\(number)", by: author,
        ["state": .number(Int64(state.rawValue))])
    }
  }
}

extension Store {
  /// Marks the imports that were running when the vault was last used as failed.
  func abandonImports(_ db: Database, by author: Attribution) throws {
    for number in try Int64.fetchAll(db, sql: "SELECT id FROM import WHERE state = 0") {
      try db.execute(
        sql: "UPDATE import SET state = ?, ended = ? WHERE id = ?",
        arguments: [ImportState.failed.rawValue, author.time.microseconds, number])
      try audit(db, .abandonImport, on: "import:\(number)", by: author)
    }
  }
}

extension VaultReader {
  /// The imports, the latest first.
  ///
  /// - Parameter limit: How many at most.
  /// - Returns: The imports.
  /// - Throws: `VaultFault`.
  public func imports(limit: Int = 100) throws(VaultFault) -> [ImportRecord] {
    try read { db in
      let sql = """
        SELECT id, time, file_name, file_sha256, format, settings, bytes, state, added, duplicates,
          conflicts, refused, ended FROM import ORDER BY id DESC LIMIT ?
        """
      return try Row.fetchAll(db, sql: sql, arguments: [limit]).map { row in
        let ended: Int64? = row[12]
        return ImportRecord(
          number: row[0], time: Instant(microseconds: row[1]),
          descriptor: ImportDescriptor(
            fileName: row[2], fileHash: row.bytes(3), format: row[4], settings: row[5],
            bytes: row[6]),
          state: ImportState(rawValue: row[7]) ?? .failed, added: row[8], duplicates: row[9],
          conflicts: row[10], refused: row[11],
          ended: ended.map { Instant(microseconds: $0) })
      }
    }
  }

  /// Refused rows, the latest first.
  ///
  /// - Parameters:
  ///   - state: Only those in this state.
  ///   - importNumber: Only those of this import.
  ///   - offset: How many are passed over.
  ///   - limit: How many at most.
  /// - Returns: The rows of the window, and how many there are in all.
  /// - Throws: `VaultFault`.
  public func refused(
    _ state: RefusalState? = .open, importNumber: Int64? = nil, offset: Int = 0, limit: Int = 100
  ) throws(VaultFault) -> (rows: [RefusalRecord], total: Int) {
    try read { db in
      let condition = "(?1 IS NULL OR state = ?1) AND (?2 IS NULL OR import_id = ?2)"
      let total = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM refused WHERE \(condition)",
        arguments: [state?.rawValue, importNumber])
      let sql = """
        SELECT id, import_id, row, line, reason, column_name, text, raw, state FROM refused
        WHERE \(condition) ORDER BY id DESC LIMIT ?3 OFFSET ?4
        """
      let rows = try Row.fetchAll(
        db, sql: sql, arguments: [state?.rawValue, importNumber, limit, offset]
      ).map { row in
        RefusalRecord(
          number: row[0], importNumber: row[1],
          row: RefusedRow(
            row: row[2], line: row[3], reason: row[4], column: row[5], text: row[6],
            raw: row.bytes(7)),
          state: RefusalState(rawValue: row[8]) ?? .open)
      }
      return (rows, total ?? 0)
    }
  }
}

/// Two small hexadecimal digits a byte.
func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(
    decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
