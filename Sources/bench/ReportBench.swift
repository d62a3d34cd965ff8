import Amounts
import ArgumentParser
import Engine
import Foundation
import Ledger
import Performance
import Portfolio
import Prices

/// A full report of risk and performance, from the start of the process to the last byte.
struct ReportBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "A full risk report with the start of its process, and the memory of large books.",
    discussion: """
      The report holds value at risk by five methods, back-tests, parts, stress, limits, exposure, \
      correlations in order, pairs that changed, returns, drawdowns and ratios, as JSON. The process is \
      this program, which links all that the engine does.
      """)

  @Option(help: "Rounds.") var rounds = 15
  @Option(help: "Assets of the report.") var assets = 20
  @Option(help: "Days of returns of the report.") var days = 1_000
  @Flag(help: "Make one report, print it and end; this is what is measured.") var once = false
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    if once { return write() }
    var sheet = Sheet("report")
    memory(&sheet)
    var (taken, starts): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      starts.append(try start(["--help"]))
      taken.append(
        try start(["report", "--once", "--assets", "\(assets)", "--days", "\(days)"]))
    }
    sheet.add(
      "report of \(assets) assets and \(days) days, with process start", taken.median * 1e3, "ms",
      .atMost(30))
    sheet.add("a process that only starts and ends", starts.median * 1e3, "ms")
    let inside = (0..<rounds).map { _ in Taken.by { reports().count }.1.processor * 1e3 }
    sheet.add("the report without process start, processor time", inside.median, "ms")
    try sheet.show(asJSON: json)
  }

  /// Seconds from the start of this program with some arguments to its end.
  ///
  /// Foundation's `Process.waitUntilExit` looks about every 50 ms only.
  private func start(_ arguments: [String]) throws -> Double {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
    return try Taken.by {
      let child = try TerminalSession.start(
        [program] + arguments, on: "/dev/null",
        environment: ProcessInfo.processInfo.environment)
      var status: Int32 = 0
      guard waitpid(child, &status, 0) == child, status == 0 else {
        throw TerminalSession.Fault(what: program)
      }
    }.1.wall
  }

  private func write() {
    for part in reports() { FileHandle.standardOutput.write(Data(part + [10])) }
  }

  /// Everything that is told, from holdings and prices alone.
  private func reports() -> [[UInt8]] {
    let load = ReportLoad(assets: assets, days: days)
    var probe = load.probe
    precondition(probe.modelled == (assets, days), "The books are there.")
    return probe.json() + [Array(load.performance.utf8)]
  }

  /// What the books of many assets hold.
  private func memory(_ sheet: inout Sheet) {
    let load = ReportLoad(assets: 500, days: 1_000)
    Memory.resetPeak()
    let before = Memory.resident
    var probe = load.probe
    precondition(probe.modelled == (500, 1_000), "The books are there.")
    sheet.add("books of 500 assets and 1000 days", Memory.resident - before, "MB", .atMost(40))
    let size = probe.json().reduce(0) { $0 + $1.count }
    sheet.add("the same with a full report made, peak", Memory.peak - before, "MB")
    sheet.note("the full report of 500 assets has \(size) bytes")
    sheet.add("the whole process then", Memory.resident, "MB")
  }
}

/// Holdings and daily closes that repeat from a seed.
struct ReportLoad {
  private let portfolio: LargePortfolio
  private let returns: RiskLoad
  private let assets: [AssetID: Int]
  private let days: Int
  private let now = Instant(seconds: 1_763_683_200)

  init(assets count: Int, days: Int) {
    portfolio = LargePortfolio(positions: count)
    returns = RiskLoad(assets: count, bars: days)
    self.days = days
    var places: [AssetID: Int] = [:]
    for (place, asset) in portfolio.assets.enumerated() { places[asset] = place }
    assets = places
  }

  /// The books of it.
  var probe: ReportProbe {
    let settlement = portfolio.settled(portfolio.openingAtTen(at: now), at: now)
    return ReportProbe(settlement, window: days, venues: [LargePortfolio.venue], at: now) {
      bars(of: $0)
    }
  }

  private func bars(of asset: AssetID) -> [PriceBar] {
    guard let place = assets[asset] else { return [] }
    let today = BarLength.day.start(of: now)
    var price = 10.0
    return (0...days).map { day in
      if day > 0 { price *= 1 + max(returns.returns[place][day - 1], -0.9) }
      let start = today.advanced(bySeconds: BarLength.day.seconds * Int64(day - days - 1))
      let units = Int128(max(price, 1e-6) * 1e6) * 1_000_000_000_000
      return PriceBar(start: start, price: Price(Fixed(units: units)))
    }
  }

  /// Returns, drawdowns, ratios and the comparison with the first asset, as text.
  var performance: String {
    let parts = returns.exposures.reduce(0, +)
    let weights = returns.exposures.map { $0 / parts }
    let own = (0..<days).map { day in
      zip(weights, returns.returns).reduce(0) { $0 + $1.0 * $1.1[day] }
    }
    let ratios = ReturnRatios(own, barsPerYear: 365)
    let fall = Drawdowns(returns: own)
    let beside = BenchmarkComparison(own, against: returns.returns[0])
    let figures: [(String, Double?)] = [
      ("growth", ratios.annualGrowth), ("volatility", ratios.annualVolatility),
      ("sharpe", ratios.sharpe()?.annual), ("sortino", ratios.sortino()?.annual),
      ("calmar", ratios.calmar), ("omega", ratios.omega(threshold: 0)),
      ("win_rate", ratios.winsAndLosses?.winRate), ("drawdown", fall?.maximum),
      ("ulcer", fall?.ulcerIndex), ("pain", fall?.painIndex),
      ("drawdown_at_risk", fall?.atRisk(confidence: 0.95)?.mean),
      ("beta", beside.regression?.beta), ("alpha", beside.jensenAlpha(barsPerYear: 365)),
      ("tracking_error", beside.trackingError(barsPerYear: 365)),
      ("information", beside.informationRatio(barsPerYear: 365)),
      ("up_capture", beside.capture.upCapture), ("down_capture", beside.capture.downCapture),
      ("beta_of_90", beside.rollingBeta(window: 90).last ?? nil),
    ]
    let members = figures.map { "\"\($0.0)\":" + ($0.1.map { "\($0)" } ?? "null") }
    return "{" + members.joined(separator: ",") + "}"
  }
}
