/// One record of a file of separated values.
public struct CSVRecord: Hashable, Sendable {
  /// The line on which it begins; the first is 1.
  public let line: Int
  /// Its cells, as they stand between the separators, quotes undone; empty where it is refused.
  public let cells: [String]
  /// The beginning of its text as the file has it, at most `CSVLimits.rawBytes`.
  public let raw: String
  /// Why it cannot be read.
  public let fault: RowFault?

  /// Whether every cell is empty.
  public var isBlank: Bool { fault == nil && cells.allSatisfy { $0.isEmpty } }
}

/// How large a record of a file may be.
public struct CSVLimits: Hashable, Sendable {
  /// Bytes of a cell.
  public var cellBytes = 64 << 10
  /// Bytes of a record.
  public var recordBytes = 1 << 20
  /// Cells of a record.
  public var cells = 4096
  /// Bytes of a record's text that are kept.
  public var rawBytes = 4096

  /// The usual limits.
  public init() {}
}

/// Reads separated values piece by piece, as RFC 4180 describes them and exporters write them.
///
/// Lines end in LF, CRLF or CR; a byte-order mark is dropped; UTF-16 with a mark is understood; blank
/// lines give no record; a quote inside an unquoted cell is a character. What breaks the rules costs
/// one line: a record with an unclosed or misplaced quote, a NUL byte or invalid UTF-8 is given with
/// its fault, and reading goes on with the next line.
///
/// At most one unfinished record and one piece of the file are in memory.
///
/// - Source: https://www.rfc-editor.org/rfc/rfc4180
public struct CSVReader: Sendable {
  private let limits: CSVLimits
  private var scanner: CSVScanner
  private var decoder = TextDecoder()
  /// Bytes not given out yet; records before `start` have been.
  private var buffer: [UInt8] = []
  private var start = 0
  private var line = 1
  private var isFinished = false
  /// The last record ended in CR at the end of a piece: an LF that follows belongs to it.
  private var skipsLineFeed = false
  /// A record was too long: bytes up to the next line are dropped.
  private var isDropping = false

  /// Makes a reader.
  ///
  /// - Parameters:
  ///   - delimiter: The separator: a comma, a semicolon, a tab or a bar.
  ///   - limits: What is too large.
  public init(delimiter: UInt8 = UInt8(ascii: ","), limits: CSVLimits = CSVLimits()) {
    self.limits = limits
    scanner = CSVScanner(delimiter: delimiter, limits: limits)
  }

  /// Takes the next bytes of the file.
  public mutating func feed(_ chunk: ArraySlice<UInt8>) {
    precondition(!isFinished, "A finished reader takes no more bytes.")
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    decoder.decode(chunk, into: &buffer)
  }

  /// Takes the next bytes of the file.
  public mutating func feed(_ chunk: [UInt8]) { feed(chunk[...]) }

  /// Says that the file has ended.
  public mutating func finish() {
    isFinished = true
    decoder.finish(into: &buffer)
  }

  /// The next whole record, or `nil` where more bytes are needed or the file has ended.
  public mutating func next() -> CSVRecord? {
    while start < buffer.count {
      if isDropping { guard dropToLineEnd() else { return nil } }
      if skipsLineFeed && start < buffer.count && buffer[start] == UInt8(ascii: "\n") { start += 1 }
      skipsLineFeed = false
      guard start < buffer.count else { return nil }
      let found = scanner.scan(buffer, from: start, isLast: isFinished)
      switch found {
      case .needsMore: return nil
      case .blank(let end): take(end)
      case .record(let end): return record(to: end)
      case .broken(let reason, let end): return refuse(reason, to: end)
      case .endless:
        isDropping = true
        let raw = rawText(to: buffer.count)
        let refused = CSVRecord(
          line: line, cells: [], raw: raw, fault: RowFault(.tooLong, text: raw))
        return refused
      }
    }
    return nil
  }

  private mutating func take(_ end: CSVScanner.End) {
    start = end.next
    line += end.lines
    skipsLineFeed = end.endsInReturn
  }

  private mutating func record(to end: CSVScanner.End) -> CSVRecord {
    let raw = rawText(to: end.contentEnd)
    let begin = line
    var cells: [String] = []
    cells.reserveCapacity(scanner.cells.count)
    var fault: RowFault?
    for cell in scanner.cells {
      guard let text = text(of: cell) else {
        fault = RowFault(.malformed, text: String(decoding: buffer[cell.range], as: UTF8.self))
        break
      }
      cells.append(text)
    }
    take(end)
    return CSVRecord(line: begin, cells: fault == nil ? cells : [], raw: raw, fault: fault)
  }

  private mutating func refuse(_ reason: RowFault.Reason, to end: CSVScanner.End) -> CSVRecord {
    let raw = rawText(to: end.contentEnd)
    let begin = line
    take(end)
    return CSVRecord(line: begin, cells: [], raw: raw, fault: RowFault(reason, text: raw))
  }

  /// The text of a cell, `nil` for invalid UTF-8.
  private func text(of cell: CSVScanner.Cell) -> String? {
    if cell.range.isEmpty { return "" }
    guard cell.hasDoubledQuotes else {
      return String(validating: buffer[cell.range], as: UTF8.self)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(cell.range.count)
    var isAfterQuote = false
    for byte in buffer[cell.range] {
      if byte == UInt8(ascii: "\""), !isAfterQuote {
        isAfterQuote = true
        continue
      }
      isAfterQuote = false
      bytes.append(byte)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private func rawText(to end: Int) -> String {
    String(decoding: buffer[start..<min(end, start + limits.rawBytes)], as: UTF8.self)
  }

  /// Drops the rest of a line that is too long; `false` where its end has not come yet.
  private mutating func dropToLineEnd() -> Bool {
    guard let end = buffer[start...].firstIndex(where: { CSVScanner.isLineEnd($0) }) else {
      start = buffer.count
      return false
    }
    skipsLineFeed = buffer[end] == UInt8(ascii: "\r")
    start = end + 1
    line += 1
    isDropping = false
    return true
  }
}
