public import Amounts

/// One cell of a report.
public enum ReportCell: Hashable, Sendable {
  /// Nothing is known.
  case none
  /// A text.
  case text(String)
  /// A whole number.
  case integer(Int64)
  /// An exact decimal.
  case amount(Fixed)
  /// A truth value.
  case flag(Bool)
}

/// An answer: named facts and at most one table, the same for text, JSON and the screen.
public struct Report: Hashable, Sendable, Wired {
  /// One named value.
  public struct Fact: Hashable, Sendable {
    /// Its name in lower case with underscores, as in JSON: `entries_added`.
    public let name: String
    /// Its value.
    public let value: ReportCell

    /// Makes a fact.
    public init(_ name: String, _ value: ReportCell) {
      self.name = name
      self.value = value
    }
  }

  /// The facts, in order of importance.
  public var facts: [Fact]
  /// The name of the table's rows in JSON: `accounts`; empty where there is no table.
  public var tableName: String
  /// The names of the columns, in lower case with underscores.
  public var columns: [String]
  /// The rows, each with as many cells as there are columns.
  public var rows: [[ReportCell]]

  /// Makes a report.
  public init(
    facts: [Fact] = [], tableName: String = "", columns: [String] = [],
    rows: [[ReportCell]] = []
  ) {
    precondition(
      rows.allSatisfy { $0.count == columns.count }, "A report's rows have a cell a column.")
    self.facts = facts
    self.tableName = tableName
    self.columns = columns
    self.rows = rows
  }

  /// The value of a fact; `none` where there is no such fact.
  public subscript(name: String) -> ReportCell {
    facts.first { $0.name == name }?.value ?? .none
  }

  /// Appends the report.
  public func write(to writer: inout WireWriter) {
    writer.put(UInt64(facts.count))
    for fact in facts {
      writer.put(fact.name)
      writer.put(fact.value)
    }
    writer.put(tableName)
    writer.put(columns)
    writer.put(UInt64(rows.count))
    for row in rows {
      for cell in row { writer.put(cell) }
    }
  }

  /// Reads a report.
  public init(from reader: inout WireReader) throws(WireFault) {
    facts = []
    for _ in 0..<(try reader.count()) {
      let name = try reader.text()
      facts.append(Fact(name, try reader.value()))
    }
    tableName = try reader.text()
    columns = try reader.list()
    rows = []
    let count = try reader.count()
    if columns.isEmpty && count > 0 { throw .malformed }
    for _ in 0..<count {
      var row: [ReportCell] = []
      for _ in columns { row.append(try reader.value()) }
      rows.append(row)
    }
  }
}

extension ReportCell: Wired {
  /// Appends the cell.
  public func write(to writer: inout WireWriter) {
    switch self {
    case .none: writer.put(byte: 0)
    case .text(let text):
      writer.put(byte: 1)
      writer.put(text)
    case .integer(let number):
      writer.put(byte: 2)
      writer.put(number)
    case .amount(let amount):
      writer.put(byte: 3)
      writer.put(amount)
    case .flag(let flag):
      writer.put(byte: 4)
      writer.put(flag)
    }
  }

  /// Reads a cell.
  public init(from reader: inout WireReader) throws(WireFault) {
    switch try reader.byte() {
    case 0: self = .none
    case 1: self = .text(try reader.text())
    case 2: self = .integer(try reader.signed())
    case 3: self = .amount(try reader.amount())
    case 4: self = .flag(try reader.flag())
    default: throw .malformed
    }
  }

  /// The cell as plain text; empty for nothing.
  public var plain: String {
    switch self {
    case .none: return ""
    case .text(let text): return text
    case .integer(let number): return String(number)
    case .amount(let amount): return amount.text
    case .flag(let flag): return flag ? "yes" : "no"
    }
  }
}
