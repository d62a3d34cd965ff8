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
    var reader = ISOReader(text)
    return reader.read()
  }
}

/// Reads ISO 8601 from its bytes: prices stream with a time in each message, and a regular
/// expression took a tenth of the engine's time.
private struct ISOReader {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = Substring(text).utf8 }

  /// The whole text as a time; `nil` where it is anything else.
  mutating func read() -> Instant? {
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2)
    else { return nil }
    guard let time = readTime(), let offset = readZone(), rest.isEmpty else { return nil }
    let civil = CivilTime(
      year: year, month: month, day: day, hour: time.hour, minute: time.minute,
      second: time.second, microsecond: time.microsecond)
    return civil?.utc.advanced(bySeconds: -offset)
  }

  private typealias Time = (hour: Int, minute: Int, second: Int, microsecond: Int)

  /// The time of day; midnight where there is none.
  private mutating func readTime() -> Time? {
    if !take("T") {
      guard rest.first == UInt8(ascii: " "), let next = rest.dropFirst().first,
        ISOReader.isDigit(next)
      else { return (0, 0, 0, 0) }
      rest.removeFirst()
    }
    guard let hour = number(2), take(":"), let minute = number(2) else { return nil }
    guard take(":") else { return (hour, minute, 0, 0) }
    guard let second = number(2) else { return nil }
    guard take(".") || take(",") else { return (hour, minute, second, 0) }
    guard let microsecond = readFraction() else { return nil }
    return (hour, minute, second, microsecond)
  }

  /// Microseconds of one to nine digits; what is finer is cut off.
  private mutating func readFraction() -> Int? {
    let digits = rest.prefix { ISOReader.isDigit($0) }
    guard (1...9).contains(digits.count) else { return nil }
    rest = rest.dropFirst(digits.count)
    var value = 0
    for place in 0..<6 {
      let digit = digits.dropFirst(place).first.map { Int($0 - UInt8(ascii: "0")) } ?? 0
      value = value * 10 + digit
    }
    return value
  }

  /// Seconds east of UTC; none where no zone is named.
  private mutating func readZone() -> Int64? {
    _ = take(" ")
    if rest.isEmpty || take("Z") || take("z") { return 0 }
    if rest.elementsEqual("UTC".utf8) {
      rest = rest.dropFirst(3)
      return 0
    }
    let isEast = take("+")
    guard isEast || take("-"), let hours = number(2) else { return nil }
    _ = take(":")
    guard let minutes = number(2) else { return nil }
    let seconds = Int64(hours * 3_600 + minutes * 60)
    return isEast ? seconds : -seconds
  }

  private mutating func number(_ count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let byte = rest.first, ISOReader.isDigit(byte) else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      rest.removeFirst()
    }
    return value
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
