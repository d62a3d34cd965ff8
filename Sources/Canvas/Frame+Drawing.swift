/// Where a text stands in the columns it is given.
public enum Alignment: Sendable {
  case left
  case right
  case centre
}

extension Frame {
  /// Writes a line of text, sanitised and cut with an ellipsis to `width` columns.
  ///
  /// With a width the rest of its columns becomes spaces of the same style; without one the text
  /// ends where the window ends.
  /// - Returns: The columns used by the text itself.
  @discardableResult
  public mutating func put(
    _ text: String, at point: Point, _ style: Style = .plain, width: Int? = nil,
    align: Alignment = .left
  ) -> Int {
    let room = max(0, min(width ?? (size.width - point.x), Size.limit))
    guard point.y >= 0, point.y < size.height else { return 0 }
    if transcript != nil {
      let place = onGrid(point)
      transcript?.keep([Sanitiser.line(text)], at: place, isPart: true)
    }
    let line = Sanitiser.glyphs(text, columns: room, set: glyphs)
    let used = line.reduce(0) { $0 + $1.width }
    let lead = width == nil ? 0 : align.lead(room - used)
    if width != nil, used < room {
      fill(Rect(x: point.x, y: point.y, width: room, height: 1), style)
    }
    var x = point.x + lead
    for glyph in line {
      set(glyph, style, x: x, y: point.y)
      x += glyph.width
    }
    return used
  }

  /// Writes pieces of text in their own styles, one after another, within `width` columns.
  ///
  /// - Returns: The columns used.
  @discardableResult
  public mutating func put(
    _ pieces: [(text: String, style: Style)], at point: Point, width: Int? = nil
  ) -> Int {
    let room = max(0, min(width ?? (size.width - point.x), Size.limit))
    var used = 0
    for piece in pieces where used < room {
      let left = room - used
      used += put(
        Sanitiser.line(piece.text, columns: left), at: Point(x: point.x + used, y: point.y),
        piece.style)
    }
    return used
  }

  /// Draws one sign.
  public mutating func put(_ symbol: Symbol, at point: Point, _ style: Style = .plain) {
    set(glyphs[symbol], style, x: point.x, y: point.y)
  }

  /// Draws a frame along the edge of a rectangle, heavy when it is focused.
  ///
  /// The title stands in the top line, the footer in the bottom line, `corner` at the top right.
  /// Under two columns or rows there is no room for a frame and nothing is drawn.
  /// - Returns: The inside of the frame.
  @discardableResult
  public mutating func box(
    _ rect: Rect, title: String = "", corner: String = "", footer: String = "",
    isFocused: Bool = false, surface: Role = .text
  ) -> Rect {
    guard rect.width >= 2, rect.height >= 2 else { return rect.inset(horizontal: 1, vertical: 1) }
    let origin = onGrid(rect.origin)
    transcript?.begin(
      Rect(x: origin.x, y: origin.y, width: rect.width, height: rect.height),
      title: Sanitiser.line(title), footer: Sanitiser.line(footer))
    transcript?.hush()
    defer { transcript?.unhush() }
    let style = Style(isFocused ? .frameFocus : .frame, on: surface)
    edges(rect, style, isFocused ? .heavy : .light)
    let titleStyle = Style(isFocused ? .frameTitleFocus : .frameTitle, on: surface)
    let room = rect.width - 4
    var cornerWidth = 0
    if !corner.isEmpty, TextWidth.of(corner) + 4 < room {
      cornerWidth = TextWidth.of(corner) + 2
      put(" \(corner) ", at: Point(x: rect.right - 1 - cornerWidth, y: rect.y), style)
    }
    legend(title, at: Point(x: rect.x + 1, y: rect.y), room: room - cornerWidth, titleStyle)
    let footerStyle = Style(.frameFooter, on: surface)
    legend(footer, at: Point(x: rect.x + 1, y: rect.bottom - 1), room: room, footerStyle)
    return rect.inset(horizontal: 1, vertical: 1)
  }

  /// A word let into a line of the frame.
  private mutating func legend(_ text: String, at point: Point, room: Int, _ style: Style) {
    guard !text.isEmpty, room > 2 else { return }
    let shown = Sanitiser.line(text, columns: room - 1)
    put(" \(shown) ", at: Point(x: point.x + 1, y: point.y), style, width: nil)
  }

  /// The four lines and corners.
  private mutating func edges(_ rect: Rect, _ style: Style, _ line: BoxLine) {
    let (left, right, top, bottom) = (rect.x, rect.right - 1, rect.y, rect.bottom - 1)
    fill(Rect(x: left, y: top, width: rect.width, height: 1), style, with: line.horizontal)
    fill(Rect(x: left, y: bottom, width: rect.width, height: 1), style, with: line.horizontal)
    fill(Rect(x: left, y: top, width: 1, height: rect.height), style, with: line.vertical)
    fill(Rect(x: right, y: top, width: 1, height: rect.height), style, with: line.vertical)
    put(line.corners.topLeft, at: Point(x: left, y: top), style)
    put(line.corners.topRight, at: Point(x: right, y: top), style)
    put(line.corners.bottomLeft, at: Point(x: left, y: bottom), style)
    put(line.corners.bottomRight, at: Point(x: right, y: bottom), style)
  }
}

/// The signs of one kind of frame.
private enum BoxLine {
  case light
  case heavy

  var horizontal: Symbol { self == .light ? .horizontal : .heavyHorizontal }
  var vertical: Symbol { self == .light ? .vertical : .heavyVertical }
  var corners: (topLeft: Symbol, topRight: Symbol, bottomLeft: Symbol, bottomRight: Symbol) {
    self == .light
      ? (.topLeft, .topRight, .bottomLeft, .bottomRight)
      : (.heavyTopLeft, .heavyTopRight, .heavyBottomLeft, .heavyBottomRight)
  }
}

extension Alignment {
  /// How many of the free columns go before the text.
  fileprivate func lead(_ free: Int) -> Int {
    switch self {
    case .left: 0
    case .right: max(0, free)
    case .centre: max(0, free) / 2
    }
  }
}
