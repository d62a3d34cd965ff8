public import VenueKit

/// Why an adapter's program gave no answer.
public enum AdapterFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// It could not be started: the system's words.
  case notStarted(String)
  /// It ended before it answered.
  case ended(String)
  /// It took longer than it may.
  case tookTooLong(seconds: Int)
  /// Its answer is longer than it may be.
  case answeredTooMuch(bytes: Int)
  /// It broke the protocol.
  case brokeProtocol(String)
  /// It says that it does not do what its manifest says.
  case lacks(String)
  /// It failed a short time ago and is not asked before some seconds have passed.
  case rests(seconds: Int)
  /// Too many calls wait for it.
  case isBusy
  /// The engine ends.
  case stopped

  /// The fault in words.
  public var description: String {
    switch self {
    case .notStarted(let why): "the adapter cannot be started: \(why)"
    case .ended(let how): "the adapter ended without an answer: \(how)"
    case .tookTooLong(let seconds): "the adapter gave no answer within \(seconds) s"
    case .answeredTooMuch(let bytes): "the adapter's answer is longer than \(bytes >> 20) MiB"
    case .brokeProtocol(let how): "the adapter broke the protocol: \(how)"
    case .lacks(let what): "the adapter does not do what its manifest says: \(what)"
    case .rests(let seconds): "the adapter failed and is asked again in \(seconds) s"
    case .isBusy: "too many calls wait for the adapter"
    case .stopped: "the adapter was stopped"
    }
  }

  /// The fault as a venue's; a call that only reads may always be made again.
  public var venueFault: VenueFault {
    switch self {
    case .notStarted, .ended, .tookTooLong, .rests, .isBusy, .stopped:
      .refused(Refusal(.retryable, message: description))
    case .answeredTooMuch(let bytes):
      .malformed(path: "adapter", expected: "a line of at most \(bytes >> 20) MiB")
    case .brokeProtocol(let how): .malformed(path: "adapter", expected: how)
    case .lacks(let what): .unsupported(what)
    }
  }
}
