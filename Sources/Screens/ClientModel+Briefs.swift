internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// The small tables of the Overview.
extension ClientModel {
  private static func column(_ title: String, _ width: Int, _ isRight: Bool = true) -> TableColumn {
    TableColumn(title: title, width: width, alignment: isRight ? .right : .left)
  }

  /// A bar from the left, as long as the share is of the longest.
  private static func bar(_ share: Double?, width: Int) -> TableCell {
    let length = Int((max(0, min(share ?? 0, 1)) * Double(width)).rounded())
    return TableCell(text: String(repeating: "█", count: length), role: .chartLine)
  }

  // MARK: Movers

  func moverTable(_ width: Int) -> BriefTable {
    var table = BriefTable(
      title: "Movers 24 h", footer: movers.unknown > 0 ? "?\(movers.unknown) not known" : "")
    guard let board else {
      table.note = "Waiting for the engine."
      return table
    }
    table.note = "Nothing held has a price of a day ago."
    let name = max(5, min(18, width - 18))
    table.columns = [
      ClientModel.column("Asset", name, false), ClientModel.column("Day%", 8),
      ClientModel.column("Gain", 8),
    ]
    for asset in movers.assets {
      guard let row = board.row(of: asset) else { continue }
      table.assets.append(asset)
      table.rows.append(moverCells(row, board))
    }
    return table
  }

  private func moverCells(_ row: PositionRow, _ board: PositionBoard) -> [TableCell] {
    let position = row.position
    let state = state(of: position)
    let gain = position.value.flatMap { value in
      position.dayOpenValue.flatMap { try? value.subtracting($0) }
    }
    let role = row.dayRatio.map { Figures.direction($0).role } ?? .valueUnknown
    var money = gain.map { state.mark + figures.signedCompact($0) } ?? state.mark + Figures.unknown
    // The change beside it has the sign as well.
    if money.count > 8, let gain { money = state.mark + figures.compact(gain) }
    return [
      TableCell(text: board.name(of: row)),
      TableCell(text: Figures.change(row.dayRatio, columns: 8), role: role),
      TableCell(text: money, role: state == .live ? role : state.role),
    ]
  }

  // MARK: What today brought

  func attributionTable(_ width: Int) -> BriefTable {
    let board = boards[Board.gains + ProfitPeriod.day.rawValue]
    var table = BriefTable(title: "P&L today")
    guard let board, board.word("state") == "ready" else {
      table.note = waitingWord(board)
      return table
    }
    table.note = "Nothing is recorded yet."
    let total = boards[Board.performance + ProfitPeriod.day.rawValue]?.amount("gain")
    table.footer = total.map { "total \(figures.signedCompact($0))" } ?? ""
    let name = max(5, min(12, width - 18))
    let bar = max(0, width - name - 11)
    table.columns = [
      ClientModel.column("Asset", name, false), ClientModel.column("P&L", 9),
      ClientModel.column("loss   gain", bar, false),
    ]
    let rows = board.rows.indices.map { ($0, board.amount($0, "gain")) }.sorted { a, b in
      (a.1?.units.magnitude ?? 0, b.0) > (b.1?.units.magnitude ?? 0, a.0)
    }
    let most = rows.compactMap { $0.1?.approximate }.map { abs($0) }.max() ?? 0
    table.rows = rows.prefix(MoverList.limit).map { row, gain in
      [
        TableCell(text: Sanitiser.line(board.text(row, "asset").shortened(to: 40))),
        gainCell(gain), gainBar(gain, of: most, width: bar),
      ]
    }
    return table
  }

  // MARK: Exposure

  func exposureTable(_ width: Int) -> BriefTable {
    let board = boards[Board.exposure + "venue"]
    var table = BriefTable(title: "Exposure by venue")
    guard let board, !board.columns.isEmpty else {
      let refused = board?.word("refused") ?? ""
      table.note = refused.isEmpty ? "being computed" : "Refused: \(Sanitiser.line(refused))."
      return table
    }
    table.note = "Nothing held has a price."
    let missing = board.count("holdings_without_price")
    let sums = ["gross", "net"].map { name -> String in
      let sum = board.rows.indices.reduce(Fixed?.some(.zero)) { sum, row in
        sum.flatMap { sum in board.amount(row, name).flatMap { try? sum.adding($0) } }
      }
      return "\(name) \(sum.map { figures.compact($0) } ?? Figures.unknown)"
    }
    table.footer = sums.joined(separator: " ") + (missing > 0 ? " ?\(missing)" : "")
    let hasBar = width >= 34
    let name = max(6, min(16, width - 16))
    let bar = hasBar ? max(0, width - name - 17) : 0
    table.columns = [
      ClientModel.column("Held at", name, false), ClientModel.column("Gross", 8),
      ClientModel.column("%", 5),
    ]
    if hasBar { table.columns.append(ClientModel.column("", bar, false)) }
    table.rows = board.rows.indices.prefix(MoverList.limit).map { row in
      exposureCells(board, row, bar: hasBar ? bar : nil)
    }
    return table
  }

  private func exposureCells(_ board: Report, _ row: Int, bar: Int?) -> [TableCell] {
    let share = board.cell(row, "share").number
    let gross = board.amount(row, "gross")
    let isNet = gross == board.amount(row, "net")
    var cells = [
      TableCell(text: Sanitiser.line(board.text(row, "name").shortened(to: 40))),
      // Where something is owed gross is more than net.
      TableCell(
        text: gross.map { figures.compact($0) + (isNet ? "" : "!") } ?? Figures.unknown,
        role: gross == nil ? .valueUnknown : .value),
      TableCell(text: Figures.weight(share, columns: 5)),
    ]
    if let bar { cells.append(ClientModel.bar(share, width: bar)) }
    return cells
  }

  // MARK: Risk

  func riskSummary(_ width: Int) -> BriefTable {
    var table = BriefTable(title: "Risk", note: "being computed")
    guard let board = boards[Board.riskLive], !board.columns.isEmpty else { return table }
    let name = max(8, min(20, width - 16))
    table.columns = [
      ClientModel.column("1 day", name, false), ClientModel.column("%", 6),
      ClientModel.column("Loss", 8),
    ]
    let refused = board.word("refused")
    table.footer = refused.isEmpty ? "" : Sanitiser.line("refused: \(refused)".shortened(to: 200))
    table.rows = limitRows
    table.rows.append(lossRow("VaR 95", 0.95, "share", "value"))
    table.rows.append(lossRow("VaR 99", 0.99, "share", "value"))
    table.rows.append(lossRow("ES 99", 0.99, "shortfall_share", "shortfall"))
    table.rows.append([
      TableCell(text: "vol a year"), share(board["volatility_year"].number), TableCell(text: ""),
    ])
    if let worst = worstStress { table.rows.append(worst) }
    let spread = board["effective_count"].number
    table.rows.append([
      TableCell(text: "eff. N"),
      TableCell(text: spread == nil ? Figures.unknown : board["effective_count"].plain),
      TableCell(text: ""),
    ])
    return table
  }

  private func share(_ number: Double?) -> TableCell {
    guard let number else { return TableCell(text: Figures.unknown, role: .valueUnknown) }
    return TableCell(text: Decimals.percent(number, digits: 2, columns: 6))
  }

  private func money(_ cell: ReportCell) -> TableCell {
    guard case .amount(let amount) = cell else {
      return TableCell(text: Figures.unknown, role: .valueUnknown)
    }
    return TableCell(text: figures.compact(amount))
  }

  /// The figure of the rule that follows every tick.
  private func lossRow(
    _ name: String, _ confidence: Double, _ share: String, _ value: String
  ) -> [TableCell] {
    let board = boards[Board.riskLive] ?? Report()
    let row = board.rows.indices.first { row in
      board.text(row, "method") == "parametric" && board.integer(row, "horizon_days") == 1
        && abs((board.cell(row, "confidence").number ?? 0) - confidence) < 0.000_1
    }
    guard let row, board.text(row, "refused").isEmpty else {
      let unknown = TableCell(text: Figures.unknown, role: .valueUnknown)
      return [TableCell(text: name), unknown, unknown]
    }
    return [
      TableCell(text: name), self.share(board.cell(row, share).number),
      money(board.cell(row, value)),
    ]
  }

  /// Limits that are broken, each in a row; else how many hold.
  private var limitRows: [[TableCell]] {
    guard let limits = boards[Board.riskLimits], !limits.rows.isEmpty else { return [] }
    let broken = limits.rows.indices.filter { LimitState(limits.text($0, "state")) == .over }
    if broken.isEmpty {
      let text = "\(limits.rows.count) limits hold"
      return [[TableCell(text: text, role: .stateOK), TableCell(text: ""), TableCell(text: "")]]
    }
    return broken.prefix(4).map { row in
      let name = Sanitiser.line(limits.text(row, "name").shortened(to: 40))
      let most = limits.cell(row, "most").number.map { Decimals.percent($0, digits: 1) }
      return [
        TableCell(text: "! over: \(name)", role: .alertHigh),
        share(limits.cell(row, "value").number),
        TableCell(text: "of \(most ?? Figures.unknown)", role: .textDim),
      ]
    }
  }

  /// What would cost most of all that could happen.
  private var worstStress: [TableCell]? {
    guard let board = boards[Board.stress] else { return nil }
    let worst = board.rows.indices.min { a, b in
      (board.cell(a, "share").number ?? .infinity) < (board.cell(b, "share").number ?? .infinity)
    }
    guard let worst, let number = board.cell(worst, "share").number else { return nil }
    let isPart = (board.cell(worst, "unknown").number ?? 0) > 0.000_5
    return [
      TableCell(text: Sanitiser.line(board.text(worst, "name").shortened(to: 40))),
      TableCell(
        text: (isPart ? "~" : "") + Decimals.percent(number, digits: 1, columns: isPart ? 5 : 6),
        role: .valueDown),
      money(board.cell(worst, "value")),
    ]
  }
}
