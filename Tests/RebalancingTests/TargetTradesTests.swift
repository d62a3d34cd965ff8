import Amounts
import Rebalancing
import Testing

@Suite struct TargetTradesTests {
  private func fixed(_ text: String) throws -> Fixed { try Fixed(parsing: text) }

  private func wish(
    _ holdings: [String: String], cash: String, prices: [String: String],
    targets: [String: String]
  ) throws -> TargetTrades<String>.Wish {
    TargetTrades<String>.Wish(
      holdings: try holdings.mapValues { Quantity(try fixed($0)) }, cash: try fixed(cash),
      prices: try prices.mapValues { Price(try fixed($0)) },
      targets: try targets.mapValues { try fixed($0) }, feeRate: try fixed("0.001"),
      leastValue: try fixed("10"))
  }

  @Test func `trades lead to the targets`() throws {
    // By hand: 2 BTC at 100 and 50 in cash are 250; 60 % BTC is 150, 40 % ETH is 100 at 25
    let plan = try TargetTrades(
      try wish(
        ["BTC": "2"], cash: "50", prices: ["BTC": "100", "ETH": "25"],
        targets: ["BTC": "0.6", "ETH": "0.4"]))
    #expect(plan.value.text == "250")
    #expect(plan.trades.map(\.asset) == ["BTC", "ETH"])
    #expect(plan.trades.map(\.value.text) == ["-50", "100"])
    #expect(plan.trades.map(\.quantity.text) == ["-0.5", "4"])
    #expect(plan.trades.map(\.weight.text) == ["0.8", "0"])
    #expect(plan.turnover.text == "0.3" && plan.cost.text == "0.15")
    #expect(plan.cashAfter.isZero)
  }

  @Test func `what has no target is sold, and what is small is left`() throws {
    let plan = try TargetTrades(
      try wish(
        ["BTC": "1", "DOGE": "9"], cash: "0", prices: ["BTC": "100", "DOGE": "1"],
        targets: ["BTC": "0.5"]))
    #expect(plan.trades.map(\.value.text) == ["-45.5", "-9"])
    #expect(plan.kept.map(\.asset) == ["BTC"])
    #expect(plan.cashAfter.text == "54.5")
  }

  @Test func `no price, no value and no room are refused`() throws {
    let priceless = try wish(["BTC": "1"], cash: "0", prices: [:], targets: [:])
    #expect(throws: RebalanceFault.noPrice) { try TargetTrades(priceless) }
    let owed = try wish(["BTC": "-1"], cash: "1", prices: ["BTC": "2"], targets: [:])
    #expect(throws: RebalanceFault.noValue) { try TargetTrades(owed) }
    let vast = try wish(
      ["BTC": "100000000000"], cash: "0", prices: ["BTC": "10000000000"], targets: [:])
    #expect(throws: RebalanceFault.overflow) { try TargetTrades(vast) }
  }

  @Test func `cash pays for all trades`() throws {
    let first = try TargetTrades(
      try wish(
        ["A": "3", "B": "5"], cash: "7", prices: ["A": "2", "B": "3", "C": "7"],
        targets: ["C": "0.3", "A": "0.2"]))
    let value = first.trades.reduce(Fixed.zero.units) { $0 + $1.value.units }
    let cash = try fixed("7")
    #expect(cash.units - value == first.cashAfter.units)
  }
}
