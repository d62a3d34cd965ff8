/// Base 32 in the alphabets of several chains, most significant bit first.
public enum Base32 {
  /// An order of the 32 characters.
  public struct Alphabet: Sendable {
    let characters: [UInt8]

    init(_ text: String) { characters = Array(text.utf8) }

    /// RFC 4648, section 6 (Stellar, Algorand, NEM).
    public static let standard = Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    /// The same in lower case (Filecoin, Internet Computer).
    public static let lowerCase = Alphabet("abcdefghijklmnopqrstuvwxyz234567")
    /// Nano's (https://docs.nano.org/integration-guides/the-basics/#account-public-address).
    public static let nano = Alphabet("13456789abcdefghijkmnopqrstuwxyz")
  }

  /// The text of some bytes without padding, the last character filled with zero bits.
  public static func text(_ bytes: [UInt8], alphabet: Alphabet = .standard) -> String {
    let units = Bech32.groups(ofBytes: bytes).map { alphabet.characters[Int($0 & 31)] }
    return String(decoding: units, as: UTF8.self)
  }

  /// The values of the characters, nil when one is none of the 32.
  public static func groups(
    _ text: some StringProtocol, alphabet: Alphabet = .standard
  ) -> [UInt8]? {
    var groups: [UInt8] = []
    for unit in text.utf8 {
      guard let index = alphabet.characters.firstIndex(of: unit) else { return nil }
      groups.append(UInt8(index))
    }
    return groups
  }

  /// The bytes of a text without padding; bits left over must be zero.
  public static func bytes(
    _ text: some StringProtocol, alphabet: Alphabet = .standard
  ) -> [UInt8]? {
    groups(text, alphabet: alphabet).flatMap { Bech32.bytes(ofGroups: $0) }
  }
}
