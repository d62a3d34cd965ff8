import Amounts
import Cipher
import GRDB
public import Ledger
public import Prices
import Synchronization

/// Reads a vault, from any thread, while it may be written.
///
/// Every call sees one consistent state, that of the last commit when it began. Nothing is loaded
/// that was not asked for: a page of a million entries costs as much as a page of a hundred.
public final class VaultReader: Sendable {
  let pool: DatabasePool
  let catalogue: Catalogue
  let path: String
  let memory = Mutex(QueryMemory())

  init(pool: DatabasePool, catalogue: Catalogue, path: String) {
    self.pool = pool
    self.catalogue = catalogue
    self.path = path
  }

  /// Reads on a snapshot, with faults of our own.
  ///
  /// The snapshot is taken before `work` begins, so that the names it looks up are at least as new.
  func read<Result>(_ work: (Database) throws -> Result) throws(VaultFault) -> Result {
    do {
      return try pool.read { db in
        try VaultReader.takeSnapshot(db)
        return try work(db)
      }
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  /// SQLite fixes what a transaction sees at its first look into the file.
  static func takeSnapshot(_ db: Database) throws {
    _ = try Int.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM sqlite_schema LIMIT 1"))
  }

  // MARK: Names

  /// The accounts, in order of identity.
  public var accounts: [Account] { catalogue.names.accounts.sorted { $0.id < $1.id } }

  /// Every asset that was ever recorded, in order.
  public var assets: [AssetID] { catalogue.names.assets.sorted() }

  /// The user's links among assets.
  public var links: AssetLinks { catalogue.names.links }

  /// The books, in order of name.
  public func books() throws(VaultFault) -> [BookID] {
    try read { db in
      try String.fetchAll(db, sql: "SELECT name FROM book ORDER BY name").map { BookID($0) }
    }
  }

  // MARK: Holdings and prices

  /// What every account holds of every asset it ever moved.
  public func holdings() throws(VaultFault) -> [HoldingKey: Holding] {
    let names = catalogue
    return try read { db in
      let names = names.names
      var holdings: [HoldingKey: Holding] = [:]
      let rows = try Row.fetchCursor(db, sql: "SELECT * FROM holding")
      while let row = try rows.next() {
        guard let account = names.account(row[0]), let asset = names.asset(row[1]) else { continue }
        holdings[HoldingKey(account: account.id, asset: asset)] = Holding(
          free: try Quantity(stored: row[2]), staked: try Quantity(stored: row[3]))
      }
      return holdings
    }
  }

  /// The latest quotes kept for when there is no network, and the prices of own trades.
  ///
  /// - Returns: Quotes of canonical assets, in order of asset, currency and source.
  public func quotes() throws(VaultFault) -> [Quote] {
    try read { db in
      let names = catalogue.names
      let quotes = try QuoteReader.kept(db) + QuoteReader.trades(db, names)
      return quotes.sorted {
        if $0.asset != $1.asset { return $0.asset < $1.asset }
        if $0.currency != $1.currency { return $0.currency < $1.currency }
        return ($0.source.text, $0.time) < ($1.source.text, $1.time)
      }
    }
  }

  // MARK: Settings

  /// A setting, or `nil`.
  public func setting(_ key: String) throws(VaultFault) -> String? {
    try read { db in
      try String.fetchOne(db, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
    }
  }

  /// All settings.
  public func settings() throws(VaultFault) -> [String: String] {
    try read { db in
      var settings: [String: String] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT key, value FROM setting") {
        settings[row[0]] = row[1]
      }
      return settings
    }
  }
}

/// Reads the two kinds of stored prices.
private enum QuoteReader {
  static func kept(_ db: Database) throws -> [Quote] {
    // A price that the user stated ends when the statement says so.
    let sql = """
      SELECT asset, currency, source, price, day_open, time, CASE source WHEN 'manual' THEN
        (SELECT expires FROM price_statement AS said WHERE said.asset = quote.asset
          AND said.currency = quote.currency AND said.state = 1 ORDER BY id DESC LIMIT 1) END
      FROM quote
      """
    return try Row.fetchAll(db, sql: sql).compactMap { row in
      guard let source = QuoteSource(row[2] as String) else { return nil }
      let dayOpen: String? = row[4]
      let expires: Int64? = row[6]
      return Quote(
        asset: try AssetID(stored: row[0]), price: try Price(stored: row[3]),
        currency: try Currency(stored: row[1]), time: Instant(microseconds: row[5]),
        source: source, dayOpen: try dayOpen.map { try Price(stored: $0) },
        expires: expires.map { Instant(microseconds: $0) })
    }
  }

  static func trades(_ db: Database, _ names: Names) throws -> [Quote] {
    let sql = "SELECT asset_id, currency, price, time FROM trade_price"
    return try Row.fetchAll(db, sql: sql).compactMap { row in
      guard let asset = names.asset(row[0]) else { return nil }
      return Quote(
        asset: names.links.canonical(asset), price: try Price(stored: row[2]),
        currency: try Currency(stored: row[1]), time: Instant(microseconds: row[3]),
        source: .ownTrade)
    }
  }
}
