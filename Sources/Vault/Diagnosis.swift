public import Cipher
import GRDB

extension Vault {
  /// Says what is the matter with a vault that does not open, or that nothing is.
  ///
  /// Nothing is changed. Every page of the database and the whole audit log are checked.
  /// - Parameters:
  ///   - path: The folder.
  ///   - secret: A passphrase or the recovery code.
  ///   - options: Where anchors are.
  /// - Returns: The first thing that is wrong, or `nil`.
  public static func diagnose(
    at path: String, secret: SlotSecret, options: Options = Options()
  ) -> VaultFault? {
    let folder = VaultFolder(path: path)
    do {
      try folder.check()
      let lock = try FolderLock(folder)
      defer { _ = lock }
      let header = try HeaderFile(path: folder.headerPath).read().header
      let root = try header.unlock(secret)
      let database = folder.databasePath(header.database)
      if let fault = try fault(of: database, key: root.databaseKey()) { return fault }
      let anchors = try options.anchorFolder.map(AnchorFolder.init)
      let store = try openStore(folder, header, root, nil, migrates: false)
      defer { forgetKey(of: database) }
      let found = try check(store, header, anchors)
      try store.close()
      return found
    } catch {
      return VaultFault(error, path: path)
    }
  }

  private static func check(
    _ store: Store, _ header: KeySlots, _ anchors: AnchorFolder?
  ) throws(VaultFault) -> VaultFault? {
    do {
      try store.checkHead()
      let verdict = try store.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") ?? "" }
      if verdict != "ok" { return .damaged(path: store.path, detail: verdict) }
      try store.checkAudit()
      return try anchors?.state(of: store, header).fault(of: store.path)
    } catch {
      return error
    }
  }

  /// A more exact fault for a database that did not open.
  static func diagnosed(_ error: any Error, _ path: String, _ key: DatabaseKey) -> VaultFault {
    let plain = VaultFault(error, path: path)
    switch plain {
    case .wrongKey, .damaged, .system:
      do { return try fault(of: path, key: key) ?? plain } catch { return plain }
    default: return plain
    }
  }

  /// What is wrong with the pages of a closed database.
  static func fault(of path: String, key: DatabaseKey) throws -> VaultFault? {
    switch try CipherVFS.diagnose(path: path, key: key) {
    case .sound: return nil
    case .empty: return .truncated(path: path)
    case .notEncrypted, .wrongKey: return .wrongKey(path: path)
    case .notADatabase, .truncated: return .truncated(path: path)
    case .damaged(let first, _): return .damagedPage(path: path, page: UInt32(clamping: first))
    }
  }
}

extension AnchorState {
  /// The fault it is for a vault that shall be opened.
  fileprivate func fault(of path: String) -> VaultFault? {
    switch self {
    case .absent, .current: return nil
    case .rolledBack(let evidence): return .rolledBack(path: path, seen: evidence)
    case .altered(let path): return .alteredAnchor(path: path)
    }
  }
}
