import ArgumentParser
import Risk
import Statistics

/// Risk figures kept current by tick and by bar, beside computing them anew.
struct RiskBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "risk",
    abstract: "A tick and a closed bar through the books, beside a straightforward recomputation.")

  @Option(help: "Rounds; both ways take turns.") var rounds = 9
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("risk")
    var check = RiskCheck()
    for (count, tick, bar) in [(200, 0.1, 6.0), (500, 0.1, 30), (1000, 0.2, 110)] {
      RiskMeasure(rounds: rounds).book(count, tick: tick, bar: bar, &sheet, &check)
    }
    RiskMeasure(rounds: rounds).scenarios(&sheet, &check)
    RiskMeasure(rounds: rounds).simulation(&sheet, &check)
    RiskMeasure(rounds: rounds).heatmap(&sheet, &check)
    sheet.note("checksum \(check.sum); processor time of one thread, medians of \(rounds) rounds")
    sheet.note("a tick gives volatility, value at risk, and one marginal and component")
    try sheet.show(asJSON: json)
  }
}

/// The measurements of the risk bench.
struct RiskMeasure {
  let rounds: Int

  /// Ticks and bars of a book, beside the covariance times the exposures and the estimate anew.
  func book(
    _ count: Int, tick: Double, bar: Double, _ sheet: inout Sheet, _ check: inout RiskCheck
  ) {
    var load = RiskLoad(assets: count, bars: 365)
    var book = load.book
    let covariance = book.covariance
    var (ticked, parted, closed, anew, estimated):
      ([Double], [Double], [Double], [Double], [Double])
    (ticked, parted, closed, anew, estimated) = ([], [], [], [], [])
    for round in 0..<rounds {
      let ticks = load.ticks(20_000)
      ticked.append(
        perUnit(ticks.count) {
          for tick in ticks {
            let after = book.tick(tick.exposure, of: tick.asset)
            check.sum += after.valueAtRisk + after.component
          }
        })
      parted.append(
        perUnit(200) { for _ in 0..<200 { check.sum += book.components[0] } })
      let bars = load.bars(64)
      closed.append(
        perUnit(bars.count) {
          for bar in bars {
            book.close(returns: bar)
            check.sum += book.valueAtRisk + book.component(0)
          }
        })
      anew.append(
        perUnit(5) {
          for _ in 0..<5 {
            check.sum += ComponentRisk.normal(load.exposures, covariance, 0.99)?.total ?? 0
          }
        })
      guard round < 2 else { continue }
      estimated.append(
        perUnit(1) {
          let matrix = Covariance.exponential(load.returns, lambda: load.lambda)
          let risk = matrix.flatMap { ComponentRisk.normal(load.exposures, $0, 0.99) }
          check.sum += risk?.total ?? 0
        })
    }
    sheet.add("\(count) assets, tick", ticked.median, "us", .atMost(tick))
    sheet.add("\(count) assets, tick, anew / by book", anew.median / ticked.median, "ratio")
    sheet.add("\(count) assets, all components read", parted.median, "us")
    sheet.add("\(count) assets, bar close, mean over 64", closed.median, "us", .atMost(bar))
    sheet.add(
      "\(count) assets, bar, anew of 365 / by book", estimated.median / closed.median, "ratio")
  }

  /// A tick and the figures of 1000 scenarios, beside all products and a sort.
  func scenarios(_ sheet: inout Sheet, _ check: inout RiskCheck) {
    var load = RiskLoad(assets: 200, bars: 1000)
    guard var book = ScenarioBook(returns: load.returns, exposures: load.exposures) else { return }
    let table = ReturnTable(
      assets: load.returns.indices.map { String($0) },
      bars: load.returns[0].indices.map { String($0) }, returns: load.returns)
    var (kept, anew): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      let ticks = load.ticks(5000)
      kept.append(
        perUnit(ticks.count) {
          for tick in ticks {
            book.setExposure(tick.exposure, of: tick.asset)
            let figures = book.figures()
            check.sum += figures.valueAtRisk + figures.expectedShortfall
          }
        })
      anew.append(
        perUnit(10) {
          for _ in 0..<10 {
            let losses = HistoricalLosses(table.portfolio(load.exposures))
            check.sum += losses?.valueAtRisk(0.99) ?? 0
            check.sum += losses?.expectedShortfall(0.99) ?? 0
          }
        })
    }
    sheet.add("1000 scenarios of 200 assets, tick and figures", kept.median, "us", .atMost(1))
    sheet.add("1000 scenarios, anew / by book", anew.median / kept.median, "ratio")
  }

  /// A hundred thousand paths of 20 assets.
  func simulation(_ sheet: inout Sheet, _ check: inout RiskCheck) {
    let load = RiskLoad(assets: 20, bars: 365)
    guard let covariance = Covariance.sample(load.returns) else { return }
    let means = load.returns.map { Sample($0).mean ?? 0 }
    var taken: [Double] = []
    for round in 0..<rounds {
      taken.append(
        perUnit(1000) {
          let paths = MonteCarlo(
            paths: 100_000, means: means, covariance: covariance, weights: load.exposures,
            seed: UInt64(round))
          check.sum += paths?.loss(0.99)?.valueAtRisk ?? 0
        })
    }
    sheet.add(
      "100000 paths of 20 assets, one draw a path, with figures", taken.median, "ms", .atMost(10))
  }

  /// Correlations of the last 90 bars and the order in which a heat map shows them.
  func heatmap(_ sheet: inout Sheet, _ check: inout RiskCheck) {
    let load = RiskLoad(assets: 500, bars: 90)
    let table = ReturnTable(
      assets: load.returns.indices.map { String($0) },
      bars: load.returns[0].indices.map { String($0) }, returns: load.returns)
    var taken: [Double] = []
    for _ in 0..<rounds {
      taken.append(
        perUnit(1000) {
          let map = try? CorrelationMap(table)
          check.sum += Double(map?.assets.count ?? 0)
        })
    }
    sheet.add("500 assets, correlation and order of a heat map", taken.median, "ms", .atMost(5))
  }

  /// Microseconds of processor time a unit.
  private func perUnit(_ count: Int, _ work: () -> Void) -> Double {
    Taken.by(work).1.processor / Double(count) * 1e6
  }
}
