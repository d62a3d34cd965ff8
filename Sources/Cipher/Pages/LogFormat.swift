/// Where things stand in a write-ahead log of 4096-byte pages.
///
/// Source: https://www.sqlite.org/fileformat2.html 4.1 and 4.2.
enum LogFormat {
  static let headerSize = 32
  static let frameHeaderSize = 24
  static let frameSize = frameHeaderSize + PageFormat.pageSize
  /// The running checksum in the log's header, and in a frame's header.
  static let headerChecksumOffset: Int64 = 24
  static let frameChecksumOffset: Int64 = 16

  /// Where frame `number` begins; frames are counted from 1.
  static func offset(ofFrame number: Int64) -> Int64 {
    Int64(headerSize) + (number - 1) * Int64(frameSize)
  }

  /// Where the checksum before frame `number` stands: in the frame before, or in the log's header.
  static func offsetOfChecksum(before number: Int64) -> Int64 {
    number == 1 ? headerChecksumOffset : offset(ofFrame: number - 1) + frameChecksumOffset
  }
}

/// SQLite's running checksum of a write-ahead log.
///
/// Source: https://www.sqlite.org/fileformat2.html 4.2, "Checksum Algorithm".
struct LogChecksum: Equatable {
  var first: UInt32 = 0
  var second: UInt32 = 0

  init() {}

  /// The checksum stored at `p`, always big-endian.
  init(stored p: UnsafePointer<UInt8>) {
    first = bigEndian32(p)
    second = bigEndian32(p + 4)
  }

  func store(at p: BytePointer) {
    storeBigEndian32(first, at: p)
    storeBigEndian32(second, at: p + 4)
  }

  /// Continues the sum over `count` bytes, a multiple of 8, read in the order the log's magic names.
  mutating func add(_ bytes: UnsafePointer<UInt8>, _ count: Int, bigEndian: Bool) {
    let raw = UnsafeRawPointer(bytes)
    var a = first
    var b = second
    if bigEndian {
      for at in stride(from: 0, to: count, by: 8) {
        a &+= raw.loadUnaligned(fromByteOffset: at, as: UInt32.self).bigEndian &+ b
        b &+= raw.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self).bigEndian &+ a
      }
    } else {
      for at in stride(from: 0, to: count, by: 8) {
        a &+= raw.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian &+ b
        b &+= raw.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self).littleEndian &+ a
      }
    }
    first = a
    second = b
  }

  /// Continues the sum over a frame: the first 8 bytes of its header, then its page.
  mutating func add(frame: UnsafePointer<UInt8>, bigEndian: Bool) {
    add(frame, 8, bigEndian: bigEndian)
    add(frame + LogFormat.frameHeaderSize, PageFormat.pageSize, bigEndian: bigEndian)
  }
}
