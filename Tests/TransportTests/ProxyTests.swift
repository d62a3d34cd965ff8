import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import Transport

/// A proxy on the loopback that takes CONNECT and leads wherever it was asked to, by a table.
private final class ConnectProxy: Sendable {
  let port: Int
  private let channel: any Channel

  /// Listens; `ways` has the port of this machine that stands for a target, and `wants` is what
  /// `Proxy-Authorization` must be.
  init(
    _ ways: [String: Int], wants: String? = nil, tls: NIOSSLContext? = nil
  ) async throws {
    let log = ProxyLog()
    channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          try channel.pipeline.syncOperations.addHandler(
            ProxySession(ways: ways, wants: wants, log: log))
        }
      }.bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
    self.log = log
  }

  private let log: ProxyLog
  /// The heads of the requests that came.
  var requests: [String] { log.heads.withLock { $0 } }

  func stop() async throws { try await channel.close() }
}

private final class ProxyLog: Sendable {
  let heads = Mutex<[String]>([])
}

private final class ProxySession: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  private let ways: [String: Int]
  private let wants: String?
  private let log: ProxyLog
  private var pending = ByteBuffer()
  private var peer: (any Channel)?
  private var isAsked = false

  init(ways: [String: Int], wants: String?, log: ProxyLog) {
    self.ways = ways
    self.wants = wants
    self.log = log
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var part = unwrapInboundIn(data)
    if let peer { return peer.writeAndFlush(part, promise: nil) }
    pending.writeBuffer(&part)
    let text = String(buffer: pending)
    guard !isAsked, text.hasSuffix("\r\n\r\n") else { return }
    isAsked = true
    pending.clear()
    log.heads.withLock { $0.append(text) }
    let target = text.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    if let wants, !text.contains("Proxy-Authorization: \(wants)\r\n") {
      return say("HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\n\r\n", context)
    }
    guard let port = ways[target] else { return say("HTTP/1.1 403 No\r\n\r\n", context) }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let client = context.channel
    ClientBootstrap(group: context.eventLoop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Backwards(client))
        }
      }
      .connect(host: "127.0.0.1", port: port).whenSuccess { channel in
        let (session, context) = bound.value
        session.peer = channel
        session.say("HTTP/1.1 200 Connection established\r\n\r\n", context)
      }
  }

  private func say(_ text: String, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { peer?.close(promise: nil) }
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

private final class Backwards: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let client: any Channel
  init(_ client: any Channel) { self.client = client }
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    client.writeAndFlush(unwrapInboundIn(data), promise: nil)
  }
  func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
}

@Suite struct WebSocketProxies {
  /// What a socket said, up to its end or a text.
  private func first(
    _ client: WebSocketClient, _ url: String, saying text: String
  ) async -> [WebSocketEvent] {
    let (stream, continuation) = AsyncStream<WebSocketEvent>.makeStream()
    let socket = client.connect(url) { event in
      continuation.yield(event)
      if event.isLast { continuation.finish() }
      return true
    }
    var events: [WebSocketEvent] = []
    for await event in stream {
      events.append(event)
      if case .opened = event { socket.send(text) }
      if case .text = event { socket.close() }
    }
    return events
  }

  private func client(
    _ authority: String, _ variables: [String: String]
  ) -> WebSocketClient {
    WebSocketClient(authorityFile: authority, proxy: .environment) { variables[$0] }
  }

  // The certificate is for elsewhere.example: the proxy leads there, and TLS is with the peer.
  @Test(arguments: [false, true])
  func `a socket goes through the proxy, with its password, and TLS is with the peer`(
    isSecure: Bool
  ) async throws {
    let certificates = try Certificates.shared.get()
    let server = try await WebSocketServer(tls: try certificates.server("other"))
    // RFC 7617, 2: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== is Aladdin, "open sesame".
    let proxy = try await ConnectProxy(
      ["elsewhere.example:443": server.port], wants: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
      tls: isSecure ? try certificates.server("good") : nil)
    let scheme = isSecure ? "https" : "http"
    let url = "\(scheme)://Aladdin:open%20sesame@localhost:\(proxy.port)"
    let client = client(certificates.authority, ["https_proxy": url])
    let events = await first(client, "wss://elsewhere.example/echo", saying: "hello")
    #expect(events.contains(.text("hello")), "\(events)")
    #expect(proxy.requests.count == 1)
    #expect(proxy.requests[0].hasPrefix("CONNECT elsewhere.example:443 HTTP/1.1\r\n"))
    #expect(proxy.requests[0].contains("Host: elsewhere.example:443\r\n"))
    #expect(server.heads.first?.headers.first(name: "host") == "elsewhere.example")
    #expect(server.heads.first?.headers.contains(name: "proxy-authorization") == false)
    try await proxy.stop()
    try await server.stop()
  }

  @Test(arguments: [
    ["https_proxy": "http://Aladdin:wrong@localhost:PORT"],
    ["HTTPS_PROXY": "http://localhost:PORT"], ["ALL_PROXY": "localhost:PORT"],
    ["https_proxy": "http://localhost:1"],
  ])
  func `a proxy that lets nothing through is named as what is wrong`(variables: [String: String])
    async throws
  {
    let certificates = try Certificates.shared.get()
    let proxy = try await ConnectProxy([:], wants: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    let set = variables.mapValues { $0.replacingOccurrences(of: "PORT", with: "\(proxy.port)") }
    let client = client(certificates.authority, set)
    let events = await first(client, "wss://elsewhere.example/echo", saying: "hello")
    guard case .failed(let fault)? = events.last else {
      Issue.record("\(events)")
      return
    }
    #expect(fault.kind == .proxy && !fault.mayHaveBeenSent)
    #expect(!fault.description.contains("wrong") && !fault.description.contains("Aladdin"))
    try await proxy.stop()
  }

  @Test func `a SOCKS proxy is refused with a sentence, and nothing goes straight`() async throws {
    let certificates = try Certificates.shared.get()
    let client = client(certificates.authority, ["ALL_PROXY": "socks5h://localhost:1080"])
    let events = await first(client, "wss://elsewhere.example/echo", saying: "hello")
    guard case .failed(let fault)? = events.last else {
      Issue.record("\(events)")
      return
    }
    let sentence = "web sockets go through http and https proxies only, not through socks5h"
    #expect(fault.kind == .request(sentence))
  }

  @Test func `this machine is reached straight, whatever the environment says`() async throws {
    let certificates = try Certificates.shared.get()
    let server = try await WebSocketServer(tls: try certificates.server("good"))
    let proxy = try await ConnectProxy([:])
    let client = client(certificates.authority, ["https_proxy": "http://localhost:\(proxy.port)"])
    let events = await first(client, "wss://localhost:\(server.port)/echo", saying: "hello")
    #expect(events.contains(.text("hello")) && proxy.requests.isEmpty)
    try await proxy.stop()
    try await server.stop()
  }

  // https://curl.se/libcurl/c/CURLOPT_NOPROXY.html
  @Test(arguments: [
    ("www.example.com", "example.com", true), ("example.com", ".example.com", true),
    ("badexample.com", "example.com", false), ("example.com", "*", true),
    ("example.com", "other.org, example.com", true), ("example.com", "", false),
    ("192.168.1.7", "192.168.0.0/16", true), ("192.169.1.7", "192.168.0.0/16", false),
    ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.1/33", false),
    ("10.0.0.1", "example.com,0.0.0.0/0", true),
  ])
  func `NO_PROXY names hosts, what is below them, and networks`(
    host: String, list: String, isExcepted: Bool
  ) throws {
    #expect(ProxyRoute.isExcepted(host, by: list) == isExcepted)
    let variables = ["HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": list]
    let route = try ProxyRoute.to(host, .environment) { variables[$0] }
    #expect((route == nil) == isExcepted)
    if let route { #expect(route.host == "proxy.example" && route.port == 3128) }
  }
}
