import Ledger
import TestSupport
import Testing
import VenueKit

/// Examples: one rule each.
@Suite struct LimiterRules {
  var limiter = Limiter()
  var chance = Seeded(1)

  init() {
    limiter.know(
      "alpha",
      Limits([
        LimitBucket(
          "WEIGHT", capacity: 100, refill: .window(seconds: 60), scope: .address,
          usedHeader: "x-used"),
        LimitBucket("ORDERS", capacity: 10, refill: .window(seconds: 10), scope: .key),
      ]))
    limiter.know(
      "beta",
      Limits([
        LimitBucket("COUNTER", capacity: 20, refill: .steady(perSecond: 0.5), scope: .key)
      ]))
  }

  func ticket(
    _ id: UInt64, on venue: String = "alpha", weight: Int = 1,
    _ priority: Limiter.Priority = .fresh,
    key: String = "", share: String? = nil, deadline: Instant? = nil
  ) -> Limiter.Ticket {
    Limiter.Ticket(
      id: id, venue: venue, key: key,
      costs: [Limiter.Cost(venue == "alpha" ? "WEIGHT" : "COUNTER", weight)], priority: priority,
      coalescing: share, deadline: deadline)
  }

  mutating func put(_ ticket: Limiter.Ticket, at: Double = 0) -> Limiter.Submission {
    limiter.submit(ticket, at: second(at))
  }

  /// Puts a ticket that must wait in line.
  mutating func line(_ ticket: Limiter.Ticket, at: Double = 0) {
    let submission = put(ticket, at: at)
    #expect(submission == .queued)
  }

  mutating func turn(at time: Double) -> Limiter.Turn { limiter.next(at: second(time)) }

  mutating func ready(at time: Double) -> [UInt64] { turn(at: time).ready.map(\.id) }

  mutating func end(
    _ id: UInt64, _ status: Int = 200, _ headers: [(name: String, value: String)] = [],
    at time: Double
  ) -> Limiter.Finished {
    limiter.finished(
      id, .answered(status: status, headers: headers), at: second(time), using: &chance)
  }

  mutating func end(
    _ id: UInt64, _ outcome: Limiter.Outcome, at time: Double
  ) -> Limiter.Finished {
    limiter.finished(id, outcome, at: second(time), using: &chance)
  }

  @Test mutating func `what cannot be taken is refused with its reason`() {
    var odd = ticket(2)
    odd.costs = [Limiter.Cost("NOPE", 1)]
    var double = ticket(3)
    double.costs = [Limiter.Cost("WEIGHT", 60), Limiter.Cost("WEIGHT", 60)]
    let answers = [
      put(ticket(1, on: "gamma")), put(odd), put(ticket(3, weight: 101)), put(double),
      put(ticket(4)),
      put(ticket(4)),
    ]
    let expected: [Limiter.Submission] = [
      .refused(.unknownVenue), .refused(.unknownBucket("NOPE")),
      .refused(.beyondCapacity("WEIGHT")), .refused(.beyondCapacity("WEIGHT")), .queued,
      .refused(.knownTicket),
    ]
    #expect(answers == expected)
  }

  @Test mutating func `points count until a window after the answer`() {
    line(ticket(1, weight: 80))
    line(ticket(2, weight: 80))
    let first = turn(at: 0)
    #expect(first.ready.map(\.id) == [1] && first.wakeAt == nil)
    _ = end(1, at: 5)
    let second = turn(at: 60)
    #expect(second.ready.isEmpty)
    // A two-hundredth of the window is the grain of the clock.
    let wake = second.wakeAt ?? TransportTests.second(0)
    #expect(wake >= TransportTests.second(65) && wake <= TransportTests.second(65.3))
    let third = limiter.next(at: wake)
    #expect(third.ready.map(\.id) == [2])
  }

  @Test mutating func `a steady allowance flows back from the answer on`() {
    line(ticket(1, on: "beta", weight: 18))
    line(ticket(2, on: "beta", weight: 4))
    let first = ready(at: 0)
    #expect(first == [1])
    _ = end(1, at: 1)
    // 18 of the 18 usable are used; four points at half a point a second.
    let wake = turn(at: 1).wakeAt ?? second(0)
    #expect(wake >= second(9) && wake < second(9.1))
    let then = limiter.next(at: wake)
    #expect(then.ready.map(\.id) == [2])
  }

  @Test mutating func `orders pass first and may use what is kept for them`() {
    line(ticket(1, weight: 90, .backfill))
    line(ticket(2, weight: 5, .backfill))
    line(ticket(3, weight: 5, .interactive))
    line(ticket(4, weight: 5, .order))
    let first = ready(at: 0)
    #expect(first == [4, 3])
    _ = end(4, at: 1)
    _ = end(3, at: 1)
    let later = ready(at: 62)
    #expect(later == [1])
    line(ticket(5, weight: 10, .order), at: 62)
    let whole = ready(at: 62)
    #expect(whole == [5])
    #expect(limiter.buckets(at: second(62)).first?.used == 100)
  }

  @Test func `nothing is kept of an allowance that is soon whole again`() {
    var options = Limiter.Options()
    options.reserveSecondsLeast = 5
    for (seconds, most) in [(2, 20), (5, 18), (60, 18)] {
      var limiter = Limiter(options: options)
      let bucket = LimitBucket(
        "CALLS", capacity: 20, refill: .window(seconds: seconds), scope: .key)
      limiter.know("delta", Limits([bucket]))
      for id in 1...30 {
        _ = limiter.submit(
          Limiter.Ticket(id: UInt64(id), venue: "delta", priority: .backfill), at: second(0))
      }
      let ready = limiter.next(at: second(0)).ready
      #expect(ready.count == most, "\(seconds) s")
    }
  }

  @Test mutating func `equal reads are sent once and answered together`() {
    line(ticket(1, share: "balances"))
    line(ticket(3, key: "other", share: "balances"))
    let second = put(ticket(2, share: "balances"))
    let sent = ready(at: 0)
    let fourth = put(ticket(4, share: "balances"))
    #expect(second == .joined(1) && sent == [1, 3] && fourth == .joined(1))
    let shared = end(1, at: 1).sharing
    #expect(shared == [2, 4])
    line(ticket(5, share: "balances"))
  }

  @Test mutating func `a shared read takes the priority of the most urgent`() {
    line(ticket(1, .fresh))
    line(ticket(2, .backfill, share: "x"))
    let third = put(ticket(3, .interactive, share: "x"))
    let sent = ready(at: 0)
    #expect(third == .joined(2) && sent == [2, 1])
  }

  @Test mutating func `who shares a withdrawn read gets its place`() {
    line(ticket(1, share: "x"))
    _ = put(ticket(2, share: "x"))
    _ = put(ticket(3, share: "x"))
    let withdrawn = [limiter.withdraw(1, at: second(0)), limiter.withdraw(3, at: second(0))]
    #expect(withdrawn == [.removed, .removed])
    let sent = ready(at: 0)
    #expect(sent == [2])
    let late = [limiter.withdraw(2, at: second(0)), limiter.withdraw(1, at: second(0))]
    #expect(late == [.isUnderWay, .unknown])
    let shared = end(2, at: 1).sharing
    #expect(shared == [])
  }

  @Test mutating func `what waits beyond its deadline is given back unsent`() {
    line(ticket(1, weight: 90))
    line(ticket(2, weight: 90, deadline: second(7)))
    let turns = [turn(at: 0), turn(at: 7), turn(at: 8)]
    #expect(turns[0].ready.map(\.id) == [1] && turns[0].wakeAt == second(7))
    #expect(turns[1].expired.map(\.id) == [2] && turns[1].ready.isEmpty)
    #expect(turns[2].expired.isEmpty)
  }

  @Test mutating func `slow down rests the allowance at least as long as asked`() {
    line(ticket(1))
    line(ticket(2))
    _ = ready(at: 0)
    let first = end(1, 429, [("retry-after", "30")], at: 1).pausedUntil
    #expect(first == second(31))
    // The second answer belongs to the same event: the pause does not grow by it.
    let same = end(2, 429, at: 1.5).pausedUntil ?? second(100)
    #expect(same <= second(1.5 + 2 * 1.25))
    line(ticket(3))
    line(ticket(4, on: "beta"))
    let sent = [ready(at: 30), ready(at: 31)]
    #expect(sent == [[4], [3]])
    let grown = end(3, 429, at: 32).pausedUntil ?? second(0)
    #expect(grown >= second(36) && grown <= second(37))
  }

  @Test mutating func `a fault code that says too fast counts like the status`() {
    line(ticket(1))
    _ = ready(at: 0)
    let result = end(1, .slowed(until: second(9)), at: 1)
    #expect(result.pausedUntil == second(9))
  }

  @Test mutating func `a date to wait for is read against the answer's own date`() {
    // RFC 9110, 5.6.7: the example of an IMF-fixdate.
    let headers = [
      (name: "date", value: "Sun, 06 Nov 1994 08:48:37 GMT"),
      (name: "retry-after", value: "Sun, 06 Nov 1994 08:49:37 GMT"),
    ]
    line(ticket(1))
    _ = ready(at: 0)
    let paused = end(1, 429, headers, at: 1).pausedUntil
    #expect(paused == second(61))
  }

  @Test(arguments: [
    ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"), ("120", "1990-01-01T00:02:00Z"),
    ("99999999999999999999", "2021-09-09T01:46:40Z"), ("-5", nil), ("", nil), ("soon", nil),
    ("Sun, 99 Nov 1994 08:49:37 GMT", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
    ("Sun, 06 Nov 1994 08:49:37 CET", nil),
  ])
  func `times to wait are read or left`(text: String, expected: String?) throws {
    let now = try #require(Instant("1990-01-01T00:00:00Z"))
    let read = RetryAfter.instant(in: [(name: "retry-after", value: text)], at: now)
    #expect(read?.description == expected)
  }

  @Test mutating func `a ban stops the venue for two minutes at least`() {
    line(ticket(1))
    _ = ready(at: 0)
    let first = end(1, 418, at: 1).pausedUntil ?? second(0)
    #expect(first >= second(121) && first <= second(151))
    line(ticket(2, .order))
    let resting = turn(at: 120)
    #expect(resting.ready.isEmpty && resting.wakeAt == first)
    let sent = ready(at: 152)
    #expect(sent == [2])
    // Three days are the longest that is believed.
    let second = end(2, 418, [("retry-after", "99999999")], at: 152).pausedUntil
    #expect(second == TransportTests.second(152 + 259_200))
  }

  @Test mutating func `the venue's own count is believed when it is higher`() {
    line(ticket(1))
    _ = ready(at: 0)
    _ = end(1, 200, [("x-used", "85")], at: 1)
    #expect(limiter.buckets(at: second(1)).first?.used == 85)
    line(ticket(2, weight: 10))
    let sent = [ready(at: 30), ready(at: 62)]
    #expect(sent == [[], [2]])
  }

  @Test(arguments: ["", "-1", "1e9", "99999999999999999999", "4294967296", "999999999", "x"])
  mutating func `a count that is nonsense changes nothing for longer than a window`(text: String) {
    line(ticket(1))
    _ = ready(at: 0)
    _ = end(1, 200, [("x-used", text)], at: 1)
    line(ticket(2))
    let sent = ready(at: 70)
    #expect(sent == [2])
  }

  @Test mutating func `a venue that fails five times is left alone, then asked once`() {
    for id in 1...5 as ClosedRange<UInt64> {
      line(ticket(id), at: Double(id))
      _ = ready(at: Double(id))
      _ = end(id, 503, at: Double(id))
    }
    line(ticket(6))
    line(ticket(7))
    let sent = [ready(at: 6.9), ready(at: 8)]
    #expect(sent == [[], [6]])
    #expect(limiter.venueStates(at: second(8)).first?.health == .probing)
    let meanwhile = ready(at: 9)
    #expect(meanwhile == [])
    let again = end(6, .failed(wasSent: false), at: 9).pausedUntil ?? second(0)
    #expect(again >= second(13) && again <= second(14))
    let probe = ready(at: 15)
    #expect(probe == [7])
    _ = end(7, at: 16)
    #expect(limiter.venueStates(at: second(16)).first?.health == .open(failures: 0))
  }

  @Test mutating func `what never left costs nothing`() {
    line(ticket(1, weight: 90))
    _ = ready(at: 0)
    _ = end(1, .failed(wasSent: false), at: 1)
    #expect(limiter.buckets(at: second(1)).first?.used == 0)
    line(ticket(2, weight: 90))
    let sent = ready(at: 1)
    #expect(sent == [2])
    _ = end(2, .failed(wasSent: true), at: 2)
    #expect(limiter.buckets(at: second(2)).first?.used == 90)
  }

  @Test mutating func `venues that share an allowance count together`() {
    limiter.know(
      "one",
      Limits([
        LimitBucket(
          "IP", capacity: 10, refill: .window(seconds: 1), scope: .address, sharedWith: ["two"])
      ]))
    limiter.know(
      "two",
      Limits([LimitBucket("IP", capacity: 12, refill: .window(seconds: 1), scope: .address)]))
    for id in 1...8 as ClosedRange<UInt64> {
      line(
        Limiter.Ticket(
          id: id, venue: id % 2 == 0 ? "one" : "two", costs: [Limiter.Cost("IP", 3)],
          priority: .fresh))
    }
    let sent = ready(at: 0)
    #expect(sent == [1, 2, 3])
    #expect(limiter.buckets(at: second(0)).map(\.capacity) == [10])
  }

  @Test mutating func `the plan tells calls, points and the end, also of what is only thought of`()
  {
    for id in 1...4 as ClosedRange<UInt64> { line(ticket(id, weight: 45, .backfill)) }
    let plan = limiter.plan(at: second(0))
    #expect(plan.calls == 4)
    #expect(plan.lines.first?.costs == [Limiter.Cost("WEIGHT", 180)])
    // Ninety of a hundred a minute for history: two now, two a minute later.
    #expect(plan.doneAt == second(60))
    let more = (5...8 as ClosedRange<UInt64>).map { ticket($0, weight: 45, .backfill) }
    #expect(limiter.plan(adding: more, at: second(0)).doneAt == second(180))
    #expect(limiter.plan(at: second(0)).calls == 4)
  }

  @Test mutating func `a clock that goes back changes nothing`() {
    line(ticket(1, weight: 90), at: 100)
    _ = ready(at: 100)
    _ = end(1, at: 50)
    line(ticket(2, weight: 90), at: 0)
    let sent = [ready(at: 110), ready(at: 161)]
    #expect(sent == [[], [2]])
  }
}
