/// A grid of cells: what one screen shows at one moment.
///
/// Drawing never traps: what lies outside is dropped, a wide glyph that would be split becomes
/// spaces. Inside `inside(_:_:)` the frame is its own smaller self: coordinates count from the
/// window's corner, `size` is the window's, and nothing can be drawn beyond it.
public struct Frame: Sendable {
  /// The cells, row after row; `grid.width * grid.height` of them.
  private(set) var cells: [Cell]
  /// The extent of the whole grid.
  private let grid: Size
  /// The window drawn into, in coordinates of the grid.
  private var window: Rect
  /// The part of the window that shows, in coordinates of the grid.
  private var clip: Rect
  /// The characters signs are drawn with.
  public let glyphs: GlyphSet
  /// Where the terminal's own cursor shows, in coordinates of the grid; hidden when `nil`.
  public private(set) var cursor: Point?
  /// What the frame says, where it is told as well as drawn.
  public internal(set) var transcript: Transcript?

  /// Makes a blank frame.
  ///
  /// - Parameters:
  ///   - size: Its extent.
  ///   - glyphs: The characters signs are drawn with.
  ///   - isTold: Whether its texts are kept in words, too.
  public init(size: Size, glyphs: GlyphSet = .unicode, isTold: Bool = false) {
    transcript = isTold ? Transcript() : nil
    grid = size
    cells = Array(repeating: .blank, count: size.width * size.height)
    window = Rect(origin: .zero, size: size)
    clip = window
    self.glyphs = glyphs
  }

  /// The extent of the window drawn into: the whole frame outside `inside(_:_:)`.
  public var size: Size { window.size }

  /// The window drawn into, from its own corner.
  public var bounds: Rect { Rect(origin: .zero, size: window.size) }

  /// The cell at a place of the window; blank outside.
  public subscript(x: Int, y: Int) -> Cell {
    guard let index = index(x: x, y: y) else { return .blank }
    return cells[index]
  }

  /// Draws into a part of the frame as if it were the whole.
  @discardableResult
  public mutating func inside<Result>(
    _ rect: Rect, _ draw: (inout Frame) -> Result
  ) -> Result {
    let (outerWindow, outerClip) = (window, clip)
    window = rect.moved(x: window.x, y: window.y)
    clip = clip.intersection(window)
    defer { (window, clip) = (outerWindow, outerClip) }
    return draw(&self)
  }

  /// Draws in the same coordinates, but nothing outside of a rectangle.
  @discardableResult
  public mutating func clipped<Result>(
    to rect: Rect, _ draw: (inout Frame) -> Result
  ) -> Result {
    let outer = clip
    clip = clip.intersection(rect.moved(x: window.x, y: window.y))
    defer { clip = outer }
    return draw(&self)
  }

  /// Shows the terminal's cursor at a place of the window; hides it when the place is outside.
  public mutating func placeCursor(at point: Point) {
    let place = onGrid(point)
    cursor = clip.contains(place) ? place : nil
  }

  /// Sets one cell, keeping wide glyphs whole: half of one that is overwritten becomes a space.
  mutating func set(_ glyph: Glyph, _ style: Style, x: Int, y: Int) {
    guard let index = index(x: x, y: y) else { return }
    release(index)
    guard glyph.width == 2 else {
      cells[index] = Cell(glyph, style)
      return
    }
    guard self.index(x: x + 1, y: y) != nil else {
      cells[index] = Cell(.space, style)
      return
    }
    release(index + 1)
    cells[index] = Cell(glyph, style)
    cells[index + 1] = Cell(.continuation, style)
  }

  /// Gives the cells of a rectangle another surface, keeping what stands in them.
  ///
  /// A wide glyph that the rectangle cuts goes with its first half.
  public mutating func lay(_ rect: Rect, on surface: Role, attributes: Attributes = []) {
    forEachIndex(in: rect) { frame, index in
      let cell = frame.cells[index]
      if cell.isContinuation { return }
      let style = cell.style.on(surface).with(attributes)
      frame.cells[index] = Cell(cell.glyph, style)
      if cell.glyph.width == 2 { frame.cells[index + 1] = Cell(.continuation, style) }
    }
  }

  /// Fills a rectangle with one glyph, spaces when none is named.
  public mutating func fill(_ rect: Rect, _ style: Style = .plain, with symbol: Symbol? = nil) {
    let glyph = symbol.map { glyphs[$0] } ?? .space
    forEachIndex(in: rect) { frame, index in
      frame.release(index)
      frame.cells[index] = Cell(glyph, style)
    }
  }

  /// Visits the places of a rectangle that show.
  private mutating func forEachIndex(in rect: Rect, _ visit: (inout Frame, Int) -> Void) {
    let shown = rect.moved(x: window.x, y: window.y).intersection(clip)
    guard !shown.isEmpty else { return }
    for y in shown.y..<shown.bottom {
      for x in shown.x..<shown.right { visit(&self, y * grid.width + x) }
    }
  }

  /// Turns the other half of a wide glyph into a space before this half is overwritten.
  private mutating func release(_ index: Int) {
    let cell = cells[index]
    if cell.glyph.width == 2, index + 1 < cells.count {
      cells[index + 1] = Cell(.space, cells[index + 1].style)
    } else if cell.isContinuation, index > 0 {
      cells[index - 1] = Cell(.space, cells[index - 1].style)
    }
  }

  /// A place of the window in coordinates of the grid.
  func onGrid(_ point: Point) -> Point { Point(x: point.x + window.x, y: point.y + window.y) }

  /// Where a place of the window is stored; `nil` when it does not show.
  private func index(x: Int, y: Int) -> Int? {
    let place = Point(x: Point(x: x, y: 0).x + window.x, y: Point(x: 0, y: y).y + window.y)
    return clip.contains(place) ? place.y * grid.width + place.x : nil
  }
}

extension Frame: Equatable {
  /// Whether two frames show the same.
  public static func == (left: Frame, right: Frame) -> Bool {
    left.grid == right.grid && left.cursor == right.cursor && left.cells == right.cells
  }
}
