import Amounts
import Dispatch
import Ledger
import Lots
import Synchronization
import Vault
import Wire

/// What became of the lots that somebody named for what an entry gives away.
struct PickOutcome: Sendable {
  let pick: LotPick
  /// What the entry gives away; `nil` where that is nothing.
  let sale: LotDisposal?
  /// How much was taken of each lot that was named.
  private(set) var taken: [LotID: Fixed] = [:]
  /// How much of it came from lots that nobody named.
  private(set) var fellBack = Fixed.zero
  /// What chose those.
  private(set) var fallback = LotChoice.fallback

  init(_ pick: LotPick, _ disposals: [LotDisposal]) {
    self.pick = pick
    sale = disposals.first { $0.kind != .fee } ?? disposals.first
    for match in disposals.flatMap(\.matches) where match.isNamed {
      guard let lot = match.lot else { continue }
      let sum = taken[lot] ?? .zero
      taken[lot] = (try? sum.adding(match.quantity.fixed)) ?? sum
    }
    for match in sale?.matches ?? [] where !match.isNamed {
      fellBack = (try? fellBack.adding(match.quantity.fixed)) ?? fellBack
      fallback = match.choice
    }
  }

  /// What became of picks, in their order.
  static func all(_ picks: [LotPick], _ report: LotReport) -> [PickOutcome] {
    let wanted = Set(picks.map(\.sale))
    var sales: [EntryID: [LotDisposal]] = [:]
    for disposal in report.disposals where wanted.contains(disposal.event.entry) {
      sales[disposal.event.entry, default: []].append(disposal)
    }
    return picks.map { PickOutcome($0, sales[$0.sale] ?? []) }
  }

  /// Whether a lot has less than was named of it.
  var isShort: Bool {
    pick.parts.contains { (taken[$0.named.lot] ?? .zero) < $0.quantity.fixed }
  }

  /// Whether the lots were named after they had gone.
  ///
  /// Source: 26 CFR § 1.1012-1(j)(3)(ii), https://www.ecfr.gov/current/title-26/section-1.1012-1:
  /// no later than the date and time of the sale.
  var isLate: Bool { sale.map { $0.time < pick.time } ?? false }
}

/// Lots that are about to be named.
struct PickWish: Sendable {
  /// A lot, and how much of it; `nil` for as much as there is and the sale needs.
  struct Part: Sendable {
    let lot: LotID
    let quantity: Quantity?
  }

  let sale: EntryID
  let parts: [Part]

  /// Reads `LOT[:QUANTITY]`s with spaces between.
  init(sale: String, lots: String) throws(Refusal) {
    guard let entry = EntryID(sale) else {
      throw Refusal(
        .usage, "\(sale.prefix(60)) is no entry", advice: "Ids stand in: coffer ledger --json")
    }
    self.sale = entry
    var parts: [Part] = []
    for (index, word) in lots.split(separator: " ").enumerated() {
      guard index < LotPick.mostParts else {
        throw Refusal(.usage, "a sale names at most \(LotPick.mostParts) lots")
      }
      let part = try PickWish.part(word, place: index + 1)
      if parts.contains(where: { $0.lot == part.lot }) {
        throw Refusal(.usage, "lot \(index + 1), \(part.lot), is named twice")
      }
      parts.append(part)
    }
    if parts.isEmpty { throw Refusal(.usage, "no lot is named", advice: "See: coffer lots") }
    self.parts = parts
  }

  private static func part(_ word: Substring, place: Int) throws(Refusal) -> Part {
    let halves = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let names = halves.first?.split(separator: ".", maxSplits: 1) ?? []
    guard let entry = names.first.flatMap({ EntryID($0) }),
      let part = names.count == 1 ? 0 : names.last.flatMap({ Int($0) }), part >= 0
    else {
      throw Refusal(
        .usage, "lot \(place), \(word.prefix(60)), is no lot", advice: "See: coffer lots")
    }
    var quantity: Quantity?
    if halves.count == 2, let text = halves.last {
      quantity = try? Quantity(parsing: text)
      guard let read = quantity, !read.isNegative, !read.isZero else {
        throw Refusal(
          .usage, "lot \(place): \(text.prefix(40)) is no quantity", advice: "For example: 0.5")
      }
    }
    return Part(lot: LotID(entry: entry, part: part), quantity: quantity)
  }

  /// The pick to try; what is not limited asks for everything that the entry gives.
  func trial(of entry: Entry, at time: Instant, by author: String) -> LotPick {
    var all = Quantity.zero
    for leg in entry.legs where leg.quantity.isNegative {
      all = (try? all.subtracting(leg.quantity)) ?? all
    }
    let parts = parts.map {
      LotPick.Part(entry: $0.lot.entry, part: $0.lot.part, quantity: $0.quantity ?? all)
    }
    return LotPick(id: 0, sale: sale, parts: parts, time: time, author: author)
  }
}

/// Holds what was named against what a fold with it came to.
struct PickCheck {
  let wish: PickWish
  let report: LotReport
  let outcome: PickOutcome

  /// The parts with their quantities.
  ///
  /// - Throws: A refusal that names the lot, and what was there of it.
  func parts() throws(Refusal) -> [LotPick.Part] {
    guard let sale = outcome.sale else {
      throw Refusal(
        .usage, "the entry \(wish.sale) gives nothing away that has lots",
        advice: "See: coffer entry \(wish.sale)")
    }
    var named = Fixed.zero
    for part in wish.parts {
      if let quantity = part.quantity { named = (try? named.adding(quantity.fixed)) ?? named }
    }
    if named > sale.quantity.fixed {
      throw Refusal(
        .usage,
        "the sale of \(sale.time) gave \(sale.quantity.text) \(sale.asset.ticker), "
          + "the lots named come to \(named.text)")
    }
    var parts: [LotPick.Part] = []
    for (index, part) in wish.parts.enumerated() {
      let taken = outcome.taken[part.lot] ?? .zero
      if taken.isZero || part.quantity.map({ taken < $0.fixed }) ?? false {
        throw refusal(of: part, place: index + 1, taken: taken, sale)
      }
      parts.append(
        LotPick.Part(entry: part.lot.entry, part: part.lot.part, quantity: Quantity(taken)))
    }
    return parts
  }

  private func refusal(
    of part: PickWish.Part, place: Int, taken: Fixed, _ sale: LotDisposal
  ) -> Refusal {
    let name = "lot \(place), \(part.lot)"
    let advice =
      "See what was there: coffer lots \(sale.asset.ticker) --method specific --as-of \(sale.time)"
    guard let lot = found(part.lot) else {
      return Refusal(.notFound, "\(name), is not in the records", advice: "See: coffer lots")
    }
    if lot.asset != sale.asset {
      return Refusal(
        .usage, "\(name), is one of \(lot.asset.ticker); the sale gave \(sale.asset.ticker)",
        advice: advice)
    }
    if let acquired = lot.acquired, acquired > sale.time {
      return Refusal(
        .usage, "\(name), was acquired at \(acquired), after the sale of \(sale.time)",
        advice: advice)
    }
    let left = (try? sale.quantity.fixed.subtracting(sum)) ?? .zero
    if taken.isZero, left.isZero {
      return Refusal(
        .usage, "\(name), is not needed: those before it cover the sale of \(sale.time)")
    }
    let wanted = part.quantity.map { ", not \($0.text)" } ?? ""
    return Refusal(
      .usage,
      "of \(name), there was \(taken.text) \(sale.asset.ticker) in \(sale.account.slug) at the "
        + "sale of \(sale.time)\(wanted)" + takers(of: part.lot, before: sale), advice: advice)
  }

  /// All that was taken of lots that are named.
  private var sum: Fixed {
    outcome.taken.values.reduce(Fixed.zero) { (try? $0.adding($1)) ?? $0 }
  }

  /// Which sales took of a lot before.
  private func takers(of lot: LotID, before sale: LotDisposal) -> String {
    let earlier = report.disposals.filter { one in
      one.event != sale.event && one.time <= sale.time && one.matches.contains { $0.lot == lot }
    }
    if earlier.isEmpty { return "" }
    let names = earlier.prefix(3).map { "\($0.event.entry) of \($0.time)" }
    return "; taken before by " + names.joined(separator: ", ")
      + (earlier.count > 3 ? " and \(earlier.count - 3) more" : "")
  }

  private func found(_ lot: LotID) -> (asset: AssetID, acquired: Instant?)? {
    for held in report.holdings {
      if let open = held.lots.first(where: { $0.lot == lot }) { return (held.asset, open.acquired) }
    }
    for disposal in report.disposals {
      if let match = disposal.matches.first(where: { $0.lot == lot }) {
        return (disposal.asset, match.acquired)
      }
    }
    return nil
  }
}

// MARK: - Naming lots

extension VaultWorker {
  /// Names the lots that an entry gives away: they are tried on the figures' queue and written on the
  /// writer's.
  func pickLots(_ request: Request, _ inputs: GainsInputs, _ id: WorkID, _ epoch: Int) {
    let author = request.author
    var checked: Checked?
    let refusal = answered(id) {
      let wish = try PickWish(
        sale: try request.required("sale"), lots: try request.required("lots"))
      checked = try tried(wish, by: author, inputs, id, epoch)
      return .report(Report())
    }
    guard let checked else {
      endOfWork(id)
      return inbox.post(.finished(id, refusal))
    }
    writing.async { [self] in
      let result = answered(id) {
        let made = try vault.pick(checked.pick.parts, for: checked.pick.sale, by: author)
        return WorkResult(
          answer: .report(PickReport.made(made, checked, inputs.rules)),
          changes: LedgerChanges(werePicked: true))
      }
      endOfWork(id)
      inbox.post(.finished(id, result))
    }
  }

  /// A pick that was tried: what became of it, and how the rest of the sale takes lots.
  struct Checked {
    let pick: LotPick
    let outcome: PickOutcome
    let order: String
  }

  /// Folds the ledger with the lots named, and without harm to what was named before.
  private func tried(
    _ wish: PickWish, by author: Attribution, _ inputs: GainsInputs, _ id: WorkID, _ epoch: Int
  ) throws -> Checked {
    guard let entry = try reader.entry(wish.sale) else {
      throw Refusal(
        .notFound, "there is no entry \(wish.sale)",
        advice: "Ids stand in: coffer ledger --json")
    }
    var trial = try figures.withLock { try withStored(inputs, &$0) }
    trial.rules.method = .lots(.specific)
    let others = trial.standingPicks.filter { $0.sale != wish.sale }
    let before = trial.standingPicks
    let wanted = wish.trial(of: entry, at: author.time, by: author.user)
    trial.picks = others + [wanted]
    let report = try lotReport(trial, id, epoch)
    guard let outcome = PickOutcome.all([wanted], report).first else {
      throw Refusal(.system, "the pick was lost")
    }
    let parts = try PickCheck(wish: wish, report: report, outcome: outcome).parts()
    let short = Set(PickOutcome.all(others, report).filter(\.isShort).map(\.pick.sale))
    if !short.isEmpty {
      trial.picks = before
      let were = PickOutcome.all(before, try lotReport(trial, id, epoch)).filter(\.isShort)
      let harmed = short.subtracting(were.map(\.pick.sale)).sorted()
      if let first = harmed.first {
        throw Refusal(
          .usage,
          "the lots are named for the sale \(first) already"
            + (harmed.count > 1 ? " and for \(harmed.count - 1) more" : ""),
          advice: "Take that back first: coffer lots unpick \(first)")
      }
    }
    let pick = LotPick(
      id: 0, sale: wish.sale, parts: parts, time: author.time, author: author.user)
    var order = PickReport.fallback
    if case .standing(let number) = outcome.fallback {
      order = trial.instructions.first { Int32(clamping: $0.id) == number }?.method.rawValue ?? ""
    }
    return Checked(pick: pick, outcome: outcome, order: order)
  }

  private func lotReport(
    _ inputs: GainsInputs, _ id: WorkID, _ epoch: Int
  ) throws -> LotReport {
    let journal = try rebuilt(inputs, epoch, isCancelled: id, telling(id))
    do { return try journal.lots.report() } catch {
      throw Refusal(.system, "a sum of lots leaves the range of exact numbers")
    }
  }

  /// Takes back which lots an entry gives away.
  func unpickLots(_ request: Request) throws -> WorkResult {
    let text = try request.required("sale")
    guard let sale = EntryID(text) else {
      throw Refusal(.usage, "\(text.prefix(60)) is no entry", advice: "See: coffer lots picks")
    }
    try vault.unpick(sale, by: request.author)
    return WorkResult(
      answer: .report(Report(facts: [.init("sale", .text(sale.description))])),
      changes: LedgerChanges(werePicked: true))
  }
}

/// Picks as reports.
enum PickReport {
  /// What takes the place of lots that nobody named, and of those that are short.
  static let fallback = "fifo"

  /// What was just named.
  static func made(
    _ pick: LotPick, _ checked: VaultWorker.Checked, _ rules: GainRules
  ) -> Report {
    let outcome = checked.outcome
    let late = outcome.sale.map { $0.time < pick.time } ?? false
    var facts: [Report.Fact] = [
      .init("sale", .text(pick.sale.description)),
      .init("sale_time", .text(outcome.sale?.time.description ?? "")),
      .init("asset", .text(outcome.sale?.asset.ticker ?? "")),
      .init("sale_quantity", .amount(known: outcome.sale?.quantity.fixed)),
      .init("not_named", .amount(outcome.fellBack)),
      .init("not_named_method", .text(checked.order)),
      .init("identified", .text(pick.time.description)),
      .init("after_the_sale", .flag(late)), .init("method", .text(rules.methodWord)),
    ]
    if rules.method != .lots(.specific) {
      facts.append(.init("next", .text("coffer gains --method specific")))
    }
    return Report(
      facts: facts, tableName: "lots", columns: ["lot", "quantity"],
      rows: pick.parts.map { part in
        [.text(part.named.lot.description), .amount(part.quantity.fixed)]
      })
  }
}

extension GainsAnswer {
  /// Every pick that stands, and what became of it.
  func picks(_ request: Request) throws -> Report {
    let picks = journalInputs(request).standingPicks
    let outcomes = PickOutcome.all(picks, try lotReport())
    var rows: [[ReportCell]] = []
    for outcome in outcomes {
      for part in outcome.pick.parts {
        let taken = outcome.taken[part.named.lot] ?? .zero
        rows.append([
          .text(outcome.pick.sale.description), .text(outcome.sale?.time.description ?? ""),
          .text(outcome.sale?.account.slug ?? ""), .text(outcome.sale?.asset.ticker ?? ""),
          .text(part.named.lot.description), .amount(part.quantity.fixed), .amount(taken),
          .text(state(outcome, part, taken)), .text(outcome.pick.time.description),
          .flag(outcome.isLate), .text(outcome.pick.author),
        ])
      }
    }
    return Report(
      facts: commonFacts(request) + pickFacts(outcomes), tableName: "picks",
      columns: [
        "sale", "sale_time", "account", "asset", "lot", "quantity", "taken", "state",
        "identified", "after_the_sale", "author",
      ], rows: rows)
  }

  private func state(_ outcome: PickOutcome, _ part: LotPick.Part, _ taken: Fixed) -> String {
    if outcome.sale == nil { return "no sale" }
    return taken < part.quantity.fixed ? "short" : "used"
  }

  /// The inputs as far as they were known at the time that is asked about.
  func journalInputs(_ request: Request) -> GainsInputs {
    var known = inputs
    known.picksKnownAt =
      (try? VaultWorker.time(request.arguments["known-at"], "known-at", isEndOfDay: true)) ?? nil
    return known
  }

  /// How far lots were named, and what happened where they were not.
  func pickFacts(_ outcomes: [PickOutcome]) -> [Report.Fact] {
    [
      .init("picks", .integer(Int64(outcomes.count))),
      .init("picks_after_the_sale", .integer(Int64(outcomes.count { $0.isLate }))),
      .init("picks_short", .integer(Int64(outcomes.count { $0.isShort }))),
    ]
  }

  /// How specific a report on specific lots is; nothing by another method.
  func specificFacts(
    _ request: Request, _ report: LotReport, _ span: GainSpan
  ) -> [Report.Fact] {
    if journal.rules.method != .lots(.specific) { return [] }
    let sales = report.disposals.filter { $0.isTaxable && span.contains(UTCDay($0.time)) }
    let ids = Set(sales.map(\.event.entry))
    let outcomes = PickOutcome.all(
      journalInputs(request).standingPicks.filter { ids.contains($0.sale) }, report)
    let open = sales.filter { sale in sale.matches.contains { $0.choice == .fallback } }
    let standing = sales.count { sale in
      sale.matches.contains { if case .standing = $0.choice { true } else { false } }
    }
    let choices = choices(request)
    return pickFacts(outcomes) + [
      .init("disposals", .integer(Int64(sales.count))),
      .init("disposals_by_standing", .integer(Int64(standing))),
      .init("disposals_not_named", .integer(Int64(open.count))),
      .init(
        "disposals_before_instruction",
        .integer(Int64(open.count { choices.tooLate(for: $0) != nil }))),
      .init("not_named_method", .text(PickReport.fallback)),
    ]
  }
}
