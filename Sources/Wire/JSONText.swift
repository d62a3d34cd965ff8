internal import Amounts

/// Writes JSON (RFC 8259) piece by piece, without holding the whole.
///
/// Everything that a terminal could take for more than text is escaped: control characters, C1,
/// bidirectional and zero-width marks, line separators. Exact decimals are strings.
public struct JSONText: Sendable {
  /// The text so far; take it out whenever it is long enough.
  public var bytes: [UInt8] = []
  private var needsComma = false

  /// Starts empty.
  public init() {}

  /// Opens an object.
  public mutating func beginObject() { open("{") }
  /// Closes an object.
  public mutating func endObject() { close("}") }
  /// Opens an array.
  public mutating func beginArray() { open("[") }
  /// Closes an array.
  public mutating func endArray() { close("]") }

  /// Writes a member's name; its value follows.
  public mutating func key(_ name: String) {
    comma()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes a text.
  public mutating func value(_ text: String) {
    comma()
    quote(text)
    needsComma = true
  }

  /// Writes a whole number.
  public mutating func value(_ number: Int64) { plain(String(number)) }
  /// Writes a truth value.
  public mutating func value(_ flag: Bool) { plain(flag ? "true" : "false") }
  /// Writes nothing.
  public mutating func null() { plain("null") }

  /// Ends a line, for JSON lines: the next value starts without a comma.
  public mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  /// Writes a cell of a report.
  public mutating func value(_ cell: ReportCell) {
    switch cell {
    case .none: null()
    case .text(let text): value(text)
    case .integer(let number): value(number)
    case .amount(let amount): value(amount.text)
    case .flag(let flag): value(flag)
    }
  }

  private mutating func plain(_ text: String) {
    comma()
    bytes.append(contentsOf: text.utf8)
    needsComma = true
  }

  private mutating func open(_ mark: Unicode.Scalar) {
    comma()
    bytes.append(UInt8(ascii: mark))
    needsComma = false
  }

  private mutating func close(_ mark: Unicode.Scalar) {
    bytes.append(UInt8(ascii: mark))
    needsComma = true
  }

  private mutating func comma() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": bytes.append(contentsOf: "\\\"".utf8)
      case "\\": bytes.append(contentsOf: "\\\\".utf8)
      case "\n": bytes.append(contentsOf: "\\n".utf8)
      case "\t": bytes.append(contentsOf: "\\t".utf8)
      // Most text is this, and needs no look at what Unicode says of it.
      case " "..."~": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      default:
        if JSONText.isPlain(scalar) {
          bytes.append(contentsOf: String(scalar).utf8)
        } else {
          bytes.append(contentsOf: JSONText.escapes(of: scalar).utf8)
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// A scalar as `\u` and four digits for each of its UTF-16 units.
  static func escapes(of scalar: Unicode.Scalar) -> String {
    String(scalar).utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }

  /// Whether a terminal shows the scalar and does nothing else with it.
  static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return false
    default: return true
    }
  }
}

extension Report {
  /// The report as one JSON object: the facts as members, the table as an array of objects.
  public var json: [UInt8] {
    var text = JSONText()
    text.beginObject()
    for fact in facts {
      text.key(fact.name)
      text.value(fact.value)
    }
    if !tableName.isEmpty {
      text.key(tableName)
      text.beginArray()
      for row in rows {
        text.beginObject()
        for (column, cell) in zip(columns, row) {
          text.key(column)
          text.value(cell)
        }
        text.endObject()
      }
      text.endArray()
    }
    text.endObject()
    text.endLine()
    return text.bytes
  }
}
