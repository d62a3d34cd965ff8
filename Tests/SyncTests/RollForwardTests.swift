import Amounts
import Ledger
import Testing
import VenueKit

@testable import Sync

@Suite struct RollForwardTests {
  private let account = Bench.account
  private let bitcoin = AssetID.native(chain: "bitcoin")
  private let asked = Bench.start

  private func question(
    held: Int64 = 5, staked: Int64 = 0, reported: [Balance], isComplete: Bool = true,
    historyTo: Int64? = 60, recent: [RollForward.RecentEntry] = [], known: [Break] = []
  ) -> RollForward.Question {
    let holding = Holding(
      free: Quantity(Fixed(whole: held)), staked: Quantity(Fixed(whole: staked)))
    return RollForward.Question(
      account: account, holdings: [.venue(venue: "fake", code: "BTC"): holding], recent: recent,
      balances: reported, asked: asked, isComplete: isComplete,
      historyTo: historyTo.map { asked.advanced(bySeconds: $0) }, known: known)
  }

  private func balance(_ total: Int64, _ part: AccountPart = .spot) -> Balance {
    Balance(asset: "XBT", free: Fixed(whole: total), used: .zero, part: part)
  }

  private func rollForward(dust: [AssetID: Quantity] = [:]) -> RollForward {
    var venue = FakeVenue().venue()
    venue.aliases = ["XBT": "BTC"]
    return RollForward(venue: venue, dust: dust)
  }

  private func compare(
    _ question: RollForward.Question, dust: [AssetID: Quantity] = [:], after: Int64 = 100
  ) -> RollForward.Outcome {
    rollForward(dust: dust).compare(question, at: asked.advanced(bySeconds: after))
  }

  @Test func `books and venue agree over all parts, whatever each calls the asset`() {
    #expect(compare(question(reported: [balance(3), balance(2, .funding)])) == .compared([]))
  }

  @Test func `profit that stands open is in the venue's total and in no book`() {
    // A wallet of 5 whose positions stand 2 in the plus is told as 7.
    var told = balance(7)
    told.openProfit = Fixed(whole: 2)
    #expect(compare(question(reported: [told])) == .compared([]))
  }

  @Test func `a difference is a break with both figures and its age`() throws {
    guard case .compared(let breaks) = compare(question(reported: [balance(4)])) else {
      Issue.record("it is compared")
      return
    }
    let found = try #require(breaks.first)
    #expect(breaks.count == 1)
    #expect(found.asset == bitcoin)
    #expect(found.expected.text == "5")
    #expect(found.reported.text == "4")
    #expect(found.difference?.text == "-1")
    #expect(found.age == 100)
    #expect(found.state == .open)
  }

  @Test func `what is held and not reported at all is a break`() {
    guard case .compared(let breaks) = compare(question(reported: [])) else {
      Issue.record("it is compared")
      return
    }
    #expect(breaks.map(\.reported.text) == ["0"])
  }

  @Test func `a view with parts missing is not compared`() {
    #expect(
      compare(question(reported: [balance(1)], isComplete: false)) == .notCompared(.partialView))
  }

  @Test func `balances older than the last fill are compared with the books of their own time`() {
    let leg = Leg(
      account: account, asset: .venue(venue: "fake", code: "BTC"),
      quantity: Quantity(Fixed(whole: 2)), counter: .conversion)
    let later = RollForward.RecentEntry(time: asked.advanced(bySeconds: 40), legs: [leg])
    // The books have 7 now, and had 5 when the venue was asked.
    let question = question(held: 7, reported: [balance(5)], recent: [later])
    #expect(compare(question) == .compared([]))
    let close = RollForward.RecentEntry(time: asked.advanced(bySeconds: 2), legs: [leg])
    #expect(
      compare(self.question(held: 7, reported: [balance(5)], recent: [close]))
        == .notCompared(.tooClose))
  }

  @Test func `books that are not read up to the balances are not compared`() {
    #expect(
      compare(question(reported: [balance(1)], historyTo: 5)) == .notCompared(.historyBehind))
    #expect(
      compare(question(reported: [balance(1)], historyTo: nil)) == .notCompared(.historyBehind))
  }

  @Test func `staked coins agree whether the venue counts them or not`() {
    #expect(compare(question(held: 3, staked: 2, reported: [balance(3)])) == .compared([]))
    #expect(compare(question(held: 3, staked: 2, reported: [balance(5)])) == .compared([]))
    #expect(
      compare(question(held: 3, staked: 2, reported: [balance(3), balance(2, .staking)]))
        == .compared([]))
  }

  @Test func `dust is forgiven where it was said how much, and nowhere else`() {
    let dust = [bitcoin: Quantity(Fixed(whole: 1))]
    #expect(compare(question(reported: [balance(4)]), dust: dust) == .compared([]))
    guard case .compared(let breaks) = compare(question(reported: [balance(3)]), dust: dust) else {
      Issue.record("it is compared")
      return
    }
    #expect(breaks.count == 1)
  }

  @Test func `a break is closed, opened again, and stays explained while it is the same`() {
    func state(_ known: [Break], _ total: Int64) -> Break? {
      guard case .compared(let breaks) = compare(question(reported: [balance(total)], known: known))
      else { return nil }
      return breaks.first
    }
    let open = state([], 4)
    let closed = state(open.map { [$0] } ?? [], 5)
    #expect(closed?.state == .closed)
    #expect(state(closed.map { [$0] } ?? [], 4)?.state == .open)
    var explained = open
    explained?.state = .explained
    #expect(state(explained.map { [$0] } ?? [], 4)?.state == .explained)
    #expect(state(explained.map { [$0] } ?? [], 3)?.state == .open)
  }

  @Test func `sums beyond the range are said to be so`() {
    let huge = Balance(asset: "XBT", free: Fixed(units: .max), used: .zero)
    let other = Balance(asset: "XBT", free: Fixed(units: .max), used: .zero, part: .funding)
    #expect(compare(question(reported: [huge, other])) == .notCompared(.tooLarge))
  }
}
