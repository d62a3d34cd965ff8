/// Hexadecimal text (RFC 4648, section 8).
public enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  /// Two small digits a byte.
  public static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of an even number of digits of either case, nil for anything else; no `0x`.
  public static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for unit in text.utf8 {
      guard let digit = value(of: unit) else { return nil }
      if let known = high {
        bytes.append(known << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? bytes : nil
  }

  /// The bytes of digits after an optional `0x`, as Ethereum writes them.
  public static func prefixedBytes(_ text: some StringProtocol) -> [UInt8]? {
    text.hasPrefix("0x") || text.hasPrefix("0X") ? bytes(text.dropFirst(2)) : bytes(text)
  }

  /// The value of one digit, nil for another character.
  public static func value(of unit: UInt8) -> UInt8? {
    switch unit {
    case 0x30...0x39: unit - 0x30
    case 0x41...0x46: unit - 0x37
    case 0x61...0x66: unit - 0x57
    default: nil
    }
  }
}
