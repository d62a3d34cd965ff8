/// One calibrated size with its episode: the small detector that most others are made of.
struct Gauge: Sendable, Kept {
  /// What a size means.
  struct Reading: Hashable, Sendable {
    let size: Double
    let surprise: Double
    let step: EpisodeStep
    /// The size at which it rings.
    let limit: Double?
    let sampleSize: Int
  }

  private(set) var calibrator: TailCalibrator
  private(set) var hold: EpisodeHold

  init(
    alarm: Double, hold points: Int, window: Int = 1000, shape: TailShape = .pareto
  ) {
    calibrator = TailCalibrator(window: window, shape: shape)
    hold = EpisodeHold(alarm: alarm, hold: points)
  }

  /// The size at which it rings, `nil` while too little is known.
  var limit: Double? { calibrator.raw(atSurprise: hold.alarm) }

  /// Judges a size, then learns it.
  ///
  /// - Parameters:
  ///   - size: The size; what is no number gives `nil`.
  ///   - floor: The smallest size worth a word.
  ///   - certain: The size that always is.
  ///   - learns: Whether it is learned.
  /// - Returns: What it means.
  mutating func take(
    _ size: Double, floor: Double, certain: Double = .infinity, learns: Bool = true
  ) -> Reading? {
    guard size.isFinite, size >= 0 else { return nil }
    let known = calibrator.take(size, learns: learns)
    var counted = size >= floor ? known : min(known, 1)
    if size >= certain { counted = max(counted, hold.alarm + hold.correction) }
    let (step, _) = hold.take(counted)
    let rings = step == .began || step == .grew
    return Reading(
      size: size, surprise: known, step: step, limit: rings ? limit : nil,
      sampleSize: calibrator.window.count)
  }

  mutating func forgive() { hold.forgive() }

  func write(to writer: inout StateWriter) {
    calibrator.write(to: &writer)
    hold.write(to: &writer)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    calibrator = try TailCalibrator(from: &reader)
    hold = try EpisodeHold(from: &reader)
  }
}
