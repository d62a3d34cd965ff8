public import Ledger

/// Whether an account is read from its venue; the raw values are stored.
public enum ConnectionState: Int, Hashable, Sendable, CaseIterable {
  /// It is read.
  case on = 0
  /// It is not read for the time being.
  case off = 1
  /// It was taken away; its entries stay.
  case removed = 2
}

/// How far a key of a venue is; the raw values are stored.
public enum CredentialState: Int, Hashable, Sendable, CaseIterable {
  /// It is to be tried; the one in use stays until it has proven itself.
  case candidate = 0
  /// It is in use.
  case current = 1
  /// It was replaced or taken away, and its secret is gone.
  case former = 2
}

/// What is known of a key without its secret.
public struct CredentialRecord: Hashable, Sendable {
  /// Counts the keys of a connection, from 1.
  public let generation: Int
  /// How far it is.
  public let state: CredentialState
  /// When it was put into the vault.
  public let created: Instant
  /// When it was made at the venue, where that is known.
  public let made: Instant?
  /// When it first worked.
  public let proven: Instant?

  /// Since when it may have been abroad: its age counts from here.
  public var since: Instant { made ?? created }
}

/// An account that is read from its venue, as the vault remembers it.
public struct ConnectionRecord: Hashable, Sendable {
  /// The account.
  public let account: AccountID
  /// The venue's word.
  public let venue: String
  /// What the user decided about it, in a form of the caller's.
  public let settings: String
  /// When it was connected.
  public let created: Instant
  /// Whether it is read.
  public let state: ConnectionState
  /// What the key may do, in a form of the caller's.
  public let rights: String?
  /// When that was found out.
  public let rightsTime: Instant?
  /// The number its entries and refused rows are attributed to.
  public let importNumber: Int64
  /// Its keys, the oldest first.
  public let credentials: [CredentialRecord]

  /// The key in use.
  public var current: CredentialRecord? { credentials.last { $0.state == .current } }
  /// The key that is to prove itself.
  public var candidate: CredentialRecord? { credentials.last { $0.state == .candidate } }
}

/// An answer as the vault remembers it.
public struct AnswerRecord: Hashable, Sendable {
  /// What was read.
  public let lane: String
  /// When it was written down.
  public let time: Instant
  /// The request in words.
  public let request: String
  /// The HTTP status.
  public let status: Int
  /// The size of the body.
  public let bytes: Int
  /// SHA-256 of the body.
  public let hash: [UInt8]
  /// The body, of answers that could not be read.
  public let body: [UInt8]?
}

/// A difference between books and venue as the vault keeps it.
public struct BreakRecord: Hashable, Sendable {
  /// The account.
  public var account: AccountID
  /// The canonical asset.
  public var asset: AssetID
  /// What the books say, as decimal text.
  public var expected: String
  /// What the venue says, as decimal text.
  public var reported: String
  /// When it was first seen.
  public var since: Instant
  /// When it was last looked at.
  public var checked: Instant
  /// `open`, `explained` or `closed`.
  public var state: String
  /// What somebody said about it.
  public var note: String

  /// Makes a record.
  public init(
    account: AccountID, asset: AssetID, expected: String, reported: String, since: Instant,
    checked: Instant, state: String, note: String = ""
  ) {
    self.account = account
    self.asset = asset
    self.expected = expected.storable
    self.reported = reported.storable
    self.since = since
    self.checked = checked
    self.state = state.storable
    self.note = String(note.prefix(1_000)).storable
  }
}

/// The calls of one lane on one day.
public struct CallCount: Hashable, Sendable {
  /// The account.
  public let account: AccountID
  /// Days since 1970-01-01, UTC.
  public let day: Int64
  /// What was read.
  public let lane: String
  /// How many calls.
  public let calls: Int
  /// How many bytes their answers had, as far as they were handed over.
  public let bytes: Int
  /// How many entries they added.
  public let added: Int
}
