public import Ledger

/// A fact on its way into the vault.
public struct NewEntry: Sendable {
  /// What makes it the same fact when it is read again: `EntryIdentity.canonicalBytes`.
  public var identity: [UInt8]
  /// When it happened.
  public var time: Instant
  /// What it is.
  public var kind: EntryKind
  /// What it moved; 1 to 64 legs.
  public var legs: [Leg]
  /// What its source says.
  public var details: EntryDetails
  /// The line of the file, the first is 1; 0 where there is none.
  public var line: Int

  /// Makes a new entry.
  ///
  /// - Parameters:
  ///   - identity: `EntryIdentity.canonicalBytes`.
  ///   - time: When it happened.
  ///   - kind: What it is.
  ///   - legs: What it moved; 1 to 64.
  ///   - details: What its source says; U+0000 in a text becomes U+FFFD.
  ///   - line: The line of the file, 0 where there is none.
  public init(
    identity: [UInt8], time: Instant, kind: EntryKind, legs: [Leg],
    details: EntryDetails = EntryDetails(), line: Int = 0
  ) {
    precondition(!legs.isEmpty && legs.count <= Entry.mostLegs, "An entry has 1 to 64 legs.")
    self.identity = identity
    self.time = time
    self.kind = kind
    self.legs = legs
    self.details = details.storable
    self.line = line
  }
}

/// A row that is not understood, on its way into the vault.
public struct RefusedRow: Hashable, Sendable {
  /// The data row; the first after the header is 1.
  public var row: Int
  /// The line of the file on which it begins.
  public var line: Int
  /// What is wrong, as a stable word: `not-a-number`.
  public var reason: String
  /// The column's name, or empty.
  public var column: String
  /// The offending text, cut to 80 characters.
  public var text: String
  /// The row as it stands in the file.
  public var raw: [UInt8]

  /// Makes a refused row.
  ///
  /// - Parameters:
  ///   - row: The data row; the first after the header is 1.
  ///   - line: The line of the file on which it begins.
  ///   - reason: What is wrong, as a stable word.
  ///   - column: The column's name, or empty.
  ///   - text: The offending text; cut to 80 characters.
  ///   - raw: The row as it stands in the file.
  public init(
    row: Int, line: Int, reason: String, column: String = "", text: String = "", raw: [UInt8]
  ) {
    self.row = row
    self.line = line
    self.reason = reason.storable
    self.column = column.storable
    self.text = String(text.prefix(80)).storable
    self.raw = raw
  }
}

/// The rows of a batch as they stand in the file, one after another.
///
/// The vault keeps only those that led to an entry it did not have.
public struct RawRows: Sendable {
  struct Span: Sendable {
    let line: Int
    let start: Int
    let end: Int
  }
  private(set) var bytes: [UInt8] = []
  private(set) var spans: [Span] = []

  /// Starts without rows.
  public init() {}

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - row: Its bytes, without the line's end.
  ///   - line: The line of the entry it belongs to; several rows may belong to one entry.
  public mutating func append(_ row: some Sequence<UInt8>, line: Int) {
    let start = bytes.count
    bytes.append(contentsOf: row)
    spans.append(Span(line: line, start: start, end: bytes.count))
  }

  /// Forgets the rows and keeps the memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    spans.removeAll(keepingCapacity: true)
  }

  /// The rows of one line, with a line feed between them.
  func text(ofLine line: Int) -> [UInt8] {
    var text: [UInt8] = []
    for span in spans where span.line == line {
      if !text.isEmpty { text.append(10) }
      text.append(contentsOf: bytes[span.start..<span.end])
    }
    return text
  }
}

/// What is written down in one transaction.
public struct Batch: Sendable {
  /// The facts, in the order of the file.
  public var entries: [NewEntry]
  /// The rows that are not understood.
  public var refused: [RefusedRow]
  /// The rows of the entries as they stand in the file.
  public var raw: RawRows
  /// Names and venues of accounts the vault may not have yet; known accounts stay as they are.
  public var accounts: [Account]

  /// Makes a batch; what is not given is empty.
  public init(
    entries: [NewEntry] = [], refused: [RefusedRow] = [], raw: RawRows = RawRows(),
    accounts: [Account] = []
  ) {
    self.entries = entries
    self.refused = refused
    self.raw = raw
    self.accounts = accounts
  }
}

extension EntryDetails {
  /// The same without U+0000, which SQLite's texts end at.
  var storable: EntryDetails {
    var details = self
    details.reference = reference.storable
    details.transactionHash = transactionHash.storable
    details.note = note.storable
    return details
  }
}

extension String {
  /// The same with U+FFFD for U+0000, which SQLite's texts end at.
  var storable: String {
    guard utf8.contains(0) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      text.unicodeScalars.append(scalar.value == 0 ? "\u{FFFD}" : scalar)
    }
    return text
  }
}
