import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server of lines on the loopback; what it does with each line is given.
final class LineServer: Sendable {
  /// What is done with a line.
  enum Deed: Sendable {
    case say([UInt8])
    /// In so many pieces, a few milliseconds apart.
    case dribble([UInt8], pieces: Int)
    case nothing
    case close
  }

  let port: Int
  private let channel: any Channel
  private let log = Log()

  final class Log: Sendable {
    let lines = Mutex<[String]>([])
    let connections = Mutex(0)
  }

  var lines: [String] { log.lines.withLock { $0 } }
  var connections: Int { log.connections.withLock { $0 } }

  init(tls: NIOSSLContext? = nil, _ deed: @escaping @Sendable (String) -> Deed) async throws {
    let log = log
    channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          log.connections.withLock { $0 += 1 }
          let pipeline = channel.pipeline.syncOperations
          if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
          try pipeline.addHandler(Session(log, deed))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  func stop() async throws { try await channel.close() }

  private final class Session: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let log: Log
    private let deed: @Sendable (String) -> Deed
    private var held = ""

    init(_ log: Log, _ deed: @escaping @Sendable (String) -> Deed) {
      self.log = log
      self.deed = deed
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      held += String(buffer: unwrapInboundIn(data))
      while let end = held.firstIndex(of: "\n") {
        let line = String(held[..<end])
        held.removeSubrange(...end)
        log.lines.withLock { $0.append(line) }
        answer(deed(line), context.channel)
      }
    }

    private func answer(_ deed: Deed, _ channel: any Channel) {
      switch deed {
      case .say(let bytes): channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
      case .dribble(let bytes, let pieces):
        let size = max(1, bytes.count / pieces)
        for (turn, start) in stride(from: 0, to: bytes.count, by: size).enumerated() {
          let piece = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
          channel.eventLoop.scheduleTask(in: .milliseconds(Int64(turn) * 3)) {
            channel.writeAndFlush(piece, promise: nil)
          }
        }
      case .nothing: break
      case .close: channel.close(promise: nil)
      }
    }
  }
}
