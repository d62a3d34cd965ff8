internal import Amounts
internal import Ledger
internal import Portfolio

/// A list of positions in an order that holds still while quotes move.
///
/// The order is made by `sort`; in between, rows change in place, new ones come last and gone ones
/// leave. The cursor is on an asset, not on a row number.
struct PositionList: Sendable {
  /// The slots in the order shown.
  private(set) var order: [Int] = []
  /// The column and the direction.
  var sorting = PositionOrder()
  /// Which positions are shown.
  var filter = PositionFilter()
  /// Whether what is suspect and folded away is shown as well.
  var showsFolded = false
  /// Where the cursor is.
  var cursor = ListCursor()
  /// The assets with a mark.
  var marks: Set<AssetID> = []
  /// Whether the order is no longer the one that sorting would give.
  private(set) var isOrderOld = false
  /// When it was sorted last.
  private(set) var sortedAt = Instant(microseconds: .min)

  /// What the rows are put together by.
  var grouping = PositionGrouping.none
  /// The groups in the order shown; none without a grouping.
  private(set) var groups: [PositionGroup] = []
  /// The rows, groups and what is in them; empty without a grouping.
  private(set) var items: [PositionItem] = []
  /// The groups of which only the sum is shown.
  private(set) var collapsed: Set<String> = []
  /// The groups of each position that is shown.
  private var places: [Int: Set<String>] = [:]

  /// How many rows there are.
  var count: Int { grouping == .none ? order.count : items.count }

  /// The slot in a row; `nil` for the row of a group.
  func slot(at index: Int) -> Int? {
    if grouping == .none { return order.indices.contains(index) ? order[index] : nil }
    return items.indices.contains(index) ? items[index].slot : nil
  }

  /// The group of a row that is one.
  func group(at index: Int) -> PositionGroup? {
    guard items.indices.contains(index), items[index].slot == nil else { return nil }
    return groups.first { $0.key == items[index].group }
  }

  /// The group that a row belongs to; `nil` without a grouping.
  func groupKey(at index: Int) -> String? {
    items.indices.contains(index) ? items[index].group : nil
  }

  /// The position in a row, as far as it lies in the row's group.
  func row(at index: Int, on board: PositionBoard) -> PositionRow? {
    guard let row = slot(at: index).flatMap({ board.row($0) }) else { return nil }
    guard let key = groupKey(at: index) else { return row }
    return board.part(of: row, in: key, by: grouping) ?? row
  }

  /// The position under the cursor.
  func selected(on board: PositionBoard) -> PositionRow? { row(at: cursor.index, on: board) }

  /// Filters and sorts again; the cursor stays on its asset and, where it can, on its line.
  mutating func sort(_ board: PositionBoard, at now: Instant, height: Int) {
    if grouping != .none { return sortGroups(board, at: now, height: height) }
    (groups, items) = ([], [])
    let chosen = selected(on: board)?.position.asset
    let rows = board.rows
    order = rows.indices.filter { slot in
      rows[slot].map { accepts($0, on: board, at: now) } ?? false
    }
    let sorting = sorting
    let keys = rows.map { $0.map { sorting.key(of: $0) } }
    order.sort { a, b in
      guard let x = keys[a], let y = keys[b] else { return a < b }
      return sorting.places(x, before: y)
    }
    isOrderOld = false
    sortedAt = now
    if let slot = chosen.flatMap({ board.slot(of: $0) }), let index = order.firstIndex(of: slot) {
      cursor.follow(to: index, count: count, height: height)
    }
    cursor.settle(count: count, height: height)
  }

  private func accepts(_ row: PositionRow, on board: PositionBoard, at now: Instant) -> Bool {
    (showsFolded || !row.position.isFolded) && filter.accepts(row, on: board, at: now)
  }

  /// Goes over to another board without moving a row.
  mutating func adopt(_ new: PositionBoard, from old: PositionBoard, at now: Instant) {
    if grouping != .none { return adoptGroups(new, from: old, at: now) }
    let kept = order.compactMap { old.row($0)?.position.asset }
    let before = kept.prefix(cursor.index).count { new.slot(of: $0) == nil }
    order = kept.compactMap { new.slot(of: $0) }
    cursor.place(cursor.index - before, count: count)
    let shown = Set(order)
    for slot in new.usedSlots where !shown.contains(slot) {
      guard let row = new.row(slot), accepts(row, on: new, at: now) else { continue }
      order.append(slot)
    }
    isOrderOld = true
  }

  /// Takes note of changed slots without moving a row.
  mutating func note(_ slots: [Int], on board: PositionBoard, at now: Instant) {
    if grouping != .none { return noteGroups(slots, on: board, at: now) }
    let changed = Set(slots)
    if slots.contains(where: { board.row($0) == nil }) { drop(gone: board) }
    var missing = changed
    for index in order.indices where changed.contains(order[index]) {
      missing.remove(order[index])
      if !isOrderOld, isMisplaced(index, on: board) { isOrderOld = true }
      if let row = board.row(order[index]), !accepts(row, on: board, at: now) {
        isOrderOld = true
      }
    }
    for slot in missing.sorted() {
      guard let row = board.row(slot), accepts(row, on: board, at: now) else { continue }
      order.append(slot)
      isOrderOld = true
    }
  }

  /// Takes the rows out whose positions are gone; the cursor keeps its asset where it can.
  private mutating func drop(gone board: PositionBoard) {
    let before = order[..<min(cursor.index, count)].count { board.row($0) == nil }
    order.removeAll { board.row($0) == nil }
    cursor.place(cursor.index - before, count: count)
  }

  private func isMisplaced(_ index: Int, on board: PositionBoard) -> Bool {
    func key(_ index: Int) -> PositionKey? {
      guard order.indices.contains(index) else { return nil }
      return board.row(order[index]).map { sorting.key(of: $0) }
    }
    guard let own = key(index) else { return true }
    if let above = key(index - 1), sorting.places(own, before: above) { return true }
    return key(index + 1).map { sorting.places($0, before: own) } ?? false
  }
}

/// A row of a list with groups.
struct PositionItem: Hashable, Sendable {
  let group: String
  /// The position; `nil` for the group itself.
  var slot: Int?
}

// MARK: - Groups

extension PositionList {
  /// Puts the cursor on a position, in the first group that shows it; a closed group is opened for it.
  mutating func choose(_ slot: Int) {
    if grouping == .none {
      if let index = order.firstIndex(of: slot) { cursor.place(index, count: count) }
      return
    }
    if !items.contains(where: { $0.slot == slot }),
      let group = groups.first(where: { $0.slots.contains(slot) })
    {
      collapsed.remove(group.key)
      layOut()
    }
    if let index = items.firstIndex(where: { $0.slot == slot }) {
      cursor.place(index, count: count)
    }
  }

  /// Opens or closes the group of a row.
  mutating func toggle(_ key: String) {
    if collapsed.remove(key) == nil { collapsed.insert(key) }
    layOut()
  }

  /// Closes all groups, or opens them where all are closed.
  mutating func toggleAll() {
    let keys = Set(groups.map(\.key))
    collapsed = keys.isSubset(of: collapsed) ? [] : keys
    layOut()
  }

  /// Filters, puts together and sorts; the cursor stays on its row and, where it can, on its line.
  private mutating func sortGroups(_ board: PositionBoard, at now: Instant, height: Int) {
    let chosen = items.indices.contains(cursor.index) ? items[cursor.index] : nil
    var members: [String: [(slot: Int, key: PositionKey)]] = [:]
    var sums: [String: GroupRank] = [:]
    var shown: [Int] = []
    for slot in board.rows.indices {
      guard let row = board.row(slot) else { continue }
      var isShown = false
      for key in board.groups(of: row, by: grouping) {
        guard let part = board.part(of: row, in: key, by: grouping),
          accepts(part, on: board, at: now)
        else { continue }
        isShown = true
        members[key, default: []].append((slot, sorting.key(of: part)))
        sums[key, default: GroupRank(board.title(ofGroup: key, by: grouping))].add(part)
      }
      if isShown { shown.append(slot) }
    }
    order = shown
    let sorting = sorting
    groups = members.map { key, rows in
      PositionGroup(
        key: key, slots: rows.sorted { sorting.places($0.key, before: $1.key) }.map(\.slot))
    }
    groups.sort { a, b in
      guard let x = sums[a.key], let y = sums[b.key] else { return a.key < b.key }
      return x.places(before: y, by: sorting)
    }
    notePlaces()
    collapsed.formIntersection(groups.map(\.key))
    isOrderOld = false
    sortedAt = now
    items = itemsShown
    if let chosen, let index = index(of: chosen) {
      cursor.follow(to: index, count: count, height: height)
    }
    cursor.settle(count: count, height: height)
  }

  private mutating func notePlaces() {
    places = [:]
    for group in groups {
      for slot in group.slots { places[slot, default: []].insert(group.key) }
    }
  }

  private var itemsShown: [PositionItem] {
    groups.flatMap { group -> [PositionItem] in
      let head = PositionItem(group: group.key)
      if collapsed.contains(group.key) { return [head] }
      return [head] + group.slots.map { PositionItem(group: group.key, slot: $0) }
    }
  }

  /// The row of an item, or that of its group where it is closed.
  private func index(of item: PositionItem) -> Int? {
    items.firstIndex(of: item) ?? items.firstIndex(of: PositionItem(group: item.group))
      ?? items.firstIndex { $0.slot != nil && $0.slot == item.slot }
  }

  /// Makes the rows anew with the cursor's row where it is on the screen.
  private mutating func layOut() {
    let chosen = items.indices.contains(cursor.index) ? items[cursor.index] : nil
    items = itemsShown
    guard let chosen, let index = index(of: chosen) else {
      return cursor.place(cursor.index, count: count)
    }
    cursor.first = max(0, cursor.first + index - cursor.index)
    cursor.index = index
  }

  /// Goes over to another board without moving a row.
  private mutating func adoptGroups(
    _ new: PositionBoard, from old: PositionBoard, at now: Instant
  ) {
    func moved(_ slot: Int) -> Int? { old.row(slot).flatMap { new.slot(of: $0.position.asset) } }
    let chosen = items.indices.contains(cursor.index) ? items[cursor.index] : nil
    for index in groups.indices { groups[index].slots = groups[index].slots.compactMap(moved) }
    order = order.compactMap(moved)
    notePlaces()
    items = itemsShown
    if let chosen {
      let item = PositionItem(group: chosen.group, slot: chosen.slot.flatMap(moved))
      cursor.place(index(of: item) ?? cursor.index, count: count)
    }
    noteGroups(new.usedSlots, on: new, at: now)
  }

  /// Takes note of changed slots without moving a row: what is new in a group comes last in it, a new
  /// group last of all.
  private mutating func noteGroups(_ slots: [Int], on board: PositionBoard, at now: Instant) {
    guard !slots.isEmpty else { return }
    isOrderOld = true
    var hasChanged = false
    for slot in slots {
      let before = places[slot] ?? []
      let row = board.row(slot)
      let now = row.map { keys(of: $0, before, on: board, at: now) } ?? []
      if before == Set(now) { continue }
      hasChanged = true
      for index in groups.indices where !now.contains(groups[index].key) {
        groups[index].slots.removeAll { $0 == slot }
      }
      for key in now where !before.contains(key) { append(slot, to: key) }
      places[slot] = now.isEmpty ? nil : Set(now)
      order.removeAll { $0 == slot }
      if !now.isEmpty { order.append(slot) }
    }
    guard hasChanged else { return }
    groups.removeAll { $0.slots.isEmpty }
    layOut()
  }

  /// The groups a position belongs to now: those it was in and still lies in, and new ones that fit the
  /// filter.
  private func keys(
    of row: PositionRow, _ before: Set<String>, on board: PositionBoard, at now: Instant
  ) -> [String] {
    board.groups(of: row, by: grouping).filter { key in
      if before.contains(key) { return true }
      guard let part = board.part(of: row, in: key, by: grouping) else { return false }
      return accepts(part, on: board, at: now)
    }
  }

  private mutating func append(_ slot: Int, to key: String) {
    if let index = groups.firstIndex(where: { $0.key == key }) {
      groups[index].slots.append(slot)
    } else {
      groups.append(PositionGroup(key: key, slots: [slot]))
    }
  }
}

/// What groups are sorted by.
private struct GroupRank {
  let title: String
  private var value = Fixed.zero
  private var hasValue = false
  private var count = 0
  private var dayValue = 0.0
  private var dayOpen = 0.0

  init(_ title: String) { self.title = title.lowercased() }

  mutating func add(_ row: PositionRow) {
    count += 1
    guard let more = row.position.value, !row.position.isFolded else { return }
    hasValue = true
    value = (try? value.adding(more)) ?? value
    if let ratio = row.dayRatio, ratio > -1 {
      dayValue += more.approximate
      dayOpen += more.approximate / (1 + ratio)
    }
  }

  /// By name, change or number where that is the column, else by value; equal ones by name.
  func places(before other: GroupRank, by sorting: PositionOrder) -> Bool {
    let isDescending = sorting.isDescending
    switch sorting.column {
    case .asset where title != other.title:
      return isDescending ? title > other.title : title < other.title
    case .day where dayOpen > 0 && other.dayOpen > 0:
      let (x, y) = (dayValue / dayOpen, other.dayValue / other.dayOpen)
      if x != y { return isDescending ? x > y : x < y }
    case .day where dayOpen > 0 || other.dayOpen > 0: return dayOpen > 0
    case .accounts where count != other.count:
      return isDescending ? count > other.count : count < other.count
    default: break
    }
    if hasValue != other.hasValue { return hasValue }
    let isTurned = !isDescending && (sorting.column == .value || sorting.column == .weight)
    if value != other.value { return isTurned ? value < other.value : value > other.value }
    return title < other.title
  }
}
