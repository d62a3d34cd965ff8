import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Simulator

/// A certificate and its key, PEM, for a server that speaks TLS.
public struct ServerIdentity: Sendable {
  /// The certificate chain.
  public var certificates: String
  /// The private key.
  public var key: String

  /// Gathers an identity.
  public init(certificates: String, key: String) {
    self.certificates = certificates
    self.key = key
  }

  func context() throws -> NIOSSLContext {
    let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificates.utf8))
    let privateKey = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
    return try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey)))
  }
}

/// One service on a port of 127.0.0.1: HTTP/1.1, web sockets, and TLS where an identity is given.
final class VenueServer: Sendable {
  /// The port it listens on.
  let port: Int
  private let channel: any Channel
  /// How often streams speak.
  static let pulse = TimeAmount.milliseconds(50)
  /// The longest message of a client.
  static let messageMost = 1 << 20

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - desk: What answers.
  ///   - port: The port; 0 takes any.
  ///   - identity: What TLS is spoken with; `nil` for plain text.
  ///   - group: Where the work is done.
  /// - Throws: What the system refuses.
  init(
    _ desk: VenueDesk, port: Int, identity: ServerIdentity?,
    group: MultiThreadedEventLoopGroup
  ) async throws {
    let context = try identity?.context()
    channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          }
          try VenueServer.configure(channel, desk)
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    self.port = channel.localAddress?.port ?? port
  }

  private static func configure(_ channel: any Channel, _ desk: VenueDesk) throws {
    let upgrader = NIOWebSocketServerUpgrader(
      maxFrameSize: messageMost, automaticErrorHandling: true,
      shouldUpgrade: { channel, head in
        let isKnown = desk.open(HTTPAnswering.request(head, body: "", channel)) != nil
        return channel.eventLoop.makeSucceededFuture(isKnown ? HTTPHeaders() : nil)
      },
      upgradePipelineHandler: { channel, head in
        channel.eventLoop.makeCompletedFuture {
          guard let stream = desk.open(HTTPAnswering.request(head, body: "", channel)) else {
            return
          }
          let joining = NIOWebSocketFrameAggregator(
            minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 64,
            maxAccumulatedFrameSize: messageMost)
          try channel.pipeline.syncOperations.addHandler(joining)
          try channel.pipeline.syncOperations.addHandler(StreamSpeaking(desk, stream))
        }
      })
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
      withServerUpgrade: (
        upgraders: [upgrader],
        completionHandler: { context in
          context.pipeline.syncOperations.removeHandler(name: "answering", promise: nil)
        }
      ))
    try channel.pipeline.syncOperations.addHandler(HTTPAnswering(desk), name: "answering")
  }

  /// Stops listening.
  func stop() async {
    do { try await channel.close().get() } catch {
      // A channel that is closed already is what was wanted.
      return
    }
  }
}
