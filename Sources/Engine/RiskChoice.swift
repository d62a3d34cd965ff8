import Ledger
import Vault
import Wire

/// What risk figures are set beside and how far they look back, as the user has chosen.
struct RiskChoice: Hashable, Sendable {
  /// The settings that hold it.
  static let benchmarkSetting = "risk-benchmark"
  static let windowSetting = "risk-window"
  /// How many bars may be looked back upon: those that a covariance needs, and those that are at hand.
  static let windows = 60...399

  var benchmark = AssetID.native(chain: "bitcoin")
  var window = 365

  init() {}

  /// A choice by its words; what is `nil` stays as in `base`.
  ///
  /// - Parameters:
  ///   - benchmark: A well-known code or an identity.
  ///   - window: How many bars.
  ///   - base: What holds where nothing is said.
  /// - Throws: A refusal that names what is no choice.
  init(benchmark: String?, window: String?, base: RiskChoice = RiskChoice()) throws(Refusal) {
    self = base
    if let benchmark {
      let typed = AssetID(benchmark) ?? .venue(venue: "user", code: benchmark.uppercased())
      guard let asset = KnownAssets.canonical(typed) ?? AssetID(benchmark) else {
        throw Refusal(
          .notFound, "there is no well-known asset \(benchmark.prefix(40))",
          advice: "Give an identity, as coffer positions shows them.")
      }
      self.benchmark = asset
    }
    if let window {
      guard let bars = Int(window), RiskChoice.windows.contains(bars) else {
        throw Refusal(
          .usage,
          "the window is from \(RiskChoice.windows.lowerBound) to \(RiskChoice.windows.upperBound) "
            + "bars, not \(window.prefix(40))")
      }
      self.window = bars
    }
  }

  /// The choice as an answer.
  var report: Report {
    Report(facts: [
      .init("benchmark", .text(benchmark.ticker)), .init("identity", .text(benchmark.text)),
      .init("window", .integer(Int64(window))),
    ])
  }
}

extension VaultWorker {
  /// What the user has chosen; what cannot be read is as if nothing was.
  func riskChoice() throws -> RiskChoice {
    let reader = try reader
    let benchmark = try reader.setting(RiskChoice.benchmarkSetting)
    let window = try reader.setting(RiskChoice.windowSetting)
    return (try? RiskChoice(benchmark: benchmark, window: window)) ?? RiskChoice()
  }

  func setRisk(_ request: Request) throws -> WorkResult {
    let words = request.arguments
    let choice = try RiskChoice(
      benchmark: words["benchmark"], window: words["window"], base: try riskChoice())
    try vault.set(RiskChoice.benchmarkSetting, to: choice.benchmark.text, by: request.author)
    try vault.set(RiskChoice.windowSetting, to: "\(choice.window)", by: request.author)
    return WorkResult(
      answer: .report(choice.report),
      changes: LedgerChanges(watchedAssets: try watchedAssets(), riskChoice: choice))
  }
}
