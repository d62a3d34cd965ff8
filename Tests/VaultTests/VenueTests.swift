import Amounts
import Cipher
import GRDB
import Ledger
import Testing

@testable import Vault

/// Accounts that are read from venues: connections, keys, batches.
@Suite struct VenueTests {
  private let account = Account(
    id: AccountID(named: "kraken-main"), name: "Kraken", venue: "kraken")

  private func connected(_ scratch: Scratch) throws -> Vault {
    let vault = try makeVault(scratch)
    try vault.connect(account, settings: "{\"start\":1}", by: author())
    return vault
  }

  private func bytes(_ secret: SecretBytes) -> [UInt8] { secret.withBytes { Array($0) } }

  /// What a check of the vault finds wrong.
  private func badFindings(_ vault: Vault) -> [String] {
    vault.check().filter { !$0.isGood }.map(\.name)
  }

  private func entry(_ reference: String, _ quantity: String = "1", note: String = "") throws
    -> VenueEntry
  {
    let leg = try Sample.leg(quantity, .venue(venue: "kraken", code: "BTC"), account.id)
    return VenueEntry(
      Sample.entry(reference, at: 10, note: note, leg), raw: Array("{\"id\":\"\(reference)\"}".utf8)
    )
  }

  private func batch(_ entries: VenueEntry...) -> VenueBatch {
    var batch = VenueBatch(account: account.id, lane: "deposits.-.-.0/")
    batch.entries = entries
    batch.answers = [
      VenueAnswer(
        request: "GET private Deposits", status: 200, body: Array("{\"rows\":[]}".utf8))
    ]
    batch.states = ["deposits.-.-.0/": "{\"v\":1}"]
    batch.calls = 1
    return batch
  }

  private func refused(_ text: String) -> RefusedRow {
    RefusedRow(row: 0, line: 0, reason: "unknown-kind", text: text, raw: Array(text.utf8))
  }

  // MARK: - Connections

  @Test func `a connection is listed with its account, venue and settings`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    let found = try #require(try vault.reader.connections().first)
    #expect(found.account == account.id)
    #expect(found.venue == "kraken")
    #expect(found.settings == "{\"start\":1}")
    #expect(found.state == .on)
    #expect(found.importNumber == 1)
    #expect(vault.reader.accounts.map(\.id) == [account.id])
    #expect(
      fault { try vault.connect(account, by: author()) }
        == .exists(path: "connection kraken-main"))
    try vault.changeConnection(account.id, settings: "{}", isOn: false, by: author())
    #expect(try vault.reader.connections().first?.state == .off)
    try vault.close()
    let again = try openVault(scratch)
    #expect(try again.reader.connections().map(\.state) == [.off])
  }

  @Test func `a connection taken away leaves its entries and nothing secret`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    try vault.addCredential(passphrase("secret-1"), to: account.id, by: author())
    _ = try vault.applySync(batch(try entry("a")), by: author())
    try vault.disconnect(account.id, by: author())
    #expect(try vault.reader.connections().isEmpty)
    #expect(try vault.reader.connections(withRemoved: true).map(\.state) == [.removed])
    #expect(try vault.reader.laneStates(of: account.id).isEmpty)
    #expect(try vault.reader.entryCount() == 1)
    let sealed = try vault.store.read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM credential WHERE sealed IS NOT NULL")
    }
    #expect(sealed == 0)
    #expect(
      fault { _ = try vault.applySync(batch(), by: author()) }
        == .notFound(kind: "connection", name: "kraken-main"))
    // Connected again it goes on under the same number, and reads everything anew.
    let again = try vault.connect(account, by: author())
    #expect(again.importNumber == 1)
    #expect(try vault.applySync(batch(entry("a")), by: author()).duplicates == 1)
  }

  // MARK: - Keys

  @Test func `a key is sealed and comes back as it was`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    try vault.addCredential(passphrase("s3cret-key"), to: account.id, by: author())
    #expect(try bytes(vault.credential(of: account.id)) == Array("s3cret-key".utf8))
    let stored = try vault.store.read { db in
      try Row.fetchOne(db, sql: "SELECT sealed FROM credential")?.bytes(0) ?? []
    }
    #expect(stored.count == 10 + 28)
    #expect(!String(decoding: stored, as: UTF8.self).contains("s3cret"))
    #expect(badFindings(vault).isEmpty)
  }

  @Test func `a new key is tried while the old one stays, and takes its place when it works`()
    throws
  {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    try vault.addCredential(
      passphrase("first"), to: account.id, made: Instant(seconds: 5), by: author())
    try vault.proveCredential(1, of: account.id, by: author(1))
    try vault.addCredential(passphrase("second"), to: account.id, by: author(9))
    #expect(try bytes(vault.credential(of: account.id)) == Array("first".utf8))
    #expect(try bytes(vault.credential(of: account.id, generation: 2)) == Array("second".utf8))
    var found = try #require(try vault.reader.connections().first)
    #expect(found.current?.generation == 1)
    #expect(found.current?.since == Instant(seconds: 5))
    #expect(found.candidate?.generation == 2)
    try vault.proveCredential(2, of: account.id, by: author(10))
    #expect(try bytes(vault.credential(of: account.id)) == Array("second".utf8))
    found = try #require(try vault.reader.connections().first)
    #expect(found.credentials.map(\.state) == [.former, .current])
    #expect(found.candidate == nil)
    #expect(
      fault { _ = try vault.credential(of: account.id, generation: 1) }
        == .notFound(kind: "key of", name: "kraken-main"))
    #expect(
      fault { try vault.proveCredential(1, of: account.id, by: author()) }
        == .notFound(kind: "key of kraken-main", name: "1"))
  }

  @Test func `a key that does not work leaves the one in use`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    try vault.addCredential(passphrase("first"), to: account.id, by: author())
    try vault.addCredential(passphrase("wrong"), to: account.id, by: author())
    try vault.dropCredential(2, of: account.id, by: author())
    #expect(try bytes(vault.credential(of: account.id)) == Array("first".utf8))
    #expect(
      fault { try vault.dropCredential(2, of: account.id, by: author()) }
        == .notFound(kind: "key of kraken-main", name: "2"))
  }

  @Test func `a sealed key opens nowhere else`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    let other = Account(id: AccountID(named: "other"), name: "Other", venue: "kraken")
    try vault.connect(other, by: author())
    try vault.addCredential(passphrase("first"), to: account.id, by: author())
    try vault.addCredential(passphrase("second"), to: other.id, by: author())
    try vault.store.transact { db in
      try db.execute(
        sql: """
          UPDATE credential SET sealed = (SELECT sealed FROM credential WHERE connection_id = 1)
          WHERE connection_id = 2
          """)
    }
    #expect(
      fault { _ = try vault.credential(of: other.id) }
        == .damaged(
          path: vault.store.path, detail: "a sealed secret is not as it was written"))
    #expect(badFindings(vault) == ["sealed secrets"])
  }

  @Test func `a rotation of the root key takes the sealed keys along`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    try vault.addCredential(passphrase("kept"), to: account.id, by: author())
    let slot = try vault.slot(opening: secret())
    try vault.rotateRoot(secrets: [slot.id: secret()], by: author(5))
    #expect(try bytes(vault.credential(of: account.id)) == Array("kept".utf8))
    #expect(badFindings(vault).isEmpty)
    try vault.close()
    let again = try openVault(scratch)
    #expect(try bytes(again.credential(of: account.id)) == Array("kept".utf8))
  }

  @Test func `a backup has connections, keys and states`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    try vault.addCredential(passphrase("kept"), to: account.id, by: author())
    _ = try vault.applySync(batch(try entry("a")), by: author())
    try vault.backup(to: scratch("copy.coffer-backup"), by: author(5))
    try vault.close()
    try Vault.restore(
      scratch("copy.coffer-backup"), to: scratch("vault"), secret: secret(), replaces: true,
      options: options(scratch), by: author(6))
    let again = try openVault(scratch)
    #expect(try bytes(again.credential(of: account.id)) == Array("kept".utf8))
    #expect(try again.reader.laneStates(of: account.id).count == 1)
    #expect(try again.reader.entryCount() == 1)
  }

  // MARK: - Batches

  @Test func `entries, refused rows, raw rows and states are written together`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    var batch = batch(try entry("a"), try entry("b", "2"))
    batch.refused = [refused("{\"odd\":1}")]
    let outcome = try vault.applySync(batch, by: author(3))
    #expect(outcome.added == 2)
    #expect(outcome.refused == 1)
    #expect(try vault.reader.laneStates(of: account.id) == ["deposits.-.-.0/": "{\"v\":1}"])
    let entries = try vault.reader.entries(EntryQuery()).entries
    #expect(Set(entries.map(\.origin.line)) == [1, 2])
    for entry in entries {
      let raw = try vault.reader.rawText(of: entry.origin)
      #expect(
        raw.map { String(decoding: $0, as: UTF8.self) }
          == ["{\"id\":\"\(entry.details.reference)\"}"])
      let answers = try vault.reader.answers(of: entry.origin)
      #expect(
        answers.map(\.hash) == [Digest.sha256(Array("{\"rows\":[]}".utf8)).bytes])
      #expect(answers.first?.body == nil)
    }
    #expect(try vault.reader.refused().rows.map(\.row.reason) == ["unknown-kind"])
    #expect(try vault.reader.refused().rows.first?.importNumber == 1)
    #expect(badFindings(vault).isEmpty)
  }

  @Test func `the same batch again changes nothing`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    var batch = batch(try entry("a"))
    batch.refused = [refused("{\"odd\":1}"), refused("{\"odd\":1}")]
    #expect(try vault.applySync(batch, by: author(3)).refused == 2)
    let records = vault.store.state.frontier.size
    for _ in 0..<3 {
      let outcome = try vault.applySync(batch, by: author(4))
      #expect(outcome.isEmpty)
      #expect(outcome.duplicates == 1)
    }
    #expect(vault.store.state.frontier.size == records)
    #expect(try vault.reader.refused().total == 2)
    let answers = try vault.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM answer") }
    #expect(answers == 1)
    #expect(try vault.reader.callCounts().map(\.calls) == [4])
  }

  @Test func `a refused row that is understood when it is read again is closed`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    var first = batch()
    first.refused = [
      refused("{\"id\":\"a\"}"), refused("{\"id\":\"b\"}"), refused("{\"id\":\"c\"}"),
    ]
    #expect(try vault.applySync(first, by: author()).refused == 3)
    // One row alone, and one of two lines that state one fact; the third is still not understood.
    var pair = try entry("b")
    pair.raw = Array("{\"id\":\"b\"}\n{\"id\":\"d\"}".utf8)
    var second = batch(try entry("a"), pair)
    second.refused = [refused("{\"id\":\"c\"}")]
    let outcome = try vault.applySync(second, by: author(60))
    #expect(outcome.resolved == 2 && outcome.added == 2 && outcome.refused == 0)
    let open = try vault.reader.refused()
    #expect(open.total == 1 && open.rows.first?.row.text == "{\"id\":\"c\"}")
    #expect(try vault.reader.refused(.resolved).total == 2)
    // A row of another fact under a known name is refused as before.
    let conflict = try vault.applySync(batch(try entry("a", "7")), by: author(70))
    #expect(conflict.refused == 1 && conflict.resolved == 0)
    #expect(try vault.applySync(batch(try entry("a")), by: author(80)).resolved == 1)
    let records = try vault.store.pool.read { db in
      try String.fetchAll(db, sql: "SELECT CAST(record AS TEXT) FROM audit ORDER BY seq")
    }
    #expect(records.count { $0.contains("read_again") } == 3)
    #expect(badFindings(vault).isEmpty)
  }

  @Test func `the same movement with other words is the same fact, another movement is not`() throws
  {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    _ = try vault.applySync(batch(try entry("a")), by: author())
    let worded = try vault.applySync(batch(try entry("a", note: "now with a hash")), by: author())
    #expect(worded.duplicates == 1)
    #expect(worded.conflicts == 0)
    let moved = try vault.applySync(batch(try entry("a", "7")), by: author())
    #expect(moved.conflicts == 1)
    #expect(try vault.reader.refused().rows.map(\.row.reason) == ["conflict"])
    let holding = try vault.reader.holdings().values.first
    #expect(holding?.free.text == "1")
  }

  @Test func `a batch that fails leaves nothing behind`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    try vault.store.transact { db in
      try db.execute(
        sql: """
          CREATE TRIGGER broken BEFORE INSERT ON lane_state
          BEGIN SELECT RAISE(ABORT, 'no'); END
          """)
    }
    #expect(fault { _ = try vault.applySync(batch(try entry("a")), by: author()) } != nil)
    #expect(try vault.reader.entryCount() == 0)
    #expect(vault.store.state.entryCount == 0)
    try vault.store.transact { db in try db.execute(sql: "DROP TRIGGER broken") }
    #expect(try vault.applySync(batch(entry("a")), by: author()).added == 1)
    #expect(badFindings(vault).isEmpty)
  }

  @Test func `an empty state is taken away`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    _ = try vault.applySync(batch(), by: author())
    var gone = batch()
    gone.states = ["deposits.-.-.0/": "", "other": "{}"]
    _ = try vault.applySync(gone, by: author())
    #expect(try vault.reader.laneStates(of: account.id) == ["other": "{}"])
  }

  @Test func `an answer that could not be read is kept once, with its body`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    var odd = batch()
    let body = Array("<html>".utf8) + [0, 255]
    odd.answers = [
      VenueAnswer(request: "GET x", status: 200, body: body, isUnreadable: true)
    ]
    _ = try vault.applySync(odd, by: author())
    _ = try vault.applySync(odd, by: author())
    #expect(try vault.reader.unreadableAnswers(of: account.id).map(\.body) == [body])
  }

  // MARK: - Views

  @Test func `balances of a lane take the place of that lane's only`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    func report(_ lane: String, _ second: Int64, _ rows: [BalanceRow]) throws {
      var batch = VenueBatch(account: account.id, lane: lane)
      batch.balances = ReportedView(time: Instant(seconds: second), rows: rows)
      _ = try vault.applySync(batch, by: author(second))
    }
    func row(_ asset: String, _ total: String, part: String = "spot") -> BalanceRow {
      BalanceRow(part: part, asset: asset, free: total, used: "0", total: total)
    }
    try report("balances.spot.-.0/", 1, [row("BTC", "1"), row("ETH", "2")])
    try report("balances.earn.-.0/", 2, [row("ETH", "5", part: "earn")])
    try report("balances.spot.-.0/", 3, [row("BTC", "3")])
    let views = try #require(try vault.reader.reportedBalances()[account.id])
    #expect(views["balances.spot.-.0/"]?.rows == [row("BTC", "3")])
    #expect(views["balances.spot.-.0/"]?.time == Instant(seconds: 3))
    #expect(views["balances.earn.-.0/"]?.rows == [row("ETH", "5", part: "earn")])
    try report("balances.earn.-.0/", 4, [])
    #expect(
      try vault.reader.reportedBalances()[account.id]?["balances.earn.-.0/"]?.rows == [])
  }

  @Test func `positions come back as they were reported`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    let row = PositionRow(
      market: "BTC-PERP", part: "swap", isLong: false, isIsolated: nil,
      amounts: ["contracts": "3", "entry_price": "60000.5"], stated: Instant(seconds: 7))
    var batch = VenueBatch(account: account.id, lane: "positions.swap.-.0/")
    batch.positions = ReportedView(time: Instant(seconds: 9), rows: [row])
    _ = try vault.applySync(batch, by: author())
    #expect(
      try vault.reader.reportedPositions()[account.id]?["positions.swap.-.0/"]
        == ReportedView(time: Instant(seconds: 9), rows: [row]))
    #expect(try vault.reader.reportedBalances()[account.id] == nil)
  }

  @Test func `a break keeps what was said about it until it is closed`() throws {
    let scratch = try Scratch()
    let vault = try connected(scratch)
    let asset = AssetID.native(chain: "bitcoin")
    var one = BreakRecord(
      account: account.id, asset: asset, expected: "5", reported: "4", since: Instant(seconds: 1),
      checked: Instant(seconds: 2), state: "open")
    try vault.keep([one], of: account.id)
    try vault.setBreak(account.id, asset, state: "explained", note: "a gift", by: author())
    one.state = "explained"
    one.reported = "4.5"
    try vault.keep([one], of: account.id)
    one.note = "a gift"
    #expect(try vault.reader.breaks() == [one])
    one.state = "closed"
    try vault.keep([one], of: account.id)
    #expect(try vault.reader.breaks().isEmpty)
    #expect(try vault.reader.breaks(withClosed: true) == [one])
    let other = AssetID.fiat(code: "EUR")
    #expect(
      fault { try vault.setBreak(account.id, other, state: "open", note: "", by: author()) }
        == .notFound(kind: "break", name: "kraken-main fiat:EUR"))
  }

  @Test func `a vault of the first layout gets the tables of the second`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let leg = try Sample.leg("1", Sample.assets[0])
    _ = try vault.append(Batch(entries: [Sample.entry("old", leg)]), by: author())
    try forget(stepsAfter: 1, of: vault)
    try vault.close()
    let again = try openVault(scratch)
    #expect(try again.statistics().schema == Schema.steps.count)
    #expect(try again.reader.entryCount() == 1)
    try again.connect(account, by: author())
    #expect(try again.applySync(batch(entry("a")), by: author()).added == 1)
    #expect(badFindings(again).isEmpty)
  }
}
