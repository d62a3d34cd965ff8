// What several test targets share.
import Dispatch
public import Foundation

/// The cases of other programs and published standards, which are no part of the package.
public enum OutsideCases {
  /// Their folder: `COFFER_CONFORMANCE`, else beside the package.
  public static let folder: URL = {
    if let named = ProcessInfo.processInfo.environment["COFFER_CONFORMANCE"] {
      return URL(filePath: named)
    }
    return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "shared/conformance")
  }()

  /// Whether they are there.
  public static var areThere: Bool { FileManager.default.fileExists(atPath: folder.path()) }
}

/// Does long work on a thread of its own, so that tests which wait for something are not kept.
///
/// - Parameter work: The work.
/// - Returns: What it gives.
public func apart<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(returning: work()) }
  }
}
