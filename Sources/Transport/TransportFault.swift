/// Why no answer came; never holds a header, a query or a body.
public struct TransportFault: Error, Hashable, Sendable {
  /// What happened.
  public enum Kind: Hashable, Sendable {
    /// The request itself cannot be sent, for instance plain `http` to another machine.
    case request(String)
    /// More calls are under way than are allowed.
    case busy
    /// The name of the host is not known.
    case dns
    /// No connection came about.
    case connect
    /// The proxy did not let us through.
    case proxy
    /// The peer is not who it should be, or speaks no TLS that we accept.
    case tls(TLSReason)
    /// Something took too long.
    case timeout(Phase)
    /// The peer sent more than is allowed.
    case tooLarge(Bound)
    /// The peer wants us to go elsewhere; we do not.
    case redirect(status: Int)
    /// The connection ended before the answer did.
    case closed
    /// The peer does not keep to the protocol.
    case malformed(String)
    /// A web socket was answered with another status than 101.
    case notUpgraded(status: Int)
    /// The receiver of a web socket's messages did not keep up.
    case overflow
    /// The caller gave it up.
    case cancelled
    /// The client was shut down.
    case shutDown
  }

  /// What is wrong with TLS.
  public enum TLSReason: Hashable, Sendable {
    /// Nobody we trust signed the certificate.
    case untrusted
    /// The certificate is for another host.
    case wrongHost
    /// The certificate is not valid yet or no longer.
    case outOfDate
    /// The key is none of those that were pinned.
    case pinMismatch
    /// No common version or cipher, or a broken handshake.
    case handshake
    /// The file of trusted certificates cannot be read.
    case authorityFile
  }

  /// What took too long.
  public enum Phase: String, Hashable, Sendable {
    /// Name, connection and TLS.
    case connect
    /// Waiting for the answer to begin.
    case firstByte
    /// Waiting in the middle of it.
    case quiet
    /// All of it together.
    case whole
    /// Waiting for the answer to our ping.
    case pong
  }

  /// What is limited.
  public enum Bound: String, Hashable, Sendable {
    /// The decoded body.
    case body
    /// The header fields, in bytes or in number.
    case headers
    /// A web socket's frame or message.
    case message
  }

  /// What happened.
  public let kind: Kind
  /// The peer's name, without path or query.
  public let host: String
  /// Whether the peer may have got the request.
  ///
  /// Where this is so for an order, its state is unknown and must be asked for; it must not be sent
  /// again.
  public let mayHaveBeenSent: Bool

  /// Makes a fault.
  public init(_ kind: Kind, host: String, mayHaveBeenSent: Bool) {
    self.kind = kind
    self.host = host
    self.mayHaveBeenSent = mayHaveBeenSent
  }
}

extension TransportFault: CustomStringConvertible {
  /// What happened and what to do about it.
  public var description: String { "\(host): \(what); \(advice)" }

  private var what: String {
    switch kind {
    case .request(let reason): reason
    case .busy: "too many calls are under way"
    case .dns: "its name is not known"
    case .connect: "no connection"
    case .proxy: "the proxy let nothing through"
    case .tls(let reason): TransportFault.words(reason)
    case .timeout(let phase): TransportFault.words(phase)
    case .tooLarge(let bound): "more came than is allowed for the \(bound.rawValue)"
    case .redirect(let status): "it points elsewhere (status \(status))"
    case .closed: "the connection ended before the answer did"
    case .malformed(let reason): "the answer breaks the protocol: \(reason)"
    case .notUpgraded(let status): "no web socket there (status \(status))"
    case .overflow: "messages came faster than they were taken"
    case .cancelled: "given up"
    case .shutDown: "the program is ending"
    }
  }

  private static func words(_ reason: TLSReason) -> String {
    switch reason {
    case .untrusted: "nobody trusted signed its certificate"
    case .wrongHost: "its certificate is for another host"
    case .outOfDate: "its certificate is not valid at this time"
    case .pinMismatch: "its key is not the pinned one"
    case .handshake: "no TLS connection that is safe enough"
    case .authorityFile: "the file of trusted certificates cannot be read"
    }
  }

  private static func words(_ phase: Phase) -> String {
    switch phase {
    case .connect: "connecting took too long"
    case .firstByte: "no answer in time"
    case .quiet: "the answer stopped in the middle"
    case .whole: "all together took too long"
    case .pong: "it no longer answers"
    }
  }

  /// What to do.
  public var advice: String {
    switch kind {
    case .request: "correct the address or the request"
    case .busy: "let some finish first"
    case .dns: "check the name and the name servers"
    case .connect: "check the network and whether the venue is up"
    case .proxy: "check the proxy setting"
    case .tls(.outOfDate): "check this computer's clock"
    case .tls(.pinMismatch): "do not send keys there; compare the venue's announced key"
    case .tls(.authorityFile): "name a readable PEM file"
    case .tls: "do not send keys there; check for a proxy that opens TLS"
    case .redirect: "correct the address"
    case .tooLarge: "ask for less at once"
    case .overflow: "subscribe again and take a fresh snapshot"
    case .malformed, .notUpgraded: "check the address and the venue's status page"
    case .cancelled, .shutDown: "nothing"
    case .timeout, .closed:
      mayHaveBeenSent ? "for an order: ask what became of it" : "try again"
    }
  }
}
