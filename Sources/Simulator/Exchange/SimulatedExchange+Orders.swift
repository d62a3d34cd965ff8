public import Amounts
public import Ledger

extension SimulatedExchange {
  /// The largest number taken from a client; far from the end of the range.
  static let largestNumber = Fixed(whole: 1_000_000_000_000)
  /// The most orders an account may have standing.
  static let openOrdersMost = 200

  /// Places an order and matches it.
  ///
  /// - Parameters:
  ///   - wish: What is wanted.
  ///   - account: The account's place.
  ///   - now: The time.
  /// - Returns: The order after matching.
  /// - Throws: `OrderRefusal`.
  public mutating func place(
    _ wish: OrderWish, account: Int, at now: Instant
  ) throws(OrderRefusal) -> SimulatedOrder {
    match(to: now)
    guard let market = market(wish.market) else { throw .unknownMarket }
    guard accounts[account].canTrade else { throw .notAllowed }
    if !wish.clientID.isEmpty, let place = accounts[account].clientPlaces[wish.clientID],
      accounts[account].orders[place].state == .open
    {
      throw .duplicateClientID
    }
    guard accounts[account].openPlaces.count < SimulatedExchange.openOrdersMost else {
      throw .badNumber
    }
    var order = try checked(wish, market, account, now)
    let levels = reachable(order, market, at: now)
    if order.force == .postOnly, !levels.isEmpty { throw .wouldTake }
    if order.force == .fillOrKill, total(levels) < order.amount { throw .cannotFill }
    register(&order, account)
    for level in levels {
      take(level, &order, market, account, at: now)
      if isDone(order, market) { break }
    }
    settle(&order, market, account, at: now)
    return order
  }

  private func checked(
    _ wish: OrderWish, _ market: SimulatedMarket, _ account: Int, _ now: Instant
  ) throws(OrderRefusal) -> SimulatedOrder {
    let amount = wish.amount ?? .zero
    let numbers = [wish.amount, wish.price, wish.quoteAmount].compactMap { $0 }
    guard numbers.allSatisfy({ $0 > .zero && $0 < SimulatedExchange.largestNumber }) else {
      throw .badNumber
    }
    guard wish.amount != nil || (wish.quoteAmount != nil && wish.price == nil && wish.isBuy)
    else { throw .badNumber }
    guard amount.kept(market.amountDigits) == amount else { throw .amountStep }
    let price = wish.price
    if let price, price.kept(market.priceDigits) != price { throw .priceStep }
    let reference = price ?? prices.fixedPrice(market, at: now)
    let cost = wish.quoteAmount ?? amount * reference
    guard cost >= market.costMin else { throw .costTooSmall }
    var order = SimulatedOrder(
      id: lastID + 1, clientID: wish.clientID, market: market.index, isBuy: wish.isBuy,
      price: price, amount: amount, quoteAmount: wish.quoteAmount, force: wish.force, time: now,
      updated: now)
    // A market order is kept from spending more than there is by a margin on the price.
    let margin = Fixed.one + Fixed(whole: 2) / Fixed(whole: 100)
    let need =
      wish.isBuy ? (price == nil && wish.quoteAmount == nil ? cost * margin : cost) : amount
    let fees = listing.feeAsset == .quote && wish.isBuy ? need * listing.takerRate : .zero
    order.held = need + fees
    guard accounts[account].free(wish.isBuy ? market.quote : market.base) >= order.held else {
      throw .insufficientFunds
    }
    return order
  }

  private mutating func register(_ order: inout SimulatedOrder, _ account: Int) {
    lastID = order.id
    let place = accounts[account].orders.count
    accounts[account].orders.append(order)
    accounts[account].orderPlaces[order.id] = place
    if !order.clientID.isEmpty { accounts[account].clientPlaces[order.clientID] = place }
    accounts[account].openPlaces.append(place)
    lock(order.held, of: order, account)
    accounts[account].changes.append(.order(order))
  }

  private mutating func lock(_ amount: Fixed, of order: SimulatedOrder, _ account: Int) {
    guard let market = market(order.market) else { return }
    let asset = order.isBuy ? market.quote : market.base
    let locked = (accounts[account].locked[asset] ?? .zero) + amount
    accounts[account].locked[asset] = locked
  }

  /// The levels a taker can reach now, less what was taken in this same moment.
  private func reachable(
    _ order: SimulatedOrder, _ market: SimulatedMarket, at now: Instant
  ) -> [(price: Fixed, amount: Fixed)] {
    let moment = SimulatedExchange.moment(now)
    let book = book(market, moment: moment)
    var gone = Fixed.zero
    if let known = taken[market.index], known.moment == moment {
      gone = order.isBuy ? known.asks : known.bids
    }
    var levels: [(price: Fixed, amount: Fixed)] = []
    for level in order.isBuy ? book.asks : book.bids {
      let less = gone < level.amount ? gone : level.amount
      gone = gone - less
      let amount = level.amount - less
      if let limit = order.price, order.isBuy ? level.price > limit : level.price < limit { break }
      if !amount.isZero { levels.append((level.price, amount)) }
    }
    return levels
  }

  private func total(_ levels: [(price: Fixed, amount: Fixed)]) -> Fixed {
    levels.reduce(.zero) { $0 + $1.amount }
  }

  private mutating func take(
    _ level: (price: Fixed, amount: Fixed), _ order: inout SimulatedOrder,
    _ market: SimulatedMarket, _ account: Int, at now: Instant
  ) {
    var amount = level.amount
    if order.amount.isZero {
      let budget = (order.quoteAmount ?? .zero) - order.cost
      let room = (budget / (level.price * (.one + feeOnTop))).kept(market.amountDigits)
      amount = room < amount ? room : amount
    } else if order.rest < amount {
      amount = order.rest
    }
    guard amount > .zero else { return }
    execute(&order, market, account, price: level.price, amount: amount, isMaker: false, at: now)
    let moment = SimulatedExchange.moment(now)
    var known = taken[market.index] ?? (moment, .zero, .zero)
    if known.moment != moment { known = (moment, .zero, .zero) }
    if order.isBuy { known.asks = known.asks + amount } else { known.bids = known.bids + amount }
    taken[market.index] = known
  }

  private var feeOnTop: Fixed { listing.feeAsset == .quote ? listing.takerRate : .zero }

  private mutating func execute(
    _ order: inout SimulatedOrder, _ market: SimulatedMarket, _ account: Int, price: Fixed,
    amount: Fixed, isMaker: Bool, at now: Instant
  ) {
    let event = SimulatedEvent.trade(
      id: nextID(), time: now, market: market, isBuy: order.isBuy,
      isMaker: isMaker, order: order.id, price: price, amount: amount, listing: listing)
    order.fills += 1
    order.filled = order.filled + amount
    order.cost = order.cost + event.otherAmount
    order.fees = order.fees + event.fee
    order.feeAsset = event.feeAsset
    order.updated = now
    release(&order, event, account)
    accounts[account].book(event)
    accounts[account].changes.append(.fill(event, order))
    for asset in [market.base, market.quote] { tellBalance(asset, account) }
  }

  /// Unlocks what an execution has spent.
  private mutating func release(
    _ order: inout SimulatedOrder, _ event: SimulatedEvent, _ account: Int
  ) {
    var spent = order.isBuy ? event.otherAmount : event.amount
    if order.isBuy, listing.feeAsset == .quote { spent = spent + event.fee }
    let part = spent < order.held ? spent : order.held
    order.held = order.held - part
    lock(-part, of: order, account)
  }

  private mutating func tellBalance(_ asset: String, _ account: Int) {
    let total = accounts[account].spot[asset] ?? .zero
    let locked = accounts[account].locked[asset] ?? .zero
    accounts[account].changes.append(.balance(asset, total, locked))
  }

  private func isDone(_ order: SimulatedOrder, _ market: SimulatedMarket) -> Bool {
    if !order.amount.isZero { return order.rest.isZero }
    let budget = (order.quoteAmount ?? .zero) - order.cost
    return budget < prices.fixedPrice(market, at: order.updated) * market.amountMin
  }

  /// Says what becomes of an order after matching, and writes it down.
  private mutating func settle(
    _ order: inout SimulatedOrder, _ market: SimulatedMarket, _ account: Int, at now: Instant
  ) {
    if isDone(order, market) {
      order.state = .filled
    } else if order.price == nil || order.force == .immediateOrCancel
      || order.force == .fillOrKill
    {
      order.state = order.price == nil && order.amount.isZero ? .filled : .expired
    }
    close(&order, account)
  }

  private mutating func close(_ order: inout SimulatedOrder, _ account: Int) {
    guard let place = accounts[account].orderPlaces[order.id] else { return }
    if order.state != .open {
      lock(-order.held, of: order, account)
      order.held = .zero
      accounts[account].openPlaces.removeAll { $0 == place }
      accounts[account].changes.append(.order(order))
      if let market = market(order.market) {
        tellBalance(order.isBuy ? market.quote : market.base, account)
      }
    }
    accounts[account].orders[place] = order
  }

  /// Takes an order back.
  ///
  /// - Parameters:
  ///   - id: The venue's id of it.
  ///   - account: The account's place.
  ///   - now: The time.
  /// - Returns: The order after it.
  /// - Throws: `OrderRefusal.unknownOrder` where it does not stand.
  public mutating func cancel(
    _ id: Int64, account: Int, at now: Instant
  ) throws(OrderRefusal) -> SimulatedOrder {
    match(to: now)
    guard let place = accounts[account].orderPlaces[id],
      accounts[account].orders[place].state == .open
    else { throw .unknownOrder }
    var order = accounts[account].orders[place]
    order.state = .canceled
    order.updated = now
    close(&order, account)
    return order
  }

  /// Finds an order by the venue's id or the client's.
  public func order(_ id: Int64?, clientID: String = "", account: Int) -> SimulatedOrder? {
    let known = accounts[account]
    if let id, let place = known.orderPlaces[id] { return known.orders[place] }
    guard !clientID.isEmpty, let place = known.clientPlaces[clientID] else { return nil }
    return known.orders[place]
  }

  /// The orders that stand, oldest first.
  public func openOrders(_ account: Int) -> [SimulatedOrder] {
    accounts[account].openPlaces.sorted().map { accounts[account].orders[$0] }
  }

  /// Fills standing orders whose price the market has reached, some of them in parts.
  ///
  /// - Parameter now: Up to when; an earlier time than the last changes nothing.
  public mutating func match(to now: Instant) {
    guard now > matchedTo else { return }
    matchedTo = now
    for account in accounts.indices {
      for place in accounts[account].openPlaces { fill(place, account, at: now) }
    }
  }

  private mutating func fill(_ place: Int, _ account: Int, at now: Instant) {
    var order = accounts[account].orders[place]
    guard order.state == .open, let limit = order.price, let market = market(order.market) else {
      return
    }
    let price = prices.fixedPrice(market, at: now)
    guard order.isBuy ? price <= limit : price >= limit else { return }
    let bits = mixed(seed, UInt64(bitPattern: order.id), UInt64(order.fills))
    var amount = order.rest
    if bits % 3 == 0, order.fills < 4 {
      let part = (amount * .near(0.2 + 0.5 * unit(bits), digits: 2)).kept(market.amountDigits)
      if !part.isZero { amount = part }
    }
    execute(&order, market, account, price: limit, amount: amount, isMaker: true, at: now)
    if order.rest.isZero { order.state = .filled }
    close(&order, account)
  }

  /// Books something that comes from outside while the venue is open: a deposit, a reward.
  ///
  /// - Parameters:
  ///   - kind: What it is; only what moves one asset.
  ///   - asset: The common code.
  ///   - amount: How much.
  ///   - account: The account's place.
  ///   - now: The time.
  public mutating func book(
    _ kind: SimulatedEvent.Kind, asset: String, amount: Fixed, account: Int, at now: Instant
  ) {
    let event = SimulatedEvent(id: nextID(), time: now, kind: kind, asset: asset, amount: amount)
    accounts[account].book(event)
    tellBalance(asset, account)
  }
}
