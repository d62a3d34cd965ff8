/// The cells of one row that changed and stand side by side in one style.
public struct Run: Equatable, Sendable {
  /// The row.
  public let y: Int
  /// The first column.
  public let x: Int
  /// The look of all of them.
  public let style: Style
  /// The glyphs from left to right; a wide one is followed by its continuation.
  public let glyphs: [Glyph]
}

extension Frame {
  /// What has to be sent so that a terminal showing `old` shows this frame.
  ///
  /// Frames of different sizes have nothing in common: everything is sent.
  /// - Returns: Runs from top to bottom and left to right; none when nothing changed.
  /// - Complexity: O(cells), a comparison of two words for each cell that did not change.
  public func changes(since old: Frame?) -> [Run] {
    let before = old.flatMap { $0.size == size ? $0.cells : nil }
    if before == cells { return [] }
    var runs: [Run] = []
    for y in 0..<size.height { append(row: y, before: before, to: &runs) }
    return runs
  }

  private func append(row y: Int, before: [Cell]?, to runs: inout [Run]) {
    let start = y * size.width
    let end = start + size.width
    var index = start
    while index < end {
      guard isChanged(index, before) else {
        index += 1
        continue
      }
      // Half of a wide glyph cannot be sent: go back to its base, and take its other half along.
      let first = cells[index].isContinuation && index > start ? index - 1 : index
      let style = cells[first].style
      index = first + 1
      while index < end,
        cells[index].isContinuation || (cells[index].style == style && isChanged(index, before))
      {
        index += 1
      }
      runs.append(
        Run(y: y, x: first - start, style: style, glyphs: cells[first..<index].map(\.glyph)))
    }
  }

  private func isChanged(_ index: Int, _ before: [Cell]?) -> Bool {
    guard let before else { return true }
    return before[index] != cells[index]
  }
}
