import Ledger
import Sync
import Testing
import Wire

@testable import Engine

@Suite struct EngineLogTests {
  private static func lines(_ message: EngineMessage?) -> Report {
    if case .report(_, let report)? = message { return report }
    return Report()
  }

  @Test func `the log keeps its last lines and says where they begin`() {
    var log = EngineLog()
    for number in 1...(EngineLog.limit + 10) {
      log.add(.info, "place", "line \(number)", at: Instant(seconds: Int64(number)))
    }
    #expect(log.lines.count == EngineLog.limit)
    #expect(log.first == 11 && log.last == Int64(EngineLog.limit + 10))
    #expect(log.lines.first?.text == "line 11" && log.lines.last?.text == "line 2010")
    #expect(log.lines.map(\.number) == log.lines.map(\.number).sorted())
    let tail = log.report(after: 2_007)
    #expect(tail.rows.indices.map { tail.integer($0, "number") } == [2_008, 2_009, 2_010])
    #expect(log.report(most: 5).rows.count == 5)
  }

  @Test func `graver lines alone are told on demand, and outsiders cannot break a line`() {
    var log = EngineLog()
    let time = Instant(seconds: 1)
    log.add(.info, "a", "calm", at: time)
    log.add(.warning, "b", "two\nlines\tand a tab", details: [("to do", "x\ny")], at: time)
    log.add(.error, "c", String(repeating: "x", count: 9_000), at: time)
    let grave = log.report(level: .warning)
    #expect(grave.rows.indices.map { grave.text($0, "place") } == ["b", "c"])
    #expect(grave.text(0, "text") == "two lines and a tab")
    #expect(grave.text(0, "details") == "to do\tx y")
    #expect(grave.text(1, "text").count == EngineLog.mostCharacters)
  }

  @Test func `with the vault goes what it told`() {
    var log = EngineLog()
    let time = Instant(seconds: 1)
    log.add(.info, "client 1", "attached", isOfVault: false, at: time)
    log.add(.info, "kraken", "42 entries", at: time)
    log.forgetVault()
    #expect(log.lines.map(\.place) == ["client 1"])
    log.add(.info, "vault", "locked", isOfVault: false, at: time)
    #expect(log.lines.map(\.number) == [1, 3])
  }

  @Test func `what happens to an account stands in the log, and clients that look are told`() throws
  {
    let engine = VirtualEngine(["kraken"])
    engine.say(.look([Board.log]))
    let followed = FollowedAccount(
      account: AccountID(named: "kraken"), venue: "kraken", settings: SyncSettings(), states: [:])
    engine.happen(.changed(LedgerChanges(connections: [followed])))
    engine.run(seconds: 20)
    let boards = engine.heard()
    let report = EngineLogTests.lines(engine.answer(Request("log"), id: 1))
    let places = report.rows.indices.map { report.text($0, "place") }
    #expect(places.contains("client 1") && places.contains("vault"))
    let kraken = report.rows.indices.filter { report.text($0, "place") == "kraken" }
      .map { report.text($0, "text") }
    #expect(kraken.contains { $0.hasPrefix("syncing") })
    let board = try #require(
      boards.compactMap { message -> Report? in
        if case .board(Board.log, let report) = message { return report }
        return nil
      }.last)
    #expect(board.rows.count <= EngineLog.boardLines && !board.rows.isEmpty)
    #expect(board["first"] == report["first"])
  }

  @Test func `a level that does not exist is refused with those that do`() {
    let engine = VirtualEngine([])
    guard
      case .refusal(_, let refusal)? = engine.answer(Request("log", ["level": "loud"]), id: 1)
    else {
      Issue.record("It was not refused.")
      return
    }
    #expect(refusal.message.contains("info, warning, error"))
  }
}

@Suite struct IdleLockTests {
  private static func engine(_ seconds: Int64) -> VirtualEngine {
    var contents = VaultContents.nothing
    contents.idleLock = seconds
    return VirtualEngine([], contents: contents)
  }

  @Test(
    arguments: [
      ("15m", 900), ("15", 900), ("2h", 7_200), ("90s", 90), ("off", 0), ("OFF", 0), ("0", 0),
      ("24h", 86_400),
    ] as [(String, Int64)])
  func `a time is minutes unless it says otherwise`(_ text: String, _ seconds: Int64) {
    #expect(IdleLock.seconds(of: text) == seconds)
    #expect(IdleLock.seconds(of: IdleLock.text(of: seconds)) == seconds)
  }

  @Test(arguments: ["", "h", "-5m", "30s", "25h", "5 m", "1.5h", "99999999999999999999", "x"])
  func `what is no time, too short or too long is refused`(_ text: String) {
    #expect(IdleLock.seconds(of: text) == nil)
  }

  @Test func `without a key the vault is locked when it is due, and says why`() throws {
    let engine = IdleLockTests.engine(60)
    engine.run(seconds: 59)
    #expect(engine.locks.isEmpty)
    engine.run(seconds: 2)
    #expect(engine.locks.count == 1)
    let status = try #require(engine.lastStatus)
    #expect(!status.isUnlocked && status.lockReason == "no key was pressed for 1m")
    #expect(status.idleLockSeconds == 0)
    // A locked vault is not locked again.
    engine.run(seconds: 200)
    #expect(engine.locks.count == 1)
  }

  @Test func `a key anywhere puts it off`() {
    let engine = IdleLockTests.engine(60)
    for _ in 0..<10 {
      engine.run(seconds: 50)
      engine.say(.active)
    }
    #expect(engine.locks.isEmpty)
    engine.run(seconds: 61)
    #expect(engine.locks.count == 1)
  }

  @Test func `commands are no keys, and without the policy nothing is locked`() {
    let engine = IdleLockTests.engine(60)
    for id in 1...3 {
      engine.run(seconds: 25)
      _ = engine.answer(Request("status"), id: UInt64(id))
    }
    #expect(engine.locks.count == 1)
    let open = IdleLockTests.engine(0)
    open.run(seconds: 300)
    #expect(open.locks.isEmpty)
  }

  @Test func `a changed policy counts from then on`() {
    let engine = IdleLockTests.engine(60)
    engine.run(seconds: 50)
    engine.happen(.changed(LedgerChanges(idleLock: 120)))
    engine.run(seconds: 110)
    #expect(engine.locks.isEmpty)
    engine.run(seconds: 11)
    #expect(engine.locks.count == 1)
  }

  @Test func `a lock that does not come is asked for again after a minute`() {
    let engine = IdleLockTests.engine(60)
    engine.refusesLock = true
    engine.run(seconds: 200)
    #expect(engine.locks.count == 3)
  }
}
