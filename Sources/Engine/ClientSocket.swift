import CPosix
import Glibc
import Wire

/// One attached client's socket: bytes in, frames out, both bounded.
///
/// Used on the loop's thread only.
final class ClientSocket {
  let id: ClientID
  let descriptor: Int32
  private var assembler = FrameAssembler()
  private var waiting: [UInt8] = []
  private var sent = 0
  /// Close it once everything that waits was taken.
  var closesWhenEmpty = false

  /// Beyond this many waiting bytes a client counts as slow: it gets a snapshot later.
  static let slowBytes = 1 << 20
  /// Beyond this many it is let go.
  static let mostBytes = 96 << 20

  init(id: ClientID, descriptor: Int32) {
    self.id = id
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// How many bytes wait for the client.
  var backlog: Int { waiting.count - sent }

  /// What came in; `nil` where the client is gone or talks nonsense.
  func receive() -> [ClientMessage]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count == 0 { return nil }
    if count < 0 { return errno == EAGAIN || errno == EINTR ? [] : nil }
    assembler.append(buffer[..<count])
    buffer.withUnsafeMutableBytes { posix_wipe($0.baseAddress, $0.count) }
    var messages: [ClientMessage] = []
    do {
      while let bytes = try assembler.next() {
        messages.append(try FrameAssembler.message(ClientMessage.self, from: bytes))
      }
    } catch { return nil }
    return messages
  }

  /// Adds a frame to what waits and sends what the socket takes.
  ///
  /// - Parameter frame: One whole frame.
  /// - Returns: Whether the client is still there.
  func send(_ frame: [UInt8]) -> Bool {
    waiting.append(contentsOf: frame)
    return flush() && backlog <= ClientSocket.mostBytes
  }

  /// Sends what the socket takes; `false` where the client is gone.
  func flush() -> Bool {
    while sent < waiting.count {
      let count = waiting[sent...].withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        return true
      } else if errno != EINTR {
        return false
      }
    }
    waiting.removeAll(keepingCapacity: waiting.capacity < ClientSocket.slowBytes)
    sent = 0
    return true
  }
}
