/// Bech32 and Bech32m texts: a readable prefix, groups of five bits and a checksum.
///
/// Source: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki and
/// https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki
public struct Bech32: Hashable, Sendable {
  /// The checksum's final constant.
  public enum Variant: UInt32, Hashable, Sendable {
    /// BIP 173.
    case bech32 = 1
    /// BIP 350.
    case bech32m = 0x2BC8_30A3
  }
  /// The part before the last `1`, in lower case.
  public var prefix: String
  /// Groups of five bits, without the checksum.
  public var groups: [UInt8]
  /// Which checksum.
  public var variant: Variant

  /// Gathers the parts.
  public init(prefix: String, groups: [UInt8], variant: Variant) {
    self.prefix = prefix
    self.groups = groups
    self.variant = variant
  }

  /// The characters of the 32 groups.
  static let characters = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

  /// Reads a text of one case whose checksum is right.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - longest: How long it may be; 90 as the standards say, more for Cardano and Lightning.
  public init?(_ text: String, longest: Int = 90) {
    var units = Array(text.utf8)
    guard units.count >= 8, units.count <= longest else { return nil }
    let isUpper = units.contains { $0 >= 0x41 && $0 <= 0x5A }
    let isLower = units.contains { $0 >= 0x61 && $0 <= 0x7A }
    guard !(isUpper && isLower), units.allSatisfy({ $0 >= 33 && $0 <= 126 }) else { return nil }
    if isUpper { units = units.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 } }
    guard let split = units.lastIndex(of: UInt8(ascii: "1")), split >= 1,
      units.count - split - 1 >= 6,
      let groups = Bech32.groups(units[(split + 1)...])
    else { return nil }
    let prefix = Array(units[..<split])
    let sum = Bech32.checksum(Bech32.expanded(prefix) + groups)
    guard let variant = Variant(rawValue: sum) else { return nil }
    self.init(
      prefix: String(decoding: prefix, as: UTF8.self), groups: Array(groups.dropLast(6)),
      variant: variant)
  }

  /// The text in lower case.
  public var text: String {
    let head = Array(prefix.utf8)
    let zeros = [UInt8](repeating: 0, count: 6)
    let sum = Bech32.checksum(Bech32.expanded(head) + groups + zeros) ^ variant.rawValue
    var all = groups
    for index in 0..<6 {
      all.append(UInt8(truncatingIfNeeded: sum >> UInt32(5 * (5 - index))) & 31)
    }
    let tail = all.map { Bech32.characters[Int($0 & 31)] }
    return prefix + "1" + String(decoding: tail, as: UTF8.self)
  }

  /// The values of characters, nil when one is none of the 32.
  static func groups(_ units: some Sequence<UInt8>) -> [UInt8]? {
    var groups: [UInt8] = []
    for unit in units {
      guard let index = characters.firstIndex(of: unit) else { return nil }
      groups.append(UInt8(index))
    }
    return groups
  }

  private static func expanded(_ prefix: [UInt8]) -> [UInt8] {
    prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 }
  }

  private static let generator: [UInt32] = [
    0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3,
  ]

  private static func checksum(_ values: [UInt8]) -> UInt32 {
    var sum: UInt32 = 1
    for value in values {
      let top = sum >> 25
      sum = (sum & 0x1FF_FFFF) << 5 ^ UInt32(value)
      for (bit, term) in generator.enumerated() where top >> UInt32(bit) & 1 == 1 {
        sum ^= term
      }
    }
    return sum
  }

  /// Regroups bytes into fives, the last one filled with zeros.
  public static func groups(ofBytes bytes: [UInt8]) -> [UInt8] {
    var groups: [UInt8] = []
    var held: UInt32 = 0
    var bits = 0
    for byte in bytes {
      held = held << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        groups.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)) & 31)
      }
    }
    if bits > 0 { groups.append(UInt8(truncatingIfNeeded: held << UInt32(5 - bits)) & 31) }
    return groups
  }

  /// Regroups fives into bytes, nil when more than four bits or a one are left over.
  public static func bytes(ofGroups groups: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var held: UInt32 = 0
    var bits = 0
    for group in groups {
      held = held << 5 | UInt32(group & 31)
      bits += 5
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
      }
    }
    guard bits < 5, held & (1 << UInt32(bits) - 1) == 0 else { return nil }
    return bytes
  }
}
