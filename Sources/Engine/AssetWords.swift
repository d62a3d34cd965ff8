import Amounts
import Ledger
import Portfolio
import Vault
import Wallets
import Wire

/// What the user says of an asset, which wins over every rule.
enum AssetWord: String, Hashable, Sendable, CaseIterable {
  /// It is shown and counted, whatever speaks against it.
  case trust
  /// It is folded away and in no sum.
  case ignore

  /// Where the vault keeps the word of an asset.
  static func setting(of asset: AssetID) -> String { prefix + asset.text }

  private static let prefix = "asset-word:"

  /// The words among a vault's settings.
  static func words(in settings: [String: String]) -> [AssetID: AssetWord] {
    var words: [AssetID: AssetWord] = [:]
    for (key, value) in settings where key.hasPrefix(prefix) {
      guard let asset = AssetID(key.dropFirst(prefix.count)) else { continue }
      words[asset] = AssetWord(rawValue: value)
    }
    return words
  }

  /// What follows for figures from the rules' verdicts and the user's words.
  static func screenings(
    _ verdicts: [AssetID: TokenScreen.Judgement], _ words: [AssetID: AssetWord]
  ) -> [AssetID: Screening] {
    var screenings: [AssetID: Screening] = [:]
    for (asset, judgement) in verdicts where words[asset] == nil {
      let standing: Screening.Standing = judgement.verdict == .folded ? .folded : .doubtful
      screenings[asset] = Screening(standing, reasons: judgement.reasons.map(\.rawValue))
    }
    for (asset, word) in words where word == .ignore {
      let reasons = verdicts[asset]?.reasons.map(\.rawValue) ?? []
      screenings[asset] = Screening(.ignored, reasons: ["ignored"] + reasons)
    }
    return screenings
  }
}

extension EngineCore {
  /// Tells the portfolio what speaks against assets; it is settled a moment later.
  mutating func screenAssets(at now: Instant) {
    settlement?.take(
      screenings: AssetWord.screenings(desk?.wallets.verdicts ?? [:], assetWords))
    if settlement != nil, settleAt == nil {
      settleAt = Instant(microseconds: now.microseconds + EngineCore.quotePause)
    }
  }

  /// What is suspect, trusted or ignored.
  var suspectsReport: Report {
    let verdicts = desk?.wallets.verdicts ?? [:]
    let screenings = AssetWord.screenings(verdicts, assetWords)
    let assets = Set(verdicts.keys).union(assetWords.keys).sorted()
    let rows = assets.map { asset -> [ReportCell] in
      let reasons = verdicts[asset]?.reasons.map(\.rawValue) ?? []
      let standing =
        switch screenings[asset]?.standing {
        case .doubtful: "doubtful"
        case .folded: "folded"
        case .ignored: "ignored"
        case nil: "shown"
        }
      let quantity = settlement?[asset].map { ReportCell.amount($0.quantity.fixed) }
      return [
        .text(asset.ticker), quantity ?? .none, .text(standing),
        .text(assetWords[asset]?.rawValue ?? ""), .text(reasons.joined(separator: " ")),
        .text(asset.text),
      ]
    }
    return Report(
      facts: [.init("folded", .integer(Int64(settlement?.folded ?? 0)))], tableName: "suspects",
      columns: ["asset", "quantity", "standing", "word", "reasons", "identity"], rows: rows)
  }
}

extension VaultWorker {
  /// Keeps what the user says of an asset.
  func judgeAsset(_ request: Request) throws -> WorkResult {
    let asset = try held(try request.required("asset"))
    let text = try request.required("word")
    let word = AssetWord(rawValue: text)
    guard word != nil || text == "reset" else {
      throw Refusal(.usage, "\(text.prefix(40)) is no word for an asset: trust, ignore or reset")
    }
    try vault.set(
      AssetWord.setting(of: asset), to: word?.rawValue, by: request.author)
    return WorkResult(
      answer: .report(
        Report(facts: [
          .init("asset", .text(asset.text)), .init("word", .text(word?.rawValue ?? "none")),
        ])), changes: LedgerChanges(assetWords: try assetWords()))
  }

  /// What the user said of assets.
  func assetWords() throws -> [AssetID: AssetWord] { AssetWord.words(in: try reader.settings()) }
}
