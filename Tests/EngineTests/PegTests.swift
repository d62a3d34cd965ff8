import Amounts
import Ledger
import Portfolio
import Prices
import Testing

@testable import Engine

@Suite struct PegTests {
  private let start = Instant(seconds: 1_700_000_000)

  private func settlement(_ prices: [(String, Int64)]) throws -> [(Settlement, Instant)] {
    let tether = QuoteBoard.asset(of: try #require(Currency("USDT")))
    var settlement = Settlement(currency: .usDollar)
    return try prices.map { text, second in
      let now = start.advanced(bySeconds: second)
      for source in ["a", "b"] {
        settlement.take(
          try #require(
            Quote(
              asset: tether, price: try Price(parsing: text), currency: .usDollar, time: now,
              source: .feed(source))))
      }
      return (settlement, now)
    }
  }

  @Test func `an asset is off its peg from 50 basis points on until it is within 25`() throws {
    let tether = QuoteBoard.asset(of: try #require(Currency("USDT")))
    var desk = PegDesk()
    var seen: [(Int64, Int64?)] = []
    let steps: [(String, Int64)] = [
      ("1.0002", 0), ("0.9951", 60), ("0.995", 120), ("0.9889", 180), ("0.9960", 240),
      ("0.9976", 300), ("1.005", 360),
    ]
    for (settlement, now) in try settlement(steps) {
      _ = desk.look(settlement, at: now)
      let peg = try #require(desk.pegs[tether])
      seen.append((peg.basisPoints, peg.since.map { $0.seconds - start.seconds }))
    }
    #expect(seen.map(\.0) == [2, -49, -50, -111, -40, -24, 50])
    #expect(seen.map(\.1) == [nil, nil, 120, 120, 120, nil, 360])
  }

  @Test func `a stale price neither begins nor ends it`() throws {
    let tether = QuoteBoard.asset(of: try #require(Currency("USDT")))
    var desk = PegDesk()
    let all = try settlement([("0.98", 0)])
    for (settlement, now) in all {
      _ = desk.look(settlement, at: now.advanced(bySeconds: 9_000))
      #expect(desk.pegs[tether]?.since == nil)
      _ = desk.look(settlement, at: now)
      #expect(desk.pegs[tether]?.since == now)
      _ = desk.look(settlement, at: now.advanced(bySeconds: 9_000))
      #expect(desk.pegs[tether]?.since == now)
    }
  }

  @Test func `every dollar coin that is known beyond doubt is looked at, and no currency is`() {
    let tickers = Set(PegDesk.pegged.keys.map(\.ticker))
    #expect(tickers.isSuperset(of: ["USDT", "USDC", "DAI", "PYUSD"]))
    #expect(tickers.isSubset(of: KnownAssets.dollarCoins))
    for asset in PegDesk.pegged.keys {
      if case .fiat(let code) = asset { Issue.record("\(code) is no coin") }
    }
  }
}
