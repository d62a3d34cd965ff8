import Amounts
import Encodings
import Ledger
import Testing
import VenueKit

@testable import Sync

@Suite struct EntryMakerTests {
  private func maker(_ id: String = "fake", aliases: [String: String] = [:]) -> EntryMaker {
    var venue = FakeVenue().venue(id: id)
    venue.aliases = aliases
    return EntryMaker(
      account: Bench.account, venue: venue,
      markets: MarketTable([
        Market(id: "BTCUSD", base: "BTC", quote: "USD"),
        Market(id: "BTCUSD-P", base: "BTC", quote: "USD", settle: "BTC", kind: .swap),
      ]), knownCodes: ["SOL", "EUR"])
  }

  private func fill(
    _ id: String = "a1", market: String = "BTCUSD", side: Side? = .buy, price: Int64 = 100,
    amount: Int64 = 2, cost: Int64? = nil, fees: [VenueAmount] = [], part: AccountPart = .spot,
    realised: VenueAmount? = nil
  ) -> Fill {
    Fill(
      id: id, time: Bench.start, market: market, side: side, price: Fixed(whole: price),
      amount: Fixed(whole: amount), cost: cost.map { Fixed(whole: $0) }, fees: fees, part: part,
      realised: realised)
  }

  /// Legs as `+2 BTC conversion`.
  private func legs(_ entry: SyncEntry?) -> [String] {
    entry?.legs.map { leg in
      "\(leg.quantity.isNegative ? "" : "+")\(leg.quantity.text) \(leg.asset.ticker) \(leg.counter)"
    } ?? []
  }

  private func reason(_ work: () throws(RowRefusal) -> Void) -> RowRefusal.Reason? {
    do throws(RowRefusal) {
      try work()
      return nil
    } catch {
      return error.reason
    }
  }

  private func line(
    _ asset: String, _ amount: Int64, _ kind: EntryKind?, id: String = "", reference: String? = "r",
    fee: Int64 = 0, isToldElsewhere: Bool = false
  ) -> StatementRow {
    StatementRow(
      id: id.isEmpty ? nil : id, time: Bench.start, asset: asset, amount: Fixed(whole: amount),
      kind: kind, reference: reference,
      fee: fee == 0 ? nil : VenueAmount(asset, Fixed(whole: fee)),
      isToldElsewhere: isToldElsewhere)
  }

  // MARK: - Fills

  @Test func `a buy takes the base in and gives the quote and the fee out`() throws {
    let entry = try maker().entry(of: fill(fees: [VenueAmount("USD", Fixed(whole: 1))]))
    #expect(legs(entry) == ["+2 BTC conversion", "-200 USD conversion", "-1 USD fees"])
    #expect(entry?.kind == .trade)
  }

  @Test func `a fee paid in a third asset leaves that asset`() throws {
    let entry = try maker().entry(of: fill(fees: [VenueAmount("BNB", Fixed(whole: 3))]))
    #expect(legs(entry).last == "-3 BNB fees")
  }

  @Test func `a rebate comes in`() throws {
    let entry = try maker().entry(of: fill(fees: [VenueAmount("USD", Fixed(whole: -3))]))
    #expect(legs(entry).last == "+3 USD fees")
  }

  @Test func `the venue's own cost counts before price times amount`() throws {
    let entry = try maker().entry(of: fill(side: .sell, cost: 199))
    #expect(legs(entry) == ["-2 BTC conversion", "+199 USD conversion"])
  }

  @Test func `a fill without a side is kept and not guessed`() {
    #expect(
      reason { () throws(RowRefusal) in _ = try maker().entry(of: fill(side: nil)) }
        == .unknownSide)
  }

  @Test func `a trade at a price of zero is a trade`() throws {
    let entry = try maker().entry(of: fill(price: 0))
    #expect(legs(entry) == ["+2 BTC conversion"])
    #expect(try maker().entry(of: fill(amount: 0)) == nil)
  }

  @Test func `a market that is no longer listed is read off its name or kept`() throws {
    let entry = try maker().entry(of: fill(market: "SOL-EUR"))
    #expect(legs(entry) == ["+2 SOL conversion", "-200 EUR conversion"])
    for market in ["SOL-PERP", "SOLEUR", "SOL-EUR-240628", ""] {
      #expect(
        reason { () throws(RowRefusal) in _ = try maker().entry(of: fill(market: market)) }
          == .unknownMarket)
    }
  }

  @Test func `a derivative's fill moves what it realised and its fees only`() throws {
    let gain = try maker().entry(
      of: fill(
        market: "BTCUSD-P", fees: [VenueAmount("BTC", Fixed(whole: 1))], part: .inverse,
        realised: VenueAmount("BTC", Fixed(whole: 5))))
    #expect(gain?.kind == .marginGain)
    #expect(legs(gain) == ["+5 BTC margin", "-1 BTC fees"])
    let loss = try maker().entry(
      of: fill(
        market: "BTCUSD-P", part: .inverse, realised: VenueAmount("BTC", Fixed(whole: -5))))
    #expect(loss?.kind == .marginLoss)
    #expect(try maker().entry(of: fill(market: "BTCUSD-P", part: .inverse)) == nil)
  }

  @Test func `ids that are counted per market are joined with their codes`() throws {
    #expect(try maker().entry(of: fill("28457"))?.details.reference == "28457 BTC-USD")
    #expect(try maker().entry(of: fill("TXID-1"))?.details.reference == "TXID-1")
    #expect(try maker("bitfinex").entry(of: fill("28457"))?.details.reference == "28457")
  }

  @Test func `assets are recorded under the code everybody uses`() throws {
    let kraken = maker("kraken", aliases: ["XXBT": "BTC"])
    #expect(try kraken.asset("XXBT") == .venue(venue: "kraken", code: "BTC"))
    #expect(reason { () throws(RowRefusal) in _ = try kraken.asset("") } == .badAsset)
    let long = String(repeating: "x", count: 200)
    #expect(reason { () throws(RowRefusal) in _ = try kraken.asset(long) } == .badAsset)
  }

  @Test func `amounts beyond the range are kept and do not trap`() {
    var huge = fill()
    huge.price = Fixed(units: .max)
    #expect(reason { () throws(RowRefusal) in _ = try maker().entry(of: huge) } == .tooLarge)
    huge.amount = Fixed(units: .min)
    #expect(
      reason { () throws(RowRefusal) in _ = try maker().entry(of: huge) } == .unclearDirection)
  }

  // MARK: - Transfers

  private func transfer(
    _ direction: Transfer.Direction, fee: Int64 = 0, isFeeInside: Bool = false,
    status: Transfer.Status? = .ok, id: String? = "t1"
  ) throws(RowRefusal) -> EntryMaker.TransferOutcome {
    try maker().entry(
      of: Transfer(
        id: id, transactionHash: "0xabc", time: Bench.start, direction: direction, asset: "BTC",
        amount: Fixed(whole: 10), isFeeInside: isFeeInside,
        fee: fee == 0 ? nil : VenueAmount("BTC", Fixed(whole: fee)), status: status))
  }

  private func transferLegs(_ outcome: EntryMaker.TransferOutcome) -> [String] {
    guard case .entry(let entry) = outcome else { return [] }
    return legs(entry)
  }

  @Test func `a withdrawal's fee is inside the amount or beside it, as the venue says`() throws {
    #expect(
      transferLegs(try transfer(.withdrawal, fee: 1)) == ["-10 BTC outside", "-1 BTC fees"])
    #expect(
      transferLegs(try transfer(.withdrawal, fee: 1, isFeeInside: true))
        == ["-9 BTC outside", "-1 BTC fees"])
    #expect(
      transferLegs(try transfer(.deposit, fee: 1)) == ["+11 BTC outside", "-1 BTC fees"])
    #expect(
      transferLegs(try transfer(.deposit, fee: 1, isFeeInside: true))
        == ["+10 BTC outside", "-1 BTC fees"])
  }

  @Test func `only what is done is booked, and an unknown word is kept`() throws {
    #expect(try transfer(.deposit, status: .pending) == .pending(since: Bench.start))
    #expect(try transfer(.deposit, status: .failed) == .nothing)
    #expect(try transfer(.deposit, status: .canceled) == .nothing)
    #expect(
      reason { () throws(RowRefusal) in _ = try transfer(.deposit, status: nil) }
        == .unknownStatus)
  }

  @Test func `a transfer without an id is known by its transaction`() throws {
    guard case .entry(let entry) = try transfer(.deposit, id: nil) else {
      Issue.record("it moves something")
      return
    }
    #expect(
      entry.identity
        == .venue(account: Bench.account, kind: .deposit, reference: "0xabc"))
  }

  // MARK: - Statements

  @Test func `equal amounts of two assets are an exchange and no transfer`() throws {
    let group = StatementGroup([line("EUR", -5, .spend), line("USDC", 5, .receive)])
    let entries = try maker().entries(of: group)
    #expect(entries.map(\.kind) == [.trade])
    #expect(legs(entries.first) == ["-5 EUR conversion", "+5 USDC conversion"])
  }

  @Test func `an exchange of two coins stays one, and no money is made up for it`() throws {
    let group = StatementGroup([line("BTC", -1, .trade), line("ETH", 15, .trade)])
    let entries = try maker().entries(of: group)
    #expect(entries.count == 1)
    #expect(legs(entries.first) == ["-1 BTC conversion", "+15 ETH conversion"])
    #expect(entries.first?.details.value == nil)
  }

  @Test func `settlement legs that cancel each other move nothing`() throws {
    let group = StatementGroup([
      line("TSLAx", 4, .trade, id: "1"), line("TSLAx", -4, .trade, id: "2"),
      line("USD", -900, .trade, id: "3"), line("TSLAx", 4, .trade, id: "4"),
    ])
    let entries = try maker().entries(of: group)
    #expect(legs(entries.first) == ["+4 TSLAx conversion", "-900 USD conversion"])
    let nothing = StatementGroup([line("USD", 3, .trade), line("USD", -3, .trade)])
    #expect(try maker().entries(of: nothing).isEmpty)
  }

  @Test func `an exchange with one side is kept`() {
    let group = StatementGroup([line("USD", 3, .trade)])
    #expect(
      reason { () throws(RowRefusal) in _ = try maker().entries(of: group) } == .oneSided)
  }

  @Test func `a side that is worth nothing may stand with zero`() throws {
    let group = StatementGroup([line("SHIB", 3, .trade), line("USD", 0, .trade)])
    #expect(legs(try maker().entries(of: group).first) == ["+3 SHIB conversion"])
  }

  @Test func `a word that is not known is kept with it`() {
    var row = line("USD", 3, nil)
    row.type = "mystery"
    let group = StatementGroup([row])
    do throws(RowRefusal) {
      _ = try maker().entries(of: group)
      Issue.record("it is refused")
    } catch {
      #expect(error == RowRefusal(.unknownKind, "mystery"))
    }
  }

  @Test func `lines that another feed tells and moves between wallets are not booked`() throws {
    let group = StatementGroup([
      line("USD", 3, .trade, isToldElsewhere: true), line("BTC", -3, .internalTransfer),
    ])
    #expect(try maker().entries(of: group).isEmpty)
  }

  @Test func `fee lines and fee columns leave on top`() throws {
    let group = StatementGroup([
      line("BTC", 2, .trade, fee: 1), line("USD", -100, .trade), line("USD", -4, .fee),
    ])
    #expect(
      legs(try maker().entries(of: group).first) == [
        "+2 BTC conversion", "-100 USD conversion", "-4 USD fees", "-1 BTC fees",
      ])
  }

  @Test func `rewards are income, funding is margin, staking stays owned`() throws {
    func only(_ row: StatementRow) throws(RowRefusal) -> [String] {
      legs(try maker().entries(of: StatementGroup([row])).first)
    }
    #expect(try only(line("ADA", 3, .staking)) == ["+3 ADA income"])
    #expect(try only(line("USD", -3, .marginFee)) == ["-3 USD margin"])
    #expect(try only(line("ADA", -3, .stake)) == ["-3 ADA staked"])
    #expect(try only(line("ADA", 3, .unstake)) == ["+3 ADA staked"])
    #expect(try only(line("ADA", -3, .liquidation)) == ["-3 ADA margin"])
  }

  // Rewards of Binance's Simple Earn have no id, and all of one product bear its project's name.
  @Test func `payments without an id under one reference are told apart by their time`() throws {
    var first = line("ATOM", 2, .interest, reference: "ATOM001")
    var second = first
    first.time = Bench.start
    second.time = Bench.start.advanced(bySeconds: 86_400)
    let made = try [first, second, first].flatMap { try maker().entries(of: StatementGroup([$0])) }
    #expect(Set(made.map(\.identity)).count == 2)
  }

  @Test func `different payments under one reference are different facts`() throws {
    let first = try maker().entries(of: StatementGroup([line("ADA", 3, .staking, id: "1")]))
    let second = try maker().entries(of: StatementGroup([line("ADA", 3, .staking, id: "2")]))
    #expect(first.first?.identity != second.first?.identity)
  }
}
