import Amounts
import Ledger
import Portfolio
import Prices
import Testing
import Wire

@testable import Engine

@Suite struct RiskVerbTests {
  private func engine() -> VirtualEngine {
    var contents = VaultContents.nothing
    let kraken = Account(id: AccountID(named: "kraken"), name: "Kraken", venue: "kraken")
    contents.accounts = [kraken]
    contents.holdings = [
      HoldingKey(account: kraken.id, asset: .native(chain: "bitcoin")): Holding(
        free: Quantity(.one)),
      HoldingKey(account: kraken.id, asset: .fiat(code: "USD")): Holding(
        free: Quantity(Fixed(whole: 50_000))),
    ]
    contents.quotes = [
      Quote(
        asset: .native(chain: "bitcoin"), price: Price(Fixed(whole: 100_000)),
        currency: .usDollar, time: Instant(seconds: 1_767_225_590), source: .manual)
    ].compactMap { $0 }
    return VirtualEngine([], contents: contents)
  }

  private func report(_ request: Request, _ engine: VirtualEngine) throws -> Report {
    guard case .report(_, let report) = engine.answer(request, id: 7) else {
      throw Refusal(.system, "no report")
    }
    return report
  }

  @Test func `risk without a past is refused, and exposure is known all the same`() throws {
    let engine = engine()
    let figures = try report(Request("risk"), engine)
    #expect(figures["refused"] == .text("0 of 60 returns that it needs"))
    #expect(figures.rows.count == 20)
    let venues = try report(Request("risk", ["by": "venue"]), engine)
    #expect(venues.text(0, "name") == "kraken")
    #expect(venues.cell(0, "net") == .amount(Fixed(whole: 150_000)))
    let stress = try report(Request("risk", ["stress": "covid-2020-03"]), engine)
    #expect(stress.rows.count == 1)
    #expect(stress.cell(0, "value").number == -37_230)
    #expect(stress.cell(0, "share").number == -0.2482)
    let stop = try report(Request("risk", ["stress": "stop:kraken"]), engine)
    #expect(stop.cell(0, "value").number == -150_000)
    let own = try report(Request("risk", ["stress": "BTC=-30%"]), engine)
    #expect(own["value"].number == -30_000)
    let map = try report(Request("correlation", ["method": "kendall"]), engine)
    #expect(map["refused"] == .text("0 of 60 returns that it needs"))
  }

  @Test(arguments: [
    ("risk", ["by": "moon"]), ("risk", ["method": "guess"]), ("risk", ["horizon": "0"]),
    ("risk", ["confidence": "nan"]), ("risk", ["confidence": "100"]), ("risk", ["view": "x"]),
    ("risk", ["stress": "BTC=-300%"]), ("risk", ["stress": "no-such-crash"]),
    ("correlation", ["window": "5"]), ("correlation", ["method": "guess"]),
    ("correlation", ["view": "x"]),
  ])
  func `a wrong argument is refused`(verb: String, arguments: [String: String]) {
    let answer = engine().answer(Request(verb, arguments), id: 7)
    guard case .refusal(_, let refusal) = answer else {
      Issue.record("\(String(describing: answer))")
      return
    }
    #expect([.usage, .notFound].contains(refusal.code))
  }

  @Test func `boards of risk come to whoever looks at them`() {
    let engine = engine()
    engine.say(.look([Board.risk, Board.heatmap + "pearson:90"]))
    engine.run(seconds: 2)
    let names = engine.heard().compactMap { message -> String? in
      guard case .board(let name, let report) = message, !report.facts.isEmpty else { return nil }
      return name
    }
    #expect(Set(names) == [Board.risk, Board.heatmap + "pearson:90"])
  }
}
