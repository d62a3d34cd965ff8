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

  /// How many columns of text a cell may take.
  static let cells = [2, 4, 6]

  var measure = "pearson"
  var window = 90
  /// How many columns of text a cell takes.
  var cell = 4

  /// The name of the board after its kind.
  var name: String { "\(measure):\(window)" }
}

extension ClientModel {
  /// Where the panes of the Risk screen stand; a pane without room has no place.
  var riskPanes: [RiskPane: Rect] {
    let room = room(of: .risk)
    let body = room.place
    guard room.isFull, body.width >= Room.leastWidth, body.height >= 14 else {
      return [riskPane: body]
    }
    let rows = min(body.height / 2, body.height >= 28 ? 16 : 11)
    let (upper, lower) = body.cutTop(rows)
    if body.width >= 110, body.width < 150 {
      let above = upper.columns([.weight(1), .weight(1)])
      let below = lower.columns([.weight(3), .weight(2)])
      return [.figures: above[0], .stress: above[1], .parts: below[0], .checks: below[1]]
    }
    if body.width >= 150 {
      let columns = upper.columns([.weight(5), .weight(4), .weight(4)])
      return [.figures: columns[0], .stress: columns[1], .checks: columns[2], .parts: lower]
    }
    let columns = upper.columns([.weight(44), .weight(36)])
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
    let isFocused = pane == riskPane && hasKeys(.risk)
    let inside = Layout.inside(place)
    let table = riskTable(pane, inside.width - 2)
    let room = Layout.tableRows(place)
    let cursor = riskCursors[pane] ?? ListCursor()
    let window = frame.window(cursor, count: table.rows.count, height: room)
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
    drawRows(
      &frame, inside, table.columns, window, cursor: isFocused ? cursor.index : nil,
      isFocused: true, names: table.names
    ) { index in table.rows[index] }
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
  private func percent(_ cell: ReportCell, digits: Int = 2, columns: Int = 5) -> TableCell {
    guard let share = cell.number else { return TableCell(text: "", role: .textDim) }
    return TableCell(text: Decimals.percent(share, digits: digits, columns: columns))
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
    let hasPast = width >= 39
    let rest = 23 + (hasPast ? 8 : 0)
    let hasShortfall = width >= rest + 16
    let name = max(8, min(14, width - rest - (hasShortfall ? 8 : 0)))
    table.columns = [
      ClientModel.column("Method", name, false), ClientModel.column("%", 4),
      ClientModel.column("d", 3), ClientModel.column("VaR%", 5), ClientModel.column("VaR", 7),
    ]
    table.names = 3
    if hasShortfall { table.columns.append(ClientModel.column("ES", 7)) }
    if hasPast { table.columns.append(ClientModel.column("Past", 7)) }
    for row in board.rows.indices {
      let refused = board.text(row, "refused")
      let method = Sanitiser.line(board.text(row, "method").shortened(to: 40))
      var cells = [
        TableCell(text: name < 14 ? ClientModel.short(method) : method),
        TableCell(
          text: board.cell(row, "confidence").number.map { ClientModel.confidence($0) } ?? ""),
        TableCell(text: word(board.cell(row, "horizon_days")), role: .textDim),
      ]
      if refused.isEmpty {
        cells += [percent(board.cell(row, "share")), money(board.cell(row, "value"))]
        if hasShortfall { cells.append(money(board.cell(row, "shortfall"))) }
        if hasPast { cells.append(past(of: row, board)) }
      } else {
        cells += [TableCell(text: "?", role: .valueUnknown)]
        cells += [TableCell(text: "refused", role: .valueUnknown)]
      }
      table.rows.append(cells)
    }
    return table
  }

  /// A method's name where there is little room.
  private static func short(_ method: String) -> String {
    let names = [
      "parametric": "param.", "historical": "histor.", "cornish-fisher": "c.fisher",
      "monte-carlo": "m.carlo",
    ]
    return names[method] ?? method
  }

  /// How often the past was worse than a rule of one day said, of how often it should have been;
  /// `!` where that is more than chance, `!!` where it is much more.
  private func past(of row: Int, _ board: Report) -> TableCell {
    let tests = boards[Board.backtests] ?? Report()
    guard board.integer(row, "horizon_days") == 1,
      let test = tests.rows.indices.first(where: { test in
        tests.text(test, "method") == board.text(row, "method")
          && tests.cell(test, "confidence") == board.cell(row, "confidence")
      }), let found = tests.integer(test, "exceptions"),
      let expected = tests.cell(test, "expected").number
    else { return TableCell(text: "") }
    let zone = RiskZone(tests.text(test, "zone"))
    let usual = Decimals.percent(min(max(expected, 0), 999) / 100, digits: expected < 10 ? 1 : 0)
    let text = "\(min(found, 999))/\(usual)\(zone.mark)"
    return TableCell(text: text, role: zone.role)
  }

  private func riskStress(_ width: Int) -> RiskTable {
    let board = boards[Board.stress] ?? Report()
    var table = RiskTable(title: "What if", footer: "", empty: waiting)
    if riskPanes[.checks] == nil { table.footer = limitsInShort }
    let name = max(5, min(32, width - 17))
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
          text: share.map { sign + Decimals.percent($0, digits: 1, columns: 7 - sign.count) }
            ?? "?",
          role: (share ?? 0) < 0 ? .valueDown : .text),
        board.cell(row, "value") == .none
          ? TableCell(text: Figures.unknown, role: .valueUnknown) : money(board.cell(row, "value")),
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
    let bar = width >= 32 ? max(8, min(24, width - 30)) : 0
    let name = max(10, width - 12 - (bar >= 8 ? bar + 1 : 0))
    table.columns = [
      ClientModel.column("What", name, false), ClientModel.column("Is", 5),
      ClientModel.column("Most", 5),
    ]
    if bar >= 8 { table.columns.append(ClientModel.column("Room", bar, false)) }
    for row in limits.rows.indices {
      let state = LimitState(limits.text(row, "state"))
      let what = "\(limits.text(row, "limit")) \(limits.text(row, "name"))"
      var cells = [
        TableCell(
          text: state.mark + Sanitiser.line(what.shortened(to: 80)), role: state.role),
        TableCell(text: percent(limits.cell(row, "value"), digits: 1).text, role: state.role),
        percent(limits.cell(row, "most"), digits: 1),
      ]
      if bar >= 8 { cells.append(headRoom(row, limits, state, width: bar)) }
      table.rows.append(cells)
    }
    for row in tests.rows.indices {
      let zone = RiskZone(tests.text(row, "zone"))
      let confidence = tests.cell(row, "confidence").number.map { ClientModel.confidence($0) }
      let method = ClientModel.short(tests.text(row, "method"))
      let mark = zone.mark.isEmpty ? "" : zone.mark + " "
      let what = "\(mark)past \(method) \(confidence ?? "")"
      var cells = [
        TableCell(text: Sanitiser.line(what.shortened(to: 80)), role: zone.role),
        TableCell(text: word(tests.cell(row, "exceptions"))),
        TableCell(text: word(tests.cell(row, "expected")), role: .textDim),
      ]
      if bar >= 8 {
        let chance = tests.cell(row, "both_p").number.map { Decimals.percent($0 / 100, digits: 2) }
        let text = chance.map { "p \($0)" } ?? ""
        cells.append(TableCell(text: "\(zone.word) \(text)", role: zone.role))
      }
      table.rows.append(cells)
    }
    return table
  }

  /// How much of a limit is used, with the word for it: full where it is broken.
  private func headRoom(
    _ row: Int, _ limits: Report, _ state: LimitState, width: Int
  ) -> TableCell {
    guard let value = limits.cell(row, "value").number, let most = limits.cell(row, "most").number,
      most > 0
    else { return TableCell(text: Figures.unknown, role: .valueUnknown) }
    let word = " \(state.word)"
    let room = max(1, width - word.count)
    let used = max(0, min(room, Int((value / most * Double(room)).rounded(.down))))
    let bar =
      String(repeating: glyphs.text(.full), count: used)
      + String(repeating: glyphs.text(.light), count: room - used)
    return TableCell(text: bar + word, role: state.role)
  }

  /// How many limits there are, and how many of them are broken or nearly so.
  private var limitsInShort: String {
    let limits = boards[Board.riskLimits] ?? Report()
    guard !limits.rows.isEmpty else { return "" }
    let states = limits.rows.indices.map { LimitState(limits.text($0, "state")) }
    let broken = states.count { $0 == .over }
    let near = states.count { $0 == .near }
    if broken + near == 0 { return "limits kept: \(states.count)" }
    return [(broken, "! \(broken) over"), (near, "\(near) near")].filter { $0.0 > 0 }
      .map(\.1).joined(separator: ", ") + " of \(states.count) limits"
  }

  /// How the year went, of which the screen of gains says more.
  private var yearInShort: String {
    let board = boards[Board.performance + ProfitPeriod.year.rawValue] ?? Report()
    guard board.word("state") == "ready" else { return "the parts add up to the whole" }
    func share(_ name: String) -> String {
      board.amount(name).map { Decimals.percent($0.approximate, digits: 1) + "%" }
        ?? glyphs.text(.missing)
    }
    let beta = board.amount("beta").map { Decimals.text($0, digits: 2) } ?? glyphs.text(.missing)
    let benchmark = Sanitiser.line(board.word("benchmark").shortened(to: 20))
    return "\(board.count("daily_returns")) days: volatility \(share("volatility"))"
      + "  fall \(share("current_drawdown")) of \(share("max_drawdown"))"
      + "  beta \(benchmark) \(beta)"
  }

  private func riskParts(_ width: Int) -> RiskTable {
    let board = partsBoard
    let total = board["value_at_risk"]
    let sum = total == .none ? Figures.unknown : money(total).text
    var table = RiskTable(
      title: "Who bears it: VaR 99 of a day \(sum), the sum of the parts", footer: yearInShort,
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
    let most =
      board.rows.indices.compactMap { board.cell($0, "component_share").number }
      .map { abs($0) }.max() ?? 0
    for row in board.rows.indices {
      let share = board.cell(row, "component_share").number
      var cells = [
        TableCell(text: Sanitiser.line(board.text(row, "name").shortened(to: 40))),
        money(board.cell(row, "value")), percent(board.cell(row, "weight"), digits: 1, columns: 6),
        percent(board.cell(row, "component_share"), digits: 1, columns: 6),
        money(board.cell(row, "component")),
      ]
      if hasVolatility {
        cells += [
          percent(board.cell(row, "volatility"), digits: 1),
          money(board.cell(row, "incremental")),
        ]
      }
      if bar >= 6 {
        cells.append(riskBar(share, of: most, width: bar))
      }
      if hasSource {
        let source = Sanitiser.line(board.text(row, "source").shortened(to: 100))
        cells.append(TableCell(text: source, role: .textDim))
      }
      table.rows.append(cells)
    }
    return table
  }

  /// A part beside the greatest; one that takes risk away has another filling.
  private func riskBar(_ share: Double?, of most: Double, width: Int) -> TableCell {
    guard let share, share.isFinite, most > 0 else { return TableCell(text: "") }
    let length = max(0, min(width, Int((abs(share) / most * Double(width)).rounded())))
    let sign = share < 0 ? "-" : ""
    let cells = String(
      repeating: glyphs.text(share < 0 ? .medium : .full), count: max(0, length - sign.count))
    return TableCell(
      text: length == 0 ? "" : sign + cells, role: share < 0 ? .chartSecond : .chartLine)
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

/// How a limit stands, in the words of the board.
enum LimitState {
  case kept
  case near
  case over

  init(_ word: String) {
    self = word == "ok" ? .kept : word == "near" ? .near : .over
  }

  var mark: String { self == .over ? "! " : "" }

  var word: String {
    switch self {
    case .kept: "ok"
    case .near: "near"
    case .over: "over"
    }
  }

  var role: Role {
    switch self {
    case .kept: .text
    case .near: .alertWarning
    case .over: .alertHigh
    }
  }
}

/// How often the past was worse than a rule said, by the zones of the Basel Committee.
///
/// Source: Supervisory framework for the use of "backtesting", 1996, https://www.bis.org/publ/bcbs22.htm
private enum RiskZone {
  case green
  case yellow
  case red

  init(_ word: String) {
    self = word == "green" ? .green : word == "yellow" ? .yellow : .red
  }

  var mark: String {
    switch self {
    case .green: ""
    case .yellow: "!"
    case .red: "!!"
    }
  }

  var word: String {
    switch self {
    case .green: "green"
    case .yellow: "yellow"
    case .red: "red"
    }
  }

  var role: Role {
    switch self {
    case .green: .stateOK
    case .yellow: .stateStale
    case .red: .stateError
    }
  }
}
