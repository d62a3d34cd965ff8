/// An exact decimal with 18 fractional digits, counted in units of 10⁻¹⁸ by a 128-bit integer.
///
/// Range: ±170 141 183 460 469 231 731.687303715884105727. It is the common footing of `Quantity`,
/// `Price` and `Money`; code outside this module works with those.
public struct Fixed: Hashable, Sendable {
  /// The value times 10¹⁸.
  public let units: Int128

  /// Makes the value `units` · 10⁻¹⁸.
  public init(units: Int128) {
    self.units = units
  }

  /// Makes a whole number.
  public init(whole: Int64) {
    units = Int128(whole) * Fixed.scale
  }

  /// Units in one: 10¹⁸.
  public static let scale: Int128 = 1_000_000_000_000_000_000
  /// The number of fractional digits kept.
  public static let fractionDigits = 18
  /// Zero.
  public static let zero = Fixed(units: 0)
  /// One.
  public static let one = Fixed(units: scale)

  /// Whether the value is zero.
  public var isZero: Bool { units == 0 }
  /// Whether the value is below zero.
  public var isNegative: Bool { units < 0 }
}

extension Fixed: Comparable {
  /// Orders by value.
  public static func < (a: Fixed, b: Fixed) -> Bool { a.units < b.units }
}

/// A result that does not fit ±1.7·10²⁰, or a division by zero.
public enum ArithmeticFault: Error, Hashable, Sendable {
  /// The exact result is out of range.
  case overflow
  /// The divisor was zero.
  case divisionByZero
}
