import Foundation
import Ledger
import Synchronization

/// The seed of a run: `SEED` in the environment, else a fixed one.
let runSeed = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 20_261_121

/// So many seconds after the epoch of the tests.
func second(_ seconds: Double) -> Instant {
  Instant(microseconds: 1_700_000_000_000_000 + Int64(seconds * 1_000_000))
}

extension Instant {
  /// The instant so many seconds later.
  func later(_ seconds: Double) -> Instant {
    Instant(microseconds: microseconds + Int64(seconds * 1_000_000))
  }
}

/// Waits for something that must come to pass; `false` where it does not within ten seconds.
func comes(_ isThere: () -> Bool) async throws -> Bool {
  for _ in 0..<2000 {
    if isThere() { return true }
    try await Task.sleep(for: .milliseconds(5))
  }
  return isThere()
}

/// Runs a program to its end and gives what it wrote; one at a time, since a program started
/// meanwhile would hold the other's pipe open.
@discardableResult func run(_ program: String, _ arguments: [String], in folder: URL? = nil) throws
  -> Data
{
  try oneProgram.withLock { _ in
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    while process.isRunning { usleep(500) }
    guard process.terminationStatus == 0 else {
      throw CocoaError(.executableLoad, userInfo: ["arguments": arguments])
    }
    return data
  }
}

private let oneProgram = Mutex(())
