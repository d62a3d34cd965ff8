internal import Amounts
internal import Canvas

/// A curve with its axes, for any pane.
struct Curve: Sendable {
  /// Oldest first; `nil` where nothing is known.
  var values: [Double?]
  /// What stands below the first and the last value.
  var start: String
  var end: String
  /// What stands in the place of a curve of fewer than two values.
  var note = ""
  /// The value that is pointed at.
  var marked: Int?
  /// Whether the levels are amounts of the holder's.
  var isRevealing = false
  /// How many digits after the point levels have that are no amounts; `nil` writes them short.
  var digits: Int?
}

extension ClientModel {
  private static let levelWidth = 9

  /// A level beside a curve.
  private func level(_ value: Double, of curve: Curve) -> String {
    let amount = Fixed(approximating: value)
    if curve.isRevealing { return figures.compact(amount) }
    return curve.digits.map { Decimals.text(amount, digits: $0) } ?? Decimals.compact(amount)
  }

  /// Draws a curve with its levels to the left and its times below.
  func drawCurve(_ frame: inout Frame, _ place: Rect, _ curve: Curve) {
    let plot = Rect(
      x: place.x + ClientModel.levelWidth + 1, y: place.y,
      width: place.width - ClientModel.levelWidth - 2, height: place.height - 1)
    let chart = LineChart(values: curve.values)
    guard plot.width > 4, plot.height > 1, curve.values.count > 1, let range = chart.range else {
      frame.put(
        curve.note, at: Point(x: place.x + 1, y: place.y), Style(.textDim), width: place.width - 2)
      return
    }
    frame.tell(facts(of: curve, range), at: place.origin)
    frame.untold { frame in
      let column = curve.marked.map { mark in
        plot.x + mark * (plot.width - 1) / max(1, curve.values.count - 1)
      }
      let rows = chart.rows(width: plot.width, height: plot.height, glyphs: glyphs, within: range)
      for (index, row) in rows.enumerated() {
        let y = plot.y + index
        frame.put(.axisVertical, at: Point(x: plot.x - 1, y: y), Style(.chartAxis))
        frame.put(row, at: Point(x: plot.x, y: y), Style(.chartLine), width: plot.width)
        if let column, row.dropFirst(column - plot.x).first == " " {
          frame.put(.axisVertical, at: Point(x: column, y: y), Style(.chartAxis))
        }
      }
      drawAxes(&frame, plot, range, curve)
      if let column {
        frame.put(.up, at: Point(x: column, y: plot.bottom), Style(.alertWarning))
      }
    }
  }

  private func facts(of curve: Curve, _ range: ClosedRange<Double>) -> [String] {
    func text(_ value: Double?) -> String { value.map { level($0, of: curve) } ?? Figures.unknown }
    var facts = [
      "\(curve.start): \(text(curve.values.first ?? nil))",
      "\(curve.end): \(text(curve.values.last ?? nil))",
      "Lowest: \(text(range.lowerBound))", "Highest: \(text(range.upperBound))",
    ]
    if let marked = curve.marked, curve.values.indices.contains(marked) {
      facts.append("At the mark: \(text(curve.values[marked]))")
    }
    return facts
  }

  private func drawAxes(
    _ frame: inout Frame, _ plot: Rect, _ range: ClosedRange<Double>, _ curve: Curve
  ) {
    let width = ClientModel.levelWidth - 1
    for (y, value) in [(plot.y, range.upperBound), (plot.bottom - 1, range.lowerBound)] {
      let point = Point(x: plot.x - ClientModel.levelWidth - 1, y: y)
      frame.figure(level(value, of: curve), at: point, Style(.chartAxis), width: width)
      frame.put(.axisTick, at: Point(x: plot.x - 1, y: y), Style(.chartAxis))
    }
    let y = plot.bottom
    frame.put(.axisCorner, at: Point(x: plot.x - 1, y: y), Style(.chartAxis))
    for x in plot.x..<plot.right {
      frame.put(.axisHorizontal, at: Point(x: x, y: y), Style(.chartAxis))
    }
    let (start, end) = (Sanitiser.line(curve.start), Sanitiser.line(curve.end))
    frame.put(
      start, at: Point(x: plot.x, y: y), Style(.chartAxis),
      width: min(plot.width, TextWidth.of(start)))
    let length = TextWidth.of(end)
    guard plot.width > TextWidth.of(start) + length + 1 else { return }
    frame.put(end, at: Point(x: plot.right - length, y: y), Style(.chartAxis), width: length)
  }
}
