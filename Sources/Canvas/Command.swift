/// One thing the program can be told: the row of the one table that keys, the `:` line, help,
/// completion and the manual are made from.
public struct CommandSpec: Hashable, Sendable {
  /// The name as typed on the `:` line, small letters and dashes.
  public let name: String
  /// What it does, in one short line for help and the manual.
  public let summary: String
  /// What may follow the name, as shown in help: `[SCREEN]`; empty when nothing may.
  public let arguments: String
  /// Where it works; empty means everywhere.
  public let contexts: [String]

  /// Makes a row of the table.
  public init(name: String, summary: String, arguments: String = "", contexts: [String] = []) {
    self.name = name
    self.summary = summary
    self.arguments = arguments
    self.contexts = contexts
  }
}

/// A command as it was called: its name and its arguments.
public struct Invocation: Hashable, Sendable {
  /// The most words one call may have.
  public static let wordLimit = 32

  /// The name of the command.
  public let name: String
  /// What followed, word by word.
  public let arguments: [String]

  /// Makes a call.
  public init(_ name: String, _ arguments: [String] = []) {
    self.name = name
    self.arguments = arguments
  }

  /// Reads a line as typed after `:`; `nil` when there is no word in it.
  ///
  /// Words are parted by spaces; between double quotes a space is a letter, and a quote that is not
  /// closed ends with the line. Words beyond `wordLimit` are left out.
  public init?(line: String) {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line {
      switch character {
      case "\"":
        isQuoted.toggle()
        word = word ?? ""
      case " ", "\t":
        guard isQuoted else {
          if let finished = word { words.append(finished) }
          word = nil
          continue
        }
        word = (word ?? "") + String(character)
      default: word = (word ?? "") + String(character)
      }
    }
    if let finished = word { words.append(finished) }
    guard let name = words.first, !name.isEmpty else { return nil }
    self.init(name, Array(words.dropFirst().prefix(Invocation.wordLimit - 1)))
  }

  /// The call as it would be typed after `:`.
  public var line: String {
    ([name] + arguments.map { $0.contains(" ") || $0.isEmpty ? "\"\($0)\"" : $0 })
      .joined(separator: " ")
  }
}

/// Names that are nearly right.
public enum Spelling {
  /// The known name that was probably meant: at most a third of its letters wrong, swaps counting
  /// once.
  /// - Complexity: O(names × length²); lengths above 40 are not compared.
  public static func nearest(to word: String, among names: some Sequence<String>) -> String? {
    var best: (name: String, distance: Int)?
    for name in names.sorted() where name.count <= 40 && word.count <= 40 {
      let distance = distance(Array(word), Array(name))
      guard distance <= max(1, max(name.count, word.count) / 3) else { continue }
      if distance < best?.distance ?? Int.max { best = (name, distance) }
    }
    return best?.name
  }

  /// The number of insertions, deletions, changes and swaps of neighbours between two words.
  static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var earlier: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, earlier[j - 1] + 1) }
        row.append(best)
      }
      (earlier, last) = (last, row)
    }
    return last[b.count]
  }
}
