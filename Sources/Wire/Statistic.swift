internal import Amounts

extension ReportCell {
  /// A figure of statistics, rounded to so many digits after the point; nothing where there is none.
  ///
  /// - Parameters:
  ///   - value: The figure.
  ///   - digits: From 0 to 18.
  /// - Returns: An exact decimal, or `none` for what is no number or too large for one.
  public static func statistic(_ value: Double?, digits: Int) -> ReportCell {
    guard let value, value.isFinite else { return .none }
    let places = min(max(digits, 0), Fixed.fractionDigits)
    var step = 1.0
    var unit = Fixed.scale
    for _ in 0..<places {
      step *= 10
      unit /= 10
    }
    let scaled = (value * step).rounded(.toNearestOrEven)
    guard abs(scaled) < 1e18, abs(value) < 1e17 else { return .none }
    return .amount(Fixed(units: Int128(scaled) * unit))
  }

  /// The number in a cell, for statistics and drawing only.
  public var number: Double? {
    switch self {
    case .amount(let amount): amount.approximate
    case .integer(let number): Double(number)
    default: nil
    }
  }
}
