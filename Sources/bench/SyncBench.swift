import ArgumentParser
import Engine

/// A first sync on a clock of its own: how long the venues' limits let it take, and what is lost.
struct SyncBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Time of a first sync, beside the least that the venues' limits allow for its calls.",
    discussion: """
      The clock is simulated: seconds are those that somebody would wait, answers taking a fixed \
      time. The least time is that of the same calls, all known at the beginning.
      """)

  @Option(help: "Venues, with commas: binance, bitfinex, coinbase, htx, kraken.")
  var venues = "bitfinex,kraken"
  @Option(help: "Accounts at each venue.") var accounts = 1
  @Option(help: "Events in the history of each account.") var events = 400
  @Option(help: "How long an answer takes, in milliseconds.") var latency = 80.0
  @Option(help: "Give up after so many simulated hours.") var hours = 48.0
  @Option(help: "Decides everything.") var seed: UInt64 = 8
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("sync")
    for venue in venues.split(separator: ",").map({ String($0) }) { measure(venue, &sheet) }
    sheet.note("\(accounts) accounts each with \(events) events; simulated seconds")
    try sheet.show(asJSON: json)
  }

  private func measure(_ venue: String, _ sheet: inout Sheet) {
    var settings = DeskProbe.Settings()
    settings.venues = [venue]
    settings.accounts = accounts
    settings.events = events
    settings.latency = Int64(latency * 1_000)
    settings.seed = seed
    let (probe, taken) = Taken.by { () -> DeskProbe in
      let probe = DeskProbe(settings)
      probe.run(untilComplete: true, seconds: hours * 3_600)
      return probe
    }
    let (counted, least) = (probe.counted, probe.leastSeconds)
    sheet.add("\(venue): left unread", probe.isComplete ? 0 : 1, "syncs", .atMost(0))
    sheet.add("\(venue): time", probe.passed, "s")
    sheet.add("\(venue): least time by its limits", least, "s")
    if least > 0 { sheet.add("\(venue): time over least", probe.passed / least, "ratio") }
    sheet.add("\(venue): requests", Double(counted.sent), "calls")
    sheet.add("\(venue): told to slow down", Double(counted.slowed), "answers", .atMost(0))
    sheet.add("\(venue): bans", Double(counted.banned), "answers", .atMost(0))
    sheet.add("\(venue): entries", Double(counted.entries), "entries")
    sheet.add("\(venue): rows not understood", Double(counted.refused), "rows", .atMost(0))
    for reason in Set(probe.refusals).sorted() { sheet.note("not understood: " + reason) }
    let wrong = probe.wrong
    sheet.add("\(venue): assets not exact", Double(wrong.count), "assets", .atMost(0))
    if !wrong.isEmpty { sheet.note("not exact: " + wrong.prefix(8).joined(separator: ", ")) }
    sheet.add("\(venue): processor time", taken.processor, "s")
  }
}
