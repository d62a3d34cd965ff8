/// Base 64 (RFC 4648, sections 4 and 5).
public enum Base64 {
  private static let standard = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let forAddresses = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// The usual alphabet, padded.
  public static func text(_ bytes: [UInt8]) -> String {
    var text = units(bytes, standard)
    while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The alphabet that needs no escape in an address, not padded.
  public static func urlText(_ bytes: [UInt8]) -> String {
    String(decoding: units(bytes, forAddresses), as: UTF8.self)
  }

  private static func units(_ bytes: [UInt8], _ alphabet: [UInt8]) -> [UInt8] {
    var units: [UInt8] = []
    units.reserveCapacity(bytes.count / 3 * 4 + 4)
    var held: UInt32 = 0
    var bits = 0
    for byte in bytes {
      held = held << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        units.append(alphabet[Int(held >> UInt32(bits) & 63)])
      }
    }
    if bits > 0 { units.append(alphabet[Int(held << UInt32(6 - bits) & 63)]) }
    return units
  }

  /// The bytes of a text in either alphabet, padded in full or not at all.
  ///
  /// - Parameter text: The text; white space, a wrong length and bits left over are refused.
  /// - Returns: The bytes, or nil.
  public static func bytes(_ text: String) -> [UInt8]? {
    var units = Array(text.utf8)
    let length = units.count
    while units.last == UInt8(ascii: "=") { units.removeLast() }
    let padding = length - units.count
    guard padding <= 2, padding == 0 || length % 4 == 0, units.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(units.count / 4 * 3 + 2)
    var held: UInt32 = 0
    var bits = 0
    for unit in units {
      guard let digit = value(of: unit) else { return nil }
      held = held << 6 | digit
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
      }
    }
    let rest = held & (1 << UInt32(bits) - 1)
    return rest == 0 ? bytes : nil
  }

  private static func value(of unit: UInt8) -> UInt32? {
    switch unit {
    case 0x41...0x5A: UInt32(unit) - 0x41
    case 0x61...0x7A: UInt32(unit) - 0x61 + 26
    case 0x30...0x39: UInt32(unit) - 0x30 + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
