public import Cipher
import GRDB
import Ledger

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
      if verdict != "ok" { return VaultFault(verdict: verdict, path: store.path) }
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

/// One thing that a check of an open vault looked at.
public struct VaultFinding: Hashable, Sendable {
  /// What was looked at.
  public let name: String
  /// Whether it is as it should be.
  public let isGood: Bool
  /// What was found.
  public let text: String
  /// What to do, or empty.
  public let advice: String
}

extension Vault {
  /// Looks at a vault's folder and header without a secret.
  ///
  /// - Parameter path: The folder.
  /// - Returns: How many slots open it.
  /// - Throws: What is wrong with the folder, its files' modes or the header.
  public static func slots(at path: String) throws(VaultFault) -> Int {
    let folder = VaultFolder(path: path)
    try folder.check()
    do {
      return try HeaderFile(path: folder.headerPath).read().header.slots.count
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  /// Checks tables, holdings and the audit log of the open vault.
  ///
  /// Pages are checked by their tags whenever they are read, and SQLite's own check reads all of them.
  ///
  /// - Parameter progress: Told what is being looked at.
  /// - Returns: One finding for each thing looked at.
  public func check(progress: (String) -> Void = { _ in }) -> [VaultFinding] {
    progress("checking pages")
    let pages = finding("pages and tables", "every page and index is sound") {
      () throws(VaultFault) in
      let verdict = try store.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") ?? "" }
      if verdict != "ok" { throw VaultFault(verdict: verdict, path: store.path) }
    }
    progress("adding holdings up")
    let holdings = finding("holdings", "they equal the sum of all entries") {
      () throws(VaultFault) in
      let wrong = try wrongHoldings()
      if let first = wrong.first {
        throw .damaged(
          path: store.path,
          detail: "\(wrong.count) holdings differ from their entries, first \(first)")
      }
    }
    progress("verifying the audit log")
    let audit = finding("audit log", "every record, root and signature holds") {
      () throws(VaultFault) in _ = try verifyAudit()
    }
    progress("opening sealed secrets")
    let secrets = finding("sealed secrets", "every key of a venue and of a sink can be opened") {
      () throws(VaultFault) in
      try checkCredentials()
      try checkSinks()
    }
    return [pages, holdings, audit, secrets]
  }

  /// The holdings that are not the sum of their entries.
  private func wrongHoldings() throws(VaultFault) -> [String] {
    try store.read { db in
      let rebuilt = try store.foldLegs(db)
      let slots = Set(rebuilt.keys).union(store.state.holdings.keys)
      return slots.filter { rebuilt[$0] != store.state.holdings[$0] }.map { slot in
        let account = store.state.names.account(Int(slot.account))?.id.slug ?? "?"
        let asset = store.state.names.asset(Int(slot.asset))?.text ?? "?"
        return "\(account) \(asset)"
      }.sorted()
    }
  }

  private func finding(
    _ name: String, _ good: String, _ look: () throws(VaultFault) -> Void
  ) -> VaultFinding {
    do {
      try look()
      return VaultFinding(name: name, isGood: true, text: good, advice: "")
    } catch {
      return VaultFinding(name: name, isGood: false, text: error.sentence, advice: error.advice)
    }
  }
}
