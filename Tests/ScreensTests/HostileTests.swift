import Amounts
import Canvas
import Ledger
import Portfolio
import Styles
import TestSupport
import Testing
import Wire

@testable import Screens

/// Names, keys and sizes that nobody should send.
@Suite struct HostileTests {
  static let names = [
    "\u{1B}]52;c;ZXZpbA==\u{07}", "\u{1B}[2J\u{1B}[H", "\u{9B}31m", "\u{9D}0;x\u{9C}",
    "abc\u{202E}dcba\u{2066}", "US\u{200B}DC", "line\nbreak\r\tx", "\u{85}\u{2028}\u{2029}",
    "a" + String(repeating: "\u{0301}", count: 5_000), "𝔘𝔫𝔦👩‍👩‍👧‍👦🇩🇪", "USDС", "",
    String(repeating: "W", count: 1_000_000), "\u{FFFE}\u{E000}\u{0}",
  ]

  static var snapshot: Snapshot {
    let accounts = names.enumerated().map { index, name in
      Account(
        id: AccountID(named: "a\(index)"), name: name, venue: name, book: BookID(name))
    }
    let positions = names.enumerated().compactMap { index, name -> Position? in
      let code = String(name.unicodeScalars.prefix(30))
      guard !code.isEmpty else { return nil }
      return Scene.position(
        .venue(venue: code, code: code), price: index % 3 == 0 ? nil : "2.5", open: "2",
        source: name, [("a\(index)", "170141183460", "1")])
    }
    return Scene.snapshot(positions, accounts: accounts)
  }

  static func isClean(_ frame: Frame, glyphs: GlyphSet) -> Bool {
    for y in 0..<frame.size.height {
      for x in 0..<frame.size.width {
        for scalar in frame[x, y].glyph.text.unicodeScalars {
          let value = scalar.value
          if value < 0x20 || (0x7F...0x9F).contains(value) { return false }
          if (0x200B...0x200F).contains(value) || (0x2028...0x202E).contains(value) { return false }
          if (0x2060...0x206F).contains(value) || (0xE000...0xF8FF).contains(value) { return false }
          if glyphs == .ascii, value > 0x7E { return false }
        }
      }
    }
    return true
  }

  @Test(arguments: [GlyphSet.unicode, .ascii])
  func `hostile names leave clean frames everywhere`(_ glyphs: GlyphSet) {
    var settings = ClientSettings()
    settings.glyphs = glyphs
    var status = Scene.status
    status.vault = HostileTests.names[0]
    status.activity = HostileTests.names[1]
    var desk = Desk(120, 36, settings: settings, snapshot: HostileTests.snapshot, status: status)
    let keys = ["", "<Tab>", "2", "jd", "<Esc><CR>", "<CR>", "0", "<CR>", "?", ":messages<CR>"]
    for key in keys {
      desk.press(key)
      #expect(HostileTests.isClean(desk.model.frame(), glyphs: glyphs), "after \(key)")
    }
    let report = Report(
      facts: [.init(HostileTests.names[0], .text(HostileTests.names[4]))], tableName: "x",
      columns: ["raw", HostileTests.names[1]],
      rows: HostileTests.names.map { [.text($0), .text($0)] })
    desk.press(":refused<CR>")
    let id = desk.model.nextRequest - 1
    desk.send(.engine(.report(id: id, report)))
    #expect(HostileTests.isClean(desk.model.frame(), glyphs: glyphs))
    desk.press("G<CR>")
    #expect(HostileTests.isClean(desk.model.frame(), glyphs: glyphs))
    desk.send(.engine(.goodbye(HostileTests.names[0])))
    #expect(HostileTests.isClean(desk.model.frame(), glyphs: glyphs))
    for effect in desk.press("<Esc><Esc><Esc>2yy") {
      if case .copy(let text) = effect {
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\t" || $0 == "\n" })
      }
    }
  }

  @Test func `a name of two scripts is flagged`() {
    let row = PositionRow(
      Scene.position(.venue(venue: "x", code: "USDС"), price: "1", [("kraken", "1", "0")]))
    #expect(row.isLookalike)
  }

  @Test func `privacy leaves no amount on any screen or in the clipboard`() {
    var settings = ClientSettings()
    settings.isPrivate = true
    // Values, quantities and sums of the scene in every form they are written in.
    var secrets = [
      "62.4", "42.3", "20.11", "812.55", "402.5", "382.5", "6,120", "6120", "910", "9,800", "9800",
      "410,000", "410000", "512.0", "250,000", "250000", "812,000", "812000", "1,500", "123,456",
      "1,205,430", "105,430", "1,100,000", "0.25", "16,853", "16853", "43.81", "1.5000", "-12.5",
    ]
    for position in Scene.positions {
      if let value = position.value { secrets += [Decimals.compact(value), Decimals.exact(value)] }
    }
    let total = Scene.totals(Scene.positions).value
    secrets += [Decimals.text(total, digits: 0), Decimals.compact(total)]
    for size in [(40, 10), (80, 24), (120, 36), (200, 60)] {
      var desk = Desk(size.0, size.1, settings: settings)
      for key in [
        "", "<Tab>", "<Tab>", "<Tab>", "d", "<Esc>2", "j", "d", "<Esc> ", " ", "<CR>", "j", "<CR>",
        "jjjj", "<CR>", "<Esc>0", "<CR>", "<Esc>j<CR>", "<Esc>jjj<CR>", "<Esc>?",
        "<Esc>:messages<CR>",
      ] {
        desk.press(key)
        let text = desk.text
        for secret in secrets where text.contains(secret) {
          Issue.record("\(secret) shows after '\(key)' at \(size):\n\(text)")
        }
      }
      for case .copy(let text) in desk.press("<Esc><Esc>2yy0yy") {
        for secret in secrets { #expect(!text.contains(secret)) }
      }
      desk.press("<Esc>:refused<CR>")
      desk.send(.engine(.report(id: desk.model.nextRequest - 1, GoldenTests.refused)))
      #expect(!desk.text.contains("BTC,0.5"))
      desk.press("G<CR>")
      #expect(!desk.text.contains("1e99,") && !desk.text.contains("SHIB2,1e99"))
      desk.press("<Esc><Esc>2<Esc><Esc><Esc><Esc>")
      #expect(desk.text.contains("39.8"))
    }
  }

  @Test(arguments: ["default", "vim", "emacs", "plain"], [11, 12] as [UInt64])
  func `random keys, sizes and messages never trap`(_ keymap: String, _ seed: UInt64) throws {
    var dice = Seeded(seed)
    var desk = Desk(80, 24, settings: try GoldenTests.settings(keymap))
    desk.entries = 5_000
    let codes: [Key.Code] = [
      .escape, .enter, .tab, .backspace, .delete, .up, .down, .left, .right, .home, .end, .pageUp,
      .pageDown, .function(1), .function(2), .function(5),
    ]
    for step in 0..<1_250 {
      let pick = dice.next() % 100
      switch pick {
      case 0..<62:
        let scalar = Unicode.Scalar(UInt8(0x20 + dice.next() % 95))
        let all: [Key.Modifiers] = [[], [], [], .control, .alt]
        let modifiers = all.randomElement(using: &dice) ?? []
        desk.send(.input(.key(Key(.character(scalar), modifiers))))
      case 62..<88:
        let code = codes.randomElement(using: &dice) ?? .escape
        desk.send(.input(.key(Key(code, dice.next() % 6 == 0 ? .shift : []))))
      case 88..<91:
        desk.send(
          .resized(Size(width: Int(dice.next() % 220), height: Int(dice.next() % 70))))
      case 91: desk.send(.input(.paste(HostileTests.names[Int(dice.next() % 8)], isCut: true)))
      case 92: desk.wait(milliseconds: Int64(dice.next() % 7_000))
      case 93:
        let total = Int(dice.next() % 700)
        desk.entries = total
        var status = Scene.status
        status.entries = total
        status.isUnlocked = dice.next() % 4 != 0
        desk.send(.engine(.status(status)))
        if status.isUnlocked { desk.send(.engine(.snapshot(Scene.snapshot()))) }
      case 94: desk.send(.engine(.snapshot(HostileTests.small)))
      case 95: desk.send(dice.next() % 2 == 0 ? .connected : .disconnected("gone"))
      case 96:
        desk.send(.engine(.report(id: desk.model.nextRequest - 1, GoldenTests.refused)))
      case 97:
        desk.send(.engine(.refusal(id: desk.model.nextRequest - 1, Refusal(.busy, "busy."))))
      case 98: desk.send(.engine(.snapshot(Scene.snapshot())))
      default:
        let ether = Scene.position(
          Scene.ether, price: "\(dice.next() % 9_000 + 1)", [("kraken", "812.55", "0")])
        desk.send(.engine(.change(ModelTests.change(ether))))
      }
      desk.effects = []
      guard step % 3 == 0 else { continue }
      let frame = desk.model.frame()
      #expect(frame.size == desk.model.size, "SEED=\(seed) step \(step)")
      if step % 60 == 0 {
        #expect(HostileTests.isClean(frame, glyphs: .unicode), "SEED=\(seed) step \(step)")
      }
    }
  }

  static let small = Scene.snapshot(Array(Scene.positions.prefix(2)))

  @Test func `no size is too small or too odd to draw`() {
    var desk = Desk(80, 24)
    for keys in ["", "2", "<CR>", "<Esc>d", "<Esc>0", "<CR>", "<Esc>?", "<Esc>:the<Tab>"] {
      desk.press(keys)
      for size in [
        (0, 0), (1, 1), (0, 5), (5, 0), (2, 1), (19, 5), (20, 4), (20, 5), (59, 12), (1_000, 2),
      ] {
        desk.send(.resized(Size(width: size.0, height: size.1)))
        #expect(desk.model.frame().size == Size(width: size.0, height: size.1))
      }
      desk.send(.resized(Size(width: 80, height: 24)))
    }
  }
}
