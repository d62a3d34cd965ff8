import GRDB
import Ledger
import Testing

@testable import Vault

@Suite struct LotInstructionVaultTests {
  /// A vault with an account, whose slug is given too.
  private static func make() throws -> (vault: Vault, account: AccountID) {
    let vault = try makeVault(try Scratch())
    let entry = Sample.entry("T1", try Sample.leg("1", Sample.assets[0]))
    _ = try vault.append(Batch(entries: [entry]), by: author())
    return (vault, try #require(vault.reader.accounts.first).id)
  }

  @Test func `what was recorded stays, with its time, also when it is taken back`() throws {
    let (vault, account) = try LotInstructionVaultTests.make()
    let first = try vault.instruct(.hifo, for: account, from: author(500).time, by: author(100))
    #expect(first.start == author(500).time && first.time == author(100).time)
    // An earlier beginning is kept as it was said, and does not count.
    let second = try vault.instruct(.lifo, for: account, from: author(0).time, by: author(200))
    #expect(second.from == author(0).time && second.start == author(200).time)
    try vault.withdrawInstructions(for: account, by: author(300))
    let kept = try vault.reader.lotInstructions()
    #expect(kept.map(\.method) == [.hifo, .lifo])
    #expect(kept.map(\.withdrawn) == [author(300).time, author(300).time])
    #expect(kept.map(\.from) == [first.from, second.from])
    #expect(kept.map { $0.holds(at: author(250).time) } == [false, true])
    #expect(kept.map { $0.holds(at: author(600).time) } == [false, false])
    #expect(fault { try vault.withdrawInstructions(for: account, by: author(301)) } != nil)
    let nobody = AccountID(named: "nobody")
    #expect(
      fault { _ = try vault.instruct(.fifo, for: nobody, from: author().time, by: author(400)) }
        != nil)
  }

  @Test func `instructions are in the audit log, which stays whole`() throws {
    let (vault, account) = try LotInstructionVaultTests.make()
    _ = try vault.instruct(.hifo, for: account, from: author(500).time, by: author(100))
    try vault.withdrawInstructions(for: account, by: author(300))
    #expect(vault.check().filter { !$0.isGood }.isEmpty)
    let records = try vault.store.pool.read { db in
      try String.fetchAll(db, sql: "SELECT CAST(record AS TEXT) FROM audit ORDER BY seq")
    }
    let recorded = records.first { $0.contains("\"lots.instruct\"") } ?? ""
    #expect(
      recorded.contains("\"method\":\"hifo\"") && recorded.contains("account:\(account.slug)"))
    #expect(recorded.contains("\"from\":\"\(author(500).time)\""))
    #expect(records.contains { $0.contains("\"lots.withdraw-instruction\"") })
  }
}
