internal import Amounts
internal import Canvas
internal import Ledger
internal import Wire

/// A period of the P&L screen; the raw values are the words of the engine.
enum ProfitPeriod: String, CaseIterable, Sendable {
  case day
  case week
  case month
  case year
  case all

  /// As a title names it.
  var title: String {
    switch self {
    case .day: "today"
    case .week: "7 days"
    case .month: "30 days"
    case .year: "365 days"
    case .all: "since the beginning"
    }
  }
}

/// A curve of the P&L screen.
enum ProfitChart: String, CaseIterable, Sendable {
  /// What it was worth.
  case value
  /// What 1 has become, flows aside.
  case growth
  /// How far below its highest level so far that stood.
  case drawdown
  /// Growth beside that of the benchmark.
  case benchmark

  /// As a title names it.
  var title: String {
    switch self {
    case .value: "NAV"
    case .growth: "Growth of 1"
    case .drawdown: "Drawdown"
    case .benchmark: "Growth of 1 beside"
    }
  }

  /// The column of the board that it draws.
  var column: String {
    switch self {
    case .value: "value"
    case .growth, .benchmark: "return_index"
    case .drawdown: "drawdown"
    }
  }
}

extension ClientModel {
  /// Draws another curve: the one that is named, or the next.
  mutating func chooseChart(_ word: String?) {
    let all = ProfitChart.allCases
    guard let word else {
      let index = all.firstIndex(of: profitChart) ?? 0
      profitChart = all[(index + 1) % all.count]
      return draw()
    }
    guard let chart = ProfitChart(rawValue: word.lowercased()) else {
      return say(.error, "chart: \(all.map(\.rawValue).joined(separator: ", "))")
    }
    profitChart = chart
    draw()
  }

  /// What was earned, as the engine last said; empty before it has.
  var performanceBoard: Report { boards[Board.performance + profitPeriod.rawValue] ?? Report() }
  /// The same by asset.
  var gainsBoard: Report { boards[Board.gains + profitPeriod.rawValue] ?? Report() }

  /// The boards of the P&L screen.
  var profitBoards: [String] {
    [Board.performance + profitPeriod.rawValue, Board.gains + profitPeriod.rawValue]
  }

  /// Shows a longer or a shorter period, or the one that is named.
  mutating func choosePeriod(_ word: String?) {
    guard let word, let period = ProfitPeriod(rawValue: word) else {
      let words = ProfitPeriod.allCases.map(\.rawValue).joined(separator: ", ")
      return say(.error, "period: \(words)")
    }
    profitPeriod = period
    draw()
  }

  mutating func movePeriod(by step: Int) {
    let all = ProfitPeriod.allCases
    let index = (all.firstIndex(of: profitPeriod) ?? 0) + step
    guard all.indices.contains(index) else { return }
    profitPeriod = all[index]
    draw()
  }

  /// Asks for what the gain of the asset under the cursor rests on.
  mutating func explainGain() {
    let row = profitCursor.index
    let asset = gainsBoard.text(row, "identity")
    guard !asset.isEmpty, isConnected else { return }
    let name = Sanitiser.line(gainsBoard.text(row, "asset"))
    request(
      Request("why", ["figure": "gain:\(asset)"]),
      PendingRequest(use: .show("Gain of \(name): lots, entries, hashes")))
  }
}

extension ClientModel {
  /// Shows all that is known of what the asset under the cursor brought.
  mutating func explainParts() {
    let board = gainsBoard
    let row = profitCursor.index
    guard board.rows.indices.contains(row) else { return }
    func detail(_ name: String, _ column: String) -> Detail {
      let text = board.amount(row, column).map { Decimals.exact($0) } ?? Figures.unknown
      return Detail(name: name, text: text, isRevealing: true)
    }
    let lots = board.integer(row, "lots") ?? 0
    let unknown = board.integer(row, "unknown_lots") ?? 0
    var details = [
      Detail(name: "Asset", text: Sanitiser.line(board.text(row, "identity"))),
      Detail(name: "Period", text: profitPeriod.title), detail("P&L", "gain"),
      detail("Price", "price"), detail("Trading", "trading"), detail("Rewards", "rewards"),
      detail("Funding", "funding"), detail("Fees", "fees"),
      detail("Realised", "realised"), detail("Unrealised", "unrealised"),
      detail("Cost", "cost"), detail("Value", "value"),
    ]
    if unknown > 0 {
      details.append(
        Detail(name: "? cost", text: "\(unknown) of \(lots) lots have a cost that nobody has told"))
    }
    details.append(Detail(name: "Rests on", text: "lots, entries and hashes: Enter"))
    show(.details(title: "P&L of \(Sanitiser.line(board.text(row, "asset")))", details))
  }
}

extension Report {
  /// A fact's amount; `nil` where it is not known.
  func amount(_ name: String) -> Fixed? {
    if case .amount(let amount) = self[name] { return amount }
    return nil
  }

  /// A fact's text; empty for anything else.
  func word(_ name: String) -> String {
    if case .text(let text) = self[name] { return text }
    return ""
  }

  /// A fact's whole number; 0 where there is none.
  func count(_ name: String) -> Int64 {
    if case .integer(let number) = self[name] { return number }
    return 0
  }

  /// A cell's amount; `nil` where it is not known.
  func amount(_ row: Int, _ name: String) -> Fixed? {
    if case .amount(let amount) = cell(row, name) { return amount }
    return nil
  }
}

/// How the value at the end comes from that at the beginning.
struct ProfitBridge: Sendable {
  /// One step of it.
  struct Step: Sendable {
    let name: String
    /// What it adds; `nil` where nobody knows.
    let amount: Fixed?
  }

  let opening: Fixed?
  let closing: Fixed?
  /// What was earned or lost, by source, without those that are nothing, and what came in or went out.
  private(set) var steps: [Step] = []
  /// By how much the end is more than beginning and steps together; `nil` where one of them is not known.
  let rest: Fixed?

  init(_ board: Report) {
    opening = board.amount("opening")
    closing = board.amount("value")
    let sources = [
      ("price", "gain_price"), ("currency", "gain_currency"), ("trading", "gain_trading"),
      ("rewards", "gain_rewards"), ("funding", "gain_funding"), ("fees", "gain_fees"),
      ("lost", "gain_lost"),
    ]
    var sum = opening
    func add(_ amount: Fixed?) {
      sum = sum.flatMap { sum in amount.flatMap { try? sum.adding($0) } }
    }
    for (name, fact) in sources {
      let amount = board.amount(fact)
      add(amount)
      if amount?.isZero != true { steps.append(Step(name: name, amount: amount)) }
    }
    let flows = board.amount("inflow").flatMap { inflow in
      board.amount("outflow").flatMap { try? inflow.subtracting($0) }
    }
    add(flows)
    steps.append(Step(name: "flows in and out", amount: flows))
    rest = closing.flatMap { end in sum.flatMap { try? end.subtracting($0) } }
  }

  /// The steps in so many rows: the smallest sources are put together where there is no room.
  func steps(rows: Int) -> [Step] {
    guard steps.count > max(2, rows), let flows = steps.last else { return steps }
    let sources = steps.dropLast().sorted { a, b in
      (a.amount?.units.magnitude ?? .max) > (b.amount?.units.magnitude ?? .max)
    }
    let kept = Set(sources.prefix(max(0, rows - 2)).map(\.name))
    var others: Fixed? = .zero
    for step in sources where !kept.contains(step.name) {
      others = others.flatMap { sum in step.amount.flatMap { try? sum.adding($0) } }
    }
    return steps.dropLast().filter { kept.contains($0.name) }
      + [Step(name: "other sources", amount: others), flows]
  }
}
