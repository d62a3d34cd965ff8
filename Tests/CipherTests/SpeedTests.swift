import Foundation
import GRDBSQLite
import Glibc
import TestSupport
import Testing

@testable import Cipher

/// What the layer costs over plain SQLite; run by hand, in release, with COFFER_SPEED set.
///
/// `COFFER_SPEED=1 swift test -c release -Xswiftc -enable-testing --filter SpeedTests`
@Suite(.enabled(if: ProcessInfo.processInfo.environment["COFFER_SPEED"] != nil), .serialized)
struct SpeedTests {
  private struct Times {
    var insert = Duration.seconds(999)
    var transactions = Duration.seconds(999)
    var coldScan = Duration.seconds(999)
    var smallCacheReads = Duration.seconds(999)
    var warmReads = Duration.seconds(999)

    mutating func keepBest(_ other: Times) {
      insert = min(insert, other.insert)
      transactions = min(transactions, other.transactions)
      coldScan = min(coldScan, other.coldScan)
      smallCacheReads = min(smallCacheReads, other.smallCacheReads)
      warmReads = min(warmReads, other.warmReads)
    }

    var columns: [(String, Duration)] {
      [
        ("insert 100k", insert), ("2000 transactions", transactions), ("cold scan", coldScan),
        ("20k reads, 2 MB cache", smallCacheReads), ("20k reads, warm", warmReads),
      ]
    }
  }

  @Test func `cost over plain SQLite`() throws {
    var plain = Times()
    var ours = Times()
    for _ in 0..<7 {
      plain.keepBest(try measure(vfs: "unix"))
      ours.keepBest(try measure(vfs: nil))
    }
    for (one, other) in zip(plain.columns, ours.columns) {
      let ratio = other.1 / one.1
      print("SPEED \(one.0): plain \(one.1), ours \(other.1), ratio \(ratio)")
    }
  }

  @Test func `a million small records in a Merkle tree`() {
    let record = [UInt8](repeating: 7, count: 120)
    let clock = ContinuousClock()
    var leaves: [Digest] = []
    leaves.reserveCapacity(1_000_000)
    let hashing = clock.measure {
      var hasher = MerkleHasher()
      for _ in 0..<1_000_000 { leaves.append(hasher.leaf(record)) }
    }
    let rooting = clock.measure { _ = MerkleProof.root(of: leaves[...]) }
    print("SPEED 1M leaf hashes of 120 bytes: \(hashing); root over them: \(rooting)")
  }

  @Test func `scrypt at the floor`() throws {
    let clock = ContinuousClock()
    let password = try secret("password")
    let took = try clock.measure {
      _ = try ScryptCost.floor.key(from: password, salt: [1], length: 32)
    }
    print(
      "SPEED scrypt floor: \(took), one second buys \(try ScryptCost.calibrate(target: .seconds(1)))"
    )
  }

  private func measure(vfs: String?) throws -> Times {
    let scratch = try Scratch()
    let path = scratch.path("s.db")
    CipherVFS.install()
    try CipherVFS.register(key: rawKey(), path: path)
    let clock = ContinuousClock()
    var times = Times()
    var connection = try connect(path, vfs)
    try connection.run(
      "PRAGMA journal_mode = wal",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, k INT, s TEXT, b BLOB)", "CREATE INDEX tk ON t(k)")
    times.insert = try clock.measure { try insert(connection) }
    times.transactions = try clock.measure {
      for row in 0..<2000 { try connection.run("INSERT INTO t(k, s) VALUES(\(row), 'single')") }
    }
    try connection.run("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    try evict(path)
    connection = try connect(path, vfs)
    times.coldScan = try clock.measure {
      try connection.run("SELECT count(*), sum(length(b)) FROM t WHERE s LIKE '%zzz%'")
    }
    connection.close()
    connection = try connect(path, vfs)
    times.smallCacheReads = try clock.measure { try points(connection) }
    try connection.run("PRAGMA cache_size = -64000")
    try points(connection)
    times.warmReads = try clock.measure { try points(connection) }
    return times
  }

  private func connect(_ path: String, _ vfs: String?) throws -> Connection {
    let made = try Connection(path, vfs: vfs)
    try made.run("PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -2000")
    return made
  }

  private func evict(_ path: String) throws {
    let file = Glibc.open(path, O_RDONLY)
    defer { Glibc.close(file) }
    fsync(file)
    #expect(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0)
  }

  private func insert(_ connection: Connection) throws {
    try connection.run("BEGIN")
    var statement: OpaquePointer?
    sqlite3_prepare_v2(
      connection.handle, "INSERT INTO t(k, s, b) VALUES(?, 'row number ' || ?, zeroblob(100))", -1,
      &statement, nil)
    var random = Seeded(1)
    for row in 0..<100_000 {
      sqlite3_bind_int64(statement, 1, Int64(random.next() % 1_000_000))
      sqlite3_bind_int64(statement, 2, Int64(row))
      sqlite3_step(statement)
      sqlite3_reset(statement)
    }
    sqlite3_finalize(statement)
    try connection.run("COMMIT")
  }

  private func points(_ connection: Connection) throws {
    var statement: OpaquePointer?
    sqlite3_prepare_v2(
      connection.handle, "SELECT s, length(b) FROM t WHERE id = ?", -1, &statement, nil)
    var random = Seeded(2)
    for _ in 0..<20_000 {
      sqlite3_bind_int64(statement, 1, Int64(random.next() % 100_000) + 1)
      sqlite3_step(statement)
      sqlite3_reset(statement)
    }
    sqlite3_finalize(statement)
  }
}
