import Amounts
import Cipher
import GRDB
import Ledger

extension StoreState {
  /// Reads what is kept in memory; no table that grows with the entries is scanned.
  init(reading db: Database) throws {
    for row in try Row.fetchAll(db, sql: "SELECT slug, name, venue, book FROM account ORDER BY id")
    {
      _ = names.add(
        Account(
          id: AccountID(named: row[0] as String), name: row[1], venue: row[2],
          book: BookID(row[3] as String)))
    }
    for text in try String.fetchAll(db, sql: "SELECT identity FROM asset ORDER BY id") {
      _ = names.add(try AssetID(stored: text))
    }
    names.links = AssetLinks(stated: try StoreState.links(db))
    holdings = try StoreState.holdings(db, from: "SELECT * FROM holding")
    entryCount = try Int.fetchOne(db, sql: "SELECT max(id) FROM entry") ?? 0
    settledKeys =
      try Int.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'settled_keys'") ?? 0
    for row in try Row.fetchAll(db, sql: "SELECT asset_id, currency, time FROM trade_price") {
      tradeTimes[TradePair(asset: row[0], currency: row[1])] = row[2]
    }
    let edge = try Row.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'audit_frontier'")
    if let edge {
      guard let frontier = MerkleFrontier(bytes: edge.bytes(0)) else {
        throw VaultFault.brokenAudit(record: 0)
      }
      self.frontier = frontier
    }
  }

  private static func links(_ db: Database) throws -> [AssetID: AssetID] {
    var links: [AssetID: AssetID] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT asset, canonical FROM asset_link") {
      links[try AssetID(stored: row[0])] = try AssetID(stored: row[1])
    }
    return links
  }

  private static func holdings(
    _ db: Database, from sql: String
  ) throws -> [HoldingSlot: Holding] {
    var holdings: [HoldingSlot: Holding] = [:]
    for row in try Row.fetchAll(db, sql: sql) {
      holdings[HoldingSlot(account: row[0], asset: row[1])] = Holding(
        free: try Quantity(stored: row[2]), staked: try Quantity(stored: row[3]))
    }
    return holdings
  }
}

/// A stored text that no version of the program writes.
struct StoredTextFault: Error {
  let text: String
}

extension AssetID {
  /// Reads an identity out of the database.
  init(stored text: String) throws {
    guard let asset = AssetID(text) else { throw StoredTextFault(text: text) }
    self = asset
  }
}

extension ExactAmount {
  /// Reads an amount out of the database.
  init(stored text: String) throws {
    do { try self.init(parsing: text) } catch { throw StoredTextFault(text: text) }
  }
}

extension Currency {
  /// Reads a currency out of the database.
  init(stored text: String) throws {
    guard let currency = Currency(text) else { throw StoredTextFault(text: text) }
    self = currency
  }
}
