import Amounts
import Encodings
import Foundation
import Ledger
import Testing
import VenueKit
import Venues

/// Says what a venue's market stream says to a keeper of its rules.
private struct Listening {
  let stream: VenueKit.Stream
  var keeper: BookKeeper
  var ask: Ask

  init(_ venue: String, _ name: String, market: String, memo: [String: String] = [:]) throws {
    let all = try #require(Venue.all.first { $0.id == venue })
    stream = try #require(all.streams.first { $0.name == name })
    keeper = BookKeeper(market: market, rules: try #require(stream.book))
    ask = Ask(now: Instant(seconds: 0))
    ask.accounts = memo
  }

  /// The outcomes of a message.
  mutating func hear(_ message: String) throws -> [BookOutcome] {
    let events = try stream.read(Node(try JSON.reading(Array(message.utf8))), ask)
    return events.compactMap { event in
      guard case .book(let change) = event else { return nil }
      return keeper.take(change)
    }
  }
}

/// Levels of texts.
private func levels(_ rows: [(String, String)]) throws -> [BookLevel] {
  try rows.map { BookLevel(try Fixed(parsing: $0.0), try Fixed(parsing: $0.1)) }
}

@Suite struct BookChecksums {
  // https://docs.kraken.com/api/docs/guides/spot-ws-book-v2, the example of the checksum
  static let kraken = """
    {"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[
    {"price":45283.5,"qty":0.10000000},{"price":45283.4,"qty":1.54582015},
    {"price":45282.1,"qty":0.10000000},{"price":45281.0,"qty":0.10000000},
    {"price":45280.3,"qty":1.54592586},{"price":45279.0,"qty":0.07990000},
    {"price":45277.6,"qty":0.03310103},{"price":45277.5,"qty":0.30000000},
    {"price":45277.3,"qty":1.54602737},{"price":45276.6,"qty":0.15445238}],"asks":[
    {"price":45285.2,"qty":0.00100000},{"price":45286.4,"qty":1.54571953},
    {"price":45286.6,"qty":1.54571109},{"price":45289.6,"qty":1.54560911},
    {"price":45290.2,"qty":0.15890660},{"price":45291.8,"qty":1.54553491},
    {"price":45294.7,"qty":0.04454749},{"price":45296.1,"qty":0.35380000},
    {"price":45297.5,"qty":0.09945542},{"price":45299.5,"qty":0.18772827}],
    "checksum":3310070434}]}
    """

  @Test func `kraken's example of a checksum fits`() throws {
    var listening = try Listening("kraken", "market", market: "XBTUSD")
    let outcomes = try listening.hear(Self.kraken)
    #expect(outcomes == [.changed])
    #expect(listening.keeper.isWhole)
    #expect(listening.keeper.book?.bids.count == 10)
    let best = try Fixed(parsing: "45285.2")
    #expect(listening.keeper.book?.asks.first?.price == best)
  }

  @Test func `kraken's example does not fit with an amount that differs by a hundred-millionth`()
    throws
  {
    var listening = try Listening("kraken", "market", market: "XBTUSD")
    let outcomes = try listening.hear(
      Self.kraken.replacingOccurrences(of: "0.18772827", with: "0.18772828"))
    #expect(outcomes == [.needsSnapshot(.checksum)])
    #expect(listening.keeper.book == nil)
  }

  @Test func `kraken's older example of a checksum fits`() throws {
    // https://docs.kraken.com/api/docs/guides/spot-ws-book-v1
    let asks = [
      "0.05005", "0.05010", "0.05015", "0.05020", "0.05025", "0.05030", "0.05035", "0.05040",
      "0.05045", "0.05050",
    ]
    let bids = [
      "0.05000", "0.04995", "0.04990", "0.04980", "0.04975", "0.04970", "0.04965", "0.04960",
      "0.04955", "0.04950",
    ]
    let sum = BookChecksum.bareDigits(levels: 10).sum(
      bids: try levels(bids.map { ($0, "0.00000500") }),
      asks: try levels(asks.map { ($0, "0.00000500") }), digits: BookDigits(price: 5, amount: 8))
    #expect(sum == 974_947_235)
  }

  // https://github.com/bitfinexcom/bitfinex-api-py/blob/25d7480/bfxapi/tests/test_ws_orderbook.py
  @Test func `the checksum of bitfinex's own client fits`() throws {
    var listening = try Listening("bitfinex", "market", market: "tXRPBTC", memo: Self.memo)
    let start = """
      [123,[[0.0000886,1,1060.55466114],[0.00008859,1,1000],[0.00008858,1,2713.47159343],
      [0.00008857,1,4276.92870916],[0.00008856,2,6764.75562319],[0.00008854,1,5641.48532401],
      [0.00008853,1,2255.92632223],[0.0000885,1,2256.69584601],[0.00008848,2,3630.3],
      [0.00008845,1,28195.70625766],[0.00008844,1,15571.7],[0.00008843,1,2500],
      [0.00008841,1,64196.16117814],[0.00008838,1,7500],[0.00008837,2,2764.12999012],
      [0.00008834,2,10886.476298],[0.00008831,1,20000],[0.0000883,1,1000],
      [0.00008829,2,2517.22175358],[0.00008828,1,450.45],[0.00008827,1,13000],
      [0.00008824,1,1500],[0.0000882,1,300],[0.00008817,1,3000],[0.00008816,1,100],
      [0.00008864,1,-481.8549041],[0.0000887,2,-2141.77009092],[0.00008871,1,-2256.45433182],
      [0.00008872,1,-2707.58122743],[0.00008874,1,-5640.31794092],[0.00008876,1,-29004.93294912],
      [0.00008878,1,-2500],[0.0000888,1,-20000],[0.00008881,2,-2880.15595827],
      [0.00008882,1,-27705.42933984],[0.00008883,1,-4509.83708214],[0.00008884,1,-1500],
      [0.00008885,1,-2500],[0.00008888,1,-902.91405442],[0.00008889,1,-900],[0.00008891,1,-7500],
      [0.00008894,1,-775.08564697],[0.00008896,1,-150],[0.00008899,3,-11628.02590049],
      [0.000089,2,-1299.7],[0.00008902,2,-4841.8],[0.00008904,3,-25320.46250083],
      [0.00008909,1,-14000],[0.00008913,1,-123947.999],[0.00008915,2,-28019.6]]]
      """
    let first = try listening.hear(start)
    #expect(first == [.unchanged])
    #expect(listening.keeper.book == nil)
    for change in ["0.00008915,0,-1", "0.00008837,1,56.54876269", "0.00008873,1,-15699.9"] {
      let outcomes = try listening.hear("[123,[\(change)]]")
      #expect(outcomes == [.unchanged])
    }
    let sum = try listening.hear(#"[123,"cs",30026640]"#)
    #expect(sum == [.changed])
    #expect(listening.keeper.book?.asks.count == 25)
    let wrong = try listening.hear(#"[123,"cs",30026641]"#)
    #expect(wrong == [.needsSnapshot(.checksum)])
    #expect(!listening.keeper.isWhole)
  }

  @Test func `prices below a millionth are summed with a power of ten`() throws {
    var listening = try Listening("bitfinex", "market", market: "tXRPBTC", memo: Self.memo)
    let start = """
      [123,[[0.00000121,5,249013.0209708],[0.0000012,6,518315.33310128],[0.00000119,4,566200.89],
      [0.00000118,2,260000],[0.00000117,1,100000],[0.00000116,2,160000],[0.00000114,1,60000],
      [0.00000113,2,198500],[0.00000112,1,60000],[0.0000011,1,60000],
      [0.00000106,2,113868.87735849],[0.00000105,2,105000],[0.00000103,1,3000],
      [0.00000102,2,105000],[0.00000101,2,202970],[0.000001,2,21000],[7e-7,1,10000],
      [6.6e-7,1,10000],[6e-7,1,100000],[4.9e-7,1,10000],[2.5e-7,1,2000],[6e-8,1,100000],
      [5e-8,1,200000],[1e-8,4,640000],[0.00000122,7,-312043.19],[0.00000123,6,-415094.8939744],
      [0.00000124,5,-348181.23],[0.00000125,1,-12000],[0.00000126,2,-143872.31],
      [0.00000127,1,-5000],[0.0000013,1,-5000],[0.00000134,1,-8249.18938656],
      [0.00000135,2,-230043.1337899],[0.00000136,1,-13161.25184766],[0.00000145,1,-2914],
      [0.0000015,3,-54448.5],[0.00000152,2,-5538.54849594],[0.00000153,1,-62691.75475079],
      [0.00000159,1,-2914],[0.0000016,1,-52631.10296831],[0.00000164,1,-4000],
      [0.00000166,1,-3831.46784605],[0.00000171,1,-14575.17730379],[0.00000174,1,-3124.81815395],
      [0.0000018,1,-18000],[0.00000182,1,-16000],[0.00000186,1,-4000],
      [0.00000189,1,-10000.686624],[0.00000191,1,-14500]]]
      """
    _ = try listening.hear(start)
    _ = try listening.hear("[123,[0.00000121,4,228442.6609708]]")
    _ = try listening.hear("[123,[0.00000121,6,304023.8109708]]")
    let sum = try listening.hear(#"[123,"cs",1770440002]"#)
    #expect(sum == [.changed])
  }

  static let memo = ["123": "book tXRPBTC"]
}

@Suite struct BookKeeping {
  private func change(
    _ covered: ClosedRange<Int64>?, previous: Int64? = nil, bids: [(String, String)] = [],
    asks: [(String, String)] = [], isSnapshot: Bool = false
  ) throws -> BookChange {
    BookChange(
      market: "M", isSnapshot: isSnapshot, bids: try levels(bids), asks: try levels(asks),
      sequence: covered, previous: previous)
  }

  private func fetched(_ number: Int64?) throws -> OrderBook {
    OrderBook(
      market: "", bids: try levels([("0.0024", "10")]), asks: try levels([("0.0026", "100")]),
      sequence: number)
  }

  // The numbers of the example at
  // https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams: U 157, u 160.
  @Test func `a change is joined to a fetched book where its first number is at most one more`()
    throws
  {
    let rules = BookRules(.counted, from: .call)
    let update = try change(157...160, bids: [("0.0024", "7")])
    let cases: [(Int64, BookOutcome, String?)] = [
      (155, .needsSnapshot(.gap), nil), (156, .changed, "7"), (159, .changed, "7"),
      (160, .changed, "10"),
    ]
    for (number, outcome, amount) in cases {
      var keeper = BookKeeper(market: "M", rules: rules)
      let asked = keeper.take(update)
      #expect(asked == .needsSnapshot(.missing))
      let again = keeper.take(update)
      #expect(again == .unchanged)
      let book = try fetched(number)
      let joined = keeper.join(book)
      #expect(joined == outcome, "book \(number)")
      #expect(keeper.book?.bids.first?.amount.text == amount, "book \(number)")
      #expect(keeper.isWhole == (amount != nil))
    }
  }

  // https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/
  // How-to-manage-a-local-order-book-correctly: U <= lastUpdateId <= u, then pu = u before. The
  // numbers are those of Diff-Book-Depth-Streams there: pu 149, U 157, u 160.
  @Test func `the first change after a fetched book covers its number, and later ones link`() throws
  {
    let rules = BookRules(.linkedAround, from: .call)
    let update = try change(157...160, previous: 149, bids: [("0.0024", "7")])
    let cases: [(Int64, Bool)] = [
      (148, false), (149, true), (150, false), (157, true), (160, true),
    ]
    for (number, isWhole) in cases {
      var keeper = BookKeeper(market: "M", rules: rules)
      _ = keeper.take(update)
      let book = try fetched(number)
      _ = keeper.join(book)
      #expect(keeper.isWhole == isWhole, "book \(number)")
      guard isWhole else { continue }
      #expect(keeper.book?.bids.first?.amount.text == "7")
      let next = try change(165...170, previous: 160, bids: [("0.0024", "8")])
      let followed = keeper.take(next)
      #expect(followed == .changed)
      let twice = keeper.take(next)
      #expect(twice == .unchanged)
      let far = try change(180...181, previous: 175, bids: [("0.0024", "9")])
      let lost = keeper.take(far)
      #expect(lost == .needsSnapshot(.gap))
      #expect(keeper.book == nil)
      let newer = try fetched(175)
      let healed = keeper.join(newer)
      #expect(healed == .changed)
      #expect(keeper.book?.bids.first?.amount.text == "9")
      #expect(keeper.book?.sequence == 181)
    }
  }

  // https://www.htx.com/support/900000047626: seqNum 100020146795 after 100020146794.
  @Test func `a stream's first state may come after changes that build on it`() throws {
    var listening = try Listening("htx", "book", market: "btcusdt")
    let update = """
      {"ch":"market.btcusdt.mbp.400","ts":1573199608679,"tick":{"seqNum":100020146795,
      "prevSeqNum":100020146794,"bids":[[618.37,5]],"asks":[]}}
      """
    let early = try listening.hear(update)
    #expect(early == [.unchanged])
    let whole = try listening.hear(
      """
      {"id":"1","rep":"market.btcusdt.mbp.400","status":"ok","data":{"seqNum":100020146794,
      "bids":[[618.37,71.594],[423.33,77.726]],"asks":[[650.59,14.909733438479636]]}}
      """)
    #expect(whole == [.changed])
    #expect(listening.keeper.book?.bids.first?.amount == Fixed(whole: 5))
    let twice = try listening.hear(update)
    #expect(twice == [.unchanged])
    let far = try listening.hear(
      update.replacingOccurrences(of: "10002014679", with: "10002014779"))
    #expect(far == [.needsSnapshot(.gap)])
  }

  @Test func `a level that comes before another goes does not push out the last one`() throws {
    let sum = BookChecksum.signedPairs(levels: 2)
    let rules = BookRules(
      .none, from: .stream, window: 2, checksum: sum, isSummedApart: true)
    var keeper = BookKeeper(market: "M", rules: rules)
    let start = try change(nil, bids: [("10", "1"), ("9", "1")], isSnapshot: true)
    _ = keeper.take(start)
    for bid in [("11", "1"), ("10", "0")] {
      let level = try change(nil, bids: [bid])
      _ = keeper.take(level)
    }
    var checked = try change(nil)
    let left = try levels([("11", "1"), ("9", "1")])
    checked.checksum = sum.sum(bids: left, asks: [], digits: BookDigits())
    let outcome = keeper.take(checked)
    #expect(outcome == .changed)
    #expect(keeper.book?.bids == left)
  }

  @Test func `a book whose sides cross is not whole`() throws {
    var keeper = BookKeeper(market: "M", rules: BookRules(.counted, from: .stream))
    let start = try change(1...1, bids: [("10", "1")], asks: [("11", "1")], isSnapshot: true)
    let first = keeper.take(start)
    #expect(first == .changed)
    let crossing = try change(2...2, bids: [("11", "1")])
    let crossed = keeper.take(crossing)
    #expect(crossed == .needsSnapshot(.crossed))
    #expect(!keeper.isWhole)
  }

  @Test(arguments: ["-1", "0"])
  func `a price that no book has is refused`(_ price: String) throws {
    var keeper = BookKeeper(market: "M", rules: BookRules(.none, from: .stream))
    let start = try change(nil, bids: [(price, "1")], isSnapshot: true)
    let outcome = keeper.take(start)
    #expect(outcome == .needsSnapshot(.malformed))
  }

  @Test func `where the venue counts, what has no number is not joined`() throws {
    var keeper = BookKeeper(market: "M", rules: BookRules(.counted, from: .call))
    let book = try fetched(nil)
    let unjoined = keeper.join(book)
    #expect(unjoined == .needsSnapshot(.unnumbered))
    let numbered = try fetched(5)
    _ = keeper.join(numbered)
    let bare = try change(nil, bids: [("0.0023", "1")])
    let outcome = keeper.take(bare)
    #expect(outcome == .needsSnapshot(.unnumbered))
  }

  @Test func `numbers at the ends of their range do no harm`() throws {
    var keeper = BookKeeper(market: "M", rules: BookRules(.counted, from: .stream))
    let low = try change(
      .min ... .min, bids: [("10", "1")], asks: [("11", "1")], isSnapshot: true)
    _ = keeper.take(low)
    let all = try change(.min ... .max, bids: [("9", "1")])
    let outcome = keeper.take(all)
    #expect(outcome == .changed)
    let again = keeper.take(all)
    #expect(again == .unchanged)
    var shelf = BookShelf(rules: Self.numbered, markets: ["M"])
    let places = try ["-9223372036854775808", "9223372036854775807"].map { number in
      shelf.hear(Node(try JSON.reading(Array(#"{"n":\#(number)}"#.utf8))))
    }
    #expect(places == [.next, .gap])
  }

  @Test func `a book known in part is got anew before its known part runs out`() throws {
    var keeper = BookKeeper(market: "M", rules: BookRules(.counted, from: .call), depth: 8)
    let asks = (11...20).map { ("\($0)", "1") }
    let book = OrderBook(market: "M", bids: [], asks: try levels(asks), sequence: 1)
    _ = keeper.join(book, limit: 100)
    // What is beyond the eight kept is not known, so a level there is none that can be shown.
    #expect(keeper.book?.asks.count == 8)
    let beyond = try change(2...2, asks: [("30", "1"), ("18", "0")])
    let passed = keeper.take(beyond)
    #expect(passed == .changed)
    #expect(keeper.book?.asks.count == 7)
    let most = try change(3...3, asks: (11...15).map { ("\($0)", "0") })
    let few = keeper.take(most)
    #expect(few == .changed)
    #expect(keeper.book?.asks.map(\.price.text) == ["16", "17"])
    let last = try change(4...4, asks: [("16", "0")])
    let thin = keeper.take(last)
    #expect(thin == .needsSnapshot(.thin))
  }

  @Test func `held changes are bounded by count and by size`() throws {
    var keeper = BookKeeper(market: "M", rules: BookRules(.counted, from: .call))
    for number in 1...Int64(3 * BookKeeper.heldMost) {
      let next = try change(number...number, bids: [("10", "\(number)")])
      _ = keeper.take(next)
    }
    #expect(keeper.heldCount == BookKeeper.heldMost)
    let wide = (1...(BookKeeper.heldLevelsMost / 4)).map { ("\($0)", "1") }
    for number in 5_000...5_020 as ClosedRange<Int64> {
      let next = try change(number...number, bids: wide)
      _ = keeper.take(next)
    }
    #expect(keeper.heldCount == 4)
    // The oldest are gone, so a book before them has a gap, and one among them has none.
    let old = try fetched(5_000)
    let joined = keeper.join(old)
    #expect(joined == .needsSnapshot(.gap))
  }

  static let numbered = BookRules(
    .none, from: .stream, number: { try? $0.optionalInteger("n") })

  @Test func `a message lost on a connection is lost to all its books`() throws {
    // https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
    let venue = try #require(Venue.all.first { $0.id == "coinbase" })
    let stream = try #require(venue.streams.first { $0.name == "market" })
    var shelf = BookShelf(rules: try #require(stream.book), markets: ["BTC-USD", "ETH-USD"])
    func message(_ number: Int, _ market: String, _ type: String, _ amount: String) throws -> Node {
      let text = """
        {"channel":"l2_data","sequence_num":\(number),"events":[{"type":"\(type)",
        "product_id":"\(market)","updates":[{"side":"bid","event_time":"2023-02-09T20:32:50Z",
        "price_level":"21921.73","new_quantity":"\(amount)"}]}]}
        """
      return Node(try JSON.reading(Array(text.utf8)))
    }
    func hear(_ node: Node) throws -> BookShelf.Place {
      let place = shelf.hear(node)
      guard place != .repeated else { return place }
      for case .book(let change) in try stream.read(node, Ask(now: Instant(seconds: 0))) {
        _ = shelf.take(change)
      }
      return place
    }
    let first = try hear(try message(0, "BTC-USD", "snapshot", "1"))
    let second = try hear(try message(1, "ETH-USD", "snapshot", "2"))
    #expect([first, second] == [.next, .next])
    #expect(shelf["BTC-USD"]?.isWhole == true && shelf["ETH-USD"]?.isWhole == true)
    let repeated = try hear(try message(1, "ETH-USD", "update", "9"))
    #expect(repeated == .repeated)
    #expect(shelf["ETH-USD"]?.book?.bids.first?.amount == Fixed(whole: 2))
    let lost = try hear(try message(3, "ETH-USD", "update", "3"))
    #expect(lost == .gap)
    #expect(shelf["BTC-USD"]?.book == nil && shelf["ETH-USD"]?.book == nil)
  }

  // SEQ_ALL and OB_CHECKSUM, https://docs.bitfinex.com/docs/ws-general.
  @Test(arguments: [
    (#"[7,[1,1,1],4]"#, 4), (#"[7,[[1,1,1]],4]"#, 4), (#"[7,"hb",5]"#, 5),
    (#"[7,"cs",-99,6]"#, 6), (#"[7,"te",[1,2,3,4],7]"#, 7), (#"[7,"cs",-99]"#, nil),
    (#"[7,"hb"]"#, nil), (#"[7,[1,1,1]]"#, nil), (#"{"event":"info","version":2}"#, nil),
  ])
  func `bitfinex's number of a message is what follows its content`(
    _ message: String, _ number: Int64?
  ) throws {
    let venue = try #require(Venue.all.first { $0.id == "bitfinex" })
    let rules = try #require(venue.streams.first { $0.name == "market" }?.book)
    #expect(rules.number(Node(try JSON.reading(Array(message.utf8)))) == number)
  }
}

@Suite struct PairChecksums {
  private func level(_ price: String, _ amount: String) throws -> BookLevel {
    BookLevel(try Fixed(parsing: price), try Fixed(parsing: amount))
  }

  // https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel: of bids
  // 3366.1 and 3366 and asks 3366.8 and 3368 the text is `3366.1:7:3366.8:9:3366:6:3368:8`; its
  // CRC-32 is zlib's.
  @Test func `OKX's example gives the sum of its text`() throws {
    let bids = [try level("3366.1", "7"), try level("3366", "6")]
    let asks = [try level("3366.8", "9"), try level("3368", "8")]
    let sum = BookChecksum.plainPairs(levels: 25).sum(
      bids: bids, asks: asks, digits: BookDigits(price: 1, amount: 0))
    #expect(sum == -1881014294)
  }

  // https://www.bitget.com/api-doc/spot/websocket/public/Depth-Channel: the numbers of its example,
  // written as there: `26274.8:0.0009:26274.9:0.0009:26274.7:0.0027:26275.0:0.0500`.
  @Test func `numbers keep the zeros at their ends where the venue writes them`() throws {
    let bids = [try level("26274.8", "0.0009"), try level("26274.7", "0.0027")]
    let asks = [try level("26274.9", "0.0009"), try level("26275", "0.05")]
    let sum = BookChecksum.paddedPairs(levels: 25).sum(
      bids: bids, asks: asks, digits: BookDigits(price: 1, amount: 4))
    #expect(sum == -1879340076)
  }

  @Test func `a sum that may be left out is checked where it is there`() throws {
    let rules = BookRules(
      .none, from: .stream, checksum: .plainPairs(levels: 25), isSumOptional: true)
    var keeper = BookKeeper(market: "M", rules: rules)
    let bids = [try level("3366.1", "7"), try level("3366", "6")]
    let asks = [try level("3366.8", "9"), try level("3368", "8")]
    var first = BookChange(market: "M", isSnapshot: true, bids: bids, asks: asks)
    let without = keeper.take(first)
    #expect(without == .changed)
    first.checksum = -1881014294
    let right = keeper.take(first)
    #expect(right == .changed)
    first.checksum = 1
    let wrong = keeper.take(first)
    #expect(wrong == .needsSnapshot(.checksum))
  }
}
