public import Amounts
public import Ledger

/// Lots and disposals: the fold of events under rules.
///
/// The law: events appended one by one or together, in any order, give what a rebuild from all of
/// them gives.
public struct LotBook: Sendable {
  /// The rules.
  public let rules: LotRules
  var books: [AssetID: AssetBook] = [:]

  /// Starts from nothing.
  public init(rules: LotRules) {
    self.rules = rules
  }

  /// The book that all of these events give.
  public init(rules: LotRules, events: some Sequence<LotEvent>) {
    self.init(rules: rules)
    append(contentsOf: events)
  }

  /// Folds one event in, at its place in time.
  ///
  /// - Parameter event: The event; its name must not be in the book.
  /// - Complexity: Amortised O(log n) at the end of its assets' time; O(steps after it) before that.
  public mutating func append(_ event: LotEvent) {
    let rules = rules
    for (asset, step) in StepMaker(event, rules: rules).steps {
      books[asset, default: AssetBook(rules: rules)].insert([step])
    }
  }

  /// Folds events in, in any order, going back once for each asset at most.
  public mutating func append(contentsOf events: some Sequence<LotEvent>) {
    var steps: [AssetID: [Step]] = [:]
    for event in events {
      for (asset, step) in StepMaker(event, rules: rules).steps {
        steps[asset, default: []].append(step)
      }
    }
    let rules = rules
    for (asset, var fresh) in steps {
      if !LotBook.isSorted(fresh) { fresh.sort { $0.key < $1.key } }
      books[asset, default: AssetBook(rules: rules)].insert(fresh)
    }
  }

  /// Takes an event out again, as when its value or its counterpart has become known.
  ///
  /// - Parameter event: Just as it was appended.
  public mutating func remove(_ event: LotEvent) {
    var keys: [AssetID: [StepKey]] = [:]
    for (asset, step) in StepMaker(event, rules: rules).steps {
      keys[asset, default: []].append(step.key)
    }
    for (asset, keys) in keys { books[asset]?.remove(keys) }
  }

  /// The assets that the events touched, in order.
  public var assets: [AssetID] { books.keys.sorted() }

  private static func isSorted(_ steps: [Step]) -> Bool {
    zip(steps, steps.dropFirst()).allSatisfy { $0.key < $1.key }
  }
}

/// Something that does not add up: it is shown, and refuses reports where the rules say so.
public struct LotProblem: Error, Hashable, Sendable {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    /// More was given away than was there: so much is missing.
    case insufficientHoldings(missing: Quantity)
    /// A figure leaves the range of exact numbers; the event has done nothing.
    case overflow
  }
  /// What is wrong.
  public let kind: Kind
  /// The event.
  public let event: LotID
  /// When it happened.
  public let time: Instant
  /// The asset.
  public let asset: AssetID
  /// The account, where accounts have lots of their own.
  public let account: AccountID?
}

extension LotBook {
  /// Everything that does not add up, in the order of events.
  public var problems: [LotProblem] {
    var found: [(StepKey, LotProblem)] = []
    for (asset, book) in books {
      for (step, outcome) in zip(book.steps, book.outcomes) where outcome.isProblem {
        found.append((step.key, problem(step, outcome, asset)))
      }
    }
    found.sort { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1.asset < $1.1.asset }
    return found.map { $0.1 }
  }

  private func problem(_ step: Step, _ outcome: Outcome, _ asset: AssetID) -> LotProblem {
    LotProblem(
      kind: outcome.isOverflown
        ? .overflow : .insufficientHoldings(missing: outcome.grain.quantity(outcome.missing)),
      event: step.key.id, time: step.key.time, asset: asset,
      account: rules.scope == .account ? step.account : nil)
  }
}

extension Step {
  /// The account that gives or gets; that which gives, of a transfer.
  var account: AccountID? {
    switch action {
    case .acquire(let incoming): incoming.account
    case .dispose(let leaving): leaving.account
    case .move(_, let from, _): from
    case .overflown(let account): account
    case .split: nil
    }
  }
}
