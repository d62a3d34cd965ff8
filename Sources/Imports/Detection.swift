/// What was found at the beginning of a file.
public struct Detection: Sendable {
  /// The format.
  public let format: ImportFormat
  /// The separator of the file's cells.
  public let delimiter: UInt8
  /// The line on which the header stands; the first is 1.
  public let headerLine: Int
  /// The header.
  public let header: Header

  /// Makes a finding.
  public init(format: ImportFormat, delimiter: UInt8, headerLine: Int, header: Header) {
    self.format = format
    self.delimiter = delimiter
    self.headerLine = headerLine
    self.header = header
  }

  /// How much of a file is looked at, in bytes.
  public static let headBytes = 64 << 10
  /// How many records of it may stand before the header.
  public static let mostRecords = 30
  /// The separators that are tried.
  public static let delimiters: [UInt8] = [
    UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"),
  ]
}

/// Why no format was found.
public enum DetectionFault: Error, Hashable, Sendable {
  /// The file has no records.
  case empty
  /// No format has such a header: the likeliest header line and its cells, cut to 80 characters.
  case unknownHeader(line: Int, columns: [String])
  /// The format asked for by name does not exist.
  case unknownFormat(String)
  /// The format asked for does not fit the file.
  case headerOfOtherFormat(String, line: Int, columns: [String])
}

extension Detection {
  /// Finds the format of a file by its header, behind whatever lines stand above it.
  ///
  /// - Parameters:
  ///   - head: The first `headBytes` bytes of the file, or all of a shorter one.
  ///   - isWhole: Whether that is the whole file.
  ///   - formats: The formats to choose from.
  ///   - forced: The id of the format that the user named.
  /// - Throws: `DetectionFault`.
  public init(
    head: ArraySlice<UInt8>, isWhole: Bool, formats: [ImportFormat], forced: String? = nil
  ) throws(DetectionFault) {
    var candidates = formats
    if let forced {
      candidates = formats.filter { $0.id == forced }
      if candidates.isEmpty { throw .unknownFormat(forced) }
    }
    var seen: CSVRecord?
    for delimiter in Detection.delimiters {
      for record in Detection.records(of: head, isWhole: isWhole, delimiter: delimiter) {
        let header = Header(record.cells)
        if let format = candidates.first(where: { $0.header.matches(header) }) {
          self.init(
            format: format, delimiter: delimiter, headerLine: record.line, header: header)
          return
        }
        if record.cells.count > seen?.cells.count ?? 0 { seen = record }
      }
    }
    guard let seen else { throw .empty }
    let columns = seen.cells.prefix(40).map { String($0.prefix(80)) }
    if let forced { throw .headerOfOtherFormat(forced, line: seen.line, columns: columns) }
    throw .unknownHeader(line: seen.line, columns: columns)
  }

  private static func records(
    of head: ArraySlice<UInt8>, isWhole: Bool, delimiter: UInt8
  ) -> [CSVRecord] {
    var reader = CSVReader(delimiter: delimiter)
    reader.feed(head.prefix(headBytes))
    if isWhole { reader.finish() }
    var records: [CSVRecord] = []
    while records.count < mostRecords, let record = reader.next() {
      if record.fault == nil { records.append(record) }
    }
    return records
  }
}
