import Anomalies
import Foundation

/// Runs the price watch on the crashes of the market data, and on all other hours for false alarms.
struct MarketSuite {
  let folder: URL

  /// A file's bars by symbol.
  private typealias Symbols = [(symbol: String, bars: [MarketBar])]

  private static let crashes = [
    ("crash/2020-03_covid_1h.csv.gz", 3600), ("crash/2021-05_deleveraging_1h.csv.gz", 3600),
    ("crash/2022-05_terra_1h.csv.gz", 3600), ("crash/2022-11_ftx_1h.csv.gz", 3600),
    ("crash/2023-03_usdc_1h.csv.gz", 3600), ("crash/2024-08_carry_1h.csv.gz", 3600),
    ("crash/2025-10_spot_1h.csv.gz", 3600), ("crash/2025-10_bybit_perp_1h.csv.gz", 3600),
    ("crash/2025-10_bybit_perp_30m.csv.gz", 1800),
  ]
  /// The share of crashes that must be found within two bars.
  private static let share = 0.9
  /// The share of crashes that must be told before half of the fall.
  private static let early = 0.85
  /// The weeks of the named crashes, which are not quiet: first and last second.
  private static let loud: [ClosedRange<Int64>] = [
    1_620_777_600...1_622_073_600, 1_651_363_200...1_652_659_200, 1_667_260_800...1_668_556_800,
    1_678_233_600...1_679_097_600, 1_722_470_400...1_723_334_400,
  ]
  /// What a fall within six hours must be to count as a crash, as a logarithm.
  private static let crash = 0.15

  private var files: MarketFiles {
    MarketFiles(folder: RiskSuite.root(above: folder).appending(path: "data/market"))
  }

  /// The crashes: one case a file.
  func crashes(_ cases: inout [CaseResult], _ notes: inout [String]) {
    let files = files
    var all = Tally()
    for (path, seconds) in MarketSuite.crashes {
      guard let symbols = MarketSuite.long(files, path, seconds) else {
        cases.append(CaseResult(path, format: "crash", .notApplicable, ["no such file"]))
        continue
      }
      let tally = crash(path, seconds, symbols, &cases)
      notes.append("\(path): \(tally.text) of \(symbols.count) markets")
      all.add(tally)
    }
    guard all.falls > 0 else { return }
    let early = Double(all.before) / Double(all.falls)
    let name = "falls told before half of them"
    cases.append(
      early >= MarketSuite.early
        ? CaseResult(name, format: "crash", .passed)
        : CaseResult(name, format: "crash", .failed, ["\(all.before) of \(all.falls)"]))
    notes.append("all crashes: \(all.text)")
  }

  /// How the falls of some markets were found.
  private struct Tally {
    var falls = 0
    var found = 0
    var before = 0
    var alarms = 0

    mutating func add(_ other: Tally) {
      falls += other.falls
      found += other.found
      before += other.before
      alarms += other.alarms
    }

    var text: String {
      "found \(found) of \(falls) falls within 2 bars, \(before) before half, \(alarms) alarms"
    }
  }

  private func crash(
    _ path: String, _ seconds: Int, _ symbols: Symbols, _ cases: inout [CaseResult]
  ) -> Tally {
    var tally = Tally()
    var missed: [String] = []
    for (symbol, bars) in symbols {
      let trial = CrashTrial(bars, seconds: seconds)
      tally.alarms += trial.alarms.count(where: \.isNew)
      let reach = 6 * 3600 / seconds
      guard let fall = trial.greatestFall(within: reach), fall.size >= MarketSuite.crash,
        fall.top >= 24
      else { continue }
      tally.falls += 1
      let finding = trial.finding(of: fall)
      if finding.isFound { tally.found += 1 } else { missed.append(symbol) }
      if finding.isFound, finding.share < 0.5 { tally.before += 1 }
    }
    let share = tally.falls > 0 ? Double(tally.found) / Double(tally.falls) : 1
    cases.append(
      share >= MarketSuite.share
        ? CaseResult(path, format: "crash", .passed)
        : CaseResult(path, format: "crash", .failed, ["missed \(missed)"]))
    return tally
  }

  /// The hours outside the named crashes: a figure, no case.
  func quiet(_ notes: inout [String]) {
    guard let table = try? files.table("hourly_close_usdt.csv.gz"),
      let starts = table.numbers("ts")
    else { return }
    var (alarms, small, hours) = (0, 0, 0)
    for name in table.names where name != "ts" {
      guard let closes = table.numbers(name) else { continue }
      let bars = zip(starts, closes).compactMap { start, close -> MarketBar? in
        guard let start, let close else { return nil }
        return MarketBar(end: Int64(start) + 3600, high: close, low: close, close: close)
      }
      let trial = CrashTrial(bars, seconds: 3600)
      hours += bars.count
      for alarm in trial.alarms where alarm.isNew {
        let end = trial.bars[alarm.bar].end
        guard !MarketSuite.loud.contains(where: { $0.contains(end) }) else { continue }
        alarms += 1
        if alarm.size < MarketSettings().certainMove { small += 1 }
      }
    }
    let months = Double(hours) / 730.5
    guard months > 0 else { return }
    notes.append(
      String(
        format: "quiet: %d alarms in %.0f asset-months of hours outside named crashes, %.2f an "
          + "asset and month; %.2f of moves under 10 %%",
        alarms, months, Double(alarms) / months, Double(small) / months))
  }

  private static func long(_ files: MarketFiles, _ path: String, _ seconds: Int) -> Symbols? {
    guard let table = try? files.table(path), let symbols = table.texts("symbol"),
      let starts = table.numbers("ts"), let highs = table.numbers("high"),
      let lows = table.numbers("low"), let closes = table.numbers("close"),
      let volumes = table.numbers("volume")
    else { return nil }
    var bars: [String: [MarketBar]] = [:]
    for index in starts.indices {
      guard let start = starts[index], let high = highs[index], let low = lows[index],
        let close = closes[index]
      else { continue }
      bars[String(symbols[index]), default: []].append(
        MarketBar(
          end: Int64(start) + Int64(seconds), high: high, low: low, close: close,
          volume: volumes[index]))
    }
    return bars.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
