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
      Measured is the work of a price on the inbox and of the timer that publishes it, with the \
      message to a client put into its frame; not the quarter of a second for which the engine \
      gathers prices.
      """)

  @Option(help: "Prices, one after the other.") var ticks = 4_000
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("figures")
    for assets in [60, 500] { measure(assets, &sheet) }
    sheet.note("processor time; 365 days of returns of every asset; one client watches")
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
      quotes: portfolio.openingAtTen(at: now), past: past, at: now)
    let after = Memory.resident
    let known = probe.modelled
    precondition(known.assets == count && known.returns >= 300, "The books are there.")
    var (taken, waited, rests): ([Double], [Double], [Double]) = ([], [], [])
    for tick in 0..<ticks {
      let time = now.advanced(bySeconds: 3 + Int64(tick))
      // Every asset is told now and then, as feeds do: nothing here is of stale prices.
      if tick % 20 == 0 { probe.quote(portfolio.openingAtTen(at: time), at: time) }
      let quotes = portfolio.ticks(1, at: time)
      let (_, cost) = Taken.by { probe.quote(quotes, at: time) }
      taken.append(cost.processor * 1e6)
      waited.append(cost.wall * 1e6)
      rests.append(Taken.by { probe.rest(at: time) }.1.processor * 1e6)
    }
    taken.sort()
    waited.sort()
    rests.sort()
    let name = "\(count) assets"
    sheet.add("\(name): price to published, median", taken[taken.count / 2], "us", .atMost(20))
    sheet.add("\(name): 99 of 100", taken[taken.count * 99 / 100], "us", .atMost(100))
    sheet.add("\(name): worst", taken[taken.count - 1], "us")
    sheet.add("\(name): median on the clock", waited[waited.count / 2], "us")
    // Rules look every other second here, so the greater half are looks.
    sheet.add("\(name): alerts looked for after it", rests[rests.count * 3 / 4], "us")
    sheet.add("\(name): memory of it all", after - before, "MB")
  }
}
