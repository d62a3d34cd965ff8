import Canvas
import Foundation
import Testing

@testable import Screens

/// Compares a frame with the one that was looked at and kept.
enum Golden {
  private static let folder = packageFolder.appending(path: "Tests/ScreensTests/Goldens")

  /// Fails where text or style differ; `UPDATE_GOLDENS=1` writes the frame instead.
  static func check(
    _ frame: Frame, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try check(
      text: "\(frame.text)\n--- styles\n\(frame.styles)\n--- surfaces\n\(frame.surfaces)\n",
      name, sourceLocation: sourceLocation)
  }

  /// The same for any text.
  static func check(
    text shown: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = folder.appending(path: "\(name).txt")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      try shown.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let kept = try String(contentsOf: file, encoding: .utf8)
    if kept != shown {
      Issue.record(
        "\(name) differs. Kept:\n\(kept)\nNow:\n\(shown)", sourceLocation: sourceLocation)
    }
  }
}
