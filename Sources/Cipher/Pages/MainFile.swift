import COpenSSL
import GRDBSQLite
import Glibc

/// The database file.
final class MainFile: CipherFile {
  /// Counts the write locks this connection asked for in shared memory.
  ///
  /// What the log file remembers of its end holds only while this stands still: in between, another
  /// connection may have written.
  private(set) var writeLocks: UInt64 = 0

  private var knownCodec: PageCodec?
  /// The page read from the log last, 0 for none: its cipher text, then its plain text, in `copied`.
  ///
  /// A checkpoint reads a page from the log and writes it here at once. The cipher text holds in
  /// both places, so it is not made a second time.
  private var copiedPage: UInt32 = 0
  private let copied: BytePointer

  override init(real: FilePointer, entry: KeyEntry) {
    copied = .allocate(capacity: 2 * PageFormat.pageSize)
    copied.initialize(repeating: 0, count: 2 * PageFormat.pageSize)
    super.init(real: real, entry: entry)
  }

  deinit {
    explicit_bzero(copied, 2 * PageFormat.pageSize)
    copied.deallocate()
  }

  /// Remembers a genuine page of the log in both forms.
  func keep(page number: UInt32, cipher: UnsafePointer<UInt8>, plain: UnsafePointer<UInt8>) {
    copiedPage = number
    copied.update(from: cipher, count: PageFormat.pageSize)
    (copied + PageFormat.pageSize).update(from: plain, count: PageFormat.pageSize)
  }

  /// The first lock in shared memory is the writer's.
  ///
  /// https://www.sqlite.org/walformat.html 2.3.
  override func willLockShared(first: Int32, flags: Int32) {
    let asked = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE
    if first == 0, flags & asked == asked { writeLocks &+= 1 }
  }

  override func read(into target: BytePointer, count: Int, at offset: Int64) -> Int32 {
    if offset == 0, count == Self.headerSize { return answerHeader(target) }
    let start = Int(offset) % PageFormat.pageSize
    guard offset >= 0, start + count <= PageFormat.pageSize else { return ResultCode.readFailed }
    let number = UInt32(truncatingIfNeeded: Int(offset) / PageFormat.pageSize + 1)
    if count == PageFormat.pageSize { return readPage(number, into: target) }
    let code = readPage(number, into: scratch)
    if code == SQLITE_OK { target.update(from: scratch + start, count: count) }
    if code == ResultCode.shortRead { target.update(repeating: 0, count: count) }
    return code
  }

  /// Reads and decrypts one page; zeros and `shortRead` beyond the end of the file.
  private func readPage(_ number: UInt32, into target: BytePointer) -> Int32 {
    let offset = Int64(number - 1) * Int64(PageFormat.pageSize)
    let code = readReal(target, PageFormat.pageSize, offset)
    if code == ResultCode.shortRead { return endOfFile(offset, target) }
    guard code == SQLITE_OK else { return code }
    if number == 1 { followSalt(of: target) }
    guard let codec = codec(creating: false) else { return ResultCode.readFailed }
    switch codec.decrypt(page: number, from: target, to: target) {
    case .genuine: entry.markVerified()
    case .blank: break
    case .damaged: return entry.damageCode
    }
    return SQLITE_OK
  }

  /// A page that is not there is zeros; a page that is there in part is damage.
  ///
  /// SQLite would read the missing part as zeros and believe it.
  private func endOfFile(_ offset: Int64, _ target: BytePointer) -> Int32 {
    var size: Int64 = 0
    let code = methods.pointee.xFileSize(real, &size)
    guard code == SQLITE_OK else { return code }
    if size > offset { return offset == 0 ? SQLITE_NOTADB : ResultCode.damaged }
    target.update(repeating: 0, count: PageFormat.pageSize)
    return ResultCode.shortRead
  }

  /// Another connection may have made the file anew with another salt.
  private func followSalt(of page: BytePointer) {
    guard let known = knownCodec else { return }
    for index in 0..<PageFormat.saltSize where page[index] != known.salt[index] {
      knownCodec = nil
      copiedPage = 0
      return
    }
  }

  override func write(from source: UnsafePointer<UInt8>, count: Int, at offset: Int64) -> Int32 {
    guard count == PageFormat.pageSize, offset >= 0, Int(offset) % PageFormat.pageSize == 0 else {
      return ResultCode.writeFailed
    }
    let number = UInt32(truncatingIfNeeded: Int(offset) / PageFormat.pageSize + 1)
    // Without the reserved bytes the page has no room for its tag: a copy of a plain database.
    if number == 1, source[20] != UInt8(PageFormat.reserved) { return ResultCode.writeFailed }
    if number == copiedPage, memcmp(source, copied + PageFormat.pageSize, count) == 0 {
      return writeReal(copied, count, offset)
    }
    guard let codec = codec(creating: true),
      codec.encrypt(page: number, from: source, to: scratch)
    else { return ResultCode.writeFailed }
    return writeReal(scratch, PageFormat.pageSize, offset)
  }

  /// Whether the key has opened some page, or opens the first one now.
  func isKeyRight() -> Bool {
    if entry.isVerified { return true }
    guard readReal(scratch, PageFormat.pageSize, 0) == SQLITE_OK,
      let codec = codec(creating: false), codec.isGenuine(page: 1, scratch)
    else { return false }
    entry.markVerified()
    return true
  }

  /// The codec for the salt the file has now; `creating` draws one for an empty file.
  func codec(creating: Bool) -> PageCodec? {
    if let knownCodec { return knownCodec }
    guard let salt = storedSalt() ?? (creating ? newSalt() : nil) else { return nil }
    knownCodec = entry.codec(salt: salt)
    return knownCodec
  }

  /// The salt in the file, nil when it is empty, unreadable or not yet written.
  private func storedSalt() -> [UInt8]? {
    var salt = [UInt8](repeating: 0, count: PageFormat.saltSize)
    let code = salt.withUnsafeMutableBytes { bytes -> Int32 in
      guard let base = bytes.baseAddress else { return SQLITE_ERROR }
      return readReal(base, PageFormat.saltSize, 0)
    }
    return code == SQLITE_OK && salt.contains { $0 != 0 } ? salt : nil
  }

  private func newSalt() -> [UInt8]? {
    if let fixed = entry.fixedSalt { return fixed }
    var salt = [UInt8](repeating: 0, count: PageFormat.saltSize)
    return RAND_bytes(&salt, Int32(PageFormat.saltSize)) == 1 ? salt : nil
  }

  private static let headerSize = 100

  /// Answers the read of 100 bytes SQLite opens every file with, without looking at the file.
  ///
  /// It learns the page size, 4096, and the 80 reserved bytes from it, for an empty file too; so a
  /// file without room for tags cannot come into being, and opening needs no key.
  /// Source: https://www.sqlite.org/fileformat2.html 1.3, offsets 16 to 23.
  private func answerHeader(_ target: BytePointer) -> Int32 {
    target.update(repeating: 0, count: Self.headerSize)
    if entry.isCopyTarget {
      var size: Int64 = 0
      let code = methods.pointee.xFileSize(real, &size)
      if code != SQLITE_OK || size == 0 {
        return code == SQLITE_OK ? ResultCode.shortRead : code
      }
    }
    target.update(from: PageFormat.magic.utf8Start, count: PageFormat.saltSize)
    let geometry: [UInt8] = [0x10, 0x00, 1, 1, UInt8(PageFormat.reserved), 64, 32, 32]
    (target + 16).update(from: geometry, count: geometry.count)
    return SQLITE_OK
  }
}
