import Encodings
import Ledger
import Transport
import VenueKit

/// By what an answer is kept, and for how long.
struct Keeping: Hashable, Sendable {
  /// The venue and what is asked, without any key.
  let name: String
  /// How long the answer serves without asking; beyond that it is asked for "if changed".
  let seconds: Int64
}

/// Answers of open calls that serve more than one asking, and what every venue was asked for.
///
/// Nothing that was signed with a key ever comes in here: `keeping` gives no name to such a call.
struct KeptAnswers: Sendable {
  /// What there is for a call.
  enum Found: Sendable {
    /// Its answer; nothing needs to be sent.
    case answer(IncomingAnswer)
    /// Header fields that ask for the answer only if it has changed.
    case conditions([(name: String, value: String)])
    /// Nothing.
    case nothing
  }

  private var cache = AnswerCache()
  private var accounts: [String: CallAccount] = [:]
  /// Whether anything is kept; for measuring what that saves.
  var isOn = true

  /// What all venues together were asked for.
  var total: CallAccount { accounts.values.reduce(CallAccount(), +) }
  /// How many answers are held.
  var count: Int { cache.count }
  /// How many bytes are held.
  var bytes: Int { cache.bytes }

  /// By what the answer to a call is kept; `nil` for calls with a key and where a feed keeps nothing.
  func keeping(_ call: Call, of venue: Venue, seconds: Int?) -> Keeping? {
    guard isOn, let seconds, venue.isOpen(call) else { return nil }
    let name = "\(venue.id) \(call.surface) \(call.method) \(call.path) "
    return Keeping(name: name + call.parameters.json.text, seconds: Int64(max(0, seconds)))
  }

  /// What is known of a call; an answer counts as one that needed no call.
  mutating func look(_ keeping: Keeping, of venue: String, points: Int, at now: Instant) -> Found {
    // The conditions are the fields that the cache adds to a request without any.
    let bare = OutgoingRequest(method: "GET", url: "")
    switch cache.look(keeping.name, bare, at: now) {
    case .fresh(let answer):
      accounts[venue, default: CallAccount()].noteCached(points: points)
      return .answer(answer)
    case .conditional(let request): return .conditions(request.headers)
    case .absent: return .nothing
    }
  }

  /// Takes an answer in and gives the one to read; `nil` where it must be asked for once more,
  /// without conditions.
  mutating func take(
    _ answer: IncomingAnswer, _ keeping: Keeping, of venue: String, at now: Instant
  ) -> IncomingAnswer? {
    if answer.status == 304 { accounts[venue, default: CallAccount()].noteUnchanged() }
    return cache.take(keeping.name, answer, keptFor: keeping.seconds, at: now)
  }

  /// Notes a call that goes out.
  mutating func noteSent(_ venue: String, points: Int) {
    accounts[venue, default: CallAccount()].noteSent(points: points)
  }

  /// Notes that a call was answered "too fast".
  mutating func noteSlowed(_ venue: String) {
    accounts[venue, default: CallAccount()].noteSlowed()
  }

  /// Notes a call that shares another's answer.
  mutating func noteShared(_ venue: String, points: Int) {
    accounts[venue, default: CallAccount()].noteShared(points: points)
  }
}

extension Call {
  /// What it costs over all buckets.
  var points: Int { cost.isEmpty ? 1 : cost.values.reduce(0, +) }
}
