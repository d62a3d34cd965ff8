import Amounts
import GRDB
import Ledger
import Prices
import TestSupport
import Testing

@testable import Vault

@Suite struct AppendTests {
  @Test func `an entry comes back as it was written`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    var entry = Sample.entry(
      "T1", at: 100, kind: .trade, note: "first",
      try Sample.leg("0.5", .native(chain: "bitcoin"), Sample.accounts[0], .conversion),
      try Sample.leg(
        "-15000.123456789012345678", .fiat(code: "EUR"), Sample.accounts[0], .conversion))
    entry.details.value = Money(try Fixed(parsing: "15000.1"), .euro)
    entry.details.transactionHash = "0xfeed"
    var raw = RawRows()
    raw.append("T1,0.5,EUR".utf8, line: entry.line)
    raw.append("T1 fee".utf8, line: entry.line)
    let number = try vault.beginImport(descriptor(), by: author())
    let outcome = try vault.append(Batch(entries: [entry], raw: raw), to: number, by: author())
    #expect(outcome.added == 1)
    #expect(outcome.accounts.map(\.id) == [Sample.accounts[0]])

    let page = try vault.reader.entries(EntryQuery())
    let found = try #require(page.entries.first)
    #expect(page.total == 1)
    #expect(found.legs == entry.legs)
    #expect(found.details == entry.details)
    #expect(found.time == entry.time && found.kind == .trade)
    #expect(found.origin == EntryOrigin(importNumber: number, line: entry.line))
    #expect(try vault.reader.entry(found.id) == found)
    #expect(
      try vault.reader.rawText(of: found.origin).map { String(decoding: $0, as: UTF8.self) }
        == ["T1,0.5,EUR", "T1 fee"])
  }

  @Test func `the same batch again changes nothing`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    var generator = Seeded.ofRun(1)
    let entries = Sample.random(300, &generator)
    var raw = RawRows()
    for entry in entries { raw.append("row \(entry.line)".utf8, line: entry.line) }
    let refused = [
      RefusedRow(row: 9, line: 10, reason: "not-a-number", text: "x", raw: Array("a,x".utf8)),
      RefusedRow(row: 11, line: 12, reason: "not-a-number", text: "x", raw: Array("a,x".utf8)),
    ]
    // The identities move from the small table to the large one in between.
    vault.store.mostRecentKeys = 200
    func run() throws -> AppendOutcome {
      let number = try vault.beginImport(descriptor(), by: author())
      let outcome = try vault.append(
        Batch(entries: entries, refused: refused, raw: raw), to: number, by: author())
      try vault.finishImport(number, .done, by: author())
      return outcome
    }
    let first = try run()
    #expect(first.added == 300 && first.refused == 2)
    let sizes = try tableSizes(vault)
    let holdings = try vault.reader.holdings()

    let second = try run()
    #expect(second.added == 0 && second.duplicates == 300 && second.refused == 0)
    #expect(second.isEmpty && second.holdings.isEmpty && second.quotes.isEmpty)
    #expect(try tableSizes(vault) == sizes)
    #expect(try vault.reader.holdings() == holdings)
    #expect(try vault.reader.imports().map(\.duplicates) == [300, 0])
  }

  @Test func `any partition into batches gives the same state`() throws {
    var generator = Seeded.ofRun(2)
    let entries = Sample.random(400, &generator)
    let expected = try Sample.holdings(of: entries)
    var pages: [[Entry]] = []
    for size in [400, 37, 1] {
      let scratch = try Scratch()
      let vault = try makeVault(scratch)
      var rest = entries[...]
      while !rest.isEmpty {
        _ = try vault.append(Batch(entries: Array(rest.prefix(size))), by: author())
        rest = rest.dropFirst(size)
      }
      #expect(try vault.reader.holdings() == expected, "SEED=\(generator.seed)")
      #expect(try vault.rebuildHoldings().isEmpty)
      pages.append(try vault.reader.entries(EntryQuery(limit: 1000)).entries)
    }
    #expect(pages[0] == pages[1] && pages[1] == pages[2], "SEED=\(generator.seed)")
  }

  @Test func `holdings survive closing and opening`() throws {
    let scratch = try Scratch()
    var generator = Seeded.ofRun(3)
    let entries = Sample.random(200, &generator)
    let vault = try makeVault(scratch)
    vault.store.mostRecentKeys = 50
    _ = try vault.append(Batch(entries: Array(entries.prefix(100))), by: author())
    try vault.close()
    let again = try openVault(scratch)
    _ = try again.append(Batch(entries: Array(entries.suffix(100))), by: author())
    #expect(try again.reader.holdings() == Sample.holdings(of: entries), "SEED=\(generator.seed)")
    #expect(try again.rebuildHoldings().isEmpty)
  }

  @Test func `another content under a known identity is kept as a refused row, once`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let asset = AssetID.native(chain: "bitcoin")
    let old = Sample.entry("T1", at: 3, try Sample.leg("1", asset))
    let new = Sample.entry("T1", at: 3, try Sample.leg("2", asset))
    _ = try vault.append(Batch(entries: [old]), by: author())
    var raw = RawRows()
    raw.append("T1,2".utf8, line: new.line)
    let outcome = try vault.append(Batch(entries: [new], raw: raw), by: author())
    #expect(outcome.conflicts == 1 && outcome.added == 0 && outcome.refused == 1)
    #expect(try vault.append(Batch(entries: [new], raw: raw), by: author()).refused == 0)
    let refused = try vault.reader.refused()
    #expect(refused.total == 1)
    #expect(refused.rows.first?.row.reason == "conflict")
    #expect(refused.rows.first?.row.raw == Array("T1,2".utf8))
    let held = try vault.reader.holdings()
    #expect(held[HoldingKey(account: Sample.accounts[0], asset: asset)]?.free.text == "1")
  }

  @Test func `an overflow refuses the one entry and keeps the rest`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let asset = AssetID.contract(chain: "ethereum", address: "0xbeef")
    // The largest value `Fixed` documents: 2^127 - 1 units of 10^-18.
    let most = "170141183460469231731.687303715884105727"
    let outcome = try vault.append(
      Batch(entries: [
        Sample.entry("A", at: 1, try Sample.leg(most, asset)),
        Sample.entry("B", at: 2, try Sample.leg("0.000000000000000001", asset)),
        Sample.entry("C", at: 3, try Sample.leg("-1", asset)),
      ]), by: author())
    #expect(outcome.added == 2 && outcome.unrepresentable == 1 && outcome.refused == 1)
    #expect(try vault.reader.refused().rows.first?.row.reason == "overflow")
    #expect(try vault.rebuildHoldings().isEmpty)
  }

  @Test func `an asset whose name does not read back is refused`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let strange = AssetID.contract(chain: "a:b", address: "c")
    let long = AssetID.venue(venue: "kraken", code: String(repeating: "x", count: 500))
    let outcome = try vault.append(
      Batch(entries: [
        Sample.entry("A", try Sample.leg("1", strange)),
        Sample.entry("B", try Sample.leg("1", long)),
      ]), by: author())
    #expect(outcome.added == 0 && outcome.unrepresentable == 2)
    #expect(try vault.reader.refused().rows.map(\.row.reason) == ["bad-asset", "bad-asset"])
  }

  @Test func `a zero byte in a text does not cut it`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let entry = Sample.entry(
      "A\u{0}B", note: "x\u{0}y", try Sample.leg("1", .native(chain: "bitcoin")))
    #expect(entry.details.note == "x\u{FFFD}y")
    _ = try vault.append(Batch(entries: [entry]), by: author())
    #expect(try vault.reader.entries(EntryQuery()).entries.first?.details.reference == "A\u{FFFD}B")
    #expect(try vault.append(Batch(entries: [entry]), by: author()).duplicates == 1)
  }

  @Test func `a trade for a currency says what the asset cost, the latest wins`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    func trade(_ name: String, _ second: Int64, _ coins: String, _ euros: String) throws -> NewEntry
    {
      Sample.entry(
        name, at: second, kind: .trade,
        try Sample.leg(coins, Sample.assets[2], Sample.accounts[0], .conversion),
        try Sample.leg(euros, .fiat(code: "EUR"), Sample.accounts[0], .conversion),
        try Sample.leg("-1", .fiat(code: "EUR"), Sample.accounts[0], .fees))
    }
    let first = try vault.append(
      Batch(entries: [try trade("A", 100, "0.5", "-10000"), try trade("B", 50, "1", "-1")]),
      by: author())
    // 10000 / 0.5; the earlier trade, read later, says nothing about now.
    #expect(first.quotes.map(\.price.text) == ["20000"])
    #expect(first.quotes.first?.asset == .native(chain: "bitcoin"))
    #expect(first.quotes.first?.currency == .euro && first.quotes.first?.source == .ownTrade)
    #expect(try vault.reader.quotes() == first.quotes)
  }

  @Test(arguments: ["USDT", "DAI", "RLUSD", "TUSD"])
  func `a trade for a dollar coin says what the asset cost in that coin`(_ coin: String) throws {
    let vault = try makeVault(try Scratch())
    func trade(_ name: String, _ code: String) throws -> NewEntry {
      Sample.entry(
        name, kind: .trade,
        try Sample.leg(
          "0.5", .venue(venue: "binance", code: code), Sample.accounts[1], .conversion),
        try Sample.leg(
          "-10000", .venue(venue: "binance", code: coin), Sample.accounts[1], .conversion))
    }
    let outcome = try vault.append(
      Batch(entries: [try trade("A", "BTC"), try trade("B", "XYZ")]), by: author())
    #expect(outcome.quotes.map(\.asset.ticker) == ["BTC", "XYZ"])
    #expect(outcome.quotes.map(\.currency.code) == [coin, coin])
    #expect(outcome.quotes.map(\.price.text) == ["20000", "20000"])
  }

  @Test func `prices of own trades that an earlier version got wrong are put right`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    // Source of the address: https://developers.circle.com/stablecoins/usdc-contract-addresses
    let coin = AssetID.contract(
      chain: "ethereum", address: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48")
    func trade(_ name: String, _ bitcoin: String, _ paid: String, at seconds: Int64) throws
      -> NewEntry
    {
      Sample.entry(
        name, at: seconds, kind: .trade,
        try Sample.leg(bitcoin, .native(chain: "bitcoin"), Sample.accounts[1], .conversion),
        try Sample.leg(paid, coin, Sample.accounts[1], .conversion),
        try Sample.leg("-1", coin, Sample.accounts[1], .fees))
    }
    _ = try vault.append(
      Batch(entries: [
        try trade("A", "0.5", "-10000", at: 20), try trade("B", "-0.5", "15000", at: 10),
      ]), by: author())
    let right = try vault.reader.quotes()
    #expect(
      right.map { "\($0.asset.ticker) \($0.price.text) \($0.currency.code)" } == ["BTC 20000 USDC"])
    // Contracts were no money: bitcoin was, and the coin was priced in it.
    try vault.store.transact { db in
      let number = try Int.fetchOne(
        db, sql: "SELECT id FROM asset WHERE identity = ?", arguments: [coin.text])
      try db.execute(sql: "DELETE FROM trade_price")
      try db.execute(
        sql: "INSERT INTO trade_price VALUES (?, 'BTC', '0.00005', 20000000)", arguments: [number])
      try db.execute(sql: "PRAGMA user_version = \(Schema.steps.count - 1)")
    }
    #expect(try vault.reader.quotes() != right)
    try vault.close()
    let again = try openVault(scratch)
    #expect(try again.reader.quotes() == right)
    // An older trade changes nothing, a newer one does.
    let older = try vaultQuotes(again, try trade("C", "1", "-30000", at: 15))
    #expect(older.isEmpty)
    let newer = try vaultQuotes(again, try trade("D", "1", "-40000", at: 25))
    #expect(newer.map(\.price.text) == ["40000"])
  }

  private func vaultQuotes(_ vault: Vault, _ entry: NewEntry) throws -> [Quote] {
    try vault.append(Batch(entries: [entry]), by: author()).quotes
  }

  @Test func `quotes are kept for each source, and an older one does not replace`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    func quote(_ price: String, _ second: Int64) throws -> Quote {
      try #require(
        Quote(
          asset: .native(chain: "bitcoin"), price: try Price(parsing: price), currency: .usDollar,
          time: Instant(seconds: second), source: .feed("demo"), dayOpen: try Price(parsing: "1")))
    }
    try vault.keep([try quote("5", 10), try quote("4", 9)])
    #expect(try vault.reader.quotes() == [try quote("5", 10)])
  }

  @Test func `an import that was running when the vault went away has failed`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    _ = try vault.beginImport(descriptor(), by: author())
    try vault.close()
    let again = try openVault(scratch)
    #expect(try again.reader.imports().map(\.state) == [.failed])
    #expect(fault { _ = try again.append(Batch(), to: 1, by: author()) } == .refused(.importEnded))
  }

  @Test func `a refused row can be dismissed`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let row = RefusedRow(row: 1, line: 2, reason: "missing", column: "amount", raw: [])
    _ = try vault.append(Batch(refused: [row]), by: author())
    try vault.setRefusal(1, .dismissed, by: author())
    #expect(try vault.reader.refused().total == 0)
    #expect(try vault.reader.refused(nil).rows.map(\.state) == [.dismissed])
    #expect(
      fault { try vault.setRefusal(7, .open, by: author()) }
        == .notFound(kind: "refused row", name: "7"))
  }

  @Test func `every kind of entry has a number that never changes`() {
    #expect(Set(EntryKindCode.kinds) == Set(EntryKind.allCases))
    #expect(EntryKindCode.kinds.count == EntryKind.allCases.count)
    // Stored numbers; a change here would turn old vaults' entries into something else.
    #expect(EntryKindCode.code(of: .trade) == 0)
    #expect(EntryKindCode.code(of: .fee) == 18)
    #expect(EntryKindCode.code(of: .opening) == 30)
  }

  private func tableSizes(_ vault: Vault) throws -> [Int] {
    try vault.store.pool.read { db in
      try ["entry", "leg", "payload", "refused", "holding", "entry_by_asset"].map {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? -1
      }
    }
  }
}
