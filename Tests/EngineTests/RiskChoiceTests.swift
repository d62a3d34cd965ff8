import Ledger
import Testing
import Wire

@testable import Engine

/// What risk figures are set beside and how far they look back.
@Suite struct RiskChoiceTests {
  @Test func `a benchmark is a well-known code or an identity`() throws {
    let ether = try RiskChoice(benchmark: "eth", window: "120")
    #expect(ether.benchmark == .native(chain: "ethereum") && ether.window == 120)
    let other = try RiskChoice(benchmark: "venue:kraken:ODD", window: nil, base: ether)
    #expect(other.benchmark == .venue(venue: "kraken", code: "ODD") && other.window == 120)
    #expect(try RiskChoice(benchmark: nil, window: nil) == RiskChoice())
    #expect(RiskChoice().benchmark == RiskSettings().benchmark)
    #expect(RiskChoice().window == RiskSettings().window)
  }

  @Test(
    arguments: [("NOTACOIN", nil), (nil, "59"), (nil, "400"), (nil, "-1"), (nil, "x")]
      as [(String?, String?)])
  func `what is neither is refused`(_ benchmark: String?, _ window: String?) {
    #expect(throws: Refusal.self) { try RiskChoice(benchmark: benchmark, window: window) }
  }

  @Test func `the figures say what they are set beside, also after a change`() throws {
    let now = Instant(seconds: 1_767_225_600)
    var contents = VaultContents.nothing
    contents.riskChoice = try RiskChoice(benchmark: "ETH", window: "90")
    let engine = VirtualEngine([], mode: .init(isOffline: true), contents: contents)
    #expect(engine.now == now)
    guard case .report(_, let report)? = engine.answer(Request("risk"), id: 1) else {
      Issue.record("there is an answer")
      return
    }
    #expect(report["benchmark"] == .text("ETH") && report["window"] == .integer(90))
    var changes = LedgerChanges()
    changes.riskChoice = try RiskChoice(benchmark: "BTC", window: "200")
    engine.happen(.changed(changes))
    guard case .report(_, let again)? = engine.answer(Request("risk"), id: 2) else {
      Issue.record("there is an answer")
      return
    }
    #expect(again["benchmark"] == .text("BTC") && again["window"] == .integer(200))
  }
}
