import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// A web socket server on the loopback; the path says how it behaves.
final class WebSocketServer: Sendable {
  let port: Int
  private let channel: any Channel
  private let log: WebSocketLog
  var heads: [HTTPRequestHead] { log.heads.withLock { $0 } }
  /// What came, one word a frame.
  var frames: [String] { log.frames.withLock { $0 } }

  init(tls: NIOSSLContext? = nil) async throws {
    let log = WebSocketLog()
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: 1 << 24,
            shouldUpgrade: { channel, head in
              log.heads.withLock { $0.append(head) }
              let chosen = head.headers.first(name: "sec-websocket-protocol")
              let headers: HTTPHeaders =
                chosen == nil ? [:] : ["Sec-WebSocket-Protocol": "second"]
              return channel.eventLoop.makeSucceededFuture(head.uri == "/no" ? nil : headers)
            },
            upgradePipelineHandler: { channel, head in
              channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                  ServerSession(path: head.uri, log: log))
              }
            })
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
        }
      }
    channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
    self.log = log
  }

  func stop() async throws { try await channel.close() }
}

private final class WebSocketLog: Sendable {
  let heads = Mutex<[HTTPRequestHead]>([])
  let frames = Mutex<[String]>([])
}

private final class ServerSession: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame
  private let path: String
  private let log: WebSocketLog

  init(path: String, log: WebSocketLog) {
    self.path = path
    self.log = log
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    // After the answer to the greeting has left.
    context.eventLoop.execute {
      let (session, context) = loopBound.value
      session.begin(context)
    }
  }

  private func begin(_ context: ChannelHandlerContext) {
    switch path {
    case "/ping": write(.ping, Array("abc".utf8), context)
    case "/fragments":
      // "Hé!" with the two bytes of é in two pieces.
      write(.text, [0x48, 0xC3], fin: false, context)
      write(.continuation, [0xA9], fin: false, context)
      write(.continuation, [0x21], context)
    case "/large": write(.binary, [UInt8](repeating: 1, count: 5000), context)
    case "/large-pieces":
      write(.binary, [UInt8](repeating: 1, count: 600), fin: false, context)
      for _ in 0..<10 {
        write(.continuation, [UInt8](repeating: 1, count: 600), fin: false, context)
      }
    case "/many-pieces":
      write(.binary, [1], fin: false, context)
      for _ in 0..<5000 { write(.continuation, [], fin: false, context) }
    case "/vanish": context.close(promise: nil)
    case "/close": write(.connectionClose, [0x0F, 0xA1] + Array("bye".utf8), context)
    case "/bad-text": write(.text, [0xFF, 0xFE], context)
    case "/reserved":
      let frame = WebSocketFrame(
        fin: true, rsv1: true, opcode: .text, data: ByteBuffer(string: "x"))
      context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    case "/masked":
      let frame = WebSocketFrame(
        fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: "x"))
      context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    case "/disorder": write(.continuation, [1], context)
    case let flood where flood.hasPrefix("/flood"): self.flood(flood, context)
    default: break
    }
  }

  private func flood(_ path: String, _ context: ChannelHandlerContext) {
    let count = path.split(separator: "/").last.flatMap { Int($0) } ?? 0
    for index in 0..<count {
      let text = "{\"stream\":\"btcusdt@trade\",\"data\":{\"p\":\"64123.12\",\"i\":\(index)}}"
      let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text))
      context.write(wrapOutboundOut(frame), promise: nil)
    }
    context.flush()
  }

  private func write(
    _ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true, _ context: ChannelHandlerContext
  ) {
    let frame = WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(bytes: bytes))
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    let bytes = Array(buffer: frame.unmaskedData)
    let isMasked = frame.maskKey != nil
    let kind = "\(frame.opcode)".split(separator: ".").last ?? ""
    log.frames.withLock { $0.append("\(kind) \(isMasked) \(bytes.prefix(8))") }
    guard path != "/mute" else { return }
    switch frame.opcode {
    case .text, .binary: write(frame.opcode, bytes, context)
    case .ping: write(.pong, bytes, context)
    case .pong where bytes == Array("abc".utf8): write(.text, Array("heard".utf8), context)
    case .connectionClose: if path != "/close" { write(.connectionClose, bytes, context) }
    default: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
