internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// A text with its style.
typealias Piece = (text: String, style: Style)

extension ClientModel {
  // MARK: Header

  /// Name, vault, NAV, change; to the right what must not be missed.
  func drawHeader(_ frame: inout Frame, _ row: Rect) {
    frame.fill(row, Style(.header, on: .header))
    let right = fitted(badges, columns: row.width / 2)
    let rightWidth = right.reduce(0) { $0 + TextWidth.of($1.text) }
    let room = row.width - rightWidth
    frame.put(leftOfHeader(room: room), at: row.origin, width: room)
    frame.put(right, at: Point(x: row.right - rightWidth, y: row.y), width: rightWidth)
  }

  /// The header in words.
  var headerFacts: [String] {
    var facts = ["Coffer, vault \((status?.vault ?? "").shortened(to: 40))"]
    if !isLocked, let past {
      facts.append("As of the end of \(past.day), UTC. NAV: \(Transcript.words(pastNav))")
    } else if !isLocked, let board {
      let totals = board.totals
      let nav = Transcript.words(sumText(totals, figures.whole(totals.value)))
      facts.append("NAV, \(board.currency.code): \(nav)")
      let missing: [(Int, String)] = [
        (totals.unpriced, "positions have no price and are in no sum"),
        (totals.unread.count, "accounts were never read"),
        (totals.disputed, "positions have disputed prices"),
      ]
      for (count, text) in missing where count > 0 { facts.append("\(count) \(text)") }
      if totals.overflowed { facts.append("The sum is too large for exact numbers") }
      let gain = gainPieces.map { Transcript.words($0.text) }.joined(separator: ", ")
      if !gain.isEmpty { facts.append("Change over 24 hours: \(gain)") }
    }
    let rest = badges.map { Transcript.words($0.text) }.joined(separator: ", ")
    return facts + [rest]
  }

  /// The parts of the left side that fit: what matters less is left out first.
  private func leftOfHeader(room: Int) -> [Piece] {
    let name: Piece = (" Coffer ", Style(.headerStrong, on: .header))
    let vault: Piece = (
      " \((status?.vault ?? "").shortened(to: 40)) ", Style(.headerDim, on: .header)
    )
    if isLocked { return [name, vault] }
    let gain = gainPieces
    let long = navPieces(isLong: true)
    let short = navPieces(isLong: false)
    let all: [[Piece]] = [
      [name, vault] + long + gain, [name] + long + gain, [name] + long + gain.prefix(1),
      long + gain.prefix(1), short + gain.prefix(1), long, short,
    ]
    let fit = all.first { pieces in
      pieces.reduce(0) { $0 + TextWidth.of($1.text) } <= room
    }
    return fit ?? shortestNav
  }

  /// The NAV with its marks; the short form leaves only name and currency out.
  private func navPieces(isLong: Bool) -> [Piece] {
    guard let board else { return [(" NAV …", Style(.header, on: .header))] }
    if past != nil {
      let nav: Piece = (pastNav, Style(.modeAsOf))
      let name: Piece = (isLong ? " NAV " : " ", Style(.headerDim, on: .header))
      return [name, nav]
        + (isLong ? [(" \(board.currency.code)", Style(.header, on: .header))] : [])
    }
    let totals = board.totals
    let value: Piece = (
      sumText(totals, figures.whole(totals.value)), Style(.headerStrong, on: .header)
    )
    guard isLong else { return [(" ", Style(.header, on: .header)), value] + navMarks }
    return [(" NAV ", Style(.headerDim, on: .header)), value]
      + [(" \(board.currency.code)", Style(.header, on: .header))] + navMarks
  }

  /// The NAV where hardly anything fits; its marks stay.
  private var shortestNav: [Piece] {
    guard let totals = board?.totals else { return [] }
    if past != nil { return [(pastNav, Style(.modeAsOf))] }
    let text = sumText(totals, figures.compact(totals.value))
    return [(text, Style(.headerStrong, on: .header))] + navMarks
  }

  /// The sum with the sign of its age; where nothing is known at all it is unknown, and not nothing.
  func sumText(_ totals: Totals, _ amount: String) -> String {
    if totals.positions == totals.unpriced, totals.unpriced + totals.unread.count > 0 {
      return Figures.unknown
    }
    return (totals.stale > 0 || isOutdated ? "~" : "") + amount
  }

  /// What the NAV leaves out.
  private var navMarks: [Piece] {
    guard let totals = board?.totals else { return [] }
    var pieces: [Piece] = []
    let missing = totals.unpriced + totals.unread.count
    if missing > 0 { pieces.append((" ?\(missing)", Style(.valueUnknown, on: .header))) }
    if totals.disputed > 0 {
      pieces.append((" ±\(totals.disputed)", Style(.valueFlagged, on: .header)))
    }
    if totals.overflowed { pieces.append((" !", Style(.valueFlagged, on: .header))) }
    return pieces
  }

  /// The change in percent, then in money; with `*` where it is not over everything.
  private var gainPieces: [Piece] {
    guard past == nil, let totals = board?.totals, let ratio = dayRatio else { return [] }
    let mark = totals.dayValue == totals.value ? "" : "*"
    let style = Style(Figures.direction(ratio).role, on: .header)
    let gain = try? totals.dayValue.subtracting(totals.dayOpenValue)
    let percent: Piece = ("  \(Figures.change(ratio))%\(mark)", style)
    return [percent] + (gain.map { [("  \(figures.signedCompact($0)) ", style)] } ?? [])
  }

  /// Alarms, modes and the time, from what matters most to what matters least.
  private var badges: [Piece] {
    var pieces: [Piece] = []
    if let past, !isLocked { pieces.append((" AS OF \(past.day) ", Style(.modeAsOf))) }
    let alerts = alertFact("unacknowledged")
    if alerts > 0, !isLocked {
      let isGrave = alertFact("critical") > 0
      let word = alerts == 1 ? " 1 ALERT " : " \(alerts) ALERTS "
      pieces.append((word, Style(isGrave ? .alertHigh : .alertWarning, on: .header)))
    }
    if let status, status.refused > 0 {
      pieces.append((" !\(status.refused) ", Style(.tabAlert, on: .header)))
    }
    switch connection {
    case .open: break
    case .connecting: pieces.append((" … ", Style(.header, on: .header)))
    case .lost: pieces.append((" LOST ", Style(.messageError)))
    }
    if let recording = macros.recording {
      pieces.append((" REC \(recording.letter) ", Style(.modeArmed)))
    }
    if isPaused { pieces.append((" PAUSED ", Style(.modePaused))) }
    if let board, !isConnected || isPaused {
      pieces.append((" AS OF \(Times.second(board.time)) ", Style(.modeAsOf)))
    }
    if isPrivate { pieces.append((" PRIVATE ", Style(.modePrivate))) }
    if status?.isDemo == true { pieces.append((" DEMO ", Style(.modeDemo))) }
    if status?.isOffline == true { pieces.append((" OFFLINE ", Style(.modeOffline))) }
    if settings.isReadOnly { pieces.append((" RO ", Style(.modeReadOnly))) }
    pieces.append((" \(Times.minute(now)) ", Style(.headerDim, on: .header)))
    return pieces
  }

  private func fitted(_ pieces: [Piece], columns: Int) -> [Piece] {
    var used = 0
    return pieces.filter { piece in
      let width = TextWidth.of(piece.text)
      guard used + width <= columns else { return false }
      used += width
      return true
    }
  }

  // MARK: Tabs

  func drawTabs(_ frame: inout Frame, _ row: Rect) {
    guard !row.isEmpty else { return }
    if case .lost(let reason) = connection {
      let since = board.map { " Figures are of \(Times.second($0.time)) UTC." } ?? ""
      let stop = reason.hasSuffix(".") ? "" : "."
      let text =
        " Not connected: \(reason.shortened(to: 200))\(stop)\(since) :reconnect, :q"
      frame.put(text, at: row.origin, Style(.messageError), width: row.width)
      return
    }
    var isHelp = false
    if case .help = overlays.last?.overlay { isHelp = true }
    var x = row.x
    for tab in Screen.tabs {
      let key = hintOnScreens("screen \(tab.argument)")
      let isActive = (screen == .heatmap ? tab == .risk : tab == screen) && !isHelp
      let open = tab == .alerts ? alertFact("unacknowledged") : 0
      let title = open > 0 ? "\(tab.title)!\(open)" : tab.title
      x += drawTab(&frame, Point(x: x, y: row.y), title, key, isActive: isActive)
    }
    x += drawTab(
      &frame, Point(x: x, y: row.y), "Help", hintOnScreens("help"), isActive: isHelp)
    if screen == .log, !isHelp, x + TextWidth.of(Screen.log.title) + 4 < row.right {
      let key = hintOnScreens("screen log")
      x += drawTab(&frame, Point(x: x, y: row.y), Screen.log.title, key, isActive: true)
    }
    let rest =
      ["command-line": "command", "filter": "filter"].sorted { $0.key < $1.key }
      .compactMap { command, word in hintOnScreens(command).map { "\($0) \(word)" } }
      .joined(separator: "   ") + " "
    if x + TextWidth.of(rest) + 2 < row.right {
      let point = Point(x: row.right - TextWidth.of(rest), y: row.y)
      frame.put(rest, at: point, Style(.tab))
    }
  }

  private func drawTab(
    _ frame: inout Frame, _ point: Point, _ title: String, _ key: String?, isActive: Bool
  ) -> Int {
    let text = key.map { "\($0) \(title)" } ?? title
    let shown = isActive ? "[\(text)]" : " \(text) "
    let style = Style(isActive ? .tabActive : .tab)
    return frame.put(shown, at: Point(x: point.x + 1, y: point.y), style) + 1
  }

  /// The key of a command on the screens, whatever lies over them; only short ones are of use.
  private func hintOnScreens(_ command: String) -> String? {
    let hint = keymap.hint(for: command, in: screen.rawValue)
    return hint.map { KeyText.short($0, glyphs: glyphs) }
  }

  // MARK: Message row and hints

  /// What is typed, what was said, or what is filtered and sorted.
  func drawMessageRow(_ frame: inout Frame, _ row: Rect) {
    if layout.kind == .single, prompt != nil { return drawPrompt(&frame, row) }
    if let open = prompt {
      return drawCandidates(&frame, row, open)
    }
    if let message = shownMessage {
      let text = " \(message.text.shortened(to: 400))"
      frame.put(text, at: row.origin, Style(message.kind.role), width: row.width)
      return
    }
    frame.put(hiddenPanes + statusPieces, at: row.origin, width: row.width)
  }

  private func drawCandidates(_ frame: inout Frame, _ row: Rect, _ open: Prompt) {
    if !open.fault.isEmpty {
      frame.put(" " + open.fault, at: row.origin, Style(.promptError), width: row.width)
      return
    }
    guard !open.candidates.isEmpty else { return }
    let first = max(0, (open.chosen ?? 0) - 3)
    let pieces: [Piece] = open.candidates[first...].prefix(40).enumerated().map { index, word in
      let isChosen = open.chosen == first + index
      let style = Style(isChosen ? .promptInput : .promptSuggestion)
      return (" \(word.shortened(to: 60)) ", isChosen ? style.with(.reverse) : style)
    }
    frame.put(pieces, at: row.origin, width: row.width)
  }

  /// That there are panes which do not show, and why not.
  private var hiddenPanes: [Piece] {
    guard arrangement.isSplit, panes.count == 1 else { return [] }
    let all = arrangement.screens.count
    let shrink = isTold ? "pane-shrink" : hint("pane-shrink") ?? ":pane-shrink"
    let reason =
      zoom == .full ? "\(shrink) shows the others" : "there is no room for the others"
    return [(" 1 of \(all) panes: \(reason) ", Style(.messageWarning))]
  }

  /// Filter, count and order of the screen as far as they are not plain to see.
  private var statusPieces: [Piece] {
    let dim = Style(.textDim)
    switch focus {
    case .positions, .parts, .lots, .entries:
      var pieces: [Piece] = [(" ", .plain)]
      if !list.filter.text.isEmpty {
        pieces.append((" \(list.filter.text.shortened(to: 120)) ", Style(.chip)))
        let total = board?.totals.positions ?? list.order.count
        pieces.append(("  \(list.order.count) of \(total) shown", dim))
        if list.filter.looksAtAccounts, list.grouping != .account {
          pieces.append(("  figures over all accounts", Style(.messageWarning)))
        }
        pieces.append(("  Esc clears", dim))
      }
      return pieces
    case .ledger:
      guard !ledgerFilter.isEmpty else { return [] }
      return [
        (" ", .plain), (" \(ledgerFilter.shortened(to: 120)) ", Style(.chip)),
        ("  \(Decimals.count(ledger.count)) entries  Esc clears", dim),
      ]
    case .log where !log.filter.isEmpty:
      return [
        (" ", .plain), (" \(log.filter.shortened(to: 120)) ", Style(.chip)),
        ("  \(log.count) of \(log.lines.count) lines  Esc clears", dim),
      ]
    case .alerts, .why: return alertStatus
    default:
      if let activity = status?.activity, !activity.isEmpty {
        return [(" \(activity.shortened(to: 200))", Style(.message))]
      }
      guard let status else { return [] }
      let clients = status.clients > 1 ? "   \(status.clients) clients attached" : ""
      return [(" \(Decimals.count(status.entries)) entries\(clients)", dim)]
    }
  }

  /// The line that is typed, or the keys of the focused pane.
  func drawHints(_ frame: inout Frame, _ row: Rect) {
    guard !row.isEmpty else { return }
    if prompt != nil { return drawPrompt(&frame, row) }
    var pieces: [Piece] = []
    var used = 0
    for (commands, word) in hints {
      let keys = commands.compactMap { hint($0) }.joined(separator: "/")
      let width = TextWidth.of(keys) + TextWidth.of(word) + 3
      guard !keys.isEmpty, used + width <= row.width else { continue }
      pieces += [(" " + keys, Style(.hintKey)), (" \(word) ", Style(.hint))]
      used += width
    }
    frame.put(pieces, at: row.origin, width: row.width)
  }

  /// The commands worth a hint, the most needed first.
  private var hints: [(commands: [String], word: String)] {
    if let keyForm { return keyForm.hints }
    let move = (["row-down", "row-up"], "move")
    let isTop = overlays.isEmpty && drill == nil
    let end: [([String], String)] = [
      (["help"], "help"), (["command-line"], "command"), (["quit"], isTop ? "leave" : "back"),
    ]
    switch focus {
    case .overlay: return overlayHints
    case .top:
      return [(["next-pane"], "pane"), move, (["open"], "open"), (["explain"], "explain")]
        + end + [(["filter"], "filter"), (["privacy"], "hide amounts")]
    case .accounts, .books:
      return [(["next-pane"], "pane"), move, (["open"], "its positions")] + end
    case .brief(let pane):
      let word = pane == .movers ? "position" : "its screen"
      return [(["next-pane"], "pane"), move, (["open"], word)] + end + [
        (["privacy"], "hide amounts")
      ]
    case .notices: return [(["next-pane"], "pane"), move, (["open"], "show")] + end
    case .positions:
      let opens = list.group(at: list.cursor.index) == nil ? "accounts" : "open, close"
      return [
        move, (["open"], opens), (["filter"], "filter"),
        (["column-previous", "column-next"], "column"), (["sort"], "sort"),
        (["explain"], "explain"),
      ] + end + [
        (["sort-reverse"], "reverse"), (["mark"], "mark"), (["copy"], "copy"), (["pause"], "pause"),
        (["privacy"], "hide amounts"),
      ]
    case .parts:
      return [
        move, (["open"], "its entries"), (["next-pane"], "lots, entries"),
        (["explain"], "explain"), (["back"], "back"),
      ] + end.dropLast()
    case .lots:
      return [
        move, (["open"], "its entry"), (["next-pane"], "entries"), (["first", "last"], "ends"),
        (["back"], "back"),
      ] + end.dropLast()
    case .entries:
      return [move, (["open"], "details"), (["next-pane"], "lots")]
        + [(["first", "last"], "newest/oldest"), (["back"], "back")] + end.dropLast()
    case .ledger:
      return [move, (["open"], "details"), (["first", "last"], "newest/oldest")]
        + [(["filter"], "filter")] + end
    case .past:
      return [move, (["open"], "exactly")] + end
        + [(["copy"], "copy"), (["privacy"], "hide amounts")]
    case .log:
      return [move, (["open"], "whole"), (["last"], "follow"), (["filter"], "filter")] + end
        + [(["copy"], "copy")]
    case .gains:
      return [
        move, (["period-shorter", "period-longer"], "period"), (["chart-next"], "chart"),
        (["open"], "why"),
      ] + end + [(["copy"], "copy"), (["privacy"], "hide amounts")]
    case .connections where connections.rows.isEmpty: return end
    case .connections:
      return [
        move, (["next-pane"], "feeds"), (["open"], "details"), (["resume-account"], "retry"),
        (["pause-account"], "pause"), (["rekey"], "key"), (["disconnect"], "remove"),
      ] + end
    case .alerts where alertBoard.rows.isEmpty: return end
    case .alerts:
      return [
        move, (["open"], "why"), (["ack"], "known"), (["snooze"], "snooze"),
        (["mute-alert"], "false alarm"), (["confirm-alert"], "good"), (["resolve-alert"], "end"),
      ] + end + [(["alert-rules"], "rules")]
    case .why:
      let isHeld = !asset(ofAlert: alertCursor.index).isEmpty
      return [(["row-down", "row-up"], "scroll"), (["back"], "alerts")]
        + (isHeld ? [(["open"], "position")] : []) + [(["ack"], "known")]
        + [(["snooze"], "snooze")] + end
    case .risk:
      return [
        move, (["next-pane"], "pane"), (["open"], "explain"), (["screen heatmap"], "heat map"),
      ]
        + end + [(["privacy"], "hide amounts")]
    case .heat:
      return [
        move, (["column-previous", "column-next"], "column"), (["correlation next"], "measure"),
        (["correlation shorter", "correlation longer"], "window"), (["open"], "pair"),
        (["zoom out", "zoom in"], "zoom"), (["screen 4"], "risk"),
      ] + end
    case .feeds:
      return [(["row-down", "row-up"], "scroll"), (["next-pane"], "accounts")]
        + [(["open"], "details"), (["back"], "back")] + end.dropLast()
    }
  }

  private var overlayHints: [(commands: [String], word: String)] {
    let move = (["row-down", "row-up"], "move")
    let close = (["back"], "close")
    switch overlays.last?.overlay {
    case .help: return [move, (["open"], "do it"), (["filter"], "search"), close]
    case .messages, .report:
      return [move, (["open"], "details"), (["filter"], "search"), (["copy"], "copy"), close]
    default: return [(["row-down", "row-up"], "scroll"), (["copy"], "copy"), close]
    }
  }

  private func drawPrompt(_ frame: inout Frame, _ row: Rect) {
    guard let open = prompt else { return }
    frame.fill(row, Style(.prompt))
    if case .confirm(let question, _) = open.use {
      frame.put(" \(question) (y/n)", at: row.origin, Style(.prompt), width: row.width)
      frame.placeCursor(at: Point(x: min(row.right - 1, TextWidth.of(question) + 7), y: row.y))
      return
    }
    if case .menu(let menu) = open.use {
      frame.put(" " + menu.keys, at: row.origin, Style(.prompt), width: row.width)
      return
    }
    let sign = open.use == .command ? ":" : open.use == .find ? ">" : "/"
    frame.put(sign, at: row.origin, Style(.prompt))
    let room = max(1, row.width - 2)
    // As much of what stands before the cursor shows as there is room for.
    var column = 0
    var start = open.editor.cursor
    while start > 0 {
      let width = TextWidth.of(String(open.editor.characters[start - 1]))
      guard column + width < room else { break }
      column += width
      start -= 1
    }
    let shown = String(open.editor.characters.dropFirst(start))
    frame.put(shown, at: Point(x: row.x + 1, y: row.y), Style(.promptInput), width: room)
    frame.placeCursor(at: Point(x: row.x + 1 + column, y: row.y))
  }
}

extension Direction {
  /// How a change of this direction looks.
  var role: Role {
    switch self {
    case .up: .valueUp
    case .down: .valueDown
    case .flat: .valueFlat
    }
  }
}
