import Encodings

/// One way in which a chain writes addresses.
enum AddressRule: Sendable {
  /// A Bitcoin-like chain's addresses.
  case script(ScriptNetwork)
  /// Base 58, a version in front and four bytes of a hash at the end.
  case base58(versions: [[UInt8]], length: Int, check: Base58Check)
  /// Bech32 with a prefix and as many bytes.
  case bech32(prefix: String, lengths: [Int], variant: Bech32.Variant)
  /// The same after a mark such as `X-`.
  case markedBech32(mark: String, prefix: String)
  /// Ethereum's.
  case ethereum
  /// A prefix and so many hexadecimal digits, with no checksum.
  case hexadecimal(prefix: String, digits: Int)
  /// A rule of its own.
  case special(@Sendable (String, SigningTools) -> String?)

  /// What the last four bytes of a Base 58 text are taken from.
  enum Base58Check: Sendable {
    case doubleSHA256
    case blake2b256
    case doubleBlake256
    case waves
    case ripple
  }

  /// The address as it is to be shown, nil where the text is none.
  func shown(_ text: String, tools: SigningTools) -> String? {
    switch self {
    case .script(let network):
      guard let script = network.script(of: text, tools: tools) else { return nil }
      return network.address(of: script, tools: tools) ?? text
    case .base58(let versions, let length, let check):
      return AddressRule.isBase58(text, versions, length, check, tools) ? text : nil
    case .bech32(let prefix, let lengths, let variant):
      guard let read = Bech32(text, longest: 1_023), read.prefix == prefix, read.variant == variant,
        let bytes = Bech32.bytes(ofGroups: read.groups), lengths.contains(bytes.count)
      else { return nil }
      return text.lowercased()
    case .markedBech32(let mark, let prefix):
      guard text.hasPrefix(mark), let read = Bech32(String(text.dropFirst(mark.count))),
        read.prefix == prefix, Bech32.bytes(ofGroups: read.groups)?.count == 20
      else { return nil }
      return text
    case .ethereum: return EthereumAddress.bytes(text).map { EthereumAddress.text($0) }
    case .hexadecimal(let prefix, let digits):
      guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + digits,
        Hex.bytes(text.dropFirst(prefix.count)) != nil
      else { return nil }
      return text.lowercased()
    case .special(let read): return read(text, tools)
    }
  }

  private static func isBase58(
    _ text: String, _ versions: [[UInt8]], _ length: Int, _ check: Base58Check,
    _ tools: SigningTools
  ) -> Bool {
    let alphabet: Base58.Alphabet = check.isRipple ? .ripple : .bitcoin
    let bytes = Base58.checkedBytes(text, alphabet: alphabet) { check.hash($0, tools) }
    guard let bytes else { return false }
    return versions.contains { bytes.starts(with: $0) && bytes.count == $0.count + length }
  }
}

extension AddressRule.Base58Check {
  var isRipple: Bool { if case .ripple = self { true } else { false } }

  func hash(_ bytes: [UInt8], _ tools: SigningTools) -> [UInt8] {
    switch self {
    case .doubleSHA256, .ripple: tools.doubleSHA256(bytes)
    case .blake2b256: Blake2b.hash(bytes, count: 32)
    case .doubleBlake256: Blake256.hash(Blake256.hash(bytes))
    case .waves: Keccak256.hash(Blake2b.hash(bytes, count: 32))
    }
  }
}
