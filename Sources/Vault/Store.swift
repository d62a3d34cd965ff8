import Amounts
import Cipher
import GRDB
import Ledger
import Prices

/// The database of a vault and what of it is kept in memory: the one place that writes it.
///
/// Every change goes through `transact`: one transaction, with its audit record and a signed
/// checkpoint. If anything fails, neither the file nor the memory has changed. It is used from one
/// thread at a time; `VaultReader` reads from others.
final class Store {
  /// The database file.
  let path: String
  /// One writer, two readers on snapshots.
  let pool: DatabasePool
  /// The names as of the last commit.
  let catalogue: Catalogue
  /// What of the database is kept in memory.
  var state = StoreState()
  /// Signs the audit log's checkpoints.
  var signer: AuditSigner
  /// Occurrences of equal refused rows in the imports that are running.
  var tallies: [Int64: RefusalTally] = [:]
  /// When the last audit record was written.
  var lastTime = Instant(microseconds: 0)
  /// Where the newest state is kept outside the vault.
  var anchor: AnchorFile?
  /// Why the newest state could not be kept there, the last time it was tried.
  private(set) var anchorTrouble: VaultFault?
  /// How many identities the small table may hold.
  var mostRecentKeys = 1 << 18
  /// The last series of prices whose old bars were thrown away.
  var pruned: Int64 = 0
  /// What is hashed, with the context kept between calls.
  var hasher = DigestHasher()
  var merkle = MerkleHasher()

  /// Opens a database whose key is registered with `CipherVFS`, and reads what is kept in memory.
  ///
  /// - Parameters:
  ///   - path: The file; it exists and may be empty.
  ///   - signer: Signs checkpoints.
  ///   - migrate: Brings the layout up to date before anything is read.
  /// - Throws: `VaultFault`.
  init(
    path: String, signer: AuditSigner, migrate: (DatabasePool) throws -> Void
  ) throws(VaultFault) {
    self.path = path
    self.signer = signer
    do {
      pool = try DatabasePool(path: path, configuration: Store.configuration)
      try pool.writeWithoutTransaction { try Store.prepareWriter($0) }
      try migrate(pool)
      state = try pool.read { try StoreState(reading: $0) }
    } catch {
      throw VaultFault(error, path: path)
    }
    catalogue = Catalogue(state.names)
  }

  /// What every connection is set to.
  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.maximumReaderCount = 2
    configuration.label = "vault"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
      try db.execute(sql: "PRAGMA cache_size = -12288")
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
    }
    return configuration
  }

  /// What the writer is set to; the pool chose `synchronous = NORMAL`, which may lose a commit.
  private static func prepareWriter(_ db: Database) throws {
    try db.execute(sql: "PRAGMA synchronous = FULL")
    try db.execute(sql: "PRAGMA cache_size = -65536")
    // 128 MiB: batches of an import change the same pages of the index by key again and again.
    try db.execute(sql: "PRAGMA wal_autocheckpoint = 32768")
    try db.execute(sql: "PRAGMA journal_size_limit = 16777216")
  }

  /// Runs one transaction; whatever `work` appended to the audit log is sealed by a checkpoint.
  func transact<Result>(_ work: (Database) throws -> Result) throws(VaultFault) -> Result {
    let before = state
    var note: String?
    do {
      let result = try pool.write { db in
        let result = try work(db)
        if state.frontier.size != before.frontier.size {
          note = try seal(db, at: state.frontier)
        }
        catalogue.publish(state.names)
        return result
      }
      if let note { remember(note) }
      return result
    } catch {
      state = before
      catalogue.publish(before.names)
      throw VaultFault(error, path: path)
    }
  }

  /// Keeps the state just committed outside the vault; failing to is no reason to undo the commit.
  private func remember(_ note: String) {
    guard let anchor else { return }
    do throws(VaultFault) {
      try anchor.write(note, at: lastTime)
      anchorTrouble = nil
    } catch {
      anchorTrouble = error
    }
  }

  /// Keeps the present state outside the vault again, under another generation of the header.
  func refreshAnchor() throws(VaultFault) {
    if let note = try note(ofSize: Int64(clamping: state.frontier.size)) { remember(note) }
  }

  /// Reads on a snapshot of its own.
  func read<Result>(_ work: (Database) throws -> Result) throws(VaultFault) -> Result {
    do {
      return try pool.read { try work($0) }
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  /// Writes the log back into the database, empties it, and closes all connections.
  func close() throws(VaultFault) {
    do {
      _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      try pool.close()
    } catch {
      throw VaultFault(error, path: path)
    }
  }
}

/// What of the database is kept in memory; a value, so that a failed transaction leaves no trace.
struct StoreState {
  var names = Names()
  /// What accounts hold, by `HoldingSlot`.
  var holdings: [HoldingSlot: Holding] = [:]
  /// How many entries there are; the last one has this number.
  var entryCount = 0
  /// The last entry whose identity is in the large table; those of later ones are in the small one.
  var settledKeys = 0
  /// The audit log's right edge.
  var frontier = MerkleFrontier()
  /// When the latest own trade of an asset in a currency was.
  var tradeTimes: [TradePair: Int64] = [:]
}

/// An account and a recorded asset by their numbers.
struct HoldingSlot: Hashable, Sendable {
  let account: Int32
  let asset: Int32

  init(account: Int, asset: Int) {
    self.account = Int32(account)
    self.asset = Int32(asset)
  }
}

/// A recorded asset by its number, and the currency of a price.
struct TradePair: Hashable, Sendable {
  let asset: Int
  let currency: String
}

extension Store {
  /// What all legs fold into, by the rule of `Holdings.apply`.
  func foldLegs(_ db: Database) throws -> [HoldingSlot: Holding] {
    var holdings: [HoldingSlot: Holding] = [:]
    let rows = try Row.fetchCursor(
      db, sql: "SELECT account_id, asset_id, quantity, counter FROM leg ORDER BY id")
    while let row = try rows.next() {
      let slot = HoldingSlot(account: row[0], asset: row[1])
      let quantity = try Quantity(stored: row[2])
      var holding = holdings[slot] ?? Holding()
      holding.free = try holding.free.adding(quantity)
      if row[3] as Int == Counter.staked.rawValue {
        holding.staked = try holding.staked.subtracting(quantity)
      }
      holdings[slot] = holding
    }
    return holdings
  }
}
