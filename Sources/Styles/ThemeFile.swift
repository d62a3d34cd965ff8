import Canvas

/// The files of one theme, the most general first, on their way to a `Theme`.
///
/// A style names colours; the palette says what they are. Both are put together before any name is
/// looked up, so that a theme may inherit all styles and change only the palette.
struct ThemeFile {
  private typealias Entry = StyleDocument.Entry

  private var heads: [String: Entry] = [:]
  private var palette: [String: Entry] = [:]
  private var styles: [String: Entry] = [:]
  private var mono: [String: Entry] = [:]
  private var warnings: [StyleProblem] = []
  private let colours: [String: Colour]

  private static let headKeys: Set = ["title", "paper", "inherits"]
  private static let sections: Set = ["", "palette", "style", "mono"]
  /// Words of the grammar, which a palette must not take.
  private static let reserved = Set(
    Attributes.names.map(\.name) + Colour.ansiNames + ["on", "plain", "default"])

  /// Puts the documents together.
  init(_ documents: [StyleDocument]) {
    for document in documents {
      warnings += document.warnings
      for section in document.sections.keys.sorted() where !ThemeFile.sections.contains(section) {
        let first = document.sections[section]?.first
        warnings.append(
          StyleProblem(
            file: document.file, line: first?.line ?? 0,
            message: "no section is called '\(Sanitiser.line(section, columns: 40))'"
              + ThemeFile.meant(section, ThemeFile.sections)))
      }
      for entry in document.sections[""] ?? [] { heads[entry.key] = entry }
      for entry in document.sections["palette"] ?? [] { palette[entry.key] = entry }
      for entry in document.sections["style"] ?? [] { styles[entry.key] = entry }
      for entry in document.sections["mono"] ?? [] { mono[entry.key] = entry }
    }
    var colours: [String: Colour] = [:]
    for entry in ThemeFile.sorted(palette) {
      if ThemeFile.reserved.contains(entry.key) {
        warnings.append(entry.problem("'\(entry.key)' has a meaning and cannot name a colour"))
      } else if let colour = ThemeFile.colour(defining: entry.text) {
        colours[entry.key] = colour
      } else {
        warnings.append(entry.problem(ThemeFile.noColour(entry.text, names: [])))
      }
    }
    self.colours = colours
  }

  /// The theme, with all that was left out as warnings.
  func theme(named name: String) -> Styled<Theme> {
    var warnings = warnings
    for entry in ThemeFile.sorted(heads) where !ThemeFile.headKeys.contains(entry.key) {
      warnings.append(
        entry.problem(
          "no setting is called '\(Sanitiser.line(entry.key, columns: 40))'"
            + ThemeFile.meant(entry.key, ThemeFile.headKeys)))
    }
    let paper = heads["paper"].flatMap { Theme.Paper(rawValue: $0.text) }
    if let entry = heads["paper"], paper == nil {
      warnings.append(entry.problem("paper is 'dark' or 'light'"))
    }
    let looks = resolved(styles, &warnings, look)
    let attributes = resolved(mono, &warnings, plain)
    let theme = Theme(
      name: name, title: Sanitiser.line(heads["title"]?.text ?? name, columns: 60),
      paper: paper ?? .dark, looks: looks, mono: attributes)
    return Styled(value: theme, warnings: warnings)
  }

  /// Reads the values of a section, leaving out tokens and texts that say nothing.
  private func resolved<Value>(
    _ section: [String: Entry], _ warnings: inout [StyleProblem],
    _ read: (String) throws(Refusal) -> Value
  ) -> [String: Value] {
    var result: [String: Value] = [:]
    for entry in ThemeFile.sorted(section) {
      guard ThemeFile.isToken(entry.key) else {
        warnings.append(
          entry.problem(
            "no role is called '\(Sanitiser.line(entry.key, columns: 40))'"
              + ThemeFile.meant(entry.key, ThemeFile.tokens)))
        continue
      }
      do {
        result[entry.key] = try read(entry.text)
      } catch {
        warnings.append(entry.problem(error.message))
      }
    }
    return result
  }

  private struct Refusal: Error { let message: String }

  /// Reads `[COLOUR] [on COLOUR] [ATTRIBUTE...]`.
  private func look(_ text: String) throws(Refusal) -> Look {
    var look = Look()
    var words = text.split(separator: " ").map(String.init)[...]
    if let first = words.first, first != "on", ThemeFile.attribute(first) == nil {
      look.foreground = try colour(first)
      words.removeFirst()
    }
    if words.first == "on" {
      words.removeFirst()
      guard let name = words.popFirst() else { throw Refusal(message: "a colour must follow 'on'") }
      look.background = try colour(name)
    }
    look.attributes = try ThemeFile.attributes(words)
    return look
  }

  private func plain(_ text: String) throws(Refusal) -> Attributes {
    try ThemeFile.attributes(text.split(separator: " ").map(String.init)[...])
  }

  private func colour(_ name: String) throws(Refusal) -> Colour {
    if let colour = colours[name] ?? ThemeFile.colour(defining: name) { return colour }
    throw Refusal(message: ThemeFile.noColour(name, names: colours.keys.sorted()))
  }

  private static func attributes(_ words: ArraySlice<String>) throws(Refusal) -> Attributes {
    var attributes: Attributes = []
    for word in words where word != "plain" {
      guard let value = attribute(word) else {
        let shown = Sanitiser.line(word, columns: 40)
        throw Refusal(
          message: "no attribute is called '\(shown)'" + meant(word, Attributes.names.map(\.name)))
      }
      attributes.insert(value)
    }
    return attributes
  }

  private static func attribute(_ word: String) -> Attributes? {
    word == "plain" ? [] : Attributes.names.first { $0.name == word }?.value
  }

  /// Reads `default`, one of the sixteen names, or `#rrggbb [INDEX] [NAME]`.
  private static func colour(defining text: String) -> Colour? {
    let words = text.split(separator: " ").map(String.init)
    guard let first = words.first, words.count <= 3 else { return nil }
    if words.count == 1 {
      if first == "default" { return .terminal }
      if let index = Colour.ansiNames.firstIndex(of: first) { return .ansi(UInt8(index)) }
    }
    var palette: UInt8?
    var ansi: UInt8?
    for word in words.dropFirst() {
      if let index = UInt8(word), palette == nil, ansi == nil {
        palette = index
      } else if let index = Colour.ansiNames.firstIndex(of: word), ansi == nil {
        ansi = UInt8(index)
      } else {
        return nil
      }
    }
    return Shade(hex: first, palette: palette, ansi: ansi).map(Colour.shade)
  }

  private static func noColour(_ text: String, names: [String]) -> String {
    "'\(Sanitiser.line(text, columns: 40))' is not a colour"
      + meant(text, names + Colour.ansiNames + ["default"])
  }

  private static func meant(_ word: String, _ names: some Sequence<String>) -> String {
    Spelling.nearest(to: word, among: names.filter { !$0.isEmpty }).map {
      " (did you mean '\($0)'?)"
    } ?? ""
  }

  /// Whether a token is a role or the beginning of one.
  private static func isToken(_ token: String) -> Bool {
    tokens.contains { $0 == token || $0.hasPrefix(token + ".") }
  }

  private static let tokens = Role.allCases.map(\.token)

  private static func sorted(_ entries: [String: Entry]) -> [Entry] {
    entries.values.sorted { ($0.file, $0.line, $0.key) < ($1.file, $1.line, $1.key) }
  }
}
