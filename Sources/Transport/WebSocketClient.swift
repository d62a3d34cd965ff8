import CCurl
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// What happens on a web socket; the first is `opened` or `failed`, the last `closed` or `failed`.
public enum WebSocketEvent: Hashable, Sendable {
  /// It stands; with the subprotocol the peer chose.
  case opened(subprotocol: String?)
  /// A text.
  case text(String)
  /// Bytes.
  case binary([UInt8])
  /// The peer, or we, closed it in good order.
  case closed(code: Int, reason: String)
  /// It ended otherwise.
  case failed(TransportFault)

  /// Whether nothing comes after it.
  public var isLast: Bool {
    switch self {
    case .closed, .failed: true
    case .opened, .text, .binary: false
    }
  }

  /// How many bytes it carries.
  public var size: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .binary(let bytes): bytes.count
    case .opened, .closed, .failed: 0
    }
  }
}

/// What can be set for a web socket.
public struct WebSocketOptions: Sendable {
  /// Header fields besides the protocol's own.
  public var headers: [(name: String, value: String)] = []
  /// Subprotocols, the best liked first.
  public var subprotocols: [String] = []
  /// For name, connection, TLS and the protocol's greeting together.
  public var connectMilliseconds: Int64 = 10_000
  /// How often we ask whether the peer is there; 0 never.
  public var pingMilliseconds: Int64 = 20_000
  /// How long after that anything must come from it.
  public var pongMilliseconds: Int64 = 10_000
  /// How long a closing may take.
  public var closeMilliseconds: Int64 = 3_000
  /// The greatest message, in bytes.
  public var messageBytesMost = 16 * 1024 * 1024
  /// The most pieces of a message.
  public var fragmentsMost = 1024
  /// How much may be on its way out, in bytes.
  public var unsentBytesMost = 1024 * 1024
  /// What we say we are; empty says nothing.
  public var userAgent = "coffer"

  /// Makes the usual options.
  public init() {}
}

/// Opens web sockets (RFC 6455) on swift-nio; compression is never offered.
public final class WebSocketClient: Sendable {
  private let authorityFile: String?
  private let proxy: HTTPOptions.Proxy
  private let variable: @Sendable (String) -> String?
  private let context = Mutex<NIOSSLContext?>(nil)

  /// Makes a client.
  ///
  /// - Parameters:
  ///   - authorityFile: A PEM file of trusted certificates instead of the system's.
  ///   - proxy: Which way out, as for `HTTPClient`; this machine itself is always reached straight,
  ///     and a SOCKS proxy is refused.
  public convenience init(authorityFile: String? = nil, proxy: HTTPOptions.Proxy = .none) {
    self.init(authorityFile: authorityFile, proxy: proxy) { name in
      getenv(name).map { String(cString: $0) }
    }
  }

  init(
    authorityFile: String?, proxy: HTTPOptions.Proxy,
    variable: @escaping @Sendable (String) -> String?
  ) {
    self.authorityFile = authorityFile
    self.proxy = proxy
    self.variable = variable
  }

  /// Begins to connect.
  ///
  /// - Parameters:
  ///   - url: `wss://…`, or `ws://…` to this machine.
  ///   - options: Times and sizes.
  ///   - onEvent: Called in order, on a thread of the network, and must not block. It answers whether
  ///     the event was taken; `false` for a message ends the socket with `overflow`.
  /// - Returns: The socket, to send and to close.
  public func connect(
    _ url: String, options: WebSocketOptions = WebSocketOptions(),
    onEvent: @escaping @Sendable (WebSocketEvent) -> Bool
  ) -> WebSocket {
    let place = WebSocketPlace(url)
    let core = WebSocketCore(host: place?.host ?? "?", options: options, onEvent: onEvent)
    let socket = WebSocket(core: core)
    guard let place else {
      core.conclude(.request("only wss may leave this machine, and the address must be readable"))
      return socket
    }
    do throws(ProxyRoute.Fault) {
      let route = try ProxyRoute.to(place.host, proxy, environment: variable)
      try begin(place, route, core)
    } catch .kind(let scheme) {
      core.conclude(
        .request("web sockets go through http and https proxies only, not through \(scheme)"))
    } catch {
      core.conclude(.proxy)
    }
    return socket
  }

  private func begin(
    _ place: WebSocketPlace, _ route: ProxyRoute?, _ core: WebSocketCore
  ) throws(ProxyRoute.Fault) {
    do {
      let needsTLS = place.isSecure || route?.isSecure == true
      dial(place, route, needsTLS ? try tlsContext() : nil, core)
    } catch {
      core.conclude(.tls(.authorityFile))
    }
  }

  private func tlsContext() throws -> NIOSSLContext {
    try context.withLock { context in
      if let context { return context }
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.minimumTLSVersion = .tlsv12
      configuration.certificateVerification = .fullVerification
      if let authorityFile { configuration.trustRoots = .file(authorityFile) }
      let made = try NIOSSLContext(configuration: configuration)
      context = made
      return made
    }
  }

  private func dial(
    _ place: WebSocketPlace, _ route: ProxyRoute?, _ tls: NIOSSLContext?, _ core: WebSocketCore
  ) {
    let group = MultiThreadedEventLoopGroup.singleton
    core.startTimer(on: group.next())
    // Several addresses may be tried; the pipeline is built once one of them answers, so that the
    // failure of another ends nothing.
    ClientBootstrap(group: group)
      .connectTimeout(.milliseconds(core.options.connectMilliseconds))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: route?.host ?? place.host, port: route?.port ?? place.port)
      .whenComplete { result in
        switch (result, route) {
        case (.failure(let error), nil): core.conclude(error)
        case (.failure, _): core.conclude(.proxy)
        case (.success(let channel), let route):
          WebSocketClient.begin(channel, place, route, tls, core)
        }
      }
  }

  private static func begin(
    _ channel: any Channel, _ place: WebSocketPlace, _ route: ProxyRoute?, _ tls: NIOSSLContext?,
    _ core: WebSocketCore
  ) {
    guard core.adopt(channel) else {
      channel.close(promise: nil)
      return
    }
    channel.closeFuture.whenComplete { _ in core.conclude(.closed) }
    guard let route else { return speak(channel, place, place.isSecure ? tls : nil, core) }
    do {
      if route.isSecure, let tls {
        let name = WebSocketPlace.isLiteral(route.host) ? nil : route.host
        try channel.pipeline.syncOperations.addHandler(
          NIOSSLClientHandler(context: tls, serverHostname: name))
      }
      let target = place.host.contains(":") ? "[\(place.host)]" : place.host
      try channel.pipeline.syncOperations.addHandler(
        ProxyConnect(
          target: "\(target):\(place.port)", authorization: route.authorization, core: core
        ) { context in speak(context.channel, place, place.isSecure ? tls : nil, core) })
    } catch {
      core.conclude(.proxy)
    }
  }

  /// Builds the pipeline on a connection that reaches the peer.
  private static func speak(
    _ channel: any Channel, _ place: WebSocketPlace, _ tls: NIOSSLContext?, _ core: WebSocketCore
  ) {
    do {
      if let tls {
        // A literal address cannot be asked for by name; it is still checked.
        let name = place.isLiteral ? nil : place.host
        try channel.pipeline.syncOperations.addHandler(
          NIOSSLClientHandler(context: tls, serverHostname: name))
      }
      try greet(channel, place, core)
    } catch {
      core.conclude(error)
    }
  }

  /// Puts the greeting into the pipeline, and the session once the peer agreed.
  private static func greet(
    _ channel: any Channel, _ place: WebSocketPlace, _ core: WebSocketCore
  ) throws {
    let options = core.options
    let upgrader = NIOTypedWebSocketClientUpgrader<Bool>(
      maxFrameSize: min(max(126, options.messageBytesMost), Int(UInt32.max)),
      enableAutomaticErrorHandling: false
    ) { channel, head in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(
          NIOWebSocketFrameAggregator(
            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: options.fragmentsMost,
            maxAccumulatedFrameSize: options.messageBytesMost))
        let chosen = head.headers.first(name: "sec-websocket-protocol")
        try pipeline.addHandler(WebSocketSession(core: core, subprotocol: chosen))
        return true
      }
    }
    let configuration = NIOTypedHTTPClientUpgradeConfiguration<Bool>(
      upgradeRequestHead: head(place, options), upgraders: [upgrader]
    ) { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(WebSocketRefusal(core: core))
        return false
      }
    }
    var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
    // A peer may send its first frames together with its agreement.
    pipeline.leftOverBytesStrategy = .forwardBytes
    let upgraded = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
      configuration: pipeline)
    try channel.pipeline.syncOperations.addHandler(WebSocketFaults(core: core))
    upgraded.whenFailure { core.conclude($0) }
  }

  private static func head(_ place: WebSocketPlace, _ options: WebSocketOptions) -> HTTPRequestHead
  {
    var headers = HTTPHeaders()
    headers.add(name: "Host", value: place.hostField)
    if !options.userAgent.isEmpty { headers.add(name: "User-Agent", value: options.userAgent) }
    for (name, value) in options.headers { headers.add(name: name, value: value) }
    if !options.subprotocols.isEmpty {
      headers.add(
        name: "Sec-WebSocket-Protocol", value: options.subprotocols.joined(separator: ", "))
    }
    return HTTPRequestHead(version: .http1_1, method: .GET, uri: place.target, headers: headers)
  }
}

/// One web socket; dropping it does not close it.
public final class WebSocket: Sendable {
  private let core: WebSocketCore

  init(core: WebSocketCore) { self.core = core }

  /// Sends a text; `false` where the socket is not open or too much is on its way out.
  @discardableResult public func send(_ text: String) -> Bool {
    core.send(.text, ByteBuffer(string: text))
  }

  /// Sends bytes; `false` where the socket is not open or too much is on its way out.
  @discardableResult public func send(_ bytes: [UInt8]) -> Bool {
    core.send(.binary, ByteBuffer(bytes: bytes))
  }

  /// Closes in good order; the last event comes when the peer agreed or took too long.
  public func close(code: Int = 1000) {
    core.close(code: min(max(code, 1000), 4999))
  }
}

/// Messages that wait for somebody on another thread, up to a bound.
///
/// `offer` is made to be a socket's `onEvent`: at the bound it says no, and the socket ends.
public final class WebSocketInbox: Sendable {
  private struct State {
    var events: [WebSocketEvent] = []
    var bytes = 0
  }
  private let state = Mutex(State())
  private let messagesMost: Int
  private let bytesMost: Int
  private let wake: @Sendable () -> Void

  /// Makes an empty inbox.
  ///
  /// - Parameters:
  ///   - messagesMost: How many messages may wait.
  ///   - bytesMost: How many bytes may wait.
  ///   - wake: Called after the first event in an empty inbox.
  public init(
    messagesMost: Int = 20_000, bytesMost: Int = 64 * 1024 * 1024,
    wake: @escaping @Sendable () -> Void = {}
  ) {
    self.messagesMost = messagesMost
    self.bytesMost = bytesMost
    self.wake = wake
  }

  /// Puts an event in; `false` where it does not fit, which never happens to the last event.
  public func offer(_ event: WebSocketEvent) -> Bool {
    let (isTaken, isFirst) = state.withLock { state in
      let fits = state.events.count < messagesMost && state.bytes + event.size <= bytesMost
      guard fits || event.isLast else { return (false, false) }
      state.events.append(event)
      state.bytes += event.size
      return (true, state.events.count == 1)
    }
    if isFirst { wake() }
    return isTaken
  }

  /// Takes everything out.
  public func drain() -> [WebSocketEvent] {
    state.withLock { state in
      let events = state.events
      state = State()
      return events
    }
  }
}

/// Where a web socket is, as libcurl reads the address.
struct WebSocketPlace: Sendable {
  var isSecure: Bool
  var host: String
  var port: Int
  var target: String
  var isLiteral: Bool

  init?(_ url: String) {
    guard let handle = curl_url() else { return nil }
    defer { curl_url_cleanup(handle) }
    let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
    guard url.utf8.count <= 64 * 1024, curl_url_set(handle, CURLUPART_URL, url, flags) == CURLUE_OK,
      let scheme = Address.part(handle, CURLUPART_SCHEME)?.lowercased(),
      let named = Address.part(handle, CURLUPART_HOST)?.lowercased(),
      Address.part(handle, CURLUPART_USER) == nil
    else { return nil }
    isSecure = scheme == "wss"
    guard isSecure || (scheme == "ws" && Address.isLoopback(named)) else { return nil }
    isLiteral = WebSocketPlace.isLiteral(named)
    host = named.hasPrefix("[") ? String(named.dropFirst().dropLast()) : named
    let told = Address.part(handle, CURLUPART_PORT).flatMap { Int($0) }
    port = told ?? (isSecure ? 443 : 80)
    hostField = told.map { "\(named):\($0)" } ?? named
    let path = Address.part(handle, CURLUPART_PATH) ?? "/"
    let query = Address.part(handle, CURLUPART_QUERY).map { "?" + $0 } ?? ""
    target = path + query
  }

  var hostField: String

  /// Whether a host is written as an address.
  static func isLiteral(_ host: String) -> Bool {
    host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
  }
}
