import Amounts
public import Ledger

extension LotBook {
  /// Disposals with their lots, income, holdings and totals.
  ///
  /// - Parameter asset: One asset alone; `nil` reports on all.
  /// - Returns: The report.
  /// - Throws: `refused` under `MissingBasis.refused`, naming the first event of the whole book that
  ///   gives away what is not there; `overflow`.
  public func report(on asset: AssetID? = nil) throws(LotReportFault) -> LotReport {
    var report = LotReport()
    report.problems = problems
    if rules.missingBasis == .refused, let first = report.problems.first {
      throw .refused(first)
    }
    var disposals: [(StepKey, LotDisposal)] = []
    var income: [(StepKey, LotIncome)] = []
    do {
      for asset in asset.map({ [$0] }) ?? assets {
        guard let book = books[asset] else { continue }
        var reader = AssetReader(asset, book, rules)
        try reader.read()
        disposals += reader.disposals
        income += reader.income
        if let held = try reader.held() { report.holdings.append(held) }
      }
      report.disposals = LotBook.sorted(disposals)
      report.income = LotBook.sorted(income)
      try report.addUp(rules.taxYear)
    } catch {
      throw .overflow
    }
    return report
  }

  /// Rows by their keys; only places are moved about, since rows are large.
  private static func sorted<Row>(_ rows: [(StepKey, Row)]) -> [Row] {
    rows.indices.sorted { rows[$0].0 < rows[$1].0 }.map { rows[$0].1 }
  }
}

/// Reads what the steps of one asset came to.
private struct AssetReader {
  let asset: AssetID
  let book: AssetBook
  let rules: LotRules
  private(set) var disposals: [(StepKey, LotDisposal)] = []
  private(set) var income: [(StepKey, LotIncome)] = []
  /// The days of lots, which are asked for with every match.
  private var days: [Int32: CivilDay] = [:]

  init(_ asset: AssetID, _ book: AssetBook, _ rules: LotRules) {
    self.asset = asset
    self.book = book
    self.rules = rules
  }

  mutating func read() throws(ArithmeticFault) {
    for (index, step) in book.steps.enumerated() where !book.outcomes[index].isOverflown {
      switch step.action {
      case .acquire(let incoming):
        guard let kind = incoming.income else { continue }
        income.append((step.key, earned(incoming, kind, step)))
      case .dispose(let leaving):
        disposals.append((step.key, try disposal(leaving, step, index)))
      default: continue
      }
    }
  }

  private func earned(_ incoming: Step.Incoming, _ kind: IncomeKind, _ step: Step) -> LotIncome {
    LotIncome(
      event: step.key.id, time: step.key.time, day: rules.calendar.day(of: step.key.time),
      account: incoming.account, asset: asset, kind: kind, quantity: incoming.quantity,
      value: incoming.earned)
  }

  private mutating func disposal(
    _ leaving: Step.Leaving, _ step: Step, _ index: Int
  ) throws(ArithmeticFault) -> LotDisposal {
    let day = rules.calendar.day(of: step.key.time)
    let proceeds = leaving.isTaxable ? leaving.proceeds : nil
    let matches = try matches(index, proceeds, on: day)
    let cost = try AssetReader.sum(matches.lazy.map(\.cost))
    return LotDisposal(
      event: step.key.id, time: step.key.time, day: day, account: leaving.account, asset: asset,
      kind: leaving.kind, quantity: leaving.quantity, cost: cost, proceeds: proceeds,
      gain: try AssetReader.gain(proceeds, cost), isTaxable: leaving.isTaxable, matches: matches)
  }

  private mutating func matches(
    _ index: Int, _ proceeds: Fixed?, on day: CivilDay
  ) throws(ArithmeticFault) -> [LotMatch] {
    let records = book.records(of: index)
    let grain = book.outcomes[index].grain
    var left = proceeds
    var whole: Int128 = 0
    for record in records { whole += record.quantity }
    var matches: [LotMatch] = []
    for record in records {
      // Of what is left, the part of the quantity that is left: the last part takes the rest.
      let share = left?.share(record.quantity, of: whole)
      whole -= record.quantity
      if let rest = left, let share { left = try rest.subtracting(share) }
      let cost = record.isCostKnown ? record.cost : nil
      let origin = book.matching.origin(record.lot)
      matches.append(
        LotMatch(
          rule: record.rule, lot: origin?.id,
          account: rules.scope == .account ? book.matching.account(record.source) : nil,
          acquired: origin?.acquired, quantity: grain.quantity(record.quantity), cost: cost,
          proceeds: share, gain: try AssetReader.gain(share, cost),
          term: term(record, origin, on: day), choice: record.choice))
    }
    return matches
  }

  private mutating func term(
    _ record: MatchRecord, _ origin: LotOrigin?, on day: CivilDay
  ) -> HoldingTerm {
    guard record.rule == .lot, let origin else { return .short }
    let acquired = days[record.lot] ?? rules.calendar.day(of: origin.acquired)
    days[record.lot] = acquired
    return day.isMoreThanAYear(after: acquired) ? .long : .short
  }

  private static func gain(_ proceeds: Fixed?, _ cost: Fixed?) throws(ArithmeticFault) -> Fixed? {
    guard let proceeds, let cost else { return nil }
    return try proceeds.subtracting(cost)
  }

  /// What parts cost together; `nil` where the cost of one is not known.
  private static func sum(_ costs: some Sequence<Fixed?>) throws(ArithmeticFault) -> Fixed? {
    var total = Fixed.zero
    for cost in costs {
      guard let cost else { return nil }
      total = try total.adding(cost)
    }
    return total
  }

  func held() throws(ArithmeticFault) -> HeldAsset? {
    let pieces = book.matching.open()
    if pieces.isEmpty { return nil }
    let cost = try AssetReader.sum(pieces.lazy.map(\.cost))
    let lots = pieces.map { piece in
      OpenLot(
        asset: asset, lot: piece.lot?.id, acquired: piece.lot?.acquired, account: piece.account,
        quantity: piece.quantity, cost: piece.cost)
    }
    return HeldAsset(
      asset: asset, quantity: try book.matching.total(), cost: cost,
      lots: lots.sorted(by: AssetReader.precedes))
  }

  private static func precedes(_ a: OpenLot, _ b: OpenLot) -> Bool {
    if let (x, y) = a.acquired.flatMap({ x in b.acquired.map { (x, $0) } }), x != y { return x < y }
    if let (x, y) = a.lot.flatMap({ x in b.lot.map { (x, $0) } }), x != y { return x < y }
    return (a.account?.slug ?? "") < (b.account?.slug ?? "")
  }
}

extension LotReport {
  /// Sums the disposals and the income up by year.
  fileprivate mutating func addUp(_ taxYear: TaxYear) throws(ArithmeticFault) {
    for disposal in disposals where disposal.isTaxable {
      let year = taxYear.year(of: disposal.day)
      var sums = totals[year] ?? YearTotals()
      try sums.add(disposal)
      totals[year] = sums
    }
    for earned in income {
      let year = taxYear.year(of: earned.day)
      var sums = totals[year] ?? YearTotals()
      if let value = earned.value {
        sums.income = try sums.income.adding(value)
      } else {
        sums.unknownIncome += 1
      }
      totals[year] = sums
    }
  }
}

extension YearTotals {
  fileprivate mutating func add(_ disposal: LotDisposal) throws(ArithmeticFault) {
    disposals += 1
    if disposal.lacksBasis { disposalsLackingBasis += 1 }
    guard let got = disposal.proceeds, let paid = disposal.cost, let gain = disposal.gain else {
      unknownDisposals += 1
      return
    }
    proceeds = try proceeds.adding(got)
    cost = try cost.adding(paid)
    net = try net.adding(gain)
    if gain.isNegative {
      losses = try losses.subtracting(gain)
    } else {
      gains = try gains.adding(gain)
    }
    for match in disposal.matches {
      guard let part = match.gain else { continue }
      if match.term == .long {
        long = try long.adding(part)
      } else {
        short = try short.adding(part)
      }
    }
  }
}
