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

  /// How many rows there are.
  var count: Int { order.count }

  /// The slot in a row.
  func slot(at index: Int) -> Int? { order.indices.contains(index) ? order[index] : nil }

  /// The position under the cursor.
  func selected(on board: PositionBoard) -> PositionRow? {
    slot(at: cursor.index).flatMap { board.row($0) }
  }

  /// Filters and sorts again; the cursor stays on its asset and, where it can, on its line.
  mutating func sort(_ board: PositionBoard, at now: Instant, height: Int) {
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
