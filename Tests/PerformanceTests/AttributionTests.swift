import Amounts
import Performance
import Statistics
import Testing

private func price(_ text: String) throws -> Price { Price(try Fixed(parsing: text)) }
private func quantity(_ text: String) throws -> Quantity { Quantity(try Fixed(parsing: text)) }

@Suite struct LinkingTests {
  @Test func `linked contributions add up to the return`() throws {
    var chance = Chance(41)
    for _ in 0..<300 {
      let bars = 2 + Int(chance.next(0, 40))
      let prices = (0..<4).map { _ in (0...bars).map { _ in chance.next(1, 3) } }
      let quantities = (0..<4).map { _ in chance.next(0.5, 5) }
      let found = try #require(AssetAttribution(quantities: quantities, prices: prices))
      let total = try #require(found.totalReturn)
      let linked = try #require(found.linkedContributions)
      let sum: Double = linked.reduce(0, +)
      let profit: Double = found.profitByBar.reduce(0, +)
      #expect(near(sum, total, 1e-10 * (1 + abs(total))))
      #expect(near(found.totalProfit, profit, 1e-9))
    }
  }

  @Test func `a single period is linked by nothing, and no return by one`() throws {
    #expect(Carino(returns: [0.07])?.linked([0.05]) == 0.05)
    #expect(Carino(returns: [0, 0])?.factors == [1, 1])
    // +25 % and −20 % make nothing together: K is 1
    let back = try #require(Carino(returns: [0.25, -0.2]))
    #expect(abs(back.linked([0.25, -0.2])) < 1e-15)
  }

  @Test func `what lost everything cannot be linked`() {
    #expect(Carino(returns: [0.1, -1]) == nil)
    #expect(Carino(returns: []) == nil)
    let lost = AssetAttribution(quantities: [1, -1], prices: [[2, 1, 1], [1, 1.5, 1]])
    #expect(lost?.totalReturn == nil && lost?.linkedContributions == nil)
    #expect(lost?.profits == [-1, 0])
  }

  @Test func `linked active effects add up to the difference`() throws {
    var chance = Chance(42)
    for _ in 0..<200 {
      let (own, other) = (chance.returns(12), chance.returns(12))
      let factors = try #require(Carino.active(own, against: other))
      let active: [Double] = zip(own, other).map { $0 - $1 }
      let sum: Double = zip(active, factors).reduce(0) { $0 + $1.0 * $1.1 }
      let wanted = try #require(Growth.linked(own)) - (try #require(Growth.linked(other)))
      #expect(abs(sum - wanted) < 1e-12)
    }
  }
}

@Suite struct BrinsonTests {
  @Test func `the textbook's three markets`() {
    // C. R. Bacon, Practical Portfolio Performance Measurement and Attribution, 2nd ed., 2008,
    // ch. 5: portfolio 40/30/30 % with 20/−5/6 %, benchmark 40/20/40 % with 10/−4/8 %
    let split = BrinsonFachler([
      .init(
        portfolioWeight: 0.4, benchmarkWeight: 0.4, portfolioReturn: 0.2, benchmarkReturn: 0.1),
      .init(
        portfolioWeight: 0.3, benchmarkWeight: 0.2, portfolioReturn: -0.05, benchmarkReturn: -0.04),
      .init(
        portfolioWeight: 0.3, benchmarkWeight: 0.4, portfolioReturn: 0.06, benchmarkReturn: 0.08),
    ])
    #expect(abs(split.portfolioReturn - 0.083) < 1e-15)
    #expect(abs(split.benchmarkReturn - 0.064) < 1e-15)
    let allocation = split.effects.map(\.allocation)
    let selection = split.effects.map(\.selection)
    for (found, wanted) in zip(allocation, [0, -0.0104, -0.0016]) {
      #expect(abs(found - wanted) < 1e-15)
    }
    for (found, wanted) in zip(selection, [0.04, -0.002, -0.008]) {
      #expect(abs(found - wanted) < 1e-15)
    }
    let interaction: Double = split.effects.reduce(0) { $0 + $1.interaction }
    #expect(near(interaction, 0.001, 1e-15))
  }

  @Test func `effects add up to the active return`() {
    var chance = Chance(43)
    for _ in 0..<300 {
      let returns = chance.returns(6, 0.4)
      var (own, other) = ([Double](), [Double]())
      for _ in returns {
        own.append(chance.next(0, 1))
        other.append(chance.next() < 0.3 ? 0 : chance.next(0.1, 1))
      }
      if other.allSatisfy({ $0 == 0 }) { other[0] = 1 }
      own = own.map { $0 / own.reduce(0, +) }
      other = other.map { $0 / other.reduce(0, +) }
      let split = BrinsonFachler(
        [0..<2, 2..<3, 3..<6].map {
          .init(
            portfolio: Array(own[$0]), benchmark: Array(other[$0]), returns: Array(returns[$0]))
        })
      let sum: Double = split.effects.reduce(0) { $0 + $1.total }
      #expect(near(sum, split.active, 1e-13))
    }
  }
}

@Suite struct SourceTests {
  @Test func `sources add up to the last digit whatever happens`() throws {
    var chance = Chance(44)
    func amount(_ low: Double, _ high: Double) throws -> Fixed {
      try Fixed(parsing: "\((chance.next(low, high) * 1e7).rounded() / 1e7)")
    }
    for round in 0..<100 {
      var book = SourceAttribution<String>()
      try book.open("BTC", Quantity(try amount(-2, 5)), at: .init(Price(try amount(1, 9))))
      for _ in 0..<20 {
        for _ in 0..<Int(chance.next(0, 4)) {
          let asset = ["BTC", "ETH", "SOL"][Int(chance.next(0, 2.999))]
          switch Int(chance.next(0, 5.999)) {
          case 0:
            try book.trade(
              asset, Quantity(try amount(-3, 3)), at: Price(try amount(1, 9)),
              fee: try amount(0, 0.1))
          case 1: try book.fund(asset, try amount(-1, 1))
          case 2: try book.reward(asset, Quantity(try amount(0, 1)), at: Price(try amount(1, 9)))
          case 3: try book.transfer(cash: try amount(-9, 9))
          case 4: try book.transfer(asset, Quantity(try amount(-1, 1)), at: Price(try amount(1, 9)))
          default: try book.fee(asset, try amount(0, 1))
          }
        }
        var closes: [String: SourceAttribution<String>.Close] = [:]
        for asset in ["BTC", "ETH", "SOL"] where chance.next() < 0.8 {
          closes[asset] = .init(Price(try amount(1, 9)), rate: Price(try amount(0.5, 2)))
        }
        try book.close(closes)
        let profit = try book.total().total()
        let change = try book.value().subtracting(book.transferred)
        #expect(profit == change, "round \(round)")
      }
    }
  }

  @Test func `price and currency are told apart`() throws {
    // By hand: 10 shares at 100 USD with 0.90 EUR, then 110 USD with 0.95 EUR: 900 EUR become 1045;
    // at the old rate the price brought 90, the currency brought 55
    var book = SourceAttribution<String>()
    try book.open(
      "ACME", try quantity("10"), at: .init(try price("100"), rate: try price("0.9")))
    try book.close(["ACME": .init(try price("110"), rate: try price("0.95"))])
    let total = try book.total()
    let value = try book.value()
    #expect(total.price.text == "90" && total.currency.text == "55")
    #expect(value.text == "1045")
  }
}

@Suite struct HeldPortfolioTests {
  @Test func `what is held drifts with its prices`() throws {
    let prices = PriceHistory(
      assets: ["A", "B"], bars: ["1", "2", "3"], prices: [[1, 2, 4], [1, 1, nil]])
    #expect(HeldPortfolio(prices, weights: [0.5, 0.5], missing: .none) == nil)
    #expect(HeldPortfolio(prices, weights: [0.5, 0.5], missing: .zero) == nil)
    let carried = try #require(
      HeldPortfolio(prices, weights: [0.5, 0.25], missing: .carryForward))
    #expect(carried.finalValue == 2.5)
    #expect(carried.finalWeights == [0.8, 0.1])
    #expect(carried.returns.count == 2 && carried.bars == ["2", "3"])
    let dropped = try #require(HeldPortfolio(prices, weights: [0.5, 0.5], missing: .dropRows))
    #expect(dropped.returns == [0.5])
    #expect(HeldPortfolio(prices, weights: [-2, 0], missing: .carryForward) == nil)
  }
}

@Suite struct FactorTests {
  @Test func `market and rest add up, and a fund of the market is all market`() throws {
    var chance = Chance(46)
    let market = chance.returns(60)
    let assets = (0..<3).map { _ in market.map { $0 * chance.next(0.5, 2) } }
    let split = try #require(
      SingleFactor(weights: [0.2, 0.3, 0.5], returns: assets, market: market))
    let sums: [Double] = assets.map { $0.reduce(0, +) }
    let whole = 0.2 * sums[0] + 0.3 * sums[1] + 0.5 * sums[2]
    #expect(near(split.total, whole, 1e-12))
    let pure = try #require(SingleFactor(weights: [2], returns: [market], market: market))
    #expect(abs(pure.portfolioBeta - 2) < 1e-12 && abs(pure.specific) < 1e-12)
    #expect(pure.specificVariance < 1e-20)
    #expect(SingleFactor(weights: [1], returns: [[0.1, 0.2]], market: [0.1, 0.1]) == nil)
  }
}
