import ArgumentParser
import Engine

/// Prices over a real web socket on this machine: how late they are in positions, and what they leave
/// in memory.
struct SocketBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "socket",
    abstract: "Quotes over a real web socket to valued positions: delay and memory.",
    discussion: """
      The simulated Kraken serves in this same process: its memory and its time on a processor are in \
      the figures.
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
    let (before, start) = (probe.figures, Memory.resident)
    let (_, taken) = Taken.by { probe.run(seconds: seconds) }
    let figures = probe.figures
    let late = Array(figures.late.dropFirst(before.late.count))
    let quotes = Double(figures.quotes - before.quotes)
    sheet.add("quotes", quotes, "quotes")
    sheet.add("quotes a second", quotes / taken.wall, "quotes/s", .atLeast(pace * 0.95))
    sheet.add("positions valued", Double(figures.snapshots - before.snapshots), "times")
    sheet.add("from wire to snapshot, p50", late.percentile(50), "ms")
    sheet.add("from wire to snapshot, p99", late.percentile(99), "ms", .atMost(50))
    sheet.add("from wire to snapshot, max", late.max() ?? .nan, "ms")
    sheet.add("resident at start", start, "MB")
    sheet.add("resident at end", Memory.resident, "MB")
    sheet.add("of that the delays kept here", Double(figures.late.count * 8) / 1_048_576, "MB")
    sheet.add("processor, venue included", taken.processor / taken.wall * 100, "%")
    if let ended = figures.ended { sheet.note("the socket ended: \(ended)") }
    try sheet.show(asJSON: json)
  }
}
