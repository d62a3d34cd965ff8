/// What looks at a series of numbers, each in its own way.
public enum SeriesComponent: Int, CaseIterable, Hashable, Sendable {
  /// The value is far from all values of the last thousands.
  case value
  /// The course of the last values is unlike any earlier one.
  case course
  /// The value is unusual for the time of day.
  case clock
  /// A dozen values in a row are unusual for their time of day.
  case stretch
  /// The value differs from the one before.
  case step
  /// The value differs from the one a dozen before.
  case move
  /// The short mean left the long one.
  case level
}

/// What a watch keeps of a series, and when it rings.
public struct SeriesSettings: Hashable, Sendable {
  /// How many scores and values are kept.
  public var window: Int
  /// -log₁₀ of the probability of an alarm at a point.
  public var alarm: Double
  /// For how many points an alarm is held.
  public var hold: Int
  /// How the tail falls.
  public var tail: TailShape
  /// The share of the range of the values kept that a value must be off its recent mean.
  public var leastShare: Double
  /// Whether the course of the last values is watched, which costs most.
  public var watchesCourse: Bool

  /// The one setting for all series.
  public init(
    window: Int = 5000, alarm: Double = 3, hold: Int = 100, tail: TailShape = .exponential,
    leastShare: Double = 0.05, watchesCourse: Bool = true
  ) {
    self.window = min(max(window, 200), 1 << 16)
    self.alarm = alarm
    self.hold = max(hold, 0)
    self.tail = tail
    self.leastShare = leastShare
    self.watchesCourse = watchesCourse
  }
}

/// What a watch says of one value.
public struct SeriesReading: Hashable, Sendable {
  /// -log₁₀ of how often a value is so unusual, by each component in order.
  public let surprises: [Double]
  /// The component that is surprised most.
  public let component: SeriesComponent
  /// The highest surprise, less what earlier alarms take from it.
  public let score: Double
  /// What that means for the episode.
  public let step: EpisodeStep
}

/// A streaming detector for any series of numbers: seven components, each calibrated, the highest
/// counts.
///
/// One setting serves all series. A value costs a few microseconds whatever came before it, memory is
/// bounded, and nothing later than the value is looked at. A value that is no number is left out.
public struct SeriesWatch: Sendable {
  /// The settings.
  public let settings: SeriesSettings
  private var novelty: ValueNovelty
  private var lags = LagNovelty()
  private var clock = ClockResidual()
  private var step = Difference(steps: 1)
  private var move = Difference(steps: 12)
  private var level = LevelShift()
  private var recent = MovingMean(length: 100)
  private var calibrators: [TailCalibrator]
  private var hold: EpisodeHold
  private var surprises: [Double]
  private var last = 0.0

  /// Makes a watch that has seen nothing.
  public init(_ settings: SeriesSettings = SeriesSettings()) {
    self.settings = settings
    novelty = ValueNovelty(window: settings.window)
    let count = SeriesComponent.allCases.count
    calibrators = (0..<count).map { _ in
      TailCalibrator(window: settings.window, shape: settings.tail)
    }
    surprises = Array(repeating: 0, count: count)
    hold = EpisodeHold(alarm: settings.alarm, hold: settings.hold)
  }

  /// How many values were judged and kept.
  public var count: Int { novelty.window.count }

  /// Whether an episode is open.
  public var isOpen: Bool { hold.isOpen }

  /// Judges a value, then learns it.
  ///
  /// - Parameters:
  ///   - value: The value; no number gives `nil` and changes nothing.
  ///   - seconds: When it was, since the epoch.
  ///   - learns: Whether the calibration learns it; not inside a confirmed incident.
  /// - Returns: What the components say.
  /// - Complexity: O(log n) comparisons and short moves, and a thousand short steps for the course.
  public mutating func take(_ value: Double, at seconds: Int64, learns: Bool = true)
    -> SeriesReading?
  {
    guard let (component, surprise) = judge(value, at: seconds, learns: learns) else { return nil }
    let (step, score) = hold.take(surprise)
    return SeriesReading(
      surprises: surprises, component: component, score: score, step: step)
  }

  /// Judges a value without making a reading: the step and the corrected score.
  public mutating func score(_ value: Double, at seconds: Int64) -> (
    step: EpisodeStep, score: Double
  )? {
    guard let (_, surprise) = judge(value, at: seconds, learns: true) else { return nil }
    return hold.take(surprise)
  }

  private mutating func judge(_ given: Double, at seconds: Int64, learns: Bool)
    -> (component: SeriesComponent, surprise: Double)?
  {
    guard given.isFinite else { return nil }
    let value = min(max(given, -1e100), 1e100)
    last = value
    settle(.value, novelty.take(value), learns)
    settle(.course, settings.watchesCourse ? lags.take(value) : nil, learns)
    let residual = clock.take(value, at: seconds)
    settle(.clock, residual, learns)
    settle(.stretch, residual == nil ? nil : abs(clock.stretch.mean), learns)
    settle(.step, step.take(value), learns)
    settle(.move, move.take(value), learns)
    settle(.level, level.take(value), learns)
    recent.take(value)
    var best = SeriesComponent.value
    for component in SeriesComponent.allCases
    where surprises[component.rawValue] > surprises[best.rawValue] {
      best = component
    }
    let highest = surprises[best.rawValue]
    return (best, isMaterial(value) ? highest : min(highest, 1))
  }

  private mutating func settle(_ component: SeriesComponent, _ raw: Double?, _ learns: Bool) {
    let place = component.rawValue
    surprises[place] = raw.map { calibrators[place].take($0, learns: learns) } ?? 0
  }

  /// Whether the value is off the recent mean by a visible share of the range.
  private func isMaterial(_ value: Double) -> Bool {
    let count = novelty.window.count
    guard count > 0 else { return false }
    let range = novelty.window.value(at: count - 1) - novelty.window.value(at: 0)
    return abs(value - recent.mean) >= settings.leastShare * range
  }

  /// What a component takes for usual, in the units of the series where that can be said.
  ///
  /// - Parameters:
  ///   - component: The component.
  ///   - seconds: The time of day that is meant.
  /// - Returns: The lowest and highest value that would not ring; `nil` where the component has none.
  public func usual(_ component: SeriesComponent, at seconds: Int64) -> ClosedRange<Double>? {
    let limit = calibrators[component.rawValue].raw(atSurprise: settings.alarm)
    switch component {
    case .value, .course:
      guard let low = novelty.window.quantile(0.005), let high = novelty.window.quantile(0.995)
      else { return nil }
      return low...high
    case .clock, .stretch:
      guard let usual = clock.usual(at: seconds), let limit else { return nil }
      let reach = limit * usual.scale
      return (usual.mean - reach)...(usual.mean + reach)
    case .step: return limit.map { (last - $0)...(last + $0) }
    case .move:
      guard let earlier = move.earlier, let limit else { return nil }
      return (earlier - limit)...(earlier + limit)
    case .level:
      guard let limit else { return nil }
      let reach = limit * level.distance.mean
      return (level.long.mean - reach)...(level.long.mean + reach)
    }
  }

  /// Forgives the alarm of the open episode and ends it.
  public mutating func dismiss() {
    hold.forgive()
    hold.close()
  }

  /// The bytes of memory that the watch holds, its arrays counted.
  public var memoryBytes: Int {
    let calibration = calibrators.reduce(0) { $0 + $1.window.memoryBytes }
    return calibration + novelty.window.memoryBytes + lags.memoryBytes
      + ClockResidual.buckets * 18 + 13 * 8 + MemoryLayout<SeriesWatch>.size
  }
}

extension SeriesWatch: Kept {
  func write(to writer: inout StateWriter) {
    settings.write(to: &writer)
    novelty.write(to: &writer)
    lags.write(to: &writer)
    clock.write(to: &writer)
    step.write(to: &writer)
    move.write(to: &writer)
    level.write(to: &writer)
    recent.write(to: &writer)
    for calibrator in calibrators { calibrator.write(to: &writer) }
    hold.write(to: &writer)
    writer.put(last)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    settings = try SeriesSettings(from: &reader)
    novelty = try ValueNovelty(from: &reader)
    lags = try LagNovelty(from: &reader)
    clock = try ClockResidual(from: &reader)
    step = try Difference(from: &reader)
    move = try Difference(from: &reader)
    level = try LevelShift(from: &reader)
    recent = try MovingMean(from: &reader)
    calibrators = []
    for _ in SeriesComponent.allCases { calibrators.append(try TailCalibrator(from: &reader)) }
    hold = try EpisodeHold(from: &reader)
    last = try reader.double()
    surprises = Array(repeating: 0, count: SeriesComponent.allCases.count)
  }
}

extension SeriesSettings: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(window)
    writer.put(alarm)
    writer.put(hold)
    writer.put(tail.rawValue)
    writer.put(leastShare)
    writer.put(watchesCourse)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    window = try reader.int(200...(1 << 16))
    alarm = try reader.double()
    hold = try reader.count()
    guard let tail = TailShape(rawValue: try reader.int(0...1)) else { throw reader.fault }
    self.tail = tail
    leastShare = try reader.double()
    watchesCourse = try reader.bool()
  }
}
