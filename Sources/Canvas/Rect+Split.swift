/// How much of a length one part of a split gets.
public enum Share: Hashable, Sendable {
  /// Exactly this many cells, as long as there are any left.
  case fixed(Int)
  /// A part of what the fixed shares leave, at least `minimum` cells as long as there are any left.
  case weight(Int, minimum: Int = 0)
}

extension Rect {
  /// Cuts the rectangle into columns from left to right, `gap` cells apart.
  ///
  /// Earlier shares are served first when there is too little; later ones get what is left, down to
  /// nothing. The parts never overlap and never leave the rectangle.
  public func columns(_ shares: [Share], gap: Int = 0) -> [Rect] {
    Rect.lengths(of: width, shares, gap: gap).map { part in
      Rect(x: x + part.start, y: y, width: part.length, height: height)
    }
  }

  /// Cuts the rectangle into rows from top to bottom, `gap` cells apart, by the rules of `columns`.
  public func rows(_ shares: [Share], gap: Int = 0) -> [Rect] {
    Rect.lengths(of: height, shares, gap: gap).map { part in
      Rect(x: x, y: y + part.start, width: width, height: part.length)
    }
  }

  /// Takes rows off the top: the taken part and the rest.
  public func cutTop(_ count: Int) -> (taken: Rect, rest: Rect) {
    let parts = rows([.fixed(count), .weight(1)])
    return (parts[0], parts[1])
  }

  /// Takes rows off the bottom: the taken part and the rest.
  public func cutBottom(_ count: Int) -> (taken: Rect, rest: Rect) {
    let taken = min(max(count, 0), height)
    let parts = rows([.fixed(height - taken), .fixed(taken)])
    return (parts[1], parts[0])
  }

  /// Places the shares one after another along a length.
  private static func lengths(
    of total: Int, _ shares: [Share], gap: Int
  ) -> [(start: Int, length: Int)] {
    guard !shares.isEmpty else { return [] }
    let gap = min(max(gap, 0), Size.limit)
    let free = max(0, total - gap * (shares.count - 1))
    let lengths = distributed(free, over: shares)
    var start = 0
    return lengths.map { length in
      let place = (start: min(start, total), length: min(length, max(0, total - start)))
      start += length + gap
      return place
    }
  }

  /// Gives each share its cells: what it must have first, the rest by weight, no cell lost.
  private static func distributed(_ free: Int, over shares: [Share]) -> [Int] {
    var left = free
    var lengths = shares.map { share in
      let wanted = min(max(share.least, 0), left)
      left -= wanted
      return wanted
    }
    var weights = shares.map(\.pull).reduce(0, +)
    for (index, share) in shares.enumerated() where weights > 0 && share.pull > 0 {
      let part = left * share.pull / weights
      lengths[index] += part
      left -= part
      weights -= share.pull
    }
    return lengths
  }
}

extension Share {
  fileprivate var least: Int {
    switch self {
    case .fixed(let count): min(count, Size.limit)
    case .weight(_, let minimum): min(minimum, Size.limit)
    }
  }

  fileprivate var pull: Int {
    switch self {
    case .fixed: 0
    case .weight(let weight, _): min(max(weight, 0), Size.limit)
    }
  }
}
