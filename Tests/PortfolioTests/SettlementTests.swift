import Amounts
import Ledger
import Portfolio
import Prices
import Simulator
import Testing

let start = Instant(seconds: 1_700_000_000)

func quote(
  _ asset: AssetID, _ price: String, _ currency: Currency, at time: Instant = start,
  source: QuoteSource = .feed("f")
) throws -> Quote {
  try #require(
    Quote(
      asset: asset, price: try Price(parsing: price), currency: currency, time: time,
      source: source))
}

@Suite struct SettlementTests {
  let bitcoin = AssetID.native(chain: "bitcoin")
  let key = HoldingKey(
    account: AccountID(named: "kraken"), asset: .venue(venue: "kraken", code: "XXBT"))

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func `settling step by step equals settling everything at once`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var folded = Settlement(currency: .usDollar)
    var holdings: [HoldingKey: Holding] = [:]
    var quotes: [Quote] = []
    var snapshot = Snapshot.empty(in: .usDollar)
    var now = start
    var screenings: [AssetID: Screening] = [:]
    var reported: [AccountID: [AssetID: Quantity]] = [:]
    for step in 0..<120 {
      now = now.advanced(bySeconds: Int64.random(in: 0...20, using: &generator))
      let asset = AssetID.venue(venue: "v", code: "C\(Int.random(in: 0...6, using: &generator))")
      if step % 3 == 0 {
        let key = HoldingKey(
          account: AccountID(named: "a\(Int.random(in: 0...2, using: &generator))"), asset: asset)
        let holding = Holding(
          free: Quantity(Fixed(whole: Int64.random(in: -5...50, using: &generator))))
        holdings[key] = holding
        folded.take(holding, for: key)
      } else {
        let quote = try quote(
          asset, "\(Int.random(in: 1...900, using: &generator))",
          Bool.random(using: &generator) ? .usDollar : .euro, at: now)
        quotes.append(quote)
        folded.take(quote)
        if step % 5 == 0 {
          let rate = try SettlementTests.rate("1.\(step)", at: now)
          quotes.append(rate)
          folded.take(rate)
        }
      }
      if step % 7 == 0 {
        let standing = try #require(Screening.Standing.allCases.randomElement(using: &generator))
        screenings[asset] = step % 2 == 0 ? Screening(standing, reasons: ["counterfeit"]) : nil
        folded.take(screenings: screenings)
      }
      if step % 11 == 0 {
        let account = AccountID(named: "a\(Int.random(in: 0...2, using: &generator))")
        let amount = Quantity(Fixed(whole: Int64.random(in: 0...9, using: &generator)))
        reported[account] = Bool.random(using: &generator) ? [asset: amount] : nil
        folded.take(reported: reported[account], of: account)
      }
      if let change = folded.settle(at: now) {
        snapshot = try #require(snapshot.applying(change), "SEED=\(seed)")
      }
    }
    var rebuilt = Settlement(currency: .usDollar)
    for quote in quotes { rebuilt.take(quote) }
    for (key, holding) in holdings { rebuilt.take(holding, for: key) }
    rebuilt.take(screenings: screenings)
    for (account, table) in reported { rebuilt.take(reported: table, of: account) }
    _ = rebuilt.settle(at: now)
    let whole = rebuilt.snapshot(at: now)
    #expect(folded.snapshot(at: now).positions == whole.positions, "SEED=\(seed)")
    #expect(folded.snapshot(at: now).totals == whole.totals, "SEED=\(seed)")
    #expect(snapshot.positions == whole.positions, "SEED=\(seed): the changes lead there too")
    #expect(snapshot.totals == whole.totals, "SEED=\(seed)")
  }

  static func rate(_ text: String, at time: Instant) throws -> Quote {
    try quote(.fiat(code: "EUR"), text, .usDollar, at: time)
  }

  @Test func `a quote changes only what depends on it`() throws {
    var settlement = Settlement(currency: .usDollar)
    let ether = AssetID.native(chain: "ethereum")
    settlement.take(Holding(free: Quantity(.one)), for: key)
    settlement.take(
      Holding(free: Quantity(.one)), for: HoldingKey(account: key.account, asset: ether))
    _ = settlement.settle(at: start)
    settlement.take(try quote(bitcoin, "60000", .usDollar))
    let changes = settlement.settle(at: start)
    #expect(changes?.changed.map(\.asset) == [bitcoin])
    let rest = settlement.settle(at: start)
    #expect(rest == nil)
  }

  @Test func `a missing price is no zero`() throws {
    var settlement = Settlement(currency: .usDollar)
    settlement.take(Holding(free: Quantity(.one)), for: key)
    _ = settlement.settle(at: start)
    let totals = settlement.snapshot(at: start).totals
    #expect(totals.unpriced == 1)
    #expect(totals.state == .unknown)
    #expect(settlement.snapshot(at: start).positions.first?.value == nil)
  }

  @Test func `a price turns stale by itself`() throws {
    var settlement = Settlement(currency: .usDollar)
    settlement.take(Holding(free: Quantity(.one)), for: key)
    settlement.take(try quote(bitcoin, "60000", .usDollar))
    _ = settlement.settle(at: start)
    let limit = start.advanced(bySeconds: 60)
    #expect(settlement.nextStale(after: start) == limit)
    let early = settlement.settle(at: limit)
    #expect(early == nil)
    let late = settlement.settle(at: limit.advanced(bySeconds: 1))
    let change = try #require(late)
    #expect(change.changed.first?.state == .stale)
    #expect(change.totals.stale == 1)
    #expect(change.totals.staleValue == change.totals.value)
    #expect(settlement.nextStale(after: limit) == nil)
  }

  @Test func `a price in another currency is crossed, with the older age`() throws {
    var settlement = Settlement(currency: .usDollar)
    settlement.take(Holding(free: Quantity(.one)), for: key)
    settlement.take(try quote(bitcoin, "50000", .euro, at: start.advanced(bySeconds: 5)))
    settlement.take(try SettlementTests.rate("1.08", at: start))
    _ = settlement.settle(at: start)
    let position = try #require(settlement.snapshot(at: start).positions.first)
    #expect(position.value?.text == "54000")
    #expect(position.price?.time == start)
    #expect(position.price?.source == "feed:f+feed:f")
  }

  @Test func `changing the rate revalues what is quoted in that currency`() throws {
    var settlement = Settlement(currency: .usDollar)
    settlement.take(Holding(free: Quantity(.one)), for: key)
    settlement.take(try quote(bitcoin, "50000", .euro))
    settlement.take(try SettlementTests.rate("1.08", at: start))
    _ = settlement.settle(at: start)
    settlement.take(try SettlementTests.rate("1.10", at: start.advanced(bySeconds: 1)))
    let later = settlement.settle(at: start.advanced(bySeconds: 1))
    let change = try #require(later)
    #expect(change.totals.value.text == "55000")
  }

  @Test func `a venue's word stands for books that are not whole, until they are`() throws {
    var settlement = Settlement(currency: .usDollar)
    let recorded = AssetID.venue(venue: "kraken", code: "BTC")
    let other = AssetID.fiat(code: "USD")
    settlement.take(try quote(bitcoin, "50000", .usDollar))
    // A sale was read, and not yet what was sold.
    settlement.take(Holding(free: Quantity(Fixed(whole: -3))), for: key)
    settlement.take(
      Holding(free: Quantity(Fixed(whole: 150_000))),
      for: HoldingKey(account: key.account, asset: other))
    let elsewhere = HoldingKey(account: AccountID(named: "elsewhere"), asset: bitcoin)
    settlement.take(Holding(free: Quantity(.one)), for: elsewhere)
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).totals.value.text == "50000")
    let books = settlement.snapshot(at: start).positions
    settlement.take(reported: [recorded: Quantity(Fixed(whole: 2))], of: key.account)
    _ = settlement.settle(at: start)
    let told = settlement.snapshot(at: start)
    #expect(told.positions.map(\.asset) == [bitcoin] && told.totals.value.text == "150000")
    let shares = try #require(told.positions.first?.shares)
    #expect(
      Set(shares.map { "\($0.account.slug) \($0.quantity.text) \($0.isReported)" })
        == ["elsewhere 1 false", "\(key.account.slug) 2 true"])
    // More of the books changes nothing.
    settlement.take(Holding(free: Quantity(Fixed(whole: -1))), for: key)
    #expect(settlement.settle(at: start) == nil)
    settlement.take(Holding(free: Quantity(Fixed(whole: -3))), for: key)
    settlement.take(reported: nil, of: key.account)
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).positions == books)
  }

  @Test func `a sum without accounts that were never read says so, and names them`() throws {
    var settlement = Settlement(currency: .usDollar)
    settlement.take(Holding(free: Quantity(.one)), for: key)
    settlement.take(try quote(bitcoin, "50000", .usDollar))
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).totals.state == .live)
    let unread = ["vault", "bank"].map { AccountID(named: $0) }
    settlement.take(unread: Set(unread))
    #expect(settlement.hasOtherSums)
    let settled = settlement.settle(at: start)
    let change = try #require(settled)
    #expect(change.totals.unread.map(\.slug) == ["bank", "vault"])
    #expect(change.totals.state == .unknown && change.totals.value.text == "50000")
    settlement.take(unread: Set(unread))
    #expect(!settlement.hasOtherSums)
    settlement.take(unread: [])
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).totals.state == .live)
  }

  @Test func `what only a venue's word knows is held, and has its price`() throws {
    var settlement = Settlement(currency: .usDollar)
    settlement.take(reported: [bitcoin: Quantity(Fixed(whole: 2))], of: key.account)
    #expect(settlement.heldAssets == [bitcoin])
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).totals.unpriced == 1)
    settlement.take(try quote(bitcoin, "50000", .usDollar))
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).totals.value.text == "100000")
    settlement.take(reported: nil, of: key.account)
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).positions.isEmpty && settlement.heldAssets.isEmpty)
  }

  @Test func `a link joins positions and can be taken back`() throws {
    var settlement = Settlement(currency: .usDollar)
    let one = AssetID.venue(venue: "a", code: "FLR")
    let two = AssetID.venue(venue: "b", code: "FLR")
    for (asset, account) in [(one, "a"), (two, "b")] {
      settlement.take(
        Holding(free: Quantity(.one)),
        for: HoldingKey(account: AccountID(named: account), asset: asset))
    }
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).positions.count == 2)
    var links = AssetLinks()
    try links.link(one, to: two)
    settlement.take(links)
    _ = settlement.settle(at: start)
    let joined = settlement.snapshot(at: start).positions
    #expect(joined.map(\.quantity.text) == ["2"])
    #expect(joined.first?.shares.count == 2)
    settlement.take(AssetLinks())
    _ = settlement.settle(at: start)
    #expect(settlement.snapshot(at: start).positions.count == 2)
  }
}

@Suite struct QuoteBoardTests {
  @Test func `a feed wins over a stated price, that over an own trade`() throws {
    let asset = AssetID.native(chain: "bitcoin")
    var board = QuoteBoard()
    let offers: [(String, QuoteSource, Int64, String)] = [
      ("1", .ownTrade, 0, "1"), ("2", .manual, 0, "2"), ("3", .ownTrade, 0, "2"),
      ("4", .feed("f"), 0, "4"), ("5", .manual, 0, "4"), ("6", .feed("f"), -1, "4"),
    ]
    for (price, source, seconds, counts) in offers {
      board.take(
        try quote(
          asset, price, .usDollar, at: start.advanced(bySeconds: seconds), source: source))
      let valuation = board.valuation(of: asset, in: .usDollar, at: start)
      #expect(valuation?.price.text == counts, "\(price)")
    }
  }

  @Test func `a price of nothing or less is no quote`() {
    for text in ["0", "-1"] {
      #expect(
        Quote(
          asset: .fiat(code: "EUR"), price: (try? Price(parsing: text)) ?? .zero,
          currency: .usDollar, time: start, source: .manual) == nil)
    }
  }

  @Test func `a currency costs one of itself and never turns stale`() throws {
    let valuation = try #require(
      QuoteBoard().valuation(of: .fiat(code: "USD"), in: .usDollar, at: start))
    #expect(valuation.price.text == "1")
    #expect(!valuation.isStale(at: Instant(microseconds: .max)))
    #expect(QuoteBoard().valuation(of: .fiat(code: "EUR"), in: .usDollar, at: start) == nil)
  }

  @Test func `a rate is used the other way round`() throws {
    var board = QuoteBoard()
    board.take(try quote(.fiat(code: "EUR"), "1.25", .usDollar))
    board.take(try quote(.native(chain: "bitcoin"), "50000", .usDollar))
    #expect(
      board.valuation(of: .native(chain: "bitcoin"), in: .euro, at: start)?.price.text == "40000")
  }
}

@Suite struct DemoTests {
  @Test func `the demonstration has 60 assets on 8 accounts and nothing below zero`() throws {
    let book = DemoBook()
    #expect(book.accounts.count == 8)
    let entries = book.facts.enumerated().map { number, fact in
      Entry(
        id: EntryID(high: 0, low: UInt64(number)), time: fact.time, kind: fact.kind,
        legs: fact.legs, origin: .byHand)
    }
    let table = try Holdings.rebuilt(from: entries).table
    let below = table.filter { $0.value.free.isNegative || $0.value.staked.isNegative }
    #expect(below.isEmpty, "\(below.keys.sorted())")
    let assets = Set(table.filter { !$0.value.isEmpty }.keys.map(\.asset))
    #expect(assets.subtracting([.fiat(code: "USD")]).count == 60)
    #expect(Set(table.keys.map(\.account)).count == 8)
  }

  @Test func `of what the demonstration holds one asset has no price and one an old one`() throws {
    let entries = DemoBook().facts.enumerated().map { number, fact in
      Entry(
        id: EntryID(high: 0, low: UInt64(number)), time: fact.time, kind: fact.kind,
        legs: fact.legs, origin: .byHand)
    }
    var settlement = Settlement(currency: .usDollar)
    for (key, holding) in try Holdings.rebuilt(from: entries).table {
      settlement.take(holding, for: key)
    }
    var market = MarketWalk()
    for quote in market.opening(at: start) { settlement.take(quote) }
    _ = settlement.settle(at: start)
    let states = Dictionary(grouping: settlement.settled, by: \.state).mapValues { $0.map(\.asset) }
    #expect(states[.unknown] == [MarketWalk.unpriced])
    #expect(states[.stale] == [MarketWalk.stale])
  }

  @Test func `the same seed gives the same book and the same prices`() {
    #expect(DemoBook().facts.map(\.legs) == DemoBook().facts.map(\.legs))
    var one = MarketWalk()
    var other = MarketWalk()
    let (first, second) = (one.opening(at: start), other.opening(at: start))
    #expect(first == second)
    for _ in 0..<200 {
      let (mine, others) = (one.next(8, at: start), other.next(8, at: start))
      #expect(mine == others)
    }
    var different = MarketWalk(seed: 2)
    let (mine, others) = (one.opening(at: start), different.opening(at: start))
    #expect(mine != others)
  }

  @Test func `prices move together, jump now and then, and stay above zero`() {
    var market = MarketWalk()
    var last: [AssetID: Double] = [:]
    var moves: [AssetID: [Double]] = [:]
    for _ in 0..<20_000 {
      for quote in market.next(8, at: start) {
        let price = quote.price.fixed.approximate
        #expect(price > 0)
        if let old = last[quote.asset] { moves[quote.asset, default: []].append(price / old - 1) }
        last[quote.asset] = price
      }
    }
    #expect(moves.count == 58)
    let largest = moves.values.flatMap { $0 }.map(abs).max() ?? 0
    #expect(largest > 0.02, "a jump was seen")
    #expect(largest < 0.31)
  }
}
