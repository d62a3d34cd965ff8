import CPosix
import Dispatch
import Glibc

/// Sends lines to a system log: the machine's own, or one by UDP (RFC 5426) or TCP (RFC 6587, 3.4.1).
///
/// Neither way tells that a line was kept. By TCP the peer has at least closed without a fault; by
/// UDP nobody said that there is no such port.
public final class LogClient: Sendable {
  private let queue = DispatchQueue(label: "coffer.syslog")
  /// The longest wait for a peer, in milliseconds.
  private let milliseconds: Int32

  /// Starts a client.
  public init(milliseconds: Int32 = 5_000) {
    self.milliseconds = milliseconds
  }

  /// Sends a line; `done` is called once, on the client's own queue, with a fault or `nil`.
  ///
  /// - Parameters:
  ///   - line: The line (RFC 5424).
  ///   - url: A path, `udp://host:514` or `tcp://host:601`.
  ///   - mayBePlain: Whether it may leave this machine in plain text.
  ///   - done: Gets what went wrong.
  public func send(
    _ line: [UInt8], to url: String, mayBePlain: Bool,
    done: @escaping @Sendable (TransportFault?) -> Void
  ) {
    queue.async { [self] in done(carry(line, url, mayBePlain)) }
  }

  private func carry(_ line: [UInt8], _ url: String, _ mayBePlain: Bool) -> TransportFault? {
    if url.hasPrefix("/") { return toLocal(line, url) }
    guard let place = LogPlace(url) else {
      return TransportFault(
        .request("the address cannot be used"), host: "?", mayHaveBeenSent: false)
    }
    if !mayBePlain, !Address.isLoopback(place.host) {
      return TransportFault(
        .request("plain text may leave this machine only where that was allowed"),
        host: place.host, mayHaveBeenSent: false)
    }
    let kind = place.isStream ? SOCK_STREAM : SOCK_DGRAM
    let descriptor = open(place, kind)
    guard descriptor >= 0 else {
      return TransportFault(
        descriptor == -2 ? .dns : .connect, host: place.host, mayHaveBeenSent: false)
    }
    defer { close(descriptor) }
    let bytes = place.isStream ? Array("\(line.count) ".utf8) + line : line
    guard write(descriptor, bytes), settled(descriptor, place.isStream) else {
      return TransportFault(.closed, host: place.host, mayHaveBeenSent: true)
    }
    return nil
  }

  private func toLocal(_ line: [UInt8], _ path: String) -> TransportFault? {
    for kind in [SOCK_DGRAM, SOCK_STREAM] {
      let descriptor = socket(
        AF_UNIX, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      guard posix_unix_connect(descriptor, path) == 0 else {
        if errno == EPROTOTYPE { continue }
        break
      }
      // A stream parts messages by a zero byte.
      let bytes = kind == SOCK_STREAM ? line + [0] : line
      if write(descriptor, bytes) { return nil }
      return TransportFault(.closed, host: path, mayHaveBeenSent: false)
    }
    return TransportFault(.connect, host: path, mayHaveBeenSent: false)
  }

  /// A connected socket; -1 where nobody is there, -2 where the name is not known.
  private func open(_ place: LogPlace, _ kind: __socket_type) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(kind.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(place.bareHost, "\(place.port)", &hints, &list) == 0 else { return -2 }
    defer { freeaddrinfo(list) }
    var next = list
    while let one = next?.pointee {
      next = one.ai_next
      let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      let descriptor = socket(one.ai_family, one.ai_socktype | flags, one.ai_protocol)
      guard descriptor >= 0 else { continue }
      if connect(descriptor, one.ai_addr, one.ai_addrlen) == 0 { return descriptor }
      if errno == EINPROGRESS, waits(descriptor, Int16(POLLOUT)), fault(descriptor) == 0 {
        return descriptor
      }
      close(descriptor)
    }
    return -1
  }

  private func waits(_ descriptor: Int32, _ events: Int16) -> Bool {
    var line = pollfd(fd: descriptor, events: events, revents: 0)
    return poll(&line, 1, milliseconds) == 1
  }

  private func fault(_ descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return errno }
    return code
  }

  private func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN, waits(descriptor, Int16(POLLOUT)) { continue }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Waits a moment for a word that nobody took it.
  private func settled(_ descriptor: Int32, _ isStream: Bool) -> Bool {
    var byte: UInt8 = 0
    if isStream {
      shutdown(descriptor, Int32(SHUT_WR))
      guard waits(descriptor, Int16(POLLIN)) else { return true }
      return recv(descriptor, &byte, 1, 0) >= 0
    }
    var line = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&line, 1, 100) == 1 else { return true }
    return recv(descriptor, &byte, 1, 0) >= 0 || errno != ECONNREFUSED
  }
}

/// Host and port of a system log.
struct LogPlace {
  let isStream: Bool
  let host: String
  let port: UInt16

  init?(_ url: String) {
    let schemes = ["udp://": false, "tcp://": true]
    guard let (scheme, isStream) = schemes.first(where: { url.hasPrefix($0.key) }) else {
      return nil
    }
    self.isStream = isStream
    let rest = url.dropFirst(scheme.count)
    let usual: UInt16 = isStream ? 601 : 514
    if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
      guard let port = UInt16(rest[rest.index(after: colon)...]) else { return nil }
      self.port = port
      host = String(rest[..<colon])
    } else {
      port = usual
      host = String(rest)
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") })
    else { return nil }
  }

  /// The host without the brackets of an IPv6 address.
  var bareHost: String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }
}
