import Amounts
import Ledger
import Prices

/// What some of the holder's places were worth at the end of each day, and why that changed.
struct ValueHistory: Sendable, Equatable {
  /// The first day.
  let first: UTCDay
  /// One a day, without gaps.
  private(set) var days: [DayFigures]

  /// The last day.
  var last: UTCDay { first.advanced(by: days.count - 1) }

  /// Follows places from day to day.
  ///
  /// - Parameters:
  ///   - places: What each day moved, by place.
  ///   - isCounted: Whether a place counts.
  ///   - first: The first day.
  ///   - last: The last; where it is before the first, nothing is followed.
  ///   - prices: What things cost.
  /// - Complexity: O(assets · days).
  init(
    _ places: [GainPlace: [UTCDay: DayMove]], where isCounted: (GainPlace) -> Bool = { _ in true },
    from first: UTCDay, through last: UTCDay, prices: GainPrices
  ) {
    self.first = first
    let count = max(0, last.number - first.number + 1)
    var days = [DayFigures](repeating: DayFigures(), count: count)
    if count > 0 {
      for (asset, moves) in ValueHistory.byAsset(places, where: isCounted) {
        AssetDays(asset, moves, prices: prices).forEach(from: first, through: last) {
          day, figures in
          days[day.number - first.number].add(figures)
        }
      }
      for index in days.indices { days[index].closeMoves() }
    }
    self.days = days
  }

  /// The moves by asset, added up over the places that count.
  static func byAsset(
    _ places: [GainPlace: [UTCDay: DayMove]], where isCounted: (GainPlace) -> Bool = { _ in true }
  ) -> [AssetID: [UTCDay: DayMove]] {
    var found: [AssetID: [UTCDay: DayMove]] = [:]
    for (place, moves) in places where isCounted(place) {
      var sums = found.removeValue(forKey: place.asset) ?? [:]
      for (day, move) in moves { sums[day, default: DayMove()].add(move) }
      found[place.asset] = sums
    }
    return found
  }

  /// Moves the value of the last day on, as prices have.
  mutating func shiftLast(by change: Fixed) {
    guard let last = days.indices.last else { return }
    days[last].shift(by: change)
  }

  /// A part of it.
  func window(from start: UTCDay, through end: UTCDay) -> ArraySlice<DayFigures> {
    let low = max(0, start.number - first.number)
    let high = min(days.count, end.number - first.number + 1)
    return low < high ? days[low..<high] : []
  }

  /// The figures of a day; `nil` outside.
  subscript(day: UTCDay) -> DayFigures? {
    let index = day.number - first.number
    return days.indices.contains(index) ? days[index] : nil
  }

  /// Days as one: flows and gains added up, the value of the last.
  static func sum(_ days: some Sequence<DayFigures>) -> DayFigures {
    var sum = DayFigures()
    for day in days { sum.append(day) }
    return sum
  }
}

/// A stretch of days that ends today.
enum GainPeriod: String, CaseIterable, Sendable {
  case day
  case week
  case month
  case year
  case all

  /// How many days it has, today among them; `nil` for all there are.
  var days: Int? {
    switch self {
    case .day: 1
    case .week: 7
    case .month: 30
    case .year: 365
    case .all: nil
    }
  }

  /// Its first day.
  func first(through today: UTCDay, since beginning: UTCDay) -> UTCDay {
    guard let days else { return beginning }
    return max(beginning, today.advanced(by: 1 - days))
  }
}

/// A stretch of days.
struct GainSpan: Hashable, Sendable {
  let first: UTCDay
  let last: UTCDay

  /// From one day to another; `nil` where the last is before the first.
  init?(_ first: UTCDay, _ last: UTCDay) {
    guard first <= last else { return nil }
    (self.first, self.last) = (first, last)
  }

  /// Reads `month`, or `2024-01-01..2024-03-31`; either end may be left out.
  ///
  /// - Parameters:
  ///   - text: What was asked for.
  ///   - today: The day that is not over.
  ///   - beginning: The first day with an entry.
  init?(_ text: String, today: UTCDay, beginning: UTCDay) {
    if let period = GainPeriod(rawValue: text.lowercased()) {
      self.init(period.first(through: today, since: beginning), today)
      return
    }
    let parts = text.split(separator: "..", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let (from, to) = (parts[0], parts[1])
    let start = from.isEmpty ? beginning : Instant(from).map { UTCDay($0) }
    let end = to.isEmpty ? today : Instant(to).map { UTCDay($0) }
    guard let start, let end, start <= end else { return nil }
    self.init(max(start, beginning), min(end, today))
  }
}
