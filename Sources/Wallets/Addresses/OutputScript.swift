public import Encodings

/// A Bitcoin-like output script.
///
/// Source: https://github.com/bitcoin/bips/blob/master/bip-0141.mediawiki,
/// https://github.com/bitcoin/bips/blob/master/bip-0016.mediawiki
public struct OutputScript: Hashable, Sendable {
  /// The bytes.
  public let bytes: [UInt8]

  /// Wraps bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// To a key's hash.
  public static func keyHash(_ hash: [UInt8]) -> OutputScript {
    OutputScript([0x76, 0xA9] + push(hash) + [0x88, 0xAC])
  }
  /// To a script's hash.
  public static func scriptHash(_ hash: [UInt8]) -> OutputScript {
    OutputScript([0xA9] + push(hash) + [0x87])
  }
  /// To a segwit program.
  public static func witness(version: Int, program: [UInt8]) -> OutputScript {
    OutputScript([version == 0 ? 0 : UInt8(clamping: 0x50 + version)] + push(program))
  }
  /// To a key itself.
  public static func key(_ key: [UInt8]) -> OutputScript { OutputScript(push(key) + [0xAC]) }

  /// To `required` of several keys, in the order given.
  public static func multi(required: Int, keys: [[UInt8]]) -> OutputScript {
    var bytes = number(required)
    for key in keys { bytes += push(key) }
    return OutputScript(bytes + number(keys.count) + [0xAE])
  }

  /// Bytes to push, up to 75 of them with a single length byte.
  static func push(_ bytes: [UInt8]) -> [UInt8] {
    bytes.count <= 75
      ? [UInt8(bytes.count)] + bytes : [0x4C, UInt8(clamping: bytes.count)] + bytes
  }

  /// A small number as a script writes it.
  static func number(_ value: Int) -> [UInt8] {
    switch value {
    case 0: [0]
    case 1...16: [UInt8(0x50 + value)]
    default: push([UInt8(clamping: value)])
    }
  }

  /// What Electrum servers call the script: its SHA-256 with the bytes reversed, in hexadecimal.
  ///
  /// Source: https://electrumx.readthedocs.io/en/latest/protocol-basics.html#script-hashes
  public func scriptHash(tools: SigningTools) -> String {
    Hex.text(tools.hash(.sha256, bytes).reversed())
  }

  /// The segwit version and program, or nil for another script.
  public var witnessProgram: (version: Int, program: [UInt8])? {
    guard bytes.count >= 4, bytes.count <= 42, Int(bytes[1]) == bytes.count - 2 else { return nil }
    let version = bytes[0] == 0 ? 0 : Int(bytes[0]) - 0x50
    guard version == 0 || (1...16).contains(version) else { return nil }
    return (version, Array(bytes.dropFirst(2)))
  }

  /// The script in words, as block explorers show it.
  public var words: String {
    if let (version, program) = witnessProgram { return "OP_\(version) \(Hex.text(program))" }
    if bytes.count == 25, bytes[0] == 0x76 {
      return "OP_DUP OP_HASH160 \(Hex.text(bytes[3..<23])) OP_EQUALVERIFY OP_CHECKSIG"
    }
    if bytes.count == 23, bytes[0] == 0xA9 {
      return "OP_HASH160 \(Hex.text(bytes[2..<22])) OP_EQUAL"
    }
    return Hex.text(bytes)
  }
}
