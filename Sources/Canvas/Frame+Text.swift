extension Frame {
  /// The frame as text, rows joined by line feeds: the first half of a golden.
  ///
  /// Trailing spaces stay, so that every row shows its full width.
  public var text: String { map { $0.glyph.text } }

  /// One letter for each column's role (`Role.letter`): the second half of a golden.
  public var styleMap: String { map { String($0.style.role.letter) } }

  /// One letter for each column's surface: what the text lies on.
  public var surfaceMap: String { map { String($0.style.surface.letter) } }

  /// One row as text.
  public func line(_ y: Int) -> String {
    (0..<size.width).map { self[$0, y].glyph.text }.joined()
  }

  private func map(_ show: (Cell) -> String) -> String {
    (0..<size.height).map { y in (0..<size.width).map { show(self[$0, y]) }.joined() }
      .joined(separator: "\n")
  }
}
