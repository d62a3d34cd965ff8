public import Encodings

extension Descriptor {
  /// The output scripts of one child; one, but for `combo`.
  ///
  /// - Parameters:
  ///   - index: The child at `*`.
  ///   - branch: Which path of `<0;1>`.
  ///   - tools: Hashes and the curve.
  /// - Returns: The scripts.
  /// - Throws: `hardened` where only the private key can tell.
  public func scripts(
    _ index: UInt32, branch: Int = 0, tools: SigningTools
  ) throws(WalletFault) -> [OutputScript] {
    let maker = ScriptMaker(index: index, branch: branch, tools: tools)
    guard case .combo(let key) = script else { return [try maker.script(script)] }
    var all = [try maker.script(.key(key)), try maker.script(.keyHash(key))]
    if !key.isUncompressed {
      all.append(try maker.script(.witnessKeyHash(key)))
      all.append(try maker.script(.scriptHash(.witnessKeyHash(key))))
    }
    return all
  }

  /// The addresses of one child on a chain.
  public func addresses(
    _ index: UInt32, branch: Int = 0, on network: ScriptNetwork, tools: SigningTools
  ) throws(WalletFault) -> [String] {
    try scripts(index, branch: branch, tools: tools)
      .compactMap { network.address(of: $0, tools: tools) }
  }
}

/// Makes the scripts of one child.
private struct ScriptMaker {
  let index: UInt32
  let branch: Int
  let tools: SigningTools

  func script(_ script: Descriptor.Script) throws(WalletFault) -> OutputScript {
    switch script {
    case .key(let key): return .key(try bytes(key))
    case .keyHash(let key): return .keyHash(tools.hash160(try bytes(key)))
    case .combo(let key): return .keyHash(tools.hash160(try bytes(key)))
    case .witnessKeyHash(let key):
      return .witness(version: 0, program: tools.hash160(try bytes(key)))
    case .scriptHash(let inner):
      return .scriptHash(tools.hash160(try self.script(inner).bytes))
    case .witnessScriptHash(let inner):
      return .witness(version: 0, program: tools.hash(.sha256, try self.script(inner).bytes))
    case .multi(let required, let keys, let isSorted):
      return .multi(required: required, keys: try sorted(keys, isSorted))
    case .taproot(let key, let tree):
      let root = if let tree { try hash(tree) } else { [UInt8]() }
      let inner = Array(try bytes(key).dropFirst())
      let outer = try CurvePoint.taproot(inner: inner, root: root, tools: tools)
      return .witness(version: 1, program: outer)
    case .raw(let bytes): return OutputScript(bytes)
    case .address(_, let script): return script
    }
  }

  private func bytes(_ key: KeyExpression) throws(WalletFault) -> [UInt8] {
    try key.publicKey(index, branch: branch, tools: tools)
  }

  /// The keys in the order of BIP 67 where they are to be sorted.
  private func sorted(
    _ keys: [KeyExpression], _ isSorted: Bool
  ) throws(WalletFault) -> [[UInt8]] {
    var all: [[UInt8]] = []
    for key in keys { all.append(try bytes(key)) }
    return isSorted ? all.sorted { $0.lexicographicallyPrecedes($1) } : all
  }

  /// A tree's hash (BIP 341).
  private func hash(_ tree: Descriptor.Tree) throws(WalletFault) -> [UInt8] {
    switch tree {
    case .leaf(let script):
      let bytes = try leaf(script)
      return tools.taggedHash("TapLeaf", [0xC0] + compactSize(bytes.count) + bytes)
    case .branch(let left, let right):
      let (one, other) = (try hash(left), try hash(right))
      let isOrdered = !other.lexicographicallyPrecedes(one)
      return tools.taggedHash("TapBranch", isOrdered ? one + other : other + one)
    }
  }

  /// A script below taproot: keys have 32 bytes there.
  private func leaf(_ script: Descriptor.Script) throws(WalletFault) -> [UInt8] {
    switch script {
    case .key(let key): return OutputScript.push(Array(try bytes(key).dropFirst())) + [0xAC]
    case .multi(let required, let keys, let isSorted):
      // BIP 387: each key adds one if it signed, and the sum must be `required`.
      var halves: [[UInt8]] = []
      for key in keys { halves.append(Array(try bytes(key).dropFirst())) }
      if isSorted { halves.sort { $0.lexicographicallyPrecedes($1) } }
      var bytes: [UInt8] = []
      for (place, half) in halves.enumerated() {
        bytes += OutputScript.push(half) + [place == 0 ? 0xAC : 0xBA]
      }
      return bytes + scriptNumber(required) + [0x9C]
    default: throw .unsupported("Such a script below taproot is not read.")
    }
  }

  private func scriptNumber(_ value: Int) -> [UInt8] {
    if value <= 16 { return OutputScript.number(value) }
    let low = UInt8(value & 255)
    let high = UInt8(value >> 8 & 255)
    let needsMore = high > 0 || low >= 0x80
    return OutputScript.push(needsMore ? [low, high] : [low])
  }

  private func compactSize(_ count: Int) -> [UInt8] {
    count < 253 ? [UInt8(count)] : [253, UInt8(count & 255), UInt8(count >> 8 & 255)]
  }
}

extension OutputScript {
  /// The script of several sorted keys (BIP 67).
  ///
  /// Source: https://github.com/bitcoin/bips/blob/master/bip-0067.mediawiki
  public static func sortedMulti(required: Int, keys: [[UInt8]]) -> OutputScript {
    multi(required: required, keys: keys.sorted { $0.lexicographicallyPrecedes($1) })
  }

  /// The output script that pays to this script by its hash.
  public func wrapped(isWitness: Bool, tools: SigningTools) -> OutputScript {
    isWitness
      ? .witness(version: 0, program: tools.hash(.sha256, bytes))
      : .scriptHash(tools.hash160(bytes))
  }
}
