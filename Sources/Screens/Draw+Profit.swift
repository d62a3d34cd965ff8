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

    init(_ room: Room) {
      let body = room.place
      guard room.isFull, body.height >= 14 else {
        (chart, assets, bridge) = (nil, body, nil)
        return
      }
      let (upper, lower) = body.cutTop(max(7, body.height * 9 / 20))
      chart = upper
      guard body.width >= 76 else {
        (assets, bridge) = (lower, nil)
        return
      }
      let columns = lower.columns([.weight(1), .fixed(body.width >= 110 ? 44 : 34)])
      (assets, bridge) = (columns[0], columns[1])
    }
  }

  var profitPanes: ProfitPanes { ProfitPanes(room(of: .profit)) }

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
    let benchmark = Sanitiser.line(board.word("benchmark").shortened(to: 40))
    var title = profitChart.title
    if profitChart == .benchmark { title += " \(benchmark) (dotted)" }
    title += "  \(profitPeriod.title)"
    if waitingText(board) == nil {
      title += "   TWR \(ClientModel.percent(board.amount("twr")))"
      if profitChart == .benchmark {
        title += "   \(benchmark) \(ClientModel.percent(board.amount("benchmark_return")))"
      } else if profitChart == .drawdown {
        title += "   deepest \(ClientModel.percent(board.amount("max_drawdown")))"
      }
    }
    let inside = frame.pane(place, title: title, footer: chartFooter(board), isFocused: false)
    if let text = waitingText(board) {
      frame.put(text, at: Point(x: inside.x + 1, y: inside.y), Style(.textDim))
      return
    }
    let chart = curve(profitChart.column, of: board)
    let other = profitChart == .benchmark ? curve("benchmark_index", of: board) : nil
    let labelWidth = 9
    let plot = Rect(
      x: inside.x + labelWidth + 1, y: inside.y, width: inside.width - labelWidth - 2,
      height: inside.height - 1)
    guard plot.width > 4, plot.height > 1, let own = chart.range, board.rows.count > 1 else {
      frame.put(
        "A chart needs two days.", at: Point(x: inside.x + 1, y: inside.y), Style(.textDim))
      return
    }
    let range = frameOfChart(own, other?.range)
    frame.tell(chartFacts(board, profitChart.column, range), at: inside.origin)
    frame.untold { frame in
      if let other {
        let rows = other.rows(
          width: plot.width, height: plot.height, glyphs: glyphs, within: range, isDotted: true)
        for (index, row) in rows.enumerated() {
          let point = Point(x: plot.x, y: plot.y + index)
          frame.put(row, at: point, Style(.chartSecond), width: plot.width)
        }
      }
      let rows = chart.rows(
        width: plot.width, height: plot.height, glyphs: glyphs, within: range)
      for (index, row) in rows.enumerated() {
        frame.put(.axisVertical, at: Point(x: plot.x - 1, y: plot.y + index), Style(.chartAxis))
        // What is blank leaves the other line as it is.
        for (x, cell) in row.enumerated() where other == nil || cell != " " {
          guard x < plot.width else { break }
          frame.put(
            String(cell), at: Point(x: plot.x + x, y: plot.y + index), Style(.chartLine))
        }
      }
      drawAxis(&frame, plot, range, board, labelWidth: labelWidth)
    }
  }

  private func curve(_ column: String, of board: Report) -> LineChart {
    LineChart(values: board.rows.indices.map { board.amount($0, column)?.approximate })
  }

  /// What the height of the chart stands for: both curves, and for a fall the level it is one from.
  private func frameOfChart(
    _ own: ClosedRange<Double>, _ other: ClosedRange<Double>?
  ) -> ClosedRange<Double> {
    let top = profitChart == .drawdown ? max(0, own.upperBound) : own.upperBound
    guard let other else { return own.lowerBound...top }
    return min(own.lowerBound, other.lowerBound)...max(top, other.upperBound)
  }

  /// A level of the chart as text.
  private func level(_ amount: Fixed) -> String {
    switch profitChart {
    case .value: figures.compact(amount)
    case .growth, .benchmark: Decimals.text(amount, digits: 3)
    case .drawdown: Decimals.percent(amount.approximate, digits: 1) + "%"
    }
  }

  /// The curve in words.
  private func chartFacts(
    _ board: Report, _ column: String, _ range: ClosedRange<Double>
  ) -> [String] {
    func text(_ value: Fixed?) -> String {
      guard let value else { return Figures.unknown }
      return level(value)
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
    let days = board.count("benchmark_days")
    let all = board.count("daily_returns")
    if profitChart == .benchmark, days < all {
      parts.insert("benchmark known on \(days) of \(all) days", at: 0)
    }
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
      let text = self.level(Fixed(approximating: level))
      frame.figure(
        text, at: Point(x: plot.x - labelWidth - 1, y: y), Style(.chartAxis),
        width: labelWidth - 1)
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
    case asset, gain, bar, unrealised, cost, realised, value, fees, rewards, price, trading, funding
  }

  private static let gainColumns = ColumnChoice<GainColumn>(
    order: [
      .asset, .gain, .bar, .price, .trading, .rewards, .fees, .funding, .unrealised, .realised,
      .cost, .value,
    ],
    byImportance: [
      .asset, .gain, .bar, .unrealised, .realised, .value, .cost, .rewards, .fees, .price,
      .trading, .funding,
    ]
  ) { column in column == .asset ? 8 : column == .bar ? 13 : 9 }

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
      case .bar: "loss   gain"
      case .price: "Price"
      case .trading: "Trading"
      case .funding: "Funding"
      }
    return TableColumn(
      title: title, width: width,
      alignment: column == .asset || column == .bar ? .left : .right)
  }

  private func drawGains(_ frame: inout Frame, _ place: Rect) {
    let board = gainsBoard
    let unknown = board.count("unknown_lots")
    let inside = frame.pane(
      place, title: "By asset  \(profitPeriod.title)",
      footer: unknown > 0 ? "\(unknown) lots without a known cost" : "",
      isFocused: screen == .profit)
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
    let window = frame.window(profitCursor, count: board.rows.count, height: inside.height - 1)
    let most =
      board.rows.indices.compactMap { board.amount($0, "gain")?.approximate }
      .map { abs($0) }.max() ?? 0
    drawRows(
      &frame, inside, columns, window, cursor: profitCursor.index, isFocused: screen == .profit
    ) { index in
      shown.map { column in
        column.name == .bar
          ? gainBar(board.amount(index, "gain"), of: most, width: column.width)
          : cell(column.name, index, board)
      }
    }
  }

  private func cell(_ column: GainColumn, _ row: Int, _ board: Report) -> TableCell {
    switch column {
    case .asset: return TableCell(text: Sanitiser.line(board.text(row, "asset")))
    case .gain: return gainCell(board.amount(row, "gain"))
    case .unrealised: return unrealised(row, board)
    case .realised: return gainCell(board.amount(row, "realised"))
    case .rewards: return gainCell(board.amount(row, "rewards"))
    case .fees: return gainCell(board.amount(row, "fees"))
    case .price: return gainCell(board.amount(row, "price"))
    case .trading: return gainCell(board.amount(row, "trading"))
    case .funding: return gainCell(board.amount(row, "funding"))
    case .bar: return TableCell(text: "")
    case .cost:
      return board.integer(row, "lots") == 0
        ? TableCell(text: "") : plain(board.amount(row, "cost"))
    case .value: return plain(board.amount(row, "value"))
    }
  }

  /// How much an asset brought beside the others: to the left of the axis what it lost.
  func gainBar(_ gain: Fixed?, of most: Double, width: Int) -> TableCell {
    guard let gain else { return TableCell(text: Figures.unknown, role: .valueUnknown) }
    let half = max(1, (width - 1) / 2)
    let share = most > 0 ? min(1, abs(gain.approximate) / most) : 0
    let length = Int((share * Double(half)).rounded())
    let isLoss = gain.isNegative
    let left = Padded.right(isLoss ? String(repeating: "▒", count: length) : "", half)
    let right = isLoss ? "" : String(repeating: "█", count: length)
    let axis = glyphs.text(.axisVertical)
    return TableCell(
      text: left + axis + right, role: isLoss ? .chartDown : length > 0 ? .chartUp : .chartAxis)
  }

  /// What selling would bring: marked where it is that of some lots only.
  private func unrealised(_ row: Int, _ board: Report) -> TableCell {
    if board.integer(row, "lots") == 0 { return TableCell(text: "") }
    let cell = gainCell(board.amount(row, "unrealised"))
    let isPart =
      board.amount(row, "unrealised") != nil
      && (board.integer(row, "unknown_lots") ?? 0) > 0
    return isPart ? TableCell(text: cell.text + "?", role: .valueUnknown) : cell
  }

  private func plain(_ amount: Fixed?) -> TableCell {
    amount.map { TableCell(text: figures.compact($0)) }
      ?? TableCell(text: Figures.unknown, role: .valueUnknown)
  }

  /// A gain with its sign; unknown where nobody knows.
  func gainCell(_ amount: Fixed?) -> TableCell {
    guard let amount else { return TableCell(text: Figures.unknown, role: .valueUnknown) }
    let role: Role = amount.isZero ? .valueFlat : amount.isNegative ? .valueDown : .valueUp
    return TableCell(text: figures.signedCompact(amount), role: role)
  }

  // MARK: - Bridge and figures

  private func drawBridge(_ frame: inout Frame, _ place: Rect) {
    let board = performanceBoard
    if waitingText(board) != nil {
      frame.pane(place, title: "Bridge")
      return
    }
    let bridge = ProfitBridge(board)
    let inside = frame.pane(place, title: "Bridge", footer: reconciliation(bridge))
    let lines = bridgeLines(board, bridge, rows: inside.height)
    for (index, line) in lines.prefix(max(0, inside.height)).enumerated() {
      let row = inside.row(index)
      let width = inside.width - 2
      let used = frame.put(
        line.name, at: Point(x: row.x + 1, y: row.y), Style(.textDim), width: width)
      frame.figure(
        line.cell.text, at: Point(x: row.x + used + 2, y: row.y), Style(line.cell.role),
        width: width - used - 1)
    }
  }

  /// Whether beginning and steps give the end, to the last digit.
  private func reconciliation(_ bridge: ProfitBridge) -> String {
    guard let rest = bridge.rest else { return "? a part is not known" }
    if rest.isZero { return "reconciles to 0.00" }
    // What gets its first price is worth more without having gained.
    let first = performanceBoard.count("first_prices")
    let reason = first > 0 ? "; \(first) first prices" : ""
    return "! off by \(figures.exactSigned(rest))\(reason)"
  }

  /// Room for a figure beside the longest name.
  private static let bridgeColumns = 16

  private func bridgeLines(
    _ board: Report, _ bridge: ProfitBridge, rows: Int
  ) -> [(name: String, cell: TableCell)] {
    func whole(_ amount: Fixed?) -> TableCell {
      amount.map { TableCell(text: figures.whole($0, columns: ClientModel.bridgeColumns)) }
        ?? TableCell(text: Figures.unknown, role: .valueUnknown)
    }
    var lines: [(String, TableCell)] = [("opening", whole(bridge.opening))]
    for step in bridge.steps(rows: rows - 2) { lines.append((step.name, exactly(step.amount))) }
    var refused: [String] = []
    lines.append(("value now", whole(bridge.closing)))
    lines.append(("P&L", gainCell(board.amount("gain"))))
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

  /// An amount in whole units with its sign; one of a few units with its digits.
  private func exactly(_ amount: Fixed?) -> TableCell {
    let short = gainCell(amount)
    guard let amount, amount.units.magnitude >= 10_000 * UInt128(Fixed.scale) else { return short }
    let text = figures.whole(amount, columns: ClientModel.bridgeColumns)
    let sign = amount.isNegative || isPrivate ? "" : "+"
    return TableCell(text: sign + text, role: short.role)
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
  init(approximating value: Double) {
    let limit = 1.7e20
    let cut = value.isFinite ? max(-limit, min(value, limit)) : 0
    self.init(units: Int128((cut * 1e6).rounded()) * 1_000_000_000_000)
  }
}
