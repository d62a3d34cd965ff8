import Alerts
import Amounts
import Ledger
import TestSupport
import Testing

/// Laws over random histories; a failure prints the seed.
@Suite struct LawTests {
  private static let rules: [AlertRule] = {
    var change = AlertRule(
      "moves", "x:*",
      .change(
        .moves, seconds: 600, isPercent: true,
        .init(raise: fixed("30"), critical: fixed("60"), clear: fixed("10"))))
    change.holdSeconds = 45
    change.escalation = [.init(seconds: 300, severity: .critical)]
    var high = AlertRule(
      "high", "x:*", .threshold(.above, .init(raise: fixed("10"), clear: fixed("8"))))
    high.forSeconds = 20
    high.holdSeconds = 90
    high.group = "both"
    var low = AlertRule(
      "low", "x:*", .threshold(.below, .init(raise: fixed("3"), clear: fixed("4"))))
    low.group = "both"
    var health = AlertRule("health", "x:*", .health([.stale, .disputed]))
    health.forSeconds = 30
    return [change, high, low, health]
  }()

  /// What happens at one moment.
  private enum Step {
    case observe([Observation])
    case tick
    case acknowledge(Int)
    case snooze(Int, Int64?)
    case resolve(Int)
    case mute(Int)
    case finding(Finding)
  }

  private static func steps(_ seed: UInt64) -> [(Int64, Step)] {
    var random = Seeded(seed)
    var now: Int64 = 0
    return (0..<120).map { _ in
      now += Int64.random(in: 1...40, using: &random)
      let id = Int.random(in: 1...12, using: &random)
      switch Int.random(in: 0..<20, using: &random) {
      case 0: return (now, .tick)
      case 1: return (now, .acknowledge(id))
      case 2: return (now, .snooze(id, Bool.random(using: &random) ? 50 : nil))
      case 3: return (now, .resolve(id))
      case 4: return (now, .mute(id))
      case 5:
        return (
          now,
          .finding(
            Finding(
              key: "f\(id)", detector: "d", subject: "x", title: AlertText("t"),
              severity: .warning, time: at(now), isOver: Bool.random(using: &random)))
        )
      default: return (now, .observe(figures(now, &random)))
      }
    }
  }

  private static func figures(_ now: Int64, _ random: inout Seeded) -> [Observation] {
    (0..<4).compactMap { number -> Observation? in
      let chance = Int.random(in: 0..<30, using: &random)
      if chance == 0 { return nil }
      let quality: Observation.Quality = chance < 4 ? .stale : chance < 6 ? .disputed : .good
      let value = Int64.random(in: 1...14, using: &random)
      return Observation(
        "x:\(number)", subject: "X\(number)", value: chance == 6 ? nil : Fixed(whole: value),
        unit: .plain, time: at(now), quality: quality, basis: chance == 7 ? "other" : "")
    }
  }

  private static func apply(_ step: Step, _ now: Int64, to book: inout AlertBook) -> AlertOutcome {
    let time = at(now)
    switch step {
    case .observe(let seen): return book.observe(seen, at: time)
    case .tick: return book.tick(at: time)
    case .acknowledge(let id): return (try? book.acknowledge(id, by: "k", at: time)) ?? .init()
    case .snooze(let id, let seconds):
      return (try? book.snooze(id, seconds: seconds, by: "k", at: time)) ?? .init()
    case .resolve(let id): return (try? book.resolve(id, by: "k", at: time)) ?? .init()
    case .mute(let id): return (try? book.mute(id, seconds: 120, by: "k", at: time)) ?? .init()
    case .finding(let finding): return book.take(finding, at: time)
    }
  }

  @Test func `a book written down and read back goes on as if it had not been`() throws {
    for round in 0..<60 {
      let seed = runSeed &+ UInt64(round)
      let steps = LawTests.steps(seed)
      var random = Seeded(seed &* 31)
      var whole = AlertBook(rules: LawTests.rules)
      var broken = AlertBook(rules: LawTests.rules)
      for (now, step) in steps {
        let one = LawTests.apply(step, now, to: &whole)
        let other = LawTests.apply(step, now, to: &broken)
        #expect(one == other, "SEED=\(seed)")
        if Int.random(in: 0..<6, using: &random) == 0 {
          broken = try #require(AlertBook(kept: broken.kept, rules: LawTests.rules))
        }
        #expect(whole.wakeAt(after: at(now)) == broken.wakeAt(after: at(now)), "SEED=\(seed)")
      }
      #expect(whole.kept == broken.kept, "SEED=\(seed)")
      #expect(whole.openAlerts == broken.openAlerts, "SEED=\(seed)")
    }
  }

  @Test func `between two raises of a figure by a rule lies an end, and before that its hold`() {
    for round in 0..<60 {
      let seed = runSeed &+ UInt64(round)
      var random = Seeded(seed)
      var rule = above10(hold: 60)
      rule.figure = "x"
      var book = AlertBook(rules: [rule])
      var raised: [Int64] = []
      var open = 0
      var now: Int64 = 0
      for _ in 0..<300 {
        now += Int64.random(in: 1...9, using: &random)
        let value = Bool.random(using: &random) ? "11" : "7"
        for event in book.observe(x(value, at: now), at: at(now)).events {
          if event.kind == .raised {
            raised.append(now)
            open += 1
          } else if event.kind == .resolved {
            open -= 1
          }
          #expect((0...1).contains(open), "SEED=\(seed)")
        }
      }
      for (one, next) in zip(raised, raised.dropFirst()) {
        #expect(next - one >= 60, "SEED=\(seed)")
      }
    }
  }

  @Test func `no alert is lost: each that was raised is open or was ended`() {
    for round in 0..<60 {
      let seed = runSeed &+ UInt64(round)
      var book = AlertBook(rules: LawTests.rules)
      var open: Set<Int> = []
      var told: Set<String> = []
      for (now, step) in LawTests.steps(seed) {
        let outcome = LawTests.apply(step, now, to: &book)
        for event in outcome.events {
          guard let id = event.alert?.id else { continue }
          if event.kind == .raised { open.insert(id) }
          if event.kind == .resolved { open.remove(id) }
        }
        for notice in outcome.notices {
          switch notice.action {
          case .trigger: told.insert(notice.key)
          case .acknowledge: #expect(told.contains(notice.key), "SEED=\(seed)")
          case .resolve: #expect(told.remove(notice.key) != nil, "SEED=\(seed)")
          }
        }
        #expect(open == Set(book.openAlerts.map(\.id)), "SEED=\(seed)")
      }
    }
  }
}
