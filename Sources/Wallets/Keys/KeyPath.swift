/// A path of child numbers, such as `44'/0'/0'`.
public enum KeyPath {
  /// How many steps are read.
  public static let longest = 64

  /// The number of one step; `'` and `h` mean hardened.
  ///
  /// - Parameter text: Digits, then perhaps `'` or `h`.
  /// - Returns: The number with its highest bit set for hardened, or nil.
  public static func number(_ text: some StringProtocol) -> UInt32? {
    var digits = text[...]
    let isHardened = digits.hasSuffix("'") || digits.hasSuffix("h")
    if isHardened { digits = digits.dropLast() }
    guard !digits.isEmpty, digits.utf8.count <= 10,
      digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt32(digits),
      number < ExtendedKey.firstHardened
    else { return nil }
    return isHardened ? number | ExtendedKey.firstHardened : number
  }

  /// The numbers of a path with an optional `m/`; nil where a step is none.
  public static func numbers(_ text: String) -> [UInt32]? {
    var rest = text[...]
    if rest == "m" || rest.isEmpty { return [] }
    if rest.hasPrefix("m/") { rest = rest.dropFirst(2) }
    let steps = rest.split(separator: "/", omittingEmptySubsequences: false)
    guard steps.count <= longest else { return nil }
    let numbers = steps.compactMap { number($0) }
    return numbers.count == steps.count ? numbers : nil
  }

  /// The text of numbers, hardened ones with `'`.
  public static func text(_ numbers: [UInt32]) -> String {
    numbers.map { number in
      number >= ExtendedKey.firstHardened
        ? "\(number - ExtendedKey.firstHardened)'" : String(number)
    }.joined(separator: "/")
  }
}
