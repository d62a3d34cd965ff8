public import Amounts
public import Ledger

// What a venue's answers are made of. Markets and assets are named as the venue names them; what
// they are is settled in the ledger. A field the venue does not state is `nil`, never a guess.

/// Which part of an account.
public enum AccountPart: String, Hashable, Sendable, CaseIterable {
  /// Spot trading.
  case spot
  /// Funding or main wallet.
  case funding
  /// Cross margin.
  case margin
  /// Isolated margin.
  case isolatedMargin = "isolated-margin"
  /// Perpetual swaps settled in a currency or stablecoin.
  case swap
  /// Perpetual swaps settled in the coin itself.
  case inverse
  /// Dated futures.
  case future
  /// Options.
  case option
  /// Savings and earn products.
  case earn
  /// Staking.
  case staking
}

/// What an account part holds of one asset; two of the three amounts give the third.
public struct Balance: Hashable, Sendable {
  /// The venue's code of the asset.
  public var asset: String
  /// What can be used.
  public var free: Fixed?
  /// What is locked: in orders, staked, frozen.
  public var used: Fixed?
  /// Both together.
  public var total: Fixed?
  /// The part of the account.
  public var part: AccountPart
  /// How much of the total is profit of positions that stand open: nothing was booked of it yet.
  public var openProfit: Fixed?

  /// Makes a balance; the missing one of three amounts is worked out.
  public init(
    asset: String, free: Fixed? = nil, used: Fixed? = nil, total: Fixed? = nil,
    part: AccountPart = .spot, openProfit: Fixed? = nil
  ) {
    self.asset = asset
    self.part = part
    self.openProfit = openProfit
    self.free = free
    self.used = used
    self.total = total
    if total == nil, let free, let used { self.total = try? free.adding(used) }
    if used == nil, let free, let total { self.used = try? total.subtracting(free) }
    if free == nil, let used, let total { self.free = try? total.subtracting(used) }
  }

  /// Adds up the balances of equal asset and part; locked is added, never overwritten.
  ///
  /// - Throws: `malformed` where a sum is beyond the range of exact amounts.
  public static func merged(_ balances: [Balance]) throws(VenueFault) -> [Balance] {
    var order: [String] = []
    var sums: [String: Balance] = [:]
    for balance in balances {
      let key = "\(balance.part.rawValue) \(balance.asset)"
      guard let known = sums[key] else {
        order.append(key)
        sums[key] = balance
        continue
      }
      do throws(ArithmeticFault) {
        var sum = known
        sum.free = try Balance.add(known.free, balance.free)
        sum.used = try Balance.add(known.used, balance.used)
        sum.total = try Balance.add(known.total, balance.total)
        sum.openProfit = try Balance.add(known.openProfit, balance.openProfit)
        sums[key] = sum
      } catch {
        throw .malformed(path: balance.asset, expected: "balances that can be added")
      }
    }
    return order.compactMap { sums[$0] }
  }

  private static func add(_ a: Fixed?, _ b: Fixed?) throws(ArithmeticFault) -> Fixed? {
    guard let a else { return b }
    guard let b else { return a }
    return try a.adding(b)
  }
}

/// An amount of an asset as the venue names it.
public struct VenueAmount: Hashable, Sendable {
  /// The venue's code of the asset.
  public var asset: String
  /// How much; its sign as the row's type says.
  public var amount: Fixed

  /// Makes an amount.
  public init(_ asset: String, _ amount: Fixed) {
    self.asset = asset
    self.amount = amount
  }
}

/// Buy or sell.
public enum Side: String, Hashable, Sendable {
  /// Buys the base asset.
  case buy
  /// Sells it.
  case sell
}

/// One of our own executions.
public struct Fill: Hashable, Sendable {
  /// The venue's id of it; unique together with the market.
  public var id: String
  /// The order's id.
  public var order: String?
  /// When.
  public var time: Instant
  /// The venue's id of the market.
  public var market: String
  /// The side; `nil` where the venue does not say: then nothing may be booked.
  public var side: Side?
  /// Price of one unit of base in quote.
  public var price: Fixed
  /// How much, in units of base or, for a derivative, in contracts.
  public var amount: Fixed
  /// Price times amount as the venue states it.
  public var cost: Fixed?
  /// Fees paid; a negative amount is a rebate.
  public var fees: [VenueAmount]
  /// Whether our order stood in the book.
  public var isMaker: Bool?
  /// The part of the account.
  public var part: AccountPart
  /// Profit realised by it, of derivatives, in the settling asset.
  public var realised: VenueAmount?

  /// Makes a fill.
  public init(
    id: String, order: String? = nil, time: Instant, market: String, side: Side?, price: Fixed,
    amount: Fixed, cost: Fixed? = nil, fees: [VenueAmount] = [], isMaker: Bool? = nil,
    part: AccountPart = .spot, realised: VenueAmount? = nil
  ) {
    self.id = id
    self.order = order
    self.time = time
    self.market = market
    self.side = side
    self.price = price
    self.amount = amount
    self.cost = cost
    self.fees = fees
    self.isMaker = isMaker
    self.part = part
    self.realised = realised
  }
}

/// A deposit or a withdrawal.
public struct Transfer: Hashable, Sendable {
  /// Which way.
  public enum Direction: String, Hashable, Sendable {
    /// In from outside.
    case deposit
    /// Out.
    case withdrawal
  }
  /// How far it is.
  public enum Status: String, Hashable, Sendable {
    /// Under way.
    case pending
    /// Done.
    case ok
    /// Did not happen.
    case failed
    /// Taken back.
    case canceled
  }
  /// The venue's id of it.
  public var id: String?
  /// The chain's id of the transaction.
  public var transactionHash: String?
  /// When it was begun; `nil` where the venue does not say.
  public var time: Instant?
  /// Which way.
  public var direction: Direction
  /// The venue's code of the asset.
  public var asset: String
  /// What moved, as the venue states it.
  public var amount: Fixed
  /// Whether the fee is inside `amount`; the ledger needs to know, the venue's documents say.
  public var isFeeInside: Bool
  /// The fee.
  public var fee: VenueAmount?
  /// The venue's name of the network.
  public var network: String?
  /// The address.
  public var address: String?
  /// The tag or memo of the address.
  public var tag: String?
  /// How far it is; `nil` where the venue's word is not known.
  public var status: Status?

  /// Makes a transfer.
  public init(
    id: String?, transactionHash: String? = nil, time: Instant?, direction: Direction,
    asset: String, amount: Fixed, isFeeInside: Bool = false, fee: VenueAmount? = nil,
    network: String? = nil, address: String? = nil, tag: String? = nil, status: Status?
  ) {
    self.id = id
    self.transactionHash = transactionHash
    self.time = time
    self.direction = direction
    self.asset = asset
    self.amount = amount
    self.isFeeInside = isFeeInside
    self.fee = fee
    self.network = network
    self.address = address
    self.tag = tag
    self.status = status
  }
}

/// One line of a venue's account statement: rewards, fees, conversions, moves between parts.
public struct StatementRow: Hashable, Sendable {
  /// The venue's id of it.
  public var id: String?
  /// When.
  public var time: Instant?
  /// The venue's code of the asset.
  public var asset: String
  /// What it changed; out is negative.
  public var amount: Fixed
  /// What it is, as far as the venue's word for it is known.
  public var kind: EntryKind?
  /// The venue's own word for it.
  public var type: String?
  /// The trade, transfer or order it belongs to; lines of one reference are one fact.
  public var reference: String?
  /// The fee of it.
  public var fee: VenueAmount?
  /// The balance after it.
  public var after: Fixed?
  /// The part of the account.
  public var part: AccountPart
  /// Whether another feed of the venue brings the same fact, so that it is not booked from here.
  public var isToldElsewhere: Bool

  /// Makes a row.
  public init(
    id: String?, time: Instant?, asset: String, amount: Fixed, kind: EntryKind? = nil,
    type: String? = nil, reference: String? = nil, fee: VenueAmount? = nil, after: Fixed? = nil,
    part: AccountPart = .spot, isToldElsewhere: Bool = false
  ) {
    self.id = id
    self.time = time
    self.asset = asset
    self.amount = amount
    self.kind = kind
    self.type = type
    self.reference = reference
    self.fee = fee
    self.after = after
    self.part = part
    self.isToldElsewhere = isToldElsewhere
  }
}

/// An open position in a derivative or on margin.
public struct OpenPosition: Hashable, Sendable {
  /// The venue's id of the market.
  public var market: String
  /// Long or short.
  public var isLong: Bool?
  /// How many contracts, never negative.
  public var contracts: Fixed?
  /// How much of the base one contract is.
  public var contractSize: Fixed?
  /// The mean price of entry.
  public var entryPrice: Fixed?
  /// The mark price.
  public var markPrice: Fixed?
  /// Where it is liquidated.
  public var liquidationPrice: Fixed?
  /// Unrealised profit in the settling asset.
  public var unrealised: Fixed?
  /// The leverage.
  public var leverage: Fixed?
  /// Margin held for it.
  public var margin: Fixed?
  /// Whether the margin is its own (isolated) or the account's (cross).
  public var isIsolated: Bool?
  /// When the venue stated it.
  public var time: Instant?
  /// The part of the account.
  public var part: AccountPart

  /// Makes a position.
  public init(
    market: String, isLong: Bool?, contracts: Fixed?, contractSize: Fixed? = nil,
    entryPrice: Fixed? = nil, markPrice: Fixed? = nil, liquidationPrice: Fixed? = nil,
    unrealised: Fixed? = nil, leverage: Fixed? = nil, margin: Fixed? = nil,
    isIsolated: Bool? = nil, time: Instant? = nil, part: AccountPart = .swap
  ) {
    self.market = market
    self.isLong = isLong
    self.contracts = contracts
    self.contractSize = contractSize
    self.entryPrice = entryPrice
    self.markPrice = markPrice
    self.liquidationPrice = liquidationPrice
    self.unrealised = unrealised
    self.leverage = leverage
    self.margin = margin
    self.isIsolated = isIsolated
    self.time = time
    self.part = part
  }
}
