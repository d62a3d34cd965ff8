/// What kind of failure a venue's refusal is; decides what may be done about it.
public enum RefusalKind: String, Hashable, Sendable, CaseIterable {
  /// Asking again would be refused again: a wrong argument, a market that does not exist.
  case definitive
  /// The venue's own trouble: ask again later.
  case retryable
  /// Asked too often.
  case rate
  /// The address or key is shut out for a time.
  case banned
  /// The key, its signature or its rights.
  case auth
  /// Our clock or nonce is off.
  case clock
  /// Too little of an asset; of orders only.
  case funds
  /// The order asked about is not known.
  case orderNotFound = "order-not-found"
  /// It may have been done or not: find out before asking again.
  case unknownOutcome = "unknown-outcome"
}

/// A venue's refusal, as it words it and as we class it.
public struct Refusal: Hashable, Sendable {
  /// The class.
  public var kind: RefusalKind
  /// The venue's own code, empty for none.
  public var code: String
  /// The venue's own words, cut to 500 characters; text from outside.
  public var message: String

  /// Makes a refusal.
  public init(_ kind: RefusalKind, code: String = "", message: String = "") {
    self.kind = kind
    self.code = code
    self.message = String(message.prefix(500))
  }
}

/// Why no rows came of a call.
public enum VenueFault: Error, Hashable, Sendable {
  /// The answer is not what the venue's documents say: the place, and what was expected there.
  case malformed(path: String, expected: String)
  /// The venue refused.
  case refused(Refusal)
  /// The call could not be signed; never holds the key.
  case unsigned(String)
  /// The venue has no such thing, or Coffer does not ask for it.
  case unsupported(String)
}

extension VenueFault: CustomStringConvertible {
  /// The fault in words.
  public var description: String {
    switch self {
    case .malformed(let path, let expected): "\(path): expected \(expected)"
    case .refused(let refusal):
      "refused (\(refusal.kind.rawValue))\(refusal.code.isEmpty ? "" : " \(refusal.code)"): "
        + refusal.message
    case .unsigned(let reason): "could not be signed: \(reason)"
    case .unsupported(let what): "not supported: \(what)"
    }
  }
}

/// Which of a venue's refusals is of which kind.
///
/// Rules are tried in order: exact codes first, then texts, the longest text first, so that a
/// message about a daily limit is not taken for the one about a second that it contains. What no
/// rule knows is classed by its status: 401 and 403 auth, 418 banned, 429 rate, 5xx retryable,
/// else definitive.
public struct FaultTable: Sendable {
  /// Codes as the venue writes them.
  public var codes: [String: RefusalKind]
  /// Parts of messages, in lower case.
  public var texts: [(part: String, kind: RefusalKind)]
  /// Finds the refusal in a body: its code and message, or `nil` where the body is no refusal.
  public var find: @Sendable (Node, Int) -> (code: String, message: String)?

  /// Makes a table.
  ///
  /// - Parameters:
  ///   - codes: Kinds by exact code.
  ///   - texts: Kinds by part of the message.
  ///   - find: Finds code and message in a body with its status.
  public init(
    codes: [String: RefusalKind] = [:], texts: [String: RefusalKind] = [:],
    find: @escaping @Sendable (Node, Int) -> (code: String, message: String)?
  ) {
    self.codes = codes
    self.texts = texts.map { (part: $0.key.lowercased(), kind: $0.value) }
      .sorted { ($1.part.utf8.count, $0.part) < ($0.part.utf8.count, $1.part) }
    self.find = find
  }

  /// Classes a refusal.
  public func refusal(code: String, message: String, status: Int) -> Refusal {
    if let kind = codes[code] { return Refusal(kind, code: code, message: message) }
    let lower = message.lowercased()
    if let rule = texts.first(where: { lower.contains($0.part) }) {
      return Refusal(rule.kind, code: code, message: message)
    }
    let kind: RefusalKind =
      switch status {
      case 401, 403: .auth
      case 418: .banned
      case 429: .rate
      case 500...: .retryable
      default: .definitive
      }
    return Refusal(kind, code: code, message: message)
  }
}
