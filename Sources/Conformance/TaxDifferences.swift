import Amounts
import Encodings
import Ledger
import Lots

/// How the program's result differs from what a case expects.
///
/// Quantities are compared exactly, money within a millionth. What was one lot and came to one
/// account in several transfers may stand as several parts there: parts of one lot in one account
/// are added up on both sides.
struct TaxDifferences {
  private(set) var lines: [String] = []
  private let tax: TaxCase

  init(_ json: JSON, _ tax: TaxCase) {
    self.tax = tax
    let expected = json["expected"]
    let book = LotBook(rules: tax.rules, events: tax.events)
    do {
      let report = try book.report()
      if expected["error"] != .null {
        lines.append("expected a refusal, found a result")
        return
      }
      compare(
        disposals: expected["disposals"], report.disposals,
        hasTerm: json["rules"]["long_term"] != .null,
        hasExemption: json["rules"]["exempt_after"] != .null)
      compare(income: expected["income"], report.income)
      compare(holdings: expected["holdings"], report.holdings)
      compare(
        totals: expected["totals"], report.totals,
        hasTerm: json["rules"]["long_term"] != .null,
        hasExemption: json["rules"]["exempt_after"] != .null)
    } catch {
      compare(refusal: expected["error"], error)
    }
  }

  // MARK: - Refusal

  private mutating func compare(refusal expected: JSON, _ fault: LotReportFault) {
    guard case .refused(let problem) = fault,
      case .insufficientHoldings(let missing) = problem.kind
    else {
      lines.append("no result: \(fault)")
      return
    }
    check("error kind", expected["kind"].string, "insufficient-holdings")
    check("error tx", expected["tx"].string, tax.name(problem.event))
    check("error asset", expected["asset"].string, problem.asset.ticker)
    check("error account", expected["account"].string, problem.account.map { tax.name($0) })
    check("error missing", quantity: expected["missing"], missing)
  }

  // MARK: - Disposals

  /// Those of one transaction, asset and kind, in order.
  private mutating func compare(
    disposals expected: JSON, _ found: [LotDisposal], hasTerm: Bool, hasExemption: Bool
  ) {
    var left = Dictionary(grouping: found) { disposal in
      "\(tax.name(disposal.event)) \(disposal.asset.ticker) \(disposal.kind.rawValue)"
    }
    var order: [String] = []
    for row in expected.elements {
      let transactions = row["txs"].elements.map { $0.string ?? "" }
      let name =
        "\(transactions.joined(separator: "+")) \(row["asset"].string ?? "") "
        + (row["kind"].string ?? "")
      guard let disposal = left[name]?.first else {
        lines.append("missing disposal: \(name)")
        continue
      }
      left[name]?.removeFirst()
      order.append("\(disposal.day)")
      compare(name, row, disposal, hasTerm: hasTerm, hasExemption: hasExemption)
    }
    for name in left.keys.sorted() where left[name]?.isEmpty == false {
      lines.append("disposal not expected: \(name)")
    }
    if order != order.sorted() { lines.append("disposals are not in order of time") }
  }

  private mutating func compare(
    _ name: String, _ row: JSON, _ disposal: LotDisposal, hasTerm: Bool, hasExemption: Bool
  ) {
    check("\(name) date", row["date"].string, "\(disposal.day)")
    check("\(name) quantity", quantity: row["quantity"], disposal.quantity)
    check("\(name) cost", money: row["cost"], disposal.cost)
    check("\(name) proceeds", money: row["proceeds"], disposal.proceeds)
    check("\(name) gain", money: row["gain"], disposal.gain)
    check(
      "\(name) taxable", row["taxable"].truth == false ? "no" : "yes",
      disposal.isTaxable ? "yes" : "no")
    let expected = TaxDifferences.joined(row["matches"].elements.map { ComparedMatch($0, tax) })
    let found = TaxDifferences.joined(disposal.matches.map { ComparedMatch($0, tax) })
    guard expected.map(\.place) == found.map(\.place) else {
      lines.append(
        "\(name) matches: expected \(expected.map(\.place)), found \(found.map(\.place))")
      return
    }
    for (a, b) in zip(expected, found) {
      let name = "\(name) \(a.place)"
      check("\(name) acquired", a.acquired?.description, b.acquired?.description)
      check("\(name) quantity", a.quantity?.text, b.quantity?.text)
      check("\(name) cost", a.cost, b.cost)
      check("\(name) proceeds", a.proceeds, b.proceeds)
      check("\(name) gain", a.gain, b.gain)
      // What has no gain has no term; a pool knows no days, and cases may say so or be silent.
      guard disposal.isTaxable, a.acquired != nil || a.term != nil || a.isExempt != nil else {
        continue
      }
      if hasTerm { check("\(name) term", a.term, b.term) }
      if hasExemption {
        check("\(name) exempt", a.isExempt.map { "\($0)" }, b.term.map { "\($0 == "long")" })
      }
    }
  }

  private static func joined(_ matches: [ComparedMatch]) -> [ComparedMatch] {
    var joined: [ComparedMatch] = []
    for match in matches {
      if let index = joined.firstIndex(where: { $0.place == match.place }) {
        joined[index].add(match)
      } else {
        joined.append(match)
      }
    }
    return joined
  }

  // MARK: - Income and holdings

  private mutating func compare(income expected: JSON, _ found: [LotIncome]) {
    func line(_ parts: [String?]) -> String { parts.map { $0 ?? "nothing" }.joined(separator: " ") }
    let wanted = expected.elements.map { row in
      line([
        row["tx"].string, row["asset"].string, row["kind"].string,
        TaxCase.quantity(row["quantity"], shift: tax.shift)?.text,
        TaxCase.money(row["value"])?.text,
      ])
    }
    let given = found.map { earned in
      line([
        tax.name(earned.event), earned.asset.ticker, earned.kind.rawValue, earned.quantity.text,
        earned.value?.text,
      ])
    }
    for (a, b) in zip(wanted.sorted(), given.sorted()) where a != b {
      lines.append("income: expected \(a), found \(b)")
    }
    check("income entries", "\(wanted.count)", "\(given.count)")
  }

  private mutating func compare(holdings expected: JSON, _ found: [HeldAsset]) {
    var left: [String: HeldAsset] = [:]
    for held in found { left[held.asset.ticker] = held }
    for row in expected.elements {
      let name = row["asset"].string ?? ""
      guard let held = left.removeValue(forKey: name) else {
        lines.append("missing holding: \(name)")
        continue
      }
      check("holding \(name) quantity", quantity: row["quantity"], held.quantity)
      check("holding \(name) cost", money: row["cost"], held.cost)
      let expected = TaxDifferences.joined(row["lots"].elements.map { ComparedMatch($0, tax) })
      let found = TaxDifferences.joined(
        held.lots.filter { $0.lot != nil }.map { ComparedMatch($0, tax) })
      let (a, b) = (expected.sorted { $0.place < $1.place }, found.sorted { $0.place < $1.place })
      guard a.map(\.place) == b.map(\.place) else {
        lines.append("lots of \(name): expected \(a.map(\.place)), found \(b.map(\.place))")
        continue
      }
      for (a, b) in zip(a, b) {
        check("lot \(name) \(a.place) acquired", a.acquired?.description, b.acquired?.description)
        check("lot \(name) \(a.place) quantity", a.quantity?.text, b.quantity?.text)
        check("lot \(name) \(a.place) cost", a.cost, b.cost)
      }
    }
    for name in left.keys.sorted() { lines.append("holding not expected: \(name)") }
  }

  // MARK: - Totals

  /// A year, or a sum, that a case leaves out is zero.
  private mutating func compare(
    totals expected: JSON, _ found: [TaxYearLabel: YearTotals], hasTerm: Bool, hasExemption: Bool
  ) {
    var years: [String: YearTotals] = [:]
    for (label, sums) in found { years["\(label)"] = sums }
    var names = Set(years.keys)
    if case .object(let rows) = expected { names.formUnion(rows.names) }
    for name in names.sorted() {
      let (row, sums) = (expected[name], years[name] ?? YearTotals())
      check("\(name) disposals", row["disposals"].plain ?? "0", "\(sums.disposals)")
      var pairs = [
        ("proceeds", sums.proceeds), ("cost", sums.cost), ("gains", sums.gains),
        ("losses", sums.losses), ("net", sums.net), ("income", sums.income),
      ]
      if hasTerm { pairs += [("short", sums.short), ("long", sums.long)] }
      if hasExemption { pairs += [("taxable_gain", sums.short), ("exempt_gain", sums.long)] }
      for (part, sum) in pairs {
        check("\(name) \(part)", TaxCase.money(row[part]) ?? .zero, sum)
      }
    }
  }

  // MARK: - Checks

  private mutating func check(_ what: String, _ expected: String?, _ found: String?) {
    if expected != found {
      lines.append("\(what): expected \(expected ?? "nothing"), found \(found ?? "nothing")")
    }
  }

  private mutating func check(_ what: String, quantity expected: JSON, _ found: Quantity) {
    check(what, TaxCase.quantity(expected, shift: tax.shift)?.text, found.text)
  }

  private mutating func check(_ what: String, money expected: JSON, _ found: Fixed?) {
    check(what, TaxCase.money(expected), found)
  }

  private mutating func check(_ what: String, _ expected: Fixed?, _ found: Fixed?) {
    if let expected, let found, let distance = try? expected.subtracting(found).magnitude(),
      distance.units <= Fixed.scale / 1_000_000
    {
      return
    }
    check(what, expected?.text, found?.text)
  }
}

/// A match, or what is left of a lot.
private struct ComparedMatch {
  /// Rule, lot and account.
  let place: String
  let acquired: Instant?
  var quantity: Quantity?
  var cost: Fixed?
  var proceeds: Fixed?
  var gain: Fixed?
  var term: String?
  var isExempt: Bool?

  init(_ row: JSON, _ tax: TaxCase) {
    place = ComparedMatch.place(row["rule"].string, row["lot"].string, row["account"].string)
    acquired = row["acquired"].string.flatMap { Instant($0) }
    quantity = TaxCase.quantity(row["quantity"], shift: tax.shift)
    cost = TaxCase.money(row["cost"])
    proceeds = TaxCase.money(row["proceeds"])
    gain = TaxCase.money(row["gain"])
    term = row["term"].string
    isExempt = row["exempt"].truth
  }

  init(_ match: LotMatch, _ tax: TaxCase) {
    place = ComparedMatch.place(
      match.rule.rawValue, match.lot.map { tax.name($0) }, match.account.map { tax.name($0) })
    acquired = match.acquired
    quantity = match.quantity
    cost = match.cost
    proceeds = match.proceeds
    gain = match.gain
    term = match.term.rawValue
  }

  init(_ lot: OpenLot, _ tax: TaxCase) {
    place = ComparedMatch.place(
      nil, lot.lot.map { tax.name($0) }, lot.account.map { tax.name($0) })
    acquired = lot.acquired
    quantity = lot.quantity
    cost = lot.cost
  }

  private static func place(_ rule: String?, _ lot: String?, _ account: String?) -> String {
    [rule, lot, account].map { $0 ?? "-" }.joined(separator: " ")
  }

  mutating func add(_ other: ComparedMatch) {
    quantity = ComparedMatch.sum(quantity?.fixed, other.quantity?.fixed).map { Quantity($0) }
    cost = ComparedMatch.sum(cost, other.cost)
    proceeds = ComparedMatch.sum(proceeds, other.proceeds)
    gain = ComparedMatch.sum(gain, other.gain)
  }

  private static func sum(_ a: Fixed?, _ b: Fixed?) -> Fixed? {
    guard let a, let b else { return a ?? b }
    return try? a.adding(b)
  }
}
