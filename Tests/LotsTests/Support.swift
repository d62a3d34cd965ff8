import Foundation

enum Folders {
  /// The outside cases: `COFFER_CONFORMANCE`, else beside the package.
  static let conformance: URL = {
    if let named = ProcessInfo.processInfo.environment["COFFER_CONFORMANCE"] {
      return URL(filePath: named)
    }
    return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "shared/conformance")
  }()
}
