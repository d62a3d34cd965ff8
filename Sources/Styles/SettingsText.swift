/// The text of a settings file, changed line by line: comments, order and unknown keys stay.
struct SettingsText {
  /// One change: a key of a section, and what is to stand there as TOML; `nil` takes the line away.
  struct Change {
    let section: String
    let key: String
    let value: String?
    /// Whether it is added where it does not stand yet.
    let isAdded: Bool
  }

  private let file: String
  private var lines: [Substring]

  init(_ text: String, file: String) {
    self.file = file
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The text as it is to be written.
  var text: String { lines.joined(separator: "\n") }

  /// Makes one change.
  ///
  /// - Returns: Whether anything is another than before.
  /// - Throws: A problem where the value is no short one on a line of its own.
  mutating func make(_ change: Change) throws(StyleProblem) -> Bool {
    if let (index, column) = place(of: change) {
      return try replace(line: index, from: column, with: change)
    }
    guard change.isAdded, let value = change.value else { return false }
    add(SettingsText.line(change.key, value), to: change.section)
    return true
  }

  /// A text as a basic string of TOML 1.0.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func line(_ key: String, _ value: String) -> Substring { "\(key) = \(value)" }

  /// The line of a key, from 0, and the column of its value, from 0.
  private func place(of change: Change) -> (line: Int, column: Int)? {
    var section: [String] = []
    let wanted = change.section.isEmpty ? [change.key] : [change.section, change.key]
    for (index, line) in lines.enumerated() {
      switch SourceLine(line) {
      case .header(let path): section = path
      case .entry(let key, let column): if section + key == wanted { return (index, column - 1) }
      case .other: break
      }
    }
    return nil
  }

  private mutating func replace(
    line index: Int, from column: Int, with change: Change
  ) throws(StyleProblem) -> Bool {
    let line = Array(lines[index])
    guard let end = SettingsText.end(of: line, from: column) else {
      throw StyleProblem(
        file: file, line: index + 1, column: column + 1,
        message:
          "the value of '\(change.key)' is not a short one on its own line: change it by hand")
    }
    guard let value = change.value else {
      lines.remove(at: index)
      return true
    }
    let before = String(line[column..<end])
    guard before != value else { return false }
    lines[index] = Substring(String(line[..<column]) + value + String(line[end...]))
    return true
  }

  /// Where a value ends; `nil` where it goes on behind the line or is a list or a table.
  private static func end(of line: [Character], from start: Int) -> Int? {
    guard start < line.count else { return nil }
    let first = line[start]
    if first == "[" || first == "{" { return nil }
    guard first == "\"" || first == "'" else {
      return line[start...].firstIndex { " \t#\r".contains($0) || $0 == "\r\n" } ?? line.count
    }
    var index = start + 1
    if index + 1 < line.count, line[index] == first, line[index + 1] == first { return nil }
    while index < line.count, line[index] != first {
      index += line[index] == "\\" && first == "\"" ? 2 : 1
    }
    return index < line.count ? index + 1 : nil
  }

  /// Adds a line at the end of its section, and the section where there is none.
  private mutating func add(_ line: Substring, to section: String) {
    var isInside = section.isEmpty
    var last: Int?
    var firstHeader: Int?
    for (index, line) in lines.enumerated() {
      switch SourceLine(line) {
      case .header(let path):
        firstHeader = firstHeader ?? index
        isInside = path == [section]
        if isInside { last = index }
      case .entry: if isInside { last = index }
      case .other: break
      }
    }
    if let last {
      lines.insert(line, at: last + 1)
    } else if section.isEmpty {
      addFirst(line, before: firstHeader)
    } else {
      trimEnd()
      lines += lines.isEmpty ? [] : [""]
      lines += ["[\(section)]", line, ""]
    }
  }

  /// Adds the first entry that stands in no section.
  private mutating func addFirst(_ line: Substring, before header: Int?) {
    guard let header else {
      trimEnd()
      lines += [line, ""]
      return
    }
    // What is said right above a header belongs to it.
    var index = header
    while index > 0, lines[index - 1].hasPrefix("#") { index -= 1 }
    lines.insert(contentsOf: [line, ""], at: index)
  }

  private mutating func trimEnd() {
    while lines.last?.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\r" }) == true {
      lines.removeLast()
    }
  }
}
