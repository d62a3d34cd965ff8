import Foundation
import Glibc
import Testing
import Transport

/// Lines of a log against sockets of this machine.
@Suite struct LogTests {
  /// A bound socket of the loopback and its port.
  private static func bound(_ kind: __socket_type) throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
    try #require(descriptor >= 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
        bind(descriptor, plain, size) | getsockname(descriptor, plain, &size)
      }
    }
    try #require(status == 0)
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  private static func send(_ line: String, _ url: String, plain: Bool = false) async
    -> TransportFault?
  {
    let client = LogClient(milliseconds: 2_000)
    return await withCheckedContinuation { continuation in
      client.send(Array(line.utf8), to: url, mayBePlain: plain) {
        continuation.resume(returning: $0)
      }
    }
  }

  private static func received(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  @Test func `a line by UDP is one datagram`() async throws {
    let (descriptor, port) = try LogTests.bound(SOCK_DGRAM)
    defer { close(descriptor) }
    #expect(await LogTests.send("<10>1 x", "udp://127.0.0.1:\(port)") == nil)
    #expect(LogTests.received(descriptor) == "<10>1 x")
  }

  @Test func `a line by TCP has its length before it`() async throws {
    let (descriptor, port) = try LogTests.bound(SOCK_STREAM)
    defer { close(descriptor) }
    #expect(listen(descriptor, 4) == 0)
    async let fault = LogTests.send("<10>1 x", "tcp://127.0.0.1:\(port)")
    let text = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        let peer = accept(descriptor, nil, nil)
        let text = LogTests.received(peer)
        close(peer)
        continuation.resume(returning: text)
      }
    }
    // RFC 6587, 3.4.1: MSG-LEN SP SYSLOG-MSG.
    #expect(text == "7 <10>1 x")
    #expect(await fault == nil)
  }

  @Test func `nobody there is a fault`() async throws {
    for (kind, scheme) in [(SOCK_DGRAM, "udp"), (SOCK_STREAM, "tcp")] {
      let (descriptor, port) = try LogTests.bound(kind)
      close(descriptor)
      #expect(await LogTests.send("x", "\(scheme)://127.0.0.1:\(port)") != nil)
    }
    #expect(await LogTests.send("x", "/nowhere/log") != nil)
  }

  @Test func `plain text leaves this machine only where that was allowed`() async {
    let fault = await LogTests.send("x", "udp://192.0.2.1:514")
    #expect(fault?.mayHaveBeenSent == false)
    #expect(fault?.description.contains("plain text") == true)
  }
}
