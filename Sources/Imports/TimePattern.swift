public import Ledger

/// How an exporter writes a date and a time of day.
///
/// A pattern is made of these letters; every other character stands for itself:
///
/// - `yyyy` `yy`: year of four digits; of two, counted from 2000
/// - `M` `MM`, `MMM`: month as a number; as an English name, cut short or not
/// - `d` `dd`: day
/// - `H` `HH`, `h` `hh` with `a`: hour of 24; of 12 with AM or PM
/// - `m` `mm`, `s` `ss`, `S`: minute, second, digits of a fraction (the seventh and later are cut)
/// - `E`: English name of a weekday, not checked against the date
/// - `X`: zone: `Z`, `UTC`, `GMT`, `+01:00`, `+0100`, `GMT+0100`
/// - `T`: the letter T, or spaces; a space: one or more spaces; `~`: spaces or none
/// - `*`: anything up to the next character of the pattern, or to the end
/// - `[…]`: may be missing; `'…'`: the characters themselves
///
/// Numbers may have fewer digits than letters, except where two numbers touch.
public struct TimePattern: Hashable, Sendable {
  let form: Form

  enum Form: Hashable, Sendable {
    case pieces([Piece])
    /// Since 1970-01-01T00:00:00Z, with this many units in a second.
    case unix(unitsPerSecond: Int64)
  }

  indirect enum Piece: Hashable, Sendable {
    case number(Field, digits: ClosedRange<Int>)
    case fraction, monthName, weekday, period, zone
    case dateTimeMark, spaces(atLeast: Int), anything
    case literal([UInt8])
    case optional([Piece])
  }

  enum Field: Hashable, Sendable {
    case year, yearOfCentury, month, day, hour, hourOfHalfDay, minute, second
  }

  /// Reads a pattern; `nil` where it is none.
  public init?(_ pattern: String) {
    switch pattern {
    case "unix": self = .unixSeconds
    case "unix-milliseconds": self = .unixMilliseconds
    default: self.init(pieces: pattern)
    }
  }

  private init?(pieces pattern: String) {
    var compiler = PatternCompiler(pattern)
    guard let pieces = compiler.pieces(), compiler.isAtEnd else { return nil }
    form = .pieces(pieces)
  }

  init(form: Form) {
    self.form = form
  }

  private init(known pattern: String) {
    guard let made = TimePattern(pattern) else {
      preconditionFailure("A pattern in the program is well formed: \(pattern)")
    }
    self = made
  }

  /// ISO 8601 date and time: `2024-01-05T09:00:00.123Z`, `2024-01-05 09:00:00 UTC`, no zone.
  public static let iso = TimePattern(known: "yyyy-MM-ddTHH:mm[:ss[.S]][~X]")
  /// ISO 8601 date alone, which is midnight.
  public static let isoDate = TimePattern(known: "yyyy-MM-dd")
  /// Seconds since 1970, whole or with a fraction.
  public static let unixSeconds = TimePattern(form: .unix(unitsPerSecond: 1))
  /// Milliseconds since 1970.
  public static let unixMilliseconds = TimePattern(form: .unix(unitsPerSecond: 1000))
  /// `dd/MM/yyyy HH:mm:ss`, with `/`; `ordered` makes it month first.
  public static let slashes = TimePattern(known: "dd/MM/yyyyTHH:mm[:ss[.S]][~X]")
  /// `dd.MM.yyyy HH:mm:ss`, with points.
  public static let dots = TimePattern(known: "dd.MM.yyyyTHH:mm[:ss[.S]][~X]")

  /// A pattern written in the program.
  public static func pattern(_ text: StaticString) -> TimePattern {
    TimePattern(known: "\(text)")
  }

  /// The pattern with day and month in this order, whichever it was written in.
  public func ordered(_ order: ImportSettings.DateOrder) -> TimePattern {
    guard case .pieces(let pieces) = form else { return self }
    let days = pieces.firstIndex { TimePattern.isField($0, .day) }
    let months = pieces.firstIndex { TimePattern.isField($0, .month) }
    guard let days, let months, (days < months) != (order == .dayFirst) else { return self }
    var swapped = pieces
    swapped.swapAt(days, months)
    return TimePattern(form: .pieces(swapped))
  }

  private static func isField(_ piece: Piece, _ field: Field) -> Bool {
    if case .number(field, _) = piece { true } else { false }
  }
}

/// What a text says about a time.
public enum ReadTime: Hashable, Sendable {
  /// A point in time: the text names its zone, or counts from an epoch.
  case instant(Instant)
  /// What a clock showed, in a zone that the text does not name.
  case civil(CivilTime)
}

/// Turns the letters of a pattern into pieces.
private struct PatternCompiler {
  private let letters: [UInt8]
  private var index = 0

  init(_ pattern: String) {
    letters = Array(pattern.utf8)
  }

  var isAtEnd: Bool { index == letters.count }

  mutating func pieces() -> [TimePattern.Piece]? {
    var pieces: [TimePattern.Piece] = []
    while index < letters.count, letters[index] != UInt8(ascii: "]") {
      guard let piece = next() else { return nil }
      append(piece, to: &pieces)
    }
    return pieces.isEmpty ? nil : pieces
  }

  /// Two numbers that touch have all their digits.
  private func append(_ piece: TimePattern.Piece, to pieces: inout [TimePattern.Piece]) {
    if case .number(let field, let digits) = piece, case .number(let before, let some) = pieces.last
    {
      pieces[pieces.count - 1] = .number(before, digits: some.upperBound...some.upperBound)
      pieces.append(.number(field, digits: digits.upperBound...digits.upperBound))
    } else {
      pieces.append(piece)
    }
  }

  private mutating func next() -> TimePattern.Piece? {
    let letter = letters[index]
    var count = 0
    while index < letters.count, letters[index] == letter, count < 4 {
      index += 1
      count += 1
    }
    switch (letter, count) {
    case (UInt8(ascii: "y"), 4): return .number(.year, digits: 4...4)
    case (UInt8(ascii: "y"), 2): return .number(.yearOfCentury, digits: 2...2)
    case (UInt8(ascii: "M"), 1...2): return .number(.month, digits: 1...2)
    case (UInt8(ascii: "M"), 3): return .monthName
    case (UInt8(ascii: "d"), 1...2): return .number(.day, digits: 1...2)
    case (UInt8(ascii: "H"), 1...2): return .number(.hour, digits: 1...2)
    case (UInt8(ascii: "h"), 1...2): return .number(.hourOfHalfDay, digits: 1...2)
    case (UInt8(ascii: "m"), 1...2): return .number(.minute, digits: 1...2)
    case (UInt8(ascii: "s"), 1...2): return .number(.second, digits: 1...2)
    case (UInt8(ascii: "S"), _): return .fraction
    case (UInt8(ascii: "a"), 1): return .period
    case (UInt8(ascii: "E"), _): return .weekday
    case (UInt8(ascii: "X"), 1): return .zone
    case (UInt8(ascii: "T"), 1): return .dateTimeMark
    case (UInt8(ascii: " "), _): return .spaces(atLeast: 1)
    case (UInt8(ascii: "~"), _): return .spaces(atLeast: 0)
    case (UInt8(ascii: "*"), 1): return .anything
    default:
      index -= count
      return other(letter)
    }
  }

  private mutating func other(_ letter: UInt8) -> TimePattern.Piece? {
    index += 1
    switch letter {
    case UInt8(ascii: "["):
      guard let inner = pieces(), index < letters.count else { return nil }
      index += 1
      return .optional(inner)
    case UInt8(ascii: "'"): return quoted()
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return nil
    default: return .literal([letter])
    }
  }

  /// Characters between apostrophes, at least one.
  private mutating func quoted() -> TimePattern.Piece? {
    guard let end = letters[index...].firstIndex(of: UInt8(ascii: "'")), end > index else {
      return nil
    }
    defer { index = end + 1 }
    return .literal(Array(letters[index..<end]))
  }
}
