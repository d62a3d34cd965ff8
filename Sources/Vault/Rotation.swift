public import Cipher
import GRDB

extension Vault {
  /// Gives the vault a new root key: the database is written anew under it, then the old one goes.
  ///
  /// The new database is checked page by page before the header names it. Writing the header is the
  /// moment of change: broken off before it, the vault is the old one; after it, the new one, and the
  /// leftovers go at the next opening. Slots whose secret is not given are dropped. `reader` is
  /// another one afterwards.
  /// - Parameters:
  ///   - secrets: The secrets of the slots that stay, by slot name.
  ///   - newSlots: Slots besides, such as a new recovery code.
  ///   - author: Who rotates it, and when.
  ///   - progress: Told the part done, 0 to 100.
  /// - Throws: `VaultFault`.
  public func rotateRoot(
    secrets: [String: SlotSecret], adding newSlots: [KeySlots.SlotRequest] = [],
    by author: Attribution, progress: (Int) -> Void = { _ in }
  ) throws(VaultFault) {
    do {
      let fresh = try RootKey()
      let name = VaultFolder.databaseName(try nextDatabaseNumber())
      // Checks all secrets before any work is done.
      let changed = try header.rotated(
        to: fresh, from: root, database: name, secrets: secrets, adding: newSlots)
      try folder.removeDatabase(folder.rotatingPath)
      do {
        try DatabaseCopy.make(
          of: store.pool, at: folder.rotatingPath, key: fresh.databaseKey(), progress: progress)
        try handOver(to: fresh, by: author)
        try PrivateFile.rename(folder.rotatingPath, to: folder.databasePath(name))
      } catch {
        try folder.removeDatabase(folder.rotatingPath)
        throw error
      }
      try HeaderFile(path: folder.headerPath).write(changed)
      try takeOver(changed, fresh)
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  /// Names the next audit key in a record of the new database that the old key signs.
  private func handOver(to fresh: RootKey, by author: Attribution) throws {
    let path = folder.rotatingPath
    let key = try SigningKey(seed: fresh.key(for: .audit))
    try CipherVFS.register(key: fresh.databaseKey(), path: path)
    defer { forgetKey(of: path) }
    let copy = try Store(path: path, signer: store.signer) { _ in }
    do {
      try copy.transact { db in
        try copy.audit(
          db, .rotateKey, on: "vault", by: author,
          ["new_key": .text(hexadecimal(key.publicKey.bytes))])
        try CredentialRows.reseal(db, vault: id, from: root, to: fresh)
        try SinkRows.reseal(db, vault: id, from: root, to: fresh)
      }
      // From here on the new key signs, beginning with a record of its own.
      copy.signer = AuditSigner(origin: store.signer.origin, key: key)
      try copy.transact { db in
        try copy.audit(db, .rotated, on: "vault", by: author)
      }
      try copy.close()
    } catch {
      try copy.close()
      throw error
    }
  }

  /// Goes on with the new database and removes the old one.
  private func takeOver(_ changed: KeySlots, _ fresh: RootKey) throws {
    let old = store
    let number = VaultFolder.databaseNumber(header.database) ?? 0
    let opened = try Vault.openStore(folder, changed, fresh, anchors)
    replaceStore(opened, header: changed, root: fresh)
    try old.close()
    forgetKey(of: old.path)
    try folder.removeDatabase(old.path)
    // Copies made before a change of layout have the old key, which is no longer anywhere.
    for name in try PrivateFile.names(in: folder.path)
    where name.hasPrefix("vault-\(number).before-") {
      try PrivateFile.remove(folder.databasePath(name))
    }
    try store.refreshAnchor()
  }

  private func nextDatabaseNumber() throws(VaultFault) -> Int {
    let numbers = try PrivateFile.names(in: folder.path).compactMap(VaultFolder.databaseNumber)
    return (numbers.max() ?? 0) + 1
  }
}
