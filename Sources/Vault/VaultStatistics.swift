import Cipher
import GRDB

/// How much there is in a vault.
public struct VaultStatistics: Equatable, Sendable {
  /// Entries.
  public let entries: Int
  /// Accounts.
  public let accounts: Int
  /// Assets as recorded.
  public let assets: Int
  /// Imports.
  public let imports: Int
  /// Refused rows nobody has dealt with.
  public let openRefusals: Int
  /// Audit records.
  public let auditRecords: Int64
  /// Bytes of the database file.
  public let databaseBytes: Int64
  /// Bytes of its write-ahead log.
  public let logBytes: Int64
  /// The number of the database's layout.
  public let schema: Int
  /// Key slots.
  public let slots: Int
  /// How often the header was changed.
  public let headerGeneration: Int64
  /// Why the newest state could not be kept outside the vault, the last time it was tried.
  public let anchorTrouble: VaultFault?
}

extension Vault {
  /// How much there is in the vault.
  ///
  /// - Returns: Counts and sizes.
  /// - Throws: `VaultFault`.
  public func statistics() throws(VaultFault) -> VaultStatistics {
    let counts = try store.read { db in
      (
        imports: try Int.fetchOne(db, sql: "SELECT max(id) FROM import") ?? 0,
        refusals: try Int.fetchOne(db, sql: "SELECT count(*) FROM refused WHERE state = 0") ?? 0,
        schema: try Schema.version(db)
      )
    }
    return VaultStatistics(
      entries: store.state.entryCount, accounts: store.state.names.accounts.count,
      assets: store.state.names.assets.count, imports: counts.imports,
      openRefusals: counts.refusals, auditRecords: Int64(clamping: store.state.frontier.size),
      databaseBytes: PrivateFile.size(store.path),
      logBytes: PrivateFile.size(store.path + "-wal"), schema: counts.schema,
      slots: header.slots.count, headerGeneration: header.generation,
      anchorTrouble: store.anchorTrouble)
  }
}
