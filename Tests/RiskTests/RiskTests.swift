import Amounts
import Risk
import Statistics
import Testing

@Suite struct RiskTests {
  @Test func `the coverage tests of MathWorks' example`() throws {
    // https://www.mathworks.com/help/risk/varbacktest.pof.html: 1043 observations, 57 failures at 95%:
    // likelihood ratio 0.46147, p-value 0.49694.
    let test = try #require(
      Backtest.coverage(observations: 1043, exceptions: 57, probability: 0.05))
    #expect(abs(test.ratio - 0.46147) < 5e-6)
    #expect(abs(test.probability - 0.49694) < 5e-6)
  }

  @Test func `the zones of the Basel paper`() {
    // https://www.bis.org/publ/bcbs22.htm, table 2.
    func zone(_ exceptions: Int) -> TrafficLight {
      TrafficLight(observations: 250, exceptions: exceptions, probability: 0.01)
    }
    #expect(zone(4).zone == .green && zone(4).plusFactor == 0)
    #expect(zone(5).zone == .yellow && zone(5).plusFactor == 0.4)
    #expect(zone(9).zone == .yellow && zone(9).plusFactor == 0.85)
    #expect(zone(10).zone == .red && zone(10).plusFactor == 1)
  }

  @Test func `normal figures of two assets worked out by hand`() throws {
    // Weights 0.6 and 0.4, deviations 10% and 20%, correlation 0.5: variance 0.0036 + 0.0064 +
    // 2·0.6·0.4·0.01 = 0.0148.
    let covariance = try #require(Matrix([[0.01, 0.01], [0.01, 0.04]]))
    let risk = try #require(ComponentRisk.normal([0.6, 0.4], covariance, 0.95))
    #expect(abs(risk.volatility - 0.0148.squareRoot()) < 1e-15)
    #expect(abs(risk.total - 1.6448536269514722 * 0.0148.squareRoot()) < 1e-15)
    #expect(abs(risk.component[0] / risk.total - 0.006 / 0.0148) < 1e-14)
    #expect(ComponentRisk.normal([0, 0], covariance, 0.95) == nil)
  }

  @Test func `too few returns are refused with what is needed`() {
    let bars = (0..<100).map { String($0) }
    let prices = bars.indices.map { Optional(100 + Double($0 % 7)) }
    let history = PriceHistory(assets: ["BTC"], bars: bars, prices: [prices])
    #expect(throws: RiskRefusal.tooFew(have: 99, needed: 250)) {
      try RiskSummary(history, weights: ["BTC": 1])
    }
  }

  @Test func `a short history is refused or stood in for with a label`() throws {
    let bars = (0..<301).map { String($0) }
    var generator = Xoshiro256(seed: 3)
    let draws = NormalDraws()
    var price = 100.0
    let base = bars.map { _ -> Double? in
      price *= 1 + 0.02 * draws.next(&generator)
      return price
    }
    let late = base.enumerated().map { $0.offset < 200 ? nil : $0.element }
    let history = PriceHistory(assets: ["BTC", "NEW"], bars: bars, prices: [base, late])
    let weights = ["BTC": 0.5, "NEW": 0.5]
    #expect(throws: RiskRefusal.noHistory(asset: "NEW", have: 100, needed: 20)) {
      try RiskSummary(history, weights: weights)
    }
    let summary = try RiskSummary(history, weights: weights, proxy: "BTC")
    let use = try #require(summary.evidence.proxies.first)
    #expect(use.asset == "NEW" && use.proxy == "BTC" && use.filledReturns == 200)
    #expect(abs(use.beta - 1) < 1e-9)
    #expect(summary.evidence.sampleSize == 300)
  }

  @Test func `false alarms of the correlation watch stay near the stated rate`() throws {
    var alarms = 0
    let trials = 150
    var generator = Xoshiro256(seed: 17)
    let draws = NormalDraws()
    for _ in 0..<trials {
      let market = (0..<160).map { _ in draws.next(&generator) }
      let returns = (0..<4).map { _ in market.map { $0 + draws.next(&generator) } }
      let table = ReturnTable(
        assets: ["A", "B", "C", "D"], bars: market.indices.map { String($0) }, returns: returns)
      let found = try CorrelationBreaks(table, recent: 40, control: .anyAlarm(0.05))
      if !found.breaks.isEmpty { alarms += 1 }
    }
    // At most 5% by Bonferroni; three standard errors above that of 150 trials are 10.4%.
    #expect(alarms <= 15)
  }

  @Test func `a pair that parted company is found`() throws {
    var generator = Xoshiro256(seed: 4)
    let draws = NormalDraws()
    let market = (0..<200).map { _ in draws.next(&generator) }
    let loyal = market.map { $0 + 0.2 * draws.next(&generator) }
    let turncoat = market.enumerated().map { index, value in
      (index < 150 ? value : -value) + 0.2 * draws.next(&generator)
    }
    let table = ReturnTable(
      assets: ["A", "B", "C"], bars: market.indices.map { String($0) },
      returns: [market, loyal, turncoat])
    let found = try CorrelationBreaks(table, recent: 50)
    #expect(found.breaks.count == 2)
    #expect(found.breaks.allSatisfy { $0.second == "C" })
  }

  @Test func `one asset under two names cannot part company`() throws {
    var generator = Xoshiro256(seed: 5)
    let draws = NormalDraws()
    let market = (0..<200).map { _ in draws.next(&generator) }
    // The second name's prices were rounded more coarsely in earlier days.
    let twin = market.enumerated().map { index, value in
      index < 150 ? value + 0.005 * draws.next(&generator) : value
    }
    let table = ReturnTable(
      assets: ["A", "A at B"], bars: market.indices.map { String($0) }, returns: [market, twin])
    #expect(try CorrelationBreaks(table, recent: 50).breaks.isEmpty)
  }

  @Test func `a constant asset stands at the end of the map without correlations`() throws {
    var generator = Xoshiro256(seed: 8)
    let returns = (0..<3).map { index in
      (0..<80).map { _ in index == 0 ? 0 : generator.unit() - 0.5 }
    }
    let table = ReturnTable(
      assets: ["CASH", "A", "B"], bars: (0..<80).map { String($0) }, returns: returns)
    let map = try CorrelationMap(table)
    #expect(map.assets.last == "CASH")
    #expect(map.correlation[2].allSatisfy { $0 == nil })
  }

  @Test func `the same seed draws the same paths`() {
    let covariance = Matrix(diagonal: [0.0004, 0.0009])
    func paths(_ seed: UInt64) -> MonteCarlo? {
      MonteCarlo(
        paths: 1000, means: [0, 0], covariance: covariance, weights: [0.5, 0.5],
        distribution: .student(degrees: 4), seed: seed)
    }
    #expect(paths(1)?.returns == paths(1)?.returns)
    #expect(paths(1)?.returns != paths(2)?.returns)
  }

  @Test func `a stop of withdrawals blocks what the venue holds`() throws {
    func line(_ asset: String, _ value: Int64, _ venue: String?) -> ExposureLine {
      ExposureLine(
        asset: asset, value: Money(Fixed(whole: value), .usDollar), venue: venue,
        issuer: asset == "USDC" ? "Circle" : nil)
    }
    let lines = [line("BTC", 600, "kraken"), line("USDC", 300, "kraken"), line("ETH", 100, nil)]
    let stop = try WithdrawalStop(of: "kraken", lines, .usDollar)
    #expect(stop.value == Money(Fixed(whole: 900), .usDollar))
    #expect(stop.share == 0.9)
    let byIssuer = try ExposureReport(lines, by: .issuer, .usDollar)
    #expect(byIssuer.groups.map(\.name) == [nil, "Circle"])
    #expect(byIssuer.groups.last?.grossShare == 0.3)
  }

  @Test func `days to sell and the way to liquidation`() throws {
    // 50 units at a tenth of 100 a day are 5 days; a long at 100 with 10 of margin and no maintenance is
    // closed at 90, which is ln(100/90)/0.05 = 2.107 deviations away.
    let time = try #require(
      LiquidationTime(
        quantity: Quantity(Fixed(whole: 50)), dailyVolume: Quantity(Fixed(whole: 100)),
        participation: 0.1))
    #expect(abs(time.days - 5) < 1e-12)
    let price = LiquidationDistance.price(mark: 100, contracts: 1, margin: 10, maintenance: 0)
    #expect(price == 90)
    let distance = try #require(
      LiquidationDistance(
        mark: Price(Fixed(whole: 100)), liquidation: Price(Fixed(whole: 90)), dailyVolatility: 0.05)
    )
    #expect(abs(distance.change + 0.1) < 1e-12)
    #expect(abs(try #require(distance.deviations) - 2.1072) < 1e-4)
  }

  @Test func `liquidity duration is that of the textbook, for long and short`() throws {
    // 5,000 held, 1,000 traded a day, at most a fifth of them sold: 25 days
    // (GARP FRM, https://www.gaodun.com/q/9053qf).
    for quantity: Int64 in [5_000, -5_000] {
      let time = try #require(
        LiquidationTime(
          quantity: Quantity(Fixed(whole: quantity)),
          dailyVolume: Quantity(Fixed(whole: 1_000)), participation: 0.2, dailyVolatility: 0.05))
      #expect(abs(time.days - 25) < 1e-12)
      // σ√p: 0.05 times the root of a fifth.
      #expect(abs(try #require(time.impact) - 0.05 * 0.447_213_595_5) < 1e-10)
    }
    let one = Quantity(Fixed(whole: 1))
    #expect(LiquidationTime(quantity: one, dailyVolume: .zero, participation: 0.2) == nil)
    #expect(LiquidationTime(quantity: one, dailyVolume: one, participation: 0) == nil)
    #expect(LiquidationTime(quantity: one, dailyVolume: one, participation: 1.01) == nil)
  }

  /// Isolated margin as the venue's own example has it.
  ///
  /// 1 BTC at 20,000 with 50 times leverage, maintenance 0.5 %, so an initial margin of
  /// 400 and a maintenance of 100: 20,000 - (400 - 100) = 19,700 for the long; the same formula's short is
  /// 20,000 + (400 - 100).
  ///
  /// Source: https://www.bybit.com/en-US/help-center/s/article/Liquidation-Price-USDT-Contract, example 1
  /// and the formula for sells.
  @Test(arguments: [(1.0, 19_700.0), (-1, 20_300)])
  func `isolated margin is used up where the venue says`(_ contracts: Double, _ expected: Double)
    throws
  {
    let price = try #require(
      LiquidationDistance.price(
        mark: 20_000, contracts: contracts, margin: 400, maintenance: 0, deduction: -100))
    #expect(abs(price - expected) < 1e-9)
    // More margin than the position can lose: nothing above zero closes the long.
    let safe = LiquidationDistance.price(
      mark: 20_000, contracts: contracts, margin: 21_000, maintenance: 0)
    #expect((safe == nil) == (contracts > 0))
  }

  /// Cross margin as the venue's own example has it.
  ///
  /// A wallet of 1,535,443.01 with 109.488 BTC from 32,481.98, marked at 31,967.27, and
  /// 3,683.979 ETH from 1,456.84, marked at 1,335.18; maintenance 2.5 % less 16,300 and 10 % less 135,365.
  /// Each is closed where the other's profit and maintenance leave nothing.
  ///
  /// Source: the formula and example of
  /// https://www.binance.com/en/support/faq/b3c689c1f50a44cabb3a84e663b81d93.
  @Test func `cross margin is used up where the venue says`() throws {
    let wallet = 1_535_443.01
    let positions = [
      (quantity: 109.488, entry: 32_481.98, mark: 31_967.27, rate: 0.025, less: 16_300.0),
      (quantity: 3_683.979, entry: 1_456.84, mark: 1_335.18, rate: 0.1, less: 135_365.0),
    ]
    let profits = positions.map { $0.quantity * ($0.mark - $0.entry) }
    let maintenance = positions.map { $0.quantity * $0.mark * $0.rate - $0.less }
    for (place, expected) in [(0, 26_316.89), (1, 1_153.26)] {
      let one = positions[place]
      let price = try #require(
        LiquidationDistance.price(
          mark: one.mark, contracts: one.quantity,
          margin: wallet + profits[0] + profits[1] - maintenance[1 - place],
          maintenance: one.rate, deduction: one.less))
      #expect(abs(price - expected) < 0.01)
      let distance = try #require(
        LiquidationDistance(
          mark: Price(try Fixed(parsing: "\(one.mark)")),
          liquidation: Price(try Fixed(parsing: "\(expected)"))))
      #expect(distance.change < 0)
    }
  }

  @Test func `a short with cross margin is closed above, where margin is its maintenance`() throws {
    // At the price that is found, the margin equals the maintenance: the definition itself.
    let price = try #require(
      LiquidationDistance.price(
        mark: 2_000, contracts: -50, margin: 9_000, maintenance: 0.01, deduction: 40))
    let margin = 9_000 - 50 * (price - 2_000)
    #expect(price > 2_000 && abs(margin - (0.01 * 50 * price - 40)) < 1e-8)
  }

  @Test func `all correlations at one leave no diversification`() throws {
    let covariance = try #require(Matrix([[0.01, 0], [0, 0.04]]))
    let stress = CovarianceStress(covariance, [0.5, 0.5])
    #expect(abs(stress.volatility(correlationTowardsOne: 1) - 0.15) < 1e-15)
    let apart = stress.volatility(correlationTowardsOne: 0)
    #expect(abs(apart - 0.0125.squareRoot()) < 1e-15)
  }
}
