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

extension ClientModel {
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
