import Canvas
import Styles
import Testing

@testable import Screens

/// The one table, and what is made from it.
@Suite struct CommandTests {
  static let keymaps = ["default", "vim", "emacs", "plain"]

  @Test(arguments: keymaps)
  func `every shipped keymap fits the table`(_ name: String) throws {
    let loaded = try shippedKeymap(name)
    #expect(loaded.warnings.isEmpty)
    #expect(
      loaded.value.findings(commands: Commands.names, contexts: Commands.contexts)
        .filter { finding in
          switch finding {
          case .unknownCommand, .unknownContext, .missing: true
          default: false
          }
        }.isEmpty)
  }

  @Test func `the built-in keymap needs no file and has no fault`() {
    #expect(
      Commands.builtInKeymap.findings(commands: Commands.names, contexts: Commands.contexts)
        .isEmpty)
  }

  @Test func `names are unique and every command says what it does`() {
    #expect(Set(Commands.all.map(\.name)).count == Commands.all.count)
    for spec in Commands.all {
      #expect(!spec.summary.isEmpty && spec.summary.count <= 60, "\(spec.name)")
      #expect(spec.summary.first?.isLowercase == true, "\(spec.name)")
    }
    for target in Commands.aliases.values { #expect(Commands.names.contains(target)) }
  }

  @Test(arguments: keymaps)
  func `every command has a key or can be typed, and is done`(_ name: String) throws {
    let settings = try GoldenTests.settings(name)
    for spec in Commands.all where spec.contexts != ["prompt"] {
      var desk = Desk(80, 24, settings: settings)
      desk.model.openCommandLine(spec.name)
      desk.press("<CR>")
      #expect(!desk.model.messages.contains { $0.text.contains("No command") }, "\(spec.name)")
    }
    let keymap = try shippedKeymap(name).value
    for spec in Commands.all where spec.contexts == ["prompt"] {
      if name == "plain", ["delete-word", "delete-line"].contains(spec.name) { continue }
      #expect(!keymap.keys(for: spec.name, in: "prompt").isEmpty, "\(spec.name)")
    }
  }

  @Test(arguments: keymaps)
  func `help lists every command`(_ name: String) throws {
    var desk = Desk(120, 36, settings: try GoldenTests.settings(name))
    desk.model.show(.help(context: "overview"))
    let open = try #require(desk.model.overlays.last)
    let text = desk.model.lines(of: open, in: 0..<500).map(\.plain).joined(separator: "\n")
    for spec in Commands.all {
      if name == "plain", ["delete-word", "delete-line"].contains(spec.name) { continue }
      #expect(text.contains(spec.name), "\(spec.name)")
      #expect(text.contains(spec.summary), "\(spec.name)")
    }
  }

  @Test func `help can be searched and does what it shows`() throws {
    var desk = Desk(80, 24, settings: try GoldenTests.settings())
    desk.press("?/privacy<CR>")
    #expect(desk.text.contains("zp"))
    desk.press("<CR>")
    #expect(desk.model.isPrivate)
    #expect(desk.model.overlays.isEmpty)
  }

  @Test func `help says why a command cannot be given`() {
    var settings = ClientSettings()
    settings.isReadOnly = true
    var desk = Desk(200, 60, settings: settings)
    desk.press("?/lock the vault")
    #expect(desk.text.contains("not now: this client is read-only"))
  }

  @Test func `a broken keymap file leaves the keys as they were`() {
    var desk = Desk(80, 24)
    desk.send(.styles(.failed("vim.toml:3:1: nothing is called here")))
    #expect(desk.text.contains("vim.toml:3:1"))
    desk.press("2")
    #expect(desk.model.screen == .positions)
  }
}
