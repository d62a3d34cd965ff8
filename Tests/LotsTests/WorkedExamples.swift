import Amounts
import Ledger
import Lots
import Testing

/// Figures that authorities and other programs have printed.
@Suite struct WorkedExamples {
  /// IRS Publication 564 (2009), table 3: 160 shares for $4,000, 240 for $4,800, 10 for $300; 210
  /// sold for $6,720. https://www.irs.gov/pub/irs-prior/p564--2009.pdf
  private func publication564() throws -> Diary {
    var diary = Diary()
    try diary.buy("2008-02-06", "160", for: "4000")
    try diary.buy("2008-08-07", "240", for: "4800")
    try diary.buy("2008-12-18", "10", for: "300")
    try diary.sell("2009-10-01", "210", for: "6720")
    return diary
  }

  @Test func `first in, first out is that of publication 564`() throws {
    let report = try publication564().report(.lots(.fifo))
    let sale = try #require(report.disposals.first)
    #expect(sale.cost == (try fixed("5000")))
    #expect(
      sale.matches.map(\.quantity) == [try Quantity(parsing: "160"), Quantity(try fixed("50"))])
    // 2008-02-06 is more than a year before 2009-10-01, and so is 2008-08-07.
    #expect(sale.matches.map(\.term) == [.long, .long])
  }

  @Test func `the average basis is that of publication 564`() throws {
    let report = try publication564().report(.average)
    let sale = try #require(report.disposals.first)
    // 210 shares at 9,100 / 410; the publication prints the average as $22.20 and the basis as
    // $4,661 (4,660.98 before rounding).
    #expect(sale.cost == (try fixed("4660.975609756097560976")))
    #expect(report.holdings.first?.cost == (try fixed("4439.024390243902439024")))
  }

  /// A part disposal out of a pool, by HMRC.
  ///
  /// https://www.gov.uk/hmrc-internal-manuals/cryptoassets-manual/crypto22251
  @Test func `a pool's part disposal is that of the cryptoassets manual`() throws {
    var diary = Diary()
    try diary.buy("2019-01-01", "100", for: "1000")
    try diary.buy("2019-09-18", "50", for: "125000")
    try diary.sell("2019-12-01", "50", for: "300000")
    let report = try diary.report(.average)
    let sale = try #require(report.disposals.first)
    #expect(sale.cost == (try fixed("42000")))
    #expect(sale.gain == (try fixed("258000")))
    #expect(report.holdings.first?.quantity == (try Quantity(parsing: "100")))
    #expect(report.holdings.first?.cost == (try fixed("84000")))
  }

  /// Figures of hledger's lot tests, hledger/test/journal/lots-transfer.test,
  /// https://github.com/simonmichael/hledger: lots keep their date and cost when they move, and
  /// LIFO moves the newest first.
  @Test func `transfers carry lots as hledger's do`() throws {
    var diary = Diary()
    let first = try diary.buy(
      "2026-01-15", "10", for: "500", in: AccountID(named: "broker1"))
    let second = try diary.buy("2026-02-01", "5", for: "250", in: AccountID(named: "broker1"))
    try diary.move("2026-03-01", "8", from: "broker1", to: "broker2")
    let report = try diary.report(.lots(.lifo)) { $0.transferOrder = .lifo }
    let lots = try #require(report.holdings.first?.lots)
    #expect(lots.map(\.lot) == [first, first, second])
    #expect(lots.map(\.account?.slug) == ["broker1", "broker2", "broker2"])
    #expect(lots.map(\.quantity.text) == ["7", "3", "5"])
    #expect(lots.map(\.cost?.text) == ["350", "150", "250"])
  }

  /// Tokens used to pay for a transaction are themselves disposed of.
  ///
  /// 26 CFR § 1.1001-7(b)(1)(ii), https://www.ecfr.gov/current/title-26/section-1.1001-7
  ///
  /// Worked by hand: 1 A for $100, sold for $150 with a fee of 2 B worth $10 that had cost $6.
  @Test func `a fee in a third asset is a disposal of its own`() throws {
    let token = AssetID.venue(venue: "test", code: "B")
    for rule in [TokenFeeRule.joined, .separate] {
      var diary = Diary()
      try diary.buy("2024-01-01", "1", for: "100")
      try diary.buy("2024-01-01", "5", for: "15", of: token)
      try diary.sell(
        "2024-02-01", "1", for: "150",
        tokens: TokenFee(asset: token, quantity: Quantity(try fixed("2")), value: try fixed("10")))
      let report = try diary.report(.lots(.fifo)) { $0.tokenFees = rule }
      #expect(report.disposals.map(\.kind) == [.sell, .fee])
      #expect(report.disposals.map(\.gain?.text) == ["40", "4"])
    }
  }

  @Test func `a fee in what is sold is sold along or apart, as the rules say`() throws {
    var diary = Diary()
    try diary.buy("2024-01-01", "10", for: "100")
    try diary.sell(
      "2024-02-01", "4", for: "80",
      tokens: TokenFee(
        asset: Diary.asset, quantity: Quantity(try fixed("1")), value: try fixed("20")))
    let joined = try diary.report(.lots(.fifo))
    #expect(joined.disposals.map(\.quantity.text) == ["5"])
    #expect(joined.disposals.map(\.gain?.text) == ["30"])
    // Apart: 80 - 20 - 40 and 20 - 10; the sum is the same.
    let separate = try diary.report(.lots(.fifo)) { $0.tokenFees = .separate }
    #expect(separate.disposals.map(\.quantity.text) == ["4", "1"])
    #expect(separate.disposals.map(\.gain?.text) == ["20", "10"])
  }

  @Test func `a fee of a purchase in tokens raises the cost and is disposed of`() throws {
    let token = AssetID.venue(venue: "test", code: "B")
    var diary = Diary()
    try diary.buy("2024-01-01", "5", for: "15", of: token)
    try diary.buy(
      "2024-02-01", "1", for: "100",
      tokens: TokenFee(asset: token, quantity: Quantity(try fixed("1")), value: try fixed("7")))
    let report = try diary.report(.lots(.fifo))
    #expect(report.holdings.map(\.cost?.text) == ["107", "12"])
    #expect(report.disposals.map(\.gain?.text) == ["4"])
  }

  /// What is held for more than a year is long; the day of acquisition does not count.
  ///
  /// 26 U.S.C. § 1222; Rev. Rul. 66-7, 1966-1 C.B. 188.
  @Test(arguments: [
    ("2020-05-01", "2021-05-01", HoldingTerm.short), ("2020-05-01", "2021-05-02", .long),
    ("2020-02-29", "2021-02-28", .short), ("2020-02-29", "2021-03-01", .long),
    ("2019-02-28", "2020-02-29", .long),
  ])
  func `a year ends on its anniversary`(bought: String, sold: String, term: HoldingTerm) throws {
    var diary = Diary()
    try diary.buy(bought, "1", for: "1")
    try diary.sell(sold, "1", for: "2")
    let report = try diary.report(.lots(.fifo))
    #expect(report.disposals.first?.matches.first?.term == term)
  }

  /// 26 CFR § 1.1012-1(j)(3)(i): without an identification the earliest units go first, by when
  /// they were acquired and not by when they came into the wallet.
  @Test func `what comes into an account late is old all the same`() throws {
    var diary = Diary()
    let old = try diary.buy("2023-01-01", "1", for: "10", in: AccountID(named: "a"))
    let new = try diary.buy("2024-01-01", "1", for: "20", in: AccountID(named: "b"))
    try diary.move("2024-06-01", "1", from: "a", to: "b")
    try diary.sell("2024-07-01", "1", for: "30", in: AccountID(named: "b"))
    let report = try diary.report(.lots(.specific))
    #expect(report.disposals.first?.matches.map(\.lot) == [old])
    #expect(report.holdings.first?.lots.map(\.lot) == [new])
  }
}
