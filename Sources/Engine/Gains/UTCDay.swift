import Ledger

/// A day of UTC, counted from 1970-01-01.
struct UTCDay: Hashable, Comparable, Sendable, CustomStringConvertible {
  let number: Int

  init(number: Int) { self.number = number }

  /// The day in which an instant lies.
  init(_ time: Instant) {
    let seconds = time.seconds
    number = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
  }

  /// When it begins.
  var start: Instant { Instant(seconds: Int64(number) * 86_400) }
  /// The day so many days later.
  func advanced(by days: Int) -> UTCDay { UTCDay(number: number + days) }

  static func < (a: UTCDay, b: UTCDay) -> Bool { a.number < b.number }
  /// ISO 8601: `2024-02-29`.
  var description: String { String(start.description.prefix(10)) }
}
