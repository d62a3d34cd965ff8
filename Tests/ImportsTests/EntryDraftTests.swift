import Amounts
import Conformance
import Imports
import Ledger
import TestSupport
import Testing

@Suite struct EntryDraftTests {
  private let header =
    "Type,Buy Quantity,Buy Asset,Buy Value in EUR,Sell Quantity,Sell Asset,Sell Value in EUR,"
    + "Fee Quantity,Fee Asset,Fee Value in EUR,Wallet,Timestamp,Note\n"

  private func drafts(_ lines: [String]) throws -> [EntryDraft] {
    let found = try reading(header + lines.joined(separator: "\n") + "\n")
    var drafts = EntryDrafts(format: .bittyTax)
    return found.batch.transactions.compactMap { drafts.draft($0) }
  }

  private let lines = (0..<40).map { index in
    "Deposit,\(1 + index % 3),BTC,,,,,,,,W,2024-01-0\(1 + index / 10) 00:00:00,note \(index)"
  }

  @Test func `reading a file again gives the same identities`() throws {
    let first = try drafts(lines).map(\.identity)
    #expect(try drafts(lines).map(\.identity) == first)
    #expect(Set(first).count == 40)
  }

  @Test func `the order of rows does not matter`() throws {
    var generator = Seeded(runSeed)
    let first = Set(try drafts(lines).map(\.identity))
    for _ in 0..<20 {
      let shuffled = lines.shuffled(using: &generator)
      #expect(Set(try drafts(shuffled).map(\.identity)) == first, "SEED=\(runSeed)")
    }
  }

  @Test func `an export of other dates gives the same identities for the same days`() throws {
    let all = Set(try drafts(lines).map(\.identity))
    #expect(Set(try drafts(Array(lines[10..<30])).map(\.identity)).isSubset(of: all))
  }

  @Test func `a new label or note is still the same fact`() throws {
    let old = try drafts(["Deposit,1,BTC,,,,,,,,W,2024-01-01 00:00:00,"])
    let new = try drafts(["Mining,1,BTC,40000,,,,,,,W,2024-01-01 00:00:00,from the pool"])
    #expect(old.map(\.identity) == new.map(\.identity))
  }

  @Test func `other times, amounts, accounts and hashes are other facts`() throws {
    let lines = [
      "Deposit,1,BTC,,,,,,,,W,2024-01-01 00:00:00,", "Deposit,1,BTC,,,,,,,,W,2024-01-01 00:00:01,",
      "Deposit,2,BTC,,,,,,,,W,2024-01-01 00:00:00,", "Deposit,1,ETH,,,,,,,,W,2024-01-01 00:00:00,",
      "Deposit,1,BTC,,,,,,,,V,2024-01-01 00:00:00,",
      "Withdrawal,,,,1,BTC,,,,,W,2024-01-01 00:00:00,",
    ]
    #expect(Set(try drafts(lines).map(\.identity)).count == lines.count)
  }

  @Test func `a venue's own id is the identity`() throws {
    let header = "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\n"
    let found = try reading(header + "L1,R1,2024-01-01 00:00:00,deposit,,currency,XXBT,1,0,0\n")
    var drafts = EntryDrafts(format: .krakenLedgers)
    let located = try #require(found.batch.transactions.first)
    let made = drafts.draft(located)
    let draft = try #require(made)
    #expect(
      draft.identity
        == .venue(account: AccountID(named: "Kraken"), kind: .deposit, reference: "L1"))
    #expect(draft.legs.map(\.asset.text) == ["venue:kraken:BTC"])
  }

  @Test(arguments: EntryKind.allCases)
  func `every kind has legs with a counter place`(kind: EntryKind) throws {
    let btc = AssetQuantity(try Quantity(parsing: "2"), NamedAsset("BTC"))
    let eur = AssetQuantity(try Quantity(parsing: "5"), NamedAsset("EUR"))
    var transaction = ImportedTransaction(
      row: 1, time: Instant(seconds: 0), kind: kind, incoming: btc, outgoing: eur, fee: eur)
    transaction.toAccount = "Cold"
    var drafts = EntryDrafts(format: .bittyTax)
    let made = drafts.draft(transaction, line: 2)
    let draft = try #require(made)
    #expect(draft.legs.map(\.quantity.text) == ["-5", "2", "-5"])
    #expect(draft.legs[2].counter == (kind == .marginFee ? .margin : .fees))
    #expect(draft.legs[1].account == AccountID(named: "Cold"))
    #expect(draft.legs[0].counter == draft.legs[1].counter)
  }

  @Test func `what moved nothing is no entry`() {
    let nothing = AssetQuantity(.zero, NamedAsset("BTC"))
    let transaction = ImportedTransaction(
      row: 1, time: Instant(seconds: 0), kind: .deposit, incoming: nothing)
    var drafts = EntryDrafts(format: .bittyTax)
    let made = drafts.draft(transaction, line: 2)
    #expect(made == nil)
  }

  /// One transaction of two bitcoin on one side only, and its legs as text.
  private func legs(
    _ kind: EntryKind, in incoming: String? = nil, out outgoing: String? = nil,
    fee: String? = nil
  ) throws -> [String] {
    let amount = { (text: String?) in
      try text.map { AssetQuantity(try Quantity(parsing: $0), NamedAsset("BTC")) }
    }
    let transaction = ImportedTransaction(
      row: 1, time: Instant(seconds: 0), kind: kind, incoming: try amount(incoming),
      outgoing: try amount(outgoing), fee: try amount(fee))
    var drafts = EntryDrafts(format: .bittyTax)
    let made = drafts.draft(transaction, line: 2)
    return (made?.legs ?? []).map { "\($0.quantity.text) \($0.counter)" }
  }

  @Test func `what is staked goes out, whichever side the file has it on`() throws {
    #expect(try legs(.stake, in: "2") == ["-2 staked"])
    #expect(try legs(.stake, out: "2") == ["-2 staked"])
    #expect(try legs(.stake, in: "2", out: "0") == ["-2 staked"])
    #expect(try legs(.stake, in: "2", out: "3") == ["-3 staked", "2 staked"])
  }

  @Test func `what is unstaked comes back, whichever side the file has it on`() throws {
    #expect(try legs(.unstake, out: "2") == ["2 staked"])
    #expect(try legs(.unstake, in: "2") == ["2 staked"])
    #expect(try legs(.unstake, out: "2", fee: "0.1") == ["2 staked", "-0.1 fees"])
  }

  @Test func `both spellings of a stake are one fact`() throws {
    let lines = [
      "Stake,,,,2,BTC,,,,,W,2024-01-01 00:00:00,", "Unstake,2,BTC,,,,,,,,W,2024-01-01 00:00:00,",
    ]
    let two = AssetQuantity(try Quantity(parsing: "2"), NamedAsset("BTC"))
    var transaction = ImportedTransaction(
      row: 1, time: Instant(seconds: 1_704_067_200), kind: .stake, incoming: two)
    transaction.account = "W"
    var drafts = EntryDrafts(format: .bittyTax)
    let other = drafts.draft(transaction, line: 2)
    #expect(try self.drafts(lines).map(\.identity).first == other?.identity)
  }

  @Test func `a move within one account that tells one end moves nothing`() throws {
    #expect(try legs(.internalTransfer, out: "2").isEmpty)
    #expect(try legs(.internalTransfer, in: "2").isEmpty)
    #expect(try legs(.internalTransfer, out: "2", fee: "0.1") == ["-0.1 fees"])
    #expect(try legs(.internalTransfer, in: "2", out: "2") == ["-2 transit", "2 transit"])
  }

  @Test func `a transfer that tells one end is under way`() throws {
    #expect(try legs(.transfer, out: "2") == ["-2 transit"])
    #expect(try legs(.transfer, in: "2") == ["2 transit"])
  }

  @Test(arguments: [
    (EntryKind.loan, "loan"), (.loanRepayment, "loan"), (.marginGain, "margin"),
    (.marginLoss, "margin"), (.marginFee, "margin"), (.liquidation, "margin"),
  ])
  func `loans and margins move on the side the file has them on`(
    kind: EntryKind, counter: String
  ) throws {
    #expect(try legs(kind, in: "2") == ["2 \(counter)"])
    #expect(try legs(kind, out: "2") == ["-2 \(counter)"])
  }

  @Test func `a liquidation of one coin for another is a conversion`() throws {
    #expect(try legs(.liquidation, in: "2", out: "3") == ["-3 conversion", "2 conversion"])
  }

  @Test func `a margin's fee stays with the margin`() throws {
    #expect(try legs(.marginFee, fee: "2") == ["-2 margin"])
  }

  @Test func `the user names accounts`() throws {
    let one = AssetQuantity(try Quantity(parsing: "1"), NamedAsset("BTC"))
    var transaction = ImportedTransaction(
      row: 1, time: Instant(seconds: 0), kind: .deposit, incoming: one)
    var drafts = EntryDrafts(
      format: .bittyTax, naming: AccountNaming(account: "Mine", renamed: ["W": "Cold"]))
    let unnamed = drafts.draft(transaction, line: 1)
    #expect(unnamed?.legs.first?.account.slug == "mine")
    transaction.account = "W"
    let named = drafts.draft(transaction, line: 1)
    #expect(named?.legs.first?.account.slug == "cold")
  }
}
