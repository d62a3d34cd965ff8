import Amounts
import GRDB
import Ledger
import Prices
import TestSupport
import Testing

@testable import Vault

@Suite struct BarStoreTests {
  static let bitcoin = AssetID.native(chain: "bitcoin")
  static let euro = AssetID.fiat(code: "EUR")
  static let start = Instant(seconds: 1_704_067_200)

  func price(_ text: String) throws -> Price { try Price(parsing: text) }

  func record(
    _ price: String, at second: Int64, _ length: BarLength = .day, _ source: BarSource = .own,
    parts: Int = 24, asset: AssetID = bitcoin, currency: String = "USD"
  ) throws -> BarRecord {
    BarRecord(
      asset: asset, currency: try #require(Currency(currency)), length: length,
      bar: PriceBar(
        start: BarStoreTests.start.advanced(bySeconds: second), price: try self.price(price)),
      source: source, parts: parts)
  }

  /// Prices at random times, in order.
  func walk(_ count: Int, _ generator: inout Seeded) -> [(price: Price, time: Instant)] {
    var time = BarStoreTests.start
    return (0..<count).map { _ in
      time = Instant(
        microseconds: time.microseconds + Int64.random(in: 0...45_000_000, using: &generator))
      return (
        Price(Fixed(units: Int128(Int64.random(in: 1...9_999_999_999, using: &generator)))), time
      )
    }
  }

  func records(_ closed: [BarLadder.Closed]) -> [BarRecord] {
    closed.map {
      BarRecord(
        asset: BarStoreTests.bitcoin, currency: .usDollar, length: $0.length, bar: $0.bar,
        source: .own, parts: $0.parts)
    }
  }

  @Test func `a bar comes back as it was kept, with its source`() throws {
    let vault = try makeVault(try Scratch())
    let own = try record("67412.500000000000000001", at: 0)
    let candle = try record("67400", at: 0, .day, .venue("kraken"), parts: 0)
    try vault.keep([own, candle], at: BarStoreTests.start)
    let bars = try vault.reader.bars(
      of: BarStoreTests.bitcoin, in: .usDollar, .day, from: BarStoreTests.start,
      to: BarStoreTests.start.advanced(bySeconds: 86_400))
    #expect(bars == [own, candle])
  }

  @Test func `a venue's bar is believed over an own one in which time is missing`() throws {
    let vault = try makeVault(try Scratch())
    try vault.keep(
      [
        try record("1", at: 0, parts: 24), try record("2", at: 0, .day, .venue("x"), parts: 0),
        try record("3", at: 86_400, parts: 2),
        try record("4", at: 86_400, .day, .venue("x"), parts: 0),
        try record("5", at: 172_800, parts: 2),
      ], at: BarStoreTests.start)
    let now = BarStoreTests.start.advanced(bySeconds: 259_200)
    let closes = try vault.reader.closes(of: [BarStoreTests.bitcoin], in: .usDollar, at: now)
    #expect(closes[BarStoreTests.bitcoin]?.prices.map(\.text) == ["1", "4", "5"])
    #expect(closes[BarStoreTests.bitcoin]?.days == [19_723, 19_724, 19_725])
  }

  @Test func `what is kept in another currency is crossed at the rate of the day`() throws {
    let vault = try makeVault(try Scratch())
    try vault.keep(
      [
        try record("50000", at: 0, .day, .venue("x"), currency: "USD"),
        try record("60000", at: 86_400, .day, .venue("x"), currency: "USD"),
        try record("1.25", at: 0, .day, .venue("x"), asset: BarStoreTests.euro, currency: "USD"),
      ], at: BarStoreTests.start)
    let now = BarStoreTests.start.advanced(bySeconds: 172_800)
    let euro = try #require(Currency("EUR"))
    let closes = try vault.reader.closes(of: [BarStoreTests.bitcoin], in: euro, at: now)
    // 50,000 dollars at 1.25 dollars a euro; of the second day no rate is known.
    #expect(closes[BarStoreTests.bitcoin]?.prices.map(\.text) == ["40000"])
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `bars that were kept and resumed are those of all prices`(seed: UInt64) throws {
    var generator = Seeded.ofRun(seed)
    let vault = try makeVault(try Scratch())
    let prices = walk(4_000, &generator)
    var whole = BarLadder()
    var ladder = BarLadder()
    var gathered: [BarLadder.Closed] = []
    for (price, time) in prices {
      _ = whole.take(price, at: time)
      gathered += ladder.take(price, at: time)
      guard Int.random(in: 0..<400, using: &generator) == 0 else { continue }
      // The engine is stopped and started: what is not over is the second only.
      var kept = records(gathered)
      if let second = ladder.current(.second) {
        kept.append(
          BarRecord(
            asset: BarStoreTests.bitcoin, currency: .usDollar, length: .second, bar: second,
            source: .own, parts: 1))
      }
      gathered = []
      try vault.keep(kept, at: time)
      let history = try vault.reader.history(
        of: [BarStoreTests.bitcoin], in: .usDollar, at: time)
      ladder = BarLadder(resuming: history.bars[BarStoreTests.bitcoin] ?? [:], &gathered)
    }
    for length in BarLength.allCases where length != .second {
      #expect(ladder.bars(length) == whole.bars(length), "SEED=\(seed) \(length)")
      #expect(ladder.current(length) == whole.current(length), "SEED=\(seed) \(length)")
    }
  }

  @Test func `short bars are thrown away when they are old, hours and days never`() throws {
    let vault = try makeVault(try Scratch())
    let lengths: [BarLength] = [.second, .minute, .hour, .day]
    try vault.keep(try lengths.map { try record("1", at: 0, $0) }, at: BarStoreTests.start)
    func left(after days: Int64) throws -> [BarLength] {
      let now = BarStoreTests.start.advanced(bySeconds: days * 86_400)
      try vault.keep([], at: now)
      return try lengths.filter { length in
        try !vault.reader.bars(
          of: BarStoreTests.bitcoin, in: .usDollar, length, from: BarStoreTests.start, to: now
        ).isEmpty
      }
    }
    #expect(try left(after: 1) == lengths)
    #expect(try left(after: 3) == [.minute, .hour, .day])
    #expect(try left(after: 89) == [.minute, .hour, .day])
    #expect(try left(after: 92) == [.hour, .day])
    #expect(try left(after: 4_000) == [.hour, .day])
  }

  @Test func `a vault from before bars gets their tables`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    try forget(stepsAfter: 2, of: vault)
    try vault.close()
    let again = try openVault(scratch)
    #expect(try again.statistics().schema == Schema.steps.count)
    try again.keep([try record("1", at: 0)], at: BarStoreTests.start)
    #expect(try again.reader.barCoverage().isEmpty)
  }

  @Test func `the history of 500 assets over 400 days is read in a few seconds`() throws {
    let vault = try makeVault(try Scratch())
    let assets = (0..<500).map { AssetID.venue(venue: "x", code: "A\($0)") }
    let now = BarStoreTests.start.advanced(bySeconds: 400 * 86_400)
    for asset in assets {
      try vault.keep(
        try (0..<400).map {
          try record("67412.\(100 + $0)", at: Int64($0) * 86_400, asset: asset)
        }, at: BarStoreTests.start)
    }
    let clock = ContinuousClock()
    let took = try clock.measure {
      let history = try vault.reader.history(of: Set(assets), in: .usDollar, at: now)
      #expect(history.closes.count == 500)
      #expect(history.closes[assets[7]]?.count == 400)
    }
    print("500 assets x 400 days: \(took)")
    #expect(took < .seconds(20))
  }
}
