import Amounts
import Ledger
import Sync
import VenueKit

/// What venues said that accounts have: it stands for books that are not whole yet, and whole ones are
/// compared with it.
struct VenueWords: Sendable {
  /// The accounts at venues of which neither books nor balances are known.
  private(set) var unread: Set<AccountID> = []
  /// What lanes said of balances lately, by the lane's text.
  private var views: [AccountID: [String: [ReportedBalances]]] = [:]
  /// What accounts have by their venues' word where that was told, and when it was looked at last.
  private var told: [AccountID: [AssetID: Quantity]] = [:]
  private var lookedAt: [AccountID: Instant] = [:]
  /// The balances that were compared with the books last, and when.
  private var compared: [AccountID: Instant] = [:]
  private var comparedAt: [AccountID: Instant] = [:]

  /// How many of a lane's balances are remembered until history has caught up with them.
  static let mostViews = 30
  /// Seconds between two looks at whether books are whole.
  static let pause: Int64 = 2

  /// Takes over what was stored of an account, by the lane's text.
  mutating func begin(_ account: AccountID, _ stored: [String: ReportedBalances]) {
    views[account] = stored.mapValues { [$0] }
  }

  /// Notes an account of which nothing is stored that could be told, unless its venue's word stands.
  mutating func begin(unread account: AccountID) {
    if told[account] == nil { unread.insert(account) }
  }

  /// Takes what a lane said.
  mutating func take(_ balances: ReportedBalances, of account: AccountID, _ lane: LaneID) {
    var kept = views[account]?[lane.text] ?? []
    kept.append(balances)
    views[account, default: [:]][lane.text] = kept.suffix(VenueWords.mostViews)
  }

  /// Forgets an account; says whether its venue's word stood for its books.
  mutating func forget(_ account: AccountID) -> Bool {
    views[account] = nil
    unread.remove(account)
    lookedAt[account] = nil
    return told.removeValue(forKey: account) != nil
  }

  /// Whether it is time to look whether an account's books are whole.
  func isLookDue(_ account: AccountID, at now: Instant) -> Bool {
    lookedAt[account].map { now >= $0.advanced(bySeconds: VenueWords.pause) } ?? true
  }

  /// Says what the venue's word is where the books are not whole yet: a part of them is not what the
  /// account has.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - venue: Where it is.
  ///   - isAlone: Whether the books are not whole.
  ///   - now: The present.
  /// - Returns: Whether the word changed, and what it is; `nil` where the books stand.
  mutating func look(
    _ account: AccountID, at venue: Venue, isAlone: Bool, _ now: Instant
  ) -> (isNew: Bool, word: [AssetID: Quantity]?) {
    lookedAt[account] = now
    var word: [AssetID: Quantity]?
    if isAlone {
      let rows = (views[account] ?? [:]).values.compactMap(\.last).flatMap(\.rows)
      word = try? RollForward(venue: venue).reported(rows).filter { !$0.value.isZero }
    }
    if word != nil || !isAlone { unread.remove(account) }
    let isNew = told[account] != word
    told[account] = word
    return (isNew, word)
  }

  /// Whether an account's books may be compared again.
  func isComparisonDue(_ account: AccountID, pause: Int64, at now: Instant) -> Bool {
    comparedAt[account].map { now >= $0.advanced(bySeconds: pause) } ?? true
  }

  /// The latest balances that books known up to an instant can be compared with, once.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - end: Up to when its books are known.
  ///   - now: The present.
  /// - Returns: When they were asked for and what they are; `nil` where there are none or they were
  ///   compared already.
  mutating func nextToCompare(
    _ account: AccountID, upTo end: Instant, at now: Instant
  ) -> (asked: Instant, balances: [Balance])? {
    guard let view = view(of: account, upTo: end),
      compared[account].map({ view.asked > $0 }) ?? true
    else { return nil }
    compared[account] = view.asked
    comparedAt[account] = now
    return view
  }

  /// The latest balances of all lanes that history has caught up with; `nil` where there are none
  /// from one round.
  private func view(
    of account: AccountID, upTo end: Instant
  ) -> (asked: Instant, balances: [Balance])? {
    guard let lanes = views[account], !lanes.isEmpty else { return nil }
    var asked: [Instant] = []
    var balances: [Balance] = []
    for kept in lanes.values {
      guard let last = kept.last(where: { $0.time.seconds <= end.seconds }) else { return nil }
      asked.append(last.time)
      balances += last.rows
    }
    guard let first = asked.min(), let last = asked.max(),
      last.microseconds - first.microseconds < 120_000_000
    else { return nil }
    return (first, balances)
  }
}
