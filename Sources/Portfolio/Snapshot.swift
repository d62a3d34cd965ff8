public import Amounts
public import Ledger

/// The sums over all positions.
public struct Totals: Hashable, Sendable {
  /// The exact sum of the values that are known, in the snapshot's currency.
  public var value: Fixed
  /// The part of it that rests on stale prices.
  public var staleValue: Fixed
  /// What the positions with a known 24-hour price were worth then.
  public var dayOpenValue: Fixed
  /// What those same positions are worth now.
  public var dayValue: Fixed
  /// How many positions there are, without those that are folded away.
  public var positions: Int
  /// How many of them have a stale price.
  public var stale: Int
  /// How many have no price and so are in no sum.
  public var unpriced: Int
  /// How many have a price that sources contradict each other about.
  public var disputed: Int
  /// How many are suspect or ignored, and so in no sum and no other count.
  public var folded: Int
  /// The sum with every price at the least that its sources say or that it may have come to since,
  /// of what is owed at the most, less what venues report missing.
  public var low: Fixed
  /// The other way round: the most that it may come to.
  public var high: Fixed
  /// How many differences between ledger and venues are open.
  public var breaks: Int
  /// What those of held assets are worth, added up without their signs.
  public var breakValue: Fixed
  /// The accounts that were never read to the end, in order: what they have is in no sum, or not all.
  public var unread: [AccountID]
  /// Whether a value or a sum left the range of exact numbers and is left out.
  public var overflowed: Bool

  /// Makes sums; what is not given is nothing.
  public init(
    value: Fixed = .zero, staleValue: Fixed = .zero, dayOpenValue: Fixed = .zero,
    dayValue: Fixed = .zero, positions: Int = 0, stale: Int = 0, unpriced: Int = 0,
    disputed: Int = 0, folded: Int = 0, low: Fixed = .zero, high: Fixed = .zero, breaks: Int = 0,
    breakValue: Fixed = .zero, unread: [AccountID] = [], overflowed: Bool = false
  ) {
    self.value = value
    self.staleValue = staleValue
    self.dayOpenValue = dayOpenValue
    self.dayValue = dayValue
    self.positions = positions
    self.stale = stale
    self.unpriced = unpriced
    self.disputed = disputed
    self.folded = folded
    self.low = low
    self.high = high
    self.breaks = breaks
    self.breakValue = breakValue
    self.unread = unread
    self.overflowed = overflowed
  }

  /// How far the total can be trusted.
  public var state: FigureState {
    if unpriced > 0 || !unread.isEmpty || overflowed { return .unknown }
    if disputed > 0 { return .disputed }
    return stale > 0 ? .stale : .live
  }
}

/// The whole portfolio at one moment, never changed.
public struct Snapshot: Equatable, Sendable {
  /// Grows by one with every change.
  public let version: UInt64
  /// The currency of all values.
  public let currency: Currency
  /// When it was made.
  public let time: Instant
  /// The positions, in order of asset.
  public let positions: [Position]
  /// The accounts, in order of identity.
  public let accounts: [Account]
  /// The sums.
  public let totals: Totals

  /// Makes a snapshot.
  public init(
    version: UInt64, currency: Currency, time: Instant, positions: [Position],
    accounts: [Account], totals: Totals
  ) {
    self.version = version
    self.currency = currency
    self.time = time
    self.positions = positions
    self.accounts = accounts
    self.totals = totals
  }

  /// Nothing, in a currency.
  public static func empty(in currency: Currency) -> Snapshot {
    Snapshot(
      version: 0, currency: currency, time: Instant(microseconds: 0), positions: [],
      accounts: [], totals: Totals())
  }
}

/// What leads from one snapshot to the next.
public struct ChangeSet: Equatable, Sendable {
  /// The version it starts from.
  public let from: UInt64
  /// The version it leads to.
  public let to: UInt64
  /// When.
  public let time: Instant
  /// The positions that are new or different, in order of asset.
  public let changed: [Position]
  /// The assets whose positions are gone, in order.
  public let removed: [AssetID]
  /// The accounts, where they changed.
  public let accounts: [Account]?
  /// The sums.
  public let totals: Totals

  /// Makes a change set.
  ///
  /// - Parameters:
  ///   - from: The version it starts from.
  ///   - to: The version it leads to.
  ///   - time: When.
  ///   - changed: The positions that are new or different, in order of asset.
  ///   - removed: The assets whose positions are gone, in order.
  ///   - accounts: The accounts, where they changed.
  ///   - totals: The sums.
  public init(
    from: UInt64, to: UInt64, time: Instant, changed: [Position], removed: [AssetID],
    accounts: [Account]?, totals: Totals
  ) {
    self.from = from
    self.to = to
    self.time = time
    self.changed = changed
    self.removed = removed
    self.accounts = accounts
    self.totals = totals
  }

  /// Whether it changes nothing but the time.
  public var isEmpty: Bool { changed.isEmpty && removed.isEmpty && accounts == nil }
}

extension Snapshot {
  /// The snapshot that a change set leads to; `nil` where it starts from another version.
  public func applying(_ changes: ChangeSet) -> Snapshot? {
    guard changes.from == version else { return nil }
    var table = Dictionary(
      positions.map { ($0.asset, $0) }, uniquingKeysWith: { _, last in last })
    for asset in changes.removed { table[asset] = nil }
    for position in changes.changed { table[position.asset] = position }
    return Snapshot(
      version: changes.to, currency: currency, time: changes.time,
      positions: table.values.sorted { $0.asset < $1.asset },
      accounts: changes.accounts ?? accounts, totals: changes.totals)
  }
}
