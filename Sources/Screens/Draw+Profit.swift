internal import Amounts
internal import Canvas
internal import Ledger
internal import Wire

extension ClientModel {
  /// Where the panes of the P&L screen stand.
  struct ProfitPanes {
    let chart: Rect?
    let assets: Rect
    let bridge: Rect?

    init(_ body: Rect, isFull: Bool) {
      guard isFull, body.height >= 14 else {
        (chart, assets, bridge) = (nil, body, nil)
        return
      }
      let (upper, lower) = body.cutTop(max(7, body.height * 9 / 20))
      chart = upper
      guard body.width >= 76 else {
        (assets, bridge) = (lower, nil)
        return
      }
      let columns = lower.columns([.weight(1), .fixed(body.width >= 110 ? 44 : 36)])
      (assets, bridge) = (columns[0], columns[1])
    }
  }

  var profitPanes: ProfitPanes { ProfitPanes(layout.body, isFull: layout.kind == .full) }

  func drawProfit(_ frame: inout Frame) {
    let panes = profitPanes
    if let place = panes.chart { drawValueChart(&frame, place) }
    drawGains(&frame, panes.assets)
    if let place = panes.bridge { drawBridge(&frame, place) }
  }

  /// What stands in the place of figures that are not there yet.
  private func waitingText(_ board: Report) -> String? {
    switch board.word("state") {
    case "ready": nil
    case "computing": "Computing gains from the ledger: \(board.count("done_percent")) %"
    case "failed": "Gains cannot be computed: \(Sanitiser.line(board.word("problem")))"
    default: "Waiting for the engine."
    }
  }

  // MARK: - Chart

  private func drawValueChart(_ frame: inout Frame, _ place: Rect) {
    let board = performanceBoard
    var title = profitShowsIndex ? "Growth of 1" : "NAV"
    title += "  \(profitPeriod.title)"
    if waitingText(board) == nil {
      title += "   TWR \(ClientModel.percent(board.amount("twr")))"
    }
    let inside = frame.pane(place, title: title, footer: chartFooter(board), isFocused: false)
    if let text = waitingText(board) {
      frame.put(text, at: Point(x: inside.x + 1, y: inside.y), Style(.textDim))
      return
    }
    let column = profitShowsIndex ? "return_index" : "value"
    let chart = LineChart(
      values: board.rows.indices.map { board.amount($0, column)?.approximate })
    let labelWidth = 9
    let plot = Rect(
      x: inside.x + labelWidth + 1, y: inside.y, width: inside.width - labelWidth - 2,
      height: inside.height - 1)
    guard plot.width > 4, plot.height > 1, let range = chart.range, board.rows.count > 1 else {
      frame.put(
        "A chart needs two days.", at: Point(x: inside.x + 1, y: inside.y), Style(.textDim))
      return
    }
    frame.tell(chartFacts(board, column, range), at: inside.origin)
    frame.untold { frame in
      let rows = chart.rows(width: plot.width, height: plot.height, glyphs: glyphs)
      for (index, row) in rows.enumerated() {
        frame.put(.axisVertical, at: Point(x: plot.x - 1, y: plot.y + index), Style(.chartAxis))
        frame.put(
          row, at: Point(x: plot.x, y: plot.y + index), Style(.chartLine), width: plot.width)
      }
      drawAxis(&frame, plot, range, board, labelWidth: labelWidth)
    }
  }

  /// The curve in words.
  private func chartFacts(
    _ board: Report, _ column: String, _ range: ClosedRange<Double>
  ) -> [String] {
    func text(_ value: Fixed?) -> String {
      guard let value else { return Figures.unknown }
      return profitShowsIndex ? Decimals.text(value, digits: 3) : figures.compact(value)
    }
    let last = board.rows.count - 1
    return [
      "\(board.text(0, "day")): \(text(board.amount(0, column)))",
      "\(board.text(last, "day")): \(text(board.amount(last, column)))",
      "Lowest: \(text(Fixed(approximating: range.lowerBound)))",
      "Highest: \(text(Fixed(approximating: range.upperBound)))",
    ]
  }

  private func chartFooter(_ board: Report) -> String {
    let stale = board.count("days_stale")
    let missing = board.count("days_with_unpriced_holdings")
    var parts: [String] = []
    if missing > 0 { parts.append("\(missing) days lack a price") }
    if stale > 0 { parts.append("\(stale) days rest on old prices") }
    let doubtful = board.count("doubtful_prices")
    if doubtful > 0 { parts.append("\(doubtful) prices stale or disputed") }
    return parts.joined(separator: ", ")
  }

  private func drawAxis(
    _ frame: inout Frame, _ plot: Rect, _ range: ClosedRange<Double>, _ board: Report,
    labelWidth: Int
  ) {
    let levels = [
      (plot.y, range.upperBound),
      (plot.y + plot.height - 1, range.lowerBound),
    ]
    for (y, level) in levels {
      let amount = Fixed(approximating: level)
      let text =
        profitShowsIndex
        ? Decimals.text(amount, digits: 3) : figures.compact(amount)
      frame.put(
        text, at: Point(x: plot.x - labelWidth - 1, y: y), Style(.chartAxis), width: labelWidth - 1,
        align: .right)
      frame.put(.axisTick, at: Point(x: plot.x - 1, y: y), Style(.chartAxis))
    }
    let y = plot.y + plot.height
    frame.put(.axisCorner, at: Point(x: plot.x - 1, y: y), Style(.chartAxis))
    let first = board.text(0, "day")
    let last = board.text(board.rows.count - 1, "day")
    frame.put(
      first, at: Point(x: plot.x, y: y), Style(.chartAxis), width: min(plot.width, first.count))
    if plot.width > first.count + last.count {
      let end = plot.right - last.count
      frame.put(last, at: Point(x: end, y: y), Style(.chartAxis), width: last.count)
      for x in (plot.x + first.count)..<(plot.right - last.count) {
        frame.put(.axisHorizontal, at: Point(x: x, y: y), Style(.chartAxis))
      }
    }
  }

  /// A share as a percentage with its sign.
  static func percent(_ ratio: Fixed?) -> String {
    guard let ratio else { return Figures.unknown }
    let text = Decimals.percent(ratio.approximate, digits: 2)
    return (ratio.isNegative ? text : "+" + text) + "%"
  }

  // MARK: - Assets

  private enum GainColumn: Hashable, Sendable {
    case asset, gain, unrealised, cost, realised, value, fees, rewards
  }

  private static let gainColumns = ColumnChoice<GainColumn>(
    order: [.asset, .gain, .unrealised, .realised, .cost, .value, .rewards, .fees],
    byImportance: [.asset, .gain, .unrealised, .realised, .value, .cost, .rewards, .fees]
  ) { column in column == .asset ? 8 : 9 }

  private static func titled(_ column: GainColumn, _ width: Int) -> TableColumn {
    let title =
      switch column {
      case .asset: "Asset"
      case .gain: "P&L"
      case .unrealised: "Unreal"
      case .cost: "Cost"
      case .realised: "Realised"
      case .value: "Value"
      case .fees: "Fees"
      case .rewards: "Rewards"
      }
    return TableColumn(
      title: title, width: width, alignment: column == .asset ? .left : .right)
  }

  private func drawGains(_ frame: inout Frame, _ place: Rect) {
    let board = gainsBoard
    let unknown = board.count("unknown_lots")
    let inside = frame.pane(
      place, title: "By asset  \(profitPeriod.title)",
      footer: unknown > 0 ? "\(unknown) lots without a known cost" : "", isFocused: true)
    if let text = waitingText(board) {
      frame.put(text, at: Point(x: inside.x + 1, y: inside.y), Style(.textDim))
      return
    }
    if board.rows.isEmpty {
      frame.put(
        "Nothing is recorded yet.", at: Point(x: inside.x + 1, y: inside.y), Style(.textDim))
      return
    }
    let shown = ClientModel.gainColumns.fitting(inside.width - 2, stretching: .asset, upTo: 8)
    let columns = shown.map { ClientModel.titled($0.name, $0.width) }
    frame.titles(columns, in: inside.row(0))
    let window = profitCursor.window(count: board.rows.count, height: inside.height - 1)
    for index in window {
      let row = inside.row(1 + index - window.lowerBound)
      frame.cells(shown.map { cell($0.name, index, board) }, below: columns, in: row)
      if index == profitCursor.index { drawCursor(&frame, row, isFocused: true) }
    }
  }

  private func cell(_ column: GainColumn, _ row: Int, _ board: Report) -> TableCell {
    switch column {
    case .asset: return TableCell(text: Sanitiser.line(board.text(row, "asset")))
    case .gain: return signed(board.amount(row, "gain"))
    case .unrealised: return unrealised(row, board)
    case .realised: return signed(board.amount(row, "realised"))
    case .rewards: return signed(board.amount(row, "rewards"))
    case .fees: return signed(board.amount(row, "fees"))
    case .cost:
      return board.integer(row, "lots") == 0
        ? TableCell(text: "") : plain(board.amount(row, "cost"))
    case .value: return plain(board.amount(row, "value"))
    }
  }

  /// What selling would bring: marked where it is that of some lots only.
  private func unrealised(_ row: Int, _ board: Report) -> TableCell {
    if board.integer(row, "lots") == 0 { return TableCell(text: "") }
    let cell = signed(board.amount(row, "unrealised"))
    let isPart =
      board.amount(row, "unrealised") != nil
      && (board.integer(row, "unknown_lots") ?? 0) > 0
    return isPart ? TableCell(text: cell.text + "?", role: .valueUnknown) : cell
  }

  private func plain(_ amount: Fixed?) -> TableCell {
    amount.map { TableCell(text: figures.compact($0)) }
      ?? TableCell(text: Figures.unknown, role: .valueUnknown)
  }

  private func signed(_ amount: Fixed?) -> TableCell {
    guard let amount else { return TableCell(text: Figures.unknown, role: .valueUnknown) }
    let role: Role = amount.isZero ? .valueFlat : amount.isNegative ? .valueDown : .valueUp
    return TableCell(text: figures.signedCompact(amount), role: role)
  }

  // MARK: - Bridge and figures

  private func drawBridge(_ frame: inout Frame, _ place: Rect) {
    let board = performanceBoard
    let inside = frame.pane(place, title: "From opening to value")
    if waitingText(board) != nil { return }
    for (index, line) in bridgeLines(board).prefix(max(0, inside.height)).enumerated() {
      let row = inside.row(index)
      let width = inside.width - 2
      let used = frame.put(
        line.name, at: Point(x: row.x + 1, y: row.y), Style(.textDim), width: width)
      frame.put(
        line.cell.text, at: Point(x: row.x + used + 2, y: row.y), Style(line.cell.role),
        width: width - used - 1, align: .right)
    }
  }

  private func bridgeLines(_ board: Report) -> [(name: String, cell: TableCell)] {
    func exact(_ name: String) -> TableCell {
      board.amount(name).map { TableCell(text: figures.whole($0)) }
        ?? TableCell(text: Figures.unknown, role: .valueUnknown)
    }
    var lines: [(String, TableCell)] = [("opening", exact("opening"))]
    for (name, fact) in [
      ("price", "gain_price"), ("currency", "gain_currency"), ("trading", "gain_trading"),
      ("rewards", "gain_rewards"), ("funding", "gain_funding"), ("fees", "gain_fees"),
      ("lost", "gain_lost"),
    ] {
      let amount = board.amount(fact)
      if amount?.isZero == true { continue }
      lines.append((name, signed(amount)))
    }
    let flows = board.amount("inflow").flatMap { inflow in
      board.amount("outflow").flatMap { try? inflow.subtracting($0) }
    }
    lines.append(("flows in and out", signed(flows)))
    var refused: [String] = []
    lines.append(("value now", exact("value")))
    lines.append(("P&L", signed(board.amount("gain"))))
    for (name, fact, isPercent) in [
      ("money-weighted", "modified_dietz", true), ("XIRR a year", "xirr", true),
      ("max drawdown", "max_drawdown", true), ("volatility a year", "volatility", true),
      ("Sharpe", "sharpe", false), ("Sortino", "sortino", false),
      ("Calmar", "calmar", false), ("Omega", "omega", false),
      ("beta to \(Sanitiser.line(board.word("benchmark")))", "beta", false),
      ("alpha a year", "alpha", true), ("tracking error", "tracking_error", true),
    ] {
      lines.append((name, figure(board, fact, isPercent: isPercent)))
      let reason = Sanitiser.line(board.word("\(fact)_refused"))
      if !reason.isEmpty, !refused.contains(reason) { refused.append(reason) }
    }
    let returns = board.count("daily_returns")
    lines.append(("daily returns", TableCell(text: "\(returns)", role: .textDim)))
    return lines + refused.map { ("\(glyphs.text(.missing)) \($0)", TableCell(text: "")) }
  }

  /// A figure of statistics, or why there is none.
  private func figure(_ board: Report, _ name: String, isPercent: Bool) -> TableCell {
    guard let value = board.amount(name) else {
      let isRefused = !board.word("\(name)_refused").isEmpty
      return TableCell(
        text: isRefused ? glyphs.text(.missing) : Figures.unknown, role: .valueUnknown)
    }
    if isPercent { return TableCell(text: ClientModel.percent(value)) }
    return TableCell(text: Decimals.text(value, digits: 2))
  }
}

extension Fixed {
  /// The number nearest to a figure that only a chart's axis shows.
  fileprivate init(approximating value: Double) {
    let limit = 1e18
    let cut = value.isFinite ? max(-limit, min(value, limit)) : 0
    self.init(units: Int128((cut * 1e6).rounded()) * 1_000_000_000_000)
  }
}
