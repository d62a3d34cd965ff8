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

  /// Reads a TOML text.
  init(text: String, file: String) throws(StyleProblem) {
    self.file = file
    if text.utf8.contains(0) { throw StyleProblem(file: file, message: "has a zero byte in it") }
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
    guard let text = value.string else {
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
}
