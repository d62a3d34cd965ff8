import Amounts
import Ledger
import Prices

/// What a price that is old may have come to meanwhile.
///
/// Twice the volatility of a day times the root of the days since: for a random walk without drift
/// about nineteen in twenty prices lie within (variance grows with time: Bachelier, Théorie de la
/// spéculation, 1900; 1.96 standard deviations hold 95 % of a normal distribution). The age counts as
/// the next of 1, 2, 4, 8 … minutes, so that the range changes seldom and is the same for whoever
/// computes it. Where no volatility is known the range stays what the sources last said.
enum StaleRange {
  /// The range, and when it becomes wider.
  struct Range {
    let low: Price
    let high: Price
    let changesAt: Instant?
  }

  /// The root of a minute and of two minutes, in days: √(1/1,440) and √(2/1,440).
  private static let roots = (
    one: Fixed(units: 26_352_313_834_736_494), two: Fixed(units: 37_267_799_624_996_495)
  )
  /// The longest age that counts, in steps: 2³⁰ minutes.
  private static let mostSteps = 30

  static func of(_ valuation: Valuation, volatility: Fixed?, at now: Instant) -> Range {
    let known = Range(low: valuation.low, high: valuation.high, changesAt: nil)
    guard valuation.confidence == .stale, let volatility, volatility > .zero,
      valuation.time.microseconds != .max
    else { return known }
    let age = now.microseconds - min(valuation.time.microseconds, now.microseconds)
    var step = 0
    while step < mostSteps, 60_000_000 << Int64(step) < age { step += 1 }
    let next =
      step == mostSteps
      ? nil : Instant(microseconds: valuation.time.microseconds + (60_000_000 << Int64(step)))
    let root = step % 2 == 0 ? roots.one : roots.two
    let scale = Fixed(whole: 2 << Int64(step / 2))
    guard let daily = try? volatility.multiplied(by: root, rounding: .halfEven),
      let part = try? daily.multiplied(by: scale, rounding: .halfEven),
      let width = try? valuation.price.fixed.multiplied(by: part, rounding: .halfEven),
      let low = try? valuation.price.fixed.subtracting(width),
      let high = try? valuation.price.fixed.adding(width)
    else { return Range(low: valuation.low, high: valuation.high, changesAt: next) }
    return Range(
      low: min(valuation.low, Price(max(low, .zero))), high: max(valuation.high, Price(high)),
      changesAt: next)
  }
}
