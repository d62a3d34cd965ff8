import Amounts
import Ledger

/// When a quote is too far from what its source said before to be believed at once.
///
/// A wrong digit or a feed that mixes up two markets looks just like a crash, for a moment. So a
/// jump waits until another source agrees; where there is none, until the source itself has said so
/// three times over half a minute. Meanwhile the old price stands and is shown as disputed.
enum JumpRule {
  /// One part in so many: a jump is more than 10 %.
  static let part: Int64 = 10
  /// After such a pause any price is possible.
  static let memorySeconds: Int64 = 600
  /// How often, and over what time, a source alone says it before it is believed.
  static let proofQuotes = 3
  static let proofSeconds: Int64 = 30

  /// Whether a feed's quote is far from its one before.
  static func isJump(from old: Quote, to new: Quote) -> Bool {
    guard case .feed = new.source,
      new.time <= old.time.advanced(bySeconds: memorySeconds)
    else { return false }
    return !Consensus.areNear(old.price, new.price, part: part)
  }
}

/// A price that jumped and is not believed yet.
struct Suspicion: Equatable, Sendable {
  /// The last quote of it.
  let quote: Quote
  /// When it was first said.
  let since: Instant
  /// How often.
  let count: Int

  init(_ quote: Quote) {
    self.init(quote, since: quote.time, count: 1)
  }

  private init(_ quote: Quote, since: Instant, count: Int) {
    self.quote = quote
    self.since = since
    self.count = count
  }

  /// The suspicion after one more quote that jumped: the same one, or a new one.
  func going(on next: Quote) -> Suspicion {
    guard Consensus.agree(quote.price, next.price) else { return Suspicion(next) }
    return Suspicion(next, since: since, count: count + 1)
  }

  /// Whether the source has said it often and long enough.
  var isProven: Bool {
    count >= JumpRule.proofQuotes
      && quote.time >= since.advanced(bySeconds: JumpRule.proofSeconds)
  }
}
