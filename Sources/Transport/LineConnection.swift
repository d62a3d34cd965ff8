import Encodings
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One connection that speaks in lines: its questions and what becomes of them.
final class LineConnection: Sendable {
  typealias Completion = @Sendable (Result<[UInt8], TransportFault>) -> Void

  private enum Phase {
    case dialing
    case open
    case ended
  }

  private struct Pending {
    let completion: Completion
    let timer: Scheduled<Void>
    var wasSent: Bool
  }

  private struct Shared {
    var phase = Phase.dialing
    var channel: (any Channel)?
    var last = 0
    var pending: [Int: Pending] = [:]
    /// Questions that wait for the greeting.
    var unsent: [(id: Int, line: [UInt8])] = []
    var timer: Scheduled<Void>?
  }

  /// The id of the greeting; questions begin behind it.
  private static let greetingID = 0

  private let place: LinePlace
  private let options: LineOptions
  private let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
  private let shared = Mutex(Shared())

  init(_ place: LinePlace, _ options: LineOptions) {
    self.place = place
    self.options = options
  }

  var hasEnded: Bool { shared.withLock { $0.phase == .ended } }

  // MARK: - Questions

  func ask(_ question: LineQuestion, _ completion: @escaping Completion) {
    let (channel, line, fault) = shared.withLock {
      shared -> ((any Channel)?, [UInt8], TransportFault.Kind?) in
      if shared.phase == .ended { return (nil, [], .closed) }
      if shared.pending.count >= options.pendingMost { return (nil, [], .busy) }
      shared.last += 1
      let id = shared.last
      let timer = loop.scheduleTask(in: .milliseconds(options.answerMilliseconds)) { [self] in
        if self.shared.withLock({ $0.pending[id] != nil }) { conclude(.timeout(.whole)) }
      }
      let line = LineConnection.line(question, id)
      let isOpen = shared.phase == .open
      shared.pending[id] = Pending(completion: completion, timer: timer, wasSent: isOpen)
      if isOpen {
        shared.timer?.cancel()
        return (shared.channel, line, nil)
      }
      shared.unsent.append((id, line))
      return (nil, [], nil)
    }
    if let fault {
      completion(.failure(TransportFault(fault, host: place.host, mayHaveBeenSent: false)))
    }
    if let channel { channel.writeAndFlush(ByteBuffer(bytes: line), promise: nil) }
  }

  private static func line(_ question: LineQuestion, _ id: Int) -> [UInt8] {
    let json: JSON = [
      "jsonrpc": "2.0", "id": .number(String(id)), "method": .string(question.method),
      "params": question.params,
    ]
    return Array(json.text.utf8) + [0x0A]
  }

  // MARK: - Connecting

  func dial(_ greeting: LineQuestion?) {
    let timer = loop.scheduleTask(in: .milliseconds(options.connectMilliseconds)) { [self] in
      if shared.withLock({ $0.phase == .dialing }) { conclude(.timeout(.connect)) }
    }
    shared.withLock { $0.timer = timer }
    ClientBootstrap(group: loop)
      .connectTimeout(.milliseconds(options.connectMilliseconds))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: place.host, port: place.port)
      .whenComplete { [self] result in
        switch result {
        case .failure(let error): conclude(WebSocketCore.kind(of: error))
        case .success(let channel): begin(channel, greeting)
        }
      }
  }

  private func begin(_ channel: any Channel, _ greeting: LineQuestion?) {
    let isTaken = shared.withLock { shared in
      guard shared.phase == .dialing else { return false }
      shared.channel = channel
      return true
    }
    guard isTaken else {
      channel.close(promise: nil)
      return
    }
    channel.closeFuture.whenComplete { [self] _ in conclude(.closed) }
    do {
      let pipeline = channel.pipeline.syncOperations
      if place.isSecure { try pipeline.addHandler(try tlsHandler()) }
      try pipeline.addHandler(LineSession(self, most: options.lineBytesMost))
    } catch {
      let isFile = options.authorityFile != nil && place.pin == nil
      return conclude(isFile ? .tls(.authorityFile) : .tls(.handshake))
    }
    guard let greeting else { return open() }
    let line = LineConnection.line(greeting, LineConnection.greetingID)
    channel.writeAndFlush(ByteBuffer(bytes: line), promise: nil)
  }

  private func tlsHandler() throws -> NIOSSLClientHandler {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.certificateVerification = .fullVerification
    if let file = options.authorityFile { configuration.trustRoots = .file(file) }
    let context = try NIOSSLContext(configuration: configuration)
    // A literal address cannot be asked for by name; it is still checked.
    let isLiteral = place.host.contains(":") || place.host.allSatisfy { $0.isNumber || $0 == "." }
    let name = isLiteral ? nil : place.host
    guard let pin = place.pin else {
      return try NIOSSLClientHandler(context: context, serverHostname: name)
    }
    return try NIOSSLClientHandler(
      context: context, serverHostname: name,
      customVerificationCallback: { [self] certificates, promise in
        let leaf = try? certificates.first?.toDERBytes()
        let isPinned = leaf.map(pin) ?? false
        if !isPinned { conclude(.tls(.pinMismatch)) }
        promise.succeed(isPinned ? .certificateVerified : .failed)
      })
  }

  /// The greeting was answered: what waited goes out.
  private func open() {
    let (channel, lines) = shared.withLock { shared -> ((any Channel)?, [UInt8]) in
      guard shared.phase == .dialing else { return (nil, []) }
      shared.phase = .open
      shared.timer?.cancel()
      for (id, _) in shared.unsent { shared.pending[id]?.wasSent = true }
      let lines = shared.unsent.flatMap(\.line)
      shared.unsent = []
      return (shared.channel, lines)
    }
    if let channel { channel.writeAndFlush(ByteBuffer(bytes: lines), promise: nil) }
  }

  // MARK: - Answers

  /// Takes a line without its end.
  func take(_ line: [UInt8]) {
    guard let json = try? JSON.reading(line), case .object(let object) = json else {
      return conclude(.malformed("a line is no JSON object"))
    }
    guard case .number(let text)? = object["id"], let id = Int(text) else {
      // Words about something nobody asked for now: a server may tell of new blocks.
      if object["method"] != nil { return }
      return conclude(.malformed("an answer without a number"))
    }
    if id == LineConnection.greetingID { return welcome(object) }
    guard let found = settle(id) else {
      return conclude(.malformed("an answer to nothing that was asked"))
    }
    found(.success(line))
  }

  private func welcome(_ object: JSONObject) {
    let isRefused = object["error"].map { $0 != .null } ?? false
    if isRefused || object["result"] == nil {
      return conclude(.malformed("the greeting was refused"))
    }
    open()
  }

  private func settle(_ id: Int) -> Completion? {
    shared.withLock { shared in
      guard let found = shared.pending[id], found.wasSent else { return nil }
      shared.pending[id] = nil
      found.timer.cancel()
      if shared.pending.isEmpty {
        shared.timer = loop.scheduleTask(in: .milliseconds(options.idleMilliseconds)) { [self] in
          if self.shared.withLock({ $0.pending.isEmpty }) { conclude(.closed) }
        }
      }
      return found.completion
    }
  }

  /// The end: everything that waits is told why.
  func conclude(_ kind: TransportFault.Kind) {
    let (pending, channel) = shared.withLock { shared -> ([Pending], (any Channel)?) in
      guard shared.phase != .ended else { return ([], nil) }
      shared.phase = .ended
      shared.timer?.cancel()
      defer {
        shared.pending = [:]
        shared.unsent = []
      }
      return (shared.pending.sorted { $0.key < $1.key }.map(\.value), shared.channel)
    }
    for one in pending {
      one.timer.cancel()
      one.completion(
        .failure(TransportFault(kind, host: place.host, mayHaveBeenSent: one.wasSent)))
    }
    channel?.close(promise: nil)
  }
}

/// Cuts what comes into lines, up to a bound.
final class LineSession: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let connection: LineConnection
  private let most: Int
  private var held = ByteBuffer()
  /// How many of the held bytes are known to hold no end of a line.
  private var searched = 0

  init(_ connection: LineConnection, most: Int) {
    self.connection = connection
    self.most = most
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var incoming = unwrapInboundIn(data)
    held.writeBuffer(&incoming)
    while !connection.hasEnded {
      let view = held.readableBytesView
      guard let end = view.dropFirst(searched).firstIndex(of: 0x0A) else {
        searched = held.readableBytes
        break
      }
      let length = end - view.startIndex
      guard length <= most else { return connection.conclude(.tooLarge(.message)) }
      let line = held.readBytes(length: length) ?? []
      held.moveReaderIndex(forwardBy: 1)
      searched = 0
      connection.take(line)
    }
    if held.readableBytes > most { return connection.conclude(.tooLarge(.message)) }
    held.discardReadBytes()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    connection.conclude(WebSocketCore.kind(of: error))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    connection.conclude(.closed)
  }
}
