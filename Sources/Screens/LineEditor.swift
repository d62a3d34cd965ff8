internal import Canvas

/// One line of text being typed, with its history.
struct LineEditor: Hashable, Sendable {
  /// The most characters a line may have.
  static let limit = 1_024
  /// The most lines that are remembered.
  static let historyLimit = 200

  /// The characters so far.
  private(set) var characters: [Character]
  /// How many characters stand before the cursor.
  private(set) var cursor: Int
  /// Earlier lines, the newest last.
  let history: [String]
  private var place: Int
  private var draft = ""

  /// Starts with a text, the cursor at its end.
  init(_ text: String = "", history: [String] = []) {
    characters = Array(text.prefix(LineEditor.limit))
    cursor = characters.count
    self.history = history
    place = history.count
  }

  /// The line.
  var text: String { String(characters) }
  /// What stands before the cursor.
  var before: String { String(characters[..<cursor]) }

  /// Types text at the cursor; what has no room is left out.
  mutating func insert(_ text: String) {
    let added = text.prefix(LineEditor.limit - characters.count)
    characters.insert(contentsOf: added, at: cursor)
    // A combining mark joins the character before it, so the line may have grown by less.
    let whole = Array(String(characters))
    cursor = min(whole.count, max(0, cursor + added.count - (characters.count - whole.count)))
    characters = whole
  }

  /// Puts another line there, the cursor at its end.
  mutating func replace(with text: String) {
    characters = Array(text.prefix(LineEditor.limit))
    cursor = characters.count
  }

  /// Does an editing command; false where it is none.
  mutating func perform(_ command: String) -> Bool {
    switch command {
    case "cursor-left": cursor = max(0, cursor - 1)
    case "cursor-right": cursor = min(characters.count, cursor + 1)
    case "cursor-start": cursor = 0
    case "cursor-end": cursor = characters.count
    case "delete-before": remove(from: cursor - 1)
    case "delete-after":
      if cursor < characters.count { characters.remove(at: cursor) }
    case "delete-word": remove(from: wordStart)
    case "delete-line": remove(from: 0)
    case "history-previous": recall(place - 1)
    case "history-next": recall(place + 1)
    default: return false
    }
    return true
  }

  private var wordStart: Int {
    var start = cursor
    while start > 0, characters[start - 1] == " " { start -= 1 }
    while start > 0, characters[start - 1] != " " { start -= 1 }
    return start
  }

  private mutating func remove(from start: Int) {
    guard start >= 0, start < cursor else { return }
    characters.removeSubrange(start..<cursor)
    cursor = start
  }

  private mutating func recall(_ number: Int) {
    guard (0...history.count).contains(number), number != place else { return }
    if place == history.count { draft = text }
    place = number
    replace(with: number == history.count ? draft : history[number])
  }
}
