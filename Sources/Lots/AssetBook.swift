import Amounts
import Ledger

/// The steps of one asset in their order, and what they came to.
struct AssetBook: Sendable {
  private(set) var steps: [Step] = []
  private(set) var outcomes: [Outcome] = []
  private(set) var records: [MatchRecord] = []
  private(set) var matching: any AssetMatching

  init(rules: LotRules) {
    matching =
      switch rules.method {
      case .lots(let order): LotMatching(order, rules: rules)
      case .average: PoolMatching(rules: rules)
      }
  }

  /// Puts steps in their places; those that come after are taken back and made again.
  ///
  /// - Parameter fresh: In order.
  /// - Complexity: O(steps added and steps after the first of them).
  mutating func insert(_ fresh: [Step]) {
    guard let first = fresh.first else { return }
    let start = place(of: first.key)
    if start == steps.count {
      for step in fresh { apply(step) }
      return
    }
    let later = rewind(to: start)
    var (old, new) = (0, 0)
    while old < later.count || new < fresh.count {
      if new == fresh.count || (old < later.count && later[old].key < fresh[new].key) {
        apply(later[old])
        old += 1
      } else {
        apply(fresh[new])
        new += 1
      }
    }
  }

  /// Takes steps out again.
  ///
  /// - Parameter keys: Which, in order.
  mutating func remove(_ keys: [StepKey]) {
    guard let first = keys.first else { return }
    let gone = Set(keys)
    for step in rewind(to: place(of: first)) where !gone.contains(step.key) { apply(step) }
  }

  /// The records of a step, by its index.
  func records(of index: Int) -> ArraySlice<MatchRecord> {
    let end = index + 1 < outcomes.count ? outcomes[index + 1].firstRecord : records.count
    return records[outcomes[index].firstRecord..<end]
  }

  private mutating func apply(_ step: Step) {
    do {
      outcomes.append(try matching.apply(step, &records))
    } catch {
      var outcome = Outcome(firstRecord: records.count)
      outcome.isOverflown = true
      outcomes.append(outcome)
    }
    steps.append(step)
  }

  /// Takes back every step from an index on, and gives them.
  private mutating func rewind(to start: Int) -> [Step] {
    let later = Array(steps[start...])
    for index in stride(from: steps.count - 1, through: start, by: -1) {
      let outcome = outcomes[index]
      if !outcome.isOverflown {
        matching.undo(steps[index], outcome, records[outcome.firstRecord...])
      }
      records.removeSubrange(outcome.firstRecord...)
      outcomes.removeLast()
    }
    steps.removeSubrange(start...)
    matching.didRewind()
    return later
  }

  /// The index of the first step that does not come before a key.
  private func place(of key: StepKey) -> Int {
    guard let last = steps.last, !(last.key < key) else { return steps.count }
    var (low, high) = (0, steps.count)
    while low < high {
      let middle = (low + high) / 2
      if steps[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
