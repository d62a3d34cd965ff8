import Statistics
import Testing

@testable import Anomalies

@Suite struct ModelTests {
  @Test func `an autoregression is found from its values`() throws {
    var noise = Noise(1)
    var model = LinearForecaster(order: 2, memory: 2000)
    var (a, b) = (0.0, 0.0)
    for _ in 0..<4000 {
      let next = 1 + 0.6 * a - 0.3 * b + 0.1 * noise.normal()
      model.learn(next)
      (a, b) = (next, a)
    }
    let forecast = try #require(model.forecast)
    #expect(abs(forecast.value - (1 + 0.6 * a - 0.3 * b)) < 0.03)
    // The mean of |e| of a normal error of deviation 0.1 is 0.0798.
    #expect(abs(forecast.error - 0.0798) < 0.015)
  }

  @Test(arguments: [Double.nan, .infinity, 1e99, 0, -1e50])
  func `no number breaks a forecaster`(value: Double) {
    var noise = Noise(2)
    var model = LinearForecaster(order: 5, memory: 100)
    for index in 0..<2000 { model.learn(index % 11 == 5 ? value : noise.normal()) }
    for _ in 0..<5000 { model.learn(3) }
    #expect(model.forecast?.value.isFinite ?? false)
  }

  /// Chebyshev would give 1/δ at least; the bound is for values between 0 and 1.
  @Test func `the adaptive window seldom cuts a stable stream, and cuts a changed one`() {
    var falseCuts = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      var noise = Noise(seed)
      var window = AdaptiveWindow()
      for _ in 0..<2000 where window.take(noise.unit()) { falseCuts += 1 }
      var delay: Int?
      for index in 0..<500 where delay == nil {
        if window.take(0.5 + noise.unit() / 2) { delay = index }
      }
      #expect((delay ?? 999) < 300)
    }
    #expect(falseCuts <= 1)
  }

  @Test func `a change is told once`() {
    var noise = Noise(3)
    var window = AdaptiveWindow()
    var cuts = 0
    for index in 0..<4000 where window.take((index < 2000 ? 0.2 : 0.7) + 0.2 * noise.unit()) {
      cuts += 1
    }
    #expect((1...2).contains(cuts))
  }

  /// The run length to a false alarm, simulated: the textbook's setting rings within a thousand points.
  @Test func `Page and Hinkley's test runs long without a change, and sees both ways`() {
    var (alarms, points) = (0, 0)
    for seed in 1...40 as ClosedRange<UInt64> {
      var noise = Noise(seed)
      var test = PageHinkley()
      for _ in 0..<5000 {
        points += 1
        if test.take(noise.normal()) != nil { alarms += 1 }
      }
    }
    #expect(Double(points) / Double(max(alarms, 1)) > 20_000, "\(alarms)")
    for (shift, expected) in [(1.5, PageHinkley.Change.rose), (-1.5, .fell)] {
      var noise = Noise(99)
      var test = PageHinkley()
      for _ in 0..<500 { _ = test.take(noise.normal()) }
      var change: PageHinkley.Change?
      for _ in 0..<60 where change == nil { change = test.take(noise.normal() + shift) }
      #expect(change == expected)
    }
  }

  @Test func `a point far from the others displaces most, in the dimension that is odd`() throws {
    var noise = Noise(4)
    var forest = RandomCutForest(dimensions: 3, trees: 40, size: 128, seed: 1)
    var last = 0.0
    for _ in 0..<300 {
      let point = [noise.normal(), noise.normal(), noise.normal()]
      let reading = forest.take(point)
      last = try #require(reading).displacement
    }
    let far = forest.take([0, 25, 0])
    let odd = try #require(far)
    #expect(odd.displacement > 40)
    #expect(odd.displacement > 3 * last)
    #expect(odd.shares[1] > 0.9)
  }

  @Test func `equal points and no numbers are no trouble to the forest`() {
    var forest = RandomCutForest(dimensions: 2, trees: 5, size: 16, seed: 2)
    for index in 0..<200 {
      let reading = forest.take([1, index % 3 == 0 ? 2 : 1])
      #expect(reading?.displacement.isFinite ?? false)
    }
    let refused = [forest.take([.nan, 1]), forest.take([1])]
    #expect(refused == [nil, nil])
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `a forest restored from its bytes goes on alike`(seed: UInt64) throws {
    var noise = Noise(seed)
    var forest = RandomCutForest(dimensions: 2, trees: 8, size: 32, seed: seed)
    for _ in 0..<100 { _ = forest.take([noise.normal(), noise.normal()]) }
    var writer = StateWriter()
    forest.write(to: &writer)
    var reader = StateReader(writer.bytes)
    var restored = try RandomCutForest(from: &reader)
    for _ in 0..<100 {
      let point = [noise.normal(), noise.normal()]
      let (one, other) = (forest.take(point), restored.take(point))
      #expect(one == other)
    }
  }

  /// A series whose law a longer memory knows better: the challenger of order 5 must win.
  @Test func `a better challenger is promoted after its trial, and can be taken back`() {
    var noise = Noise(6)
    var desk = ModelDesk(name: "test")
    var lags = [0.0, 0, 0, 0, 0]
    var promoted: [Int] = []
    for index in 0..<3000 {
      let next = 0.9 * lags[4] + 0.3 * noise.normal()
      lags = [next] + lags.dropLast()
      if case .promoted(let version) = desk.take(next, at: Int64(index) * 3600)?.event {
        promoted.append(version)
      }
    }
    #expect(promoted.first == 2)
    let version = desk.version
    let stamp = desk.stamp
    let wasBack = desk.rollBack()
    #expect(wasBack)
    #expect(desk.version == version + 1)
    #expect(desk.stamp.hash != stamp.hash)
    let isBackAgain = desk.rollBack()
    #expect(!isBackAgain)
  }

  @Test func `no challenger takes over before two weeks`() {
    var noise = Noise(7)
    var desk = ModelDesk(name: "test")
    for index in 0..<(13 * 24) {
      let reading = desk.take(noise.normal(), at: Int64(index) * 3600)
      if case .promoted = reading?.event { Issue.record("promoted at \(index)") }
    }
    #expect(desk.version == 1)
  }

  @Test func `a model's file says what it is, and a changed one is refused`() throws {
    var noise = Noise(8)
    var desk = ModelDesk(name: "range")
    for index in 0..<500 { _ = desk.take(noise.normal(), at: Int64(index) * 3600) }
    let file = desk.file
    let read = try ModelFile(file.bytes)
    #expect(read == file)
    #expect(read.stamp.trainedTo == 499 * 3600)
    var other = ModelDesk(name: "range")
    try other.install(read)
    #expect(other.stamp.hash == file.stamp.hash)
    var changed = file.bytes
    changed[changed.count - 3] ^= 1
    #expect(throws: StateFault.changed) { try ModelFile(changed) }
  }
}
