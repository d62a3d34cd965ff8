public import Amounts

/// Profit and loss of one asset, split into what sales made certain and what prices still promise.
///
/// Cost is the average of what is held or, first in, first out, that of the oldest purchases. This is
/// performance, not tax: lots for tax are kept elsewhere, with the rules of a country.
public struct CostBasis: Hashable, Sendable {
  /// Which purchases a sale uses up.
  public enum Method: String, Hashable, Sendable, CaseIterable {
    /// All of them alike.
    case average
    /// The oldest first.
    case firstIn = "fifo"
    /// The newest first.
    case lastIn = "lifo"
  }

  private struct Lot: Hashable, Sendable {
    var quantity: Fixed
    var cost: Fixed
  }

  /// How cost is found.
  public let method: Method
  /// What sales brought above their cost, less fees.
  public private(set) var realised = Fixed.zero
  private var lots: [Lot] = []

  /// Starts without a position.
  public init(_ method: Method) {
    self.method = method
  }

  /// What is held; negative is owed.
  public var quantity: Fixed { Fixed(units: lots.reduce(0) { $0 + $1.quantity.units }) }

  /// What is held cost; negative is what was received for what is owed.
  public var cost: Fixed { Fixed(units: lots.reduce(0) { $0 + $1.cost.units }) }

  /// Books a purchase, or a sale where the quantity is negative.
  ///
  /// A trade against the position closes it, and opens the other way with what is left.
  ///
  /// - Parameters:
  ///   - quantity: How much.
  ///   - price: For one unit.
  ///   - fee: What it cost, positive: part of the cost where a position is opened, and of the
  ///     proceeds where one is closed.
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func trade(
    _ quantity: Quantity, at price: Price, fee: Fixed = .zero
  ) throws(ArithmeticFault) {
    let paid = try quantity.fixed.multiplied(by: price.fixed, rounding: .halfEven).adding(fee)
    let held = self.quantity
    guard !held.isZero, held.isNegative != quantity.isNegative else {
      return try open(quantity.fixed, for: paid)
    }
    let left = try held.adding(quantity.fixed)
    if left.isZero || left.isNegative == held.isNegative {
      try close(quantity.fixed, for: paid)
    } else {
      let closing = try held.negated()
      let share = try part(paid, closing, of: quantity.fixed)
      try close(closing, for: share)
      try open(left, for: paid.subtracting(share))
    }
  }

  private mutating func open(_ quantity: Fixed, for paid: Fixed) throws(ArithmeticFault) {
    if quantity.isZero {
      realised = try realised.subtracting(paid)
    } else if method == .average, let last = lots.popLast() {
      lots.append(
        Lot(quantity: try last.quantity.adding(quantity), cost: try last.cost.adding(paid)))
    } else {
      // Sums over lots are kept within range, so that reading them cannot fail
      _ = try self.quantity.adding(quantity)
      _ = try cost.adding(paid)
      lots.append(Lot(quantity: quantity, cost: paid))
    }
  }

  private mutating func close(_ quantity: Fixed, for paid: Fixed) throws(ArithmeticFault) {
    var left = quantity
    var cost = Fixed.zero
    while !left.isZero, let place = method == .lastIn ? lots.indices.last : lots.indices.first {
      let lot = lots[place]
      let isUsedUp = try lot.quantity.magnitude().units <= left.magnitude().units
      if isUsedUp {
        left = try left.adding(lot.quantity)
        cost = try cost.adding(lot.cost)
        lots.remove(at: place)
      } else {
        let share = try part(lot.cost, left.negated(), of: lot.quantity)
        lots[place].quantity = try lot.quantity.adding(left)
        lots[place].cost = try lot.cost.subtracting(share)
        cost = try cost.adding(share)
        left = .zero
      }
    }
    // Paid is negative for a sale: proceeds less cost
    realised = try realised.subtracting(paid).subtracting(cost)
  }

  /// `amount` times `quantity` over `whole`, rounded once.
  private func part(
    _ amount: Fixed, _ quantity: Fixed, of whole: Fixed
  ) throws(ArithmeticFault) -> Fixed {
    let parts = try amount.magnitude().allocated(
      by: [quantity.magnitude(), whole.magnitude().subtracting(quantity.magnitude())])
    let share = parts.first ?? .zero
    return amount.isNegative ? try share.negated() : share
  }

  /// What the position would bring above its cost at a price.
  ///
  /// - Parameter price: For one unit, now.
  /// - Returns: Value less cost.
  /// - Throws: `overflow` beyond what an amount can hold.
  public func unrealised(at price: Price) throws(ArithmeticFault) -> Fixed {
    try quantity.multiplied(by: price.fixed, rounding: .halfEven).subtracting(cost)
  }

  /// The average cost of a unit; `nil` without a position.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public func averageCost() throws(ArithmeticFault) -> Price? {
    let held = quantity
    return held.isZero ? nil : Price(try cost.divided(by: held, rounding: .halfEven))
  }
}
