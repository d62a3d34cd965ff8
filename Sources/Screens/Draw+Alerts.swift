internal import Amounts
internal import Canvas
internal import Ledger
internal import Wire

/// A pane of the Alerts screen.
enum AlertPane: Hashable, Sendable {
  case list
  case why
}

extension ClientModel {
  /// Where the panes of the Alerts screen stand.
  struct AlertPanes {
    let list: Rect?
    let why: Rect?

    init(_ room: Room, rows: Int, focused: AlertPane) {
      let body = room.place
      guard room.isFull, body.height >= 12, rows > 0 else {
        let showsList = focused == .list || rows == 0
        (list, why) = (showsList ? body : nil, showsList ? nil : body)
        return
      }
      if body.width >= 110 {
        let columns = body.columns([.weight(1), .weight(1)])
        (list, why) = (columns[0], columns[1])
      } else {
        // What is read needs the room.
        let height = focused == .why ? 6 : max(6, min(rows + 3, body.height / 2))
        let (upper, lower) = body.cutTop(height)
        (list, why) = (upper, lower)
      }
    }
  }

  var alertPanes: AlertPanes {
    AlertPanes(room(of: .alerts), rows: alertBoard.rows.count, focused: alertPane)
  }

  /// The board of alerts; empty before the engine has sent it.
  var alertBoard: Report { boards[Board.alerts] ?? Report() }

  /// A number of the board.
  func alertFact(_ name: String) -> Int64 {
    if case .integer(let number) = alertBoard[name] { return number }
    return 0
  }

  /// A text of the board.
  func alertText(_ name: String) -> String {
    if case .text(let text) = alertBoard[name] { return text }
    return ""
  }

  private enum AlertColumn: Hashable, Sendable {
    case severity, time, state, title, rule
  }

  private static let alertColumns = ColumnChoice<AlertColumn>(
    order: [.severity, .time, .state, .title, .rule],
    byImportance: [.severity, .title, .time, .state, .rule]
  ) { column in
    switch column {
    case .severity: 4
    case .time: 5
    case .state: 6
    case .title: 24
    case .rule: 14
    }
  }

  private static func titled(_ column: AlertColumn, _ width: Int) -> TableColumn {
    switch column {
    case .severity: TableColumn(title: "Sev", width: width)
    case .time: TableColumn(title: "UTC", width: width)
    case .state: TableColumn(title: "State", width: width)
    case .title: TableColumn(title: "What", width: width)
    case .rule: TableColumn(title: "Rule", width: width)
    }
  }

  func drawAlerts(_ frame: inout Frame) {
    let panes = alertPanes
    if let place = panes.list { drawAlertList(&frame, place) }
    if let place = panes.why { drawWhy(&frame, place) }
  }

  private func drawAlertList(_ frame: inout Frame, _ place: Rect) {
    let inside = Layout.inside(place)
    let board = alertBoard
    frame.pane(
      place, title: "Alerts \(alertFact("open")) open", footer: "", isFocused: focus == .alerts)
    if board.rows.isEmpty { return drawNoAlerts(&frame, inside) }
    let window = frame.window(alertCursor, count: board.rows.count, height: inside.height - 1)
    let shown = ClientModel.alertColumns.fitting(inside.width - 2, stretching: .title, upTo: 200)
    let columns = shown.map { ClientModel.titled($0.name, $0.width) }
    drawRows(
      &frame, inside, columns, window, cursor: alertCursor.index, isFocused: focus == .alerts
    ) { index in shown.map { cell($0.name, index) } }
  }

  private func drawNoAlerts(_ frame: inout Frame, _ inside: Rect) {
    var lines = ["Waiting for the engine."]
    if boards[Board.alerts] != nil {
      let rules = "\(alertFact("rules_on")) rules look at the portfolio."
      lines = [
        "Nothing is the matter. \(rules)", "",
        ":alert-rules   what is watched; alerts.toml changes it",
        ":alert-sinks   who outside is told; coffer alerts sink add",
      ]
    }
    for (row, line) in lines.prefix(max(0, inside.height)).enumerated() {
      frame.put(
        line, at: Point(x: inside.x + 1, y: inside.y + row), Style(row == 0 ? .text : .textDim),
        width: inside.width - 1)
    }
  }

  /// Short words that tell without colour.
  static func word(ofSeverity text: String) -> String {
    switch text {
    case "critical": "CRIT"
    case "warning": "WARN"
    default: "info"
    }
  }

  private static func role(ofSeverity text: String, isOver: Bool) -> Role {
    if isOver { return .textDim }
    switch text {
    case "critical": return .alertHigh
    case "warning": return .alertWarning
    default: return .alertInfo
    }
  }

  private static func word(ofState text: String) -> String {
    switch text {
    case "acknowledged": "known"
    case "snoozed": "snooze"
    case "resolved": "over"
    default: "open"
    }
  }

  /// The title of an alert, without amounts where these are hidden.
  func title(ofAlert row: Int) -> String {
    Sanitiser.line(alertBoard.text(row, isPrivate ? "outside" : "title").shortened(to: 300))
  }

  private func cell(_ column: AlertColumn, _ row: Int) -> TableCell {
    let board = alertBoard
    let isOver = board.text(row, "state") == "resolved"
    let severity = board.text(row, "severity")
    let role = ClientModel.role(ofSeverity: severity, isOver: isOver)
    switch column {
    case .severity: return TableCell(text: ClientModel.word(ofSeverity: severity), role: role)
    case .time:
      let time = board.integer(row, "raised_at").map { Instant(microseconds: $0) }
      return TableCell(text: time.map { shortTime($0) } ?? "", role: .textDim)
    case .state:
      return TableCell(text: ClientModel.word(ofState: board.text(row, "state")), role: .textDim)
    case .title:
      let mark = board.text(row, "blind").isEmpty ? "" : "~"
      return TableCell(text: mark + title(ofAlert: row), role: isOver ? .textDim : .text)
    case .rule: return TableCell(text: Sanitiser.line(board.text(row, "rule")), role: .textDim)
    }
  }

  /// The minute of today, the day of another day.
  func shortTime(_ time: Instant) -> String {
    Times.date(time) == Times.date(now)
      ? Times.minute(time) : String(Times.date(time).dropFirst(5))
  }

  // MARK: - Why

  private func drawWhy(_ frame: inout Frame, _ place: Rect) {
    let inside = Layout.inside(place)
    let lines = whyLines
    let rows = inside.height - evidenceRows(in: inside)
    let window = whyCursor.window(count: lines.count, height: rows)
    let isCut = window.count < lines.count
    let subject = Sanitiser.line(
      alertBoard.text(alertCursor.index, "subject").shortened(to: 60))
    frame.pane(
      place, title: subject.isEmpty ? "Why" : "Why: \(subject)",
      footer: isCut ? "\(window.lowerBound + 1)-\(window.upperBound) of \(lines.count)" : "",
      isFocused: focus == .why)
    for (row, line) in lines[window].enumerated() {
      frame.put(line, at: Point(x: inside.x + 1, y: inside.y + row), width: inside.width - 1)
    }
    drawEvidence(&frame, inside.cutTop(rows).rest)
  }

  private static let whyLabel = 10

  /// The explanation of the alert under the cursor.
  var whyLines: [[Piece]] {
    let board = alertBoard
    let row = alertCursor.index
    guard board.rows.indices.contains(row) else { return [] }
    let inside = Layout.inside(alertPanes.why ?? room(of: .alerts).place)
    let width = max(10, inside.width - 2)
    let isOver = board.text(row, "state") == "resolved"
    let role = ClientModel.role(ofSeverity: board.text(row, "severity"), isOver: isOver)
    var lines: [[Piece]] = Wrapped.lines(title(ofAlert: row), columns: width)
      .map { [($0, Style(role))] }
    lines.append([])
    for (label, text, style) in whyParts(row) {
      let room = max(10, width - ClientModel.whyLabel)
      for (index, part) in Wrapped.lines(text, columns: room).enumerated() {
        let head = Padded.left(
          Sanitiser.line(index == 0 ? label : "", columns: ClientModel.whyLabel - 1),
          ClientModel.whyLabel)
        lines.append([(head, Style(.textDim)), (part, style)])
      }
    }
    return lines
  }

  private func whyParts(_ row: Int) -> [(label: String, text: String, style: Style)] {
    let board = alertBoard
    var parts: [(label: String, text: String, style: Style)] = []
    func add(_ label: String, _ text: String, _ role: Role = .text) {
      let clean = Sanitiser.line(text.shortened(to: 1_000))
      if !clean.isEmpty { parts.append((Sanitiser.line(label), clean, Style(role))) }
    }
    add("not seen", board.text(row, "blind"), .alertWarning)
    for line in board.text(row, "lines").split(separator: "\n").prefix(60) {
      let isRevealing = line.hasPrefix("!")
      let words = (isRevealing ? line.dropFirst() : line).split(separator: "\t", maxSplits: 1)
      guard words.count == 2 else { continue }
      add(String(words[0]), isRevealing && isPrivate ? Figures.hidden : String(words[1]))
    }
    add("to do", board.text(row, "runbook"))
    add("figure", board.text(row, "figure"), .textDim)
    for (label, name) in [("snoozed", "snoozed_at"), ("over", "resolved_at")] {
      guard let time = board.integer(row, name) else { continue }
      let word = name == "snoozed_at" ? "until " : "since "
      add(label, word + Times.stamp(Instant(microseconds: time)) + " UTC")
    }
    let by = board.text(row, "by")
    if !by.isEmpty { add("known to", by) }
    let opinion = board.text(row, "opinion")
    if opinion != "none" { add("you said", opinion) }
    return parts
  }

  /// What stands in the message row of the Alerts screen.
  var alertStatus: [Piece] {
    let problem = Sanitiser.line(alertText("problem").shortened(to: 300))
    if !problem.isEmpty { return [(" \(problem)", Style(.alertWarning))] }
    let known = alertFact("open") - alertFact("unacknowledged")
    var text = " \(alertFact("open")) open"
    if known > 0 { text += ", \(known) known" }
    text += "   rules \(alertFact("rules_on")) on / \(alertFact("rules_off")) off"
    let quiet = Sanitiser.line(alertText("quiet"))
    if !quiet.isEmpty { text += "   quiet hours \(quiet)" }
    return [(text, Style(.textDim))]
  }
}
