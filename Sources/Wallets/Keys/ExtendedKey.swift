public import Encodings

/// A public key with a chain code, from which children are derived without any private key.
///
/// Source: https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki
public struct ExtendedKey: Hashable, Sendable {
  /// The first hardened child number.
  public static let firstHardened: UInt32 = 0x8000_0000

  /// The version bytes it was written with.
  public let version: UInt32
  /// How many steps it is below the master key.
  public let depth: UInt8
  /// The first four bytes of the parent's identifier; zeros for a master key.
  public let parentFingerprint: [UInt8]
  /// Which child of its parent it is.
  public let childNumber: UInt32
  /// The 32 bytes of the chain code.
  public let chainCode: [UInt8]
  /// The 33 bytes of the compressed public key.
  public let publicKey: [UInt8]

  /// Reads a Base58Check text with public version bytes.
  ///
  /// - Parameters:
  ///   - text: Such as `xpub6B…`.
  ///   - tools: Hashes and the curve.
  /// - Throws: `secret` for a private key, `malformed` for a text that is spoilt.
  public init(_ text: String, tools: SigningTools) throws(WalletFault) {
    guard let bytes = Base58.checkedBytes(text, hash: { tools.doubleSHA256($0) }) else {
      if SecretScreen.startsLikeExtendedPrivateKey(text) {
        throw .secret(.extendedPrivateKey)
      }
      throw .malformed("The checksum of the extended key does not fit: a character is wrong.")
    }
    try self.init(bytes: bytes, tools: tools)
  }

  /// Reads the 78 bytes inside the text.
  init(bytes: [UInt8], tools: SigningTools) throws(WalletFault) {
    guard bytes.count == 78 else { throw .malformed("An extended key has 78 bytes.") }
    let version = ExtendedKey.number(bytes[0..<4])
    if KeyVersion.isPrivate(version) || bytes[45] == 0 {
      throw .secret(.extendedPrivateKey)
    }
    guard !KeyVersion.named(publicBytes: version).isEmpty else {
      throw .malformed("The version of the extended key is not known.")
    }
    let isMaster = bytes[4] == 0
    guard !isMaster || bytes[5..<13].allSatisfy({ $0 == 0 }) else {
      throw .malformed("The extended key says it has no parent, and names one.")
    }
    self.version = version
    depth = bytes[4]
    parentFingerprint = Array(bytes[5..<9])
    childNumber = ExtendedKey.number(bytes[9..<13])
    chainCode = Array(bytes[13..<45])
    publicKey = Array(bytes[45..<78])
    try CurvePoint.check(publicKey, tools: tools)
  }

  /// A key put together from its parts, for instance of a hardware wallet's answer.
  ///
  /// - Parameters:
  ///   - publicKey: 33 bytes.
  ///   - chainCode: 32 bytes.
  ///   - depth: Steps below the master key.
  ///   - parentFingerprint: Four bytes.
  ///   - childNumber: Which child.
  ///   - version: Public version bytes.
  ///   - tools: The curve.
  /// - Throws: `malformed` where the parts are no key.
  public init(
    publicKey: [UInt8], chainCode: [UInt8], depth: UInt8, parentFingerprint: [UInt8],
    childNumber: UInt32, version: UInt32 = 0x0488_B21E, tools: SigningTools
  ) throws(WalletFault) {
    guard chainCode.count == 32, parentFingerprint.count == 4 else {
      throw .malformed("A chain code has 32 bytes, a fingerprint four.")
    }
    try CurvePoint.check(publicKey, tools: tools)
    self.init(
      version: version, depth: depth, parentFingerprint: parentFingerprint,
      childNumber: childNumber, chainCode: chainCode, publicKey: publicKey)
  }

  private init(
    version: UInt32, depth: UInt8, parentFingerprint: [UInt8], childNumber: UInt32,
    chainCode: [UInt8], publicKey: [UInt8]
  ) {
    self.version = version
    self.depth = depth
    self.parentFingerprint = parentFingerprint
    self.childNumber = childNumber
    self.chainCode = chainCode
    self.publicKey = publicKey
  }

  /// The child of a number below 2³¹.
  ///
  /// - Parameters:
  ///   - number: Which child.
  ///   - tools: HMAC and the curve.
  /// - Returns: The child; one number in 2¹²⁷ has none.
  /// - Throws: `hardened`, or `malformed` where the number has no child.
  public func child(_ number: UInt32, tools: SigningTools) throws(WalletFault) -> ExtendedKey {
    guard number < ExtendedKey.firstHardened else { throw .hardened }
    guard depth < UInt8.max else { throw .malformed("The key is too deep for a child.") }
    let digest = tools.hmac(.sha512, chainCode, publicKey + ExtendedKey.bytes(number))
    return ExtendedKey(
      version: version, depth: depth + 1, parentFingerprint: fingerprint(tools: tools),
      childNumber: number, chainCode: Array(digest.suffix(32)),
      publicKey: try CurvePoint.adding(Array(digest.prefix(32)), to: publicKey, tools: tools))
  }

  /// The key at the end of a path of numbers below 2³¹.
  public func descendant(
    _ path: some Sequence<UInt32>, tools: SigningTools
  ) throws(WalletFault) -> ExtendedKey {
    var key = self
    for number in path { key = try key.child(number, tools: tools) }
    return key
  }

  /// The first four bytes of the key's own identifier.
  public func fingerprint(tools: SigningTools) -> [UInt8] {
    Array(tools.hash160(publicKey).prefix(4))
  }

  /// The text with the given version bytes, by default its own.
  public func text(version: UInt32? = nil, tools: SigningTools) -> String {
    let head = ExtendedKey.bytes(version ?? self.version)
    let place = [depth] + parentFingerprint + ExtendedKey.bytes(childNumber)
    return Base58.checkedText(head + place + chainCode + publicKey) { tools.doubleSHA256($0) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
  }
}
