/// A whole number of 256 bits, as Ethereum counts.
public struct UInt256: Hashable, Sendable {
  /// The upper half.
  public var high: UInt128
  /// The lower half.
  public var low: UInt128

  /// Puts the halves together.
  public init(high: UInt128, low: UInt128) {
    self.high = high
    self.low = low
  }

  /// A number of 128 bits or fewer.
  public init(_ value: UInt128) { self.init(high: 0, low: value) }

  /// Nothing.
  public static let zero = UInt256(0)
  /// One.
  public static let one = UInt256(1)
  /// The largest: 2²⁵⁶ - 1.
  public static let max = UInt256(high: .max, low: .max)

  /// Whether it is zero.
  public var isZero: Bool { high == 0 && low == 0 }

  /// The number of up to 32 bytes, the first of them the highest; nil for more.
  public init?(bigEndian bytes: some Collection<UInt8>) {
    guard bytes.count <= 32 else { return nil }
    self.init(0)
    for byte in bytes {
      high = high << 8 | low >> 120
      low = low << 8 | UInt128(byte)
    }
  }

  /// The 32 bytes, the highest first.
  public var bigEndian: [UInt8] {
    let halves = [high, low]
    return (0..<32).map { index in
      UInt8(truncatingIfNeeded: halves[index / 16] >> UInt128(8 * (15 - index % 16)))
    }
  }

  /// The number of a text such as `0x1f`; nil without `0x`, without digits or with more than 64.
  public init?(hexadecimal text: String) {
    let digits = Array(text.utf8)
    guard digits.count > 2, digits.count <= 66, digits[0] == 0x30,
      digits[1] == UInt8(ascii: "x") || digits[1] == UInt8(ascii: "X")
    else { return nil }
    self.init(0)
    for digit in digits.dropFirst(2) {
      guard let value = UInt256.hexValue(digit) else { return nil }
      high = high << 4 | low >> 124
      low = low << 4 | UInt128(value)
    }
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x37
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }

  /// The shortest hexadecimal text with `0x`, as JSON-RPC writes quantities.
  public var hexadecimal: String {
    high == 0
      ? "0x" + String(low, radix: 16)
      : "0x" + String(high, radix: 16) + UInt256.padded(String(low, radix: 16), to: 32)
  }

  private static func padded(_ text: String, to count: Int) -> String {
    String(repeating: "0", count: count - text.count) + text
  }

  /// The number of decimal digits; nil for anything else and for too large a number.
  public init?(decimal text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.count <= 78 else { return nil }
    var number = UInt256.zero
    for digit in text.utf8 {
      guard digit >= 0x30, digit <= 0x39,
        let shifted = number.multiplied(by: UInt256(10)),
        let sum = shifted.adding(UInt256(UInt128(digit - 0x30)))
      else { return nil }
      number = sum
    }
    self = number
  }

  /// The decimal digits.
  public var text: String {
    var rest = self
    var groups: [UInt64] = []
    while !rest.isZero {
      let (quotient, digits) = rest.dividedByGroup()
      groups.append(digits)
      rest = quotient
    }
    guard let first = groups.popLast() else { return "0" }
    var text = String(first)
    for group in groups.reversed() { text += UInt256.padded(String(group), to: 18) }
    return text
  }

  /// Splits off the last 18 decimal digits.
  private func dividedByGroup() -> (UInt256, UInt64) {
    let divisor: UInt64 = 1_000_000_000_000_000_000
    var carried: UInt64 = 0
    var quotient: [UInt64] = []
    for limb in limbs {
      let (part, rest) = divisor.dividingFullWidth((carried, limb))
      quotient.append(part)
      carried = rest
    }
    return (UInt256(limbs: quotient), carried)
  }

  /// Four parts of 64 bits, the highest first.
  private var limbs: [UInt64] {
    [
      UInt64(truncatingIfNeeded: high >> 64), UInt64(truncatingIfNeeded: high),
      UInt64(truncatingIfNeeded: low >> 64), UInt64(truncatingIfNeeded: low),
    ]
  }

  private init(limbs: [UInt64]) {
    self.init(
      high: UInt128(limbs[0]) << 64 | UInt128(limbs[1]),
      low: UInt128(limbs[2]) << 64 | UInt128(limbs[3]))
  }
}

extension UInt256: Comparable, CustomStringConvertible {
  /// Orders by value.
  public static func < (a: UInt256, b: UInt256) -> Bool {
    a.high == b.high ? a.low < b.low : a.high < b.high
  }
  /// The decimal digits.
  public var description: String { text }
}
