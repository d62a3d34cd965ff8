public import Amounts

/// The order in which lots are taken.
public enum LotOrder: Int, Hashable, Sendable, CaseIterable {
  /// The earliest first.
  case fifo
  /// The latest first.
  case lifo
  /// The dearest first: the highest cost of a unit, fees of the purchase included.
  case hifo
  /// The cheapest first.
  case lofo
  /// The lots that the disposal names; the earliest first where it names none.
  ///
  /// Source of the fallback: 26 CFR § 1.1012-1(j)(3)(i),
  /// https://www.ecfr.gov/current/title-26/section-1.1012-1
  case specific
}

/// How a disposal finds its cost.
public enum LotMethod: Hashable, Sendable {
  /// Lots, taken in an order.
  case lots(LotOrder)
  /// A pool for each asset: every disposal takes the average of that moment.
  case average
}

/// What shares one queue of lots, or one pool.
public enum LotScope: Hashable, Sendable {
  /// Everything that is held of an asset.
  case universal
  /// What one account holds of it; transfers carry lots from one account to another.
  case account
}

/// What a gift does.
public enum GiftRule: Hashable, Sendable {
  /// It takes its lots along and has no gain.
  case noGain
  /// It is a disposal at its value.
  case marketValue
}

/// What a fee paid in tokens does to the disposal that it belongs to.
public enum TokenFeeRule: Hashable, Sendable {
  /// Paid in what is sold, it is sold along for the same proceeds; a fee in a third asset cannot be
  /// and is as in `separate`.
  case joined
  /// It is a disposal of its own; its value lowers the proceeds or raises the cost.
  case separate
}

/// What happens where more is given away than was ever acquired.
public enum MissingBasis: Hashable, Sendable {
  /// Every report is refused, naming the first such event.
  case refused
  /// It has cost nothing: an assumption that is marked on every match it concerns.
  case zero
  /// Its cost is unknown, and so is the gain; a transfer makes a lot of unknown cost.
  case unknown
}

/// Everything that decides a result, beside the events.
public struct LotRules: Sendable {
  /// The currency of every value, fee and cost.
  public var currency: Currency
  /// How disposals find their cost.
  public var method: LotMethod
  /// Orders by the first year that they hold for; before the first of them, `method` does.
  ///
  /// Only lots know orders: an average is an average in every year.
  public var orderByYear: [Int: LotOrder] = [:]
  /// What shares a queue or a pool.
  public var scope = LotScope.account
  /// The order in which a transfer takes lots out of an account.
  public var transferOrder = LotOrder.fifo
  /// How days are counted.
  public var calendar: any DayCalendar = UTCCalendar()
  /// How years are counted.
  public var taxYear = TaxYear.calendar
  /// What a gift does.
  public var gifts = GiftRule.noGain
  /// What a fee in tokens does.
  public var tokenFees = TokenFeeRule.joined
  /// What happens where more is given away than was ever acquired.
  public var missingBasis = MissingBasis.unknown
  /// Whether what the lots that a disposal names do not cover is taken from the earliest others.
  ///
  /// Source: 26 CFR § 1.1012-1(j)(3)(i), https://www.ecfr.gov/current/title-26/section-1.1012-1:
  /// units that are not identified are those acquired earliest.
  public var fillsNamed = false

  /// Makes rules; the rest stands as declared until it is set.
  ///
  /// - Parameters:
  ///   - currency: The currency of every value.
  ///   - method: How disposals find their cost.
  public init(currency: Currency, method: LotMethod) {
    self.currency = currency
    self.method = method
  }

  /// The order in which a disposal at a time takes lots.
  func order(on day: @autoclosure () -> CivilDay, else base: LotOrder) -> LotOrder {
    if orderByYear.isEmpty { return base }
    let year = taxYear.year(of: day()).first
    let latest = orderByYear.keys.filter { $0 <= year }.max()
    return latest.flatMap { orderByYear[$0] } ?? base
  }
}
