import Cipher
import FoundationEssentials
import GRDB
public import Ledger

extension Vault {
  /// Connects an account with its venue; one that was taken away is taken up again.
  ///
  /// - Parameters:
  ///   - account: The account; one the vault does not have is added.
  ///   - settings: What the user decided about it, in a form of the caller's.
  ///   - author: Who connects it, and when.
  /// - Returns: The connection.
  /// - Throws: `exists` where the account is connected already.
  @discardableResult
  public func connect(
    _ account: Account, settings: String = "{}", by author: Attribution
  ) throws(VaultFault) -> ConnectionRecord {
    guard !account.venue.isEmpty, account.venue.utf8.count <= 64 else { throw .refused(.badName) }
    let slug = account.id.slug
    try store.transact { db in
      var appender = Appender(db, store, 0)
      try appender.know(account)
      let known = try Row.fetchOne(
        db, sql: "SELECT id, state FROM connection WHERE account = ?", arguments: [slug])
      if let known {
        guard (known[1] as Int) == ConnectionState.removed.rawValue else {
          throw VaultFault.exists(path: "connection \(slug)")
        }
        try db.execute(
          sql: """
            UPDATE connection SET venue = ?, settings = ?, created = ?, state = 0, rights = NULL,
              rights_time = NULL WHERE id = ?
            """,
          arguments: [
            account.venue.storable, settings.storable, author.time.microseconds, known[0] as Int64,
          ])
      } else {
        let number = try openImport(db, account, author)
        try db.execute(
          sql: """
            INSERT INTO connection (account, venue, settings, created, state, import_id)
            VALUES (?, ?, ?, ?, 0, ?)
            """,
          arguments: [
            slug, account.venue.storable, settings.storable, author.time.microseconds, number,
          ])
      }
      try store.audit(
        db, .connect, on: "connection:\(slug)", by: author,
        ["venue": .text(account.venue.storable)])
    }
    return try connection(account.id)
  }

  /// The import that stands for everything a connection reads: entries name it as their origin.
  private func openImport(
    _ db: Database, _ account: Account, _ author: Attribution
  ) throws -> Int64 {
    let number = (try Int64.fetchOne(db, sql: "SELECT max(id) FROM import") ?? 0) + 1
    let name = "\(account.venue) \(account.id.slug)".storable
    try db.execute(
      sql: """
        INSERT INTO import (id, time, file_name, file_sha256, format, settings, bytes, state)
        VALUES (?, ?, ?, ?, 'venue', '{}', 0, ?)
        """,
      arguments: [
        number, author.time.microseconds, name, Data(store.digest(Array(name.utf8)).bytes),
        ImportState.done.rawValue,
      ])
    return number
  }

  /// Changes the settings of a connection, and whether it is read.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - settings: The settings as they shall be.
  ///   - isOn: Whether it shall be read.
  ///   - author: Who changes it, and when.
  /// - Throws: `notFound` where the account is not connected.
  public func changeConnection(
    _ account: AccountID, settings: String, isOn: Bool, by author: Attribution
  ) throws(VaultFault) {
    try store.transact { db in
      let found = try ConnectionNumbers.find(db, account)
      let state: ConnectionState = isOn ? .on : .off
      try db.execute(
        sql: "UPDATE connection SET settings = ?, state = ? WHERE id = ?",
        arguments: [settings.storable, state.rawValue, found.id])
      try store.audit(
        db, .changeConnection, on: "connection:\(account.slug)", by: author,
        ["on": .flag(isOn), "settings": .text(settings.storable)])
    }
  }

  /// Takes a connection away: its secrets, states and reported balances go, its entries stay.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - author: Who takes it away, and when.
  /// - Throws: `notFound` where the account is not connected.
  public func disconnect(_ account: AccountID, by author: Attribution) throws(VaultFault) {
    try store.transact { db in
      let found = try ConnectionNumbers.find(db, account)
      try db.execute(
        sql: "UPDATE connection SET state = 2 WHERE id = ?", arguments: [found.id])
      try db.execute(
        sql: "UPDATE credential SET sealed = NULL, state = 2 WHERE connection_id = ?",
        arguments: [found.id])
      for table in ["lane_state", "reported_view", "reported_balance", "open_position"] {
        try db.execute(sql: "DELETE FROM \(table) WHERE connection_id = ?", arguments: [found.id])
      }
      try db.execute(
        sql: "DELETE FROM book_break WHERE account = ?", arguments: [account.slug])
      try store.audit(db, .disconnect, on: "connection:\(account.slug)", by: author)
    }
  }

  /// Writes down what was read from a venue, in one transaction; the same batch again changes
  /// nothing but the count of calls.
  ///
  /// - Parameters:
  ///   - batch: What was read.
  ///   - author: Who reads it, and when.
  /// - Returns: What became of it, and what changed.
  /// - Throws: `VaultFault`; nothing of the batch is in the vault then.
  public func applySync(
    _ batch: VenueBatch, by author: Attribution
  ) throws(VaultFault) -> AppendOutcome {
    try store.applySync(batch, by: author)
  }

  /// Keeps what venues may still count of calls, in the place of what was kept before.
  ///
  /// - Parameter memory: In a form of the caller's.
  /// - Throws: `VaultFault`; what was kept before stays then.
  public func keep(limits memory: String) throws(VaultFault) {
    try store.transact { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('limits', ?)",
        arguments: [memory.storable])
    }
  }

  /// Keeps the breaks of an account as they are now; notes of known ones stay.
  ///
  /// - Parameters:
  ///   - breaks: All breaks of the account.
  ///   - account: The account.
  /// - Throws: `VaultFault`.
  public func keep(_ breaks: [BreakRecord], of account: AccountID) throws(VaultFault) {
    try store.transact { db in
      for one in breaks where one.account == account {
        try db.execute(
          sql: """
            INSERT INTO book_break VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account, asset) DO UPDATE SET expected = excluded.expected,
              reported = excluded.reported, since = excluded.since, checked = excluded.checked,
              state = excluded.state
            """,
          arguments: [
            account.slug, one.asset.text, one.expected, one.reported, one.since.microseconds,
            one.checked.microseconds, one.state, one.note,
          ])
      }
    }
  }

  /// Says what a break is.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - asset: The canonical asset.
  ///   - state: `open`, `explained` or `closed`.
  ///   - note: Why.
  ///   - author: Who says so, and when.
  /// - Throws: `notFound` where there is no such break.
  public func setBreak(
    _ account: AccountID, _ asset: AssetID, state: String, note: String, by author: Attribution
  ) throws(VaultFault) {
    try store.transact { db in
      let kept = String(note.prefix(1_000)).storable
      try db.execute(
        sql: "UPDATE book_break SET state = ?, note = ? WHERE account = ? AND asset = ?",
        arguments: [state.storable, kept, account.slug, asset.text])
      guard db.changesCount == 1 else {
        throw VaultFault.notFound(kind: "break", name: "\(account.slug) \(asset.text)")
      }
      try store.audit(
        db, .breakState, on: "break:\(account.slug):\(asset.text)", by: author,
        ["note": .text(kept), "state": .text(state.storable)])
    }
  }

  private func connection(_ account: AccountID) throws(VaultFault) -> ConnectionRecord {
    guard let found = try reader.connections().first(where: { $0.account == account }) else {
      throw .notFound(kind: "connection", name: account.slug)
    }
    return found
  }
}
