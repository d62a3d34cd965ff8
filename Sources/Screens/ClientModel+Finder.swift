internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// The finder: one line that goes to screens, positions, accounts, alerts and commands.
extension ClientModel {
  /// Opens the finder, perhaps with something looked for.
  mutating func openFinder(_ text: String = "") {
    var choices = Choices(findable)
    choices.search(text)
    prompt = Prompt(use: .find, editor: LineEditor(text))
    prompt?.choices = choices
    draw()
  }

  /// All that can be gone to, each kind in an order of its own.
  private var findable: [Choice] {
    findableScreens + findableAssets + findableAccounts + findableAlerts + findableCommands
  }

  private var findableScreens: [Choice] {
    Screen.allCases.map { screen in
      Choice(
        .screen(screen.argument), screen.title, kind: "screen",
        note: key(of: "screen \(screen.argument)"))
    }
  }

  private var findableAssets: [Choice] {
    guard let board else { return [] }
    let order = PositionOrder()
    let rows = board.usedSlots.compactMap { board.row($0) }
      .map { (row: $0, key: order.key(of: $0)) }
    return rows.sorted { order.places($0.key, before: $1.key) }.map { row, _ in
      let isFolded = row.position.isFolded && !list.showsFolded
      return Choice(
        .asset(row.position.asset), board.name(of: row), kind: "asset",
        note: row.text.shortened(to: 200) + (isFolded ? "  folded away" : ""), more: row.text)
    }
  }

  private var findableAccounts: [Choice] {
    let followed = connections.rows.indices.map { row in
      (slug: connections.text(row, "account"), name: connections.text(row, "name"))
    }
    let known = Set(followed.map(\.slug))
    let others = (board?.accounts ?? []).filter { !known.contains($0.id.slug) }
      .map { (slug: $0.id.slug, name: $0.name) }
    return (followed + others).filter { !$0.slug.isEmpty }.map { slug, name in
      let venue = board?.account(AccountID(named: slug))?.venue ?? ""
      let note = [slug, venue].filter { !$0.isEmpty && $0 != name }.joined(separator: "  ")
      return Choice(
        .account(slug), name.isEmpty ? slug : name, kind: "account",
        note: Sanitiser.line(note.shortened(to: 100)), more: slug)
    }
  }

  private var findableAlerts: [Choice] {
    let board = alertBoard
    return board.rows.indices.compactMap { row in
      guard let id = board.integer(row, "id") else { return nil }
      return Choice(
        .alert(id), title(ofAlert: row), kind: "alert",
        note: "\(id)  \(board.text(row, "severity").shortened(to: 20))",
        more: "\(id) " + board.text(row, "rule").shortened(to: 60))
    }
  }

  private var findableCommands: [Choice] {
    Commands.all.filter { $0.contexts != ["prompt"] && $0.name != "find" }.map { spec in
      let key = key(of: spec.name)
      var choice = Choice(
        .command(spec.name), spec.name, kind: "command",
        note: key.isEmpty ? spec.summary : "\(spec.summary)  \(key)", more: spec.summary)
      if let obstacle = obstacle(to: Invocation(spec.name)), !obstacle.canBeNamed {
        choice.reason = obstacle.text
      }
      return choice
    }
  }

  private func key(of command: String) -> String {
    keymap.hint(for: command, in: context).map { KeyText.short($0, glyphs: glyphs) } ?? ""
  }

  /// Goes to what is under the finder's cursor.
  mutating func acceptFound(_ open: Prompt) {
    guard let choice = open.choices?.selected else { return perform(.bell) }
    guard choice.reason.isEmpty else {
      prompt?.fault = "\(choice.name): \(choice.reason)"
      return perform(.bell)
    }
    prompt = nil
    switch choice.goal {
    case .screen(let word): run(Invocation("screen", [word]), count: nil, isSingleKey: false)
    case .asset(let asset):
      if !goToPosition(asset) { say(.info, "The position in \(choice.name) is gone.") }
    case .account(let slug): goToAccount(slug)
    case .alert(let id): goToAlert(id)
    case .command(let name): runFound(name)
    case .column, .letter, .layout: break
    }
  }

  /// Runs a command, or opens the `:` line with it where it cannot do without words.
  private mutating func runFound(_ name: String) {
    let arguments = Commands.spec(named: name)?.arguments ?? ""
    let isEnough = arguments.isEmpty || arguments.hasPrefix("[")
    if isEnough, obstacle(to: Invocation(name))?.canBeNamed != true {
      run(Invocation(name), count: nil, isSingleKey: false)
    } else {
      openCommandLine(name + " ")
    }
  }

  /// Shows Positions with the cursor on an asset; false where it is not held.
  @discardableResult
  mutating func goToPosition(_ asset: AssetID) -> Bool {
    guard let row = board?.row(of: asset), let slot = board?.slot(of: asset) else { return false }
    drill = nil
    go(to: .positions)
    if row.position.isFolded, !list.showsFolded { toggleFolded() }
    if !list.order.contains(slot) { clearListFilter() }
    list.choose(slot)
    return true
  }

  /// Shows an account: on its screen where it is followed, else on the Overview.
  mutating func goToAccount(_ slug: String) {
    let board = connections
    if let row = board.rows.indices.first(where: { board.text($0, "account") == slug }) {
      go(to: .accounts)
      accountPane = .list
      if row != connectionCursor.index { feedCursor = ListCursor() }
      connectionCursor.place(row, count: board.rows.count)
    } else if let row = self.board?.accounts.firstIndex(where: { $0.id.slug == slug }) {
      go(to: .overview)
      pane = .accounts
      var cursor = paneCursors[.accounts] ?? ListCursor()
      cursor.place(row, count: self.board?.accounts.count ?? 0)
      paneCursors[.accounts] = cursor
    } else {
      say(.info, "The account is gone.")
    }
  }

  /// Shows Alerts with the cursor on one.
  mutating func goToAlert(_ id: Int64) {
    go(to: .alerts)
    alertPane = .list
    let board = alertBoard
    guard let row = board.rows.indices.first(where: { board.integer($0, "id") == id }) else {
      return say(.info, "Alert \(id) is gone.")
    }
    if row != alertCursor.index { whyCursor = ListCursor() }
    alertCursor.place(row, count: board.rows.count)
  }
}
