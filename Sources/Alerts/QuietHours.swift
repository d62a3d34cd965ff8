public import Ledger

/// A clock on a wall somewhere: how far it is ahead of UTC, given from outside.
public struct LocalClock: Sendable {
  /// Seconds east of Greenwich at a time.
  public let offset: @Sendable (Instant) -> Int64

  /// Makes a clock.
  public init(offset: @escaping @Sendable (Instant) -> Int64) { self.offset = offset }

  /// The clock of UTC.
  public static let utc = LocalClock { _ in 0 }
}

/// When only the worst is told, by a clock on the wall.
public struct QuietHours: Hashable, Sendable {
  /// The minute of the day at which they begin.
  public var from: Int
  /// The minute of the day at which they end; before `from` it is the next day's.
  public var to: Int
  /// The zone of the clock, a name of the IANA database.
  public var zone: String
  /// What is told all the same.
  public var through: Severity

  /// Makes quiet hours.
  public init(from: Int, to: Int, zone: String = "UTC", through: Severity = .critical) {
    self.from = from
    self.to = to
    self.zone = zone
    self.through = through
  }

  /// When the quiet hours that hold now come to their end; `nil` where none hold.
  public func end(at now: Instant, _ clock: LocalClock) -> Instant? {
    guard from != to else { return nil }
    let local = now.seconds &+ clock.offset(now)
    let minute = Int(((local % 86_400) + 86_400) % 86_400) / 60
    let isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to
    guard isQuiet else { return nil }
    // The minutes left are those of the wall's clock; where it jumps meanwhile, the next look at
    // the time finds that it is still quiet, or that it ended a little late.
    let left = (to - minute + 1_440) % 1_440
    let second = ((local % 60) + 60) % 60
    return now.advanced(bySeconds: Int64(left) * 60 - second)
  }
}
