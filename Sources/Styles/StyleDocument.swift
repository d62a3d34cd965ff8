import Canvas
import TOMLKit

/// One file, taken apart: sections of keys with text, each knowing where it stands.
struct StyleDocument {
  /// One `key = "text"`.
  struct Entry {
    let key: String
    let text: String
    let file: String
    let line: Int
    let column: Int

    func problem(_ message: String) -> StyleProblem {
      StyleProblem(file: file, line: line, column: column, message: message)
    }
  }

  let file: String
  /// The entries of each section in the order of the file; the section before any header is "".
  private(set) var sections: [String: [Entry]] = [:]
  private(set) var warnings: [StyleProblem] = []

  /// Whether numbers and yes or no count as the text they are written with.
  private let takesNumbers: Bool

  /// Reads a TOML text.
  init(text: String, file: String, takesNumbers: Bool = false) throws(StyleProblem) {
    self.file = file
    self.takesNumbers = takesNumbers
    if text.utf8.contains(0) { throw StyleProblem(file: file, message: "has a zero byte in it") }
    try StyleDocument.checkHeaders(text, file: file)
    let table = try StyleDocument.table(text, file: file)
    let places = SourcePlaces(text)
    for (key, value) in table {
      if let inner = value.table {
        collect(inner, section: key, prefix: "", places)
      } else {
        add(value, section: "", key: key, places)
      }
    }
    for section in sections.keys {
      sections[section]?.sort { ($0.line, $0.column, $0.key) < ($1.line, $1.column, $1.key) }
    }
    warnings.sort { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  /// Refuses headers without a name: the parser itself ends the program at one.
  private static func checkHeaders(_ text: String, file: String) throws(StyleProblem) {
    for (index, line) in text.utf8.split(separator: 10, omittingEmptySubsequences: false)
      .enumerated()
    {
      func skipping(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
        bytes.drop { $0 == 32 || $0 == 9 }
      }
      let bracket = UInt8(ascii: "[")
      var rest = skipping(line)
      guard rest.first == bracket else { continue }
      rest = skipping(rest.dropFirst())
      if rest.first == bracket { rest = skipping(rest.dropFirst()) }
      let isKey =
        rest.first.map { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "\""), UInt8(ascii: "'"):
            true
          default: false
          }
        } ?? false
      guard isKey else {
        throw StyleProblem(
          file: file, line: index + 1, column: line.count - rest.count + 1,
          message: "a section has no name")
      }
    }
  }

  private static func table(_ text: String, file: String) throws(StyleProblem) -> TOMLTable {
    do {
      return try TOMLTable(string: text)
    } catch let fault as TOMLParseError {
      throw StyleProblem(
        file: file, line: fault.source.begin.line, column: fault.source.begin.column,
        message: Sanitiser.line(fault.description, columns: 160))
    } catch {
      throw StyleProblem(file: file, message: "is not TOML")
    }
  }

  /// The entry with a key in a section.
  func entry(_ key: String, in section: String) -> Entry? {
    sections[section]?.first { $0.key == key }
  }

  /// Takes the entries of a table; tables inside it lengthen the key by a dot and their name.
  private mutating func collect(
    _ table: TOMLTable, section: String, prefix: String, _ places: SourcePlaces
  ) {
    sections[section] = sections[section] ?? []
    for (key, value) in table {
      if let inner = value.table {
        collect(inner, section: section, prefix: prefix + key + ".", places)
      } else {
        add(value, section: section, key: prefix + key, places)
      }
    }
  }

  private mutating func add(
    _ value: any TOMLValueConvertible, section: String, key: String, _ places: SourcePlaces
  ) {
    let place = places.place(of: key, in: section)
    guard let text = value.string ?? plain(value) else {
      let name = Sanitiser.line(key, columns: 40)
      warnings.append(
        StyleProblem(
          file: file, line: place.line, column: place.column,
          message: "'\(name)' is a \(value.type.description) where a text is expected"))
      return
    }
    sections[section, default: []].append(
      Entry(key: key, text: text, file: file, line: place.line, column: place.column))
  }

  private func plain(_ value: any TOMLValueConvertible) -> String? {
    guard takesNumbers else { return nil }
    return value.bool.map { "\($0)" } ?? value.int.map { "\($0)" } ?? value.double.map { "\($0)" }
  }
}
