public import Amounts

/// Where profit and loss came from, exactly, in one currency.
public struct ProfitBySource: Hashable, Sendable {
  /// Changes of prices of what was held from one bar to the next.
  public internal(set) var price = Fixed.zero
  /// Changes of exchange rates of what was held in another currency.
  public internal(set) var currency = Fixed.zero
  /// Trades: from the price of the trade to the close of its bar.
  public internal(set) var trading = Fixed.zero
  /// Fees as booked, negative where paid.
  public internal(set) var fees = Fixed.zero
  /// Funding and interest as booked, positive where received.
  public internal(set) var funding = Fixed.zero
  /// Staking, airdrops and other income, at its value when it came.
  public internal(set) var rewards = Fixed.zero

  init() {}

  /// The sum of all sources.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public func total() throws(ArithmeticFault) -> Fixed {
    var sum = Fixed.zero
    for part in [price, currency, trading, fees, funding, rewards] { sum = try sum.adding(part) }
    return sum
  }

  func adding(_ other: ProfitBySource) throws(ArithmeticFault) -> ProfitBySource {
    var sum = ProfitBySource()
    sum.price = try price.adding(other.price)
    sum.currency = try currency.adding(other.currency)
    sum.trading = try trading.adding(other.trading)
    sum.fees = try fees.adding(other.fees)
    sum.funding = try funding.adding(other.funding)
    sum.rewards = try rewards.adding(other.rewards)
    return sum
  }
}

/// Follows positions from bar to bar and says of every change of value where it came from.
///
/// Within a bar come trades, fees, funding, rewards and transfers, in any order, then the closing
/// prices (`close`). A position is valued at its last closing price times the rate of its currency.
/// The price effect is taken at the rate before, the currency effect at the price now: the product
/// of both changes belongs to the currency.
///
/// Always: profit by source adds up, to the last digit, to the change of all positions' values and
/// of cash, less what came from outside. This holds because values are rounded once and only their
/// differences are booked.
public struct SourceAttribution<Asset: Hashable & Comparable & Sendable>: Hashable, Sendable {
  /// The closing price of an asset.
  public struct Close: Hashable, Sendable {
    /// For one unit, in the currency the asset is priced in.
    public let price: Price
    /// What one unit of that currency is worth in the currency of the figures.
    public let rate: Price

    /// Makes a closing price; without a rate it is in the currency of the figures.
    public init(_ price: Price, rate: Price = Price(.one)) {
      self.price = price
      self.rate = rate
    }

    fileprivate func value(of quantity: Quantity) throws(ArithmeticFault) -> Fixed {
      let local = try quantity.fixed.multiplied(by: price.fixed, rounding: .halfEven)
      return try local.multiplied(by: rate.fixed, rounding: .halfEven)
    }
  }

  fileprivate struct Position: Hashable, Sendable {
    var quantity = Quantity.zero
    var close: Close?
    var value = Fixed.zero
    /// What trades and rewards of this bar put into the position, at their own prices.
    var put = Fixed.zero
    var held = Quantity.zero
    var profit = ProfitBySource()
  }

  private var positions: [Asset: Position] = [:]
  /// Money on hand: it starts at 0 and is changed by what is booked here.
  public private(set) var cash = Fixed.zero
  /// What came from outside less what went out, in cash and in kind.
  public private(set) var transferred = Fixed.zero

  /// Starts without positions.
  public init() {}

  /// Puts an opening position in place, valued at the close before the first bar.
  ///
  /// - Parameters:
  ///   - asset: The asset; a position is opened once.
  ///   - quantity: How much is held; negative is owed.
  ///   - close: Its price then.
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func open(
    _ asset: Asset, _ quantity: Quantity, at close: Close
  ) throws(ArithmeticFault) {
    precondition(positions[asset] == nil, "A position is opened once.")
    var position = Position()
    position.quantity = quantity
    position.held = quantity
    position.close = close
    position.value = try close.value(of: quantity)
    transferred = try transferred.adding(position.value)
    positions[asset] = position
  }

  /// Books a trade against cash.
  ///
  /// - Parameters:
  ///   - asset: What was traded.
  ///   - quantity: Bought; negative is sold.
  ///   - price: For one unit, in the currency of the figures.
  ///   - fee: What it cost, positive, in the currency of the figures.
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func trade(
    _ asset: Asset, _ quantity: Quantity, at price: Price, fee: Fixed = .zero
  ) throws(ArithmeticFault) {
    let paid = try quantity.fixed.multiplied(by: price.fixed, rounding: .halfEven)
    var position = positions[asset] ?? Position()
    position.quantity = try position.quantity.adding(quantity)
    position.put = try position.put.adding(paid)
    position.profit.fees = try position.profit.fees.subtracting(fee)
    cash = try cash.subtracting(paid).subtracting(fee)
    positions[asset] = position
  }

  /// Books a fee that belongs to no trade, such as custody; positive is paid.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func fee(_ asset: Asset, _ amount: Fixed) throws(ArithmeticFault) {
    var position = positions[asset] ?? Position()
    position.profit.fees = try position.profit.fees.subtracting(amount)
    cash = try cash.subtracting(amount)
    positions[asset] = position
  }

  /// Books funding or interest in cash; positive is received.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func fund(_ asset: Asset, _ amount: Fixed) throws(ArithmeticFault) {
    var position = positions[asset] ?? Position()
    position.profit.funding = try position.profit.funding.adding(amount)
    cash = try cash.adding(amount)
    positions[asset] = position
  }

  /// Books income in kind at its price when it came.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func reward(
    _ asset: Asset, _ quantity: Quantity, at price: Price
  ) throws(ArithmeticFault) {
    let worth = try quantity.fixed.multiplied(by: price.fixed, rounding: .halfEven)
    var position = positions[asset] ?? Position()
    position.quantity = try position.quantity.adding(quantity)
    position.put = try position.put.adding(worth)
    position.profit.rewards = try position.profit.rewards.adding(worth)
    positions[asset] = position
  }

  /// Books money from or to the outside; it is no profit.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func transfer(cash amount: Fixed) throws(ArithmeticFault) {
    cash = try cash.adding(amount)
    transferred = try transferred.adding(amount)
  }

  /// Books assets from or to the outside at their price when they moved; that is no profit.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func transfer(
    _ asset: Asset, _ quantity: Quantity, at price: Price
  ) throws(ArithmeticFault) {
    let worth = try quantity.fixed.multiplied(by: price.fixed, rounding: .halfEven)
    var position = positions[asset] ?? Position()
    position.quantity = try position.quantity.adding(quantity)
    position.put = try position.put.adding(worth)
    transferred = try transferred.adding(worth)
    positions[asset] = position
  }

  /// Ends a bar: what was held takes the new prices, and what moved is measured against them.
  ///
  /// - Parameter closes: Closing prices. An asset that has none keeps its last price. What was
  ///   traded without ever having had a closing price stays at the price of its trade.
  /// - Throws: `overflow` beyond what an amount can hold.
  public mutating func close(_ closes: [Asset: Close]) throws(ArithmeticFault) {
    for asset in positions.keys.sorted() {
      guard var position = positions[asset] else { continue }
      if let close = closes[asset] ?? position.close {
        try position.settle(at: close)
      } else {
        position.value = try position.value.adding(position.put)
        position.put = .zero
      }
      positions[asset] = position
    }
  }

  /// The profit of each asset by source, up to the last `close`.
  public var byAsset: [Asset: ProfitBySource] { positions.mapValues(\.profit) }

  /// What is held of each asset, closed positions with 0.
  public var quantities: [Asset: Quantity] { positions.mapValues(\.quantity) }

  /// The profit of all assets by source.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public func total() throws(ArithmeticFault) -> ProfitBySource {
    var sum = ProfitBySource()
    for asset in positions.keys.sorted() {
      sum = try sum.adding(positions[asset]?.profit ?? ProfitBySource())
    }
    return sum
  }

  /// The value of all positions at the last `close`, and cash.
  ///
  /// - Throws: `overflow` beyond what an amount can hold.
  public func value() throws(ArithmeticFault) -> Fixed {
    var sum = cash
    for position in positions.values { sum = try sum.adding(position.value) }
    return sum
  }
}

extension SourceAttribution.Position {
  fileprivate mutating func settle(
    at close: SourceAttribution<Asset>.Close
  ) throws(ArithmeticFault) {
    let before = self.close
    let carried = try close.value(of: held)
    let atOldRate = try SourceAttribution<Asset>.Close(
      close.price, rate: before?.rate ?? close.rate
    ).value(of: held)
    // A position that had no price counts from what was put into it, which is trading
    let isCarried = before != nil
    if isCarried {
      profit.price = try profit.price.adding(atOldRate.subtracting(value))
      profit.currency = try profit.currency.adding(carried.subtracting(atOldRate))
    }
    let reached = try close.value(of: quantity)
    let base = isCarried ? carried : value
    profit.trading = try profit.trading.adding(
      reached.subtracting(base).subtracting(put))
    value = reached
    put = .zero
    held = quantity
    self.close = close
  }
}
