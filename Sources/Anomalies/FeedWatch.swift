/// Whether one feed of one asset still speaks, and still says something new.
///
/// The times between words and between changes are learned as they are; silence is judged when the
/// clock asks, since a feed that is silent says nothing. A series that never changed is not frozen:
/// that needs changes before.
struct FeedWatch: Sendable, Kept {
  /// What the clock or a word found.
  enum Event: Hashable, Sendable {
    /// Silent for so many seconds; rings at `limit`.
    case silent(seconds: Double, limit: Double)
    /// Speaks again.
    case speaks(after: Double)
    /// The same value for so many seconds; rings at `limit`.
    case frozen(seconds: Double, limit: Double)
    /// Another value at last.
    case moves(after: Double)
  }

  static let leastSilence = 30.0
  static let leastFrozen = 120.0
  /// Ten times the 10⁻³ quantile: feeds pause in clusters, and a pause is no news for a minute.
  static let slack = 3.0
  private static let surprise = 3.0
  private static let leastRepeats = 10

  private var arrivals = TailCalibrator(window: 500, shape: .pareto)
  private var changes = TailCalibrator(window: 500, shape: .pareto)
  private var last: Int64?
  private var changed: Int64?
  private var value = 0.0
  private var repeats = 0
  private(set) var isSilent = false
  private(set) var isFrozen = false

  init() {}

  var sampleSize: Int { arrivals.window.count }
  var changeSampleSize: Int { changes.window.count }
  /// When the feed last spoke.
  var lastSeconds: Int64? { last }
  /// What it last said.
  var lastValue: Double? { last == nil ? nil : value }

  private static func limit(_ calibrator: TailCalibrator, least: Double) -> Double? {
    calibrator.raw(atSurprise: surprise).map { max($0 * slack, least) }
  }

  /// The feed says a value.
  mutating func take(_ price: Double, at seconds: Int64) -> [Event] {
    guard price.isFinite, last.map({ seconds >= $0 }) ?? true else { return [] }
    var events: [Event] = []
    let wasSilent = isSilent
    if let last {
      let gap = Double(seconds - last)
      if isSilent {
        isSilent = false
        events.append(.speaks(after: gap))
      } else {
        _ = arrivals.take(gap)
      }
    }
    last = seconds
    guard let since = changed, price == value else {
      if let since = changed {
        let stood = Double(seconds - since)
        if isFrozen {
          isFrozen = false
          events.append(.moves(after: stood))
        } else if !wasSilent {
          _ = changes.take(stood)
        }
      }
      changed = seconds
      value = price
      repeats = 0
      return events
    }
    repeats = min(repeats + 1, 1 << 40)
    let stands = Double(seconds - since)
    if !isFrozen, repeats >= FeedWatch.leastRepeats,
      let limit = FeedWatch.limit(changes, least: FeedWatch.leastFrozen), stands >= limit
    {
      isFrozen = true
      events.append(.frozen(seconds: stands, limit: limit))
    }
    return events
  }

  /// Whether it may be silent for too long.
  func isQuiet(at seconds: Int64) -> Bool {
    last.map { Double(seconds) - Double($0) >= FeedWatch.leastSilence } ?? false
  }

  /// The clock asks whether the feed is silent for too long.
  mutating func check(at seconds: Int64) -> Event? {
    guard let last, !isSilent, isQuiet(at: seconds) else { return nil }
    let gap = Double(seconds) - Double(last)
    guard let limit = FeedWatch.limit(arrivals, least: FeedWatch.leastSilence), gap >= limit
    else { return nil }
    isSilent = true
    return .silent(seconds: gap, limit: limit)
  }

  func write(to writer: inout StateWriter) {
    arrivals.write(to: &writer)
    changes.write(to: &writer)
    writer.put(last.map { Int($0) })
    writer.put(changed.map { Int($0) })
    writer.put(value)
    writer.put(repeats)
    writer.put(isSilent)
    writer.put(isFrozen)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    arrivals = try TailCalibrator(from: &reader)
    changes = try TailCalibrator(from: &reader)
    last = try reader.optionalInt(Int.min...Int.max).map { Int64($0) }
    changed = try reader.optionalInt(Int.min...Int.max).map { Int64($0) }
    value = try reader.double()
    repeats = try reader.count()
    isSilent = try reader.bool()
    isFrozen = try reader.bool()
  }
}
