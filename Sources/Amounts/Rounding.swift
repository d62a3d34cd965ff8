/// How a product or quotient that does not end within 18 digits is brought to one that does.
///
/// The names follow IEEE 754-2019 §4.3 and the General Decimal Arithmetic Specification
/// (https://speleotrove.com/decimal/damodel.html).
public enum Rounding: Hashable, Sendable, CaseIterable {
  /// To the nearest; a tie goes to the even neighbour.
  case halfEven
  /// To the nearest; a tie goes away from zero.
  case halfUp
  /// Towards zero.
  case down
  /// Away from zero.
  case up
  /// Towards minus infinity.
  case floor
  /// Towards plus infinity.
  case ceiling

  /// Whether the magnitude `quotient` grows by one, given what was cut off.
  ///
  /// - Parameters:
  ///   - quotient: The magnitude so far, cut off.
  ///   - remainder: What was cut off, below `divisor`.
  ///   - divisor: What the remainder is measured against.
  ///   - isNegative: The sign of the exact result.
  /// - Returns: `true` where the magnitude must be one larger.
  func growsMagnitude(
    quotient: UInt128, remainder: UInt128, divisor: UInt128, isNegative: Bool
  ) -> Bool {
    guard remainder != 0 else { return false }
    let rest = divisor - remainder
    switch self {
    case .down: return false
    case .up: return true
    case .floor: return isNegative
    case .ceiling: return !isNegative
    case .halfUp: return remainder >= rest
    case .halfEven: return remainder > rest || (remainder == rest && quotient & 1 == 1)
    }
  }
}
