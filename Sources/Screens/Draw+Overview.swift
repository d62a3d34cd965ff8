internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

extension ClientModel {
  func drawOverview(_ frame: inout Frame) {
    for (pane, place) in room(of: .overview).overview(focused: pane) {
      let isFocused = pane == self.pane && hasKeys(.overview)
      switch pane {
      case .positions:
        drawPositionTable(&frame, place, top, of: .overview, isFocused: isFocused)
      case .accounts: drawAccounts(&frame, place, isFocused: isFocused)
      case .books: drawBooks(&frame, place, isFocused: isFocused)
      case .notices: drawNotices(&frame, place, isFocused: isFocused)
      case .nav, .movers, .attribution, .exposure, .risk:
        drawBrief(&frame, place, pane, isFocused: isFocused)
      }
    }
  }

  private func drawBrief(
    _ frame: inout Frame, _ place: Rect, _ pane: OverviewPane, isFocused: Bool
  ) {
    let table = brief(pane, Layout.inside(place).width - 2)
    let corner = pane.screen.flatMap { hint("screen \($0.argument)") } ?? ""
    let inside = frame.pane(
      place, title: table.title, corner: corner, footer: table.footer, isFocused: isFocused)
    if table.rows.isEmpty {
      let lines = Wrapped.lines(table.note, columns: max(10, inside.width - 2))
      for (row, line) in lines.prefix(max(0, inside.height)).enumerated() {
        frame.put(line, at: Point(x: inside.x + 1, y: inside.y + row), Style(.textDim))
      }
      return
    }
    let cursor = cursor(of: .brief(pane))
    let window = frame.window(cursor, count: table.rows.count, height: briefRows(pane))
    drawRows(
      &frame, inside, table.columns, window, cursor: isFocused ? cursor.index : nil,
      isFocused: true
    ) { index in table.rows[index] }
    if pane == .nav, let place = navCurve(in: inside) { drawCurve(&frame, place, navLine) }
  }

  private enum GroupColumn: Hashable, Sendable {
    case name
    case state
    case age
    case venue
    case book
    case count
    case value
    case weight
    case bar
  }

  private static let groupColumns = ColumnChoice<GroupColumn>(
    order: [.name, .state, .age, .venue, .book, .count, .value, .weight, .bar],
    byImportance: [.name, .value, .weight, .state, .age, .venue, .book, .count, .bar]
  ) { column in
    switch column {
    case .name: 8
    case .state: 8
    case .age: 4
    case .venue: 9
    case .book: 8
    case .count: 5
    case .value: 9
    case .weight: 5
    case .bar: 18
    }
  }

  private static func titled(
    _ column: GroupColumn, _ width: Int, name: String, count: String
  ) -> TableColumn {
    switch column {
    case .name: TableColumn(title: name, width: width)
    case .state: TableColumn(title: "State", width: width)
    case .age: TableColumn(title: "Age", width: width, alignment: .right)
    case .venue: TableColumn(title: "Venue", width: width)
    case .book: TableColumn(title: "Book", width: width)
    case .count: TableColumn(title: count, width: width, alignment: .right)
    case .value: TableColumn(title: "Value", width: width, alignment: .right)
    case .weight: TableColumn(title: "Wt%", width: width, alignment: .right)
    case .bar: TableColumn(title: "", width: width)
    }
  }

  /// A cell that accounts and books have alike.
  private func cell(_ column: GroupColumn, _ width: Int, sum: GroupSum, count: Int) -> TableCell {
    let weight = board?.weight(of: sum.value)
    switch column {
    case .count:
      let isUnknown = count == 0 && sum.unread > 0
      return TableCell(text: isUnknown ? Figures.unknown : "\(count)", role: .textDim)
    case .value:
      let state = aged(sum.state)
      return TableCell(
        text: valueText(sum.value, state, unpriced: sum.missing), role: state.role)
    case .weight:
      let isUnknown = sum.value.isZero && sum.missing > 0
      return TableCell(text: isUnknown ? Figures.unknown : Figures.weight(weight, columns: width))
    case .bar:
      let length = Int(((weight ?? 0) * Double(width)).rounded())
      return TableCell(
        text: String(repeating: "█", count: max(0, min(width, length))), role: .chartLine)
    case .name, .state, .age, .venue, .book: return TableCell(text: "")
    }
  }

  private func drawAccounts(_ frame: inout Frame, _ place: Rect, isFocused: Bool) {
    guard let board else {
      frame.pane(place, title: "Accounts", isFocused: isFocused)
      return
    }
    let accounts = board.accounts
    drawGroups(
      &frame, place, title: "Accounts & sync", footer: "\(accounts.count) accounts",
      focus: .accounts, isFocused: isFocused, names: ("Account", "Pos"), without: []
    ) { index, column, width in
      let account = accounts[index]
      let sum = board.sum(of: account.id)
      switch column {
      case .name: return TableCell(text: account.name.shortened(to: 128))
      case .state: return stateCell(of: account.id.slug)
      case .age: return ageCell(of: account.id.slug)
      case .venue: return TableCell(text: account.venue.shortened(to: 64), role: .textDim)
      case .book: return TableCell(text: account.book.name.shortened(to: 64), role: .textDim)
      default: return cell(column, width, sum: sum, count: sum.positions)
      }
    }
  }

  /// The row of an account among those that are followed.
  private func connection(_ slug: String) -> Int? {
    let board = connections
    return board.rows.indices.first { board.text($0, "account") == slug }
  }

  /// How an account that is followed stands; what is kept by hand or from files has no state.
  private func stateCell(of slug: String) -> TableCell {
    guard let row = connection(slug) else {
      let isKnown = boards[Board.accounts] != nil
      return TableCell(text: isKnown ? "by hand" : Figures.unknown, role: .stateManual)
    }
    let state = connections.text(row, "state")
    return TableCell(text: state.uppercasedWhenBad, role: ClientModel.role(of: state))
  }

  private func ageCell(of slug: String) -> TableCell {
    guard let row = connection(slug) else { return TableCell(text: "") }
    guard let time = connections.integer(row, "fresh_at") else {
      return TableCell(text: Figures.unknown, role: .valueUnknown)
    }
    return TableCell(text: Times.age(of: Instant(microseconds: time), at: now), role: .textDim)
  }

  private func drawBooks(_ frame: inout Frame, _ place: Rect, isFocused: Bool) {
    let books = bookSums
    drawGroups(
      &frame, place, title: "Books", footer: "", focus: .books, isFocused: isFocused,
      names: ("Book", "Accts"), without: [.state, .age, .venue, .book]
    ) { index, column, width in
      let book = books[index]
      if column == .name { return TableCell(text: book.book.name.shortened(to: 64)) }
      return cell(column, width, sum: book.sum, count: book.accounts)
    }
  }

  private func drawGroups(
    _ frame: inout Frame, _ place: Rect, title: String, footer: String, focus: Focus,
    isFocused: Bool, names: (name: String, count: String), without: Set<GroupColumn>,
    cell: (Int, GroupColumn, Int) -> TableCell
  ) {
    let inside = frame.pane(place, title: title, footer: footer, isFocused: isFocused)
    let all = ClientModel.groupColumns
    // Names are worth more than venues: only a narrow pane cuts them down.
    let name = inside.width < 32 ? 8 : 14
    let choice = ColumnChoice<GroupColumn>(
      order: all.order, byImportance: all.byImportance.filter { !without.contains($0) },
      width: { $0 == .name ? name : all.width($0) })
    let shown = choice.fitting(inside.width - 2, stretching: .name, upTo: 12)
    let columns = shown.map {
      ClientModel.titled($0.name, $0.width, name: names.name, count: names.count)
    }
    let cursor = cursor(of: focus)
    let window = frame.window(cursor, count: count(of: focus), height: inside.height - 1)
    drawRows(
      &frame, inside, columns, window, cursor: isFocused ? cursor.index : nil, isFocused: true
    ) { index in shown.map { cell(index, $0.name, $0.width) } }
  }

  private func drawNotices(_ frame: inout Frame, _ place: Rect, isFocused: Bool) {
    let notices = notices
    let grave = notices.count { $0.kind != .calm }
    let inside = frame.pane(
      place, title: grave == 0 ? "Alerts & health" : "Alerts & health \(grave)",
      corner: hint("screen 5") ?? "", isFocused: isFocused)
    let cursor = cursor(of: .notices)
    let window = frame.window(cursor, count: notices.count, height: inside.height)
    for index in window {
      let notice = notices[index]
      let row = inside.row(index - window.lowerBound)
      let width = inside.width - 2
      frame.put(
        notice.text, at: Point(x: row.x + 1, y: row.y), Style(notice.kind.role), width: width)
      if let share = notice.progress { drawProgress(&frame, row, share) }
      if isFocused, index == cursor.index { drawCursor(&frame, row, isFocused: true) }
    }
  }

  private func drawProgress(_ frame: inout Frame, _ row: Rect, _ share: Double) {
    let width = min(24, row.width / 3)
    let bar = Rect(x: row.right - width - 1, y: row.y, width: width, height: 1)
    frame.fill(bar, Style(.progressTrack), with: .light)
    let done = Int((share * Double(width)).rounded(.down))
    frame.fill(
      Rect(x: bar.x, y: bar.y, width: done, height: 1), Style(.progress), with: .full)
  }
}

extension Notice.Kind {
  /// How a notice looks.
  var role: Role {
    switch self {
    case .calm: .textDim
    case .info: .alertInfo
    case .warning: .alertWarning
    case .high: .alertHigh
    }
  }
}
