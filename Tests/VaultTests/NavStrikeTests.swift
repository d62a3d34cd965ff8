import Amounts
import GRDB
import Ledger
import Prices
import TestSupport
import Testing

@testable import Vault

@Suite struct NavStrikeTests {
  private func new(_ value: String, reason: String = "") throws -> NewNavStrike {
    NewNavStrike(
      cutoff: author().time, reason: reason, currency: .usDollar, value: try Fixed(parsing: value),
      range: (try Fixed(parsing: value), try Fixed(parsing: value)), content: "{\"v\":\(value)}",
      prices: "[\(value)]")
  }

  @Test func `a strike stays, and is restated only as a version with its reason`() throws {
    let vault = try makeVault(try Scratch())
    let first = try vault.strike(try new("100"), by: author(60))
    #expect(first.version == 1)
    #expect(fault { _ = try vault.strike(try self.new("101"), by: author(61)) } != nil)
    let second = try vault.strike(try new("101", reason: "late trade"), by: author(62))
    #expect(second.version == 2 && second.reason == "late trade")
    let all = try vault.reader.strikes(at: author().time)
    #expect(all.map(\.value.text) == ["101", "100"])
    #expect(all.last == first)
    let records = try vault.store.pool.read { db in
      try String.fetchAll(db, sql: "SELECT CAST(record AS TEXT) FROM audit ORDER BY seq")
    }
    let hash = first.contentHash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(records.contains { $0.contains("nav.strike") && $0.contains(hash) })
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `what was held at a time is what all entries until then give`(seed: UInt64) throws {
    var generator = Seeded.ofRun(seed)
    let vault = try makeVault(try Scratch())
    let entries = Sample.random(300, &generator)
    _ = try vault.append(Batch(entries: entries), by: author())
    for _ in 0..<5 {
      let time = Instant(seconds: Int64.random(in: -10...5_010, using: &generator))
      let then = try Sample.holdings(of: entries.filter { $0.time <= time })
      var expected: [HoldingKey: Quantity] = [:]
      for (key, holding) in then {
        let sum = try holding.free.adding(holding.staked)
        if !sum.isZero { expected[key] = sum }
      }
      #expect(try vault.reader.quantities(at: time) == expected, "SEED=\(seed)")
    }
  }

  @Test func `a price at a time is that of the bar that ended last`() throws {
    let vault = try makeVault(try Scratch())
    let bitcoin = BarStoreTests.bitcoin
    let day = author().time
    func record(_ price: String, _ second: Int64, _ length: BarLength, _ source: BarSource = .own)
      throws -> BarRecord
    {
      BarRecord(
        asset: bitcoin, currency: .usDollar, length: length,
        bar: PriceBar(
          start: day.advanced(bySeconds: second), price: try Price(parsing: price)),
        source: source, parts: 60)
    }
    try vault.keep(
      [
        try record("1", 0, .hour), try record("2", 3_600, .minute),
        try record("2.5", 3_600, .minute, .venue("x")), try record("3", 3_660, .minute),
        try record("4", -86_400, .day),
      ], at: day)
    func price(at second: Int64) throws -> String? {
      try vault.reader.barPrices(
        of: [bitcoin], in: .usDollar, at: day.advanced(bySeconds: second))[bitcoin]?.price.text
    }
    #expect(try price(at: 3_720) == "3")
    #expect(try price(at: 3_719) == "2")
    #expect(try price(at: 3_659) == "1")
    #expect(try price(at: 3_599) == "4")
    #expect(try price(at: -1) == nil)
    let both = try vault.reader.barPrices(
      of: [bitcoin], in: .usDollar, at: day.advanced(bySeconds: 3_670))
    #expect(both[bitcoin]?.said == ["own 2", "venue:x 2.5"])
    #expect(both[bitcoin]?.high.text == "2.5")
  }
}
