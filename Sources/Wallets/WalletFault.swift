/// Why a text is nothing that can be watched; never holds the text.
public enum WalletFault: Error, Hashable, Sendable {
  /// A secret: it was refused and is not kept.
  case secret(SecretKind)
  /// Nothing that is known, or spoilt; the reason names the part that does not fit.
  case malformed(String)
  /// The text of a chain that no address can be made for.
  case unsupported(String)
  /// Several chains write addresses this way; the user must say which.
  case ambiguous([String])
  /// A hardened step cannot be taken without a private key.
  case hardened

  /// What kind of secret.
  public enum SecretKind: String, Hashable, Sendable {
    /// An extended private key.
    case extendedPrivateKey
    /// One private key.
    case privateKey
    /// A seed phrase.
    case seedPhrase
    /// A file or text with a key in it.
    case keyFile
  }

  /// The fault in words, without the text that was offered.
  public var text: String {
    switch self {
    case .secret(.seedPhrase):
      "That looks like a seed phrase. Coffer only watches: it was refused and not kept."
    case .secret:
      "That looks like a private key. Coffer only watches: it was refused and not kept."
    case .malformed(let reason): reason
    case .unsupported(let reason): reason
    case .ambiguous(let chains):
      "Several chains write addresses so: " + chains.joined(separator: ", ")
    case .hardened: "A hardened step needs a private key, which Coffer never has."
    }
  }
}
