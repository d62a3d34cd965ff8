public import Amounts

/// A recorded fact: something happened at a time, and these movements are what it did.
///
/// Entries are appended and never changed; a correction is another entry.
public struct Entry: Hashable, Sendable {
  /// The same fact has the same identity, however often it is read.
  public let id: EntryID
  /// When it happened, as its source says.
  public let time: Instant
  /// What kind of fact it is.
  public let kind: EntryKind
  /// What it moved; at least one leg.
  public let legs: [Leg]
  /// What the source says about it.
  public let details: EntryDetails
  /// Where it was read.
  public let origin: EntryOrigin

  /// Makes an entry.
  ///
  /// - Parameters:
  ///   - id: Its identity.
  ///   - time: When it happened.
  ///   - kind: What it is.
  ///   - legs: Its movements, at least one and at most `mostLegs`.
  ///   - details: What the source says.
  ///   - origin: Where it was read.
  public init(
    id: EntryID, time: Instant, kind: EntryKind, legs: [Leg],
    details: EntryDetails = EntryDetails(), origin: EntryOrigin
  ) {
    precondition(!legs.isEmpty && legs.count <= Entry.mostLegs, "An entry has 1 to 64 legs.")
    self.id = id
    self.time = time
    self.kind = kind
    self.legs = legs
    self.details = details
    self.origin = origin
  }

  /// The largest number of legs.
  public static let mostLegs = 64
}

/// What a source says about an entry, beside what it moved.
public struct EntryDetails: Hashable, Sendable {
  /// The venue's own id for it, or empty.
  public var reference: String
  /// The hash of the chain's transaction, or empty.
  public var transactionHash: String
  /// A remark, or empty.
  public var note: String
  /// What the source says it was worth.
  public var value: Money?

  /// Makes details; what is not given is empty.
  public init(
    reference: String = "", transactionHash: String = "", note: String = "", value: Money? = nil
  ) {
    self.reference = reference
    self.transactionHash = transactionHash
    self.note = note
    self.value = value
  }
}

/// Where an entry was read: which import, and on which line of it.
public struct EntryOrigin: Hashable, Sendable {
  /// The import's number in the vault; 0 for what was entered by hand.
  public let importNumber: Int64
  /// The line of the file, the first is 1; 0 where there is none.
  public let line: Int

  /// Makes an origin.
  public init(importNumber: Int64, line: Int) {
    self.importNumber = importNumber
    self.line = line
  }

  /// Entered by hand.
  public static let byHand = EntryOrigin(importNumber: 0, line: 0)
}
