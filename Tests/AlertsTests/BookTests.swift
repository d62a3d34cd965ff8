import Alerts
import Amounts
import Ledger
import Testing

@Suite struct BookTests {
  @Test func `an alert is raised once, and over once the value was well for its hold`() {
    var book = AlertBook(rules: [above10()])
    #expect(kinds(book.observe(x("9", at: 0), at: at(0))) == [])
    #expect(kinds(book.observe(x("11", at: 10), at: at(10))) == [.raised])
    #expect(kinds(book.observe(x("12", at: 20), at: at(20))) == [])
    // Between the levels nothing ends.
    #expect(kinds(book.observe(x("9", at: 30), at: at(30))) == [])
    #expect(kinds(book.observe(x("7", at: 40), at: at(40))) == [])
    #expect(book.openAlerts.count == 1)
    #expect(kinds(book.observe(x("7", at: 99), at: at(99))) == [])
    #expect(kinds(book.observe(x("7", at: 100), at: at(100))) == [.resolved])
    #expect(book.openAlerts.isEmpty)
    #expect(book.resolvedAlerts.first?.resolvedWhy == "it is well again")
  }

  @Test func `a value must be bad for as long as the rule says`() {
    var book = AlertBook(rules: [above10(for: 30)])
    _ = book.observe(x("11", at: 0), at: at(0))
    #expect(book.wakeAt(after: at(0)) == at(30))
    _ = book.observe(x("9", at: 20), at: at(20))
    #expect(kinds(book.observe(x("11", at: 25), at: at(25))) == [])
    #expect(kinds(book.observe(x("11", at: 54), at: at(54))) == [])
    #expect(kinds(book.observe(x("11", at: 55), at: at(55))) == [.raised])
  }

  @Test(arguments: [nil, "7", "99"] as [String?])
  func `a value that cannot be relied on neither raises nor resolves, and that is said`(
    _ value: String?
  ) {
    var book = AlertBook(rules: [above10(hold: 10)])
    let quality: Observation.Quality = value == nil ? .unknown : .stale
    #expect(kinds(book.observe(x(value, at: 0, quality), at: at(0))) == [])
    #expect(kinds(book.observe(x("11", at: 10), at: at(10))) == [.raised])
    #expect(kinds(book.observe(x(value, at: 20, quality), at: at(20))) == [.blinded])
    #expect(kinds(book.observe(x(value, at: 500, quality), at: at(500))) == [])
    #expect(book.openAlerts.first?.blindSince == at(20))
    // After a quarter of an hour the rule itself says that it does not see.
    let said = book.observe(x(value, at: 920, quality), at: at(920))
    #expect(kinds(said) == [.raised])
    #expect(said.events.first?.alert?.key == "blind/high")
    let seen = book.observe(x("11", at: 930), at: at(930))
    #expect(kinds(seen) == [.sighted, .resolved])
    #expect(book.openAlerts.map(\.key) == ["high/x"])
  }

  @Test func `a value that is too old does not keep an alert from its hold's begin`() {
    var book = AlertBook(rules: [above10(hold: 60)])
    _ = book.observe(x("11", at: 0), at: at(0))
    _ = book.observe(x("7", at: 10), at: at(10))
    _ = book.observe(x(nil, at: 50), at: at(50))
    #expect(kinds(book.observe(x("7", at: 75), at: at(75))) == [.sighted])
    #expect(kinds(book.observe(x("7", at: 134), at: at(134))) == [])
    #expect(kinds(book.observe(x("7", at: 135), at: at(135))) == [.resolved])
  }

  @Test func `a figure that is gone ends its alert, and why is said`() {
    var book = AlertBook(rules: [above10()])
    _ = book.observe(x("11", at: 0), at: at(0))
    let gone = book.observe([], at: at(10))
    #expect(kinds(gone) == [.resolved])
    #expect(gone.events.first?.note == "X is no longer there")
  }

  @Test func `a second level makes it critical, and others are told at once`() {
    var book = AlertBook(rules: [above10(critical: "20")])
    let first = book.observe(x("11", at: 0), at: at(0))
    #expect(first.notices.map(\.severity) == [.warning])
    let second = book.observe(x("21", at: 5), at: at(5))
    #expect(kinds(second) == [.worsened])
    #expect(second.notices.map(\.severity) == [.critical])
    #expect(second.notices.first?.key == first.notices.first?.key)
  }

  @Test func `a fall is measured from the highest value in the window`() throws {
    // 100 -> 94 within the hour: 6 %, by hand.
    let levels = AlertRule.Levels(raise: fixed("5"), clear: fixed("2"))
    var rule = AlertRule(
      "fall", "x", .change(.falls, seconds: 3_600, isPercent: true, levels))
    rule.holdSeconds = 0
    var book = AlertBook(rules: [rule])
    let money = Observation.Unit.money("USD")
    _ = book.observe(x("90", at: 0, unit: money), at: at(0))
    _ = book.observe(x("100", at: 600, unit: money), at: at(600))
    #expect(kinds(book.observe(x("96", at: 900, unit: money), at: at(900))) == [])
    let fell = book.observe(x("94", at: 1_200, unit: money), at: at(1_200))
    #expect(kinds(fell) == [.raised])
    let alert = try #require(book.openAlerts.first)
    #expect(alert.title.full == "X fell 6 % within 60m: 94 USD from 100 USD")
    #expect(alert.title.outside == "X fell 6 % within 60m")
    let revealing = alert.lines.filter(\.isRevealing).map(\.label)
    #expect(revealing == ["observed", "before"])
    // An hour later the height has left the window: what is now is the new level.
    #expect(kinds(book.observe(x("94", at: 4_900, unit: money), at: at(4_900))) == [.resolved])
  }

  @Test func `values of different bases are not compared`() {
    let levels = AlertRule.Levels(raise: fixed("5"), clear: fixed("2"))
    let rule = AlertRule("fall", "nav", .change(.falls, seconds: 3_600, isPercent: true, levels))
    var book = AlertBook(rules: [rule])
    func nav(_ value: String, _ basis: String, _ seconds: Int64) -> [Observation] {
      [
        Observation(
          "nav", subject: "NAV", value: fixed(value), unit: .money("USD"), time: at(seconds),
          quality: basis.isEmpty ? .good : .partial, basis: basis)
      ]
    }
    _ = book.observe(nav("100", "", 0), at: at(0))
    // An asset has lost its price: the sum is smaller, nothing has fallen.
    #expect(kinds(book.observe(nav("60", "XYZ", 60), at: at(60))) == [])
    #expect(kinds(book.observe(nav("56", "XYZ", 120), at: at(120))) == [.raised])
  }

  @Test func `a sum that lacks something is enough to be above, not to be below`() {
    let levels = AlertRule.Levels(raise: fixed("10"), clear: fixed("10"))
    var book = AlertBook(rules: [
      AlertRule("over", "x", .threshold(.above, levels)),
      AlertRule("under", "y", .threshold(.below, levels)),
    ])
    let seen = x("11", at: 0, .partial) + x("9", at: 0, .partial, name: "y")
    #expect(book.observe(seen, at: at(0)).events.compactMap(\.alert?.rule) == ["over"])
    #expect(book.blindFigures(of: "under").map(\.figure) == ["y"])
  }

  @Test func `a limit warns before it is reached`() {
    var rule = AlertRule("most", "x", .limit(most: fixed("40"), warn: fixed("36")), .critical)
    rule.holdSeconds = 0
    var book = AlertBook(rules: [rule])
    _ = book.observe(x("37", at: 0, unit: .percent), at: at(0))
    #expect(book.openAlerts.map(\.severity) == [.warning])
    #expect(book.openAlerts.first?.title.full == "X 37 %, near its limit of 40 %")
    _ = book.observe(x("41", at: 1, unit: .percent), at: at(1))
    #expect(book.openAlerts.map(\.severity) == [.critical])
    _ = book.observe(x("35", at: 2, unit: .percent), at: at(2))
    #expect(book.openAlerts.count == 1)
    _ = book.observe(x("34", at: 3, unit: .percent), at: at(3))
    #expect(book.openAlerts.isEmpty)
  }

  @Test func `a figure that touches little is left alone`() {
    var rule = AlertRule("disputed", "price:*", .health([.disputed]))
    rule.leastWeight = fixed("0.5")
    var book = AlertBook(rules: [rule])
    func price(_ asset: String, _ weight: String) -> Observation {
      Observation(
        "price:\(asset)", subject: "\(asset) price", value: .one, unit: .price("USD"), time: at(0),
        quality: .disputed, note: "kraken and okx differ", weight: fixed(weight))
    }
    _ = book.observe([price("BTC", "40"), price("DUST", "0.01")], at: at(0))
    #expect(book.openAlerts.map(\.figure) == ["price:BTC"])
    #expect(
      book.openAlerts.first?.title.full == "BTC price is disputed: kraken and okx differ")
  }

  @Test(arguments: [
    ("price:*", "price:BTC", true), ("price:*", "price:venue:x:BTC", true),
    ("account:*:age", "account:kraken:age", true),
    ("account:*:age", "account:kraken:breaks", false),
    ("account:*:age", "account:age", false), ("nav", "nav", true), ("nav", "nav2", false),
    ("*", "anything:at:all", true),
  ])
  func `a star stands for one word, and at the end for all`(
    _ pattern: String, _ name: String, _ isMeant: Bool
  ) {
    #expect(
      AlertRule("r", pattern, .health([.stale])).matches(name) == isMeant)
  }
}

@Suite struct IncidentTests {
  static func levels() -> AlertRule.Levels { .init(raise: fixed("10"), clear: fixed("8")) }

  static func book(escalation: [AlertRule.Step] = []) -> AlertBook {
    var rule = AlertRule("high", "x:*", .threshold(.above, levels()))
    rule.holdSeconds = 0
    rule.escalation = escalation
    return AlertBook(rules: [rule])
  }

  static func seen(_ values: [String], at seconds: Int64) -> [Observation] {
    values.enumerated().flatMap { x($1, at: seconds, name: "x:\($0)") }
  }

  @Test func `twelve alerts of one cause are one incident and at most one notice a minute`() {
    var book = IncidentTests.book()
    var notices: [Notice] = []
    for second in Int64(0)..<120 {
      let count = min(12, Int(second) / 4 + 1)
      let values = (0..<12).map { $0 < count ? "11" : "5" }
      notices += book.observe(IncidentTests.seen(values, at: second), at: at(second)).notices
    }
    #expect(book.openAlerts.count == 12)
    #expect(Set(notices.map(\.key)).count == 1)
    #expect(notices.map(\.action) == [.trigger, .trigger])
    #expect(notices.last?.count == 12)
    #expect(notices.last?.title.full == "X:0 11, above 10 (and 11 more of high)")
    let over = book.observe(
      IncidentTests.seen(Array(repeating: "5", count: 12), at: 200), at: at(200))
    #expect(over.notices.map(\.action) == [.resolve])
    #expect(over.notices.first?.key == notices.first?.key)
  }

  @Test func `one of two that ends does not end the incident`() {
    var book = IncidentTests.book()
    _ = book.observe(IncidentTests.seen(["11", "11"], at: 0), at: at(0))
    let half = book.observe(IncidentTests.seen(["5", "11"], at: 1), at: at(1))
    #expect(kinds(half) == [.resolved])
    #expect(half.notices.isEmpty)
    let all = book.observe(IncidentTests.seen(["5", "5"], at: 2), at: at(2))
    #expect(all.notices.map(\.action) == [.resolve])
  }

  @Test func `acknowledging is told, and stops the escalation`() throws {
    let steps = [AlertRule.Step(seconds: 900, severity: .critical)]
    var book = IncidentTests.book(escalation: steps)
    _ = book.observe(IncidentTests.seen(["11"], at: 0), at: at(0))
    let known = try book.acknowledge(1, by: "kim", at: at(10))
    #expect(known.notices.map(\.action) == [.acknowledge])
    #expect(kinds(book.tick(at: at(2_000))) == [])
    #expect(book.openAlerts.first?.severity == .warning)
  }

  @Test func `what nobody acknowledges escalates`() {
    let steps = [AlertRule.Step(seconds: 900, severity: .critical)]
    var book = IncidentTests.book(escalation: steps)
    _ = book.observe(IncidentTests.seen(["11"], at: 0), at: at(0))
    #expect(book.wakeAt(after: at(0)) == at(900))
    let worse = book.tick(at: at(900))
    #expect(kinds(worse) == [.escalated])
    #expect(worse.notices.map(\.severity) == [.critical])
    #expect(kinds(book.tick(at: at(5_000))) == [])
  }

  @Test func `each snooze without a length is longer, and the end of one is told`() throws {
    var book = IncidentTests.book()
    _ = book.observe(IncidentTests.seen(["11"], at: 0), at: at(0))
    _ = try book.snooze(1, seconds: nil, by: "kim", at: at(10))
    #expect(book.alert(1)?.snoozedUntil == at(10 + 3_600))
    #expect(book.tick(at: at(100)).isEmpty)
    let awake = book.tick(at: at(3_610))
    #expect(kinds(awake) == [.awoken])
    #expect(awake.notices.map(\.action) == [.trigger])
    _ = try book.snooze(1, seconds: nil, by: "kim", at: at(4_000))
    #expect(book.alert(1)?.snoozedUntil == at(4_000 + 86_400))
    _ = try book.snooze(1, seconds: 60, by: "kim", at: at(5_000))
    #expect(book.alert(1)?.snoozedUntil == at(5_060))
  }

  @Test func `an alert ended by hand is raised again only after all was well`() throws {
    var book = IncidentTests.book()
    _ = book.observe(IncidentTests.seen(["11"], at: 0), at: at(0))
    let ended = try book.resolve(1, by: "kim", at: at(5))
    #expect(ended.notices.map(\.action) == [.resolve])
    #expect(kinds(book.observe(IncidentTests.seen(["12"], at: 6), at: at(6))) == [])
    #expect(kinds(book.observe(IncidentTests.seen(["5"], at: 7), at: at(7))) == [])
    #expect(kinds(book.observe(IncidentTests.seen(["12"], at: 8), at: at(8))) == [.raised])
    #expect(throws: AlertFault.over(1)) { try book.acknowledge(1, by: "kim", at: at(9)) }
    #expect(throws: AlertFault.missing(77)) { try book.confirm(77, by: "kim", at: at(9)) }
  }

  @Test func `a muted rule raises nothing until its time is up`() throws {
    var book = IncidentTests.book()
    _ = try book.mute(rule: "high", seconds: 100, by: "kim", at: at(0))
    #expect(kinds(book.observe(IncidentTests.seen(["11"], at: 10), at: at(10))) == [])
    #expect(book.wakeAt(after: at(10)) == at(100))
    #expect(kinds(book.observe(IncidentTests.seen(["11"], at: 100), at: at(100))) == [.raised])
    #expect(throws: AlertFault.noRule("low")) {
      try book.mute(rule: "low", seconds: 1, by: "kim", at: at(0))
    }
  }

  @Test func `a finding is one alert an episode, and what is thought of it goes back`() throws {
    var book = AlertBook(rules: AlertRule.builtIn)
    func finding(_ severity: Severity, isOver: Bool = false, at seconds: Int64) -> Finding {
      Finding(
        key: "jump-7", detector: "jump", subject: "SOL",
        title: AlertText("SOL moved -4.1 sd", outside: "SOL moved -4.1 sd"), severity: severity,
        score: fixed("0.97"), lines: [AlertLine("expected", "-0.42 % ± 0.84")], time: at(seconds),
        isOver: isOver)
    }
    #expect(kinds(book.take(finding(.warning, at: 0), at: at(0))) == [.raised])
    #expect(kinds(book.take(finding(.warning, at: 5), at: at(5))) == [])
    #expect(kinds(book.take(finding(.critical, at: 6), at: at(6))) == [.worsened])
    let thanks = try book.confirm(1, by: "kim", at: at(7))
    #expect(thanks.feedback.map(\.finding) == ["jump-7"])
    #expect(thanks.feedback.first?.opinion == .confirmed)
    #expect(kinds(book.take(finding(.critical, isOver: true, at: 9), at: at(9))) == [.resolved])
    // The same episode does not come back.
    #expect(kinds(book.take(finding(.critical, at: 10), at: at(10))) == [])
  }

  @Test func `a finding that the holder mutes does not come back for a while`() throws {
    var book = AlertBook(rules: AlertRule.builtIn)
    func finding(_ key: String, at seconds: Int64) -> Finding {
      Finding(
        key: key, detector: "jump", subject: "SOL", title: AlertText("SOL"), severity: .warning,
        time: at(seconds))
    }
    _ = book.take(finding("a", at: 0), at: at(0))
    let muted = try book.mute(1, seconds: 3_600, by: "kim", at: at(10))
    #expect(kinds(muted) == [.muted, .resolved])
    #expect(muted.feedback.first?.mutedUntil == at(3_610))
    #expect(kinds(book.take(finding("b", at: 20), at: at(20))) == [])
    #expect(kinds(book.take(finding("c", at: 3_610), at: at(3_610))) == [.raised])
  }
}
