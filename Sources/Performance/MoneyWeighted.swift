public import Amounts
import Ledger
import Statistics

/// How the time between two days is measured in years.
public enum DayCount: String, Hashable, Sendable, CaseIterable {
  /// Days over 365.
  case actual365Fixed = "act/365F"
  /// Days over 365.25.
  case actual36525 = "act/365.25"
  /// Days over 360.
  case actual360 = "act/360"
  /// Days of leap years over 366, others over 365 (ISDA 2006 definitions, section 4.16(b)).
  case actualActual = "act/act"
  /// Months of 30 days (ISDA 2006 definitions, section 4.16(g), 30E/360).
  case thirty360European = "30E/360"

  /// Years from one day to a later one.
  ///
  /// - Parameters:
  ///   - first: Days since 1970-01-01.
  ///   - second: Days since 1970-01-01.
  /// - Returns: The time between them, negative where the second comes first. Unit: year.
  public func years(from first: Int, to second: Int) -> Double {
    let days = Double(second) - Double(first)
    switch self {
    case .actual365Fixed: return days / 365
    case .actual36525: return days / 365.25
    case .actual360: return days / 360
    case .actualActual: return Self.yearsPassed(second) - Self.yearsPassed(first)
    case .thirty360European: return (Self.months(second) - Self.months(first)) / 12
    }
  }

  private static func civil(_ day: Int) -> CivilTime {
    CivilTime(utc: Instant(seconds: Int64(min(max(day, -10_000_000), 10_000_000)) * 86400))
  }

  private static func yearsPassed(_ day: Int) -> Double {
    let year = civil(day).year
    guard let first = CivilTime(year: year, month: 1, day: 1) else { return 0 }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let passed = Double(day) - Double(first.utc.seconds / 86400)
    return Double(year) + passed / (isLeap ? 366 : 365)
  }

  private static func months(_ day: Int) -> Double {
    let civil = civil(day)
    return Double(civil.year * 12 + civil.month) + Double(min(civil.day, 30)) / 30
  }
}

/// Money on a day, seen from the holder: paid in is negative, taken out or still there is positive.
public struct CashFlow: Hashable, Sendable {
  /// Days since 1970-01-01.
  public let day: Int
  /// How much, in one currency for all flows.
  public let amount: Double

  /// Makes a flow.
  public init(day: Int, amount: Double) {
    self.day = day
    self.amount = amount
  }

  /// Makes a flow of an exact amount.
  public init(day: Int, money: Money) {
    self.init(day: day, amount: money.amount.approximate)
  }
}

/// The rate at which flows are worth nothing together: money-weighted, yearly compounded (XIRR).
public enum InternalRate: Hashable, Sendable {
  /// One rate: its value a year.
  case rate(Double)
  /// Several rates solve the equation: the preferred one, and the others in ascending order.
  case ambiguous(Double, others: [Double])
  /// There is none, and why.
  case undefined(Reason)

  /// Why there is no rate.
  public enum Reason: Hashable, Sendable {
    /// Fewer than two days with money, or a number that is none.
    case tooFewFlows
    /// Money went only one way.
    case oneDirection
    /// The present value never changes its sign.
    case noRoot
    /// It changes its sign only so near −100 %, or so far up, that no number can tell.
    case notRepresentable
  }

  /// The rate, the preferred one of several; `nil` where there is none.
  ///
  /// Unit: 1/year.
  public var value: Double? {
    switch self {
    case .rate(let rate), .ambiguous(let rate, _): rate
    case .undefined: nil
    }
  }

  /// Further solutions, in ascending order.
  public var others: [Double] {
    if case .ambiguous(_, let others) = self { others } else { [] }
  }

  /// Solves Σ aᵢ (1 + rate)^(−tᵢ) = 0 for every rate above −100 %.
  ///
  /// All sign changes of the present value are isolated by bounds on intervals, none is guessed.
  /// Of several solutions the preferred one has the sign of the sum of the flows, where one has, and
  /// is the growth nearest to 10 % a year.
  ///
  /// - Parameters:
  ///   - flows: In any order; those of a day are added.
  ///   - dayCount: How time is measured.
  /// - Returns: The solutions, or why there is none. A present value that touches 0 without changing
  ///   its sign is no solution.
  /// - Complexity: O(n) an evaluation; some 60 evaluations where money turns once, a few hundred
  ///   where it turns often, never more than 20 000.
  /// - Source: the equation is that of GIPS Standards 2020 for Firms, provision 2.A.28 (money-
  ///   weighted returns); bounds on intervals: R. E. Moore, Interval Analysis, 1966, ch. 3.
  public static func of(_ flows: [CashFlow], dayCount: DayCount) -> InternalRate {
    guard let value = PresentValue(flows, dayCount: dayCount) else {
      return .undefined(.tooFewFlows)
    }
    guard value.signChangeCount > 0 else { return .undefined(.oneDirection) }
    let rates = value.roots().map { PresentValue.rate($0) }
    guard let preferred = preferred(of: rates, sum: value.sum) else {
      return .undefined(value.hasRootBeyond ? .notRepresentable : .noRoot)
    }
    guard rates.count > 1 else { return .rate(preferred) }
    return .ambiguous(preferred, others: rates.filter { $0 != preferred }.sorted())
  }

  /// Rates within a factor of a thousand a year are weighed before others, which mathematics knows
  /// and nobody has earned.
  private static func preferred(of rates: [Double], sum: Double) -> Double? {
    let distance = { (rate: Double) in abs(Elementary.log((1 + rate) / 1.1)) }
    let plausible = rates.filter { distance($0) < 7 }
    let pool = plausible.isEmpty ? rates : plausible
    let agreeing = pool.filter { ($0 < 0) == (sum < 0) }
    return (agreeing.isEmpty ? pool : agreeing).min { distance($0) < distance($1) }
  }
}
