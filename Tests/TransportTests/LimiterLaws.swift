import Ledger
import TestSupport
import Testing
import VenueKit

/// A venue that counts what reaches it, when it reaches it, and a network of uneven speed.
private struct Course {
  struct Call {
    var ticket: Limiter.Ticket
    var sent: Instant
    var arrives: Instant
    var answers: Instant
  }
  var limiter: Limiter
  var chance: Seeded
  var latencyMost: Int64
  var underWay: [Call] = []
  var arrived: [Call] = []
  var letGo: [Limiter.Ticket] = []
  /// Calls of the chain that are still to be made, one when the one before is answered.
  var chainLeft = 0
  var now: Instant

  /// The number of the chain's first call.
  static let chain: UInt64 = 1_000_000

  /// Runs until nothing waits and nothing is under way; `false` where it stands still before.
  mutating func run(until end: Instant = Instant(seconds: 4_000_000_000)) -> Bool {
    for _ in 0..<1_000_000 {
      let turn = limiter.next(at: now)
      for ticket in turn.ready { send(ticket) }
      let answer = underWay.min { $0.answers < $1.answers }
      guard let next = [answer?.answers, turn.wakeAt].compactMap({ $0 }).min() else {
        return limiter.plan(at: now).calls == 0
      }
      if let wake = turn.wakeAt, wake <= now { return false }
      if next > end { return true }
      now = next
      if let answer, answer.answers == next { finish(answer) }
    }
    return false
  }

  mutating func send(_ ticket: Limiter.Ticket) {
    letGo.append(ticket)
    let there = Int64.random(in: 0...latencyMost, using: &chance)
    let back = Int64.random(in: 0...latencyMost, using: &chance)
    let arrives = Instant(microseconds: now.microseconds + there)
    let answers = Instant(microseconds: arrives.microseconds + back)
    underWay.append(Call(ticket: ticket, sent: now, arrives: arrives, answers: answers))
  }

  mutating func finish(_ call: Call) {
    underWay.removeAll { $0.ticket.id == call.ticket.id }
    arrived.append(call)
    _ = limiter.finished(
      call.ticket.id, .answered(status: 200, headers: []), at: now, using: &chance)
    if call.ticket.id >= Course.chain { follow(call.ticket.id + 1) }
  }

  mutating func follow(_ id: UInt64) {
    guard chainLeft > 0 else { return }
    chainLeft -= 1
    let ticket = Limiter.Ticket(
      id: id, venue: "gamma", key: "a", costs: [Limiter.Cost("CALLS", 1)], priority: .backfill,
      followers: max(1, chainLeft))
    _ = limiter.submit(ticket, at: now)
  }

  /// The program is killed and started anew: what had not arrived never does, what waited is
  /// forgotten, and of the limiter its memory is left.
  mutating func restart(_ venues: [(String, Limits)]) {
    let memory = limiter.memory(at: now)
    arrived += underWay.filter { $0.arrives <= now }
    underWay = []
    limiter = Limiter()
    for (venue, limits) in venues { limiter.know(venue, limits) }
    limiter.recall(memory, at: now)
  }

  func points(_ bucket: String, key: String? = nil) -> [(at: Int64, points: Int)] {
    arrived.filter { key == nil || $0.ticket.key == key }.map { call in
      let points = call.ticket.costs.filter { $0.bucket == bucket }.reduce(0) { $0 + $1.points }
      return (call.arrives.microseconds, points)
    }.sorted { $0.0 < $1.0 }
  }
}

/// The most points of any window of a length, wherever it begins.
private func most(_ points: [(at: Int64, points: Int)], in window: Int64) -> Int {
  var best = 0
  var sum = 0
  var first = 0
  for entry in points {
    sum += entry.points
    while points[first].at <= entry.at - window {
      sum -= points[first].points
      first += 1
    }
    best = max(best, sum)
  }
  return best
}

/// The highest level of a counter that loses `rate` points a second.
private func highest(_ points: [(at: Int64, points: Int)], rate: Double) -> Double {
  var level = 0.0
  var last = points.first?.at ?? 0
  var best = 0.0
  for entry in points {
    level = max(0, level - Double(entry.at - last) / 1_000_000 * rate) + Double(entry.points)
    last = entry.at
    best = max(best, level)
  }
  return best
}

@Suite struct LimiterLaws {
  static let venues: [(String, Limits)] = [
    (
      "alpha",
      Limits([
        LimitBucket("WEIGHT", capacity: 600, refill: .window(seconds: 60), scope: .address),
        LimitBucket("ORDERS", capacity: 10, refill: .window(seconds: 1), scope: .key),
      ])
    ),
    (
      "beta",
      Limits([LimitBucket("COUNTER", capacity: 20, refill: .steady(perSecond: 0.5), scope: .key)])
    ),
  ]

  private func course(_ round: Int, latencyMost: Int64) -> Course {
    var limiter = Limiter()
    for (venue, limits) in LimiterLaws.venues { limiter.know(venue, limits) }
    return Course(
      limiter: limiter, chance: Seeded(runSeed &+ UInt64(round)), latencyMost: latencyMost,
      now: second(Double(round)))
  }

  private func someTicket(_ id: UInt64, _ chance: inout Seeded) -> Limiter.Ticket {
    let isAlpha = Bool.random(using: &chance)
    let points = Int.random(in: 1...8, using: &chance)
    var costs = [Limiter.Cost(isAlpha ? "WEIGHT" : "COUNTER", points)]
    if isAlpha, Bool.random(using: &chance) { costs.append(Limiter.Cost("ORDERS", 1)) }
    return Limiter.Ticket(
      id: id, venue: isAlpha ? "alpha" : "beta",
      key: Bool.random(using: &chance) ? "a" : "b", costs: costs,
      priority: Limiter.Priority.allCases.randomElement(using: &chance) ?? .fresh)
  }

  /// What alpha and beta counted, in every window and at every moment, is within their limits.
  private func expectNoLimitBroken(_ course: Course, _ round: Int) {
    let weight = most(course.points("WEIGHT"), in: 60_000_000)
    #expect(weight <= 600, "SEED=\(runSeed) round \(round)")
    for key in ["a", "b"] {
      let orders = most(course.points("ORDERS", key: key), in: 1_000_000)
      #expect(orders <= 10, "SEED=\(runSeed) round \(round)")
      let level = highest(course.points("COUNTER", key: key), rate: 0.5)
      #expect(level <= 20.000_1, "SEED=\(runSeed) round \(round)")
    }
  }

  @Test func `no window of any venue ever holds more than its capacity`() {
    for round in 0..<60 {
      var course = course(round, latencyMost: [0, 50_000, 3_000_000][round % 3])
      var id: UInt64 = 0
      for burst in 0..<12 {
        for _ in 0..<Int.random(in: 1...50, using: &course.chance) {
          id += 1
          let ticket = someTicket(id, &course.chance)
          let submission = course.limiter.submit(ticket, at: course.now)
          #expect(submission == .queued)
        }
        let pause = Double.random(in: 0...40, using: &course.chance)
        let isMoving = burst == 11 ? course.run() : course.run(until: course.now.later(pause))
        #expect(isMoving, "SEED=\(runSeed) round \(round)")
      }
      #expect(course.arrived.count == Int(id), "SEED=\(runSeed) round \(round)")
      expectNoLimitBroken(course, round)
    }
  }

  @Test func `a limiter that is killed and remembers breaks no limit either`() {
    for round in 0..<60 {
      var course = course(round, latencyMost: [0, 50_000, 3_000_000][round % 3])
      var id: UInt64 = 0
      for _ in 0..<12 {
        for _ in 0..<Int.random(in: 1...50, using: &course.chance) {
          id += 1
          _ = course.limiter.submit(someTicket(id, &course.chance), at: course.now)
        }
        let pause = Double.random(in: 0...20, using: &course.chance)
        let isMoving = course.run(until: course.now.later(pause))
        #expect(isMoving, "SEED=\(runSeed) round \(round)")
        course.restart(LimiterLaws.venues)
      }
      #expect(!course.arrived.isEmpty)
      expectNoLimitBroken(course, round)
    }
  }

  @Test func `a memory of whatever text holds calls up no longer than the venue could`() {
    for round in 0..<300 {
      var chance = Seeded(runSeed &+ UInt64(round))
      var course = course(round, latencyMost: 0)
      for id in 1...40 as ClosedRange<UInt64> {
        _ = course.limiter.submit(someTicket(id, &chance), at: course.now)
      }
      _ = course.limiter.next(at: course.now)
      _ = course.limiter.finished(
        1, .answered(status: 418, headers: []), at: course.now, using: &chance)
      var bytes = Array(course.limiter.memory(at: course.now.later(3)).utf8)
      for _ in 0..<(round % 4) {
        bytes[Int.random(in: bytes.indices, using: &chance)] = UInt8.random(
          in: 32...126, using: &chance)
      }
      var limiter = Limiter()
      for (venue, limits) in LimiterLaws.venues { limiter.know(venue, limits) }
      limiter.recall(String(decoding: bytes, as: UTF8.self), at: course.now)
      // A ban is believed for three days, a window is a minute long, and 20 points take 40 seconds.
      let end = course.now.later(3 * 86_400)
      #expect(
        limiter.buckets(at: end).allSatisfy { $0.used == 0 }, "SEED=\(runSeed) round \(round)")
      for (number, venue) in ["alpha", "beta"].enumerated() {
        _ = limiter.submit(
          Limiter.Ticket(id: UInt64(number), venue: venue, priority: .fresh), at: end)
      }
      #expect(limiter.next(at: end).ready.count == 2, "SEED=\(runSeed) round \(round)")
    }
  }

  @Test func `everything goes within a tenth of the least time there is`() {
    for round in 0..<20 {
      var course = course(round, latencyMost: 40_000)
      var weight = 0
      for id in 1...1500 as ClosedRange<UInt64> {
        let points = Int.random(in: 1...10, using: &course.chance)
        weight += points
        let ticket = Limiter.Ticket(
          id: id, venue: "alpha", costs: [Limiter.Cost("WEIGHT", points)], priority: .backfill)
        _ = course.limiter.submit(ticket, at: course.now)
      }
      let start = course.now
      let forecast = course.limiter.plan(at: start).doneAt ?? start
      let isDone = course.run()
      #expect(isDone && course.arrived.count == 1500, "SEED=\(runSeed) round \(round)")
      // History may use 540 of the 600 points: the rest is kept for orders.
      let least = Double((weight - 1) / 540 * 60)
      let sent = course.arrived.map(\.sent).max() ?? start
      let took = Double(sent.microseconds - start.microseconds) / 1_000_000
      #expect(took <= least * 1.1, "SEED=\(runSeed) round \(round): \(took) of \(least)")
      let error = Double(sent.microseconds - forecast.microseconds) / 1_000_000
      #expect(abs(error) <= least * 0.1, "SEED=\(runSeed) round \(round): off by \(error)")
    }
  }

  @Test func `a chain of calls goes on beside others, breaks no limit and costs no time`() {
    for round in 0..<10 {
      var course = course(round, latencyMost: 40_000)
      course.limiter.know(
        "gamma",
        Limits([LimitBucket("CALLS", capacity: 30, refill: .window(seconds: 1), scope: .key)]))
      let start = course.now
      for id in 1...300 as ClosedRange<UInt64> {
        let ticket = Limiter.Ticket(
          id: id, venue: "gamma", key: "a", costs: [Limiter.Cost("CALLS", 1)],
          priority: .backfill)
        _ = course.limiter.submit(ticket, at: start)
      }
      course.chainLeft = 100
      course.follow(Course.chain)
      let isDone = course.run()
      #expect(isDone && course.arrived.count == 400, "SEED=\(runSeed) round \(round)")
      #expect(most(course.points("CALLS"), in: 1_000_000) <= 30, "SEED=\(runSeed) round \(round)")
      func seconds(_ calls: [Course.Call]) -> Double {
        let last = calls.map(\.sent).max() ?? start
        return Double(last.microseconds - start.microseconds) / 1_000_000
      }
      // In line behind the others its second call would go after ten seconds. Half of all points
      // suffice for it within 100 ÷ 15 windows, each with an answer's time.
      let chain = seconds(course.arrived.filter { $0.ticket.id >= Course.chain })
      #expect(chain <= 8.5, "SEED=\(runSeed) round \(round): \(chain)")
      // 400 calls by 27 in a window and the longest time of an answer: the rest is kept for orders.
      let all = seconds(course.arrived)
      #expect(all <= 14 * 1.08 * 1.1, "SEED=\(runSeed) round \(round): \(all)")
    }
  }

  @Test func `nothing below orders is held up for ever`() {
    for round in 0..<5 {
      var course = course(round, latencyMost: 20_000)
      let old = Limiter.Ticket(
        id: 1, venue: "alpha", costs: [Limiter.Cost("WEIGHT", 50)], priority: .backfill)
      // Interactive calls come faster than the venue takes them, all the time.
      var id: UInt64 = 1
      for burst in 0..<40 {
        for _ in 0..<130 {
          id += 1
          let ticket = Limiter.Ticket(
            id: id, venue: "alpha", costs: [Limiter.Cost("WEIGHT", 5)], priority: .interactive)
          _ = course.limiter.submit(ticket, at: course.now)
        }
        if burst == 0 { _ = course.limiter.submit(old, at: course.now) }
        let end = course.now.later(10)
        let isMoving = course.run(until: end)
        #expect(isMoving, "SEED=\(runSeed) round \(round)")
        course.now = end
      }
      let place = course.letGo.firstIndex { $0.id == 1 } ?? .max
      // 114 of the first window, and what the others may overtake while it waits for room.
      #expect(place < 300, "SEED=\(runSeed) round \(round)")
    }
  }

  @Test func `any events in any order end in a limiter that still works`() {
    for round in 0..<200 {
      var chance = Seeded(runSeed &+ UInt64(round))
      var limiter = Limiter()
      for (venue, limits) in LimiterLaws.venues { limiter.know(venue, limits) }
      var now = second(0)
      var flying: [UInt64] = []
      for id in 1...300 as ClosedRange<UInt64> {
        var ticket = someTicket(id, &chance)
        if chance.next() % 3 == 0 { ticket.coalescing = "s\(chance.next() % 4)" }
        if chance.next() % 5 == 0 { ticket.deadline = now.later(Double(chance.next() % 90)) }
        _ = limiter.submit(ticket, at: now)
        if chance.next() % 7 == 0 { _ = limiter.withdraw(chance.next() % id + 1, at: now) }
        flying += limiter.next(at: now).ready.map(\.id)
        if chance.next() % 2 == 0, let gone = flying.popLast() {
          _ = limiter.finished(gone, outcome(&chance, now), at: now, using: &chance)
        }
        now = now.later(Double(chance.next() % 3000) / 1000)
      }
      drain(&limiter, &flying, now, &chance)
      #expect(limiter.plan(at: now).calls == 0, "SEED=\(runSeed) round \(round)")
      let states = limiter.venueStates(at: now.later(1_000_000))
      #expect(states.allSatisfy { $0.inFlight == 0 }, "SEED=\(runSeed) round \(round)")
      let used = limiter.buckets(at: now.later(1_000_000)).map(\.used)
      #expect(used.allSatisfy { $0 == 0 }, "SEED=\(runSeed) round \(round)")
    }
  }

  private func outcome(_ chance: inout Seeded, _ now: Instant) -> Limiter.Outcome {
    switch chance.next() % 9 {
    case 0: .answered(status: 429, headers: [("retry-after", "\(chance.next() % 20)")])
    case 1: .answered(status: 418, headers: [])
    case 2: .answered(status: 502, headers: [("retry-after", "x")])
    case 3: .failed(wasSent: chance.next() % 2 == 0)
    case 4: .cancelled(wasSent: chance.next() % 2 == 0)
    case 5: .slowed(until: now.later(5))
    default: .answered(status: 200, headers: [])
    }
  }

  private func drain(
    _ limiter: inout Limiter, _ flying: inout [UInt64], _ start: Instant, _ chance: inout Seeded
  ) {
    var now = start
    for _ in 0..<20_000 {
      let turn = limiter.next(at: now)
      flying += turn.ready.map(\.id)
      if let id = flying.popLast() {
        _ = limiter.finished(id, .answered(status: 200, headers: []), at: now, using: &chance)
      } else if let wake = turn.wakeAt {
        now = max(now, wake)
      } else {
        return
      }
    }
  }
}
