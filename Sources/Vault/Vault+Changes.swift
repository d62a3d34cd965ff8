import Amounts
import GRDB
public import Ledger
public import Prices

extension Vault {
  /// Changes the name, venue and book of a known account.
  ///
  /// - Parameters:
  ///   - account: The account as it shall be.
  ///   - author: Who changes it, and when.
  /// - Throws: `notFound` for an account the vault does not have.
  public func change(_ account: Account, by author: Attribution) throws(VaultFault) {
    guard !account.name.isEmpty, account.name.utf8.count <= 256 else { throw .refused(.badName) }
    var stored = account
    stored.name = account.name.storable
    stored.venue = account.venue.storable
    stored.book = BookID(account.book.name.storable)
    try store.transact { db in
      guard let number = store.state.names.number(of: account.id),
        let old = store.state.names.account(number)
      else { throw VaultFault.notFound(kind: "account", name: account.id.slug) }
      try db.execute(
        sql: "UPDATE account SET name = ?, venue = ?, book = ? WHERE id = ?",
        arguments: [stored.name, stored.venue, stored.book.name, number])
      try db.execute(
        sql: "INSERT OR IGNORE INTO book (name) VALUES (?)", arguments: [stored.book.name])
      store.state.names.change(stored)
      try store.audit(
        db, .account, on: "account:\(account.id.slug)", by: author,
        [
          "book": .text(stored.book.name), "name": .text(stored.name),
          "old_book": .text(old.book.name), "old_name": .text(old.name),
        ])
    }
  }

  /// Says that a recorded asset is another one.
  ///
  /// - Parameters:
  ///   - asset: As recorded.
  ///   - canonical: What it is.
  ///   - author: Who says so, and when.
  /// - Returns: The links afterwards.
  /// - Throws: `refused(.linkCircle)` where the two would each stand for the other.
  @discardableResult
  public func link(
    _ asset: AssetID, to canonical: AssetID, by author: Attribution
  ) throws(VaultFault) -> AssetLinks {
    var links = store.state.names.links
    do { try links.link(asset, to: canonical) } catch { throw .refused(.linkCircle) }
    guard AssetID(asset.text) == asset, AssetID(canonical.text) == canonical else {
      throw .refused(.badName)
    }
    try store.transact { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO asset_link VALUES (?, ?, ?, ?)",
        arguments: [asset.text, canonical.text, author.time.microseconds, author.user.storable])
      store.state.names.links = links
      try store.audit(
        db, .link, on: "asset:\(asset.text)", by: author, ["canonical": .text(canonical.text)])
    }
    return links
  }

  /// Takes a link back; nothing happens where there is none.
  ///
  /// - Parameters:
  ///   - asset: As recorded.
  ///   - author: Who takes it back, and when.
  /// - Returns: The links afterwards.
  /// - Throws: `VaultFault`.
  @discardableResult
  public func unlink(_ asset: AssetID, by author: Attribution) throws(VaultFault) -> AssetLinks {
    guard store.state.names.links.stated[asset] != nil else { return store.state.names.links }
    try store.transact { db in
      try db.execute(sql: "DELETE FROM asset_link WHERE asset = ?", arguments: [asset.text])
      store.state.names.links.unlink(asset)
      try store.audit(db, .unlink, on: "asset:\(asset.text)", by: author)
    }
    return store.state.names.links
  }

  /// Puts a setting in place, or takes it away.
  ///
  /// - Parameters:
  ///   - key: Its name.
  ///   - value: Its value; `nil` takes it away.
  ///   - author: Who changes it, and when.
  /// - Throws: `VaultFault`.
  public func set(
    _ key: String, to value: String?, by author: Attribution
  ) throws(VaultFault) {
    guard !key.isEmpty, key.utf8.count <= 256 else { throw .refused(.badName) }
    try store.transact { db in
      let old = try String.fetchOne(
        db, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
      guard old != value?.storable else { return }
      if let value {
        try db.execute(
          sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)",
          arguments: [key.storable, value.storable])
      } else {
        try db.execute(sql: "DELETE FROM setting WHERE key = ?", arguments: [key])
      }
      var details: [String: AuditValue] = [:]
      if let old { details["old"] = .text(old) }
      if let value { details["new"] = .text(value.storable) }
      try store.audit(db, .setting, on: "setting:\(key)", by: author, details)
    }
  }

  /// Keeps quotes for when there is no network, one for each asset, currency and source.
  ///
  /// Quotes are weather, not facts of the user's: they leave no audit record.
  /// - Parameter quotes: The latest quotes; older ones than those kept change nothing.
  /// - Throws: `VaultFault`.
  public func keep(_ quotes: [Quote]) throws(VaultFault) {
    try store.transact { db in try Vault.write(quotes, db) }
  }

  static func write(_ quotes: [Quote], _ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO quote (asset, currency, source, price, day_open, time)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (asset, currency, source) DO UPDATE SET price = excluded.price,
          day_open = excluded.day_open, time = excluded.time
        WHERE excluded.time >= quote.time
        """)
    for quote in quotes where AssetID(quote.asset.text) == quote.asset {
      try statement.run(
        quote.asset.text, quote.currency.code, quote.source.text, quote.price.text,
        quote.dayOpen?.text, quote.time.microseconds)
    }
  }

  /// Whether the holdings kept equal those that all legs give; they are put right where not.
  ///
  /// - Returns: The keys whose holding was wrong; none in a sound vault.
  /// - Throws: `VaultFault`.
  /// - Complexity: Reads every leg.
  public func rebuildHoldings() throws(VaultFault) -> [HoldingKey: Holding] {
    try store.transact { db in
      let rebuilt = try store.foldLegs(db)
      var wrong: [HoldingKey: Holding] = [:]
      let slots = Set(rebuilt.keys).union(store.state.holdings.keys)
      for slot in slots where rebuilt[slot] != store.state.holdings[slot] {
        guard let account = store.state.names.account(Int(slot.account)),
          let asset = store.state.names.asset(Int(slot.asset))
        else { continue }
        let holding = rebuilt[slot] ?? Holding()
        wrong[HoldingKey(account: account.id, asset: asset)] = holding
        try db.execute(
          sql: "INSERT OR REPLACE INTO holding VALUES (?, ?, ?, ?)",
          arguments: [slot.account, slot.asset, holding.free.text, holding.staked.text])
        store.state.holdings[slot] = holding
      }
      return wrong
    }
  }
}
