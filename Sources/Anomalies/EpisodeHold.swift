internal import Statistics

/// What a score means for the episode of its stream.
public enum EpisodeStep: Int, Hashable, Sendable {
  /// Nothing unusual.
  case quiet
  /// An episode begins: an alarm.
  case began
  /// The episode that is open grows worse; no second alarm.
  case grew
  /// The episode that is open goes on.
  case held
}

/// Joins unusual scores to episodes: one alarm each, and fewer the more there were.
///
/// While an episode is held only a higher score than its highest says anything, as an update of it.
/// An alarm after n others in a stream needs to be n + 1 times as rare: a stream whose alarms come
/// more often than promised shows that its scores are not what the calibration supposes, so the
/// realised rate corrects the nominal one. Alarms are forgotten over ten thousand points.
struct EpisodeHold: Sendable, Kept {
  /// -log₁₀ of the probability at which an alarm is raised.
  let alarm: Double
  /// How many points an episode is held after its last rise.
  let hold: Int
  /// Over how many points an alarm is forgotten.
  let memory: Double
  /// How much worse a held episode must get to say so.
  static let leastRise = 0.5

  private var point = 0
  private var last: Int?
  private var lastAlarm = 0
  private(set) var highest = 0.0
  private var earlier = 0.0

  init(alarm: Double = 3, hold: Int = 100, memory: Double = 10_000) {
    self.alarm = alarm
    self.hold = hold
    self.memory = memory
  }

  /// Whether an episode is open.
  var isOpen: Bool { last.map { point - $0 <= hold } ?? false }

  /// How many alarms there were, the older the less they count.
  var weight: Double {
    earlier > 0 ? earlier * Elementary.exp(-Double(point - lastAlarm) / memory) : 0
  }

  /// What the number of earlier alarms takes from a score.
  var correction: Double { Elementary.log1p(weight) / 2.302585092994046 }

  /// Judges the next point's score.
  ///
  /// - Returns: What it means, and the score after the correction.
  mutating func take(_ surprise: Double) -> (step: EpisodeStep, score: Double) {
    point += 1
    let score = surprise > 0 ? surprise - correction : surprise
    if isOpen {
      guard score >= highest + EpisodeHold.leastRise, score >= alarm else { return (.held, score) }
      highest = score
      return (.grew, score)
    }
    guard score >= alarm else { return (.quiet, score) }
    earlier = weight + 1
    lastAlarm = point
    last = point
    highest = score
    return (.began, score)
  }

  /// Judges the next point's score where the caller knows by itself what makes an episode worse.
  mutating func take(_ surprise: Double, growing isGrowing: Bool) -> (
    step: EpisodeStep, score: Double
  ) {
    guard isOpen else { return take(surprise) }
    point += 1
    let score = surprise > 0 ? surprise - correction : surprise
    guard isGrowing else { return (.held, score) }
    last = point
    highest = max(highest, score)
    return (.grew, score)
  }

  /// Ends the episode that is open.
  mutating func close() { last = nil }

  /// Takes an alarm back: it was none, or not worth saying.
  mutating func forgive() { earlier = max(0, earlier - 1) }

  func write(to writer: inout StateWriter) {
    writer.put(alarm)
    writer.put(hold)
    writer.put(memory)
    writer.put(point)
    writer.put(last)
    writer.put(lastAlarm)
    writer.put(highest)
    writer.put(earlier)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    alarm = try reader.double()
    hold = try reader.count()
    memory = try reader.double()
    point = try reader.count()
    last = try reader.optionalInt(0...point)
    lastAlarm = try reader.int(0...point)
    highest = try reader.double()
    earlier = try reader.double()
    guard memory >= 1, earlier >= 0 else { throw reader.fault }
  }
}
