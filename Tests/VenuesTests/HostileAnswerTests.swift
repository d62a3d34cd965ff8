import Encodings
import Foundation
import Ledger
import TestSupport
import Testing
import VenueKit
import Venues

/// A feed with its row's type hidden.
struct AnyFeed {
  let calls: (Ask) throws -> [Call]
  let read: (Answer) throws -> Int
  let next: (Answer) throws -> String?

  init<Row>(_ feed: Feed<Row>) {
    calls = { try feed.calls($0) }
    read = { try feed.read($0).count }
    next = { try feed.next($0) }
  }

  static func all(of venue: Venue) -> [AnyFeed] {
    let feeds = venue.feeds
    var all = feeds.balances.map { AnyFeed($0) } + feeds.fills.map { AnyFeed($0) }
    all += (feeds.deposits + feeds.withdrawals + feeds.transfers).map { AnyFeed($0) }
    all += feeds.statement.map { AnyFeed($0) } + feeds.positions.map { AnyFeed($0) }
    all += feeds.markets.map { AnyFeed($0) } + feeds.assets.map { AnyFeed($0) }
    all += feeds.tickers.map { AnyFeed($0) } + feeds.candles.map { AnyFeed($0) }
    all += feeds.trades.map { AnyFeed($0) } + feeds.books.map { AnyFeed($0) }
    all += (feeds.openOrders + feeds.closedOrders).map { AnyFeed($0) }
    all += [feeds.clock.map { AnyFeed($0) }, feeds.rights.map { AnyFeed($0) }].compactMap { $0 }
    all += [feeds.accounts.map { AnyFeed($0) }].compactMap { $0 }
    if let desk = venue.desk {
      all += [desk.place, desk.cancel, desk.find, desk.open].map { AnyFeed($0) }
    }
    return all
  }
}

/// Answers that no venue should send: each gives rows or a fault with its place, never a trap.
@Suite struct HostileAnswers {
  static let seed = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 20_261_121

  /// Bodies of the venue's own fixtures.
  static func bodies(of id: String) throws -> [JSON] {
    let file = Cases.own.appending(path: "\(id)/\(id).json")
    guard let data = try? Data(contentsOf: file) else { return [] }
    let node = Node(try JSON.reading(Array(data)))
    var bodies: [JSON] = []
    for part in ["responses", "records"] {
      for item in try node[part].optionalElements() {
        if let raw = item["raw"].json { bodies.append(raw) }
      }
    }
    return bodies
  }

  @Test(arguments: Venue.all.map(\.id))
  func `mutated answers give rows or a fault`(id: String) throws {
    let venue = try #require(Venue.named(id))
    var generator = Seeded(Self.seed)
    let bodies = try Self.bodies(of: id)
    try #require(bodies.count > 0)
    let feeds = AnyFeed.all(of: venue)
    var ask = Ask(now: Instant(seconds: 1_735_689_600))
    ask.market = Market(id: "BTCUSDT", base: "BTC", quote: "USDT")
    let call = Call("public", "GET", "x")
    var outcomes = 0
    for round in 0..<300 {
      var body = bodies[round % bodies.count]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        body = body.mutated(using: &generator, depth: 0)
      }
      let incoming = IncomingAnswer(status: 200, body: Array(body.text.utf8))
      guard let answer = try? venue.answer(ask, call, incoming) else {
        outcomes += 1
        continue
      }
      for feed in feeds {
        _ = try? feed.read(answer)
        _ = try? feed.next(answer)
      }
      outcomes += 1
    }
    #expect(outcomes == 300, "SEED=\(Self.seed)")
  }

  @Test(arguments: Venue.all.map(\.id))
  func `a page of a proxy, an empty body and a cut one are faults, not empty successes`(
    id: String
  ) throws {
    let venue = try #require(Venue.named(id))
    let ask = Ask(now: Instant(seconds: 1_735_689_600))
    let call = Call("public", "GET", "x")
    for (status, text) in [
      (200, "<!DOCTYPE html><html><body>Checking your browser</body></html>"), (200, ""),
      (200, "{\"result\":[{\"id\":1"), (502, "<html>Bad Gateway</html>"), (503, ""),
    ] {
      #expect(throws: VenueFault.self) {
        _ = try venue.answer(ask, call, IncomingAnswer(status: status, body: Array(text.utf8)))
      }
    }
    do {
      let page = Array("<html>Bad Gateway</html>".utf8)
      _ = try venue.answer(ask, call, IncomingAnswer(status: 502, body: page))
    } catch {
      guard case .refused(let refusal) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(refusal.kind == .retryable)
    }
  }
}

extension JSON {
  private static let hostile: [JSON] = [
    .null, .string(""), .string("NaN"), .number("1e400"), .number("-0"), .string("9".repeated(400)),
    .number("170141183460469231731687303715884105728"), .string("\u{1B}[31m"), .bool(true),
    .array([]), [:], .string("1.0000000000000000001"), .number("99999999999999999999"),
  ]

  func mutated(using generator: inout Seeded, depth: Int) -> JSON {
    switch self {
    case .array(var elements)
    where !elements.isEmpty && Int.random(in: 0..<4, using: &generator) > 0:
      let place = Int.random(in: elements.indices, using: &generator)
      if Int.random(in: 0..<8, using: &generator) == 0 {
        elements.remove(at: place)
      } else {
        elements[place] = elements[place].mutated(using: &generator, depth: depth + 1)
      }
      return .array(elements)
    case .object(let members)
    where members.count > 0 && Int.random(in: 0..<6, using: &generator) > 0:
      let place = Int.random(in: 0..<members.count, using: &generator)
      var changed: [(String, JSON)] = []
      for (index, name) in members.names.enumerated() {
        if index != place {
          changed.append((name, members.values[index]))
        } else if Int.random(in: 0..<8, using: &generator) > 0 {
          changed.append(
            (name, members.values[index].mutated(using: &generator, depth: depth + 1)))
        }
      }
      return .object(JSONObject(changed))
    default:
      return JSON.hostile[Int.random(in: JSON.hostile.indices, using: &generator)]
    }
  }
}

extension String {
  fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
