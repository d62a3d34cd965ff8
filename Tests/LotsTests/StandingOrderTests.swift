import Amounts
import Ledger
import Lots
import TestSupport
import Testing

/// Lots taken as an account's standing order asks.
@Suite struct StandingOrderTests {
  /// The lots of the example in 26 CFR § 1.1012-1(j)(5)(i),
  /// https://www.ecfr.gov/current/title-26/section-1.1012-1: ten units at 2 and twenty at 5; then three
  /// sales of five for 50.
  private static func diary(named: [NamedLot] = []) throws -> Diary {
    var diary = Diary()
    try diary.buy("2025-09-01", "10", for: "20")
    try diary.buy("2025-09-02", "20", for: "100")
    try diary.sell("2025-09-03T12:00:00Z", "5", for: "50", lots: named)
    try diary.sell("2025-09-04T12:00:00Z", "5", for: "50")
    try diary.sell("2025-09-05T12:00:00Z", "5", for: "50")
    return diary
  }

  private static func time(_ text: String) throws -> Instant { try #require(Instant(text)) }

  private static func order(
    _ number: Int32, _ order: LotOrder, from start: String, to end: String? = nil
  ) throws -> StandingOrder {
    StandingOrder(
      number: number, order: order, start: try time(start), end: try end.map { try time($0) })
  }

  private static func report(
    _ diary: Diary, _ orders: [StandingOrder], of account: AccountID = Diary.account,
    method: LotMethod = .lots(.specific)
  ) throws -> LotReport {
    try diary.report(method) { rules in
      rules.fillsNamed = true
      rules.standing = [account: orders]
    }
  }

  private static func outcome(_ report: LotReport) -> [String] {
    report.disposals.map { sale in
      let choices = sale.matches.map { match in
        switch match.choice {
        case .method: "method"
        case .named: "named"
        case .standing(let number): "\(number)"
        case .fallback: "earliest"
        }
      }
      return "\(sale.gain?.text ?? "?") \(choices.joined(separator: "+"))"
    }
  }

  /// 50 - 5 · 5 by the dearest first, 50 - 5 · 2 by the earliest.
  @Test func `a standing order counts for sales from its start until it is taken back`() throws {
    let diary = try StandingOrderTests.diary()
    func outcome(_ start: String, _ end: String? = nil) throws -> [String] {
      StandingOrderTests.outcome(
        try StandingOrderTests.report(
          diary, [StandingOrderTests.order(7, .hifo, from: start, to: end)]))
    }
    #expect(try outcome("2025-09-01") == ["25 7", "25 7", "25 7"])
    // No later than the time of the sale, so the same moment is in time and the next is not.
    #expect(try outcome("2025-09-04T12:00:00Z") == ["40 earliest", "25 7", "25 7"])
    #expect(try outcome("2025-09-04T12:00:00.000001Z") == ["40 earliest", "40 earliest", "25 7"])
    #expect(
      try outcome("2025-09-01", "2025-09-04T12:00:00Z") == ["25 7", "40 earliest", "40 earliest"])
    #expect(try outcome("2025-09-06") == ["40 earliest", "40 earliest", "25 earliest"])
  }

  @Test func `the later of two orders counts, and its end does not bring the first back`() throws {
    let diary = try StandingOrderTests.diary()
    let first = try StandingOrderTests.order(1, .hifo, from: "2025-09-01")
    let second = try StandingOrderTests.order(2, .fifo, from: "2025-09-04")
    let both = try StandingOrderTests.report(diary, [first, second])
    #expect(StandingOrderTests.outcome(both) == ["25 1", "40 2", "40 2"])
    let ends = ("2025-09-05", "2025-09-01")
    let ended = try StandingOrderTests.report(
      diary,
      [
        StandingOrderTests.order(1, .hifo, from: ends.1, to: ends.0),
        StandingOrderTests.order(2, .lifo, from: "2025-09-04", to: ends.0),
      ])
    #expect(StandingOrderTests.outcome(ended) == ["25 1", "25 2", "40 earliest"])
  }

  @Test func `what is named goes first, and the order takes the rest`() throws {
    let diary = try StandingOrderTests.diary(
      named: [NamedLot(lot: Diary.id(0), quantity: Quantity(Fixed(whole: 2)))])
    let report = try StandingOrderTests.report(
      diary, [StandingOrderTests.order(3, .hifo, from: "2025-09-01")])
    // 50 less 2 · 2 and 3 · 5.
    #expect(StandingOrderTests.outcome(report) == ["31 named+3", "25 3", "25 3"])
  }

  @Test func `other accounts and other methods have nothing to do with it`() throws {
    let diary = try StandingOrderTests.diary()
    let order = try StandingOrderTests.order(7, .hifo, from: "2025-09-01")
    let other = try StandingOrderTests.report(diary, [order], of: AccountID(named: "other"))
    #expect(
      StandingOrderTests.outcome(other) == ["40 earliest", "40 earliest", "25 earliest"])
    let fifo = try StandingOrderTests.report(diary, [order], method: .lots(.fifo))
    #expect(StandingOrderTests.outcome(fifo) == ["40 method", "40 method", "25 method"])
    let pool = try StandingOrderTests.report(diary, [order], method: .average)
    // 120 for 30 is 4 a unit.
    #expect(StandingOrderTests.outcome(pool) == ["30 method", "30 method", "30 method"])
  }

  /// Events without named lots.
  private static func unnamed(_ seed: UInt64) throws -> [LotEvent] {
    try RandomBook(seed: seed, count: 60).events.map { event in
      guard case .disposal(var outgoing) = event.change else { return event }
      outgoing.lots = []
      return try LotEvent(
        id: event.id, time: event.time, sequence: event.sequence, change: .disposal(outgoing),
        fee: event.fee)
    }
  }

  private static func rules(_ orders: [StandingOrder]) -> LotRules {
    var rules = LotRules(currency: .usDollar, method: .lots(.specific))
    rules.fillsNamed = true
    for name in ["a", "b", "c"] { rules.standing[AccountID(named: name)] = orders }
    return rules
  }

  private static func parts(_ report: LotReport, before end: Instant) -> [[String]] {
    report.disposals.filter { $0.time < end }.map { sale in
      sale.matches.map { "\($0.lot.map { "\($0)" } ?? "-") \($0.quantity.text)" }
    }
  }

  @Test(arguments: LawTests.seeds)
  func `an order that always stood is that method`(seed: UInt64) throws {
    let events = try StandingOrderTests.unnamed(seed)
    let order = [LotOrder.fifo, .lifo, .hifo, .lofo][Int(seed % 4)]
    let always = StandingOrder(number: 1, order: order, start: Instant(microseconds: .min))
    let standing = try LotBook(rules: StandingOrderTests.rules([always]), events: events).report()
    let plain = try LotBook(
      rules: LotRules(currency: .usDollar, method: .lots(order)), events: events
    ).report()
    let end = Instant(microseconds: .max)
    #expect(
      StandingOrderTests.parts(standing, before: end)
        == StandingOrderTests.parts(plain, before: end), "SEED=\(seed)")
    #expect(standing.totals == plain.totals, "SEED=\(seed)")
  }

  @Test(arguments: LawTests.seeds)
  func `no order changes a sale before it`(seed: UInt64) throws {
    let events = try StandingOrderTests.unnamed(seed)
    let start = Instant(seconds: 1_600_000_000 + Int64(seed * 7 % 900) * 86_400)
    let orders = [
      StandingOrder(number: 1, order: .lifo, start: Instant(microseconds: .min)),
      StandingOrder(number: 2, order: .hifo, start: start),
    ]
    let ended = [
      StandingOrder(number: 1, order: .lifo, start: Instant(microseconds: .min), end: start)
    ]
    let before = try LotBook(
      rules: StandingOrderTests.rules([orders[0]]), events: events
    ).report()
    for other in [orders, ended] {
      let after = try LotBook(rules: StandingOrderTests.rules(other), events: events).report()
      #expect(
        StandingOrderTests.parts(after, before: start)
          == StandingOrderTests.parts(before, before: start), "SEED=\(seed)")
    }
  }
}
