/// What was traded of one pair in a slice of time, as a pump shows in it.
public struct TradeSlice: Hashable, Sendable {
  /// When the slice ends, in seconds since the epoch.
  public let seconds: Int64
  /// The number of trades.
  public let trades: Double
  /// What takers bought, in the quote currency.
  public let bought: Double
  /// The highest price.
  public let high: Double
  /// The lowest price.
  public let low: Double
  /// The last price.
  public let close: Double

  /// Makes a slice.
  public init(
    seconds: Int64, trades: Double, bought: Double, high: Double, low: Double, close: Double
  ) {
    self.seconds = seconds
    self.trades = trades
    self.bought = bought
    self.high = high
    self.low = low
    self.close = close
  }
}

/// Finds the start of a pump: many trades, much bought and a rise, all at once.
///
/// Each of the three is calibrated on the pair's own past with a heavy tail, and their mean counts:
/// here agreement tells more than any one alone. An alarm is held for half an hour. Slices of 25 s
/// serve best; slices without a trade are left out.
///
/// - Source: the setting follows measurements on the pumps of M. La Morgia, A. Mei, F. Sassi,
///   J. Stefa, Pump and Dumps in the Bitcoin Era, ICCCN 2020, whose slices and labels it is tried on.
public struct PumpWatch: Sendable {
  /// What the three parts say of a slice.
  public struct Reading: Hashable, Sendable {
    /// -log₁₀ of how often so many trades come.
    public let trades: Double
    /// -log₁₀ of how often so much is bought.
    public let bought: Double
    /// -log₁₀ of how often it rises so far.
    public let rise: Double
    /// The mean of the three, zero while an alarm is held unless it is exceeded.
    public let score: Double
    /// What that means for the episode.
    public let step: EpisodeStep
    /// How far the price is above its mean, in parts of it.
    public let risen: Double
  }

  /// The mean of the three from which on it is an alarm.
  public static let alarm = 6.0
  private static let held: Int64 = 1800
  private static let whisper = 3.0

  private var trades: TailCalibrator
  private var bought: TailCalibrator
  private var rise: TailCalibrator
  private var mean: MovingMean
  private var heldScore = 0.0
  private var heldFrom: Int64?

  /// Makes a watch that has seen nothing.
  ///
  /// - Parameter window: How many slices the calibration keeps.
  public init(window: Int = 5000) {
    trades = TailCalibrator(window: window, shape: .pareto)
    bought = TailCalibrator(window: window, shape: .pareto)
    rise = TailCalibrator(window: window, shape: .pareto)
    mean = MovingMean(length: 50)
  }

  /// Judges a slice, then learns it; `nil` for a slice of no numbers.
  public mutating func take(_ slice: TradeSlice) -> Reading? {
    guard slice.high > 0, slice.high.isFinite, slice.close > 0, slice.close.isFinite,
      slice.trades.isFinite, slice.bought.isFinite
    else { return nil }
    let base = mean.count > 0 ? mean.mean : slice.close
    let risen = slice.high / base - 1
    let parts = [
      trades.take(max(slice.trades, 0)),
      bought.take(max(slice.bought, 0)),
      rise.take(max(risen, 0)),
    ]
    mean.take(slice.close)
    let all = parts.reduce(0, +) / 3
    let (step, score) = episode(all, slice.seconds)
    return Reading(
      trades: parts[0], bought: parts[1], rise: parts[2], score: score, step: step, risen: risen)
  }

  /// While something is held only more than it counts.
  private mutating func episode(_ score: Double, _ seconds: Int64) -> (EpisodeStep, Double) {
    let isHeld = heldFrom.map { seconds - $0 < PumpWatch.held } ?? false
    if isHeld, score <= heldScore { return (.held, 0) }
    guard score >= PumpWatch.whisper else { return (.quiet, score) }
    let wasAlarm = isHeld && heldScore >= PumpWatch.alarm
    heldFrom = seconds
    heldScore = score
    guard score >= PumpWatch.alarm else { return (.quiet, score) }
    return (wasAlarm ? .grew : .began, score)
  }
}

extension PumpWatch: Kept {
  func write(to writer: inout StateWriter) {
    trades.write(to: &writer)
    bought.write(to: &writer)
    rise.write(to: &writer)
    mean.write(to: &writer)
    writer.put(heldScore)
    writer.put(heldFrom.map { Int($0) })
  }

  init(from reader: inout StateReader) throws(StateFault) {
    trades = try TailCalibrator(from: &reader)
    bought = try TailCalibrator(from: &reader)
    rise = try TailCalibrator(from: &reader)
    mean = try MovingMean(from: &reader)
    heldScore = try reader.double()
    heldFrom = try reader.optionalInt(Int.min...Int.max).map { Int64($0) }
  }
}
