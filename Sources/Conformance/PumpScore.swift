import Foundation

/// How well the onsets of pumps are found: row by row, and event by event.
struct PumpScore {
  /// A slice's start, and its score.
  struct Row {
    let start: Double
    let score: Double
  }

  /// An event's rows within a day of its onset.
  private struct Event {
    let onset: Double
    let rows: [Row]
  }

  static let slice = 25.0
  private static let early = 120.0
  private static let late = 120.0
  private static let after = 3600.0

  private var events: [Event] = []
  private var pairs: [(score: Double, isOnset: Bool)] = []

  var count: Int { events.count }

  /// Adds an event's rows; only those within a day of the onset count.
  mutating func add(_ rows: [Row], onset: Double) {
    let near = rows.filter { abs($0.start - onset) <= 86_400 }
    // The row that holds the onset, or the next one.
    let mark = near.firstIndex { $0.start + PumpScore.slice >= onset + 1e-6 }
    for (index, row) in near.enumerated() { pairs.append((row.score, index == mark)) }
    events.append(Event(onset: onset, rows: near))
  }

  /// The area under precision over recall, in steps.
  var averagePrecision: Double {
    let sorted = pairs.sorted { $0.score > $1.score }
    let total = Double(sorted.count { $0.isOnset })
    guard total > 0 else { return 0 }
    var (area, found, before, place) = (0.0, 0.0, 0.0, 0)
    while place < sorted.count {
      var end = place
      while end < sorted.count, sorted[end].score == sorted[place].score {
        found += sorted[end].isOnset ? 1 : 0
        end += 1
      }
      area += (found / total - before) * found / Double(end)
      before = found / total
      place = end
    }
    return area
  }

  /// The number of events found with at most so many rows of false alarms.
  func found(falseAlarms: Int) -> Int {
    var outside: [Double] = []
    var peaks: [Double] = []
    for event in events {
      var peak = -Double.infinity
      for row in event.rows {
        let isEarly = row.start + PumpScore.slice <= event.onset - PumpScore.early
        if !isEarly, row.start <= event.onset + PumpScore.late { peak = max(peak, row.score) }
        if isEarly || row.start > event.onset + PumpScore.after { outside.append(row.score) }
      }
      peaks.append(peak)
    }
    outside.sort(by: >)
    let bound = falseAlarms < outside.count ? outside[falseAlarms] : -.infinity
    return peaks.count { $0 > bound }
  }
}
