import Amounts
import GRDB
import Ledger
import Testing

@testable import Vault

@Suite struct LotPickVaultTests {
  private static func id(_ byte: UInt8) -> EntryID {
    EntryID(digest: [UInt8](repeating: byte, count: 16))
  }

  private func part(_ byte: UInt8, _ part: Int, _ quantity: String) throws -> LotPick.Part {
    LotPick.Part(
      entry: LotPickVaultTests.id(byte), part: part, quantity: try Quantity(parsing: quantity))
  }

  @Test func `what was named stays, with its time, also when it is named anew`() throws {
    let vault = try makeVault(try Scratch())
    let sale = LotPickVaultTests.id(7)
    let first = try vault.pick(
      [try part(1, 0, "0.5"), try part(2, 3, "1")], for: sale, by: author())
    #expect(first.time == author().time && first.author == "anna" && first.withdrawn == nil)
    _ = try vault.pick([try part(1, 0, "0.25")], for: sale, by: author(60))
    try vault.unpick(sale, by: author(90))
    let picks = try vault.reader.lotPicks()
    #expect(picks.map(\.withdrawn) == [author(60).time, author(90).time])
    #expect(picks.first?.parts == first.parts)
    #expect(picks.map { $0.stands(at: author(70).time) } == [false, true])
    #expect(fault { try vault.unpick(sale, by: author(91)) } != nil)
    #expect(fault { _ = try vault.pick([], for: sale, by: author(92)) } != nil)
  }

  @Test func `picks are in the audit log, which stays whole`() throws {
    let vault = try makeVault(try Scratch())
    let sale = LotPickVaultTests.id(7)
    _ = try vault.pick([try part(1, 0, "0.5")], for: sale, by: author())
    try vault.unpick(sale, by: author(1))
    #expect(vault.check().filter { !$0.isGood }.isEmpty)
    let records = try vault.store.pool.read { db in
      try String.fetchAll(db, sql: "SELECT CAST(record AS TEXT) FROM audit ORDER BY seq")
    }
    let lot = "\(LotPickVaultTests.id(1)).0:0.5"
    #expect(records.contains { $0.contains("lots.pick") && $0.contains(lot) })
    #expect(records.contains { $0.contains("lots.unpick") && $0.contains("entry:\(sale)") })
  }
}
