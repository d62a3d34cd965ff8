import Encodings

/// Addresses of Ethereum and the chains made like it.
///
/// Source: https://eips.ethereum.org/EIPS/eip-55
public enum EthereumAddress {
  /// The 20 bytes of a text: `0x` and 40 digits, in one case or in the case of EIP-55.
  public static func bytes(_ text: String) -> [UInt8]? {
    guard text.hasPrefix("0x"), text.utf8.count == 42, let bytes = Hex.bytes(text.dropFirst(2))
    else { return nil }
    let digits = text.dropFirst(2)
    let isOneCase = digits == digits.lowercased() || digits == digits.uppercased()
    return isOneCase || text == self.text(bytes) ? bytes : nil
  }

  /// The text with the checksum in its capital letters.
  public static func text(_ bytes: [UInt8]) -> String {
    let digits = Array(Hex.text(bytes).utf8)
    let hash = Keccak256.hash(digits)
    var text: [UInt8] = Array("0x".utf8)
    for (index, digit) in digits.enumerated() {
      let half = index % 2 == 0 ? hash[index / 2 % 32] >> 4 : hash[index / 2 % 32] & 15
      text.append(digit >= 0x61 && half >= 8 ? digit - 32 : digit)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The 20 bytes of a public key of secp256k1, nil where it is no point.
  public static func bytes(publicKey: [UInt8]) -> [UInt8]? {
    CurvePoint.coordinates(publicKey).map { Array(Keccak256.hash($0).suffix(20)) }
  }
}
