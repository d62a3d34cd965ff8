import Canvas
import Ledger
import TestSupport
import Testing
import Wire

@testable import Screens

/// Every screen under ten thousand keys that nobody meant.
@Suite struct RandomKeyTests {
  /// Each screen by the keys that lead to it, with keys that a person presses there.
  static let screens = [
    "1", "2", "3", "4", "gh", "5", "0", "8", "gL", "2<CR>", "2jd", "?", "desk", "four",
  ]

  /// Keys that mean something everywhere, more often than chance would have it.
  static let meant: [Key] = MacroTests.keys(
    "<CR><CR><Esc><Esc><Tab><Up><Down><Left><Right><C-p><C-n><BS>gg/:?'@Qmnuusc<C-r>zp<Space>jklh<F1>"
      + "abvw123456780-<Del><Home><End><PgUp><PgDn>[]<C-w><C-x>+_SVCW")

  @Test(arguments: [2_026, 7] as [UInt64])
  func `ten thousand random keys never trap, leave the frame or put a control byte in a cell`(
    _ seed: UInt64
  ) throws {
    var dice = Seeded(seed)
    let keymaps = ["default", "vim", "emacs", "plain"]
    let sizes = [(80, 24), (120, 36), (200, 60), (60, 12), (40, 10), (20, 5), (5, 2), (1, 1)]
    var pressed = 0
    var screensSeen: Set<Screen> = []
    for (number, way) in RandomKeyTests.screens.enumerated() {
      var settings = try GoldenTests.settings(keymaps[number % keymaps.count])
      settings.isReadOnly = number % 5 == 4
      let size = sizes[Int(dice.next() % 3)]
      var desk = Desk(size.0, size.1, settings: settings)
      desk.sendBoards()
      // The ways are those of the default keys; others get there by name.
      if number % keymaps.count == 0, way.count < 4 { desk.press(way) } else { go(&desk, way) }
      if way == "desk" { desk.send(.line("layout desk")) }
      if way == "four" { desk.send(.line("layout risk / (positions | overview | heatmap)")) }
      screensSeen.insert(desk.model.screen)
      for step in 0..<(5_000 / RandomKeyTests.screens.count + 1) {
        desk.send(.input(.key(RandomKeyTests.key(&dice))))
        pressed += 1
        desk.effects = []
        switch dice.next() % 100 {
        case 0:
          let size = sizes[Int(dice.next() % UInt64(sizes.count))]
          desk.send(.resized(Size(width: size.0, height: size.1)))
        case 1: desk.wait(milliseconds: Int64(dice.next() % 6_000))
        default: break
        }
        guard step % 7 == 0 else { continue }
        let frame = desk.model.frame()
        #expect(frame.size == desk.model.size, "SEED=\(seed) \(way) step \(step)")
        if let byte = RandomKeyTests.controlByte(in: frame) {
          Issue.record("SEED=\(seed) \(way) step \(step): U+\(String(byte, radix: 16)) in a cell")
        }
        if let cursor = frame.cursor {
          #expect(frame.bounds.contains(cursor), "SEED=\(seed) \(way) step \(step)")
        }
      }
    }
    // Two seeds make the ten thousand.
    #expect(pressed >= 5_000)
    #expect(screensSeen == Set(Screen.allCases))
  }

  private func go(_ desk: inout Desk, _ way: String) {
    let screen: [String: Screen] = [
      "1": .overview, "2": .positions, "3": .profit, "4": .risk, "gh": .heatmap, "5": .alerts,
      "0": .ledger, "8": .accounts, "gL": .log,
    ]
    if let screen = screen[way] { desk.model.go(to: screen) }
    if way == "?" { desk.model.show(.help(context: "overview")) }
    if way.hasPrefix("2"), way.count > 1 {
      desk.model.go(to: .positions)
      if way.hasSuffix("d") { desk.model.explain() } else { desk.model.open() }
    }
    desk.send(.tick)
  }

  private static func key(_ dice: inout Seeded) -> Key {
    if dice.next() % 4 != 0 { return meant[Int(dice.next() % UInt64(meant.count))] }
    let modifiers: [Key.Modifiers] = [[], [], [], .control, .alt]
    let strange: [Unicode.Scalar] = ["é", "漢", "\u{301}", "\u{202E}", "\u{7F}", "\u{1}", "🏴"]
    let scalar =
      dice.next() % 12 == 0
      ? strange[Int(dice.next() % UInt64(strange.count))]
      : Unicode.Scalar(UInt8(0x20 + dice.next() % 95))
    return Key(.character(scalar), modifiers[Int(dice.next() % UInt64(modifiers.count))])
  }

  /// The first control character in a frame.
  private static func controlByte(in frame: Frame) -> UInt32? {
    for y in 0..<frame.size.height {
      for x in 0..<frame.size.width {
        for scalar in frame[x, y].glyph.text.unicodeScalars
        where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
          return scalar.value
        }
      }
    }
    return nil
  }
}
