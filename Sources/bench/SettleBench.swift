import ArgumentParser
import Ledger
import Portfolio
import Prices

/// Prices folded into positions, beside building all positions anew.
struct SettleBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle", abstract: "Quotes a second through settlement, and the full rebuild.")

  @Option(help: "Quotes that are settled together.") var batch = 8
  @Option(help: "Rounds; settling and rebuilding take turns.") var rounds = 9
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("settle")
    for positions in [60, 500, 5_000] { measure(positions, &sheet) }
    sheet.note("\(batch) quotes are settled together; times are processor time of one thread")
    try sheet.show(asJSON: json)
  }

  private func measure(_ positions: Int, _ sheet: inout Sheet) {
    var portfolio = LargePortfolio(positions: positions)
    var now = Instant(seconds: 1_700_000_000)
    let opening = portfolio.opening(at: now)
    var settlement = portfolio.settled(opening, at: now)
    let batches = 100
    var (steps, rebuilds): ([Double], [Double]) = ([], [])
    var changed = 0
    for _ in 0..<rounds {
      let quotes = (0..<batches).map { _ in
        now = now.advanced(bySeconds: 0)
        return portfolio.quotes(batch, at: now)
      }
      let step = Taken.by {
        for quotes in quotes {
          for quote in quotes { settlement.take(quote) }
          changed += settlement.settle(at: now)?.changed.count ?? 0
          changed += settlement.nextStale(after: now) == nil ? 0 : 1
        }
      }.1
      steps.append(step.wall / Double(batches))
      rebuilds.append(Taken.by { portfolio.settled(opening, at: now) }.1.wall)
    }
    precondition(changed > 0, "Prices change positions.")
    let name = "\(positions) positions"
    sheet.add("\(name): quotes", Double(batch) / steps.median, "quotes/s", .atLeast(1_000))
    sheet.add("\(name): one settlement", steps.median * 1e6, "us")
    sheet.add("\(name): full rebuild", rebuilds.median * 1e6, "us")
    sheet.add("\(name): rebuild over settlement", rebuilds.median / steps.median, "ratio")
  }
}
