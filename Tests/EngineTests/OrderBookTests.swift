import Amounts
import Ledger
import Testing
import VenueKit
import Venues
import Wire

@testable import Engine
@testable import Simulator

/// Order books through the engine, from the streams of simulated venues.
@Suite struct OrderBookTests {
  private static let depth = 8
  private static let venues = ["binance", "bitfinex", "coinbase", "htx", "kraken"]

  private static func quote(_ venue: String) -> String { venue == "coinbase" ? "USD" : "USDT" }

  /// A book as a report has it.
  private struct Shown: Equatable {
    var state: String
    var rows: [[ReportCell]]
    var repairs: Int64

    init(_ report: Report) {
      if case .text(let word) = report["state"] { state = word } else { state = "" }
      rows = report.rows
      if case .integer(let count) = report["repairs"] { repairs = count } else { repairs = -1 }
    }
  }

  private func ask(_ engine: VirtualEngine, _ venue: String, id: UInt64 = 1) throws -> Report {
    let request = Request(
      "book", ["venue": venue, "market": "BTC/\(Self.quote(venue))", "levels": "\(Self.depth)"])
    guard case .report(_, let report)? = engine.answer(request, id: id) else {
      throw VenueFault.unsupported("no answer")
    }
    return report
  }

  /// Whether the rows are the venue's book as it was within the last seconds.
  private func isTrue(_ rows: [[ReportCell]], _ engine: VirtualEngine, _ venue: String) -> Bool {
    let last = SimulatedExchange.moment(engine.now)
    let first = SimulatedExchange.moment(engine.now.advanced(bySeconds: -3))
    return (first...last).reversed().contains { moment in
      guard
        let book = engine.truth(venue, "BTC", Self.quote(venue), moment: moment, depth: Self.depth)
      else { return false }
      let wanted = zip(book.bids, book.asks).map { bid, ask -> [ReportCell] in
        [.amount(bid.amount), .amount(bid.price), .amount(ask.price), .amount(ask.amount)]
      }
      return wanted == rows
    }
  }

  @Test(arguments: venues)
  func `a book is kept as the venue has it, without an account, while somebody looks`(
    venue: String
  ) throws {
    let engine = VirtualEngine([venue])
    let report = try ask(engine, venue)
    #expect(report["state"] == .text("live"), "\(report.facts)")
    #expect(report.rows.count == Self.depth && isTrue(report.rows, engine, venue))
    guard case .text(let market) = report["market"] else { return }
    engine.say(.look([Board.book(venue, market, levels: Self.depth)]))
    engine.run(seconds: 15)
    let boards = engine.heard().compactMap { message -> Report? in
      if case .board(_, let report) = message { return report }
      return nil
    }
    #expect(boards.count > 22 && boards.count <= 32, "\(boards.count)")
    #expect(Set(boards.suffix(20).map(\.rows)).count > 10)
    #expect(engine.openStreams == 1)
    // Nobody looks any more: it is kept for half a minute, and then no longer.
    engine.say(.look([]))
    engine.run(seconds: 25)
    #expect(engine.openStreams == 1)
    engine.run(seconds: 10)
    #expect(engine.openStreams == 0)
    #expect(engine.heard().isEmpty)
  }

  @Test(arguments: venues)
  func `with messages lost, cut, repeated and swapped, what is shown was true`(venue: String)
    throws
  {
    let engine = VirtualEngine([venue])
    let report = try ask(engine, venue)
    guard case .text(let market) = report["market"] else { return }
    engine.faults = FaultPlan(seed: 5)
    engine.faults.perThousand = [
      .dropRequest: 12, .duplicate: 20, .reorder: 12, .truncate: 8, .wrongSequence: 8,
      .disconnect: 4,
    ]
    engine.say(.look([Board.book(venue, market, levels: Self.depth)]))
    var seen: [String: Int] = [:]
    var last: Shown?
    for second in 0..<200 {
      if second == 150 { engine.faults = FaultPlan() }
      engine.run(seconds: 0.5)
      for case .board(_, let report) in engine.heard() {
        let shown = Shown(report)
        last = shown
        seen[shown.state, default: 0] += 1
        if shown.state == "live" {
          #expect(isTrue(shown.rows, engine, venue), "at \(second) of \(venue)")
        } else {
          #expect(shown.rows.isEmpty)
        }
      }
    }
    engine.run(seconds: 35)
    for case .board(_, let report) in engine.heard() { last = Shown(report) }
    #expect(seen["live", default: 0] > 20 && seen["repair", default: 0] > 0, "\(seen)")
    #expect(last?.state == "live" && last?.repairs ?? 0 > 2, "\(String(describing: last?.repairs))")
  }

  // A first state that is fetched is asked for by a call, and joined to what came meanwhile.
  @Test func `after a gap the book is thrown away and a new one is fetched and joined`() throws {
    let engine = VirtualEngine(["binance"])
    let report = try ask(engine, "binance")
    #expect(engine.calls.count { $0 == "depth" } == 1)
    guard case .text(let market) = report["market"] else { return }
    engine.say(.look([Board.book("binance", market, levels: Self.depth)]))
    engine.run(seconds: 2)
    _ = engine.heard()
    engine.faults = FaultPlan()
    engine.faults.script = [FaultPlan.Script(path: "stream", fault: .dropRequest)]
    engine.run(seconds: 5)
    var states: [String] = []
    for case .board(_, let report) in engine.heard() {
      let shown = Shown(report)
      if states.last != shown.state { states.append(shown.state) }
      if shown.state == "repair" {
        #expect(shown.rows.isEmpty && report["problem"] == .text("Changes were lost."))
      }
    }
    #expect(states == ["live", "repair", "live"] || states == ["repair", "live"], "\(states)")
    #expect(engine.calls.count { $0 == "depth" } == 2)
    #expect(engine.openings == 1)
  }

  @Test func `what cannot be shown is refused with a sentence`() throws {
    let engine = VirtualEngine(["kraken"])
    func refusal(_ arguments: [String: String], _ id: UInt64) -> Wire.Refusal? {
      guard case .refusal(_, let refusal)? = engine.answer(Request("book", arguments), id: id)
      else { return nil }
      return refusal
    }
    let market = refusal(["venue": "kraken", "market": "NO/SUCH"], 1)
    #expect(market?.code == .notFound && market?.message == "kraken has no market NO/SUCH")
    #expect(refusal(["venue": "nowhere", "market": "BTC/USD"], 2)?.code == .notFound)
    #expect(refusal(["venue": "kraken"], 3)?.code == .usage)
    let levels = ["venue": "kraken", "market": "BTC/USD", "levels": "0"]
    #expect(refusal(levels, 4)?.code == .usage)
    #expect(engine.openStreams == 0)
    let offline = VirtualEngine(["kraken"], mode: .init(isOffline: true))
    let asked = Request("book", ["venue": "kraken", "market": "BTC/USD"])
    guard case .refusal(_, let refusal)? = offline.answer(asked, id: 1) else {
      Issue.record("an answer without a network")
      return
    }
    #expect(refusal.code == .forbidden && offline.calls.isEmpty)
  }

  @Test func `a client that goes takes its books with it, and a second look costs no call`() throws
  {
    let engine = VirtualEngine(["kraken"])
    let report = try ask(engine, "kraken")
    let calls = engine.calls.count
    _ = try ask(engine, "kraken", id: 2)
    #expect(engine.calls.count == calls && engine.openings == 1)
    guard case .text(let market) = report["market"] else { return }
    engine.say(.look([Board.book("kraken", market, levels: 5)]))
    engine.run(seconds: 60)
    #expect(engine.openStreams == 1)
    engine.leave()
    engine.run(seconds: 35)
    #expect(engine.openStreams == 0)
  }

  // Bitso: books are read by a call only.
  @Test func `where no stream is read the book is fetched again and again while it is looked at`()
    throws
  {
    var desk = BookDesk(venues: .builtIn)
    let client = ClientID(number: 1)
    var now = Instant(seconds: 1_767_225_600)
    let word = MarketWord(venue: "bitso", market: "btc_usd")
    let market = Market(id: "btc_usd", base: "BTC", quote: "USD")
    let id = OrderBookID(venue: "bitso", market: "btc_usd")
    var wanted = desk.ask(word, levels: 3, client, 1, at: now) { _ in nil }
    guard case .markets("bitso")? = wanted.first else {
      Issue.record("\(wanted)")
      return
    }
    wanted = desk.take(markets: [market], of: "bitso", nil, at: now) { _ in nil }
    guard case .fetch(id, market)? = wanted.first else {
      Issue.record("\(wanted)")
      return
    }
    let level = BookLevel(Fixed(whole: 100), Fixed(whole: 2))
    let book = OrderBook(
      market: "", bids: [level], asks: [BookLevel(Fixed(whole: 101), Fixed(whole: 1))])
    wanted = desk.take(.success(book), of: id, at: now) { _ in nil }
    guard case .answer(client, 1, let report)? = wanted.first else {
      Issue.record("\(wanted)")
      return
    }
    #expect(report["state"] == .text("polled") && report.rows.count == 1)
    now = now.advanced(bySeconds: 5)
    wanted = desk.tick(at: now) { _ in nil }
    guard case .fetch(id, market)? = wanted.first else {
      Issue.record("\(wanted)")
      return
    }
    let fault = VenueFault.refused(VenueRefusal(.retryable, message: "busy"))
    _ = desk.take(.failure(fault), of: id, at: now) { _ in nil }
    let broken = desk.report(of: word, levels: 3) { _ in nil }
    #expect(broken["state"] == .text("repair") && broken.rows.isEmpty)
    now = now.advanced(bySeconds: 31)
    _ = desk.tick(at: now) { _ in nil }
    #expect(desk.ids.isEmpty)
  }
}
