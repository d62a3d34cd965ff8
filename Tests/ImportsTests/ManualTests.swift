import Foundation
import Imports
import Testing

/// The manual's list of formats is the registry's.
@Suite struct ManualTests {
  private static let manual = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "man/coffer-import.5")

  private static let start = ".It Sy Id Ta Sy Name Ta Sy Times\n"
  private static let end = ".El\n.\\\" End of the list.\n"

  private var list: String {
    Registry.all.map { format in
      ".It Cm \(format.id) Ta \(format.name) Ta \(format.clock == .utc ? "UTC" : "local")\n"
    }.joined()
  }

  /// `UPDATE_GOLDENS=1` writes the list anew.
  @Test func `the manual lists every format`() throws {
    let text = try String(contentsOf: Self.manual, encoding: .utf8)
    let head = try #require(text.range(of: Self.start))
    let tail = try #require(text.range(of: Self.end, range: head.upperBound..<text.endIndex))
    let found = text[head.upperBound..<tail.lowerBound]
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      let made = text[..<head.upperBound] + list + text[tail.lowerBound...]
      try String(made).write(to: Self.manual, atomically: true, encoding: .utf8)
      return
    }
    #expect(String(found) == list)
  }

  @Test func `a format's name is a line of plain words`() {
    for format in Registry.all {
      #expect(
        format.name.unicodeScalars.allSatisfy { (" "..."~").contains($0) && $0 != "\\" },
        "\(format.id)")
      #expect(!format.name.hasPrefix(".") && format.name.utf8.count <= 60, "\(format.id)")
    }
  }
}
