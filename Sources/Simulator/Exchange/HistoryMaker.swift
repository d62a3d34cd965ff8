import Amounts
import Ledger

/// Makes the history of one account from a seed: deposits first, then mostly trades.
///
/// No balance ever goes below zero, so the last balances are the truth a client must arrive at.
struct HistoryMaker {
  private var account: SimulatedAccount
  private let listing: SimulatedListing
  private let prices: PriceField
  private var generator: SeededGenerator
  private let start: Instant
  private let stepMicros: Int64
  private let count: Int
  private var time: Instant
  private var nextID: Int64

  init(
    account: SimulatedAccount, listing: SimulatedListing, prices: PriceField, seed: UInt64,
    span: (from: Instant, to: Instant), count: Int
  ) {
    self.account = account
    self.listing = listing
    self.prices = prices
    self.count = max(count, 1)
    generator = SeededGenerator(seed: seed)
    start = span.from
    time = span.from
    let micros = span.to.microseconds - span.from.microseconds
    stepMicros = max(2_000, micros / Int64(self.count + 1))
    // Ids of accounts do not overlap.
    nextID = 1_000_000 + Int64(account.index) * 100_000_000
  }

  /// The account with its history.
  mutating func made() -> SimulatedAccount {
    let quotes = listing.assets.prefix(2)
    for quote in quotes { deposit(quote, dollars: 40_000 + 60_000 * generator.unit()) }
    if listing.hasFutures { fundFutures() }
    while account.events.count < count { next() }
    return account
  }

  private mutating func next() {
    switch generator.next() % 100 {
    case 0..<78: trade()
    case 78..<84: deposit(anyAsset(), dollars: 500 + 9_500 * generator.unit())
    case 84..<88: withdraw()
    case 88..<93: reward()
    case 93..<96: convert()
    case 96..<97: charge()
    default: moveEarn()
    }
  }

  /// What the futures part begins with: 5,000 of the first quote.
  private mutating func fundFutures() {
    let time = tick()
    account.book(
      SimulatedEvent(
        id: id(), time: time, kind: .toFutures, asset: listing.assets[0],
        amount: Fixed(whole: 5_000)))
  }

  private mutating func anyAsset() -> String {
    listing.assets[Int(generator.next() % UInt64(listing.assets.count))]
  }

  /// Each event has its own time; the steps together fill the span.
  private mutating func tick() -> Instant {
    let jitter = Int64(generator.next() % UInt64(stepMicros / 2))
    let due = start.microseconds + Int64(account.events.count + 1) * stepMicros - jitter
    // Milliseconds: the finest that every venue tells.
    let micros = max(due, time.microseconds + 1_000) / 1_000 * 1_000
    time = Instant(microseconds: micros)
    return time
  }

  private mutating func id() -> Int64 {
    nextID += 1 + Int64(generator.next() % 40)
    return nextID
  }

  private func value(_ asset: String, dollars: Double, at time: Instant) -> Fixed {
    guard let price = prices.dollars(asset, at: time), price > 0 else { return .zero }
    return .near(dollars / price, digits: 6)
  }

  private mutating func deposit(_ asset: String, dollars: Double) {
    let time = tick()
    let amount = value(asset, dollars: dollars, at: time)
    guard !amount.isZero else { return }
    account.book(
      SimulatedEvent(id: id(), time: time, kind: .deposit, asset: asset, amount: amount))
  }

  private mutating func withdraw() {
    let asset = anyAsset()
    let time = tick()
    let have = account.free(asset)
    let amount = (have * .near(0.05 + 0.25 * generator.unit(), digits: 3)).kept(6)
    let fee = value(asset, dollars: 2, at: time)
    guard !amount.isZero, have >= amount + fee else { return }
    var event = SimulatedEvent(
      id: id(), time: time, kind: .withdrawal, asset: asset, amount: amount)
    event.feeAsset = asset
    event.fee = fee
    account.book(event)
  }

  private mutating func reward() {
    let asset = anyAsset()
    let time = tick()
    let have = account.free(asset) + (account.earn[asset] ?? .zero)
    let amount = (have * .near(0.0001 + 0.0008 * generator.unit(), digits: 6)).kept(8)
    guard !amount.isZero else { return }
    account.book(
      SimulatedEvent(id: id(), time: time, kind: .reward, asset: asset, amount: amount))
  }

  private mutating func convert() {
    let from = anyAsset()
    let to = anyAsset()
    let time = tick()
    let amount = (account.free(from) * .near(0.02 + 0.1 * generator.unit(), digits: 3)).kept(6)
    guard from != to, !amount.isZero, let given = prices.dollars(from, at: time) else { return }
    let got = value(to, dollars: amount.approximate * given * 0.998, at: time)
    guard !got.isZero else { return }
    var event = SimulatedEvent(
      id: id(), time: time, kind: .conversion, asset: from, amount: amount)
    event.otherAsset = to
    event.otherAmount = got
    account.book(event)
  }

  private mutating func charge() {
    guard listing.hasCharges else { return }
    let asset = listing.assets[0]
    let time = tick()
    let amount = value(asset, dollars: 0.5 + 4 * generator.unit(), at: time)
    guard !amount.isZero, account.free(asset) > amount else { return }
    account.book(
      SimulatedEvent(id: id(), time: time, kind: .charge, asset: asset, amount: amount))
  }

  private mutating func moveEarn() {
    guard listing.hasEarn else { return }
    let asset = anyAsset()
    let time = tick()
    let staked = account.earn[asset] ?? .zero
    let isBack = !staked.isZero && generator.next() % 2 == 0
    let amount = (isBack ? staked : account.free(asset) * .near(0.2, digits: 1)).kept(6)
    guard !amount.isZero else { return }
    account.book(
      SimulatedEvent(
        id: id(), time: time, kind: isBack ? .fromEarn : .toEarn, asset: asset, amount: amount))
  }

  /// One order in one to three executions.
  private mutating func trade() {
    let market = listing.markets[Int(generator.next() % UInt64(listing.markets.count))]
    let wantsToBuy = generator.next() % 100 < 55
    let order = id()
    let isMaker = generator.next() % 3 == 0
    let fills = 1 + Int(generator.next() % 3)
    for _ in 0..<fills where account.events.count < count {
      fill(market, isBuy: wantsToBuy, order: order, isMaker: isMaker)
    }
  }

  private mutating func fill(
    _ market: SimulatedMarket, isBuy: Bool, order: Int64, isMaker: Bool
  ) {
    let time = tick()
    let price = prices.fixedPrice(market, at: time)
    let share = Fixed.near(0.01 + 0.09 * generator.unit(), digits: 4)
    let have = isBuy ? account.free(market.quote) / price : account.free(market.base)
    let amount = (have * share).kept(market.amountDigits)
    let cost = amount * price
    guard !amount.isZero, cost >= market.costMin else { return }
    account.book(
      SimulatedEvent.trade(
        id: id(), time: time, market: market, isBuy: isBuy, isMaker: isMaker, order: order,
        price: price, amount: amount, listing: listing))
  }
}

extension SimulatedEvent {
  /// An execution with its fee.
  static func trade(
    id: Int64, time: Instant, market: SimulatedMarket, isBuy: Bool, isMaker: Bool, order: Int64,
    price: Fixed, amount: Fixed, listing: SimulatedListing
  ) -> SimulatedEvent {
    var event = SimulatedEvent(
      id: id, time: time, kind: .trade, asset: market.base, amount: amount)
    event.market = market.index
    event.isBuy = isBuy
    event.isMaker = isMaker
    event.order = order
    event.price = price
    event.otherAsset = market.quote
    event.otherAmount = amount * price
    let rate = isMaker ? listing.makerRate : listing.takerRate
    let isInQuote = listing.feeAsset == .quote || !isBuy
    event.feeAsset = isInQuote ? market.quote : market.base
    event.fee = ((isInQuote ? event.otherAmount : amount) * rate).kept(8, .halfEven)
    return event
  }
}
