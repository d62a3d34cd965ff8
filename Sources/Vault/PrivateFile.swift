import Glibc

/// Files that only their owner may read and write.
enum PrivateFile {
  /// Whether there is something at a path, a dangling link included.
  static func exists(_ path: String) throws(VaultFault) -> Bool {
    var information = stat()
    if lstat(path, &information) == 0 { return true }
    guard errno == ENOENT || errno == ENOTDIR else {
      throw .system(path: path, operation: "look at", code: errno)
    }
    return false
  }

  /// The size of a file in bytes; 0 where there is none.
  static func size(_ path: String) -> Int64 {
    var information = stat()
    return lstat(path, &information) == 0 ? Int64(information.st_size) : 0
  }

  /// Refuses what others may use or what belongs to another user.
  static func check(_ path: String, wanted: UInt32) throws(VaultFault) {
    var information = stat()
    guard lstat(path, &information) == 0 else {
      // SQLite's log may go away between the listing and here.
      if errno == ENOENT { return }
      throw .system(path: path, operation: "look at", code: errno)
    }
    guard information.st_uid == geteuid() else {
      throw .foreignOwner(path: path, uid: information.st_uid)
    }
    let mode = UInt32(information.st_mode)
    let isLink = mode & UInt32(S_IFMT) == UInt32(S_IFLNK)
    guard !isLink else { throw .system(path: path, operation: "follow the link", code: ELOOP) }
    guard mode & 0o077 == 0 else { throw .exposed(path: path, mode: mode & 0o7777, wanted: wanted) }
  }

  /// The names in a folder, in order.
  static func names(in folder: String) throws(VaultFault) -> [String] {
    guard let handle = opendir(folder) else {
      throw .system(path: folder, operation: "list", code: errno)
    }
    defer { closedir(handle) }
    var names: [String] = []
    while let item = readdir(handle) {
      let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes an empty file with mode 0600, whatever the umask is.
  static func make(_ path: String) throws(VaultFault) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw errno == EEXIST
        ? .exists(path: path) : .system(path: path, operation: "make", code: errno)
    }
    let code = fchmod(file, 0o600) == 0 ? 0 : errno
    close(file)
    guard code == 0 else { throw .system(path: path, operation: "protect", code: code) }
  }

  /// Makes a folder with mode 0700.
  static func makeFolder(_ path: String) throws(VaultFault) {
    guard mkdir(path, 0o700) == 0 else {
      throw errno == EEXIST
        ? .exists(path: path) : .system(path: path, operation: "make", code: errno)
    }
  }

  /// Removes a file; nothing happens where there is none.
  static func remove(_ path: String) throws(VaultFault) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .system(path: path, operation: "remove", code: errno)
    }
  }

  /// Removes a folder and the files in it.
  static func removeFolder(_ path: String) throws(VaultFault) {
    guard try exists(path) else { return }
    for name in try names(in: path) { try remove(path + "/" + name) }
    guard rmdir(path) == 0 else { throw .system(path: path, operation: "remove", code: errno) }
  }

  /// Gives a file another name in the same folder, for good: the folder is synced.
  static func rename(_ path: String, to other: String) throws(VaultFault) {
    guard Glibc.rename(path, other) == 0 else {
      throw .system(path: path, operation: "rename", code: errno)
    }
    try syncFolder(of: other)
  }

  /// Writes a small file whole: to a new file, synced, renamed.
  static func replace(_ path: String, with bytes: [UInt8]) throws(VaultFault) {
    let fresh = path + ".new"
    try remove(fresh)
    let writer = try FileWriter(fresh)
    try writer.write(bytes)
    try writer.finish()
    try rename(fresh, to: path)
  }

  /// All bytes of a small file; `nil` where there is none.
  static func read(_ path: String, limit: Int = 1 << 20) throws(VaultFault) -> [UInt8]? {
    guard try exists(path) else { return nil }
    let reader = try FileReader(path)
    return try reader.read(upTo: limit)
  }

  private static func syncFolder(of path: String) throws(VaultFault) {
    let cut = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = cut.map { String(path[..<$0]) } ?? "."
    let handle = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw .system(path: folder, operation: "open", code: errno) }
    defer { close(handle) }
    guard fsync(handle) == 0 else { throw .system(path: folder, operation: "sync", code: errno) }
  }
}

/// Writes a new file with mode 0600, from its beginning to its end.
final class FileWriter {
  private let path: String
  private let file: Int32
  private var isOpen = true

  init(_ path: String) throws(VaultFault) {
    self.path = path
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw errno == EEXIST
        ? .exists(path: path) : .system(path: path, operation: "make", code: errno)
    }
  }

  deinit { if isOpen { close(file) } }

  func write(_ bytes: [UInt8]) throws(VaultFault) {
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { buffer in
        Glibc.write(file, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      }
      if put < 0, errno == EINTR { continue }
      guard put >= 0 else {
        throw errno == ENOSPC
          ? .diskFull(path: path) : .system(path: path, operation: "write", code: errno)
      }
      done += put
    }
  }

  /// Brings everything to the disk and closes the file.
  func finish() throws(VaultFault) {
    let code = fchmod(file, 0o600) == 0 && fsync(file) == 0 ? 0 : errno
    isOpen = false
    close(file)
    guard code == 0 else { throw .system(path: path, operation: "sync", code: code) }
  }
}

/// Reads a file from its beginning to its end.
final class FileReader {
  private let path: String
  private let file: Int32

  init(_ path: String) throws(VaultFault) {
    self.path = path
    file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw errno == ENOENT
        ? .missing(path: path) : .system(path: path, operation: "open", code: errno)
    }
  }

  deinit { close(file) }

  /// The next bytes; fewer only at the end of the file.
  func read(upTo count: Int) throws(VaultFault) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, buffer.baseAddress.map { $0 + done }, count - done)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw .system(path: path, operation: "read", code: errno) }
      if got == 0 { break }
      done += got
    }
    if done < count { bytes.removeLast(count - done) }
    return bytes
  }
}
