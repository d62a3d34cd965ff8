import Testing

@testable import Canvas

@Suite struct KeyTests {
  @Test(arguments: [
    ("gg", "gg"), ("g g", "gg"), ("<c-X>b", "<C-x>b"), ("<S-Tab>", "<S-Tab>"), ("<lt>", "<lt>"),
    ("<Space>f", "<Space>f"), ("<A-x>", "<M-x>"), ("<C-M-a>", "<C-M-a>"), ("<S-a>", "A"),
    ("<pgdn>", "<PgDn>"), ("<F12>", "<F12>"), ("<Return>", "<CR>"), ("<M-gt>", "<M-gt>"),
    ("é", "é"), ("<C-->", "<C-->"), ("\\", "\\"),
  ])
  func `notation is read and printed in one form`(text: String, printed: String) throws {
    let keys = try Key.sequence(text)
    #expect(Key.text(of: keys) == printed)
    #expect(try Key.sequence(printed) == keys)
  }

  @Test(arguments: [
    ("", KeyFault.empty), ("  ", .empty), ("<C-x", .unclosed("<C-x")), ("<Foo>", .unknown("<Foo>")),
    ("<F25>", .unknown("<F25>")), ("<Q-x>", .unknown("<Q-x>")), ("<>", .unknown("<>")),
    ("abcdefg", .tooLong(6)), ("\u{1B}", .unknown("\u{1B}")),
  ])
  func `bad notation is refused with the text`(text: String, fault: KeyFault) {
    #expect(throws: fault) { try Key.sequence(text) }
  }

  private func map(_ lines: [(String, String, String)]) throws -> Keymap {
    Keymap(
      name: "test",
      bindings: try lines.map { context, keys, command in
        Keymap.Binding(
          context: context, keys: try Key.sequence(keys),
          command: try #require(Invocation(line: command)))
      })
  }

  private func name(_ lookup: Keymap.Lookup) -> String {
    switch lookup {
    case .none: "none"
    case .pending(let ways): "pending \(ways.count)"
    case .matched(let binding): binding.command.line
    }
  }

  @Test func `a context adds to what holds everywhere and wins`() throws {
    let map = try map([
      ("*", "j", "down"), ("*", "gg", "first"), ("*", "gl", "screen ledger"), ("*", "x", "cut"),
      ("ledger", "j", "older"), ("ledger", "x", "none"), ("prompt", "<CR>", "accept"),
    ])
    #expect(name(map.lookup(try Key.sequence("j"), in: "positions")) == "down")
    #expect(name(map.lookup(try Key.sequence("j"), in: "ledger")) == "older")
    #expect(name(map.lookup(try Key.sequence("x"), in: "ledger")) == "none")
    #expect(name(map.lookup(try Key.sequence("g"), in: "ledger")) == "pending 2")
    #expect(name(map.lookup(try Key.sequence("gl"), in: "nowhere")) == "screen ledger")
    #expect(name(map.lookup(try Key.sequence("j"), in: "prompt")) == "none")
    #expect(name(map.lookup(try Key.sequence("j"), in: "prompt.filter")) == "none")
    #expect(map.hint(for: "screen ledger", in: "*") == "gl")
    #expect(map.hint(for: "cut", in: "ledger") == nil)
    #expect(map.bindings(in: "ledger").map(\.command.name) == ["first", "screen", "older"])
  }

  @Test func `a later binding replaces an earlier one and none takes it away`() throws {
    let map = try map([
      ("*", "a", "one"), ("*", "b", "two"), ("*", "a", "three"), ("*", "b", "none"),
    ])
    #expect(map.bindings.map(\.command.name) == ["three"])
  }

  @Test func `findings name what is unknown, hidden, unsendable and missing`() throws {
    let map = try map([
      ("*", "q", "quti"), ("*", "g", "first"), ("*", "gg", "last"), ("*", "<C-i>", "help"),
      ("ledgr", "<C-,>", "back"),
    ])
    let findings = map.findings(
      commands: ["quit", "help", "back", "first", "last"], contexts: ["ledger"])
    #expect(
      findings.map(\.text) == [
        "no command is called 'quti' (did you mean 'quit'?)",
        "'g' calls 'first' and also begins 'gg', which can never be typed",
        "terminals send <C-i> as <Tab>",
        "no context is called 'ledgr' (did you mean 'ledger'?)",
        "most terminals cannot send <C-,>",
        "no key calls 'quit'",
        "no key calls 'back'",
      ])
    #expect(findings.filter(\.isFatal).count == 2)
  }

  private func run(_ text: String, _ map: Keymap) throws -> [String] {
    var reader = KeyReader()
    return try Key.sequence(text).map { key in
      switch reader.press(key, in: "positions", of: map) {
      case .command(let call, let count): call.line + (count.map { " x\($0)" } ?? "")
      case .pending: "…"
      case .dropped: "dropped"
      case .unbound(let keys): "unbound " + Key.text(of: keys)
      }
    }
  }

  @Test func `a digit that is bound acts at once, free digits and Alt digits count`() throws {
    let bound = try map([("*", "5", "screen 5"), ("*", "j", "down"), ("*", "gg", "first")])
    #expect(try run("5j", bound) == ["screen 5", "down"])
    #expect(try run("<M-1>5j", bound) == ["…", "…", "down x15"])
    #expect(try run("<M-3>gg", bound) == ["…", "…", "first x3"])
    let free = try map([("*", "j", "down"), ("*", "0", "start")])
    #expect(try run("5j", free) == ["…", "down x5"])
    #expect(try run("10j0", free) == ["…", "…", "down x10", "start"])
    #expect(try run("5<Esc>j", free) == ["…", "dropped", "down"])
    #expect(try run("99999j", free) == ["…", "…", "…", "…", "…", "down x9999"])
  }

  @Test func `what was begun is dropped by Escape and by a key that leads nowhere`() throws {
    let map = try map([("*", "gg", "first"), ("*", "j", "down")])
    #expect(try run("gxj", map) == ["…", "unbound gx", "down"])
    #expect(try run("g<Esc>j", map) == ["…", "dropped", "down"])
  }

  @Test(arguments: [
    ("screen ledger", ["screen", "ledger"]), ("  filter  \"a b\" c ", ["filter", "a b", "c"]),
    ("filter \"open", ["filter", "open"]), ("set x \"\"", ["set", "x", ""]), ("", []), ("   ", []),
    ("\"\"", []),
  ])
  func `a command line is words with quotes`(line: String, words: [String]) {
    let call = Invocation(line: line)
    #expect(call.map { [$0.name] + $0.arguments } ?? [] == words)
  }

  @Test func `every line of the built-in keymap holds and nothing in it clashes`() {
    let lines = Keymap.builtInKeys.count + Keymap.promptKeys.count
    #expect(Keymap.builtIn.bindings.count == lines)
    let commands = Set(Keymap.builtIn.bindings.map(\.command.name))
    #expect(Keymap.builtIn.findings(commands: commands, contexts: ["prompt"]) == [])
  }

  @Test func `spelling finds near names only`() {
    let names = ["filter", "first", "quit", "help"]
    #expect(Spelling.nearest(to: "fliter", among: names) == "filter")
    #expect(Spelling.nearest(to: "hepl", among: names) == "help")
    #expect(Spelling.nearest(to: "portfolio", among: names) == nil)
  }
}
