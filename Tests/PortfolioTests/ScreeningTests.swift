import Amounts
import Ledger
import Portfolio
import Prices
import Testing

/// What is suspect or ignored.
@Suite struct ScreeningTests {
  private let coin = AssetID.native(chain: "bitcoin")
  private let spam = AssetID.contract(chain: "stellar", address: "USDC-GFALSE")
  private let account = AccountID(named: "wallet")

  private func settlement() throws -> Settlement {
    var settlement = Settlement(currency: .usDollar)
    for asset in [coin, spam] {
      settlement.take(
        Holding(free: Quantity(Fixed(whole: 2))), for: HoldingKey(account: account, asset: asset))
    }
    settlement.take(try quote(coin, "100", .usDollar))
    return settlement
  }

  private func totals(
    _ settlement: inout Settlement, _ screening: Screening?
  ) -> Totals {
    settlement.take(screenings: screening.map { [spam: $0] } ?? [:])
    _ = settlement.settle(at: start)
    return settlement.snapshot(at: start).totals
  }

  @Test func `what is folded makes the sum neither larger nor partial, and stays recorded`() throws
  {
    var settlement = try settlement()
    #expect(totals(&settlement, nil).state == .unknown)
    let sum = totals(&settlement, Screening(.folded, reasons: ["counterfeit"]))
    #expect(sum.state == .live && sum.folded == 1 && sum.positions == 1 && sum.unpriced == 0)
    #expect(sum.value == Fixed(whole: 200))
    let position = try #require(settlement[spam])
    #expect(position.isFolded && position.quantity.fixed == Fixed(whole: 2))
    #expect(position.screening?.reasons == ["counterfeit"])
  }

  @Test func `a suspect with a price of its own counts, and says its reasons`() throws {
    var settlement = try settlement()
    settlement.take(try quote(spam, "3", .usDollar))
    let sum = totals(&settlement, Screening(.folded, reasons: ["lookAlikeLetters"]))
    #expect(sum.value == Fixed(whole: 206) && sum.folded == 0)
    #expect(settlement[spam]?.isFolded == false)
  }

  /// https://github.com/rotki/rotki/issues/12764, by its title: ignored assets in snapshot totals.
  @Test func `regression 20: what the user ignores is in no total, whatever it costs`() throws {
    var settlement = try settlement()
    settlement.take(try quote(spam, "3", .usDollar))
    #expect(totals(&settlement, nil).value == Fixed(whole: 206))
    let sum = totals(&settlement, Screening(.ignored, reasons: ["ignored"]))
    #expect(sum.value == Fixed(whole: 200) && sum.low == sum.value && sum.high == sum.value)
    #expect(sum.folded == 1 && sum.state == .live)
    #expect(settlement[spam]?.shares.allSatisfy { $0.value == nil } == true)
    // And it can be taken back.
    #expect(totals(&settlement, nil).value == Fixed(whole: 206))
  }

  @Test func `what the user linked to another asset counts as that one`() throws {
    var settlement = try settlement()
    settlement.take(AssetLinks(stated: [spam: coin]))
    let sum = totals(&settlement, Screening(.folded, reasons: ["counterfeit"]))
    #expect(sum.value == Fixed(whole: 400) && sum.folded == 0)
  }
}
