import Canvas
import TestSupport
import Testing

@Suite struct GeometryTests {
  @Test func `sizes and points are pulled into their bounds`() {
    #expect(Size(width: -3, height: Int.max) == Size(width: 0, height: 1_000))
    #expect(Point(x: Int.min, y: Int.max) == Point(x: -100_000, y: 100_000))
    #expect(Rect(x: 0, y: 0, width: 3, height: 3).moved(x: Int.max, y: Int.min).x == 100_000)
  }

  @Test func `fixed shares are served before weights, minimums before the rest`() {
    let parts = Rect(x: 2, y: 0, width: 80, height: 1)
      .columns([.fixed(20), .weight(1, minimum: 30), .weight(2)], gap: 1)
    #expect(parts.map(\.x) == [2, 23, 63])
    #expect(parts.map(\.width) == [20, 39, 19])
  }

  @Test(arguments: 0..<200) func `parts never overlap, never leave, and lose no cell`(
    seed: UInt64
  ) {
    var random = Seeded(seed)
    let whole = Rect(
      x: Int.random(in: -5...5, using: &random), y: 0,
      width: Int.random(in: 0...120, using: &random), height: 7)
    let gap = Int.random(in: 0...2, using: &random)
    let shares = (0..<Int.random(in: 1...6, using: &random)).map { _ -> Share in
      Bool.random(using: &random)
        ? .fixed(Int.random(in: -1...60, using: &random))
        : .weight(
          Int.random(in: -1...3, using: &random), minimum: Int.random(in: -2...30, using: &random))
    }
    let parts = whole.columns(shares, gap: gap)
    #expect(parts.count == shares.count, "SEED=\(seed)")
    for (one, next) in zip(parts, parts.dropFirst()) {
      #expect(one.right <= next.x, "SEED=\(seed)")
    }
    for part in parts where part.width > 0 {
      #expect(part.intersection(whole) == part, "SEED=\(seed)")
    }
    let takesAll = shares.contains { if case .weight(let w, _) = $0 { w > 0 } else { false } }
    if takesAll, whole.width > gap * (shares.count - 1) {
      let used = parts.reduce(0) { $0 + $1.width } + gap * (shares.count - 1)
      #expect(used == whole.width, "SEED=\(seed)")
    }
  }

  @Test(arguments: [0, 1, 2, 3]) func `cuts and insets of tiny rectangles are empty, not wrong`(
    side: Int
  ) {
    let rect = Rect(x: 0, y: 0, width: side, height: side)
    #expect(rect.cutTop(5).taken.height == side)
    #expect(rect.cutBottom(5).rest.isEmpty)
    #expect(rect.inset(horizontal: 2, vertical: 2).isEmpty)
    #expect(rect.centred(width: 9, height: 9) == rect)
  }
}
