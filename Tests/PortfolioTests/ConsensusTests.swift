import Amounts
import Ledger
import Portfolio
import Prices
import Simulator
import Testing

@Suite struct ConsensusTests {
  let bitcoin = AssetID.native(chain: "bitcoin")

  /// What feeds named in order say, all at once.
  func board(_ prices: [String], at time: Instant = start) throws -> QuoteBoard {
    var board = QuoteBoard()
    for (index, price) in prices.enumerated() {
      board.take(try quote(bitcoin, price, .usDollar, at: time, source: .feed("f\(index)")))
    }
    return board
  }

  @Test(arguments: [
    (["100"], "100", Confidence.single, 0),
    (["100", "101"], "100.5", .agreed, 0),
    (["100", "101", "99"], "100", .agreed, 0),
    // One feed with a wrong digit is left out, whichever way it errs.
    (["100", "101", "1000"], "100.5", .agreed, 1),
    (["100", "101", "10"], "100.5", .agreed, 1),
    (["100", "101", "99", "1", "9999"], "100", .agreed, 2),
    // Two that contradict each other: nobody knows.
    (["100", "110"], "105", .disputed, 0),
    (["100", "100", "110", "110"], "105", .disputed, 0),
  ])
  func `feeds that agree outvote the others`(
    prices: [String], price: String, confidence: Confidence, rejected: Int
  ) throws {
    let board = try board(prices)
    let valuation = try #require(board.valuation(of: bitcoin, in: .usDollar, at: start))
    #expect(valuation.price.text == price)
    #expect(valuation.confidence == confidence)
    #expect(valuation.rejected.count == rejected)
    var counted = try prices.map { try Price(parsing: $0) }
    if confidence != .disputed {
      counted = counted.filter { Consensus.agree($0, valuation.price) }
    }
    #expect(valuation.low == counted.min())
    #expect(valuation.high == counted.max())
  }

  @Test func `a price crossed at a rate counts half as much as a direct one`() throws {
    var board = try board(["100"])
    board.take(try quote(bitcoin, "101", .euro, source: .feed("a")))
    board.take(try quote(.fiat(code: "EUR"), "1", .usDollar, source: .feed("a")))
    let valuation = try #require(board.valuation(of: bitcoin, in: .usDollar, at: start))
    // Weights 2 and 1: half of the weight lies within the direct one.
    #expect(valuation.price.text == "100")
    #expect(valuation.confidence == .agreed)
    #expect(valuation.sourceText == "feed:a+feed:a,feed:f0")
  }

  @Test func `two currencies of one venue are one source`() throws {
    var board = QuoteBoard()
    board.take(try quote(bitcoin, "100", .usDollar, source: .feed("a")))
    board.take(try quote(bitcoin, "100", .euro, source: .feed("a")))
    board.take(try quote(.fiat(code: "EUR"), "1", .usDollar, source: .feed("a")))
    let valuation = board.valuation(of: bitcoin, in: .usDollar, at: start)
    #expect(valuation?.confidence == .single)
  }

  @Test func `a stablecoin is worth what the market says`() throws {
    var board = QuoteBoard()
    let tether = try #require(Currency("USDT"))
    board.take(try quote(QuoteBoard.asset(of: tether), "0.97", .usDollar))
    board.take(try quote(bitcoin, "100", tether))
    #expect(board.valuation(of: bitcoin, in: .usDollar, at: start)?.price.text == "97")
  }

  @Test func `a source that went silent no longer counts`() throws {
    var board = try board(["100"])
    let later = start.advanced(bySeconds: 50)
    board.take(try quote(bitcoin, "102", .usDollar, at: later, source: .feed("b")))
    let both = board.valuation(of: bitcoin, in: .usDollar, at: later)
    #expect(both?.price.text == "101")
    #expect(both?.changesAt == start.advanced(bySeconds: 60))
    let one = board.valuation(of: bitcoin, in: .usDollar, at: start.advanced(bySeconds: 61))
    #expect(one?.price.text == "102")
    #expect(one?.confidence == .single)
    let none = board.valuation(of: bitcoin, in: .usDollar, at: start.advanced(bySeconds: 200))
    #expect(none?.price.text == "101")
    #expect(none?.confidence == .stale)
  }

  @Test func `a price stated after the feeds went silent counts`() throws {
    var board = try board(["100"])
    let later = start.advanced(bySeconds: 300)
    board.take(try quote(bitcoin, "90", .usDollar, at: later, source: .manual))
    let valuation = board.valuation(of: bitcoin, in: .usDollar, at: later)
    #expect(valuation?.price.text == "90")
    #expect(valuation?.confidence == .stated)
  }

  @Test func `the settlement changes by itself when one of two sources grows old`() throws {
    var settlement = Settlement(currency: .usDollar)
    settlement.take(
      Holding(free: Quantity(.one)),
      for: HoldingKey(account: AccountID(named: "a"), asset: bitcoin))
    settlement.take(try quote(bitcoin, "100", .usDollar, source: .feed("a")))
    let later = start.advanced(bySeconds: 50)
    settlement.take(try quote(bitcoin, "102", .usDollar, at: later, source: .feed("b")))
    _ = settlement.settle(at: later)
    let due = start.advanced(bySeconds: 60)
    #expect(settlement.nextStale(after: later) == due)
    let next = settlement.settle(at: due.advanced(bySeconds: 1))
    let change = try #require(next)
    #expect(change.totals.value.text == "102")
    #expect(change.changed.first?.price?.confidence == .single)
  }

  @Test func `sources that contradict each other give the total a range`() throws {
    var settlement = Settlement(currency: .usDollar)
    for (name, quantity) in [("a", Int64(3)), ("b", -1)] {
      settlement.take(
        Holding(free: Quantity(Fixed(whole: quantity))),
        for: HoldingKey(account: AccountID(named: name), asset: bitcoin))
    }
    let owed = AssetID.native(chain: "ethereum")
    settlement.take(
      Holding(free: Quantity(Fixed(whole: -1))),
      for: HoldingKey(account: AccountID(named: "a"), asset: owed))
    for (asset, price, feed) in [
      (bitcoin, "100", "a"), (bitcoin, "110", "b"), (owed, "10", "a"), (owed, "20", "b"),
    ] {
      settlement.take(try quote(asset, price, .usDollar, source: .feed(feed)))
    }
    let change = settlement.settle(at: start)
    let totals = try #require(change).totals
    #expect(totals.disputed == 2)
    #expect(totals.state == .disputed)
    // Two bitcoins at 105, less one ether at 15; of what is owed the most is the least.
    #expect(totals.value.text == "195")
    #expect(totals.low.text == "180")
    #expect(totals.high.text == "210")
  }
}

@Suite struct JumpTests {
  let bitcoin = AssetID.native(chain: "bitcoin")

  /// A board that hears of prices at seconds; the feed is a letter.
  func board(_ said: [(feed: String, price: String, second: Int64)]) throws -> QuoteBoard {
    var board = QuoteBoard()
    for one in said {
      board.take(
        try quote(
          bitcoin, one.price, .usDollar, at: start.advanced(bySeconds: one.second),
          source: .feed(one.feed)))
    }
    return board
  }

  func valuation(
    _ said: [(feed: String, price: String, second: Int64)], at second: Int64
  ) throws -> Valuation {
    let now = start.advanced(bySeconds: second)
    let board = try board(said)
    return try #require(board.valuation(of: bitcoin, in: .usDollar, at: now))
  }

  @Test func `a lonely jump is disputed until the source has insisted`() throws {
    var said = [(feed: "a", price: "100", second: Int64(0)), ("a", "1000", 1)]
    let first = try valuation(said, at: 1)
    #expect(first.price.text == "100")
    #expect(first.high.text == "1000")
    #expect(first.confidence == .disputed)
    said += [("a", "1001", 10), ("a", "1002", 20)]
    #expect(try valuation(said, at: 20).price.text == "100", "three times, not long enough")
    said += [("a", "1003", 31)]
    let last = try valuation(said, at: 31)
    #expect(last.price.text == "1003")
    #expect(last.confidence == .single)
  }

  @Test func `a wrong digit that goes away leaves no trace`() throws {
    let said = [
      (feed: "a", price: "100", second: Int64(0)), ("a", "1000", 1), ("a", "100.5", 2),
    ]
    let valuation = try valuation(said, at: 2)
    #expect(valuation.price.text == "100.5")
    #expect(valuation.confidence == .single)
  }

  @Test func `a crash that two venues see is believed at once`() throws {
    let said = [
      (feed: "a", price: "100", second: Int64(0)), ("b", "100", 0), ("a", "80", 1),
      ("b", "80.5", 2),
    ]
    let before = try valuation(Array(said.prefix(3)), at: 1)
    #expect(before.price.text == "100")
    let after = try valuation(said, at: 2)
    #expect(after.price.text == "80.25")
    #expect(after.confidence == .agreed)
  }

  @Test func `after a long pause any price is possible`() throws {
    let said = [(feed: "a", price: "100", second: Int64(0)), ("a", "10", 601)]
    #expect(try valuation(said, at: 601).price.text == "10")
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `one wild feed among three never moves the price`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var board = QuoteBoard()
    for step in 0..<200 {
      let now = start.advanced(bySeconds: Int64(step))
      let wild = Int64.random(in: 1...10_000, using: &generator)
      for (feed, price) in [("a", "1000"), ("b", "1001"), ("c", "\(wild)")] {
        board.take(try quote(bitcoin, price, .usDollar, at: now, source: .feed(feed)))
      }
      let valuation = try #require(board.valuation(of: bitcoin, in: .usDollar, at: now))
      #expect(valuation.price >= (try Price(parsing: "980")), "SEED=\(seed)")
      #expect(valuation.price <= (try Price(parsing: "1021")), "SEED=\(seed)")
    }
  }
}
