import Foundation
import Glibc
import Synchronization

/// A server of lines on this machine, one connection after the other: answers what is given.
final class LinePeer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let heard = Mutex<[String]>([])

  /// What was asked.
  var lines: [String] { heard.withLock { $0 } }

  init(_ answer: @escaping @Sendable (String) -> String) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        bind(listener, place, size) == 0 && listen(listener, 8) == 0
          && getsockname(listener, place, &size) == 0
      }
    }
    guard isBound else { throw CocoaError(.fileReadUnknown) }
    port = UInt16(bigEndian: address.sin_port)
    self.listener = listener
    Thread.detachNewThread { [self] in serve(answer) }
  }

  /// Ends; the thread ends with its last connection.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve(_ answer: @Sendable (String) -> String) {
    while true {
      let line = accept(listener, nil, nil)
      if line < 0 { break }
      talk(line, answer)
      close(line)
    }
    close(listener)
  }

  private func talk(_ line: Int32, _ answer: @Sendable (String) -> String) {
    var held: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(line, &buffer, buffer.count), count > 0 {
      held += buffer.prefix(count)
      while let end = held.firstIndex(of: 0x0A) {
        let text = String(decoding: held[..<end], as: UTF8.self)
        held.removeSubrange(...end)
        heard.withLock { $0.append(text) }
        let bytes = Array(answer(text).utf8) + [0x0A]
        if write(line, bytes, bytes.count) != bytes.count { return }
      }
    }
  }
}
