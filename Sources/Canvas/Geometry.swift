/// A width and a height in cells, never negative and never above `Size.limit`.
public struct Size: Hashable, Sendable {
  /// The largest width and the largest height: a bound on what one frame can cost.
  public static let limit = 1_000

  /// No cells at all.
  public static let zero = Size(width: 0, height: 0)

  /// Columns, 0 to `limit`.
  public let width: Int
  /// Rows, 0 to `limit`.
  public let height: Int

  /// Makes a size, pulling both numbers into 0 to `limit`.
  public init(width: Int, height: Int) {
    self.width = min(max(width, 0), Size.limit)
    self.height = min(max(height, 0), Size.limit)
  }

  /// Whether there is no cell in it.
  public var isEmpty: Bool { width == 0 || height == 0 }

  /// Whether a screen of `other` fits into this one.
  public func holds(width: Int, height: Int) -> Bool {
    self.width >= width && self.height >= height
  }
}

/// A column and a row, counted from the top left corner; both may lie outside.
public struct Point: Hashable, Sendable {
  /// How far from the corner a coordinate may be; further ones are pulled in.
  public static let limit = 100_000

  /// The top left corner.
  public static let zero = Point(x: 0, y: 0)

  /// The column.
  public let x: Int
  /// The row.
  public let y: Int

  /// Makes a point, pulling both coordinates into plus and minus `limit`.
  public init(x: Int, y: Int) {
    self.x = min(max(x, -Point.limit), Point.limit)
    self.y = min(max(y, -Point.limit), Point.limit)
  }
}

/// A rectangle of cells; an empty one is a value like any other.
public struct Rect: Hashable, Sendable {
  /// The top left corner.
  public let origin: Point
  /// The extent.
  public let size: Size

  /// Makes a rectangle from its corner and its extent.
  public init(origin: Point, size: Size) {
    self.origin = origin
    self.size = size
  }

  /// Makes a rectangle from four numbers, each clamped as in `Point` and `Size`.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.init(origin: Point(x: x, y: y), size: Size(width: width, height: height))
  }

  /// The leftmost column.
  public var x: Int { origin.x }
  /// The topmost row.
  public var y: Int { origin.y }
  /// Columns.
  public var width: Int { size.width }
  /// Rows.
  public var height: Int { size.height }
  /// The first column to the right of it.
  public var right: Int { x + width }
  /// The first row below it.
  public var bottom: Int { y + height }
  /// Whether there is no cell in it.
  public var isEmpty: Bool { size.isEmpty }

  /// Whether the point lies in it.
  public func contains(_ point: Point) -> Bool {
    point.x >= x && point.x < right && point.y >= y && point.y < bottom
  }

  /// What both rectangles cover; empty when they do not meet.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(
      x: left, y: top, width: min(right, other.right) - left,
      height: min(bottom, other.bottom) - top)
  }

  /// The rectangle without a margin on each side; empty when the margins meet.
  public func inset(horizontal: Int, vertical: Int) -> Rect {
    Rect(
      x: x + min(max(horizontal, 0), width), y: y + min(max(vertical, 0), height),
      width: width - 2 * min(max(horizontal, 0), width),
      height: height - 2 * min(max(vertical, 0), height))
  }

  /// The same extent, moved.
  public func moved(x dx: Int, y dy: Int) -> Rect {
    Rect(origin: Point(x: clamped(x, plus: dx), y: clamped(y, plus: dy)), size: size)
  }

  /// A rectangle of the given extent in the middle of this one, cut to fit into it.
  public func centred(width: Int, height: Int) -> Rect {
    let inner = Size(width: min(width, self.width), height: min(height, self.height))
    return Rect(
      x: x + (self.width - inner.width) / 2, y: y + (self.height - inner.height) / 2,
      width: inner.width, height: inner.height)
  }

  /// The row with this number, counted from the top of the rectangle; empty when there is none.
  public func row(_ number: Int) -> Rect {
    guard number >= 0, number < height else {
      return Rect(x: x, y: y, width: width, height: 0)
    }
    return Rect(x: x, y: y + number, width: width, height: 1)
  }

  private func clamped(_ value: Int, plus delta: Int) -> Int {
    value + min(max(delta, -2 * Point.limit), 2 * Point.limit)
  }
}
