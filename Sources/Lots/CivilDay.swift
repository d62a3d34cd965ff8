public import Ledger

/// A day of the Gregorian calendar.
public struct CivilDay: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The year.
  public let year: Int
  /// Month, 1 to 12.
  public let month: Int
  /// Day of the month, from 1.
  public let day: Int

  /// Makes a day from parts that are known to be one.
  public init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Orders by time.
  public static func < (a: CivilDay, b: CivilDay) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }

  /// The same day a year later; 29 February becomes 28 February.
  ///
  /// Source: § 188 (3) BGB, https://www.gesetze-im-internet.de/bgb/__188.html
  public var oneYearLater: CivilDay {
    CivilDay(year: year + 1, month: month, day: month == 2 && day == 29 ? 28 : day)
  }

  /// Whether more than a year lies between a day of acquisition and this day of disposal.
  ///
  /// Bought on 2020-05-01: on 2021-05-01 it has been held for a year and no longer, on 2021-05-02
  /// for more. Source: 26 U.S.C. § 1222 and Rev. Rul. 66-7: the day of acquisition does not count,
  /// the day of disposal does; § 23 (1) 2 EStG with §§ 187, 188 BGB gives the same days.
  public func isMoreThanAYear(after acquired: CivilDay) -> Bool { self > acquired.oneYearLater }

  /// ISO 8601: `2024-02-29`.
  public var description: String {
    let parts = [(year, 4), (month, 2), (day, 2)].map { number, width in
      String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
    }
    return parts.joined(separator: "-")
  }
}

/// Says on which day an instant falls; a time zone.
public protocol DayCalendar: Sendable {
  /// The day that a clock there shows.
  func day(of instant: Instant) -> CivilDay
}

/// Days as UTC counts them.
public struct UTCCalendar: DayCalendar {
  /// Makes the calendar.
  public init() {}

  /// The day in UTC.
  public func day(of instant: Instant) -> CivilDay {
    let civil = CivilTime(utc: instant)
    return CivilDay(year: civil.year, month: civil.month, day: civil.day)
  }
}

/// How a country counts the years it taxes.
public enum TaxYear: Hashable, Sendable {
  /// From 1 January: `2024`.
  case calendar
  /// From 6 April, as in the United Kingdom: `2024/25`.
  ///
  /// Source: Taxation of Chargeable Gains Act 1992 s. 288(1) with Income Tax Act 2007 s. 4.
  case april6
  /// From 1 July, as in Australia: `2024/25`.
  ///
  /// Source: Income Tax Assessment Act 1997 s. 4-10, Income Tax Rates Act 1986 s. 3.
  case july1

  /// The year that a day belongs to.
  public func year(of day: CivilDay) -> TaxYearLabel {
    switch self {
    case .calendar: TaxYearLabel(first: day.year, isSplit: false)
    case .april6: TaxYearLabel(first: starting(4, 6, day), isSplit: true)
    case .july1: TaxYearLabel(first: starting(7, 1, day), isSplit: true)
    }
  }

  private func starting(_ month: Int, _ first: Int, _ day: CivilDay) -> Int {
    (day.month, day.day) < (month, first) ? day.year - 1 : day.year
  }
}

/// The name of a tax year.
public struct TaxYearLabel: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The calendar year that it begins in.
  public let first: Int
  /// Whether it ends in the next one.
  public let isSplit: Bool

  /// Orders by time.
  public static func < (a: TaxYearLabel, b: TaxYearLabel) -> Bool { a.first < b.first }

  /// `2024`, or `2024/25`.
  public var description: String {
    guard isSplit else { return String(first) }
    let next = (first + 1) % 100
    return "\(first)/\(next < 10 ? "0" : "")\(next)"
  }
}
