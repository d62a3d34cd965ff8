import NIOCore
import NIOHTTP1
import Simulator

/// Takes requests, one after another, and writes what the desk answers.
final class HTTPAnswering: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart
  private let desk: VenueDesk
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()
  /// Requests that came while one was being answered late.
  private var waiting: [(HTTPRequestHead, String)] = []
  private var isBusy = false
  private static let bodyMost = 1 << 20
  private static let waitingMost = 64

  init(_ desk: VenueDesk) {
    self.desk = desk
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body.clear()
    case .body(var part):
      guard body.readableBytes + part.readableBytes <= HTTPAnswering.bodyMost else {
        context.close(promise: nil)
        return
      }
      body.writeBuffer(&part)
    case .end:
      guard let head, waiting.count < HTTPAnswering.waitingMost else {
        context.close(promise: nil)
        return
      }
      self.head = nil
      waiting.append((head, String(buffer: body)))
      next(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func next(_ context: ChannelHandlerContext) {
    guard !isBusy, !waiting.isEmpty else { return }
    let (head, text) = waiting.removeFirst()
    let request = HTTPAnswering.request(head, body: text, context.channel)
    if request.path.hasPrefix("/simulator/") {
      write(Administration.answer(request, desk), head, isCut: false, context)
      return
    }
    switch desk.answer(request) {
    case .drop: context.close(promise: nil)
    case .answer(let response, let delay, let isCut):
      guard delay > 0 else {
        write(response, head, isCut: isCut, context)
        return
      }
      isBusy = true
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(in: .milliseconds(delay)) {
        let (handler, context) = bound.value
        handler.isBusy = false
        handler.write(response, head, isCut: isCut, context)
      }
    }
  }

  private func write(
    _ response: SimulatedResponse, _ head: HTTPRequestHead, isCut: Bool,
    _ context: ChannelHandlerContext
  ) {
    var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
    headers.replaceOrAdd(name: "Content-Length", value: String(response.body.count))
    let answer = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    context.write(wrapOutboundOut(.head(answer)), promise: nil)
    let bytes = isCut ? response.body.prefix(response.body.count / 2) : response.body[...]
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    if isCut {
      context.flush()
      context.close(promise: nil)
      return
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if head.isKeepAlive { next(context) } else { context.close(promise: nil) }
  }

  /// The request as the simulator wants it: host without port, names of headers in small letters.
  static func request(
    _ head: HTTPRequestHead, body: String, _ channel: any Channel
  ) -> SimulatedRequest {
    var headers: [String: String] = [:]
    for (name, value) in head.headers { headers[name.lowercased()] = value }
    let named = headers["host"] ?? ""
    let host = String(named.prefix { $0 != ":" }).lowercased()
    let uri = head.uri
    let mark = uri.firstIndex(of: "?") ?? uri.endIndex
    let query = mark < uri.endIndex ? String(uri[uri.index(after: mark)...]) : ""
    return SimulatedRequest(
      method: head.method.rawValue, host: host, path: String(uri[..<mark]), query: query,
      headers: headers, body: body, address: channel.remoteAddress?.ipAddress ?? "127.0.0.1")
  }
}
