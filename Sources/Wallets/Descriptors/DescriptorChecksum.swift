/// The eight characters after `#` at the end of a descriptor.
///
/// Source: https://github.com/bitcoin/bips/blob/master/bip-0380.mediawiki#checksum
public enum DescriptorChecksum {
  private static let inputs = Array(
    ("0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH"
      + "`#\"\\ ").utf8)
  private static let outputs = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  private static let generator: [UInt64] = [
    0xF5_DEE5_1989, 0xA9_FDCA_3312, 0x1B_AB10_E32D, 0x37_06B1_677A, 0x64_4D62_6FFD,
  ]

  /// The checksum of a descriptor without `#`, nil where it has a character that none may have.
  public static func text(of descriptor: some StringProtocol) -> String? {
    var symbols: [UInt64] = []
    var groups: [Int] = []
    for unit in descriptor.utf8 {
      guard let place = inputs.firstIndex(of: unit) else { return nil }
      symbols.append(UInt64(place & 31))
      groups.append(place >> 5)
      if groups.count == 3 {
        symbols.append(UInt64(groups[0] * 9 + groups[1] * 3 + groups[2]))
        groups = []
      }
    }
    if groups.count == 1 { symbols.append(UInt64(groups[0])) }
    if groups.count == 2 { symbols.append(UInt64(groups[0] * 3 + groups[1])) }
    let sum = polynomial(symbols + [UInt64](repeating: 0, count: 8)) ^ 1
    let units = (0..<8).map { outputs[Int(sum >> UInt64(5 * (7 - $0)) & 31)] }
    return String(decoding: units, as: UTF8.self)
  }

  private static func polynomial(_ symbols: [UInt64]) -> UInt64 {
    var sum: UInt64 = 1
    for symbol in symbols {
      let top = sum >> 35
      sum = (sum & 0x7_FFFF_FFFF) << 5 ^ symbol
      for (bit, term) in generator.enumerated() where top >> UInt64(bit) & 1 == 1 { sum ^= term }
    }
    return sum
  }

  /// The descriptor without its checksum.
  ///
  /// - Parameter text: A descriptor, with `#` and a checksum or without both.
  /// - Returns: What stands before `#`.
  /// - Throws: `malformed` where the checksum does not fit or is missing after `#`.
  public static func checked(_ text: String) throws(WalletFault) -> String {
    let parts = text.split(separator: "#", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { throw .malformed("A descriptor has one # at most.") }
    guard let sum = self.text(of: parts[0]) else {
      throw .malformed("The descriptor has a character that none may have.")
    }
    guard parts.count == 1 || parts[1] == sum[...] else {
      throw .malformed("The checksum of the descriptor does not fit.")
    }
    return String(parts[0])
  }
}
