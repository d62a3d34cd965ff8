import NIOCore
import NIOWebSocket
import Simulator

/// One web-socket connection: says what the stream says, every 50 ms, and answers what comes.
final class StreamSpeaking: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame
  private let desk: VenueDesk
  private var stream: SimulatedStream
  private var beat: RepeatedTask?
  private var isClosing = false

  init(_ desk: VenueDesk, _ stream: SimulatedStream) {
    self.desk = desk
    self.stream = stream
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    beat = context.eventLoop.scheduleRepeatedTask(
      initialDelay: .milliseconds(1), delay: VenueServer.pulse
    ) { _ in
      let (handler, context) = bound.value
      handler.pulse(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    beat?.cancel()
    beat = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    beat?.cancel()
    beat = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  /// A client that reads too slowly is told nothing until it has caught up.
  private func pulse(_ context: ChannelHandlerContext) {
    guard context.channel.isActive, context.channel.isWritable, !isClosing else { return }
    let (frames, after) = desk.pulse(stream)
    stream = after
    send(frames, context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    var bytes = frame.unmaskedData
    switch frame.opcode {
    case .text:
      let text = bytes.readString(length: bytes.readableBytes) ?? ""
      let (frames, after) = desk.receive(text, stream)
      stream = after
      send(frames, context)
    case .ping:
      write(WebSocketFrame(fin: true, opcode: .pong, data: bytes), context)
      context.flush()
    case .connectionClose:
      if isClosing {
        context.close(promise: nil)
        return
      }
      isClosing = true
      write(WebSocketFrame(fin: true, opcode: .connectionClose, data: bytes), context)
      context.flush()
      context.close(promise: nil)
    default: break
    }
  }

  private func send(_ frames: [StreamFrame], _ context: ChannelHandlerContext) {
    if frames.isEmpty { return }
    for frame in frames {
      desk.listener?(frame)
      switch frame {
      case .text(let text):
        write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)), context)
      case .binary(let bytes):
        write(WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: bytes)), context)
      case .ping:
        write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()), context)
      case .close(let code):
        isClosing = true
        var data = ByteBuffer()
        data.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: code))
        write(WebSocketFrame(fin: true, opcode: .connectionClose, data: data), context)
      }
    }
    context.flush()
    if isClosing { context.close(promise: nil) }
  }

  private func write(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(frame), promise: nil)
  }
}
