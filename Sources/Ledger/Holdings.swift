public import Amounts

/// What one account holds of one asset.
public struct Holding: Hashable, Sendable {
  /// At hand in the account.
  public var free: Quantity
  /// In a staking or savings product of the account: still owned.
  public var staked: Quantity

  /// Makes a holding.
  public init(free: Quantity = .zero, staked: Quantity = .zero) {
    self.free = free
    self.staked = staked
  }

  /// All that is owned.
  public func total() throws(ArithmeticFault) -> Quantity { try free.adding(staked) }
  /// Whether nothing is there.
  public var isEmpty: Bool { free.isZero && staked.isZero }
}

/// Which account and which recorded asset.
public struct HoldingKey: Hashable, Comparable, Sendable {
  /// The account.
  public let account: AccountID
  /// The asset as recorded.
  public let asset: AssetID

  /// Makes a key.
  public init(account: AccountID, asset: AssetID) {
    self.account = account
    self.asset = asset
  }

  /// Orders by account, then asset.
  public static func < (a: HoldingKey, b: HoldingKey) -> Bool {
    a.account != b.account ? a.account < b.account : a.asset < b.asset
  }
}

/// The fold of entries: what every account holds.
///
/// The law: folding entries one by one, in any grouping, equals rebuilding from all of them.
public struct Holdings: Equatable, Sendable {
  /// Every pair of account and asset that was ever moved.
  public private(set) var table: [HoldingKey: Holding]

  /// Starts from nothing, or from a state that was kept.
  public init(table: [HoldingKey: Holding] = [:]) {
    self.table = table
  }

  /// Folds one entry in.
  ///
  /// - Parameter entry: The entry; it must not have been folded before.
  /// - Returns: The keys whose holding changed.
  /// - Throws: `overflow` where a holding leaves the range; nothing has changed then.
  @discardableResult
  public mutating func apply(_ entry: Entry) throws(ArithmeticFault) -> Set<HoldingKey> {
    var changed: [HoldingKey: Holding] = [:]
    for leg in entry.legs {
      let key = HoldingKey(account: leg.account, asset: leg.asset)
      var holding = changed[key] ?? table[key] ?? Holding()
      holding.free = try holding.free.adding(leg.quantity)
      if leg.counter == .staked { holding.staked = try holding.staked.subtracting(leg.quantity) }
      changed[key] = holding
    }
    for (key, holding) in changed { table[key] = holding }
    return Set(changed.keys)
  }

  /// The holdings that all of these entries give.
  public static func rebuilt(
    from entries: some Sequence<Entry>
  ) throws(ArithmeticFault) -> Holdings {
    var holdings = Holdings()
    for entry in entries { try holdings.apply(entry) }
    return holdings
  }
}
