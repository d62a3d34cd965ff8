import Anomalies
import Encodings
import Foundation

/// Runs the detectors on series with known anomalies, and on the crashes of the market data.
///
/// `nab`: all files through one setting of `SeriesWatch`, scored as the benchmark does. `pumps`: trades
/// in slices of 25 s through `PumpWatch`. `depeg`: bars of a pool through `PegWatch`. `crash` and
/// `quiet`: bars of the market data through `PriceWatch`, where that folder is there.
struct AnomalySuite {
  let folder: URL
  /// The kinds to run, none for all.
  var only: Set<String> = []

  func run() -> SuiteResult {
    var cases: [CaseResult] = []
    var notes: [String] = []
    func runs(_ kind: String) -> Bool { only.isEmpty || only.contains(kind) }
    if runs("nab") { nab(&cases, &notes) }
    if runs("pumps") { pumps(&cases, &notes) }
    if runs("depeg") { depeg(&cases, &notes) }
    let market = MarketSuite(folder: folder)
    if runs("crash") { market.crashes(&cases, &notes) }
    if runs("quiet") { market.quiet(&notes) }
    let ran = !notes.isEmpty || cases.contains { $0.verdict != .notApplicable }
    var result = SuiteResult(
      suite: "anomaly", cases: ran ? cases : [],
      reason: ran ? "" : "no cases in \(folder.path())")
    result.notes = notes
    return result
  }

  /// A case that holds a figure against a bound.
  static func judged(
    _ name: String, _ format: String, _ figure: Double, atLeast bound: Double
  ) -> CaseResult {
    let text = String(format: "%.3f, should be at least %g", figure, bound)
    return figure >= bound
      ? CaseResult(name, format: format, .passed)
      : CaseResult(name, format: format, .failed, [text])
  }

  // MARK: NAB

  private func nab(_ cases: inout [CaseResult], _ notes: inout [String]) {
    let place = folder.appending(path: "nab")
    guard let data = try? Data(contentsOf: place.appending(path: "labels.json")),
      let labels = try? JSON.reading(Array(data)), case .object(let files) = labels
    else {
      cases.append(CaseResult("nab", format: "nab", .notApplicable, ["no nab/labels.json"]))
      return
    }
    let names = files.names.sorted()
    var all = NABScore()
    var halves = [NABScore(), NABScore()]
    var points = 0
    for (index, name) in names.enumerated() {
      guard let file = NABFile(place.appending(path: "data/" + name), files[name] ?? .null) else {
        cases.append(CaseResult(name, format: "nab", .failed, ["cannot be read"]))
        continue
      }
      let scores = file.scores()
      points += scores.count
      let isSound = scores.allSatisfy(\.isFinite)
      cases.append(
        CaseResult(
          name, format: "nab", isSound ? .passed : .failed,
          isSound ? [] : ["a score is no number"]))
      all.add(scores, windows: file.windows)
      halves[index % 2].add(scores, windows: file.windows)
    }
    for (profile, bound) in [(NABScore.Profile.standard, 66.0), (.lowFalseAlarms, 56)] {
      let best = all.best(profile)
      cases.append(
        AnomalySuite.judged("nab \(profile.name)", "nab", best.score, atLeast: bound))
    }
    for profile in [NABScore.Profile.standard, .lowFalseAlarms, .lowMisses] {
      notes.append("nab \(profile.name): \(AnomalySuite.text(all, profile))")
    }
    notes.append("nab: \(names.count) files, \(points) points")
    for (index, half) in halves.enumerated() {
      let threshold = halves[1 - index].best(.standard).threshold
      let own = half.best(.standard).score
      let other = half.outcome(.standard, at: threshold).score
      notes.append(
        String(
          format: "nab half %d: %.2f, %.2f by the other half's threshold", index + 1, own, other))
    }
  }

  private static func text(_ score: NABScore, _ profile: NABScore.Profile) -> String {
    let best = score.best(profile)
    let fixed = score.outcome(profile, at: SeriesSettings().alarm)
    return String(
      format: "%.2f at %.4f, windows %d of %d, false alarms %d; %.2f at the alarm's own %.1f",
      best.score, best.threshold, best.hits, score.windows, best.falseAlarms, fixed.score,
      SeriesSettings().alarm)
  }

  // MARK: Pumps

  private func pumps(_ cases: inout [CaseResult], _ notes: inout [String]) {
    let place = folder.appending(path: "pumps")
    let files = MarketFiles(folder: place)
    guard let events = try? files.table("events.csv"), let names = events.texts("file"),
      let onsets = events.numbers("onset")
    else {
      cases.append(CaseResult("pumps", format: "pumps", .notApplicable, ["no pumps/events.csv"]))
      return
    }
    var score = PumpScore()
    for (name, onset) in zip(names, onsets) {
      guard let onset, let rows = PumpFile.rows(files, "bars-5s/" + name) else {
        cases.append(CaseResult(String(name), format: "pumps", .failed, ["cannot be read"]))
        continue
      }
      score.add(rows, onset: onset)
      cases.append(CaseResult(String(name), format: "pumps", .passed))
    }
    let precision = score.averagePrecision
    let share = Double(score.found(falseAlarms: 1)) / Double(max(score.count, 1))
    cases.append(
      AnomalySuite.judged("average precision", "pumps", precision, atLeast: 0.87))
    cases.append(
      AnomalySuite.judged("found at one false alarm", "pumps", share, atLeast: 21.0 / 29))
    let counts = [0, 1, 3, 10].map { "\($0): \(score.found(falseAlarms: $0))" }
    notes.append(
      String(format: "pumps: average precision %.3f, ", precision)
        + "found of \(score.count) with at most so many false alarms: "
        + counts.joined(separator: ", "))
  }

  // MARK: Depeg

  private func depeg(_ cases: inout [CaseResult], _ notes: inout [String]) {
    let files = MarketFiles(folder: folder.appending(path: "depeg"))
    guard let table = try? files.table("usdc_2023-03.csv"),
      let starts = table.numbers("timestamp"), let closes = table.numbers("close")
    else {
      cases.append(CaseResult("depeg", format: "depeg", .notApplicable, ["no such file"]))
      return
    }
    var watch = PegWatch()
    var began: [Int64] = []
    var grew = 0
    var firstBelow: Int64?
    for (start, close) in zip(starts, closes) {
      guard let start, let close else { continue }
      let seconds = Int64(start)
      if close < 0.99, firstBelow == nil { firstBelow = seconds }
      guard let reading = watch.take(close, at: seconds) else { continue }
      if reading.step == .began { began.append(seconds) }
      if reading.step == .grew { grew += 1 }
    }
    let isBefore = began.first.map { $0 < firstBelow ?? .max } ?? false
    cases.append(
      CaseResult(
        "found before the first close under 0.99", format: "depeg",
        isBefore ? .passed : .failed,
        ["alarms at \(began), first close below at \(firstBelow ?? 0)"]))
    cases.append(
      CaseResult(
        "one episode, growing", format: "depeg",
        began.count == 1 && grew > 0 ? .passed : .failed, ["\(began.count) began, \(grew) grew"]))
    notes.append("depeg: episodes began at \(began), grew \(grew) times")
  }
}

/// A file of the benchmark.
private struct NABFile {
  let seconds: [Int64]
  let values: [Double]
  let windows: [ClosedRange<Int>]

  init?(_ url: URL, _ labels: JSON) {
    guard let data = try? Data(contentsOf: url) else { return nil }
    var (seconds, values): ([Int64], [Double]) = ([], [])
    var places: [String: Int] = [:]
    for line in data.split(separator: 10).dropFirst() {
      let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
      let cells = text.split(separator: ",")
      guard cells.count >= 2, let value = Double(cells[1]),
        let time = NABFile.seconds(cells[0])
      else { return nil }
      let stamp = String(cells[0].prefix(19))
      if places[stamp] == nil { places[stamp] = values.count }
      seconds.append(time)
      values.append(value)
    }
    var windows: [ClosedRange<Int>] = []
    for pair in labels.elements {
      let edges = pair.elements.map { $0.text.filter { $0 != "\"" }.prefix(19) }
      guard edges.count == 2, let first = places[String(edges[0])],
        let last = places[String(edges[1])], first <= last
      else { return nil }
      windows.append(first...last)
    }
    (self.seconds, self.values, self.windows) = (seconds, values, windows)
  }

  /// `2014-04-01 00:00:00` as seconds since the epoch.
  private static func seconds(_ text: Substring) -> Int64? {
    let parts = text.split { "- :T.".contains($0) }.prefix(6).compactMap { Int64($0) }
    guard parts.count == 6 else { return nil }
    // Days from the civil date (Gregorian), months from March.
    let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
    let month = (parts[1] + 9) % 12
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + parts[2]
    return (days - 719_469) * 86_400 + parts[3] * 3600 + parts[4] * 60 + parts[5]
  }

  /// What an alarm shows at each row: the score, nothing while an episode is held.
  func scores() -> [Double] {
    var watch = SeriesWatch()
    return zip(seconds, values).map { time, value in
      guard let (step, score) = watch.score(value, at: time) else { return 0 }
      return step == .held || step == .grew ? 0 : score
    }
  }
}

/// A file of trades around a pump.
private enum PumpFile {
  /// The score of each slice of 25 s with a trade.
  static func rows(_ files: MarketFiles, _ path: String) -> [PumpScore.Row]? {
    guard let table = try? files.table(path), let starts = table.numbers("timestamp"),
      let highs = table.numbers("high"), let lows = table.numbers("low"),
      let closes = table.numbers("close"), let buys = table.numbers("buys"),
      let sells = table.numbers("sells"), let bought = table.numbers("buy_btc")
    else { return nil }
    var watch = PumpWatch()
    var rows: [PumpScore.Row] = []
    var open: (start: Int64, slice: TradeSlice)?
    func close() {
      guard let (start, slice) = open else { return }
      rows.append(PumpScore.Row(start: Double(start), score: watch.take(slice)?.score ?? 0))
    }
    for index in starts.indices {
      guard let time = starts[index], let high = highs[index], let low = lows[index],
        let last = closes[index]
      else { continue }
      let start = Int64(time) / 25 * 25
      let trades = (buys[index] ?? 0) + (sells[index] ?? 0)
      let old = open.flatMap { $0.start == start ? $0.slice : nil }
      if old == nil { close() }
      let slice = TradeSlice(
        seconds: start + 25, trades: trades + (old?.trades ?? 0),
        bought: (bought[index] ?? 0) + (old?.bought ?? 0), high: max(high, old?.high ?? high),
        low: min(low, old?.low ?? low), close: last)
      open = (start, slice)
    }
    close()
    return rows
  }
}
