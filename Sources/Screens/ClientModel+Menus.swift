internal import Canvas
internal import Ledger

/// A small list in which a letter chooses.
enum Menu: Equatable, Sendable {
  /// What positions are sorted by.
  case sort
  /// Which columns positions have; what they had before.
  case columns(before: PositionColumns)
  /// Under which letter a place is remembered.
  case place
  /// Which place is gone to.
  case jump
  /// Under which letter keys are recorded.
  case record
  /// Which keys are pressed again, and how often.
  case play(times: Int)
  /// Which layout of panes is used.
  case layout

  /// What is asked.
  var title: String {
    switch self {
    case .sort: "Sort by"
    case .columns: "Columns"
    case .place: "Remember this place under a letter"
    case .jump: "Places"
    case .record: "Record keys under a letter"
    case .play: "Recorded keys"
    case .layout: "Layouts"
    }
  }

  /// What the keys do.
  var keys: String {
    switch self {
    case .sort: "a letter or Enter sorts; again the other way round   Esc closes"
    case .columns: "space show/hide   < > move   r as it came   Enter keep   Esc undo"
    case .place: "the letter that is to stand for this place   Esc closes"
    case .jump: "a letter or Enter goes there   Esc closes"
    case .record: "the letter that is to stand for the keys   Esc closes"
    case .play: "a letter or Enter presses them again   Esc closes"
    case .layout: "a letter or Enter uses it   :layout save NAME keeps this one   Esc closes"
    }
  }

  /// The command that takes any letter; `nil` where only those in the list mean something.
  var command: String? {
    switch self {
    case .sort, .columns, .layout: nil
    case .place: "place"
    case .jump: "jump"
    case .record: "record"
    case .play: "play"
    }
  }

  /// The count that was typed before.
  var count: Int? { if case .play(let times) = self { times } else { nil } }

  /// A letter for each word: one of its own where it can be, and none that moves or resets.
  static func letters(for words: [String]) -> [Character] {
    var taken: Set<Character> = ["j", "k", "r"]
    return words.map { word in
      let letters = word.lowercased().filter { $0.isASCII && $0.isLetter }
      let free = (letters + "abcdefghilmnopqstuvwxyz123456789").first { !taken.contains($0) }
      if let free { taken.insert(free) }
      return free ?? "0"
    }
  }
}

extension ClientModel {
  /// Asks what to sort by; the cursor starts on the column that the keys work on.
  mutating func openSortMenu() {
    openMenu(.sort, sortChoices)
    let index = PositionColumn.allCases.firstIndex(of: column) ?? 0
    prompt?.choices?.cursor.index = index
  }

  /// Asks which columns there are to be.
  mutating func openColumnMenu() {
    openMenu(.columns(before: columns), columnChoices(columns))
  }

  mutating func openMenu(_ menu: Menu, _ choices: [Choice]) {
    prompt = Prompt(use: .menu(menu), editor: LineEditor())
    prompt?.choices = Choices(choices)
    draw()
  }

  private var sortChoices: [Choice] {
    let letters = Menu.letters(for: PositionColumn.allCases.map(\.rawValue))
    return zip(PositionColumn.allCases, letters).map { column, letter in
      var choice = Choice(.column(column), column.rawValue)
      choice.letter = letter
      if column == list.sorting.column {
        choice.isOn = true
        choice.note = list.sorting.isDescending ? "now, downwards" : "now, upwards"
      }
      return choice
    }
  }

  /// All columns as they stand, with what becomes of each on this screen.
  private func columnChoices(_ columns: PositionColumns) -> [Choice] {
    let fitting = Set(shownColumns.map(\.column))
    let all = columns.isChosen ? columns : PositionColumns(showing: shownColumns.map(\.column))
    // A column keeps its letter wherever it stands.
    let cases = PositionColumn.allCases
    let letters = Dictionary(
      zip(cases, Menu.letters(for: cases.map(\.rawValue))), uniquingKeysWith: { first, _ in first })
    return all.all.map { column in
      var choice = Choice(.column(column), column.rawValue)
      choice.letter = letters[column]
      choice.isOn = all.shows(column)
      choice.note = !all.shows(column) ? "hidden" : fitting.contains(column) ? "" : "no room here"
      return choice
    }
  }

  /// Does what a typed letter stands for.
  mutating func typeIntoMenu(_ menu: Menu, _ text: String) {
    for character in text.prefix(20) {
      guard case .menu? = prompt?.use else { return }
      if let command = menu.command {
        prompt = nil
        return run(Invocation(command, [String(character)]), count: menu.count, isSingleKey: false)
      }
      switch character {
      case "j": prompt?.choices?.move(by: 1)
      case "k": prompt?.choices?.move(by: -1)
      default: press(character, in: menu)
      }
    }
  }

  private mutating func press(_ letter: Character, in menu: Menu) {
    if case .columns = menu {
      switch letter {
      case " ": return toggleColumn()
      case "<": return moveChosenColumn(by: -1)
      case ">": return moveChosenColumn(by: 1)
      case "r": return chooseColumns(PositionColumns(), at: nil)
      default: break
      }
    }
    guard prompt?.choices?.select(letter: letter) == true else { return perform(.bell) }
    switch menu {
    case .sort, .layout: acceptMenu(menu)
    case .columns: toggleColumn()
    case .place, .jump, .record, .play: break
    }
  }

  /// Takes a whole line for an answer to what is to be chosen.
  ///
  /// A letter chooses in a menu, an empty line what the cursor is on. Any other line closes the list
  /// and is a command; false for that.
  mutating func answer(_ line: String) -> Bool {
    guard let open = prompt, open.choices != nil else { return false }
    if line.isEmpty {
      runInPrompt("accept")
      return true
    }
    if case .menu = open.use, line.count == 1 {
      type(line)
      return true
    }
    runInPrompt("cancel")
    return false
  }

  /// Does a command of the keymap in a menu, where it means something there.
  mutating func runInMenu(_ menu: Menu, _ name: String) {
    guard case .columns = menu else { return }
    switch name {
    case "cursor-left": moveChosenColumn(by: -1)
    case "cursor-right": moveChosenColumn(by: 1)
    case "delete-line": chooseColumns(PositionColumns(), at: nil)
    default: break
    }
  }

  mutating func acceptMenu(_ menu: Menu) {
    let choice = prompt?.choices?.selected
    switch menu {
    case .sort:
      guard case .column(let column)? = choice?.goal else { return perform(.bell) }
      prompt = nil
      sort(by: column)
    case .columns: prompt = nil
    case .layout:
      guard case .layout(let name)? = choice?.goal else { return perform(.bell) }
      prompt = nil
      run(Invocation("layout", [name]), count: nil, isSingleKey: false)
    case .place, .jump, .record, .play:
      guard let command = menu.command, case .letter(let letter)? = choice?.goal else {
        return perform(.bell)
      }
      prompt = nil
      run(Invocation(command, [String(letter)]), count: menu.count, isSingleKey: false)
    }
  }

  mutating func cancelMenu(_ menu: Menu) {
    if case .columns(let before) = menu { columns = before }
    draw()
  }

  private mutating func toggleColumn() {
    guard let column = selectedColumn else { return perform(.bell) }
    var new = editedColumns
    guard new.toggle(column) else {
      prompt?.fault = "the asset always shows: a row says nothing without it"
      return perform(.bell)
    }
    chooseColumns(new, at: column)
  }

  private mutating func moveChosenColumn(by step: Int) {
    guard let column = selectedColumn else { return perform(.bell) }
    var new = editedColumns
    guard new.move(column, by: step) else { return perform(.bell) }
    chooseColumns(new, at: column)
  }

  private var selectedColumn: PositionColumn? {
    if case .column(let column)? = prompt?.choices?.selected?.goal { column } else { nil }
  }

  /// What is changed: the choice there is, or what shows now.
  private var editedColumns: PositionColumns {
    columns.isChosen ? columns : PositionColumns(showing: shownColumns.map(\.column))
  }

  /// Takes a choice over at once, so that it can be seen; the cursor stays on its column.
  private mutating func chooseColumns(_ new: PositionColumns, at column: PositionColumn?) {
    columns = new
    prompt?.fault = ""
    var choices = Choices(columnChoices(new))
    let wanted = column ?? selectedColumn
    choices.cursor = prompt?.choices?.cursor ?? ListCursor()
    if let wanted, let index = choices.firstIndex(of: .column(wanted)) {
      choices.cursor.index = index
    }
    prompt?.choices = choices
    draw()
  }

  /// `columns`, `columns asset value price`, `columns reset`.
  mutating func chooseColumns(_ words: [String]) {
    if words.isEmpty { return openColumnMenu() }
    if words == ["reset"] {
      columns = PositionColumns()
    } else if let new = PositionColumns(words: words) {
      columns = new
    } else {
      let bad = words.first { PositionColumn.named($0) == nil }
      let fault =
        bad.map { "there is no column '\($0.prefix(20))'" } ?? "a column stands there twice"
      return say(.error, "columns: \(fault)")
    }
    say(
      .info,
      columns.isChosen
        ? "Columns: \(columns.words.joined(separator: " "))" : "Columns as they came.")
  }
}
