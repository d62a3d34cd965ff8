/// A random code to write on paper: the way back when the passphrase is gone.
///
/// 160 random bits in eight groups of five letters, as in `9XK2M-…`. In each group four letters are
/// data and the fifth checks them, so that a slip of the pen names its group. The check is the sum
/// of the letters and the group's number, each times its own power of x, in the field of 32
/// elements (x^5 + x^2 + 1): every wrong letter, every swap of neighbours and every swap of groups
/// changes it. Source of the alphabet: https://www.crockford.com/base32.html.
public struct RecoveryCode: Sendable {
  /// The random bits, 20 bytes.
  let bytes: SecretBytes

  static let size = 20
  private static let groupCount = 8
  private static let dataLetters = 4
  private static let groupLetters = dataLetters + 1
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// A fresh code.
  ///
  /// - Throws: `CryptoFault`.
  public init() throws(CryptoFault) {
    bytes = try SecretBytes(randomCount: Self.size)
  }

  init(_ bytes: SecretBytes) {
    precondition(bytes.count == Self.size, "A recovery code has 160 bits.")
    self.bytes = bytes
  }

  /// Why some text is not a recovery code; it never holds a letter of it.
  public enum ReadFault: Error, Equatable, Sendable {
    /// A character no code contains; groups count from 1.
    case strangeCharacter(group: Int)
    /// Not 40 letters.
    case wrongLength(letters: Int)
    /// The check letter of this group, the first such, does not fit; groups count from 1.
    case wrongGroup(Int)
    /// The machine failed.
    case crypto(CryptoFault)
  }

  /// The code a person typed.
  ///
  /// Small letters, spaces, dashes, O for 0 and I or L for 1 are understood.
  /// - Parameter typed: What was typed, as ASCII.
  /// - Throws: `ReadFault`.
  public init(typed: SecretBytes) throws(ReadFault) {
    var values = try typed.withBytes { bytes throws(ReadFault) in try Self.values(of: bytes) }
    defer { wipe(&values) }
    guard values.count == Self.groupCount * Self.groupLetters else {
      throw .wrongLength(letters: values.count)
    }
    for group in 0..<Self.groupCount {
      let start = group * Self.groupLetters
      guard Self.check(values[start..<start + Self.dataLetters], group) == values[start + 4] else {
        throw .wrongGroup(group + 1)
      }
    }
    do {
      bytes = try SecretBytes(count: Self.size) { out throws(CryptoFault) in
        Self.pack(values, into: out)
      }
    } catch {
      throw .crypto(error)
    }
  }

  /// The code as it is shown once and written down.
  ///
  /// A `String` cannot be wiped: ask for it only to show it, and let it go.
  public var displayText: String {
    bytes.withBytes { bytes in
      var letters: [UInt8] = []
      for group in 0..<Self.groupCount {
        if group > 0 { letters.append(UInt8(ascii: "-")) }
        let data = Self.unpack(group, of: bytes)
        letters += (data + [Self.check(data[...], group)]).map { Self.alphabet[Int($0)] }
      }
      return String(decoding: letters, as: UTF8.self)
    }
  }

  // MARK: Letters and bits

  private static func values(of bytes: UnsafeRawBufferPointer) throws(ReadFault) -> [UInt8] {
    var values: [UInt8] = []
    values.reserveCapacity(64)
    for byte in bytes where !isSeparator(byte) {
      guard let value = value(of: byte), values.count <= groupCount * groupLetters else {
        let group = values.count / groupLetters + 1
        throw values.count > groupCount * groupLetters
          ? .wrongLength(letters: values.count) : .strangeCharacter(group: group)
      }
      values.append(value)
    }
    return values
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    [UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "\t"), 10, 13].contains(byte)
  }

  private static func value(of byte: UInt8) -> UInt8? {
    let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    let letter = isSmall ? byte - 32 : byte
    switch letter {
    case UInt8(ascii: "O"): return 0
    case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
    default: return alphabet.firstIndex(of: letter).map(UInt8.init)
    }
  }

  /// Four letters a group are 20 bits; two groups are five bytes.
  private static func pack(_ values: [UInt8], into out: UnsafeMutableRawBufferPointer) {
    for pair in 0..<groupCount / 2 {
      var bits: UInt64 = 0
      for group in [2 * pair, 2 * pair + 1] {
        for letter in 0..<dataLetters {
          bits = bits << 5 | UInt64(values[group * groupLetters + letter])
        }
      }
      for byte in 0..<5 {
        out[pair * 5 + byte] = UInt8(truncatingIfNeeded: bits >> (32 - 8 * byte))
      }
    }
  }

  private static func unpack(_ group: Int, of bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var bits: UInt64 = 0
    for byte in 0..<5 { bits = bits << 8 | UInt64(bytes[group / 2 * 5 + byte]) }
    let first = group % 2 == 0 ? 35 : 15
    return (0..<dataLetters).map { UInt8(truncatingIfNeeded: bits >> (first - 5 * $0)) & 31 }
  }

  private static func check(_ data: ArraySlice<UInt8>, _ group: Int) -> UInt8 {
    var sum: UInt8 = 0
    // Horner's rule: each step multiplies all before it by x once more.
    for value in data { sum = timesX(sum ^ value) }
    return timesX(sum ^ UInt8(group))
  }

  private static func timesX(_ value: UInt8) -> UInt8 {
    let doubled = value << 1
    return (doubled & 32 != 0 ? doubled ^ 0b100101 : doubled) & 31
  }
}
