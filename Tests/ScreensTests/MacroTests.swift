import Canvas
import Testing
import Wire

@testable import Screens

/// Keys that are recorded and pressed again.
@Suite struct MacroTests {
  /// Keys in the notation of keymap files.
  static func keys(_ notation: String) -> [Key] {
    var keys: [Key] = []
    var rest = Substring(notation)
    while let first = rest.first {
      var token = String(first)
      if first == "<", let close = rest.firstIndex(of: ">") { token = String(rest[...close]) }
      rest = rest.dropFirst(token.count)
      keys += (try? Key.sequence(token)) ?? []
    }
    return keys
  }

  @Test func `keys are recorded under a letter and pressed again`() throws {
    var desk = try FinderTests.desk()
    desk.press("2Qa")
    #expect(desk.row(0).contains("REC a"))
    desk.press("<Space>jQ")
    #expect(desk.row(22).contains("Recorded 2 keys under 'a'."))
    #expect(!desk.row(0).contains("REC"))
    #expect(desk.model.list.marks.count == 1)
    desk.press("@a")
    #expect(desk.model.list.marks.count == 2)
    #expect(desk.model.list.cursor.index == 4)
  }

  @Test func `a count presses them more often`() throws {
    var desk = try FinderTests.desk(80, 24, "vim")
    desk.press("g2Qa<Space>Q3@a")
    #expect(desk.model.list.marks.count == 4)
    desk.press("u")
    #expect(desk.model.list.marks.count == 1, "one call is one step of undo")
  }

  @Test func `lines and filters are keys too, and the line that ends it is none`() throws {
    var desk = try FinderTests.desk()
    desk.press("Qb2/w<gt>20%<CR>S:record<CR>")
    #expect(desk.row(22).contains("Recorded 9 keys"))
    desk.press("<Esc>1@b")
    #expect(desk.model.screen == .positions)
    #expect(desk.model.list.filter.text == "w>20%")
  }

  @Test func `the menu shows what is recorded`() throws {
    var desk = try FinderTests.desk()
    desk.press("@")
    #expect(desk.row(22).contains("play: nothing is recorded yet"))
    desk.press("2QajQQb<Space>Q@")
    #expect(desk.text.contains("a j") && desk.text.contains("b <Space>"))
    desk.press("<Down><CR>")
    #expect(desk.model.list.marks.count == 2)
  }

  @Test func `a macro that calls itself comes to an end`() throws {
    var desk = try FinderTests.desk()
    desk.press("2QajQ")
    // Recording anew while the old keys are there: it then holds its own call.
    desk.press("Qb@ajQQaj@bQ")
    desk.press("Qbj@aQ")
    desk.press("gg@a")
    #expect(desk.row(22).contains("has stopped: macros call each other too deep"))
    #expect(desk.model.macros.depth == 0)
    desk.press("gg<M-9><M-9><M-9><M-9>@a")
    #expect(desk.model.macros.depth == 0 && desk.row(22).contains("has stopped"))
  }

  @Test func `many keys come to an end too`() throws {
    var desk = try FinderTests.desk(80, 24, "vim")
    desk.press("g2QajkjkjkjkQ9999@a")
    #expect(desk.row(22).contains("has stopped: more than 4000 keys"))
    desk.press("Qb" + String(repeating: "j", count: Macros.keyLimit + 1))
    #expect(desk.model.macros.recording == nil && desk.model.macros.keys["b"] == nil)
  }

  @Test func `a question is left to the hand, and leaving too`() throws {
    var desk = try FinderTests.desk()
    desk.press("8QaXyQ")
    let before = desk.requests.count
    #expect(desk.requests.last?.verb == "disconnect")
    desk.press("@a")
    #expect(desk.requests.count == before)
    #expect(desk.model.prompt?.use.isQuestion == true)
    desk.press("n")
    desk.press("Qb:q")
    // What would leave is typed by a macro, and does not.
    desk.press("<Esc>Q")
    desk.model.macros.keys["c"] = MacroTests.keys(":q<CR>")
    let effects = desk.press("@c")
    #expect(!effects.contains(.quit(0)))
    #expect(desk.row(22).contains("has stopped: only a hand may leave"))
  }

  @Test func `it stops at the first error`() throws {
    var desk = try FinderTests.desk()
    desk.model.macros.keys["e"] = MacroTests.keys(":nonsense<CR>2<Space><Space>")
    desk.press("2@e")
    #expect(desk.model.list.marks.isEmpty)
    #expect(desk.row(22).contains("has stopped: No command is called 'nonsense'"))
  }

  @Test func `no secret is ever recorded or typed by one`() throws {
    var desk = try FinderTests.desk()
    desk.press("Qa:watch zq-secret<CR>jQ")
    #expect(desk.model.macros.keys["a"] == [Key.character("j")])
    desk.press("Qb")
    var status = Scene.status
    status.isUnlocked = false
    desk.send(.engine(.status(status)))
    desk.press("zq-secret")
    #expect(desk.model.macros.recording == nil)
    #expect(!"\(desk.model.macros)".contains("z"))
    desk.model.macros.keys["c"] = [Key.character("x")]
    desk.press("@c")
    #expect(desk.model.unlock.count == 11, "what is typed at the passphrase is text")
    var form = try KeyFormTests.asking()
    form.model.macros.recording = Macros.Recording(letter: "a")
    form.press("zq-secret")
    #expect(form.model.macros.recording == nil && form.model.macros.keys.isEmpty)
  }

  @Test func `a read-only client plays nothing that changes`() throws {
    var settings = try GoldenTests.settings()
    settings.isReadOnly = true
    var desk = Desk(80, 24, settings: settings)
    desk.model.macros.keys["a"] = MacroTests.keys("<M-l>")
    desk.press("@a")
    #expect(desk.requests.isEmpty)
    #expect(desk.row(22).contains("this client is read-only"))
  }
}
