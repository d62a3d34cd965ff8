public import Encodings

/// An output descriptor: what scripts a wallet has.
///
/// Source: https://github.com/bitcoin/bips/blob/master/bip-0380.mediawiki and 381, 382, 383, 385,
/// 386, 387.
public struct Descriptor: Hashable, Sendable {
  /// The longest text that is read.
  public static let longestText = 16_384

  /// What kind of script, with its keys or the script inside.
  public indirect enum Script: Hashable, Sendable {
    /// `pk(KEY)`.
    case key(KeyExpression)
    /// `pkh(KEY)`.
    case keyHash(KeyExpression)
    /// `wpkh(KEY)`.
    case witnessKeyHash(KeyExpression)
    /// `combo(KEY)`: all forms of one key.
    case combo(KeyExpression)
    /// `sh(SCRIPT)`.
    case scriptHash(Script)
    /// `wsh(SCRIPT)`.
    case witnessScriptHash(Script)
    /// `multi(k,KEY,…)`, `sortedmulti(…)`, and inside taproot `multi_a(…)`, `sortedmulti_a(…)`.
    case multi(required: Int, keys: [KeyExpression], isSorted: Bool)
    /// `tr(KEY,TREE)`.
    case taproot(KeyExpression, Tree?)
    /// `raw(HEX)`.
    case raw([UInt8])
    /// `addr(ADDRESS)`, with its script.
    case address(String, OutputScript)
  }

  /// The scripts below a taproot key.
  public indirect enum Tree: Hashable, Sendable {
    /// One script.
    case leaf(Script)
    /// Two branches.
    case branch(Tree, Tree)
  }

  /// The script.
  public let script: Script
  /// The text without checksum.
  public let text: String

  /// Reads a descriptor, with or without its checksum.
  ///
  /// - Parameters:
  ///   - text: The descriptor.
  ///   - tools: Hashes and the curve.
  /// - Throws: `malformed`; `secret` where a key in it is private.
  public init(_ text: String, tools: SigningTools) throws(WalletFault) {
    guard text.utf8.count <= Descriptor.longestText else {
      throw .malformed("The descriptor is too long.")
    }
    let body = try DescriptorChecksum.checked(text)
    var reader = DescriptorReader(text: body, tools: tools)
    script = try reader.wholeScript()
    self.text = body
  }

  /// The checksum that belongs to it.
  public var checksum: String { DescriptorChecksum.text(of: text) ?? "" }

  /// Every key in it.
  public var keys: [KeyExpression] { Descriptor.keys(of: script) }

  private static func keys(of script: Script) -> [KeyExpression] {
    switch script {
    case .key(let key), .keyHash(let key), .witnessKeyHash(let key), .combo(let key): [key]
    case .scriptHash(let inner), .witnessScriptHash(let inner): keys(of: inner)
    case .multi(_, let keys, _): keys
    case .taproot(let key, let tree): [key] + (tree.map { keys(of: $0) } ?? [])
    case .raw, .address: []
    }
  }

  private static func keys(of tree: Tree) -> [KeyExpression] {
    switch tree {
    case .leaf(let script): keys(of: script)
    case .branch(let left, let right): keys(of: left) + keys(of: right)
    }
  }

  /// Whether it stands for as many scripts as there are children.
  public var isRanged: Bool { keys.contains { $0.range != .none } }

  /// Whether a script needs a hardened step, so that nobody without the private key can follow.
  public var isHardened: Bool {
    keys.contains { key in
      guard case .extended = key.key else { return false }
      let path = key.paths.joined()
      return key.range == .hardenedChildren || path.contains { $0 >= ExtendedKey.firstHardened }
    }
  }

  /// How many branches it has: 2 for `<0;1>`, receiving and change.
  public var branches: Int { keys.map(\.paths.count).max() ?? 1 }
}
