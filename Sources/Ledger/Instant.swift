/// A point in time, in microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since the epoch.
  public let microseconds: Int64

  /// Makes an instant from microseconds since the epoch.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Makes an instant from whole seconds since the epoch; beyond ±290 000 years it stops at the end.
  public init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    microseconds = overflow ? (seconds < 0 ? .min : .max) : product
  }

  /// Whole seconds since the epoch, towards the past.
  public var seconds: Int64 {
    microseconds / 1_000_000 - (microseconds % 1_000_000 < 0 ? 1 : 0)
  }

  /// Orders by time.
  public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }

  /// The instant some seconds later.
  public func advanced(bySeconds seconds: Int64) -> Instant {
    let (shift, tooFar) = seconds.multipliedReportingOverflow(by: 1_000_000)
    let (sum, overflow) = microseconds.addingReportingOverflow(shift)
    return tooFar || overflow
      ? Instant(microseconds: seconds < 0 ? .min : .max) : Instant(microseconds: sum)
  }
}

/// A date and time of day on the Gregorian calendar, without a zone.
public struct CivilTime: Hashable, Sendable {
  /// Year, 1 to 9999.
  public let year: Int
  /// Month, 1 to 12.
  public let month: Int
  /// Day of the month, from 1.
  public let day: Int
  /// Hour, 0 to 23.
  public let hour: Int
  /// Minute, 0 to 59.
  public let minute: Int
  /// Second, 0 to 59.
  public let second: Int
  /// Microsecond, 0 to 999 999.
  public let microsecond: Int

  /// Makes a date and time; `nil` where a part is out of its range or the day is not in the month.
  public init?(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CivilTime.days(inMonth: month, of: year), (0...23).contains(hour),
      (0...59).contains(minute), (0...59).contains(second), (0...999_999).contains(microsecond)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  /// The date and time of an instant in UTC; an instant outside the years 1 to 9999 is drawn in.
  public init(utc instant: Instant) {
    let seconds = min(max(instant.seconds, -62_135_596_800), 253_402_300_799)
    let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
    let rest = Int(seconds - days * 86400)
    (year, month, day) = CivilTime.date(ofDay: days)
    hour = rest / 3600
    minute = rest % 3600 / 60
    second = rest % 60
    let micro = instant.microseconds % 1_000_000
    microsecond = Int(micro < 0 ? micro + 1_000_000 : micro)
  }

  /// The instant at which a clock on UTC shows this.
  public var utc: Instant {
    let seconds =
      CivilTime.dayNumber(year: year, month: month, day: day) * 86400
      + Int64(hour * 3600 + minute * 60 + second)
    return Instant(microseconds: seconds * 1_000_000 + Int64(microsecond))
  }

  /// Days since 1970-01-01.
  ///
  /// Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, `days_from_civil`,
  /// https://howardhinnant.github.io/date_algorithms.html
  static func dayNumber(year: Int, month: Int, day: Int) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }

  /// The date of a day counted from 1970-01-01 (`civil_from_days` of the same source).
  static func date(ofDay day: Int64) -> (Int, Int, Int) {
    let z = Int(day) + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }
}

extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC, with as many fractional digits as there are: `2024-01-05T09:00:00Z`.
  public var description: String {
    let civil = CivilTime(utc: self)
    var text = "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))"
    text += "T\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2))"
    if civil.microsecond != 0 {
      var fraction = padded(civil.microsecond, 6)
      while fraction.hasSuffix("0") { fraction.removeLast() }
      text += "." + fraction
    }
    return text + "Z"
  }
}

/// A number with leading zeros.
private func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Instant {
  /// Reads RFC 3339: `2024-01-05T09:00:00Z`, `2024-01-05 09:00:00.5+01:00`, `2024-01-05`.
  ///
  /// A time needs its zone; a bare date is midnight UTC. `nil` for any other text.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    func number(_ start: Int, _ count: Int) -> Int? {
      guard start + count <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[start..<(start + count)] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return value
    }
    func isMark(_ index: Int, _ marks: String) -> Bool {
      index < bytes.count && marks.utf8.contains(bytes[index])
    }
    guard let year = number(0, 4), isMark(4, "-"), let month = number(5, 2), isMark(7, "-"),
      let day = number(8, 2)
    else { return nil }
    if bytes.count == 10 {
      guard let civil = CivilTime(year: year, month: month, day: day) else { return nil }
      self = civil.utc
      return
    }
    guard isMark(10, "Tt "), let hour = number(11, 2), isMark(13, ":"),
      let minute = number(14, 2), isMark(16, ":"), let second = number(17, 2)
    else { return nil }
    var index = 19
    var microsecond = 0
    if isMark(index, ".") {
      let digits = bytes[(index + 1)...].prefix { (48...57).contains($0) }
      guard !digits.isEmpty, digits.count <= 9 else { return nil }
      let six = digits.prefix(6) + Array(repeating: 48, count: max(0, 6 - digits.count))
      microsecond = six.reduce(0) { $0 * 10 + Int($1) - 48 }
      index += 1 + digits.count
    }
    var shift = 0
    if isMark(index, "+-") {
      guard let hours = number(index + 1, 2), isMark(index + 3, ":"),
        let minutes = number(index + 4, 2), hours < 24, minutes < 60, bytes.count == index + 6
      else { return nil }
      shift = (hours * 60 + minutes) * (isMark(index, "-") ? 60 : -60)
    } else {
      guard isMark(index, "Zz"), bytes.count == index + 1 else { return nil }
    }
    guard
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        microsecond: microsecond)
    else { return nil }
    self = civil.utc.advanced(bySeconds: Int64(shift))
  }
}
