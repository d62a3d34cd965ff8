public import Encodings

/// Which address one key gives.
public enum AddressForm: String, Hashable, Sendable, CaseIterable {
  /// An old address.
  case keyHash = "p2pkh"
  /// Segwit inside a script hash.
  case nestedSegwit = "p2sh-p2wpkh"
  /// Segwit.
  case segwit = "p2wpkh"
  /// Taproot, without scripts (BIP 86).
  case taproot = "p2tr"
  /// Ethereum's.
  case ethereum = "eth"
  /// Tron's.
  case tron = "tron"

  /// The output script of a key, nil for chains without scripts.
  public func script(
    of publicKey: [UInt8], tools: SigningTools
  ) throws(WalletFault) -> OutputScript? {
    switch self {
    case .keyHash: return .keyHash(tools.hash160(publicKey))
    case .segwit: return .witness(version: 0, program: tools.hash160(publicKey))
    case .nestedSegwit:
      let inner = OutputScript.witness(version: 0, program: tools.hash160(publicKey))
      return inner.wrapped(isWitness: false, tools: tools)
    case .taproot:
      let inner = Array(publicKey.dropFirst())
      let outer = try CurvePoint.taproot(inner: inner, root: [], tools: tools)
      return .witness(version: 1, program: outer)
    case .ethereum, .tron: return nil
    }
  }

  /// The address of a key.
  ///
  /// - Parameters:
  ///   - publicKey: 33 bytes.
  ///   - network: The Bitcoin-like chain; no matter for Ethereum and Tron.
  ///   - tools: Hashes and the curve.
  /// - Returns: The address.
  /// - Throws: `unsupported` where the chain has no such form.
  public func address(
    of publicKey: [UInt8], on network: ScriptNetwork?, tools: SigningTools
  ) throws(WalletFault) -> String {
    switch self {
    case .ethereum, .tron:
      guard let bytes = EthereumAddress.bytes(publicKey: publicKey) else {
        throw .malformed("The public key is no point of its curve.")
      }
      if self == .ethereum { return EthereumAddress.text(bytes) }
      return Base58.checkedText([0x41] + bytes) { tools.doubleSHA256($0) }
    default:
      guard let script = try script(of: publicKey, tools: tools),
        let address = network?.address(of: script, tools: tools)
      else { throw .unsupported("The chain has no addresses of this form.") }
      return address
    }
  }

  /// The form that an extended key's version bytes name.
  public init?(_ version: KeyVersion) {
    switch version.form {
    case .legacy, .keyHash: self = .keyHash
    case .nestedSegwit: self = .nestedSegwit
    case .segwit: self = .segwit
    case .nestedShared, .shared: return nil
    }
  }
}
