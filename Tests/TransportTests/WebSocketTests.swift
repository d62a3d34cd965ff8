import Foundation
import Glibc
import NIOHTTP1
import NIOSSL
import Synchronization
import Testing
import Transport

/// The events of one socket, waited for one after the other.
private final class Events: Sendable {
  private let stream: AsyncStream<WebSocketEvent>
  private let continuation: AsyncStream<WebSocketEvent>.Continuation
  private let takes: Int
  private let taken = Mutex(0)

  init(takes: Int = .max) {
    (stream, continuation) = AsyncStream.makeStream()
    self.takes = takes
  }

  func offer(_ event: WebSocketEvent) -> Bool {
    let isTaken = taken.withLock { taken in
      taken += 1
      return taken <= takes || event.isLast
    }
    if isTaken { continuation.yield(event) }
    if event.isLast { continuation.finish() }
    return isTaken
  }

  func next() async -> WebSocketEvent? {
    var iterator = stream.makeAsyncIterator()
    return await iterator.next()
  }

  /// The last event, the others dropped.
  func last() async -> WebSocketEvent? {
    var last: WebSocketEvent?
    for await event in stream { last = event }
    return last
  }

  func failure() async -> TransportFault.Kind? {
    if case .failed(let fault) = await last() { return fault.kind }
    return nil
  }
}

private func options(_ change: (inout WebSocketOptions) -> Void = { _ in }) -> WebSocketOptions {
  var options = WebSocketOptions()
  change(&options)
  return options
}

@Suite struct WebSockets {
  let client = WebSocketClient()

  private func open(
    _ server: WebSocketServer, _ path: String, _ events: Events,
    _ change: (inout WebSocketOptions) -> Void = { _ in }
  ) -> WebSocket {
    client.connect(
      "ws://127.0.0.1:\(server.port)\(path)", options: options(change), onEvent: events.offer)
  }

  @Test func `texts and bytes come and go as they were sent`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    let socket = open(server, "/echo?token=x", events) {
      $0.headers = [("X-Key", "k")]
      $0.subprotocols = ["first", "second"]
    }
    #expect(!socket.send("too early"))
    #expect(await events.next() == .opened(subprotocol: "second"))
    #expect(socket.send("Grüße"))
    #expect(await events.next() == .text("Grüße"))
    let bytes = (0..<100_000).map { UInt8($0 % 251) }
    #expect(socket.send(bytes))
    #expect(await events.next() == .binary(bytes))
    socket.close(code: 1000)
    #expect(await events.next() == .closed(code: 1000, reason: ""))
    #expect(!socket.send("too late"))
    let head = try #require(server.heads.first)
    #expect(head.uri == "/echo?token=x")
    #expect(head.headers["x-key"] == ["k"] && head.headers["host"] == ["127.0.0.1:\(server.port)"])
    #expect(head.headers["sec-websocket-protocol"] == ["first, second"])
    #expect(head.headers["sec-websocket-extensions"].isEmpty)
    // RFC 6455, 5.3: a client masks every frame.
    #expect(server.frames.allSatisfy { $0.contains(" true ") })
  }

  @Test func `a ping is answered with its own bytes`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    let socket = open(server, "/ping", events)
    #expect(await events.next() == .opened(subprotocol: nil))
    #expect(await events.next() == .text("heard"))
    socket.close()
    #expect(await events.last()?.isLast == true)
  }

  @Test func `pieces are put together before they are read`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    let socket = open(server, "/fragments", events)
    #expect(await events.next() == .opened(subprotocol: nil))
    #expect(await events.next() == .text("Hé!"))
    socket.close()
    #expect(await events.last()?.isLast == true)
  }

  @Test(arguments: ["/large", "/large-pieces", "/many-pieces"])
  func `a message beyond its bounds ends the socket`(path: String) async throws {
    let server = try await WebSocketServer()
    let events = Events()
    _ = open(server, path, events) { $0.messageBytesMost = 4096 }
    #expect(await events.failure() == .tooLarge(.message))
  }

  @Test(arguments: ["/bad-text", "/reserved", "/masked", "/disorder"])
  func `what breaks the protocol ends the socket`(path: String) async throws {
    let server = try await WebSocketServer()
    let events = Events()
    _ = open(server, path, events)
    let kind = await events.failure()
    if case .malformed = kind {} else { Issue.record("\(String(describing: kind))") }
  }

  @Test func `the peer's close comes with its code and is answered`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    _ = open(server, "/close", events)
    #expect(await events.next() == .opened(subprotocol: nil))
    #expect(await events.next() == .closed(code: 4001, reason: "bye"))
    #expect(try await comes { !server.frames.isEmpty })
    #expect(server.frames == ["connectionClose true [15, 161]"])
  }

  @Test func `a peer that vanishes is a fault`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    _ = open(server, "/vanish", events)
    #expect(await events.failure() == .closed)
  }

  @Test func `a peer that answers no ping is given up`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    _ = open(server, "/mute", events) {
      $0.pingMilliseconds = 50
      $0.pongMilliseconds = 100
    }
    #expect(await events.failure() == .timeout(.pong))
    #expect(try await comes { !server.frames.isEmpty })
    #expect(server.frames.first?.hasPrefix("ping") == true)
  }

  @Test func `a peer that answers pings is kept`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    let socket = open(server, "/echo", events) {
      $0.pingMilliseconds = 10
      $0.pongMilliseconds = 5000
    }
    #expect(await events.next() == .opened(subprotocol: nil))
    #expect(try await comes { server.frames.count >= 5 })
    #expect(socket.send("still here"))
    #expect(await events.next() == .text("still here"))
    socket.close()
    #expect(await events.last()?.isLast == true)
  }

  @Test func `a closing that nobody answers ends all the same`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    let socket = open(server, "/mute", events) { $0.closeMilliseconds = 50 }
    #expect(await events.next() == .opened(subprotocol: nil))
    socket.close()
    #expect(await events.next() == .closed(code: 1006, reason: ""))
  }

  @Test func `who does not keep up is told and loses nothing unseen`() async throws {
    let server = try await WebSocketServer()
    let events = Events(takes: 101)
    _ = open(server, "/flood/1000", events)
    var texts = 0
    var end: WebSocketEvent?
    while let event = await events.next() {
      if case .text = event { texts += 1 }
      end = event
    }
    #expect(texts == 100)
    if case .failed(let fault) = end { #expect(fault.kind == .overflow) }
    #expect(end?.isLast == true)
  }

  @Test func `another status than 101 is told`() async throws {
    let refusing = try await TestServer { request in
      request.path == "/move"
        ? .send(answer("", status: "302 x", "location: /")) : .send(answer("", status: "403 no"))
    }
    for (path, kind) in [
      ("/", TransportFault.Kind.notUpgraded(status: 403)), ("/move", .redirect(status: 302)),
    ] {
      let events = Events()
      _ = client.connect("ws://127.0.0.1:\(refusing.port)\(path)", onEvent: events.offer)
      #expect(await events.failure() == kind)
    }
  }

  @Test func `a false key, no HTTP and silence are faults`() async throws {
    let server = try await TestServer { request in
      switch request.path {
      case "/false":
        .send(
          "HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            + "sec-websocket-accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")
      case "/ssh": .sendThenClose("SSH-2.0-OpenSSH\r\n\r\n")
      case "/close": .close
      default: .silence
      }
    }
    for path in ["/false", "/ssh", "/close"] {
      let events = Events()
      _ = client.connect("ws://127.0.0.1:\(server.port)\(path)", onEvent: events.offer)
      #expect(await events.failure() != nil, "\(path)")
    }
    let events = Events()
    _ = client.connect(
      "ws://127.0.0.1:\(server.port)/silence", options: options { $0.connectMilliseconds = 100 },
      onEvent: events.offer)
    #expect(await events.failure() == .timeout(.connect))
  }

  @Test func `nobody there and no such name are told apart`() async throws {
    // Bound but not listening: nobody else gets the port, and nobody answers.
    let line = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(line) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(line, $0, size) == 0 && getsockname(line, $0, &size) == 0
      }
    }
    try #require(isBound)
    let port = UInt16(bigEndian: address.sin_port)
    let refused = Events()
    _ = client.connect("ws://127.0.0.1:\(port)/", onEvent: refused.offer)
    #expect(await refused.failure() == .connect)
    let unknown = Events()
    _ = client.connect("wss://venue.invalid/", onEvent: unknown.offer)
    #expect(await unknown.failure() == .dns)
  }

  @Test(arguments: [
    "ws://example.com/", "http://localhost/", "wss://user@localhost/", "", "wss://", "x",
    "ws://127.0.0.1.example.com/",
  ])
  func `an address that must not be used is refused`(url: String) async {
    let events = Events()
    _ = client.connect(url, onEvent: events.offer)
    let kind = await events.failure()
    if case .request = kind {} else { Issue.record("\(String(describing: kind))") }
  }

  @Test func `of several addresses the one that answers is used`() async throws {
    // The server listens on 127.0.0.1 alone; many machines know ::1 as localhost too.
    let server = try await WebSocketServer()
    let events = Events()
    let socket = client.connect("ws://localhost:\(server.port)/echo", onEvent: events.offer)
    #expect(await events.next() == .opened(subprotocol: nil))
    #expect(socket.send("x"))
    #expect(await events.next() == .text("x"))
    socket.close()
    #expect(await events.last()?.isLast == true)
  }

  @Test func `closing while connecting ends at once`() async throws {
    let server = try await TestServer { _ in .silence }
    let events = Events()
    let socket = client.connect("ws://127.0.0.1:\(server.port)/", onEvent: events.offer)
    socket.close()
    #expect(await events.failure() == .cancelled)
  }

  @Test func `too much on its way out is refused`() async throws {
    let server = try await WebSocketServer()
    let events = Events()
    let socket = open(server, "/echo", events) { $0.unsentBytesMost = 1000 }
    #expect(await events.next() == .opened(subprotocol: nil))
    #expect(!socket.send([UInt8](repeating: 0, count: 1001)))
    #expect(socket.send("small"))
    socket.close()
    #expect(await events.last()?.isLast == true)
  }
}

@Suite struct SecureWebSockets {
  @Test func `a good certificate is taken`() async throws {
    let certificates = try Certificates.shared.get()
    let server = try await WebSocketServer(tls: certificates.server("good"))
    let client = WebSocketClient(authorityFile: certificates.authority)
    let events = Events()
    let socket = client.connect("wss://localhost:\(server.port)/echo", onEvent: events.offer)
    #expect(await events.next() == .opened(subprotocol: nil))
    #expect(socket.send("x"))
    #expect(await events.next() == .text("x"))
    socket.close()
    #expect(await events.last()?.isLast == true)
  }

  @Test(arguments: [
    ("other", TransportFault.TLSReason.wrongHost), ("stranger", .untrusted), ("old", .untrusted),
  ])
  func `any other certificate is refused`(
    name: String, reason: TransportFault.TLSReason
  ) async throws {
    let certificates = try Certificates.shared.get()
    let server = try await WebSocketServer(tls: certificates.server(name))
    let client = WebSocketClient(authorityFile: certificates.authority)
    let events = Events()
    _ = client.connect("wss://localhost:\(server.port)/echo", onEvent: events.offer)
    #expect(await events.failure() == .tls(reason))
    #expect(server.heads.isEmpty)
  }

  @Test func `TLS 1.1 is refused, and a file that is not there is told`() async throws {
    let certificates = try Certificates.shared.get()
    let old = try await WebSocketServer(
      tls: certificates.server("good", versions: (.tlsv1, .tlsv11)))
    let refused = Events()
    _ = WebSocketClient(authorityFile: certificates.authority)
      .connect("wss://localhost:\(old.port)/echo", onEvent: refused.offer)
    #expect(await refused.failure() == .tls(.handshake))
    let missing = Events()
    _ = WebSocketClient(authorityFile: "/nonexistent.pem")
      .connect("wss://localhost:\(old.port)/echo", onEvent: missing.offer)
    #expect(await missing.failure() == .tls(.authorityFile))
  }
}

@Suite struct Inboxes {
  @Test func `an inbox says no at its bounds but always takes the end`() {
    let wakes = Mutex(0)
    let inbox = WebSocketInbox(messagesMost: 2, bytesMost: 10) { wakes.withLock { $0 += 1 } }
    let offers = [
      inbox.offer(.text("12345")), inbox.offer(.text("123456")), inbox.offer(.binary([1])),
      inbox.offer(.text("x")), inbox.offer(.closed(code: 1000, reason: "")),
    ]
    #expect(offers == [true, false, true, false, true])
    #expect(inbox.drain() == [.text("12345"), .binary([1]), .closed(code: 1000, reason: "")])
    #expect(inbox.drain().isEmpty)
    #expect(inbox.offer(.text("again")))
    #expect(wakes.withLock { $0 } == 2)
  }

  @Test func `a flood of messages arrives whole`() async throws {
    let certificates = try Certificates.shared.get()
    let server = try await WebSocketServer(tls: certificates.server("good"))
    let count = 20_000
    let inbox = WebSocketInbox(messagesMost: 2 * count)
    let client = WebSocketClient(authorityFile: certificates.authority)
    let clock = ContinuousClock()
    let start = clock.now
    _ = client.connect(
      "wss://localhost:\(server.port)/flood/\(count)", onEvent: inbox.offer)
    var texts = 0
    while texts < count, clock.now - start < .seconds(300) {
      texts += inbox.drain().count { $0.size > 0 }
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(texts == count)
    if ProcessInfo.processInfo.environment["MEASURE"] != nil {
      print("web socket: \(count) messages in \(clock.now - start)")
    }
  }
}
