public import Amounts
public import Ledger
import Prices

/// What things cost at times past.
public protocol PriceHistory: Sendable {
  /// The price of one unit at a time.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - time: When.
  ///   - currency: What to say it in.
  /// - Returns: The price; `nil` where none is known, which is never zero.
  func price(of asset: AssetID, at time: Instant, in currency: Currency) -> Price?
}

/// Makes lot events out of the ledger's entries.
///
/// Currencies of ISO 4217 are cash: they have a value, at the rate of the time, and no lots. Moves
/// between the free and the staked part of an account change no lots either.
///
/// A trade for cash is worth the cash. A trade of two assets is worth what its source says, else what
/// is got, else what is given (26 U.S.C. § 1001(b): the amount realised is the fair market value of
/// what is received). Income is worth its price when it came. A transfer within one entry carries its
/// lots; one that tells one end only goes through the account `inTransit`.
///
/// What has no value here is marked by a note and stays unknown in every figure that rests on it:
/// missing prices; deposits, receipts, openings and gifts without a basis. What is not understood
/// moves the quantity, so that lots and holdings agree, and is marked: loans, margin results,
/// corrections of income.
public struct EntryMapping: Sendable {
  /// Which recorded assets are the same thing.
  public let links: AssetLinks
  /// The currency of every value.
  public let currency: Currency
  /// What things cost.
  public let prices: any PriceHistory
  /// The lots that entries give away, where somebody named them.
  public let picks: [EntryID: [NamedLot]]

  /// Makes a mapping.
  ///
  /// - Parameters:
  ///   - links: Which recorded assets are the same thing.
  ///   - currency: The currency of every value.
  ///   - prices: What things cost.
  ///   - picks: The lots that entries give away, where somebody named them.
  public init(
    links: AssetLinks, currency: Currency, prices: any PriceHistory,
    picks: [EntryID: [NamedLot]] = [:]
  ) {
    self.links = links
    self.currency = currency
    self.prices = prices
    self.picks = picks
  }

  /// The account that lots lie in between two ends of a transfer that different entries tell.
  public static let inTransit = AccountID(named: "in-transit")

  /// The events of an entry.
  ///
  /// - Parameters:
  ///   - entry: The entry.
  ///   - sequence: Its place among entries of one time, such as its row in the ledger.
  /// - Returns: The events, and notes on what they leave open.
  public func mapped(_ entry: Entry, sequence: Int) -> MappedEntry {
    EntryEvents(entry, sequence: sequence, mapping: self).mapped
  }
}

/// What an entry came to.
public struct MappedEntry: Hashable, Sendable {
  /// Its events; none for one that moves cash only, or within an account.
  public internal(set) var events: [LotEvent] = []
  /// What they leave open.
  public internal(set) var notes: [MappingNote] = []
}

/// Something that an entry does not tell, or that is not understood.
public struct MappingNote: Hashable, Sendable {
  /// What it is; raw values may be stored.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// No price was known at the time: value, cost or proceeds are unknown.
    case missingPrice = "missing-price"
    /// What came from outside has a cost that nobody has told.
    case missingBasis = "missing-basis"
    /// It left for a place outside the records, its lots with it, without a gain.
    case leftRecords = "left-records"
    /// One end of a transfer; the other must come in another entry.
    case oneEnded = "one-ended"
    /// A loan: what came has the cost of its value then, what goes back has no gain.
    case loan
    /// A result of margin or derivatives: the asset moves at its value, the position's own gain is
    /// not counted.
    case margin
    /// Income taken back, or an expense given back: no gain, no income.
    case reversal
    /// A figure leaves the range of exact numbers and counts as unknown.
    case outOfRange = "out-of-range"
  }
  /// What it is.
  public let reason: Reason
  /// The entry.
  public let entry: EntryID
  /// The account.
  public let account: AccountID
  /// The canonical asset.
  public let asset: AssetID
}
