public import Amounts
public import Ledger

/// Makes one price of what several sources say.
///
/// The weighted median of the fresh feeds; those more than 2 % from it are left out, and the median
/// of the rest is the price. Where those left out weigh as much as the rest, nobody knows who is
/// right: the price is disputed, and its range reaches from the least to the most.
///
/// The median resists any minority of wrong feeds: its breakdown point is one half (Rousseeuw and
/// Leroy, Robust Regression and Outlier Detection, 1987, section 1.1).
public enum Consensus {
  /// Sources agree when they are no further apart than one part in so many: 2 %.
  static let part: Int64 = 50

  /// Old quotes count together with the newest one if they are of the same so many seconds.
  static let togetherSeconds: Int64 = 60

  /// The price that candidates lead to.
  ///
  /// Fresh feeds come before everything else; then a price the user stated after the last feed went
  /// silent; then the last feeds, as stale; then what the user stated, then own trades.
  ///
  /// - Parameters:
  ///   - candidates: At most one of each source.
  ///   - now: When.
  /// - Returns: The price; `nil` for no candidates.
  public static func reached(
    by candidates: [PriceCandidate], at now: Instant
  ) -> Valuation? {
    let feeds = candidates.filter(\.isFeed)
    let fresh = feeds.filter { $0.freshUntil >= now }
    if !fresh.isEmpty { return weighed(fresh) }
    let newest = feeds.map(\.time).max()
    let stated = candidates.first { $0.source == .manual }
    if let stated, newest.map({ stated.time > $0 }) ?? true { return alone(stated, at: now) }
    if let newest {
      let together = feeds.filter { $0.time.advanced(bySeconds: togetherSeconds) >= newest }
      return weighed(together).aged
    }
    return candidates.first { $0.source == .ownTrade }.map { alone($0, at: now) }
  }

  /// Whether two prices, both above zero, are at most 2 % apart.
  public static func agree(_ one: Price, _ other: Price) -> Bool {
    areNear(one, other, part: part)
  }

  /// Whether two prices are apart by at most one part in `part` of the smaller one.
  static func areNear(_ one: Price, _ other: Price, part: Int64) -> Bool {
    let (low, high) = one < other ? (one.fixed, other.fixed) : (other.fixed, one.fixed)
    guard let gap = try? high.subtracting(low),
      let scaled = try? gap.multiplied(by: Fixed(whole: part), rounding: .halfEven)
    else { return false }
    return scaled <= low
  }

  /// A price the user stated, or of an own trade.
  private static func alone(_ one: PriceCandidate, at now: Instant) -> Valuation {
    let isFresh = one.freshUntil >= now
    return Valuation(
      price: one.price, low: one.price, high: one.price, dayOpen: one.dayOpen, time: one.time,
      freshUntil: one.freshUntil, changesAt: isFresh ? one.changesAt : .never,
      confidence: !isFresh ? .stale : one.isDisputed ? .disputed : .stated,
      sources: [[one.source] + one.rateSources], rejected: [])
  }

  /// The consensus of at least one feed.
  private static func weighed(_ pool: [PriceCandidate]) -> Valuation {
    let middle = median(pool.map { ($0.price, $0.weight) })
    // Of two, the middle lies between them: what counts is how far they are apart.
    let agreeing =
      pool.count == 2
      ? agree(pool[0].price, pool[1].price) ? pool : []
      : pool.filter { agree($0.price, middle) }
    let isMajority = weight(agreeing) * 2 > weight(pool)
    let counted = isMajority ? agreeing : pool
    let isDoubted = pool.count == 1 && pool[0].suspect != nil
    let said = counted.map(\.price) + (isDoubted ? counted.compactMap(\.suspect) : [])
    let opens = counted.compactMap { one in one.dayOpen.map { ($0, one.weight) } }
    let confidence: Confidence =
      !isMajority || isDoubted || counted.allSatisfy(\.isDisputed)
      ? .disputed : counted.count > 1 ? .agreed : .single
    return Valuation(
      price: isMajority ? median(counted.map { ($0.price, $0.weight) }) : middle,
      low: said.min() ?? middle, high: said.max() ?? middle,
      dayOpen: opens.isEmpty ? nil : median(opens), time: counted.map(\.time).max() ?? .never,
      freshUntil: counted.map(\.freshUntil).max() ?? .never,
      changesAt: pool.map(\.changesAt).min() ?? .never, confidence: confidence,
      sources: counted.map { [$0.source] + $0.rateSources },
      rejected: isMajority ? pool.filter { !agreeing.contains($0) }.map(\.source) : [])
  }

  private static func weight(_ pool: [PriceCandidate]) -> Int {
    pool.reduce(0) { $0 + $1.weight }
  }

  /// The weighted median: half of the weight lies on each side; between two it is their mean.
  ///
  /// Lower and upper weighted median as in Cormen et al., Introduction to Algorithms, problem 9-2.
  static func median(_ prices: [(price: Price, weight: Int)]) -> Price {
    let sorted = prices.sorted { $0.price < $1.price }
    let total = sorted.reduce(0) { $0 + $1.weight }
    var below = 0
    for (index, one) in sorted.enumerated() {
      below += one.weight
      if below * 2 > total { return one.price }
      if below * 2 == total, index + 1 < sorted.count {
        let next = sorted[index + 1].price
        guard let gap = try? next.subtracting(one.price),
          let half = try? gap.fixed.divided(by: Fixed(whole: 2), rounding: .halfEven),
          let mean = try? one.price.adding(Price(half))
        else { return one.price }
        return mean
      }
    }
    return sorted.last?.price ?? .zero
  }
}

extension PriceCandidate {
  /// Whether a running feed says so.
  public var isFeed: Bool {
    guard case .feed = source else { return false }
    return true
  }
}

extension Valuation {
  /// The same, known to be old.
  fileprivate var aged: Valuation {
    Valuation(
      price: price, low: low, high: high, dayOpen: dayOpen, time: time, freshUntil: freshUntil,
      changesAt: .never, confidence: .stale, sources: sources, rejected: rejected)
  }
}

extension Instant {
  /// The furthest future.
  fileprivate static let never = Instant(microseconds: .max)
}
