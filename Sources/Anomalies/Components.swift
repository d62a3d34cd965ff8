internal import Statistics

/// How far a value is from the nearest of the last values.
///
/// The mean distance to the five nearest of the last 5,000: values never seen, whatever the shape of
/// what is usual. The best single component on the Numenta benchmark.
struct ValueNovelty: Sendable, Kept {
  static let nearest = 5
  private(set) var window: ValueWindow

  init(window capacity: Int = 5000) {
    window = ValueWindow(capacity: capacity)
  }

  /// The raw score, `nil` before there are five values; the value is learned afterwards.
  mutating func take(_ value: Double) -> Double? {
    let distance = window.meanDistance(of: value, nearest: ValueNovelty.nearest)
    window.insert(value)
    return distance
  }

  func write(to writer: inout StateWriter) { window.write(to: &writer) }

  init(from reader: inout StateReader) throws(StateFault) {
    window = try ValueWindow(from: &reader)
  }
}

/// How far a value is from what is usual at this time of day.
///
/// 96 buckets of a quarter of an hour, each with an exponentially weighted mean and mean absolute
/// deviation; what is learned is cut off at four scales, so that an outlier moves the model little.
struct ClockResidual: Sendable, Kept {
  static let buckets = 96
  private static let slowest = 0.1
  private static let clip = 4.0
  private var means: [Double]
  private var deviations: [Double]
  private var counts: [UInt16]
  private var deviation = 0.0
  private var count = 0
  /// The mean of the last dozen residuals in scales: a stretch that is unusual only together.
  private(set) var stretch = MovingMean(length: 12)

  init() {
    means = Array(repeating: 0, count: ClockResidual.buckets)
    deviations = Array(repeating: 0, count: ClockResidual.buckets)
    counts = Array(repeating: 0, count: ClockResidual.buckets)
  }

  /// The bucket of a time in seconds since the epoch.
  static func bucket(_ seconds: Int64) -> Int {
    let rest = seconds % 86_400
    return Int((rest < 0 ? rest + 86_400 : rest) / 900)
  }

  /// What is usual at a time of day, with its scale; `nil` where the time was never seen.
  func usual(at seconds: Int64) -> (mean: Double, scale: Double)? {
    let bucket = ClockResidual.bucket(seconds)
    guard counts[bucket] > 0 else { return nil }
    return (means[bucket], scale(bucket))
  }

  private func scale(_ bucket: Int) -> Double {
    let own = deviations[bucket]
    return ((own * own + deviation * deviation) / 2).squareRoot()
  }

  /// The raw score, `nil` where the time of day is new.
  mutating func take(_ value: Double, at seconds: Int64) -> Double? {
    let bucket = ClockResidual.bucket(seconds)
    guard counts[bucket] > 0 else {
      counts[bucket] = 1
      means[bucket] = value
      return nil
    }
    let residual = value - means[bucket]
    let scale = scale(bucket)
    let bound = ClockResidual.clip * scale
    let learned = scale > 0 && count > 20 ? min(max(residual, -bound), bound) : residual
    counts[bucket] = min(counts[bucket] + 1, 10_000)
    count = min(count + 1, 1 << 40)
    let rate = max(ClockResidual.slowest, 1 / Double(counts[bucket]))
    means[bucket] += rate * learned
    deviations[bucket] += rate * (abs(learned) - deviations[bucket])
    deviation += max(0.001, 1 / Double(count)) * (abs(learned) - deviation)
    guard scale > 0 else { return residual == 0 ? 0 : nil }
    let score = min(max(residual / scale, -1e15), 1e15)
    stretch.take(score)
    return abs(score)
  }

  func write(to writer: inout StateWriter) {
    writer.put(means)
    writer.put(deviations)
    writer.put(counts)
    writer.put(deviation)
    writer.put(count)
    stretch.write(to: &writer)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    let size = ClockResidual.buckets
    means = try reader.doubles(size...size)
    deviations = try reader.doubles(size...size)
    counts = try reader.keys(size...size)
    deviation = try reader.double()
    count = try reader.count()
    stretch = try MovingMean(from: &reader)
  }
}

/// How much a value differs from the one some steps before.
struct Difference: Sendable, Kept {
  let steps: Int
  private var ring: [Double] = []
  private var next = 0

  init(steps: Int) {
    self.steps = max(steps, 1)
  }

  /// The value some steps before, `nil` while there is none.
  var earlier: Double? { ring.count == steps ? ring[next] : nil }

  /// The raw score, `nil` while there is no value to compare with.
  mutating func take(_ value: Double) -> Double? {
    guard let earlier else {
      ring.append(value)
      return nil
    }
    ring[next] = value
    next = next + 1 == steps ? 0 : next + 1
    return abs(value - earlier)
  }

  func write(to writer: inout StateWriter) {
    writer.put(steps)
    writer.put(ring)
    writer.put(next)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    steps = try reader.int(1...10_000)
    ring = try reader.doubles(0...steps)
    next = try reader.int(0...steps)
    guard next == 0 || (ring.count == steps && next < steps) else { throw reader.fault }
  }
}

/// An exponentially weighted mean that starts as the plain mean.
struct MovingMean: Sendable, Kept {
  let length: Double
  private(set) var mean = 0.0
  private(set) var count = 0

  init(length: Double) {
    self.length = max(length, 1)
  }

  mutating func take(_ value: Double) {
    count = min(count + 1, 1 << 40)
    mean += max(1 / Double(count), 1 / length) * (value - mean)
  }

  func write(to writer: inout StateWriter) {
    writer.put(length)
    writer.put(mean)
    writer.put(count)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    length = try reader.double()
    mean = try reader.double()
    count = try reader.count()
    guard length >= 1 else { throw reader.fault }
  }
}

/// How far the short mean has moved from the long one, in its own usual distance.
struct LevelShift: Sendable, Kept {
  private static let clip = 4.0
  private(set) var short: MovingMean
  private(set) var long: MovingMean
  private(set) var distance: MovingMean

  init(short: Double = 50, long: Double = 2000) {
    self.short = MovingMean(length: short)
    self.long = MovingMean(length: long)
    distance = MovingMean(length: long)
  }

  /// The raw score, `nil` before the short mean is one.
  mutating func take(_ value: Double) -> Double? {
    short.take(value)
    long.take(value)
    let shift = abs(short.mean - long.mean)
    let usual = distance.mean
    let isYoung = Double(short.count) < short.length
    distance.take(usual > 0 && !isYoung ? min(shift, LevelShift.clip * usual) : shift)
    guard !isYoung, usual > 0 else { return nil }
    return min(shift / usual, 1e15)
  }

  func write(to writer: inout StateWriter) {
    short.write(to: &writer)
    long.write(to: &writer)
    distance.write(to: &writer)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    short = try MovingMean(from: &reader)
    long = try MovingMean(from: &reader)
    distance = try MovingMean(from: &reader)
  }
}
