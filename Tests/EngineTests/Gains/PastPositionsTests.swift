import Amounts
import Ledger
import Testing

@testable import Engine

@Suite struct PastPositionsTests {
  private let journal = GainsExampleTests.bought().journal(GainsExampleTests.closes)

  private func lines(_ day: Int) -> [String] {
    journal.positions(on: LedgerText.day(day)).held.map { position in
      "\(position.quantity.text) \(position.asset.ticker) "
        + "\(position.value?.text ?? "?") \(position.age)"
    }
  }

  /// By hand: 10,000 less 4,010 and half of the bitcoin sold for 3,000; the closes are those of the day.
  @Test func `a day has what was held at its end, at its closes`() {
    #expect(lines(1) == ["10000 USD 10000 0"])
    #expect(lines(2) == ["5990 USD 5990 0", "0.1 BTC 4100 0"])
    #expect(lines(5) == ["8990 USD 8990 0", "0.05 BTC 2900 0", "1 ETH 2000 0"])
    #expect(lines(0).isEmpty)
  }

  @Test func `a missing close is the last one before it, with its age, or unknown`() {
    var text = GainsExampleTests.bought()
    text.add(3.5, .deposit, [LedgerText.leg("5", .venue(venue: "kraken", code: "XYZ"), .outside)])
    let closes = LedgerText.closes(today: 8, [(2, LedgerText.bitcoin, "41000")])
    let found = text.journal(closes).positions(on: LedgerText.day(6)).held
    // The own trade of day 4 stands in where no market says anything: 0.05 for 3,000.
    #expect(found.map { $0.value?.text } == ["7990", "3000", nil, nil])
    #expect(found.map(\.age) == [0, 2, 0, 0])
    #expect(Set(found.suffix(2).map(\.asset.ticker)) == ["ETH", "XYZ"])
  }

  /// The law: the positions of each day add up to what the days of the performance say.
  @Test func `positions add up to the value of their day`() {
    let history = journal.history(through: LedgerText.day(8))
    for (index, day) in history.days.enumerated() {
      let held = journal.positions(on: LedgerText.day(index + 1)).held
      let sum = held.compactMap(\.value).reduce(Fixed.zero) { (try? $0.adding($1)) ?? $0 }
      #expect(sum == day.value, "day \(index + 1)")
    }
  }
}
