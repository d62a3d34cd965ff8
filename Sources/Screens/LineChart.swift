internal import Canvas

/// A line through values, drawn with eight dots a cell; in ASCII with one sign a cell.
struct LineChart: Sendable {
  /// Oldest first; `nil` where nothing is known.
  let values: [Double?]

  /// The least and the most of the values; `nil` without any.
  var range: ClosedRange<Double>? {
    let known = values.compactMap { $0 }.filter(\.isFinite)
    guard let low = known.min(), let high = known.max() else { return nil }
    return low...high
  }

  /// The rows of the chart, the highest first.
  ///
  /// - Parameters:
  ///   - width: In cells.
  ///   - height: In cells.
  ///   - glyphs: What may be drawn with.
  ///   - frame: What the height stands for; from the least to the most unless given.
  ///   - isDotted: Whether every other part is left out, so that two lines can be told apart.
  /// - Returns: As many rows as the height; none without a value.
  func rows(
    width: Int, height: Int, glyphs: GlyphSet, within frame: ClosedRange<Double>? = nil,
    isDotted: Bool = false
  ) -> [String] {
    guard width > 0, height > 0, let range = frame ?? range else { return [] }
    let isFine = glyphs == .unicode
    let (columns, levels) = (isFine ? width * 2 : width, isFine ? height * 4 : height)
    var dots = [Bool](repeating: false, count: columns * levels)
    var last: Int?
    for column in 0..<columns {
      guard let value = value(at: column, of: columns) else {
        last = nil
        continue
      }
      let span = range.upperBound - range.lowerBound
      let share = span > 0 ? (value - range.lowerBound) / span : 0.5
      let level = min(levels - 1, max(0, Int((share * Double(levels - 1)).rounded())))
      // The line goes up or down where it gets to its new level.
      let from = last ?? level
      for step in min(from, level)...max(from, level) where step == level || step != from {
        if isDotted, (isFine ? column / 2 + step / 4 : column) % 2 == 1 { continue }
        dots[(levels - 1 - step) * columns + column] = true
      }
      last = level
    }
    return (0..<height).map { row in
      isFine
        ? LineChart.fine(dots, row, width, columns)
        : String((0..<width).map { dots[row * columns + $0] ? isDotted ? "." : "*" : " " })
    }
  }

  /// The value at a column: that of the nearest point.
  private func value(at column: Int, of columns: Int) -> Double? {
    guard let last = values.indices.last else { return nil }
    let place = columns > 1 ? Double(column) / Double(columns - 1) * Double(last) : 0
    guard let value = values[min(last, Int(place.rounded()))], value.isFinite else { return nil }
    return value
  }

  /// A row of cells of two by four dots.
  ///
  /// Source: The Unicode Standard, Braille Patterns, https://www.unicode.org/charts/PDF/U2800.pdf
  private static func fine(_ dots: [Bool], _ row: Int, _ width: Int, _ columns: Int) -> String {
    let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    var text = String.UnicodeScalarView()
    for cell in 0..<width {
      var pattern: UInt32 = 0
      for (y, pair) in bits.enumerated() {
        for (x, bit) in pair.enumerated() where dots[(row * 4 + y) * columns + cell * 2 + x] {
          pattern |= bit
        }
      }
      text.append(pattern == 0 ? " " : Unicode.Scalar(0x2800 + pattern) ?? " ")
    }
    return String(text)
  }
}
