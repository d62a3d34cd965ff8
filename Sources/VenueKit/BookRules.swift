/// How the books of a venue's stream are kept: what its numbers and its checksums tell.
public struct BookRules: Sendable {
  /// What the numbers of a change tell of the state before it.
  public enum Sequence: Hashable, Sendable {
    /// Changes have no numbers of their own.
    case none
    /// A change covers a range of numbers that starts right after the last state's, or before.
    case counted
    /// A change names the number of the state that it builds on.
    case linked
    /// As `linked`, but the first change after a fetched book covers the book's number.
    case linkedAround
  }

  /// Where a first state comes from.
  public enum Source: Hashable, Sendable {
    /// The stream sends it after the subscription.
    case stream
    /// It is fetched by a call, and has a number to join it by.
    case call
  }

  /// What the numbers of a change tell.
  public var sequence: Sequence
  /// Where a first state comes from.
  public var source: Source
  /// How many levels a side the venue tells of, anew where they come back into reach; `nil` where
  /// it tells of every level, once.
  public var window: Int?
  /// The checksum the venue sends, if it does.
  public var checksum: BookChecksum?
  /// Whether a state without a checksum is taken as it is: where numbers link states anyway, and a
  /// venue leaves sums out.
  public var isSumOptional: Bool
  /// Whether checksums come as messages of their own, after the changes they cover.
  public var isSummedApart: Bool
  /// The number of a message among all messages of its connection, where they have one.
  public var number: @Sendable (Node) -> Int64?

  /// Makes the rules of a stream.
  public init(
    _ sequence: Sequence, from source: Source, window: Int? = nil,
    checksum: BookChecksum? = nil, isSumOptional: Bool = false, isSummedApart: Bool = false,
    number: @escaping @Sendable (Node) -> Int64? = { _ in nil }
  ) {
    self.sequence = sequence
    self.source = source
    self.window = window
    self.checksum = checksum
    self.isSumOptional = isSumOptional
    self.isSummedApart = isSummedApart
    self.number = number
  }
}

/// What came of a change or a fetched book.
public enum BookOutcome: Hashable, Sendable {
  /// The book shows a new state.
  case changed
  /// The book shows what it showed before.
  case unchanged
  /// The book is not whole from here on: a first state must be got anew.
  case needsSnapshot(BookFlaw)
}

/// Why a book is not whole.
public enum BookFlaw: Hashable, Sendable {
  /// Changes come, but there is no first state yet.
  case missing
  /// Something between the last state and a change was not seen.
  case gap
  /// The best buyer pays what the best seller wants, or more.
  case crossed
  /// The venue's checksum does not fit.
  case checksum
  /// No checksum came where the venue sends them.
  case unchecked
  /// A number is missing where the venue counts.
  case unnumbered
  /// Too few levels are left of those that are known.
  case thin
  /// A price, an amount or a count that no book has.
  case malformed
}
