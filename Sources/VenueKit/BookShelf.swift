/// The books of a connection, by market; a message that was lost is lost to all of them.
public struct BookShelf: Sendable {
  /// Where a message stands among those of its connection.
  public enum Place: Hashable, Sendable {
    /// It follows the last one, or has no number.
    case next
    /// It was heard before: nothing it says is to be taken.
    case repeated
    /// Messages before it were lost: no book is whole.
    case gap
  }

  /// The rules of the stream.
  public let rules: BookRules
  private var keepers: [String: BookKeeper] = [:]
  private var last: Int64?

  /// Makes a shelf for some markets.
  ///
  /// - Parameters:
  ///   - rules: The rules of the stream.
  ///   - markets: The venue's ids of the markets; others are not kept.
  ///   - depth: The levels a side to keep.
  public init(rules: BookRules, markets: [String], depth: Int = 1_000) {
    self.rules = rules
    for market in markets {
      keepers[market] = BookKeeper(market: market, rules: rules, depth: depth)
    }
  }

  /// The keeper of a market.
  public subscript(market: String) -> BookKeeper? { keepers[market] }

  /// The markets, sorted by id.
  public var markets: [String] { keepers.keys.sorted() }

  /// Looks at the number of a message; to be called with every message before its events are taken.
  public mutating func hear(_ message: Node) -> Place {
    guard let number = rules.number(message) else { return .next }
    guard let last else {
      last = number
      return .next
    }
    if number <= last { return .repeated }
    self.last = number
    // The larger one is above the smallest integer, so one less is one.
    if number - 1 == last { return .next }
    for market in markets { _ = keepers[market]?.lose() }
    return .gap
  }

  /// Takes what the stream says of a book.
  public mutating func take(_ change: BookChange) -> BookOutcome {
    keepers[change.market]?.take(change) ?? .unchanged
  }

  /// Joins a fetched book to its market's changes.
  ///
  /// - Parameters:
  ///   - book: The book.
  ///   - market: The market it was fetched for.
  ///   - limit: The levels a side asked for.
  /// - Returns: What came of it.
  public mutating func join(
    _ book: OrderBook, market: String, limit: Int? = nil
  ) -> BookOutcome {
    keepers[market]?.join(book, limit: limit) ?? .unchanged
  }

  /// Starts anew, as on a new connection.
  public mutating func restart() {
    last = nil
    for market in markets { keepers[market]?.restart() }
  }
}
