public import Ledger
public import VenueKit

/// An account as it is put under the machine's care.
public struct AccountSetup: Sendable {
  /// The account its entries are booked on.
  public var account: AccountID
  /// Where it is.
  public var venue: Venue
  /// What the user decided about it.
  public var settings: SyncSettings
  /// What was stored of it, by the keys of `SyncBatch.states`.
  public var states: [String: String]
  /// The ids of its parts that the user typed, by the names of `Ask.accounts`; they count before
  /// those that the venue tells.
  public var named: [String: String]
  /// When each lane of balances and positions told what is stored of it, by the lane's text.
  public var told: [String: Instant]
  /// What the key may do, and when that was read; `nil` where it was not read with this key.
  public var rights: (rights: KeyRights, time: Instant)?

  /// Describes an account.
  public init(
    account: AccountID, venue: Venue, settings: SyncSettings = SyncSettings(),
    states: [String: String] = [:], named: [String: String] = [:], told: [String: Instant] = [:],
    rights: (rights: KeyRights, time: Instant)? = nil
  ) {
    self.account = account
    self.venue = venue
    self.settings = settings
    self.states = states
    self.named = named
    self.told = told
    self.rights = rights
  }
}

/// What the machine is told.
public enum SyncEvent: Sendable {
  /// An account shall be kept up to date; one of that name is replaced, so that `states` must be
  /// what the store has after every batch handed out before.
  case added(AccountSetup)
  /// An account shall no longer be read; what is under way is dropped.
  case removed(AccountID)
  /// The markets of a venue, as somebody else learned them.
  case marketsKnown(venue: String, [Market])
  /// The venue's ids of an account's parts, as its login told them.
  case accountsTold(AccountID, [String: String])
  /// All answers of a call, in the order of its requests, whatever their status.
  case answered(call: Int, [IncomingAnswer])
  /// A call did not come through: no network, a timeout, a request that cannot be signed.
  case failed(call: Int, VenueFault)
  /// A call was given up by us; nothing is known of its answer.
  case cancelled(call: Int)
  /// A batch is on the disk.
  case stored(batch: Int)
  /// A batch is not on the disk, nor is any part of it.
  case storeFailed(batch: Int)
  /// What a stream of the account said; it makes lanes look, and is never booked itself.
  case streamed(AccountID, [StreamEvent])
  /// A stretch of time shall be read again by every history lane of an account; the wish itself is
  /// not stored before the next batch of a lane is.
  case requery(AccountID, Span)
  /// What was stopped, paused or set aside shall be tried again: one lane, or all of an account.
  case retry(AccountID, LaneID?)
  /// Nothing shall be sent until `resumed`.
  case suspended
  /// Things go on.
  case resumed
  /// Time has passed.
  case tick
}
