import Ledger

/// The lanes of one line that wait: some for a time, the others for their turn.
///
/// Each lane is entered with the number of its latest entry; entries of older numbers count no more
/// and are dropped where they are met.
struct LaneQueue: Sendable {
  /// A lane in one of the orders.
  struct Entry: Sendable, Comparable {
    /// The less comes first.
    let keys: (Int64, Int64, Int)
    /// The lane's place in its table.
    let place: Int
    let number: Int

    static func < (a: Entry, b: Entry) -> Bool { a.keys < b.keys }
    static func == (a: Entry, b: Entry) -> Bool { a.keys == b.keys }
  }

  /// Those that have something to do, of one tier, in two orders.
  private struct Ready: Sendable {
    /// By what they still have to read one page after the other, the most first.
    var longest = EntryHeap()
    /// By when they were served last.
    var waiting = EntryHeap()
  }

  private var timed = EntryHeap()
  private var ready = Array(repeating: Ready(), count: LaneTier.allCases.count)

  init() {}

  /// Enters a lane that need not be looked at before a time.
  mutating func wait(until time: Instant, _ place: Int, _ number: Int) {
    timed.push(Entry(keys: (time.microseconds, 0, place), place: place, number: number))
  }

  /// Enters a lane that has something to do.
  mutating func enter(
    _ tier: LaneTier, weight: Int64, served: Int, rank: Int, _ place: Int, _ number: Int
  ) {
    let served = Int64(served)
    ready[tier.rawValue].longest.push(
      Entry(keys: (-weight, served, rank), place: place, number: number))
    ready[tier.rawValue].waiting.push(
      Entry(keys: (served, 0, rank), place: place, number: number))
  }

  /// Takes out the next lane whose time has come.
  mutating func takeDue(at now: Instant, _ numbers: [Int]) -> Int? {
    guard let first = timed.first(numbers), first.keys.0 <= now.microseconds else { return nil }
    timed.removeFirst()
    return first.place
  }

  /// Takes out the most urgent lane that has something to do, with its tier; of one tier the one
  /// with the longest way to go, or whoever has waited longest.
  mutating func takeReady(isFair: Bool, _ numbers: [Int]) -> (tier: LaneTier, place: Int)? {
    for tier in LaneTier.allCases {
      let index = tier.rawValue
      let first =
        isFair ? ready[index].waiting.first(numbers) : ready[index].longest.first(numbers)
      guard let first else { continue }
      if isFair { ready[index].waiting.removeFirst() } else { ready[index].longest.removeFirst() }
      return (tier, first.place)
    }
    return nil
  }

  /// Whether a lane waits of which nothing is known yet.
  mutating func hasUnknown(_ numbers: [Int]) -> Bool {
    for index in ready.indices {
      if let first = ready[index].longest.first(numbers), first.keys.0 == -.max { return true }
    }
    return false
  }

  /// When something of the line is due; the first of all times for what is already.
  mutating func dueAt(_ numbers: [Int]) -> Instant? {
    for index in ready.indices where ready[index].waiting.first(numbers) != nil {
      return Instant(microseconds: .min)
    }
    return timed.first(numbers).map { Instant(microseconds: $0.keys.0) }
  }
}

/// Entries with the least at hand: a binary heap in an array.
///
/// Source: J. W. J. Williams, Algorithm 232: Heapsort, Communications of the ACM 7 (6), 1964.
struct EntryHeap: Sendable {
  private var entries: [LaneQueue.Entry] = []

  init() {}

  /// The least entry that still counts; those before it that do not are dropped.
  mutating func first(_ numbers: [Int]) -> LaneQueue.Entry? {
    while let least = entries.first {
      if numbers[least.place] == least.number { return least }
      removeFirst()
    }
    return nil
  }

  mutating func push(_ entry: LaneQueue.Entry) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0 {
      let above = (place - 1) / 2
      guard entries[place] < entries[above] else { return }
      entries.swapAt(place, above)
      place = above
    }
  }

  mutating func removeFirst() {
    guard let last = entries.popLast(), !entries.isEmpty else { return }
    entries[0] = last
    var place = 0
    while true {
      var least = place
      for below in [2 * place + 1, 2 * place + 2] where below < entries.count {
        if entries[below] < entries[least] { least = below }
      }
      if least == place { return }
      entries.swapAt(place, least)
      place = least
    }
  }
}
