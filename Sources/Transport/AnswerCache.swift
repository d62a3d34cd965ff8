public import Ledger
public import VenueKit

/// Answers kept for a while, so that they need not be asked for again.
///
/// How long is the caller's word, an endpoint at a time; beyond it an answer that came with a
/// validator is asked for only "if changed". Memory is bounded; what was used longest ago goes first.
public struct AnswerCache: Sendable {
  /// What to do about a request.
  public enum Lookup: Sendable {
    /// Use this; nothing needs to be sent.
    case fresh(IncomingAnswer)
    /// Send this one, which asks for the answer only if it has changed.
    case conditional(OutgoingRequest)
    /// Send the request as it is.
    case absent
  }

  private struct Entry: Sendable {
    var answer: IncomingAnswer
    var freshUntil: Instant
    var size: Int
    var lastUse: UInt64
  }

  private let bytesMost: Int
  private let entriesMost: Int
  private var entries: [String: Entry] = [:]
  private var uses: UInt64 = 0
  /// How many bytes are held.
  public private(set) var bytes = 0
  /// How many answers are held.
  public var count: Int { entries.count }

  /// Makes an empty cache.
  public init(bytesMost: Int = 32 * 1024 * 1024, entriesMost: Int = 4096) {
    self.bytesMost = bytesMost
    self.entriesMost = entriesMost
  }

  /// Finds what is known of a request.
  ///
  /// - Parameters:
  ///   - key: What makes requests equal: venue, API key's name and what is asked, never secrets.
  ///   - request: The request that would be sent.
  ///   - now: The present.
  /// - Returns: An answer, a conditional request (RFC 9110, 13.1.2 and 13.1.3), or nothing.
  public mutating func look(_ key: String, _ request: OutgoingRequest, at now: Instant) -> Lookup {
    guard let entry = entries[key] else { return .absent }
    touch(key)
    if now < entry.freshUntil { return .fresh(entry.answer) }
    var conditional = request
    if let tag = entry.answer.header("etag") {
      conditional.headers.append(("If-None-Match", tag))
    } else if let date = entry.answer.header("last-modified") {
      conditional.headers.append(("If-Modified-Since", date))
    } else {
      return .absent
    }
    return .conditional(conditional)
  }

  /// Takes an answer in and gives the one to use.
  ///
  /// - Parameters:
  ///   - key: As for `look`.
  ///   - answer: What came.
  ///   - seconds: How long it may be used without asking; 0 asks always, if changed.
  ///   - now: The present.
  /// - Returns: The answer; for "not modified" the kept one with its new fields (RFC 9111, 4.3.4);
  ///   `nil` where that is gone, so that the request must be sent again without conditions.
  public mutating func take(
    _ key: String, _ answer: IncomingAnswer, keptFor seconds: Int64, at now: Instant
  ) -> IncomingAnswer? {
    if answer.status == 304 {
      guard var entry = entries[key] else { return nil }
      for field in answer.headers {
        entry.answer.headers.removeAll { $0.name == field.name }
        entry.answer.headers.append(field)
      }
      keep(key, entry.answer, until: now.advanced(bySeconds: max(0, seconds)))
      return entry.answer
    }
    guard answer.status == 200 else { return answer }
    keep(key, answer, until: now.advanced(bySeconds: max(0, seconds)))
    return answer
  }

  /// Forgets every answer whose key begins so; everything for an empty text.
  public mutating func forget(_ prefix: String) {
    for key in entries.keys where key.hasPrefix(prefix) { drop(key) }
  }

  private mutating func keep(_ key: String, _ answer: IncomingAnswer, until: Instant) {
    drop(key)
    let fields = answer.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
    let size = answer.body.count + fields + key.utf8.count + 128
    guard size <= bytesMost else { return }
    while bytes + size > bytesMost || entries.count >= entriesMost {
      guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else {
        return
      }
      drop(oldest)
    }
    uses += 1
    bytes += size
    entries[key] = Entry(answer: answer, freshUntil: until, size: size, lastUse: uses)
  }

  private mutating func drop(_ key: String) {
    if let gone = entries.removeValue(forKey: key) { bytes -= gone.size }
  }

  private mutating func touch(_ key: String) {
    uses += 1
    entries[key]?.lastUse = uses
  }
}

/// What the calls cost and what was saved, for one venue or all together.
public struct CallAccount: Hashable, Sendable {
  /// Questions that somebody had.
  public private(set) var asked = 0
  /// Calls that went out, "if changed" ones included.
  public private(set) var sent = 0
  /// Questions answered from the cache.
  public private(set) var savedByCache = 0
  /// Calls answered "not modified": sent, but without a body.
  public private(set) var unchanged = 0
  /// Questions that shared another's call.
  public private(set) var savedBySharing = 0
  /// Questions that were put together into one call.
  public private(set) var savedByBatching = 0
  /// Calls answered "too fast".
  public private(set) var slowed = 0
  /// Points that all questions would have cost.
  public private(set) var pointsAsked = 0
  /// Points that the calls did cost.
  public private(set) var pointsSent = 0

  /// Makes an empty account.
  public init() {}

  /// Notes a call that answered some questions at once.
  ///
  /// - Parameters:
  ///   - points: What the call cost.
  ///   - questions: How many questions it answered, at least one.
  ///   - pointsEach: What one question alone would have cost.
  public mutating func noteSent(points: Int, answering questions: Int = 1, pointsEach: Int? = nil) {
    let questions = max(1, questions)
    asked += questions
    sent += 1
    savedByBatching += questions - 1
    pointsSent += points
    pointsAsked += questions == 1 ? points : questions * (pointsEach ?? points)
  }

  /// Notes a question answered from the cache.
  public mutating func noteCached(points: Int) {
    asked += 1
    savedByCache += 1
    pointsAsked += points
  }

  /// Notes a question that shared another's call.
  public mutating func noteShared(points: Int) {
    asked += 1
    savedBySharing += 1
    pointsAsked += points
  }

  /// Notes that a call already noted as sent was answered "not modified".
  public mutating func noteUnchanged() {
    unchanged += 1
  }

  /// Notes that a call already noted as sent was answered "too fast".
  public mutating func noteSlowed() {
    slowed += 1
  }

  /// Hundredths of a percent of points saved.
  public var savedBasisPoints: Int {
    pointsAsked > 0 ? (pointsAsked - pointsSent) * 10_000 / pointsAsked : 0
  }

  /// Both accounts together.
  public static func + (a: CallAccount, b: CallAccount) -> CallAccount {
    var sum = a
    sum.asked += b.asked
    sum.sent += b.sent
    sum.savedByCache += b.savedByCache
    sum.unchanged += b.unchanged
    sum.savedBySharing += b.savedBySharing
    sum.savedByBatching += b.savedByBatching
    sum.slowed += b.slowed
    sum.pointsAsked += b.pointsAsked
    sum.pointsSent += b.pointsSent
    return sum
  }
}
