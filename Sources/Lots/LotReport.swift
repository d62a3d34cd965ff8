public import Amounts
public import Ledger

/// For how long something was held.
public enum HoldingTerm: String, Hashable, Sendable {
  /// For a year at most; also what comes from a pool or was never acquired, whose days nobody knows.
  case short
  /// For more than a year.
  case long
}

/// A part of a disposal, and where its cost comes from.
public struct LotMatch: Hashable, Sendable {
  /// How the cost was found.
  public let rule: MatchRule
  /// The event that made the lot, for lots.
  public let lot: LotID?
  /// The account whose lot or pool it is, where accounts have their own.
  public let account: AccountID?
  /// Since when the lot was held.
  public let acquired: Instant?
  /// How much, rounded to 18 digits after a split that left more.
  public let quantity: Quantity
  /// What it had cost; `nil` where unknown.
  public let cost: Fixed?
  /// Its share of the proceeds; `nil` where unknown, or where there are none to speak of.
  public let proceeds: Fixed?
  /// Proceeds less cost; `nil` where either is.
  public let gain: Fixed?
  /// For how long it was held.
  public let term: HoldingTerm
  /// What decided that it was taken.
  public let choice: LotChoice

  /// Whether the disposal named the lot.
  public var isNamed: Bool { choice == .named }
}

/// Something given away, and what was gained by it.
public struct LotDisposal: Hashable, Sendable {
  /// The event.
  public let event: LotID
  /// When.
  public let time: Instant
  /// The day, where the rules count days.
  public let day: CivilDay
  /// The account that it left.
  public let account: AccountID
  /// The asset.
  public let asset: AssetID
  /// Why.
  public let kind: DisposalKind
  /// How much, fees in the same asset included where they are joined.
  public let quantity: Quantity
  /// What it had cost; `nil` where a part is unknown.
  public let cost: Fixed?
  /// What was got for it after fees; `nil` where unknown, and for what is not taxable.
  public let proceeds: Fixed?
  /// Proceeds less cost; `nil` where either is.
  public let gain: Fixed?
  /// Whether its gain counts: gifts under `noGain` and removals have none.
  public let isTaxable: Bool
  /// Its parts, in the order in which they were taken.
  public let matches: [LotMatch]

  /// Whether a part of it was never acquired, as far as the records tell.
  public var lacksBasis: Bool { matches.contains { $0.rule == .missing } }
}

/// Something earned.
public struct LotIncome: Hashable, Sendable {
  /// The event, which also made a lot.
  public let event: LotID
  /// When.
  public let time: Instant
  /// The day, where the rules count days.
  public let day: CivilDay
  /// The account that it came to.
  public let account: AccountID
  /// The asset.
  public let asset: AssetID
  /// Where it comes from.
  public let kind: IncomeKind
  /// How much.
  public let quantity: Quantity
  /// What it was worth; `nil` where unknown.
  public let value: Fixed?
}

/// What is left of a lot in one account, or what a pool holds.
public struct OpenLot: Hashable, Sendable {
  /// The asset.
  public let asset: AssetID
  /// The event that made the lot; `nil` for a pool.
  public let lot: LotID?
  /// Since when it is held; `nil` for a pool.
  public let acquired: Instant?
  /// Where it lies, where accounts have lots of their own.
  public let account: AccountID?
  /// How much is left.
  public let quantity: Quantity
  /// What that has cost; `nil` where unknown.
  public let cost: Fixed?

  /// What would be gained by selling it all.
  ///
  /// - Parameter price: Of one unit, in the book's currency; `nil` where none is known.
  /// - Returns: Value less cost, `nil` where either is unknown.
  /// - Throws: `overflow`.
  public func unrealised(at price: Price?) throws(ArithmeticFault) -> Fixed? {
    guard let price, let cost else { return nil }
    let value = try quantity.fixed.multiplied(by: price.fixed, rounding: .halfEven)
    return try value.subtracting(cost)
  }
}

/// What is held of one asset.
public struct HeldAsset: Hashable, Sendable {
  /// The asset.
  public let asset: AssetID
  /// All of it.
  public let quantity: Quantity
  /// What it has cost; `nil` where a part is unknown.
  public let cost: Fixed?
  /// Its parts: by acquisition, then account.
  public let lots: [OpenLot]
}

/// The sums of a tax year.
///
/// Unit: the book's currency.
public struct YearTotals: Hashable, Sendable {
  /// Taxable disposals.
  public var disposals = 0
  /// Of these, how many have an unknown gain: the sums do not hold them.
  public var unknownDisposals = 0
  /// Of these, how many give away what was never acquired, as far as the records tell.
  public var disposalsLackingBasis = 0
  /// What was got, after fees.
  public var proceeds = Fixed.zero
  /// What it had cost.
  public var cost = Fixed.zero
  /// The gains of disposals with a gain.
  public var gains = Fixed.zero
  /// The losses of disposals with a loss, above zero.
  public var losses = Fixed.zero
  /// Gains less losses.
  public var net = Fixed.zero
  /// The part of `net` that was held for a year at most.
  public var short = Fixed.zero
  /// The part of `net` that was held for more than a year.
  public var long = Fixed.zero
  /// What was earned.
  public var income = Fixed.zero
  /// How many earnings have an unknown value: the sum does not hold them.
  public var unknownIncome = 0

  /// Starts from nothing.
  public init() {}
}

/// What a book says, all figures in the currency of its rules.
public struct LotReport: Hashable, Sendable {
  /// Disposals, in order of time.
  public internal(set) var disposals: [LotDisposal] = []
  /// Income, in order of time.
  public internal(set) var income: [LotIncome] = []
  /// What is held, in order of asset.
  public internal(set) var holdings: [HeldAsset] = []
  /// Sums by tax year.
  public internal(set) var totals: [TaxYearLabel: YearTotals] = [:]
  /// What does not add up, in the order of events.
  public internal(set) var problems: [LotProblem] = []
}

/// Why there is no report.
public enum LotReportFault: Error, Hashable, Sendable {
  /// The rules refuse a book with this in it; it is the first of its kind.
  case refused(LotProblem)
  /// A sum leaves the range of exact numbers.
  case overflow
}
