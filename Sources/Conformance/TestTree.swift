import Encodings
import Wallets

/// Private derivation, for trees of published test seeds only; nothing of the program uses it.
///
/// Source: https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki and
/// https://github.com/satoshilabs/slips/blob/master/slip-0010.md
struct TestTree {
  let key: [UInt8]
  let chainCode: [UInt8]
  let isEdwards: Bool

  init(seed: [UInt8], isEdwards: Bool = false) {
    let name = isEdwards ? "ed25519 seed" : "Bitcoin seed"
    let digest = WalletSuite.tools.hmac(.sha512, Array(name.utf8), seed)
    self.init(key: Array(digest.prefix(32)), chainCode: Array(digest.suffix(32)), isEdwards)
  }

  private init(key: [UInt8], chainCode: [UInt8], _ isEdwards: Bool) {
    self.key = key
    self.chainCode = chainCode
    self.isEdwards = isEdwards
  }

  /// The key inside an extended private key's text.
  init?(extended text: String) {
    let tools = WalletSuite.tools
    let bytes = Base58.checkedBytes(text) { tools.hash(.sha256, tools.hash(.sha256, $0)) }
    guard let bytes, bytes.count == 78, bytes[45] == 0 else { return nil }
    self.init(key: Array(bytes[46..<78]), chainCode: Array(bytes[13..<45]), false)
  }

  /// The compressed public key; for Ed25519 with a zero in front.
  var publicKey: [UInt8]? {
    if isEdwards { return (try? WalletSuite.tools.ed25519PublicKey(key)).map { [0] + $0 } }
    return (try? WalletSuite.tools.secp256k1PublicKey(key)).map { TestTree.compressed($0) }
  }

  static func compressed(_ point: [UInt8]) -> [UInt8] {
    guard point.count == 65 else { return point }
    return [point[64] & 1 == 1 ? 3 : 2] + point[1..<33]
  }

  func child(_ number: UInt32) -> TestTree? {
    let index = (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    let isHardened = number >= ExtendedKey.firstHardened
    guard isHardened || !isEdwards, let publicKey else { return nil }
    let data = (isHardened ? [0] + key : publicKey) + index
    let digest = WalletSuite.tools.hmac(.sha512, chainCode, data)
    let left = Array(digest.prefix(32))
    guard let next = isEdwards ? left : TestTree.sum(left, key) else { return nil }
    return TestTree(key: next, chainCode: Array(digest.suffix(32)), isEdwards)
  }

  func descendant(_ path: [UInt32]) -> TestTree? {
    path.reduce(self as TestTree?) { $0?.child($1) }
  }

  /// The sum modulo the curve's order (https://www.secg.org/sec2-v2.pdf, section 2.4.1).
  private static func sum(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? {
    let order = UInt256(
      high: 0xFFFF_FFFF_FFFF_FFFF_FFFF_FFFF_FFFF_FFFE,
      low: 0xBAAE_DCE6_AF48_A03B_BFD2_5E8C_D036_4141)
    guard let one = UInt256(bigEndian: a), let other = UInt256(bigEndian: b), one < order,
      let left = order.subtracting(other)
    else { return nil }
    // a + b - n without leaving 256 bits: a - (n - b), around the circle.
    let sum = one >= left ? one.subtracting(left) : one.adding(other)
    return sum?.bigEndian
  }
}
