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
      switch SourceLine(line) {
      case .header(let path): section = path
      case .entry(let key, let column):
        let path = section + key
        let name = Name(
          section: path.count > 1 ? path[0] : "",
          key: (path.count > 1 ? Array(path.dropFirst()) : path).joined(separator: "."))
        if places[name] == nil { places[name] = (index + 1, column) }
      case .other: break
      }
    }
  }

  /// The place of a value; line 0 when it was not found.
  func place(of key: String, in section: String) -> (line: Int, column: Int) {
    places[Name(section: section, key: key)] ?? (0, 0)
  }
}

/// What one line of a TOML text begins with.
enum SourceLine {
  /// `[section]`.
  case header([String])
  /// `key =`, and the column of what follows, from 1.
  case entry([String], column: Int)
  /// Blank, a comment or a part of something longer.
  case other

  init(_ line: Substring) {
    var scanner = LineScanner(line)
    if scanner.take("[") {
      self = .header(scanner.dottedKey())
      return
    }
    let key = scanner.dottedKey()
    self = !key.isEmpty && scanner.take("=") ? .entry(key, column: scanner.column) : .other
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
