import Foundation
import Imports
import Ledger

/// A zone of the IANA time zone database, as the system's libraries know it.
struct ZoneRules: LocalZone {
  private let zone: TimeZone

  /// The name the user gave.
  let name: String

  /// Finds a zone; `nil` for a name that is none.
  init?(named name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
    self.name = name
  }

  /// The instants at which a clock in the zone shows this: none in a gap, two in an overlap.
  ///
  /// An offset that held within a day of the time is tried; those that give the time back count.
  func instants(showing civil: CivilTime) -> [Instant] {
    let shown = civil.utc
    var found: Set<Instant> = []
    for hours in stride(from: -26, through: 26, by: 2) {
      let probe = shown.advanced(bySeconds: Int64(hours) * 3600)
      let candidate = shown.advanced(bySeconds: -offset(at: probe))
      if offset(at: candidate) == offset(at: probe) { found.insert(candidate) }
    }
    return found.sorted()
  }

  /// Seconds east of Greenwich.
  private func offset(at instant: Instant) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
  }
}
