import Foundation
import Testing

@testable import Cipher

/// The real SQLCipher, as the Python package sqlcipher3 brings it.
enum RealSQLCipher {
  /// The interpreter that can import it: COFFER_SQLCIPHER_PYTHON, or python3 of the PATH.
  static let python: String? = {
    let named = ProcessInfo.processInfo.environment["COFFER_SQLCIPHER_PYTHON"]
    for candidate in [named, "python3"].compactMap({ $0 })
    where (try? start(candidate, ["-c", "import sqlcipher3"]))?.status == 0 {
      return candidate
    }
    return nil
  }()

  static func start(_ python: String, _ arguments: [String]) throws -> (status: Int32, out: String)
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    let out = Pipe()
    process.standardOutput = out
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  /// Rows of the statements; nil when one failed.
  static func run(
    _ path: String, _ key: String, crashing: Bool = false, _ statements: String...
  ) throws -> [String] {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Interop/real.py").path
    let python = try #require(Self.python)
    let arguments = [script, crashing ? "exit" : "close", path, key] + statements
    let (status, out) = try start(python, arguments)
    try #require(status == 0, "the real SQLCipher refused: \(statements)")
    return out.split(separator: "\n").map(String.init)
  }
}

/// A key in the two spellings.
struct KeyCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var pragma: String
  var key: @Sendable () throws -> DatabaseKey

  static let all: [KeyCase] = [
    KeyCase(testDescription: "raw", pragma: "x'\(keyDigits)'") { try rawKey() },
    KeyCase(
      testDescription: "raw and salt",
      pragma: "x'\(keyDigits)01010101010101010101010101010101'"
    ) { try rawKey(keyDigits + "01010101010101010101010101010101") },
    KeyCase(testDescription: "passphrase", pragma: "correct horse battery") {
      DatabaseKey(passphrase: try secret("correct horse battery"))
    },
  ]
}

/// Files go both ways between us and SQLCipher 4.
///
/// Skipped, and reported as skipped, where no Python with the package sqlcipher3 is found:
/// `pip install sqlcipher3==0.6.4`, then name the interpreter in COFFER_SQLCIPHER_PYTHON.
@Suite(.enabled(if: RealSQLCipher.python != nil, "no Python with sqlcipher3 was found"))
struct InteropTests {
  static let journals = ["wal", "delete", "truncate", "persist"]
  static let count = "SELECT count(*), sum(length(b)) FROM t"

  @Test(arguments: KeyCase.all, journals)
  func `SQLCipher reads, checks and changes what we wrote`(_ key: KeyCase, journal: String) throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let ours = try open(path, key.key())
    try ours.run(
      "PRAGMA journal_mode = \(journal)", create, "CREATE INDEX i ON t(b)", fill,
      "UPDATE t SET b = b || a WHERE a % 3 = 0", "DELETE FROM t WHERE a % 7 = 0")
    let expected = try ours.run(Self.count)
    ours.close()
    let real = try RealSQLCipher.run(
      path, key.pragma, Self.count, "PRAGMA cipher_integrity_check", "PRAGMA integrity_check")
    #expect(real == expected + ["ok"])
    let changed = try RealSQLCipher.run(
      path, key.pragma, "INSERT INTO t VALUES(-1, 'from real')",
      "UPDATE t SET b = b || 'x' WHERE a % 5 = 0", "VACUUM", "PRAGMA cipher_integrity_check",
      "PRAGMA integrity_check")
    #expect(changed == ["ok"])
    let again = try open(path, key.key())
    #expect(
      try again.run("PRAGMA integrity_check", "SELECT b FROM t WHERE a = -1")
        == ["ok", "from real"])
    try again.run("VACUUM")
    again.close()
    #expect(
      try RealSQLCipher.run(
        path, key.pragma, "PRAGMA cipher_integrity_check", "PRAGMA integrity_check") == ["ok"])
  }

  @Test(arguments: KeyCase.all, journals)
  func `we read and change what SQLCipher wrote`(_ key: KeyCase, journal: String) throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    _ = try RealSQLCipher.run(
      path, key.pragma, "PRAGMA journal_mode = \(journal)", create, "CREATE INDEX i ON t(b)", fill)
    let ours = try open(path, key.key())
    #expect(
      try ours.run("PRAGMA integrity_check", "SELECT count(*) FROM t") == ["ok", "3000"])
    try ours.run("PRAGMA journal_mode = wal", "DELETE FROM t WHERE a < 100")
    ours.close()
    #expect(
      try RealSQLCipher.run(
        path, key.pragma, "PRAGMA cipher_integrity_check", "PRAGMA integrity_check",
        "SELECT count(*) FROM t") == ["ok", "2901"])
  }

  static let hotLog = [
    "PRAGMA temp_store = MEMORY", "PRAGMA journal_mode = wal", "PRAGMA cache_size = 20", create,
    fill, "BEGIN", "UPDATE t SET b = b || 1", "UPDATE t SET b = b || 2", "COMMIT",
    "INSERT INTO t VALUES(-5, 'hot')",
  ]
  static let readLog = [
    "SELECT count(*) FROM t", "SELECT b FROM t WHERE a = -5", "PRAGMA integrity_check",
  ]

  @Test(arguments: KeyCase.all)
  func `SQLCipher recovers our hot log`(_ key: KeyCase) throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"), key.key())
    for statement in Self.hotLog { try ours.run(statement) }
    try scratch.crash("x.db", as: "y.db")
    #expect(try scratch.bytes("y.db-wal").count > 500_000)
    let real = try RealSQLCipher.run(
      scratch.path("y.db"), key.pragma, Self.readLog[0], Self.readLog[1], Self.readLog[2],
      "PRAGMA cipher_integrity_check")
    #expect(real == ["3001", "hot", "ok"])
  }

  @Test(arguments: KeyCase.all)
  func `we recover a hot log of SQLCipher`(_ key: KeyCase) throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let python = try #require(RealSQLCipher.python)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Interop/real.py").path
    let arguments = [script, "exit", path, key.pragma] + Self.hotLog
    #expect(try RealSQLCipher.start(python, arguments).status == 0)
    try scratch.crash("x.db", as: "y.db")
    #expect(try scratch.bytes("y.db-wal").count > 500_000)
    let ours = try open(scratch.path("y.db"), key.key())
    #expect(
      try ours.run(Self.readLog[0], Self.readLog[1], Self.readLog[2]) == ["3001", "hot", "ok"])
  }

  /// It must not write then; see `LogFile`.
  @Test func `SQLCipher reads a database we have open`() throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let ours = try open(path)
    try ours.run("PRAGMA journal_mode = wal", "PRAGMA wal_autocheckpoint = 0", create)
    for round in 1...3 {
      try ours.run("INSERT INTO t VALUES(\(round), 'ours')")
      let real = try RealSQLCipher.run(
        path, "x'\(keyDigits)'", "PRAGMA query_only = ON", "PRAGMA integrity_check",
        "SELECT count(*) FROM t")
      #expect(real == ["ok", "\(round)"])
    }
    try scratch.crash("x.db", as: "y.db")
    let after = try open(scratch.path("y.db"))
    #expect(try after.run("PRAGMA integrity_check", "SELECT count(*) FROM t") == ["ok", "3"])
  }

  @Test func `SQLCipher rolls our hot journal back`() throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"))
    try ours.run("PRAGMA journal_mode = delete", create, fill)
    let before = try ours.run(Self.count)
    try ours.run("PRAGMA cache_size = 5", "BEGIN", "UPDATE t SET b = b || 'zzzzzz'")
    try scratch.crash("x.db", as: "y.db")
    #expect(try scratch.bytes("y.db-journal").count > 100_000)
    let real = try RealSQLCipher.run(
      scratch.path("y.db"), "x'\(keyDigits)'", Self.count, "PRAGMA cipher_integrity_check",
      "PRAGMA integrity_check")
    #expect(real == before + ["ok"])
  }

  @Test func `we roll a hot journal of SQLCipher back`() throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let key = "x'\(keyDigits)'"
    let before = try RealSQLCipher.run(
      path, key, "PRAGMA journal_mode = delete", create, fill, Self.count)
    _ = try RealSQLCipher.run(
      path, key, crashing: true, "PRAGMA cache_size = 5", "BEGIN",
      "UPDATE t SET b = b || 'zzzzzz'")
    #expect(try scratch.bytes("x.db-journal").count > 100_000)
    let ours = try open(path)
    #expect(try ours.run(Self.count, "PRAGMA integrity_check") == before.dropFirst() + ["ok"])
  }
}
