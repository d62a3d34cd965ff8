internal import Statistics

/// When a pegged asset is off its peg.
public struct PegSettings: Hashable, Sendable {
  /// How far a price may be from the peg for a while, in parts of it.
  public var band: Double
  /// For how many points in a row beyond the band it is an alarm by rule.
  public var persistence: Int
  /// How far is an alarm at once.
  public var breach: Double

  /// The one setting for all pegs.
  public init(band: Double = 0.005, persistence: Int = 4, breach: Double = 0.02) {
    self.band = max(band, 0.0001)
    self.persistence = max(persistence, 1)
    self.breach = max(breach, self.band)
  }
}

/// A pegged asset's price against its peg: statistics of the distance, and a rule beside them.
///
/// Pools wobble: half a percent for one bar is nothing. It is an alarm when the distance is unusual
/// for this market and beyond the band, when it stays beyond the band to one side, or at once beyond
/// `breach`. The episode stays open while the peg is broken and for a day after, and grows with every
/// doubling of the distance.
public struct PegWatch: Sendable {
  /// What a price shows.
  public struct Reading: Hashable, Sendable {
    /// Price over peg, less one.
    public let distance: Double
    /// What that means for the episode.
    public let step: EpisodeStep
    /// -log₁₀ of how often the distance is so great.
    public let surprise: Double
    /// The distance at which it would be an alarm by statistics.
    public let limit: Double?
    /// How many points the statistics rest on.
    public let sampleSize: Int
    /// Whether the rule rang, not the statistics.
    public let isByRule: Bool
  }

  private static let alarm = 3.0
  private static let calmSeconds: Int64 = 86_400

  /// When it rings.
  public let settings: PegSettings
  private var calibrator = TailCalibrator(window: 2000)
  private var mean = MovingMean(length: 100)
  private var beyond = 0
  private var isOpen = false
  private var told = 0.0
  private var calmSince: Int64?
  private var last: Int64?

  /// Makes a watch that has seen nothing.
  public init(_ settings: PegSettings = PegSettings()) {
    self.settings = settings
  }

  /// Judges a price against the peg.
  ///
  /// - Parameters:
  ///   - price: Price over peg: 1 is on it.
  ///   - seconds: When, since the epoch; not later than the last gives `nil`.
  ///   - learns: Whether it is learned.
  /// - Returns: What it shows; `nil` for what is no price.
  public mutating func take(_ price: Double, at seconds: Int64, learns: Bool = true) -> Reading? {
    guard price > 0, price.isFinite, last.map({ seconds > $0 }) ?? true else { return nil }
    last = seconds
    let distance = price - 1
    let size = abs(distance)
    // Learned is the distance, and nothing while the peg is broken: that must not become usual.
    let surprise = calibrator.take(size, learns: learns && !isOpen)
    if learns { mean.take(distance) }
    let isBeyond = size > settings.band
    count(distance, isBeyond)
    // One price beyond the band is a blip unless it is very rare; two in a row are not.
    let isUnusual =
      isBeyond && surprise >= (abs(beyond) >= 2 ? PegWatch.alarm : PegWatch.alarm + 1)
    let isRule = abs(beyond) >= settings.persistence || size >= settings.breach
    let step = episode(size, isUnusual || isRule, isBeyond, seconds)
    let limit = step == .quiet || step == .held ? nil : calibrator.raw(atSurprise: PegWatch.alarm)
    return Reading(
      distance: distance, step: step, surprise: surprise, limit: limit,
      sampleSize: calibrator.window.count, isByRule: isRule && !isUnusual)
  }

  /// Counts points in a row beyond the band to one side, below zero those under the peg.
  private mutating func count(_ distance: Double, _ isBeyond: Bool) {
    let side = distance < 0 ? -1 : 1
    guard isBeyond else {
      beyond = 0
      return
    }
    beyond = beyond.signum() == side ? min(max(beyond + side, -1_000_000), 1_000_000) : side
  }

  private mutating func episode(
    _ size: Double, _ isAlarm: Bool, _ isBeyond: Bool, _ seconds: Int64
  ) -> EpisodeStep {
    guard isOpen else {
      guard isAlarm else { return .quiet }
      isOpen = true
      told = size
      calmSince = nil
      return .began
    }
    if isBeyond {
      calmSince = nil
    } else {
      let since = calmSince ?? seconds
      calmSince = since
      if seconds - since >= PegWatch.calmSeconds {
        isOpen = false
        beyond = 0
        return .quiet
      }
    }
    guard size >= 2 * told else { return .held }
    told = size
    return .grew
  }
}

extension PegWatch: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(settings.band)
    writer.put(settings.persistence)
    writer.put(settings.breach)
    calibrator.write(to: &writer)
    mean.write(to: &writer)
    writer.put(beyond)
    writer.put(isOpen)
    writer.put(told)
    writer.put(calmSince.map { Int($0) })
    writer.put(last.map { Int($0) })
  }

  init(from reader: inout StateReader) throws(StateFault) {
    let band = try reader.double()
    let persistence = try reader.int(1...10_000)
    settings = PegSettings(band: band, persistence: persistence, breach: try reader.double())
    calibrator = try TailCalibrator(from: &reader)
    mean = try MovingMean(from: &reader)
    beyond = try reader.int(-(1 << 40)...(1 << 40))
    isOpen = try reader.bool()
    told = try reader.double()
    calmSince = try reader.optionalInt(Int.min...Int.max).map { Int64($0) }
    last = try reader.optionalInt(Int.min...Int.max).map { Int64($0) }
  }
}
