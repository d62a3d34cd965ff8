import Glibc
import Link
import Logging
import Synchronization
import Wire

/// A log of bounded size: beyond 4 MiB it becomes `NAME.1` and begins anew.
final class LogFile: Sendable {
  private let path: String
  private let state: Mutex<State>

  private struct State {
    var descriptor: Int32
    var size: Int
  }

  static let mostBytes = 4 << 20

  init(path: String) throws(Refusal) {
    self.path = path
    guard let state = LogFile.opened(path) else {
      throw Refusal(.system, "cannot write the log \(path): \(systemText(errno))")
    }
    self.state = Mutex(state)
  }

  deinit { state.withLock { _ = close($0.descriptor) } }

  /// Adds a line; a log that cannot be written stops nobody.
  func add(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    state.withLock { state in
      if state.size + bytes.count > LogFile.mostBytes, rename(path, path + ".1") == 0,
        let fresh = LogFile.opened(path)
      {
        close(state.descriptor)
        state = fresh
      }
      let count = write(state.descriptor, bytes, bytes.count)
      state.size += max(count, 0)
    }
  }

  private static func opened(_ path: String) -> State? {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
    let descriptor = open(path, flags, 0o600)
    guard descriptor >= 0 else { return nil }
    return State(descriptor: descriptor, size: Int(lseek(descriptor, 0, SEEK_END)))
  }
}

/// Sends log messages to a file: time, level, message and what belongs to it, on one line.
struct FileLogHandler: LogHandler {
  let file: LogFile
  var logLevel: Logger.Level = .info
  var metadata: Logger.Metadata = [:]

  init(file: LogFile) {
    self.file = file
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let extra = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    let text = "\(EngineLoop.now) \(event.level) \(event.message)\(extra)"
    // A log line is one line of plain text, whatever a file or a venue put into a name.
    file.add(
      String(
        String.UnicodeScalarView(
          text.unicodeScalars.map { $0.properties.generalCategory == .control ? "�" : $0 })))
  }
}
