public import Encodings

/// How a Bitcoin-like chain writes its output scripts as addresses.
public struct ScriptNetwork: Hashable, Sendable {
  /// The chain, with `-testnet` for its test network.
  public let id: String
  /// Version bytes of key hashes, the one to write first.
  let keyHash: [[UInt8]]
  /// Version bytes of script hashes, the one to write first.
  let scriptHash: [[UInt8]]
  /// The prefix of segwit addresses, or nil.
  let segwitPrefix: String?
  /// The prefix of CashAddr addresses, or nil.
  let cashPrefix: String?

  init(
    _ id: String, keyHash: [UInt8], scriptHash: [UInt8], segwit: String? = nil, cash: String? = nil
  ) {
    self.id = id
    self.keyHash = keyHash.map { [$0] }
    self.scriptHash = scriptHash.map { [$0] }
    segwitPrefix = segwit
    cashPrefix = cash
  }

  /// The script of an address, or nil where it is none of this chain's.
  public func script(of address: String, tools: SigningTools) -> OutputScript? {
    if let script = segwitScript(of: address) { return script }
    if let cashPrefix, let (kind, hash) = CashAddress.read(address, prefix: cashPrefix) {
      return kind == 0 ? .keyHash(hash) : .scriptHash(hash)
    }
    guard let bytes = Base58.checkedBytes(address, hash: { tools.doubleSHA256($0) }),
      bytes.count >= 21
    else { return nil }
    let version = Array(bytes.dropLast(20))
    let hash = Array(bytes.suffix(20))
    if keyHash.contains(version) { return .keyHash(hash) }
    return scriptHash.contains(version) ? .scriptHash(hash) : nil
  }

  private func segwitScript(of address: String) -> OutputScript? {
    guard let segwitPrefix, let (version, program) = Segwit.read(address, prefix: segwitPrefix)
    else { return nil }
    return .witness(version: version, program: program)
  }

  /// The address of a script, or nil where the chain has none for it.
  public func address(of script: OutputScript, tools: SigningTools) -> String? {
    let bytes = script.bytes
    if let (version, program) = script.witnessProgram {
      return segwitPrefix.flatMap { Segwit.text(version: version, program: program, prefix: $0) }
    }
    if bytes.count == 25, bytes.starts(with: [0x76, 0xA9, 0x14]), bytes.suffix(2) == [0x88, 0xAC] {
      return text(of: Array(bytes[3..<23]), kind: 0, keyHash.first, tools)
    }
    if bytes.count == 23, bytes.starts(with: [0xA9, 0x14]), bytes.last == 0x87 {
      return text(of: Array(bytes[2..<22]), kind: 1, scriptHash.first, tools)
    }
    return nil
  }

  private func text(
    of hash: [UInt8], kind: UInt8, _ version: [UInt8]?, _ tools: SigningTools
  ) -> String? {
    if let cashPrefix { return CashAddress.text(kind: kind, hash: hash, prefix: cashPrefix) }
    return version.map { Base58.checkedText($0 + hash) { tools.doubleSHA256($0) } }
  }
}

extension ScriptNetwork {
  /// The chain of a name, for instance `bitcoin` or `litecoin-testnet`.
  public static func named(_ id: String) -> ScriptNetwork? { all.first { $0.id == id } }

  /// The chains, each from the parameters of its reference program.
  ///
  /// For instance https://github.com/bitcoin/bitcoin/blob/master/src/kernel/chainparams.cpp
  public static let all: [ScriptNetwork] = [
    ScriptNetwork("bitcoin", keyHash: [0x00], scriptHash: [0x05], segwit: "bc"),
    ScriptNetwork("bitcoin-testnet", keyHash: [0x6F], scriptHash: [0xC4], segwit: "tb"),
    ScriptNetwork("bitcoin-regtest", keyHash: [0x6F], scriptHash: [0xC4], segwit: "bcrt"),
    ScriptNetwork("litecoin", keyHash: [0x30], scriptHash: [0x32, 0x05], segwit: "ltc"),
    ScriptNetwork("litecoin-testnet", keyHash: [0x6F], scriptHash: [0x3A, 0xC4], segwit: "tltc"),
    ScriptNetwork("dogecoin", keyHash: [0x1E], scriptHash: [0x16]),
    ScriptNetwork("dogecoin-testnet", keyHash: [0x71, 0x6F], scriptHash: [0xC4]),
    ScriptNetwork("dash", keyHash: [0x4C], scriptHash: [0x10]),
    ScriptNetwork("dash-testnet", keyHash: [0x8C], scriptHash: [0x13]),
    ScriptNetwork("bitcoin-cash", keyHash: [0x00], scriptHash: [0x05], cash: "bitcoincash"),
    ScriptNetwork("bitcoin-cash-testnet", keyHash: [0x6F], scriptHash: [0xC4], cash: "bchtest"),
    ScriptNetwork("bitcoin-sv", keyHash: [0x00], scriptHash: [0x05]),
    ScriptNetwork("bitcoin-sv-testnet", keyHash: [0x6F], scriptHash: [0xC4]),
    ScriptNetwork("ecash", keyHash: [0x00], scriptHash: [0x05], cash: "ecash"),
    ScriptNetwork("ecash-testnet", keyHash: [0x6F], scriptHash: [0xC4], cash: "ectest"),
    ScriptNetwork("bitcoin-gold", keyHash: [0x26], scriptHash: [0x17], segwit: "btg"),
    ScriptNetwork("digibyte", keyHash: [0x1E], scriptHash: [0x3F, 0x05], segwit: "dgb"),
    ScriptNetwork("digibyte-testnet", keyHash: [0x7E], scriptHash: [0x8C], segwit: "dgbt"),
    ScriptNetwork("vertcoin", keyHash: [0x47], scriptHash: [0x05], segwit: "vtc"),
    ScriptNetwork("vertcoin-testnet", keyHash: [0x4A, 0x6F], scriptHash: [0xC4], segwit: "tvtc"),
    ScriptNetwork("qtum", keyHash: [0x3A], scriptHash: [0x32], segwit: "qc"),
    ScriptNetwork("qtum-testnet", keyHash: [0x78], scriptHash: [0x6E], segwit: "tq"),
    ScriptNetwork("ravencoin", keyHash: [0x3C], scriptHash: [0x7A]),
    ScriptNetwork("ravencoin-testnet", keyHash: [0x6F], scriptHash: [0xC4]),
    ScriptNetwork("monacoin", keyHash: [0x32], scriptHash: [0x37, 0x05], segwit: "mona"),
    ScriptNetwork("namecoin", keyHash: [0x34], scriptHash: [0x0D], segwit: "nc"),
    ScriptNetwork("peercoin", keyHash: [0x37], scriptHash: [0x75], segwit: "pc"),
    ScriptNetwork("komodo", keyHash: [0x3C], scriptHash: [0x55]),
    ScriptNetwork("pivx", keyHash: [0x1E], scriptHash: [0x0D]),
    ScriptNetwork("viacoin", keyHash: [0x47], scriptHash: [0x21], segwit: "via"),
    ScriptNetwork("syscoin", keyHash: [0x3F], scriptHash: [0x05], segwit: "sys"),
    ScriptNetwork("firo", keyHash: [0x52], scriptHash: [0x07]),
  ]
}

/// Segwit addresses (BIP 173 and 350).
enum Segwit {
  static func read(_ address: String, prefix: String) -> (version: Int, program: [UInt8])? {
    guard let text = Bech32(address), text.prefix == prefix, let first = text.groups.first,
      first <= 16, text.variant == (first == 0 ? .bech32 : .bech32m),
      let program = Bech32.bytes(ofGroups: text.groups.dropFirst()),
      (2...40).contains(program.count), first != 0 || program.count == 20 || program.count == 32
    else { return nil }
    return (Int(first), program)
  }

  static func text(version: Int, program: [UInt8], prefix: String) -> String {
    Bech32(
      prefix: prefix, groups: [UInt8(clamping: version)] + Bech32.groups(ofBytes: program),
      variant: version == 0 ? .bech32 : .bech32m
    ).text
  }
}

/// CashAddr texts.
///
/// Source: https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md
enum CashAddress {
  /// The kind, 0 for a key's hash and 1 for a script's, and the hash.
  static func read(_ address: String, prefix: String) -> (kind: UInt8, hash: [UInt8])? {
    let lower = address.lowercased()
    guard address == lower || address == address.uppercased() else { return nil }
    let parts = lower.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let body = parts.last, parts.count == 1 || parts[0] == prefix,
      let groups = groups(body), groups.count >= 9, groups.count <= 112,
      checksum(expanded(prefix) + groups) == 0,
      let bytes = Bech32.bytes(ofGroups: groups.dropLast(8)), let head = bytes.first, head < 128
    else { return nil }
    let sizes = [20, 24, 28, 32, 40, 48, 56, 64]
    // Bits 3 to 6 are the kind; 2 and 3 are those that carry tokens.
    let kind = head >> 3 & 15
    guard kind <= 3, bytes.count - 1 == sizes[Int(head & 7)], bytes.count == 21 else { return nil }
    return (kind & 1, Array(bytes.dropFirst()))
  }

  static func text(kind: UInt8, hash: [UInt8], prefix: String) -> String {
    let groups = Bech32.groups(ofBytes: [kind << 3] + hash)
    let sum = checksum(expanded(prefix) + groups + [UInt8](repeating: 0, count: 8))
    let tail = (0..<8).map { UInt8(truncatingIfNeeded: sum >> UInt64(5 * (7 - $0))) & 31 }
    let units = (groups + tail).map { characters[Int($0)] }
    return prefix + ":" + String(decoding: units, as: UTF8.self)
  }

  /// The characters are Bech32's.
  static let characters = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

  static func groups(_ text: Substring) -> [UInt8]? {
    var groups: [UInt8] = []
    for unit in text.utf8 {
      guard let index = characters.firstIndex(of: unit) else { return nil }
      groups.append(UInt8(index))
    }
    return groups
  }

  static func expanded(_ prefix: String) -> [UInt8] { prefix.utf8.map { $0 & 31 } + [0] }

  private static let generator: [UInt64] = [
    0x98_F2BC_8E61, 0x79_B76D_99E2, 0xF3_3E5F_B3C4, 0xAE_2EAB_E2A8, 0x1E_4F43_E470,
  ]

  static func checksum(_ values: [UInt8]) -> UInt64 {
    var sum: UInt64 = 1
    for value in values {
      let top = sum >> 35
      sum = (sum & 0x7_FFFF_FFFF) << 5 ^ UInt64(value)
      for (bit, term) in generator.enumerated() where top >> UInt64(bit) & 1 == 1 { sum ^= term }
    }
    return sum ^ 1
  }
}
