public import Ledger
public import VenueKit

/// Why a lane does not go on, and what helps.
public struct LaneTrouble: Hashable, Sendable {
  /// What kind of trouble it is.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The network or the venue, for a while.
    case weather
    /// Asked too often.
    case rate
    /// Shut out for a time.
    case banned
    /// The key, its rights or its signature.
    case key
    /// The key may withdraw.
    case withdrawRight = "withdraw-right"
    /// Our clock or nonce.
    case clock
    /// Refused for good.
    case refused
    /// The answer is not what the venue's documents say.
    case malformed
    /// The venue gives the same page again and again.
    case repeating
    /// Nothing here can ask for it.
    case unsupported
    /// The store could not write.
    case store
  }
  /// The kind.
  public var kind: Kind
  /// The venue's own words or the place in its answer; text from outside, cut to 300 characters.
  public var detail: String
  /// When it was last met.
  public var time: Instant

  /// Describes trouble.
  public init(_ kind: Kind, _ detail: String, at time: Instant) {
    self.kind = kind
    self.detail = String(detail.prefix(300))
    self.time = time
  }

  /// One sentence that says what is wrong.
  public var sentence: String {
    switch kind {
    case .weather: "The venue does not answer well."
    case .rate: "The venue was asked too often."
    case .banned: "The venue shuts this address or key out for a time."
    case .key: "The venue does not accept the key for this."
    case .withdrawRight: "The key may withdraw."
    case .clock: "The venue finds the clock or the nonce wrong."
    case .refused: "The venue refuses this."
    case .malformed: "The answer is not as the venue's documents say."
    case .repeating: "The venue gives the same rows again and never the next ones."
    case .unsupported: "This cannot be asked for."
    case .store: "The vault could not be written."
    }
  }

  /// One sentence that says what to do, or empty.
  public var advice: String {
    switch kind {
    case .weather, .rate, .banned, .store: "It is tried again by itself."
    case .key: "Check the key's rights and its address list at the venue, then try again."
    case .withdrawRight: "Make a key that may only read, or say that this one is accepted."
    case .clock: "Set the computer's clock; use the key in one program only."
    case .refused, .unsupported: "The rest goes on; try again after a change at the venue."
    case .malformed: "The answer is kept; try again with a newer version."
    case .repeating: "Import the venue's own export for the time that is missing."
    }
  }

  /// Whether the lane waits for somebody; otherwise it tries again by itself.
  public var needsSomebody: Bool {
    switch kind {
    case .weather, .rate, .banned, .clock, .store: false
    case .key, .withdrawRight, .refused, .malformed, .repeating, .unsupported: true
    }
  }
}

/// A stretch of time that was not read and will not be.
public struct SyncGap: Hashable, Sendable {
  /// Why.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// The venue answers only so far back.
    case lookBack = "look-back"
    /// More happened in one instant than a page holds.
    case burst
  }
  /// The stretch.
  public var span: Span
  /// Why.
  public var reason: Reason

  /// Describes a gap.
  public init(_ span: Span, _ reason: Reason) {
    self.span = span
    self.reason = reason
  }
}

/// How a lane is.
public enum LaneHealth: Hashable, Sendable {
  /// It has never been read.
  case waiting
  /// It is being read.
  case running
  /// Everything was read.
  case upToDate
  /// It goes on at this time.
  case resting(until: Instant)
  /// Somebody has to do something.
  case stopped
}

/// One lane as it is now.
public struct LaneStatus: Hashable, Sendable {
  /// Which.
  public var lane: LaneID
  /// How it is.
  public var health: LaneHealth
  /// The last trouble, while it lasts.
  public var trouble: LaneTrouble?
  /// What was read and is stored, for history.
  public var covered: SpanSet
  /// What will not be read.
  public var gaps: [SyncGap]
  /// What is read of what shall be, 0 to 1.
  public var fraction: Double
  /// Calls still to be made, as far as can be told.
  public var callsLeft: Int
  /// Rows read so far.
  public var rows: Int
  /// Rows refused so far.
  public var refused: Int
  /// When it was last read successfully.
  public var lastRead: Instant?
}

/// One account as it is now.
public struct AccountStatus: Hashable, Sendable {
  /// Which.
  public var account: AccountID
  /// The venue's word.
  public var venue: String
  /// Why nothing of it is read, where that is so.
  public var trouble: LaneTrouble?
  /// Nothing is sent before this.
  public var restsUntil: Instant?
  /// The lanes, in order.
  public var lanes: [LaneStatus]
  /// Whether every balance of the account is from one and the same round, so that it may be
  /// compared and added up.
  public var isBalanceComplete: Bool
  /// When the oldest of these balances was asked.
  public var balancesTime: Instant?
  /// Up to this time every history lane was read without a hole that reading could fill.
  public var completeTo: Instant?
  /// What is read of what shall be, 0 to 1.
  public var fraction: Double
  /// Calls still to be made, as far as can be told.
  public var callsLeft: Int
  /// Markets that were not asked for yet.
  public var marketsLeft: Int
  /// What is known not to be seen of an account at this venue.
  public var unseen: [String]
  /// The venue's clock less ours, in microseconds.
  public var clockOffset: Int64
  /// What the key may do, as far as it is known.
  public var rights: KeyRights?
}
