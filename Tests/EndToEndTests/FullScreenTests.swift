import Foundation
import Glibc
import Link
import TestSupport
import Testing
import Wire

/// The full-screen program in a real pseudo terminal.
@Suite(.serialized) struct FullScreenTests {
  /// The count of positions at the foot of the overview's pane, which grows as accounts are read.
  private static var counted: Regex<Substring> { #/\d+ positions/# }

  /// The demonstration in a terminal of a size; its home tells what it leaves.
  private func demo(
    _ columns: Int, _ rows: Int, _ variables: [String] = []
  ) throws -> (Home, Pty) {
    let home = try Home()
    let pty = try Pty(
      [Programs.coffer, "demo"], environment: home.environment(variables), columns: columns,
      rows: rows)
    pty.wait(for: "NAV")
    pty.wait(for: "BTC")
    return (home, pty)
  }

  /// Nothing of a demonstration stays: no process, no folder, no mode of the terminal.
  private func expectGone(
    _ home: Home, _ pty: Pty, status: Int32, place: SourceLocation = #_sourceLocation
  ) {
    #expect(pty.finish() == status, sourceLocation: place)
    #expect(pty.isRestored, sourceLocation: place)
    #expect(pty.forbidden.isEmpty, "\(pty.forbidden.prefix(5))", sourceLocation: place)
    #expect(eventually { Proc.processes(with: home.path).isEmpty }, sourceLocation: place)
    #expect(eventually { Proc.names(in: home("tmp")).isEmpty }, sourceLocation: place)
    for folder in ["home", "run", "state", "data"] {
      #expect(Proc.names(in: home(folder)).isEmpty, "\(folder)", sourceLocation: place)
    }
  }

  @Test(arguments: [(80, 24), (120, 36), (200, 60)])
  func `the demonstration shows a portfolio that moves`(columns: Int, rows: Int) throws {
    let (home, pty) = try demo(columns, rows)
    pty.wait { $0.screen.text.contains(FullScreenTests.counted) }
    let before = pty.screen.lines[0]
    pty.wait { $0.screen.lines[0] != before && $0.screen.lines[0].contains("NAV") }
    #expect(pty.screen.text.contains("DEMO") && pty.screen.lines[0].contains("USD"))

    pty.type("2")
    pty.wait { $0.screen.lines[1].contains("[2 Positions]") }
    pty.wait(for: "ETH")
    pty.type("/eth\r")
    pty.wait { !$0.screen.text.contains("BNB") && $0.screen.text.contains("ETH") }
    pty.type("\u{1B}")
    pty.wait(for: "BNB")
    pty.type("\r")
    pty.wait { $0.screen.text.contains("Account") && !$0.screen.text.contains("BNB") }
    pty.type("\u{1B}")
    pty.wait(for: "BNB")
    pty.type("0")
    pty.wait { $0.screen.lines[1].contains("[0 Ledger]") && $0.screen.text.contains("trade") }
    pty.type("?")
    pty.wait(for: "row-down")
    pty.type("\u{1B}")
    pty.wait { $0.screen.lines[1].contains("[0 Ledger]") }
    pty.type("1")
    pty.wait { $0.screen.lines[1].contains("[1 Overview]") }
    pty.type(":q\r")
    expectGone(home, pty, status: 0)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT] as [Int32])
  func `a signal ends the demonstration and gives the terminal back`(number: Int32) throws {
    let (home, pty) = try demo(80, 24)
    if number == SIGINT {
      // Ctrl-C is a key that must be pressed twice; the signal from outside counts as the key.
      pty.type("\u{3}")
      pty.wait(for: "again")
      pty.type("\u{3}")
      expectGone(home, pty, status: 0)
    } else {
      pty.child.signal(number)
      expectGone(home, pty, status: 128 + number)
    }
  }

  @Test func `a lost line ends the demonstration and its engine`() throws {
    let (home, pty) = try demo(80, 24)
    pty.hangUp()
    #expect(pty.child.wait() == 128 + SIGHUP)
    #expect(eventually { Proc.processes(with: home.path).isEmpty })
    #expect(eventually { Proc.names(in: home("tmp")).isEmpty })
  }

  @Test func `a killed client takes the demonstration's engine and folder with it`() throws {
    let (home, pty) = try demo(80, 24)
    pty.child.signal(SIGKILL)
    #expect(pty.finish() == 128 + SIGKILL)
    #expect(eventually { Proc.processes(with: home.path).isEmpty })
    #expect(eventually { Proc.names(in: home("tmp")).isEmpty })
  }

  @Test func `the first start makes a vault and waits until its recovery code is written down`()
    throws
  {
    let home = try Home()
    let pty = try Pty([Programs.coffer], environment: home.environment(), columns: 100, rows: 40)
    pty.wait(for: "look around first")
    pty.type("7\r")
    pty.wait(for: "Type 1, 2 or q")
    pty.type("1\r")
    pty.wait(for: "currency")
    pty.type("x1\r")
    pty.wait(for: "three letters")
    pty.type("EUR\r")
    pty.wait(for: "New passphrase")
    pty.type(Home.passphrase + "\r")
    pty.wait(for: "Again")
    pty.type(Home.passphrase + "\r")
    pty.wait(for: "Recovery code:")
    pty.wait(for: "Type yes")
    #expect(!pty.screen.text.contains(Home.passphrase))
    pty.type("no\r")
    pty.wait(for: "cannot be replaced")
    pty.type("yes\r")
    pty.wait(for: "Press Enter")
    pty.type("\r")
    pty.wait(for: "Passphrase or recovery code")
    pty.type(Home.passphrase + "\r")
    // An empty vault says how to go on.
    pty.wait { $0.screen.text.contains("NAV") && $0.screen.text.contains(":connect follows") }
    pty.type(":q\r")
    #expect(pty.finish() == 0)
    try home.coffer("engine", "stop")
  }

  @Test func `the first start can be left, and leaves nothing`() throws {
    let home = try Home()
    let pty = try Pty([Programs.coffer], environment: home.environment(), columns: 80, rows: 24)
    pty.wait(for: "Which?")
    pty.type("q\r")
    #expect(pty.finish() == 0)
    #expect(Proc.processes(with: home.path).isEmpty && access(home.vault, F_OK) != 0)
  }

  @Test func `a lost engine is found again when it is back, or started by a command`() throws {
    let home = try Home()
    try home.makeVault()
    let file = try home.write("kraken.csv", Export.kraken)
    _ = try home.answer("import", file, lines: [Home.passphrase])
    var engine = try home.unlock().peer
    let pty = try Pty(
      [Programs.coffer], environment: home.environment(), columns: 100, rows: 30)
    pty.wait { $0.screen.lines[0].contains("NAV") && $0.screen.text.contains("BTC") }
    kill(engine, SIGKILL)
    pty.wait(for: "Not connected")
    // What was known stays on the screen, with its time.
    #expect(pty.screen.text.contains("BTC"))
    engine = try home.unlock().peer
    pty.wait { !$0.screen.text.contains("Not connected") && $0.screen.text.contains("BTC") }
    kill(engine, SIGKILL)
    pty.wait(for: "Not connected")
    pty.type(":reconnect\r")
    pty.wait(for: "Passphrase")
    pty.type(Home.passphrase + "\r")
    pty.wait { $0.screen.lines[0].contains("NAV") && $0.screen.text.contains("BTC") }
    pty.type(":q\r")
    #expect(pty.finish() == 0)
    try home.coffer("engine", "stop")
  }

  @Test func `a storm of sizes ends in a whole screen`() throws {
    let (home, pty) = try demo(80, 24)
    var chance = Seeded.ofRun(7)
    for _ in 0..<60 {
      pty.resize(
        columns: Int.random(in: 1...220, using: &chance),
        rows: Int.random(in: 1...70, using: &chance))
      _ = pty.read(within: Int32.random(in: 0...15, using: &chance))
    }
    pty.settle()
    pty.resize(columns: 15, rows: 4)
    pty.wait { $0.screen.text.lowercased().contains("small") }
    pty.settle()
    pty.resize(columns: 100, rows: 30)
    pty.wait {
      $0.screen.lines[0].contains("NAV") && $0.screen.text.contains(FullScreenTests.counted)
    }
    pty.type(":q\r")
    expectGone(home, pty, status: 0)
  }

  @Test func `the same through tmux`() throws {
    guard let tmux = Programs.system("tmux") else {
      Issue.record("tmux is not installed; README names what the tests need")
      return
    }
    let home = try Home()
    func run(_ arguments: String...) throws -> String {
      let output = home("streams/tmux")
      let child = try Child(
        [tmux, "-S", home("tmux"), "-f", "/dev/null"] + arguments,
        environment: home.environment(), output: output)
      _ = child.wait()
      return String(decoding: Proc.bytes(of: output), as: UTF8.self)
    }
    // A server ends with its last session: each size has its own, and all stay to the end.
    for (columns, rows) in [(80, 24), (120, 36), (200, 60)] {
      let session = "demo\(columns)"
      _ = try run(
        "new-session", "-d", "-s", session, "-x", "\(columns)", "-y", "\(rows)",
        "'\(Programs.coffer)' demo; echo ended with $?; cat")
      func shown() -> String { (try? run("capture-pane", "-p", "-t", session)) ?? "" }
      #expect(eventually { shown().contains(FullScreenTests.counted) })
      let before = shown()
      #expect(before.contains("NAV") && before.contains("BTC"))
      #expect(eventually { shown() != before })
      _ = try run("send-keys", "-t", session, "2")
      #expect(eventually { shown().contains("[2 Positions]") })
      _ = try run("send-keys", "-t", session, ":q", "Enter")
      #expect(eventually { shown().contains("ended with 0") })
      #expect(!shown().contains("NAV"))
    }
    _ = try run("kill-server")
    #expect(eventually { Proc.processes(with: home.path).isEmpty })
    #expect(Proc.names(in: home("tmp")).isEmpty)
  }
}

/// What reaches the terminal, byte by byte.
@Suite(.serialized) struct BytesTests {
  /// Names as somebody would choose them who wants to reach the terminal through them.
  private static let hostile = [
    "\u{1B}]52;c;Y2FuYXJ5\u{7}A", "\u{1B}]52;c;Y2FuYXJ5", "\u{1B}[2J\u{1B}[31mRED",
    "\u{1B}P+q544e\u{1B}\\D", "\u{9B}2JC1", "\u{9D}52;c;QQ==\u{9C}O", "\u{90}x\u{9C}",
    "\u{202E}drawkcab\u{202C}", "\u{2066}iso\u{2069}", "\u{1B}[6n\u{1B}[cDSR", "\u{1B}_apc\u{1B}\\",
    "\u{1B}^pm\u{1B}\\", "\u{1B}Xsos\u{1B}\\", "a\u{0}b\u{8}\u{8}c", "tab\there",
    "\u{200B}zero\u{FEFF}", "\u{E000}private", "e\u{301}\u{301}\u{301}\u{301}", "\u{1B}c",
    "日本\u{1B}",
    "\u{2028}line\u{2029}", "\u{1B}[200~paste\u{1B}[201~", "\u{7F}del", "\u{E0041}tag",
  ]

  private func prepared() throws -> Home {
    let home = try Home()
    try home.makeVault()
    let connection = try home.unlock()
    let rows = BytesTests.hostile.flatMap { text in
      [
        (asset: "X" + text, wallet: "W" + text, note: "N" + text),
        (asset: text, wallet: text, note: text), (asset: "BTC", wallet: "plain", note: text),
      ]
    }
    let file = try home.write(
      "\u{9B}31mhostile.csv", Export.records(rows) + "\u{1B}]0;t\u{7},,\r\n")
    _ = try connection.ask(Request("import", ["path": file]))
    return home
  }

  @Test func `hostile names show as text on every screen`() throws {
    let home = try prepared()
    let pty = try Pty(
      [Programs.coffer], environment: home.environment(), columns: 160, rows: 50)
    pty.wait(for: "NAV")
    pty.settle()
    let walks = [
      "1", "\t", "jj", "\r", "\u{1B}", "2", "jjj", "\r", "\r", "\u{1B}", "\u{1B}", "0", "jj", "\r",
      "d",
      "\u{1B}", "G", "gg", "?", "\u{1B}", ":accounts\r", "\u{1B}", ":imports\r", "\u{1B}",
      ":refused\r",
      "\u{1B}", ":messages\r", "\u{1B}", "2", "/W\r", "\u{1B}", ":import \(home.path)\t\t",
      "\u{1B}",
      "2", "ljlj", "d", "\u{1B}",
    ]
    for keys in walks {
      pty.type(keys)
      pty.settle(150)
    }
    #expect(pty.forbidden.isEmpty, "\(pty.forbidden.prefix(5))")
    #expect(pty.screen.text.contains("\u{FFFD}"))
    try expectCopied(pty)
    pty.type(":q\r")
    #expect(pty.finish() == 0)
    #expect(pty.isRestored && pty.forbidden.isEmpty, "\(pty.forbidden.prefix(5))")
  }

  /// Copying is the one control string: OSC 52 with base64 of text without anything hidden.
  private func expectCopied(_ pty: Pty) throws {
    #expect(pty.copied.isEmpty)
    pty.type("yy")
    pty.wait { !$0.copied.isEmpty }
    for text in pty.copied {
      let decoded = String(decoding: try #require(Data(base64Encoded: text)), as: UTF8.self)
      #expect(decoded.unicodeScalars.allSatisfy { $0 == "\t" || Sequence.print($0).isAllowed })
    }
  }

  @Test(arguments: [
    ["positions"], ["ledger"], ["refused"], ["imports"], ["account"], ["doctor"],
  ])
  func `hostile names show as text in the commands' answers`(command: [String]) throws {
    let home = try prepared()
    for more in [[], ["--json"]] {
      let done = try home.run(command + more)
      #expect(done.status == 0)
      var parser = SequenceParser()
      let found = parser.feed(Array((done.output + done.errors).utf8))
      let bad = found.filter { !$0.isAllowed || $0 == .control(8) || $0 == .control(13) }
      #expect(bad.isEmpty && parser.isComplete, "\(command + more): \(bad.prefix(5))")
    }
  }

  @Test func `an idle screen sends nothing, and a move of the cursor little`() throws {
    let home = try Home()
    try home.makeVault()
    let connection = try home.unlock()
    let file = try home.write("kraken.csv", Export.kraken)
    _ = try connection.ask(Request("import", ["path": file]))
    let pty = try Pty([Programs.coffer], environment: home.environment())
    pty.wait(for: "NAV")
    // Until the news of the start have gone from the screen.
    while pty.read(within: 7_000) {}
    // The clock in the header moves with the minute: the look falls between two of its moves.
    while Int(Date().timeIntervalSince1970) % 60 > 50 { _ = pty.read(within: 1_000) }
    pty.settle()
    let before = pty.sent.count
    _ = pty.read(within: 3_000)
    #expect(pty.sent.count == before)
    let ticks = Proc.ticks(of: pty.child.process)
    _ = pty.read(within: 2_000)
    #expect(Proc.ticks(of: pty.child.process) == ticks)
  }

  @Test func `one price that moves is one cell on the wire`() throws {
    let home = try Home()
    try home.makeVault()
    let connection = try home.unlock()
    // So little of it that neither its value nor the sum changes with the price.
    let row =
      "\"L1\",\"R1\",\"2024-01-05 09:00:00\",\"deposit\",\"\",\"currency\",\"DOT\",0.000001,0,\"\""
    let file = try home.write("kraken.csv", Export.krakenHeader + "\n" + row + "\n")
    _ = try connection.ask(Request("import", ["path": file]))
    func price(_ text: String) throws {
      _ = try connection.ask(
        Request("set-price", ["asset": "venue:kraken:DOT", "price": text, "currency": "USD"]))
    }
    try price("7.0001")
    let pty = try Pty([Programs.coffer], environment: home.environment())
    pty.type("2")
    pty.wait(for: "7.0001")
    pty.settle()
    for digit in 2...4 {
      let before = pty.sent.count
      try price("7.000\(digit)")
      pty.wait(for: "7.000\(digit)")
      pty.settle(200)
      // The first one may meet the end of a message of the start.
      if digit > 2 { #expect(pty.sent.count - before < 60) }
    }
  }
}
