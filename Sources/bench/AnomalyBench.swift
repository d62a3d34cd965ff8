import Anomalies
import ArgumentParser
import Statistics

/// Detectors' cost a point and stream, beside judging the same points anew.
struct AnomalyBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anomalies",
    abstract: "A point through the detectors, beside sorting and searching a window for each.")

  @Option(help: "Rounds; both ways take turns.") var rounds = 7
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("anomalies")
    var check = 0.0
    series(&sheet, &check)
    market(&sheet, &check)
    sheet.note("checksum \(check); processor time of one thread, medians of \(rounds) rounds")
    try sheet.show(asJSON: json)
  }

  /// A series through all seven components, and its value and calibration by sorting.
  private func series(_ sheet: inout Sheet, _ check: inout Double) {
    var noise = BenchNoise(seed: 1)
    var watch = SeriesWatch()
    var naive = NaiveWatch()
    var second: Int64 = 0
    var (streamed, anew): ([Double], [Double]) = ([], [])
    for _ in 0..<6000 {
      second += 300
      let value = noise.normal()
      check += watch.score(value, at: second)?.score ?? 0
      naive.fill(value)
    }
    for _ in 0..<rounds {
      let values = (0..<20_000).map { _ in noise.normal() }
      streamed.append(
        perUnit(values.count) {
          for value in values {
            second += 300
            check += watch.score(value, at: second)?.score ?? 0
          }
        })
      anew.append(
        perUnit(100) { for value in values.prefix(100) { check += naive.take(value) } })
    }
    sheet.add("series, seven components, a point", streamed.median, "us", .atMost(10))
    sheet.add("series, memory", Double(watch.memoryBytes) / 1024, "KB", .atMost(200))
    sheet.add(
      "value, course and two calibrations anew / all streamed", anew.median / streamed.median,
      "ratio", .atLeast(1))
  }

  /// Bars and ticks of 500 assets through one watch.
  private func market(_ sheet: inout Sheet, _ check: inout Double) {
    var noise = BenchNoise(seed: 2)
    let count = 500
    let names = (0..<count).map { "asset\($0)" }
    var prices = [Double](repeating: 100, count: count)
    var watch = AnomalyWatch()
    Memory.resetPeak()
    let before = Memory.resident
    var (bars, ticks, all): ([Double], [Double], [Double]) = ([], [], [])
    var end: Int64 = 0
    func barred() -> [AnomalyObservation] {
      end += 60
      return (0..<count).map { place in
        prices[place] *= Elementary.exp(0.001 * noise.normal())
        let price = prices[place]
        let bar = MarketBar(
          end: end, high: price * 1.0005, low: price * 0.9995, close: price,
          volume: noise.normal() * noise.normal())
        return .bar(asset: names[place], venue: "", seconds: 60, bar, isTrusted: true)
      }
    }
    for _ in 0..<2200 { for bar in barred() { check += Double(watch.take(bar).count) } }
    let memory = (Memory.resident - before) * 1024 / Double(count)
    for _ in 0..<rounds {
      let next = barred()
      bars.append(perUnit(count) { for bar in next { check += Double(watch.take(bar).count) } })
      let prices = (0..<count).map { place -> AnomalyObservation in
        .tick(asset: names[place], venue: "", seconds: end + 1, price: prices[place])
      }
      ticks.append(
        perUnit(20 * count) {
          for _ in 0..<20 { for tick in prices { check += Double(watch.take(tick).count) } }
        })
      let moves = names.map { MarketMove(asset: $0, move: 0.001 * noise.normal()) }
      all.append(
        perUnit(1) {
          let observed = AnomalyObservation.market(
            seconds: 60, end: end, moves: moves, isTrusted: true)
          check += Double(watch.take(observed).count)
        })
    }
    sheet.add("bar of one asset, 500 streams", bars.median, "us", .atMost(20))
    sheet.add("tick of one asset, 500 streams", ticks.median, "us", .atMost(10))
    sheet.add("market of 500 assets, a bar", all.median, "us", .atMost(5000))
    sheet.add("memory a stream of bars", memory, "KB", .atMost(200))
    sheet.add("state of 500 streams", Double(watch.bytes.count) / 1_048_576, "MB")
  }

  private func perUnit(_ count: Int, _ work: () -> Void) -> Double {
    Taken.by(work).1.processor / Double(count) * 1e6
  }
}

/// Normal numbers that repeat from a seed.
struct BenchNoise {
  var generator: Xoshiro256
  let draws = NormalDraws()

  init(seed: UInt64) { generator = Xoshiro256(seed: seed) }

  mutating func normal() -> Double { draws.next(&generator) }
}

/// The straightforward way: distances to all values and all courses, sorted for each point.
private struct NaiveWatch {
  private var values: [Double] = []
  private var scores: [[Double]] = [[], []]

  mutating func fill(_ value: Double) {
    values.append(value)
    if values.count > 5000 { values.removeFirst() }
    for place in 0..<2 {
      scores[place].append(abs(value))
      if scores[place].count > 5000 { scores[place].removeFirst() }
    }
  }

  mutating func take(_ value: Double) -> Double {
    let near = values.map { abs($0 - value) }.sorted().prefix(5).reduce(0, +) / 5
    values.append(value)
    let end = values.count
    var squares: [Double] = []
    for shift in 19..<1019 {
      var sum = 0.0
      for place in (end - 19)..<end {
        let off = values[place] - values[place - shift]
        sum += off * off
      }
      squares.append(sum)
    }
    let course = squares.sorted().prefix(27).reduce(0) { $0 + $1.squareRoot() } / 27
    values.removeFirst()
    var best = 0.0
    for (place, score) in [near, course].enumerated() {
      let sorted = scores[place].sorted()
      let bound = sorted[sorted.count * 98 / 100]
      let excesses = sorted.filter { $0 > bound }
      let mean = excesses.reduce(0) { $0 + $1 - bound } / Double(max(excesses.count, 1))
      best = max(best, (score - bound) / max(mean, 1e-9))
      scores[place].append(score)
      scores[place].removeFirst()
    }
    return best
  }
}
