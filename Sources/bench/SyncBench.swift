import ArgumentParser
import Engine

/// A first sync on a clock of its own: how long the venues' limits let it take, and what is lost.
struct SyncBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Time of a first sync, beside the least that the venues' limits allow for its calls.",
    discussion: """
      The clock is simulated: seconds are those that somebody would wait, answers taking a fixed \
      time. The least time by limits is that of the same calls, all known at the beginning and \
      answered in no time. The least time with answers adds what cannot be avoided: an allowance \
      can be used again a window after the answer, and pages that only the one before names come \
      one after the other.
      """)

  @Option(help: "Venues, with commas: binance, bitfinex, coinbase, htx, kraken.")
  var venues = "bitfinex,kraken"
  @Option(help: "Accounts at each venue.") var accounts = 1
  @Option(help: "Events in the history of each account.") var events = 400
  @Option(help: "Days that the histories are long.") var days = 400
  @Option(help: "How long an answer takes, in milliseconds.") var latency = 80.0
  @Option(help: "How long it takes to write a batch, in milliseconds.") var writing = 0.0
  @Option(help: "Lose everything but what is written about every so many seconds; 0 never.")
  var kills = 0.0
  @Option(help: "Give up after so many simulated hours.") var hours = 48.0
  @Option(help: "Decides everything.") var seed: UInt64 = 8
  @Flag(help: "All venues at once, by one engine.") var together = false
  @Flag(name: .customLong("trace"), help: "Print every call with its time.")
  var isTraced = false
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("sync")
    let names = venues.split(separator: ",").map { String($0) }
    for venues in together ? [names] : names.map({ [$0] }) { measure(venues, &sheet) }
    sheet.note("\(accounts) accounts each with \(events) events; simulated seconds")
    try sheet.show(asJSON: json)
  }

  private func settings(_ venues: [String]) -> DeskProbe.Settings {
    var settings = DeskProbe.Settings()
    settings.venues = venues
    settings.accounts = accounts
    settings.events = events
    settings.days = Int64(days)
    settings.latency = Int64(latency * 1_000)
    settings.writing = Int64(writing * 1_000)
    settings.killsEvery = kills
    settings.isTraced = isTraced
    settings.seed = seed
    return settings
  }

  private func measure(_ venues: [String], _ sheet: inout Sheet) {
    let (probe, taken) = Taken.by { () -> DeskProbe in
      let probe = DeskProbe(settings(venues))
      probe.run(untilComplete: true, seconds: hours * 3_600)
      return probe
    }
    let name = venues.count == 1 ? venues[0] : "all"
    sheet.add("\(name): left unread", probe.isComplete ? 0 : 1, "syncs", .atMost(0))
    let least = probe.leastSecondsByVenue
    let answered = probe.leastSecondsWithAnswers
    let chains = probe.longestChains
    for venue in venues {
      let passed = probe.finished[venue] ?? probe.passed
      times(venue, passed, least[venue] ?? 0, &sheet)
      if kills > 0 { continue }
      sheet.add("\(venue): longest chain of pages", Double(chains[venue] ?? 1), "pages")
      guard let bound = answered[venue], bound > 0 else { continue }
      sheet.add("\(venue): least time with answers", bound, "s")
      sheet.add("\(venue): time over least with answers", passed / bound, "ratio", .atMost(1.1))
    }
    if venues.count > 1 { times(name, probe.passed, least.values.max() ?? 0, &sheet) }
    let counted = probe.counted
    if kills > 0 { sheet.add("\(name): kills", Double(counted.kills), "times") }
    sheet.add("\(name): requests", Double(counted.sent), "calls")
    // What was used is known to nobody after a kill.
    let most: Figure.Target? = kills > 0 ? nil : .atMost(0)
    sheet.add("\(name): told to slow down", Double(counted.slowed), "answers", most)
    sheet.add("\(name): bans", Double(counted.banned), "answers", .atMost(0))
    sheet.add("\(name): entries", Double(counted.entries), "entries")
    sheet.add("\(name): rows not understood", Double(counted.refused), "rows", .atMost(0))
    for reason in Set(probe.refusals).sorted() { sheet.note("not understood: " + reason) }
    let wrong = probe.wrong
    sheet.add("\(name): assets not exact", Double(wrong.count), "assets", .atMost(0))
    if !wrong.isEmpty { sheet.note("not exact: " + wrong.prefix(8).joined(separator: ", ")) }
    sheet.add("\(name): processor time", taken.processor, "s")
    sheet.add("\(name): most resident, venues included", Memory.peak, "MB")
  }

  private func times(_ name: String, _ passed: Double, _ least: Double, _ sheet: inout Sheet) {
    sheet.add("\(name): time", passed, "s")
    // Calls of lives that ended are not known any more.
    if kills > 0 { return }
    sheet.add("\(name): least time by its limits", least, "s")
    if least > 0 { sheet.add("\(name): time over least", passed / least, "ratio") }
  }
}
