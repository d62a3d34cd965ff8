import Statistics
import Testing

@testable import Anomalies

@Suite struct ComponentTests {
  /// Squared distances computed anew, as the definition says.
  private func lagScore(_ values: [Double], _ lags: Int, _ runs: Int, _ nearest: Int) -> Double? {
    let end = values.count
    var squares: [Double] = []
    for shift in lags..<(lags + runs) where end - shift - lags >= 0 {
      var sum = 0.0
      for place in (end - lags)..<end {
        let difference = values[place] - values[place - shift]
        sum += difference * difference
      }
      squares.append(sum)
    }
    guard squares.count >= nearest else { return nil }
    return squares.sorted().prefix(nearest).reduce(0) { $0 + $1.squareRoot() } / Double(nearest)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `sliding distances are those computed anew`(seed: UInt64) throws {
    var noise = Noise(seed)
    var novelty = LagNovelty(lags: 5, runs: 60, nearest: 4)
    var values: [Double] = []
    for index in 0..<900 {
      // Now and then a number so large that its square swallows the others.
      let value = index % 97 == 50 ? 1e9 * noise.normal() : noise.normal()
      values.append(value)
      let score = novelty.take(value)
      let expected = lagScore(values, 5, 60, 4)
      #expect((score == nil) == (expected == nil))
      guard let score, let expected else { continue }
      #expect(abs(score - expected) <= 1e-3 * max(expected, 1), "\(index)")
    }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `the distance to the nearest is that of a search through all`(seed: UInt64) {
    var noise = Noise(seed)
    var novelty = ValueNovelty(window: 50)
    var values: [Double] = []
    for _ in 0..<200 {
      let value = Double(Float(noise.normal()))
      let all = values.suffix(50).map { abs($0 - value) }.sorted().prefix(5)
      let score = novelty.take(value)
      if values.count >= 5 {
        #expect(abs((score ?? -1) - all.reduce(0, +) / 5) < 1e-6)
      } else {
        #expect(score == nil)
      }
      values.append(value)
    }
  }

  @Test func `a difference looks back so many steps`() {
    var difference = Difference(steps: 3)
    let scores = [1.0, 2, 4, 7, 1].map { difference.take($0) }
    #expect(scores == [nil, nil, nil, 6, 1])
  }

  @Test func `an hour is held against the same hour of other days`() throws {
    var clock = ClockResidual()
    var noise = Noise(3)
    for day in 0..<30 {
      for hour in 0..<24 {
        let value = (hour == 12 ? 100.0 : 0) + noise.normal()
        _ = clock.take(value, at: Int64(day * 86_400 + hour * 3600))
      }
    }
    let noon: Int64 = 30 * 86_400 + 12 * 3600
    var other = clock
    let atNoon = other.take(100, at: noon)
    let later = clock.take(100, at: noon + 3600)
    let usual = try #require(atNoon)
    let odd = try #require(later)
    #expect(usual < 5)
    #expect(odd > 20)
  }

  @Test func `times before 1970 have an hour too`() {
    #expect(ClockResidual.bucket(-1) == 95)
    #expect(ClockResidual.bucket(.min) >= 0)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, 0, .leastNonzeroMagnitude])
  func `no number breaks a watch`(value: Double) {
    var noise = Noise(1)
    var watch = SeriesWatch()
    for index in 0..<400 {
      let given = index % 7 == 3 ? value : noise.normal()
      if let (_, score) = watch.score(given, at: Int64(index) * 300) { #expect(score.isFinite) }
    }
  }

  @Test func `a constant line is silent, and its first step is not`() {
    var watch = SeriesWatch()
    for index in 0..<500 {
      let result = watch.score(5, at: Int64(index) * 300)
      #expect(result?.step == .quiet)
    }
    let step = watch.score(6, at: 500 * 300)?.step
    #expect(step == .began)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `scale and place of a series do not matter`(seed: UInt64) {
    // Powers of two, so that rounding is the same.
    var noise = Noise(seed)
    var (plain, scaled) = (SeriesWatch(), SeriesWatch())
    for index in 0..<1500 {
      let value = noise.normal() + (index == 1200 ? 12 : 0)
      let rounded = (value * 1024).rounded() / 1024
      let one = plain.score(rounded, at: Int64(index) * 300)
      let other = scaled.score(rounded * 8, at: Int64(index) * 300)
      #expect(one?.step == other?.step, "\(index)")
    }
  }

  @Test func `a spike rings once and says which component saw it`() {
    var noise = Noise(5)
    var watch = SeriesWatch()
    var began: [Int] = []
    for index in 0..<3000 {
      let value = noise.normal() + ((2000..<2010).contains(index) ? 15 : 0)
      guard let reading = watch.take(value, at: Int64(index) * 300) else { continue }
      if reading.step == .began { began.append(index) }
      if index == 2000 {
        #expect(reading.step == .began)
        #expect(reading.surprises[reading.component.rawValue] >= 3)
        let usual = watch.usual(.step, at: 0)
        #expect(usual.map { !$0.contains(value - 15) || $0.upperBound > 0 } ?? false)
      }
    }
    #expect(began.contains(2000))
    #expect(began.count { (2000..<2100).contains($0) } == 1)
    #expect(began.count <= 6, "\(began)")
  }

  /// Four of 20,000 bytes, one of 40,000, distances and values: what the design allows is 200 KB.
  @Test func `a full watch holds at most 200 KB`() {
    var noise = Noise(6)
    var watch = SeriesWatch()
    for index in 0..<6000 { _ = watch.score(noise.normal(), at: Int64(index) * 60) }
    #expect(watch.memoryBytes <= 200 * 1024)
  }
}

@Suite struct EpisodeTests {
  @Test func `an episode is one alarm, and grows only when it gets worse`() {
    var hold = EpisodeHold(alarm: 3, hold: 10)
    let steps = [1.0, 3.5, 3.4, 3.6, 6, 1, 6].map { hold.take($0).step }
    #expect(steps == [.quiet, .began, .held, .held, .grew, .held, .held])
  }

  @Test func `after an alarm the next must be twice as rare`() {
    var hold = EpisodeHold(alarm: 3, hold: 2, memory: 1e9)
    _ = hold.take(4)
    for _ in 0..<5 { _ = hold.take(0) }
    // log₁₀ 2 = 0.301
    let steps = [3.30, 3.31].map { hold.take($0).step }
    #expect(steps == [.quiet, .began])
    for _ in 0..<5 { _ = hold.take(0) }
    hold.forgive()
    let step = hold.take(3.31).step
    #expect(step == .began)
  }
}
