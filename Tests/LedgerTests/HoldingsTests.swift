import Amounts
import Ledger
import TestSupport
import Testing

func randomEntry(_ number: Int, _ generator: inout Seeded) -> Entry {
  let legs = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
    Leg(
      account: AccountID(named: "a\(Int.random(in: 0...3, using: &generator))"),
      asset: .venue(venue: "v", code: "C\(Int.random(in: 0...5, using: &generator))"),
      quantity: Quantity(
        Fixed(units: Int128(Int64.random(in: -1_000_000...1_000_000, using: &generator)))),
      counter: Counter.allCases.randomElement(using: &generator) ?? .outside)
  }
  return Entry(
    id: EntryID(high: 0, low: UInt64(number)), time: Instant(seconds: Int64(number)),
    kind: .adjustment, legs: legs, origin: .byHand)
}

@Suite struct HoldingsTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `folding in any order equals rebuilding`(seed: UInt64) throws {
    var generator = Seeded(seed)
    let entries = (0..<200).map { randomEntry($0, &generator) }
    let rebuilt = try Holdings.rebuilt(from: entries)
    var folded = Holdings()
    for entry in entries.shuffled(using: &generator) { try folded.apply(entry) }
    #expect(folded == rebuilt, "SEED=\(seed)")
    var resumed = Holdings(table: try Holdings.rebuilt(from: entries.prefix(77)).table)
    for entry in entries.dropFirst(77) { try resumed.apply(entry) }
    #expect(resumed == rebuilt, "SEED=\(seed)")
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `every entry's postings add up to nothing for every asset`(seed: UInt64) throws {
    var generator = Seeded(seed)
    let entry = randomEntry(1, &generator)
    var sums: [AssetID: Quantity] = [:]
    for posting in try entry.legs.flatMap({ try $0.postings() }) {
      sums[posting.asset] = try (sums[posting.asset] ?? .zero).adding(posting.quantity)
    }
    let rest = sums.filter { !$0.value.isZero }
    #expect(rest.isEmpty, "SEED=\(seed)")
  }

  @Test func `what is staked is still owned`() throws {
    let account = AccountID(named: "a")
    let asset = AssetID.native(chain: "ethereum")
    var holdings = Holdings()
    for (number, (text, counter)) in [("10", Counter.outside), ("-4", .staked), ("1", .staked)]
      .enumerated()
    {
      let leg = Leg(
        account: account, asset: asset, quantity: try Quantity(parsing: text), counter: counter)
      try holdings.apply(
        Entry(
          id: EntryID(high: 0, low: UInt64(number)), time: Instant(seconds: 0), kind: .stake,
          legs: [leg], origin: .byHand))
    }
    let holding = try #require(holdings.table[HoldingKey(account: account, asset: asset)])
    #expect(holding.free.text == "7")
    #expect(holding.staked.text == "3")
    #expect(try holding.total().text == "10")
  }

  @Test func `a holding out of range is refused and changes nothing`() throws {
    let leg = Leg(
      account: AccountID(named: "a"), asset: .fiat(code: "USD"),
      quantity: Quantity(Fixed(units: .max)), counter: .outside)
    let other = Leg(
      account: AccountID(named: "b"), asset: .fiat(code: "USD"),
      quantity: Quantity(Fixed(units: 1)), counter: .outside)
    var holdings = Holdings()
    try holdings.apply(
      Entry(
        id: EntryID(high: 0, low: 1), time: Instant(seconds: 0), kind: .deposit, legs: [leg],
        origin: .byHand))
    let before = holdings
    #expect(throws: ArithmeticFault.overflow) {
      try holdings.apply(
        Entry(
          id: EntryID(high: 0, low: 2), time: Instant(seconds: 0), kind: .deposit,
          legs: [other, leg], origin: .byHand))
    }
    #expect(holdings == before)
  }
}

@Suite struct IdentityTests {
  @Test func `parts that run together are told apart`() {
    let account = AccountID(named: "a")
    let one = EntryIdentity.venue(account: account, kind: .fee, reference: "xy")
    let other = EntryIdentity.venue(account: account, kind: .feeRebate, reference: "y")
    #expect(one.canonicalBytes != other.canonicalBytes)
    let first = EntryIdentity.content(account: account, canonical: [1], occurrence: 0)
    let second = EntryIdentity.content(account: account, canonical: [1], occurrence: 1)
    #expect(first.canonicalBytes != second.canonicalBytes)
  }

  @Test func `an identity's text comes back`() {
    let id = EntryID(digest: (0..<32).map { UInt8($0 * 7) })
    #expect(EntryID(id.description) == id)
    #expect(EntryID(digest: id.bytes) == id)
    #expect(EntryID("xyz") == nil)
    #expect(EntryID(String(repeating: "g", count: 32)) == nil)
  }

  @Test func `equal facts have equal bytes wherever they were read`() {
    var generator = Seeded(3)
    let entry = randomEntry(1, &generator)
    let elsewhere = Entry(
      id: EntryID(high: 9, low: 9), time: entry.time, kind: entry.kind, legs: entry.legs,
      details: entry.details, origin: EntryOrigin(importNumber: 5, line: 7))
    #expect(entry.canonicalBytes == elsewhere.canonicalBytes)
    var details = entry.details
    details.note = "x"
    let changed = Entry(
      id: entry.id, time: entry.time, kind: entry.kind, legs: entry.legs, details: details,
      origin: entry.origin)
    #expect(entry.canonicalBytes != changed.canonicalBytes)
  }
}
