public import Ledger
public import Prices

/// What became of a batch, and what changed in the vault by it.
public struct AppendOutcome: Sendable {
  /// Entries that are new.
  public internal(set) var added = 0
  /// Entries the vault has already, with the same content.
  public internal(set) var duplicates = 0
  /// Entries the vault has already with another content; kept as refused rows.
  public internal(set) var conflicts = 0
  /// Entries that would leave the range of exact numbers or name an asset in no lasting way.
  public internal(set) var unrepresentable = 0
  /// Rows newly kept as refused, conflicts and unrepresentable ones among them.
  public internal(set) var refused = 0
  /// Rows that were refused before and are understood now.
  public internal(set) var resolved = 0
  /// What accounts hold now, where it changed.
  public internal(set) var holdings: [HoldingKey: Holding] = [:]
  /// Accounts that are new.
  public internal(set) var accounts: [Account] = []
  /// Prices of own trades that are later than those known before.
  public internal(set) var quotes: [Quote] = []

  /// Whether the vault is as it was before.
  public var isEmpty: Bool { added == 0 && refused == 0 && resolved == 0 && accounts.isEmpty }
}
