import Amounts
import ArgumentParser
import Engine
import Ledger
import Prices

/// Millions of prices through everything that follows from them.
struct QuotesBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quotes",
    abstract: "Millions of prices through consensus, positions, history, risk and detectors.",
    discussion: """
      Each round is a price of every asset and source, gathered as the engine gathers them, with every \
      turn that follows: ends of bars, detectors, looks for alerts, and a message to a client that \
      watches. Rounds of a second are a live feed; rounds of an hour are years of closes replayed, where \
      every price ends bars of three lengths. Nothing is written to a disk.
      """)

  @Option(help: "Prices.") var quotes = 2_300_000
  @Option(help: "Assets.") var assets = 60
  @Option(name: .customLong("seconds"), help: "Seconds from round to round; all of these.")
  var seconds: [Int] = [1, 3_600]
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("quotes")
    for pause in seconds { measure(pause, &sheet) }
    sheet.note("processor time of one thread; prices of a seed, a walk of its own for each asset")
    try sheet.show(asJSON: json)
  }

  private func measure(_ pause: Int, _ sheet: inout Sheet) {
    var portfolio = LargePortfolio(positions: assets)
    let now = Instant(seconds: 1_763_683_200)
    let past = portfolio.past(366, before: now)
    Memory.resetPeak()
    let before = Memory.resident
    let probe = FigureProbe(
      accounts: portfolio.accounts, holdings: portfolio.holdings,
      quotes: portfolio.openingAtTen(at: now), past: past, at: now)
    var walk = PriceWalk(portfolio.assets)
    let rounds = quotes / assets
    var check = 0.0
    var made = 0.0
    let cost = Taken.by {
      for round in 1...max(rounds, 1) {
        let time = now.advanced(bySeconds: 3 + Int64(round * pause))
        let (batch, own) = Taken.by { walk.round(at: time) }
        made += own.processor
        check += probe.quote(batch, at: time)?.normal ?? 0
        while probe.rest(at: time) {}
      }
    }.1
    let taken = cost.processor - made
    let name = pause == 1 ? "rounds of a second" : "rounds of \(pause) s"
    sheet.add("\(name): \(rounds * assets) prices of \(assets) assets", taken, "s", .below(60))
    sheet.add("\(name): a price", taken / Double(rounds * assets) * 1e6, "us")
    sheet.add("\(name): memory, peak", Memory.peak - before, "MB", .below(300))
    sheet.add("\(name): alerts", Double(probe.alerts), "")
    precondition(check.isFinite, "Figures are numbers.")
  }
}

/// Prices that go up and down by chance.
private struct PriceWalk {
  private let assets: [AssetID]
  private var prices: [Double]
  private var noise = BenchNoise(seed: 5)

  init(_ assets: [AssetID]) {
    self.assets = assets
    prices = assets.map { _ in 10 }
  }

  mutating func round(at now: Instant) -> [Quote] {
    assets.indices.compactMap { place in
      let step = min(max(0.002 * noise.normal(), -0.05), 0.05)
      prices[place] = min(max(prices[place] * (1 + step), 0.01), 1e6)
      let units = Int128(prices[place] * 1e6) * 1_000_000_000_000
      return Quote(
        asset: assets[place], price: Price(Fixed(units: units)), currency: .usDollar, time: now,
        source: .feed("bench"))
    }
  }
}
