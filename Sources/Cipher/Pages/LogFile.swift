import GRDBSQLite

/// The write-ahead log.
///
/// On disk it is SQLCipher's: page images are cipher text, and so the frames' running checksum is
/// one over cipher text. SQLite above us sums plain text. So the sums are replaced on the way out,
/// and made up again on the way in, where recovery reads header and page together and in order.
///
/// SQLite writes a frame as header, then page; we hold the header back and write both at once. A
/// page written into an earlier frame leaves its checksum wrong until SQLite, before it commits,
/// reads the frames again and rewrites their headers (walRewriteChecksums in its wal.c).
///
/// SQLite also keeps its running sum, the one over plain text, in shared memory and goes on from it.
/// We do not use it; the real SQLCipher would. So another program may read a database we have open,
/// but a frame it appended then would not survive a crash; once we have closed, it may write.
final class LogFile: CipherFile {
  private let main: MainFile
  /// The header of `heldFrame`, whose page has not come yet.
  private let heldHeader: BytePointer
  private var heldFrame: Int64?
  /// The last frame SQLite read header and page of together.
  private var lastWholeRead: Int64 = 0
  /// The highest frame this connection appended under the lock it holds.
  private var lastAppended: Int64 = 0

  /// What we know of the log's end; good for one write lock of this connection.
  private struct Tail {
    var writeLocks: UInt64
    var isBigEndian: Bool
    /// The frame `checksum` stands in, 0 for the log's header.
    var frame: Int64
    var checksum: LogChecksum
  }
  private var tail: Tail?

  /// The sum SQLite has over plain text after `frame`, while it recovers.
  private var plainSum: (frame: Int64, checksum: LogChecksum)?

  init(real: FilePointer, entry: KeyEntry, main: MainFile) {
    self.main = main
    heldHeader = .allocate(capacity: LogFormat.frameHeaderSize)
    super.init(real: real, entry: entry)
  }

  deinit { heldHeader.deallocate() }

  override func forgetContent() {
    heldFrame = nil
    tail = nil
    plainSum = nil
    lastWholeRead = 0
    lastAppended = 0
  }

  /// A header without a page after it: SQLite is making the checksums anew.
  override func flush() -> Int32 {
    guard let frame = heldFrame else { return SQLITE_OK }
    heldFrame = nil
    return rewriteHeader(of: frame, heldHeader)
  }

  // MARK: Writing

  override func write(from source: UnsafePointer<UInt8>, count: Int, at offset: Int64) -> Int32 {
    if offset == 0, count == LogFormat.headerSize {
      forgetContent()
      return writeReal(source, count, offset)
    }
    let place = offset - Int64(LogFormat.headerSize)
    guard place >= 0 else { return ResultCode.writeFailed }
    let frame = place / Int64(LogFormat.frameSize) + 1
    switch (place % Int64(LogFormat.frameSize), count) {
    case (0, LogFormat.frameHeaderSize):
      return takeHeader(of: frame, source)
    case (Int64(LogFormat.frameHeaderSize), PageFormat.pageSize):
      return heldFrame == frame ? append(frame, source) : replacePage(of: frame, source)
    default:
      return ResultCode.writeFailed
    }
  }

  private func takeHeader(of frame: Int64, _ source: UnsafePointer<UInt8>) -> Int32 {
    let code = flush()
    guard code == SQLITE_OK else { return code }
    startTransactionIfNew()
    // Read whole just now and appended in this very transaction: no page will follow. Recovery,
    // too, reads a frame whole and SQLite may then append at its place, but that one is not ours.
    if lastWholeRead == frame, frame <= lastAppended {
      lastWholeRead = 0
      return rewriteHeader(of: frame, source)
    }
    heldHeader.update(from: source, count: LogFormat.frameHeaderSize)
    heldFrame = frame
    return SQLITE_OK
  }

  /// Forgets the log's end when another connection may have moved it.
  private func startTransactionIfNew() {
    guard let known = tail, known.writeLocks != main.writeLocks else { return }
    tail = nil
    lastAppended = 0
  }

  private func append(_ frame: Int64, _ page: UnsafePointer<UInt8>) -> Int32 {
    heldFrame = nil
    lastWholeRead = 0
    scratch.update(from: heldHeader, count: LogFormat.frameHeaderSize)
    let image = scratch + LogFormat.frameHeaderSize
    guard let codec = main.codec(creating: false),
      codec.encrypt(page: bigEndian32(scratch), from: page, to: image),
      seal(frame)
    else { return ResultCode.writeFailed }
    lastAppended = max(lastAppended, frame)
    return writeReal(scratch, LogFormat.frameSize, LogFormat.offset(ofFrame: frame))
  }

  /// A page changed again in the running transaction; its checksum is put right before the commit.
  private func replacePage(of frame: Int64, _ page: UnsafePointer<UInt8>) -> Int32 {
    let code = flush()
    guard code == SQLITE_OK else { return code }
    let start = LogFormat.offset(ofFrame: frame)
    guard readReal(scratch, LogFormat.frameHeaderSize, start) == SQLITE_OK,
      let codec = main.codec(creating: false)
    else { return ResultCode.writeFailed }
    let image = scratch + LogFormat.frameHeaderSize
    guard codec.encrypt(page: bigEndian32(scratch), from: page, to: image) else {
      return ResultCode.writeFailed
    }
    return writeReal(image, PageFormat.pageSize, start + Int64(LogFormat.frameHeaderSize))
  }

  private func rewriteHeader(of frame: Int64, _ header: UnsafePointer<UInt8>) -> Int32 {
    let start = LogFormat.offset(ofFrame: frame)
    let code = readReal(scratch, LogFormat.frameSize, start)
    guard code == SQLITE_OK else { return code }
    scratch.update(from: header, count: LogFormat.frameHeaderSize)
    guard seal(frame) else { return ResultCode.writeFailed }
    return writeReal(scratch, LogFormat.frameHeaderSize, start)
  }

  /// Puts the checksum over cipher text into the frame in `scratch` and remembers it.
  private func seal(_ frame: Int64) -> Bool {
    if tail?.frame != frame - 1 { tail = readTail(before: frame) }
    guard var end = tail else { return false }
    end.frame = frame
    end.checksum.add(frame: scratch, bigEndian: end.isBigEndian)
    end.checksum.store(at: scratch + Int(LogFormat.frameChecksumOffset))
    tail = end
    return true
  }

  private func readTail(before frame: Int64) -> Tail? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LogFormat.headerSize) {
      bytes -> Tail? in
      guard let p = bytes.baseAddress, readReal(p, LogFormat.headerSize, 0) == SQLITE_OK,
        bigEndian32(p + 8) == UInt32(PageFormat.pageSize)
      else { return nil }
      let isBigEndian = p[3] & 1 == 1
      let place = LogFormat.offsetOfChecksum(before: frame)
      guard readReal(p, 8, place) == SQLITE_OK else { return nil }
      return Tail(
        writeLocks: main.writeLocks, isBigEndian: isBigEndian, frame: frame - 1,
        checksum: LogChecksum(stored: p))
    }
  }

  // MARK: Reading

  override func read(into target: BytePointer, count: Int, at offset: Int64) -> Int32 {
    let code = flush()
    guard code == SQLITE_OK else { return code }
    let place = offset - Int64(LogFormat.headerSize)
    // Headers hold page numbers, salts and sums: nothing secret.
    guard place >= 0, count >= PageFormat.pageSize else { return readReal(target, count, offset) }
    let frame = place / Int64(LogFormat.frameSize) + 1
    switch (place % Int64(LogFormat.frameSize), count) {
    case (Int64(LogFormat.frameHeaderSize), PageFormat.pageSize):
      return readPage(of: frame, into: target)
    case (0, LogFormat.frameSize):
      return readWhole(frame, into: target)
    default:
      return ResultCode.readFailed
    }
  }

  private func readPage(of frame: Int64, into target: BytePointer) -> Int32 {
    let code = readFrame(frame, orZero: target, PageFormat.pageSize)
    guard code == SQLITE_OK else { return code }
    guard let codec = main.codec(creating: false) else { return ResultCode.readFailed }
    let image = scratch + LogFormat.frameHeaderSize
    let number = bigEndian32(scratch)
    let verdict = codec.decrypt(page: number, from: image, to: target)
    if verdict == .damaged { return entry.damageCode }
    if verdict == .genuine { main.keep(page: number, cipher: image, plain: target) }
    entry.markVerified()
    return SQLITE_OK
  }

  /// Reads a frame into `scratch`; `target` gets zeros when the file ends before it.
  private func readFrame(_ frame: Int64, orZero target: BytePointer, _ count: Int) -> Int32 {
    let code = readReal(scratch, LogFormat.frameSize, LogFormat.offset(ofFrame: frame))
    if code == ResultCode.shortRead { target.update(repeating: 0, count: count) }
    return code
  }

  /// Recovery, or SQLite making checksums anew.
  ///
  /// A frame whose sum over cipher text is right gets the sum SQLite expects over plain text; one
  /// whose sum is wrong (torn, or left from an older log) gets a wrong one, so that SQLite stops
  /// there. A right sum with a wrong tag is damage or a wrong key, and an error.
  private func readWhole(_ frame: Int64, into target: BytePointer) -> Int32 {
    let code = readFrame(frame, orZero: target, LogFormat.frameSize)
    guard code == SQLITE_OK else { return code }
    lastWholeRead = frame
    guard let before = readTail(before: frame), let codec = main.codec(creating: false) else {
      return ResultCode.readFailed
    }
    if frame == 1 { plainSum = (0, before.checksum) }
    var expected = before.checksum
    expected.add(frame: scratch, bigEndian: before.isBigEndian)
    let stored = LogChecksum(stored: scratch + Int(LogFormat.frameChecksumOffset))
    let image = scratch + LogFormat.frameHeaderSize
    let plain = target + LogFormat.frameHeaderSize
    target.update(from: scratch, count: LogFormat.frameHeaderSize)
    let verdict = codec.decrypt(page: bigEndian32(scratch), from: image, to: plain)
    if verdict == .damaged {
      if stored == expected { return entry.damageCode }
      plain.update(from: image, count: PageFormat.pageSize)
    } else {
      entry.markVerified()
    }
    translateSum(of: frame, in: target, isRight: stored == expected, before.isBigEndian)
    return SQLITE_OK
  }

  /// Replaces the frame's checksum by SQLite's own, or by its opposite when the frame is not right.
  private func translateSum(
    of frame: Int64, in target: BytePointer, isRight: Bool, _ isBigEndian: Bool
  ) {
    guard let known = plainSum, known.frame == frame - 1 else { return }
    var sum = known.checksum
    sum.add(frame: target, bigEndian: isBigEndian)
    plainSum = isRight ? (frame, sum) : nil
    if !isRight {
      sum.first = ~sum.first
      sum.second = ~sum.second
    }
    sum.store(at: target + Int(LogFormat.frameChecksumOffset))
  }
}
