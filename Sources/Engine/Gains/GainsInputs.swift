import Amounts
import Ledger
import Lots
import Portfolio
import Prices
import Vault
import Wire

/// What the figures of gains rest on beside the ledger: rules, prices, and who accounts are.
struct GainsInputs: Sendable {
  var rules = GainRules()
  var benchmark = BenchmarkBlend.standard
  var links = AssetLinks()
  var accounts: [AccountID: Account] = [:]
  /// Grows when bars from before were loaded or replaced.
  var generation: UInt64 = 0
  /// Closes of days, and what things cost now.
  var prices: DailyCloses
  /// What is held whose price now is stale or disputed.
  var doubtful: [AssetID: FigureState] = [:]
  /// The positions of this moment, where a question may be about them.
  var positions: [Position] = []
  /// The lots that users named for what they gave away.
  var picks: [LotPick] = []
  /// How accounts take lots where none are named, what was taken back included.
  var instructions: [LotInstruction] = []
  /// As known at which time picks and instructions count; `nil` for now.
  var picksKnownAt: Instant?

  /// The currency of all figures.
  var currency: Currency { prices.currency }
  /// The day that is not over.
  var today: UTCDay { prices.openDay }
}

extension GainsInputs {
  /// The picks that stand.
  var standingPicks: [LotPick] {
    picks.filter { pick in picksKnownAt.map { pick.stands(at: $0) } ?? (pick.withdrawn == nil) }
  }

  /// The lots that entries give away; none by a method that does not ask for them.
  var namedLots: [EntryID: [NamedLot]] {
    if rules.method != .lots(.specific) { return [:] }
    return Dictionary(
      standingPicks.map { ($0.sale, $0.parts.map(\.named)) }, uniquingKeysWith: { $1 })
  }
}

extension LotPick.Part {
  /// The part as the lots' book knows it.
  var named: NamedLot { NamedLot(lot: LotID(entry: entry, part: part), quantity: quantity) }
}

/// What is left of an asset's lots.
struct OpenSum: Hashable, Sendable {
  /// How many lots there are.
  var lots = 0
  /// All of them.
  var quantity = Fixed.zero
  /// What those with a known cost have cost, and how much of the asset they are.
  var cost = Fixed.zero
  var costedQuantity = Fixed.zero
  /// How many have a cost that nobody knows.
  var unknownLots = 0
  /// How many sums left the range of exact numbers.
  var overflows = 0

  mutating func add(_ lot: OpenLot) {
    lots += 1
    quantity = sum(quantity, lot.quantity.fixed)
    guard let paid = lot.cost else {
      unknownLots += 1
      return
    }
    cost = sum(cost, paid)
    costedQuantity = sum(costedQuantity, lot.quantity.fixed)
  }

  private mutating func sum(_ a: Fixed, _ b: Fixed) -> Fixed {
    if let sum = try? a.adding(b) { return sum }
    overflows += 1
    return a
  }

  /// What a unit of the lots of known cost has cost; `nil` where there are none.
  var averageCost: Fixed? {
    if costedQuantity.isZero { return nil }
    return try? cost.divided(by: costedQuantity, rounding: .halfEven)
  }

  /// What selling the lots of known cost would bring above it; `nil` without a price.
  func unrealised(at price: Price?) -> Fixed? {
    guard let price else { return nil }
    let value = try? costedQuantity.multiplied(by: price.fixed, rounding: .halfEven)
    return value.flatMap { try? $0.subtracting(cost) }
  }
}

/// What sales of an asset have made certain.
struct RealisedSum: Hashable, Sendable {
  var gain = Fixed.zero
  var proceeds = Fixed.zero
  var cost = Fixed.zero
  /// Disposals, and how many of them have a gain that nobody knows.
  var disposals = 0
  var unknown = 0
  var income = Fixed.zero
  var unknownIncome = 0
}

/// What the ledger came to: all that the screens need, without the lots themselves.
struct GainsDigest: Sendable {
  var rules: GainRules
  var currency: Currency
  /// The last day, which is not over.
  var today: UTCDay
  /// How many entries it holds.
  var entries: Int
  /// Every day since the first entry.
  var history: ValueHistory
  /// The benchmark's return on each of them.
  var benchmark: [Double?]
  /// What each asset did in the usual periods.
  var assets: [GainPeriod: [AssetID: DayFigures]]
  /// What is held by the ledger, what is on its way among it.
  var quantities: [AssetID: Fixed]
  /// What things were valued at when it was made, however old the price was.
  var valued: [AssetID: Price]
  /// The prices among them that are a few days old at most.
  var recent: [AssetID: Price]
  var open: [AssetID: OpenSum]
  var realised: [AssetID: RealisedSum]
  /// What the entries leave open, by what.
  var notes: [MappingNote.Reason: Int]
  /// How many disposals give away what was never acquired.
  var problems: Int
  /// Whether a sum of lots left the range of exact numbers.
  var isOverflown: Bool
}

extension GainsDigest {
  /// Adds a journal up.
  init(_ journal: GainsJournal, _ inputs: GainsInputs) {
    let today = inputs.today
    let first = min(journal.firstDay ?? today, today)
    let (byAsset, prices) = journal.valuation
    history = ValueHistory(journal.places, from: first, through: today, prices: prices)
    benchmark = inputs.benchmark.returns(from: first, through: today, prices)
    (rules, currency, self.today) = (journal.rules, inputs.currency, today)
    entries = journal.entries
    notes = journal.notes
    assets = GainsDigest.byPeriod(byAsset, from: first, through: today, prices)
    quantities = byAsset.mapValues { days in
      days.values.reduce(Fixed.zero) { (try? $0.adding($1.change)) ?? $0 }
    }.filter { !$0.value.isZero }
    (valued, recent) = ([:], [:])
    for asset in quantities.keys {
      valued[asset] = prices.close(of: asset, on: today, within: .max)?.price
      recent[asset] = prices.close(of: asset, on: today)?.price
    }
    let report = try? journal.lots.report()
    isOverflown = report == nil
    problems = report?.problems.count ?? 0
    (open, realised) = report.map(GainsDigest.sums) ?? ([:], [:])
  }

  private static func byPeriod(
    _ moves: [AssetID: [UTCDay: DayMove]], from first: UTCDay, through today: UTCDay,
    _ prices: GainPrices
  ) -> [GainPeriod: [AssetID: DayFigures]] {
    var found: [GainPeriod: [AssetID: DayFigures]] = [:]
    let starts = GainPeriod.allCases.map { ($0, $0.first(through: today, since: first)) }
    for (asset, days) in moves {
      var sums: [GainPeriod: DayFigures] = [:]
      AssetDays(asset, days, prices: prices).forEach(from: first, through: today) { day, figures in
        var closed = figures
        closed.closeMoves()
        for (period, start) in starts where day >= start {
          sums[period, default: DayFigures()].append(closed)
        }
      }
      for (period, sum) in sums { found[period, default: [:]][asset] = sum }
    }
    return found
  }

  /// Sums of lots by asset.
  private static func sums(
    _ report: LotReport
  ) -> (open: [AssetID: OpenSum], realised: [AssetID: RealisedSum]) {
    var open: [AssetID: OpenSum] = [:]
    for held in report.holdings {
      for lot in held.lots { open[held.asset, default: OpenSum()].add(lot) }
    }
    var realised: [AssetID: RealisedSum] = [:]
    for disposal in report.disposals where disposal.isTaxable {
      realised[disposal.asset, default: RealisedSum()].add(disposal)
    }
    for income in report.income { realised[income.asset, default: RealisedSum()].add(income) }
    return (open, realised)
  }
}

extension RealisedSum {
  mutating func add(_ disposal: LotDisposal) {
    disposals += 1
    guard let paid = disposal.cost, let got = disposal.proceeds, let made = disposal.gain,
      let gains = try? gain.adding(made), let costs = try? cost.adding(paid),
      let sums = try? proceeds.adding(got)
    else {
      unknown += 1
      return
    }
    (gain, cost, proceeds) = (gains, costs, sums)
  }

  mutating func add(_ earned: LotIncome) {
    guard let value = earned.value, let sum = try? income.adding(value) else {
      unknownIncome += 1
      return
    }
    income = sum
  }
}

extension ReportCell {
  /// A figure of statistics as a decimal with so many digits after the point.
  static func ratio(_ value: Double?, digits: Int = 6) -> ReportCell {
    guard let value, value.isFinite, abs(value) < 1e12, (0...6).contains(digits) else {
      return .none
    }
    var scale = 1.0
    var step = Fixed.scale
    for _ in 0..<digits {
      scale *= 10
      step /= 10
    }
    return .amount(Fixed(units: Int128((value * scale).rounded(.toNearestOrEven)) * step))
  }

  /// An amount that may be unknown.
  static func amount(known value: Fixed?) -> ReportCell { value.map { .amount($0) } ?? .none }
}
