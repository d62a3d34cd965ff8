import FoundationEssentials
import GRDB
import GRDBSQLite

extension Statement {
  /// Runs a statement that gives no rows with values bound straight to it.
  ///
  /// The way through `StatementArguments` boxes every value, and `execute` asks observers that a
  /// vault does not have; this one is for the hot path.
  func run<each Value: StatementBinding>(_ value: repeat each Value) throws {
    var index: Int32 = 0
    for value in repeat each value {
      index += 1
      try check(value.bind(to: sqliteStatement, at: index), SQLITE_OK)
    }
    let code = sqlite3_step(sqliteStatement)
    sqlite3_reset(sqliteStatement)
    try check(code, SQLITE_DONE)
  }

  private func check(_ code: Int32, _ wanted: Int32) throws {
    guard code != wanted else { return }
    let text = sqlite3_errmsg(sqlite3_db_handle(sqliteStatement)).map { String(cString: $0) }
    throw DatabaseError(resultCode: ResultCode(rawValue: code), message: text)
  }
}

extension Row {
  /// The bytes of a blob; none for NULL.
  func bytes(_ index: Int) -> [UInt8] {
    let data: Data? = self[index]
    return data.map { Array($0) } ?? []
  }
}

/// Values on their way into a statement, one after another.
struct StatementValues {
  private let statement: SQLiteStatement
  private var index: Int32 = 0

  fileprivate init(_ statement: Statement) {
    self.statement = statement.sqliteStatement
  }

  /// Binds the next value.
  mutating func put(_ value: some StatementBinding) throws {
    index += 1
    let code = value.bind(to: statement, at: index)
    guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }
}

/// Writes many rows with few statements: going in and out of one costs as much as a row does.
struct ManyRows {
  private let head: String
  private let columns: Int

  /// Rows in one statement.
  private static let most = 16

  init(_ head: String, columns: Int) {
    self.head = head
    self.columns = columns
  }

  /// Writes the rows in their order; `put` gives the values of one.
  func write<Element>(
    _ rows: [Element], _ db: Database,
    _ put: (Element, inout StatementValues) throws -> Void
  ) throws {
    guard !rows.isEmpty else { return }
    let full = try db.cachedStatement(sql: sql(rows: min(ManyRows.most, rows.count)))
    var start = 0
    while start < rows.count {
      let end = min(start + ManyRows.most, rows.count)
      let isFull = end - start == ManyRows.most
      let statement = isFull ? full : try db.cachedStatement(sql: sql(rows: end - start))
      statement.setUncheckedArguments(StatementArguments())
      var values = StatementValues(statement)
      for row in rows[start..<end] { try put(row, &values) }
      try statement.execute()
      start = end
    }
  }

  private func sql(rows: Int) -> String {
    let row = "(" + Array(repeating: "?", count: columns).joined(separator: ",") + ")"
    return head + " VALUES " + Array(repeating: row, count: rows).joined(separator: ",")
  }
}
