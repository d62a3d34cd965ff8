import Alerts
import Amounts
import Imports
import Ledger
import Sync
import Testing
import Vault
import VenueKit
import Wire
import Zones

@testable import Engine

/// Strikes that are made by themselves, on a clock of their own.
@Suite struct StrikeDeskTests {
  private static func time(_ text: String) throws -> Instant { try #require(Instant(text)) }

  /// An engine's core on a virtual clock that jumps from one wake-up to the next; what it wants frozen,
  /// and when.
  private static func strikes(
    _ clock: String, _ zone: String, since: String, from start: String, to end: String,
    struck: [String] = [], fails: Int = 0
  ) throws -> [String] {
    var contents = VaultContents.nothing
    contents.strikePlan = StrikePlan(
      cutOff: try VaultWorker.CutOff(clock, zone), since: try time(since),
      struck: Set(try struck.map { try time($0) }))
    var core = EngineCore(vault: "test", mode: .init(isOffline: true))
    var (now, end, failures) = (try time(start), try time(end), fails)
    var wakeAt: Instant?
    var made: [String] = []
    var events: [EngineEvent] = [.changed(LedgerChanges(opened: contents))]
    while now <= end {
      while !events.isEmpty {
        for effect in core.handle(events.removeFirst(), at: now) {
          switch effect {
          case .wake(let time): wakeAt = time
          case .strike(let cutoff):
            made.append("\(cutoff.description.prefix(16)) at \(now.description.prefix(16))")
            failures -= 1
            events.append(.struck(cutoff, failures >= 0 ? .failed("no room") : .made))
          default: continue
          }
        }
      }
      guard let next = wakeAt else { break }
      now = max(now, next)
      wakeAt = nil
      events = [.timer]
    }
    return made
  }

  /// New York's clocks go forward on 8 March 2026 and back on 1 November 2026, both at two at night.
  ///
  /// Source: https://www.nist.gov/pml/time-and-frequency-division/popular-links/daylight-saving-time-dst
  @Test func `the cut-off keeps its hour on the wall over the change of the clocks`() throws {
    #expect(
      try StrikeDeskTests.strikes(
        "16:00", "America/New_York", since: "2026-03-06T22:00:00Z", from: "2026-03-06T22:00:00Z",
        to: "2026-03-10T00:00:00Z") == [
          "2026-03-07T21:00 at 2026-03-07T21:01", "2026-03-08T20:00 at 2026-03-08T20:01",
          "2026-03-09T20:00 at 2026-03-09T20:01",
        ])
    #expect(
      try StrikeDeskTests.strikes(
        "16:00", "America/New_York", since: "2026-10-31T00:00:00Z", from: "2026-10-31T00:00:00Z",
        to: "2026-11-02T22:00:00Z") == [
          "2026-10-31T20:00 at 2026-10-31T20:01", "2026-11-01T21:00 at 2026-11-01T21:01",
          "2026-11-02T21:00 at 2026-11-02T21:01",
        ])
  }

  @Test func `an hour that is skipped is its end, one that comes twice is the first`() throws {
    #expect(
      try StrikeDeskTests.strikes(
        "02:30", "America/New_York", since: "2026-03-07T08:00:00Z", from: "2026-03-07T08:00:00Z",
        to: "2026-03-09T08:00:00Z") == [
          "2026-03-08T07:00 at 2026-03-08T07:01", "2026-03-09T06:30 at 2026-03-09T06:31",
        ])
    #expect(
      try StrikeDeskTests.strikes(
        "01:30", "America/New_York", since: "2026-10-31T06:00:00Z", from: "2026-10-31T06:00:00Z",
        to: "2026-11-02T08:00:00Z") == [
          "2026-11-01T05:30 at 2026-11-01T05:31", "2026-11-02T06:30 at 2026-11-02T06:31",
        ])
  }

  @Test func `what was missed is made when the vault is open again, once`() throws {
    #expect(
      try StrikeDeskTests.strikes(
        "00:00", "UTC", since: "2026-01-01T12:00:00Z", from: "2026-01-05T09:00:00Z",
        to: "2026-01-06T09:00:00Z", struck: ["2026-01-03T00:00:00Z"]) == [
          "2026-01-02T00:00 at 2026-01-05T09:00", "2026-01-04T00:00 at 2026-01-05T09:00",
          "2026-01-05T00:00 at 2026-01-05T09:00", "2026-01-06T00:00 at 2026-01-06T00:01",
        ])
  }

  @Test func `what cannot be made is tried again, and holds nothing up`() throws {
    #expect(
      try StrikeDeskTests.strikes(
        "00:00", "UTC", since: "2026-01-01T12:00:00Z", from: "2026-01-01T12:00:00Z",
        to: "2026-01-02T03:00:00Z", fails: 2) == [
          "2026-01-02T00:00 at 2026-01-02T00:01", "2026-01-02T00:00 at 2026-01-02T01:01",
          "2026-01-02T00:00 at 2026-01-02T02:01",
        ])
  }

  @Test func `a strike that is held up says why and since when, until it is made`() throws {
    let opened = try StrikeDeskTests.time("2026-01-01T12:00:00Z")
    let cutoff = try StrikeDeskTests.time("2026-01-01T00:00:00Z")
    var desk = StrikeDesk(
      try VaultWorker.CutOff("00:00", "UTC"), UTCZone(), since: cutoff.advanced(bySeconds: -1),
      struck: [], at: opened)
    #expect(desk.held.isEmpty)
    var first = opened.advanced(bySeconds: 30)
    let due = desk.task(at: first)
    #expect(due == cutoff)
    desk.take(.heldUp("open breaks are 80 basis points"), of: cutoff, at: first)
    let since = first
    #expect(desk.held.map(\.state) == ["held up"])
    first = first.advanced(bySeconds: StrikeDesk.pauseAfterFailure)
    let again = desk.task(at: first)
    #expect(again == cutoff)
    desk.take(.failed("the disk is full"), of: cutoff, at: first)
    let held = try #require(desk.held.first)
    #expect(held.since == since && held.tried == first && held.state == "failed")
    var byHand = desk
    byHand.wasMade(by: cutoff)
    #expect(byHand.held.isEmpty)
    let later = first.advanced(bySeconds: StrikeDesk.pauseAfterFailure)
    let none = byHand.task(at: later)
    #expect(none == nil)
    let last = desk.task(at: later)
    #expect(last == cutoff)
    desk.take(.made, of: cutoff, at: later)
    #expect(desk.held.isEmpty)
  }

  @Test func `the list of strikes is asked for with those that are held up`() throws {
    let cutoff = try StrikeDeskTests.time("2026-01-01T00:00:00Z")
    var contents = VaultContents.nothing
    contents.strikePlan = StrikePlan(
      cutOff: try VaultWorker.CutOff("00:00", "UTC"), since: cutoff.advanced(bySeconds: -3_600))
    var core = EngineCore(vault: "test", mode: .init(isOffline: true))
    var now = cutoff.advanced(bySeconds: 600)
    let client = ClientID(number: 1)
    let events: [EngineEvent] = [
      .connected(client),
      .said(client, .hello(version: ClientMessage.version, isReadOnly: true)),
      .changed(LedgerChanges(opened: contents)),
    ]
    for event in events { _ = core.handle(event, at: now) }
    now = now.advanced(bySeconds: 30)
    _ = core.handle(.timer, at: now)
    _ = core.handle(.struck(cutoff, .heldUp("too many breaks")), at: now)
    let effects = core.handle(.said(client, .request(id: 1, Request("strikes"))), at: now)
    var asked: [StrikeDesk.Held] = []
    for case .work(_, .strikes(let held)) in effects { asked += held }
    let held = try #require(asked.first)
    #expect(held.cutoff == cutoff && held.since == now && held.reason == "too many breaks")
    let row = VaultWorker.row(of: held)
    #expect(row.count == VaultWorker.strikeColumns.count)
    let named = Dictionary(
      zip(VaultWorker.strikeColumns, row.map(\.plain)), uniquingKeysWith: { first, _ in first })
    #expect(named["state"] == "held up" && named["reason"] == "too many breaks")
    #expect(named["held_since"] == "2026-01-01T00:10:30Z")
    #expect(named["next_try"] == "2026-01-01T01:10:30Z")
  }

  @Test func `clients and rules of alerts are told of a strike that is held up`() throws {
    let cutoff = try StrikeDeskTests.time("2026-01-01T00:00:00Z")
    var contents = VaultContents.nothing
    contents.strikePlan = StrikePlan(
      cutOff: try VaultWorker.CutOff("00:00", "UTC"), since: cutoff.advanced(bySeconds: -3_600))
    contents.alerts.settings.rules = AlertRule.builtIn
    let engine = VirtualEngine([], contents: contents)
    engine.run(seconds: 31)
    func alerts(_ id: UInt64) -> [String] {
      guard case .report(_, let report)? = engine.answer(Request("alerts"), id: id) else {
        return ["no answer"]
      }
      return report.rows.indices.map { report.text($0, "title") }
    }
    func warnings() -> [String]? {
      engine.heard().reduce(nil) { found, message in
        if case .status(let status) = message { status.warnings } else { found }
      }
    }
    _ = warnings()
    engine.happen(.struck(cutoff, .heldUp("open breaks are 80 basis points of the sum")))
    let said = try #require(warnings()?.first)
    #expect(
      said.hasPrefix("the strike of 2026-01-01T00:00:00Z is held up since 2026-01-01T00:00:3"))
    #expect(said.hasSuffix(": open breaks are 80 basis points of the sum"))
    engine.run(seconds: 20)
    #expect(alerts(1) == ["Strikes that cannot be made 1, above 0"])
    engine.happen(.changed(LedgerChanges(struck: cutoff)))
    #expect(warnings() == [])
    engine.run(seconds: 20)
    #expect(alerts(2) == [])
  }

  @Test func `books reach a cut-off where all followed accounts are read beyond it`() throws {
    let cutoff = try StrikeDeskTests.time("2026-01-02T00:00:00Z")
    let (one, other) = (AccountID(named: "kraken"), AccountID(named: "ledger"))
    func reason(_ ends: [AccountID: Instant?]) -> String? {
      BooksReach(ends: ends).reason(at: cutoff)
    }
    #expect(reason([:]) == nil)
    #expect(reason([one: cutoff, other: cutoff.advanced(bySeconds: 5)]) == nil)
    #expect(reason([one: cutoff, other: nil]) == "the history of ledger is not read whole")
    #expect(
      reason([one: cutoff.advanced(bySeconds: -1), other: nil])
        == "kraken and 1 more is read up to 2026-01-01T23:59:59Z, before the cut-off")
  }

  @Test func `a strike waits for accounts that are not read, and says so after a while`() throws {
    let start = VirtualEngine([]).now
    let account = AccountID(named: "bitfinex")
    var settings = SyncSettings()
    settings.start = start.advanced(bySeconds: -86_400)
    var contents = VaultContents.nothing
    contents.connections = [
      FollowedAccount(account: account, venue: "bitfinex", settings: settings, states: [:])
    ]
    // 00:10, ten minutes after the clock of the engine begins.
    let cutoff = start.advanced(bySeconds: 600)
    contents.strikePlan = StrikePlan(
      cutOff: try VaultWorker.CutOff("00:10", "UTC"), since: start)
    let engine = VirtualEngine(["bitfinex"], contents: contents)
    var isDown = false
    engine.spoil = { job in
      guard job.account == account else { return nil }
      if isDown { return .answered(IncomingAnswer(status: 503, body: [])) }
      let body = UnreadAccountTests.answer(job.call.path)
      return .answered(IncomingAnswer(status: 200, body: Array(body.utf8)))
    }
    func warnings() -> [String]? {
      engine.heard().reduce(nil) { found, message in
        if case .status(let status) = message { status.warnings } else { found }
      }
    }
    engine.run(seconds: 590)
    isDown = true
    _ = warnings()
    engine.run(seconds: 600)
    // Accounts are read every few minutes: to wait for that is no news.
    #expect(engine.strikes.isEmpty && warnings().map(\.isEmpty) != false)
    engine.run(seconds: 600)
    let said = try #require(warnings()?.first)
    #expect(said.contains("is held up since 2026-01-01T00:11:3"))
    #expect(said.hasSuffix(", before the cut-off"))
    #expect(engine.strikes.isEmpty)
    isDown = false
    engine.run(seconds: 1_000)
    #expect(engine.strikes.map(\.cutoff) == [cutoff])
    engine.happen(.struck(cutoff, .made))
    #expect(warnings() == [])
  }

  @Test func `what is frozen names the accounts that were not read`() throws {
    let cutoff = try StrikeDeskTests.time("2026-01-02T00:00:00Z")
    var maker = StrikeMaker(cutoff: cutoff, currency: .usDollar)
    #expect(!maker.strike(reason: "").content.contains("unread"))
    maker.unread = [AccountID(named: "kraken")]
    #expect(maker.strike(reason: "").content.contains(#""unread":["kraken"]"#))
  }

  @Test func `what is frozen says that it was made late, and by whom`() throws {
    let cutoff = try StrikeDeskTests.time("2026-01-02T00:00:00Z")
    func content(_ seconds: Int64?) -> String {
      var maker = StrikeMaker(cutoff: cutoff, currency: .usDollar)
      maker.madeByItself = seconds.map { cutoff.advanced(bySeconds: $0) }
      return maker.strike(reason: "").content
    }
    #expect(content(90).contains("\"late\":\"no\""))
    #expect(content(7_200).contains("\"late\":\"7200 s\""))
    #expect(content(90).contains("\"made_by\":\"cut-off\""))
    #expect(!content(nil).contains("late"))
  }

  @Test func `no more than a month is made up for, and nothing before the cut-off was chosen`()
    throws
  {
    let now = try StrikeDeskTests.time("2026-06-15T12:00:00Z")
    let cutOff = try VaultWorker.CutOff("00:00", "UTC")
    var desk = StrikeDesk(
      cutOff, UTCZone(), since: try StrikeDeskTests.time("2020-01-01T00:00:00Z"), struck: [],
      at: now)
    var count = 0
    let later = now.advanced(bySeconds: 60)
    while let cutoff = desk.task(at: later), count < 100 {
      count += 1
      desk.take(.made, of: cutoff, at: later)
    }
    #expect(count == StrikeDesk.mostDays)
    var fresh = StrikeDesk(cutOff, UTCZone(), since: now, struck: [], at: now)
    let none = fresh.task(at: later)
    #expect(none == nil)
    #expect(fresh.wakeAt?.description.hasPrefix("2026-06-16T00:01:30") == true)
    #expect(StrikeDesk(StrikePlan(), at: now) == nil)
  }
}
