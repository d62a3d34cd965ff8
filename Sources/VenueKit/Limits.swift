/// How fast a venue may be asked; given by its documents.
public struct Limits: Sendable {
  /// The venue's buckets; the first is charged by every call that names none.
  public var buckets: [LimitBucket]
  /// Statuses that mean "slow down"; usually 429.
  public var slowStatuses: Set<Int>
  /// Statuses that mean the address is banned for a time; for instance 418.
  public var banStatuses: Set<Int>

  /// Makes limits.
  public init(_ buckets: [LimitBucket], slow: Set<Int> = [429], ban: Set<Int> = [418]) {
    self.buckets = buckets
    slowStatuses = slow
    banStatuses = ban
  }
}

/// One allowance that calls draw from.
public struct LimitBucket: Sendable {
  /// What shares the allowance.
  public enum Scope: String, Sendable {
    /// All keys behind one network address.
    case address
    /// One API key.
    case key
  }
  /// How it refills.
  public enum Refill: Sendable {
    /// `capacity` again at the start of each window, as with "1,200 a minute".
    case window(seconds: Int)
    /// So many points a second flow back, as with Kraken's counter.
    case steady(perSecond: Double)
  }
  /// The venue's own name of it, for instance "REQUEST_WEIGHT".
  public var name: String
  /// How many points it holds.
  public var capacity: Int
  /// How it refills.
  public var refill: Refill
  /// What shares it.
  public var scope: Scope
  /// An answer's header that tells the points used in the window, in lower case; `nil` for none.
  public var usedHeader: String?
  /// Other venues (by id) that draw from the same allowance.
  public var sharedWith: [String]

  /// Makes a bucket.
  public init(
    _ name: String, capacity: Int, refill: Refill, scope: Scope, usedHeader: String? = nil,
    sharedWith: [String] = []
  ) {
    self.name = name
    self.capacity = capacity
    self.refill = refill
    self.scope = scope
    self.usedHeader = usedHeader
    self.sharedWith = sharedWith
  }
}
