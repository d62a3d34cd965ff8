internal import Amounts
internal import Canvas
internal import Ledger
internal import Wire

/// A pane of the Risk screen.
enum RiskPane: Int, CaseIterable, Hashable, Sendable {
  case parts
  case figures
  case stress
  case checks
}

/// What a heat map shows.
struct HeatmapChoice: Hashable, Sendable {
  static let measures = ["pearson", "spearman", "kendall"]
  static let windows = [30, 60, 90, 180, 365]

  var measure = "pearson"
  var window = 90

  /// The name of the board after its kind.
  var name: String { "\(measure):\(window)" }
}

extension ClientModel {
  /// Where the panes of the Risk screen stand; a pane without room has no place.
  var riskPanes: [RiskPane: Rect] {
    let body = layout.body
    guard layout.kind == .full, body.height >= 14 else { return [riskPane: body] }
    let rows = min(body.height / 2, body.height >= 28 ? 16 : 11)
    let (upper, lower) = body.cutTop(rows)
    if body.width >= 110 {
      let columns = upper.columns([.weight(5), .weight(4), .weight(3)])
      return [.figures: columns[0], .stress: columns[1], .checks: columns[2], .parts: lower]
    }
    let columns = upper.columns([.weight(1), .weight(1)])
    let right: RiskPane = riskPane == .checks ? .checks : .stress
    return [.figures: columns[0], right: columns[1], .parts: lower]
  }

  var riskBoard: Report { boards[Board.risk] ?? Report() }
  var partsBoard: Report { boards[Board.riskParts] ?? Report() }

  /// A pane's title and lines, the first of them titles of columns where it has any.
  func drawRisk(_ frame: inout Frame) {
    for (pane, place) in riskPanes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      drawRisk(&frame, pane, place)
    }
  }

  private func drawRisk(_ frame: inout Frame, _ pane: RiskPane, _ place: Rect) {
    let isFocused = pane == riskPane && overlays.isEmpty
    let inside = Layout.inside(place)
    let table = riskTable(pane, inside.width - 2)
    let room = Layout.tableRows(place)
    let cursor = riskCursors[pane] ?? ListCursor()
    let window = cursor.window(count: table.rows.count, height: room)
    let isCut = window.count < table.rows.count
    let range = "\(window.lowerBound + 1)-\(window.upperBound) of \(table.rows.count)"
    frame.pane(
      place, title: table.title, footer: isCut ? "\(range)  \(table.footer)" : table.footer,
      isFocused: isFocused)
    if table.rows.isEmpty {
      let lines = Wrapped.lines(table.empty, columns: max(10, inside.width - 2))
      for (row, line) in lines.prefix(max(0, inside.height)).enumerated() {
        frame.put(line, at: Point(x: inside.x + 1, y: inside.y + row), Style(.textDim))
      }
      return
    }
    frame.titles(table.columns, in: inside.row(0))
    for index in window {
      let row = inside.row(1 + index - window.lowerBound)
      frame.cells(table.rows[index], below: table.columns, in: row, names: table.names)
      if isFocused, index == cursor.index { drawCursor(&frame, row, isFocused: true) }
    }
  }

  /// What stands in a pane.
  struct RiskTable {
    var title: String
    var footer = ""
    var empty = ""
    var columns: [TableColumn] = []
    var rows: [[TableCell]] = []
    /// How many of the first columns name a row.
    var names = 1
  }

  func riskTable(_ pane: RiskPane, _ width: Int) -> RiskTable {
    switch pane {
    case .parts: riskParts(width)
    case .figures: riskFigures(width)
    case .stress: riskStress(width)
    case .checks: riskChecks(width)
    }
  }

  // MARK: Words

  /// A share as per cent, with sign where wanted.
  private func percent(_ cell: ReportCell, digits: Int = 2) -> TableCell {
    guard let share = cell.number else { return TableCell(text: "", role: .textDim) }
    return TableCell(text: Decimals.percent(share, digits: digits))
  }

  private func money(_ cell: ReportCell) -> TableCell {
    guard case .amount(let amount) = cell else { return TableCell(text: "", role: .textDim) }
    return TableCell(text: figures.compact(amount))
  }

  private func word(_ cell: ReportCell) -> String {
    Sanitiser.line(cell.plain.shortened(to: 200))
  }

  /// What the figures rest on, in one line.
  var riskEvidence: String {
    let board = riskBoard
    let refused = word(board["refused"])
    if !refused.isEmpty { return "refused: \(refused)" }
    let sample = word(board["sample"])
    if sample.isEmpty || sample == "0" { return "" }
    var text = sample
    let benchmark = word(board["benchmark"])
    if let window = board["window"].number, !benchmark.isEmpty {
      text += " of \(Int(min(max(window, 0), 1e6))) \(word(board["bars"])) by \(benchmark)"
    } else {
      text += " \(word(board["bars"]))"
    }
    text += " to \(word(board["to"]))"
    if let count = board["assets_by_proxy"].number, count > 0 {
      text += "  \(Int(min(count, 1e6))) by proxy"
    }
    if let count = board["assets_left_out"].number, count > 0 {
      text += "  \(Int(min(count, 1e6))) left out"
    }
    return text
  }

  private static func column(_ title: String, _ width: Int, _ isRight: Bool = true) -> TableColumn {
    TableColumn(title: title, width: width, alignment: isRight ? .right : .left)
  }

  private var waiting: String {
    boards[Board.risk] == nil ? "Waiting for the engine." : "Nothing is held that has a price."
  }

  /// `95`, `97.5`.
  private static func confidence(_ share: Double) -> String {
    let text = Decimals.percent(share, digits: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  // MARK: Panes

  private func riskFigures(_ width: Int) -> RiskTable {
    let board = riskBoard
    let spread = [("HHI", "hhi"), ("eff.N", "effective_count")].compactMap { title, name in
      board[name].number == nil ? nil : "\(title) \(word(board[name]))"
    }.joined(separator: " ")
    var table = RiskTable(title: "Risk  \(spread)", footer: riskEvidence, empty: waiting)
    let name = max(8, min(14, width - 23))
    let hasShortfall = width >= name + 31
    table.columns = [
      ClientModel.column("Method", name, false), ClientModel.column("%", 4),
      ClientModel.column("d", 3), ClientModel.column("VaR%", 5), ClientModel.column("VaR", 7),
    ]
    table.names = 3
    if hasShortfall { table.columns.append(ClientModel.column("ES", 7)) }
    for row in board.rows.indices {
      let refused = board.text(row, "refused")
      var cells = [
        TableCell(text: Sanitiser.line(board.text(row, "method").shortened(to: 40))),
        TableCell(
          text: board.cell(row, "confidence").number.map { ClientModel.confidence($0) } ?? ""),
        TableCell(text: word(board.cell(row, "horizon_days")), role: .textDim),
      ]
      if refused.isEmpty {
        cells += [percent(board.cell(row, "share")), money(board.cell(row, "value"))]
        if hasShortfall { cells.append(money(board.cell(row, "shortfall"))) }
      } else {
        cells += [TableCell(text: "?", role: .valueUnknown)]
        cells += [TableCell(text: "refused", role: .valueUnknown)]
      }
      table.rows.append(cells)
    }
    return table
  }

  private func riskStress(_ width: Int) -> RiskTable {
    let board = boards[Board.stress] ?? Report()
    var table = RiskTable(title: "What if", footer: "", empty: waiting)
    let name = max(10, min(32, width - 18))
    table.columns = [
      ClientModel.column("Event", name, false), ClientModel.column("NAV%", 7),
      ClientModel.column("Loss", 8),
    ]
    for row in board.rows.indices {
      let unknown = board.cell(row, "unknown").number ?? 0
      let share = board.cell(row, "share").number
      let sign = unknown > 0.000_5 ? "~" : ""
      table.rows.append([
        TableCell(text: Sanitiser.line(board.text(row, "name").shortened(to: 80))),
        TableCell(
          text: share.map { sign + Decimals.percent($0, digits: 1) } ?? "?",
          role: (share ?? 0) < 0 ? .valueDown : .text),
        money(board.cell(row, "value")),
      ])
    }
    return table
  }

  /// Limits first, then how the rules did in the past.
  private func riskChecks(_ width: Int) -> RiskTable {
    let limits = boards[Board.riskLimits] ?? Report()
    let tests = boards[Board.backtests] ?? Report()
    var table = RiskTable(
      title: "Limits and back-tests", footer: "", empty: "No limit is set: coffer risk limits")
    let name = max(10, width - 18)
    table.columns = [
      ClientModel.column("What", name, false), ClientModel.column("Is", 8),
      ClientModel.column("Most", 8),
    ]
    for row in limits.rows.indices {
      let state = limits.text(row, "state")
      let role: Role = state == "ok" ? .text : state == "near" ? .alertWarning : .alertHigh
      let what = "\(limits.text(row, "limit")) \(limits.text(row, "name"))"
      table.rows.append([
        TableCell(text: Sanitiser.line(what.shortened(to: 80)), role: role),
        TableCell(text: percent(limits.cell(row, "value"), digits: 1).text, role: role),
        percent(limits.cell(row, "most"), digits: 1),
      ])
    }
    for row in tests.rows.indices {
      let zone = tests.text(row, "zone")
      let role: Role = zone == "green" ? .stateOK : zone == "yellow" ? .stateStale : .stateError
      let confidence = tests.cell(row, "confidence").number.map { ClientModel.confidence($0) }
      let what = "\(tests.text(row, "method")) \(confidence ?? "") \(zone)"
      table.rows.append([
        TableCell(text: Sanitiser.line(what.shortened(to: 80)), role: role),
        TableCell(text: word(tests.cell(row, "exceptions"))),
        TableCell(text: word(tests.cell(row, "expected")), role: .textDim),
      ])
    }
    return table
  }

  private func riskParts(_ width: Int) -> RiskTable {
    let board = partsBoard
    let total = board["value_at_risk"]
    let sum = money(total).text
    var table = RiskTable(
      title: "Who bears it: VaR 99 of a day \(sum)", footer: "the parts add up to the whole",
      empty: riskBoard["refused"] == .none ? waiting : riskEvidence)
    var columns = [
      ClientModel.column("Asset", 10, false), ClientModel.column("Value", 8),
      ClientModel.column("Wt%", 6), ClientModel.column("Risk%", 6),
      ClientModel.column("Part", 8),
    ]
    var left = width - 43
    let hasVolatility = left >= 16
    if hasVolatility {
      columns += [ClientModel.column("Vol%", 6), ClientModel.column("W/out", 8)]
      left -= 16
    }
    let bar = max(0, min(40, left - 1))
    if bar >= 6 { columns.append(ClientModel.column("share of risk", bar, false)) }
    left -= bar >= 6 ? bar + 1 : 0
    let hasSource = left >= 20
    if hasSource { columns.append(ClientModel.column("From", left - 1, false)) }
    table.columns = columns
    for row in board.rows.indices {
      let share = board.cell(row, "component_share").number
      var cells = [
        TableCell(text: Sanitiser.line(board.text(row, "name").shortened(to: 40))),
        money(board.cell(row, "value")), percent(board.cell(row, "weight"), digits: 1),
        percent(board.cell(row, "component_share"), digits: 1),
        money(board.cell(row, "component")),
      ]
      if hasVolatility {
        cells += [
          percent(board.cell(row, "volatility"), digits: 1),
          money(board.cell(row, "incremental")),
        ]
      }
      if bar >= 6 {
        let length = max(0, min(Double(bar), (share ?? 0) * Double(bar)))
        cells.append(
          TableCell(
            text: String(repeating: glyphs.text(.full), count: Int(length.rounded())),
            role: .chartLine))
      }
      if hasSource {
        let source = Sanitiser.line(board.text(row, "source").shortened(to: 100))
        cells.append(TableCell(text: source, role: .textDim))
      }
      table.rows.append(cells)
    }
    return table
  }

  /// All that is known of the row under the cursor.
  var riskDetails: (title: String, details: [Detail])? {
    let board: Report
    switch riskPane {
    case .parts: board = partsBoard
    case .figures: board = riskBoard
    case .stress: board = boards[Board.stress] ?? Report()
    case .checks:
      let limits = boards[Board.riskLimits] ?? Report()
      let index = (riskCursors[.checks] ?? ListCursor()).index
      if index >= limits.rows.count {
        let tests = boards[Board.backtests] ?? Report()
        return ClientModel.details(tests, index - limits.rows.count)
      }
      board = limits
    }
    return ClientModel.details(board, (riskCursors[riskPane] ?? ListCursor()).index)
  }

  private static func details(_ board: Report, _ row: Int) -> (String, [Detail])? {
    guard board.rows.indices.contains(row) else { return nil }
    let amounts: Set = ["value", "shortfall", "component", "incremental", "long", "short", "net"]
    let details = zip(board.columns, board.rows[row]).map { name, cell in
      var text = cell.plain.shortened(to: 400)
      if name.hasSuffix("_at"), case .integer(let time) = cell {
        text = Times.stamp(Instant(microseconds: time)) + " UTC"
      }
      return Detail(
        name: Sanitiser.line(name.split(separator: "_").joined(separator: " ")),
        text: Sanitiser.line(text), isRevealing: amounts.contains(name))
    }
    return ("Where it comes from", details)
  }
}
