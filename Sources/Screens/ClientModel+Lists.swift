internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// The list that movement keys move in.
enum Focus: Hashable, Sendable {
  case overlay
  case top
  case accounts
  case books
  case notices
  /// A small table of the Overview.
  case brief(OverviewPane)
  case positions
  case parts
  /// The lots of a position, or of one account's part of it.
  case lots
  case entries
  case ledger
  case connections
  /// What is read of the account under the cursor.
  case feeds
  case alerts
  /// The explanation of the alert under the cursor.
  case why
  /// The assets of the P&L screen.
  case gains
  /// The pane of the Risk screen that is chosen.
  case risk
  /// The rows of the heat map.
  case heat
  case log
  /// The positions of a past day.
  case past
}

extension ClientModel {
  var focus: Focus {
    if !overlays.isEmpty { return .overlay }
    if past != nil { return .past }
    switch screen {
    case .overview:
      switch pane {
      case .positions: return .top
      case .accounts: return .accounts
      case .books: return .books
      case .notices: return .notices
      case .nav, .movers, .attribution, .exposure, .risk: return .brief(pane)
      }
    case .positions:
      guard let drill else { return .positions }
      return drill.focus
    case .ledger: return .ledger
    case .log: return .log
    case .alerts: return alertPane == .list || alertBoard.rows.isEmpty ? .alerts : .why
    case .profit: return .gains
    case .risk: return .risk
    case .heatmap: return .heat
    case .accounts: return accountPane == .list || connections.rows.isEmpty ? .connections : .feeds
    }
  }

  /// Whether keys scroll the text instead of moving a cursor in it.
  private func scrolls(_ focus: Focus) -> Bool {
    focus == .feeds || focus == .why
      || (focus == .overlay && overlays.last?.overlay.isPage == false)
  }

  /// How many rows a list has.
  func count(of focus: Focus) -> Int {
    switch focus {
    case .overlay: overlays.last.map { lineCount(of: $0) } ?? 0
    case .top: top.count
    case .accounts: board?.accounts.count ?? 0
    case .books: bookSums.count
    case .notices: notices.count
    case .brief(let pane): brief(pane, 40).rows.count
    case .positions: list.count
    case .parts: drill.flatMap { board?.row(of: $0.asset)?.position.shares.count } ?? 0
    case .lots: drill?.lots?.count ?? 0
    case .entries: drill?.entries?.count ?? 0
    case .ledger: ledger.count
    case .log: log.count
    case .past: pastCount
    case .connections: connections.rows.count
    case .feeds: connectionLines.count
    case .alerts: alertBoard.rows.count
    case .why: whyLines.count
    case .gains: gainsBoard.rows.count
    case .risk: riskTable(riskPane, 80).rows.count
    case .heat: heatmapBoard.rows.count
    }
  }

  /// How many rows of a list show at once.
  func height(of focus: Focus) -> Int {
    switch focus {
    case .overlay: overlays.last.map { max(1, Layout.inside(overlayPlace($0)).height) } ?? 1
    case .top: Layout.tableRows(place(of: .positions))
    case .accounts: Layout.tableRows(place(of: .accounts))
    case .books: Layout.tableRows(place(of: .books))
    case .notices: max(1, Layout.inside(place(of: .notices)).height)
    case .brief(let pane): briefRows(pane)
    case .positions: Layout.tableRows(room(of: .positions).positions.list)
    case .parts, .lots, .entries: Layout.tableRows(room(of: .positions).place)
    case .ledger: Layout.tableRows(room(of: .ledger).place)
    case .log: Layout.tableRows(room(of: .log).place)
    case .past: Layout.tableRows(layout.body)
    case .connections: Layout.tableRows(accountPanes.list ?? room(of: .accounts).place)
    case .feeds: max(1, Layout.inside(accountPanes.detail ?? room(of: .accounts).place).height)
    case .alerts: Layout.tableRows(alertPanes.list ?? room(of: .alerts).place)
    case .why: whyRows
    case .gains: Layout.tableRows(profitPanes.assets)
    case .risk: Layout.tableRows(riskPanes[riskPane] ?? room(of: .risk).place)
    case .heat: heatmapRoom.rows
    }
  }

  /// Where a pane of the Overview stands; all of its screen's place where it is hidden.
  func place(of wanted: OverviewPane) -> Rect {
    let room = room(of: .overview)
    return room.overview(focused: pane).first { $0.pane == wanted }?.place ?? room.place
  }

  var pageHeight: Int { height(of: focus) }

  func cursor(of focus: Focus) -> ListCursor {
    switch focus {
    case .overlay: overlays.last?.cursor ?? ListCursor()
    case .top: top.cursor
    case .accounts: paneCursors[.accounts] ?? ListCursor()
    case .books: paneCursors[.books] ?? ListCursor()
    case .notices: paneCursors[.notices] ?? ListCursor()
    case .brief(let pane): paneCursors[pane] ?? ListCursor()
    case .positions: list.cursor
    case .parts: drill?.cursor ?? ListCursor()
    case .lots: drill?.lots?.cursor ?? ListCursor()
    case .entries: drill?.entries?.cursor ?? ListCursor()
    case .ledger: ledger.cursor
    case .log: log.cursor
    case .past: past?.cursor ?? ListCursor()
    case .connections: connectionCursor
    case .feeds: feedCursor
    case .alerts: alertCursor
    case .why: whyCursor
    case .gains: profitCursor
    case .risk: riskCursors[riskPane] ?? ListCursor()
    case .heat: heatRow
    }
  }

  mutating func put(_ cursor: ListCursor, in focus: Focus) {
    switch focus {
    case .overlay:
      if let last = overlays.indices.last { overlays[last].cursor = cursor }
    case .top: top.cursor = cursor
    case .accounts: paneCursors[.accounts] = cursor
    case .books: paneCursors[.books] = cursor
    case .notices: paneCursors[.notices] = cursor
    case .brief(let pane): paneCursors[pane] = cursor
    case .positions: list.cursor = cursor
    case .parts: drill?.cursor = cursor
    case .lots: drill?.lots?.cursor = cursor
    case .entries: drill?.entries?.cursor = cursor
    case .ledger: ledger.cursor = cursor
    case .log: log.cursor = cursor
    case .past: past?.cursor = cursor
    case .connections:
      if cursor.index != connectionCursor.index { feedCursor = ListCursor() }
      connectionCursor = cursor
    case .feeds: feedCursor = cursor
    case .alerts:
      if cursor.index != alertCursor.index { whyCursor = ListCursor() }
      alertCursor = cursor
    case .why: whyCursor = cursor
    case .gains: profitCursor = cursor
    case .risk: riskCursors[riskPane] = cursor
    case .heat: heatRow = cursor
    }
  }

  /// Moves the cursor of the focused list; text without a cursor is scrolled.
  mutating func move(by rows: Int) {
    let focus = focus
    var cursor = cursor(of: focus)
    if scrolls(focus) {
      let last = max(0, count(of: focus) - height(of: focus))
      cursor.first = max(0, min(last, cursor.first + max(-100_000, min(rows, 100_000))))
      cursor.index = cursor.first
    } else {
      cursor.move(by: rows, count: count(of: focus))
    }
    put(cursor, in: focus)
    followLog()
    draw()
  }

  /// Moves the cursor to a row of the focused list.
  mutating func move(to row: Int) {
    let focus = focus
    if row == 0 || row == .max, !isPaused {
      if focus == .positions { sortList() } else if focus == .top { sortTop() }
    }
    var cursor = cursor(of: focus)
    cursor.place(row, count: count(of: focus))
    if scrolls(focus) {
      cursor.first = max(0, min(cursor.index, count(of: focus) - height(of: focus)))
      cursor.index = cursor.first
    }
    put(cursor, in: focus)
    followLog()
    draw()
  }

  /// What is at the end of the log goes with it.
  private mutating func followLog() {
    if focus == .log { log.isFollowing = log.cursor.index >= log.count - 1 }
  }

  /// Draws every cursor that shows into its list.
  mutating func settleCursors() {
    if shows(.log) { log.use(isPrivate: isPrivate) }
    if shows(.heatmap) {
      heatColumn.settle(count: heatmapBoard.rows.count, height: heatmapRoom.columns)
    }
    var shown = panes.flatMap { lists(of: $0.screen) }
    if !overlays.isEmpty { shown.append(.overlay) }
    if past != nil, pastCount > 0 { shown.append(.past) }
    for focus in shown {
      var cursor = cursor(of: focus)
      cursor.settle(count: count(of: focus), height: height(of: focus))
      put(cursor, in: focus)
    }
    if let open = prompt {
      let height = choicesHeight(open)
      prompt?.choices?.settle(height: height)
    }
    if let asset = drill?.asset, let board, board.row(of: asset) == nil {
      drill = nil
      say(.info, "The position in \(board.name(of: asset)) is gone.")
    }
  }

  /// The lists of a screen that have a cursor.
  private func lists(of screen: Screen) -> [Focus] {
    switch screen {
    case .overview: [.top, .accounts, .books, .notices] + OverviewPane.briefs.map { .brief($0) }
    case .positions: [.positions] + (drill == nil ? [] : [.parts, .lots, .entries])
    case .ledger: [.ledger]
    case .log: [.log]
    case .alerts: [.alerts, .why]
    case .profit: [.gains]
    case .accounts: [.connections, .feeds]
    case .risk: [.risk]
    case .heatmap: [.heat]
    }
  }

  /// Asks the engine for the pages that the screen needs.
  mutating func askForPages() {
    guard isConnected, status?.isUnlocked == true else { return }
    var questions: [(id: UInt64, query: LedgerQuery)] = []
    var next = nextRequest
    let number = { () -> UInt64 in
      defer { next += 1 }
      return next
    }
    if shows(.ledger) {
      let rows = height(of: .ledger)
      questions = ledger.questions(height: rows, id: number)
    }
    if shows(.positions) {
      let rows = height(of: .entries)
      questions += drill?.shownEntries(height: rows, id: number) ?? []
    }
    nextRequest = next
    for question in questions { perform(.send(.page(id: question.id, question.query))) }
    askForLots()
  }
}

// MARK: - Order

extension ClientModel {
  mutating func sortAll() {
    sortTop()
    sortList()
  }

  mutating func sortTop() {
    guard let board else { return }
    top.sort(board, at: now, height: height(of: .top))
    movers.sort(board, at: now)
  }

  mutating func sortList() {
    guard let board else { return }
    list.sort(board, at: now, height: height(of: .positions))
    draw()
  }

  /// When the order on the screen is made anew without a key; `nil` while it is right.
  var sortDue: Instant? {
    guard board != nil, !isPaused, !isLocked else { return nil }
    let shown = (shows(.overview) ? [top] : []) + (shows(.positions) ? [list] : [])
    return shown.filter(\.isOrderOld)
      .map { max(lastKey, $0.sortedAt).advanced(byMilliseconds: Timing.idle) }.min()
  }

  mutating func sortWhenIdle() {
    guard let due = sortDue, now >= due else { return }
    if shows(.overview) { sortTop() }
    if shows(.positions) { sortList() }
    draw()
  }

  mutating func sort(by word: String?) {
    guard let word else { return openSortMenu() }
    guard let column = PositionColumn.named(word) else {
      return say(.error, "sort: there is no column '\(word.prefix(20))'")
    }
    sort(by: column)
  }

  /// Sorts by a column; the column that is sorted by already is turned round.
  mutating func sort(by column: PositionColumn) {
    let isSame = list.sorting.column == column
    list.sorting = PositionOrder(
      column: column,
      isDescending: isSame ? !list.sorting.isDescending : column.startsDescending)
    self.column = column
    sortList()
  }

  mutating func moveSort(by step: Int) {
    let shown = shownColumns.map(\.column)
    guard !shown.isEmpty else { return }
    let index = shown.firstIndex(of: list.sorting.column) ?? 0
    let next = shown[(index + step + shown.count) % shown.count]
    if next != list.sorting.column { sort(by: next) }
  }

  mutating func reverseSort() {
    list.sorting.isDescending.toggle()
    sortList()
  }

  mutating func moveColumn(by step: Int) {
    if screen == .heatmap, overlays.isEmpty {
      heatColumn.move(by: step, count: heatmapBoard.rows.count)
      return draw()
    }
    let shown = shownColumns.map(\.column)
    guard screen == .positions, !shown.isEmpty else { return }
    let index = shown.firstIndex(of: column) ?? 0
    column = shown[max(0, min(index + max(-100, min(step, 100)), shown.count - 1))]
    draw()
  }

  /// The columns of the table of positions on this screen.
  var shownColumns: [(column: PositionColumn, width: Int)] {
    PositionColumn.fitting(
      Layout.inside(room(of: .positions).positions.list).width - 2, whole: wholeWidth,
      of: columns)
  }

  /// The slots whose ages are on the screen.
  var visiblePositions: [Int] {
    var slots: [Int] = []
    if shows(.positions), drill == nil, shownColumns.contains(where: { $0.column == .age }) {
      slots += list.cursor.window(count: list.count, height: height(of: .positions))
        .compactMap { list.slot(at: $0) }
    }
    if shows(.overview) {
      let inside = Layout.inside(place(of: .positions)).width - 2
      let shown = PositionColumn.fitting(inside, hasCosts: false, whole: wholeWidth)
      guard shown.contains(where: { $0.column == .age }) else { return slots }
      slots += top.cursor.window(count: top.count, height: height(of: .top))
        .compactMap { top.slot(at: $0) }
    }
    return slots
  }
}
