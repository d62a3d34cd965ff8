public import Amounts
public import Ledger

/// What kind of order.
public enum OrderType: String, Hashable, Sendable {
  /// At a price or better.
  case limit
  /// At once, at what the book gives.
  case market
}

/// How long an order stands.
public enum TimeInForce: String, Hashable, Sendable {
  /// Until cancelled.
  case goodTillCancelled = "GTC"
  /// At once, the rest is cancelled.
  case immediateOrCancel = "IOC"
  /// All at once or not at all.
  case fillOrKill = "FOK"
  /// Only if it stands in the book first.
  case postOnly = "PO"
}

/// An order to be placed.
public struct NewOrder: Hashable, Sendable {
  /// The market.
  public var market: Market
  /// The side.
  public var side: Side
  /// The type.
  public var type: OrderType
  /// How much, in base or contracts.
  public var amount: Fixed
  /// The price of a limit order.
  public var price: Fixed?
  /// How long it stands; `nil` leaves it to the venue.
  public var timeInForce: TimeInForce?
  /// Whether it may only make a position smaller.
  public var isReduceOnly: Bool
  /// Our own id of it: what makes placing it twice harmless.
  public var clientID: String?

  /// Makes an order.
  public init(
    market: Market, side: Side, type: OrderType, amount: Fixed, price: Fixed? = nil,
    timeInForce: TimeInForce? = nil, isReduceOnly: Bool = false, clientID: String? = nil
  ) {
    self.market = market
    self.side = side
    self.type = type
    self.amount = amount
    self.price = price
    self.timeInForce = timeInForce
    self.isReduceOnly = isReduceOnly
    self.clientID = clientID
  }
}

/// An order as the venue tells of it.
public struct Order: Hashable, Sendable {
  /// How far it is.
  public enum Status: String, Hashable, Sendable {
    /// It stands.
    case open
    /// All of it was executed.
    case closed
    /// It was taken back.
    case canceled
    /// The venue did not accept it.
    case rejected
    /// Its time ran out.
    case expired
  }
  /// The venue's id.
  public var id: String
  /// Our id.
  public var clientID: String?
  /// When it was placed.
  public var time: Instant?
  /// The venue's id of the market.
  public var market: String?
  /// The type in the venue's words, lower case: `limit`, `market`, `stop_limit`.
  public var type: String?
  /// The side.
  public var side: Side?
  /// The limit price.
  public var price: Fixed?
  /// How much was ordered.
  public var amount: Fixed?
  /// How much was executed.
  public var filled: Fixed?
  /// What remains.
  public var remaining: Fixed?
  /// Executed amount times its prices.
  public var cost: Fixed?
  /// The mean price of executions.
  public var average: Fixed?
  /// How far it is; `nil` where the venue's word is not known.
  public var status: Status?
  /// Fees so far.
  public var fees: [VenueAmount]

  /// Makes an order; of amount, filled and remaining the missing one is worked out.
  public init(
    id: String, clientID: String? = nil, time: Instant? = nil, market: String? = nil,
    type: String? = nil, side: Side? = nil, price: Fixed? = nil, amount: Fixed? = nil,
    filled: Fixed? = nil, remaining: Fixed? = nil, cost: Fixed? = nil, average: Fixed? = nil,
    status: Status? = nil, fees: [VenueAmount] = []
  ) {
    self.id = id
    self.clientID = clientID
    self.time = time
    self.market = market
    self.type = type
    self.side = side
    self.price = price
    self.amount = amount
    self.filled = filled
    self.remaining = remaining
    self.cost = cost
    self.average = average
    self.status = status
    self.fees = fees
    if remaining == nil, let amount, let filled {
      self.remaining = try? amount.subtracting(filled)
    }
    if filled == nil, let amount, let remaining {
      self.filled = try? amount.subtracting(remaining)
    }
    if amount == nil, let filled, let remaining { self.amount = try? filled.adding(remaining) }
  }
}
