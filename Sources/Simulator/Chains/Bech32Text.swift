/// Addresses of Bitcoin for keys that do not exist.
///
/// Source: BIP 173, https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki.
enum Bech32Text {
  private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

  /// The address of a 20-byte key hash: witness version 0.
  static func address(_ program: [UInt8]) -> String {
    var words: [UInt8] = [0]
    var held: UInt32 = 0
    var bits = 0
    for byte in program {
      held = held << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        words.append(UInt8(truncatingIfNeeded: held >> UInt32(bits) & 31))
      }
    }
    if bits > 0 { words.append(UInt8(truncatingIfNeeded: held << UInt32(5 - bits) & 31)) }
    // "bc", expanded as the BIP says.
    let prefix: [UInt8] = [3, 3, 0, 2, 3]
    let sum = polynomial(prefix + words + [0, 0, 0, 0, 0, 0]) ^ 1
    for place in 0..<6 {
      words.append(UInt8(truncatingIfNeeded: sum >> UInt32(5 * (5 - place)) & 31))
    }
    return "bc1" + String(decoding: words.map { alphabet[Int($0)] }, as: UTF8.self)
  }

  private static func polynomial(_ words: [UInt8]) -> UInt32 {
    let steps: [UInt32] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3]
    var sum: UInt32 = 1
    for word in words {
      let top = sum >> 25
      sum = (sum & 0x01FF_FFFF) << 5 ^ UInt32(word)
      for (place, step) in steps.enumerated() where top >> UInt32(place) & 1 == 1 { sum ^= step }
    }
    return sum
  }
}
