internal import Ledger

/// Ages and times of day as text; all times are UTC.
enum Times {
  /// How long ago, in one unit: `12s`, `4m`, `3h`, `5d`; what is ahead is `0s`.
  static func age(of time: Instant, at now: Instant) -> String {
    let seconds = seconds(from: time, to: now)
    switch seconds {
    case ..<60: return "\(seconds)s"
    case ..<3_600: return "\(seconds / 60)m"
    case ..<172_800: return "\(seconds / 3_600)h"
    case ..<86_400_000: return "\(seconds / 86_400)d"
    default: return "old"
    }
  }

  /// When the text of an age will be another one.
  static func nextChange(of time: Instant, at now: Instant) -> Instant {
    let seconds = seconds(from: time, to: now)
    let unit: Int64 = seconds < 60 ? 1 : seconds < 3_600 ? 60 : 3_600
    return now.advanced(bySeconds: unit - seconds % unit)
  }

  /// The beginning of the next minute.
  static func nextMinute(after now: Instant) -> Instant {
    let seconds = now.seconds
    let rest = seconds % 60
    return Instant(seconds: seconds - (rest < 0 ? rest + 60 : rest) + 60)
  }

  /// Hours and minutes: `14:22`.
  static func minute(_ time: Instant) -> String {
    let civil = CivilTime(utc: time)
    return "\(two(civil.hour)):\(two(civil.minute))"
  }

  /// Hours, minutes and seconds: `14:22:07`.
  static func second(_ time: Instant) -> String {
    "\(minute(time)):\(two(CivilTime(utc: time).second))"
  }

  /// The date: `2025-01-05`.
  static func date(_ time: Instant) -> String { String(time.description.prefix(10)) }

  /// Date and minute: `2025-01-05 14:22`.
  static func stamp(_ time: Instant) -> String { "\(date(time)) \(minute(time))" }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func seconds(from time: Instant, to now: Instant) -> Int64 {
    let (gap, overflow) = now.seconds.subtractingReportingOverflow(time.seconds)
    return overflow ? (time < now ? .max : 0) : max(0, gap)
  }
}
