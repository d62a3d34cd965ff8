import Amounts
import Prices

import func Glibc.log

extension DayCloses {
  /// The fewest returns from which a volatility is told.
  static let fewestReturns = 20
  /// How many of the last returns count.
  static let mostReturns = 90

  /// How much the price moves in a day, as a part of one: the sample standard deviation of the log
  /// returns of days that follow one another, of the last 90; `nil` for fewer than 20.
  ///
  /// - Complexity: O(90).
  /// - Source: Hull, Options, Futures, and Other Derivatives, 8th ed., 2012, section 14.4.
  var dailyVolatility: Fixed? {
    var returns: [Double] = []
    for place in days.indices.dropFirst().suffix(DayCloses.mostReturns)
    where days[place] == days[place - 1] + 1 {
      let (old, new) = (prices[place - 1].fixed.approximate, prices[place].fixed.approximate)
      if old > 0, new > 0 { returns.append(log(new / old)) }
    }
    guard returns.count >= DayCloses.fewestReturns else { return nil }
    let mean = returns.reduce(0, +) / Double(returns.count)
    let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(returns.count - 1)).squareRoot()
    guard deviation.isFinite, deviation < 1_000 else { return nil }
    // Six digits say more than a volatility is known to.
    return Fixed(units: Int128((deviation * 1_000_000).rounded()) * 1_000_000_000_000)
  }
}
