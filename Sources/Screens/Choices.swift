internal import Canvas
internal import Ledger

/// Where a choice leads.
enum Goal: Hashable, Sendable {
  /// A screen, by the word that `screen` takes.
  case screen(String)
  case asset(AssetID)
  /// An account, by its slug.
  case account(String)
  /// An alert, by its number.
  case alert(Int64)
  /// A command, by its name.
  case command(String)
  case column(PositionColumn)
  /// What lies under a letter.
  case letter(Character)
  /// A layout of panes, by its name.
  case layout(String)
}

/// One line of a list to choose from.
struct Choice: Sendable {
  let goal: Goal
  /// What it is called, and what a search looks at first.
  let name: String
  /// What kind of thing it is, in a word.
  var kind = ""
  /// What stands behind it.
  var note = ""
  /// Why it cannot be chosen now; empty where it can.
  var reason = ""
  /// The letter that chooses it, in a menu.
  var letter: Character?
  /// Whether it is what holds, in a menu; `nil` where that is no question.
  var isOn: Bool?
  fileprivate let search: FuzzyText
  /// What is searched by the beginnings of its words where the name does not fit.
  fileprivate let more: FuzzyText

  init(_ goal: Goal, _ name: String, kind: String = "", note: String = "", more: String = "") {
    self.goal = goal
    self.name = Sanitiser.line(name.shortened(to: 120))
    self.kind = kind
    self.note = note
    search = FuzzyText(self.name)
    self.more = FuzzyText(more)
  }

  /// The letters of the name that were looked for, by the number of their scalar.
  func places(of pattern: FuzzyPattern) -> Set<Int> { pattern.places(in: search) }
}

/// A list to choose from while a line is typed: what fits, the best first, and a cursor in it.
struct Choices: Sendable {
  /// All there is, what matters most first.
  private var all: [Choice]
  /// The numbers of those that fit.
  private var hits: [Int]
  /// What is looked for.
  private(set) var text = ""
  var cursor = ListCursor()

  init(_ all: [Choice]) {
    self.all = all
    hits = Array(all.indices)
  }

  /// How many fit.
  var count: Int { hits.count }
  /// How many there are.
  var total: Int { all.count }

  /// One that fits, by its row.
  subscript(row: Int) -> Choice? { hits.indices.contains(row) ? all[hits[row]] : nil }

  /// The one under the cursor.
  var selected: Choice? { self[cursor.index] }

  /// Shows only what fits a text, the best first; equal ones by length, then as they were given.
  mutating func search(_ text: String) {
    let pattern = FuzzyPattern(text)
    // More letters only make it fewer.
    let old = text.hasPrefix(self.text) ? hits : Array(all.indices)
    self.text = text
    cursor = ListCursor()
    guard !pattern.isEmpty else {
      hits = Array(all.indices)
      return
    }
    let scored = old.compactMap { index -> (index: Int, score: Int, length: Int)? in
      let choice = all[index]
      if let score = pattern.score(choice.search) { return (index, score, choice.search.count) }
      return pattern.begins(wordsOf: choice.more) ? (index, 0, choice.search.count) : nil
    }
    hits = scored.sorted { a, b in
      if a.score != b.score { return a.score > b.score }
      return (a.length, a.index) < (b.length, b.index)
    }.map(\.index)
  }

  /// Moves the cursor, at the ends to the other one.
  mutating func move(by step: Int) {
    guard !hits.isEmpty else { return }
    cursor.index = (cursor.index + step + hits.count) % hits.count
  }

  /// Puts the cursor on the one with a letter; false where none has it.
  mutating func select(letter: Character) -> Bool {
    guard let row = hits.firstIndex(where: { all[$0].letter == letter }) else { return false }
    cursor.index = row
    return true
  }

  /// The row of what leads somewhere.
  func firstIndex(of goal: Goal) -> Int? { hits.firstIndex { all[$0].goal == goal } }

  /// Draws the window to the cursor.
  mutating func settle(height: Int) { cursor.settle(count: count, height: height) }
}
