import Canvas
import Testing
import Wire

@testable import Screens

/// Why something cannot be done now, and where that is said.
@Suite struct ObstacleTests {
  static func desk(_ change: (inout EngineStatus) -> Void = { _ in }, isReadOnly: Bool = false)
    throws -> Desk
  {
    var settings = try GoldenTests.settings()
    settings.isReadOnly = isReadOnly
    var status = Scene.status
    change(&status)
    var desk = Desk(80, 24, settings: settings, status: status)
    desk.sendBoards()
    return desk
  }

  @Test(arguments: [
    // What is pressed, and what the message row says then.
    ("s", "sort: only in the list of positions"),
    ("0S", "sort-reverse: only in the list of positions"),
    ("4l", "column-next: only in the list of positions and the heat map"),
    ("0<Space>", "mark: only in the list of positions"),
    ("0<Tab>", "next-pane: there is one pane here"),
    ("3[[[[[", "period-shorter: there is no shorter period"),
    (":chart-next<CR>", "chart-next: only on the P&L screen"),
    ("2\\", "clear-filter: nothing is filtered here"),
    ("2dd", "explain: close this first"),
    ("2d/", "filter: there is nothing to search here"),
    ("4/", "filter: there is no filter here"),
    ("4yy", "copy: there is nothing to copy here"),
    ("2/btc sol<CR><CR>", "open: there is nothing under the cursor"),
    ("2/btc sol<CR><Space>", "mark: there is no position"),
    (":folded<CR>", "folded: nothing is folded away"),
    (":cancel-request<CR>", "cancel-request: nothing is running for this client"),
    (":disconnect<CR>", "disconnect: which account?"), (":ack<CR>", "ack: which alert?"),
  ])
  func `a key in the wrong place says where it works`(_ keys: String, _ said: String) throws {
    var desk = try ObstacleTests.desk()
    desk.press(keys)
    #expect(desk.row(22).contains(said), "\(desk.row(22))")
    #expect(desk.requests.isEmpty)
  }

  @Test(arguments: ["ack", "lock", "import x", "disconnect", "connect kraken", "currency EUR"])
  func `a read-only client says so before anything else`(_ line: String) throws {
    var desk = try ObstacleTests.desk(isReadOnly: true)
    desk.press(":\(line)<CR>")
    #expect(desk.row(22).contains(": this client is read-only"))
    #expect(desk.requests.isEmpty)
  }

  @Test func `a key that begins a line says at once that the line could not be run`() throws {
    var desk = try ObstacleTests.desk(isReadOnly: true)
    desk.press("8a")
    #expect(desk.model.prompt == nil)
    #expect(desk.row(22).contains("this client is read-only"))
  }

  @Test func `without an engine nothing is asked of it`() throws {
    var desk = try ObstacleTests.desk()
    desk.send(.disconnected("gone"))
    for keys in [":imports<CR>", ":currency EUR<CR>", "3<CR>"] {
      desk.press(keys)
      #expect(desk.row(22).contains("not connected to the engine"), "\(keys)")
    }
    desk.press("p")
    #expect(desk.row(22).contains("pause: the figures stand still already"))
  }

  @Test func `off the network a key cannot be tried, but stored untried`() throws {
    var desk = try ObstacleTests.desk({ $0.isOffline = true })
    desk.press(":connect kraken<CR>")
    #expect(desk.row(22).contains("connect: the engine is off the network"))
    #expect(desk.requests.isEmpty)
    desk.press(":connect kraken --untested<CR>")
    #expect(desk.requests.map(\.verb) == ["venue"])
  }

  @Test func `help tells of each command whether it can be done below`() throws {
    var desk = try ObstacleTests.desk()
    func reason(_ command: String) -> String? {
      guard let open = desk.model.overlays.last else { return nil }
      let line = desk.model.lines(of: open, in: 0..<500).map(\.plain)
        .first { $0.contains(" \(command) ") && $0.contains("not now") }
      let start = line?.firstRange(of: "not now: ")?.upperBound
      return line.flatMap { line in start.map { String(line[$0...].prefix { $0 != ";" }) } }
    }
    desk.press("?")
    #expect(reason("sort-reverse") == "only in the list of positions")
    #expect(reason("privacy") == nil)
    desk.press("<Esc>2?")
    #expect(reason("sort-reverse") == nil)
    #expect(reason("explain") == nil)
    #expect(reason("clear-filter") == "nothing is filtered here")
  }

  @Test func `help of help is one help`() throws {
    var desk = try ObstacleTests.desk()
    desk.press("0<CR>???:messages<CR>?")
    #expect(desk.model.overlays.count == 4)
    #expect(reasonCount(desk) > 0)
  }

  private func reasonCount(_ desk: Desk) -> Int {
    guard let open = desk.model.overlays.last else { return 0 }
    return desk.model.lines(of: open, in: 0..<500).count { $0.plain.contains("not now") }
  }

  @Test func `the finder tells it too`() throws {
    var desk = try ObstacleTests.desk()
    desk.press("<C-p>sort-reverse")
    #expect(desk.text.contains("not now: only in the list of pos"))
    desk.press("<CR>")
    #expect(desk.row(22).contains("sort-reverse: only in the list of positions"))
    desk.press("<Esc>2<C-p>sort-reverse<CR>")
    #expect(desk.text.contains("by value ↑"))
  }

  @Test func `every command can be asked in every place`() throws {
    for keys in ["", "2", "2<CR>", "3", "4", "gh", "5", "0", "8", "?", "2d"] {
      var desk = try ObstacleTests.desk()
      desk.press(keys)
      for spec in Commands.all {
        let obstacle = desk.model.obstacle(to: Invocation(spec.name))
        #expect(obstacle?.text.isEmpty != true && obstacle?.text.hasSuffix(".") != true)
      }
    }
  }
}
