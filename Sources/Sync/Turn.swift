import Ledger
import Statistics
import VenueKit

/// What is known of a venue, whoever's account it is.
struct VenueMemo: Sendable {
  /// Markets by the lane that read them.
  private var lists: [LaneID: [Market]] = [:]
  /// When a lane of markets was read.
  private(set) var readAt: [LaneID: Instant] = [:]
  /// When all markets were given from outside.
  private(set) var givenAt: Instant?
  private var given: [Market] = []
  private(set) var table = MarketTable()
  /// Its clock less ours, in microseconds.
  var clockOffset: Int64 = 0
  /// It shuts us out before this.
  var restsUntil = Instant(microseconds: .min)
  var banRefusals = 0

  mutating func learn(_ markets: [Market], by lane: LaneID, at time: Instant) {
    lists[lane] = markets
    readAt[lane] = time
    rebuild()
  }

  mutating func learn(_ markets: [Market], at time: Instant) {
    given = markets
    givenAt = time
    rebuild()
  }

  private mutating func rebuild() {
    // What was read comes first; what was given from outside fills in.
    var all = lists.sorted { $0.key < $1.key }.flatMap(\.value)
    struct Name: Hashable {
      let id: String
      let kind: MarketKind
    }
    let known = Set(all.map { Name(id: $0.id, kind: $0.kind) })
    all += given.filter { !known.contains(Name(id: $0.id, kind: $0.kind)) }
    table = MarketTable(all)
  }

  /// When the markets of a lane were learned, from whomever.
  func learned(_ lane: LaneID) -> Instant? {
    guard let read = readAt[lane] else { return givenAt }
    return givenAt.map { max($0, read) } ?? read
  }
}

/// Waits that look like chance and are the same for the same seed.
struct Jitter: Sendable {
  private var chance: SplitMix64

  init(seed: UInt64) {
    chance = SplitMix64(seed: seed)
  }

  mutating func next() -> UInt64 { chance.next() }

  /// A wait between half of a duration and all of it, in microseconds.
  mutating func wait(seconds: Int64) -> Int64 {
    let whole = max(1, min(seconds, 365 * 86_400)) * 1_000_000
    return whole / 2 + Int64(next() % UInt64(whole / 2 + 1))
  }
}

/// One event on its way through the machine: what it may use, and what comes of it.
struct Turn {
  let now: Instant
  let policy: SyncPolicy
  var venues: [String: VenueMemo]
  var jitter: Jitter
  var nextID: Int
  var actions: [SyncAction] = []
  var reports: Set<AccountID> = []

  mutating func number() -> Int {
    defer { nextID += 1 }
    return nextID
  }

  /// The time by a venue's clock.
  func time(at venue: String) -> Instant {
    let (sum, overflow) = now.microseconds.addingReportingOverflow(
      venues[venue]?.clockOffset ?? 0)
    return overflow ? now : Instant(microseconds: sum)
  }

  /// When to try again after so many failures: the wait doubles and is drawn between half and all.
  mutating func later(least: Int64, most: Int64, failures: Int) -> Instant {
    let doublings = min(max(0, failures - 1), 20)
    let seconds = min(most, least << doublings)
    let (sum, overflow) = now.microseconds.addingReportingOverflow(jitter.wait(seconds: seconds))
    return overflow ? now : Instant(microseconds: sum)
  }
}
