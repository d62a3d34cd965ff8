import Imports
import Wire

/// The import formats as a report.
enum FormatList {
  static var report: Report {
    Report(
      facts: [.init("formats", .integer(Int64(Registry.all.count)))], tableName: "list",
      columns: ["id", "name", "venue", "times"],
      rows: Registry.all.map {
        [
          .text($0.id), .text($0.name), .text($0.venue),
          .text($0.clock == .utc ? "UTC" : "the account's zone"),
        ]
      })
  }
}
