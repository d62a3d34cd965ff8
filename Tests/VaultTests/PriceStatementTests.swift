import Amounts
import GRDB
import Ledger
import Prices
import Testing

@testable import Vault

@Suite struct PriceStatementTests {
  private func new(_ price: String, doubt: String = "") throws -> NewPriceStatement {
    NewPriceStatement(
      asset: .venue(venue: "x", code: "DOT"), price: try Price(parsing: price),
      currency: .usDollar, expires: author(7_200).time, reason: "committee", doubt: doubt)
  }

  @Test func `a price in no doubt counts at once, until it expires`() throws {
    let vault = try makeVault(try Scratch())
    let made = try vault.state(try new("7.5"), by: author())
    #expect(made.state == .approved)
    let quote = try #require(try vault.reader.quotes().first)
    #expect(quote.price.text == "7.5" && quote.source == .manual)
    #expect(quote.freshUntil == author(7_200).time)
  }

  @Test func `a price in doubt counts after a second word, and never after a refusal`() throws {
    let vault = try makeVault(try Scratch())
    let one = try vault.state(try new("7.5", doubt: "the market says 9"), by: author())
    let two = try vault.state(try new("8.5", doubt: "the market says 9"), by: author())
    #expect(one.state == .proposed)
    #expect(try vault.reader.quotes().isEmpty)
    _ = try vault.decide(two.id, .withdrawn, by: author(60))
    #expect(try vault.reader.quotes().isEmpty)
    let decided = try vault.decide(one.id, .approved, by: author(60))
    #expect(decided.decider == "anna" && decided.decided == author(60).time)
    #expect(try vault.reader.quotes().map(\.price.text) == ["7.5"])
    #expect(fault { _ = try vault.decide(one.id, .withdrawn, by: author(61)) } != nil)
    let states = try vault.reader.priceStatements().map(\.state)
    #expect(states == [.withdrawn, .approved])
  }

  @Test func `statements and decisions are in the audit log`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let made = try vault.state(try new("7.5", doubt: "it is far"), by: author())
    _ = try vault.decide(made.id, .approved, by: author(1))
    let bad = vault.check().filter { !$0.isGood }
    #expect(bad.isEmpty)
    let records = try vault.store.pool.read { db in
      try String.fetchAll(db, sql: "SELECT CAST(record AS TEXT) FROM audit ORDER BY seq")
    }
    #expect(records.contains { $0.contains("price.state") && $0.contains("it is far") })
    #expect(records.contains { $0.contains("price.decide") && $0.contains("anna") })
  }
}
