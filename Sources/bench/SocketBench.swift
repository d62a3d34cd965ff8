import ArgumentParser
import Engine

/// Prices over a real web socket on this machine: how late they are in positions, and what they leave
/// in memory.
struct SocketBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "socket",
    abstract: "Quotes over a real web socket to valued positions: delay, loss and memory.",
    discussion: """
      The simulated Kraken serves in this same process, and speaks every 50 ms: its memory and its \
      time on a processor are in the figures. A quote's time runs from just before it is handed to \
      the venue's socket to the positions with its price.
      """)

  @Option(help: "Quotes a second.") var pace = 2_000.0
  @Option(help: "Seconds.") var seconds = 600.0
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("socket")
    guard let probe = try SocketProbe(quotesPerSecond: pace) else {
      throw ValidationError("The simulated venue has no stream.")
    }
    // What is made once is not growth.
    probe.run(seconds: min(10, seconds / 10))
    probe.forgetDelays()
    let (before, start) = (probe.figures, Memory.resident)
    Memory.resetPeak()
    let (_, taken) = Taken.by { probe.run(seconds: seconds) }
    let (end, peak) = (Memory.resident, Memory.peak)
    let missing = probe.missing()
    let figures = probe.figures
    let quotes = Double(figures.taken - before.taken)
    sheet.add("quotes", quotes, "quotes")
    sheet.add("quotes a second", quotes / taken.wall, "quotes/s", .atLeast(pace * 0.95))
    sheet.add("texts sent that never came", Double(missing), "texts", .atMost(0))
    sheet.add("texts out of order or strange", Double(figures.strangers), "texts", .atMost(0))
    let lost = Double(figures.sent - figures.taken)
    sheet.add("quotes lost before conflation", lost, "quotes", .atMost(0))
    sheet.add("positions valued", Double(figures.snapshots - before.snapshots), "times")
    sheet.add("from wire to snapshot, p50", figures.percentile(50), "ms")
    sheet.add("from wire to snapshot, p99", figures.percentile(99), "ms", .below(5))
    sheet.add("from wire to snapshot, max", figures.latest, "ms")
    sheet.add("resident at start", start, "MB")
    sheet.add("resident at end", end, "MB")
    sheet.add("most resident meanwhile, over start", peak - start, "MB", .atMost(16))
    sheet.add("processor, venue included", taken.processor / taken.wall * 100, "%")
    sheet.note("the engine gathers what it sends to screens up to 250 ms on top of this")
    if let ended = figures.ended { sheet.note("the socket ended: \(ended)") }
    try sheet.show(asJSON: json)
  }
}
