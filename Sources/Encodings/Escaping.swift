/// Percent-encoding (RFC 3986, section 2).
public enum Escaping {
  /// Escapes every byte but letters, digits and `-._~`.
  public static func strict(_ text: String) -> String { escaped(text) { isUnreserved($0) } }

  /// As strict, but a space becomes `+`.
  public static func form(_ text: String) -> String {
    strict(text).split(separator: "%20", omittingEmptySubsequences: false).joined(separator: "+")
  }

  /// Escapes what a part between slashes of a path may not hold.
  public static func pathPart(_ text: String) -> String {
    escaped(text) { isUnreserved($0) || Array(":@!$&'()*+,;=".utf8).contains($0) }
  }

  /// Turns `%XX` and, where asked, `+` back; an incomplete escape stays as it is.
  public static func unescaped(_ text: String, plusIsSpace: Bool = true) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
        let high = digit(bytes[at + 1]), let low = digit(bytes[at + 2])
      {
        result.append(high << 4 | low)
        at += 3
      } else {
        let isPlus = plusIsSpace && bytes[at] == UInt8(ascii: "+")
        result.append(isPlus ? 0x20 : bytes[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
    default: false
    }
  }

  private static func escaped(_ text: String, _ isPlain: (UInt8) -> Bool) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
      if isPlain(byte) {
        result.append(byte)
      } else {
        result.append(contentsOf: [
          UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)],
        ])
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
