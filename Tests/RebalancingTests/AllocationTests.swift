import Rebalancing
import Statistics
import Testing

/// Numbers from a seed, the same on every run.
struct Chance {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next(_ low: Double, _ high: Double) -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return low + (high - low) * Double(state >> 11) / 9_007_199_254_740_992
  }

  /// Returns of assets that share a market, by asset, then bar.
  mutating func scenarios(_ count: Int, _ bars: Int) -> [[Double]] {
    let market = (0..<bars).map { _ in next(-0.05, 0.05) }
    return (0..<count).map { _ in
      let (beta, own) = (next(-0.2, 1.5), next(0.005, 0.06))
      return market.map { beta * $0 + next(-own, own * 1.02) }
    }
  }
}

@Suite struct AllocationTests {
  private func covariance(_ deviations: [Double], _ correlation: [[Double]]) throws -> Matrix {
    try #require(
      Matrix(
        correlation.enumerated().map { i, row in
          row.enumerated().map { j, value in value * deviations[i] * deviations[j] }
        }))
  }

  private func agree(_ found: [Double]?, _ wanted: [Double], _ slack: Double) -> Bool {
    guard let found, found.count == wanted.count else { return false }
    return zip(found, wanted).allSatisfy { abs($0 - $1) <= slack }
  }

  @Test func `equal risk of the paper's four assets`() throws {
    // S. Maillard, T. Roncalli, J. Teïletche, The properties of equally weighted risk contribution
    // portfolios, 2010, section 4.1: 38.4, 19.2, 24.3 and 18.2 %
    let matrix = try covariance(
      [0.1, 0.2, 0.3, 0.4],
      [[1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, -0.5], [0, 0, -0.5, 1]])
    #expect(agree(Allocation.riskParity(matrix), [0.384, 0.192, 0.243, 0.182], 0.0005))
  }

  @Test func `equal risk with one correlation is inverse volatility`() throws {
    // The same paper, section 2.3
    let matrix = try covariance(
      [0.1, 0.2, 0.4], [[1, 0.3, 0.3], [0.3, 1, 0.3], [0.3, 0.3, 1]])
    let wanted = try #require(Allocation.inverseVolatility(matrix))
    #expect(agree(Allocation.riskParity(matrix), wanted, 1e-14))
    #expect(agree(Allocation.maximumDiversification(matrix), wanted, 1e-12))
  }

  @Test func `two assets of least variance`() throws {
    // w₁ = (σ₂² − ρσ₁σ₂)/(σ₁² + σ₂² − 2ρσ₁σ₂), H. Markowitz 1952; by hand for 10 and 20 %, ρ = 0:
    // 0.04/0.05
    let matrix = try covariance([0.1, 0.2], [[1, 0], [0, 1]])
    #expect(agree(Allocation.minimumVariance(matrix), [0.8, 0.2], 1e-14))
    #expect(agree(Allocation.minimumVarianceUnconstrained(matrix), [0.8, 0.2], 1e-14))
    // With ρ = 0.9 the second is sold short where that is allowed: 0.022/0.014
    let close = try covariance([0.1, 0.2], [[1, 0.9], [0.9, 1]])
    #expect(agree(Allocation.minimumVariance(close), [1, 0], 1e-14))
    let short = [0.022 / 0.014, -0.008 / 0.014]
    #expect(agree(Allocation.minimumVarianceUnconstrained(close), short, 1e-12))
    let capped = Allocation.minimumVariance(close, limits: WeightLimits(count: 2, most: 0.7))
    #expect(agree(capped, [0.7, 0.3], 1e-14))
  }

  @Test func `no better weights are near the optimum`() throws {
    var chance = Chance(51)
    for round in 0..<60 {
      let count = 2 + round % 12
      let returns = chance.scenarios(count, 80)
      let matrix = try #require(Covariance.sample(returns))
      let means = returns.map { $0.reduce(0, +) / 80 }
      let most = round % 3 == 0 ? max(0.3, 1.5 / Double(count)) : 1
      let limits = WeightLimits(count: count, most: most)
      let least = try #require(Allocation.minimumVariance(matrix, limits: limits))
      let spread = try #require(Allocation.maximumDiversification(matrix))
      let sharpest = Allocation.maximumSharpe(means: means, covariance: matrix, limits: limits)
      let tail = try #require(
        MinimumShortfall(scenarios: returns, confidence: 0.9, limits: limits))
      #expect(tail.shortfall - tail.bound < 1e-9)
      for weights in [least, tail.weights] + (sharpest.map { [$0] } ?? []) {
        let sum: Double = weights.reduce(0, +)
        #expect(abs(sum - 1) < 1e-12)
        #expect(weights.allSatisfy { $0 >= 0 && $0 <= most + 1e-12 }, "round \(round)")
      }
      for _ in 0..<40 {
        var other = least
        let (from, to) = (Int(chance.next(0, Double(count))), Int(chance.next(0, Double(count))))
        let move = min(other[from], most - other[to], chance.next(0, 0.2))
        other[from] -= move
        other[to] += move
        let risk = AllocationRisk.deviation(other, matrix)
        #expect(risk >= AllocationRisk.deviation(least, matrix) - 1e-12)
        let ratio = try #require(AllocationRisk.diversification(other, matrix))
        #expect(ratio <= (AllocationRisk.diversification(spread, matrix) ?? 0) + 1e-10)
        if let sharpest {
          let best = Matrix.dot(sharpest, means) / AllocationRisk.deviation(sharpest, matrix)
          #expect(Matrix.dot(other, means) / risk <= best + 1e-9, "round \(round)")
        }
      }
    }
  }

  @Test func `budgets of risk are met to the last digits`() throws {
    var chance = Chance(52)
    for round in 0..<100 {
      let count = 1 + round % 20
      let matrix = try #require(Covariance.sample(chance.scenarios(count, 60)))
      let budget = (0..<count).map { _ in chance.next(0.01, 1) }
      let weights = try #require(Allocation.riskBudget(matrix, budget))
      let shares = try #require(AllocationRisk.shares(weights, matrix))
      let whole = budget.reduce(0, +)
      let sum: Double = weights.reduce(0, +)
      #expect(abs(sum - 1) < 1e-12)
      #expect(weights.allSatisfy { $0 > 0 })
      for (share, part) in zip(shares, budget) {
        #expect(abs(share - part / whole) < 1e-11, "round \(round)")
      }
    }
  }

  @Test func `the order of the assets does not matter`() throws {
    var chance = Chance(53)
    for _ in 0..<40 {
      let returns = chance.scenarios(7, 60)
      let order = [3, 6, 0, 5, 1, 4, 2]
      let matrix = try #require(Covariance.sample(returns))
      let turned = matrix.part(order)
      let methods: [(Matrix) -> [Double]?] = [
        { Allocation.minimumVariance($0) }, { Allocation.minimumVarianceUnconstrained($0) },
        { Allocation.riskParity($0) }, { Allocation.maximumDiversification($0) },
        { Allocation.inverseVolatility($0) },
      ]
      for method in methods {
        let own = try #require(method(matrix))
        #expect(agree(method(turned), order.map { own[$0] }, 1e-9))
      }
    }
  }

  @Test func `a market that only falls leaves the best single asset`() {
    let matrix = Matrix(diagonal: [0.04, 0.01])
    #expect(
      Allocation.maximumSharpe(means: [-0.01, -0.02], covariance: matrix) == [1, 0])
    #expect(
      Allocation.maximumSharpe(
        means: [-0.01, -0.02], covariance: matrix, limits: WeightLimits(count: 2, most: 0.6))
        == nil)
  }

  @Test func `problems without an answer have none`() throws {
    let still = Matrix(diagonal: [0.04, 0])
    #expect(Allocation.riskParity(still) == nil)
    #expect(Allocation.inverseVolatility(still) == nil)
    #expect(HierarchicalRiskParity(still) == nil)
    #expect(Allocation.minimumVarianceUnconstrained(still) == nil)
    #expect(agree(Allocation.minimumVariance(still), [0, 1], 1e-9))
    let twins = try #require(Matrix([[0.04, 0.04], [0.04, 0.04]]))
    #expect(Allocation.minimumVarianceUnconstrained(twins) == nil)
    let either: Double = Allocation.minimumVariance(twins)?.reduce(0, +) ?? 0
    #expect(abs(either - 1) < 1e-12)
    #expect(
      Allocation.minimumVariance(twins, limits: WeightLimits(count: 2, most: 0.4)) == nil)
    #expect(Allocation.riskBudget(Matrix(diagonal: [1, 1]), [1, 0]) == nil)
    #expect(MinimumShortfall(scenarios: [[0.1, .nan]], confidence: 0.95) == nil)
    #expect(MinimumShortfall(scenarios: [[0.1]], confidence: 1) == nil)
  }

  @Test func `halving shares by variance`() throws {
    // By hand, uncorrelated: variances 1 and 3 give ¾ and ¼; the order given decides the halves
    let pair = try #require(HierarchicalRiskParity(Matrix(diagonal: [1, 3]), leafOrder: [1, 0]))
    #expect(agree(pair.weights, [0.75, 0.25], 1e-15))
    // Four of variance 1, 1, 2, 2: halves of variance ½ and 1 get ⅔ and ⅓
    let four = try #require(
      HierarchicalRiskParity(Matrix(diagonal: [1, 1, 2, 2]), leafOrder: [0, 1, 2, 3]))
    let (third, sixth) = (1.0 / 3, 1.0 / 6)
    #expect(agree(four.weights, [third, third, sixth, sixth], 1e-15))
  }
}
