import Ledger

/// Some rows of a long history, oldest first, without a copy of it.
///
/// A page is asked for by the thousand of a history of tens of thousands: only what a page holds may
/// cost anything.
struct SimulatedRows<Row: Sendable>: RandomAccessCollection, Sendable {
  private let rows: [Row]
  /// Where the rows are; `nil` for one after another.
  private let places: ArraySlice<Int>?
  private let range: Range<Int>

  /// All rows, or those at some places.
  init(_ rows: [Row], _ places: ArraySlice<Int>? = nil) {
    self.rows = rows
    self.places = places
    range = places?.indices ?? rows.indices
  }

  private init(_ rows: [Row], _ places: ArraySlice<Int>?, _ range: Range<Int>) {
    self.rows = rows
    self.places = places
    self.range = range
  }

  var startIndex: Int { range.lowerBound }
  var endIndex: Int { range.upperBound }

  subscript(_ index: Int) -> Row {
    guard let places else { return rows[index] }
    return rows[places[index]]
  }

  /// The place in the whole history.
  func place(_ index: Int) -> Int { places.map { $0[index] } ?? index }

  /// The index of the first row that is at a place of the whole history or behind it.
  func index(ofPlace place: Int) -> Int { border { self.place($0) >= place } }

  /// Those that are meant.
  func filter(_ isMeant: (Row) throws -> Bool) rethrows -> SimulatedRows {
    var found: [Int] = []
    for index in range where try isMeant(self[index]) { found.append(place(index)) }
    return SimulatedRows(rows, found[...])
  }

  /// Those before an index.
  func before(_ index: Int) -> SimulatedRows {
    SimulatedRows(rows, places, range.lowerBound..<Swift.min(index, range.upperBound))
  }

  /// Those between two times, both included, that have happened; `nil` is no bound.
  func between(
    _ from: Instant?, _ to: Instant?, at now: Instant, _ time: (Row) -> Instant
  ) -> SimulatedRows {
    let start = from.map { from in border { time(self[$0]) >= from } } ?? range.lowerBound
    let last = to.map { Swift.min($0, now) } ?? now
    let end = border { time(self[$0]) > last }
    return SimulatedRows(rows, places, start..<Swift.max(start, end))
  }

  /// The first index of which something is true that then is true of all that follow.
  private func border(_ isBehind: (Int) -> Bool) -> Int {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high {
      let middle = low + (high - low) / 2
      if isBehind(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
