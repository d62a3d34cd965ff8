import Amounts
import Ledger
import Lots
import Testing
import Vault
import Wire

@testable import Engine

/// Lots that somebody names for what was given away.
@Suite struct LotPickTests {
  typealias Text = LedgerText

  /// The lots of the example in 26 CFR § 1.1012-1(j)(5)(i),
  /// https://www.ecfr.gov/current/title-26/section-1.1012-1: ten units at 2 and twenty at 5, of which
  /// ten are spent when a unit is worth 10; then five more, and a purchase after all of it.
  static let ledger: LedgerText = {
    var text = Text()
    text.add(1.5, .trade, [Text.leg("10", Text.ether, .conversion), usd("-20")])
    text.add(2.5, .trade, [Text.leg("20", Text.ether, .conversion), usd("-100")])
    text.add(3.5, .trade, [Text.leg("-10", Text.ether, .conversion), usd("100")])
    text.add(4.5, .trade, [Text.leg("-5", Text.ether, .conversion), usd("50")])
    text.add(5.5, .trade, [Text.leg("1", Text.ether, .conversion), usd("-10")])
    text.add(5.6, .trade, [Text.leg("1", Text.bitcoin, .conversion), usd("-10")])
    text.add(5.7, .deposit, [usd("10", .outside)])
    return text
  }()

  private static func usd(_ quantity: String, _ counter: Counter = .conversion) -> Leg {
    Text.leg(quantity, Text.dollar, counter)
  }

  static func id(_ number: Int) -> EntryID { ledger.entries[number - 1].entry.id }

  static func pick(
    _ sale: Int, _ parts: [(lot: Int, quantity: String)], day: Double = 3
  ) -> LotPick {
    LotPick(
      id: Int64(sale), sale: id(sale),
      parts: parts.map {
        .init(entry: id($0.lot), part: 0, quantity: Quantity(Text.fixed($0.quantity)))
      }, time: Text.day(1).start.advanced(bySeconds: Int64(day * 86_400)), author: "anna")
  }

  static func report(
    _ picks: [LotPick], method: String = "specific", instructions: [LotInstruction] = [],
    knownAt: Instant? = nil
  ) throws -> LotReport {
    let rules = try #require(GainRules(method: method, scope: nil))
    let closes = Text.closes(today: 9, [])
    var inputs = GainsInputs(rules: rules, prices: closes)
    inputs.picks = picks
    inputs.instructions = instructions
    inputs.picksKnownAt = knownAt
    var journal = GainsJournal(
      rules: rules, links: AssetLinks(), prices: closes, picks: inputs.namedLots,
      standing: inputs.standingOrders)
    journal.takeInOrder(ledger.entries)
    journal.settle()
    return try journal.lots.report()
  }

  @Test func `a sale takes the lots that are named, and the earliest where none are`() throws {
    let named = try LotPickTests.report([LotPickTests.pick(3, [(2, "10")])])
    // The second lot: 100 - 50. The next sale names none: 50 - 10 out of the first.
    #expect(named.disposals.map(\.gain?.text) == ["50", "40"])
    #expect(named.disposals.map { $0.matches.map(\.isNamed) } == [[true], [false]])
    let none = try LotPickTests.report([])
    // Without identification the earliest: basis 20.
    #expect(none.disposals.first?.gain?.text == "80")
    let other = try LotPickTests.report([LotPickTests.pick(3, [(2, "10")])], method: "fifo")
    #expect(other.disposals.first?.gain?.text == "80")
  }

  @Test func `what the named lots do not cover is the earliest, and is said`() throws {
    let pick = LotPickTests.pick(3, [(2, "4")])
    let report = try LotPickTests.report([pick])
    let sale = try #require(report.disposals.first)
    #expect(sale.matches.map(\.quantity.text) == ["4", "6"])
    // 100 less 4 · 5 and 6 · 2.
    #expect(sale.gain?.text == "68")
    let outcome = try #require(PickOutcome.all([pick], report).first)
    #expect(outcome.fellBack.text == "6" && !outcome.isShort)
  }

  @Test func `lots that are named after the sale are marked`() throws {
    let early = LotPickTests.pick(3, [(2, "10")], day: 2.5)
    let late = LotPickTests.pick(3, [(2, "10")], day: 2.6)
    let report = try LotPickTests.report([early])
    // The sale is on day 3.5, two and a half days after the first began.
    #expect(PickOutcome.all([early], report).map(\.isLate) == [false])
    #expect(PickOutcome.all([late], report).map(\.isLate) == [true])
  }

  private static func refusal(
    _ sale: Int, _ lots: String, others: [LotPick] = []
  ) throws -> Refusal? {
    do {
      let wish = try PickWish(sale: id(sale).description, lots: lots)
      let trial = wish.trial(
        of: ledger.entries[sale - 1].entry, at: Text.day(9).start, by: "anna")
      let report = try report(others + [trial])
      let outcome = try #require(PickOutcome.all([trial], report).first)
      _ = try PickCheck(wish: wish, report: report, outcome: outcome).parts()
      return nil
    } catch let refusal as Refusal {
      return refusal
    }
  }

  @Test func `a pick that cannot be is refused, with the lot and what was there`() throws {
    let (one, two) = (LotPickTests.id(1), LotPickTests.id(2))
    let refusal = LotPickTests.refusal
    #expect(try refusal(3, "\(one):4 \(two):6", []) == nil)
    #expect(try refusal(3, "\(one)", []) == nil)
    let much = try #require(try refusal(3, "\(two):6 \(one):11", []))
    #expect(much.message.contains("gave 10 ETH, the lots named come to 17"))
    let gone = try #require(
      try refusal(4, "\(one):1", [LotPickTests.pick(3, [(1, "10")])]))
    #expect(gone.message.hasPrefix("of lot 1, \(one), there was 0 ETH in kraken at the sale of"))
    #expect(gone.message.contains("taken before by \(LotPickTests.id(3))"))
    let part = try #require(
      try refusal(4, "\(two):1 \(one):3", [LotPickTests.pick(3, [(1, "8")])]))
    #expect(part.message.hasPrefix("of lot 2, \(one), there was 0 ETH"))
    let later = try #require(try refusal(3, "\(LotPickTests.id(5)):1", []))
    #expect(later.message.contains("was acquired at") && later.message.contains("after the sale"))
    let other = try #require(try refusal(3, "\(LotPickTests.id(6)):1", []))
    #expect(other.message.contains("is one of BTC; the sale gave ETH"))
    let unknown = try #require(try refusal(3, String(repeating: "ab", count: 16), []))
    #expect(unknown.code == .notFound)
    let spare = try #require(try refusal(3, "\(one) \(two)", []))
    #expect(spare.message.contains("those before it cover the sale"))
    let nothing = try #require(try refusal(7, "\(one)", []))
    #expect(nothing.message.contains("gives nothing away"))
  }

  @Test(arguments: [
    ("", "no lot is named"), ("xyz", "lot 1, xyz, is no lot"),
    ("00000000000000000000000000000001:0", "0 is no quantity"),
    ("00000000000000000000000000000001:-1", "-1 is no quantity"),
    ("00000000000000000000000000000001:", " is no quantity"),
    ("00000000000000000000000000000001.x", "is no lot"),
    ("00000000000000000000000000000001 00000000000000000000000000000001:2", "named twice"),
  ])
  func `what names no lot is refused with its place`(_ lots: String, _ message: String) {
    let refusal = #expect(throws: Refusal.self) {
      try PickWish(sale: LotPickTests.id(3).description, lots: lots)
    }
    #expect(refusal?.message.contains(message) == true)
  }

  @Test func `picks count as they were known at a time`() throws {
    var inputs = GainsInputs(
      rules: try #require(GainRules(method: "specific", scope: nil)),
      prices: Text.closes(today: 9, []))
    let first = LotPickTests.pick(3, [(1, "10")], day: 3)
    let withdrawn = LotPick(
      id: 1, sale: first.sale, parts: first.parts, time: first.time, author: "anna",
      withdrawn: Text.day(6).start, withdrawer: "bert")
    inputs.picks = [withdrawn, LotPickTests.pick(3, [(2, "10")], day: 5)]
    #expect(inputs.namedLots[first.sale]?.map(\.lot.entry) == [LotPickTests.id(2)])
    inputs.picksKnownAt = Text.day(5).start
    #expect(inputs.namedLots[first.sale]?.map(\.lot.entry) == [LotPickTests.id(1)])
    inputs.picksKnownAt = Text.day(2).start
    #expect(inputs.namedLots.isEmpty)
    inputs.rules.method = .lots(.fifo)
    inputs.picksKnownAt = nil
    #expect(inputs.namedLots.isEmpty)
  }
}
