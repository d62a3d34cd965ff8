internal import Amounts
internal import Canvas
internal import Ledger
internal import Wire

extension ClientModel {
  /// Where the panes of the Accounts screen stand.
  struct AccountPanes {
    let list: Rect
    let detail: Rect?
    let limits: Rect?

    init(_ body: Rect, isFull: Bool, rows: Int) {
      guard isFull, body.height >= 14 else {
        (list, detail, limits) = (body, nil, nil)
        return
      }
      let wanted = min(max(rows + 3, 6), body.height / 2)
      let (upper, lower) = body.cutTop(wanted)
      list = upper
      let columns = lower.columns([.weight(3), .weight(2)])
      (detail, limits) = (columns[0], columns[1])
    }
  }

  var accountPanes: AccountPanes {
    AccountPanes(layout.body, isFull: layout.kind == .full, rows: connections.rows.count)
  }

  /// The board of accounts; empty before the engine has sent it.
  var connections: Report { boards[Board.accounts] ?? Report() }

  /// The boards that the screen shows.
  var wantedBoards: [String] {
    guard screen == .accounts, !isLocked else { return [] }
    let row = connectionCursor.index
    let account = connections.text(row, "account")
    return [Board.accounts, Board.limits] + (account.isEmpty ? [] : [Board.feeds(of: account)])
  }

  /// Tells the engine which boards show, when that changes.
  mutating func askForBoards() {
    guard isConnected, status?.isUnlocked == true else { return }
    let wanted = wantedBoards
    guard wanted != lookedAt else { return }
    lookedAt = wanted
    perform(.send(.look(wanted)))
  }

  private enum ConnectionColumn: Hashable, Sendable {
    case account, state, age, progress, quota, rights, breaks, problem
  }

  private static let connectionColumns = ColumnChoice<ConnectionColumn>(
    order: [.account, .state, .age, .progress, .quota, .rights, .breaks, .problem],
    byImportance: [.account, .state, .age, .problem, .progress, .quota, .breaks, .rights]
  ) { column in
    switch column {
    case .account: 14
    case .state: 8
    case .age: 5
    case .progress: 12
    case .quota: 6
    case .rights: 11
    case .breaks: 6
    case .problem: 18
    }
  }

  private static func titled(_ column: ConnectionColumn, _ width: Int) -> TableColumn {
    switch column {
    case .account: TableColumn(title: "Account", width: width)
    case .state: TableColumn(title: "State", width: width)
    case .age: TableColumn(title: "Age", width: width, alignment: .right)
    case .progress: TableColumn(title: "History", width: width, alignment: .right)
    case .quota: TableColumn(title: "Limit", width: width, alignment: .right)
    case .rights: TableColumn(title: "Key may", width: width)
    case .breaks: TableColumn(title: "Breaks", width: width, alignment: .right)
    case .problem: TableColumn(title: "What is wrong", width: width)
    }
  }

  func drawAccounts(_ frame: inout Frame) {
    let panes = accountPanes
    drawConnections(&frame, panes.list)
    if let place = panes.detail { drawConnection(&frame, place) }
    if let place = panes.limits { drawLimits(&frame, place) }
  }

  private func drawConnections(_ frame: inout Frame, _ place: Rect) {
    let inside = Layout.inside(place)
    let board = connections
    let window = connectionCursor.window(count: board.rows.count, height: inside.height - 1)
    frame.pane(
      place, title: "Accounts \(board.rows.count)",
      footer: "keys stay sealed in the vault", isFocused: overlays.isEmpty)
    let shown = ClientModel.connectionColumns.fitting(
      inside.width - 2, stretching: .problem, upTo: 80)
    let columns = shown.map { ClientModel.titled($0.name, $0.width) }
    frame.titles(columns, in: inside.row(0))
    if board.rows.isEmpty {
      let text =
        boards[Board.accounts] == nil
        ? "waiting for the engine" : "no exchange or wallet yet   :connect VENUE NAME adds one"
      frame.put(
        text, at: Point(x: inside.x + 1, y: inside.y + 1), Style(.textDim),
        width: inside.width - 1)
    }
    for index in window {
      let row = inside.row(1 + index - window.lowerBound)
      frame.cells(shown.map { cell($0.name, index) }, below: columns, in: row)
      if index == connectionCursor.index { drawCursor(&frame, row, isFocused: overlays.isEmpty) }
    }
  }

  private func cell(_ column: ConnectionColumn, _ row: Int) -> TableCell {
    let board = connections
    switch column {
    case .account: return TableCell(text: Sanitiser.line(board.text(row, "name")))
    case .state:
      let state = board.text(row, "state")
      return TableCell(text: state.uppercasedWhenBad, role: ClientModel.role(of: state))
    case .age:
      guard let time = board.integer(row, "fresh_at") else {
        return TableCell(text: Figures.unknown, role: .valueUnknown)
      }
      return TableCell(
        text: Times.age(of: Instant(microseconds: time), at: now), role: .textDim)
    case .progress: return TableCell(text: historyText(row), role: .textDim)
    case .quota:
      let venue = board.text(row, "venue")
      return TableCell(text: quotaText(venue), role: .textDim)
    case .rights: return TableCell(text: Sanitiser.line(board.text(row, "rights")))
    case .breaks:
      let count = board.integer(row, "breaks") ?? 0
      return TableCell(text: "\(count)", role: count > 0 ? .alertWarning : .textDim)
    case .problem:
      let text = board.text(row, "problem")
      return TableCell(text: Sanitiser.line(text.shortened(to: 200)), role: .alertWarning)
    }
  }

  private func historyText(_ row: Int) -> String {
    guard let percent = connections.integer(row, "done_percent") else { return "" }
    if percent >= 100 { return "complete" }
    guard let seconds = connections.integer(row, "eta_s") else { return "\(percent) %" }
    return "\(percent) % \(ClientModel.span(seconds))"
  }

  /// A length of time in one unit.
  static func span(_ seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(max(0, seconds))s"
    case ..<3_600: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3_600)h"
    default: "\(seconds / 86_400)d"
    }
  }

  /// How much of a venue's tightest limit is left.
  private func quotaText(_ venue: String) -> String {
    guard let limits = boards[Board.limits] else { return "" }
    var least: Int64?
    for row in limits.rows.indices where limits.text(row, "venue") == venue {
      guard let used = limits.integer(row, "used"),
        let capacity = limits.integer(row, "capacity"), capacity > 0
      else { continue }
      let left = max(0, min(100, (capacity - used) * 100 / capacity))
      least = min(least ?? 100, left)
    }
    return least.map { "\($0) %" } ?? ""
  }

  private static func role(of state: String) -> Role {
    switch AccountState(rawValue: state) {
    case .live, .polled: .stateOK
    case .syncing, .waiting, .offline, .paused: .stateStale
    case .stale, .stopped: .stateError
    case .manual, nil: .stateManual
    }
  }

  // MARK: - The account under the cursor

  private func drawConnection(_ frame: inout Frame, _ place: Rect) {
    let row = connectionCursor.index
    let board = connections
    let name = Sanitiser.line(board.text(row, "name"))
    frame.pane(place, title: name.isEmpty ? "Account" : "\(name): what is read")
    let inside = Layout.inside(place)
    var lines: [[Piece]] = []
    for (label, key) in [("problem", "problem"), ("to do", "advice"), ("not seen", "unseen")] {
      let text = board.text(row, key)
      if text.isEmpty { continue }
      let style = Style(key == "problem" ? .alertWarning : .text)
      for (index, part) in Wrapped.lines(text, columns: max(10, inside.width - 12)).enumerated() {
        let head = index == 0 ? label : ""
        lines.append([(Padded.left(head, 10), Style(.textDim)), (Sanitiser.line(part), style)])
      }
    }
    lines += feedLines(of: board.text(row, "account"))
    for (index, line) in lines.prefix(inside.height).enumerated() {
      frame.put(
        line, at: Point(x: inside.x + 1, y: inside.y + index), width: inside.width - 1)
    }
  }

  private func feedLines(of account: String) -> [[Piece]] {
    guard let feeds = boards[Board.feeds(of: account)] else { return [] }
    return feeds.rows.indices.map { row in
      let state = feeds.text(row, "state")
      var words = ""
      if let from = feeds.integer(row, "read_from"), let to = feeds.integer(row, "read_to") {
        words =
          "\(Times.date(Instant(microseconds: from))) to "
          + Times.stamp(Instant(microseconds: to))
      }
      let problem = feeds.text(row, "problem")
      return [
        (Padded.left(feeds.text(row, "feed").shortened(to: 40), 24), Style(.text)),
        (Padded.left(state, 9), Style(problem.isEmpty ? .textDim : .alertWarning)),
        (Padded.left("\(feeds.integer(row, "rows") ?? 0)", 8), Style(.value)),
        (problem.isEmpty ? words : Sanitiser.line(problem), Style(.textDim)),
      ]
    }
  }

  // MARK: - Limits

  private func drawLimits(_ frame: inout Frame, _ place: Rect) {
    let venue = connections.text(connectionCursor.index, "venue")
    frame.pane(place, title: "Limits of \(Sanitiser.line(venue))")
    let inside = Layout.inside(place)
    guard let limits = boards[Board.limits] else { return }
    let own = limits.rows.indices.filter { limits.text($0, "venue") == venue }
    for (line, row) in own.prefix(inside.height).enumerated() {
      let y = inside.y + line
      let name = Sanitiser.line(limits.text(row, "limit").shortened(to: 40))
      let used = limits.integer(row, "used") ?? 0
      let capacity = max(1, limits.integer(row, "capacity") ?? 1)
      let numbers = "\(used)/\(capacity)"
      let room = max(0, inside.width - 18 - numbers.count)
      let filled = Int(min(Int64(room), used * Int64(room) / capacity))
      let isTight = used * 10 > capacity * 8
      frame.put(
        [
          (Padded.left(name, 14) + " ", Style(.textDim)),
          (String(repeating: "=", count: filled), Style(isTight ? .alertWarning : .progress)),
          (String(repeating: ".", count: room - filled), Style(.progressTrack)),
          (" " + numbers, Style(.text)),
        ], at: Point(x: inside.x + 1, y: y), width: inside.width - 1)
    }
  }

  /// What Enter shows of the account under the cursor.
  var connectionDetails: (title: String, details: [Detail])? {
    let board = connections
    let row = connectionCursor.index
    guard board.rows.indices.contains(row) else { return nil }
    let details = board.columns.indices.compactMap { column -> Detail? in
      let name = board.columns[column]
      let text: String
      switch board.rows[row][column] {
      case .none: return nil
      case .text(let value): text = value
      case .integer(let value):
        text =
          name.hasSuffix("_at") ? Times.stamp(Instant(microseconds: value)) + " UTC" : "\(value)"
      case .amount(let value): text = value.text
      case .flag(let value): text = value ? "yes" : "no"
      }
      return text.isEmpty
        ? nil : Detail(name: name.split(separator: "_").joined(separator: " "), text: text)
    }
    return (board.text(row, "name"), details)
  }
}

extension String {
  /// Words that need attention stand out without colour.
  fileprivate var uppercasedWhenBad: String {
    switch AccountState(rawValue: self) {
    case .stale, .stopped: uppercased()
    default: self
    }
  }
}
