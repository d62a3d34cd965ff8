internal import Canvas
internal import Ledger
internal import Wire

extension ClientModel {
  /// Opens the `:` line, perhaps with something on it.
  mutating func openCommandLine(_ text: String = "") {
    prompt = Prompt(use: .command, editor: LineEditor(text, history: commandHistory))
    if !text.isEmpty { showCandidates() }
  }

  /// Opens the line that narrows down what shows.
  mutating func openFilter() {
    let use: Prompt.Use
    let text: String
    if let open = overlays.last {
      text = open.search
      use = .search(before: text)
    } else if screen == .ledger {
      text = ledgerFilter
      use = .ledger(before: text)
    } else if screen == .log {
      text = log.filter
      use = .log(before: text)
    } else if focus == .positions {
      text = list.filter.text
      use = .filter(before: text)
    } else if screen == .overview {
      go(to: .positions)
      text = list.filter.text
      use = .filter(before: text)
    } else {
      return
    }
    prompt = Prompt(use: use, editor: LineEditor(text, history: filterHistory))
  }

  /// Does a line that was typed without a screen, or takes it for the answer to what is asked.
  mutating func take(line: String) {
    shownMessage = nil
    draw()
    tellActive()
    if isLocked { return say(.warning, "The vault is locked. Unlock it: coffer unlock") }
    if keyForm != nil { keyForm = nil }
    if prompt?.use.isQuestion == true {
      let answer = String(line.lowercased().prefix(1))
      return type(["y", "n"].contains(answer) ? answer : "n")
    }
    if let open = prompt {
      guard case .menu = open.use else {
        // The line is what is looked for; an empty one takes what was, or leaves it.
        if !line.isEmpty { type(line) }
        let isLeft = prompt?.editor.text.isEmpty == true
        if prompt != nil { runInPrompt(isLeft ? "cancel" : "accept") }
        return
      }
      if answer(line) { return }
    }
    accept(Prompt(use: .command, editor: LineEditor(line)))
    if keyForm != nil {
      keyForm = nil
      say(.warning, "A key is typed on the full screen, or with: coffer account add")
    }
  }

  /// Asks a question before something is done.
  mutating func ask(_ question: String, _ call: Invocation) {
    prompt = Prompt(use: .confirm(question: question, call), editor: LineEditor())
  }

  /// Types text into the open line.
  mutating func type(_ text: String) {
    guard var open = prompt else { return }
    if case .confirm(_, let call) = open.use {
      if ["y", "Y"].contains(text) {
        prompt = nil
        confirmed(call)
      } else if ["n", "N", "q"].contains(text) {
        prompt = nil
      }
      return
    }
    if case .menu(let menu) = open.use { return typeIntoMenu(menu, text) }
    open.editor.insert(text)
    prompt = open
    edited()
  }

  /// Does a command of the open line.
  mutating func runInPrompt(_ name: String) {
    guard let open = prompt else {
      say(.info, "\(name) works while a line is typed.")
      return
    }
    switch name {
    case "accept": accept(open)
    case "cancel": cancel(open)
    case "complete": complete()
    case "history-previous" where open.choices != nil: prompt?.choices?.move(by: -1)
    case "history-next" where open.choices != nil: prompt?.choices?.move(by: 1)
    default:
      if case .menu(let menu) = open.use { return runInMenu(menu, name) }
      guard !open.use.isQuestion, prompt?.editor.perform(name) == true else { return }
      edited()
    }
  }

  /// Follows the line with what it does while it is typed.
  private mutating func edited() {
    guard let open = prompt else { return }
    prompt?.candidates = []
    prompt?.chosen = nil
    prompt?.fault = ""
    switch open.use {
    case .command, .confirm, .menu: break
    case .filter: filterPositions(open.editor.text)
    case .ledger:
      ledgerFilter = open.editor.text
      ledgerFilterDue = now.advanced(byMilliseconds: Timing.typing)
    case .search: search(open.editor.text)
    case .log: log.use(filter: open.editor.text)
    case .find:
      if open.editor.text != open.choices?.text { prompt?.choices?.search(open.editor.text) }
    }
  }

  private mutating func accept(_ open: Prompt) {
    let text = open.editor.text
    switch open.use {
    case .confirm(_, let call):
      prompt = nil
      confirmed(call)
    case .command:
      prompt = nil
      let call = Invocation(line: text)
      // What was given for an address may have been something that must not stay.
      if call?.name == "watch" {
        forgetRecordedLine()
      } else {
        ClientModel.remember(text, in: &commandHistory)
      }
      if let call { run(call, count: nil, isSingleKey: false) }
    case .filter:
      guard filterPositions(text) else { return perform(.bell) }
      prompt = nil
      lastSearch = text.isEmpty ? lastSearch : text
      ClientModel.remember(text, in: &filterHistory)
    case .ledger:
      prompt = nil
      ledgerFilter = text
      applyLedgerFilter()
      lastSearch = text.isEmpty ? lastSearch : text
      ClientModel.remember(text, in: &filterHistory)
    case .log:
      prompt = nil
      log.use(filter: text)
      lastSearch = text.isEmpty ? lastSearch : text
      ClientModel.remember(text, in: &filterHistory)
    case .search:
      prompt = nil
      lastSearch = text.isEmpty ? lastSearch : text
    case .find: acceptFound(open)
    case .menu(let menu): acceptMenu(menu)
    }
  }

  private mutating func cancel(_ open: Prompt) {
    prompt = nil
    switch open.use {
    case .command, .confirm, .find: break
    case .menu(let menu): cancelMenu(menu)
    case .filter(let before): filterPositions(before)
    case .ledger(let before):
      ledgerFilter = before
      applyLedgerFilter()
    case .search(let before): search(before)
    case .log(let before): log.use(filter: before)
    }
  }

  /// Narrows the positions down; the filter stays as it was where the text means nothing.
  @discardableResult
  mutating func filterPositions(_ text: String) -> Bool {
    do {
      list.filter = try PositionFilter(parsing: text)
      sortList()
      return true
    } catch {
      prompt?.fault = error.text
      return false
    }
  }

  /// Shows only the lines of the overlay that hold a text.
  private mutating func search(_ text: String) {
    guard let last = overlays.indices.last else { return }
    overlays[last].search = text
    overlays[last].cursor = ListCursor()
  }

  private static func remember(_ line: String, in history: inout [String]) {
    guard !line.isEmpty else { return }
    history.removeAll { $0 == line }
    history.append(line)
    if history.count > LineEditor.historyLimit { history.removeFirst() }
  }
}

// MARK: - Completion

extension ClientModel {
  /// The next candidate takes the place of the word at the end of the line.
  private mutating func complete() {
    guard let open = prompt else { return }
    if open.choices != nil { prompt?.choices?.move(by: 1) }
    guard open.use == .command else { return }
    if open.candidates.isEmpty { showCandidates() }
    guard let candidates = prompt?.candidates, !candidates.isEmpty else { return perform(.bell) }
    let next = prompt?.chosen.map { ($0 + 1) % candidates.count } ?? 0
    let head = Completion.head(of: open.editor.text)
    let word = candidates[next].contains(" ") ? "\"\(candidates[next])\"" : candidates[next]
    prompt?.editor.replace(with: head + word + (candidates.count == 1 ? " " : ""))
    prompt?.chosen = next
    if candidates.count == 1 { prompt?.candidates = [] }
  }

  private mutating func showCandidates() {
    guard let text = prompt?.editor.text else { return }
    let found = Array(candidates(for: text).prefix(Completion.limit))
    prompt?.candidates = found
    prompt?.chosen = nil
  }

  private func candidates(for line: String) -> [String] {
    let words = Completion.words(of: line)
    let last = words.last ?? ""
    let name = Commands.spec(named: words[0])?.name ?? words[0]
    let all =
      words.count < 2
      ? commandNames
      : name == "set" && words.count > 2
        ? settingWords(words[1], number: words.count - 3)
        : arguments(of: name, number: words.count - 2)
    return Completion.fitting(all, to: last)
  }

  private var commandNames: [String] {
    Commands.all.filter { !$0.contexts.contains("prompt") }.map(\.name).sorted()
  }

  private func arguments(of name: String, number: Int) -> [String] {
    switch (name, number) {
    case ("screen", 0): Screen.allCases.map(\.rawValue) + ["help"]
    case ("split", 0), ("vsplit", 0):
      Screen.allCases.filter { !arrangement.contains($0) }.map(\.rawValue)
    case ("layout", 0): layoutNames + ["save", "delete"]
    case ("layout", 1): layouts.keys.sorted()
    case ("period", 0): ProfitPeriod.allCases.map(\.rawValue)
    case ("group", 0): PositionGrouping.allCases.map(\.rawValue)
    case ("chart", 0): ProfitChart.allCases.map(\.rawValue)
    case ("look", 0): DrillView.allCases.map { "\($0)" }
    case ("columns", 0): ["reset"] + PositionColumn.allCases.map(\.rawValue)
    case ("sort", 0), ("columns", _): PositionColumn.allCases.map(\.rawValue)
    case ("theme", 0): offeredThemes
    case ("keymap", 0): offeredKeymaps
    case ("set", 0): Settings.all.map(\.name)
    case ("filter", _):
      ["stale", "disputed", "unpriced", "staked"] + accountSlugs.map { "account:\($0)" }
    case ("export", 1):
      ["entries", "holdings", "accounts", "imports", "refused", "prices", "links", "audit", "all"]
    case ("book", 0): accountSlugs
    case ("pause-account", 0), ("resume-account", 0), ("rekey", 0), ("disconnect", 0),
      ("requery", 0):
      followedSlugs
    case ("watch", 1): ["bitcoin", "ethereum"]
    case ("book", 1): Set(board?.accounts.map(\.book.name) ?? []).sorted()
    case ("price", 0), ("link", _): assetNames
    case ("price", 2), ("currency", 0): ["USD", "EUR", "GBP", "CHF", "JPY", "BTC"]
    default: []
    }
  }

  /// What may follow `set NAME`.
  private func settingWords(_ name: String, number: Int) -> [String] {
    switch (name, number) {
    case ("theme", 0): offeredThemes
    case ("keymap", 0): offeredKeymaps
    case ("layout", 0): ["none"] + layoutNames
    case ("positions.columns", 0): ["auto"] + PositionColumn.allCases.map(\.rawValue)
    case ("positions.columns", _), ("positions.sort", 0): PositionColumn.allCases.map(\.rawValue)
    case ("positions.sort", 1): ["up", "down"]
    default: number == 0 ? Settings.named(name)?.words ?? [] : []
    }
  }

  private var followedSlugs: [String] {
    connections.rows.indices.map { connections.text($0, "account") }
  }

  private var accountSlugs: [String] { board?.accounts.map(\.id.slug) ?? [] }

  private var assetNames: [String] {
    guard let board else { return [] }
    let rows = board.usedSlots.compactMap { board.row($0) }
    let isAlone = Dictionary(grouping: rows, by: \.sortName).mapValues { $0.count == 1 }
    return rows.map { isAlone[$0.sortName] == true ? $0.ticker : $0.text }.sorted()
  }
}

/// Words of a line, for completion.
enum Completion {
  /// The most candidates kept.
  static let limit = 200

  /// The words of a line; an empty one at the end where a new word begins.
  static func words(of line: String) -> [String] {
    let words = line.split(separator: " ").map(String.init)
    return line.hasSuffix(" ") || line.isEmpty ? words + [""] : words
  }

  /// The line without its last word.
  static func head(of line: String) -> String {
    guard let space = line.lastIndex(of: " ") else { return "" }
    return String(line[...space])
  }

  /// What begins with a word; where nothing does, what has it inside.
  static func fitting(_ all: [String], to word: String) -> [String] {
    let small = word.lowercased()
    let first = all.filter { $0.lowercased().hasPrefix(small) }
    return first.isEmpty ? all.filter { $0.lowercased().contains(small) } : first
  }
}
