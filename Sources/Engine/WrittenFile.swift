import Glibc
import Link
import Wire

/// A file of the user's that appears whole or not at all: written beside its place, then renamed.
final class WrittenFile {
  private let path: String
  private let temporary: String
  private let replaces: Bool
  private var descriptor: Int32
  private var buffer: [UInt8] = []

  init(path: String, replaces: Bool) throws(Refusal) {
    self.path = path
    self.replaces = replaces
    if !replaces && access(path, F_OK) == 0 {
      throw Refusal(
        .usage, "\(path) is there already", advice: "Choose another name, or add --replace.")
    }
    temporary = "\(path).part-\(getpid())"
    descriptor = open(
      temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if descriptor < 0 {
      throw Refusal(.system, "cannot write \(temporary): \(systemText(errno))")
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  /// Adds bytes.
  func write(_ bytes: [UInt8]) throws(Refusal) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Writes what is left and puts the file in its place.
  func finish() throws(Refusal) {
    try flush()
    guard fsync(descriptor) == 0, close(descriptor) == 0 else {
      throw Refusal(.system, "cannot write \(path): \(systemText(errno))")
    }
    descriptor = -1
    // A file that came meanwhile is not written over unless that was asked for.
    let isPlaced =
      replaces ? rename(temporary, path) == 0 : link(temporary, path) == 0
    let text = systemText(errno)
    if !replaces || !isPlaced { unlink(temporary) }
    if !isPlaced { throw Refusal(.system, "cannot write \(path): \(text)") }
  }

  private func flush() throws(Refusal) {
    var sent = 0
    while sent < buffer.count {
      let count = buffer[sent...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw Refusal(.system, "cannot write \(path): \(systemText(errno))") }
      sent += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
