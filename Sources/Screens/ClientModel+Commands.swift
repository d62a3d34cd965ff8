internal import Canvas
internal import Ledger
internal import Wire

extension ClientModel {
  /// Does a command, or says why not.
  mutating func run(_ call: Invocation, count: Int?, isSingleKey: Bool) {
    guard let spec = Commands.spec(named: call.name) else {
      let near = Spelling.nearest(to: call.name, among: Commands.names)
      let hint = near.map { "; did you mean '\($0)'?" } ?? ""
      return say(.error, "No command is called '\(call.name.prefix(40))'\(hint)")
    }
    let call = Invocation(spec.name, call.arguments)
    if let obstacle = obstacle(to: call) {
      return say(obstacle.kind, "\(spec.name): \(obstacle.text)")
    }
    if spec.contexts == ["prompt"] { return runInPrompt(spec.name) }
    if runMovement(call.name, count: count) || runGrammar(call, count: count) || runView(call)
      || runPanes(call) || runProgram(call, isSingleKey)
    {
      return
    }
    if !runFollowed(call), !runAlerts(call) { runVault(call) }
  }

  /// Going back and forth: in what was done, between places, from match to match.
  private mutating func runGrammar(_ call: Invocation, count: Int?) -> Bool {
    switch call.name {
    case "undo": undo(call.arguments.first.flatMap { Int($0) } ?? count ?? 1)
    case "redo": redo(call.arguments.first.flatMap { Int($0) } ?? count ?? 1)
    case "place": setPlace(call.arguments.first)
    case "jump": jump(call.arguments.first)
    case "record": record(call.arguments.first)
    case "play": play(call.arguments.first, times: count ?? 1)
    case "match-next": goToMatch(by: 1)
    case "match-previous": goToMatch(by: -1)
    default: return false
    }
    return true
  }

  private mutating func runMovement(_ name: String, count: Int?) -> Bool {
    let rows = count ?? 1
    switch name {
    case "row-down": move(by: rows)
    case "row-up": move(by: -rows)
    case "page-down": move(by: rows * pageHeight)
    case "page-up": move(by: -rows * pageHeight)
    case "half-page-down": move(by: rows * max(1, pageHeight / 2))
    case "half-page-up": move(by: -rows * max(1, pageHeight / 2))
    case "first": move(to: (count ?? 1) - 1)
    case "last": move(to: count.map { $0 - 1 } ?? .max)
    case "column-next": moveColumn(by: rows)
    case "column-previous": moveColumn(by: -rows)
    case "mark": mark()
    case "open": open()
    case "back": back()
    default: return false
    }
    return true
  }

  private mutating func runView(_ call: Invocation) -> Bool {
    switch call.name {
    case "filter": filter(call.arguments)
    case "clear-filter": clearFilter()
    case "folded": toggleFolded()
    case "sort": sort(by: call.arguments.first)
    case "columns": chooseColumns(call.arguments)
    case "sort-next": moveSort(by: 1)
    case "sort-previous": moveSort(by: -1)
    case "sort-reverse": reverseSort()
    case "group": group(by: call.arguments.first)
    case "fold-groups": foldGroups()
    case "explain": explain()
    case "period": choosePeriod(call.arguments.first)
    case "period-shorter": movePeriod(by: -1)
    case "period-longer": movePeriod(by: 1)
    case "chart-next":
      chooseChart(nil)
    case "chart": chooseChart(call.arguments.first)
    case "privacy":
      isPrivate.toggle()
      say(.info, isPrivate ? "Amounts are hidden." : "Amounts are shown.")
    case "glyphs": use(glyphs == .ascii ? .unicode : .ascii)
    case "theme": chooseTheme(call.arguments.first)
    case "keymap": chooseKeymap(call.arguments.first)
    case "set": set(call.arguments)
    case "save-settings": saveSettings(call.arguments)
    case "pause": pause()
    case "refresh": refresh()
    case "redraw": perform(.redraw)
    case "copy": copy()
    default: return false
    }
    return true
  }

  private mutating func runProgram(_ call: Invocation, _ isSingleKey: Bool) -> Bool {
    switch call.name {
    case "screen": chooseScreen(call.arguments.first)
    case "correlation": chooseCorrelation(call.arguments)
    case "zoom": zoom(call.arguments.first)
    case "asof": showPast(call.arguments.first)
    case "last-screen": go(to: lastScreen)
    case "look":
      guard let view = DrillView(word: call.arguments.first ?? "") else {
        say(.error, "look: what a position has is accounts, lots and entries")
        return true
      }
      look(at: view)
    case "command-line": openCommandLine(call.arguments.joined(separator: " "))
    case "find": openFinder(call.arguments.joined(separator: " "))
    case "help": openHelp()
    case "messages": show(.messages)
    case "reconnect": perform(.reconnect)
    case "suspend": perform(.suspend)
    case "quit": quit()
    case "quit-now": leave(isSingleKey: isSingleKey)
    default: return false
    }
    return true
  }

  /// A command was confirmed with yes.
  mutating func confirmed(_ call: Invocation) {
    switch call.name {
    case "quit": perform(.quit(0))
    case "stop":
      request(Request("stop"), PendingRequest(use: .say("The engine stops.")))
    case "disconnect": disconnect(call.arguments.first ?? "")
    default: run(call, count: nil, isSingleKey: false)
    }
  }

  private mutating func quit() {
    if !overlays.isEmpty || drill != nil { return back() }
    let running = isConnected ? " The engine keeps running." : ""
    ask("Leave Coffer?\(running)", Invocation("quit"))
  }

  /// Leaves; a key pressed by chance is not enough.
  mutating func leave(isSingleKey: Bool) {
    if macros.isPlaying { return macros.halt("only a hand may leave") }
    if isSingleKey {
      guard let before = interruptedAt, now <= before.advanced(byMilliseconds: Timing.twice),
        before <= now
      else {
        interruptedAt = now
        return say(.info, "Press it again within a second to leave.")
      }
    }
    perform(.quit(0))
  }

  mutating func go(to new: Screen) {
    overlays = []
    if new != screen {
      lastScreen = screen
      arrangement.replace(screen, with: new)
      screen = new
    }
    if screen != .ledger { sortAll() }
  }

  /// Shows one help at a time: what it tells is about what lies below it.
  private mutating func openHelp() {
    if overlays.last?.overlay.isHelp != true { show(.help(context: context)) }
  }

  private mutating func chooseScreen(_ word: String?) {
    let word = word ?? ""
    if let screen = Screen.named(word) { return go(to: screen) }
    if word == "help" { return openHelp() }
    if let title = Screen.later(word) { return say(.info, "\(title) comes with a later version.") }
    say(.error, "screen: there is no screen '\(word.prefix(20))'")
  }
}

// MARK: - How it looks

extension ClientModel {
  mutating func use(_ set: GlyphSet) {
    glyphs = set
    preferences["glyphs"] = set.rawValue
    perform(.redraw)
    draw()
  }

  mutating func chooseTheme(_ name: String?) {
    guard let name else {
      guard !offeredThemes.isEmpty else { return say(.info, "No themes were found.") }
      let index = offeredThemes.firstIndex(of: theme.name).map { $0 + 1 } ?? 0
      return chooseTheme(offeredThemes[index % offeredThemes.count])
    }
    awaitsStyle = true
    awaited["theme"] = name
    perform(.loadTheme(name))
  }

  mutating func chooseKeymap(_ name: String?) {
    guard let name else { return say(.info, "The keymap is '\(keymap.name)'.") }
    awaitsStyle = true
    awaited["keymap"] = name
    perform(.loadKeymap(name))
  }

  /// What was asked for holds, and is kept if settings are.
  private mutating func holds(_ name: String) {
    guard let wanted = awaited.removeValue(forKey: name) else { return }
    preferences[name] = wanted
  }

  mutating func take(_ news: StyleNews) {
    draw()
    switch news {
    case .offered(let themes, let keymaps):
      offeredThemes = themes.sorted()
      offeredKeymaps = keymaps.sorted()
    case .theme(let theme, let warnings):
      self.theme = theme
      holds("theme")
      if awaitsStyle { say(.info, "Theme: \(theme.title)") }
      awaitsStyle = false
      for warning in warnings { say(.warning, warning) }
    case .keymap(let keymap, let warnings):
      self.keymap = keymap
      holds("keymap")
      reader.drop()
      pendingSince = nil
      if awaitsStyle { say(.info, "Keymap: \(keymap.name)") }
      awaitsStyle = false
      for warning in warnings { say(.warning, warning) }
    case .failed(let reason):
      awaitsStyle = false
      awaited = [:]
      say(.error, reason)
    }
  }
}

extension Commands {
  /// Commands that the engine does.
  static let engineCommands: Set<String> = changingCommands.union([
    "imports", "refused", "accounts", "prices", "links", "cancel-request", "limits", "breaks",
    "alert-rules", "alert-sinks",
  ])

  /// Commands that a read-only client may not give.
  static let changingCommands: Set<String> = [
    "lock", "idle-lock", "stop", "import", "export", "book", "currency", "price", "link", "unlink",
    "connect", "watch", "pause-account", "resume-account", "rekey", "disconnect", "requery",
    "ack", "snooze", "resolve-alert", "confirm-alert", "mute-alert",
  ]
}
