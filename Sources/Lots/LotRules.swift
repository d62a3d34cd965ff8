public import Amounts
public import Ledger

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
  /// The lots that the disposal names; where it names none, those that a standing order of its
  /// account asks for, else the earliest first.
  ///
  /// Source of the fallback: 26 CFR § 1.1012-1(j)(3)(i),
  /// https://www.ecfr.gov/current/title-26/section-1.1012-1
  case specific
}

/// An order in which an account's disposals take lots, recorded before they happen.
public struct StandingOrder: Hashable, Sendable {
  /// Its number, by which it is found again.
  public let number: Int32
  /// The order.
  public let order: LotOrder
  /// From when on it is in force, and never before it was recorded.
  public let start: Instant
  /// When it was taken back; `nil` while it stands.
  public let end: Instant?

  /// Makes a standing order.
  ///
  /// - Parameters:
  ///   - number: Its number.
  ///   - order: The order; `specific` is none, and takes the earliest first.
  ///   - start: From when on it is in force.
  ///   - end: When it was taken back; `nil` while it stands.
  public init(number: Int32, order: LotOrder, start: Instant, end: Instant? = nil) {
    self.number = number
    self.order = order
    self.start = start
    self.end = end
  }

  /// Whether it is in force at a time, unless a later one is.
  func holds(at time: Instant) -> Bool { start <= time && end.map { $0 > time } ?? true }
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
  /// What accounts are to do where a disposal names no lots, under the order `specific`.
  ///
  /// Of those in force at a time the last to begin counts, and of those the last in the list.
  ///
  /// Source: 26 CFR § 1.1012-1(j)(3)(ii), https://www.ecfr.gov/current/title-26/section-1.1012-1,
  /// and IRS Notice 2025-7, https://www.irs.gov/pub/irs-drop/n-25-07.pdf: a standing order that was
  /// recorded before the units are sold identifies them.
  public var standing: [AccountID: [StandingOrder]] = [:]

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
  /// The standing order of an account that is in force at a time; `nil` for none.
  public func standing(of account: AccountID, at time: Instant) -> StandingOrder? {
    var found: StandingOrder?
    for one in standing[account] ?? [] where one.holds(at: time) {
      if found.map({ $0.start <= one.start }) ?? true { found = one }
    }
    return found
  }

  /// How what a disposal does not name is taken under the order `specific`.
  func unnamed(of account: AccountID, at time: Instant) -> (order: LotOrder, choice: LotChoice) {
    guard let found = standing(of: account, at: time), found.order != .specific else {
      return (.fifo, .fallback)
    }
    return (found.order, .standing(found.number))
  }
}
