public import Encodings
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server that speaks JSON-RPC in lines.
public struct LinePlace: Sendable {
  /// The host's name or address.
  public var host: String
  /// The port.
  public var port: Int
  /// Whether with TLS; without it only this machine is reached.
  public var isSecure: Bool
  /// Says whether a certificate, in DER, is the pinned one; `nil` asks the system's authorities.
  ///
  /// A pinned certificate stands for itself: neither its signer, its name nor its time is looked at.
  public var pin: (@Sendable ([UInt8]) -> Bool)?

  /// Names a place.
  public init(
    host: String, port: Int, isSecure: Bool, pin: (@Sendable ([UInt8]) -> Bool)? = nil
  ) {
    self.host = host
    self.port = port
    self.isSecure = isSecure
    self.pin = pin
  }
}

/// Times and sizes of a connection that speaks in lines.
public struct LineOptions: Sendable {
  /// For name, connection, TLS and the greeting together.
  public var connectMilliseconds: Int64 = 10_000
  /// For each answer; one that is late ends the connection.
  public var answerMilliseconds: Int64 = 30_000
  /// How long a connection is kept while nothing is asked.
  public var idleMilliseconds: Int64 = 60_000
  /// The longest line, in bytes.
  public var lineBytesMost = 8 << 20
  /// The most questions that wait at once.
  public var pendingMost = 64
  /// A PEM file of trusted certificates instead of the system's.
  public var authorityFile: String?

  /// Makes the usual options.
  public init() {}
}

/// What is asked over a connection that speaks in lines.
public struct LineQuestion: Sendable {
  /// The method.
  public var method: String
  /// Its parameters.
  public var params: JSON

  /// Asks something.
  public init(_ method: String, _ params: JSON) {
    self.method = method
    self.params = params
  }
}

/// Asks a server that speaks JSON-RPC 2.0 with one object a line, as Electrum's servers do.
///
/// It connects when something is asked, and again after a connection has ended; questions of one
/// connection are told apart by their ids. Nothing is sent twice by itself.
///
/// Source: https://electrumx.readthedocs.io/en/latest/protocol-basics.html#message-stream
public final class LineClient: Sendable {
  private let place: LinePlace
  private let greeting: LineQuestion?
  private let options: LineOptions
  private let connection = Mutex<(line: LineConnection?, isShutDown: Bool)>((nil, false))

  /// Makes a client; nothing is connected yet.
  ///
  /// - Parameters:
  ///   - place: The server.
  ///   - greeting: What is asked first on every connection; its refusal ends it.
  ///   - options: Times and sizes.
  public init(_ place: LinePlace, greeting: LineQuestion? = nil, options: LineOptions = .init()) {
    self.place = place
    self.greeting = greeting
    self.options = options
  }

  /// Asks something.
  ///
  /// - Parameters:
  ///   - question: What is asked; its id is given by the connection.
  ///   - completion: Called once, on a thread of the network, with the line that answers it; whether
  ///     that is a result or a refusal is for the caller to read.
  public func ask(
    _ question: LineQuestion,
    then completion: @escaping @Sendable (Result<[UInt8], TransportFault>) -> Void
  ) {
    if !place.isSecure && !Address.isLoopback(place.host) {
      let kind = TransportFault.Kind.request("only ssl may leave this machine")
      return completion(.failure(TransportFault(kind, host: place.host, mayHaveBeenSent: false)))
    }
    let taken = connection.withLock { state -> (line: LineConnection, isNew: Bool)? in
      if state.isShutDown { return nil }
      if let line = state.line, !line.hasEnded { return (line, false) }
      let line = LineConnection(place, options)
      state.line = line
      return (line, true)
    }
    guard let taken else {
      return completion(
        .failure(TransportFault(.shutDown, host: place.host, mayHaveBeenSent: false)))
    }
    taken.line.ask(question, completion)
    if taken.isNew { taken.line.dial(greeting) }
  }

  /// Ends the connection and all that waits; nothing is asked any more.
  public func shutDown() {
    let line = connection.withLock { state in
      state.isShutDown = true
      return state.line
    }
    line?.conclude(.shutDown)
  }
}
