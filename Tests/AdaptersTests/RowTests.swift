import Amounts
import Cipher
import Encodings
import Ledger
import Testing
import VenueKit

/// The rows of an adapter, read without a program.
@Suite struct AdapterRows {
  static let venue = Venue.adapter(
    AdapterManifest(
      id: "fake", name: "Fake", limits: Limits([]),
      feeds: AdapterFeed.Method.allCases.map { AdapterFeed($0) }))

  /// What comes of an answer: how many rows of one method, or the place of the first fault.
  private func read<Row>(_ feed: Feed<Row>?, _ text: String) throws -> [Row] {
    let ask = Ask(now: now)
    let feed = try #require(feed)
    let call = try #require(try feed.calls(ask).first)
    return try feed.read(
      try AdapterRows.venue.answer(
        ask, call, IncomingAnswer(status: 200, body: Array(text.utf8))))
  }

  private func place<Row>(_ feed: Feed<Row>?, _ text: String) -> String {
    do {
      _ = try read(feed, text)
      return "none"
    } catch VenueFault.malformed(let path, _) {
      return path
    } catch {
      return "\(error)"
    }
  }

  /// One row with every documented member of each method (coffer-adapter(5)).
  static let full: [AdapterFeed.Method: String] = [
    .balances: #"{"asset":"BTC","free":"1.5","used":"0.5","total":"2","part":"margin"}"#,
    .fills:
      #"{"id":"f","order":"o","time":1736500000000000,"market":"BTC-EUR","side":"sell","price":"90000","amount":"0.1","cost":"9000","fees":[{"asset":"EUR","amount":"-1"}],"isMaker":true,"part":"spot","realised":{"asset":"EUR","amount":"5"}}"#,
    .deposits:
      #"{"id":"d","time":"2025-01-10T09:06:40Z","asset":"BTC","amount":"1","status":"pending","isFeeInside":true,"fee":{"asset":"BTC","amount":"0.1"},"network":"bitcoin","address":"a","tag":"t","transactionHash":"h"}"#,
    .withdrawals: #"{"id":"w","time":1736500000000000,"asset":"BTC","amount":1,"status":"ok"}"#,
    .statement:
      #"{"id":"s","time":1736500000000000,"asset":"BTC","amount":"-1","kind":"fee","type":"X","reference":"r","fee":{"asset":"BTC","amount":"0"},"after":"3","part":"earn","isToldElsewhere":false}"#,
    .positions:
      #"{"market":"BTC-PERP","isLong":false,"contracts":"3","contractSize":"0.01","entryPrice":"9","markPrice":"8","liquidationPrice":"20","unrealised":"-1","leverage":"2","margin":"4","isIsolated":true,"time":1736500000000000,"part":"inverse"}"#,
    .markets:
      #"{"id":"BTC-PERP","base":"BTC","quote":"USD","settle":"BTC","kind":"swap","isActive":true,"contractSize":"1","amountStep":"1","priceStep":"0.5","amountMin":"1","amountMax":"9","costMin":"5","expiry":"2030-01-01T00:00:00Z","strike":"1","alias":"PF"}"#,
    .tickers:
      #"{"market":"BTC-EUR","time":1736500000000000,"last":"1","bid":"1","ask":"1","high":"1","low":"1","open":"1","baseVolume":"1","quoteVolume":"1"}"#,
    .rights:
      #"{"canRead":true,"canTrade":false,"canWithdraw":true,"addresses":["127.0.0.1"],"expires":"2030-01-01T00:00:00Z","made":1736500000000000}"#,
  ]

  private func answer(_ rows: String) -> String { #"{"id":2,"rows":[\#(rows)],"next":null}"# }

  /// How a text is read by the feed of a method: the number of rows, or the place of the fault.
  private func outcome(_ method: AdapterFeed.Method, _ text: String) -> String {
    let feeds = AdapterRows.venue.feeds
    return switch method {
    case .balances: place(feeds.balances.first, text)
    case .fills: place(feeds.fills.first, text)
    case .deposits: place(feeds.deposits.first, text)
    case .withdrawals: place(feeds.withdrawals.first, text)
    case .statement: place(feeds.statement.first, text)
    case .positions: place(feeds.positions.first, text)
    case .markets: place(feeds.markets.first, text)
    case .tickers: place(feeds.tickers.first, text)
    case .rights: place(feeds.rights, text)
    }
  }

  @Test(arguments: AdapterFeed.Method.allCases)
  func `every documented member is read`(method: AdapterFeed.Method) throws {
    let row = try #require(AdapterRows.full[method])
    let outcome = outcome(method, answer(row))
    #expect(outcome == "none")
    let misspelt = self.outcome(method, answer(row.dropLast() + #","extra":1}"#))
    #expect(misspelt == "$.rows[0].extra")
  }

  @Test func `values are those that were written`() throws {
    let full = AdapterRows.full
    let feeds = AdapterRows.venue.feeds
    let fill = try #require(try read(feeds.fills.first, answer(full[.fills] ?? "")).first)
    #expect(fill.time == now)
    #expect(fill.side == .sell)
    #expect(fill.amount.text == "0.1")
    #expect(fill.fees.map(\.amount.text) == ["-1"])
    let deposit = try #require(try read(feeds.deposits.first, answer(full[.deposits] ?? "")).first)
    // 2025-01-10T09:06:40Z is 1736500000 (date -u -d @1736500000).
    #expect(deposit.time == now)
    #expect(deposit.direction == .deposit)
    #expect(deposit.status == .pending)
    let position = try #require(
      try read(feeds.positions.first, answer(full[.positions] ?? "")).first)
    #expect(position.part == .inverse)
    #expect(position.unrealised?.text == "-1")
    let rights = try #require(try read(feeds.rights, answer(full[.rights] ?? "")).first)
    #expect(rights.canWithdraw == true)
  }

  @Test(arguments: ["1736500000", "1736500000000", "1736500000000000000", "\"10.01.2025\"", "-1"])
  func `a time in another unit is refused, not taken for 1970`(time: String) {
    let row = #"{"id":"w","time":\#(time),"asset":"BTC","amount":1,"status":"ok"}"#
    let outcome = outcome(.withdrawals, answer(row))
    #expect(outcome == "$.rows[0].time")
  }

  @Test(arguments: [
    ("amount", #"{"id":"w","time":1736500000000000,"asset":"BTC","amount":"-1","status":"ok"}"#),
    ("status", #"{"id":"w","time":1736500000000000,"asset":"BTC","amount":"1","status":"done"}"#),
    ("id", #"{"time":1736500000000000,"asset":"BTC","amount":"1","status":"ok"}"#),
  ])
  func `what is doubtful is a fault at its place`(member: String, row: String) {
    let outcome = outcome(.withdrawals, answer(row))
    #expect(outcome == "$.rows[0].\(member)")
  }

  @Test(arguments: AdapterFeed.Method.allCases)
  func `answers with bytes changed give a value or a fault`(method: AdapterFeed.Method) throws {
    let text = Array(answer(try #require(AdapterRows.full[method])).utf8)
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let bytes = Array(#"0123456789-+eE.,:[]{}"\x"#.utf8) + [0, 0xFF]
    for _ in 0..<500 {
      var changed = text
      for _ in 0...next(3) { changed[next(changed.count)] = bytes[next(bytes.count)] }
      if next(4) == 0 { changed.removeLast(next(changed.count)) }
      // It comes back at all: nothing traps.
      let outcome = outcome(method, String(decoding: changed, as: UTF8.self))
      #expect(!outcome.isEmpty)
    }
  }

  @Test func `no call of an adapter becomes a request of the network`() throws {
    let ask = Ask(now: now)
    let feed = try #require(AdapterRows.venue.feeds.balances.first)
    let call = try #require(try feed.calls(ask).first)
    var fault: VenueFault?
    do throws(VenueFault) {
      _ = try AdapterRows.venue.request(
        call, credentials: .none,
        moment: Moment(time: now, uuid: ""), tools: .openSSL)
    } catch {
      fault = error
    }
    #expect(fault == .unsupported("sending an adapter's call over the network"))
  }
}
