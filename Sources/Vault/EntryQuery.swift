public import Ledger

/// Which entries are wanted: newest first, a window of them.
public struct EntryQuery: Hashable, Sendable {
  /// Only entries that move this canonical asset.
  public var asset: AssetID?
  /// Only entries that move something in this account; with an asset, that asset there.
  public var account: AccountID?
  /// Only entries of which a text contains this, whatever the case of ASCII letters.
  ///
  /// Texts are ticker, kind, account, note, reference and transaction hash.
  public var text: String
  /// How many of the newest are passed over.
  public var offset: Int
  /// How many are wanted.
  public var limit: Int

  /// Makes a query.
  public init(
    asset: AssetID? = nil, account: AccountID? = nil, text: String = "", offset: Int = 0,
    limit: Int = 100
  ) {
    self.asset = asset
    self.account = account
    self.text = text
    self.offset = max(0, offset)
    self.limit = max(0, limit)
  }
}

/// A window of entries.
public struct EntryPage: Sendable {
  /// The entries, newest first.
  public let entries: [Entry]
  /// How many the query has in all; at least so many where the search was broken off.
  public let total: Int
  /// Whether everything was looked at; false where a search reached its bound or was cancelled.
  public let isComplete: Bool
}

/// An entry's place in the order of the ledger: time, then number.
struct Mark: Hashable, Comparable, Sendable {
  let time: Int64
  let id: Int

  static func < (a: Mark, b: Mark) -> Bool {
    a.time != b.time ? a.time < b.time : a.id < b.id
  }
}
