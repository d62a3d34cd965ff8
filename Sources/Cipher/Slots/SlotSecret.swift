/// What a person opens a vault with.
public enum SlotSecret: Sendable {
  /// A passphrase, as the bytes that were typed (UTF-8; it is not normalised).
  case passphrase(SecretBytes)
  /// A recovery code.
  case recovery(RecoveryCode)

  /// Takes typed text for a recovery code when it is a whole one, for a passphrase otherwise.
  ///
  /// - Parameter typed: What was typed.
  public init(typed: SecretBytes) {
    do {
      self = .recovery(try RecoveryCode(typed: typed))
    } catch {
      self = .passphrase(typed)
    }
  }

  /// The kind of slot this opens.
  var kind: KeySlot.Kind {
    switch self {
    case .passphrase: .passphrase
    case .recovery: .recovery
    }
  }

  /// The bytes that go into scrypt.
  var bytes: SecretBytes {
    switch self {
    case .passphrase(let bytes): bytes
    case .recovery(let code): code.bytes
    }
  }
}
