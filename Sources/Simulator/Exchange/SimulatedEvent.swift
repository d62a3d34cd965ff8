public import Amounts
public import Ledger

/// One fact in the history of a simulated account.
public struct SimulatedEvent: Sendable {
  /// What happened.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// An execution.
    case trade
    /// Something came in.
    case deposit
    /// Something went out; `amount` is what left the account, the fee on top of it.
    case withdrawal
    /// Something was earned.
    case reward
    /// One asset became another at a quoted price.
    case conversion
    /// From the trading part to the earn part.
    case toEarn
    /// From the earn part to the trading part.
    case fromEarn
    /// A fee of its own.
    case charge
    /// From the trading part to the futures part.
    case toFutures
  }
  /// Unique at the venue, growing with time within an account.
  public let id: Int64
  /// When.
  public let time: Instant
  /// What.
  public let kind: Kind
  /// The market's place, of trades; −1 else.
  public var market: Int = -1
  /// Whether the base was bought, of trades.
  public var isBuy = false
  /// Whether our order stood in the book, of trades.
  public var isMaker = false
  /// The order, of trades.
  public var order: Int64 = 0
  /// Price of one unit of base in quote, of trades.
  public var price = Fixed.zero
  /// The asset that moved: the base of trades, what was given of conversions.
  public let asset: String
  /// How much of it, never negative.
  public let amount: Fixed
  /// The other asset: the quote of trades, what was got of conversions; empty else.
  public var otherAsset = ""
  /// How much of it, never negative.
  public var otherAmount = Fixed.zero
  /// The asset of the fee; empty for none.
  public var feeAsset = ""
  /// The fee, never negative.
  public var fee = Fixed.zero

  /// Makes an event that moves one asset.
  init(id: Int64, time: Instant, kind: Kind, asset: String, amount: Fixed) {
    self.id = id
    self.time = time
    self.kind = kind
    self.asset = asset
    self.amount = amount
  }

  /// What it changes in the trading part: asset, amount with sign, fee never negative.
  var moves: [(asset: String, amount: Fixed, fee: Fixed)] {
    func fee(_ asset: String) -> Fixed { asset == feeAsset ? self.fee : .zero }
    switch kind {
    case .trade:
      let base = isBuy ? amount : -amount
      let quote = isBuy ? -otherAmount : otherAmount
      return [(asset, base, fee(asset)), (otherAsset, quote, fee(otherAsset))]
    case .conversion:
      return [(asset, -amount, .zero), (otherAsset, otherAmount, .zero)]
    case .deposit, .fromEarn: return [(asset, amount, fee(asset))]
    case .reward: return [(asset, amount, .zero)]
    case .withdrawal, .toEarn, .toFutures: return [(asset, -amount, fee(asset))]
    case .charge: return [(asset, -amount, .zero)]
    }
  }
}

/// One line of an account's statement, in the trading part.
public struct SimulatedLedgerRow: Sendable {
  /// Unique at the venue, growing with time within an account.
  public let id: Int64
  /// The event's place in the account's history.
  public let event: Int
  /// When.
  public let time: Instant
  /// The asset.
  public let asset: String
  /// What it changed before the fee; out is negative.
  public let amount: Fixed
  /// The fee, taken besides.
  public let fee: Fixed
  /// The balance after amount and fee.
  public let after: Fixed
}
