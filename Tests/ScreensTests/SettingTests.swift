import Canvas
import Foundation
import Testing

@testable import Screens

/// The one table of settings, and what is made from it.
@Suite struct SettingTests {
  static func wish(_ name: String, _ text: String, _ line: Int = 1) -> WantedSetting {
    WantedSetting(name: name, text: text, place: "settings.toml:\(line):1")
  }

  static func started(_ wanted: [WantedSetting]) throws -> Desk {
    try PaneTests.desk { $0.wanted = wanted }
  }

  /// What `save-settings` would write, by name.
  static func kept(_ desk: inout Desk) -> [String: KeptSetting] {
    desk.effects = []
    desk.press(":w<CR>")
    let all = desk.effects.compactMap { effect -> [KeptSetting]? in
      if case .keep(let settings) = effect { settings } else { nil }
    }.first
    return Dictionary(uniqueKeysWithValues: (all ?? []).map { ($0.name, $0) })
  }

  @Test func `names are unique, every setting says what it decides and takes its own standard`()
    throws
  {
    #expect(Set(Settings.all.map(\.name)).count == Settings.all.count)
    let model = ClientModel()
    for setting in Settings.all {
      #expect(!setting.summary.isEmpty && setting.summary.count <= 60, "\(setting.name)")
      #expect(try setting.checked(setting.standard) == setting.standard, "\(setting.name)")
      #expect(setting.read(model) == setting.standard, "\(setting.name)")
      for word in setting.words { #expect(try setting.checked(word) == word) }
      #expect(setting.name.split(separator: ".").count <= 2)
    }
  }

  @Test func `a fresh client needs nothing in the file`() throws {
    var desk = try SettingTests.started([])
    let kept = SettingTests.kept(&desk)
    #expect(kept.count == Settings.all.count)
    #expect(kept.values.allSatisfy { !$0.isNeeded }, "\(kept.values.filter(\.isNeeded))")
  }

  @Test func `options go before the environment, and that before the file`() {
    let file = ["theme", "keymap", "screen", "notices"].map { SettingTests.wish($0, "risk") }
    let (wanted, problems) = Settings.resolved(
      file: file,
      environment: { ["COFFER_THEME": "nord", "COFFER_KEYMAP": "vim", "COFFER_NOTIFY": ""][$0] },
      options: ["theme": "paper"])
    let found = Dictionary(uniqueKeysWithValues: wanted.map { ($0.name, $0) })
    #expect(found["theme"]?.text == "paper" && found["theme"]?.place == "--theme")
    #expect(found["keymap"]?.text == "vim" && found["keymap"]?.place == "COFFER_KEYMAP")
    #expect(found["screen"]?.text == "risk")
    #expect(found["notices"] == nil)
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("settings.toml:1:1: 'notices' is one of") == true)
  }

  @Test(arguments: [
    ("thme", "dark", "no setting is called 'thme' (did you mean 'theme'?)"),
    (
      "positions.srt", "value",
      "no setting is called 'positions.srt' (did you mean 'positions.sort'?)"
    ),
    ("private", "ture", "'private' is true or false, and not 'ture' (did you mean 'true'?)"),
    ("glyphs", "asci", "(did you mean 'ascii'?)"),
    ("refresh", "0.1", "'refresh' is never, 0.2 to 86400, and not '0.1'"),
    ("screen", "positons", "(did you mean 'positions'?)"),
    ("positions.columns", "asset vlue", "there is no column 'vlue' (did you mean 'value'?)"),
    ("positions.columns", "value value", "a column stands there twice"),
    ("positions.sort", "value sideways", "behind the column stands 'up' or 'down'"),
    ("layouts.desk", "positions | pnl / risk", "want brackets"),
    ("layouts.save", "risk", "'save' means something else"),
    ("layouts.a b", "risk", "a name has up to 32 letters"),
    ("macros.ab", "jj", "a macro is called by one letter or digit"),
    ("macros.a", "<Nokey>", "no key is called"),
    ("theme", "", "'' is not a name or a file"),
  ])
  func `a wrong line says where and what, and the others hold`(
    _ name: String, _ text: String, _ fault: String
  ) {
    let file = [
      SettingTests.wish("private", "yes", 1), SettingTests.wish(name, text, 2),
      SettingTests.wish("pnl.chart", "growth", 3),
    ]
    let (wanted, problems) = Settings.resolved(file: file, environment: { _ in nil }, options: [:])
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("settings.toml:2:1: ") == true)
    #expect(problems.first?.contains(fault) == true, "\(problems)")
    #expect(wanted.contains { $0.name == "pnl.chart" })
    #expect(wanted.contains { $0.name == "private" && $0.text == "true" })
  }

  @Test func `what is kept makes the same client again`() throws {
    var desk = try SettingTests.started([])
    desk.press("2c<CR>:columns asset value price<CR>:sort price<CR>:group venue<CR>zp")
    desk.press(":period year<CR>:chart drawdown<CR>:correlation kendall 60<CR>")
    desk.press(":set mouse on<CR>:set refresh 5<CR>:set notices osc9<CR>")
    desk.press("Qajj Q:layout desk<CR><C-w>w:layout save mine<CR>")
    let kept = SettingTests.kept(&desk)
    #expect(kept["layout"]?.text == "desk")
    #expect(kept["screen"]?.text == "pnl")
    #expect(kept["positions.columns"]?.text == "asset value price")
    #expect(kept["private"] == KeptSetting(name: "private", text: "true", isBare: true))
    #expect(kept["heatmap.bars"] == KeptSetting(name: "heatmap.bars", text: "60", isBare: true))
    #expect(kept["layouts.mine"]?.text == "positions | (pnl / alerts)")
    #expect(kept["macros.a"]?.text == "jj<Space>")
    let file = kept.values.filter(\.isNeeded).compactMap { setting in
      setting.text.map { SettingTests.wish(setting.name, $0) }
    }
    let (wanted, problems) = Settings.resolved(file: file, environment: { _ in nil }, options: [:])
    #expect(problems.isEmpty)
    var again = try SettingTests.started(wanted)
    #expect(SettingTests.kept(&again) == kept)
    #expect(again.model.arrangement == desk.model.arrangement)
    #expect(again.model.screen == desk.model.screen)
    #expect(!again.model.history.canUndo)
    #expect(again.model.isPrivate)
  }

  @Test func `set shows, changes and refuses`() throws {
    var desk = try SettingTests.started([])
    desk.press(":set mouse true<CR>")
    #expect(desk.effects.contains(.use(setting: "mouse", "true")))
    #expect(desk.row(34).contains("mouse is true"))
    desk.press(":set glyphs ascii<CR>")
    #expect(desk.model.usesASCII)
    desk.press(":set glyphs<CR>")
    #expect(desk.row(34).contains("glyphs is ascii"))
    desk.press(":set glyps ascii<CR>")
    #expect(desk.row(34).contains("set: no setting is called 'glyps' (did you mean 'glyphs'?)"))
    desk.press(":set pnl.chart groth<CR>")
    #expect(desk.row(34).contains("(did you mean 'growth'?)"))
    desk.press(":set positions.sort price up<CR>")
    #expect(desk.model.list.sorting == PositionOrder(column: .price, isDescending: false))
    desk.press(":set layout risk | pnl<CR>")
    #expect(desk.model.arrangement.text == "risk | pnl")
    desk.press(":set<CR>")
    #expect(desk.text.contains("COFFER") == false && desk.text.contains("positions.columns"))
  }

  @Test func `set completes names and values`() throws {
    var desk = try SettingTests.started([])
    desk.press(":set ke<Tab>")
    #expect(desk.model.prompt?.editor.text == "set keymap ")
    desk.press("<C-u>set pnl.chart gr<Tab>")
    #expect(desk.model.prompt?.editor.text == "set pnl.chart growth ")
    desk.press("<C-u>set layout de<Tab>")
    #expect(desk.model.prompt?.editor.text == "set layout desk ")
  }

  @Test func `a theme is kept once it was read, and not where it could not be`() throws {
    var desk = try SettingTests.started([SettingTests.wish("theme", "dark")])
    desk.press(":theme nosuch<CR>")
    desk.send(.styles(.failed("nosuch: there is no file")))
    #expect(SettingTests.kept(&desk)["theme"]?.text == "dark")
    desk.press(":theme light<CR>")
    desk.send(.styles(.theme(try shippedTheme("light"), warnings: [])))
    #expect(SettingTests.kept(&desk)["theme"]?.text == "light")
  }

  @Test func `what became of keeping is said`() throws {
    var desk = try SettingTests.started([])
    desk.send(.settings(.kept(path: "/h/settings.toml", changed: ["theme", "layout"])))
    #expect(desk.row(34).contains("Kept in /h/settings.toml: theme, layout"))
    desk.send(.settings(.kept(path: "/h/settings.toml", changed: [])))
    #expect(desk.row(34).contains("Everything stands in /h/settings.toml already."))
    desk.send(.settings(.failed("/h/settings.toml:3:1: broken")))
    #expect(desk.row(34).contains("/h/settings.toml:3:1: broken"))
    desk.press(":w positions.csv<CR>")
    #expect(desk.row(34).contains(":export PATH writes figures"))
    desk.send(.settings(.wrong((1...30).map { "settings.toml:\($0):1: wrong" })))
    #expect(desk.row(34).contains("and 10 more; coffer doctor"))
  }

  @Test func `a read-only client writes nothing`() throws {
    var desk = try PaneTests.desk { $0.isReadOnly = true }
    desk.press("2<C-w>v:layout save mine<CR>:save-settings<CR>")
    #expect(!desk.effects.contains { if case .keep = $0 { true } else { false } })
    #expect(desk.model.layouts["mine"] != nil)
    #expect(desk.row(34).contains("read-only"))
  }

  @Test func `a layout in the file that is wrong is told and the client starts`() throws {
    let desk = try SettingTests.started([SettingTests.wish("layout", "dsk", 4)])
    #expect(!desk.model.arrangement.isSplit)
    #expect(
      desk.model.messages.contains {
        $0.text == "settings.toml:4:1: there is no layout 'dsk' (did you mean 'desk'?)"
      })
    // A screen that is asked for on the command line goes before a layout without it.
    let risk = try SettingTests.started([
      SettingTests.wish("layout", "desk"), SettingTests.wish("screen", "risk"),
    ])
    #expect(risk.model.arrangement.text == "risk" && risk.model.screen == .risk)
  }
}

/// The table of coffer-settings(5); `UPDATE_TABLES=1` writes it anew.
@Suite struct SettingManualTests {
  private static let file = packageFolder.appending(path: "man/coffer-settings.5")
  private static let marks = (".\\\" settings\n", ".\\\" /settings\n")

  private static var table: String {
    var lines: [String] = []
    var section = ""
    for setting in Settings.all {
      let parts = setting.name.split(separator: ".").map(String.init)
      if parts.count == 2, parts[0] != section {
        section = parts[0]
        lines += [".El", ".Ss Section " + section, ".Bl -tag -width Ds"]
      }
      lines.append(".It Cm \(parts.last ?? "") No = \(escaped(setting.form))")
      lines.append(sentence(setting.summary))
      if !setting.standard.isEmpty {
        lines.append("Without it: \(escaped(setting.standard)).")
      }
      if !setting.variable.isEmpty {
        lines += [".Ev \(setting.variable)", "goes before the file."]
      }
    }
    for family in Settings.families {
      lines += [".El", ".Ss Section " + family.name, ".Bl -tag -width Ds"]
      lines.append(".It Ar \(family.key) No = \(escaped(family.form))")
      lines.append(sentence(family.summary))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "|", with: "\\(ba")
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + escaped(String(text.dropFirst())) + "."
  }

  @Test func `the manual has every setting as the code has it`() throws {
    let text = try String(contentsOf: SettingManualTests.file, encoding: .utf8)
    let (start, end) = SettingManualTests.marks
    let before = try #require(text.range(of: start))
    let after = try #require(text.range(of: end))
    let table = SettingManualTests.table
    if ProcessInfo.processInfo.environment["UPDATE_TABLES"] == "1" {
      let fresh = text[..<before.upperBound] + table + text[after.lowerBound...]
      try String(fresh).write(to: SettingManualTests.file, atomically: true, encoding: .utf8)
      return
    }
    let shown = String(text[before.upperBound..<after.lowerBound])
    #expect(shown == table, "write it anew with UPDATE_TABLES=1")
  }

  @Test func `ready layouts stand in the manual as they are`() throws {
    let text = try String(contentsOf: SettingManualTests.file, encoding: .utf8)
      .replacingOccurrences(of: "\\(ba", with: "|")
    for (name, arrangement) in ReadyLayouts.all {
      #expect(text.contains("\(name) = \"\(arrangement.text)\""), "\(name)")
    }
  }
}
