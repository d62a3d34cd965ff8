import Risk
import Statistics
import Testing

/// Books and events that repeat from a seed.
private struct Walk {
  let count: Int
  var generator: Xoshiro256
  let draws = NormalDraws()

  init(seed: UInt64) {
    generator = Xoshiro256(seed: seed)
    count = 1 + Int(generator.next() % 13)
  }

  mutating func bar() -> [Double] {
    let market = 0.02 * draws.next(&generator)
    return (0..<count).map { _ in market + 0.03 * draws.next(&generator) }
  }

  mutating func exposures() -> [Double] {
    (0..<count).map { _ in 1000 * draws.next(&generator) }
  }

  mutating func tick() -> (asset: Int, exposure: Double) {
    (Int(generator.next() % UInt64(count)), 1000 * draws.next(&generator))
  }
}

@Suite struct RiskBookTests {
  private func isClose(_ a: Double, _ b: Double, _ scale: Double) -> Bool {
    abs(a - b) <= 1e-11 * scale
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `a book after ticks and bars equals one made of all that happened`(seed: UInt64) {
    var walk = Walk(seed: seed)
    var book = RiskBook(exposures: walk.exposures(), lambda: 0.94)
    var series: [[Double]] = (0..<walk.count).map { _ in [] }
    for _ in 0..<40 {
      if walk.generator.next() % 3 == 0 {
        let bar = walk.bar()
        for asset in bar.indices { series[asset].append(bar[asset]) }
        book.close(returns: bar)
      } else {
        let tick = walk.tick()
        let after = book.tick(tick.exposure, of: tick.asset)
        #expect(after.valueAtRisk == book.valueAtRisk)
        #expect(after.component == book.component(tick.asset))
      }
    }
    guard let covariance = Covariance.exponential(series, lambda: 0.94),
      let anew = ComponentRisk.normal(book.exposures, covariance, 0.99)
    else { return }
    let scale = 1000 * Double(walk.count)
    #expect(isClose(book.valueAtRisk, anew.total, scale), "SEED=\(seed)")
    for asset in 0..<walk.count {
      #expect(isClose(book.component(asset), anew.component[asset], scale), "SEED=\(seed)")
    }
    #expect(isClose(book.components.reduce(0, +), book.valueAtRisk, scale), "SEED=\(seed)")
    let gap = (book.covariance - covariance).frobeniusNorm
    #expect(gap <= 1e-13 * covariance.frobeniusNorm, "SEED=\(seed)")
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `the covariance stays positive semidefinite with assets that do not trade`(seed: UInt64) {
    var walk = Walk(seed: seed)
    var book = RiskBook(exposures: walk.exposures(), lambda: 0.9)
    for _ in 0..<30 {
      let bar = walk.bar()
      let partial = bar.map { walk.generator.next() % 4 == 0 ? nil : Optional($0) }
      book.close(partial: partial)
    }
    let eigen = SymmetricEigen(book.covariance)
    let smallest = eigen.smallest ?? 0
    #expect(smallest >= -1e-14 * (eigen.values.first ?? 0), "SEED=\(seed)")
    #expect(isClose(book.variance, book.covariance.quadraticForm(book.exposures), 1e6))
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `the order of ticks of different assets does not matter`(seed: UInt64) {
    var walk = Walk(seed: seed)
    var first = RiskBook(exposures: walk.exposures(), lambda: 0.94)
    for _ in 0..<11 { first.close(returns: walk.bar()) }
    var second = first
    let goal = walk.exposures()
    for asset in 0..<walk.count { first.setExposure(goal[asset], of: asset) }
    for asset in (0..<walk.count).reversed() { second.setExposure(goal[asset], of: asset) }
    #expect(isClose(first.volatility, second.volatility, 1000 * Double(walk.count)))
  }

  @Test func `a hundred thousand ticks drift by less than is stated`() {
    var walk = Walk(seed: 9)
    var book = RiskBook(exposures: walk.exposures(), lambda: 0.94)
    for _ in 0..<20 { book.close(returns: walk.bar()) }
    var greatest = book.volatility
    for _ in 0..<100_000 {
      let tick = walk.tick()
      book.setExposure(tick.exposure, of: tick.asset)
      greatest = max(greatest, book.volatility)
    }
    let carried = book.volatility
    book.rebuild()
    #expect(abs(carried - book.volatility) <= 1e-12 * greatest)
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `scenarios after ticks and bars give the figures of all returns`(seed: UInt64) throws {
    var walk = Walk(seed: seed)
    let bars = 20 + Int(walk.generator.next() % 300)
    let history = (0..<bars).map { _ in walk.bar() }
    var window = history
    let confidence = seed % 2 == 0 ? 0.95 : 0.99
    var book = try #require(
      ScenarioBook(
        returns: (0..<walk.count).map { asset in history.map { $0[asset] } },
        exposures: walk.exposures(), confidence: confidence))
    for _ in 0..<30 {
      if walk.generator.next() % 3 == 0 {
        let bar = walk.bar()
        window = Array(window.dropFirst()) + [bar]
        book.close(returns: bar)
      } else {
        let tick = walk.tick()
        book.setExposure(tick.exposure, of: tick.asset)
      }
      let figures = book.figures()
      let losses = HistoricalLosses(window.map { Matrix.dot($0, book.exposures) })
      let loss = losses?.valueAtRisk(confidence) ?? 0
      let shortfall = losses?.expectedShortfall(confidence) ?? 0
      #expect(isClose(figures.valueAtRisk, loss, 1000), "SEED=\(seed)")
      #expect(isClose(figures.expectedShortfall, shortfall, 1000), "SEED=\(seed)")
    }
  }
}
