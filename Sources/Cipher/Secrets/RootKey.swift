/// The one random key of a vault, from which all its other keys are derived.
///
/// Nothing is encrypted with it directly: it is wrapped in the key slots, and HKDF makes a key for
/// each purpose from it.
public struct RootKey: Sendable {
  /// The size in bytes.
  public static let size = 32
  let bytes: SecretBytes

  /// A fresh root key.
  ///
  /// - Throws: `CryptoFault` when there is no memory or no randomness.
  public init() throws(CryptoFault) {
    bytes = try SecretBytes(randomCount: Self.size)
  }

  /// A root key out of a slot.
  ///
  /// - Parameter bytes: Exactly 32 bytes.
  init(_ bytes: SecretBytes) {
    precondition(bytes.count == Self.size, "A root key has 32 bytes.")
    self.bytes = bytes
  }

  /// What a derived key is for; the raw value is HKDF's info and never changes.
  public enum Purpose: String, CaseIterable, Sendable {
    /// Encrypts the pages of the vault's database.
    case pages = "coffer/v1/pages"
    /// Seals secrets kept in the database, such as API keys.
    case secrets = "coffer/v1/secrets"
    /// The Ed25519 seed that signs checkpoints of the audit log.
    case audit = "coffer/v1/audit"
    /// Encrypts backups.
    case backup = "coffer/v1/backup"
    /// Authenticates the header with the key slots.
    case header = "coffer/v1/header"
  }

  /// The 32-byte key for one purpose.
  ///
  /// - Parameter purpose: What the key is for.
  /// - Returns: The key; the same for the same root key and purpose.
  /// - Throws: `CryptoFault`.
  /// - Source: RFC 5869, HKDF-SHA256 without salt, which its section 3.1 allows for a uniform key.
  public func key(for purpose: Purpose) throws(CryptoFault) -> SecretBytes {
    try HKDF.derive(from: bytes, salt: [], info: Array(purpose.rawValue.utf8), length: 32)
  }

  /// The key of the vault's database.
  ///
  /// - Returns: A raw key for `CipherVFS.register`.
  /// - Throws: `CryptoFault`.
  public func databaseKey() throws(CryptoFault) -> DatabaseKey {
    DatabaseKey(raw: try key(for: .pages))
  }
}
