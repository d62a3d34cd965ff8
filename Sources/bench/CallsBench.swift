import ArgumentParser
import Engine

/// A day of following accounts, on a clock of its own, with and without what saves calls.
struct CallsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calls",
    abstract: "Calls of a simulated day through one engine, beside programs that share nothing.",
    discussion: """
      Without: every program asks for itself, each account by itself, each price by itself, and \
      nothing that is asked twice is shared. With: one engine for all of them. How often is the \
      same on both sides, and what they learn must be the same.
      """)

  @Option(help: "Venues, with commas: binance, bitfinex, coinbase, htx, kraken.")
  var venues = "bitfinex,kraken"
  @Option(help: "Accounts at each venue.") var accounts = 2
  @Option(help: "Events in the history of each account.") var events = 60
  @Option(help: "Hours of the simulated day.") var hours = 24.0
  @Option(help: "Programs that look at the portfolio: a screen, a script.") var programs = 2
  @Option(help: "Decides everything.") var seed: UInt64 = 8
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let words = venues.split(separator: ",").map { String($0) }
    var settings = DeskProbe.Settings()
    settings.venues = words
    settings.accounts = accounts
    settings.events = events
    settings.seed = seed
    let (shared, taken) = Taken.by { day(settings) }
    var results: [String] = []
    var alone = 0
    settings.asksPricesSingly = true
    for venue in words {
      for number in 0..<accounts {
        settings.only = (venue, number)
        let one = day(settings)
        alone += one.counted.asked
        results += one.results
      }
    }
    // What two accounts have in common, prices, counts once.
    let isSame = Set(results) == Set(shared.results)
    try sheet(shared, alone: alone, isSame: isSame, processor: taken.processor).show(asJSON: json)
  }

  private func day(_ settings: DeskProbe.Settings) -> DeskProbe {
    let probe = DeskProbe(settings)
    probe.run(untilComplete: false, seconds: hours * 3_600)
    return probe
  }

  private func sheet(
    _ shared: DeskProbe, alone: Int, isSame: Bool, processor: Double
  ) -> Sheet {
    let counted = shared.counted
    var sheet = Sheet("calls")
    sheet.add("calls of one engine for all", Double(counted.sent), "calls")
    sheet.add("calls of one program alone", Double(alone), "calls")
    let one = 1 - Double(counted.sent) / Double(max(1, alone))
    sheet.add("saved, one program", one * 100, "%")
    let many = 1 - Double(counted.sent) / Double(max(1, alone * programs))
    sheet.add("saved, \(programs) programs", many * 100, "%", .atLeast(62))
    sheet.add("results that differ", isSame ? 0 : 1, "runs", .atMost(0))
    sheet.add("told to slow down", Double(counted.slowed), "answers", .atMost(0))
    sheet.add("bans", Double(counted.banned), "answers", .atMost(0))
    sheet.add("entries", Double(counted.entries), "entries")
    sheet.add("assets with a price", Double(counted.priced), "assets")
    sheet.add("processor time of the shared day", processor, "s")
    sheet.note("\(venues), \(accounts) accounts each, \(hours) hours; streams are not counted")
    sheet.note(
      "without: each program, account and price asks by itself, as often as the engine does")
    return sheet
  }
}
