import Amounts
import Ledger

extension TimePattern {
  /// The longest text looked at, in bytes.
  public static let longestText = 100

  /// Reads a text; `nil` where it is not of this pattern or no such day exists.
  public func read(_ text: String) -> ReadTime? {
    guard text.utf8.count <= TimePattern.longestText else { return nil }
    switch form {
    case .unix(let unitsPerSecond): return TimePattern.unix(text, unitsPerSecond)
    case .pieces(let pieces):
      var reader = TimeReader(Array(text.utf8))
      guard reader.match(pieces[...]), reader.isAtEnd else { return nil }
      return reader.time
    }
  }

  /// Seconds or milliseconds since 1970, for the years 1 to 9999.
  private static func unix(_ text: String, _ unitsPerSecond: Int64) -> ReadTime? {
    guard let value = try? Fixed(parsing: text) else { return nil }
    let microseconds = value.units / (Fixed.scale / Int128(1_000_000 / unitsPerSecond))
    guard (-62_135_596_800_000_000...253_402_300_799_999_999).contains(microseconds) else {
      return nil
    }
    return .instant(Instant(microseconds: Int64(microseconds)))
  }
}

/// Walks along a text and gathers the parts of a date and time.
private struct TimeReader {
  private let bytes: [UInt8]
  private var index = 0
  private var year = 1970
  private var month = 1
  private var day = 1
  private var hour = 0
  private var minute = 0
  private var second = 0
  private var microsecond = 0
  private var halfDayHour: Int?
  private var isAfternoon: Bool?
  private var offsetSeconds: Int64?

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { index == bytes.count }

  var time: ReadTime? {
    var hour = hour
    if let half = halfDayHour {
      guard let isAfternoon, (1...12).contains(half) else { return nil }
      hour = half % 12 + (isAfternoon ? 12 : 0)
    }
    guard
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        microsecond: microsecond)
    else { return nil }
    guard let offsetSeconds else { return .civil(civil) }
    return .instant(civil.utc.advanced(bySeconds: -offsetSeconds))
  }

  mutating func match(_ pieces: ArraySlice<TimePattern.Piece>) -> Bool {
    var rest = pieces
    while let piece = rest.popFirst() {
      guard matchOne(piece, before: rest.first) else { return false }
    }
    return true
  }

  private mutating func matchOne(
    _ piece: TimePattern.Piece, before next: TimePattern.Piece?
  ) -> Bool {
    switch piece {
    case .number(let field, let digits): return number(field, digits)
    case .fraction: return fraction()
    case .monthName: return monthName()
    case .weekday: return name(in: TimeReader.weekdays) != nil
    case .period: return period()
    case .zone: return zone()
    case .dateTimeMark:
      if peek(UInt8(ascii: "T")) || peek(UInt8(ascii: "t")) {
        index += 1
        return true
      }
      return spaces(atLeast: 1)
    case .spaces(let least): return spaces(atLeast: least)
    case .anything:
      while index < bytes.count {
        if case .literal(let literal) = next, literal.first == bytes[index] { break }
        index += 1
      }
      return true
    case .literal(let literal):
      guard bytes[index...].starts(with: literal) else { return false }
      index += literal.count
      return true
    case .optional(let inner):
      let before = self
      if !match(inner[...]) { self = before }
      return true
    }
  }

  private func peek(_ byte: UInt8) -> Bool { index < bytes.count && bytes[index] == byte }

  private var digit: Int? {
    guard index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index])
    else { return nil }
    return Int(bytes[index] - UInt8(ascii: "0"))
  }

  private mutating func integer(_ digits: ClosedRange<Int>) -> Int? {
    var value = 0
    var count = 0
    while count < digits.upperBound, let digit {
      value = value * 10 + digit
      count += 1
      index += 1
    }
    return count >= digits.lowerBound ? value : nil
  }

  private mutating func number(_ field: TimePattern.Field, _ digits: ClosedRange<Int>) -> Bool {
    guard let value = integer(digits) else { return false }
    switch field {
    case .year: year = value
    case .yearOfCentury: year = 2000 + value
    case .month: month = value
    case .day: day = value
    case .hour: hour = value
    case .hourOfHalfDay: halfDayHour = value
    case .minute: minute = value
    case .second: second = value
    }
    return true
  }

  private mutating func fraction() -> Bool {
    var unit = 100_000
    guard digit != nil else { return false }
    microsecond = 0
    while let digit {
      microsecond += digit * unit
      unit /= 10
      index += 1
    }
    return true
  }

  /// One or more spaces; a no-break space and a narrow one count too.
  private mutating func spaces(atLeast least: Int) -> Bool {
    var count = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: " ") {
        index += 1
      } else if bytes[index...].starts(with: [0xC2, 0xA0]) {
        index += 2
      } else if bytes[index...].starts(with: [0xE2, 0x80, 0xAF]) {
        index += 3
      } else {
        break
      }
      count += 1
    }
    return count >= least
  }

  /// A run of letters of at least three that begins one of the names; a point may follow.
  private mutating func name(in names: [String]) -> Int? {
    var letters: [UInt8] = []
    while index < bytes.count, letters.count < 10 {
      let lower = bytes[index] | 0x20
      guard (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) else { break }
      letters.append(lower)
      index += 1
    }
    if peek(UInt8(ascii: ".")) { index += 1 }
    guard letters.count >= 3 else { return nil }
    return names.firstIndex {
      $0.utf8.starts(with: letters) || letters == Array("sept".utf8) && $0.hasPrefix("sep")
    }
  }

  private mutating func monthName() -> Bool {
    guard let found = name(in: TimeReader.months) else { return false }
    month = found + 1
    return true
  }

  private mutating func period() -> Bool {
    guard index < bytes.count else { return false }
    switch bytes[index] | 0x20 {
    case UInt8(ascii: "a"): isAfternoon = false
    case UInt8(ascii: "p"): isAfternoon = true
    default: return false
    }
    index += 1
    if peek(UInt8(ascii: ".")) { index += 1 }
    guard index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "m") else { return false }
    index += 1
    if peek(UInt8(ascii: ".")) { index += 1 }
    return true
  }

  /// `Z`, `UTC`, `GMT`, an offset, or an offset after one of the names.
  private mutating func zone() -> Bool {
    var isNamed = false
    for name in TimeReader.zoneNames where bytes[index...].starts(with: name) {
      index += name.count
      isNamed = true
      break
    }
    guard peek(UInt8(ascii: "+")) || peek(UInt8(ascii: "-")) else {
      offsetSeconds = 0
      return isNamed
    }
    let sign: Int64 = peek(UInt8(ascii: "-")) ? -1 : 1
    index += 1
    guard let hours = integer(2...2), hours <= 15 else { return false }
    var minutes = 0
    if peek(UInt8(ascii: ":")) { index += 1 }
    if digit != nil {
      guard let read = integer(2...2), read < 60 else { return false }
      minutes = read
    }
    offsetSeconds = sign * Int64(hours * 3600 + minutes * 60)
    return true
  }

  private static let zoneNames: [[UInt8]] = ["UTC", "GMT", "Z", "utc", "gmt", "z"].map {
    Array($0.utf8)
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  private static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]
}
