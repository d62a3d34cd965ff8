/// Keccak-256 with the padding of the original submission, as Ethereum hashes, and SHA3-256.
///
/// Source: https://keccak.team/files/Keccak-reference-3.0.pdf and FIPS 202; Ethereum's use of the
/// earlier padding: https://ethereum.github.io/yellowpaper/paper.pdf, appendix on notation.
public enum Keccak256 {
  /// Bytes taken up between two permutations: 1600 bits less twice 256.
  private static let rate = 136

  /// The 32 bytes of Ethereum's hash.
  public static func hash(_ message: [UInt8]) -> [UInt8] { sponge(message, padding: 0x01) }

  /// The 32 bytes of SHA3-256 (FIPS 202), which pads differently.
  public static func sha3(_ message: [UInt8]) -> [UInt8] { sponge(message, padding: 0x06) }

  private static func sponge(_ message: [UInt8], padding: UInt8) -> [UInt8] {
    var padded = message
    padded.append(padding)
    while padded.count % rate != 0 { padded.append(0) }
    padded[padded.count - 1] |= 0x80
    var state = [UInt64](repeating: 0, count: 25)
    for start in stride(from: 0, to: padded.count, by: rate) {
      for lane in 0..<(rate / 8) {
        var word: UInt64 = 0
        for byte in 0..<8 { word |= UInt64(padded[start + lane * 8 + byte]) << UInt64(byte * 8) }
        state[lane] ^= word
      }
      permute(&state)
    }
    return (0..<32).map { UInt8(truncatingIfNeeded: state[$0 / 8] >> UInt64($0 % 8 * 8)) }
  }

  private static let roundConstants: [UInt64] = [
    0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808A, 0x8000_0000_8000_8000,
    0x0000_0000_0000_808B, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
    0x0000_0000_0000_008A, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000A,
    0x0000_0000_8000_808B, 0x8000_0000_0000_008B, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
    0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800A, 0x8000_0000_8000_000A,
    0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
  ]
  /// How far each lane turns, and where it goes, along the path of the reference's rho and pi.
  private static let turns: [UInt64] = [
    1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44,
  ]
  private static let path = [
    10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1,
  ]

  private static func permute(_ state: inout [UInt64]) {
    var columns = [UInt64](repeating: 0, count: 5)
    for constant in roundConstants {
      for x in 0..<5 {
        columns[x] =
          state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
      }
      for x in 0..<5 {
        let change = columns[(x + 4) % 5] ^ turned(columns[(x + 1) % 5], 1)
        for y in 0..<5 { state[x + 5 * y] ^= change }
      }
      var carried = state[1]
      for (turn, place) in zip(turns, path) {
        let next = state[place]
        state[place] = turned(carried, turn)
        carried = next
      }
      for row in stride(from: 0, to: 25, by: 5) {
        for x in 0..<5 { columns[x] = state[row + x] }
        for x in 0..<5 { state[row + x] ^= ~columns[(x + 1) % 5] & columns[(x + 2) % 5] }
      }
      state[0] ^= constant
    }
  }

  private static func turned(_ word: UInt64, _ count: UInt64) -> UInt64 {
    word << count | word >> (64 - count)
  }
}
