import Statistics
import Testing

@testable import Anomalies

/// Numbers that repeat from a seed.
struct Noise {
  var generator: Xoshiro256
  let draws = NormalDraws()

  init(_ seed: UInt64) { generator = Xoshiro256(seed: seed) }

  mutating func normal() -> Double { draws.next(&generator) }
  mutating func unit() -> Double { generator.unit() }
  mutating func exponential() -> Double { -Elementary.log(1 - generator.unit()) }
}

@Suite struct CalibrationTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `a window of ranks holds the last values in order`(seed: UInt64) {
    var noise = Noise(seed)
    var window = RankWindow(capacity: 37)
    var all: [UInt16] = []
    for _ in 0..<200 {
      let key = RankWindow.key(abs(noise.normal()) * 10)
      window.insert(key)
      all.append(key)
      let last = all.suffix(37).sorted()
      #expect((0..<window.count).map { window.key(at: $0) } == last)
      let probe = RankWindow.key(abs(noise.normal()) * 10)
      #expect(window.countBelow(probe) == last.count { $0 < probe })
    }
  }

  @Test(arguments: [1e-15, 0.001, 1, 1.5, 3.14159, 1234.5, 1e15])
  func `a key is within one part in five hundred of its score`(score: Double) {
    let back = RankWindow.value(RankWindow.key(score))
    #expect(abs(back / score - 1) < 1.0 / 500)
  }

  @Test func `keys keep the order of scores, and no number breaks them`() {
    let scores = [0, 1e-300, 1e-10, 0.5, 0.51, 1, 2, 1e10, 1e300, .greatestFiniteMagnitude]
    let keys = scores.map { RankWindow.key($0) }
    #expect(keys == keys.sorted())
    #expect(RankWindow.key(-1) == 0)
    #expect(RankWindow.key(.nan) == 0)
    #expect(RankWindow.key(.infinity) == .max)
  }

  @Test func `nothing is said before a hundred scores`() {
    var calibrator = TailCalibrator()
    for index in 0..<100 {
      let early = calibrator.take(Double(index))
      #expect(early == 0)
    }
    let late = calibrator.take(1e6)
    #expect(late > 3)
  }

  /// An exponential tail has -log₁₀ p = x / ln 10 exactly: 2.303 is one in ten, 9.21 one in 10,000.
  @Test func `the tail of exponential scores is theirs`() {
    var noise = Noise(7)
    var calibrator = TailCalibrator()
    for _ in 0..<5000 { _ = calibrator.take(noise.exponential()) }
    for (score, expected) in [(2.302585, 1.0), (6.907755, 3.0), (9.210340, 4.0)] {
      #expect(abs(calibrator.surprise(of: score) - expected) < 0.15 * expected)
    }
  }

  /// A Pareto tail of index 3 has -log₁₀ p = 3 log₁₀ x: 10 is one in a thousand, 21.54 in 10,000.
  @Test func `the heavy tail is judged heavier than an exponential one`() {
    // A hundred excesses of so heavy a tail tell little: the mean over samples is judged.
    var sum = 0.0
    for seed in 1...20 as ClosedRange<UInt64> {
      var noise = Noise(seed)
      var (heavy, light) = (TailCalibrator(shape: .pareto), TailCalibrator())
      for _ in 0..<5000 {
        let score = Elementary.pow(1 - noise.unit(), -1.0 / 3)
        _ = heavy.take(score)
        _ = light.take(score)
      }
      sum += heavy.surprise(of: 21.544)
      #expect(heavy.surprise(of: 21.544) <= light.surprise(of: 21.544))
    }
    #expect(abs(sum / 20 - 4) < 0.7, "\(sum / 20)")
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `a higher score is never less surprising`(seed: UInt64) {
    var noise = Noise(seed)
    for shape in [TailShape.exponential, .pareto] {
      var calibrator = TailCalibrator(window: 500, shape: shape)
      for _ in 0..<700 { _ = calibrator.take(abs(noise.normal())) }
      let surprises = stride(from: 0.0, to: 12, by: 0.05).map { calibrator.surprise(of: $0) }
      for (a, b) in zip(surprises, surprises.dropFirst()) { #expect(a <= b + 1e-12) }
    }
  }

  /// Ranks are uniform where values do not depend on earlier ones: one in a hundred reaches 2.
  @Test func `the realised rate is the nominal one`() {
    var noise = Noise(9)
    var calibrator = TailCalibrator()
    var rang = 0
    for _ in 0..<50_000 where calibrator.take(abs(noise.normal())) >= 2 { rang += 1 }
    #expect((400...600).contains(rang), "\(rang)")
  }

  @Test func `the threshold is where the surprise begins`() throws {
    var noise = Noise(10)
    var calibrator = TailCalibrator()
    for _ in 0..<2000 { _ = calibrator.take(abs(noise.normal())) }
    let raw = try #require(calibrator.raw(atSurprise: 3))
    #expect(calibrator.surprise(of: raw * 1.01) >= 3)
    #expect(calibrator.surprise(of: raw * 0.99) < 3)
  }

  /// The small-sample trap: without ten excesses and a warm-up, day one gave 10⁻¹⁵.
  @Test func `an ordinary early score is no wonder`() {
    var noise = Noise(11)
    var calibrator = TailCalibrator()
    for index in 0..<150 {
      let surprise = calibrator.take(abs(noise.normal()))
      #expect(surprise < 5, "\(index)")
    }
  }
}
