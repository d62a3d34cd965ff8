import Amounts
import Canvas
import Ledger
import Portfolio
import Testing
import Wire

@testable import Screens

/// Every screen at every size in every form, of portfolios as nobody wishes them.
@Suite struct ExtremeTests {
  /// The screens with the keys that lead there from the Overview.
  static let screens: [(name: String, keys: String)] = [
    ("overview", ""), ("positions", "2"), ("pnl", "3"), ("risk", "4"),
    ("heatmap", "gh"), ("alerts", "5"), ("ledger", "0"), ("accounts", "8"),
    ("log", ":screen log<CR>"), ("help", "?"),
  ]

  static func frames(
    _ kind: Extreme, _ width: Int, _ height: Int, glyphs: GlyphSet = .unicode,
    isPrivate: Bool = false
  ) throws -> [(name: String, frame: Frame)] {
    try screens.map { screen in
      var desk = try kind.desk(width, height, glyphs: glyphs, isPrivate: isPrivate)
      desk.press(screen.keys)
      return (screen.name, desk.model.frame())
    }
  }

  // MARK: Kept frames

  @Test(arguments: Extreme.allCases)
  func `screens of an extreme portfolio look as they were kept`(_ kind: Extreme) throws {
    let kept: Set = ["overview", "positions", "pnl", "risk", "heatmap", "accounts"]
    for (name, frame) in try ExtremeTests.frames(kind, 80, 24) where kept.contains(name) {
      try Golden.check(frame, "extreme-\(kind)-\(name)-80x24")
    }
  }

  @Test(arguments: [(80, 24), (200, 60)])
  func `odd figures and names look as they were kept in ASCII and without colours`(
    _ size: (Int, Int)
  ) throws {
    let theme = try shippedTheme("mono")
    let frames = try ExtremeTests.frames(.odd, size.0, size.1, glyphs: .ascii)
    for (name, frame) in frames {
      try Golden.check(
        text: "\(frame.text)\n--- attributes\n\(frame.attributes(in: theme))\n",
        "extreme-odd-\(name)-ascii-mono-\(size.0)x\(size.1)")
    }
  }

  @Test func `odd figures and names look as they were kept on a large screen`() throws {
    let kept: Set = ["overview", "positions", "pnl", "risk"]
    for (name, frame) in try ExtremeTests.frames(.odd, 200, 60) where kept.contains(name) {
      try Golden.check(text: frame.text + "\n", "extreme-odd-\(name)-200x60")
    }
  }

  // MARK: Laws

  @Test(arguments: Extreme.allCases, GoldenTests.sizes)
  func `frames are whole and clean`(_ kind: Extreme, _ size: (Int, Int)) throws {
    for glyphs in GlyphSet.allCases {
      for (name, frame) in try ExtremeTests.frames(kind, size.0, size.1, glyphs: glyphs) {
        let place = "\(kind) \(name) \(size) \(glyphs)"
        #expect(frame.size == Size(width: size.0, height: size.1), "\(place)")
        #expect(HostileTests.isClean(frame, glyphs: glyphs), "\(place)")
        for y in 0..<size.1 {
          #expect(TextWidth.of(frame.row(y)) == size.0, "\(place) row \(y): \(frame.row(y))")
        }
        if glyphs == .ascii { #expect(frame.text.utf8.allSatisfy { $0 < 0x7F }, "\(place)") }
      }
    }
  }

  @Test(arguments: Extreme.allCases, GoldenTests.sizes)
  func `the frames of panes are unbroken`(_ kind: Extreme, _ size: (Int, Int)) throws {
    let plain = try ExtremeTests.frames(kind, size.0, size.1, glyphs: .ascii)
    for (index, shot) in try ExtremeTests.frames(kind, size.0, size.1).enumerated() {
      let panes = ExtremeTests.panes(shot.frame)
      #expect(!panes.isEmpty, "\(kind) \(shot.name)")
      for pane in panes {
        let place = "\(kind) \(shot.name) \(size) \(pane)"
        #expect(ExtremeTests.isWhole(pane, in: shot.frame), "\(place)")
        #expect(ExtremeTests.isWhole(pane, in: plain[index].frame), "\(place) ascii")
      }
    }
  }

  @Test(arguments: Extreme.allCases, GoldenTests.sizes)
  func `hidden amounts stand nowhere`(_ kind: Extreme, _ size: (Int, Int)) throws {
    let secrets = ExtremeTests.secrets(kind)
    for glyphs in GlyphSet.allCases {
      let frames = try ExtremeTests.frames(
        kind, size.0, size.1, glyphs: glyphs, isPrivate: true)
      // The ledger behind the client is that of another portfolio.
      for (name, frame) in frames where name != "ledger" && name != "help" {
        let text = frame.text
        let seen = secrets.filter { text.contains($0) }
        #expect(seen == [], "\(kind) \(name) \(size)")
      }
    }
  }

  @Test(arguments: [Extreme.sixty, .thousands, .odd], GoldenTests.sizes)
  func `the row with the cursor shows, also at the end of a list and without colours`(
    _ kind: Extreme, _ size: (Int, Int)
  ) throws {
    let theme = try shippedTheme("mono")
    for glyphs in GlyphSet.allCases {
      for screen in ["2", "3", "4", "0"] {
        var desk = try kind.desk(size.0, size.1, glyphs: glyphs)
        for keys in [screen, "G", "gg", "jjj"] {
          desk.press(keys)
          let frame = desk.model.frame()
          let rows = (0..<size.1).filter { y in
            (0..<size.0).contains { x in
              frame[x, y].glyph == glyphs[.cursor] && frame[x, y].style.surface == .rowCursor
            }
          }
          #expect(rows.count == 1, "\(kind) \(screen) \(keys) \(size)")
          guard let row = rows.first,
            let x = (0..<size.0).first(where: { frame[$0, row].style.surface == .rowCursor })
          else { continue }
          let look = theme.appearance(of: frame[x, row].style, at: .none)
          #expect(!look.attributes.isEmpty)
        }
      }
    }
  }

  @Test(arguments: [Extreme.sixty, .odd, .owing])
  func `what has no value is unknown, and every position is told with a clean name`(
    _ kind: Extreme
  ) throws {
    let desk = try kind.desk(160, 60, screen: "positions")
    let lines = desk.model.spoken()
    let board = try #require(desk.model.board)
    for position in kind.positions {
      let row = try #require(board.row(of: position.asset))
      let name = Transcript.words(Sanitiser.line(board.name(of: row)))
      let facts = lines.filter { $0.hasPrefix("\(name), ") }
      #expect(!facts.isEmpty, "\(name)")
      let value = facts.filter { $0.hasPrefix("\(name), Value: ") }
      // An account below may be called the same.
      #expect((value.first?.hasSuffix(": unknown") == true) == (position.value == nil), "\(name)")
    }
  }

  @Test func `a figure is never cut into another one`() throws {
    // A digit, or what stands between digits, before the sign of a cut.
    for kind in Extreme.allCases {
      for size in [(40, 10), (60, 12)] + GoldenTests.sizes {
        for (name, frame) in try ExtremeTests.frames(kind, size.0, size.1)
        where ["overview", "positions", "pnl", "risk"].contains(name) {
          for y in 0..<size.1 {
            for x in 1..<size.0 where frame[x, y].glyph.text == "…" {
              let role = frame[x, y].style.role
              let isFigure = ExtremeTests.figureRoles.contains(role)
              let before = frame[x - 1, y].glyph.text
              let isCut = before.allSatisfy { $0.isNumber || $0 == "," || $0 == "." }
              #expect(!(isFigure && isCut), "\(kind) \(name) \(size): \(frame.row(y))")
            }
          }
        }
      }
    }
  }

  private static let figureRoles: Set<Role> = [
    .value, .valueUp, .valueDown, .valueFlat, .valueStale, .valueUnknown, .valueFlagged,
    .chartAxis,
  ]

  @Test(arguments: GoldenTests.sizes)
  func `what is asked and looked at for a frame does not grow with the portfolio`(
    _ size: (Int, Int)
  ) throws {
    for keys in ["", "2", "2G", "0", "0G"] {
      var few = try Extreme.sixty.desk(size.0, size.1)
      var many = try Extreme.thousands.desk(size.0, size.1)
      many.entries = 5_000_000
      few.press(keys)
      many.press(keys)
      #expect(many.model.visiblePositions.count <= size.1)
      #expect(many.model.ledger.loaded <= PageLimits.rows * PageLimits.pages)
      #expect(many.model.wantedBoards == few.model.wantedBoards)
    }
  }

  // MARK: What is looked for

  /// The places of panes by their upper left corners.
  static func panes(_ frame: Frame) -> [Rect] {
    var panes: [Rect] = []
    for y in 0..<frame.size.height {
      for x in 0..<frame.size.width where ["┌", "┏"].contains(frame[x, y].glyph.text) {
        let right = (x + 1..<frame.size.width).first {
          ["┐", "┓"].contains(frame[$0, y].glyph.text)
        }
        let bottom = (y + 1..<frame.size.height).first {
          ["└", "┗"].contains(frame[x, $0].glyph.text)
        }
        panes.append(
          Rect(x: x, y: y, width: (right ?? x) - x + 1, height: (bottom ?? y) - y + 1))
      }
    }
    return panes
  }

  /// Whether sides and corners of a pane are those of a frame.
  static func isWhole(_ pane: Rect, in frame: Frame) -> Bool {
    guard pane.width >= 2, pane.height >= 2 else { return false }
    let glyphs = frame.glyphs
    let sides = [glyphs[.vertical], glyphs[.heavyVertical]]
    let corners = [
      Symbol.topLeft, .topRight, .bottomLeft, .bottomRight, .heavyTopLeft, .heavyTopRight,
      .heavyBottomLeft, .heavyBottomRight,
    ].map { glyphs[$0] }
    let (left, right) = (pane.x, pane.right - 1)
    let areSidesWhole = (pane.y + 1..<pane.bottom - 1).allSatisfy { y in
      [left, right].allSatisfy { sides.contains(frame[$0, y].glyph) }
    }
    return areSidesWhole
      && [pane.y, pane.bottom - 1].allSatisfy { y in
        [left, right].allSatisfy { corners.contains(frame[$0, y].glyph) }
      }
  }

  /// The amounts of a portfolio in the forms that they are written in, without what may be a price.
  static func secrets(_ kind: Extreme) -> [String] {
    let positions = kind.positions
    var amounts = positions.prefix(20).flatMap { position in
      [position.quantity.fixed, position.value].compactMap { $0 }
    }
    let totals = kind.snapshot.totals
    amounts += [totals.value, totals.dayValue, totals.dayOpenValue]
    let prices = positions.prefix(100).compactMap { $0.price?.price.fixed }.flatMap {
      [Decimals.price($0), Decimals.compact($0)]
    }
    let forms = amounts.flatMap { amount in
      [
        Decimals.exact(amount), Decimals.compact(amount), Decimals.text(amount, digits: 0),
        Decimals.fitted(amount, columns: 15),
      ]
    }
    return Set(forms).filter { form in
      form.count >= 6 && !prices.contains { $0.contains(form) }
    }.sorted()
  }
}
