import VenueKit
import Wire

/// What can be read at which venue, and how well that is known to be right.
enum VenueList {
  /// Venues as a report, one column a capability.
  static func report(of venues: [Venue]) -> Report {
    let columns = Capability.allCases
    return Report(
      facts: [
        .init("venues", .integer(Int64(venues.count))),
        .init("followed", .integer(Int64(venues.count(where: \.isFollowed)))),
        .init("used_live", .integer(Int64(venues.count(where: isUsedLive)))),
      ], tableName: "list", columns: ["id", "name"] + columns.map(\.rawValue) + ["not_seen"],
      rows: venues.map { venue in
        [.text(venue.id), .text(venue.name)]
          + columns.map { .text(venue.evidence(of: $0)?.word ?? "") }
          + [.text(venue.unseen.joined(separator: "; "))]
      })
  }

  private static func isUsedLive(_ venue: Venue) -> Bool {
    Capability.allCases.contains { venue.evidence(of: $0) == .usedLive }
  }

  /// How calls are let in where a key alone does not do; empty else.
  private static func session(of venue: Venue) -> String {
    guard let session = venue.session else { return "" }
    return "Coffer logs in with the key, again every \(session.life / 3_600) hours"
  }

  /// What a venue's key consists of and where its documents are.
  static func report(of venue: Venue) -> Report {
    Report(
      facts: [
        .init("id", .text(venue.id)), .init("name", .text(venue.name)),
        .init("documents", .text(venue.documents.joined(separator: " "))),
        .init(
          "credentials",
          .text(
            venue.credentials.map { $0.label + ($0.isOptional ? " (optional)" : "") }
              .joined(separator: ", "))),
        .init("session", .text(session(of: venue))),
        .init("not_seen", .text(venue.unseen.joined(separator: "; "))),
      ], tableName: "capabilities", columns: ["what", "known"],
      rows: Capability.allCases.map { capability in
        [
          .text(capability.rawValue),
          .text(venue.evidence(of: capability)?.word ?? "not read"),
        ]
      })
  }
}
