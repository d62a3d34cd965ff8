import Anomalies
import Testing

/// Prices between bars: what rings at the tick and not only at the end of the bar.
struct PriceBandTests {
  /// A calm market: closes that go up and down by half a percent, of an hour each.
  private func calm(_ watch: inout PriceWatch, bars: Int) -> (price: Double, end: Int64) {
    var (price, end) = (100.0, Int64(0))
    for bar in 0..<bars {
      let next = price * (bar.isMultiple(of: 2) ? 1.005 : 1 / 1.005)
      end += 3600
      _ = watch.take(
        MarketBar(end: end, high: max(price, next), low: min(price, next), close: next))
      price = next
    }
    return (price, end)
  }

  private func bar(_ end: Int64, from open: Double, to close: Double) -> MarketBar {
    MarketBar(end: end, high: max(open, close), low: min(open, close), close: close)
  }

  /// What rings at a price.
  private func rung(_ watch: inout PriceWatch, at price: Double) throws -> PriceWatch.Reading {
    let reading = watch.peek(price)
    return try #require(reading)
  }

  private func expectQuiet(_ watch: inout PriceWatch, at price: Double) {
    let reading = watch.peek(price)
    #expect(reading == nil)
  }

  @Test func `a slide over several bars rings within the bar that passes its limit`() throws {
    var watch = PriceWatch(seconds: 3600)
    var (price, end) = calm(&watch, bars: 400)
    var inOneBar = 0.0
    for _ in 0..<3 where watch.isOpen == false {
      let before = try #require(watch.band)
      inOneBar = max(inOneBar, 1 - before.lowerBound / price)
      let next = price * 0.99
      end += 3600
      _ = watch.take(bar(end, from: price, to: next))
      price = next
    }
    try #require(!watch.isOpen, "a percent an hour is no alarm by itself")
    let band = try #require(watch.band)
    // Three percent are gone already; of the next fall less is needed than of a first.
    #expect(1 - band.lowerBound / price < inOneBar)
    expectQuiet(&watch, at: band.lowerBound * 1.0001)
    let reading = try rung(&watch, at: band.lowerBound * 0.9999)
    #expect(reading.step == .began && reading.move < 0)
    #expect([.slide, .decline, .retreat].contains(reading.component))
  }

  @Test func `ten percent ring within the bar before statistics are known`() throws {
    var watch = PriceWatch(seconds: 3600)
    let (price, _) = calm(&watch, bars: 30)
    let band = try #require(watch.band)
    expectQuiet(&watch, at: price * 0.95)
    let reading = try rung(&watch, at: price * 0.89)
    #expect(reading.step == .began)
    #expect(band.lowerBound > price * 0.89)
  }

  @Test func `an episode that goes on is told again at the tick and each step once`() throws {
    var watch = PriceWatch(seconds: 3600)
    let (price, end) = calm(&watch, bars: 400)
    let first = try rung(&watch, at: price * 0.9)
    #expect(first.step == .began)
    expectQuiet(&watch, at: price * 0.89)
    let second = try rung(&watch, at: price * 0.84)
    #expect(second.step == .grew)
    expectQuiet(&watch, at: price * 0.84)
    let reading = watch.take(bar(end + 3600, from: price, to: price * 0.84))
    #expect(reading?.step == .held, "the bar's end says nothing that the tick did not")
  }

  @Test func `a recovery beyond the limit is an episode of its own`() throws {
    var watch = PriceWatch(seconds: 3600)
    let (price, _) = calm(&watch, bars: 400)
    _ = try rung(&watch, at: price * 0.9)
    let back = try rung(&watch, at: price * 1.12)
    #expect(back.step == .began && back.move > 0)
  }
}
