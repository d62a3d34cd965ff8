import Amounts
import Ledger
import Lots
import Performance
import Wire

/// The boards of what was gained, in the usual periods.
struct GainsBoard {
  /// The most days that a chart is sent.
  static let mostDays = 400
  /// All of them.
  static let names = Set(
    GainPeriod.allCases.flatMap { [Board.performance + $0.rawValue, Board.gains + $0.rawValue] })

  private let desk: GainsDesk
  private let period: GainPeriod
  private let isByAsset: Bool

  /// A board by its name; `nil` for a name of another desk.
  init?(_ name: String, _ desk: GainsDesk) {
    let prefix = [Board.performance, Board.gains].first { name.hasPrefix($0) }
    guard let prefix, let period = GainPeriod(rawValue: String(name.dropFirst(prefix.count)))
    else { return nil }
    self.desk = desk
    self.period = period
    isByAsset = prefix == Board.gains
  }

  /// The board as it is now.
  var report: Report {
    guard let digest = desk.digest else { return Report(facts: stateFacts) }
    return isByAsset ? byAsset(digest) : performance(digest)
  }

  private var stateFacts: [Report.Fact] {
    switch desk.state {
    case .computing(let percent):
      [.init("state", .text("computing")), .init("done_percent", .integer(Int64(percent)))]
    case .ready: [.init("state", .text("ready"))]
    case .failed(let reason):
      [.init("state", .text("failed")), .init("problem", .text(reason))]
    }
  }

  // MARK: - Performance

  private func performance(_ digest: GainsDigest) -> Report {
    let history = digest.history.shifted(by: desk.shift)
    let first = period.first(through: digest.today, since: history.first)
    guard let span = GainSpan(first, digest.today) else { return Report(facts: stateFacts) }
    let figures = PerformanceFigures(history, span, benchmark: digest.benchmark)
    let days = history.window(from: first, through: digest.today)
    let stride = max(1, (days.count + GainsBoard.mostDays - 1) / GainsBoard.mostDays)
    var rows: [[ReportCell]] = []
    let falls = figures.drawdowns
    var deepest: Double?
    func ratio(_ values: [Double], _ index: Int) -> ReportCell {
      .ratio(values.indices.contains(index) ? values[index] : nil)
    }
    for (index, day) in days.enumerated() {
      // The deepest of the days that one row stands for, so that none is left out.
      if falls.indices.contains(index) { deepest = min(deepest ?? 0, falls[index]) }
      guard (days.count - 1 - index).isMultiple(of: stride) else { continue }
      rows.append([
        .text(first.advanced(by: index).description), .amount(day.value), .amount(day.gain),
        ratio(figures.wealth, index), .integer(Int64(day.unpriced)),
        ratio(figures.benchmarkWealth, index), .ratio(deepest),
      ])
      deepest = nil
    }
    return Report(
      facts: stateFacts
        + PerformanceReport.sums(figures, currency: digest.currency, desk.inputs.benchmark)
        + PerformanceReport.figures(figures)
        + [.init("doubtful_prices", .integer(Int64(desk.inputs.doubtful.count)))],
      tableName: "days",
      columns: [
        "day", "value", "gain", "return_index", "unpriced", "benchmark_index", "drawdown",
      ], rows: rows)
  }

  // MARK: - By asset

  private func byAsset(_ digest: GainsDigest) -> Report {
    let sums = digest.assets[period] ?? [:]
    let assets = Set(sums.keys).union(digest.open.keys).sorted()
    var realised = RealisedTotal()
    var unknownLots = 0
    var rows: [(Fixed, [ReportCell])] = []
    for asset in assets {
      var sum = sums[asset] ?? DayFigures()
      sum.shift(by: desk.shift(of: asset), isCurrency: asset.isCurrency)
      let open = digest.open[asset] ?? OpenSum()
      let made = digest.realised[asset] ?? RealisedSum()
      realised.add(made)
      unknownLots += open.unknownLots
      let size = (try? sum.gain.magnitude()) ?? .zero
      rows.append((size, row(asset, sum, open, made, digest)))
    }
    rows.sort { $0.0 > $1.0 }
    return Report(
      facts: stateFacts + [
        .init("currency", .text(digest.currency.code)),
        .init("method", .text(digest.rules.methodWord)),
        .init("scope", .text(digest.rules.scopeWord)),
        .init("unrealised", .amount(desk.unrealisedSum)),
        .init("realised", .amount(realised.gain)), .init("income", .amount(realised.income)),
        .init("unknown_lots", .integer(Int64(unknownLots))),
        .init("unknown_disposals", .integer(Int64(realised.unknown))),
        .init("unknown_income", .integer(Int64(realised.unknownIncome))),
        .init("problems", .integer(Int64(digest.problems))),
      ], tableName: "assets",
      columns: [
        "asset", "quantity", "value", "gain", "price", "trading", "rewards", "fees", "funding",
        "unrealised", "cost", "realised", "lots", "unknown_lots", "unpriced", "identity",
        "average_cost",
      ], rows: rows.map(\.1))
  }

  private func row(
    _ asset: AssetID, _ sum: DayFigures, _ open: OpenSum, _ made: RealisedSum,
    _ digest: GainsDigest
  ) -> [ReportCell] {
    let quantity = digest.quantities[asset] ?? .zero
    let isUnpriced = !quantity.isZero && desk.price(of: asset) == nil
    let moved = (try? sum.price.adding(sum.currency)) ?? sum.price
    return [
      .text(asset.ticker), .amount(quantity), isUnpriced ? .none : .amount(sum.value),
      isUnpriced ? .none : .amount(sum.gain), .amount(moved), .amount(sum.trading),
      .amount(sum.rewards), .amount(sum.fees), .amount(sum.funding),
      .amount(known: open.lots == open.unknownLots ? nil : desk.unrealised[asset]),
      .amount(known: open.lots == open.unknownLots ? nil : open.cost),
      .amount(made.gain), .integer(Int64(open.lots)), .integer(Int64(open.unknownLots)),
      .integer(isUnpriced ? 1 : 0),
      .text(asset.text), .amount(known: open.averageCost),
    ]
  }
}

/// Sums of what sales and income brought.
struct RealisedTotal {
  private(set) var gain = Fixed.zero
  private(set) var income = Fixed.zero
  private(set) var unknown = 0
  private(set) var unknownIncome = 0

  mutating func add(_ sum: RealisedSum) {
    if let total = try? gain.adding(sum.gain) { gain = total } else { unknown += 1 }
    if let total = try? income.adding(sum.income) { income = total } else { unknownIncome += 1 }
    unknown += sum.unknown
    unknownIncome += sum.unknownIncome
  }
}

extension AssetID {
  /// Whether it is a currency of ISO 4217.
  var isCurrency: Bool { if case .fiat = self { true } else { false } }
}

extension DayFigures {
  /// Counts prices that have moved since the day was worked out.
  mutating func shift(by change: Fixed, isCurrency: Bool = false) {
    guard !change.isZero, let value = try? value.adding(change),
      let gain = try? gain.adding(change),
      let source = try? (isCurrency ? currency : price).adding(change)
    else { return }
    (self.value, self.gain) = (value, gain)
    if isCurrency { currency = source } else { price = source }
  }
}

extension ValueHistory {
  /// The history with the last day's prices moved on.
  func shifted(by change: Fixed) -> ValueHistory {
    var moved = self
    moved.shiftLast(by: change)
    return moved
  }
}

/// The figures of performance as facts and rows.
enum PerformanceReport {
  /// Sums, flows and sources, and on how many days they rest.
  static func sums(
    _ figures: PerformanceFigures, currency: Currency, _ benchmark: BenchmarkBlend
  ) -> [Report.Fact] {
    let sum = figures.sum
    return [
      .init("currency", .text(currency.code)),
      .init("from", .text(figures.span.first.description)),
      .init("to", .text(figures.span.last.description)),
      .init("opening", .amount(figures.opening)), .init("value", .amount(sum.value)),
      .init("inflow", .amount(sum.inflow)), .init("outflow", .amount(sum.outflow)),
      .init("gain", .amount(sum.gain)), .init("gain_price", .amount(sum.price)),
      .init("gain_currency", .amount(sum.currency)), .init("gain_trading", .amount(sum.trading)),
      .init("gain_fees", .amount(sum.fees)), .init("gain_funding", .amount(sum.funding)),
      .init("gain_rewards", .amount(sum.rewards)), .init("gain_lost", .amount(sum.lost)),
      .init("days", .integer(Int64(figures.span.last.number - figures.span.first.number + 1))),
      .init("daily_returns", .integer(Int64(figures.returns))),
      .init("days_without_capital", .integer(Int64(figures.emptyDays))),
      .init("days_stale", .integer(Int64(figures.staleDays))),
      .init("first_prices", .integer(Int64(sum.unknownGains))),
      .init("days_with_unpriced_holdings", .integer(Int64(figures.unpricedDays))),
      .init("days_with_older_prices", .integer(Int64(figures.carriedDays))),
      .init("unpriced_now", .integer(Int64(sum.unpriced))),
      .init("bars_per_year", .integer(Int64(PerformanceFigures.barsPerYear))),
      .init("flow_timing", .text("in before the day's gains, out after them")),
      .init("benchmark", .text(benchmark.text)),
      .init("benchmark_days", .integer(Int64(figures.benchmark.days))),
    ] + others(figures)
  }

  /// The figures of statistics, or why there is none.
  static func figures(_ figures: PerformanceFigures) -> [Report.Fact] {
    rows(figures).flatMap { row -> [Report.Fact] in
      switch row.figure {
      case .value(let value): [.init(row.name, .ratio(value))]
      case .refused(let reason):
        [.init(row.name, .none), .init("\(row.name)_refused", .text(reason))]
      }
    }
  }

  private static func others(_ figures: PerformanceFigures) -> [Report.Fact] {
    let others = figures.moneyWeighted.others
    if others.isEmpty { return [] }
    let texts = others.prefix(8).map { ReportCell.ratio($0).plain }
    return [.init("xirr_other_solutions", .text(texts.joined(separator: ", ")))]
  }

  /// Every figure with its name, in the order in which they are shown.
  static func rows(
    _ figures: PerformanceFigures
  ) -> [(name: String, figure: StatedFigure, days: Int)] {
    let all = figures.returns
    let both = figures.benchmark
    let days = figures.span.last.number - figures.span.first.number + 1
    return [
      ("twr", figures.timeWeighted, all), ("modified_dietz", figures.modifiedDietz, days),
      ("xirr", moneyWeighted(figures.moneyWeighted, days), days),
      ("annual_growth", figures.annualGrowth, all), ("volatility", figures.volatility, all),
      ("max_drawdown", figures.maximumDrawdown, all),
      ("current_drawdown", figures.currentDrawdown, all), ("sharpe", figures.sharpe, all),
      ("sortino", figures.sortino, all), ("calmar", figures.calmar, all),
      ("omega", figures.omega, all), ("benchmark_return", both.total, both.days),
      ("beta", both.beta, both.days), ("alpha", both.alpha, both.days),
      ("tracking_error", both.trackingError, both.days),
      ("correlation", both.correlation, both.days),
    ]
  }

  /// A rate a year by nature; of a few days it would say nothing.
  private static func moneyWeighted(_ rate: InternalRate, _ days: Int) -> StatedFigure {
    let least = PerformanceFigures.leastReturns
    if days < least { return .refused("\(days) of at least \(least) days") }
    switch rate {
    case .rate(let value), .ambiguous(let value, _): return .value(value)
    case .undefined(.tooFewFlows): return .refused("fewer than two days with money")
    case .undefined(.oneDirection): return .refused("money went only one way")
    case .undefined(.noRoot): return .refused("no rate makes the flows worth nothing together")
    case .undefined(.notRepresentable): return .refused("the rate is beyond what a number holds")
    }
  }
}
