import Amounts
import Ledger
import Lots
import Testing

/// Prices by ticker, the same at all times.
private struct FixedPrices: PriceHistory {
  let prices: [String: String]

  func price(of asset: AssetID, at time: Instant, in currency: Currency) -> Price? {
    prices[asset.ticker].flatMap { try? Price(parsing: $0) }
  }
}

@Suite struct EntryMappingTests {
  private let kraken = AccountID(named: "kraken")
  private let ledger = AccountID(named: "ledger")

  private func leg(
    _ quantity: String, _ code: String, _ counter: Counter, _ account: AccountID? = nil
  ) throws -> Leg {
    Leg(
      account: account ?? kraken, asset: .venue(venue: "kraken", code: code),
      quantity: try Quantity(parsing: quantity), counter: counter)
  }

  private func entry(
    _ kind: EntryKind, _ legs: [Leg], day: Int64 = 0, value: Money? = nil
  ) -> Entry {
    Entry(
      id: EntryID(high: 7, low: UInt64(day)),
      time: Instant(seconds: 1_700_000_000 + day * 86_400), kind: kind, legs: legs,
      details: EntryDetails(value: value), origin: .byHand)
  }

  private func mapping(_ prices: [String: String] = [:]) -> EntryMapping {
    EntryMapping(
      links: AssetLinks(), currency: .usDollar, prices: FixedPrices(prices: prices))
  }

  private func book(_ entries: [Entry], _ prices: [String: String] = [:]) -> (
    LotBook, [MappingNote.Reason]
  ) {
    var book = LotBook(rules: LotRules(currency: .usDollar, method: .lots(.fifo)))
    var notes: [MappingNote.Reason] = []
    for (row, entry) in entries.enumerated() {
      let mapped = mapping(prices).mapped(entry, sequence: row)
      book.append(contentsOf: mapped.events)
      notes += mapped.notes.map(\.reason)
    }
    return (book, notes)
  }

  @Test func `a trade for cash is worth the cash, fees included`() throws {
    let (book, notes) = book([
      entry(
        .trade,
        [
          try leg("2", "XXBT", .conversion), try leg("-100", "ZUSD", .conversion),
          try leg("-1", "ZUSD", .fees),
        ]),
      entry(
        .trade,
        [
          try leg("-1", "XXBT", .conversion), try leg("80", "ZUSD", .conversion),
          try leg("-2", "ZUSD", .fees),
        ], day: 1),
    ])
    let report = try book.report()
    #expect(notes.isEmpty)
    // 80 - 2 - 101 / 2
    #expect(report.disposals.map(\.gain?.text) == ["27.5"])
    #expect(report.disposals.map(\.kind) == [.sell])
    #expect(report.holdings.map(\.cost?.text) == ["50.5"])
    #expect(report.holdings.map(\.asset) == [.native(chain: "bitcoin")])
  }

  @Test func `cash of another currency counts at its rate, or is unknown`() throws {
    let bought = entry(
      .trade, [try leg("2", "XXBT", .conversion), try leg("-100", "ZEUR", .conversion)])
    #expect(try book([bought], ["EUR": "1.1"]).0.report().holdings.first?.cost?.text == "110")
    let (unknown, notes) = book([bought])
    #expect(try unknown.report().holdings.first?.cost == nil)
    #expect(notes == [.missingPrice])
  }

  @Test func `an exchange is worth what is got, with its fee a disposal`() throws {
    let (book, notes) = book(
      [
        entry(.opening, [try leg("1", "XXBT", .equity)], value: Money(Fixed(whole: 50), .usDollar)),
        entry(
          .opening, [try leg("5", "BNB", .equity)], day: 1,
          value: Money(Fixed(whole: 5), .usDollar)),
        entry(
          .trade,
          [
            try leg("-1", "XXBT", .conversion), try leg("20", "XETH", .conversion),
            try leg("-1", "BNB", .fees),
          ], day: 2),
      ], ["ETH": "4", "BNB": "3"])
    let report = try book.report()
    #expect(notes.isEmpty)
    // 20 · 4 - 3 - 50, and 3 - 1
    #expect(report.disposals.map(\.gain?.text) == ["27", "2"])
    #expect(report.disposals.map(\.kind) == [.trade, .fee])
    let bought = report.holdings.first { $0.asset == .native(chain: "ethereum") }
    #expect(bought?.cost?.text == "80")
  }

  @Test func `an exchange without a price is unknown, never zero`() throws {
    let (book, notes) = book([
      entry(.opening, [try leg("1", "XXBT", .equity)], value: Money(Fixed(whole: 50), .usDollar)),
      entry(
        .trade, [try leg("-1", "XXBT", .conversion), try leg("20", "XETH", .conversion)], day: 1),
    ])
    let report = try book.report()
    #expect(notes == [.missingPrice])
    #expect(report.disposals.first?.proceeds == nil)
    #expect(report.disposals.first?.gain == nil)
    #expect(report.holdings.first?.cost == nil)
    #expect(report.totals.values.first?.unknownDisposals == 1)
  }

  @Test func `the price of what is given stands in for that of what is got`() throws {
    let (book, notes) = book(
      [
        entry(.opening, [try leg("1", "XXBT", .equity)], value: Money(Fixed(whole: 50), .usDollar)),
        entry(
          .trade, [try leg("-1", "XXBT", .conversion), try leg("20", "NEW", .conversion)], day: 1),
      ], ["BTC": "70"])
    let report = try book.report()
    #expect(notes.isEmpty)
    #expect(report.disposals.map(\.gain?.text) == ["20"])
    #expect(report.holdings.map(\.cost?.text) == ["70"])
  }

  @Test func `a transfer carries its lots, and its fee is a disposal`() throws {
    let (book, notes) = book(
      [
        entry(
          .trade, [try leg("2", "XXBT", .conversion), try leg("-100", "ZUSD", .conversion)]),
        entry(
          .transfer,
          [
            try leg("-1.5", "XXBT", .transit), try leg("1.5", "XXBT", .transit, ledger),
            try leg("-0.5", "XXBT", .fees),
          ], day: 1),
      ], ["BTC": "60"])
    let report = try book.report()
    #expect(notes.isEmpty)
    #expect(report.holdings.first?.lots.map(\.account) == [ledger])
    #expect(report.holdings.first?.cost?.text == "75")
    #expect(report.disposals.map(\.gain?.text) == ["5"])
  }

  @Test func `two ends told apart meet in transit`() throws {
    let (book, notes) = book(
      [
        entry(
          .trade, [try leg("2", "XXBT", .conversion), try leg("-100", "ZUSD", .conversion)]),
        entry(.transfer, [try leg("-1", "XXBT", .transit)], day: 1),
        entry(.transfer, [try leg("1", "XXBT", .transit, ledger)], day: 2),
      ])
    let report = try book.report()
    #expect(notes == [.oneEnded, .oneEnded])
    #expect(report.problems.isEmpty)
    #expect(report.holdings.first?.lots.map(\.account) == [kraken, ledger])
    #expect(report.holdings.first?.cost?.text == "100")
  }

  @Test func `deposits have no basis and withdrawals no gain`() throws {
    let (book, notes) = book(
      [
        entry(.deposit, [try leg("2", "XXBT", .outside)], value: Money(.one, .usDollar)),
        entry(.withdrawal, [try leg("-1", "XXBT", .outside)], day: 1),
        entry(.deposit, [try leg("500", "ZEUR", .outside)], day: 2),
      ], ["BTC": "60"])
    let report = try book.report()
    #expect(notes == [.missingBasis, .leftRecords])
    #expect(report.disposals.map(\.kind) == [.removal])
    #expect(report.totals.isEmpty)
    #expect(report.holdings.first?.quantity.text == "1")
    #expect(report.holdings.first?.cost == nil)
  }

  @Test func `rewards are income at their price and lots of that cost`() throws {
    let (book, notes) = book(
      [entry(.staking, [try leg("2", "XETH", .income)])], ["ETH": "4"])
    let report = try book.report()
    #expect(notes.isEmpty)
    #expect(report.income.map(\.kind) == [.staking])
    #expect(report.income.map(\.value?.text) == ["8"])
    #expect(report.holdings.first?.cost?.text == "8")
    let (unpriced, gaps) = self.book([entry(.staking, [try leg("2", "XETH", .income)])])
    #expect(gaps == [.missingPrice])
    #expect(try unpriced.report().totals.values.first?.unknownIncome == 1)
  }

  @Test func `staking moves nothing out of the lots`() throws {
    let (book, notes) = book([
      entry(.trade, [try leg("2", "XETH", .conversion), try leg("-100", "ZUSD", .conversion)]),
      entry(.stake, [try leg("-2", "XETH", .staked)], day: 1),
    ])
    #expect(notes.isEmpty)
    #expect(try book.report().holdings.first?.quantity.text == "2")
    #expect(try book.report().disposals.isEmpty)
  }

  @Test func `dust of many assets for one is valued piece by piece`() throws {
    let (book, notes) = book(
      [
        entry(
          .trade,
          [
            try leg("-1", "AAA", .conversion), try leg("-2", "BBB", .conversion),
            try leg("3", "BNB", .conversion),
          ])
      ], ["AAA": "5", "BNB": "4"])
    let report = try book.report()
    #expect(notes == [.missingPrice])
    #expect(report.disposals.map(\.proceeds?.text) == ["5", nil])
    #expect(report.holdings.map(\.cost?.text) == ["12"])
    #expect(report.problems.count == 2)
  }

  /// Lots and holdings are two folds of the same entries.
  @Test func `lots agree with holdings for every kind of entry`() throws {
    for kind in EntryKind.allCases {
      for counter in Counter.allCases where counter != .staked && counter != .transit {
        let entries = [
          entry(.opening, [try leg("10", "XETH", .equity)]),
          entry(
            kind,
            [
              try leg("3", "XETH", counter), try leg("-1", "XETH", .expense),
              try leg("-0.5", "XETH", .fees),
            ], day: 1),
        ]
        var holdings = Holdings()
        for entry in entries { try holdings.apply(entry) }
        let key = HoldingKey(account: kraken, asset: .venue(venue: "kraken", code: "XETH"))
        let held = try holdings.table[key]?.total()
        let lots = try book(entries, ["ETH": "4"]).0.report().holdings.first?.quantity
        #expect(lots == held, "\(kind) \(counter)")
      }
    }
  }
}
