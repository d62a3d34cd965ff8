import Amounts
import Ledger
import Portfolio
import Prices
import Testing

/// What the whole may come to, and why prices are missing.
@Suite struct NavRangeTests {
  private let bitcoin = AssetID.native(chain: "bitcoin")
  private let account = AccountID(named: "kraken")

  private func settlement(_ price: String = "100", held: String = "2") throws -> Settlement {
    var settlement = Settlement(currency: .usDollar)
    settlement.take(
      Holding(free: try Quantity(parsing: held)),
      for: HoldingKey(account: account, asset: bitcoin))
    settlement.take(try quote(bitcoin, price, .usDollar))
    return settlement
  }

  @Test func `an old price has a range of two volatilities times the root of its age`() throws {
    var settlement = try settlement()
    settlement.take(volatilities: [bitcoin: try Fixed(parsing: "0.03")])
    // 64 minutes: 2 · 3 % · √(64/1,440) = 1.26491 %, by hand.
    _ = settlement.settle(at: start.advanced(bySeconds: 64 * 60))
    let price = try #require(settlement[bitcoin]?.price)
    #expect(price.confidence == .stale)
    #expect(price.high.text.hasPrefix("101.264911"))
    #expect(price.low.text.hasPrefix("98.735088"))
    let totals = settlement.snapshot(at: start).totals
    #expect(totals.value.text == "200")
    #expect(totals.high.text.hasPrefix("202.529822"))
    #expect(totals.low.text.hasPrefix("197.470177"))
  }

  @Test func `a fresh price has no range of age, and without volatility an old one neither`() throws
  {
    var settlement = try settlement()
    settlement.take(volatilities: [bitcoin: try Fixed(parsing: "0.03")])
    _ = settlement.settle(at: start)
    #expect(settlement[bitcoin]?.price?.low == settlement[bitcoin]?.price?.high)
    var other = try self.settlement()
    _ = other.settle(at: start.advanced(bySeconds: 9_000))
    #expect(other[bitcoin]?.price?.low == other[bitcoin]?.price?.high)
  }

  @Test func `what was kept tells the price of a day ago where no source does`() throws {
    var settlement = try settlement()
    _ = settlement.settle(at: start)
    #expect(settlement[bitcoin]?.dayOpenValue == nil && settlement[bitcoin]?.dayBasis == nil)
    settlement.take(dayOpens: [bitcoin: Price(try Fixed(parsing: "80"))])
    let change = settlement.settle(at: start)
    #expect(settlement[bitcoin]?.dayOpenValue?.text == "160")
    #expect(settlement[bitcoin]?.dayBasis == .hours)
    #expect(change?.totals.dayOpenValue.text == "160")
    let (price, open) = (Price(try Fixed(parsing: "100")), Price(try Fixed(parsing: "90")))
    let other = Quote(
      asset: bitcoin, price: price, currency: .usDollar, time: start, source: .feed("other"),
      dayOpen: open)
    settlement.take(try #require(other))
    _ = settlement.settle(at: start)
    #expect(settlement[bitcoin]?.dayOpenValue?.text == "180")
    #expect(settlement[bitcoin]?.dayBasis == .sources)
    settlement.take(Currency.euro)
    _ = settlement.settle(at: start)
    #expect(settlement[bitcoin]?.dayOpenValue == nil)
  }

  @Test(arguments: [61, 121, 3_000, 86_400, 900_000] as [Int64])
  func `growing old step by step equals being settled at once`(age: Int64) throws {
    var folded = try settlement()
    folded.take(volatilities: [bitcoin: try Fixed(parsing: "0.05")])
    var time = start
    while time < start.advanced(bySeconds: age) {
      _ = folded.settle(at: time)
      time = min(time.advanced(bySeconds: 17 + age / 50), start.advanced(bySeconds: age))
    }
    _ = folded.settle(at: time)
    var rebuilt = try settlement()
    rebuilt.take(volatilities: [bitcoin: try Fixed(parsing: "0.05")])
    _ = rebuilt.settle(at: time)
    #expect(folded[bitcoin] == rebuilt[bitcoin])
    #expect(folded.snapshot(at: time).totals == rebuilt.snapshot(at: time).totals)
  }

  @Test func `what venues report less or more widens the range by its value`() throws {
    var settlement = try settlement()
    settlement.take(differences: [bitcoin: try Quantity(parsing: "-0.5")], of: account)
    settlement.take(
      differences: [bitcoin: try Quantity(parsing: "0.25")], of: AccountID(named: "okx"))
    _ = settlement.settle(at: start)
    var totals = settlement.snapshot(at: start).totals
    #expect(totals.value.text == "200" && totals.breaks == 2)
    #expect(totals.low.text == "150" && totals.high.text == "225")
    #expect(totals.breakValue.text == "75")
    settlement.take(differences: [:], of: account)
    settlement.take(differences: [:], of: AccountID(named: "okx"))
    _ = settlement.settle(at: start)
    totals = settlement.snapshot(at: start).totals
    #expect(totals.breaks == 0 && totals.low == totals.high && totals.breakValue.isZero)
  }

  @Test func `a reason stands at a price that is missing or old, and goes with it`() throws {
    var settlement = try settlement()
    let reason = PriceAbsence(.rateLimited, venues: ["okx"], until: start)
    settlement.take([bitcoin: reason])
    _ = settlement.settle(at: start)
    #expect(settlement[bitcoin]?.absence == nil)
    _ = settlement.settle(at: start.advanced(bySeconds: 3_600))
    #expect(settlement[bitcoin]?.absence == reason)
    let later = start.advanced(bySeconds: 3_600)
    settlement.take(try quote(bitcoin, "101", .usDollar, at: later))
    _ = settlement.settle(at: later)
    #expect(settlement[bitcoin]?.absence == nil)
  }

  @Test func `the sentence of each reason is another one`() {
    let all = PriceAbsence.Kind.allCases
    #expect(Set(all.map { PriceAbsence($0, venues: ["x"]).sentence }).count == all.count)
    #expect(Set(all.map(\.text)).count == all.count)
  }
}
