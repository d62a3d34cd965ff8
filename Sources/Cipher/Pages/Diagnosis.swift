import Glibc

/// What is the matter with a database file that does not open.
public enum Diagnosis: Equatable, Sendable {
  /// Every page is genuine and the size is right.
  case sound(pages: Int)
  /// No bytes at all: a database nobody has written to yet.
  case empty
  /// A plain SQLite file, which no key opens.
  case notEncrypted
  /// Too short to be a database, or of no size one can have.
  case notADatabase(bytes: Int64)
  /// No page opens with the key: the wrong key, or not a database at all.
  case wrongKey
  /// The end is missing: the size is no multiple of 4096, or page 1 counts more pages.
  case truncated(bytes: Int64, expectedPages: Int)
  /// A page was changed; pages count from 1. `count` pages are damaged, `first` is the first one.
  case damaged(first: Int, count: Int)
}

/// What an integrity check found.
public struct IntegrityReport: Equatable, Sendable {
  /// Whole pages in the file.
  public internal(set) var pages = 0
  /// Pages of zeros, which SQLite left out when the file grew; they carry no tag.
  public internal(set) var blankPages = 0
  /// The first damaged pages, at most 1000; pages count from 1.
  public internal(set) var damagedPages: [Int] = []
  /// How many pages are damaged.
  public internal(set) var damagedCount = 0
  /// Bytes after the last whole page; 0 in a whole file.
  public internal(set) var trailingBytes = 0
  /// Whether the check was ended early by its caller.
  public internal(set) var wasCancelled = false

  /// Whether every page passed and none was left out.
  public var isSound: Bool { damagedCount == 0 && trailingBytes == 0 && !wasCancelled }

  mutating func add(_ verdict: PageCodec.Verdict, page: Int) {
    pages += 1
    switch verdict {
    case .genuine: break
    case .blank: blankPages += 1
    case .damaged:
      damagedCount += 1
      if damagedPages.count < 1000 { damagedPages.append(page) }
    }
  }
}

extension CipherVFS {
  /// The file could not be read at all.
  public enum DiagnosisFault: Error, Equatable, Sendable {
    /// The system refused; `code` is its errno.
    case system(path: String, code: Int32)
    /// The machine failed.
    case crypto(CryptoFault)
  }

  /// Says what is the matter with the database file at `path`, for a clear message.
  ///
  /// Reads the file itself, not its log: close the database first. A log waiting beside it explains
  /// a file shorter than page 1 says, so that is not called truncated then.
  /// - Parameters:
  ///   - path: The database file.
  ///   - key: The key it should open with.
  /// - Returns: The first thing that is wrong, or that nothing is.
  /// - Throws: `DiagnosisFault`.
  /// - Complexity: Reads the whole file when its first page is genuine.
  public static func diagnose(
    path: String, key: DatabaseKey
  ) throws(DiagnosisFault) -> Diagnosis {
    let file = try DatabaseReader(path)
    guard file.size > 0 else { return .empty }
    guard file.size >= PageFormat.pageSize else { return .notADatabase(bytes: file.size) }
    let head = try file.read(at: 0, count: PageFormat.pageSize)
    if head.starts(with: PageFormat.magicBytes) { return .notEncrypted }
    let codec = try codec(key, head)
    var page = [UInt8](repeating: 0, count: PageFormat.pageSize)
    if codec.decrypt(page: 1, from: head, to: &page) == .genuine {
      let expected = declaredPages(page)
      let isShort = file.size < Int64(expected) * Int64(PageFormat.pageSize)
      let isUneven = file.size % Int64(PageFormat.pageSize) != 0
      if isUneven || (isShort && !file.hasPendingLog) {
        return .truncated(bytes: file.size, expectedPages: expected)
      }
    }
    let report = try check(file, codec) { _, _ in true }
    if report.damagedCount == report.pages - report.blankPages { return .wrongKey }
    guard let first = report.damagedPages.first else { return .sound(pages: report.pages) }
    return .damaged(first: first, count: report.damagedCount)
  }

  /// Checks the tag of every page of the closed database at `path`.
  ///
  /// - Parameters:
  ///   - path: The database file.
  ///   - key: Its key.
  ///   - progress: Called after each MiB with pages done and pages in all; false ends the check.
  /// - Returns: What was found. With a wrong key, every page is damaged.
  /// - Throws: `DiagnosisFault`.
  public static func checkIntegrity(
    path: String, key: DatabaseKey, progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws(DiagnosisFault) -> IntegrityReport {
    let file = try DatabaseReader(path)
    guard file.size >= PageFormat.pageSize else {
      var report = IntegrityReport()
      report.trailingBytes = Int(file.size)
      return report
    }
    let codec = try codec(key, file.read(at: 0, count: PageFormat.saltSize))
    return try check(file, codec, progress)
  }

  private static func codec(
    _ key: DatabaseKey, _ head: [UInt8]
  ) throws(DiagnosisFault) -> PageCodec {
    do {
      let salt = Array(head.prefix(PageFormat.saltSize))
      return try PageCodec(PageKeys(key, salt: salt))
    } catch {
      throw .crypto(error)
    }
  }

  /// The page count in page 1, or 0 when it is not kept up.
  ///
  /// Source: https://www.sqlite.org/fileformat2.html 1.3.8: valid when offsets 24 and 92 agree.
  private static func declaredPages(_ page: [UInt8]) -> Int {
    func number(_ offset: Int) -> Int {
      page[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return number(24) == number(92) ? number(28) : 0
  }

  private static func check(
    _ file: DatabaseReader, _ codec: PageCodec, _ progress: (Int, Int) -> Bool
  ) throws(DiagnosisFault) -> IntegrityReport {
    let total = Int(file.size) / PageFormat.pageSize
    var report = IntegrityReport()
    report.trailingBytes = Int(file.size) % PageFormat.pageSize
    while report.pages < total {
      let count = min(256, total - report.pages)
      let offset = Int64(report.pages) * Int64(PageFormat.pageSize)
      let piece = try file.read(at: offset, count: count * PageFormat.pageSize)
      piece.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return }
        for index in 0..<count { add(base + index * PageFormat.pageSize, to: &report, codec) }
      }
      guard progress(report.pages, total) else {
        report.wasCancelled = report.pages < total
        return report
      }
    }
    return report
  }

  private static func add(
    _ page: UnsafePointer<UInt8>, to report: inout IntegrityReport, _ codec: PageCodec
  ) {
    let number = report.pages + 1
    if codec.isGenuine(page: UInt32(truncatingIfNeeded: number), page) {
      report.add(.genuine, page: number)
    } else {
      report.add(number > 1 && isBlank(page) ? .blank : .damaged, page: number)
    }
  }
}

/// A database file read as it lies on the disk.
private final class DatabaseReader {
  let size: Int64
  /// Whether a write-ahead log or a rollback journal with content stands beside the file.
  let hasPendingLog: Bool
  private let path: String
  private let file: Int32

  init(_ path: String) throws(CipherVFS.DiagnosisFault) {
    self.path = path
    file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .system(path: String(path.prefix(80)), code: errno) }
    var information = stat()
    guard fstat(file, &information) == 0 else {
      let code = errno
      close(file)
      throw .system(path: String(path.prefix(80)), code: code)
    }
    size = Int64(information.st_size)
    hasPendingLog = ["-wal", "-journal"].contains { suffix in
      var beside = stat()
      return stat(path + suffix, &beside) == 0 && beside.st_size > 0
    }
  }

  deinit { close(file) }

  /// Exactly `count` bytes; zeros when the file became shorter in the meantime.
  func read(at offset: Int64, count: Int) throws(CipherVFS.DiagnosisFault) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        pread(file, buffer.baseAddress.map { $0 + done }, count - done, Int(offset) + done)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw .system(path: String(path.prefix(80)), code: errno) }
      if got == 0 { break }
      done += got
    }
    return bytes
  }
}
