import Amounts
import Dispatch
import Ledger
import Logging
import Prices
import Vault
import Wire

/// Bars of prices: written by the writer, read beside everything else.
extension VaultWorker {
  /// Writes bars; what came of it comes as an event.
  func keep(_ bars: [BarRecord], _ batch: Int) {
    writing.async { [self] in
      do {
        try vault.keep(bars, at: EngineLoop.now)
        inbox.post(.barsKept(batch, isWritten: true))
      } catch {
        log.warning("bars were not written", metadata: ["fault": "\(error)"])
        inbox.post(.barsKept(batch, isWritten: false))
      }
    }
  }

  /// Writes candles, and what venues were asked for; what is not written is asked for again.
  func keep(_ candles: [BarRecord], _ coverage: [BarCoverage]) {
    writing.async { [self] in
      do { try vault.keep(candles, coverage: coverage, at: EngineLoop.now) } catch {
        log.warning("candles were not written", metadata: ["fault": "\(error)"])
      }
    }
  }

  /// Reads what is kept of assets' prices; it comes as an event.
  ///
  /// - Parameters:
  ///   - assets: The canonical assets.
  ///   - currency: The currency of the prices.
  ///   - afterWrites: Whether what is being written belongs to it.
  func readBars(of assets: Set<AssetID>, _ currency: Currency, afterWrites: Bool) {
    if afterWrites {
      writing.async { [self] in reading.async { [self] in readBars(of: assets, currency) } }
    } else {
      reading.async { [self] in readBars(of: assets, currency) }
    }
  }

  private func readBars(of assets: Set<AssetID>, _ currency: Currency) {
    do {
      let history = try reader.history(of: assets, in: currency, at: EngineLoop.now)
      inbox.post(.barsRead(assets, history))
    } catch {
      log.warning("bars were not read", metadata: ["fault": "\(error)"])
      inbox.post(.barsRead(assets, nil))
    }
  }

  /// What is compared with where the user said nothing.
  static let defaultBenchmark = "BTC"
  /// The most assets that are watched without being held.
  static let mostWatched = 16

  /// The assets whose prices are followed whether they are held or not.
  func watchedAssets() throws -> Set<AssetID> {
    try comparedAssets().union([try riskChoice().benchmark])
  }

  /// The assets that performance is compared with.
  private func comparedAssets() throws -> Set<AssetID> {
    let text = try reader.setting("benchmark") ?? VaultWorker.defaultBenchmark
    if let blend = BenchmarkBlend(text) { return Set(blend.parts.map(\.asset)) }
    return Set(text.split(separator: ",").map { watchedAsset(String($0)) })
  }

  /// The asset of an identity or of a well-known code.
  private func watchedAsset(_ text: String) -> AssetID {
    let asset = AssetID(text) ?? .venue(venue: "user", code: text.uppercased())
    return KnownAssets.canonical(asset) ?? asset
  }

  func showBenchmark() throws -> WorkResult {
    .report(VaultWorker.report(ofBenchmark: try comparedAssets()))
  }

  func setBenchmark(_ request: Request) throws -> WorkResult {
    let words = (request.arguments["assets"] ?? "").split(separator: ",").map(String.init)
    guard words.count <= VaultWorker.mostWatched else {
      throw Refusal(.usage, "at most \(VaultWorker.mostWatched) assets are compared with")
    }
    for word in words where AssetID(word) == nil {
      let typed = AssetID.venue(venue: "user", code: word.uppercased())
      guard KnownAssets.canonical(typed) != nil else {
        throw Refusal(
          .notFound, "there is no well-known asset \(word.prefix(40))",
          advice: "Give an identity, as coffer positions shows them.")
      }
    }
    try vault.set("benchmark", to: words.joined(separator: ","), by: request.author)
    return WorkResult(
      answer: .report(VaultWorker.report(ofBenchmark: try comparedAssets())),
      changes: LedgerChanges(
        benchmark: BenchmarkBlend(words.joined(separator: ",")),
        watchedAssets: try watchedAssets()))
  }

  private static func report(ofBenchmark assets: Set<AssetID>) -> Report {
    Report(
      tableName: "benchmark", columns: ["asset", "identity"],
      rows: assets.sorted().map { [.text($0.ticker), .text($0.text)] })
  }
}
