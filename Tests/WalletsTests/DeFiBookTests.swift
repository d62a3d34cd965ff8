import Amounts
import Encodings
import Ledger
import TestSupport
import Testing
import Wallets

/// What is kept of positions inside protocols.
@Suite struct DeFiBookTests {
  private let now = Instant(seconds: 1_767_225_600)
  private let dollar = AssetID.contract(chain: "ethereum", address: "0xdollar")
  private let receipt = AssetID.contract(chain: "ethereum", address: "0xreceipt")

  private func position(
    _ claim: Claim, _ units: String, _ part: ChainBalance.Part = .available, label: String = ""
  ) -> DeFiPosition {
    let amount = ChainAmount(units: UInt256(decimal: units) ?? .zero, decimals: 6)
    return DeFiPosition(
      venue: "aave-v3", chain: "ethereum", owner: [], kind: claim, label: label,
      underlying: [ChainBalance(dollar, amount, part: part)],
      receipt: claim == .borrowed ? nil : receipt)
  }

  private var book: DeFiBook {
    var book = DeFiBook()
    book.take(
      [
        position(.collateral, "25000123456", label: "one"), position(.collateral, "1"),
        position(.borrowed, "8000500001", .debt),
      ], of: .aaveV3, at: now)
    return book
  }

  @Test func `claims of one kind add up, debts stand below zero, receipts are known`() {
    let texts = book.amounts.sorted { $0.key < $1.key }.map {
      "\($0.key) \($0.value[dollar]?.text ?? "")"
    }
    #expect(texts == ["aave-v3.borrowed -8000.500001", "aave-v3.collateral 25000.123457"])
    #expect(book.receipts == [receipt])
    let balances = [ChainBalance(receipt, ChainAmount.zero(decimals: 6))]
    let tally = DeFiTally.counted(balances, receipts: book.receipts)
    #expect(tally.counted.isEmpty && tally.toldElsewhere == balances)
  }

  @Test func `a failing protocol keeps its amounts and receipts and is stale`() {
    var failed = book
    failed.fail(.aaveV3, "execution reverted")
    #expect(failed.amounts == book.amounts && failed.receipts == book.receipts)
    #expect(failed.chapters[.aaveV3]?.isStale(at: now) == true)
    #expect(book.chapters[.aaveV3]?.isStale(at: now) == false)
    #expect(book.chapters[.aaveV3]?.isStale(at: now.advanced(bySeconds: 7_201)) == true)
  }

  @Test func `an amount beyond exact numbers is told, and what was known stands`() {
    var large = book
    let units = String(repeating: "9", count: 60)
    large.take([position(.supplied, units)], of: .aaveV3, at: now.advanced(bySeconds: 60))
    #expect(large.amounts == book.amounts && large.chapters[.aaveV3]?.problem.isEmpty == false)
  }

  @Test func `what was kept is read again, and anything else is a book or none`() throws {
    var kept = book
    kept.fail(.lido, "no answer")
    kept.take([], of: .uniswapV3, at: now)
    #expect(try DeFiBook(JSON.reading(kept.json.text)) == kept)
    var seeded = Seeded(20_261_121)
    let bytes = Array(kept.json.text.utf8)
    for _ in 0..<2_000 {
      guard let json = try? JSON.reading(seeded.mutated(bytes)) else { continue }
      _ = DeFiBook(json)?.amounts
    }
  }

  @Test func `accounts beneath wallets have names of their own, however long`() {
    let place = ClaimPlace(venue: "compound-v3", claim: .withdrawal)
    let long = String(repeating: "w", count: 63)
    let ids = ["a", "b"].map { AccountID(place, of: AccountID(named: long + $0)) }
    #expect(ids[0] != ids[1])
    #expect(ids.allSatisfy { $0.slug.hasSuffix(".compound-v3.withdrawal") && $0.slug.count <= 64 })
    let wallet = Account(
      id: AccountID(named: "Treasury"), name: "Treasury", venue: "ethereum", book: BookID("cold"))
    let part = Account(place, title: "Compound v3", of: wallet)
    #expect(part.id.slug == "treasury.compound-v3.withdrawal" && part.claim == .withdrawal)
    #expect(part.name == "Compound v3 withdrawal, Treasury" && part.book == BookID("cold"))
    #expect(wallet.claim == nil)
    #expect(ClaimPlace("compound-v3.withdrawal") == place && ClaimPlace(".staked") == nil)
  }
}
