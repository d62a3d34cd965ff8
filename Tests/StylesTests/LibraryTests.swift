import Canvas
import Styles
import TestSupport
import Testing

@Suite struct LibraryTests {
  private func problem(_ text: String) throws -> [String] {
    let folder = try Folder(["t.toml": text])
    let library = StyleLibrary(directories: [folder.path])
    do {
      return try library.theme(named: "t").warnings.map { short($0, folder) }
    } catch {
      return [short(error, folder)]
    }
  }

  private func short(_ problem: StyleProblem, _ folder: Folder) -> String {
    problem.description.replacing(folder.path + "/", with: "")
  }

  @Test(
    arguments: [
      (
        "[style]\ntext = \"inkk on paper\"\n[palette]\nink = \"#000000\"\n",
        ["t.toml:2:8: 'inkk' is not a colour (did you mean 'ink'?)"]
      ),
      (
        "[style]\n\"value.upp\" = \"red\"\n",
        ["t.toml:2:15: no role is called 'value.upp' (did you mean 'value.up'?)"]
      ),
      (
        "[style]\ntext = \"red blod\"\n",
        ["t.toml:2:8: no attribute is called 'blod' (did you mean 'bold'?)"]
      ),
      ("[style]\ntext = \"red on\"\n", ["t.toml:2:8: a colour must follow 'on'"]),
      ("[style]\n\n  text = 3\n", ["t.toml:3:10: 'text' is a integer where a text is expected"]),
      ("[palette]\nx = \"#12345\"\n", ["t.toml:2:5: '#12345' is not a colour"]),
      ("[palette]\nx = \"#123456 300\"\n", ["t.toml:2:5: '#123456 300' is not a colour"]),
      (
        "[palette]\ndim = \"#123456\"\n",
        ["t.toml:2:7: 'dim' has a meaning and cannot name a colour"]
      ),
      ("papr = \"dark\"\n", ["t.toml:1:8: no setting is called 'papr' (did you mean 'paper'?)"]),
      ("paper = \"grey\"\n", ["t.toml:1:9: paper is 'dark' or 'light'"]),
      (
        "[stile]\ntext = \"red\"\n",
        ["t.toml:2: no section is called 'stile' (did you mean 'style'?)"]
      ),
      ("inherits = \"nowhere\"\n", nil), ("inherits = \"../t\"\n", nil), ("[style\n", nil),
    ] as [(String, [String]?)])
  func `problems name their place and what was meant`(text: String, expected: [String]?) throws {
    let found = try problem(text)
    if let expected {
      #expect(found == expected)
    } else {
      #expect(found.count == 1 && found[0].hasPrefix("t.toml:1:"), "\(found)")
    }
  }

  @Test func `a theme inherits styles and changes the palette below them`() throws {
    let folder = try Folder([
      "base.toml": "[palette]\nup = \"#00ff00 46 green\"\n[style]\nvalue.up = \"up bold\"\n",
      "mine.toml": "title = \"Mine\"\ninherits = \"base\"\n[palette]\nup = \"blue\"\n",
    ])
    let theme = try StyleLibrary(directories: [folder.path]).theme(named: "mine").value
    #expect(theme.title == "Mine")
    #expect(theme.look(of: .valueUp) == Look(foreground: .ansi(4), attributes: .bold))
  }

  @Test func `an earlier directory wins and circles are refused`() throws {
    let first = try Folder(["a.toml": "title = \"First\"", "c.toml": "inherits = \"d\""])
    let second = try Folder([
      "a.toml": "title = \"Second\"", "b.toml": "inherits = \"a\"", "d.toml": "inherits = \"c\"",
      "e.toml": "inherits = \"e\"",
    ])
    let library = StyleLibrary(directories: [first.path, "/nonexistent", second.path])
    #expect(try library.theme(named: "b").value.title == "First")
    #expect(library.names() == ["a", "b", "c", "d", "e"])
    for name in ["c", "d", "e"] {
      let problem = #expect(throws: StyleProblem.self) { try library.theme(named: name) }
      #expect(problem?.message.contains("inherits from itself") == true)
    }
  }

  @Test func `what is no theme file is refused with a reason`() throws {
    let folder = try Folder(["dir.toml.txt": ""])
    try folder.write("big.toml", [UInt8](repeating: 0x23, count: StyleLibrary.sizeLimit + 1))
    try folder.write("latin.toml", [0x23, 0xE9, 0x0A])
    try folder.write("zero.toml", [0x23, 0x00, 0x0A])
    let library = StyleLibrary(directories: [folder.path])
    let expected = [
      "big": "is larger than 256 KiB", "latin": "is not UTF-8", "zero": "has a zero byte in it",
      "none": "there is no file 'none.toml' in \(folder.path)",
      "../big": "cannot be read: No such file or directory",
      "/dev/zero": "is not a file", "a b": "'a b' is not a name: letters, digits, '-' and '_' only",
    ]
    for (name, message) in expected {
      let problem = #expect(throws: StyleProblem.self) { try library.theme(named: name) }
      #expect(problem?.message == message)
    }
  }

  @Test func `a keymap says where a binding is wrong and goes on without it`() throws {
    let folder = try Folder([
      "base.toml": "[\"*\"]\n\"q\" = \"quit\"\n\"?\" = \"help\"\n\"<Esc>\" = \"back\"\n",
      "k.toml": """
      inherits = "base"
      ["*"]
      "j" = "row-donw"
      "<Foo>" = "help"
      "gg" = "first"
      "g g" = "last"
      "x" = ""
      [ledgr]
      "o" = "open"
      """,
      "bad.toml": "inherits = \"base\"\n[\"*\"]\nq = \"none\"\n",
    ])
    let library = StyleLibrary(directories: [folder.path])
    let styled = try library.keymap(
      named: "k", commands: Known.commands, contexts: Known.contexts)
    #expect(
      styled.warnings.map { short($0, folder) } == [
        "k.toml:4:11: no key is called '<Foo>'",
        "k.toml:6:9: 'gg' is bound twice here, to 'first' before",
        "k.toml:7:7: 'x' calls nothing; 'none' unbinds",
        "k.toml:3:7: no command is called 'row-donw' (did you mean 'row-down'?)",
        "k.toml:9:7: no context is called 'ledgr' (did you mean 'ledger'?)",
      ])
    #expect(styled.value.bindings.map(\.command.name) == ["quit", "help", "back", "last"])
    let problem = #expect(throws: StyleProblem.self) {
      try library.keymap(named: "bad", commands: Known.commands, contexts: Known.contexts)
    }
    #expect(problem?.message == "no key calls 'quit'")
  }

  @Test(arguments: 0..<150) func `mutated files give problems or values, never a trap`(
    seed: UInt64
  ) throws {
    var random = Seeded(seed)
    var bytes = try Folder.contents(of: root + "/Themes/dark.toml")
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + 40))
      case 2: bytes.insert(contentsOf: bytes.suffix(60), at: place)
      default: bytes.insert(contentsOf: Array("[[\"'=\n".utf8), at: place)
      }
      if bytes.isEmpty { bytes = [0x23] }
    }
    let folder = try Folder()
    try folder.write("m.toml", bytes)
    let library = StyleLibrary(directories: [folder.path])
    do {
      let styled = try library.theme(named: "m")
      _ = ThemeCheck.findings(of: styled.value)
    } catch {
      #expect(!error.message.isEmpty && error.file.hasSuffix("m.toml"), "SEED=\(seed)")
    }
    _ = try? library.keymap(named: "m", commands: Known.commands, contexts: Known.contexts)
  }

  @Test func `the check names what a theme falls short in`() throws {
    let grey = Look(
      foreground: .shade(Shade(red: 90, green: 90, blue: 90)),
      background: .shade(Shade(red: 60, green: 60, blue: 60)))
    // Solarized's green and red: 5.8 apart under deuteranopia.
    let theme = Theme(
      name: "t", title: "T", paper: .dark,
      looks: [
        "text": grey, "value.up": Look(foreground: Shade(hex: "#859900").map(Colour.shade)),
        "value.down": Look(foreground: Shade(hex: "#dc322f").map(Colour.shade)),
      ])
    let findings = ThemeCheck.findings(of: theme)
    #expect(findings.contains(.uncovered(.header)))
    #expect(findings.contains(.noFallback(.text)))
    #expect(
      findings.contains {
        if case .contrast(.text, on: .text, let ratio, least: 4.5) = $0 { ratio < 2 } else { false }
      })
    #expect(
      findings.contains {
        if case .alike(.valueUp, .valueDown, .deuteranopia, let d) = $0 { d < 6 } else { false }
      })
  }
}
