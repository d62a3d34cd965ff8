import Amounts
import Ledger
import Lots
import Performance
import Portfolio
import Prices
import Vault
import Wire

/// Answers questions about gains out of a journal.
struct GainsAnswer {
  let journal: GainsJournal
  let inputs: GainsInputs
  let reader: VaultReader
  /// What values are worked out with.
  let prices: GainPrices
  /// The day that everything is valued at: today, or the one of `--as-of`.
  let day: UTCDay

  init(_ journal: GainsJournal, _ inputs: GainsInputs, _ reader: VaultReader, asOf: Instant?) {
    self.journal = journal
    self.inputs = inputs
    self.reader = reader
    prices = journal.valuation.prices
    day = min(asOf.map { UTCDay($0) } ?? inputs.today, inputs.today)
  }

  /// The answer to a request.
  func report(_ request: Request) throws -> Report {
    switch request.verb {
    case "gains": return try gains(request)
    case "lots": return try lots(request)
    case "lot-picks": return try picks(request)
    case "lots-taken": return try lotsTaken(request)
    case "performance": return try performance(request)
    case "past-positions": return try pastPositions(request)
    case "gain-rules": return rules
    case "why": return try WhyAnswer(self).report(request)
    default: throw Refusal(.usage, "no such request: \(request.verb)")
    }
  }

  /// The first day with an entry.
  var beginning: UTCDay { min(journal.firstDay ?? day, day) }

  func price(of asset: AssetID) -> Price? { prices.close(of: asset, on: day)?.price }

  private var rules: Report {
    Report(facts: [
      .init("method", .text(inputs.rules.methodWord)),
      .init("scope", .text(inputs.rules.scopeWord)),
      .init("benchmark", .text(inputs.benchmark.text)),
    ])
  }

  /// What every answer says of itself.
  func commonFacts(_ request: Request) -> [Report.Fact] {
    var facts: [Report.Fact] = [
      .init("currency", .text(inputs.currency.code)),
      .init("method", .text(journal.rules.methodWord)),
      .init("scope", .text(journal.rules.scopeWord)),
      .init("as_of", .text(request.arguments["as-of"] ?? day.description)),
    ]
    if let known = request.arguments["known-at"] { facts.append(.init("known_at", .text(known))) }
    return facts + [.init("entries", .integer(Int64(journal.entries)))]
  }

  /// What the entries leave open.
  func noteFacts(_ report: LotReport) -> [Report.Fact] {
    let notes = MappingNote.Reason.allCases.compactMap { reason -> Report.Fact? in
      guard let count = journal.notes[reason] else { return nil }
      let name = reason.rawValue.split(separator: "-").joined(separator: "_")
      return .init("noted_\(name)", .integer(Int64(count)))
    }
    let problems = report.problems.count
    return notes + (problems == 0 ? [] : [.init("noted_problems", .integer(Int64(problems)))])
  }

  func lotReport(on asset: AssetID? = nil) throws(Refusal) -> LotReport {
    do { return try journal.lots.report(on: asset) } catch {
      throw Refusal(.system, "a sum of lots leaves the range of exact numbers")
    }
  }

  /// The asset of a ticker or an identity among those of the journal.
  func asset(_ word: String) throws(Refusal) -> AssetID {
    let known = Set(journal.places.keys.map(\.asset))
    if let asset = AssetID(word), case let canonical = journal.links.canonical(asset),
      known.contains(canonical)
    {
      return canonical
    }
    let found = known.filter { $0.ticker == word.uppercased() }.sorted()
    if found.count == 1 { return found[0] }
    let all = found.map(\.text).joined(separator: ", ")
    throw Refusal(
      found.isEmpty ? .notFound : .usage,
      found.isEmpty ? "nothing is recorded of \(word.prefix(60))" : "\(word) means \(all)",
      advice: "Give an identity, as coffer positions shows them.")
  }
}

// MARK: - Lots

extension GainsAnswer {
  private func lots(_ request: Request) throws -> Report {
    let asset = try request.arguments["asset"].map { try self.asset($0) }
    let report = try lotReport(on: asset)
    // Lots that belong to no account of their own count for each that is asked for.
    let account = request.arguments["account"].map { AccountID(named: $0) }
    let window = RowWindow(request)
    var sum = OpenSum()
    var unrealised = GainTotal()
    var rows: [[ReportCell]] = []
    var passed = 0
    for held in report.holdings {
      let price = price(of: held.asset)
      for lot in held.lots {
        if let account, let own = lot.account, own != account { continue }
        sum.add(lot)
        unrealised.add(try? lot.unrealised(at: price))
        if window.holds(passed) { rows.append(cells(lot, price)) }
        passed += 1
      }
    }
    return Report(
      facts: commonFacts(request) + [
        .init("lots", .integer(Int64(sum.lots))),
        .init("lots_without_cost", .integer(Int64(sum.unknownLots))),
        .init("cost", .amount(sum.cost)), .init("unrealised", .amount(unrealised.sum)),
        .init("lots_without_gain", .integer(Int64(unrealised.unknown))),
      ] + noteFacts(report), tableName: "lots",
      columns: [
        "asset", "acquired", "account", "quantity", "cost", "unit_cost", "price", "value",
        "unrealised", "term", "lot", "identity",
      ], rows: rows)
  }

  private func cells(_ lot: OpenLot, _ price: Price?) -> [ReportCell] {
    let value = price.flatMap {
      try? lot.quantity.fixed.multiplied(by: $0.fixed, rounding: .halfEven)
    }
    let unit = lot.cost.flatMap { try? $0.divided(by: lot.quantity.fixed, rounding: .halfEven) }
    return [
      .text(lot.asset.ticker), .text(lot.acquired?.description ?? ""),
      .text(lot.account?.slug ?? ""), .amount(lot.quantity.fixed), .amount(known: lot.cost),
      .amount(known: unit), .amount(known: price?.fixed), .amount(known: value),
      .amount(known: (try? lot.unrealised(at: price)) ?? nil), .text(term(of: lot)),
      .text(lot.lot?.description ?? ""), .text(lot.asset.text),
    ]
  }

  func term(of lot: OpenLot) -> String {
    guard let acquired = lot.acquired else { return HoldingTerm.short.rawValue }
    let calendar = UTCCalendar()
    let isLong = calendar.day(of: day.start).isMoreThanAYear(after: calendar.day(of: acquired))
    return (isLong ? HoldingTerm.long : .short).rawValue
  }
}

/// Which rows of a table are wanted; all of them unless it is said.
struct RowWindow {
  private let offset: Int
  private let limit: Int?

  init(_ request: Request) {
    offset = max(0, request.arguments["offset"].flatMap { Int($0) } ?? 0)
    limit = request.arguments["limit"].flatMap { Int($0) }.map { max(0, $0) }
  }

  /// Whether a row is in it, by its number among all.
  func holds(_ row: Int) -> Bool {
    guard row >= offset else { return false }
    return limit.map { row - offset < $0 } ?? true
  }
}

/// A sum of which parts may be unknown.
struct GainTotal {
  private(set) var sum = Fixed.zero
  private(set) var unknown = 0

  mutating func add(_ value: Fixed??) {
    guard let value = value ?? nil, let total = try? sum.adding(value) else {
      unknown += 1
      return
    }
    sum = total
  }
}

// MARK: - Gains

/// What gains are told apart by.
enum GainKey: String, CaseIterable {
  case asset
  case lot
  case account
  case venue
  case book
  case term
}

/// The gains of one key.
private struct GainRow {
  var realised = GainTotal()
  var proceeds = GainTotal()
  var cost = GainTotal()
  var income = GainTotal()
  var unrealised = GainTotal()
  var openCost = GainTotal()
  var value = GainTotal()
  var sides = DayFigures()
  /// How many parts of disposals took a lot that a standing instruction chose.
  var byStanding = 0
  /// How many took the earliest, since nobody had chosen.
  var notNamed = 0
}

extension GainsAnswer {
  private func gains(_ request: Request) throws -> Report {
    guard let key = GainKey(rawValue: request.arguments["by"] ?? "asset") else {
      let words = GainKey.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal(.usage, "gains are told apart by \(words)")
    }
    let span = try gainSpan(request)
    let asset = try request.arguments["asset"].map { try self.asset($0) }
    let report = try lotReport(on: asset)
    var table = GainTable(self, key)
    try table.add(report, span)
    if key != .lot && key != .term { table.addSides(span, only: asset) }
    let isNow = span.last >= day
    if isNow { table.addOpen(report) }
    return Report(
      facts: commonFacts(request) + [
        .init("from", .text(span.first.description)), .init("to", .text(span.last.description)),
      ] + table.totals(isNow: isNow) + specificFacts(request, report, span)
        + noteFacts(report), tableName: "gains",
      columns: [
        key.rawValue, "realised", "unrealised", "income", "fees", "funding", "proceeds",
        "cost_sold", "cost_held", "value_held", "unknown_realised", "unknown_unrealised",
        "unknown_income",
      ] + (table.isSpecific ? ["by_standing", "not_named"] : []), rows: table.rows(isNow: isNow))
  }

  func gainSpan(_ request: Request) throws -> GainSpan {
    let from = try VaultWorker.time(request.arguments["from"], "from", isEndOfDay: false)
    let to = try VaultWorker.time(request.arguments["to"], "to", isEndOfDay: true)
    let first = max(from.map { UTCDay($0) } ?? beginning, beginning)
    guard let span = GainSpan(first, min(to.map { UTCDay($0) } ?? day, day)) else {
      throw Refusal(.usage, "from must be before to, and before \(day)")
    }
    return span
  }
}

/// Gains by key.
private struct GainTable {
  private let answer: GainsAnswer
  private let key: GainKey
  private var table: [String: GainRow] = [:]
  private var total = GainRow()

  init(_ answer: GainsAnswer, _ key: GainKey) {
    self.answer = answer
    self.key = key
  }

  /// Whether lots are those that somebody named.
  var isSpecific: Bool { answer.journal.rules.method == .lots(.specific) }

  private mutating func change(_ name: String, _ change: (inout GainRow) -> Void) {
    change(&table[name, default: GainRow()])
    change(&total)
  }

  private func name(
    _ asset: AssetID, _ account: AccountID?, lot: LotID? = nil, term: String = ""
  ) -> String {
    let owner = account.flatMap { answer.inputs.accounts[$0] }
    switch key {
    case .asset: return asset.text
    case .lot: return lot?.description ?? "\(asset.ticker) pool"
    case .account: return account?.slug ?? "all accounts"
    case .venue: return account == nil ? "all venues" : owner?.venue ?? ""
    case .book: return account == nil ? "all books" : owner?.book.name ?? ""
    case .term: return term
    }
  }

  /// What disposals and income of a span made.
  mutating func add(_ report: LotReport, _ span: GainSpan) throws {
    for disposal in report.disposals
    where disposal.isTaxable && span.contains(UTCDay(disposal.time)) {
      if disposal.matches.isEmpty {
        let name = name(disposal.asset, disposal.account, term: HoldingTerm.short.rawValue)
        change(name) { row in
          row.realised.add(disposal.gain)
          row.proceeds.add(disposal.proceeds)
          row.cost.add(disposal.cost)
        }
      }
      for match in disposal.matches {
        let name = name(
          disposal.asset, match.account ?? disposal.account, lot: match.lot,
          term: match.term.rawValue)
        change(name) { row in
          row.realised.add(match.gain)
          row.proceeds.add(match.proceeds)
          row.cost.add(match.cost)
          switch match.choice {
          case .standing: row.byStanding += 1
          case .fallback: row.notNamed += 1
          case .method, .named: break
          }
        }
      }
    }
    for earned in report.income where span.contains(UTCDay(earned.time)) {
      let name = name(
        earned.asset, earned.account, lot: earned.event, term: HoldingTerm.short.rawValue)
      change(name) { $0.income.add(earned.value) }
    }
  }

  /// Fees and funding of a span, at the closes of their days.
  mutating func addSides(_ span: GainSpan, only asset: AssetID?) {
    for (place, days) in answer.journal.places.sorted(by: { $0.key < $1.key })
    where (asset == nil || asset == place.asset) && place.account != EntryMapping.inTransit {
      var sum = DayFigures()
      for (day, move) in days where span.contains(day) {
        if move.fees.isZero && move.funding.isZero { continue }
        guard let price = answer.prices.close(of: place.asset, on: day)?.price,
          let fees = try? move.fees.multiplied(by: price.fixed, rounding: .halfEven),
          let funding = try? move.funding.multiplied(by: price.fixed, rounding: .halfEven)
        else {
          sum.unpriced += 1
          continue
        }
        var one = DayFigures()
        (one.fees, one.funding) = (fees, funding)
        sum.add(one)
      }
      if sum != DayFigures() {
        change(name(place.asset, place.account)) { $0.sides.add(sum) }
      }
    }
  }

  /// What is held.
  mutating func addOpen(_ report: LotReport) {
    for held in report.holdings {
      let price = answer.price(of: held.asset)
      for lot in held.lots {
        let name = name(lot.asset, lot.account, lot: lot.lot, term: answer.term(of: lot))
        let value = price.flatMap {
          try? lot.quantity.fixed.multiplied(by: $0.fixed, rounding: .halfEven)
        }
        change(name) { row in
          row.unrealised.add(try? lot.unrealised(at: price))
          row.openCost.add(lot.cost)
          row.value.add(value)
        }
      }
    }
  }

  func totals(isNow: Bool) -> [Report.Fact] {
    [
      .init("realised", .amount(total.realised.sum)),
      .init("unrealised", isNow ? .amount(total.unrealised.sum) : .none),
      .init("income", .amount(total.income.sum)),
      .init("fees", key == .lot || key == .term ? .none : .amount(total.sides.fees)),
      .init("funding", key == .lot || key == .term ? .none : .amount(total.sides.funding)),
      .init("unknown_realised", .integer(Int64(total.realised.unknown))),
      .init("unknown_unrealised", .integer(Int64(total.unrealised.unknown))),
      .init("unknown_income", .integer(Int64(total.income.unknown))),
      .init("days_with_unpriced_fees", .integer(Int64(total.sides.unpriced))),
    ]
  }

  func rows(isNow: Bool) -> [[ReportCell]] {
    let hasSides = key != .lot && key != .term
    return table.sorted { $0.key < $1.key }.map { name, row in
      [
        .text(name), .amount(row.realised.sum), isNow ? .amount(row.unrealised.sum) : .none,
        .amount(row.income.sum), hasSides ? .amount(row.sides.fees) : .none,
        hasSides ? .amount(row.sides.funding) : .none, .amount(row.proceeds.sum),
        .amount(row.cost.sum), isNow ? .amount(row.openCost.sum) : .none,
        isNow ? .amount(row.value.sum) : .none, .integer(Int64(row.realised.unknown)),
        .integer(Int64(row.unrealised.unknown)), .integer(Int64(row.income.unknown)),
      ]
        + (isSpecific
          ? [.integer(Int64(row.byStanding)), .integer(Int64(row.notNamed))] : [])
    }
  }
}

extension GainSpan {
  func contains(_ day: UTCDay) -> Bool { first <= day && day <= last }
}

// MARK: - Performance

extension GainsAnswer {
  /// What performance is told apart by.
  private static let groups = ["account", "asset", "venue", "book"]

  func span(_ request: Request) throws(Refusal) -> GainSpan {
    let text = request.arguments["period"] ?? "all"
    guard let span = GainSpan(text, today: day, beginning: beginning) else {
      throw Refusal(
        .usage, "there is no period \(text.prefix(40))",
        advice: "Use day, week, month, year, all, or 2024-01-01..2024-03-31")
    }
    return span
  }

  func blend(_ request: Request) throws(Refusal) -> BenchmarkBlend {
    guard let text = request.arguments["benchmark"] else { return inputs.benchmark }
    guard let blend = BenchmarkBlend(text) else {
      throw Refusal(
        .usage, "\(text.prefix(60)) is no benchmark", advice: "For example: BTC:60,ETH:40")
    }
    return blend
  }

  /// The whole history up to the day.
  func history(where isCounted: (GainPlace) -> Bool = { _ in true }) -> ValueHistory {
    ValueHistory(
      journal.places, where: isCounted, from: beginning, through: day, prices: prices)
  }

  func performance(_ request: Request) throws -> Report {
    let span = try span(request)
    let blend = try blend(request)
    let whole = history()
    let returns = blend.returns(from: beginning, through: day, prices)
    let figures = PerformanceFigures(whole, span, benchmark: returns)
    var facts = commonFacts(request).filter { $0.name != "currency" }
    facts += PerformanceReport.sums(figures, currency: inputs.currency, blend)
    facts.append(.init("in_transit", .amount(inTransit)))
    if day == inputs.today, request.arguments["known-at"] == nil {
      let known = inputs.positions.compactMap(\.value)
      let positions = known.reduce(Fixed?.some(.zero)) { sum, value in
        sum.flatMap { try? $0.adding(value) }
      }
      facts.append(.init("value_of_positions", .amount(known: positions)))
    }
    if request.arguments["daily"] == "yes" {
      return daily(whole, figures, facts)
    }
    guard let group = request.arguments["by"] else { return table(figures, facts) }
    guard GainsAnswer.groups.contains(group) else {
      let words = GainsAnswer.groups.joined(separator: ", ")
      throw Refusal(.usage, "performance is told apart by \(words)")
    }
    return grouped(by: group, span, facts)
  }

  /// What lies between two ends of transfers that different entries tell.
  private var inTransit: Fixed {
    var sum = Fixed.zero
    for (place, days) in journal.places where place.account == EntryMapping.inTransit {
      let quantity = days.values.reduce(Fixed.zero) { (try? $0.adding($1.change)) ?? $0 }
      guard let price = price(of: place.asset),
        let value = try? quantity.multiplied(by: price.fixed, rounding: .halfEven),
        let next = try? sum.adding(value)
      else { continue }
      sum = next
    }
    return sum
  }

  private func table(_ figures: PerformanceFigures, _ facts: [Report.Fact]) -> Report {
    Report(
      facts: facts, tableName: "figures", columns: ["figure", "result", "days", "refused"],
      rows: PerformanceReport.rows(figures).map { row in
        switch row.figure {
        case .value(let value):
          [.text(row.name), .ratio(value), .integer(Int64(row.days)), .text("")]
        case .refused(let reason):
          [.text(row.name), .none, .integer(Int64(row.days)), .text(reason)]
        }
      })
  }

  private func daily(
    _ history: ValueHistory, _ figures: PerformanceFigures, _ facts: [Report.Fact]
  ) -> Report {
    let days = history.window(from: figures.span.first, through: figures.span.last)
    return Report(
      facts: facts, tableName: "days",
      columns: [
        "day", "value", "inflow", "outflow", "gain", "price", "currency", "trading", "fees",
        "funding", "rewards", "return", "unpriced", "older_prices", "unknown_gains",
      ],
      rows: days.enumerated().map { index, day in
        let rate = day.period.timeWeightedReturn(.inBeforeOutAfter)
        return [
          .text(figures.span.first.advanced(by: index).description), .amount(day.value),
          .amount(day.inflow), .amount(day.outflow), .amount(day.gain), .amount(day.price),
          .amount(day.currency), .amount(day.trading), .amount(day.fees), .amount(day.funding),
          .amount(day.rewards), .ratio(rate, digits: 6), .integer(Int64(day.unpriced)),
          .integer(Int64(day.carried)), .integer(Int64(day.unknownGains)),
        ]
      })
  }

  private func grouped(by group: String, _ span: GainSpan, _ facts: [Report.Fact]) -> Report {
    var groups: [String: Set<GainPlace>] = [:]
    for place in journal.places.keys {
      groups[name(of: place, group), default: []].insert(place)
    }
    let empty = [Double?](repeating: nil, count: day.number - beginning.number + 1)
    let rows = groups.sorted { $0.key < $1.key }.map { name, places -> [ReportCell] in
      let figures = PerformanceFigures(
        history { places.contains($0) }, span, benchmark: empty)
      let sum = figures.sum
      return [
        .text(name), .amount(figures.opening), .amount(sum.value), .amount(sum.inflow),
        .amount(sum.outflow), .amount(sum.gain), .amount(sum.price), .amount(sum.currency),
        .amount(sum.trading), .amount(sum.fees), .amount(sum.funding), .amount(sum.rewards),
        .ratio(figures.timeWeighted.value), .ratio(figures.maximumDrawdown.value),
        .integer(Int64(figures.returns)), .integer(Int64(figures.staleDays)),
        .integer(Int64(sum.unpriced)),
      ]
    }
    return Report(
      facts: facts, tableName: "groups",
      columns: [
        group, "opening", "value", "inflow", "outflow", "gain", "price", "currency", "trading",
        "fees", "funding", "rewards", "twr", "max_drawdown", "daily_returns", "days_stale",
        "unpriced_now",
      ], rows: rows)
  }

  private func name(of place: GainPlace, _ group: String) -> String {
    if group == "asset" { return place.asset.text }
    if place.account == EntryMapping.inTransit { return "in transit" }
    let owner = inputs.accounts[place.account]
    switch group {
    case "venue": return owner?.venue ?? ""
    case "book": return owner?.book.name ?? ""
    default: return place.account.slug
    }
  }
}
