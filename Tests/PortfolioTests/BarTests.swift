import Amounts
import Ledger
import Prices
import Simulator
import Testing

@Suite struct BarTests {
  func price(_ text: String) throws -> Price { try Price(parsing: text) }

  /// Prices at random times, in order, over some hours.
  func walk(seed: UInt64) -> [(price: Price, time: Instant)] {
    var generator = SeededGenerator(seed: seed)
    var time = start
    return (0..<2_000).map { _ in
      time = Instant(
        microseconds: time.microseconds + Int64.random(in: 0...90_000_000, using: &generator))
      return (Price(Fixed(whole: Int64.random(in: 1...1_000, using: &generator))), time)
    }
  }

  /// Bars made the plain way: by looking at all prices of each stretch of time.
  func plain(_ prices: [(price: Price, time: Instant)], _ length: BarLength) -> [PriceBar] {
    var bars: [PriceBar] = []
    for (price, time) in prices {
      let start = length.start(of: time)
      if var bar = bars.last, bar.start == start {
        bar.high = max(bar.high, price)
        bar.low = min(bar.low, price)
        bar.close = price
        bars[bars.count - 1] = bar
      } else {
        bars.append(PriceBar(start: start, price: price))
      }
    }
    return bars
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `rolled up bars are those made from all prices`(seed: UInt64) throws {
    let prices = walk(seed: seed)
    var ladder = BarLadder()
    var closed: [BarLength: [PriceBar]] = [:]
    for (price, time) in prices {
      for done in ladder.take(price, at: time) { closed[done.length, default: []].append(done.bar) }
    }
    for length in BarLength.allCases {
      let all = plain(prices, length)
      let current = ladder.current(length)
      #expect((closed[length] ?? []) + [try #require(current)] == all, "SEED=\(seed)")
      #expect(ladder.bars(length) == Array((closed[length] ?? []).suffix(length.kept)))
    }
    let end = try #require(prices.last).time.advanced(bySeconds: 172_800)
    let rest = ladder.close(at: end)
    #expect(Set(rest.map(\.length)) == Set(BarLength.allCases))
    #expect(ladder.bars(.day) == plain(prices, .day))
  }

  @Test func `a price that comes too late is left out and counted`() throws {
    var ladder = BarLadder()
    _ = ladder.take(try price("10"), at: start)
    _ = ladder.take(try price("99"), at: start.advanced(bySeconds: -5))
    #expect(ladder.late == 1)
    #expect(ladder.current(.day)?.high.text == "10")
  }

  @Test func `older bars from elsewhere go before the own ones`() throws {
    var ladder = BarLadder()
    for second in [0, 60, 120] as [Int64] {
      _ = ladder.take(try price("5"), at: start.advanced(bySeconds: second))
    }
    let older = try (-5...1).map { minute in
      PriceBar(
        start: BarLength.minute.start(of: start.advanced(bySeconds: minute * 60)),
        price: try price("7"))
    }
    ladder.backfill(older, .minute)
    let bars = ladder.bars(.minute)
    #expect(bars.map(\.start) == bars.map(\.start).sorted())
    #expect(Set(bars.map(\.start)).count == bars.count)
    #expect(bars.map(\.close.text) == ["7", "7", "7", "7", "7", "5", "5"])
  }

  @Test func `days begin at midnight of UTC, also before 1970`() {
    #expect(BarLength.day.start(of: Instant(seconds: 86_401)) == Instant(seconds: 86_400))
    #expect(BarLength.day.start(of: Instant(seconds: -1)) == Instant(seconds: -86_400))
  }
}
