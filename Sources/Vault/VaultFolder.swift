import Glibc

/// Where the files of a vault are, and who may touch them.
///
/// `slots` and `slots.copy` hold the header, `vault-<n>.db` the database (with `-wal` and `-shm`
/// beside it), `vault-<n>.before-<m>.db` a copy made before layout step m, `lock` the number of the
/// process that has it open. The folder has mode 0700, every file 0600.
struct VaultFolder: Sendable {
  let path: String

  var headerPath: String { path + "/slots" }
  var lockPath: String { path + "/lock" }
  /// A database that a rotation is still writing.
  var rotatingPath: String { path + "/rotating.db" }

  /// Where the database of a name is.
  func databasePath(_ name: String) -> String { path + "/" + name }

  /// The name of the n-th database.
  static func databaseName(_ number: Int) -> String { "vault-\(number).db" }

  /// The number in the name of a database; `nil` for any other name.
  static func databaseNumber(_ name: String) -> Int? {
    guard name.hasPrefix("vault-"), name.hasSuffix(".db") else { return nil }
    let digits = name.dropFirst(6).dropLast(3)
    guard let number = Int(digits), String(number) == digits, number > 0 else { return nil }
    return number
  }

  /// Makes the folder for a new vault, or takes an empty one or one that an interrupted making left.
  func make() throws(VaultFault) {
    if mkdir(path, 0o700) != 0 {
      guard errno == EEXIST else {
        throw .system(path: path, operation: "make", code: errno)
      }
      guard try !PrivateFile.exists(headerPath) else { throw .exists(path: path) }
      let known = try PrivateFile.names(in: path).allSatisfy {
        $0 == "lock" || $0.hasPrefix("slots") || $0.hasPrefix("vault-1.db")
      }
      guard known else { throw .exists(path: path) }
    }
    try check()
  }

  /// Refuses a folder or file that others may use or that belongs to somebody else.
  func check() throws(VaultFault) {
    guard try PrivateFile.exists(path) else { throw .missing(path: path) }
    try PrivateFile.check(path, wanted: 0o700)
    for name in try PrivateFile.names(in: path) {
      try PrivateFile.check(path + "/" + name, wanted: 0o600)
    }
  }

  /// Removes what interrupted work left behind: unfinished copies, and databases of other numbers.
  ///
  /// - Parameters:
  ///   - current: The database that counts, which is open.
  ///   - removesLater: Whether databases with higher numbers are known to be unfinished too; if the
  ///     header were an old one, they would be the vault.
  /// - Throws: `VaultFault`; what could be removed is gone.
  func sweep(keeping current: String, removesLater: Bool) throws(VaultFault) {
    let own = VaultFolder.databaseNumber(current) ?? 0
    for name in try PrivateFile.names(in: path) {
      let database = ["-wal", "-shm", "-journal"].reduce(name) { base, suffix in
        base.hasSuffix(suffix) ? String(base.dropLast(suffix.count)) : base
      }
      let number = VaultFolder.databaseNumber(database)
      let isOld = number.map { $0 < own || ($0 > own && removesLater) } ?? false
      if isOld || name.hasPrefix("rotating.db") || name.hasSuffix(".new") {
        try PrivateFile.remove(path + "/" + name)
      }
    }
  }

  /// Removes a database with its log and index.
  func removeDatabase(_ path: String) throws(VaultFault) {
    for suffix in ["", "-wal", "-shm", "-journal"] { try PrivateFile.remove(path + suffix) }
  }
}

/// The right to be the one process that has a vault open; given back at the latest with the last
/// reference.
final class FolderLock {
  private let file: Int32
  private var isHeld = true

  /// Takes the lock.
  init(_ folder: VaultFolder) throws(VaultFault) {
    file = open(folder.lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw .system(path: folder.lockPath, operation: "open", code: errno)
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let owner = FolderLock.owner(file)
      close(file)
      throw .inUse(path: folder.path, process: owner)
    }
    let text = Array("\(getpid())\n".utf8)
    // The number is for the message to a second opener only; the lock itself is the kernel's.
    _ = ftruncate(file, 0)
    _ = pwrite(file, text, text.count, 0)
  }

  deinit { release() }

  /// Gives the right back.
  func release() {
    guard isHeld else { return }
    isHeld = false
    close(file)
  }

  private static func owner(_ file: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(file, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self))
  }
}
