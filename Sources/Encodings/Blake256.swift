/// BLAKE-256 with 14 rounds, the hash of Decred.
///
/// Source: https://docs.decred.org/research/blake-256-hash-function/ and the submission
/// https://www.aumasson.jp/blake/blake.pdf
public enum Blake256 {
  /// The 32 bytes of the hash.
  public static func hash(_ message: [UInt8]) -> [UInt8] {
    var padded = message
    padded.append(0x80)
    while padded.count % 64 != 56 { padded.append(0) }
    padded[padded.count - 1] |= 1
    let bits = UInt64(message.count) << 3
    for index in 0..<8 {
      padded.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * (7 - index))))
    }
    var state = start
    for offset in stride(from: 0, to: padded.count, by: 64) {
      // A block of nothing but padding counts no bits.
      let counted = offset >= message.count ? 0 : UInt64(min(offset + 64, message.count)) << 3
      compress(padded[offset..<(offset + 64)], counted, into: &state)
    }
    return (0..<32).map { index in
      UInt8(truncatingIfNeeded: state[index / 4] >> UInt32(8 * (3 - index % 4)))
    }
  }

  private static func compress(
    _ block: ArraySlice<UInt8>, _ bits: UInt64, into state: inout [UInt32]
  ) {
    var words = [UInt32](repeating: 0, count: 16)
    for (index, byte) in block.enumerated() {
      words[index / 4] |= UInt32(byte) << UInt32(8 * (3 - index % 4))
    }
    var work = state + constants.prefix(8)
    let low = UInt32(truncatingIfNeeded: bits)
    let high = UInt32(truncatingIfNeeded: bits >> 32)
    for (index, value) in [low, low, high, high].enumerated() { work[12 + index] ^= value }
    for round in 0..<14 {
      let order = Blake2b.orders[round % 10]
      for (index, place) in Blake2b.places.enumerated() {
        let (one, other) = (order[2 * index], order[2 * index + 1])
        mix(&work, place, words[one] ^ constants[other], words[other] ^ constants[one])
      }
    }
    for index in 0..<8 { state[index] ^= work[index] ^ work[index + 8] }
  }

  private static func mix(_ work: inout [UInt32], _ place: [Int], _ x: UInt32, _ y: UInt32) {
    let (a, b, c, d) = (place[0], place[1], place[2], place[3])
    work[a] = work[a] &+ work[b] &+ x
    work[d] = turned(work[d] ^ work[a], 16)
    work[c] = work[c] &+ work[d]
    work[b] = turned(work[b] ^ work[c], 12)
    work[a] = work[a] &+ work[b] &+ y
    work[d] = turned(work[d] ^ work[a], 8)
    work[c] = work[c] &+ work[d]
    work[b] = turned(work[b] ^ work[c], 7)
  }

  private static func turned(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  private static let start: [UInt32] = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A,
    0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
  ]
  /// The first digits of pi after the point.
  private static let constants: [UInt32] = [
    0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344,
    0xA409_3822, 0x299F_31D0, 0x082E_FA98, 0xEC4E_6C89,
    0x4528_21E6, 0x38D0_1377, 0xBE54_66CF, 0x34E9_0C6C,
    0xC0AC_29B7, 0xC97C_50DD, 0x3F84_D5B5, 0xB547_0917,
  ]
}
