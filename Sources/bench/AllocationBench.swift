import ArgumentParser
import Performance
import Rebalancing
import Statistics

/// Weights by method, each beside what no method can do without.
///
/// The yardstick is one factorisation of the covariance: a method as fast as it would solve one
/// system of equations. Ratios to it are comparable between machines, milliseconds are not.
struct AllocationBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocation", abstract: "Weights by method, the rates and ratios of a record.")

  @Option(help: "Rounds; the methods take turns.") var rounds = 15
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("allocation")
    measure(20, limits: ["minimum variance": 0.5, "risk parity": 0.5, "HRP": 0.5], &sheet)
    measure(200, limits: ["HRP": 5], &sheet)
    measureRecord(&sheet)
    sheet.note("365 bars a market factor drives; one thread; medians of rounds in turns")
    try sheet.show(asJSON: json)
  }

  private typealias Method = (name: String, work: @Sendable (Matrix, [[Double]]) -> Double?)

  private static let methods: [Method] = [
    ("minimum variance", { matrix, _ in Allocation.minimumVariance(matrix)?.first }),
    ("risk parity", { matrix, _ in Allocation.riskParity(matrix)?.first }),
    ("HRP", { matrix, _ in HierarchicalRiskParity(matrix)?.weights.first }),
    ("maximum diversification", { matrix, _ in Allocation.maximumDiversification(matrix)?.first }),
    (
      "minimum shortfall",
      { _, returns in MinimumShortfall(scenarios: returns, confidence: 0.95)?.shortfall }
    ),
  ]

  private func measure(_ count: Int, limits: [String: Double], _ sheet: inout Sheet) {
    let returns = AllocationBench.returns(count, bars: 365)
    guard let matrix = Covariance.sample(returns) else { return }
    var factorisations: [Double] = []
    var times = [[Double]](repeating: [], count: AllocationBench.methods.count)
    var found = 0
    for _ in 0..<rounds {
      factorisations.append(Taken.by { found += Cholesky(matrix) == nil ? 0 : 1 }.1.wall)
      for (index, method) in AllocationBench.methods.enumerated() {
        times[index].append(
          Taken.by { found += method.work(matrix, returns) == nil ? 0 : 1 }.1.wall)
      }
    }
    precondition(found == rounds * (AllocationBench.methods.count + 1), "Every method answers.")
    for (method, seconds) in zip(AllocationBench.methods, times) {
      let name = "\(count) assets: \(method.name)"
      sheet.add(
        name, seconds.median * 1000, "ms",
        limits[method.name].map { Figure.Target.atMost($0) })
      sheet.add(
        "\(name) over a factorisation", seconds.median / factorisations.median, "ratio")
    }
  }

  /// The figures of one record of a thousand days, and its rate with a flow on each.
  private func measureRecord(_ sheet: inout Sheet) {
    let series = AllocationBench.returns(2, bars: 1_000)
    let flows =
      (0..<1_000).map { CashFlow(day: $0, amount: -10) } + [CashFlow(day: 1_000, amount: 12_000)]
    var (passes, figures, rates): ([Double], [Double], [Double]) = ([], [], [])
    var sum = 0.0
    for _ in 0..<rounds {
      passes.append(Taken.by { sum += series[0].reduce(0, +) }.1.wall)
      figures.append(
        Taken.by {
          let ratios = ReturnRatios(series[0], barsPerYear: 365)
          let pair = BenchmarkComparison(series[0], against: series[1])
          sum += ratios.sharpe()?.annual ?? 0
          sum += ratios.sortino()?.annual ?? 0
          sum += ratios.calmar ?? 0
          sum += ratios.omega() ?? 0
          sum += Drawdowns(returns: series[0])?.atRisk(confidence: 0.95)?.mean ?? 0
          sum += pair.regression?.beta ?? 0
          sum += pair.capture.upCapture ?? 0
        }.1.wall)
      rates.append(
        Taken.by { sum += InternalRate.of(flows, dayCount: .actual365Fixed).value ?? 0 }.1.wall)
    }
    precondition(sum.isFinite, "Every figure is a number.")
    sheet.add("1000 days: ratios, drawdowns, benchmark", figures.median * 1000, "ms")
    sheet.add("1000 days: figures over one sum", figures.median / passes.median, "ratio")
    sheet.add("1001 flows: internal rate", rates.median * 1000, "ms")
  }

  /// Returns of assets that one market drives, the same on every run.
  private static func returns(_ count: Int, bars: Int) -> [[Double]] {
    var state: UInt64 = 88_172_645_463_325_252
    func next(_ low: Double, _ high: Double) -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return low + (high - low) * Double(state >> 11) / 9_007_199_254_740_992
    }
    let market = (0..<bars).map { _ in next(-0.06, 0.061) }
    return (0..<count).map { _ in
      let (beta, own) = (next(0.5, 1.5), next(0.01, 0.06))
      return market.map { beta * $0 + next(-own, own) }
    }
  }
}
