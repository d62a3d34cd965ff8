import Canvas
import TestSupport
import Testing

@testable import Screens

/// Laws of arrangements: they cover, they never overlap, they survive what is done to them.
@Suite struct ArrangementTests {
  /// An arrangement as somebody might make one, step by step.
  static func made(_ dice: inout Seeded) -> Arrangement {
    var arrangement = Arrangement(screen(&dice))
    for _ in 0..<(dice.next() % 12) {
      let shown = arrangement.screens
      let some = shown[Int(dice.next() % UInt64(shown.count))]
      switch dice.next() % 6 {
      case 0: _ = arrangement.remove(some)
      case 1: arrangement.replace(some, with: screen(&dice))
      default:
        let axis: Arrangement.Axis = dice.next() % 2 == 0 ? .beside : .below
        _ = arrangement.split(some, axis, with: screen(&dice))
      }
    }
    return weighted(arrangement, &dice)
  }

  private static func screen(_ dice: inout Seeded) -> Screen {
    Screen.allCases[Int(dice.next() % UInt64(Screen.allCases.count))]
  }

  /// The same with weights that nothing but a file can give.
  private static func weighted(_ arrangement: Arrangement, _ dice: inout Seeded) -> Arrangement {
    func weighted(_ node: Arrangement.Node) -> Arrangement.Node {
      guard case .split(let axis, let parts) = node else { return node }
      return .split(
        axis,
        parts.map {
          Arrangement.Part(node: weighted($0.node), weight: 1 + Int(dice.next() % 9))
        })
    }
    return Arrangement(weighted(arrangement.root)) ?? arrangement
  }

  @Test func `panes never overlap, cover the body and are never too small`() {
    var dice = Seeded(41)
    var split = 0
    for _ in 0..<1_000 {
      let arrangement = ArrangementTests.made(&dice)
      let body = Rect(
        x: Int(dice.next() % 5), y: Int(dice.next() % 5), width: Int(dice.next() % 220),
        height: Int(dice.next() % 70))
      let grown = dice.next() % 2 == 0 ? arrangement.screens.first : nil
      guard let places = arrangement.places(in: body, grown: grown) else {
        // One pane needs the least, and no arrangement needs more than four of them in a row.
        let least = Arrangement.leastPane
        #expect(!body.size.holds(width: 4 * least.width, height: 4 * least.height))
        continue
      }
      if places.count > 1 { split += 1 }
      #expect(places.map(\.screen) == arrangement.screens)
      let cells = places.reduce(0) { $0 + $1.place.width * $1.place.height }
      #expect(cells == body.width * body.height, "\(arrangement.text) in \(body)")
      for (index, pane) in places.enumerated() {
        #expect(pane.place.intersection(body) == pane.place)
        let least = Arrangement.leastPane
        #expect(pane.place.size.holds(width: least.width, height: least.height))
        for other in places[..<index] {
          #expect(pane.place.intersection(other.place).isEmpty, "\(arrangement.text) in \(body)")
        }
      }
    }
    #expect(split > 200)
  }

  @Test func `the text of every arrangement reads back as it was`() throws {
    var dice = Seeded(42)
    for _ in 0..<1_000 {
      let arrangement = ArrangementTests.made(&dice)
      let screens = arrangement.screens
      #expect((1...Arrangement.limit).contains(screens.count))
      #expect(Set(screens).count == screens.count)
      let read = try Arrangement(parsing: arrangement.text)
      #expect(read == arrangement, "\(arrangement.text)")
      #expect(read.text == arrangement.text)
    }
  }

  @Test func `what was split comes back when the new pane is closed`() {
    var dice = Seeded(43)
    for _ in 0..<500 {
      let arrangement = ArrangementTests.made(&dice)
      guard arrangement.hasRoom,
        let new = Screen.allCases.first(where: { !arrangement.contains($0) })
      else { continue }
      for screen in arrangement.screens {
        for axis in [Arrangement.Axis.beside, .below] {
          var changed = arrangement
          let isSplit = changed.split(screen, axis, with: new)
          let isClosed = changed.remove(new)
          #expect(isSplit && isClosed)
          #expect(changed == arrangement, "\(arrangement.text): \(screen)")
        }
      }
    }
  }

  @Test(arguments: [
    ("positions|pnl", "positions | pnl"),
    ("2 | (3 / 5)", "positions | (pnl / alerts)"),
    ("positions:3 | (pnl / alerts):2", "positions:3 | (pnl / alerts):2"),
    ("(risk | heatmap) | ledger", "risk | heatmap | ledger"),
    ("((accounts))", "accounts"),
    ("risk:2 / heatmap:2", "risk / heatmap"),
    ("p&l:4", "pnl"),
  ])
  func `an arrangement is read however it is written`(_ text: String, _ expected: String) throws {
    #expect(try Arrangement(parsing: text).text == expected)
  }

  @Test(
    arguments: [
      ("", ArrangementFault.empty), ("positions |", .empty), ("| positions", .empty),
      ("positons | pnl", .unknown("positons")), ("risk | risk", .twice(.risk)),
      ("positions | pnl / alerts", .mixed), ("(positions | pnl", .unclosed),
      ("positions) | pnl", .unexpected(")")), ("positions:0", .weight), ("positions:x", .weight),
      ("positions ! pnl", .unexpected("!")), ("1 | 2 | 3 | 4 | 5", .tooMany),
      ("(1 | 2) / (3 | 4) / 5", .tooMany), (String(repeating: "(", count: 100), .tooMany),
      (String(repeating: " ", count: 201), .tooLong),
    ] as [(String, ArrangementFault)])
  func `a wrong text says what is wrong`(_ text: String, _ fault: ArrangementFault) {
    #expect(throws: fault) { _ = try Arrangement(parsing: text) }
  }

  @Test func `no text traps`() {
    var dice = Seeded(44)
    let signs = Array("positions|/():12 pnl&riskéx\u{202E}")
    for _ in 0..<3_000 {
      let count = Int(dice.next() % 30)
      let text = String((0..<count).map { _ in signs[Int(dice.next() % UInt64(signs.count))] })
      if let read = try? Arrangement(parsing: text) {
        #expect((try? Arrangement(parsing: read.text)) == read)
      }
    }
  }
}
