/// A piece of the raw text of an import: rows, each with its line and its length before it.
///
/// Form of a row: line and length as 32-bit big-endian numbers, then the bytes.
struct PayloadChunk {
  private(set) var bytes: [UInt8] = []
  private(set) var firstLine = Int.max
  private(set) var lastLine = Int.min

  /// Whether it has reached the size at which it is written.
  var isFull: Bool { bytes.count >= 64 << 10 }

  /// Adds a row.
  mutating func append(_ row: ArraySlice<UInt8>, line: Int) {
    add(UInt32(clamping: line))
    add(UInt32(clamping: row.count))
    bytes.append(contentsOf: row)
    firstLine = min(firstLine, line)
    lastLine = max(lastLine, line)
  }

  private mutating func add(_ number: UInt32) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// The rows of one line in a stored piece.
  static func rows(ofLine line: Int, in bytes: [UInt8]) -> [[UInt8]] {
    var rows: [[UInt8]] = []
    var place = 0
    while place + 8 <= bytes.count {
      let found = number(bytes, place)
      let end = place + 8 + number(bytes, place + 4)
      guard end <= bytes.count else { break }
      if found == line { rows.append(Array(bytes[place + 8..<end])) }
      place = end
    }
    return rows
  }

  private static func number(_ bytes: [UInt8], _ place: Int) -> Int {
    bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
  }
}
