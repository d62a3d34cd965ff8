import GRDBSQLite

/// The layer under SQLite that keeps databases in the SQLCipher 4 format.
///
/// Stock SQLite works above it and knows nothing of it. It is strict: a database, log or journal
/// whose path has no key cannot be opened (`SQLITE_CANTOPEN`), and no temporary file can, so
/// nothing is ever written in plain. Every connection therefore needs `PRAGMA temp_store = MEMORY`.
/// Page size (4096) and reserved bytes (80) are fixed; `auto_vacuum` of a new file can only be set
/// by a later VACUUM.
///
/// Files can be handed to SQLCipher 4 and back, but while one of our processes has a database open,
/// only processes of ours may write to it (the reason stands at `LogFile`).
public enum CipherVFS {
  /// The name SQLite knows the layer by.
  public static let name = "coffer-cipher"

  /// Makes the layer SQLite's default for all connections opened from now on.
  ///
  /// May be called from any thread and more than once; only the first call does something.
  public static func install() {
    _ = installation
  }

  /// Says which key opens the database at `path`, which need not exist yet.
  ///
  /// The key serves connections opened from now on. Registering the same key again changes nothing.
  /// - Parameters:
  ///   - key: The database's key.
  ///   - path: The database file, as SQLite will be given it.
  ///   - isCopyTarget: True for a file VACUUM INTO is to make: it sets the geometry of an empty
  ///     file itself and fails (`SQLITE_NOMEM`, in its words) when that is fixed already.
  /// - Throws: `PathFault` when the system cannot make a full path of it.
  public static func register(
    key: DatabaseKey, path: String, isCopyTarget: Bool = false
  ) throws(PathFault) {
    installation.registry.register(key, try fullPath(path), isCopyTarget: isCopyTarget)
  }

  /// Forgets the key of `path` and wipes it and the keys derived from it.
  ///
  /// Connections still open keep their page ciphers until they close; close them first.
  /// - Parameter path: The database file.
  /// - Throws: `PathFault` when the system cannot make a full path of it.
  public static func unregister(path: String) throws(PathFault) {
    installation.registry.unregister(try fullPath(path))
  }

  /// A path the system cannot resolve.
  public struct PathFault: Error, Equatable, Sendable {
    /// The path as given, cut to 80 characters.
    public let path: String
  }

  /// The path SQLite itself makes of a name, so that both sides mean the same entry.
  private static func fullPath(_ path: String) throws(PathFault) -> String {
    let real = installation.real
    var full = [CChar](repeating: 0, count: Int(real.pointee.mxPathname) + 1)
    let code = real.pointee.xFullPathname(real, path, Int32(full.count), &full)
    // SQLITE_OK_SYMLINK only remarks that a symbolic link was followed.
    guard code & 0xff == SQLITE_OK, let end = full.firstIndex(of: 0), end > 0 else {
      throw PathFault(path: String(path.prefix(80)))
    }
    return String(decoding: full[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// What exists once a process: the tables SQLite keeps pointers to, and the keys.
///
/// The pointers are written before anyone else can see them and never again: Sendable in truth.
private struct Installation: @unchecked Sendable {
  let real: UnsafeMutablePointer<sqlite3_vfs>
  let methods: UnsafeMutablePointer<sqlite3_io_methods>
  let registry = KeyRegistry()
}

/// Made by whoever comes first; Swift runs a global's initialiser once and makes others wait.
private let installation: Installation = {
  guard let real = sqlite3_vfs_find(nil) else {
    preconditionFailure("SQLite has no file system layer to stand on.")
  }
  let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
  methods.initialize(to: makeFileMethods())
  let layer = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
  layer.initialize(to: real.pointee)  // xDelete, xAccess, xFullPathname and the rest are inherited
  let name = Array(CipherVFS.name.utf8CString)
  let stored = UnsafeMutablePointer<CChar>.allocate(capacity: name.count)
  stored.initialize(from: name, count: name.count)
  layer.pointee.pNext = nil
  layer.pointee.zName = UnsafePointer(stored)
  layer.pointee.szOsFile = Int32(FileHead.size) + real.pointee.szOsFile
  layer.pointee.xOpen = { _, name, file, flags, outFlags in
    openFile(name, file, flags, outFlags)
  }
  let code = sqlite3_vfs_register(layer, 1)
  precondition(code == SQLITE_OK, "SQLite must take a file system layer.")
  return Installation(real: real, methods: methods)
}()

/// What SQLite's open flags say a file is for. https://www.sqlite.org/c3ref/c_open_autoproxy.html
private enum Purpose {
  case database, log, journal
  /// Lists the journals of a transaction over several files; holds no page.
  case superJournal
  case refused

  init(_ flags: Int32) {
    if flags & SQLITE_OPEN_MAIN_DB != 0 {
      self = .database
    } else if flags & SQLITE_OPEN_WAL != 0 {
      self = .log
    } else if flags & SQLITE_OPEN_MAIN_JOURNAL != 0 {
      self = .journal
    } else {
      // Temporary databases, statement journals, sorters: their pages would be plain text.
      self = flags & SQLITE_OPEN_SUPER_JOURNAL != 0 ? .superJournal : .refused
    }
  }
}

/// Opens a file for SQLite in the memory it gives.
private func openFile(
  _ name: UnsafePointer<CChar>?, _ file: FilePointer?, _ flags: Int32,
  _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
  guard let file, let head = head(file) else { return SQLITE_MISUSE }
  file.pointee.pMethods = nil
  let purpose = Purpose(flags)
  let below = installation.real
  if purpose == .superJournal { return below.pointee.xOpen(below, name, file, flags, outFlags) }
  guard purpose != .refused, let name,
    let databaseName = purpose == .database ? name : sqlite3_filename_database(name),
    let entry = installation.registry.entry(String(cString: databaseName))
  else { return SQLITE_CANTOPEN }
  let real = (UnsafeMutableRawPointer(file) + FileHead.size)
    .assumingMemoryBound(to: sqlite3_file.self)
  real.pointee.pMethods = nil
  let code = below.pointee.xOpen(below, name, real, flags, outFlags)
  guard code == SQLITE_OK, let state = makeState(purpose, name, real, entry) else {
    if let methods = real.pointee.pMethods { _ = methods.pointee.xClose(real) }
    return code == SQLITE_OK ? SQLITE_CANTOPEN : code
  }
  head.pointee.real = real
  head.pointee.state = Unmanaged.passRetained(state)
  file.pointee.pMethods = UnsafePointer(installation.methods)
  return SQLITE_OK
}

/// The state for an opened file; a log or journal needs the database it belongs to.
private func makeState(
  _ purpose: Purpose, _ name: UnsafePointer<CChar>, _ real: FilePointer, _ entry: KeyEntry
) -> CipherFile? {
  if purpose == .database { return MainFile(real: real, entry: entry) }
  guard let main = head(sqlite3_database_file_object(name))?.pointee.state?.takeUnretainedValue(),
    let main = main as? MainFile
  else { return nil }
  return purpose == .log
    ? LogFile(real: real, entry: entry, main: main)
    : JournalFile(real: real, entry: entry, main: main)
}
