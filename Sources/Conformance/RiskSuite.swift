import Encodings
import Foundation

/// Computes what a case asks for and says how it differs from what is expected.
typealias RiskMetric = @Sendable (RiskCase) throws(RiskCaseFault) -> [String]

/// Runs the cases of the risk folder: every file of it, each case by the name of its metric.
///
/// Prices come from the folder of market data that stands two folders above the cases.
struct RiskSuite {
  let folder: URL

  /// What computes each metric; one table a topic.
  static let tables: [[String: RiskMetric]] = [
    VolatilityCases.metrics,
    CorrelationCases.metrics,
    LossCases.metrics,
    ComponentCases.metrics,
    BacktestCases.metrics,
    StressCases.metrics,
    IncrementalCases.metrics,
    IntradayCases.metrics,
    PerformanceMetrics.metrics, FlowMetrics.metrics, AttributionMetrics.metrics,
    AllocationMetrics.metrics,
  ]

  func run() -> SuiteResult {
    let found = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    let names = (found ?? []).filter { $0.pathExtension == "json" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    var metrics: [String: RiskMetric] = [:]
    for table in RiskSuite.tables { metrics.merge(table) { first, _ in first } }
    let files = MarketFiles(folder: RiskSuite.root(above: folder))
    let cases = names.flatMap { RiskSuite.cases($0, metrics, files) }
    let reason = cases.isEmpty ? "no cases in \(folder.path())" : ""
    return SuiteResult(suite: "risk", cases: cases, reason: reason)
  }

  private static func cases(
    _ file: URL, _ metrics: [String: RiskMetric], _ files: MarketFiles
  ) -> [CaseResult] {
    let name = file.deletingPathExtension().lastPathComponent
    guard let data = try? Data(contentsOf: file), let json = try? JSON.reading(Array(data)) else {
      return [CaseResult(name, format: name, .failed, ["cannot be read"])]
    }
    return json["cases"].elements.map { result(of: RiskCase($0, files: files), name, metrics) }
  }

  private static func result(
    of riskCase: RiskCase, _ file: String, _ metrics: [String: RiskMetric]
  ) -> CaseResult {
    guard let metric = metrics[riskCase.metric] else {
      let reason = "the metric \(riskCase.metric) is not of this version"
      return CaseResult(riskCase.id, format: file, .notApplicable, [reason])
    }
    do {
      let reasons = try metric(riskCase)
      return CaseResult(riskCase.id, format: file, reasons.isEmpty ? .passed : .failed, reasons)
    } catch .notApplicable(let reason) {
      return CaseResult(riskCase.id, format: file, .notApplicable, [reason])
    } catch {
      return CaseResult(riskCase.id, format: file, .failed, ["\(error)"])
    }
  }

  /// The nearest folder above that holds the market data.
  static func root(above folder: URL) -> URL {
    var place = folder.standardizedFileURL.resolvingSymlinksInPath()
    for _ in 0..<4 {
      if Conformance.isFolder(place.appending(path: "data/market")) { return place }
      place = place.deletingLastPathComponent()
    }
    return folder
  }
}
