import Statistics

/// Growth over many periods.
public enum Growth {
  /// Periods linked geometrically: ∏(1 + r) − 1.
  ///
  /// Returns of subperiods between flows linked like this are the time-weighted return.
  ///
  /// - Parameter returns: Simple returns, oldest first. Unit: 1.
  /// - Returns: The total return, 0 without periods; `nil` where it is not finite.
  /// - Complexity: O(n).
  /// - Source: GIPS Standards 2020 for Firms, provision 2.A.24.
  public static func linked(_ returns: [Double]) -> Double? {
    finite(returns.reduce(1) { $0 * (1 + $1) } - 1)
  }

  /// A total return as a yearly rate: (1 + R)^(year/length) − 1.
  ///
  /// - Parameters:
  ///   - total: The return over the whole length. Unit: 1.
  ///   - length: How long it took, in bars or days.
  ///   - year: A year in the same unit: 365 for daily bars of a market that never closes.
  /// - Returns: The rate; `nil` for a loss of more than everything, an empty length or a rate beyond
  ///   what a number can hold.
  /// - Source: C. R. Bacon, Practical Portfolio Performance Measurement and Attribution, 2nd ed.,
  ///   2008, ch. 2, annualised returns.
  public static func annualised(_ total: Double, over length: Double, year: Double) -> Double? {
    guard total >= -1, length > 0, year > 0 else { return nil }
    return finite(Elementary.pow(1 + total, year / length) - 1)
  }

  /// The compound annual growth rate of a series.
  ///
  /// - Parameters:
  ///   - returns: Simple returns, oldest first. Unit: 1.
  ///   - barsPerYear: How many returns make a year.
  /// - Returns: The rate a year; `nil` without returns or as ``annualised(_:over:year:)`` says.
  public static func annual(_ returns: [Double], barsPerYear: Double) -> Double? {
    guard let total = linked(returns) else { return nil }
    return annualised(total, over: Double(returns.count), year: barsPerYear)
  }

  /// The return a bar that, repeated, gives the same total: (∏(1 + r))^(1/n) − 1.
  ///
  /// - Parameter returns: Simple returns. Unit: 1.
  /// - Returns: The geometric mean; `nil` without returns or after a loss of more than everything.
  public static func geometricMean(_ returns: [Double]) -> Double? {
    annual(returns, barsPerYear: 1)
  }
}

/// A number, unless it is infinite or none.
func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

/// One number over another, unless there is no finite answer.
func ratio(_ numerator: Double, _ denominator: Double) -> Double? {
  denominator == 0 ? nil : finite(numerator / denominator)
}
