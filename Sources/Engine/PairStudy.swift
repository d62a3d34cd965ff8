import Ledger
import Prices
import Risk
import Wire

/// One pair of assets: how they move together, how sure that is, and how it was before.
struct PairStudy: Sendable {
  /// Which pair, by identity.
  struct Pair: Hashable, Sendable {
    let first: AssetID
    let second: AssetID
  }

  /// Computes the answer.
  ///
  /// - Parameters:
  ///   - pair: Which.
  ///   - key: How, and over how many of the last bars.
  ///   - input: What is held and its returns.
  /// - Returns: Facts; where there are too few returns, why.
  static func report(_ pair: Pair, _ key: HeatmapKey, _ input: RiskInput) -> Report {
    var facts: [Report.Fact] = [
      .init("first", .text(pair.first.text)), .init("second", .text(pair.second.text)),
      .init("method", .text(key.measure.rawValue)), .init("window", .integer(Int64(key.window))),
      .init("bars", .text(input.length == .day ? "days" : "hours")),
    ]
    func refused(_ reason: String) -> Report {
      facts.append(.init("refused", .text(reason)))
      return Report(facts: facts)
    }
    if let reason = input.refusal { return refused(reason.text) }
    let places = [pair.first, pair.second].map { asset in
      input.assets.firstIndex(of: asset)
    }
    guard let first = places[0], let second = places[1] else {
      return refused("one of them has too few prices")
    }
    let series = [input.returns[first], input.returns[second]]
    let now = sample(series, key) { Array($0.suffix(key.window)) }
    let before = sample(series, key) { Array($0.dropLast(key.window).suffix(key.window)) }
    let starts = input.starts.suffix(key.window)
    facts += [
      .init("sample", .integer(Int64(now.size))),
      .init("from", .text(starts.first.map { RiskReports.day($0) } ?? "")),
      .init("to", .text(starts.last.map { RiskReports.day($0) } ?? "")),
    ]
    guard let correlation = now.value else { return refused("one of them does not vary") }
    let interval = CorrelationInterval(of: correlation, key.measure, sampleSize: now.size)
    facts += [
      .init("correlation", .statistic(correlation, digits: 3)),
      .init("low", .statistic(interval?.low, digits: 3)),
      .init("high", .statistic(interval?.high, digits: 3)),
      .init("sample_before", .integer(Int64(before.size))),
    ]
    let least = input.settings.standards.covariance / 3
    guard let old = before.value, before.size >= least else { return Report(facts: facts) }
    facts += [
      .init("before", .statistic(old, digits: 3)),
      .init("change", .statistic(correlation - old, digits: 3)),
      .init(
        "probability",
        .statistic(
          CorrelationInterval.probability(
            before: (old, before.size), now: (correlation, now.size), key.measure), digits: 6)),
    ]
    return Report(facts: facts)
  }

  private static func sample(
    _ series: [[Double]], _ key: HeatmapKey, _ cut: ([Double]) -> [Double]
  ) -> (value: Double?, size: Int) {
    let parts = series.map(cut)
    let size = parts.map(\.count).min() ?? 0
    guard size > 4 else { return (nil, size) }
    return (key.measure.matrix(of: parts)[1][0], size)
  }
}
