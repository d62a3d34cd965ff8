import ArgumentParser
import Engine
import Glibc

/// Prices from a stream's texts to positions: at a given pace, and as fast as it goes.
struct StreamBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Quotes a second from a stream's texts to valued positions, and how late they are.")

  @Option(help: "Texts a second.") var pace = 2_000
  @Option(help: "Seconds at that pace.") var seconds = 10
  @Option(help: "Texts that are then replayed as fast as it goes.") var replay = 2_300_000
  @Option(help: "Texts that are taken together.") var batch = 8
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("stream")
    var probe = StreamProbe(texts: 20_000)
    precondition(probe.take(batch, after: 1_000), "A stream's texts change positions.")
    sheet.add("markets", Double(probe.markets), "markets")
    paced(&probe, &sheet)
    replayed(&probe, &sheet)
    sheet.note(
      "texts of the simulated Kraken; the engine gathers prices up to 250 ms on top of this")
    try sheet.show(asJSON: json)
  }

  /// Texts come on the clock; one that waits for those before it is late by that too.
  private func paced(_ probe: inout StreamProbe, _ sheet: inout Sheet) {
    let pause = Double(batch) / Double(max(1, pace))
    let batches = pace * seconds / batch
    var late: [Double] = []
    let before = probe.quotes
    let start = ContinuousClock.now
    let (_, taken) = Taken.by {
      for index in 0..<batches {
        let due = Double(index) * pause
        let early = due - (ContinuousClock.now - start).seconds
        if early > 0 { usleep(UInt32(early * 1e6)) }
        _ = probe.take(batch, after: Int64(pause * 1e6))
        late.append((ContinuousClock.now - start).seconds - due)
      }
    }
    let quotes = Double(probe.quotes - before)
    sheet.add("at \(pace) texts/s: quotes", quotes / taken.wall, "quotes/s", .atLeast(1_900))
    sheet.add("at \(pace) texts/s: processor", taken.processor / taken.wall * 100, "%")
    sheet.add("from text to position, p50", late.percentile(50) * 1000, "ms")
    sheet.add("from text to position, p99", late.percentile(99) * 1000, "ms", .atMost(50))
    sheet.add("from text to position, max", (late.max() ?? .nan) * 1000, "ms")
  }

  /// The same texts again and again; memory must stay where it is.
  private func replayed(_ probe: inout StreamProbe, _ sheet: inout Sheet) {
    let before = Memory.resident
    Memory.resetPeak()
    let quotes = probe.quotes
    let (texts, tickers) = (probe.tickerTexts, probe.tickers)
    let (_, taken) = Taken.by {
      for _ in 0..<(replay / batch) { _ = probe.take(batch, after: 4_000) }
    }
    let count = Double(probe.quotes - quotes)
    let lost = probe.tickerTexts - texts - (probe.tickers - tickers)
    sheet.add("replayed", count, "quotes")
    sheet.add("replayed: lost before conflation", Double(lost), "quotes", .atMost(0))
    sheet.add("replayed: time", taken.wall, "s", .below(120))
    sheet.add("replayed: quotes", count / taken.wall, "quotes/s", .atLeast(2_000))
    sheet.add("resident before", before, "MB")
    sheet.add("resident after", Memory.resident, "MB")
    sheet.add("most resident meanwhile, over before", Memory.peak - before, "MB", .atMost(16))
  }
}
