import Foundation
import GRDBSQLite
import TestSupport
import Testing

@testable import Cipher

/// What a crash leaves behind: files as they are at some moment, without shared memory.
struct RecoveryTests {
  private let check = "PRAGMA integrity_check"
  private let count = "SELECT count(*) FROM t"

  @Test func `a commit survives, a transaction that was running does not`() throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"))
    try ours.run(
      "PRAGMA journal_mode = wal", "PRAGMA synchronous = NORMAL", "PRAGMA cache_size = 10", create,
      fill, "BEGIN", "INSERT INTO t SELECT * FROM t", "UPDATE t SET b = b || 'more'")
    try scratch.crash("x.db", as: "y.db")
    let after = try open(scratch.path("y.db"))
    #expect(try after.run(check, count) == ["ok", "3000"])
  }

  /// With few pages of cache, SQLite writes a page into its log frame twice and then makes the
  /// frames' checksums anew before it commits (walRewriteChecksums in its wal.c).
  @Test(arguments: [false, true], ["NORMAL", "EXCLUSIVE"])
  func `frames rewritten in a transaction survive`(_ sync: Bool, locking: String) throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"))
    try ours.run(
      "PRAGMA locking_mode = \(locking)", "PRAGMA journal_mode = wal",
      "PRAGMA synchronous = \(sync ? "FULL" : "OFF")", "PRAGMA cache_size = 10",
      "PRAGMA wal_autocheckpoint = 0", create, "CREATE INDEX i ON t(b)", fill)
    for round in 0..<3 {
      try ours.run(
        "BEGIN", "UPDATE t SET b = b || 1", "UPDATE t SET b = b || 2 WHERE a % 2", "COMMIT")
      try scratch.crash("x.db", as: "c\(round).db")  // before anything else is done
      let total = try ours.run("SELECT sum(length(b)) FROM t")
      let atCommit = try open(scratch.path("c\(round).db"))
      #expect(try atCommit.run(check, "SELECT sum(length(b)) FROM t") == ["ok"] + total)
      try ours.run("INSERT INTO t VALUES(-\(round), 'after')")
      try scratch.crash("x.db", as: "y\(round).db")
      let after = try open(scratch.path("y\(round).db"))
      #expect(try after.run(check, count) == ["ok", "\(3001 + round)"])
      #expect(try after.run("SELECT b FROM t WHERE a = -\(round) LIMIT 1").count == 1)
    }
  }

  /// The frame behind the last commit is read whole by recovery, and its place is where the next
  /// transaction begins; that must not be mistaken for checksums being made anew.
  @Test(arguments: [0, 1, 2], ["NORMAL", "EXCLUSIVE"])
  func `a commit after recovering a torn log survives the next crash`(
    _ rest: Int, locking: String
  ) throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"))
    try ours.run("PRAGMA journal_mode = wal", "PRAGMA wal_autocheckpoint = 0", create)
    try ours.run("INSERT INTO t VALUES(1, 'committed')")
    let committed = try scratch.bytes("x.db-wal").count
    try ours.run("INSERT INTO t VALUES(2, 'torn')")
    try scratch.crash("x.db", as: "y.db")
    var log = try scratch.bytes("y.db-wal")
    log = Array(log.prefix(committed + 4120))
    switch rest {
    case 0: log[log.count - 100] ^= 1  // the page is torn
    case 1: log[committed + 9] ^= 1  // another log's salt
    default: for at in committed + 4..<committed + 8 { log[at] = 0 }  // no commit mark, wrong sum
    }
    try scratch.write(log, "y.db-wal")
    let second = try open(scratch.path("y.db"))
    try second.run("PRAGMA locking_mode = \(locking)", "PRAGMA wal_autocheckpoint = 0")
    #expect(try second.run(count) == ["1"])
    try second.run("INSERT INTO t VALUES(3, 'new')")
    try scratch.crash("y.db", as: "z.db")
    let third = try open(scratch.path("z.db"))
    #expect(try third.run(check, "SELECT b FROM t") == ["ok", "committed", "new"])
  }

  /// Another connection starts the log anew and brings it to the frame this one wrote last.
  @Test func `what a connection remembers of the log's end is not used after another wrote`() throws
  {
    let scratch = try Scratch()
    let first = try open(scratch.path("x.db"))
    try first.run("PRAGMA journal_mode = wal", "PRAGMA wal_autocheckpoint = 0", create)
    try first.run("INSERT INTO t VALUES(0, 'x')", "PRAGMA wal_checkpoint(TRUNCATE)")
    let second = try Connection(scratch.path("x.db"))
    try second.run("PRAGMA wal_autocheckpoint = 0")
    for row in 1...3 { try first.run("INSERT INTO t VALUES(\(row), 'x')") }
    let size = try scratch.bytes("x.db-wal").count
    try second.run("PRAGMA wal_checkpoint(TRUNCATE)")
    for row in 4...6 { try second.run("INSERT INTO t VALUES(\(row), 'x')") }
    #expect(try scratch.bytes("x.db-wal").count == size)
    try first.run("INSERT INTO t VALUES(7, 'x')")
    try scratch.crash("x.db", as: "y.db")
    let after = try open(scratch.path("y.db"))
    #expect(try after.run(check, "SELECT count(*), max(a) FROM t") == ["ok", "8|7"])
  }

  @Test func `a torn log ends at its last whole commit`() throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"))
    try ours.run("PRAGMA journal_mode = wal", "PRAGMA wal_autocheckpoint = 0", create)
    for round in 0..<20 {
      try ours.run(
        "INSERT INTO t SELECT \(round), hex(randomblob(900)) FROM (VALUES (1),(2),(3),(4),(5))")
    }
    let main = try scratch.bytes("x.db")
    let log = try scratch.bytes("x.db-wal")
    let seed = runSeed()
    var random = Seeded(seed)
    for round in 0..<40 {
      let name = "t\(round).db"
      try scratch.write(main, name)
      try scratch.write(damage(log, round, &random), name + "-wal")
      let after = try open(scratch.path(name))
      let rows = try after.run(check, count)
      #expect(rows.first == "ok", "SEED=\(seed) round \(round)")
      #expect((rows.last.flatMap(Int.init) ?? -1) % 5 == 0, "SEED=\(seed) round \(round)")
    }
  }

  private func damage(_ log: [UInt8], _ round: Int, _ random: inout Seeded) -> [UInt8] {
    // The first 8 frames make the table; what is damaged lies behind them.
    let start = 32 + 8 * 4120
    let at = Int.random(in: start..<log.count - 600, using: &random)
    var torn = log
    switch round % 3 {
    case 0: torn = Array(log.prefix(at))
    case 1: torn[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    default: for index in at..<at + 512 { torn[index] = .random(in: 0...255, using: &random) }
    }
    return torn
  }

  @Test func `a hot journal is rolled back`() throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"))
    try ours.run("PRAGMA journal_mode = delete", create, fill)
    let before = try ours.run("SELECT sum(length(b)) FROM t")
    try ours.run(
      "PRAGMA cache_size = 5", "BEGIN", "UPDATE t SET b = b || 'zzzzzz'",
      "INSERT INTO t SELECT * FROM t")
    try scratch.crash("x.db", as: "y.db")
    let after = try open(scratch.path("y.db"))
    #expect(try after.run("SELECT sum(length(b)) FROM t", check) == before + ["ok"])
  }

  @Test(arguments: ["wal", "delete"])
  func `a wrong key does no harm to what a crash left`(_ journal: String) throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"))
    try ours.run("PRAGMA journal_mode = \(journal)", create, fill)
    let before = try ours.run("SELECT sum(length(b)) FROM t")
    try ours.run("PRAGMA cache_size = 5", "BEGIN", "UPDATE t SET b = b || 'zzzzzz'")
    try scratch.crash("x.db", as: "y.db")
    let wrong = try open(scratch.path("y.db"), rawKey(String(keyDigits.reversed())))
    #expect {
      try wrong.run("SELECT sum(length(b)) FROM t")
    } throws: { ($0 as? SQLiteError)?.code == SQLITE_NOTADB }
    wrong.close()
    let after = try open(scratch.path("y.db"))
    #expect(try after.run("SELECT sum(length(b)) FROM t", check) == before + ["ok"])
  }

  /// Copies the files between any two statements; every copy must open with what was committed.
  @Test(arguments: ["wal", "delete", "truncate", "persist"])
  func `a copy at any moment opens with all that was committed`(_ journal: String) throws {
    let scratch = try Scratch()
    let ours = try open(scratch.path("x.db"))
    try ours.run(
      "PRAGMA journal_mode = \(journal)", "PRAGMA wal_autocheckpoint = 30",
      "PRAGMA cache_size = 10", create, "CREATE INDEX i ON t(b)")
    let seed = runSeed()
    var random = Seeded(seed)
    var committed = 0
    for round in 0..<25 {
      try ours.run("BEGIN")
      let rows = Int.random(in: 1...40, using: &random)
      for _ in 0..<rows {
        let size = Int.random(in: 1...1500, using: &random)
        try ours.run("INSERT INTO t VALUES(\(round), hex(randomblob(\(size))))")
      }
      try verify(scratch, "m\(round).db", committed, "SEED=\(seed) round \(round) running")
      let keeps = Bool.random(using: &random)
      try ours.run(keeps ? "COMMIT" : "ROLLBACK")
      if keeps { committed += rows }
      try verify(scratch, "n\(round).db", committed, "SEED=\(seed) round \(round) ended")
    }
  }

  private func verify(
    _ scratch: Scratch, _ name: String, _ committed: Int, _ place: Comment
  ) throws {
    try scratch.crash("x.db", as: name)
    let copy = try open(scratch.path(name))
    #expect(try copy.run(check, count) == ["ok", "\(committed)"], place)
    copy.close()
  }
}
