import Amounts
import Ledger
import Lots
import Performance
import Portfolio
import Prices
import Testing
import Wire

@testable import Engine

/// Gains and performance of small ledgers, worked out by hand.
@Suite struct GainsExampleTests {
  typealias Text = LedgerText

  /// A deposit of 10,000, 0.1 BTC for 4,000 and 10 of fees, half of it sold for 3,000; 1 ETH staked.
  static func bought() -> LedgerText {
    var text = Text()
    text.add(1.5, .deposit, [Text.leg("10000", Text.dollar, .outside)])
    text.add(
      2.5, .trade,
      [
        Text.leg("0.1", Text.bitcoin, .conversion), Text.leg("-4000", Text.dollar, .conversion),
        Text.leg("-10", Text.dollar, .fees),
      ])
    text.add(
      4.5, .trade,
      [
        Text.leg("-0.05", Text.bitcoin, .conversion), Text.leg("3000", Text.dollar, .conversion),
      ])
    text.add(5.5, .staking, [Text.leg("1", Text.ether, .income)])
    text.add(6.5, .withdrawal, [Text.leg("-1000", Text.dollar, .outside)])
    return text
  }

  static let closes = LedgerText.closes(
    today: 8,
    [
      (2, Text.bitcoin, "41000"), (3, Text.bitcoin, "50000"), (4, Text.bitcoin, "60000"),
      (5, Text.bitcoin, "58000"), (5, Text.ether, "2000"), (6, Text.bitcoin, "62000"),
      (6, Text.ether, "2100"), (7, Text.bitcoin, "62000"), (7, Text.ether, "2100"),
    ], live: [Text.bitcoin: "64000", Text.ether: "2200"])

  @Test func `the days of a small ledger`() throws {
    let history = GainsExampleTests.bought().journal(GainsExampleTests.closes)
      .history(through: Text.day(8))
    let found = history.days.map { [$0.value.text, $0.gain.text, $0.inflow.text, $0.outflow.text] }
    // Value is cash, BTC and ETH at the close; the gain of day 2 is 0.1 · 41,000 less 4,000 and 10.
    #expect(
      found == [
        ["10000", "0", "10000", "0"], ["10090", "90", "0", "0"], ["10990", "900", "0", "0"],
        ["11990", "1000", "0", "0"], ["13890", "1900", "0", "0"], ["13190", "300", "0", "1000"],
        ["13190", "0", "0", "0"], ["13390", "200", "0", "0"],
      ])
    let second = try #require(history[Text.day(2)])
    #expect(second.trading.text == "100")
    #expect(second.fees.text == "-10")
    let fifth = try #require(history[Text.day(5)])
    #expect(fifth.rewards.text == "2000")
    #expect(fifth.price.text == "-100")
  }

  @Test func `gains of the lots are those of the days`() throws {
    let journal = GainsExampleTests.bought().journal(GainsExampleTests.closes)
    let report = try journal.lots.report()
    // FIFO, fees in the cost: 0.05 of 0.1 BTC for half of 4,010; sold for 3,000.
    #expect(report.disposals.map(\.gain?.text) == ["995"])
    #expect(report.income.map(\.value?.text) == ["2000"])
    let digest = GainsDigest(journal, GainsInputs(prices: GainsExampleTests.closes))
    // 0.05 · 64,000 less 2,005, and 2,200 less 2,000.
    let unrealised = digest.open.map { asset, open in
      (asset, open.unrealised(at: digest.recent[asset])?.text)
    }
    #expect(unrealised.first { $0.0 == Text.bitcoin }?.1 == "1195")
    #expect(unrealised.first { $0.0 == Text.ether }?.1 == "200")
    let sum = ValueHistory.sum(digest.history.days)
    #expect(sum.gain.text == "4390")
    #expect(sum.gain.text == "\(995 + 2000 + 1195 + 200)")
  }

  /// The example of `SourceAttribution`: the same trades by another way of adding up.
  @Test func `sources agree with the attribution of trades one by one`() throws {
    let journal = GainsExampleTests.bought().journal(GainsExampleTests.closes)
    let sum = ValueHistory.sum(journal.history(through: Text.day(7)).days)
    var other = SourceAttribution<AssetID>()
    try other.transfer(cash: Text.fixed("10000"))
    try other.close([:])
    try other.trade(
      Text.bitcoin, Quantity(Text.fixed("0.1")), at: Text.price("40000"), fee: Text.fixed("10"))
    try other.close([Text.bitcoin: .init(Text.price("41000"))])
    try other.close([Text.bitcoin: .init(Text.price("50000"))])
    try other.trade(Text.bitcoin, Quantity(Text.fixed("-0.05")), at: Text.price("60000"))
    try other.close([Text.bitcoin: .init(Text.price("60000"))])
    try other.reward(Text.ether, Quantity(Text.fixed("1")), at: Text.price("2000"))
    try other.close([
      Text.bitcoin: .init(Text.price("58000")), Text.ether: .init(Text.price("2000")),
    ])
    try other.transfer(cash: Text.fixed("-1000"))
    try other.close([
      Text.bitcoin: .init(Text.price("62000")), Text.ether: .init(Text.price("2100")),
    ])
    let total = try other.total()
    #expect(total.price == sum.price)
    #expect(total.trading == sum.trading)
    #expect(total.fees == sum.fees)
    #expect(total.rewards == sum.rewards)
    #expect(try other.value() == sum.value)
  }

  @Test func `returns are linked over flows, and too few of them give no figure of risk`() throws {
    let history = GainsExampleTests.bought().journal(GainsExampleTests.closes)
      .history(through: Text.day(8))
    let span = try #require(GainSpan(Text.day(1), Text.day(8)))
    let figures = PerformanceFigures(
      history, span, benchmark: [Double?](repeating: 0.01, count: 8))
    // 90/10000, 900/10090, 1000/10990, 1900/11990, 300/13890, 0, 200/13190, linked by hand.
    let expected =
      10090 / 10000 * 10990 / 10090 * 11990 / 10990 * 13890 / 11990
      * (14190 / 13890) * (13390 / 13190) - 1.0
    let found = try #require(figures.timeWeighted.value)
    #expect(abs(found - expected) < 1e-12)
    #expect(figures.sharpe == .refused("8 of at least 30 daily returns"))
    #expect(figures.annualGrowth == .refused("8 of at least 30 daily returns"))
    #expect(figures.benchmark.days == 8)
    #expect(figures.benchmark.beta == .refused("8 of at least 30 days with both"))
  }

  @Test func `transfers between own accounts are no flows, also over midnight`() throws {
    var text = Text()
    text.add(1.5, .deposit, [Text.leg("2", Text.ether, .outside)])
    text.add(2.9, .transfer, [Text.leg("-1", Text.ether, .transit)])
    text.add(3.1, .transfer, [Text.leg("1", Text.ether, .transit, "wallet")])
    let closes = Text.closes(
      today: 4, (1...3).map { ($0, Text.ether, "100") }, live: [Text.ether: "100"])
    let history = text.journal(closes).history(through: Text.day(4))
    #expect(history.days.map(\.value.text) == ["200", "200", "200", "200"])
    #expect(history.days.map(\.inflow.text) == ["200", "0", "0", "0"])
    #expect(history.days.allSatisfy { $0.outflow.isZero && $0.gain.isZero })
  }

  @Test func `a withdrawal and a deposit of one transaction carry their lots`() throws {
    var text = Text()
    text.add(
      1.5, .trade,
      [
        Text.leg("2", Text.ether, .conversion), Text.leg("-200", Text.dollar, .conversion),
      ])
    text.add(2.5, .withdrawal, [Text.leg("-1.5", Text.ether, .outside)], hash: "0xAB")
    text.add(2.6, .deposit, [Text.leg("1.4", Text.ether, .outside, "wallet")], hash: "0xab")
    let closes = Text.closes(
      today: 4, (1...3).map { ($0, Text.ether, "100") }, live: [Text.ether: "100"])
    let journal = text.journal(closes)
    let report = try journal.lots.report()
    let lots = report.holdings.flatMap(\.lots).map {
      [$0.account?.slug, $0.quantity.text, $0.cost?.text]
    }
    #expect(lots == [["kraken", "0.5", "50"], ["wallet", "1.4", "140"]])
    // The 0.1 that did not arrive was paid on the way.
    #expect(report.disposals.map(\.quantity.text) == ["0.1"])
    let history = journal.history(through: Text.day(4))
    #expect(history.days.map(\.fees.text) == ["0", "-10", "0", "0"])
    #expect(history.days.allSatisfy { $0.inflow.isZero && $0.outflow.isZero })
  }

  @Test func `what has no price is counted and is in no sum`() throws {
    var text = GainsExampleTests.bought()
    let odd = AssetID.venue(venue: "kraken", code: "ODD")
    text.add(3.5, .deposit, [Text.leg("5", odd, .outside)])
    let journal = text.journal(GainsExampleTests.closes)
    let history = journal.history(through: Text.day(8))
    #expect(history.days.map(\.unpriced) == [0, 0, 1, 1, 1, 1, 1, 1])
    #expect(history.days.last?.value.text == "13390")
    let digest = GainsDigest(journal, GainsInputs(prices: GainsExampleTests.closes))
    #expect(digest.open[odd]?.unknownLots == 1)
    #expect(digest.open[odd]?.unrealised(at: nil) == nil)
  }

  @Test func `a missing price is that of days before, and is marked as old`() throws {
    var text = Text()
    text.add(1.5, .deposit, [Text.leg("1", Text.bitcoin, .outside)])
    let closes = Text.closes(today: 9, [(1, Text.bitcoin, "100"), (8, Text.bitcoin, "150")])
    let history = text.journal(closes).history(through: Text.day(8))
    #expect(
      history.days.map(\.value.text) == ["100", "100", "100", "100", "100", "100", "100", "150"])
    #expect(history.days.map(\.carried) == [0, 1, 1, 1, 1, 1, 1, 0])
    #expect(
      history.days.map(\.isMostlyStale) == [false, false, false, false, true, true, true, false])
    #expect(history.days.last?.price.text == "50")
  }

  @Test func `another method or scope takes other lots`() throws {
    var text = Text()
    for (day, account, cost) in [
      (1.5, "kraken", "100"), (2.5, "wallet", "300"), (3.5, "kraken", "200"),
    ] {
      text.add(
        day, .trade,
        [
          Text.leg("1", Text.bitcoin, .conversion, account),
          Text.leg("-" + cost, Text.dollar, .conversion, account),
        ])
    }
    text.add(
      4.5, .trade,
      [Text.leg("-1", Text.bitcoin, .conversion), Text.leg("500", Text.dollar, .conversion)])
    let closes = Text.closes(today: 6, [])
    func gain(_ method: String, _ scope: String) throws -> String? {
      let rules = try #require(GainRules(method: method, scope: scope))
      return try text.journal(closes, rules: rules).lots.report().disposals.first?.gain?.text
    }
    #expect(try gain("fifo", "account") == "400")
    #expect(try gain("lifo", "account") == "300")
    #expect(try gain("hifo", "account") == "300")
    #expect(try gain("hifo", "universal") == "200")
    #expect(try gain("average", "account") == "350")
    #expect(try gain("average", "universal") == "300")
  }

  @Test(arguments: [
    ("BTC", ["native:bitcoin"]), ("BTC:60,ETH:40", ["native:bitcoin", "native:ethereum"]),
    ("native:bitcoin=1", ["native:bitcoin"]),
  ])
  func `a benchmark is an asset or a blend`(_ text: String, _ assets: [String]) throws {
    let blend = try #require(BenchmarkBlend(text))
    #expect(blend.parts.map(\.asset.text) == assets)
    #expect(BenchmarkBlend(blend.text)?.parts.map(\.asset) == blend.parts.map(\.asset))
  }

  @Test(arguments: [
    "", "BTC:0", "BTC:-1", "BTC:x", ":", ",", "BT C", String(repeating: "A", count: 99),
  ])
  func `what is no benchmark is refused`(_ text: String) {
    #expect(BenchmarkBlend(text) == nil)
  }

  @Test func `a blend is weighed anew every day`() throws {
    let closes = Text.closes(
      today: 4,
      [
        (1, Text.bitcoin, "100"), (1, Text.ether, "10"), (2, Text.bitcoin, "110"),
        (2, Text.ether, "10"), (3, Text.bitcoin, "110"),
      ])
    let blend = try #require(BenchmarkBlend("BTC:60,ETH:40"))
    let returns = blend.returns(from: Text.day(2), through: Text.day(3), GainPrices(closes))
    #expect(returns.count == 2)
    let first = try #require(returns.first ?? nil)
    #expect(abs(first - 0.06) < 1e-12)
    // Of the third day one part has no price of its own.
    #expect(returns.last == .some(nil))
  }

  @Test func `the figures come after the first snapshot and say how far they are`() throws {
    let now = Text.day(8).start
    var desk = GainsDesk(currency: .usDollar, rules: GainRules(), benchmark: .standard, at: now)
    let asked = desk.task(at: now)
    #expect(asked != nil)
    let again = desk.task(at: now)
    #expect(again == nil)
    desk.take(.progress(done: 25, total: 100), at: now)
    let board = try #require(GainsBoard("performance:month", desk)?.report)
    #expect(board["state"] == .text("computing"))
    #expect(board["done_percent"] == .integer(25))
    let journal = GainsExampleTests.bought().journal(GainsExampleTests.closes)
    desk.take(
      .digest(GainsDigest(journal, GainsInputs(prices: GainsExampleTests.closes))), at: now)
    let ready = try #require(GainsBoard("performance:all", desk)?.report)
    #expect(ready["state"] == .text("ready"))
    #expect(ready["gain"] == .amount(Text.fixed("4390")))
    // The steps of the bridge: 0 + 4,390 + 10,000 - 1,000.
    let bridge = ["opening", "gain", "inflow"].reduce(Fixed.zero) { sum, name in
      guard case .amount(let amount) = ready[name] else { return sum }
      return (try? sum.adding(amount)) ?? sum
    }
    #expect(bridge == Text.fixed("14390") && ready["value"] == .amount(Text.fixed("13390")))
    // Nothing was lost on any day; the benchmark, bitcoin, went from 41,000 to 64,000.
    let falls = ready.rows.indices.map { ready.cell($0, "drawdown").number }
    #expect(falls.count == 8 && falls.allSatisfy { $0 == 0 })
    let end = try #require(ready.cell(7, "benchmark_index").number)
    #expect(abs(end - 64_000.0 / 41_000) < 1e-4)
    #expect(ready["benchmark_return"].number.map { abs(1 + $0 - end) < 1e-4 } == true)
    desk.ledgerChanged(at: now)
    let early = desk.task(at: now)
    #expect(early == nil)
    let due = desk.task(at: now.advanced(bySeconds: 3))
    #expect(due != nil)
  }

  @Test
  func `what is suspect is worth nothing until it has a price, and never while it is ignored`()
    throws
  {
    let spam = AssetID.contract(chain: "stellar", address: "USDC-GFALSE")
    var text = GainsExampleTests.bought()
    let plain = text.journal(GainsExampleTests.closes).history(through: Text.day(8))
    text.add(3.5, .receive, [Text.leg("1000000", spam, .outside)])
    func history(_ change: (inout DailyCloses) -> Void) -> ValueHistory {
      var closes = GainsExampleTests.closes
      change(&closes)
      return text.journal(closes).history(through: Text.day(8))
    }
    // Nobody knows what it is worth: each day is partial.
    let unjudged = history { _ in }
    #expect(unjudged[Text.day(5)]?.unpriced == 1 && plain[Text.day(5)]?.unpriced == 0)
    let folded = history { $0.suspect = [spam] }
    #expect(folded.days.map(\.value) == plain.days.map(\.value))
    #expect(folded.days.map(\.gain) == plain.days.map(\.gain))
    #expect(folded.days.allSatisfy { $0.unpriced == 0 && $0.unknownGains == 0 })
    let priced = history { closes in
      closes.suspect = [spam]
      closes.take(Text.price("0.01"), of: spam, on: Text.day(6))
    }
    // A million at a cent, above the 13,190 of the day.
    #expect(priced[Text.day(6)]?.value.text == "23190")
    let ignored = history { closes in
      closes.ignored = [spam]
      closes.take(Text.price("0.01"), of: spam, on: Text.day(6))
    }
    #expect(ignored.days.map(\.value) == plain.days.map(\.value))
  }
}
