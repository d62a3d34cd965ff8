import GRDBSQLite

/// The rollback journal.
///
/// A page record is the page number, the page and a checksum. The page is kept as cipher text, and
/// the checksum is the one over cipher text, as SQLCipher has it. The checksum is a sum of every
/// 200th byte and a seed only SQLite knows; being a sum, it is translated by a difference.
/// Source: https://www.sqlite.org/fileformat2.html 3; pager_cksum() in SQLite's pager.c.
final class JournalFile: CipherFile {
  private let main: MainFile
  /// The last 4-byte number written and where: the page number, when a page follows.
  private var lastNumber: (offset: Int64, value: UInt32)?
  /// Where the checksum of the last page stands, and its sum over cipher text minus over plain text.
  private var checksum: (offset: Int64, difference: UInt32)?

  init(real: FilePointer, entry: KeyEntry, main: MainFile) {
    self.main = main
    super.init(real: real, entry: entry)
  }

  override func forgetContent() {
    lastNumber = nil
    checksum = nil
  }

  override func write(from source: UnsafePointer<UInt8>, count: Int, at offset: Int64) -> Int32 {
    switch count {
    case PageFormat.pageSize:
      return writePage(source, offset)
    case 4:
      return writeNumber(bigEndian32(source), offset)
    case ..<PageFormat.pageSize:
      // The header, and the name of a super-journal: no page content.
      return writeReal(source, count, offset)
    default:
      return ResultCode.writeFailed
    }
  }

  private func writePage(_ source: UnsafePointer<UInt8>, _ offset: Int64) -> Int32 {
    guard let number = pageNumber(before: offset), let codec = main.codec(creating: false),
      codec.encrypt(page: number, from: source, to: scratch)
    else { return ResultCode.writeFailed }
    checksum = (offset + Int64(PageFormat.pageSize), sum(scratch) &- sum(source))
    return writeReal(scratch, PageFormat.pageSize, offset)
  }

  private func writeNumber(_ value: UInt32, _ offset: Int64) -> Int32 {
    var stored = value
    if let checksum, checksum.offset == offset { stored &+= checksum.difference }
    lastNumber = (offset, stored)
    stored = stored.bigEndian
    return writeReal(&stored, 4, offset)
  }

  override func read(into target: BytePointer, count: Int, at offset: Int64) -> Int32 {
    if count == PageFormat.pageSize { return readPage(into: target, offset) }
    let code = readReal(target, count, offset)
    if code == SQLITE_OK, count == 4, let checksum, checksum.offset == offset {
      storeBigEndian32(bigEndian32(target) &- checksum.difference, at: target)
    }
    return code
  }

  private func readPage(into target: BytePointer, _ offset: Int64) -> Int32 {
    let code = readReal(scratch, PageFormat.pageSize, offset)
    if code == ResultCode.shortRead { target.update(repeating: 0, count: PageFormat.pageSize) }
    guard code == SQLITE_OK else { return code }
    guard let number = pageNumber(before: offset), let codec = main.codec(creating: false) else {
      return ResultCode.readFailed
    }
    let place = offset + Int64(PageFormat.pageSize)
    if codec.decrypt(page: number, from: scratch, to: target) == .damaged {
      // Under a wrong key every record looks torn, SQLite would end the playback, delete the
      // journal, and with it the only way back.
      guard main.isKeyRight() else { return SQLITE_NOTADB }
      // Torn when the machine stopped: a checksum that does not fit makes SQLite end the playback.
      target.update(repeating: 0, count: PageFormat.pageSize)
      checksum = (place, .random(in: .min ... .max))
    } else {
      entry.markVerified()
      checksum = (place, sum(scratch) &- sum(target))
    }
    return SQLITE_OK
  }

  /// The page number that stands in front of the page at `offset`.
  private func pageNumber(before offset: Int64) -> UInt32? {
    if let lastNumber, lastNumber.offset == offset - 4 { return lastNumber.value }
    var stored: UInt32 = 0
    guard offset >= 4, readReal(&stored, 4, offset - 4) == SQLITE_OK else { return nil }
    return UInt32(bigEndian: stored)
  }

  /// pager_cksum() without its seed: every 200th byte from the end, the first left out.
  private func sum(_ page: UnsafePointer<UInt8>) -> UInt32 {
    var total: UInt32 = 0
    for at in stride(from: PageFormat.pageSize - 200, to: 0, by: -200) {
      total &+= UInt32(page[at])
    }
    return total
  }
}
