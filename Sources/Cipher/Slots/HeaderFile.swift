import Glibc

/// The header on the disk, in two copies beside each other.
///
/// A vault whose header is lost is lost, so there are always two: `path` and `path` with `.copy`.
/// Each is written whole to a temporary file and renamed, the first one first; at every moment one
/// of them is a whole header.
public struct HeaderFile: Sendable {
  /// The first copy.
  public let path: String
  /// The second copy.
  public var copyPath: String { path + ".copy" }

  /// The header at a path.
  ///
  /// - Parameter path: The first copy; the second stands beside it.
  public init(path: String) {
    self.path = path
  }

  /// What was found on the disk.
  public struct Reading: Equatable, Sendable {
    /// The header that counts: the first copy, or the second when the first is not usable.
    public let header: KeySlots
    /// What is wrong with the two copies, nil when they agree.
    public let trouble: Trouble?
  }

  /// Something the user should hear about although a header was found.
  public enum Trouble: Equatable, Sendable {
    /// The first copy is not usable; the second was read.
    case firstUnusable(HeaderFault)
    /// The second copy is not usable.
    case secondUnusable(HeaderFault)
    /// Both are headers and differ: a write was interrupted, or a copy was exchanged. These are
    /// their generations.
    case different(first: Int64, second: Int64)
  }

  /// Reads the header, from the second copy when the first is not usable.
  ///
  /// - Returns: The header and what is wrong with the copies; writing it again repairs them.
  /// - Throws: `HeaderFault` of the first copy when neither is usable.
  public func read() throws(HeaderFault) -> Reading {
    let first = Self.load(path)
    let second = Self.load(copyPath)
    switch (first, second) {
    case (.success(let one), .success(let other)):
      let trouble: Trouble? =
        one == other ? nil : .different(first: one.generation, second: other.generation)
      return Reading(header: one, trouble: trouble)
    case (.success(let one), .failure(let fault)):
      return Reading(header: one, trouble: .secondUnusable(fault))
    case (.failure(let fault), .success(let other)):
      return Reading(header: other, trouble: .firstUnusable(fault))
    case (.failure(let fault), .failure):
      throw fault
    }
  }

  /// Writes both copies, readable by their owner only.
  ///
  /// - Parameter header: The header to keep.
  /// - Throws: `HeaderFault.system`; the copy not yet written is then the old one.
  public func write(_ header: KeySlots) throws(HeaderFault) {
    let text = HeaderText.encode(header)
    try Self.replace(path, with: text)
    try Self.replace(copyPath, with: text)
  }

  private static func load(_ path: String) -> Result<KeySlots, HeaderFault> {
    Result { () throws(HeaderFault) in try HeaderText.decode(readWhole(path)) }
  }

  /// The file's bytes, never more than a header may have and one.
  private static func readWhole(_ path: String) throws(HeaderFault) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw .system(path: path, code: errno) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: HeaderText.sizeLimit + 1)
    var size = 0
    while size < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, buffer.baseAddress.map { $0 + size }, buffer.count - size)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw .system(path: path, code: errno) }
      if got == 0 { break }
      size += got
    }
    return Array(bytes.prefix(size))
  }

  /// Puts the bytes in the file's place: a new file, synced, renamed, and the folder synced.
  private static func replace(_ path: String, with bytes: [UInt8]) throws(HeaderFault) {
    let fresh = path + ".new"
    // Left by a write that was interrupted; nobody reads it.
    unlink(fresh)
    let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw .system(path: fresh, code: errno) }
    let code = writeWhole(file, bytes)
    close(file)
    guard code == 0, rename(fresh, path) == 0 else {
      let failure = code == 0 ? errno : code
      unlink(fresh)
      throw .system(path: path, code: failure)
    }
    try syncFolder(of: path)
  }

  /// Writes and syncs; 0, or what errno says.
  private static func writeWhole(_ file: Int32, _ bytes: [UInt8]) -> Int32 {
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { buffer in
        Glibc.write(file, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      }
      if put < 0, errno == EINTR { continue }
      guard put >= 0 else { return errno }
      done += put
    }
    return fchmod(file, 0o600) == 0 && fsync(file) == 0 ? 0 : errno
  }

  private static func syncFolder(of path: String) throws(HeaderFault) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.isEmpty ? "." : parts.joined(separator: "/") + "/"
    let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw .system(path: folder, code: errno) }
    defer { close(handle) }
    guard fsync(handle) == 0 else { throw .system(path: folder, code: errno) }
  }
}
