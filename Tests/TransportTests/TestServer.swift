import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// A request as the test server read it.
struct SeenRequest: Sendable {
  var method: String
  var path: String
  var headers: [String: String]
  var body: [UInt8]
  /// Which connection, and the how manieth request on it, from 1.
  var connection: Int
  var turn: Int
}

/// What the test server does about a request.
enum Reaction: Sendable {
  case send(String)
  case sendBytes([UInt8])
  case sendThenClose(String)
  case close
  case silence
  /// So many bytes of zeros after a head.
  case flood(head: String, count: Int)
}

/// A server on the loopback whose behaviour is a function; it speaks just enough HTTP/1.1.
final class TestServer: Sendable {
  typealias Behaviour = @Sendable (SeenRequest) -> Reaction
  let port: Int
  private let channel: any Channel

  init(tls: NIOSSLContext? = nil, _ behaviour: @escaping Behaviour) async throws {
    let log = RequestLog()
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          try channel.pipeline.syncOperations.addHandler(
            RequestReader(log: log, connection: log.newConnection(), behaviour: behaviour))
        }
      }
    channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
    self.log = log
  }

  private let log: RequestLog
  var requests: [SeenRequest] { log.requests.withLock { $0 } }
  var connections: Int { log.connections.withLock { $0 } }

  func stop() async throws { try await channel.close() }
}

final class RequestLog: Sendable {
  let requests = Mutex<[SeenRequest]>([])
  let connections = Mutex(0)
  func newConnection() -> Int {
    connections.withLock { count in
      count += 1
      return count
    }
  }
}

/// Reads requests off one connection.
private final class RequestReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  private let log: RequestLog
  private let connection: Int
  private let behaviour: TestServer.Behaviour
  private var requests = HTTPRequests()
  private var turn = 0

  init(log: RequestLog, connection: Int, behaviour: @escaping TestServer.Behaviour) {
    self.log = log
    self.connection = connection
    self.behaviour = behaviour
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    requests.add(Array(buffer: unwrapInboundIn(data)))
    while let request = next() {
      log.requests.withLock { $0.append(request) }
      react(behaviour(request), context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func next() -> SeenRequest? {
    guard let request = requests.next() else { return nil }
    turn += 1
    return SeenRequest(
      method: request.method, path: request.path, headers: request.headers, body: request.body,
      connection: connection, turn: turn)
  }

  private func react(_ reaction: Reaction, _ context: ChannelHandlerContext) {
    switch reaction {
    case .send(let text):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    case .sendBytes(let bytes):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    case .sendThenClose(let text):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
      context.close(promise: nil)
    case .close: context.close(promise: nil)
    case .silence: break
    case .flood(let head, let count):
      context.write(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
      let zeros = ByteBuffer(repeating: 0, count: count)
      context.writeAndFlush(wrapOutboundOut(zeros), promise: nil)
    }
  }
}

/// An answer with a body.
func answer(_ body: String, status: String = "200 OK", _ headers: String...) -> String {
  let fields = headers.map { $0 + "\r\n" }.joined()
  return "HTTP/1.1 \(status)\r\ncontent-length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
}

/// Certificates made for one run: an authority, a certificate for `localhost` and one for another
/// host, and one that has run out.
struct Certificates: Sendable {
  let folder: URL
  var authority: String { folder.appending(path: "ca.pem").path }

  static let shared: Result<Certificates, any Error> = Result { try Certificates() }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "coffer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try openssl(
      "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority")
    try issue("good", host: "localhost", days: 2)
    try issue("other", host: "elsewhere.example", days: 2)
    try issue("old", host: "localhost", days: -1)
    try openssl(
      "req -x509 -newkey rsa:2048 -nodes -keyout stranger.key -out stranger.pem -days 2"
        + " -subj /CN=stranger -addext subjectAltName=DNS:localhost")
  }

  private func issue(_ name: String, host: String, days: Int) throws {
    try openssl(
      "req -newkey rsa:2048 -nodes -keyout \(name).key -out \(name).csr -subj /CN=\(host)")
    try "subjectAltName=DNS:\(host)\n".write(
      to: folder.appending(path: "\(name).ext"), atomically: true, encoding: .utf8)
    try openssl(
      "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -out \(name).pem"
        + " -days \(days) -extfile \(name).ext")
  }

  @discardableResult private func openssl(_ arguments: String) throws -> Data {
    try run("/usr/bin/openssl", arguments.split(separator: " ").map(String.init), in: folder)
  }

  /// The hash of the public key, as libcurl wants it.
  func pin(_ name: String) throws -> String {
    try openssl("x509 -in \(name).pem -pubkey -noout -out \(name).pub")
    try openssl("pkey -pubin -in \(name).pub -outform der -out \(name).der")
    let text = try openssl("dgst -sha256 -binary \(name).der").base64EncodedString()
    return "sha256//" + text
  }

  func server(_ name: String, versions: (TLSVersion, TLSVersion)? = nil) throws -> NIOSSLContext {
    let chain = try NIOSSLCertificate.fromPEMFile(folder.appending(path: "\(name).pem").path)
    let key = try NIOSSLPrivateKey(
      file: folder.appending(path: "\(name).key").path, format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    if let versions {
      configuration.minimumTLSVersion = versions.0
      configuration.maximumTLSVersion = versions.1
    }
    return try NIOSSLContext(configuration: configuration)
  }
}
