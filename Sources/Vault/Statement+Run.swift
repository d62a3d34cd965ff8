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
