import Amounts

/// Brings bars in one currency into another, by the bars of the rate.
///
/// A bar is crossed with the rate's bar of the same time; where there is none, there is a gap. First
/// and last price are exact; between them nobody knows when the highest price met which rate, so
/// highest and lowest are at the mean of the rate's first and last, and hold the first and last.
public enum BarCrossing {
  /// The bars in the rate's currency.
  ///
  /// - Parameters:
  ///   - bars: Of one length, in order of time.
  ///   - rate: What one of their currency costs, of the same length, in order of time.
  /// - Returns: One bar where there are both and the result is within exact numbers.
  /// - Complexity: O(bars + rates).
  public static func crossed(_ bars: [PriceBar], with rate: [PriceBar]) -> [PriceBar] {
    var crossed: [PriceBar] = []
    var place = 0
    for bar in bars {
      while place < rate.count, rate[place].start < bar.start { place += 1 }
      guard place < rate.count, rate[place].start == bar.start else { continue }
      if let one = product(bar, rate[place]) { crossed.append(one) }
    }
    return crossed
  }

  /// The best bars, and where there is none those of others.
  ///
  /// - Parameters:
  ///   - best: In order of time.
  ///   - others: In order of time.
  /// - Returns: In order of time, one of each time.
  /// - Complexity: O(bars of both).
  public static func filled(_ best: [PriceBar], with others: [PriceBar]) -> [PriceBar] {
    if others.isEmpty { return best }
    if best.isEmpty { return others }
    var filled: [PriceBar] = []
    filled.reserveCapacity(best.count + others.count)
    var place = 0
    for bar in best {
      while place < others.count, others[place].start < bar.start {
        filled.append(others[place])
        place += 1
      }
      while place < others.count, others[place].start == bar.start { place += 1 }
      filled.append(bar)
    }
    return filled + others[place...]
  }

  /// The rate the other way round.
  public static func inverted(_ rate: [PriceBar]) -> [PriceBar] {
    rate.compactMap { bar in
      guard let open = inverse(bar.open), let high = inverse(bar.low), let low = inverse(bar.high),
        let close = inverse(bar.close)
      else { return nil }
      return PriceBar(start: bar.start, open: open, high: high, low: low, close: close)
    }
  }

  private static func inverse(_ price: Price) -> Price? {
    guard let inverse = try? price.inverted(), !inverse.isZero else { return nil }
    return inverse
  }

  private static func product(_ bar: PriceBar, _ rate: PriceBar) -> PriceBar? {
    guard let sum = try? rate.open.adding(rate.close),
      let mean = try? sum.fixed.divided(by: Fixed(whole: 2), rounding: .halfEven),
      let open = try? bar.open.crossed(with: rate.open),
      let close = try? bar.close.crossed(with: rate.close),
      let high = try? bar.high.crossed(with: Price(mean)),
      let low = try? bar.low.crossed(with: Price(mean)), !open.isZero, !close.isZero, !low.isZero
    else { return nil }
    return PriceBar(
      start: bar.start, open: open, high: max(high, open, close), low: min(low, open, close),
      close: close)
  }
}
