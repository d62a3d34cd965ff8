public import Ledger

/// A part of what an address holds of one asset; parts do not overlap and may be added up.
public struct ChainBalance: Hashable, Sendable {
  /// What may be done with it.
  public enum Part: String, Hashable, Sendable {
    /// Free to move.
    case available
    /// Not yet in a block; may be below zero.
    case pending
    /// Held by orders, reserves or locks.
    case locked
    /// Staked.
    case staked
    /// On its way out of staking.
    case unbonding
    /// Earned and not yet collected.
    case reward
    /// Owed to somebody.
    case debt
  }
  /// The asset.
  public let asset: AssetID
  /// What the chain calls it; anybody may have chosen that name.
  public let symbol: String
  /// How much; with no decimals where those are not known.
  public let amount: ChainAmount
  /// Whether the amount's decimals are known; without them it is a count of smallest units.
  public let areDecimalsKnown: Bool
  /// What may be done with it.
  public let part: Part

  /// Makes one.
  public init(
    _ asset: AssetID, symbol: String = "", _ amount: ChainAmount, areDecimalsKnown: Bool = true,
    part: Part = .available
  ) {
    self.asset = asset
    self.symbol = symbol
    self.amount = amount
    self.areDecimalsKnown = areDecimalsKnown
    self.part = part
  }
}

/// What a node said of an address.
public struct ChainAccount: Hashable, Sendable {
  /// Whether the chain knows the address; an unknown one holds nothing.
  public var exists: Bool
  /// What it holds.
  public var balances: [ChainBalance]
  /// How many things it owns that each need a reserve, where the chain has those.
  public var ownerCount: Int?
  /// How many transactions it has, where the answer says.
  public var transactionCount: Int?
  /// How many of an account key's addresses were used, where the answer says.
  public var usedAddresses: Int?
  /// The next page, where the answer is one of several.
  public var nextPage: String?

  /// Makes one.
  public init(exists: Bool = true, balances: [ChainBalance] = []) {
    self.exists = exists
    self.balances = balances
  }

  /// An address that the chain never saw: nothing of its own coin.
  static func unknown(_ chain: String) -> ChainAccount {
    ChainAccount(exists: false, balances: [.native(chain, .zero(decimals: decimals(chain)))])
  }

  /// The decimals of a chain's own coin.
  static func decimals(_ chain: String) -> Int { Coin.named(chain)?.decimals ?? 18 }

  /// The sum of one asset's parts, nil where they cannot be added.
  public func total(of asset: AssetID) -> ChainAmount? {
    let own = balances.filter { $0.asset == asset && $0.part != .debt }
    guard let first = own.first else { return nil }
    return own.dropFirst().reduce(first.amount as ChainAmount?) { $0?.adding($1.amount) }
  }

  /// The amount of one part of an asset.
  public func amount(of asset: AssetID, _ part: ChainBalance.Part) -> ChainAmount? {
    balances.first { $0.asset == asset && $0.part == part }?.amount
  }
}

extension ChainBalance {
  /// A chain's own coin.
  static func native(
    _ chain: String, _ amount: ChainAmount, _ part: Part = .available
  ) -> ChainBalance {
    ChainBalance(
      .native(chain: chain), symbol: KnownAssets.ticker(ofChain: chain) ?? chain, amount, part: part
    )
  }
}
