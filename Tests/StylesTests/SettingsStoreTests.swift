import Glibc
import TestSupport
import Testing

@testable import Styles

/// The settings file: read as far as it can be, written without losing a line.
@Suite struct SettingsStoreTests {
  private static func text(_ folder: Folder) throws -> String {
    String(decoding: try Folder.contents(of: folder.path + "/settings.toml"), as: UTF8.self)
  }

  private static func store(_ folder: Folder) -> SettingsStore {
    SettingsStore(path: folder.path + "/settings.toml")
  }

  private static func change(
    _ name: String, _ text: String?, isBare: Bool = false, isAdded: Bool = true
  ) -> SettingsStore.Change {
    .init(name: name, text: text, isBare: isBare, isAdded: isAdded)
  }

  private static let whole = """
    # mine
    theme = "dark"   # the evening
    private = false

    # odd, but mine
    unknown = [1, 2]

    [positions]
    sort = 'value down' # never mind

    # about P&L
    [pnl]
    chart = "value"

    """

  @Test func `texts, numbers and yes or no are read with their places`() throws {
    let folder = try Folder([
      "settings.toml": "theme = \"dark\"\nprivate = true\nrefresh = 2.5\n[heatmap]\nbars = 60\n"
    ])
    let (entries, problems) = SettingsStoreTests.store(folder).read()
    #expect(problems.isEmpty)
    let found = entries.map { "\($0.name)=\($0.text)" }
    #expect(found == ["theme=dark", "private=true", "refresh=2.5", "heatmap.bars=60"])
    #expect(entries.last?.place == "\(folder.path)/settings.toml:5:8")
  }

  @Test func `a file that is not there says nothing and is no fault`() throws {
    let folder = try Folder()
    let (entries, problems) = SettingsStoreTests.store(folder).read()
    #expect(entries.isEmpty && problems.isEmpty)
  }

  @Test func `broken lines are told with their places and the rest is read`() throws {
    let folder = try Folder([
      "settings.toml":
        "theme = \"dark\"\nkeymap = vim\nlist = [1]\n[pnl]\nchart = \"growth\"\nperiod =\n"
    ])
    let (entries, problems) = SettingsStoreTests.store(folder).read()
    #expect(Set(entries.map(\.name)) == ["theme", "pnl.chart"])
    let places = problems.map { $0.line }.sorted()
    #expect(places == [2, 3, 6], "\(problems)")
  }

  @Test func `a change keeps comments, order and what it does not know`() throws {
    let folder = try Folder(["settings.toml": SettingsStoreTests.whole])
    let changed = try SettingsStoreTests.store(folder).write([
      SettingsStoreTests.change("theme", "light"),
      SettingsStoreTests.change("private", "false", isBare: true),
      SettingsStoreTests.change("keymap", "vim"),
      SettingsStoreTests.change("mouse", "false", isBare: true, isAdded: false),
      SettingsStoreTests.change("positions.sort", "gain \"up\""),
      SettingsStoreTests.change("positions.group", "venue"),
      SettingsStoreTests.change("layouts.desk", "risk | pnl"),
    ])
    #expect(
      changed == ["theme", "keymap", "positions.sort", "positions.group", "layouts.desk"])
    #expect(
      try SettingsStoreTests.text(folder) == """
        # mine
        theme = "light"   # the evening
        private = false

        # odd, but mine
        unknown = [1, 2]
        keymap = "vim"

        [positions]
        sort = "gain \\"up\\"" # never mind
        group = "venue"

        # about P&L
        [pnl]
        chart = "value"

        [layouts]
        desk = "risk | pnl"

        """)
    #expect(
      try SettingsStoreTests.store(folder).write([
        SettingsStoreTests.change("theme", "light"),
        SettingsStoreTests.change("layouts.desk", nil), SettingsStoreTests.change("layouts.x", nil),
      ]) == ["layouts.desk"])
    #expect(try !SettingsStoreTests.text(folder).contains("desk ="))
  }

  @Test func `a new file is for its owner alone and reads back`() throws {
    let folder = try Folder()
    let store = SettingsStoreTests.store(folder)
    #expect(try store.write([SettingsStoreTests.change("theme", "a", isAdded: false)]).isEmpty)
    #expect(!store.isThere)
    let odd = "q\"\\\u{1}\u{7F} é 漢"
    _ = try store.write([
      SettingsStoreTests.change("theme", odd), SettingsStoreTests.change("macros.a", "<C-x>:w<CR>"),
    ])
    let (entries, problems) = store.read()
    #expect(problems.isEmpty)
    #expect(entries.map(\.text) == [odd, "<C-x>:w<CR>"])
    var facts = stat()
    #expect(stat(store.path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
  }

  @Test(arguments: [
    ("theme = \"dark\"\n[broken\n", ":2:"), ("theme = \"dark\"\n[!x]\n", ":2:2"), ("[\n", ":1:2"),
    ("theme = \"dark\n", ":1:"), ("theme = \"a\"\ntheme = \"b\"\n", ":2:"),
  ])
  func `a file that cannot be read is left as it is, with the place`(
    _ text: String, _ place: String
  ) throws {
    let folder = try Folder(["settings.toml": text])
    let problem = #expect(throws: StyleProblem.self) {
      try SettingsStoreTests.store(folder).write([SettingsStoreTests.change("theme", "light")])
    }
    #expect(problem?.description.contains("settings.toml\(place)") == true, "\(problem as Any)")
    #expect(try SettingsStoreTests.text(folder) == text)
  }

  @Test(arguments: [
    "theme = \"\"\"\ndark\"\"\"\n", "positions = { sort = \"value down\" }\n",
    "note = \"\"\"\ntheme = 1\n\"\"\"\n[positions]\n\"sort\".x = \"a\"\n",
  ])
  func `what is written in a way of its own is not touched`(_ text: String) throws {
    let folder = try Folder(["settings.toml": text])
    #expect(throws: StyleProblem.self) {
      try SettingsStoreTests.store(folder).write([
        SettingsStoreTests.change("theme", "light"),
        SettingsStoreTests.change("positions.sort", "gain up"),
      ])
    }
    #expect(try SettingsStoreTests.text(folder) == text)
  }

  @Test func `a link stays a link, and folders are made`() throws {
    let folder = try Folder(["real.toml": "theme = \"dark\"\n"])
    let link = SettingsStoreTests.store(folder)
    #expect(symlink(folder.path + "/real.toml", link.path) == 0)
    _ = try link.write([SettingsStoreTests.change("theme", "light")])
    var facts = stat()
    #expect(lstat(link.path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK)
    let real = try Folder.contents(of: folder.path + "/real.toml")
    #expect(String(decoding: real, as: UTF8.self) == "theme = \"light\"\n")
    let deep = SettingsStore(path: folder.path + "/a/b/settings.toml")
    _ = try deep.write([SettingsStoreTests.change("theme", "light")])
    #expect(deep.isThere)
    unlink(deep.path)
    rmdir(folder.path + "/a/b")
    rmdir(folder.path + "/a")
    let impossible = SettingsStore(path: "/proc/none/settings.toml")
    let problem = #expect(throws: StyleProblem.self) {
      try impossible.write([SettingsStoreTests.change("theme", "light")])
    }
    #expect(problem?.message.hasPrefix("cannot be written") == true)
  }

  @Test func `no file traps, and nothing that was readable gets lost`() throws {
    var dice = Seeded(46)
    let bits = [
      "theme", " = ", "\"dark\"", "'x'", "\n", "[positions]", "[", "]", "#", "\"\"\"", "sort", ".",
      "true", "1.5", "{", "}", ",", "é", "!", "-", "0x", "'''", "1e", "2026-01-01", ":", "[[", "]]",
      "+", "\r\n", " ", "\\", "\t",
    ]
    for _ in 0..<600 {
      let count = Int(dice.next() % 40)
      let text = (0..<count).map { _ in bits[Int(dice.next() % UInt64(bits.count))] }.joined()
      let folder = try Folder(["settings.toml": text])
      let store = SettingsStoreTests.store(folder)
      let before = store.read()
      let changed = try? store.write([
        SettingsStoreTests.change("theme", "light"),
        SettingsStoreTests.change("positions.sort", "b"),
      ])
      guard changed != nil else {
        #expect(try SettingsStoreTests.text(folder) == text)
        continue
      }
      let after = store.read()
      #expect(after.problems.count == before.problems.count)
      let touched: Set = ["theme", "positions.sort"]
      let old = before.entries.filter { !touched.contains($0.name) }.map { [$0.name, $0.text] }
      let new = after.entries.filter { !touched.contains($0.name) }.map { [$0.name, $0.text] }
      #expect(Set(old) == Set(new), "\(text)")
      #expect(after.entries.first { $0.name == "theme" }?.text == "light", "\(text)")
    }
  }
}
