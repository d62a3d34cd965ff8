import Cipher
import Foundation
import GRDBSQLite

/// Work for a database that is SQL alone, so that every library and language does the same.
struct Workload {
  /// One measured step.
  struct Step: Encodable {
    let name: String
    /// Begins on a new connection.
    var reopens = false
    /// Drops what the system keeps of the file first.
    var evicts = false
    /// Run before the clock starts.
    var before: [String] = []
    let timed: [String]
  }

  let steps: [Step]

  /// Runs it on a layer.
  ///
  /// - Parameters:
  ///   - layer: SQLite's name of the layer.
  ///   - path: The database; it is made anew and removed.
  /// - Returns: Seconds of each step on a processor, the kernel's share included.
  /// - Throws: SQLite's faults.
  func measure(on layer: String, at path: String) throws -> [Double] {
    var taken: [Double] = []
    CipherVFS.install()
    try CipherVFS.register(
      key: DatabaseKey(raw: try SecretBytes(randomCount: 32)), path: path)
    defer {
      try? CipherVFS.unregister(path: path)
      for end in ["", "-wal", "-shm"] { unlink(path + end) }
    }
    var file: SQLiteFile? = try SQLiteFile(path, layer: layer)
    for step in steps {
      if step.reopens {
        file = nil
        if step.evicts { Workplace.evict(path) }
        file = try SQLiteFile(path, layer: layer)
      }
      for sql in step.before { try file?.run(sql) }
      taken.append(try Taken.by { for sql in step.timed { try file?.run(sql) } }.1.processor)
    }
    return taken
  }
}

extension Workload {
  /// A table with a text, a blob and an index: filled, scanned, and read at random places.
  static func table(rows: Int) -> Workload {
    let numbers = "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < "
    let fill = """
      INSERT INTO t(k, s, b) \(numbers)\(rows - 1))
      SELECT (i * 7919 + 13) % 1000003, 'row number ' || i, randomblob(100) FROM n
      """
    // The generator of the C standard's example, so that every place is read in the same order.
    let reads = """
      WITH RECURSIVE r(i, x) AS (VALUES(0, 1)
        UNION ALL SELECT i + 1, (x * 1103515245 + 12345) % 2147483648 FROM r WHERE i < 19999)
      SELECT sum(length(b)) FROM r CROSS JOIN t ON t.id = x % \(rows) + 1
      """
    return Workload(steps: [
      Step(
        name: "bulk insert",
        before: [
          "PRAGMA journal_mode = wal", "PRAGMA synchronous = NORMAL",
          "PRAGMA cache_size = -65536",
          "CREATE TABLE t(id INTEGER PRIMARY KEY, k INT, s TEXT, b BLOB)",
          "CREATE INDEX tk ON t(k)",
        ], timed: ["BEGIN", fill, "COMMIT"]),
      Step(name: "checkpoint", timed: ["PRAGMA wal_checkpoint(TRUNCATE)"]),
      Step(
        name: "cold scan", reopens: true, evicts: true, before: ["PRAGMA cache_size = -2000"],
        timed: ["SELECT count(*), sum(length(b)) FROM t WHERE s LIKE '%zzz%'"]),
      Step(
        name: "random reads, small cache", reopens: true, before: ["PRAGMA cache_size = -2000"],
        timed: [reads]),
      Step(
        name: "random reads, warm", reopens: true, before: ["PRAGMA cache_size = -65536", reads],
        timed: [reads, reads, reads]),
    ])
  }
}
