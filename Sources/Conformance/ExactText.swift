import Amounts

/// Decimal texts as they are compared.
enum ExactText {
  /// The shortest text of a number, with at most the 18 fractional digits that amounts have.
  ///
  /// Some expectations were multiplied and divided at more digits than amounts have; these are
  /// rounded half to even. Only expectations are rounded, never what was read from a file.
  ///
  /// - Parameter text: A decimal number without an exponent, or anything else.
  /// - Returns: The number's text, or the text as it is where it is no number or too large.
  static func rounded(_ text: String) -> String {
    do { return try Quantity(parsing: text).text } catch {
      guard error == .tooPrecise, let cut = cutToHeldDigits(text) else { return text }
      return cut
    }
  }

  private static func cutToHeldDigits(_ text: String) -> String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].allSatisfy({ ("0"..."9").contains($0) }),
      let cut = try? Quantity(parsing: parts[0] + "." + parts[1].prefix(Fixed.fractionDigits))
    else { return nil }
    let rest = Array(parts[1].dropFirst(Fixed.fractionDigits))
    guard roundsUp(rest, isOdd: cut.fixed.units & 1 != 0) else { return cut.text }
    let step = Quantity(Fixed(units: text.hasPrefix("-") ? -1 : 1))
    return try? cut.adding(step).text
  }

  private static func roundsUp(_ rest: [Character], isOdd: Bool) -> Bool {
    guard let first = rest.first, first >= "5" else { return false }
    return first > "5" || rest.dropFirst().contains { $0 != "0" } || isOdd
  }
}
