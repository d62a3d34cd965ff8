import Canvas
import Glibc
import Terminal
import Testing

/// Tests in a real pseudo terminal; one after another, since they watch processes.
@Suite(.serialized) struct TerminalTests {
  private func started(
    _ command: String = "exec probe", columns: Int = 80, rows: Int = 24,
    term: String = "xterm-256color", environment: [String] = []
  ) throws -> Pty {
    let pty = try Pty(
      command, columns: columns, rows: rows, term: term, environment: environment)
    pty.wait(for: "count 0")
    return pty
  }

  /// The alternate screen, bracketed paste, the mouse, synchronised output: none may stay on.
  private func isLeft(_ pty: Pty) -> Bool {
    pty.isRestored && pty.screen.modes.isDisjoint(with: [1049, 2004, 1000, 1002, 1006, 2026])
  }

  @Test func `a frame is shown and the terminal is given back`() throws {
    let pty = try started()
    #expect(pty.screen.text.hasPrefix("┏━ probe ━"))
    #expect(pty.screen.text.contains("▲ up 日本") && pty.screen.text.contains("▼ down é"))
    #expect(pty.screen.modes.isSuperset(of: [1049, 2004]) && !pty.screen.modes.contains(25))
    #expect(!pty.isRestored)
    pty.type("q")
    #expect(pty.waitForEnd() == .exit(0))
    #expect(isLeft(pty) && pty.screen.modes.contains(25))
    #expect(pty.screen.unknown == [])
  }

  @Test(arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129)] as [(Int32, Int32)])
  func `a signal to leave restores the terminal`(number: Int32, status: Int32) throws {
    let pty = try started()
    pty.signal(number)
    #expect(pty.waitForEnd() == .exit(status))
    #expect(isLeft(pty))
  }

  @Test(arguments: [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] as [Int32])
  func `a crash restores the terminal and is still a crash`(number: Int32) throws {
    let pty = try started()
    pty.signal(number)
    #expect(pty.waitForEnd() == .signal(number))
    #expect(isLeft(pty))
  }

  @Test func `a crash of the program's own prints nothing onto the screen`() throws {
    let pty = try started()
    pty.type("x")
    #expect(pty.waitForEnd() == .signal(SIGSEGV))
    #expect(isLeft(pty) && !pty.screen.text.contains("rash"))
  }

  @Test(arguments: ["exec probe", "trap '' HUP; exec probe"])
  func `a lost line ends the program, whether it hears SIGHUP or not`(command: String) throws {
    let pty = try started(command)
    pty.hangUp()
    #expect(pty.waitForEnd() == .exit(129))
  }

  @Test func `a terminal that takes nothing does not keep a program that is to leave`() throws {
    // One frame of 25,000 cells is more than the line holds, and nothing is read any more.
    let pty = try started(columns: 250, rows: 100)
    pty.type("w")
    try #require(pty.waitUntilBlocked())
    pty.signal(SIGTERM)
    #expect(pty.waitForEndUnread() == .exit(143))
    #expect(pty.isRestored)
  }

  @Test func `one changed cell sends less than 60 bytes`() throws {
    let pty = try started()
    for count in 1...3 {
      let before = pty.sent.count
      pty.type("c")
      pty.wait(for: "count \(count)")
      if count > 1 { #expect(pty.sent.count - before < 60) }
    }
  }

  @Test(arguments: ["dumb", "unknown", "", "no-such-terminal"])
  func `a terminal that cannot is refused in one line without escapes`(term: String) throws {
    let pty = try Pty(term: term)
    #expect(pty.waitForEnd() == .exit(2))
    let text = String(decoding: pty.sent, as: UTF8.self)
    #expect(text.contains("--plain") && text.contains("--json"))
    #expect(!pty.sent.contains(0x1B) && pty.sent.filter { $0 == 0x0A }.count == 1)
    #expect(pty.isRestored)
  }

  @Test(arguments: ["probe | cat; exit 7", "probe < /dev/null; exit 7"])
  func `no terminal on one side is a fault, and nothing is written to it`(
    command: String
  ) throws {
    let pty = try Pty(command)
    #expect(pty.waitForEnd() == .exit(7))
    #expect(String(decoding: pty.sent, as: UTF8.self).contains("must be a terminal"))
    #expect(!pty.sent.contains(0x1B))
  }

  @Test(
    arguments: [
      ("xterm-256color", [], "38;5;75"),
      ("xterm-256color", ["COLORTERM=truecolor"], "38;2;79;163;255"),
      ("tmux-256color", ["COLORTERM=24bit"], "38;2;79;163;255"), ("linux", [], "36"),
    ] as [(String, [String], String)])
  func `colours fit the terminal`(term: String, environment: [String], rendition: String) throws {
    let pty = try started(term: term, environment: environment)
    #expect(pty.screen.renditions.contains { $0.hasSuffix(rendition) })
    #expect(pty.screen.unknown == [])
  }

  @Test(
    arguments: [
      ("exec probe", ["NO_COLOR=1"], "xterm-256color", false),
      ("exec probe --mono", ["COLORTERM=truecolor"], "xterm-256color", false),
      ("exec probe", [], "vt100", false),
      ("exec probe --always", ["NO_COLOR=1"], "xterm-256color", true),
    ] as [(String, [String], String, Bool)])
  func `no colour is sent where none is wanted`(
    command: String, environment: [String], term: String, isColoured: Bool
  ) throws {
    let pty = try started(command, term: term, environment: environment)
    #expect(pty.screen.hasColour == isColoured)
    // The cursor row is still seen: reverse.
    #expect(pty.screen.renditions.contains { $0.split(separator: ";").contains("7") })
  }

  @Test func `a locale without UTF-8 gets no byte above 127`() throws {
    let pty = try started(environment: ["LC_ALL=C"])
    #expect(pty.sent.allSatisfy { $0 < 128 })
    #expect(pty.screen.text.hasPrefix("#= probe =") && pty.screen.text.contains("^ up ????"))
  }

  @Test func `the size follows the window, down to one cell`() throws {
    let pty = try started(environment: ["LINES=10", "COLUMNS=20"])
    #expect(pty.screen.text.contains("size 80x24"))
    pty.resize(columns: 100, rows: 30)
    pty.wait(for: "size 100x30")
    pty.resize(columns: 1, rows: 1)
    pty.type("c")
    pty.resize(columns: 60, rows: 20)
    pty.wait(for: "size 60x20")
    pty.wait(for: "count 1")
    pty.wait { $0.screen.text.hasSuffix("┛") }
  }

  @Test func `Ctrl-Z gives the terminal back and coming back draws all of it`() throws {
    let pty = try started("set -m; probe; echo stopped; read answer; fg; exit 5")
    pty.type("z")
    pty.wait(for: "stopped")
    #expect(isLeft(pty))
    pty.resize(columns: 70, rows: 20)
    pty.type("\n")
    pty.wait(for: "size 70x20")
    pty.wait { $0.screen.text.hasSuffix("┛") }
    #expect(pty.screen.modes.isSuperset(of: [1049, 2004]))
    pty.type("q")
    #expect(pty.waitForEnd() == .exit(5))
    #expect(isLeft(pty))
  }

  @Test func `Escape, pastes and late replies are what they are`() throws {
    let pty = try started()
    pty.type("\u{1B}")
    pty.wait(for: "key(<Esc>)")
    pty.type("\u{1B}[200~q:quit\r\u{1B}[201~")
    pty.wait(for: "paste(\"q:quit \", isCut: false)")
    pty.type("\u{1B}[?1;2c\u{1B}]11;rgb:0/0/0\u{7}\u{1B}[A")
    pty.wait(for: "key(<Up>)")
    #expect(!pty.screen.text.contains("key(c)") && !pty.screen.text.contains("key(2)"))
    pty.type("\u{4}")
    pty.wait(for: "key(<C-d>)")
  }

  @Test func `hostile text reaches the terminal as text`() throws {
    let pty = try started()
    pty.type("f")
    pty.wait(for: "\u{FFFD}]52;c;QQ==\u{FFFD}A\u{FFFD}2J")
    #expect(pty.screen.unknown == [])
    pty.type("p")
    pty.wait { $0.screen.modes.contains(25) }
  }
}
