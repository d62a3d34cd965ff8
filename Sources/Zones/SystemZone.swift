import Foundation
public import Imports
public import Ledger
public import Lots

/// A zone of the IANA time zone database, as the system's libraries know it.
public struct SystemZone: LocalZone {
  private let zone: TimeZone

  /// The name it was asked for by.
  public let name: String

  /// The zone of a name, `nil` where the database has none.
  public init?(_ name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
    self.name = name
  }

  /// The instants at which a clock in the zone shows this: none in a gap, two in an overlap.
  ///
  /// Offsets that held within 26 hours of the time are tried; those that give the time back count.
  public func instants(showing civil: CivilTime) -> [Instant] {
    let shown = civil.utc
    var found: Set<Instant> = []
    for hours in stride(from: -26, through: 26, by: 2) {
      let offset = offsetSeconds(at: shown.advanced(bySeconds: Int64(hours) * 3600))
      let instant = shown.advanced(bySeconds: -offset)
      if offsetSeconds(at: instant) == offset { found.insert(instant) }
    }
    return found.sorted()
  }

  /// Seconds east of Greenwich.
  private func offsetSeconds(at instant: Instant) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
  }
}

extension SystemZone {
  /// How far a clock in the zone is ahead of UTC at a time, in seconds.
  public func offset(at instant: Instant) -> Int64 { offsetSeconds(at: instant) }
}

extension SystemZone: DayCalendar {
  /// The day that a clock in the zone shows.
  public func day(of instant: Instant) -> CivilDay {
    let civil = CivilTime(utc: instant.advanced(bySeconds: offsetSeconds(at: instant)))
    return CivilDay(year: civil.year, month: civil.month, day: civil.day)
  }
}
