public import Ledger
public import VenueKit

/// Calls to be made for one lane.
public struct SyncCall: Sendable {
  /// Names it in `answered`, `failed` and `cancelled`.
  public var id: Int
  /// Whose it is.
  public var account: AccountID
  /// The venue's word.
  public var venue: String
  /// What it reads.
  public var lane: LaneID
  /// How urgent it is.
  public var tier: LaneTier
  /// About how many pages follow on its answer, of the lane that has most of all that draw from the
  /// same; 0 for all others.
  public var followers: Int
  /// What is asked.
  public var ask: Ask
  /// The requests, in order; all answers are needed.
  public var calls: [Call]
  /// How long answers may serve others, in seconds, as the feed says; `nil` keeps none.
  public var keptSeconds: Int?
}

/// A fact on its way to the store.
public struct SyncEntry: Hashable, Sendable {
  /// What makes it the same fact when it is read again.
  public var identity: EntryIdentity
  /// When it happened.
  public var time: Instant
  /// What it is.
  public var kind: EntryKind
  /// What it moved; 1 to 64 legs.
  public var legs: [Leg]
  /// What the venue says about it.
  public var details: EntryDetails
  /// The venue's rows it was made of, as JSON, one a line.
  public var raw: String

  /// Makes a fact.
  public init(
    identity: EntryIdentity, time: Instant, kind: EntryKind, legs: [Leg], details: EntryDetails,
    raw: String
  ) {
    self.identity = identity
    self.time = time
    self.kind = kind
    self.legs = legs
    self.details = details
    self.raw = raw
  }
}

/// A row that was not understood, on its way to the store.
public struct SyncRefusal: Hashable, Sendable {
  /// Why, as a stable word.
  public var reason: String
  /// The place in the row, or empty.
  public var place: String
  /// The offending text, at most 80 characters.
  public var text: String
  /// The row as JSON.
  public var raw: String
}

/// An answer as it came.
public struct SyncPayload: Hashable, Sendable {
  /// The request in words: method, surface and path; no parameters, no secrets.
  public var request: String
  /// The HTTP status.
  public var status: Int
  /// The body.
  public var body: [UInt8]
  /// Whether it could not be read, so that the body itself must be kept.
  public var isUnreadable: Bool
}

/// What a venue says an account holds, by one lane; it takes the place of all that lane said
/// before.
public struct ReportedBalances: Hashable, Sendable {
  /// When it was asked, by the venue's clock.
  public var time: Instant
  /// Balances, one an asset and part.
  public var rows: [Balance]

  /// Gathers balances.
  public init(time: Instant, rows: [Balance]) {
    self.time = time
    self.rows = rows
  }
}

/// What a venue says is open; it takes the place of all that lane said before.
public struct ReportedPositions: Hashable, Sendable {
  /// When it was asked, by the venue's clock.
  public var time: Instant
  /// The positions.
  public var rows: [OpenPosition]
}

/// What has to be written down in one transaction before a lane goes on.
public struct SyncBatch: Sendable {
  /// Names it in `stored` and `storeFailed`.
  public var id: Int
  /// Whose it is.
  public var account: AccountID
  /// The venue's word.
  public var venue: String
  /// What was read.
  public var lane: LaneID
  /// Facts; those the store has already change nothing.
  public var entries: [SyncEntry] = []
  /// Rows that were not understood; those the store has already change nothing.
  public var refused: [SyncRefusal] = []
  /// The answers they were read from.
  public var payloads: [SyncPayload] = []
  /// State by key, to be given back in `AccountSetup.states`; an empty text removes it.
  public var states: [String: String] = [:]
  /// What the account holds.
  public var balances: ReportedBalances?
  /// What is open.
  public var positions: ReportedPositions?
  /// What the key may do.
  public var rights: KeyRights?
  /// How many calls were made for it.
  public var calls = 0
  /// The places inside protocols at which a wallet has something: accounts beneath its own.
  public var claims: [ClaimPlace] = []

  /// Starts a batch.
  public init(id: Int, account: AccountID, venue: String, lane: LaneID) {
    self.id = id
    self.account = account
    self.venue = venue
    self.lane = lane
  }
}

/// What the machine wants done.
public enum SyncAction: Sendable {
  /// Make these calls.
  case send(SyncCall)
  /// Give a call up; its answer will not be read.
  case cancel(call: Int)
  /// Write this down, and say `stored` or `storeFailed`.
  case store(SyncBatch)
  /// The venue's markets were read.
  case markets(venue: String, [Market])
  /// Send `tick` at this time; an earlier wish is void.
  case wake(Instant)
  /// `status(of:)` of the account has changed.
  case report(AccountID)
}
