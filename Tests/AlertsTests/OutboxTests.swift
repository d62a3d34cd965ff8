import Alerts
import Amounts
import Ledger
import TestSupport
import Testing

@Suite struct OutboxTests {
  static func notice(
    _ key: String, _ action: Notice.Action = .trigger, _ severity: Severity = .warning,
    at seconds: Int64 = 0, sinks: [String]? = nil
  ) -> Notice {
    Notice(
      key: key, group: "g", action: action, severity: severity, title: AlertText("t"),
      time: at(seconds), sinks: sinks)
  }

  static func outbox(_ sinks: Sink...) -> Outbox {
    var outbox = Outbox()
    for sink in sinks { outbox.set(sink) }
    return outbox
  }

  static let hook = Sink("hook", .webhook, settings: ["url": "https://example.org/"])

  /// What is new in changes.
  static func added(_ changes: [OutboxChange]) -> [Delivery] {
    changes.compactMap { change in
      if case .added(let delivery) = change { return delivery }
      return nil
    }
  }

  @Test func `nothing goes out before it is on the disk`() {
    var outbox = OutboxTests.outbox(OutboxTests.hook)
    let new = OutboxTests.added(
      outbox.take(OutboxTests.notice("a"), quietUntil: nil, at: at(0)))
    #expect(outbox.due(at: at(0)).isEmpty)
    outbox.stored(new.map(\.id))
    #expect(outbox.due(at: at(0)).map(\.id) == new.map(\.id))
    #expect(outbox.due(at: at(0)).isEmpty)
  }

  @Test func `a failure is tried again later, by its own pauses or the sink's`() {
    var outbox = OutboxTests.outbox(OutboxTests.hook)
    let new = OutboxTests.added(
      outbox.take(OutboxTests.notice("a"), quietUntil: nil, at: at(0)))
    outbox.stored(new.map(\.id))
    var now: Int64 = 0
    // 5, 10, 20, ... seconds, and 900 at most.
    for pause in [5, 10, 20, 40, 80, 160, 320, 640, 900, 900] as [Int64] {
      #expect(outbox.due(at: at(now)).count == 1)
      _ = outbox.take(.later(after: nil, "down"), of: new[0].id, to: "hook", at: at(now))
      #expect(outbox.due(at: at(now + pause - 1)).isEmpty)
      now += pause
    }
    #expect(outbox.due(at: at(now)).count == 1)
    _ = outbox.take(.later(after: 5_000, "429"), of: new[0].id, to: "hook", at: at(now))
    #expect(outbox.due(at: at(now + 4_999)).isEmpty)
    #expect(outbox.due(at: at(now + 5_000)).count == 1)
    let done = outbox.take(.delivered, of: new[0].id, to: "hook", at: at(now + 5_000))
    #expect(done == [.done(id: new[0].id, .delivered)])
    #expect(outbox.waiting(for: "hook").isEmpty)
  }

  @Test func `the end of an incident never overtakes its beginning`() {
    var outbox = OutboxTests.outbox(OutboxTests.hook)
    var ids = OutboxTests.added(
      outbox.take(OutboxTests.notice("a"), quietUntil: nil, at: at(0))
    ).map(\.id)
    outbox.stored(ids)
    _ = outbox.due(at: at(0))
    ids += OutboxTests.added(
      outbox.take(OutboxTests.notice("a", .resolve), quietUntil: nil, at: at(1))
    ).map(\.id)
    outbox.stored(ids)
    _ = outbox.take(.later(after: nil, "down"), of: ids[0], to: "hook", at: at(2))
    #expect(outbox.due(at: at(7)).map(\.notice.action) == [.trigger])
    _ = outbox.take(.delivered, of: ids[0], to: "hook", at: at(8))
    #expect(outbox.due(at: at(8)).map(\.notice.action) == [.resolve])
  }

  @Test func `what begins and ends in quiet hours is not told, what lasts is`() {
    var outbox = OutboxTests.outbox(OutboxTests.hook)
    let until = at(3_600)
    let short = outbox.take(OutboxTests.notice("a"), quietUntil: until, at: at(0))
    let long = OutboxTests.added(
      outbox.take(OutboxTests.notice("b"), quietUntil: until, at: at(0)))
    outbox.stored((OutboxTests.added(short) + long).map(\.id))
    #expect(outbox.due(at: at(10)).isEmpty)
    let gone = outbox.take(OutboxTests.notice("a", .resolve), quietUntil: until, at: at(20))
    #expect(gone == OutboxTests.added(short).map { .done(id: $0.id, .withdrawn) })
    #expect(outbox.due(at: until).map(\.id) == long.map(\.id))
  }

  @Test func `a sink is told of what is bad enough, and of the end of what it knows`() {
    var critical = OutboxTests.hook
    critical.least = .critical
    var outbox = OutboxTests.outbox(critical)
    #expect(outbox.take(OutboxTests.notice("a"), quietUntil: nil, at: at(0)).isEmpty)
    #expect(
      outbox.take(OutboxTests.notice("a", .resolve), quietUntil: nil, at: at(1)).isEmpty)
    let worse = outbox.take(
      OutboxTests.notice("b", .trigger, .critical), quietUntil: nil, at: at(2))
    #expect(worse.count == 1)
    #expect(
      outbox.take(OutboxTests.notice("b", .resolve), quietUntil: nil, at: at(3)).count == 1)
  }

  @Test func `a rule may name its sinks`() {
    var outbox = OutboxTests.outbox(OutboxTests.hook, Sink("log", .syslog))
    let changes = outbox.take(
      OutboxTests.notice("a", sinks: ["log"]), quietUntil: nil, at: at(0))
    #expect(OutboxTests.added(changes).map(\.sink) == ["log"])
  }

  @Test func `a queue that is full gives up the least important, and counts it`() {
    var outbox = OutboxTests.outbox(Sink("log", .syslog, least: .info))
    for number in 0..<Outbox.mostWaiting {
      let severity: Severity = number == 500 ? .info : .warning
      _ = outbox.take(
        OutboxTests.notice("k\(number)", .trigger, severity), quietUntil: nil, at: at(0))
    }
    #expect(outbox.waiting(for: "log").count == Outbox.mostWaiting)
    let changes = outbox.take(OutboxTests.notice("more"), quietUntil: nil, at: at(1))
    #expect(changes.contains(.done(id: "k500.501", .dropped)))
    #expect(outbox.waiting(for: "log").count == Outbox.mostWaiting)
    #expect(outbox.health(of: "log").lost == 1)
  }

  @Test func `whatever happens, each message arrives at least once or has an end that is told`() {
    for round in 0..<60 {
      let seed = runSeed &+ UInt64(round)
      var random = Seeded(seed)
      var outbox = OutboxTests.outbox(OutboxTests.hook)
      // The disk: what is waiting there, by id.
      var disk: [String: Delivery] = [:]
      var all: Set<String> = []
      var arrived: Set<String> = []
      var order: [String: [Notice.Action]] = [:]
      var open: [String] = []
      var flying: [Delivery] = []
      var now: Int64 = 0
      func keep(_ changes: [OutboxChange]) {
        for change in changes {
          switch change {
          case .added(let delivery):
            disk[delivery.id] = delivery
            all.insert(delivery.id)
          case .done(let id, _): disk[id] = nil
          }
        }
        outbox.stored(OutboxTests.added(changes).map(\.id))
      }
      func land(_ delivery: Delivery) {
        let isNew = arrived.insert(delivery.id).inserted
        if isNew { order[delivery.notice.key, default: []].append(delivery.notice.action) }
      }
      for step in 0..<300 {
        now += Int64.random(in: 1...60, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1:
          let key = "k\(step)"
          open.append(key)
          keep(outbox.take(OutboxTests.notice(key, at: now), quietUntil: nil, at: at(now)))
        case 2:
          guard let key = open.first else { break }
          open.removeFirst()
          keep(
            outbox.take(OutboxTests.notice(key, .resolve, at: now), quietUntil: nil, at: at(now)))
        case 3:
          // Killed: what was on the way may have arrived; only the disk is left.
          for delivery in flying where Bool.random(using: &random) { land(delivery) }
          flying = []
          let reached = outbox.reachedSinks
          let number = outbox.number
          outbox = Outbox()
          outbox.restore(
            sinks: [OutboxTests.hook],
            waiting: disk.values.compactMap { Delivery(kept: $0.kept) }, lastNumber: number,
            reached: reached)
        default:
          for delivery in flying {
            let outcome: DeliveryOutcome =
              switch Int.random(in: 0..<4, using: &random) {
              case 0: .later(after: nil, "down")
              case 1: .later(after: 30, "429")
              default: .delivered
              }
            // An answer may get lost after the message arrived.
            if outcome == .delivered || Bool.random(using: &random) { land(delivery) }
            keep(outbox.take(outcome, of: delivery.id, to: "hook", at: at(now)))
          }
          flying = outbox.due(at: at(now))
        }
      }
      for _ in 0..<3_000 where !disk.isEmpty || !flying.isEmpty {
        for delivery in flying {
          land(delivery)
          keep(outbox.take(.delivered, of: delivery.id, to: "hook", at: at(now)))
        }
        now += 1_000
        flying = outbox.due(at: at(now))
      }
      #expect(arrived == all, "SEED=\(seed)")
      #expect(disk.isEmpty, "SEED=\(seed)")
      for (key, actions) in order {
        let isRight = actions == [.trigger] || actions == [.trigger, .resolve]
        #expect(isRight, "SEED=\(seed) \(key)")
      }
    }
  }
}

@Suite struct QuietTests {
  @Test(
    arguments: [
      (21 * 60 + 59, nil), (22 * 60, 8 * 60), (23 * 60 + 30, 390), (0, 360), (5 * 60 + 59, 1),
      (6 * 60, nil),
    ] as [(Int, Int?)])
  func `quiet hours over midnight end in the morning`(_ minute: Int, _ left: Int?) {
    let hours = QuietHours(from: 22 * 60, to: 6 * 60)
    let now = at(Int64(minute) * 60 + 20)
    let end = hours.end(at: now, .utc)
    #expect(end == left.map { now.advanced(bySeconds: Int64($0) * 60 - 20) })
  }

  @Test func `quiet hours go by the clock on the wall`() {
    let hours = QuietHours(from: 22 * 60, to: 6 * 60)
    // Two hours east: 21:00 UTC is 23:00 there, and 06:00 there is 04:00 UTC.
    let east = LocalClock { _ in 7_200 }
    #expect(hours.end(at: at(21 * 3_600), east) == at(28 * 3_600))
    #expect(hours.end(at: at(5 * 3_600), east) == nil)
  }
}
