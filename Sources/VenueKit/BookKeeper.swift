import Amounts

/// Keeps the order book of a market from a stream's changes, and knows whether it is whole.
///
/// It is whole from a first state on for as long as every change provably follows the one before,
/// the venue's checksums fit and the sides do not cross. Where one of these fails it shows nothing,
/// says once that it needs a first state anew, and holds later changes, within bounds, to join them
/// to it. Changes seen twice are passed over.
public struct BookKeeper: Sendable {
  /// The most changes held while there is no first state; the oldest go first.
  public static let heldMost = 1_000
  /// The most levels of held changes together.
  public static let heldLevelsMost = 50_000
  /// The most changes taken in while a checksum that comes apart is awaited.
  public static let uncheckedMost = 1_000

  /// The venue's id of the market.
  public let market: String
  private let rules: BookRules
  private let depth: Int
  private var bids: BookSide
  private var asks: BookSide
  /// The number of the state; `nil` where there is no state, or it has no number.
  private var number: Int64?
  private var hasState = false
  /// Whether no change has yet been joined to a fetched book.
  private var isJoining = false
  /// Whether a first state was asked for.
  private var hasAsked = false
  private var held: [BookChange] = []
  private var heldLevels = 0
  private var unchecked = 0
  private var digits: BookDigits
  /// The last state whose checksum fitted, where checksums come apart.
  private var checked: OrderBook?

  /// Makes a keeper without a book.
  ///
  /// - Parameters:
  ///   - market: The venue's id of the market.
  ///   - rules: The rules of the stream.
  ///   - depth: The levels a side to keep; a venue's own window goes before it.
  ///   - digits: The decimals that the venue writes, where they are known beforehand.
  public init(
    market: String, rules: BookRules, depth: Int = 1_000, digits: BookDigits = BookDigits()
  ) {
    self.market = market
    self.rules = rules
    self.digits = digits
    self.depth = max(rules.window ?? depth, 1)
    bids = BookSide(isBids: true, depth: self.depth, isWindow: rules.window != nil)
    asks = BookSide(isBids: false, depth: self.depth, isWindow: rules.window != nil)
  }

  /// Whether there is a book to rely on.
  public var isWhole: Bool { rules.isSummedApart ? checked != nil : hasState }

  /// The book, or `nil` where it is not whole; of checksums that come apart, the last that fitted.
  public var book: OrderBook? {
    if rules.isSummedApart { return checked }
    return hasState ? state : nil
  }

  /// How many changes are held for a first state.
  public var heldCount: Int { held.count }

  // MARK: - What comes

  /// Takes what the stream says.
  ///
  /// - Parameter change: A first state, a change, or a checksum; of another market it is ignored.
  /// - Returns: What came of it.
  public mutating func take(_ change: BookChange) -> BookOutcome {
    guard change.market == market else { return .unchanged }
    if let seen = change.digits { digits = digits.widened(by: seen) }
    if change.isSnapshot { return restart(from: change) }
    guard hasState else { return hold(change) }
    return follow(change)
  }

  /// Joins a fetched book to the changes held.
  ///
  /// - Parameters:
  ///   - book: The book, with its number.
  ///   - limit: The levels a side asked for; fewer then are all there are. `nil` where not known.
  /// - Returns: What came of it; a book older than the changes held is one with a gap.
  public mutating func join(_ book: OrderBook, limit: Int? = nil) -> BookOutcome {
    guard rules.source == .call, book.market.isEmpty || book.market == market else {
      return .unchanged
    }
    if hasState, let number, (book.sequence ?? number) <= number { return .unchanged }
    isJoining = rules.sequence == .linkedAround
    return begin(
      bids: book.bids, areBidsAll: book.bids.count < limit ?? 0,
      asks: book.asks, areAsksAll: book.asks.count < limit ?? 0,
      number: book.sequence, checksum: nil)
  }

  /// Gives the book up, because something of the connection was not heard.
  public mutating func lose() -> BookOutcome {
    held = []
    heldLevels = 0
    return fail(.gap)
  }

  /// Starts anew, as on a new connection.
  public mutating func restart() {
    _ = lose()
    hasAsked = false
  }

  // MARK: - First states

  private mutating func restart(from change: BookChange) -> BookOutcome {
    let new = change.sequence?.upperBound
    // A first state that was overtaken by changes says nothing new.
    if hasState, rules.sequence != .none, let number, let new, new < number { return .unchanged }
    isJoining = false
    return begin(
      bids: change.bids, areBidsAll: true, asks: change.asks, areAsksAll: true, number: new,
      checksum: change.checksum)
  }

  private mutating func begin(
    bids newBids: [BookLevel], areBidsAll: Bool, asks newAsks: [BookLevel], areAsksAll: Bool,
    number new: Int64?, checksum: Int64?
  ) -> BookOutcome {
    guard rules.sequence == .none || new != nil else { return fail(.unnumbered) }
    guard BookSide.isSound(newBids), BookSide.isSound(newAsks) else { return fail(.malformed) }
    bids.replace(with: newBids, isComplete: areBidsAll)
    asks.replace(with: newAsks, isComplete: areAsksAll)
    number = new
    hasState = true
    checked = nil
    unchecked = 0
    if let flaw = settle(checksum) { return fail(flaw) }
    return followHeld()
  }

  /// Takes in the changes held, in their order.
  private mutating func followHeld() -> BookOutcome {
    let changes = held.sorted { last($0) < last($1) }
    held = []
    heldLevels = 0
    for (index, change) in changes.enumerated() {
      guard case .needsSnapshot(let flaw) = follow(change) else { continue }
      // The one that does not follow is held again; those after it are, too.
      for later in changes[(index + 1)...] { keep(later) }
      return .needsSnapshot(flaw)
    }
    return isWhole ? .changed : .unchanged
  }

  private func last(_ change: BookChange) -> Int64 { change.sequence?.upperBound ?? .min }

  // MARK: - Changes

  private enum Place { case old, next, gap, unnumbered }

  private mutating func follow(_ change: BookChange) -> BookOutcome {
    switch place(of: change) {
    case .old: return .unchanged
    case .unnumbered: return fail(.unnumbered)
    case .gap:
      let outcome = fail(.gap)
      keep(change)
      return outcome
    case .next: break
    }
    guard isSound(change) else { return fail(.malformed) }
    bids.set(change.bids)
    asks.set(change.asks)
    number = change.sequence?.upperBound ?? number
    isJoining = false
    if let flaw = settle(change.checksum) { return fail(flaw) }
    return rules.isSummedApart && change.checksum == nil ? .unchanged : .changed
  }

  /// Where a change stands to the state.
  private func place(of change: BookChange) -> Place {
    if rules.sequence == .none { return .next }
    guard let covered = change.sequence, let number else { return .unnumbered }
    if isJoining {
      if covered.upperBound < number { return .old }
      return covered.contains(number) || change.previous == number ? .next : .gap
    }
    if covered.upperBound <= number { return .old }
    if rules.sequence == .counted {
      let follows = covered.lowerBound <= number || covered.lowerBound - 1 == number
      return follows ? .next : .gap
    }
    guard let previous = change.previous else { return .unnumbered }
    return previous == number ? .next : .gap
  }

  private func isSound(_ change: BookChange) -> Bool {
    guard BookSide.isSound(change.bids), BookSide.isSound(change.asks) else { return false }
    // A side that is cut while it is being changed could not be trusted.
    guard rules.window != nil else { return true }
    return max(change.bids.count, change.asks.count) <= 3 * depth
  }

  /// Checks the state after what belongs together was taken in.
  private mutating func settle(_ sum: Int64?) -> BookFlaw? {
    if rules.isSummedApart, sum == nil {
      // Levels come one by one: in between sides may cross, or be too long.
      unchecked += 1
      return unchecked > BookKeeper.uncheckedMost ? .unchecked : nil
    }
    bids.trim()
    asks.trim()
    if let rule = rules.checksum, sum != nil || !rules.isSumOptional {
      guard let sum else { return .unchecked }
      let own = rule.sum(bids: bids.levels, asks: asks.levels, digits: digits)
      guard own == sum else { return .checksum }
    }
    if let bid = bids.levels.first, let ask = asks.levels.first, bid.price >= ask.price {
      return .crossed
    }
    if bids.isThin || asks.isThin { return .thin }
    unchecked = 0
    if rules.isSummedApart { checked = state }
    return nil
  }

  private var state: OrderBook {
    OrderBook(market: market, bids: bids.levels, asks: asks.levels, sequence: number)
  }

  // MARK: - Without a state

  private mutating func hold(_ change: BookChange) -> BookOutcome {
    // What has no number cannot be joined to anything.
    if rules.sequence != .none { keep(change) }
    guard rules.source == .call, !hasAsked else { return .unchanged }
    hasAsked = true
    return .needsSnapshot(.missing)
  }

  private mutating func keep(_ change: BookChange) {
    held.append(change)
    heldLevels += change.bids.count + change.asks.count
    var gone = 0
    while held.count - gone > BookKeeper.heldMost || heldLevels > BookKeeper.heldLevelsMost {
      heldLevels -= held[gone].bids.count + held[gone].asks.count
      gone += 1
    }
    held.removeFirst(gone)
  }

  private mutating func fail(_ flaw: BookFlaw) -> BookOutcome {
    bids.replace(with: [], isComplete: true)
    asks.replace(with: [], isComplete: true)
    number = nil
    hasState = false
    isJoining = false
    hasAsked = true
    checked = nil
    unchecked = 0
    return .needsSnapshot(flaw)
  }
}
