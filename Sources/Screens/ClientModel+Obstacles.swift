internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// Why a command cannot be done now.
enum Obstacle: Hashable, Sendable {
  /// The client may change nothing.
  case readOnly
  /// There is no engine to ask.
  case disconnected
  /// The engine has no vault open.
  case locked
  /// The engine may not use the network; what helps.
  case offline(String)
  /// It works somewhere else: there.
  case elsewhere(String)
  /// There is nothing to do it with: what is missing.
  case nothing(String)
  /// It has to be said what it is about: the question. On the `:` line it can be.
  case unnamed(String)

  /// The reason, as a sentence without its end.
  var text: String {
    switch self {
    case .readOnly: "this client is read-only"
    case .disconnected: "not connected to the engine"
    case .locked: "the vault is locked"
    case .offline(let advice): "the engine is off the network" + advice
    case .elsewhere(let place): "only \(place)"
    case .nothing(let text), .unnamed(let text): text
    }
  }

  /// Whether a word more on the line helps.
  var canBeNamed: Bool { if case .unnamed = self { true } else { false } }

  /// How it is said: what holds everywhere is graver than a key pressed in the wrong place.
  var kind: Message.Kind {
    switch self {
    case .readOnly, .disconnected, .locked, .offline: .error
    case .elsewhere, .nothing, .unnamed: .info
    }
  }
}

/// The one place that says why not: asked when a key is pressed or a line typed, by help and by the finder.
extension ClientModel {
  /// Why a command cannot be done now; `nil` where it can.
  func obstacle(to call: Invocation) -> Obstacle? {
    if call.name == "command-line", let line = call.arguments.first,
      let typed = Invocation(line: line)
    {
      return engineObstacle(to: typed)
    }
    return engineObstacle(to: call) ?? viewObstacle(to: call)
  }

  /// Why the engine will not do it, as far as that is known here.
  private func engineObstacle(to call: Invocation) -> Obstacle? {
    guard Commands.engineCommands.contains(call.name) else { return nil }
    if let obstacle = talkObstacle(changes: Commands.changingCommands.contains(call.name)) {
      return obstacle
    }
    if isLocked { return .locked }
    guard status?.isOffline == true else { return nil }
    switch call.name {
    case "connect" where !call.arguments.contains("--untested"):
      return .offline(": a key can be stored untried with --untested")
    case "rekey": return .offline("")
    default: return nil
    }
  }

  /// Why nothing can be asked of the engine, or nothing that changes.
  func talkObstacle(changes: Bool) -> Obstacle? {
    if settings.isReadOnly, changes { return .readOnly }
    return isConnected ? nil : .disconnected
  }

  private func viewObstacle(to call: Invocation) -> Obstacle? {
    switch call.name {
    case "sort", "sort-next", "sort-previous", "sort-reverse", "columns", "mark", "group":
      if focus != .positions { return .elsewhere("in the list of positions") }
      return call.name == "mark" && list.count == 0 ? .nothing("there is no position") : nil
    case "look":
      return screen == .positions && overlays.isEmpty
        ? nil : .elsewhere("on the screen of positions")
    case "asof" where past == nil && call.arguments.first == "now":
      return .nothing("figures are those of now")
    case "asof" where call.arguments.first != "now": return talkObstacle(changes: false)
    case "zoom": return zoomObstacle(to: call.arguments.first)
    case "fold-groups":
      return screen == .positions && list.grouping != .none
        ? nil : .nothing("there are no groups here; :group makes some")
    case "column-next", "column-previous":
      return [.positions, .heat].contains(focus)
        ? nil : .elsewhere("in the list of positions and the heat map")
    case "period-shorter", "period-longer", "chart-next": return profitObstacle(to: call.name)
    case "next-pane", "previous-pane":
      return focus == .overlay || focus == .past
        || (panes.count == 1 && [.ledger, .gains, .heat, .log].contains(focus))
        ? .nothing("there is one pane here") : nil
    case "split", "vsplit", "close-pane", "only", "next-split", "previous-split", "pane-grow",
      "pane-shrink":
      return splitObstacle(to: call.name)
    case "open": return emptyObstacle
    case "explain": return focus == .overlay ? .nothing("close this first") : emptyObstacle
    case "copy": return copiedRows.isEmpty ? .nothing("there is nothing to copy here") : nil
    case "filter": return call.arguments.isEmpty ? filterObstacle : nil
    case "clear-filter": return clearingObstacle
    case "folded":
      let isThere = list.showsFolded || (board?.totals.folded ?? 0) > 0
      return isThere ? nil : .nothing("nothing is folded away")
    case "reconnect": return isConnected ? .nothing("the engine is there") : nil
    case "pause":
      return isPaused || isConnected ? nil : .nothing("the figures stand still already")
    case "cancel-request":
      return requests.values.contains { $0.isLong }
        ? nil : .nothing("nothing is running for this client")
    case "undo", "redo": return historyObstacle(to: call.name)
    case "match-next", "match-previous": return matchObstacle()
    case "play" where macros.keys.isEmpty: return .nothing("nothing is recorded yet")
    case "jump" where places.isEmpty: return .nothing("no place is remembered yet")
    default: return aboutObstacle(to: call)
    }
  }

  private func splitObstacle(to name: String) -> Obstacle? {
    switch name {
    case "split", "vsplit":
      return arrangement.hasRoom
        ? nil : .nothing("there are \(Arrangement.limit) panes already; :close-pane closes one")
    case _ where !arrangement.isSplit: return .nothing("there is one pane here; :split makes two")
    case "pane-grow" where zoom == .full: return .nothing("it has the whole screen already")
    case "pane-shrink" where zoom == .normal: return .nothing("it is not enlarged")
    default: return nil
    }
  }

  private func profitObstacle(to name: String) -> Obstacle? {
    guard focus == .gains else { return .elsewhere("on the P&L screen") }
    let all = ProfitPeriod.allCases
    if name == "period-shorter", profitPeriod == all.first {
      return .nothing("there is no shorter period")
    }
    return name == "period-longer" && profitPeriod == all.last
      ? .nothing("there is no longer period") : nil
  }

  /// Nothing lies under the cursor.
  private var emptyObstacle: Obstacle? {
    let focus = focus
    if focus == .gains, !isConnected { return .disconnected }
    if [.feeds, .why].contains(focus) || count(of: focus) > 0 { return nil }
    if focus == .overlay, overlays.last?.overlay.isPage == false { return nil }
    return .nothing("there is nothing under the cursor")
  }

  private var filterObstacle: Obstacle? {
    if let open = overlays.last {
      return open.overlay.isPage ? nil : .nothing("there is nothing to search here")
    }
    if past != nil { return .nothing("a past day has no filter; :asof now ends it") }
    let isThere = screen == .ledger || screen == .log || screen == .overview || focus == .positions
    return isThere ? nil : .nothing("there is no filter here")
  }

  private var clearingObstacle: Obstacle? {
    switch screen {
    case .ledger where !ledgerFilter.isEmpty: nil
    case .log where !log.filter.isEmpty: nil
    case .positions where !list.filter.text.isEmpty: nil
    default: .nothing("nothing is filtered here")
    }
  }

  /// Commands about an account or an alert without its name are about the one under the cursor.
  private func aboutObstacle(to call: Invocation) -> Obstacle? {
    switch call.name {
    case "pause-account", "resume-account", "rekey", "disconnect":
      let names = call.arguments.filter { !$0.hasPrefix("--") }
      guard names.isEmpty, screen != .accounts || connections.rows.isEmpty else { return nil }
      return .unnamed("which account? Name it, or choose it on the Accounts screen")
    case "ack", "snooze", "resolve-alert", "confirm-alert", "mute-alert":
      let isNamed = call.arguments.contains { Int($0) != nil }
      guard !isNamed, screen != .alerts || alertBoard.rows.isEmpty else { return nil }
      return .unnamed("which alert? Say its number, or choose it on the Alerts screen")
    default: return nil
    }
  }
}
