import ArgumentParser
import Engine
import Ledger
import Portfolio
import Prices
import Wire

/// What becomes of a price, with all figures behind it.
struct FiguresBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "A price through consensus, positions, history and risk to what clients are sent.",
    discussion: """
      Measured is the work of a price on the inbox and of the turn that publishes it, with the \
      message to a client put into its frame and value at risk read twice; not the quarter of a \
      second for which the engine gathers prices. What follows in turns of its own (ends of bars, \
      detectors, alerts) is measured beside it: a price that comes meanwhile waits for one of them.
      """)

  @Option(help: "Prices, one after the other.") var ticks = 4_000
  @Option(help: "Entries of the ledger, at least.") var entries = 5_000
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("figures")
    for assets in [60, 500] { measure(assets, &sheet) }
    sheet.note("processor time; 365 days of returns of every asset; one client watches")
    sheet.note("a ledger of \(entries) entries or more, folded beside the loop")
    sheet.note(
      "a price gives position, totals, volatility, value at risk, shortfall, history's loss")
    try sheet.show(asJSON: json)
  }

  private func measure(_ count: Int, _ sheet: inout Sheet) {
    var portfolio = LargePortfolio(positions: count)
    let now = Instant(seconds: 1_763_683_200)
    let past = portfolio.past(366, before: now)
    let before = Memory.resident
    let probe = FigureProbe(
      accounts: portfolio.accounts, holdings: portfolio.holdings,
      quotes: portfolio.openingAtTen(at: now), past: past,
      ledger: portfolio.ledger(entries, before: now), at: now)
    let after = Memory.resident
    let known = probe.modelled
    precondition(known.assets == count && known.returns >= 300, "The books are there.")
    precondition(entries == 0 || probe.foldedEntries >= entries, "The ledger is folded.")
    var (taken, waited, turns): ([Double], [Double], [Double]) = ([], [], [])
    var rests: [Double] = []
    for tick in 0..<ticks {
      let time = now.advanced(bySeconds: 3 + Int64(tick))
      // Every asset is told now and then, as feeds do: nothing here is of stale prices.
      if tick % 20 == 0 {
        probe.quote(portfolio.openingAtTen(at: time), at: time)
        while probe.rest(at: time) {}
        probe.workBeside()
        while probe.rest(at: time) {}
      }
      let quotes = portfolio.ticks(1, at: time)
      let (_, cost) = Taken.by { probe.quote(quotes, at: time)?.normal ?? 0 }
      taken.append(cost.processor * 1e6)
      waited.append(cost.wall * 1e6)
      let before = turns.count
      while true {
        let (isDone, cost) = Taken.by { probe.rest(at: time) }
        guard isDone else { break }
        turns.append(cost.processor * 1e6)
      }
      rests.append(turns[before...].reduce(0, +))
      probe.workBeside()
    }
    taken.sort()
    waited.sort()
    turns.sort()
    let name = "\(count) assets"
    sheet.add("\(name): price to published, median", taken[taken.count / 2], "us", .atMost(20))
    sheet.add("\(name): 99 of 100", taken[taken.count * 99 / 100], "us", .atMost(100))
    sheet.add("\(name): worst", taken[taken.count - 1], "us")
    sheet.add("\(name): median on the clock", waited[waited.count / 2], "us")
    let rest = rests.reduce(0, +) / Double(rests.count)
    sheet.add("\(name): all that follows it, mean", rest, "us")
    sheet.add("\(name): a turn of that, 99 of 100", turns[turns.count * 99 / 100], "us")
    sheet.add("\(name): a turn of that, worst", turns[turns.count - 1], "us")
    sheet.add("\(name): memory of it all", after - before, "MB")
  }
}
