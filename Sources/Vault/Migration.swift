import Cipher
import GRDB

/// Brings the layout of a database up to date, each step after a copy of the file.
struct Migration {
  let folder: VaultFolder
  /// The name of the database in the folder.
  let database: String
  /// The key of the database and of its copies.
  let key: DatabaseKey
  var steps = Schema.steps

  /// How many copies are kept.
  private static let kept = 2

  /// Takes the steps that are missing.
  ///
  /// A new database takes all of them at once. One step's transaction also says that it was taken,
  /// so an interruption leaves the layout before it or after it.
  func run(_ pool: DatabasePool) throws {
    let version = try checkVersion(pool)
    if version == 0 {
      return try pool.write { db in
        for number in steps.indices { try Schema.take(step: number, of: steps, db) }
      }
    }
    for number in version..<steps.count {
      try copy(pool, before: number + 1)
      try pool.write { try Schema.take(step: number, of: steps, $0) }
    }
  }

  /// How many steps were taken; refuses a database of a later program.
  @discardableResult
  func checkVersion(_ pool: DatabasePool) throws -> Int {
    let version = try pool.read { try Schema.version($0) }
    guard version <= steps.count else {
      throw VaultFault.newerSchema(
        path: folder.databasePath(database), found: version, known: steps.count)
    }
    return version
  }

  private func copy(_ pool: DatabasePool, before step: Int) throws {
    let stem = String(database.dropLast(3)) + ".before-"
    let path = folder.databasePath("\(stem)\(step).db")
    try folder.removeDatabase(path)
    try DatabaseCopy.make(of: pool, at: path, key: key)
    let copies = try PrivateFile.names(in: folder.path)
      .compactMap { name -> Int? in
        guard name.hasPrefix(stem), name.hasSuffix(".db") else { return nil }
        return Int(name.dropFirst(stem.count).dropLast(3))
      }.sorted()
    for old in copies.dropLast(Migration.kept) {
      try folder.removeDatabase(folder.databasePath("\(stem)\(old).db"))
    }
  }
}

/// A consistent copy of a database in a file of its own, checked after it was written.
enum DatabaseCopy {
  /// Copies a database.
  ///
  /// - Parameters:
  ///   - pool: The database; it may be read meanwhile.
  ///   - path: The new file.
  ///   - key: The key of the new file.
  ///   - progress: Told the part done, 0 to 100.
  /// - Throws: `VaultFault`, and the new file is gone.
  static func make(
    of pool: DatabasePool, at path: String, key: DatabaseKey, progress: (Int) -> Void = { _ in }
  ) throws {
    try PrivateFile.make(path)
    try CipherVFS.register(key: key, path: path)
    defer { forgetKey(of: path) }
    do {
      try write(pool, path, progress)
      try check(path, key, against: pool)
    } catch {
      for suffix in ["", "-wal", "-shm", "-journal"] { try PrivateFile.remove(path + suffix) }
      throw error
    }
  }

  private static func write(
    _ pool: DatabasePool, _ path: String, _ progress: (Int) -> Void
  ) throws {
    let queue = try DatabaseQueue(path: path, configuration: Store.configuration)
    try withoutActuallyEscaping(progress) { progress in
      try pool.backup(to: queue, pagesPerStep: 1024) { state in
        let total = max(1, state.totalPageCount)
        progress(100 * (total - state.remainingPageCount) / total)
      }
    }
    try queue.close()
  }

  /// Every page is genuine, SQLite finds the file sound, and both count and hash the same.
  private static func check(
    _ path: String, _ key: DatabaseKey, against pool: DatabasePool
  ) throws {
    let report = try CipherVFS.checkIntegrity(path: path, key: key)
    guard report.isSound else {
      throw VaultFault.damagedPage(
        path: path, page: UInt32(clamping: report.damagedPages.first ?? report.pages))
    }
    let copy = try DatabaseQueue(path: path, configuration: Store.configuration)
    let found = try copy.read { db in
      let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check") ?? ""
      guard verdict == "ok" else { throw VaultFault.damaged(path: path, detail: verdict) }
      return try DatabaseSummary(db)
    }
    try copy.close()
    guard try found == pool.read({ try DatabaseSummary($0) }) else {
      throw VaultFault.damaged(path: path, detail: "the copy differs from what was copied")
    }
  }
}

/// What two copies of one database have in common: how much there is, and the audit log's edge.
struct DatabaseSummary: Equatable {
  private var counts: [Int] = []
  private var edge: [UInt8] = []

  init(_ db: Database) throws {
    for table in [
      "entry", "leg", "holding", "payload", "refused", "import", "audit", "connection",
      "credential", "lane_state", "answer", "alert_record", "alert_delivery", "alert_sink",
      "lot_pick",
    ] where try db.tableExists(table) {
      counts.append(try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0)
    }
    guard try db.tableExists("meta") else { return }
    let row = try Row.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'audit_frontier'")
    edge = row?.bytes(0) ?? []
  }
}
