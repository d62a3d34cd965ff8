public import Cipher
import GRDB
import Ledger

// The vault: everything a user has told Coffer, in one encrypted database.
//
// A vault is a folder: a header with key slots, and an SQLite database in the SQLCipher 4 format.
// `Vault` is the one writer, used from one thread at a time; `VaultReader` reads snapshots from any
// thread. Every change is one transaction with its record in the audit log, a Merkle tree whose
// heads are signed; the newest head is also kept outside the folder, so that an older copy put in
// the vault's place is noticed.
//
// Always: an entry, its legs, the holdings they fold into, its raw text and its audit record are
// written together or not at all; the same entry again changes nothing; what cannot be taken is kept
// as a refused row. Never: a Double, a plain page on the disk, a file that others can read, an
// overwritten or deleted entry.
//
// Read in this order: `VaultFolder.swift`, `Schema.swift`, `Store.swift`, `Batch.swift`,
// `Store+Append.swift`, `VaultReader.swift`, `VaultReader+Entries.swift`, `Vault+Imports.swift`,
// `VenueBatch.swift`, `Connection.swift`, `Store+Venues.swift`, `AuditRecord.swift`, `AuditExport.swift`, `AuditVerifier.swift`, `Anchor.swift`, `Backup.swift`,
// `Rotation.swift`, `Diagnosis.swift`.

/// An open vault, and the one that may change it.
///
/// Used from one thread at a time. `close` it: what `deinit` does not do is write the log back.
public final class Vault {
  /// The folder.
  public var path: String { folder.path }
  /// Names the vault for its whole life.
  public var id: String { header.vaultID }
  /// Reads the vault, from any thread; another one after a rotation.
  public private(set) var reader: VaultReader

  let folder: VaultFolder
  let anchors: AnchorFolder?
  var header: KeySlots
  var root: RootKey
  var store: Store
  private let lock: FolderLock

  /// What a vault is opened or made with, beside the secret.
  public struct Options: Sendable {
    /// Where the newest states of vaults are kept, outside of them; `nil` keeps none.
    public var anchorFolder: String?
    /// Whether a vault that is older than it was is opened all the same.
    public var acceptsRollback = false
    /// What a guess at a new slot's secret costs.
    public var cost: ScryptCost = .floor

    /// Makes options.
    public init(anchorFolder: String? = nil) {
      self.anchorFolder = anchorFolder
    }
  }

  private init(
    folder: VaultFolder, lock: FolderLock, anchors: AnchorFolder?, header: KeySlots, root: RootKey,
    store: Store
  ) {
    self.folder = folder
    self.lock = lock
    self.anchors = anchors
    self.header = header
    self.root = root
    self.store = store
    reader = VaultReader(pool: store.pool, catalogue: store.catalogue, path: store.path)
  }

  /// Brings everything to the disk, and lets go of the folder and of the database's key.
  ///
  /// Let go of the vault afterwards: its other keys are wiped with it.
  /// - Throws: `VaultFault`; the vault is closed all the same.
  public func close() throws(VaultFault) {
    defer {
      forgetKey(of: store.path)
      lock.release()
    }
    try store.close()
  }

  /// Puts another database in place of the one until now.
  func replaceStore(_ store: Store, header: KeySlots, root: RootKey) {
    self.store = store
    self.header = header
    self.root = root
    reader = VaultReader(pool: store.pool, catalogue: store.catalogue, path: store.path)
  }
}

// MARK: - Making

extension Vault {
  /// Makes a vault with two slots: a passphrase, and a recovery code that is shown once.
  ///
  /// - Parameters:
  ///   - path: The folder; it does not exist, or is empty.
  ///   - passphrase: At least 8 bytes.
  ///   - label: What the owner calls the passphrase's slot.
  ///   - options: Where anchors are, and what a guess costs.
  ///   - author: Who makes it, and when.
  /// - Returns: The open vault and its recovery code.
  /// - Throws: `VaultFault`; what was made until then is taken up by the next attempt.
  public static func create(
    at path: String, passphrase: SecretBytes, label: String = "passphrase",
    options: Options = Options(), by author: Attribution
  ) throws(VaultFault) -> (vault: Vault, recoveryCode: RecoveryCode) {
    guard passphrase.count >= shortestPassphrase else { throw .refused(.weakPassphrase) }
    let folder = VaultFolder(path: path)
    try folder.make()
    let lock = try FolderLock(folder)
    let name = VaultFolder.databaseName(1)
    try folder.removeDatabase(folder.databasePath(name))
    do {
      let root = try RootKey()
      let code = try RecoveryCode()
      let created = author.time.seconds
      let header = try KeySlots.create(
        root: root, database: name, createdWith: author.program,
        requests: [
          .init(
            secret: .passphrase(passphrase), label: label, created: created, cost: options.cost),
          .init(
            secret: .recovery(code), label: "recovery code", created: created, cost: options.cost),
        ])
      try PrivateFile.make(folder.databasePath(name))
      let anchors = try options.anchorFolder.map(AnchorFolder.init)
      let store = try openStore(folder, header, root, anchors)
      try store.transact { db in
        try store.recordBirth(db, of: header, by: author)
      }
      // The header comes last: without it there is no vault.
      try HeaderFile(path: folder.headerPath).write(header)
      let vault = Vault(
        folder: folder, lock: lock, anchors: anchors, header: header, root: root, store: store)
      return (vault, code)
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  static let shortestPassphrase = 8
}

// MARK: - Opening

extension Vault {
  /// Opens a vault.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - secret: A passphrase or the recovery code.
  ///   - options: Where anchors are, and whether an older vault is accepted.
  ///   - author: Who opens it, and when.
  /// - Returns: The open vault; imports that were running when it was last used have failed.
  /// - Throws: `VaultFault`.
  public static func open(
    at path: String, secret: SlotSecret, options: Options = Options(), by author: Attribution
  ) throws(VaultFault) -> Vault {
    let folder = VaultFolder(path: path)
    try folder.check()
    let lock = try FolderLock(folder)
    do {
      let file = HeaderFile(path: folder.headerPath)
      let reading = try file.read()
      let root = try reading.header.unlock(secret)
      let anchors = try options.anchorFolder.map(AnchorFolder.init)
      try refuseEmpty(folder.databasePath(reading.header.database))
      let store = try openStore(folder, reading.header, root, anchors)
      do {
        let vault = Vault(
          folder: folder, lock: lock, anchors: anchors, header: reading.header, root: root,
          store: store)
        try vault.takeUp(options, by: author)
        if reading.trouble != nil { try file.write(reading.header) }
        return vault
      } catch {
        try store.close()
        forgetKey(of: store.path)
        throw diagnosed(error, store.path, try root.databaseKey())
      }
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  /// Checks what was opened against what is known of it, and tidies up after a crash.
  private func takeUp(_ options: Options, by author: Attribution) throws(VaultFault) {
    try store.checkHead()
    let state = try anchors?.state(of: store, header) ?? .absent
    if case .rolledBack(let evidence) = state, !options.acceptsRollback {
      throw .rolledBack(path: path, seen: evidence)
    }
    if case .altered(let path) = state, !options.acceptsRollback {
      throw .alteredAnchor(path: path)
    }
    try store.transact { db in
      try store.audit(db, .open, on: "vault", by: author)
      if state.isAlarming { try store.audit(db, .acceptRollback, on: "vault", by: author) }
      try store.abandonImports(db, by: author)
    }
    try folder.sweep(
      keeping: header.database, removesLater: state == .current && !options.acceptsRollback)
  }

  /// Refuses a database of no bytes, which SQLite would take for a new one and lay out.
  private static func refuseEmpty(_ path: String) throws(VaultFault) {
    if try PrivateFile.exists(path), PrivateFile.size(path) == 0 { throw .truncated(path: path) }
  }

  /// Opens the database a header names.
  static func openStore(
    _ folder: VaultFolder, _ header: KeySlots, _ root: RootKey, _ anchors: AnchorFolder?,
    migrates: Bool = true
  ) throws(VaultFault) -> Store {
    let path = folder.databasePath(header.database)
    guard try PrivateFile.exists(path) else { throw .missing(path: path) }
    do {
      let key = try root.databaseKey()
      let signer = AuditSigner(
        origin: AuditSigner.origin(ofVault: header.vaultID),
        key: try SigningKey(seed: root.key(for: .audit)))
      CipherVFS.install()
      try CipherVFS.register(key: key, path: path)
      do {
        let store = try Store(path: path, signer: signer) { pool in
          let migration = Migration(folder: folder, database: header.database, key: key)
          if migrates { try migration.run(pool) } else { try migration.checkVersion(pool) }
        }
        store.anchor = anchors?.file(ofVault: header.vaultID, generation: header.generation)
        return store
      } catch {
        forgetKey(of: path)
        throw diagnosed(error, path, key)
      }
    } catch {
      throw VaultFault(error, path: path)
    }
  }
}

/// Lets go of a database's key; a path that cannot be resolved has none.
func forgetKey(of path: String) {
  do { try CipherVFS.unregister(path: path) } catch { return }
}
