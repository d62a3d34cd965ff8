import Canvas
import Styles
import Testing

@Suite struct ShippedTests {
  static let themes = StyleLibrary(directories: [root + "/Themes"])
  static let keymaps = StyleLibrary(directories: [root + "/Keymaps"])

  @Test func `the sets that are promised are there`() {
    let themes: Set = [
      "dark", "light", "high-contrast", "mono", "terminal", "blue-orange-dark",
      "blue-orange-light",
    ]
    #expect(themes.isSubset(of: ShippedTests.themes.names()))
    #expect(Set(["default", "vim", "emacs", "plain"]).isSubset(of: ShippedTests.keymaps.names()))
  }

  @Test(arguments: themes.names()) func `every theme loads clean and passes the check`(
    name: String
  ) throws {
    let styled = try ShippedTests.themes.theme(named: name)
    #expect(styled.warnings.map(\.description) == [])
    #expect(ThemeCheck.findings(of: styled.value).map(\.text) == [])
    #expect(styled.value.name == name)
  }

  @Test func `high contrast keeps seven to one`() throws {
    // WCAG 2.1, success criterion 1.4.6.
    let theme = try ShippedTests.themes.theme(named: "high-contrast").value
    for role in [Role.text, .textDim, .valueUp, .valueDown, .valueStale, .hint, .message] {
      let colours = theme.colours(of: Style(role))
      guard case .shade(let front) = colours.foreground, case .shade(let back) = colours.background
      else {
        Issue.record("no shade for \(role)")
        continue
      }
      #expect(front.contrast(with: back) >= 7, "\(role)")
    }
  }

  @Test(arguments: themes.names()) func `a palette index is the nearest of the 256`(
    name: String
  ) throws {
    for look in try ShippedTests.themes.theme(named: name).value.looks.values {
      for colour in [look.foreground, look.background] {
        guard case .shade(let shade) = colour, let index = shade.palette else { continue }
        #expect(index == Palette.nearest256(to: shade), "\(shade)")
      }
    }
  }

  @Test(arguments: keymaps.names()) func `every keymap loads clean`(name: String) throws {
    let styled = try ShippedTests.keymaps.keymap(
      named: name, commands: Known.commands, contexts: Known.contexts)
    #expect(styled.warnings.map(\.description) == [])
    for command in ["row-down", "open", "filter", "sort", "command-line", "privacy", "theme"] {
      #expect(styled.value.hint(for: command, in: "positions") != nil, "\(command)")
    }
    #expect(styled.value.hint(for: "cancel", in: "prompt") != nil)
    #expect(styled.value.hint(for: "screen 9", in: "overview") != nil)
  }

  @Test func `counts work in the vim set and digits choose screens in the default one`() throws {
    func outcome(_ name: String, _ text: String) throws -> KeyReader.Outcome? {
      let map = try ShippedTests.keymaps.keymap(
        named: name, commands: Known.commands, contexts: Known.contexts
      ).value
      var reader = KeyReader()
      return try Key.sequence(text).map { reader.press($0, in: "positions", of: map) }.last
    }
    #expect(try outcome("vim", "5j") == .command(Invocation("row-down"), count: 5))
    #expect(try outcome("vim", "g5") == .command(Invocation("screen", ["5"]), count: nil))
    #expect(try outcome("default", "5") == .command(Invocation("screen", ["5"]), count: nil))
    #expect(try outcome("default", "<M-5>j") == .command(Invocation("row-down"), count: 5))
    #expect(try outcome("default", "gl") == .command(Invocation("screen", ["ledger"]), count: nil))
  }

  @Test func `the manual names every role`() throws {
    let bytes = try Folder.contents(of: root + "/man/coffer-theme.5")
    let words = Set(
      String(decoding: bytes, as: UTF8.self).split { " \n".contains($0) }.map(String.init))
    let missing = Role.allCases.map(\.token).filter { !words.contains($0) }
    #expect(missing.allSatisfy { $0.hasPrefix("heat.") }, "\(missing)")
  }
}
