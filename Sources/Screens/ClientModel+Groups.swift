internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

extension ClientModel {
  /// Puts positions together by a word, or by the next one in the round.
  mutating func group(by word: String?) {
    let words = PositionGrouping.allCases.map(\.rawValue).joined(separator: ", ")
    guard
      let grouping = word.map({ PositionGrouping(rawValue: $0.lowercased()) })
        ?? list.grouping.next
    else { return say(.error, "group: by \(words)") }
    let chosen = list.slot(at: list.cursor.index)
    list.grouping = grouping
    sortList()
    if let chosen { list.choose(chosen) }
    say(.info, grouping == .none ? "No groups." : "Grouped by \(grouping.rawValue).")
  }

  /// Shows the sums of groups alone, or all of them again.
  mutating func foldGroups() {
    list.toggleAll()
    draw()
  }

  /// Opens or closes a group.
  mutating func toggleGroup(_ group: PositionGroup) {
    list.toggle(group.key)
    draw()
  }

  /// Opens the group under the cursor, or the position, with the cursor on the account it stands under.
  mutating func openPosition() {
    if let group = list.group(at: list.cursor.index) { return toggleGroup(group) }
    guard let board, let row = list.selected(on: board) else { return }
    let asset = row.position.asset
    drill = DrillDown(asset: asset)
    guard list.grouping.hasParts, let account = row.position.shares.first?.account,
      let shares = board.row(of: asset)?.position.shares,
      let index = shares.firstIndex(where: { $0.account == account })
    else { return }
    drill?.cursor.index = index
  }

  /// What a group adds up to now.
  func figures(of group: PositionGroup, in list: PositionList) -> GroupFigures {
    guard let board else { return GroupFigures() }
    return board.figures(of: group, by: list.grouping) { state(of: $0) }
  }

  /// Says where the sum of a group comes from.
  mutating func explain(_ group: PositionGroup) {
    guard let board else { return }
    let figures = figures(of: group, in: list)
    let sum = figures.sum
    var details = [
      Detail(name: "Group", text: board.title(ofGroup: group.key, by: list.grouping)),
      Detail(name: "By", text: list.grouping.rawValue),
      Detail(
        name: "Value", text: "\(Decimals.exact(sum.value)) \(board.currency.code)",
        isRevealing: true),
      Detail(
        name: "Sum of", text: "\(sum.positions - sum.unpriced) of \(sum.positions) positions"),
    ]
    for (count, name, text) in [
      (sum.stale, "~ stale", "rest on old prices or amounts"),
      (sum.disputed, "± disputed", "have a price that sources contradict each other about"),
      (sum.unpriced, "? unpriced", "have no price and are in no sum"),
      (sum.unread, "? unread", "accounts were never read to the end"),
      (figures.costsMissing, "? cost", "have a cost that is not known, or not for this part"),
      (figures.daysMissing, "* 24 hours", "have no price of 24 hours ago"),
    ] where count > 0 {
      details.append(Detail(name: name, text: "\(count) \(text)"))
    }
    if sum.overflowed {
      details.append(Detail(name: "! overflow", text: "the sum is beyond exact numbers"))
    }
    if !list.filter.isEmpty {
      details.append(Detail(name: "Filter", text: "only what fits \(list.filter.text)"))
    }
    show(.details(title: "Explain: the sum of a group", details))
  }

  /// The row of a group: its name, how many there are, and its sums with their marks.
  func drawGroup(
    _ frame: inout Frame, _ place: Rect, _ group: PositionGroup, _ list: PositionList,
    _ shown: [(column: PositionColumn, width: Int)], whole: Int
  ) {
    guard let board else { return }
    let figures = figures(of: group, in: list)
    let sign = list.collapsed.contains(group.key) ? "▸" : "▾"
    let title = board.title(ofGroup: group.key, by: list.grouping)
    let count = group.slots.count
    let hasCount = shown.contains { $0.column == .quantity }
    let cells = shown.map { entry in
      if entry.column == .quantity { return TableCell(text: "\(count) pos", role: .textDim) }
      let counts = hasCount ? "" : " \(count)"
      return entry.column == .asset
        ? groupName("\(sign) \(title)", counts, figures.sum, width: entry.width)
        : cell(entry.column, entry.width, of: figures, whole: whole)
    }
    let columns = shown.map {
      TableColumn(title: $0.column.title, width: $0.width, alignment: $0.column.alignment)
    }
    frame.cells(cells, below: columns, in: place)
  }

  /// The name cut so that the counts behind it always stand.
  private func groupName(
    _ name: String, _ counts: String, _ sum: GroupSum, width: Int
  ) -> TableCell {
    let tail = counts + (sum.missing > 0 ? " ?\(sum.missing)" : "")
    let room = max(1, width - tail.count)
    return TableCell(text: Sanitiser.line(name, columns: room) + tail, role: .textStrong)
  }

  private func cell(
    _ column: PositionColumn, _ width: Int, of group: GroupFigures, whole: Int
  ) -> TableCell {
    let unknown = TableCell(text: Figures.unknown, role: .valueUnknown)
    let sum = group.sum
    let state = aged(sum.state)
    switch column {
    case .value:
      if sum.value.isZero, sum.missing > 0 { return unknown }
      let text = state.mark + figures.long(sum.value)
      let fits = width >= whole && text.count <= width
      return TableCell(
        text: fits ? text : state.mark + figures.compact(sum.value), role: state.role)
    case .weight:
      if sum.value.isZero, sum.missing > 0 { return unknown }
      return TableCell(text: Figures.weight(board?.weight(of: sum.value), columns: width))
    case .day:
      guard let ratio = group.dayRatio else { return unknown }
      let mark = group.daysMissing + sum.unpriced > 0 ? "*" : ""
      return TableCell(
        text: Figures.change(ratio, columns: width - mark.count) + mark,
        role: Figures.direction(ratio).role)
    case .gain, .cost:
      if group.costs == 0 { return group.costsMissing > 0 ? unknown : TableCell(text: "") }
      let amount = column == .gain ? group.gain : group.cost
      let mark = group.costsMissing > 0 ? Figures.unknown : ""
      let role: Role =
        !mark.isEmpty
        ? .valueUnknown : column == .gain ? Figures.direction(amount.approximate).role : .value
      return TableCell(text: mark + figures.compact(amount), role: role)
    case .gainRatio:
      if group.costs == 0 { return group.costsMissing > 0 ? unknown : TableCell(text: "") }
      guard let ratio = group.gainRatio else { return unknown }
      let mark = group.costsMissing > 0 ? Figures.unknown : ""
      return TableCell(
        text: mark + Figures.change(ratio, columns: width - mark.count),
        role: mark.isEmpty ? Figures.direction(ratio).role : .valueUnknown)
    case .asset, .price, .average, .quantity, .staked, .age, .source, .accounts:
      return TableCell(text: "")
    }
  }
}
