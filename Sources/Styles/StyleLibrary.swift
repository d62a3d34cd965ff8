public import Canvas
import Glibc

/// The theme or keymap files along a list of directories; the first that has a name wins.
public struct StyleLibrary: Sendable {
  /// The most bytes one file may have.
  public static let sizeLimit = 256 * 1024
  /// The most files one may inherit from in a row.
  public static let depthLimit = 8

  /// Where files are looked for, in this order.
  public let directories: [String]

  /// Makes a library over directories that need not exist.
  public init(directories: [String]) { self.directories = directories }

  /// Reads a theme by its name, or by its path when the name has a slash in it.
  ///
  /// - Throws: A problem when the file or one it inherits from cannot be read or is no TOML.
  public func theme(named name: String) throws(StyleProblem) -> Styled<Theme> {
    ThemeFile(try chain(from: name)).theme(named: StyleLibrary.stem(name))
  }

  /// Reads a keymap by its name, or by its path when the name has a slash in it.
  ///
  /// `commands` and `contexts` are the names that exist; others are warned about and left out.
  /// - Throws: A problem when a file cannot be read or is no TOML, or when nothing calls one of
  ///   `Keymap.required`.
  public func keymap(
    named name: String, commands: Set<String>, contexts: Set<String>
  ) throws(StyleProblem) -> Styled<Keymap> {
    try KeymapFile(try chain(from: name)).keymap(
      named: StyleLibrary.stem(name), commands: commands, contexts: contexts)
  }

  /// The names of the files in all directories, sorted, each once.
  public func names() -> [String] {
    Set(directories.flatMap(StyleLibrary.entries)).sorted()
  }

  /// The file and what it inherits from, the file itself last.
  private func chain(from name: String) throws(StyleProblem) -> [StyleDocument] {
    var documents: [StyleDocument] = []
    var seen: [String] = []
    var wanted: (name: String, asker: StyleDocument.Entry?)? = (name, nil)
    while let (name, asker) = wanted {
      let path = try path(of: name, asker: asker)
      if seen.contains(path) || seen.count == StyleLibrary.depthLimit {
        let reason = seen.contains(path) ? "inherits from itself" : "inherits too deeply"
        throw asker?.problem("'\(StyleLibrary.stem(name))' \(reason)")
          ?? StyleProblem(file: path, message: reason)
      }
      seen.append(path)
      let document = try StyleDocument(text: try StyleLibrary.read(path), file: path)
      documents.insert(document, at: 0)
      wanted = document.entry("inherits", in: "").map { ($0.text, $0) }
    }
    return documents
  }

  /// The file of a name.
  private func path(of name: String, asker: StyleDocument.Entry?) throws(StyleProblem) -> String {
    if asker == nil, name.contains("/") { return name }
    let shown = Sanitiser.line(name, columns: 60)
    guard StyleLibrary.isName(name) else {
      let message = "'\(shown)' is not a name: letters, digits, '-' and '_' only"
      throw asker?.problem(message) ?? StyleProblem(file: shown, message: message)
    }
    for directory in directories {
      let path = "\(directory)/\(name).toml"
      if access(path, F_OK) == 0 { return path }
    }
    let meant = Spelling.nearest(to: name, among: names())
    let message =
      "there is no file '\(shown).toml' in \(directories.joined(separator: ", "))"
      + (meant.map { " (did you mean '\($0)'?)" } ?? "")
    throw asker?.problem(message) ?? StyleProblem(file: shown, message: message)
  }

  /// A name that cannot lead out of a directory.
  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private static func stem(_ name: String) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return last.hasSuffix(".toml") ? String(last.dropLast(5)) : last
  }

  private static func entries(of directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while found.count < 1_000, let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".toml"), isName(String(name.dropLast(5))) {
        found.append(String(name.dropLast(5)))
      }
    }
    return found
  }

  /// The text of a regular file within the bound.
  static func read(_ path: String) throws(StyleProblem) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw StyleProblem(file: path, message: "cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw StyleProblem(file: path, message: "is not a file")
    }
    var bytes = [UInt8](repeating: 0, count: sizeLimit + 1)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      count += got
    }
    guard count <= sizeLimit else {
      throw StyleProblem(file: path, message: "is larger than \(sizeLimit / 1024) KiB")
    }
    guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
      throw StyleProblem(file: path, message: "is not UTF-8")
    }
    return text
  }
}
