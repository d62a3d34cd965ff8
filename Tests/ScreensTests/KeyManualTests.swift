import Canvas
import Foundation
import Styles
import Testing

@testable import Screens

/// What `coffer keys` prints.
@Suite struct KeyTableTests {
  static let keymaps = ["default", "vim", "emacs", "plain"]

  @Test(arguments: keymaps)
  func `every command and every key of a keymap stands in the table`(_ name: String) throws {
    let keymap = try shippedKeymap(name).value
    let rows = KeyTable.rows(of: keymap)
    let named = rows.map(\.spec.name)
    #expect(Set(named) == Commands.names)
    let shown = rows.flatMap { row in row.keys.map { "\(row.context ?? "") \($0)" } }
    let bound = keymap.bindings.filter { !["6", "7", "9"].contains($0.command.arguments.first) }
      .map { "\($0.context) \(Key.text(of: $0.keys))" }
    #expect(shown.sorted() == bound.sorted())
    #expect(!rows.flatMap(\.keys).contains { $0.contains(" ") })
  }

  @Test(arguments: keymaps)
  func `the table of a screen is what its keys call`(_ name: String) throws {
    let keymap = try shippedKeymap(name).value
    for context in KeyTable.contexts {
      for row in KeyTable.rows(of: keymap, in: context) {
        for text in row.keys {
          let found = keymap.lookup(try Key.sequence(text), in: context)
          guard case .matched(let binding) = found else {
            Issue.record("\(text) calls nothing in \(context)")
            continue
          }
          #expect(binding.command.name == row.spec.name)
        }
      }
    }
  }

  @Test func `a screen's own keys are those of other screens no more`() throws {
    let keymap = try shippedKeymap("default").value
    func line(_ keys: String, _ context: String) -> String? {
      KeyTable.rows(of: keymap, in: context).first { $0.keys.contains(keys) }?.line
    }
    #expect(line("c", "alerts") == "confirm-alert")
    #expect(line("c", "positions") == "columns")
    #expect(line("c", "ledger") == nil)
    #expect(line("1", "log") == "screen overview")
    #expect(line("6", "log") == nil)
    #expect(line("a", "accounts") == "command-line connect …")
    #expect(line("<CR>", "prompt") == "accept" && line("j", "prompt") == nil)
  }

  @Test func `contexts have the words of screens`() {
    #expect(KeyTable.context(named: "3") == "pnl" && KeyTable.context(named: "P&L") == "pnl")
    #expect(KeyTable.context(named: "Prompt") == "prompt" && KeyTable.context(named: "*") == "*")
    #expect(KeyTable.context(named: "nope") == nil)
    #expect(Set(KeyTable.contexts.dropFirst()) == Commands.contexts)
  }
}

/// The table of coffer-keys(7); `UPDATE_TABLES=1` writes it anew.
@Suite struct KeyManualTests {
  private static let file = packageFolder.appending(path: "man/coffer-keys.7")
  private static let marks = (".\\\" keys\n", ".\\\" /keys\n")

  /// The manual's source of all commands under their headings.
  private static func table() throws -> String {
    let keymaps = try KeyTableTests.keymaps.map { name in
      (name, KeyTable.rows(of: try shippedKeymap(name).value))
    }
    return Commands.groups.map { title, commands in
      ".Ss \(title)\n.Bl -tag -width Ds\n"
        + commands.map { entry(of: $0, keymaps) }.joined() + ".El\n"
    }.joined()
  }

  private static func entry(
    of spec: CommandSpec, _ keymaps: [(name: String, rows: [KeyTable.Row])]
  ) -> String {
    let arguments = spec.arguments.isEmpty ? "" : " Ar " + words(spec.arguments)
    var text = ".It Ic \(spec.name)\(arguments)\n" + sentence(spec.summary) + "\n"
    var groups: [(names: [String], keys: String)] = []
    for (name, rows) in keymaps {
      let keys = keyText(rows.filter { $0.spec == spec && !$0.keys.isEmpty })
      if let index = groups.firstIndex(where: { $0.keys == keys }) {
        groups[index].names.append(name)
      } else if !keys.isEmpty {
        groups.append(([name], keys))
      }
    }
    guard !groups.isEmpty else { return text }
    text += ".Bl -tag -width default -compact\n"
    for group in groups {
      let isAll = group.names.count == keymaps.count
      text += ".It " + (isAll ? "all" : group.names.joined(separator: " , ")) + "\n" + group.keys
    }
    return text + ".El\n"
  }

  /// The keys of one keymap: those of screens after those of everywhere.
  private static func keyText(_ rows: [KeyTable.Row]) -> String {
    rows.map { row in
      let isOwn = row.context != Keymap.everywhere && row.spec.contexts != ["prompt"]
      let place = isOwn ? "\(row.context ?? ""):\n" : ""
      let keys = row.keys.map(escaped).joined(separator: " , ")
      let said = row.arguments.isEmpty ? "" : ".Pq \(words(row.arguments))\n"
      return "\(place).Li \(keys)\n\(said)"
    }.joined()
  }

  private static func words(_ text: String) -> String {
    text.split(separator: " ").map { escaped(String($0)) }.joined(separator: " ")
  }

  /// A word that is neither a macro nor a delimiter, whatever is in it.
  private static func escaped(_ text: String) -> String {
    "\\&" + inText(text)
  }

  private static func inText(_ text: String) -> String {
    let signs = [
      ("\\", "\\e"), ("\"", "\\(dq"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha"),
      ("~", "\\(ti"), ("|", "\\(ba"), ("…", "..."),
    ]
    return signs.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
  }

  private static func sentence(_ text: String) -> String {
    inText(text.prefix(1).uppercased() + text.dropFirst()) + "."
  }

  @Test func `the manual has every command with the keys of every keymap`() throws {
    let text = try String(contentsOf: KeyManualTests.file, encoding: .utf8)
    let (start, end) = KeyManualTests.marks
    let before = try #require(text.range(of: start))
    let after = try #require(text.range(of: end))
    let table = try KeyManualTests.table()
    if ProcessInfo.processInfo.environment["UPDATE_TABLES"] == "1" {
      let fresh = text[..<before.upperBound] + table + text[after.lowerBound...]
      try String(fresh).write(to: KeyManualTests.file, atomically: true, encoding: .utf8)
      return
    }
    let shown = String(text[before.upperBound..<after.lowerBound])
    #expect(shown == table, "write it anew with UPDATE_TABLES=1")
  }
}

/// What coffer-screens(7) says by hand, held against the code.
@Suite struct ScreenManualTests {
  private static func lines() throws -> [String] {
    let file = packageFolder.appending(path: "man/coffer-screens.7")
    return try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
  }

  @Test func `the manual has every screen, in their order`() throws {
    let sections = try ScreenManualTests.lines().filter { $0.hasPrefix(".Ss ") }
      .map { String($0.dropFirst(4)) }
    let titles = Screen.allCases.map(\.title)
    #expect(sections.filter { titles.contains($0) } == titles)
  }

  @Test func `every column of a list is explained on its screen`() throws {
    let titles: [Screen: [String]] = [
      .positions: PositionColumn.allCases.map(\.title),
      .alerts: ["Sev", "State", "What", "Rule"],
      .accounts: ["State", "Age", "History", "Limit", "Key may", "Breaks", "What is wrong"],
    ]
    let lines = try ScreenManualTests.lines()
    for (screen, titles) in titles {
      let start = try #require(lines.firstIndex(of: ".Ss \(screen.title)"))
      let section = lines[(start + 1)...].prefix { !$0.hasPrefix(".S") }
      for title in titles {
        #expect(section.contains(".It Li \(title)"), "\(screen): \(title)")
      }
    }
  }

  @Test func `every command that is named exists`() throws {
    let named = try ScreenManualTests.lines().flatMap { line in
      line.components(separatedBy: "Ic ").dropFirst().compactMap { rest -> String? in
        let word = rest.replacingOccurrences(of: "\\&", with: "").split(separator: " ").first ?? ""
        return word.hasPrefix(":") && word.count > 1 ? String(word.dropFirst()) : nil
      }
    }
    #expect(named.count > 20)
    for name in named { #expect(Commands.names.contains(name), "\(name)") }
  }
}
