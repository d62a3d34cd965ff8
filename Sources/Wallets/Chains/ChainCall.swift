public import VenueKit

/// A question to a chain's node, and how its answer is read.
public struct ChainCall<Value: Sendable>: Sendable {
  /// What is sent.
  public let request: OutgoingRequest
  /// Reads the answer; never traps, whatever was answered.
  public let read: @Sendable (IncomingAnswer) throws(ChainFault) -> Value

  /// Pairs a request with its reader.
  public init(
    _ request: OutgoingRequest,
    read: @escaping @Sendable (IncomingAnswer) throws(ChainFault) -> Value
  ) {
    self.request = request
    self.read = read
  }

  /// The call with its value turned into another.
  public func map<Other: Sendable>(
    _ change: @escaping @Sendable (Value) throws(ChainFault) -> Other
  ) -> ChainCall<Other> {
    let read = read
    return ChainCall<Other>(request) { answer throws(ChainFault) in try change(try read(answer)) }
  }
}

/// Why an answer says nothing; what it would have said is unknown, not zero.
public enum ChainFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The server answered with a status that is no success.
  case status(Int)
  /// The server asks to be left alone for a while, in its own words.
  case busy(String)
  /// The node refused: its own number and words.
  case node(code: Int, message: String)
  /// The answer is not what its method gives; the place in it.
  case malformed(String)
  /// The server serves another chain than the one asked for.
  case wrongChain(String)
  /// Nothing stands at the address that could answer.
  case noContract

  /// The longest part of a node's words that is kept.
  static let longestMessage = 200

  /// The fault in words.
  public var description: String {
    switch self {
    case .status(let status): "The server answered with status \(status)."
    case .busy(let message): message
    case .node(_, let message): message
    case .malformed(let place): "The answer is not understood at \(place)."
    case .wrongChain(let name): "The server serves another chain: \(name)."
    case .noContract: "No contract answers at the address."
    }
  }
}
