import Encodings
import Ledger

/// How a session is begun at a venue whose calls carry what a login gave.
///
/// The login is signed with the stored key like any call. What it gives is a secret: it is kept in
/// memory by whoever signs requests, handed to recipes as fields of the credentials, and nowhere
/// else.
public struct VenueSession: Sendable {
  /// The call that logs in; its surface needs no session.
  public var login: Call
  /// The surfaces whose calls carry the session, by name.
  public var surfaces: Set<String>
  /// The names of the fields that the login gives, for `Credentials.field`.
  public var fields: [String]
  /// How long a session lasts where the login does not tell, in seconds.
  public var life: Int
  /// Whether a refusal says that the session has ended, so that another one may help.
  public var isEnded: @Sendable (Refusal) -> Bool
  /// Reads the login's answer.
  public var read: @Sendable (Answer) throws(VenueFault) -> SessionGrant

  /// Describes a session.
  public init(
    login: Call, surfaces: Set<String>, fields: [String], life: Int,
    isEnded: @escaping @Sendable (Refusal) -> Bool = { $0.kind == .auth },
    read: @escaping @Sendable (Answer) throws(VenueFault) -> SessionGrant
  ) {
    self.login = login
    self.surfaces = surfaces
    self.fields = fields
    self.life = life
    self.isEnded = isEnded
    self.read = read
  }
}

/// What a login gave; printed it shows nothing of it.
public struct SessionGrant: Sendable, CustomStringConvertible, CustomReflectable {
  /// Secret fields by name, as recipes ask for them.
  public var fields: [String: String]
  /// The venue's ids of the account's parts, where the login tells them: no secrets.
  public var accounts: [String: String]
  /// How long it lasts from now on, in seconds; `nil` where the login does not tell.
  public var life: Int?

  /// Gathers what a login gave.
  public init(fields: [String: String], accounts: [String: String] = [:], life: Int? = nil) {
    self.fields = fields
    self.accounts = accounts
    self.life = life
  }

  /// No secret.
  public var description: String { "a session" }
  /// No secret.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Venue {
  /// The session that a call carries; `nil` for one that needs none.
  public func session(for call: Call) -> VenueSession? {
    guard let session, session.surfaces.contains(call.surface) else { return nil }
    return session
  }
}

/// A cookie that an answer sets.
///
/// Source: RFC 6265, 5.2.
public struct AnswerCookie: Sendable {
  /// Its value.
  public let value: String
  /// How long it lasts, in seconds; `nil` where that is not told.
  public let life: Int?
}

extension Answer {
  /// The first value of a header field; `name` in lower case.
  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// The cookie of a name that the answer sets; an empty one is none.
  public func cookie(_ name: String) -> AnswerCookie? {
    for header in headers where header.name == "set-cookie" {
      let parts = header.value.split(separator: ";").map(Answer.pair)
      guard let first = parts.first, first.name == name, !first.value.isEmpty else { continue }
      return AnswerCookie(value: first.value, life: life(of: parts.dropFirst()))
    }
    return nil
  }

  /// `Max-Age` counts before `Expires`.
  private func life(of parts: ArraySlice<(name: String, value: String)>) -> Int? {
    let age = parts.first { $0.name.lowercased() == "max-age" }
    if let age { return Int(age.value) }
    guard let text = parts.first(where: { $0.name.lowercased() == "expires" })?.value,
      let end = Answer.date(text)
    else { return nil }
    let (left, isBeyond) = end.seconds.subtractingReportingOverflow(ask.now.seconds)
    return isBeyond ? nil : Int(clamping: left)
  }

  private static func pair(_ part: Substring) -> (name: String, value: String) {
    let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let (name, value) = (halves.first ?? "", halves.count > 1 ? halves[1] : "")
    return (trimmed(name), trimmed(value))
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0 == " " || $0 == "\t" }
    let end = start.lastIndex { $0 != " " && $0 != "\t" }
    return end.map { String(start[...$0]) } ?? ""
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// A date as cookies write it: `Sun, 06 Nov 1994 08:49:37 GMT`, with dashes in older forms.
  private static func date(_ text: String) -> Instant? {
    let words = text.split { " -,:".contains($0) }
    guard words.count == 8, words[7] == "GMT", let day = Int(words[1]),
      let month = months.firstIndex(of: words[2].lowercased()), let year = Int(words[3]),
      let hour = Int(words[4]), let minute = Int(words[5]), let second = Int(words[6])
    else { return nil }
    return CivilTime(
      year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)?.utc
  }
}
