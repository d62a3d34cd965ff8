public import Cipher
import FoundationEssentials
import GRDB
public import Ledger

extension Vault {
  /// Puts a key into the vault, sealed.
  ///
  /// The first one is in use at once; a further one is a candidate, and the one in use stays until
  /// `proveCredential`.
  ///
  /// - Parameters:
  ///   - secret: The key in a form of the caller's.
  ///   - account: The connected account.
  ///   - made: When the key was made at the venue, where that is known.
  ///   - author: Who adds it, and when.
  /// - Returns: Its generation.
  /// - Throws: `notFound` where the account is not connected.
  @discardableResult
  public func addCredential(
    _ secret: SecretBytes, to account: AccountID, made: Instant? = nil, by author: Attribution
  ) throws(VaultFault) -> Int {
    let name = id
    let root = root
    return try store.transact { db in
      let found = try ConnectionNumbers.find(db, account)
      let last = try Int.fetchOne(
        db, sql: "SELECT max(generation) FROM credential WHERE connection_id = ?",
        arguments: [found.id])
      let generation = (last ?? 0) + 1
      let hasCurrent = try Bool.fetchOne(
        db, sql: "SELECT 1 FROM credential WHERE connection_id = ? AND state = 1",
        arguments: [found.id])
      // A candidate that never proved itself gives way to the new one.
      try db.execute(
        sql: """
          UPDATE credential SET sealed = NULL, state = 2 WHERE connection_id = ? AND state = 0
          """, arguments: [found.id])
      let state: CredentialState = hasCurrent == true ? .candidate : .current
      let sealed = try Sealed.seal(
        secret, key: root.key(for: .secrets),
        context: CredentialRows.context(name, account, generation))
      try db.execute(
        sql: "INSERT INTO credential VALUES (?, ?, ?, ?, ?, NULL, ?)",
        arguments: [
          found.id, generation, Data(sealed.bytes), author.time.microseconds, made?.microseconds,
          state.rawValue,
        ])
      try store.audit(
        db, .addCredential, on: "connection:\(account.slug)", by: author,
        ["generation": .number(Int64(generation))])
      return generation
    }
  }

  /// Says that a key works: it is the one in use from now on, and the secret of the former one
  /// goes.
  ///
  /// - Parameters:
  ///   - generation: The key.
  ///   - account: The connected account.
  ///   - author: Who says so, and when.
  /// - Throws: `notFound` where there is no such key.
  public func proveCredential(
    _ generation: Int, of account: AccountID, by author: Attribution
  ) throws(VaultFault) {
    try store.transact { db in
      let found = try ConnectionNumbers.find(db, account)
      try db.execute(
        sql: """
          UPDATE credential SET state = 1, proven = coalesce(proven, ?)
          WHERE connection_id = ? AND generation = ? AND sealed IS NOT NULL
          """, arguments: [author.time.microseconds, found.id, generation])
      guard db.changesCount == 1 else {
        throw VaultFault.notFound(kind: "key of \(account.slug)", name: String(generation))
      }
      try db.execute(
        sql: """
          UPDATE credential SET sealed = NULL, state = 2
          WHERE connection_id = ? AND generation < ? AND state < 2
          """, arguments: [found.id, generation])
      try store.audit(
        db, .proveCredential, on: "connection:\(account.slug)", by: author,
        ["generation": .number(Int64(generation))])
    }
  }

  /// Takes a key's secret out of the vault.
  ///
  /// - Parameters:
  ///   - generation: The key.
  ///   - account: The connected account.
  ///   - author: Who takes it out, and when.
  /// - Throws: `notFound` where there is no such key.
  public func dropCredential(
    _ generation: Int, of account: AccountID, by author: Attribution
  ) throws(VaultFault) {
    try store.transact { db in
      let found = try ConnectionNumbers.find(db, account)
      try db.execute(
        sql: """
          UPDATE credential SET sealed = NULL, state = 2
          WHERE connection_id = ? AND generation = ? AND state < 2
          """, arguments: [found.id, generation])
      guard db.changesCount == 1 else {
        throw VaultFault.notFound(kind: "key of \(account.slug)", name: String(generation))
      }
      try store.audit(
        db, .dropCredential, on: "connection:\(account.slug)", by: author,
        ["generation": .number(Int64(generation))])
    }
  }

  /// A key's secret.
  ///
  /// - Parameters:
  ///   - account: The connected account.
  ///   - generation: The key; `nil` for the one in use.
  /// - Returns: What `addCredential` was given.
  /// - Throws: `notFound` where there is none; `damaged` where it cannot be opened.
  public func credential(
    of account: AccountID, generation: Int? = nil
  ) throws(VaultFault) -> SecretBytes {
    let name = id
    let root = root
    let path = store.path
    return try store.read { db in
      let found = try ConnectionNumbers.find(db, account)
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT generation, sealed FROM credential
          WHERE connection_id = ?1 AND sealed IS NOT NULL
            AND (generation = ?2 OR ?2 IS NULL AND state = 1)
          ORDER BY generation DESC LIMIT 1
          """, arguments: [found.id, generation])
      guard let row else {
        throw VaultFault.notFound(kind: "key of", name: account.slug)
      }
      return try CredentialRows.open(
        row.bytes(1), root, CredentialRows.context(name, account, row[0]), path)
    }
  }

  /// Opens every sealed secret, and forgets it again.
  func checkCredentials() throws(VaultFault) {
    let name = id
    let root = root
    let path = store.path
    try store.read { db in
      try CredentialRows.each(db) { row in
        _ = try CredentialRows.open(
          row.sealed, root, CredentialRows.context(name, row.account, row.generation), path)
      }
    }
  }
}

/// The sealed secrets of a database.
enum CredentialRows {
  struct Row {
    let connection: Int64
    let account: AccountID
    let generation: Int
    let sealed: [UInt8]
  }

  /// Where a secret belongs, so that it opens nowhere else.
  static func context(_ vault: String, _ account: AccountID, _ generation: Int) -> [UInt8] {
    Array("coffer/credential/1 \(vault) \(account.slug) \(generation)".utf8)
  }

  static func open(
    _ bytes: [UInt8], _ root: RootKey, _ context: [UInt8], _ path: String
  ) throws -> SecretBytes {
    guard let sealed = Sealed(bytes: bytes) else {
      throw VaultFault.damaged(path: path, detail: "a sealed secret is too short")
    }
    do throws(Sealed.OpenFault) {
      return try sealed.open(key: try secretsKey(root), context: context)
    } catch {
      switch error {
      case .notAuthentic:
        throw VaultFault.damaged(path: path, detail: "a sealed secret is not as it was written")
      case .crypto(let fault): throw VaultFault.crypto(fault)
      }
    }
  }

  private static func secretsKey(_ root: RootKey) throws(Sealed.OpenFault) -> SecretBytes {
    do { return try root.key(for: .secrets) } catch { throw .crypto(error) }
  }

  static func each(_ db: Database, _ visit: (Row) throws -> Void) throws {
    guard try db.tableExists("credential") else { return }
    let sql = """
      SELECT connection_id, account, generation, sealed FROM credential
      JOIN connection ON connection.id = connection_id WHERE sealed IS NOT NULL
      ORDER BY connection_id, generation
      """
    for row in try GRDB.Row.fetchAll(db, sql: sql) {
      try visit(
        Row(
          connection: row[0], account: AccountID(named: row[1] as String), generation: row[2],
          sealed: row.bytes(3)))
    }
  }

  /// Seals every secret under another root key.
  static func reseal(
    _ db: Database, vault: String, from old: RootKey, to fresh: RootKey
  ) throws {
    try each(db) { row in
      let context = context(vault, row.account, row.generation)
      let secret = try open(row.sealed, old, context, "the database")
      let sealed = try Sealed.seal(secret, key: fresh.key(for: .secrets), context: context)
      try db.execute(
        sql: "UPDATE credential SET sealed = ? WHERE connection_id = ? AND generation = ?",
        arguments: [Data(sealed.bytes), row.connection, row.generation])
    }
  }
}
