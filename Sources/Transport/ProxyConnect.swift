import NIOCore

/// Asks a proxy for a way to the peer, and leaves the pipeline once it is there.
///
/// https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
final class ProxyConnect: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  /// The longest answer's head, in bytes.
  private static let headMost = 16 * 1024

  private let request: String
  private let core: WebSocketCore
  private let onOpen: (ChannelHandlerContext) -> Void
  private var answer = ByteBuffer()
  private var isOver = false

  /// Makes the request.
  ///
  /// - Parameters:
  ///   - target: Host and port of the peer.
  ///   - authorization: What the proxy is told of who we are.
  ///   - core: The socket.
  ///   - onOpen: Builds the rest of the pipeline behind this handler.
  init(
    target: String, authorization: String?, core: WebSocketCore,
    onOpen: @escaping (ChannelHandlerContext) -> Void
  ) {
    var lines = ["CONNECT \(target) HTTP/1.1", "Host: \(target)"]
    if !core.options.userAgent.isEmpty { lines.append("User-Agent: \(core.options.userAgent)") }
    if let authorization { lines.append("Proxy-Authorization: \(authorization)") }
    request = lines.joined(separator: "\r\n") + "\r\n\r\n"
    self.core = core
    self.onOpen = onOpen
  }

  func handlerAdded(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    var part = unwrapInboundIn(data)
    answer.writeBuffer(&part)
    let end = Array("\r\n\r\n".utf8)
    let bytes = answer.readableBytesView
    guard let head = bytes.firstRange(of: end) else {
      if bytes.count > ProxyConnect.headMost { refuse() }
      return
    }
    isOver = true
    let text = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
    let words = text.prefix { $0 != "\r\n" && $0 != "\r" }.split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]),
      (200...299).contains(status)
    else { return refuse() }
    let rest = ByteBuffer(bytes: bytes[head.upperBound...])
    onOpen(context)
    if rest.readableBytes > 0 { context.fireChannelRead(NIOAny(rest)) }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if !isOver { refuse() }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if isOver { context.fireErrorCaught(error) } else { refuse() }
  }

  private func refuse() {
    isOver = true
    core.conclude(.proxy)
  }
}
