import GRDB

/// Where in a list every so-many-th entry stands, so that any place in it is found at once.
///
/// Built by one run through an index, which takes about a tenth of a second for a million entries;
/// kept in memory only.
struct Ranks {
  /// The entry at which each stretch begins, newest first.
  private var starts: [Mark] = []
  /// How many entries each stretch has.
  private var counts: [Int] = []
  /// The number of the last entry that is counted in.
  private(set) var lastID: Int

  private static let stretch = 2048
  /// A stretch that has grown beyond this makes the ranks worth building anew.
  private static let longest = 8 * stretch

  /// How many entries the list has.
  private(set) var total = 0

  /// Runs through a list.
  init(_ list: EntryList, _ db: Database, lastID: Int) throws {
    self.lastID = lastID
    var start = try list.marks(db, from: nil, offset: 0, limit: 1).first
    while let here = start {
      let next = try list.marks(db, from: here, offset: Ranks.stretch, limit: 1).first
      starts.append(here)
      counts.append(next == nil ? try list.count(db, from: here) : Ranks.stretch)
      start = next
    }
    total = counts.reduce(0, +)
  }

  /// Counts new entries in.
  ///
  /// - Returns: False where a stretch has become too long to be passed over quickly.
  mutating func take(_ marks: [Mark], lastID: Int) -> Bool {
    self.lastID = lastID
    for mark in marks {
      guard !starts.isEmpty else { return false }
      // The last stretch that begins at or before the mark in newest-first order.
      var low = 0
      var high = starts.count
      while low < high {
        let middle = (low + high) / 2
        if starts[middle] >= mark { low = middle + 1 } else { high = middle }
      }
      let place = max(0, low - 1)
      if mark > starts[place] { starts[place] = mark }
      counts[place] += 1
      total += 1
      if counts[place] > Ranks.longest { return false }
    }
    return true
  }

  /// From where an offset is counted: the beginning of its stretch and what is left of it.
  func anchor(of offset: Int) -> (start: Mark, rest: Int)? {
    var passed = 0
    for (start, count) in zip(starts, counts) {
      if offset < passed + count { return (start, offset - passed) }
      passed += count
    }
    return nil
  }
}
