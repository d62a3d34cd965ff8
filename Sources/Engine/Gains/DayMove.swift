import Amounts
import Ledger
import Lots
import Prices

/// What a day did to one asset in one account, in units of the asset.
struct DayMove: Hashable, Sendable {
  /// By how much the quantity changed, for any reason.
  var change = Fixed.zero
  /// From outside the records, above zero.
  var inflow = Fixed.zero
  /// To outside the records, above zero.
  var outflow = Fixed.zero
  /// From other own accounts, less what went there.
  var transfer = Fixed.zero
  /// Staking, airdrops and other income.
  var rewards = Fixed.zero
  /// Fees, below zero where paid.
  var fees = Fixed.zero
  /// Funding and interest, above zero where received.
  var funding = Fixed.zero
  /// What was lost or stolen, below zero.
  var lost = Fixed.zero
  /// What trades gave for the asset, less what they got for it, in the currency of the figures.
  var paid = Fixed.zero
  /// How many trades have a worth that nobody knows: `paid` lacks them.
  var unknownTrades = 0
  /// How many sums left the range of exact numbers.
  var overflows = 0

  /// Adds a day's moves, or takes them out again.
  mutating func add(_ other: DayMove, sign: Int = 1) {
    overflows += Engine.add(other.change, sign: sign, to: &change)
    overflows += Engine.add(other.inflow, sign: sign, to: &inflow)
    overflows += Engine.add(other.outflow, sign: sign, to: &outflow)
    overflows += Engine.add(other.transfer, sign: sign, to: &transfer)
    overflows += Engine.add(other.rewards, sign: sign, to: &rewards)
    overflows += Engine.add(other.fees, sign: sign, to: &fees)
    overflows += Engine.add(other.funding, sign: sign, to: &funding)
    overflows += Engine.add(other.lost, sign: sign, to: &lost)
    overflows += Engine.add(other.paid, sign: sign, to: &paid)
    unknownTrades += sign * other.unknownTrades
    overflows += sign * other.overflows
  }

  /// What trades moved; `nil` where that leaves the range of exact numbers.
  var traded: Fixed? {
    try? change.subtracting(inflow).adding(outflow).subtracting(transfer).subtracting(rewards)
      .subtracting(fees).subtracting(funding).subtracting(lost)
  }

  var isEmpty: Bool { self == DayMove() }
}

/// Adds an amount to a sum, or takes it out of it.
///
/// - Returns: 1 where that leaves the range of exact numbers, and the sum stays; else 0.
func add(_ value: Fixed, sign: Int = 1, to total: inout Fixed) -> Int {
  if value.isZero { return 0 }
  let next = sign > 0 ? try? total.adding(value) : try? total.subtracting(value)
  guard let next else { return 1 }
  total = next
  return 0
}

/// One asset in one account.
struct GainPlace: Hashable, Comparable, Sendable {
  let account: AccountID
  let asset: AssetID

  static func < (a: GainPlace, b: GainPlace) -> Bool {
    a.account != b.account ? a.account < b.account : a.asset < b.asset
  }
}

/// Reads what an entry moved: what came from outside, what was traded, and what it was paid with.
///
/// Deposits and withdrawals, openings, loans, gifts and spending are flows from and to the outside; a
/// transfer between own accounts is none, also while it is under way (`EntryMapping.inTransit`).
struct EntryMoves {
  private let entry: Entry
  private let links: AssetLinks
  private let prices: any PriceHistory
  private let currency: Currency
  private let base: AssetID
  private(set) var moves: [GainPlace: DayMove] = [:]

  init(_ entry: Entry, _ mapping: EntryMapping) {
    self.entry = entry
    links = mapping.links
    prices = mapping.prices
    currency = mapping.currency
    base = QuoteBoard.asset(of: mapping.currency)
    for leg in entry.legs where leg.counter != .staked { take(leg) }
    trade()
  }

  private mutating func take(_ leg: Leg) {
    let place = GainPlace(account: leg.account, asset: links.canonical(leg.asset))
    let quantity = leg.quantity.fixed
    var move = DayMove()
    move.change = quantity
    switch leg.counter {
    case .outside, .equity, .loan: move.flow(quantity)
    case .conversion, .staked: break
    case .fees: move.fees = quantity
    case .income: incomeOrGift(&move, quantity)
    case .expense:
      if entry.kind == .lost { move.lost = quantity } else { move.flow(quantity) }
    case .transit: move.transfer = quantity
    case .margin: if entry.kind == .marginFee { move.funding = quantity }
    }
    moves[place, default: DayMove()].add(move)
    guard leg.counter == .transit, let back = try? quantity.negated() else { return }
    var onTheWay = DayMove()
    onTheWay.change = back
    onTheWay.transfer = back
    let transit = GainPlace(account: EntryMapping.inTransit, asset: place.asset)
    moves[transit, default: DayMove()].add(onTheWay)
  }

  private func incomeOrGift(_ move: inout DayMove, _ quantity: Fixed) {
    switch entry.kind {
    case .giftReceived: move.flow(quantity)
    case .interest: move.funding = quantity
    case .feeRebate: move.fees = quantity
    default: move.rewards = quantity
    }
  }

  // MARK: - Trades

  /// Says of each side of an exchange what it was paid with; all sides together come to nothing.
  private mutating func trade() {
    var sides: [GainPlace: Fixed] = [:]
    for leg in entry.legs where leg.counter == .conversion {
      let place = GainPlace(account: leg.account, asset: links.canonical(leg.asset))
      guard let sum = try? (sides[place] ?? .zero).adding(leg.quantity.fixed) else { return }
      sides[place] = sum
    }
    let cash = sides.filter { $0.key.asset == base }
    let others = sides.filter { $0.key.asset != base && !$0.value.isZero }.sorted {
      $0.key < $1.key
    }
    for (place, amount) in cash { pay(place, amount) }
    guard let first = others.first else { return }
    let received = cash.values.reduce(Fixed?.some(.zero)) { sum, amount in
      sum.flatMap { try? $0.adding(amount) }
    }
    guard let received else { return unknown(others) }
    if others.count == 1 {
      if cash.isEmpty {
        // Nothing is known of the other side: it came from outside, or went there.
        moves[first.key, default: DayMove()].flow(first.value)
      } else if let given = try? received.negated() {
        pay(first.key, given)
      }
    } else {
      exchange(others, cash: received)
    }
  }

  private mutating func exchange(_ sides: [(key: GainPlace, value: Fixed)], cash: Fixed) {
    let ordered = sides.sorted { rank($0) < rank($1) }
    guard let known = ordered.first, let last = ordered.last else { return }
    var rest = cash
    var amounts: [(GainPlace, Fixed)] = []
    if sides.count == 2 {
      guard let worth = stated ?? value(known) ?? value(last),
        let first = worthOfFirst(known, last, worth)
      else { return unknown(sides) }
      amounts = [(known.key, first)]
      guard let sum = try? rest.adding(first) else { return unknown(sides) }
      rest = sum
    } else {
      for side in ordered.dropLast() {
        guard let worth = value(side),
          let signed = side.value.isNegative ? try? worth.negated() : worth,
          let sum = try? rest.adding(signed)
        else { return unknown(sides) }
        amounts.append((side.key, signed))
        rest = sum
      }
    }
    guard let left = try? rest.negated() else { return unknown(sides) }
    for (place, amount) in amounts + [(last.key, left)] { pay(place, amount) }
  }

  /// What the first side was paid with, of two whose worth is known by the source or by a price.
  private func worthOfFirst(
    _ known: (key: GainPlace, value: Fixed), _ last: (key: GainPlace, value: Fixed), _ worth: Fixed
  ) -> Fixed? {
    known.value.isNegative ? try? worth.negated() : worth
  }

  /// Currencies have the surest price, then what is got, then what is given.
  private func rank(_ side: (key: GainPlace, value: Fixed)) -> Int {
    if case .fiat = side.key.asset { return 0 }
    if prices.price(of: side.key.asset, at: entry.time, in: currency) == nil { return 3 }
    return side.value.isNegative ? 2 : 1
  }

  private var stated: Fixed? {
    guard let value = entry.details.value, value.currency == currency else { return nil }
    return value.amount
  }

  /// What a side was worth, without its sign.
  private func value(_ side: (key: GainPlace, value: Fixed)) -> Fixed? {
    guard let price = prices.price(of: side.key.asset, at: entry.time, in: currency),
      let size = try? side.value.magnitude()
    else { return nil }
    return try? size.multiplied(by: price.fixed, rounding: .halfEven)
  }

  private mutating func pay(_ place: GainPlace, _ amount: Fixed) {
    var move = DayMove()
    move.paid = amount
    moves[place, default: DayMove()].add(move)
  }

  private mutating func unknown(_ sides: [(key: GainPlace, value: Fixed)]) {
    for side in sides { moves[side.key, default: DayMove()].unknownTrades += 1 }
  }
}

extension DayMove {
  /// Books something from or to the outside.
  fileprivate mutating func flow(_ quantity: Fixed) {
    guard let size = try? quantity.magnitude() else { return overflows += 1 }
    var move = DayMove()
    if quantity.isNegative { move.outflow = size } else { move.inflow = size }
    add(move)
  }
}
