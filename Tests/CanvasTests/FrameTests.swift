import TestSupport
import Testing

@testable import Canvas

@Suite struct FrameTests {
  private func frame(_ width: Int, _ height: Int, _ set: GlyphSet = .unicode) -> Frame {
    Frame(size: Size(width: width, height: height), glyphs: set)
  }

  @Test func `text stands where its alignment says`() {
    var frame = frame(10, 4)
    frame.put("abc", at: Point(x: 0, y: 0), width: 10)
    frame.put("abc", at: Point(x: 0, y: 1), width: 10, align: .right)
    frame.put("abc", at: Point(x: 0, y: 2), width: 10, align: .centre)
    frame.put("abcdefghijkl", at: Point(x: 4, y: 3))
    #expect(frame.text == "abc       \n       abc\n   abc    \n    abcde…")
  }

  @Test func `boxes are heavy where the focus is and plain in ASCII`() {
    var frame = frame(12, 6)
    frame.box(Rect(x: 0, y: 0, width: 12, height: 3), title: "NAV", corner: "3")
    frame.box(Rect(x: 0, y: 3, width: 12, height: 3), footer: "ok", isFocused: true)
    #expect(
      frame.text == """
        ┌─ NAV ─ 3 ┐
        │          │
        └──────────┘
        ┏━━━━━━━━━━┓
        ┃          ┃
        ┗━ ok ━━━━━┛
        """)
    var plain = self.frame(6, 3, .ascii)
    plain.box(plain.bounds)
    #expect(plain.text == "+----+\n|    |\n+----+")
  }

  @Test func `a wide glyph is never split`() {
    var frame = frame(4, 2)
    frame.put("日本", at: Point(x: 1, y: 0))
    #expect(frame.line(0) == " 日…")
    frame.put("x", at: Point(x: 2, y: 0))
    #expect(frame.line(0) == "  x…")
    frame.put("日", at: Point(x: -1, y: 1))
    #expect(frame.line(1) == "    ")
    frame.put("日", at: Point(x: 3, y: 1), width: 2)
    #expect(frame.line(1) == "    ")
  }

  @Test func `a window has its own coordinates and nothing leaves it`() {
    var frame = frame(6, 3)
    frame.fill(frame.bounds, with: .flat)
    frame.inside(Rect(x: 2, y: 1, width: 3, height: 5)) { frame in
      #expect(frame.size == Size(width: 3, height: 5))
      frame.put("abcdef", at: Point(x: 0, y: 0), width: 99)
      frame.put("z", at: Point(x: -1, y: 0))
      frame.placeCursor(at: Point(x: 1, y: 0))
    }
    #expect(frame.text == "······\n··abc·\n······")
    #expect(frame.cursor == Point(x: 3, y: 1))
    #expect(frame.size == Size(width: 6, height: 3))
  }

  @Test func `a row keeps its meanings on another surface`() {
    var frame = frame(3, 1)
    frame.put("-7", at: .zero, Style(.valueDown))
    frame.lay(Rect(x: 0, y: 0, width: 3, height: 1), on: .rowCursor)
    #expect(frame[0, 0].style == Style(.valueDown, on: .rowCursor))
    let down = String(Role.valueDown.letter)
    #expect(frame.styleMap == down + down + ".")
    #expect(frame.surfaceMap == String(repeating: Role.rowCursor.letter, count: 3))
  }

  @Test func `roles have unique tokens and letters and are found by their tokens`() {
    #expect(Set(Role.allCases.map(\.token)).count == Role.allCases.count)
    #expect(Set(Role.allCases.map(\.letter)).count == Role.allCases.count)
    for role in Role.allCases { #expect(Role(token: role.token) == role) }
    #expect(Role.valueUp.token == "value.up")
    #expect(Role.heatPlus5.token == "heat.+5")
    #expect(
      Role.heat(-9) == .heatMinus5 && Role.heat(.nan) == .heatZero && Role.heat(0.41) == .heatPlus2)
  }

  @Test(arguments: 0..<300) func `random drawing keeps glyphs whole and differences exact`(
    seed: UInt64
  ) {
    var random = Seeded(seed)
    let size = Size(
      width: Int.random(in: 0...30, using: &random), height: Int.random(in: 0...8, using: &random))
    let old = drawn(size, &random)
    var new = old
    draw(into: &new, &random)
    for frame in [old, new] { #expect(isWhole(frame), "SEED=\(seed)") }
    let isExact = applied(new.changes(since: old), to: old.cells, width: size.width) == new.cells
    #expect(isExact, "SEED=\(seed)")
    let blank = [Cell](repeating: Cell(.continuation, .plain), count: old.cells.count)
    let isWholeFrame = applied(new.changes(since: nil), to: blank, width: size.width) == new.cells
    #expect(isWholeFrame, "SEED=\(seed)")
    #expect(new.changes(since: new).isEmpty, "SEED=\(seed)")
  }

  @Test func `one changed cell is one run`() {
    var old = frame(80, 24)
    old.put("price 1.00", at: Point(x: 3, y: 7), Style(.valueUp))
    var new = old
    new.put("1.05", at: Point(x: 9, y: 7), Style(.valueUp))
    let runs = new.changes(since: old)
    #expect(runs.map(\.x) == [12] && runs.map(\.y) == [7])
    #expect(runs.first?.glyphs.map(\.text) == ["5"])
  }

  private func drawn(_ size: Size, _ random: inout Seeded) -> Frame {
    var frame = Frame(size: size)
    draw(into: &frame, &random)
    return frame
  }

  private func draw(into frame: inout Frame, _ random: inout Seeded) {
    let roles: [Role] = [.text, .valueUp, .valueDown, .rowCursor]
    for _ in 0..<8 {
      let rect = Rect(
        x: Int.random(in: -4...32, using: &random), y: Int.random(in: -2...9, using: &random),
        width: Int.random(in: 0...20, using: &random), height: Int.random(in: 0...5, using: &random)
      )
      let style = Style(roles[Int.random(in: 0..<4, using: &random)])
      let text = random.text(upTo: 30)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: frame.put(text, at: rect.origin, style)
      case 1: frame.put(text, at: rect.origin, style, width: rect.width, align: .right)
      case 2: frame.box(rect, title: text, corner: text, footer: text)
      case 3: frame.lay(rect, on: style.role)
      default:
        frame.inside(rect) { frame in frame.put(text, at: Point(x: -1, y: 1), style) }
      }
    }
  }

  private func isWhole(_ frame: Frame) -> Bool {
    for y in 0..<frame.size.height {
      for x in 0..<frame.size.width {
        let isSecond = x > 0 && frame[x - 1, y].glyph.width == 2
        if frame[x, y].isContinuation != isSecond { return false }
        if isSecond, frame[x, y].style != frame[x - 1, y].style { return false }
        if x + 1 == frame.size.width, frame[x, y].glyph.width == 2 { return false }
      }
    }
    return true
  }

  /// Does what a terminal does with runs; half of a wide glyph takes its other half's style.
  private func applied(_ runs: [Run], to cells: [Cell], width: Int) -> [Cell] {
    var cells = cells
    for run in runs {
      for (offset, glyph) in run.glyphs.enumerated() {
        let place = run.y * width + run.x + offset
        cells[place] = Cell(glyph, run.style)
      }
    }
    return cells
  }
}
