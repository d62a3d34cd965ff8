/// Where the keys of a TOML text stand; the parser itself tells this only for its errors.
struct SourcePlaces {
  private struct Name: Hashable {
    let section: String
    let key: String
  }

  private var places: [Name: (line: Int, column: Int)] = [:]

  /// Notes the place of each value that follows a `key =` on one line.
  init(_ text: String) {
    var section: [String] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      var scanner = LineScanner(line)
      if scanner.take("[") {
        section = scanner.dottedKey()
      } else {
        let key = scanner.dottedKey()
        guard !key.isEmpty, scanner.take("=") else { continue }
        let path = section + key
        let name = Name(
          section: path.count > 1 ? path[0] : "",
          key: (path.count > 1 ? Array(path.dropFirst()) : path).joined(separator: "."))
        if places[name] == nil { places[name] = (index + 1, scanner.column) }
      }
    }
  }

  /// The place of a value; line 0 when it was not found.
  func place(of key: String, in section: String) -> (line: Int, column: Int) {
    places[Name(section: section, key: key)] ?? (0, 0)
  }
}

/// Reads the beginning of one line: keys bare or quoted, parted by dots.
private struct LineScanner {
  private var rest: ArraySlice<Character>

  init(_ line: Substring) { rest = Array(line)[...] }

  /// The column of what comes next, from 1.
  var column: Int {
    let blanks = rest.prefix { $0 == " " || $0 == "\t" }
    return rest.startIndex + blanks.count + 1
  }

  mutating func take(_ character: Character) -> Bool {
    skipBlanks()
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  mutating func dottedKey() -> [String] {
    var parts: [String] = []
    repeat {
      guard let part = key() else { return parts }
      parts.append(part)
    } while take(".")
    return parts
  }

  private mutating func key() -> String? {
    skipBlanks()
    guard let first = rest.first else { return nil }
    if first == "'" || first == "\"" { return quoted(first) }
    let bare = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    rest = rest.dropFirst(bare.count)
    return bare.isEmpty ? nil : String(bare)
  }

  private mutating func quoted(_ quote: Character) -> String? {
    var text = ""
    rest.removeFirst()
    while let next = rest.popFirst() {
      if next == quote { return text }
      if next == "\\", quote == "\"", let escaped = rest.popFirst() {
        text.append(escaped == "t" ? "\t" : escaped)
      } else {
        text.append(next)
      }
    }
    return nil
  }

  private mutating func skipBlanks() {
    rest = rest.drop { $0 == " " || $0 == "\t" }
  }
}
