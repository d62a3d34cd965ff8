import Amounts
import GRDB
import Ledger
import TestSupport
import Testing

@testable import Vault

@Suite struct QueryTests {
  /// The order of the ledger: newest first, of one time the last written first.
  private func sorted(_ entries: [NewEntry]) -> [String] {
    entries.enumerated().sorted { a, b in
      a.element.time != b.element.time ? a.element.time > b.element.time : a.offset > b.offset
    }.map(\.element.details.reference)
  }

  private func references(_ vault: Vault, _ query: EntryQuery) throws -> [String] {
    var query = query
    query.limit = 1000
    return try vault.reader.entries(query).entries.map(\.details.reference)
  }

  @Test func `windows of every list are those of a plain sort`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    var generator = Seeded.ofRun(11)
    let entries = Sample.random(900, &generator)
    for start in stride(from: 0, to: 900, by: 300) {
      _ = try vault.append(Batch(entries: Array(entries[start..<start + 300])), by: author())
    }
    let bitcoin = AssetID.native(chain: "bitcoin")
    let links = AssetLinks()
    func moves(_ entry: NewEntry, _ asset: AssetID?, _ account: AccountID?) -> Bool {
      entry.legs.contains {
        (asset == nil || links.canonical($0.asset) == asset)
          && (account == nil || $0.account == account)
      }
    }
    for asset in [nil, bitcoin, .fiat(code: "EUR"), .fiat(code: "CHF")] {
      for account in [nil, Sample.accounts[1], AccountID(named: "nobody")] {
        let expected = sorted(entries.filter { moves($0, asset, account) })
        let query = EntryQuery(asset: asset, account: account)
        #expect(try references(vault, query) == expected, "SEED=\(generator.seed)")
        #expect(try vault.reader.entryCount(query) == expected.count)
        for offset in [0, 1, 17, expected.count / 2, expected.count] {
          var window = query
          window.offset = offset
          window.limit = 25
          let found = try vault.reader.entries(window).entries.map(\.details.reference)
          #expect(found == Array(expected.dropFirst(offset).prefix(25)))
        }
      }
    }
  }

  @Test func `deep windows stay right while entries come in`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    var generator = Seeded.ofRun(12)
    let entries = Sample.random(12_000, &generator)
    var written = 0
    for size in [5000, 5, 3000, 1, 3994] {
      _ = try vault.append(Batch(entries: Array(entries[written..<written + size])), by: author())
      written += size
      let expected = sorted(Array(entries[..<written]))
      for offset in [0, 2047, 2048, 4500, written - 10] {
        let page = try vault.reader.entries(EntryQuery(offset: offset, limit: 10))
        #expect(
          page.entries.map(\.details.reference) == Array(expected.dropFirst(offset).prefix(10)),
          "SEED=\(generator.seed) after \(written) at \(offset)")
        #expect(page.total == written)
      }
    }
  }

  @Test func `a link changes which entries an asset has`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let own = AssetID.venue(venue: "kraken", code: "WBTC")
    let bitcoin = AssetID.native(chain: "bitcoin")
    _ = try vault.append(
      Batch(entries: [
        Sample.entry("A", at: 1, try Sample.leg("1", bitcoin)),
        Sample.entry("B", at: 2, try Sample.leg("1", own), try Sample.leg("1", bitcoin)),
        Sample.entry("C", at: 3, try Sample.leg("1", own)),
      ]), by: author())
    #expect(try references(vault, EntryQuery(asset: bitcoin)) == ["B", "A"])
    try vault.link(own, to: bitcoin, by: author())
    // B moves both: it is listed once.
    #expect(try references(vault, EntryQuery(asset: bitcoin)) == ["C", "B", "A"])
    #expect(fault { try vault.link(bitcoin, to: own, by: author()) } == .refused(.linkCircle))
    try vault.close()
    let again = try openVault(scratch)
    #expect(again.reader.links.canonical(own) == bitcoin)
    try again.unlink(own, by: author())
    #expect(try references(again, EntryQuery(asset: bitcoin)) == ["B", "A"])
  }

  @Test func `a search looks through all texts of an entry`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let euro = AssetID.fiat(code: "EUR")
    _ = try vault.append(
      Batch(entries: [
        Sample.entry("REF-1", at: 1, note: "Rent of May", try Sample.leg("1", euro)),
        Sample.entry("x2", at: 2, kind: .staking, try Sample.leg("1", Sample.assets[2])),
        Sample.entry("x3", at: 3, try Sample.leg("1", euro, Sample.accounts[2])),
      ]), by: author())
    func search(_ text: String) throws -> [String] {
      try references(vault, EntryQuery(text: text))
    }
    #expect(try search("rent OF") == ["REF-1"])
    #expect(try search("ref-") == ["REF-1"])
    #expect(try search("staking") == ["x2"])
    #expect(try search("btc") == ["x2"])
    #expect(try search("ledger") == ["x3"])
    #expect(try search("%") == [])
    let page = try vault.reader.entries(EntryQuery(text: "eur", offset: 1, limit: 1))
    #expect(page.entries.map(\.details.reference) == ["REF-1"])
    #expect(page.total == 2 && page.isComplete)
  }

  @Test func `a cancelled search says that it is not complete and goes on later`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    var generator = Seeded.ofRun(13)
    _ = try vault.append(Batch(entries: Sample.random(5000, &generator)), by: author())
    let broken = try vault.reader.entries(EntryQuery(text: "note 3")) { true }
    #expect(!broken.isComplete && broken.total == 0)
    let whole = try vault.reader.entries(EntryQuery(text: "note 3"))
    // 5000 entries with notes 0 to 6 in turn.
    #expect(whole.isComplete && whole.total == 714)
  }

  @Test func `a million entries are paged through indexes, never sorted`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    try vault.store.pool.read { db in
      for sql in [
        "SELECT time, entry_id FROM entry_by_time WHERE (time, entry_id) <= (1, 1) ORDER BY 1 DESC, 2 DESC",
        """
        SELECT time, entry_id FROM entry_by_asset WHERE asset_id = 1 AND account_id = 1
        UNION SELECT time, entry_id FROM entry_by_asset WHERE asset_id = 2 AND account_id = 1
        ORDER BY 1 DESC, 2 DESC
        """,
        "SELECT time, entry_id FROM entry_by_account WHERE account_id = 1 ORDER BY 1 DESC, 2 DESC",
      ] {
        let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0[3] as String }
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        #expect(plan.contains { $0.contains("SEARCH") || $0.contains("INDEX") }, "\(plan)")
      }
      // Many entries of one time must not be run through either: both columns bound the search.
      let bounded = try Row.fetchAll(
        db,
        sql: """
          EXPLAIN QUERY PLAN SELECT time, entry_id FROM entry_by_time
          WHERE (time, entry_id) <= (1, 1) ORDER BY 1 DESC, 2 DESC
          """
      ).map { $0[3] as String }
      #expect(bounded.contains { $0.contains("(time,entry_id)<(?,?)") }, "\(bounded)")
    }
  }

  @Test func `every entry is handed out once, oldest first`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    var generator = Seeded.ofRun(14)
    let entries = Sample.random(1500, &generator)
    _ = try vault.append(Batch(entries: entries), by: author())
    var seen: [String] = []
    try vault.reader.forEachEntry { seen.append($0.details.reference) }
    #expect(seen == sorted(entries).reversed(), "SEED=\(generator.seed)")
  }

  @Test func `accounts, books and settings are remembered`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let account = Account(id: Sample.accounts[0], name: "Kraken", venue: "kraken")
    _ = try vault.append(Batch(accounts: [account]), by: author())
    var changed = account
    changed.name = "Kraken main"
    changed.book = BookID("Fund A")
    try vault.change(changed, by: author())
    try vault.set("currency", to: "EUR", by: author())
    try vault.set("theme", to: "dark", by: author())
    try vault.set("theme", to: nil, by: author())
    try vault.close()
    let again = try openVault(scratch)
    #expect(again.reader.accounts == [changed])
    #expect(try again.reader.books() == [BookID("Fund A"), .main])
    #expect(try again.reader.settings() == ["currency": "EUR"])
    #expect(
      fault {
        try again.change(Account(id: AccountID(named: "x"), name: "x", venue: "x"), by: author())
      }
        == .notFound(kind: "account", name: "x"))
  }

  @Test func `an asset in more accounts than one statement merges is listed whole`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let bitcoin = AssetID.native(chain: "bitcoin")
    let entries = try (0..<450).map { index in
      Sample.entry(
        "r\(index)", at: Int64(index / 3),
        try Sample.leg("1", bitcoin, AccountID(named: "wallet-\(index)")))
    }
    _ = try vault.append(Batch(entries: entries), by: author())
    let query = EntryQuery(asset: bitcoin)
    #expect(try references(vault, query) == sorted(entries))
    #expect(try vault.reader.entryCount(query) == 450)
    let deep = try vault.reader.entries(EntryQuery(asset: bitcoin, offset: 440, limit: 20))
    #expect(deep.entries.map(\.details.reference) == Array(sorted(entries).suffix(10)))
  }

  @Test func `a reader on another thread sees whole commits and knows their names`() async throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let reader = vault.reader
    async let counts: [Int] = {
      var counts: [Int] = []
      while counts.last ?? 0 < 4000 {
        let page = try reader.entries(EntryQuery(limit: 3))
        counts.append(page.total)
        // Every batch brings an account of its own, and its entries are the newest.
        let names = Set(page.entries.flatMap(\.legs).map(\.account.slug))
        #expect(names == (page.total == 0 ? [] : ["wallet-\(page.total / 200 - 1)"]))
      }
      return counts
    }()
    for batch in 0..<20 {
      let account = AccountID(named: "wallet-\(batch)")
      let entries = try (0..<200).map { index in
        Sample.entry(
          "r\(batch)-\(index)", at: Int64(batch), try Sample.leg("1", Sample.assets[0], account))
      }
      _ = try vault.append(Batch(entries: entries), by: author())
    }
    let seen = try await counts
    #expect(seen.allSatisfy { $0 % 200 == 0 })
    #expect(seen == seen.sorted())
  }
}
