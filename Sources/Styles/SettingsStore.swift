internal import Canvas
import Glibc

/// The user's settings file: read as far as it can be, written without losing a line.
public struct SettingsStore: Sendable {
  /// One `key = value` and where it stands.
  public struct Entry: Hashable, Sendable {
    /// The section, a dot and the key; the key alone before any section.
    public let name: String
    /// The value as text.
    public let text: String
    /// `file:line:column`.
    public let place: String
  }

  /// What is to stand in the file.
  public struct Change: Hashable, Sendable {
    let name: String
    let text: String?
    let isBare: Bool
    let isAdded: Bool

    /// Makes a change.
    ///
    /// - Parameters:
    ///   - name: The section, a dot and the key, or the key alone.
    ///   - text: The value; `nil` takes the line away.
    ///   - isBare: Whether it is written without quotes, as numbers are.
    ///   - isAdded: Whether it is written where it does not stand yet.
    public init(name: String, text: String?, isBare: Bool, isAdded: Bool) {
      self.name = name
      self.text = text
      self.isBare = isBare
      self.isAdded = isAdded
    }

    fileprivate var path: (section: String, key: String) {
      guard let dot = name.firstIndex(of: ".") else { return ("", name) }
      return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
  }

  /// The most lines that are left out of a file because they are no TOML.
  private static let faultLimit = 20
  private static let head =
    "# Settings of Coffer, see coffer-settings(5). :save-settings changes what it knows and keeps\n"
    + "# every other line.\n"

  /// The file's path.
  public let path: String

  /// Makes a store of a file that need not exist.
  public init(path: String) { self.path = path }

  /// Whether there is a file.
  public var isThere: Bool { access(path, F_OK) == 0 }

  /// Reads what the file says; lines that are no TOML are left out and told.
  ///
  /// - Returns: The entries in the order of the file, and what is wrong with it.
  public func read() -> (entries: [Entry], problems: [StyleProblem]) {
    guard isThere else { return ([], []) }
    var problems: [StyleProblem] = []
    do {
      var lines = try StyleLibrary.read(path)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      while true {
        do {
          let document = try StyleDocument(
            text: lines.joined(separator: "\n"), file: path, takesNumbers: true)
          return (SettingsStore.entries(of: document), problems + document.warnings)
        } catch {
          problems.append(error)
          let isLine = lines.indices.contains(error.line - 1) && !lines[error.line - 1].isEmpty
          guard isLine, problems.count <= SettingsStore.faultLimit else { return ([], problems) }
          lines[error.line - 1] = ""
        }
      }
    } catch { return ([], problems + [error]) }
  }

  private static func entries(of document: StyleDocument) -> [Entry] {
    document.sections.sorted { $0.key < $1.key }.flatMap { section, entries in
      entries.map { entry in
        Entry(
          name: section.isEmpty ? entry.key : "\(section).\(entry.key)", text: entry.text,
          place: entry.line > 0 ? "\(entry.file):\(entry.line):\(entry.column)" : entry.file)
      }
    }
  }

  // MARK: Writing

  /// Makes changes and keeps everything else; the file is whole at any moment.
  ///
  /// - Returns: The names of the settings that stand otherwise now.
  /// - Throws: A problem with its place; the file is then as it was.
  public func write(_ changes: [Change]) throws(StyleProblem) -> [String] {
    let old = isThere ? try StyleLibrary.read(path) : ""
    let before = try document(old)
    var text = SettingsText(old.isEmpty ? SettingsStore.head : old, file: path)
    var changed: [String] = []
    for change in changes where stands(change, in: before) {
      let (section, key) = change.path
      let value = change.text.map { change.isBare ? $0 : SettingsText.quoted($0) }
      let made = try text.make(
        .init(section: section, key: key, value: value, isAdded: change.isAdded))
      if made { changed.append(change.name) }
    }
    guard !changed.isEmpty else { return [] }
    try check(text.text, before, changes, Set(changed))
    try replace(with: text.text)
    return changed
  }

  /// Whether a change would change anything of what the file says.
  private func stands(_ change: Change, in document: StyleDocument) -> Bool {
    let (section, key) = change.path
    return document.entry(key, in: section).map { $0.text != change.text } ?? true
  }

  private func document(_ text: String) throws(StyleProblem) -> StyleDocument {
    do {
      return try StyleDocument(text: text, file: path, takesNumbers: true)
    } catch {
      throw StyleProblem(
        file: path, line: error.line, column: error.column,
        message: "nothing is written until this is mended: \(error.message)")
    }
  }

  /// Reads what is to be written, and holds it against what was there.
  private func check(
    _ text: String, _ before: StyleDocument, _ changes: [Change], _ changed: Set<String>
  ) throws(StyleProblem) {
    let after = try document(text)
    var wanted: [String: String] = [:]
    for entry in SettingsStore.entries(of: before) { wanted[entry.name] = entry.text }
    for change in changes where changed.contains(change.name) { wanted[change.name] = change.text }
    var found: [String: String] = [:]
    for entry in SettingsStore.entries(of: after) { found[entry.name] = entry.text }
    guard found == wanted, text.utf8.count <= StyleLibrary.sizeLimit else {
      let name = wanted.keys.sorted().first { wanted[$0] != found[$0] } ?? ""
      throw StyleProblem(
        file: path, message: "'\(Sanitiser.line(name, columns: 40))' has to be changed by hand")
    }
  }

  /// Puts a new file in the place of the old one, wherever a link leads.
  private func replace(with text: String) throws(StyleProblem) {
    let target = SettingsStore.resolved(path)
    try makeFolders(of: target)
    var template = Array("\(target).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw failure() }
    let temporary = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let isWritten = SettingsStore.write(Array(text.utf8), to: descriptor) && fsync(descriptor) == 0
    let fault = errno
    close(descriptor)
    guard isWritten, rename(temporary, target) == 0 else {
      let problem = failure(isWritten ? errno : fault)
      unlink(temporary)
      throw problem
    }
  }

  private static func resolved(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
  }

  private func makeFolders(of target: String) throws(StyleProblem) {
    let parts = target.split(separator: "/").dropLast()
    for count in parts.indices.map({ $0 + 1 }) {
      let folder = "/" + parts.prefix(count).joined(separator: "/")
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST || access(folder, F_OK) == 0 else {
        throw failure()
      }
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private func failure(_ number: Int32 = errno) -> StyleProblem {
    StyleProblem(file: path, message: "cannot be written: \(String(cString: strerror(number)))")
  }
}
