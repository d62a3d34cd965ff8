import Performance
import Testing

@Suite struct RatioTests {
  let ratios = ReturnRatios(Bacon.portfolio, barsPerYear: 12)

  @Test func `a textbook portfolio has the published ratios`() {
    // BernardoLedoitRatio 1.78, which is Omega at 0; in full 1.779783
    #expect(near(ratios.omega(), 1.779783, 5e-7))
    // OmegaSharpeRatio at 0.005 is Omega less 1: 0.29
    #expect(near(ratios.omega(threshold: 0.005), 1.29, 0.005))
    // Kappa of order 2 at 0.005, which is Sortino a bar: 0.157
    #expect(near(ratios.sortino(target: 0.005)?.perBar, 0.157, 0.0005))
  }

  @Test func `figures without variance, losses or returns are undefined`() {
    for constant in [0.0, 0.001] {
      let flat = ReturnRatios([Double](repeating: constant, count: 30), barsPerYear: 365)
      #expect(flat.sharpe() == nil)
      #expect(flat.sharpe(riskFreeAnnual: 0.05) == nil)
      #expect(flat.sortino() == nil)
      #expect(flat.calmar == nil)
      #expect(flat.omega() == nil)
      #expect(flat.winsAndLosses?.payoff == nil)
    }
    let empty = ReturnRatios([], barsPerYear: 365)
    #expect(empty.sharpe() == nil)
    #expect(empty.sortino() == nil)
    #expect(empty.calmar == nil)
    #expect(empty.omega() == nil)
    #expect(empty.winsAndLosses == nil)
    #expect(empty.annualGrowth == nil)
    #expect(ReturnRatios([0.01], barsPerYear: 365).sharpe() == nil)
    #expect(ReturnRatios([0, 0], barsPerYear: 365).winsAndLosses?.winRate == nil)
  }

  @Test func `what was lost beyond everything has no yearly rate`() {
    #expect(ReturnRatios([0.1, -1.5], barsPerYear: 365).annualGrowth == nil)
    #expect(ReturnRatios([0.1, -1], barsPerYear: 365).annualGrowth == -1)
    #expect(Growth.annualised(0.1, over: 0, year: 365) == nil)
    #expect(Growth.annualised(1e300, over: 1, year: 365) == nil)
  }

  @Test func `leverage multiplies risk and leaves the Sharpe ratio`() throws {
    var chance = Chance(11)
    for _ in 0..<200 {
      let returns = chance.returns(60)
      let scale = chance.next(0.1, 3)
      let plain = ReturnRatios(returns, barsPerYear: 365)
      let own = try #require(plain.sharpe()).annual
      let omega = try #require(plain.omega())
      let scaled = ReturnRatios(returns.map { $0 * scale }, barsPerYear: 365)
      #expect(near(scaled.sharpe()?.annual, own, 1e-9))
      #expect(near(scaled.omega(), omega, 1e-9))
    }
  }
}

@Suite struct DrawdownTests {
  @Test func `a fall has a peak, a trough and a recovery`() throws {
    // By hand: 1, 1.1, 0.99, 0.88, 1.1, 1.21, 1.089
    let path = try #require(Drawdowns(returns: [0.1, -0.1, -1.0 / 9, 0.25, 0.1, -0.1]))
    let deepest = try #require(path.deepest)
    #expect(abs(deepest.depth + 0.2) < 1e-15)
    #expect(deepest.peak == 1 && deepest.trough == 3)
    #expect(path.episodes.count == 2)
    #expect(abs(path.current + 0.1) < 1e-15)
    #expect(path.episodes[1].recovery == nil)
    #expect(path.episodes[1].barsUnderwater == 1)
  }

  @Test func `a peak reached twice counts from the last time`() throws {
    let path = try #require(Drawdowns(returns: [0, 0, -0.5, 1, 0]))
    #expect(path.deepest?.peak == 2)
    #expect(path.deepest?.recovery == 4)
    #expect(path.longest?.lastUnderwater == 3)
    #expect(path.longest?.barsUnderwater == 1)
  }

  @Test func `what only rose has no drawdown`() throws {
    let path = try #require(Drawdowns(returns: [0.1, 0, 0.2]))
    #expect(path.maximum == 0)
    #expect(path.deepest == nil)
    #expect(path.current == 0)
    #expect(path.ulcerIndex == 0)
    #expect(path.painIndex == 0)
    let none = try #require(Drawdowns(returns: []))
    #expect(none.maximum == 0)
    #expect(none.painIndex == nil)
    #expect(none.atRisk(confidence: 0.95) == nil)
  }

  @Test func `the tail of the drawdowns lies between the mean and the deepest`() throws {
    var chance = Chance(12)
    for _ in 0..<300 {
      let path = try #require(Drawdowns(returns: chance.returns(100)))
      let tail = try #require(path.atRisk(confidence: chance.next(0.01, 0.99)))
      #expect(tail.mean >= tail.threshold - 1e-12)
      #expect(tail.mean <= -path.maximum + 1e-12)
      #expect(tail.mean >= (path.painIndex ?? 0) - 1e-12)
      // Every point below its peak lies in exactly one episode
      let counted = path.episodes.reduce(0) { $0 + $1.barsUnderwater }
      #expect(counted == path.path.count { $0 < 0 })
    }
  }

  @Test func `a whole number of tail points is not rounded up`() throws {
    // 100 (1 − 0.95) is 5.000000000000004 in floating point
    let path = try #require(Drawdowns(returns: (1...100).map { _ in -0.001 }))
    let tail = try #require(path.atRisk(confidence: 0.95))
    #expect(abs(tail.threshold + path.path[95]) < 1e-15)
  }
}

@Suite struct BenchmarkTests {
  @Test func `a straight line is found exactly`() throws {
    var chance = Chance(13)
    let benchmark = chance.returns(50)
    let returns = benchmark.map { 0.001 + 1.5 * $0 }
    let line = try #require(BenchmarkComparison(returns, against: benchmark).regression)
    #expect(abs(line.beta - 1.5) < 1e-12)
    #expect(abs(line.alphaPerBar - 0.001) < 1e-14)
    #expect(near(line.rSquared, 1, 1e-12))
    #expect(near(line.residualDeviation, 0, 1e-15))
  }

  @Test func `a series equals itself`() throws {
    let pair = BenchmarkComparison(Bacon.portfolio, against: Bacon.portfolio)
    #expect(near(pair.regression?.beta, 1, 1e-12))
    #expect(pair.trackingError(barsPerYear: 12) == 0)
    #expect(pair.informationRatio(barsPerYear: 12) == nil)
    #expect(pair.geometricInformationRatio(barsPerYear: 12) == nil)
    #expect(pair.capture.upCapture == 1 && pair.capture.downCapture == 1)
  }

  @Test func `a benchmark that stands still explains nothing`() {
    let pair = BenchmarkComparison([0.1, 0.2, -0.1], against: [0.01, 0.01, 0.01])
    #expect(pair.regression == nil)
    #expect(pair.capture.betaUp == nil && pair.capture.downCapture == nil)
    #expect(pair.rollingBeta(window: 2) == [nil, nil, nil])
  }

  @Test func `a series that stands still has a beta and no correlation`() throws {
    let line = try #require(
      BenchmarkComparison([0.01, 0.01, 0.01], against: [0.1, 0.2, -0.1]).regression)
    #expect(abs(line.beta) < 1e-15)
    #expect(line.correlation == nil && line.rSquared == nil)
  }

  @Test func `the last rolling beta is that of the last window`() throws {
    var chance = Chance(14)
    let (own, other) = (chance.returns(80), chance.returns(80))
    let betas = BenchmarkComparison(own, against: other).rollingBeta(window: 30)
    let tail = BenchmarkComparison(Array(own.suffix(30)), against: Array(other.suffix(30)))
    #expect(betas[28] == nil && betas[29] != nil)
    let wanted = try #require(tail.regression).beta
    #expect(near(betas[79], wanted, 1e-12))
  }
}
