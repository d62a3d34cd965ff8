public import Amounts
public import Ledger

/// An order at a simulated venue.
public struct SimulatedOrder: Sendable, Hashable {
  /// How long it stands.
  public enum Force: Sendable, Hashable {
    /// Until it is cancelled.
    case goodTillCanceled
    /// What cannot be filled at once is dropped.
    case immediateOrCancel
    /// All of it at once, or nothing.
    case fillOrKill
    /// Only as a maker.
    case postOnly
  }
  /// How far it is.
  public enum State: Sendable, Hashable {
    /// It stands, perhaps partly filled.
    case open
    /// It is done.
    case filled
    /// It was taken back.
    case canceled
    /// The rest was dropped by its own terms.
    case expired
  }
  /// The venue's id.
  public let id: Int64
  /// The client's id; empty for none.
  public let clientID: String
  /// The market's place.
  public let market: Int
  /// Whether it buys.
  public let isBuy: Bool
  /// The limit; `nil` for a market order.
  public let price: Fixed?
  /// How much of the base; zero where only the quote amount was given.
  public let amount: Fixed
  /// How much of the quote a market buy may spend.
  public let quoteAmount: Fixed?
  /// How long it stands.
  public let force: Force
  /// When it was placed.
  public let time: Instant
  /// When it last changed.
  public internal(set) var updated: Instant
  /// How far it is.
  public internal(set) var state = State.open
  /// How much of the base was filled.
  public internal(set) var filled = Fixed.zero
  /// What that cost in quote.
  public internal(set) var cost = Fixed.zero
  /// What was paid in fees.
  public internal(set) var fees = Fixed.zero
  /// The asset of the fees.
  public internal(set) var feeAsset = ""
  /// The executions so far.
  public internal(set) var fills = 0
  /// What it still locks.
  var held = Fixed.zero

  /// The mean price of what was filled.
  var averagePrice: Fixed { filled.isZero ? .zero : cost / filled }
  /// What is left.
  var rest: Fixed { amount - filled }
}

/// What a client wants.
public struct OrderWish: Sendable {
  /// The market's place.
  public var market: Int
  /// Whether it buys.
  public var isBuy: Bool
  /// The limit; `nil` for a market order.
  public var price: Fixed?
  /// How much of the base.
  public var amount: Fixed?
  /// How much of the quote a market buy may spend.
  public var quoteAmount: Fixed?
  /// How long it stands.
  public var force: SimulatedOrder.Force
  /// The client's id; empty for none.
  public var clientID: String

  /// Gathers a wish.
  public init(
    market: Int, isBuy: Bool, price: Fixed? = nil, amount: Fixed? = nil, quoteAmount: Fixed? = nil,
    force: SimulatedOrder.Force = .goodTillCanceled, clientID: String = ""
  ) {
    self.market = market
    self.isBuy = isBuy
    self.price = price
    self.amount = amount
    self.quoteAmount = quoteAmount
    self.force = force
    self.clientID = clientID
  }
}

/// Why an order is not taken.
public enum OrderRefusal: Error, Sendable, Hashable {
  /// There is no such market.
  case unknownMarket
  /// A number is missing, not positive or beyond reason.
  case badNumber
  /// The amount is no multiple of the step, or too small.
  case amountStep
  /// The price is no multiple of the step.
  case priceStep
  /// Price times amount is too small.
  case costTooSmall
  /// There is not enough to pay for it.
  case insufficientFunds
  /// A maker order would take.
  case wouldTake
  /// All at once is not possible.
  case cannotFill
  /// The client's id was used before.
  case duplicateClientID
  /// There is no such order, or it does not stand any more.
  case unknownOrder
  /// The key may not trade.
  case notAllowed
}
