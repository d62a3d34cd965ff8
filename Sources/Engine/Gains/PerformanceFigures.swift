import Amounts
import Performance

/// A figure of statistics, or why there is none.
enum StatedFigure: Hashable, Sendable {
  case value(Double)
  case refused(String)

  init(_ value: Double?, else reason: String) {
    self = value.map { .value($0) } ?? .refused(reason)
  }

  var value: Double? {
    if case .value(let value) = self { return value }
    return nil
  }
}

/// What a stretch of days earned, for how much risk.
///
/// Days are those of UTC, a year has 365 of them. The return of a day is its gain over what was there
/// before it and what came in during it: money is taken to come in before the day's gains and to leave
/// after them. Assets without any price are left out, and days with such assets are counted; what gets
/// its first price comes in at it, as money does.
struct PerformanceFigures: Sendable {
  /// The fewest daily returns that a figure of risk rests on.
  static let leastReturns = 30
  /// The fewest days that a rate a year rests on: shorter records are not stretched to a year.
  ///
  /// Source: GIPS Standards 2020 for Firms: returns of less than a year are not annualised.
  static let leastDaysAYear = 365
  /// The most days that rest on old prices, in per cent, of which a figure of risk is still given.
  static let mostStalePercent = 10
  static let barsPerYear = 365.0

  let span: GainSpan
  /// All days as one.
  let sum: DayFigures
  /// What was there before the first day, priced assets alone.
  let opening: Fixed
  /// How many days have a return.
  let returns: Int
  /// How many have none, as nothing was there.
  let emptyDays: Int
  /// On how many more than a tenth of the value rests on prices that are days old.
  let staleDays: Int
  /// On how many something is held that has no price.
  let unpricedDays: Int
  /// How many rest on a price of a day before.
  let carriedDays: Int
  let timeWeighted: StatedFigure
  let modifiedDietz: StatedFigure
  let moneyWeighted: InternalRate
  let annualGrowth: StatedFigure
  let volatility: StatedFigure
  let maximumDrawdown: StatedFigure
  let currentDrawdown: StatedFigure
  let sharpe: StatedFigure
  let sortino: StatedFigure
  let calmar: StatedFigure
  let omega: StatedFigure
  let benchmark: BenchmarkFigures
  /// Wealth after each day, from 1, for a chart.
  ///
  /// A day without a return repeats the last.
  let wealth: [Double]
  /// The same of the benchmark, on the days that both have a return: it ends where its total does.
  ///
  /// Empty where no day has both.
  let benchmarkWealth: [Double]

  /// Measures some days of a history.
  ///
  /// - Parameters:
  ///   - history: All days.
  ///   - span: Which of them.
  ///   - benchmark: The benchmark's return on each day of the history; `nil` where it is not known.
  init(_ history: ValueHistory, _ span: GainSpan, benchmark: [Double?]) {
    self.span = span
    let days = Array(history.window(from: span.first, through: span.last))
    let before = history[span.first.advanced(by: -1)]
    sum = ValueHistory.sum(days)
    opening = before?.value ?? .zero
    let daily = DailyReturns(days)
    returns = daily.known.count
    staleDays = daily.stale
    emptyDays = daily.empty
    unpricedDays = days.count { $0.unpriced > 0 }
    carriedDays = days.count { $0.carried > 0 }
    wealth = daily.wealth
    let refusal = PerformanceFigures.refusal(daily)
    timeWeighted =
      daily.known.isEmpty
      ? .refused("no day has a return")
      : StatedFigure(daily.wealth.last.map { $0 - 1 }, else: "beyond what a number holds")
    let money = MoneyFigures(days, span, opening: opening)
    modifiedDietz = money.dietz
    moneyWeighted = money.rate
    let ratios = ReturnRatios(daily.known, barsPerYear: PerformanceFigures.barsPerYear)
    let drawdowns = Drawdowns(returns: daily.known)
    let yearly = refusal ?? PerformanceFigures.tooShort(daily)
    func stated(_ value: Double?, _ refusal: String?) -> StatedFigure {
      refusal.map { .refused($0) } ?? StatedFigure(value, else: "not defined for these returns")
    }
    annualGrowth = stated(ratios.annualGrowth, yearly)
    volatility = stated(ratios.annualVolatility, refusal)
    let fallRefusal =
      daily.known.isEmpty ? "no day has a return" : PerformanceFigures.stale(daily)
    maximumDrawdown = stated(drawdowns?.maximum, fallRefusal)
    currentDrawdown = stated(drawdowns?.current, fallRefusal)
    sharpe = stated(ratios.sharpe()?.annual, refusal)
    sortino = stated(ratios.sortino()?.annual, refusal)
    calmar = stated(ratios.calmar, yearly)
    omega = stated(ratios.omega(), refusal)
    let start = max(0, span.first.number - history.first.number)
    let other = Array(benchmark.dropFirst(start).prefix(days.count))
    self.benchmark = BenchmarkFigures(daily.byDay, other)
    benchmarkWealth = PerformanceFigures.wealth(of: other, beside: daily.byDay)
  }

  private static func wealth(of other: [Double?], beside own: [Double?]) -> [Double] {
    var level = 1.0
    var levels: [Double] = []
    var days = 0
    for index in own.indices {
      if own[index] != nil, index < other.count, let rate = other[index] {
        level *= 1 + rate
        days += 1
      }
      levels.append(level)
    }
    return days > 0 && level.isFinite ? levels : []
  }

  /// How far below its highest level so far wealth stands after each day; zero at a new one.
  var drawdowns: [Double] {
    var highest = 1.0
    return wealth.map { level in
      highest = max(highest, level)
      return highest > 0 ? level / highest - 1 : 0
    }
  }

  /// Why there is no figure of risk.
  private static func refusal(_ daily: DailyReturns) -> String? {
    if daily.known.count < leastReturns {
      return "\(daily.known.count) of at least \(leastReturns) daily returns"
    }
    return stale(daily)
  }

  private static func stale(_ daily: DailyReturns) -> String? {
    let all = daily.byDay.count
    guard daily.stale * 100 > all * mostStalePercent else { return nil }
    return "\(daily.stale) of \(all) days rest on prices that are days old"
  }

  private static func tooShort(_ daily: DailyReturns) -> String? {
    daily.known.count < leastDaysAYear
      ? "\(daily.known.count) of at least \(leastDaysAYear) daily returns" : nil
  }
}

/// The return of each day.
private struct DailyReturns {
  /// By day; `nil` where it is not known or nothing was there.
  private(set) var byDay: [Double?] = []
  private(set) var known: [Double] = []
  private(set) var wealth: [Double] = []
  private(set) var empty = 0
  private(set) var stale = 0

  init(_ days: [DayFigures]) {
    var level = 1.0
    for day in days {
      let rate = day.period.timeWeightedReturn(.inBeforeOutAfter)
      byDay.append(rate)
      if day.isMostlyStale { stale += 1 }
      if let rate {
        known.append(rate)
        level *= 1 + rate
      } else {
        empty += 1
      }
      wealth.append(level)
    }
    if !level.isFinite { wealth = [] }
  }
}

/// Returns that depend on when money came and went.
///
/// What begins to have a price counts as money that comes in at that price.
private struct MoneyFigures {
  let dietz: StatedFigure
  let rate: InternalRate

  init(_ days: [DayFigures], _ span: GainSpan, opening: Fixed) {
    guard let last = days.last else {
      dietz = .refused("no day")
      rate = .undefined(.tooFewFlows)
      return
    }
    var flows = [CashFlow(day: span.first.number - 1, amount: 0 - opening.approximate)]
    var weighted: [ModifiedDietz.Flow] = []
    let length = Double(days.count)
    var before = opening
    for (index, day) in days.enumerated() {
      let amount = MoneyFigures.flow(of: day, after: before)
      before = day.value
      if amount == 0 { continue }
      flows.append(CashFlow(day: span.first.number + index, amount: 0 - amount))
      // Money is there from the beginning of its day, as in daily returns.
      weighted.append(ModifiedDietz.Flow(amount: amount, weight: (length - Double(index)) / length))
    }
    flows.append(CashFlow(day: span.first.number + days.count - 1, amount: last.value.approximate))
    rate = InternalRate.of(flows, dayCount: .actual365Fixed)
    dietz = StatedFigure(
      ModifiedDietz(
        opening: opening.approximate, closing: last.value.approximate, flows: weighted
      ).rate, else: "no capital on average")
  }

  /// What a day's value changed by beside its gain; exact, so that nothing is left of no flow.
  private static func flow(of day: DayFigures, after before: Fixed) -> Double {
    let change = try? day.value.subtracting(before).subtracting(day.gain)
    return change?.approximate ?? 0
  }
}

/// The days beside a benchmark.
struct BenchmarkFigures: Sendable {
  /// On how many days both have a return.
  let days: Int
  /// What the benchmark returned on those days.
  let total: StatedFigure
  let beta: StatedFigure
  let alpha: StatedFigure
  let trackingError: StatedFigure
  let correlation: StatedFigure

  init(_ own: [Double?], _ other: [Double?]) {
    var (returns, against) = ([Double](), [Double]())
    for (a, b) in zip(own, other) {
      guard let a, let b else { continue }
      returns.append(a)
      against.append(b)
    }
    days = returns.count
    let comparison = BenchmarkComparison(returns, against: against)
    let year = PerformanceFigures.barsPerYear
    let least = PerformanceFigures.leastReturns
    let refusal =
      returns.count < least ? "\(returns.count) of at least \(least) days with both" : nil
    func stated(_ value: @autoclosure () -> Double?) -> StatedFigure {
      refusal.map { .refused($0) } ?? StatedFigure(value(), else: "not defined for these returns")
    }
    total =
      returns.isEmpty
      ? .refused("no day with both")
      : StatedFigure(Growth.linked(against), else: "beyond what a number holds")
    beta = stated(comparison.regression?.beta)
    alpha = stated(comparison.jensenAlpha(barsPerYear: year))
    trackingError = stated(comparison.trackingError(barsPerYear: year))
    correlation = stated(comparison.regression?.correlation)
  }
}
