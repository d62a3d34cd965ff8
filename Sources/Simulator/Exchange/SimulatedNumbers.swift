import Amounts

// Sums of simulated amounts. They stop at the ends of the range instead of trapping: what comes
// from a client is bounded before it gets here, and what is simulated is far from the ends.

extension Fixed {
  /// The sum, or the end of the range.
  static func + (a: Fixed, b: Fixed) -> Fixed {
    let (sum, overflow) = a.units.addingReportingOverflow(b.units)
    return Fixed(units: overflow ? (b.isNegative ? .min + 1 : .max) : sum)
  }

  /// The difference, or the end of the range.
  static func - (a: Fixed, b: Fixed) -> Fixed { a + -b }

  /// The value with the other sign.
  static prefix func - (a: Fixed) -> Fixed { Fixed(units: 0 &- a.units) }

  /// The product rounded to the nearest, or zero where it is out of range.
  static func * (a: Fixed, b: Fixed) -> Fixed {
    do { return try a.multiplied(by: b, rounding: .halfEven) } catch { return .zero }
  }

  /// The quotient rounded down, or zero where there is none.
  static func / (a: Fixed, b: Fixed) -> Fixed {
    do { return try a.divided(by: b, rounding: .down) } catch { return .zero }
  }

  /// Rounded to so many digits after the point.
  func kept(_ digits: Int, _ rounding: Rounding = .down) -> Fixed {
    do { return try rounded(toDigits: digits, rounding: rounding) } catch { return self }
  }

  /// Ten to the power of minus `digits`.
  static func step(_ digits: Int) -> Fixed {
    var units = Fixed.scale
    for _ in 0..<min(max(digits, 0), Fixed.fractionDigits) { units /= 10 }
    return Fixed(units: units)
  }

  /// The text with at least so many digits after the point, as venues pad it.
  func padded(_ digits: Int) -> String {
    let text = kept(digits, .halfEven).text
    guard digits > 0 else { return text }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    let zeros = String(repeating: "0", count: max(0, digits - fraction.utf8.count))
    return "\(parts[0]).\(fraction)\(zeros)"
  }
}

/// Mixes whole numbers into 64 bits that look random; equal numbers give equal bits.
///
/// Each number goes through the finaliser of SplitMix64 with what came of those before it.
func mixed(_ numbers: UInt64...) -> UInt64 {
  numbers.reduce(0x243F_6A88_85A3_08D3) { bits, number in
    var generator = SeededGenerator(seed: bits ^ number)
    return generator.next()
  }
}

/// A number between 0 and 1 out of 64 bits.
func unit(_ bits: UInt64) -> Double { Double(bits >> 11) / 9_007_199_254_740_992 }

/// Texts made of 64-bit numbers, for ids and hashes of the simulation.
enum SeededText {
  /// So many hexadecimal digits.
  static func hex(_ digits: Int, _ seed: UInt64) -> String {
    text(digits, seed, Array("0123456789abcdef".utf8))
  }

  /// So many letters and digits.
  static func letters(_ count: Int, _ seed: UInt64) -> String {
    text(
      count, seed, Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8))
  }

  /// So many capitals and digits, as Kraken's ids have them.
  static func capitals(_ count: Int, _ seed: UInt64) -> String {
    text(count, seed, Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8))
  }

  /// A UUID of the fourth version.
  static func uuid(_ seed: UInt64) -> String {
    let digits = Array(hex(32, seed).utf8)
    func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
    return "\(part(0..<8))-\(part(8..<12))-4\(part(13..<16))-a\(part(17..<20))-\(part(20..<32))"
  }

  /// So many bytes.
  static func bytes(_ count: Int, _ seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }

  private static func text(_ count: Int, _ seed: UInt64, _ alphabet: [UInt8]) -> String {
    var generator = SeededGenerator(seed: seed)
    let units = (0..<count).map { _ in
      alphabet[Int(generator.next() % UInt64(alphabet.count))]
    }
    return String(decoding: units, as: UTF8.self)
  }
}
