import GRDBSQLite

/// A connection of SQLite's own, on the layer named.
final class SQLiteFile {
  private let handle: OpaquePointer

  /// What SQLite says went wrong.
  struct Fault: Error {
    let text: String
  }

  /// Opens or makes a database; `unix` is SQLite's own layer, `coffer-cipher` ours.
  init(_ path: String, layer: String) throws {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, layer)
    guard code == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw Fault(text: "cannot open \(path): \(code)")
    }
    handle = opened
    try run("PRAGMA temp_store = MEMORY")
  }

  deinit { sqlite3_close_v2(handle) }

  /// Runs statements one after another.
  func run(_ sql: String) throws {
    var text: UnsafeMutablePointer<CChar>?
    guard sqlite3_exec(handle, sql, nil, nil, &text) == SQLITE_OK else {
      defer { sqlite3_free(text) }
      throw Fault(text: text.map { String(cString: $0) } ?? "unknown")
    }
  }

  /// Prepares a statement that is run many times.
  func prepare(_ sql: String) throws -> SQLiteStatement {
    var made: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &made, nil) == SQLITE_OK, let made else {
      throw Fault(text: String(cString: sqlite3_errmsg(handle)))
    }
    return SQLiteStatement(made, of: self)
  }
}

/// A prepared statement.
final class SQLiteStatement {
  private let handle: OpaquePointer
  private let file: SQLiteFile

  /// A value to bind.
  enum Value {
    case integer(Int)
    case text(String)
    case bytes([UInt8])
  }

  fileprivate init(_ handle: OpaquePointer, of file: SQLiteFile) {
    self.handle = handle
    self.file = file
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs it once with these values.
  func run(_ values: Value...) throws {
    // SQLITE_TRANSIENT, which is a macro: SQLite copies what it is given.
    let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      switch value {
      case .integer(let number): sqlite3_bind_int64(handle, place, Int64(number))
      case .text(let text): sqlite3_bind_text(handle, place, text, -1, copied)
      case .bytes(let bytes): sqlite3_bind_blob(handle, place, bytes, Int32(bytes.count), copied)
      }
    }
    guard sqlite3_step(handle) == SQLITE_DONE else {
      throw SQLiteFile.Fault(text: "a statement failed")
    }
    sqlite3_reset(handle)
  }
}
