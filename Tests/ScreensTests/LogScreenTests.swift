import Canvas
import Ledger
import Testing
import Wire

@testable import Screens

extension Scene {
  /// Lines of an engine's log.
  static func log(_ numbers: ClosedRange<Int64>, first: Int64 = 1, last: Int64? = nil) -> Report {
    let texts = [
      ("info", "kraken", "trades: 12 entries", "venue\tkraken", false),
      ("warning", "okx-desk", "HTTP 429: too many calls; what follows waits", "venue\tokx", false),
      (
        "error", "okx-desk", "stopped: the venue refused: invalid key (50111)",
        "to do\tCheck key.", false
      ),
      ("info", "import", "refused: row 17 has 1,234.56 twice", "path\t/home/a.csv", true),
    ]
    return Report(
      facts: [
        .init("first", .integer(first)), .init("last", .integer(last ?? numbers.upperBound)),
      ],
      tableName: "lines",
      columns: ["number", "seen_at", "level", "place", "text", "details", "revealing"],
      rows: numbers.map { number in
        let line = texts[Int(number % 4)]
        let time = now.advanced(bySeconds: (number - 60) * 61)
        return [
          .integer(number), .integer(time.microseconds), .text(line.0), .text(line.1),
          .text(line.2), .text(line.3), .flag(line.4),
        ]
      })
  }
}

@Suite struct LogScreenTests {
  private func desk(
    _ width: Int = 80, _ height: Int = 24, isPrivate: Bool = false, glyphs: GlyphSet = .unicode
  ) throws -> Desk {
    var settings = try GoldenTests.settings()
    settings.isPrivate = isPrivate
    settings.glyphs = glyphs
    settings.screen = "log"
    var desk = Desk(width, height, settings: settings)
    desk.sendBoards()
    desk.send(.engine(.board(name: Board.log, Scene.log(1...60))))
    return desk
  }

  @Test(arguments: GoldenTests.sizes)
  func `the log looks as it was kept`(_ size: (Int, Int)) throws {
    try Golden.check(try desk(size.0, size.1).model.frame(), "log-\(size.0)x\(size.1)")
  }

  @Test func `the log has a form in ASCII, without colours, hidden and before it came`() throws {
    try Golden.check(try desk(glyphs: .ascii).model.frame(), "log-ascii-80x24")
    let frame = try desk().model.frame()
    let shown = "\(frame.text)\n--- attributes\n\(frame.attributes(in: try shippedTheme("mono")))\n"
    try Golden.check(text: shown, "log-mono-80x24")
    let hidden = try desk(isPrivate: true).model.frame()
    #expect(!hidden.text.contains("1,234.56"))
    try Golden.check(hidden, "log-private-80x24")
    var settings = try GoldenTests.settings()
    settings.screen = "log"
    let empty = Desk(80, 24, settings: settings)
    #expect(empty.text.contains("Waiting for the engine."))
    #expect(empty.effects.contains(.send(.look([Board.alerts, Board.log]))))
  }

  @Test func `it sticks to the newest line unless one moves away`() throws {
    var desk = try desk()
    #expect(desk.model.log.cursor.index == 59)
    desk.send(.engine(.board(name: Board.log, Scene.log(1...61))))
    #expect(desk.model.log.cursor.index == 60 && desk.text.contains("follows the end"))
    desk.press("kk")
    desk.send(.engine(.board(name: Board.log, Scene.log(1...63))))
    #expect(desk.model.log.cursor.index == 58 && desk.text.contains("stands still"))
    desk.press("G")
    desk.send(.engine(.board(name: Board.log, Scene.log(1...64))))
    #expect(desk.model.log.cursor.index == 63)
  }

  @Test func `lines that the board does not have are asked for`() throws {
    var desk = try desk()
    desk.answersRequests = false
    desk.send(.engine(.board(name: Board.log, Scene.log(200...299, last: 299))))
    let question = desk.requests.last
    #expect(question?.verb == "log" && question?.arguments["after"] == "60")
    let id = try #require(desk.number(of: "log"))
    desk.send(.engine(.report(id: id, Scene.log(61...299))))
    #expect(desk.model.log.lines.count == 299 && desk.model.log.lines.last?.number == 299)
    // The engine keeps only so many: what it has dropped is dropped here.
    desk.send(.engine(.board(name: Board.log, Scene.log(250...300, first: 101))))
    #expect(desk.model.log.lines.first?.number == 101)
  }

  @Test func `an engine that begins anew begins the log anew`() throws {
    var desk = try desk()
    desk.send(.engine(.board(name: Board.log, Scene.log(1...3))))
    #expect(desk.model.log.lines.map(\.number) == [1, 2, 3])
    // After another connection the same numbers may be other lines.
    desk.press("/okx<CR>")
    desk.send(.disconnected("gone"))
    #expect(desk.model.log.lines.count == 3)
    desk.send(.connected)
    #expect(desk.model.log.lines.isEmpty && desk.model.log.filter == "okx")
  }

  @Test func `words and levels narrow it down, and undo takes that back`() throws {
    var desk = try desk()
    desk.press("/okx<CR>")
    #expect(desk.model.log.count == 30 && desk.text.contains("30 of 60 lines"))
    desk.press("<Esc>")
    #expect(desk.model.log.count == 60)
    desk.press(":filter level:error<CR>")
    #expect(desk.model.log.count == 15)
    desk.press("u")
    #expect(desk.model.log.count == 60)
  }

  @Test func `n and N go from match to match of the last search`() throws {
    var desk = try desk()
    desk.press("/invalid<CR><Esc>gg")
    desk.press("n")
    #expect(desk.model.log.entry(desk.model.log.cursor.index)?.number == 2)
    desk.press("n")
    #expect(desk.model.log.entry(desk.model.log.cursor.index)?.number == 6)
    desk.press("N")
    #expect(desk.model.log.entry(desk.model.log.cursor.index)?.number == 2)
  }

  @Test func `Enter shows the whole line, with what may tell amounts hidden on demand`() throws {
    var desk = try desk()
    desk.press("gg")
    desk.press("jj<CR>")
    #expect(desk.text.contains("refused: row 17 has 1,234.56 twice"))
    #expect(desk.text.contains("/home/a.csv"))
    desk.press("<Esc>zp<CR>")
    #expect(!desk.text.contains("1,234.56") && !desk.text.contains("/home/a.csv"))
    desk.press("<Esc>/1,234<CR>")
    #expect(desk.model.log.count == 0)
  }

  @Test func `locking forgets it`() throws {
    var desk = try desk()
    var status = Scene.status
    status.isUnlocked = false
    status.lockReason = "no key was pressed for 15m"
    desk.send(.engine(.status(status)))
    #expect(desk.model.log.lines.isEmpty)
    #expect(desk.text.contains("Locked: no key was pressed for 15m."))
    try Golden.check(desk.model.frame(), "unlock-idle-80x24")
  }
}

@Suite struct ActivityTests {
  private func told(_ effects: [Effect]) -> Int { effects.count { $0 == .send(.active) } }

  @Test func `keys are told to the engine now and then, and only where it locks itself`() {
    var status = Scene.status
    status.idleLockSeconds = 900
    var desk = Desk(80, 24, status: status)
    #expect(told(desk.press("jjjj")) == 1)
    desk.wait(milliseconds: 19_000)
    #expect(told(desk.press("k")) == 0)
    desk.wait(milliseconds: 2_000)
    #expect(told(desk.press("k")) == 1)
    #expect(told(desk.effects.filter { _ in true }) == 2)
    var open = Desk(80, 24)
    #expect(told(open.press("jjjj")) == 0)
  }

  @Test func `without a key nothing is told, however long that is`() {
    var status = Scene.status
    status.idleLockSeconds = 60
    var desk = Desk(80, 24, status: status)
    for _ in 0..<20 { desk.wait(milliseconds: 30_000) }
    #expect(told(desk.effects) == 0)
    #expect(told(desk.send(.line("screen ledger"))) == 1)
  }

  @Test func `the policy is set from the client`() {
    var desk = Desk(80, 24)
    desk.press(":idle-lock 15m<CR>")
    #expect(desk.requests.last == Request("set-idle-lock", ["after": "15m"]))
    desk.press(":idle-lock<CR>")
    #expect(desk.text.contains("idle-lock: after how long?"))
  }
}
