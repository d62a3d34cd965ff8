import Encodings

/// Points of secp256k1 in their byte forms.
enum CurvePoint {
  /// Throws unless 33 or 65 bytes are a point of the curve.
  static func check(_ point: [UInt8], tools: SigningTools) throws(WalletFault) {
    let isCompressed = point.count == 33 && (point[0] == 2 || point[0] == 3)
    let isWhole = point.count == 65 && point[0] == 4
    guard isCompressed || isWhole else {
      throw .malformed("A public key has 33 bytes from 02 or 03, or 65 from 04.")
    }
    _ = try adding([UInt8](repeating: 0, count: 32), to: point, tools: tools)
  }

  /// The point plus a multiple of the generator, compressed.
  static func adding(
    _ tweak: [UInt8], to point: [UInt8], tools: SigningTools
  ) throws(WalletFault) -> [UInt8] {
    do {
      return try tools.secp256k1Add(point, tweak)
    } catch {
      throw .malformed("The public key is no point of its curve.")
    }
  }

  /// The 32 bytes of a taproot output key (BIP 341): the inner key, tweaked by its script tree.
  ///
  /// - Parameters:
  ///   - inner: The 32 bytes of the inner key.
  ///   - root: The tree's root, empty for none.
  ///   - tools: Hash and curve.
  /// - Returns: The first coordinate of the tweaked point.
  /// - Throws: `malformed` where the inner key is no point.
  static func taproot(
    inner: [UInt8], root: [UInt8], tools: SigningTools
  ) throws(WalletFault) -> [UInt8] {
    let tweak = tools.taggedHash("TapTweak", inner + root)
    return Array(try adding(tweak, to: [2] + inner, tools: tools).dropFirst())
  }

  /// The 64 bytes of both coordinates, which Ethereum hashes; nil for no point of the curve.
  static func coordinates(_ point: [UInt8]) -> [UInt8]? {
    if point.count == 65 { return Array(point.dropFirst()) }
    guard point.count == 33, let x = UInt256(bigEndian: point.dropFirst()), x < field else {
      return nil
    }
    let cube = product(product(x, x), x)
    let square = sum(cube, UInt256(7))
    var y = root(square)
    guard product(y, y) == square else { return nil }
    let wantsOdd = point[0] & 1 == 1
    if (y.low & 1 == 1) != wantsOdd { y = field.wrappingSubtracting(y) }
    return x.bigEndian + y.bigEndian
  }

  /// The field's prime, 2²⁵⁶ - 2³² - 977 (https://www.secg.org/sec2-v2.pdf, section 2.4.1).
  private static let field = UInt256(
    high: .max, low: 0xFFFF_FFFF_FFFF_FFFF_FFFF_FFFE_FFFF_FC2F)
  /// 2²⁵⁶ modulo the prime.
  private static let excess = UInt256(0x1_0000_03D1)

  private static func sum(_ a: UInt256, _ b: UInt256) -> UInt256 {
    let (sum, carries) = a.addingCarrying(b)
    return carries || sum >= field ? sum.wrappingSubtracting(field) : sum
  }

  private static func product(_ a: UInt256, _ b: UInt256) -> UInt256 {
    let whole = a.multipliedFullWidth(by: b)
    // Twice: the upper half weighs `excess`, and what that makes beyond 256 bits weighs it again.
    let folded = whole.high.multipliedFullWidth(by: excess)
    let (once, carries) = whole.low.addingCarrying(folded.low)
    let over = UInt256(folded.high.low + (carries ? 1 : 0))
    let again = over.multiplied(by: excess) ?? .zero
    let (twice, carriesAgain) = once.addingCarrying(again)
    let (result, _) = carriesAgain ? twice.addingCarrying(excess) : (twice, false)
    return result >= field ? result.wrappingSubtracting(field) : result
  }

  /// The square root by the power (p + 1) / 4; right only for squares.
  private static func root(_ value: UInt256) -> UInt256 {
    let power = (field.adding(.one) ?? field).shiftedRight(by: 2)
    var result = UInt256.one
    for bit in (0..<256).reversed() {
      result = product(result, result)
      if power.bit(bit) { result = product(result, value) }
    }
    return result
  }
}
