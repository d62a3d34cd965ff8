/// Base 58, Bitcoin's text form of bytes without characters that look alike.
///
/// Source: https://datatracker.ietf.org/doc/html/draft-msporny-base58-03 and, for the check,
/// https://en.bitcoin.it/wiki/Base58Check_encoding
public enum Base58 {
  /// An order of the 58 characters.
  public struct Alphabet: Sendable {
    let characters: [UInt8]
    let values: [UInt8: UInt8]

    init(_ text: String) {
      characters = Array(text.utf8)
      var values: [UInt8: UInt8] = [:]
      for (index, unit) in characters.enumerated() { values[unit] = UInt8(index) }
      self.values = values
    }

    /// Bitcoin's, which nearly all use.
    public static let bitcoin = Alphabet(
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
    /// The XRP Ledger's (https://xrpl.org/docs/references/protocol/data-types/base58-encodings).
    public static let ripple = Alphabet(
      "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz")
  }

  /// The longest text that is read; the work grows with the square of the length.
  public static let longestText = 1_024

  /// The text of some bytes; each zero at the start is one first character of the alphabet.
  public static func text(_ bytes: [UInt8], alphabet: Alphabet = .bitcoin) -> String {
    let zeros = bytes.prefix { $0 == 0 }.count
    // Digits of the number in base 58, lowest first.
    var digits: [UInt8] = []
    for byte in bytes.dropFirst(zeros) {
      var carry = Int(byte)
      for index in digits.indices {
        carry += Int(digits[index]) << 8
        digits[index] = UInt8(carry % 58)
        carry /= 58
      }
      while carry > 0 {
        digits.append(UInt8(carry % 58))
        carry /= 58
      }
    }
    let all = [UInt8](repeating: 0, count: zeros) + digits.reversed()
    return String(decoding: all.map { alphabet.characters[Int($0)] }, as: UTF8.self)
  }

  /// The bytes of a text, nil when a character is no digit or the text is too long.
  public static func bytes(_ text: String, alphabet: Alphabet = .bitcoin) -> [UInt8]? {
    let units = Array(text.utf8)
    guard units.count <= longestText else { return nil }
    let zeros = units.prefix { alphabet.values[$0] == 0 }.count
    var bytes: [UInt8] = []
    for unit in units.dropFirst(zeros) {
      guard let digit = alphabet.values[unit] else { return nil }
      var carry = Int(digit)
      for index in bytes.indices {
        carry += Int(bytes[index]) * 58
        bytes[index] = UInt8(carry & 255)
        carry >>= 8
      }
      while carry > 0 {
        bytes.append(UInt8(carry & 255))
        carry >>= 8
      }
    }
    return [UInt8](repeating: 0, count: zeros) + bytes.reversed()
  }

  /// The text of some bytes followed by the first four of a checksum.
  ///
  /// - Parameters:
  ///   - bytes: Version and content.
  ///   - alphabet: The order of the characters.
  ///   - hash: The checksum, for Bitcoin SHA-256 twice.
  /// - Returns: The text.
  public static func checkedText(
    _ bytes: [UInt8], alphabet: Alphabet = .bitcoin, hash: ([UInt8]) -> [UInt8]
  ) -> String {
    text(bytes + hash(bytes).prefix(4), alphabet: alphabet)
  }

  /// The bytes of a text that ends with its checksum, without it; nil when that does not fit.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - alphabet: The order of the characters.
  ///   - hash: The checksum, for Bitcoin SHA-256 twice.
  /// - Returns: Version and content, or nil.
  public static func checkedBytes(
    _ text: String, alphabet: Alphabet = .bitcoin, hash: ([UInt8]) -> [UInt8]
  ) -> [UInt8]? {
    guard let all = bytes(text, alphabet: alphabet), all.count >= 4 else { return nil }
    let content = Array(all.dropLast(4))
    return Array(hash(content).prefix(4)) == Array(all.suffix(4)) ? content : nil
  }
}
