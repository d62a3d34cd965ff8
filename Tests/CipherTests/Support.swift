import Foundation
import GRDBSQLite
import Testing

@testable import Cipher

/// A folder of its own for one test, gone with the value.
final class Scratch {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("coffer-cipher-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: folder.appendingPathComponent(name))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Copies the database and what belongs to it under a new name, as a crash would leave them.
  func crash(_ name: String, as copy: String) throws {
    for suffix in ["", "-wal", "-journal"] where exists(name + suffix) {
      try write(try bytes(name + suffix), copy + suffix)
    }
  }
}

/// What SQLite said no with.
struct SQLiteError: Error, Equatable, CustomStringConvertible {
  var code: Int32
  var text: String
  var description: String { "\(code) \(text)" }
}

/// A connection through whatever VFS is the default, or a named one.
final class Connection {
  private(set) var handle: OpaquePointer?

  init(_ path: String, vfs: String? = nil) throws {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI
    let code = sqlite3_open_v2(path, &handle, flags, vfs)
    guard code == SQLITE_OK else {
      let text = handle.map { String(cString: sqlite3_errmsg($0)) } ?? ""
      sqlite3_close_v2(handle)
      throw SQLiteError(code: code, text: text)
    }
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, 20_000)
    try run("PRAGMA temp_store = MEMORY")
  }

  deinit { sqlite3_close_v2(handle) }

  func close() {
    sqlite3_close_v2(handle)
    handle = nil
  }

  /// Runs statements and gives all rows as text, columns joined by "|".
  @discardableResult func run(_ statements: String...) throws -> [String] {
    var rows: [String] = []
    for statement in statements { rows += try rowsOf(statement) }
    return rows
  }

  private func rowsOf(_ sql: String) throws -> [String] {
    var statement: OpaquePointer?
    try check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil), sql)
    defer { sqlite3_finalize(statement) }
    var rows: [String] = []
    while true {
      let code = sqlite3_step(statement)
      guard code == SQLITE_ROW else {
        if code != SQLITE_DONE { try check(code, sql) }
        return rows
      }
      let columns = (0..<sqlite3_column_count(statement)).map { index in
        sqlite3_column_text(statement, index).map { String(cString: $0) } ?? "NULL"
      }
      rows.append(columns.joined(separator: "|"))
    }
  }

  private func check(_ code: Int32, _ sql: String) throws {
    guard code != SQLITE_OK else { return }
    throw SQLiteError(code: code, text: String(cString: sqlite3_errmsg(handle)))
  }
}

/// The raw key the tests use, as 64 hexadecimal digits.
let keyDigits = "2dd29ca851e7b56e4697b0e1f08507293d761a05ce4d1b628663f411a8086d99"

func bytes(hex: String) -> [UInt8] {
  let digits = Array(hex.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") })
  return stride(from: 0, to: digits.count, by: 2).compactMap {
    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
  }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { String($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func secret(_ bytes: [UInt8]) throws -> SecretBytes {
  var copy = bytes
  return try SecretBytes(consuming: &copy)
}

func secret(_ text: String) throws -> SecretBytes { try secret(Array(text.utf8)) }

func hex(_ secret: SecretBytes) -> String { secret.withBytes { hex($0) } }

func rawKey(_ digits: String = keyDigits) throws -> DatabaseKey {
  DatabaseKey(raw: try secret(bytes(hex: digits)))
}

/// Installs the layer, registers the key and opens the database.
func open(_ path: String, _ key: DatabaseKey? = nil) throws -> Connection {
  CipherVFS.install()
  try CipherVFS.register(key: try key ?? rawKey(), path: path)
  return try Connection(path)
}

/// 3000 rows of text nobody could mistake for cipher text.
let canary = "PLAINMARK"
let fill = """
  WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000)
  INSERT INTO t(a, b) SELECT n, '\(canary)' || hex(randomblob(100)) FROM c
  """
let create = "CREATE TABLE t(a INTEGER, b TEXT)"

/// The seed of this run: SEED from the environment, or a fresh one.
func runSeed() -> UInt64 {
  ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) ?? .random(in: 1...1_000_000)
}
