import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// What the sides of one socket share: its state, and the one way to its user.
final class WebSocketCore: Sendable {
  private enum State {
    case connecting
    case open
    case ended
  }
  private struct Shared {
    var state = State.connecting
    var channel: (any Channel)?
    var timer: Scheduled<Void>?
    var unsent = 0
  }

  let host: String
  let options: WebSocketOptions
  private let onEvent: @Sendable (WebSocketEvent) -> Bool
  private let shared = Mutex(Shared())

  init(
    host: String, options: WebSocketOptions, onEvent: @escaping @Sendable (WebSocketEvent) -> Bool
  ) {
    self.host = host
    self.options = options
    self.onEvent = onEvent
  }

  /// Starts the time to connect, name and greeting included.
  func startTimer(on loop: any EventLoop) {
    let timer = loop.scheduleTask(in: .milliseconds(options.connectMilliseconds)) { [self] in
      if shared.withLock({ $0.state == .connecting }) { conclude(.timeout(.connect)) }
    }
    shared.withLock { $0.timer = timer }
  }

  /// Takes the channel; `false` where the socket has ended meanwhile.
  func adopt(_ channel: any Channel) -> Bool {
    shared.withLock { shared in
      guard shared.state == .connecting else { return false }
      shared.channel = channel
      return true
    }
  }

  func open(subprotocol: String?) {
    let isNew = shared.withLock { shared in
      shared.timer?.cancel()
      guard shared.state == .connecting else { return false }
      shared.state = .open
      return true
    }
    if isNew { _ = onEvent(.opened(subprotocol: subprotocol)) }
  }

  /// Hands a message on; `false` ends the socket.
  func deliver(_ event: WebSocketEvent) -> Bool {
    guard shared.withLock({ $0.state == .open }) else { return true }
    return onEvent(event)
  }

  /// The last event; all after the first such are left out.
  func conclude(_ event: WebSocketEvent, closing: Bool = true) {
    let (isNew, channel) = shared.withLock { shared in
      let isNew = shared.state != .ended
      shared.state = .ended
      shared.timer?.cancel()
      return (isNew, shared.channel)
    }
    guard isNew else { return }
    _ = onEvent(event)
    if closing { channel?.close(promise: nil) }
  }

  func conclude(_ kind: TransportFault.Kind, closing: Bool = true) {
    let wasOpen = shared.withLock { $0.state == .open }
    conclude(
      .failed(TransportFault(kind, host: host, mayHaveBeenSent: wasOpen)), closing: closing)
  }

  func conclude(_ error: any Error) {
    conclude(WebSocketCore.kind(of: error))
  }

  var isOpen: Bool { shared.withLock { $0.state == .open } }

  func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> Bool {
    let size = data.readableBytes
    let channel: (any Channel)? = shared.withLock { shared in
      guard shared.state == .open, shared.unsent + size <= options.unsentBytesMost else {
        return nil
      }
      shared.unsent += size
      return shared.channel
    }
    guard let channel else { return false }
    let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    channel.writeAndFlush(frame).whenComplete { [self] _ in
      shared.withLock { $0.unsent -= size }
    }
    return true
  }

  func close(code: Int) {
    let (state, channel) = shared.withLock { ($0.state, $0.channel) }
    switch state {
    case .ended: break
    case .connecting: conclude(.cancelled)
    case .open: channel?.triggerUserOutboundEvent(WebSocketClosing(code: code), promise: nil)
    }
  }

  static func kind(of error: any Error) -> TransportFault.Kind {
    switch error {
    case let error as NIOConnectionError:
      if error.connectionErrors.isEmpty { return .dns }
      let isLate = error.connectionErrors.contains {
        if case .connectTimeout = $0.error as? ChannelError { return true }
        return false
      }
      return isLate ? .timeout(.connect) : .connect
    case ChannelError.connectTimeout: return .timeout(.connect)
    case let error as NIOSSLExtraError:
      return error == .failedToValidateHostname ? .tls(.wrongHost) : .tls(.untrusted)
    case NIOSSLError.handshakeFailed(let reason):
      let isVerification = "\(reason)".contains("CERTIFICATE_VERIFY_FAILED")
      return .tls(isVerification ? .untrusted : .handshake)
    case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate:
      return .tls(.untrusted)
    case NIOWebSocketError.invalidFrameLength: return .tooLarge(.message)
    case NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge,
      NIOWebSocketFrameAggregator.Error.tooManyFragments:
      return .tooLarge(.message)
    case is NIOWebSocketError, is NIOWebSocketFrameAggregator.Error:
      return .malformed("the frames are out of order")
    case is HTTPParserError: return .malformed("it is no HTTP")
    case is IOError: return .closed
    default: return .closed
    }
  }
}

/// The wish to close, on its way to the session.
struct WebSocketClosing: Sendable {
  var code: Int
}

/// Catches what goes wrong before there is a session.
final class WebSocketFaults: ChannelInboundHandler {
  typealias InboundIn = NIOAny
  private let core: WebSocketCore

  init(core: WebSocketCore) { self.core = core }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if core.isOpen {
      context.fireErrorCaught(error)
    } else {
      core.conclude(error)
    }
  }
}

/// Reads the status with which a peer refuses.
final class WebSocketRefusal: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  private let core: WebSocketCore

  init(core: WebSocketCore) { self.core = core }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    let status = Int(head.status.code)
    let isRedirect = (300...399).contains(status) && status != 304
    core.conclude(isRedirect ? .redirect(status: status) : .notUpgraded(status: status))
  }
}

/// One open socket: answers pings, asks whether the peer is there, and hands messages on.
final class WebSocketSession: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let core: WebSocketCore
  private let subprotocol: String?
  /// Whether anything came since the last ping.
  private var hasHeard = true
  /// Whether a ping waits for its time to run out.
  private var isAsking = false
  private var isClosing = false
  private var timers: [Scheduled<Void>] = []

  init(core: WebSocketCore, subprotocol: String?) {
    self.core = core
    self.subprotocol = subprotocol
  }

  func handlerAdded(context: ChannelHandlerContext) {
    core.open(subprotocol: subprotocol)
    schedulePing(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    for timer in timers { timer.cancel() }
    timers = []
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    hasHeard = true
    // RFC 6455, 5.1 and 5.2: a server masks nothing, and reserved bits need an agreed extension.
    guard frame.maskKey == nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
      fail(.malformed("masked or reserved"), code: .protocolError, context)
      return
    }
    switch frame.opcode {
    case .text: takeText(frame.data, context)
    case .binary: hand(.binary(Array(buffer: frame.data)), context)
    case .ping: write(.pong, frame.data, context)
    case .pong: if isAsking { checkPong(context) }
    case .connectionClose: takeClose(frame.data, context)
    default: fail(.malformed("an unknown kind of frame"), code: .protocolError, context)
    }
  }

  private func takeText(_ data: ByteBuffer, _ context: ChannelHandlerContext) {
    guard let text = String(validating: data.readableBytesView, as: UTF8.self) else {
      fail(.malformed("a text is no UTF-8"), code: .dataInconsistentWithMessage, context)
      return
    }
    hand(.text(text), context)
  }

  private func hand(_ event: WebSocketEvent, _ context: ChannelHandlerContext) {
    guard !isClosing, !core.deliver(event) else { return }
    fail(.overflow, code: .policyViolation, context)
  }

  private func takeClose(_ data: ByteBuffer, _ context: ChannelHandlerContext) {
    var rest = data
    // RFC 6455, 7.1.5: 1005 stands for a close without a code.
    let code = rest.readInteger(as: UInt16.self).map { Int($0) } ?? 1005
    let reason = String(decoding: rest.readableBytesView.prefix(123), as: UTF8.self)
    if !isClosing {
      write(
        .connectionClose,
        data.getSlice(at: data.readerIndex, length: min(2, data.readableBytes)) ?? ByteBuffer(),
        context)
    }
    core.conclude(.closed(code: code, reason: reason))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let kind = WebSocketCore.kind(of: error)
    fail(kind, code: kind == .tooLarge(.message) ? .messageTooLarge : .protocolError, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    core.conclude(.closed)
    context.fireChannelInactive()
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard let closing = event as? WebSocketClosing else {
      context.triggerUserOutboundEvent(event, promise: promise)
      return
    }
    promise?.succeed()
    guard !isClosing else { return }
    isClosing = true
    writeClose(WebSocketErrorCode(codeNumber: closing.code), context)
    let late = context.eventLoop.scheduleTask(in: .milliseconds(core.options.closeMilliseconds)) {
      [core] in core.conclude(.closed(code: 1006, reason: ""))
    }
    timers.append(late)
  }

  // MARK: Writing

  private func write(
    _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext
  ) {
    let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }

  private func writeClose(_ code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
    var data = ByteBuffer()
    data.write(webSocketErrorCode: code)
    write(.connectionClose, data, context)
  }

  private func fail(
    _ kind: TransportFault.Kind, code: WebSocketErrorCode, _ context: ChannelHandlerContext
  ) {
    if context.channel.isActive { writeClose(code, context) }
    core.conclude(kind)
  }

  // MARK: Pings

  private func schedulePing(_ context: ChannelHandlerContext) {
    let every = core.options.pingMilliseconds
    guard every > 0 else { return }
    let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let ping = context.eventLoop.scheduleTask(in: .milliseconds(every)) {
      let (session, context) = loopBound.value
      session.ping(context)
    }
    timers = [ping]
  }

  private func ping(_ context: ChannelHandlerContext) {
    guard !isClosing, context.channel.isActive else { return }
    hasHeard = false
    isAsking = true
    write(.ping, ByteBuffer(), context)
    let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let check = context.eventLoop.scheduleTask(in: .milliseconds(core.options.pongMilliseconds)) {
      let (session, context) = loopBound.value
      session.checkPong(context)
    }
    timers = [check]
  }

  private func checkPong(_ context: ChannelHandlerContext) {
    isAsking = false
    guard hasHeard else {
      core.conclude(.timeout(.pong))
      return
    }
    guard !isClosing else { return }
    for timer in timers { timer.cancel() }
    schedulePing(context)
  }
}
