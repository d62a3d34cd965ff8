internal import Amounts
internal import Canvas
internal import Ledger
internal import Wire

/// A pane of the Accounts screen.
enum AccountPane: Hashable, Sendable {
  case list
  case feeds
}

extension ClientModel {
  /// Where the panes of the Accounts screen stand.
  struct AccountPanes {
    let list: Rect?
    let detail: Rect?
    let limits: Rect?

    init(_ room: Room, rows: Int, focused: AccountPane) {
      let body = room.place
      guard room.isFull, body.height >= 14, rows > 0 else {
        let showsList = focused == .list || rows == 0
        (list, detail, limits) = (showsList ? body : nil, showsList ? nil : body, nil)
        return
      }
      let (upper, lower) = body.cutTop(max(6, min(rows + 3, body.height / 2)))
      list = upper
      guard body.width >= 76 else {
        (detail, limits) = (lower, nil)
        return
      }
      let columns = lower.columns(
        body.width < 110 ? [.weight(1), .fixed(28)] : [.weight(3), .weight(2)])
      (detail, limits) = (columns[0], columns[1])
    }
  }

  var accountPanes: AccountPanes {
    AccountPanes(room(of: .accounts), rows: connections.rows.count, focused: accountPane)
  }

  /// The board of accounts; empty before the engine has sent it.
  var connections: Report { boards[Board.accounts] ?? Report() }

  /// The boards of all screens that show, each once.
  var wantedBoards: [String] {
    guard !isLocked else { return [] }
    var wanted = [Board.alerts]
    for pane in panes {
      for board in boards(of: pane.screen) where !wanted.contains(board) { wanted.append(board) }
    }
    return wanted
  }

  private func boards(of screen: Screen) -> [String] {
    switch screen {
    case .profit: return profitBoards
    case .risk:
      return [
        Board.risk, Board.riskParts, Board.stress, Board.riskLimits, Board.backtests,
        Board.performance + ProfitPeriod.year.rawValue,
      ]
    case .heatmap: return [Board.heatmap + heatmap.name, Board.radar + heatmap.name]
    case .overview: return overviewBoards
    case .positions: return [Board.accounts, Board.gains + profitPeriod.rawValue]
    case .accounts:
      let account = connections.text(connectionCursor.index, "account")
      return [Board.accounts, Board.limits] + (account.isEmpty ? [] : [Board.feeds(of: account)])
    case .log: return [Board.log]
    case .alerts, .ledger: return []
    }
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
    if let place = panes.list { drawConnections(&frame, place) }
    if let place = panes.detail { drawConnection(&frame, place) }
    if let place = panes.limits { drawLimits(&frame, place) }
  }

  private func drawConnections(_ frame: inout Frame, _ place: Rect) {
    let inside = Layout.inside(place)
    let board = connections
    let window = frame.window(
      connectionCursor, count: board.rows.count, height: inside.height - 1)
    frame.pane(
      place, title: "Accounts \(board.rows.count)",
      footer: "keys stay sealed in the vault", isFocused: focus == .connections)
    let shown = ClientModel.connectionColumns.fitting(
      inside.width - 2, stretching: .problem, upTo: 80)
    let columns = shown.map { ClientModel.titled($0.name, $0.width) }
    if board.rows.isEmpty { return drawNoConnections(&frame, inside) }
    drawRows(
      &frame, inside, columns, window, cursor: connectionCursor.index,
      isFocused: focus == .connections
    ) { index in shown.map { cell($0.name, index) } }
  }

  private func drawNoConnections(_ frame: inout Frame, _ inside: Rect) {
    var lines = ["Waiting for the engine."]
    if boards[Board.accounts] != nil {
      lines = [
        "No exchange and no wallet is followed yet.", "",
        ":connect VENUE [NAME]   follows an exchange; make a key that may only read",
        ":watch ADDRESS [CHAIN]  watches a wallet: extended public key, descriptor, address",
        ":import FILE            reads what an exchange or program exports",
      ]
    }
    for (row, line) in lines.prefix(max(0, inside.height)).enumerated() {
      frame.put(
        line, at: Point(x: inside.x + 1, y: inside.y + row), Style(row == 0 ? .text : .textDim),
        width: inside.width - 1)
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
        let capacity = limits.integer(row, "capacity")
      else { continue }
      let left = 100 - ClientModel.share(used, of: capacity, in: 100)
      least = min(least ?? 100, left)
    }
    return least.map { "\($0) %" } ?? ""
  }

  /// How many of so many parts a number is of a whole; any numbers are taken.
  private static func share(_ number: Int64, of whole: Int64, in parts: Int64) -> Int64 {
    let whole = max(1, min(whole, 1_000_000_000_000))
    return max(0, min(number, whole)) * max(0, min(parts, 10_000)) / whole
  }

  static func role(of state: String) -> Role {
    switch AccountState(rawValue: state) {
    case .live, .polled: .stateOK
    case .syncing, .waiting, .offline, .paused: .stateStale
    case .stale, .stopped: .stateError
    case .manual, nil: .stateManual
    }
  }

  // MARK: - The account under the cursor

  private func drawConnection(_ frame: inout Frame, _ place: Rect) {
    let name = Sanitiser.line(connections.text(connectionCursor.index, "name"))
    let inside = Layout.inside(place)
    let lines = connectionLines
    let window = feedCursor.window(count: lines.count, height: inside.height)
    let isCut = window.count < lines.count
    frame.pane(
      place, title: name.isEmpty ? "Account" : "\(name): what is read",
      footer: isCut ? "\(window.lowerBound + 1)-\(window.upperBound) of \(lines.count)" : "",
      isFocused: focus == .feeds)
    for (row, line) in lines[window].enumerated() {
      frame.put(line, at: Point(x: inside.x + 1, y: inside.y + row), width: inside.width - 1)
    }
  }

  /// The columns of text in the pane of the account under the cursor.
  private var connectionWidth: Int {
    max(10, Layout.inside(accountPanes.detail ?? room(of: .accounts).place).width - 2)
  }

  /// What is known of the account under the cursor: what is wrong first, then its feeds.
  var connectionLines: [[Piece]] {
    let row = connectionCursor.index
    let board = connections
    guard board.rows.indices.contains(row) else { return [] }
    let width = connectionWidth
    let labelWidth = width < 30 ? 0 : 10
    var lines: [[Piece]] = []
    for (label, key) in [
      ("problem", "problem"), ("to do", "advice"), ("key may", "rights"), ("not seen", "unseen"),
    ] {
      let text = Sanitiser.line(board.text(row, key).shortened(to: 2_000))
      if text.isEmpty { continue }
      let style = Style(key == "problem" ? .alertWarning : .text)
      let parts = Wrapped.lines(text, columns: max(10, width - labelWidth))
      for (index, part) in parts.enumerated() {
        let head = Padded.left(index == 0 && labelWidth > 0 ? label : "", labelWidth)
        lines.append([(head, Style(.textDim)), (part, style)])
      }
    }
    let feeds = feedLines(of: board.text(row, "account"), width)
    return lines + (lines.isEmpty || feeds.isEmpty ? [] : [[]]) + feeds
  }

  private enum FeedColumn: Hashable, Sendable {
    case feed, state, rows, from, to
  }

  private static let feedColumns = ColumnChoice<FeedColumn>(
    order: [.feed, .state, .rows, .from, .to], byImportance: [.feed, .state, .to, .rows, .from]
  ) { column in
    switch column {
    case .feed: 20
    case .state: 8
    case .rows: 6
    case .from: 10
    case .to: 11
    }
  }

  private static func title(of column: FeedColumn) -> String {
    switch column {
    case .feed: "Feed"
    case .state: "State"
    case .rows: "Rows"
    case .from: "Read from"
    case .to: "Read to"
    }
  }

  private func feedLines(of account: String, _ width: Int) -> [[Piece]] {
    guard let feeds = boards[Board.feeds(of: account)], !feeds.rows.isEmpty else { return [] }
    let columns = ClientModel.feedColumns.fitting(width, stretching: .feed, upTo: 25)
    func line(_ text: (FeedColumn) -> String) -> String {
      columns.map { column, width in
        let cut = Sanitiser.line(text(column), columns: width)
        return column == .rows ? Padded.right(cut, width) : Padded.left(cut, width)
      }.joined(separator: " ")
    }
    var lines: [[Piece]] = [[(line(ClientModel.title), Style(.column))]]
    for row in feeds.rows.indices {
      let problem = Sanitiser.line(feeds.text(row, "problem").shortened(to: 400))
      let style = Style(problem.isEmpty ? .text : .alertWarning)
      lines.append([(line { feedText(feeds, row, $0) }, style)])
      var notes = problem.isEmpty ? [] : Wrapped.lines(problem, columns: max(10, width - 2))
      if let next = feeds.integer(row, "next_at"), next > now.microseconds {
        notes.append("rests until \(Times.second(Instant(microseconds: next))) UTC")
      }
      lines += notes.map { [("  " + $0, Style(.textDim))] }
    }
    if case .integer(let leftOut) = feeds["feeds_left_out"], leftOut > 0 {
      lines.append([("  and \(leftOut) more that are not shown", Style(.textDim))])
    }
    return lines
  }

  /// Day and minute of this year, the date of another.
  private func dayAndMinute(_ time: Instant) -> String {
    Times.date(time).prefix(4) == Times.date(now).prefix(4)
      ? String(Times.stamp(time).dropFirst(5)) : Times.date(time)
  }

  private func feedText(_ feeds: Report, _ row: Int, _ column: FeedColumn) -> String {
    func time(_ name: String) -> Instant? {
      feeds.integer(row, name).map { Instant(microseconds: $0) }
    }
    switch column {
    case .feed: return feeds.text(row, "feed")
    case .state:
      let state = feeds.text(row, "state")
      return state == "stopped" ? state.uppercased() : state
    case .rows: return "\(feeds.integer(row, "rows") ?? 0)"
    case .from: return time("read_from").map { Times.date($0) } ?? ""
    case .to: return time("read_to").map { dayAndMinute($0) } ?? ""
    }
  }

  // MARK: - Limits

  private func drawLimits(_ frame: inout Frame, _ place: Rect) {
    let venue = connections.text(connectionCursor.index, "venue")
    frame.pane(place, title: "Limits of \(Sanitiser.line(venue))")
    let inside = Layout.inside(place)
    guard let limits = boards[Board.limits] else { return }
    let own = limits.rows.indices.filter { limits.text($0, "venue") == venue }
    var lines: [[Piece]] = []
    for row in own {
      lines.append(limitLine(limits, row, width: inside.width - 2))
      let state = limits.text(row, "state")
      if let free = limits.integer(row, "free_at"), free > now.microseconds {
        let until = Times.second(Instant(microseconds: free))
        lines.append([("  \(Sanitiser.line(state)) until \(until)", Style(.alertWarning))])
      } else if !state.isEmpty, state != "open" {
        lines.append([("  \(Sanitiser.line(state))", Style(.alertWarning))])
      }
    }
    if lines.isEmpty { lines = [[("nothing was asked yet", Style(.textDim))]] }
    for (row, line) in lines.prefix(max(0, inside.height)).enumerated() {
      frame.put(line, at: Point(x: inside.x + 1, y: inside.y + row), width: inside.width - 1)
    }
  }

  private func limitLine(_ limits: Report, _ row: Int, width: Int) -> [Piece] {
    let used = max(0, limits.integer(row, "used") ?? 0)
    let capacity = max(1, limits.integer(row, "capacity") ?? 1)
    let numbers = " \(used)/\(capacity)"
    let label = max(6, min(20, width / 3))
    let room = max(0, min(60, width - label - 1 - numbers.count))
    let filled = Int(ClientModel.share(used, of: capacity, in: Int64(room)))
    let isTight = ClientModel.share(used, of: capacity, in: 100) > 80
    let name = Sanitiser.line(limits.text(row, "limit"), columns: label)
    return [
      (Padded.left(name, label) + " ", Style(.textDim)),
      (
        String(repeating: glyphs.text(.full), count: filled),
        Style(isTight ? .alertWarning : .progress)
      ),
      (String(repeating: glyphs.text(.light), count: room - filled), Style(.progressTrack)),
      (numbers + (isTight ? "!" : ""), Style(isTight ? .alertWarning : .text)),
    ]
  }

  /// How the cells of the board are called.
  private static let labels: KeyValuePairs = [
    "account": "account", "venue": "venue", "state": "state", "fresh_at": "balances of",
    "done_percent": "history %", "calls_left": "calls left", "eta_s": "seconds left",
    "entries": "rows read", "rights": "key may", "breaks": "breaks", "key_made_at": "key of",
    "problem": "problem", "advice": "to do", "unseen": "not seen",
  ]

  /// What Enter shows of the account under the cursor.
  var connectionDetails: (title: String, details: [Detail])? {
    let board = connections
    let row = connectionCursor.index
    guard board.rows.indices.contains(row) else { return nil }
    let details = ClientModel.labels.compactMap { name, label -> Detail? in
      let text: String
      switch board.cell(row, name) {
      case .integer(let value) where name.hasSuffix("_at"):
        text = Times.stamp(Instant(microseconds: value)) + " UTC"
      case let cell: text = cell.plain
      }
      return text.isEmpty ? nil : Detail(name: label, text: text.shortened(to: 4_000))
    }
    return (board.text(row, "name"), details)
  }
}

extension String {
  /// Words that need attention stand out without colour.
  var uppercasedWhenBad: String {
    switch AccountState(rawValue: self) {
    case .stale, .stopped: uppercased()
    default: self
    }
  }
}
