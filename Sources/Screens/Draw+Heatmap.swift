internal import Amounts
internal import Canvas
internal import Ledger
internal import Wire

extension ClientModel {
  /// The board of correlations that is chosen.
  var heatmapBoard: Report { boards[Board.heatmap + heatmap.name] ?? Report() }
  var radarBoard: Report { boards[Board.radar + heatmap.name] ?? Report() }

  /// Where the matrix and the radar stand.
  var heatmapPanes: (matrix: Rect, radar: Rect?) {
    let room = room(of: .heatmap)
    let body = room.place
    guard room.isFull else { return (body, nil) }
    if body.width >= 110 {
      let columns = body.columns([.weight(1), .fixed(44)])
      return (columns[0], columns[1])
    }
    guard body.height >= 16 else { return (body, nil) }
    let (radar, matrix) = body.cutBottom(6)
    return (matrix, radar)
  }

  private static let labelWidth = 7

  /// How many rows the names above the columns take: narrow cells have them letter below letter.
  private var heatTitleRows: Int { heatmap.cell == 2 ? 3 : 1 }

  /// How many assets show beside each other and below each other.
  var heatmapRoom: (rows: Int, columns: Int) {
    let inside = Layout.inside(heatmapPanes.matrix)
    let columns = (inside.width - 1 - ClientModel.labelWidth) / heatmap.cell
    return (max(1, inside.height - 1 - heatTitleRows), max(1, columns))
  }

  func drawHeatmap(_ frame: inout Frame) {
    let panes = heatmapPanes
    drawMatrix(&frame, panes.matrix)
    if let place = panes.radar { drawRadar(&frame, place) }
  }

  private var heatmapTitle: String {
    let board = heatmapBoard
    let sample = Sanitiser.line(board["sample"].plain.shortened(to: 20))
    let bars = Sanitiser.line(board["bars"].plain.shortened(to: 20))
    let title = "Correlation \(heatmap.measure)"
    return sample.isEmpty || sample == "0" ? title : "\(title) \(sample) \(bars)"
  }

  /// How to read it, and which assets show where not all have room.
  private var heatmapFooter: String {
    let room = heatmapRoom
    let count = heatmapBoard.rows.count
    let rows = heatRow.window(count: count, height: room.rows)
    let columns = heatColumn.window(count: count, height: room.columns)
    var text =
      switch heatmap.cell {
      case 2: "sign and shade of r"
      case 4: "below: r x 100   above: shade"
      default: "below: r   above: shade"
      }
    if !changedPairs.isEmpty, heatmap.cell > 2 { text += "   ! changed" }
    guard rows.count < count || columns.count < count else { return text }
    return "\(rows.lowerBound + 1)-\(rows.upperBound) by "
      + "\(columns.lowerBound + 1)-\(columns.upperBound) of \(count)   \(text)"
  }

  private func drawMatrix(_ frame: inout Frame, _ place: Rect) {
    let board = heatmapBoard
    let inside = Layout.inside(place)
    frame.pane(
      place, title: heatmapTitle, footer: heatmapFooter,
      isFocused: hasKeys(.heatmap))
    let refused = Sanitiser.line(board["refused"].plain.shortened(to: 200))
    guard !board.rows.isEmpty else {
      let text =
        boards[Board.heatmap + heatmap.name] == nil || refused.isEmpty
        ? "Waiting for the engine." : "Refused: \(refused)."
      for (row, line) in Wrapped.lines(text, columns: max(10, inside.width - 2)).enumerated() {
        frame.put(line, at: Point(x: inside.x + 1, y: inside.y + row), Style(.textDim))
      }
      return
    }
    if frame.transcript != nil { frame.tell(pairFacts(board), at: inside.origin) }
    frame.untold { drawCells(&$0, inside, board) }
  }

  /// Every pair in words.
  private func pairFacts(_ board: Report) -> [String] {
    board.rows.indices.flatMap { row in
      (0..<row).map { column in
        let value = ClientModel.correlation(board, row, column)
        let text = value.map { ReportCell.statistic($0, digits: 2).plain } ?? Figures.unknown
        return "\(board.text(row, "name")) with \(board.text(column, "name")): \(text)"
      }
    }
  }

  private func drawCells(_ frame: inout Frame, _ inside: Rect, _ board: Report) {
    let room = heatmapRoom
    let count = board.rows.count
    let rows = heatRow.window(count: count, height: room.rows)
    let columns = heatColumn.window(count: count, height: room.columns)
    let changed = changedPairs
    for column in columns {
      let x = inside.x + 1 + ClientModel.labelWidth + (column - columns.lowerBound) * heatmap.cell
      drawHeatTitle(&frame, Point(x: x, y: inside.y), board, column)
    }
    for row in rows {
      let line = inside.row(heatTitleRows + row - rows.lowerBound)
      let label = Sanitiser.line(board.text(row, "name").shortened(to: 20), columns: 6)
      let isHere = row == heatRow.index
      frame.put(
        label, at: Point(x: line.x + 1, y: line.y), Style(isHere ? .textStrong : .text), width: 6)
      if isHere { frame.put(.cursor, at: line.origin, Style(.text)) }
      for column in columns {
        let x = inside.x + 1 + ClientModel.labelWidth + (column - columns.lowerBound) * heatmap.cell
        drawHeatCell(&frame, Point(x: x, y: line.y), board, row, column)
        guard heatmap.cell > 2, !changed.isEmpty, row != column else { continue }
        let names: Set = [board.text(row, "name"), board.text(column, "name")]
        if changed.contains(names) {
          frame.put(
            "!", at: Point(x: x + heatmap.cell - 1, y: line.y), Style(.alertWarning), width: 1)
        }
      }
    }
    drawPair(&frame, inside.row(inside.height - 1))
  }

  /// A name above its column; above narrow cells one letter below the other.
  private func drawHeatTitle(_ frame: inout Frame, _ point: Point, _ board: Report, _ column: Int) {
    var style = Style(.column)
    if column == heatColumn.index { style = style.with(.reverse) }
    let name = Sanitiser.line(board.text(column, "name").shortened(to: 20))
    guard heatmap.cell == 2 else {
      let width = heatmap.cell - 1
      frame.put(String(name.prefix(width)), at: point, style, width: width, align: .right)
      return
    }
    for (row, letter) in name.prefix(3).enumerated() {
      frame.put(
        String(letter), at: Point(x: point.x, y: point.y + row), style, width: 2, align: .right)
    }
  }

  private func drawHeatCell(
    _ frame: inout Frame, _ point: Point, _ board: Report, _ row: Int, _ column: Int
  ) {
    let width = max(2, heatmap.cell - 1)
    let (text, role) = heatCell(board, row, column)
    let isHere = row == heatRow.index && column == heatColumn.index
    var style = Style(role)
    if isHere { style = style.with(.reverse) }
    frame.put(text, at: point, style, width: width, align: .right)
    if isHere {
      // Narrow cells have no gap: the sign gives way, the line below tells it.
      let x = heatmap.cell == 2 ? point.x : point.x - 1
      frame.put(.cursor, at: Point(x: x, y: point.y), Style(.text))
    }
  }

  /// Digits below the diagonal, shades above it, in narrow cells only these: all tell a value without
  /// colours.
  private func heatCell(_ board: Report, _ row: Int, _ column: Int) -> (String, Role) {
    if row == column { return (glyphs.text(.middleDot), .textDim) }
    guard let value = ClientModel.correlation(board, row, column) else {
      return ("?", .valueUnknown)
    }
    let role = Role.heat(value)
    let shown = min(max(value, -1), 1)
    if column < row, heatmap.cell == 4 {
      let percent = Int((shown * 100).rounded())
      return (percent > 0 ? "+\(percent)" : "\(percent)", role)
    }
    if column < row, heatmap.cell == 6 {
      let text = Decimals.percent(shown / 100, digits: 2)
      return (shown > 0 ? "+\(text)" : text, role)
    }
    let size = abs(value)
    let symbol: Symbol =
      size >= 0.75 ? .full : size >= 0.5 ? .dark : size >= 0.25 ? .medium : .light
    let sign = value < -0.005 ? "-" : " "
    let shade = String(repeating: glyphs.text(symbol), count: max(1, heatmap.cell - 2))
    return (sign + shade, role)
  }

  private static func correlation(_ board: Report, _ row: Int, _ column: Int) -> Double? {
    guard board.rows.indices.contains(row), board.rows[row].indices.contains(column + 2) else {
      return nil
    }
    return board.rows[row][column + 2].number
  }

  /// The cell under the cursor in words.
  private func drawPair(_ frame: inout Frame, _ row: Rect) {
    frame.put(" " + pairText, at: row.origin, Style(.textStrong), width: row.width)
  }

  var pairText: String {
    let board = heatmapBoard
    let (row, column) = (heatRow.index, heatColumn.index)
    let first = Sanitiser.line(board.text(row, "name").shortened(to: 20))
    let second = Sanitiser.line(board.text(column, "name").shortened(to: 20))
    guard row != column else { return "\(first) with itself" }
    guard let value = ClientModel.correlation(board, row, column) else {
      return "\(first) with \(second): unknown, one of them does not vary"
    }
    let sample = Sanitiser.line(board["sample"].plain.shortened(to: 20))
    let text = ReportCell.statistic(value, digits: 3).plain
    return
      "\(first) with \(second): \(text)  n \(sample)  to \(board["to"].plain.shortened(to: 20))"
  }

  private func drawRadar(_ frame: inout Frame, _ place: Rect) {
    let board = radarBoard
    let inside = Layout.inside(place)
    let rate = board["alarm_rate"].number.map { Decimals.percent($0, digits: 1) } ?? "?"
    frame.pane(
      place, title: "Pairs that changed",
      footer: "false alarms \(rate)% for all pairs together")
    let refused = Sanitiser.line(board["refused"].plain.shortened(to: 200))
    var lines: [[Piece]] = []
    if boards[Board.radar + heatmap.name] == nil {
      lines = [[("Waiting for the engine.", Style(.textDim))]]
    } else if !refused.isEmpty {
      lines = [[("Refused: \(refused).", Style(.textDim))]]
    } else {
      let now = Sanitiser.line(board["sample_now"].plain.shortened(to: 12))
      let before = Sanitiser.line(board["sample_before"].plain.shortened(to: 12))
      let pairs = Sanitiser.line(board["pairs"].plain.shortened(to: 12))
      let count = board.rows.count
      lines = [
        [("\(count) of \(pairs) pairs; last \(now) against \(before) before", Style(.textDim))]
      ]
      for row in board.rows.indices { lines.append(radarLine(board, row)) }
    }
    for (row, line) in lines.prefix(max(0, inside.height)).enumerated() {
      frame.put(line, at: Point(x: inside.x + 1, y: inside.y + row), width: inside.width - 1)
    }
  }

  private func radarLine(_ board: Report, _ row: Int) -> [Piece] {
    let first = Sanitiser.line(board.text(row, "first").shortened(to: 12))
    let second = Sanitiser.line(board.text(row, "second").shortened(to: 12))
    let isWorse = board.text(row, "change") == "concentrating"
    func value(_ name: String) -> String {
      ReportCell.statistic(board.cell(row, name).number, digits: 2).plain
    }
    let arrow = glyphs.text(isWorse ? .up : .down)
    return [
      (Padded.left("\(first) \(second)", 14), Style(.text)),
      (
        " \(arrow) \(value("before")) to \(value("now"))",
        Style(isWorse ? .alertWarning : .alertInfo)
      ),
      (isWorse ? "  moves together now" : "  moves apart now", Style(.textDim)),
    ]
  }

  /// Chooses measure and window.
  mutating func chooseCorrelation(_ words: [String]) {
    for word in words {
      if let number = Int(word), (20...1_000).contains(number) {
        heatmap.window = number
      } else if HeatmapChoice.measures.contains(word) {
        heatmap.measure = word
      } else if word == "next" {
        let index = HeatmapChoice.measures.firstIndex(of: heatmap.measure) ?? 0
        heatmap.measure = HeatmapChoice.measures[(index + 1) % HeatmapChoice.measures.count]
      } else if word == "longer" {
        heatmap.window = HeatmapChoice.windows.first { $0 > heatmap.window } ?? heatmap.window
      } else if word == "shorter" {
        heatmap.window = HeatmapChoice.windows.last { $0 < heatmap.window } ?? heatmap.window
      } else {
        return say(
          .error,
          "correlation: a measure (\(HeatmapChoice.measures.joined(separator: ", "))) or a window")
      }
    }
    go(to: .heatmap)
    draw()
  }
}
