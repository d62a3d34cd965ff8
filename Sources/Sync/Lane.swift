import Ledger
import VenueKit

/// One lane of an account: its feed, what is known of it, and what it is doing.
struct Lane: Sendable {
  /// What a lane waits for.
  enum Activity: Sendable {
    /// Nothing.
    case idle
    /// Answers.
    case calling(Calling)
    /// The store's word.
    case storing(Storing)
  }

  /// Calls under way.
  struct Calling: Sendable {
    let id: Int
    let ask: Ask
    let calls: [Call]
    let since: Instant
  }

  /// A batch under way, and what becomes true with it.
  struct Storing: Sendable {
    let batch: Int
    let next: LaneState
    let told: [EntryIdentity: UInt64]
    let refusals: [SyncRefusal]
    let memo: Int
    let asked: Instant?
    let trouble: LaneTrouble?
  }

  let id: LaneID
  let feed: AnyFeed
  let outline: AnyFeed.Outline
  /// Whether nothing of the account points to its market or asset.
  var isSweep: Bool
  /// What is known, as the store has it.
  var state: LaneState
  var activity = Activity.idle
  /// Nothing is asked before this.
  var notBefore = Instant(microseconds: .min)
  /// It is known that nothing is to be done before this.
  var idleUntil = Instant(microseconds: .min)
  /// It is known to have something to do, this urgent, until it is begun.
  var readyTier: LaneTier?
  /// When a view was last read, by our clock.
  var lastDone: Instant?
  /// Somebody said that there is something new.
  var isNudged = false
  /// Failures one after another.
  var failures = 0
  /// Answers that could not be read, one after another.
  var malformed = 0
  /// Refusals of our clock, one after another.
  var clockRefusals = 0
  /// Whether it goes on after the clock was read.
  var waitsForClock = false
  var trouble: LaneTrouble?
  /// Rows of a view that takes several pages.
  var gathered: [ReadRow] = []
  var gatheredPages = 0
  var gatheredCursor: String?
  var gatheredPrint: UInt64 = 0
  /// When the present view was begun to be asked for, by the venue's clock.
  var gatheredSince: Instant?
  /// When the stored view was asked for, by the venue's clock.
  var asked: Instant?
  /// What the store has of the latest entries, so that it is not bothered again.
  var told: [EntryIdentity: UInt64] = [:]
  var toldRefusals: Set<SyncRefusal> = []
  /// The number of the line its calls wait in; see `AccountSync.lines`.
  var line = 0
  /// Counts up with every call of the account; the lane that was served longest ago goes first.
  var served = 0
  /// About how many pages it has left to read; `nil` before the first.
  var pagesLeft: Int?
  /// Pages of history since it was made or its reading ended, and how many seconds were unread
  /// before.
  var pagesRead = 0
  var unreadBefore: Int64 = 0
  /// Calls since the last batch.
  var calls = 0
  /// Seconds covered as the store has it.
  var writtenSeconds: Int64
  /// Whether its state was written down since it was made.
  var isWritten = false

  static let mostTold = 8_192

  init(_ id: LaneID, _ feed: AnyFeed, isSweep: Bool = false, state: LaneState?) {
    self.id = id
    self.feed = feed
    outline = feed.outline
    self.isSweep = isSweep
    self.state = state ?? LaneState()
    writtenSeconds = self.state.covered.seconds
    trouble = self.state.stop
  }

  var isIdle: Bool { if case .idle = activity { true } else { false } }

  var isStopped: Bool { state.stop != nil }

  /// Lets go of a view that was not finished.
  mutating func dropGathered() {
    gathered = []
    gatheredPages = 0
    gatheredCursor = nil
    gatheredPrint = 0
    gatheredSince = nil
  }

  /// Remembers what the store has.
  mutating func remember(_ storing: Storing) {
    if told.count + storing.told.count > Lane.mostTold { told = [:] }
    for (identity, print) in storing.told { told[identity] = print }
    if toldRefusals.count > Lane.mostTold { toldRefusals = [] }
    toldRefusals.formUnion(storing.refusals)
  }

  /// Reckons how many pages are left, from those that were read and the time that they told of.
  ///
  /// - Parameter seconds: How much time is unread.
  mutating func reckon(unread seconds: Int64) {
    pagesRead += 1
    guard seconds > 0 else {
      pagesLeft = 0
      pagesRead = 0
      unreadBefore = 0
      return
    }
    let read = max(1, unreadBefore - seconds)
    let left = Double(pagesRead) * Double(seconds) / Double(read)
    pagesLeft = Int(min(left, 1_000_000).rounded(.up))
  }

  mutating func recover() {
    failures = 0
    malformed = 0
    clockRefusals = 0
    trouble = nil
  }
}
