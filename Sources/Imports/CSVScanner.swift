/// Finds where a record and its cells end, without copying anything.
struct CSVScanner: Sendable {
  let delimiter: UInt8
  let limits: CSVLimits
  /// The cells of the record scanned last.
  private(set) var cells: [Cell] = []

  /// Where a cell's content lies, without its quotes.
  struct Cell: Sendable {
    let range: Range<Int>
    let hasDoubledQuotes: Bool
  }

  /// Where a record ends.
  struct End {
    /// The end of its own bytes.
    let contentEnd: Int
    /// Where the next one begins.
    let next: Int
    /// How many lines it takes.
    let lines: Int
    /// Whether it ends in CR and the byte after that is not known yet.
    let endsInReturn: Bool
  }

  enum Result {
    case record(End)
    case blank(End)
    /// It breaks the rules; the end is that of its first line.
    case broken(RowFault.Reason, End)
    /// Its first line is longer than a record may be.
    case endless
    case needsMore
  }

  static func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  /// Scans one record.
  ///
  /// - Parameters:
  ///   - buffer: What is there.
  ///   - start: Where the record begins, before the end of `buffer`.
  ///   - isLast: Whether nothing follows.
  /// - Returns: What was found; `cells` holds the cells.
  mutating func scan(_ buffer: [UInt8], from start: Int, isLast: Bool) -> Result {
    let bytes = buffer.span
    cells.removeAll(keepingCapacity: true)
    var index = start
    var extraLines = 0
    var fault: RowFault.Reason?
    while true {
      switch scanCell(bytes, from: index, extraLines: &extraLines) {
      case .misplacedQuote: return firstLine(bytes, from: start, isLast: isLast, .malformed)
      case .cutShort where isLast: return firstLine(bytes, from: start, isLast: true, .malformed)
      case .cutShort:
        // A quote that stays open for longer than any cell is a stray one.
        if bytes.count - index > limits.cellBytes || bytes.count - start > limits.recordBytes {
          return firstLine(bytes, from: start, isLast: false, .malformed)
        }
        return .needsMore
      case .ended(let end, let hasNull, let isLong):
        if hasNull { fault = fault ?? .malformed }
        if isLong || cells.count > limits.cells { fault = .tooLong }
        index = end
      }
      if index - start > limits.recordBytes {
        return firstLine(bytes, from: start, isLast: isLast, .tooLong)
      }
      guard index < bytes.count else {
        guard isLast else { return .needsMore }
        return result(end(bytes, at: index, extraLines), fault, start)
      }
      if bytes[index] != delimiter {
        return result(end(bytes, at: index, extraLines), fault, start)
      }
      index += 1
    }
  }

  private func result(_ end: End, _ fault: RowFault.Reason?, _ start: Int) -> Result {
    if let fault { return .broken(fault, end) }
    return end.contentEnd == start ? .blank(end) : .record(end)
  }

  /// The end of a record whose content ends at `index`, at a line end or at the end of the file.
  private func end(_ bytes: Span<UInt8>, at index: Int, _ extraLines: Int) -> End {
    guard index < bytes.count else {
      return End(contentEnd: index, next: index, lines: extraLines, endsInReturn: false)
    }
    var next = index + 1
    var endsInReturn = false
    if bytes[index] == UInt8(ascii: "\r") {
      if next < bytes.count {
        if bytes[next] == UInt8(ascii: "\n") { next += 1 }
      } else {
        endsInReturn = true
      }
    }
    return End(
      contentEnd: index, next: next, lines: extraLines + 1, endsInReturn: endsInReturn)
  }

  /// The first line of a record that cannot be read.
  private func firstLine(
    _ bytes: Span<UInt8>, from start: Int, isLast: Bool, _ reason: RowFault.Reason
  ) -> Result {
    var index = start
    while index < bytes.count, !CSVScanner.isLineEnd(bytes[index]) { index += 1 }
    if index == bytes.count && !isLast {
      return index - start > limits.recordBytes ? .endless : .needsMore
    }
    return .broken(reason, end(bytes, at: index, 0))
  }

  private enum CellResult {
    /// At a delimiter, a line end or the end of the bytes.
    case ended(at: Int, hasNull: Bool, isLong: Bool)
    /// The bytes end inside quotes.
    case cutShort
    /// Something other than a delimiter follows a closing quote.
    case misplacedQuote
  }

  private mutating func scanCell(
    _ bytes: Span<UInt8>, from start: Int, extraLines: inout Int
  ) -> CellResult {
    var index = start
    while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
    if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
      return scanQuoted(bytes, from: index + 1, extraLines: &extraLines)
    }
    var hasNull = false
    while index < bytes.count {
      let byte = bytes[index]
      if byte == delimiter { break }
      if byte < 0x20 {
        if CSVScanner.isLineEnd(byte) { break }
        if byte == 0 { hasNull = true }
      }
      index += 1
    }
    keep(start..<index, hasDoubledQuotes: false)
    return .ended(at: index, hasNull: hasNull, isLong: index - start > limits.cellBytes)
  }

  private mutating func scanQuoted(
    _ bytes: Span<UInt8>, from start: Int, extraLines: inout Int
  ) -> CellResult {
    var index = start
    var hasNull = false
    var hasDoubledQuotes = false
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\"") {
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
          hasDoubledQuotes = true
          index += 1
          continue
        }
        return closed(
          bytes, content: start..<(index - 1), from: index, hasNull: hasNull,
          hasDoubledQuotes: hasDoubledQuotes)
      }
      if byte < 0x20 {
        if byte == UInt8(ascii: "\n") { extraLines += 1 }
        if byte == UInt8(ascii: "\r"), index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
          extraLines += 1
        }
        if byte == 0 { hasNull = true }
      }
    }
    return .cutShort
  }

  /// After a closing quote: only spaces may stand before the delimiter or the line end.
  private mutating func closed(
    _ bytes: Span<UInt8>, content: Range<Int>, from end: Int, hasNull: Bool, hasDoubledQuotes: Bool
  ) -> CellResult {
    var index = end
    while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
    if index < bytes.count, bytes[index] != delimiter, !CSVScanner.isLineEnd(bytes[index]) {
      return .misplacedQuote
    }
    keep(content, hasDoubledQuotes: hasDoubledQuotes)
    return .ended(at: index, hasNull: hasNull, isLong: content.count > limits.cellBytes)
  }

  /// Keeps no more cells than a record may have.
  private mutating func keep(_ range: Range<Int>, hasDoubledQuotes: Bool) {
    guard cells.count <= limits.cells else { return }
    cells.append(Cell(range: range, hasDoubledQuotes: hasDoubledQuotes))
  }
}
