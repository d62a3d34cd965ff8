public import Cipher
import FoundationEssentials
import GRDB
import Ledger

/// A vault in one file, for another place: its key slots and a consistent copy of its database.
///
/// Form: the line `coffer-backup/1 <bytes of the header> <bytes of the database> <SHA-256 of both>`,
/// the header as in `slots`, the database. The header is authenticated under the root key, each
/// page of the database by its tag; whatever opens the vault opens the backup, on any machine.
public enum Backup {
  static let format = "coffer-backup/1"
  /// What the names of backups end with.
  public static let nameEnding = ".coffer-backup"
  static let piece = 1 << 20

  /// What is in a sound backup.
  public struct Contents: Hashable, Sendable {
    /// The vault's name.
    public let vault: String
    /// How many entries it has.
    public let entries: Int
    /// How many audit records it has.
    public let auditRecords: Int64
    /// The size of the file.
    public let bytes: Int64
  }
}

extension Vault {
  /// Writes the vault into one encrypted file and checks it.
  ///
  /// The copy is of one moment; it is checked page by page, by SQLite, and against the vault before
  /// the file gets its name.
  /// - Parameters:
  ///   - path: The file.
  ///   - replaces: Whether a file that is there goes.
  ///   - author: Who makes it, and when.
  ///   - progress: Told the part done, 0 to 100.
  /// - Returns: What is in it.
  /// - Throws: `VaultFault`; nothing unfinished stays.
  @discardableResult
  public func backup(
    to path: String, replaces: Bool = false, by author: Attribution,
    progress: (Int) -> Void = { _ in }
  ) throws(VaultFault) -> Backup.Contents {
    let isThere = try PrivateFile.exists(path)
    if isThere && !replaces { throw .exists(path: path) }
    let staging = path + ".partial"
    do {
      try PrivateFile.removeFolder(staging)
      try PrivateFile.makeFolder(staging)
      defer { removeQuietly(staging) }
      // The record comes before the copy, so that the copy says what it is.
      try store.transact { db in try store.audit(db, .backup, on: "vault", by: author) }
      let database = staging + "/copy.db"
      try DatabaseCopy.make(
        of: store.pool, at: database, key: root.databaseKey(), progress: progress)
      guard let header = try PrivateFile.read(folder.headerPath) else {
        throw VaultFault.missing(path: folder.headerPath)
      }
      let packed = staging + "/packed"
      try BackupPacker.pack(header: header, database: database, into: packed)
      try BackupPacker.check(packed)
      try PrivateFile.rename(packed, to: path)
      return Backup.Contents(
        vault: id, entries: store.state.entryCount,
        auditRecords: Int64(clamping: store.state.frontier.size), bytes: PrivateFile.size(path))
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  /// Makes a vault out of a backup, once the backup has proven sound.
  ///
  /// - Parameters:
  ///   - path: The backup.
  ///   - folder: Where the vault shall be.
  ///   - secret: What opens the backed-up vault.
  ///   - replaces: Whether a vault that is there goes aside; it is renamed, not removed.
  ///   - options: Where anchors are; the vault is expected to be older than it was.
  ///   - author: Who restores it, and when.
  /// - Returns: What was restored, and where the former vault is now.
  /// - Throws: `VaultFault`; the former vault is then where it was.
  @discardableResult
  public static func restore(
    _ path: String, to folder: String, secret: SlotSecret, replaces: Bool = false,
    options: Options = Options(), by author: Attribution
  ) throws(VaultFault) -> (contents: Backup.Contents, formerVault: String?) {
    let isThere = try PrivateFile.exists(folder)
    if isThere && !replaces { throw .exists(path: folder) }
    let staging = folder + ".restoring"
    do {
      try PrivateFile.removeFolder(staging)
      try PrivateFile.makeFolder(staging)
      defer { removeQuietly(staging) }
      let contents = try unpack(path, into: staging, secret: secret, by: author)
      let former = isThere ? try moveAside(folder) : nil
      try PrivateFile.rename(staging, to: folder)
      var accepting = options
      accepting.acceptsRollback = true
      let vault = try open(at: folder, secret: secret, options: accepting, by: author)
      try vault.close()
      return (contents, former)
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  /// Checks a backup without restoring it.
  ///
  /// - Parameters:
  ///   - path: The backup.
  ///   - secret: What opens the backed-up vault.
  ///   - scratch: A folder that does not exist; the backup is unpacked there, and it is removed again.
  ///   - author: Who checks it, and when.
  /// - Returns: What is in it.
  /// - Throws: `VaultFault`.
  public static func checkBackup(
    _ path: String, secret: SlotSecret, scratch: String, by author: Attribution
  ) throws(VaultFault) -> Backup.Contents {
    try PrivateFile.makeFolder(scratch)
    defer { removeQuietly(scratch) }
    do {
      return try unpack(path, into: scratch, secret: secret, by: author)
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  /// Takes a backup apart into a folder of its own, and checks all of it.
  private static func unpack(
    _ path: String, into staging: String, secret: SlotSecret, by author: Attribution
  ) throws -> Backup.Contents {
    let folder = VaultFolder(path: staging)
    let unpacked = staging + "/unpacked.db"
    try BackupPacker.unpack(path, header: folder.headerPath, database: unpacked)
    let header = try HeaderFile(path: folder.headerPath).read().header
    let root = try header.unlock(secret)
    let database = folder.databasePath(header.database)
    try PrivateFile.rename(unpacked, to: database)
    if let fault = try fault(of: database, key: root.databaseKey()) { throw fault }
    let store = try openStore(folder, header, root, nil)
    do {
      try store.checkHead()
      try store.checkAudit()
      try store.transact { db in try store.audit(db, .restore, on: "vault", by: author) }
      let contents = Backup.Contents(
        vault: header.vaultID, entries: store.state.entryCount,
        auditRecords: Int64(clamping: store.state.frontier.size), bytes: PrivateFile.size(path))
      try store.close()
      forgetKey(of: database)
      return contents
    } catch {
      try store.close()
      forgetKey(of: database)
      throw error
    }
  }

  /// Gives a vault that nobody has open another name beside its old one.
  private static func moveAside(_ path: String) throws -> String {
    let lock = try FolderLock(VaultFolder(path: path))
    defer { _ = lock }
    var number = 1
    while try PrivateFile.exists("\(path).before-restore-\(number)") { number += 1 }
    let aside = "\(path).before-restore-\(number)"
    try PrivateFile.rename(path, to: aside)
    return aside
  }
}

/// Removes a folder of unfinished work; one that cannot be removed is taken up the next time.
private func removeQuietly(_ folder: String) {
  do { try PrivateFile.removeFolder(folder) } catch { return }
}

/// Puts the parts of a backup into one file, and takes them out again.
private enum BackupPacker {
  static func pack(header: [UInt8], database: String, into path: String) throws {
    let size = PrivateFile.size(database)
    let digest = try digest(of: header, database)
    let writer = try FileWriter(path)
    let line = "\(Backup.format) \(header.count) \(size) \(digest)\n"
    try writer.write(Array(line.utf8) + header)
    let reader = try FileReader(database)
    while true {
      let piece = try reader.read(upTo: Backup.piece)
      if piece.isEmpty { break }
      try writer.write(piece)
    }
    try writer.finish()
  }

  /// Reads a packed file back and compares its digest.
  static func check(_ path: String) throws {
    try read(path) { _ in
    } database: { _ in
    }
  }

  static func unpack(_ path: String, header: String, database: String) throws {
    let headerFile = try FileWriter(header)
    let databaseFile = try FileWriter(database)
    try read(path) {
      try headerFile.write($0)
    } database: {
      try databaseFile.write($0)
    }
    try headerFile.finish()
    try databaseFile.finish()
  }

  private static func read(
    _ path: String, header: ([UInt8]) throws -> Void, database: ([UInt8]) throws -> Void
  ) throws {
    let reader = try FileReader(path)
    let line = try firstLine(reader)
    let parts = line.split(separator: " ")
    guard parts.count == 4, parts[0] == Backup.format, let headerSize = Int(parts[1]),
      let databaseSize = Int64(parts[2]), (1...1 << 20).contains(headerSize), databaseSize > 0
    else { throw VaultFault.notABackup(path: path, detail: "it does not begin like one") }
    let size = Int64(line.utf8.count + 1 + headerSize) + databaseSize
    guard PrivateFile.size(path) == size else {
      throw VaultFault.notABackup(path: path, detail: "its size is not what it says")
    }
    var hasher = DigestHasher()
    let head = try reader.read(upTo: headerSize)
    head.withUnsafeBytes { hasher.update($0) }
    try header(head)
    while true {
      let piece = try reader.read(upTo: Backup.piece)
      if piece.isEmpty { break }
      piece.withUnsafeBytes { hasher.update($0) }
      try database(piece)
    }
    guard hasher.finish().description == parts[3] else {
      throw VaultFault.notABackup(path: path, detail: "it is not as it was written")
    }
  }

  private static func firstLine(_ reader: FileReader) throws -> String {
    var bytes: [UInt8] = []
    while bytes.count < 200 {
      guard let byte = try reader.read(upTo: 1).first, byte != 10 else { break }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func digest(of header: [UInt8], _ database: String) throws -> Digest {
    var hasher = DigestHasher()
    header.withUnsafeBytes { hasher.update($0) }
    let reader = try FileReader(database)
    while true {
      let piece = try reader.read(upTo: Backup.piece)
      if piece.isEmpty { return hasher.finish() }
      piece.withUnsafeBytes { hasher.update($0) }
    }
  }
}
