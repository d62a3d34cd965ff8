public import Amounts

/// Why no trades can be worked out.
public enum RebalanceFault: Error, Hashable, Sendable {
  /// A held or wanted asset has no positive price.
  case noPrice
  /// The portfolio is worth nothing or less.
  case noValue
  /// A number leaves what an amount can hold.
  case overflow
}

/// What must be bought and sold to reach target weights, exactly, before lots and minimum sizes.
///
/// V = Σ q P + cash. A target weight is a share of V; what the targets leave of 1 stays cash. Assets
/// held without a target are sold. Fees are estimated and not taken from V.
public struct TargetTrades<Asset: Hashable & Comparable & Sendable>: Hashable, Sendable {
  /// The change of one asset.
  public struct Trade: Hashable, Sendable {
    /// Which asset.
    public let asset: Asset
    /// The price it was worked out at.
    public let price: Price
    /// Its share of the portfolio before.
    ///
    /// Unit: 1.
    public let weight: Fixed
    /// Its share afterwards.
    ///
    /// Unit: 1.
    public let target: Fixed
    /// What is bought, in the portfolio's currency; negative is sold.
    public let value: Fixed
    /// What is bought in units of the asset, cut off after 18 digits; negative is sold.
    public let quantity: Quantity
  }

  /// What the portfolio is worth, cash included.
  public let value: Fixed
  /// One trade for every asset that is held or wanted, in order of the assets, also of nothing.
  public let trades: [Trade]
  /// The trades that are worth making: not nothing, and no smaller than the least value.
  public let kept: [Trade]
  /// Half of the sum of all trades over the value of the portfolio.
  ///
  /// Unit: 1.
  public let turnover: Fixed
  /// The fee rate times the sum of all trades.
  public let cost: Fixed
  /// Cash after all trades, before fees.
  public let cashAfter: Fixed

  /// What is held, what is wanted and what trading costs.
  public struct Wish: Hashable, Sendable {
    /// What is held; negative is owed.
    public var holdings: [Asset: Quantity]
    /// Money on hand.
    public var cash: Fixed
    /// Prices in the currency of the cash.
    public var prices: [Asset: Price]
    /// Shares of the whole value.
    ///
    /// Unit: 1.
    public var targets: [Asset: Fixed]
    /// The fee as a share of what is traded.
    ///
    /// Unit: 1.
    public var feeRate: Fixed
    /// Trades below this are not kept.
    public var leastValue: Fixed

    /// States a wish.
    public init(
      holdings: [Asset: Quantity], cash: Fixed, prices: [Asset: Price], targets: [Asset: Fixed],
      feeRate: Fixed = .zero, leastValue: Fixed = .zero
    ) {
      self.holdings = holdings
      self.cash = cash
      self.prices = prices
      self.targets = targets
      self.feeRate = feeRate
      self.leastValue = leastValue
    }
  }

  /// Works out the trades.
  ///
  /// - Parameter wish: What is held and wanted.
  /// - Throws: `noPrice`, `noValue` or `overflow`.
  /// - Complexity: O(n log n) for n assets.
  public init(_ wish: Wish) throws(RebalanceFault) {
    do {
      try self.init(checked: wish)
    } catch let fault as RebalanceFault {
      throw fault
    } catch {
      throw .overflow
    }
  }

  private init(checked wish: Wish) throws {
    let assets = Set(wish.holdings.keys).union(wish.targets.keys).sorted()
    var worth: [Fixed] = []
    var whole = wish.cash
    for asset in assets {
      guard let price = wish.prices[asset], price > .zero else { throw RebalanceFault.noPrice }
      let held = wish.holdings[asset] ?? .zero
      worth.append(try held.fixed.multiplied(by: price.fixed, rounding: .halfEven))
      whole = try whole.adding(worth[worth.count - 1])
    }
    guard whole > .zero else { throw RebalanceFault.noValue }
    var trades: [Trade] = []
    var traded = Fixed.zero
    var cash = wish.cash
    for (asset, own) in zip(assets, worth) {
      let trade = try Trade(asset, own, of: whole, wish)
      traded = try traded.adding(trade.value.magnitude())
      cash = try cash.subtracting(trade.value)
      trades.append(trade)
    }
    value = whole
    self.trades = trades
    kept = try trades.filter { trade in
      try !trade.value.isZero && trade.value.magnitude().units >= wish.leastValue.units
    }
    let two = Fixed(whole: 2)
    turnover = try traded.divided(by: whole, rounding: .halfEven)
      .divided(by: two, rounding: .halfEven)
    cost = try wish.feeRate.multiplied(by: traded, rounding: .halfEven)
    cashAfter = cash
  }
}

extension TargetTrades.Trade {
  fileprivate init(
    _ asset: Asset, _ own: Fixed, of whole: Fixed, _ wish: TargetTrades<Asset>.Wish
  ) throws {
    guard let price = wish.prices[asset] else { throw RebalanceFault.noPrice }
    let target = wish.targets[asset] ?? .zero
    let change = try target.multiplied(by: whole, rounding: .halfEven).subtracting(own)
    self.asset = asset
    self.price = price
    weight = try own.divided(by: whole, rounding: .halfEven)
    self.target = target
    value = change
    // Towards zero, so that rounding never buys or sells more than is meant
    quantity = Quantity(try change.divided(by: price.fixed, rounding: .down))
  }
}
