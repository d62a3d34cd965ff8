import FoundationEssentials
import GRDB
public import Ledger

/// How many states of the detectors are kept.
public enum WatchKeeping {
  /// The latest, and those to go back to.
  public static let states = 3
}

extension Vault {
  /// Keeps what detectors of anomalies have learned, beside the states before it.
  ///
  /// - Parameters:
  ///   - state: In a form of the caller's.
  ///   - now: When.
  /// - Throws: `VaultFault`; the states before it are what is kept then.
  public func keepWatch(_ state: [UInt8], at now: Instant) throws(VaultFault) {
    try store.transact { db in
      try db.execute(
        sql: "INSERT INTO watch_state (time, state) VALUES (?, ?)",
        arguments: [now.microseconds, Data(state)])
      try db.execute(
        sql: """
          DELETE FROM watch_state WHERE id NOT IN (
            SELECT id FROM watch_state ORDER BY id DESC LIMIT ?)
          """, arguments: [WatchKeeping.states])
    }
  }
}

extension VaultReader {
  /// What detectors of anomalies had learned, the latest first.
  ///
  /// - Returns: The states with their times.
  /// - Throws: `VaultFault` where the vault cannot be read.
  public func watchStates() throws(VaultFault) -> [(time: Instant, state: [UInt8])] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT time, state FROM watch_state ORDER BY id DESC")
        .map { (Instant(microseconds: $0["time"]), [UInt8]($0["state"] as Data)) }
    }
  }
}
