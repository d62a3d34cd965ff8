/// Why a text is no exact amount.
public enum AmountFault: Error, Hashable, Sendable {
  /// Not a decimal number.
  case malformed
  /// A number beyond ±1.7·10²⁰: keep the text.
  case tooLarge
  /// More than 18 significant fractional digits: keep the text, never round it.
  case tooPrecise
}

extension Fixed {
  /// The longest text looked at, in bytes; a longer one is malformed.
  public static let longestText = 200

  /// Reads a decimal number: sign, digits, point, digits, exponent.
  ///
  /// Grouping marks, currency signs and spaces are not numbers here; a format that has them takes
  /// them off first. Trailing zeros beyond the 18th digit are exact and accepted.
  ///
  /// - Parameter text: For example `-1234.5`, `.5`, `3.605E-05`.
  /// - Throws: `malformed`, or `tooLarge` or `tooPrecise` for a number that is not held exactly.
  public init(parsing text: some StringProtocol) throws(AmountFault) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads a decimal number from its UTF-8 bytes.
  ///
  /// - Parameter bytes: As for the text form.
  /// - Throws: `malformed`, or `tooLarge` or `tooPrecise` for a number that is not held exactly.
  public init(parsing bytes: [UInt8]) throws(AmountFault) {
    var reader = DecimalReader()
    try reader.read(bytes)
    self.init(units: try reader.units())
  }

  /// The shortest exact decimal text, without exponent: `-0.5`, `12`, `0`.
  public var text: String {
    var digits = units.magnitude
    var bytes: [UInt8] = []
    bytes.reserveCapacity(42)
    var place = 0
    var hasFraction = false
    while digits != 0 || place <= Fixed.fractionDigits {
      let (rest, digit) = Fixed.lastDigits(of: digits)
      digits = rest
      Fixed.appendReversed(
        digit, place: &place, hasFraction: &hasFraction, isLast: rest == 0, to: &bytes)
    }
    if isNegative { bytes.append(UInt8(ascii: "-")) }
    bytes.reverse()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Splits off the last 18 decimal digits.
  private static func lastDigits(of value: UInt128) -> (rest: UInt128, digits: UInt64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: UInt128(scale))
    return (quotient, UInt64(truncatingIfNeeded: remainder))
  }

  /// Appends up to 18 digits, last digit first, leaving out the fraction's trailing zeros.
  private static func appendReversed(
    _ group: UInt64, place: inout Int, hasFraction: inout Bool, isLast: Bool,
    to bytes: inout [UInt8]
  ) {
    var group = group
    for _ in 0..<18 {
      if isLast && group == 0 && place > fractionDigits { break }
      let digit = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: group % 10)
      group /= 10
      if place == fractionDigits && hasFraction { bytes.append(UInt8(ascii: ".")) }
      if place >= fractionDigits {
        bytes.append(digit)
      } else if hasFraction || digit != UInt8(ascii: "0") {
        hasFraction = true
        bytes.append(digit)
      }
      place += 1
    }
  }
}

/// Gathers the digits of a decimal number and places the point.
private struct DecimalReader {
  /// All significant digits as an integer.
  private var digits: UInt128 = 0
  /// Zeros seen since the last other digit; they count only if another digit follows.
  private var pendingZeros = 0
  /// Fractional digits, including the pending zeros.
  private var fractionDigits = 0
  private var exponent = 0
  private var isNegative = false
  private var overflowed = false

  mutating func read(_ bytes: [UInt8]) throws(AmountFault) {
    guard bytes.count <= Fixed.longestText else { throw .malformed }
    var index = 0
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      index = 1
    }
    var sawDigit = false
    var sawPoint = false
    scan: while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        take(bytes[index] - UInt8(ascii: "0"), afterPoint: sawPoint)
        sawDigit = true
      case UInt8(ascii: ".") where !sawPoint: sawPoint = true
      case UInt8(ascii: "e") where sawDigit, UInt8(ascii: "E") where sawDigit:
        exponent = try DecimalReader.exponent(bytes[(index + 1)...])
        break scan
      default: throw .malformed
      }
      index += 1
    }
    if !sawDigit { throw .malformed }
  }

  /// The number in units of 10⁻¹⁸.
  func units() throws(AmountFault) -> Int128 {
    if digits == 0 && !overflowed { return 0 }
    let shift = Fixed.fractionDigits - (fractionDigits - pendingZeros) + exponent
    // Digits without trailing zeros do not end at 18 places: not held exactly, however small.
    if shift < 0 { throw .tooPrecise }
    if overflowed || shift > 38 { throw .tooLarge }
    var magnitude = digits
    for _ in 0..<shift {
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      if overflow { throw .tooLarge }
      magnitude = product
    }
    do { return try Fixed(magnitude: magnitude, isNegative: isNegative).units } catch {
      throw .tooLarge
    }
  }

  private mutating func take(_ digit: UInt8, afterPoint: Bool) {
    if afterPoint { fractionDigits += 1 }
    if digit == 0 {
      pendingZeros += 1
      return
    }
    for _ in 0..<min(pendingZeros, 40) { shiftIn(0) }
    pendingZeros = 0
    shiftIn(digit)
  }

  private mutating func shiftIn(_ digit: UInt8) {
    let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
    let (sum, carry) = product.addingReportingOverflow(UInt128(digit))
    digits = sum
    if overflow || carry { overflowed = true }
  }

  private static func exponent(_ bytes: ArraySlice<UInt8>) throws(AmountFault) -> Int {
    var rest = bytes
    var sign = 1
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      sign = first == UInt8(ascii: "-") ? -1 : 1
      rest = rest.dropFirst()
    }
    guard !rest.isEmpty, rest.count <= 4 else { throw .malformed }
    var value = 0
    for byte in rest {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .malformed }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return sign * value
  }
}
