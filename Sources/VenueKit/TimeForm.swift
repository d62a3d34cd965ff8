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
}

// MARK: - Reading ISO 8601

// Byte by byte: a history of a hundred thousand rows has as many times, and a pattern that is
// matched takes longer than all the rest of a row.
extension TimeForm {
  /// `2025-01-01`, then perhaps `T00:00`, `:00` and `.123456789`, then perhaps a zone.
  fileprivate static func iso(_ text: String) -> Instant? {
    var rest = Array(text.utf8)[...]
    guard let year = number(4, from: &rest), take("-", from: &rest),
      let month = number(2, from: &rest), take("-", from: &rest),
      let day = number(2, from: &rest)
    else { return nil }
    let time = clock(from: &rest)
    _ = take(" ", from: &rest)
    guard let zone = zone(rest),
      let civil = CivilTime(
        year: year, month: month, day: day, hour: time.hour, minute: time.minute,
        second: time.second, microsecond: time.microsecond)
    else { return nil }
    return civil.utc.advanced(bySeconds: -zone)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// Takes exactly so many digits; nothing where there are fewer.
  private static func number(_ digits: Int, from rest: inout ArraySlice<UInt8>) -> Int? {
    let found = rest.prefix(digits)
    guard found.count == digits, found.allSatisfy(isDigit) else { return nil }
    rest = rest.dropFirst(digits)
    return found.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// Takes one of some characters.
  private static func take(_ wanted: String, from rest: inout ArraySlice<UInt8>) -> Bool {
    guard let first = rest.first, wanted.utf8.contains(first) else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Takes a time of day; midnight where there is none.
  private static func clock(
    from rest: inout ArraySlice<UInt8>
  ) -> (hour: Int, minute: Int, second: Int, microsecond: Int) {
    var trial = rest
    guard take("T ", from: &trial), let hour = number(2, from: &trial), take(":", from: &trial),
      let minute = number(2, from: &trial)
    else { return (0, 0, 0, 0) }
    rest = trial
    guard take(":", from: &trial), let second = number(2, from: &trial) else {
      return (hour, minute, 0, 0)
    }
    rest = trial
    let fraction = take(".,", from: &trial) ? trial.prefix { isDigit($0) } : []
    guard !fraction.isEmpty, fraction.count <= 9 else { return (hour, minute, second, 0) }
    rest = trial.dropFirst(fraction.count)
    var microsecond = 0
    for place in 0..<6 {
      let digit = place < fraction.count ? fraction[fraction.startIndex + place] - 0x30 : 0
      microsecond = microsecond * 10 + Int(digit)
    }
    return (hour, minute, second, microsecond)
  }

  /// Seconds east of Greenwich that the rest of a text says; `nil` for anything else.
  private static func zone(_ rest: ArraySlice<UInt8>) -> Int64? {
    if rest.isEmpty || rest.elementsEqual("UTC".utf8) { return 0 }
    var rest = rest
    if take("Zz", from: &rest) { return rest.isEmpty ? 0 : nil }
    let isWest = rest.first == 0x2D
    guard take("+-", from: &rest), let hours = number(2, from: &rest) else { return nil }
    _ = take(":", from: &rest)
    guard let minutes = number(2, from: &rest), rest.isEmpty else { return nil }
    let seconds = Int64(hours * 3_600 + minutes * 60)
    return isWest ? -seconds : seconds
  }
}
