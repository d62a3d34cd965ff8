public import Encodings

/// A key inside a descriptor: where it comes from, the key, and the children it stands for.
///
/// Source: https://github.com/bitcoin/bips/blob/master/bip-0380.mediawiki#key-expressions; several
/// paths at once: https://github.com/bitcoin/bips/blob/master/bip-0389.mediawiki
public struct KeyExpression: Hashable, Sendable {
  /// The master key's fingerprint and the path from it.
  public struct Origin: Hashable, Sendable {
    /// Four bytes.
    public let fingerprint: [UInt8]
    /// Child numbers, hardened ones with the highest bit.
    public let path: [UInt32]
  }
  /// The key itself.
  public enum Key: Hashable, Sendable {
    /// 33 or 65 bytes.
    case plain([UInt8])
    /// 32 bytes: the first coordinate, as taproot has it.
    case half([UInt8])
    /// A key with children.
    case extended(ExtendedKey)
  }
  /// The children at the end.
  public enum Range: Hashable, Sendable {
    /// One key.
    case none
    /// `/*`.
    case children
    /// `/*'`: needs a private key.
    case hardenedChildren
  }

  /// Where the key comes from, if it says.
  public let origin: Origin?
  /// The key.
  public let key: Key
  /// The steps after it, one list for each path of `<0;1>`; one empty list for none.
  public let paths: [[UInt32]]
  /// What comes after the steps.
  public let range: Range

  /// Reads one.
  ///
  /// - Parameters:
  ///   - text: Such as `[d34db33f/84h/0h/0h]xpub…/0/*`.
  ///   - tools: Hashes and the curve.
  /// - Throws: `malformed`; `secret` where the key is private and otherwise well written.
  public init(_ text: String, tools: SigningTools) throws(WalletFault) {
    var rest = text[...]
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else {
        throw .malformed("A key's origin has no end.")
      }
      origin = try KeyExpression.origin(rest[rest.index(after: rest.startIndex)..<end])
      rest = rest[rest.index(after: end)...]
    } else {
      origin = nil
    }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let first = parts.first, !first.isEmpty, parts.count <= KeyPath.longest else {
      throw .malformed("A key expression has no key.")
    }
    var steps = Array(parts.dropFirst())
    range = KeyExpression.range(steps.last)
    if range != .none { steps.removeLast() }
    paths = try KeyExpression.paths(steps)
    let hasChildren = parts.count > 1
    guard let bytes = Hex.bytes(first), [32, 33, 65].contains(bytes.count) else {
      if SecretScreen.isWalletImportFormat(first, tools) {
        guard !hasChildren else { throw .malformed("A single key has no children.") }
        throw .secret(.privateKey)
      }
      key = .extended(try ExtendedKey(first, tools: tools))
      return
    }
    guard !hasChildren else { throw .malformed("A single key has no children.") }
    key = bytes.count == 32 ? .half(bytes) : .plain(bytes)
    try CurvePoint.check(bytes.count == 32 ? [2] + bytes : bytes, tools: tools)
  }

  private static func origin(_ text: Substring) throws(WalletFault) -> Origin {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, first.utf8.count == 8, let fingerprint = Hex.bytes(first) else {
      throw .malformed("A key's origin starts with eight hexadecimal digits.")
    }
    let path = parts.dropFirst().compactMap { KeyPath.number($0) }
    guard path.count == parts.count - 1, path.count <= KeyPath.longest else {
      throw .malformed("A key's origin has a step that is no child number.")
    }
    return Origin(fingerprint: fingerprint, path: path)
  }

  private static func range(_ step: String?) -> Range {
    switch step {
    case "*": .children
    case "*'", "*h": .hardenedChildren
    default: .none
    }
  }

  private static func paths(_ steps: [String]) throws(WalletFault) -> [[UInt32]] {
    var paths: [[UInt32]] = [[]]
    for step in steps {
      if step.hasPrefix("<"), step.hasSuffix(">") {
        guard paths.count == 1 else { throw .malformed("A key has one <…> at most.") }
        let choices = step.dropFirst().dropLast()
          .split(separator: ";", omittingEmptySubsequences: false)
        let numbers = choices.compactMap { KeyPath.number($0) }
        guard numbers.count == choices.count, (2...8).contains(numbers.count) else {
          throw .malformed("A key's <…> holds two to eight child numbers.")
        }
        let head = paths[0]
        paths = numbers.map { head + [$0] }
      } else {
        guard let number = KeyPath.number(step) else {
          throw .malformed("A key has a step that is no child number.")
        }
        for index in paths.indices { paths[index].append(number) }
      }
    }
    return paths
  }

  /// The key's bytes for one child.
  ///
  /// - Parameters:
  ///   - index: The child at `*`; no matter where there is none.
  ///   - branch: Which path of `<0;1>`; the last one where there are fewer.
  ///   - tools: HMAC and the curve.
  /// - Returns: 33 or 65 bytes; for half a key, 02 and its 32.
  /// - Throws: `hardened`.
  public func publicKey(
    _ index: UInt32, branch: Int, tools: SigningTools
  ) throws(WalletFault) -> [UInt8] {
    switch key {
    case .plain(let bytes): return bytes
    case .half(let bytes): return [2] + bytes
    case .extended(let key):
      guard range != .hardenedChildren else { throw .hardened }
      let path = paths[Swift.min(Swift.max(branch, 0), paths.count - 1)]
      let steps = range == .children ? path + [index] : path
      return try key.descendant(steps, tools: tools).publicKey
    }
  }

  /// Whether it is an uncompressed key, which segwit and taproot forbid.
  var isUncompressed: Bool {
    if case .plain(let bytes) = key { bytes.count == 65 } else { false }
  }

  /// Whether it is half a key, which only taproot has.
  var isHalf: Bool { if case .half = key { true } else { false } }
}
