import Amounts
import Ledger
import Lots
import Testing

@Suite struct LotRuleTests {
  @Test func `a refusal names the first event, the account and what is missing`() throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "1", for: "10")
    let sale = try diary.sell("2024-02-01", "1.5", for: "30")
    try diary.sell("2024-03-01", "1", for: "30")
    var rules = LotRules(currency: .usDollar, method: .lots(.fifo))
    rules.missingBasis = .refused
    let book = LotBook(rules: rules, events: diary.events)
    let fault = #expect(throws: LotReportFault.self) { try book.report() }
    guard case .refused(let problem) = fault else {
      Issue.record("no refusal: \(String(describing: fault))")
      return
    }
    #expect(problem.event == sale)
    #expect(problem.account == Diary.account)
    #expect(problem.kind == .insufficientHoldings(missing: Quantity(try fixed("0.5"))))
  }

  @Test func `a missing basis is zero only where the rules say so, and is marked`() throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "1", for: "10")
    try diary.sell("2024-02-01", "2", for: "30")
    let zero = try diary.report(.lots(.fifo)) { $0.missingBasis = .zero }
    #expect(zero.disposals.first?.gain?.text == "20")
    #expect(zero.disposals.first?.matches.map(\.rule) == [.lot, .missing])
    #expect(zero.totals.values.first?.disposalsLackingBasis == 1)
    let unknown = try diary.report(.lots(.fifo))
    #expect(unknown.disposals.first?.gain == nil)
    #expect(unknown.disposals.first?.matches.map(\.gain?.text) == ["5", nil])
    let totals = try #require(unknown.totals.values.first)
    #expect(totals.disposals == 1)
    #expect(totals.unknownDisposals == 1)
    #expect(totals.proceeds == .zero)
  }

  @Test(arguments: [LotMethod.lots(.hifo), .lots(.lofo), .average])
  func `an unknown cost stays unknown and is taken last`(method: LotMethod) throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "1", for: nil)
    try diary.buy("2024-01-02", "1", for: "10")
    try diary.sell("2024-02-01", "1", for: "30")
    let report = try diary.report(method)
    let gain = report.disposals.first?.gain?.text
    #expect(gain == (method == .average ? nil : "20"))
    #expect(report.holdings.first?.cost == nil)
    let price = Price(try fixed("40"))
    let sums = try report.gains(by: \.asset) { _ in price }
    #expect(sums[Diary.asset]?.unknownUnrealised == 1)
    #expect(sums[Diary.asset]?.unrealised == .zero)
  }

  @Test func `a pool that was emptied knows its cost again`() throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "1", for: nil)
    try diary.sell("2024-02-01", "1", for: "30")
    try diary.buy("2024-03-01", "1", for: "10")
    try diary.sell("2024-04-01", "1", for: "30")
    let report = try diary.report(.average)
    #expect(report.disposals.map(\.gain?.text) == [nil, "20"])
  }

  @Test func `a transfer of what is not there makes a lot of unknown cost`() throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "1", for: "10", in: AccountID(named: "a"))
    let move = try diary.move("2024-02-01", "3", from: "a", to: "b")
    let report = try diary.report(.lots(.fifo))
    #expect(report.holdings.first?.quantity.text == "3")
    #expect(report.holdings.first?.lots.map(\.cost?.text) == ["10", nil])
    #expect(report.problems.map(\.event) == [move])
    // Under `zero` only what is there moves.
    let zero = try diary.report(.lots(.fifo)) { $0.missingBasis = .zero }
    #expect(zero.holdings.first?.quantity.text == "1")
  }

  @Test func `thirds of a split are exact until they are shown`() throws {
    for method in [LotMethod.lots(.fifo), .average] {
      var diary = Diary()
      for day in 1...3 { try diary.buy("2024-01-0\(day)", "1", for: "10") }
      try diary.split("2024-02-01", "1", for: "3")
      try diary.sell("2024-03-01", "1", for: "60")
      let report = try diary.report(method) { $0.missingBasis = .refused }
      #expect(report.holdings.isEmpty)
      #expect(report.disposals.first?.gain?.text == "30")
      if method != .average {
        #expect(
          report.disposals.first?.matches.map(\.quantity.text)
            == Array(repeating: "0.333333333333333333", count: 3))
      }
    }
  }

  @Test func `a split and its opposite leave no trace`() throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "170", for: "170")
    try diary.split("2024-02-01", "134", for: "170")
    try diary.split("2024-02-02", "170", for: "134")
    let report = try diary.report(.lots(.hifo))
    #expect(report.holdings.first?.quantity.text == "170")
  }

  @Test func `highest means cost of a unit across a split`() throws {
    var diary = Diary()
    // 100 a unit becomes 10 a unit; 20 a unit is dearer then.
    try diary.buy("2024-01-01", "1", for: "100")
    try diary.split("2024-02-01", "10", for: "1")
    let dear = try diary.buy("2024-03-01", "1", for: "20")
    try diary.sell("2024-04-01", "1", for: "30")
    let report = try diary.report(.lots(.hifo))
    #expect(report.disposals.first?.matches.map(\.lot) == [dear])
  }

  @Test func `equal unit costs go by age, however they are divided`() throws {
    var diary = Diary()
    // A third of a unit for a third of the price: the quotients do not end.
    let first = try diary.buy("2024-01-01", "3", for: "10")
    let second = try diary.buy("2024-01-02", "6", for: "20")
    try diary.sell("2024-02-01", "1", for: "9")
    try diary.sell("2024-02-02", "4", for: "9")
    let report = try diary.report(.lots(.hifo))
    #expect(report.disposals.map { $0.matches.map(\.lot) } == [[first], [first, second]])
  }

  @Test func `a gift has no gain, or one at its value`() throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "1", for: "10")
    try diary.sell("2024-02-01", "1", for: "30", kind: .gift)
    let none = try diary.report(.lots(.fifo))
    #expect(none.disposals.first?.isTaxable == false)
    #expect(none.disposals.first?.gain == nil)
    #expect(none.totals.isEmpty)
    let market = try diary.report(.lots(.fifo)) { $0.gifts = .marketValue }
    #expect(market.disposals.first?.gain?.text == "20")
  }

  @Test func `what is lost gains nothing and loses its cost`() throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "1", for: "10")
    try diary.sell("2024-02-01", "1", for: "30", kind: .lost)
    let report = try diary.report(.lots(.fifo))
    #expect(report.disposals.first?.gain?.text == "-10")
    #expect(report.totals.values.first?.losses.text == "10")
  }

  @Test func `the order changes with the year of the disposal`() throws {
    var diary = Diary()
    let first = try diary.buy("2020-01-01", "1", for: "10")
    let second = try diary.buy("2020-01-02", "1", for: "20")
    let third = try diary.buy("2020-01-03", "1", for: "15")
    try diary.sell("2021-12-31", "1", for: "30")
    try diary.sell("2022-01-01", "1", for: "30")
    try diary.sell("2024-01-01", "1", for: "30")
    let report = try diary.report(.lots(.lifo)) { $0.orderByYear = [2022: .hifo, 2023: .fifo] }
    #expect(report.disposals.flatMap { $0.matches.map(\.lot) } == [third, second, first])
  }

  @Test func `figures beyond the range are problems, not traps`() throws {
    let most = "170141183460469231731.687303715884105727"
    var diary = Diary()
    try diary.buy("2024-01-01", most, for: most)
    let sum = try diary.buy("2024-01-02", "1", for: most, fee: most)
    let split = try diary.split("2024-01-03", "3", for: "1")
    for method in [LotMethod.lots(.fifo), .average] {
      let book = LotBook(
        rules: LotRules(currency: .usDollar, method: method), events: diary.events)
      #expect(book.problems.map(\.kind) == [.overflow, .overflow])
      #expect(book.problems.map(\.event) == [sum, split])
      #expect(try book.report().holdings.first?.quantity.text == most)
    }
  }

  @Test func `quantities below zero and splits of nothing are no events`() throws {
    var diary = Diary()
    #expect(throws: LotEventFault.negativeQuantity) { try diary.buy("2024-01-01", "-1", for: "1") }
    #expect(throws: LotEventFault.splitOfNothing) { try diary.split("2024-01-01", "0", for: "1") }
  }

  /// 6 April, 1 July: see `TaxYear`.
  @Test(arguments: [
    (TaxYear.calendar, "2024"), (.april6, "2023/24"), (.july1, "2023/24"),
  ])
  func `a day belongs to its country's year`(year: TaxYear, label: String) {
    #expect("\(year.year(of: CivilDay(year: 2024, month: 4, day: 5)))" == label)
    #expect("\(TaxYear.april6.year(of: CivilDay(year: 2024, month: 4, day: 6)))" == "2024/25")
    #expect("\(TaxYear.july1.year(of: CivilDay(year: 1999, month: 7, day: 1)))" == "1999/00")
  }

  @Test func `gains stand by lot, account and asset`() throws {
    var diary = Diary()
    let lot = try diary.buy("2024-01-01", "2", for: "20", in: AccountID(named: "a"))
    try diary.sell("2024-02-01", "1", for: "30", in: AccountID(named: "a"))
    try diary.move("2024-03-01", "0.5", from: "a", to: "b")
    let report = try diary.report(.lots(.fifo))
    let price = Price(try fixed("50"))
    let lots = try report.gains(by: \.lot) { _ in price }
    #expect(lots[lot]?.realised.text == "20")
    #expect(lots[lot]?.unrealised.text == "40")
    let accounts = try report.gains(by: \.account?.slug) { _ in price }
    #expect(accounts["a"]?.unrealised.text == "20")
    #expect(accounts["b"]?.unrealised.text == "20")
    #expect(accounts["b"]?.realised.text == "0")
  }
}
