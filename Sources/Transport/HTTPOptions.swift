/// What is set once for all calls of a client.
public struct HTTPOptions: Sendable {
  /// Which way out.
  public enum Proxy: Hashable, Sendable {
    /// Straight.
    case none
    /// What the environment's variables say.
    case environment
    /// `http://`, `https://` or `socks5h://` and host and port.
    case address(String)
  }
  /// Which way out; this machine itself is always reached straight.
  public var proxy = Proxy.none
  /// A PEM file of trusted certificates instead of the system's.
  public var authorityFile: String?
  /// Public keys a host must show one of: `sha256//` and base64, by host in lower case.
  public var pinnedKeys: [String: [String]] = [:]
  /// How many connections may be open to one host.
  public var connectionsPerHost = 6
  /// How many connections may be open at all.
  public var connectionsMost = 64
  /// How many calls may be under way or wait for a connection.
  public var callsMost = 4096
  /// The greatest size of all header fields together, in bytes.
  public var headerBytesMost = 64 * 1024
  /// The greatest number of header fields.
  public var headersMost = 200
  /// What we say we are; empty says nothing.
  public var userAgent = "coffer"

  /// Makes the usual options.
  public init() {}
}

/// What is set for one call.
public struct CallOptions: Sendable {
  /// For name, connection and TLS.
  public var connectMilliseconds = 10_000
  /// From sending to the answer's first byte.
  public var firstByteMilliseconds = 20_000
  /// Between two pieces of the answer.
  public var quietMilliseconds = 20_000
  /// For everything, waiting for a free connection included.
  public var wholeMilliseconds = 60_000
  /// The greatest size of the decoded body, in bytes.
  public var bodyBytesMost = 64 * 1024 * 1024

  /// Makes the usual options.
  public init() {}
}
