import Foundation
import GRDBSQLite
import TestSupport
import Testing

@testable import Cipher

struct PageTests {
  /// A closed database with one table of 3000 rows, all of it in the main file.
  private func database(_ scratch: Scratch, _ name: String = "x.db") throws -> String {
    let path = scratch.path(name)
    let made = try open(path)
    try made.run("PRAGMA journal_mode = delete", create, fill)
    made.close()
    return path
  }

  private func refusal(_ body: () throws -> Void) -> Int32? {
    do {
      try body()
      return nil
    } catch let error as SQLiteError {
      return error.code
    } catch {
      return -1
    }
  }

  @Test func `a wrong key is not taken for damage`() throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    let wrong = try open(path, rawKey(String(keyDigits.reversed())))
    let code = refusal { try wrong.run("SELECT count(*) FROM t") }
    #expect(code == SQLITE_NOTADB)
  }

  @Test(
    "a flipped bit is found wherever it is",
    arguments: [
      ("salt", 0, 3), ("cipher text of page 1", 0, 2000), ("cipher text", 4, 100),
      ("last cipher text", 4, 4015), ("vector", 5, 4016), ("tag", 6, 4032), ("end of tag", 6, 4095),
    ])
  func flippedBit(_ region: String, page: Int, offset: Int) throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    var file = try scratch.bytes("x.db")
    file[page * 4096 + offset] ^= 0x10
    try scratch.write(file, "x.db")
    let damaged = try open(path)  // the key is known to be right from the writing
    #expect(refusal { try damaged.run("SELECT sum(length(b)) FROM t") } == ResultCode.damaged)
    damaged.close()
    try CipherVFS.unregister(path: path)
    let unknown = try open(path)  // with page 1 damaged, nothing tells a wrong key apart
    let code = refusal { try unknown.run("SELECT sum(length(b)) FROM t") }
    #expect(code == (page == 0 ? SQLITE_NOTADB : ResultCode.damaged))
  }

  @Test func `any flipped bit anywhere is found`() throws {
    let scratch = try Scratch()
    _ = try database(scratch)
    let original = try scratch.bytes("x.db")
    let seed = runSeed()
    var random = Seeded(seed)
    for round in 0..<60 {
      var file = original
      file[.random(in: file.indices, using: &random)] ^=
        1 << UInt8.random(in: 0..<8, using: &random)
      let name = "r\(round).db"
      try scratch.write(file, name)
      let damaged = try open(scratch.path(name))
      let code = refusal { try damaged.run("SELECT sum(length(b)) FROM t") }
      #expect(code == SQLITE_NOTADB || code == ResultCode.damaged, "SEED=\(seed) round \(round)")
    }
  }

  @Test func `swapped pages are found`() throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    var file = try scratch.bytes("x.db")
    let fifth = Array(file[4 * 4096..<5 * 4096])
    file.replaceSubrange(4 * 4096..<5 * 4096, with: file[8 * 4096..<9 * 4096])
    file.replaceSubrange(8 * 4096..<9 * 4096, with: fifth)
    try scratch.write(file, "x.db")
    let damaged = try open(path)
    #expect(refusal { try damaged.run("SELECT sum(length(b)) FROM t") } == ResultCode.damaged)
  }

  @Test(arguments: [1, 4095, 4096, 100_000])
  func `a cut file is found`(_ missing: Int) throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    try scratch.write(try scratch.bytes("x.db").dropLast(missing), "x.db")
    let cut = try open(path)
    let code = refusal { try cut.run("SELECT sum(length(b)) FROM t") }
    #expect(code == SQLITE_CORRUPT || code == ResultCode.damaged)
  }

  /// SQLite takes the missing end of a page for zeros, and an overflow page may well be zeros.
  @Test func `a large value cut at its end is never read as zeros`() throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let made = try open(path)
    try made.run("CREATE TABLE z(b)", "INSERT INTO z VALUES(randomblob(50000))")
    made.close()
    try scratch.write(try scratch.bytes("x.db").dropLast(1), "x.db")
    let cut = try open(path)
    #expect(refusal { try cut.run("SELECT hex(b) FROM z") } == ResultCode.damaged)
  }

  @Test func `a path without a key cannot be opened`() throws {
    CipherVFS.install()
    let scratch = try Scratch()
    let path = scratch.path("plain.db")
    #expect(refusal { _ = try Connection(path) } == SQLITE_CANTOPEN)
    #expect(!scratch.exists("plain.db"))
  }

  @Test func `a forgotten key opens nothing`() throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    try CipherVFS.unregister(path: path)
    #expect(refusal { _ = try Connection(path) } == SQLITE_CANTOPEN)
  }

  @Test func `registering the same key again leaves open connections alone`() throws {
    let scratch = try Scratch()
    let path = try database(scratch)
    CipherVFS.install()
    try CipherVFS.register(key: rawKey(), path: path)
    let early = try Connection(path)
    try CipherVFS.register(key: rawKey(), path: path)
    #expect(try early.run("SELECT count(*) FROM t") == ["3000"])
  }

  @Test func `a plain database cannot be opened, nor become one of ours`() throws {
    let scratch = try Scratch()
    let path = scratch.path("plain.db")
    let plain = try Connection(path, vfs: "unix")
    try plain.run(create)
    plain.close()
    let ours = try open(path)
    #expect(refusal { try ours.run("SELECT * FROM t") } == SQLITE_NOTADB)
    #expect(refusal { try ours.run("INSERT INTO t VALUES(1, 2)") } == SQLITE_NOTADB)
  }

  @Test func `temporary files are refused and memory serves`() throws {
    let scratch = try Scratch()
    let ours = try open(try database(scratch))
    try ours.run("PRAGMA temp_store = FILE")
    let big = "CREATE TEMP TABLE u AS SELECT a, b, zeroblob(2000) FROM t"
    #expect(
      refusal { try ours.run("PRAGMA cache_spill = 1", big) }.map { $0 & 0xff } == SQLITE_CANTOPEN)
    try ours.run("PRAGMA temp_store = MEMORY", big)
    #expect(try ours.run("SELECT count(*) FROM u ORDER BY 1") == ["3000"])
  }

  @Test func `VACUUM INTO writes no plain copy`() throws {
    let scratch = try Scratch()
    let ours = try open(try database(scratch))
    #expect(
      refusal { try ours.run("VACUUM INTO '\(scratch.path("out.db"))'") } == SQLITE_CANTOPEN)
    #expect(!scratch.exists("out.db"))
    let other = try rawKey(String(keyDigits.reversed()))
    try CipherVFS.register(key: other, path: scratch.path("out.db"), isCopyTarget: true)
    try ours.run("VACUUM INTO '\(scratch.path("out.db"))'")
    #expect(!contains(try scratch.bytes("out.db"), canary))
    let copy = try open(scratch.path("out.db"), other)
    #expect(
      try copy.run("PRAGMA integrity_check", "SELECT count(*) FROM t") == ["ok", "3000"])
  }

  @Test func `ATTACH of a path without a key is refused`() throws {
    let scratch = try Scratch()
    let ours = try open(try database(scratch))
    #expect(
      refusal { try ours.run("ATTACH '\(scratch.path("other.db"))' AS o") } == SQLITE_CANTOPEN)
  }

  @Test func `files are never mapped into memory`() throws {
    let scratch = try Scratch()
    let ours = try open(try database(scratch))
    #expect(try ours.run("PRAGMA mmap_size = 100000000") == ["0"])
  }

  @Test(arguments: ["wal", "delete", "truncate", "persist"])
  func `no plain text is on the disk while a transaction runs`(_ journal: String) throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let ours = try open(path)
    try ours.run(
      "PRAGMA journal_mode = \(journal)", "CREATE TABLE plainmark_table(a, b)", create, fill,
      "PRAGMA cache_size = 5", "BEGIN", "UPDATE t SET b = b || 'x'")
    let names = ["x.db", "x.db-wal", "x.db-shm", "x.db-journal"].filter(scratch.exists)
    #expect(names.count == (journal == "wal" ? 3 : 2))
    for name in names {
      let file = try scratch.bytes(name)
      for text in [canary, "plainmark", "CREATE", "SQLite format"] {
        #expect(!contains(file, text), "\(text) in \(name)")
      }
    }
    try ours.run("COMMIT")
  }

  private func contains(_ file: [UInt8], _ text: String) -> Bool {
    Data(file).range(of: Data(text.utf8)) != nil
  }

  @Test func `page content never repeats although the plain text does`() throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let ours = try open(path)
    try ours.run("CREATE TABLE z(b)", "INSERT INTO z VALUES(zeroblob(400000))")
    ours.close()
    let file = try scratch.bytes("x.db")
    let vectors = stride(from: 0, to: file.count, by: 4096).map {
      Array(file[$0 + 4016..<$0 + 4032])
    }
    #expect(Set(vectors).count == file.count / 4096)
  }

  @Test func `two connections write and read one database`() async throws {
    let scratch = try Scratch()
    let path = scratch.path("x.db")
    let first = try open(path)
    try first.run("PRAGMA journal_mode = wal", "PRAGMA wal_autocheckpoint = 20", create)
    first.close()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<2 {
        group.addTask {
          let own = try Connection(path)
          for round in 0..<150 {
            try own.run(
              "BEGIN IMMEDIATE", "INSERT INTO t VALUES(\(writer), hex(randomblob(800)))",
              "SAVEPOINT s", "INSERT INTO t VALUES(9, hex(randomblob(3000)))",
              round % 3 == 0 ? "ROLLBACK TO s" : "DELETE FROM t WHERE a = 9", "COMMIT")
          }
        }
      }
      group.addTask {
        let own = try Connection(path)
        for _ in 0..<50 { #expect(try own.run("PRAGMA integrity_check") == ["ok"]) }
      }
      try await group.waitForAll()
    }
    let last = try Connection(path)
    #expect(
      try last.run("PRAGMA integrity_check", "SELECT a, count(*) FROM t GROUP BY a")
        == ["ok", "0|150", "1|150"])
  }
}
