/// A TOML file of ours that is neither a theme nor a keymap: sections of keys with text.
public struct SettingsFile: Sendable {
  /// One `key = "text"` and where it stands.
  public struct Entry: Hashable, Sendable {
    /// The key; a key inside a table inside the section has the table's name and a dot before it.
    public let key: String
    /// The text.
    public let text: String
    /// The line; the first is 1.
    public let line: Int
    /// The column; the first is 1.
    public let column: Int
  }

  /// The file's path.
  public let file: String
  private let document: StyleDocument

  /// Reads a file of at most `StyleLibrary.sizeLimit` bytes.
  ///
  /// - Throws: A problem where it cannot be read, is no TOML, or has a value that is no text.
  public init(path: String) throws(StyleProblem) {
    file = path
    document = try StyleDocument(text: try StyleLibrary.read(path), file: path)
    if let warning = document.warnings.first { throw warning }
  }

  /// The names of the sections, sorted; entries before any header are in the section "".
  public var sections: [String] { document.sections.keys.sorted() }

  /// The entries of a section, in the order of the file.
  public func entries(of section: String) -> [Entry] {
    (document.sections[section] ?? []).map {
      Entry(key: $0.key, text: $0.text, line: $0.line, column: $0.column)
    }
  }

  /// A problem at an entry.
  public func problem(_ message: String, at entry: Entry? = nil) -> StyleProblem {
    StyleProblem(
      file: file, line: entry?.line ?? 0, column: entry?.column ?? 0, message: message)
  }
}
