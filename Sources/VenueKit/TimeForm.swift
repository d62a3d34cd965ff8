import Amounts
public import Ledger

/// How a venue writes a time.
public enum TimeForm: Hashable, Sendable {
  /// Seconds since 1970, with or without a fraction.
  case seconds
  /// Milliseconds since 1970.
  case milliseconds
  /// Microseconds since 1970.
  case microseconds
  /// Nanoseconds since 1970.
  case nanoseconds
  /// ISO 8601; written with milliseconds and `Z`: `2025-01-01T00:00:00.123Z`. A text without a
  /// zone is read as UTC; a space may stand for the `T`.
  case iso
  /// ISO 8601 in whole seconds with `Z`: `2025-01-01T00:00:00Z`.
  case isoSeconds
  /// ISO 8601 in whole seconds without a zone, UTC meant: `2025-01-01T00:00:00`.
  case isoBare

  /// Writes a time; parts finer than the form are cut off.
  public func write(_ instant: Instant) -> String {
    let micros = instant.microseconds
    switch self {
    case .seconds: return String(instant.seconds)
    case .milliseconds: return String(TimeForm.floor(micros, 1_000))
    case .microseconds: return String(micros)
    case .nanoseconds: return String(Int128(micros) * 1_000)
    case .iso, .isoSeconds, .isoBare:
      let civil = CivilTime(utc: instant)
      let date =
        "\(TimeForm.pad(civil.year, 4))-\(TimeForm.pad(civil.month))-"
        + TimeForm.pad(civil.day)
      let time =
        "\(TimeForm.pad(civil.hour)):\(TimeForm.pad(civil.minute)):"
        + TimeForm.pad(civil.second)
      switch self {
      case .iso: return "\(date)T\(time).\(TimeForm.pad(civil.microsecond / 1_000, 3))Z"
      case .isoSeconds: return "\(date)T\(time)Z"
      default: return "\(date)T\(time)"
      }
    }
  }

  /// Reads a time; `nil` for anything else.
  public func read(_ text: String) -> Instant? {
    switch self {
    case .seconds: TimeForm.scaled(text, to: 1_000_000)
    case .milliseconds: TimeForm.scaled(text, to: 1_000)
    case .microseconds: TimeForm.scaled(text, to: 1)
    case .nanoseconds:
      Int128(text).flatMap { Int64(exactly: $0 / 1_000) }.map { Instant(microseconds: $0) }
    case .iso, .isoSeconds, .isoBare: TimeForm.iso(text)
    }
  }

  private static func scaled(_ text: String, to factor: Int128) -> Instant? {
    guard let value = try? Fixed(parsing: text) else { return nil }
    let (product, overflow) = value.units.multipliedReportingOverflow(by: factor)
    guard !overflow, let micros = Int64(exactly: product / Fixed.scale) else { return nil }
    return Instant(microseconds: micros)
  }

  private static func floor(_ value: Int64, _ step: Int64) -> Int64 {
    value / step - (value % step < 0 ? 1 : 0)
  }

  private static func pad(_ value: Int, _ width: Int = 2) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  private static func iso(_ text: String) -> Instant? {
    let match = text.wholeMatch(
      of:
        #/(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|z|UTC|[+-]\d\d:?\d\d)?/#
    )
    guard let match, let year = Int(match.1), let month = Int(match.2), let day = Int(match.3)
    else { return nil }
    let fraction = match.7.map { String(($0 + "000000").prefix(6)) }
    guard
      let civil = CivilTime(
        year: year, month: month, day: day, hour: match.4.flatMap { Int($0) } ?? 0,
        minute: match.5.flatMap { Int($0) } ?? 0, second: match.6.flatMap { Int($0) } ?? 0,
        microsecond: fraction.flatMap { Int($0) } ?? 0)
    else { return nil }
    let instant = civil.utc
    guard let zone = match.8, zone.first == "+" || zone.first == "-" else { return instant }
    let digits = zone.dropFirst().filter { $0 != ":" }
    guard let value = Int(digits) else { return nil }
    let seconds = Int64(value / 100 * 3600 + value % 100 * 60)
    return instant.advanced(bySeconds: zone.first == "+" ? -seconds : seconds)
  }
}
