internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

extension ClientModel {
  /// The screen of positions at whatever depth one is.
  func drawPositions(_ frame: inout Frame) {
    let room = room(of: .positions)
    if let drill, board != nil { return drawDrill(&frame, room.place, drill) }
    let places = room.positions
    drawPositionTable(
      &frame, places.list, list, of: .positions, isFocused: screen == .positions)
    guard let place = places.parts, let board, let row = list.selected(on: board) else {
      if let place = places.parts { frame.pane(place) }
      return
    }
    let asset = row.position.asset
    let title = "\(board.name(of: row)) by account"
    guard place.height >= 24 else {
      return drawParts(&frame, place, asset: asset, cursor: nil, title: title)
    }
    let partRows = min(place.height / 2, row.position.shares.count + 4)
    let (upper, lower) = place.cutTop(partRows)
    drawParts(&frame, upper, asset: asset, cursor: nil, title: title)
    let inside = frame.pane(lower, title: "Explain: \(board.name(of: row))")
    for (number, line) in explanation(of: asset).prefix(inside.height).enumerated() {
      let point = Point(x: inside.x + 1, y: inside.y + number)
      frame.put(line.pieces, at: point, width: inside.width - 2)
    }
  }

  /// The table of positions of the Overview or of their own screen, with its frame.
  func drawPositionTable(
    _ frame: inout Frame, _ place: Rect, _ list: PositionList, of screen: Screen, isFocused: Bool
  ) {
    let inside = frame.pane(
      place, title: "Positions",
      corner: screen == .overview ? hint("screen 2") ?? "" : "",
      footer: footer(of: list), isFocused: isFocused)
    guard let board else {
      let point = Point(x: inside.x + 1, y: inside.y)
      frame.put("waiting for the engine", at: point, Style(.textDim), width: inside.width - 1)
      return
    }
    let whole = wholeWidth
    let shown = PositionColumn.fitting(
      inside.width - 2, hasCosts: screen == .positions, whole: whole,
      of: screen == .positions ? self.columns : PositionColumns())
    let columns = shown.map {
      TableColumn(title: $0.column.title, width: $0.width, alignment: $0.column.alignment)
    }
    let isList = screen == .positions && isFocused
    frame.titles(
      columns, in: inside.row(0),
      sorted: shown.firstIndex { $0.column == list.sorting.column }
        .map { ($0, list.sorting.isDescending) },
      chosen: isList ? shown.firstIndex { $0.column == column } : nil)
    let window = frame.window(list.cursor, count: list.count, height: inside.height - 1)
    if list.count == 0 { drawEmpty(&frame, inside, of: screen) }
    for index in window {
      let place = inside.row(1 + index - window.lowerBound)
      if let group = list.group(at: index) {
        drawGroup(&frame, place, group, list, shown, whole: whole)
        if index == list.cursor.index { drawCursor(&frame, place, isFocused: isFocused) }
        continue
      }
      guard let row = list.row(at: index, on: board) else { continue }
      var cells = shown.map {
        cell($0.column, width: $0.width, whole: whole, of: row, on: board)
      }
      if list.grouping != .none, let name = cells.first, shown.first?.column == .asset {
        cells[0] = TableCell(text: "  " + name.text, role: name.role)
      }
      frame.cells(cells, below: columns, in: place)
      if list.marks.contains(row.position.asset) {
        frame.put(.mark, at: place.origin, Style(.rowMarked))
        frame.lay(place, on: .rowMarked)
      }
      if index == list.cursor.index { drawCursor(&frame, place, isFocused: isFocused) }
    }
  }

  /// How wide values are with every digit before the point and a mark: hardly one is above the sum.
  var wholeWidth: Int { figures.long(board?.totals.value ?? .zero).count + 1 }

  private func drawEmpty(_ frame: inout Frame, _ inside: Rect, of screen: Screen) {
    let text =
      list.filter.isEmpty || screen != .positions
      ? "no positions yet; :import PATH reads a file" : "no position fits the filter"
    frame.put(
      text, at: Point(x: inside.x + 1, y: inside.y + 1), Style(.textDim),
      width: inside.width - 1)
  }

  private func footer(of list: PositionList) -> String {
    guard let board else { return "" }
    if !list.marks.isEmpty { return markedFooter(list, board) }
    let total = board.totals.positions + (list.showsFolded ? board.totals.folded : 0)
    let shown = list.order.count
    let count = shown == total ? "\(Decimals.count(total))" : "\(shown) of \(total)"
    let order = "\(list.sorting.column.rawValue) \(list.sorting.isDescending ? "↓" : "↑")"
    let folded = board.totals.folded
    let hidden = list.showsFolded ? "with" : "and"
    let suspect = folded == 0 ? "" : ", \(hidden) \(folded) suspect folded"
    let groups =
      list.grouping == .none ? "" : "   in \(list.groups.count) \(list.grouping.plural)"
    return "\(count) positions\(suspect)   by \(order)\(groups)"
  }

  private func markedFooter(_ list: PositionList, _ board: PositionBoard) -> String {
    var sum = GroupSum()
    for asset in list.marks.sorted() {
      if let position = board.row(of: asset)?.position {
        sum.count(position.value, state(of: position), sign: 1)
      }
    }
    return "\(list.marks.count) marked   \(valueText(sum.value, sum.state, unpriced: sum.unpriced))"
  }

  /// One figure of a position.
  private func cell(
    _ column: PositionColumn, width: Int, whole wholeWidth: Int, of row: PositionRow,
    on board: PositionBoard
  ) -> TableCell {
    let position = row.position
    let state = state(of: row)
    let role = state.role
    switch column {
    case .gain, .gainRatio, .average, .cost: return costCell(column, width, of: row)
    case .asset:
      return TableCell(text: board.name(of: row), role: row.isLookalike ? .valueFlagged : .text)
    case .value:
      guard let value = position.value else {
        return TableCell(text: Figures.unknown, role: .valueUnknown)
      }
      let whole = state.mark + figures.long(value)
      let isWhole = width >= wholeWidth && whole.count <= width
      return TableCell(text: isWhole ? whole : state.mark + figures.compact(value), role: role)
    case .weight:
      let weight = board.weight(of: position.value)
      return TableCell(
        text: Figures.weight(weight, columns: width), role: weight == nil ? .valueUnknown : .value)
    case .day:
      let role = row.dayRatio.map { Figures.direction($0).role } ?? .valueUnknown
      return TableCell(text: Figures.change(row.dayRatio, columns: width), role: role)
    case .price:
      let text = position.price.map { figures.price($0.price, columns: width) } ?? Figures.unknown
      return TableCell(text: text, role: role)
    case .quantity:
      return TableCell(text: figures.quantity(position.quantity, columns: width))
    case .staked:
      let text =
        position.staked.isZero ? "" : figures.quantity(position.staked, columns: width)
      return TableCell(text: text)
    case .age: return TableCell(text: age(of: row), role: role)
    case .source:
      return TableCell(text: (position.price?.source ?? "").shortened(to: 64), role: .textDim)
    case .accounts: return TableCell(text: "\(position.shares.count)")
    }
  }

  /// A figure of what it cost: unknown is `?`, what rests on a part of the lots has it before it.
  private func costCell(
    _ column: PositionColumn, _ width: Int, of row: PositionRow
  ) -> TableCell {
    let unknown = TableCell(text: Figures.unknown, role: .valueUnknown)
    guard let basis = row.cost else { return unknown }
    if basis.isCash { return TableCell(text: "") }
    let mark = basis.isPartial ? Figures.unknown : ""
    let role: Role? = basis.isPartial ? .valueUnknown : nil
    switch column {
    case .cost:
      guard let cost = basis.cost else { return unknown }
      return TableCell(text: mark + figures.compact(cost), role: role ?? .value)
    case .average:
      guard let average = basis.average else { return unknown }
      let text = figures.price(Price(average), columns: width - mark.count)
      return TableCell(text: mark + text, role: role ?? .value)
    case .gain:
      guard let gain = basis.unrealised else { return unknown }
      return TableCell(
        text: mark + figures.compact(gain), role: role ?? Figures.direction(gain.approximate).role)
    default:
      guard let ratio = basis.ratio else { return unknown }
      return TableCell(
        text: mark + Figures.change(ratio, columns: width - mark.count),
        role: role ?? Figures.direction(ratio).role)
    }
  }

  /// How old the price is, or the oldest amount that could not be read anew.
  private func age(of row: PositionRow) -> String {
    if let since = row.oldSince {
      return since == 0
        ? Figures.unknown : Times.age(of: Instant(microseconds: since), at: now)
    }
    guard let price = row.position.price else { return Figures.unknown }
    return price.freshUntil.microseconds == .max ? "" : Times.age(of: price.time, at: now)
  }

  /// How far a position can be trusted now: also amounts turn stale, where a protocol does not answer.
  func state(of row: PositionRow) -> FigureState {
    let state = state(of: row.position)
    return state == .live && row.oldSince != nil ? .stale : state
  }

  /// How far a position can be trusted now: a price also turns stale while nobody says so.
  func state(of position: Position) -> FigureState {
    guard position.state == .live, let price = position.price else { return position.state }
    return now > price.freshUntil ? .stale : .live
  }

  /// Whether the figures have not moved for a minute because nothing comes from the engine.
  var isOutdated: Bool {
    guard let board, !isConnected || isPaused else { return false }
    return now > board.time.advanced(bySeconds: 60)
  }

  /// How far a sum can be trusted now.
  func aged(_ state: FigureState) -> FigureState {
    isOutdated && state == .live ? .stale : state
  }

  /// A value with the sign of its state.
  func valueText(_ value: Fixed, _ state: FigureState, unpriced: Int) -> String {
    switch state {
    case .live, .stale, .disputed: state.mark + figures.compact(value)
    case .unknown:
      value.isZero && unpriced > 0 ? Figures.unknown : "?" + figures.compact(value)
    }
  }

  // MARK: Parts

  private enum PartColumn: Hashable, Sendable {
    case account
    case quantity
    case staked
    case value
    case share
    case age
    case venue
    case book
  }

  private static let partColumns = ColumnChoice<PartColumn>(
    order: [.account, .venue, .book, .quantity, .staked, .value, .share, .age],
    byImportance: [.account, .quantity, .value, .share, .age, .staked, .venue, .book]
  ) { column in
    switch column {
    case .account: 16
    case .venue: 11
    case .book: 10
    case .quantity: 16
    case .staked: 14
    case .value: 9
    case .share: 6
    case .age: 5
    }
  }

  private static func titled(_ column: PartColumn, _ width: Int) -> TableColumn {
    switch column {
    case .account: TableColumn(title: "Account", width: width)
    case .venue: TableColumn(title: "Venue", width: width)
    case .book: TableColumn(title: "Book", width: width)
    case .quantity: TableColumn(title: "Quantity", width: width, alignment: .right)
    case .staked: TableColumn(title: "Staked", width: width, alignment: .right)
    case .value: TableColumn(title: "Value", width: width, alignment: .right)
    case .share: TableColumn(title: "Share%", width: width, alignment: .right)
    case .age: TableColumn(title: "Old", width: width, alignment: .right)
    }
  }

  /// What each account has of a position; with a cursor when it is the focus.
  func drawParts(
    _ frame: inout Frame, _ place: Rect, asset: AssetID, cursor: ListCursor?, title: String
  ) {
    guard let board, let row = board.row(of: asset) else { return }
    let shares = row.position.shares
    let inside = frame.pane(
      place, title: title, footer: partsFooter(row.position, board),
      isFocused: cursor != nil && screen == .positions)
    let shown = ClientModel.partColumns.fitting(
      inside.width - 2, stretching: .account, upTo: 14)
    let columns = shown.map { ClientModel.titled($0.name, $0.width) }
    let window = frame.window(
      cursor ?? ListCursor(), count: shares.count, height: inside.height - 1)
    drawRows(
      &frame, inside, columns, window, cursor: cursor?.index, isFocused: screen == .positions
    ) { index in
      shown.map { cell($0.name, $0.width, of: shares[index], row.position) }
    }
    if shares.count > window.upperBound, cursor == nil {
      let text = " and \(shares.count - window.upperBound + 1) more"
      frame.put(
        text, at: Point(x: inside.x, y: inside.bottom - 1), Style(.textDim), width: inside.width)
    }
  }

  private func cell(
    _ column: PartColumn, _ width: Int, of share: AccountShare, _ position: Position
  ) -> TableCell {
    let account = board?.account(share.account)
    switch column {
    case .account: return TableCell(text: accountName(share.account))
    case .venue: return TableCell(text: (account?.venue ?? "").shortened(to: 64), role: .textDim)
    case .book: return TableCell(text: account?.book.name ?? "", role: .textDim)
    case .age:
      guard let old = extras.oldAccounts[share.account.slug] else { return TableCell(text: "") }
      let text = old.readAt.map { Times.age(of: Instant(microseconds: $0), at: now) }
      return TableCell(text: "~" + (text ?? Figures.unknown), role: .valueStale)
    case .quantity: return TableCell(text: figures.quantity(share.quantity, columns: width))
    case .staked:
      let text = share.staked.isZero ? "" : figures.quantity(share.staked, columns: width)
      return TableCell(text: text)
    case .value:
      guard let value = share.value else {
        return TableCell(text: Figures.unknown, role: .valueUnknown)
      }
      let known = state(of: position)
      let isOld = extras.oldAccounts[share.account.slug] != nil
      let state = isOld && known == .live ? .stale : known
      return TableCell(text: valueText(value, state, unpriced: 0), role: state.role)
    case .share:
      return TableCell(
        text: Figures.weight(
          Figures.ratio(share.quantity.fixed, of: position.quantity.fixed), columns: width))
    }
  }

  private func partsFooter(_ position: Position, _ board: PositionBoard) -> String {
    let accounts = position.shares.count == 1 ? "1 account" : "\(position.shares.count) accounts"
    guard let price = position.price else { return "\(accounts)   no price" }
    let text = "\(state(of: position).mark)\(figures.price(price.price)) \(board.currency.code)"
    return "\(accounts)   price \(text)   \(price.source.shortened(to: 40))"
  }
}

extension FigureState {
  /// How a figure in this state looks.
  var role: Role {
    switch self {
    case .live: .value
    case .stale: .valueStale
    case .unknown: .valueUnknown
    case .disputed: .valueFlagged
    }
  }

  /// What stands before a figure in this state, so that it is told without colour.
  var mark: String {
    switch self {
    case .live: ""
    case .stale: "~"
    case .unknown: "?"
    case .disputed: "±"
    }
  }
}
