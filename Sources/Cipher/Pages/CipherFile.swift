import GRDBSQLite
import Glibc

typealias FilePointer = UnsafeMutablePointer<sqlite3_file>

/// What SQLite allocates for each file it opens with us: this, then the real VFS's own structure.
///
/// Must begin with `sqlite3_file`. Source: https://www.sqlite.org/c3ref/file.html.
struct FileHead {
  var base: sqlite3_file
  var real: FilePointer?
  var state: Unmanaged<CipherFile>?

  /// Where the real VFS's structure begins behind ours.
  static let size = (MemoryLayout<FileHead>.stride + 15) & ~15
}

/// One open file: a database, its write-ahead log or its rollback journal.
///
/// SQLite uses a file from one thread at a time, so nothing here is locked. Results are SQLite's
/// codes, because SQLite is the only caller.
class CipherFile {
  /// The file below us, which holds cipher text.
  let real: FilePointer
  /// The key of the database the file belongs to.
  let entry: KeyEntry
  /// One frame's worth of memory, so that no page is allocated on the way.
  let scratch: BytePointer

  private static let scratchSize = LogFormat.frameSize

  init(real: FilePointer, entry: KeyEntry) {
    self.real = real
    self.entry = entry
    scratch = .allocate(capacity: Self.scratchSize)
    scratch.initialize(repeating: 0, count: Self.scratchSize)
  }

  deinit {
    explicit_bzero(scratch, Self.scratchSize)
    scratch.deallocate()
  }

  /// Answers SQLite's read of `count` bytes at `offset`.
  func read(into target: BytePointer, count: Int, at offset: Int64) -> Int32 {
    readReal(target, count, offset)
  }

  /// Takes SQLite's write of `count` bytes at `offset`.
  func write(from source: UnsafePointer<UInt8>, count: Int, at offset: Int64) -> Int32 {
    writeReal(source, count, offset)
  }

  /// Writes what is held back; SQLite is about to sync, cut or close the file.
  func flush() -> Int32 { SQLITE_OK }

  /// Drops what is remembered about the file's content.
  func forgetContent() {}

  /// SQLite asks for a lock in shared memory.
  func willLockShared(first: Int32, flags: Int32) {}

  @inline(__always) final var methods: UnsafePointer<sqlite3_io_methods> { real.pointee.pMethods }

  @inline(__always)
  final func readReal(_ target: UnsafeMutableRawPointer, _ count: Int, _ offset: Int64) -> Int32 {
    methods.pointee.xRead(real, target, Int32(count), offset)
  }

  @inline(__always)
  final func writeReal(_ source: UnsafeRawPointer, _ count: Int, _ offset: Int64) -> Int32 {
    methods.pointee.xWrite(real, source, Int32(count), offset)
  }
}
