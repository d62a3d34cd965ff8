/// Which row of a list the cursor is on and which row is the first that shows.
struct ListCursor: Hashable, Sendable {
  /// The row with the cursor.
  var index = 0
  /// The first row that shows.
  var first = 0

  /// Moves the cursor and keeps it within the list.
  mutating func move(by rows: Int, count: Int) {
    let (sum, overflow) = index.addingReportingOverflow(rows)
    place(overflow ? (rows < 0 ? 0 : count) : sum, count: count)
  }

  /// Puts the cursor on a row of the list.
  mutating func place(_ row: Int, count: Int) { index = max(0, min(row, count - 1)) }

  /// Draws cursor and window into the list, with the cursor in the window.
  mutating func settle(count: Int, height: Int) {
    place(index, count: count)
    let height = max(1, height)
    if index < first { first = index }
    if index >= first + height { first = index - height + 1 }
    first = max(0, min(first, count - height))
  }

  /// Keeps the cursor's line on the screen where the row has gone to another place in the list.
  mutating func follow(to row: Int, count: Int, height: Int) {
    let line = index - first
    let wasAtTop = first == 0
    index = row
    first = wasAtTop && row < height ? 0 : row - line
    settle(count: count, height: height)
  }

  /// The rows that show.
  func window(count: Int, height: Int) -> Range<Int> {
    let start = max(0, min(first, count))
    return start..<max(start, min(count, start + max(0, height)))
  }
}
