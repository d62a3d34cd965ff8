import Vault
import Wire

extension VaultWorker {
  private static let idleLockSetting = "idle-lock"

  /// How long the vault may stay open without a key, in seconds; 0 for ever.
  func idleLock() throws -> Int64 {
    try reader.setting(VaultWorker.idleLockSetting).flatMap { IdleLock.seconds(of: $0) } ?? 0
  }

  func setIdleLock(_ request: Request) throws -> WorkResult {
    let text = try request.required("after")
    guard let seconds = IdleLock.seconds(of: text) else {
      throw Refusal(
        .usage, "\(text.prefix(40)) is no time for an idle lock",
        advice: "From one minute to a day: 5m, 15m, 1h; or off.")
    }
    let kept = IdleLock.text(of: seconds)
    try vault.set(VaultWorker.idleLockSetting, to: kept, by: request.author)
    return WorkResult(
      answer: .report(Report(facts: [.init("idle_lock", .text(kept))])),
      changes: LedgerChanges(idleLock: seconds))
  }
}
