import Amounts

/// One side of a book, best first; exact up to an edge beyond which nothing is known.
struct BookSide: Sendable {
  private let isBids: Bool
  /// The most levels kept.
  private let depth: Int
  /// Whether the venue itself keeps the side that long.
  private let isWindow: Bool
  private(set) var levels: [BookLevel] = []
  /// The worst price up to which every level is known; `nil` where all are.
  private var edge: Fixed?
  /// The levels below which a side with an edge is of no use any more.
  private var least = 0

  init(isBids: Bool, depth: Int, isWindow: Bool) {
    self.isBids = isBids
    self.depth = max(depth, 1)
    self.isWindow = isWindow
  }

  /// Whether so many levels were removed that the edge is near.
  var isThin: Bool { edge != nil && levels.count < least }

  /// Whether the levels can be a book's: prices above zero, and no amount below it.
  static func isSound(_ levels: [BookLevel]) -> Bool {
    levels.allSatisfy { $0.price.units > 0 && $0.amount.units >= 0 }
  }

  /// Replaces the side.
  ///
  /// - Parameters:
  ///   - new: Its levels in any order; of two with one price the later counts.
  ///   - isComplete: Whether there are no others.
  mutating func replace(with new: [BookLevel], isComplete: Bool) {
    var amounts: [Fixed: Fixed] = [:]
    for level in new { amounts[level.price] = level.amount.isZero ? nil : level.amount }
    levels = amounts.map { BookLevel($0, $1) }
    let isBids = isBids
    levels.sort { isBids ? $0.price > $1.price : $0.price < $1.price }
    edge = isWindow || isComplete ? nil : levels.last?.price
    least = max(levels.count / 4, 1)
    trim()
  }

  /// Sets changed levels; those beyond the edge say nothing.
  ///
  /// A window is only cut by `trim`, when all changes that belong together are made.
  mutating func set(_ changes: [BookLevel]) {
    for change in changes { set(change) }
    if !isWindow { trim() }
  }

  /// Cuts the side to its depth.
  mutating func trim() {
    guard levels.count > depth else { return }
    levels.removeLast(levels.count - depth)
    guard !isWindow else { return }
    edge = levels.last?.price
    least = max(depth / 4, 1)
  }

  private mutating func set(_ change: BookLevel) {
    if let edge, isBetter(edge, than: change.price) { return }
    let place = place(of: change.price)
    let isKnown = place < levels.count && levels[place].price == change.price
    switch (isKnown, change.amount.isZero) {
    case (true, true): levels.remove(at: place)
    case (true, false): levels[place].amount = change.amount
    case (false, true): break
    case (false, false): levels.insert(change, at: place)
    }
    // No message makes a side grow without bound; a venue's checksum tells if that was too short.
    if levels.count > 4 * depth { trim() }
  }

  /// The place of a price, or the one where it belongs.
  private func place(of price: Fixed) -> Int {
    var (low, high) = (0, levels.count)
    while low < high {
      let middle = (low + high) / 2
      if isBetter(levels[middle].price, than: price) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func isBetter(_ a: Fixed, than b: Fixed) -> Bool { isBids ? a > b : a < b }
}
