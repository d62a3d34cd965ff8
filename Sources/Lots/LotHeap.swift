import Amounts

/// A piece's place in an order.
struct LotRank: Sendable {
  let piece: Int32
  let part: Int8
  let isCostKnown: Bool
  let acquired: Int64
  let sequence: Int
  /// Cost and quantity when the lot was made: the cost of a unit never drifts by rounding.
  let cost: Int128
  let quantity: Int128
  /// The cost of a unit, cut off; settles most comparisons without a long product.
  let unitCost: Int128

  init(_ lot: LotMatching.Lot, piece: Int32) {
    self.piece = piece
    part = lot.part
    isCostKnown = lot.isCostKnown
    acquired = lot.acquired
    sequence = lot.sequence
    cost = lot.cost.units
    quantity = lot.quantity
    unitCost = LotRank.cutOff(lot.cost.units, lot.quantity)
  }

  /// Whether this one is taken before another.
  func precedes(_ other: LotRank, _ order: LotOrder) -> Bool {
    switch order {
    case .fifo, .specific: return isEarlier(than: other)
    case .lifo: return other.isEarlier(than: self)
    case .hifo: return precedes(other, by: compared(with: other))
    case .lofo: return precedes(other, by: other.compared(with: self))
    }
  }

  /// By cost where both are known, known before unknown, then the earlier first.
  private func precedes(_ other: LotRank, by comparison: Int) -> Bool {
    if isCostKnown != other.isCostKnown { return isCostKnown }
    if isCostKnown, comparison != 0 { return comparison > 0 }
    return isEarlier(than: other)
  }

  private func isEarlier(than other: LotRank) -> Bool {
    if acquired != other.acquired { return acquired < other.acquired }
    if sequence != other.sequence { return sequence < other.sequence }
    return part != other.part ? part < other.part : piece < other.piece
  }

  /// 1, 0 or -1 as a unit of this one cost more than, as much as or less than one of the other.
  private func compared(with other: LotRank) -> Int {
    if unitCost != other.unitCost { return unitCost > other.unitCost ? 1 : -1 }
    if cost == other.cost && quantity == other.quantity { return 0 }
    if (cost < 0) != (other.cost < 0) { return cost < 0 ? -1 : 1 }
    let a = cost.magnitude.multipliedFullWidth(by: other.quantity.magnitude)
    let b = other.cost.magnitude.multipliedFullWidth(by: quantity.magnitude)
    if a.high == b.high && a.low == b.low { return 0 }
    let isLarger = a.high != b.high ? a.high > b.high : a.low > b.low
    return isLarger == (cost >= 0) ? 1 : -1
  }

  /// The quotient with 18 more digits, towards zero; at the ends where it does not fit.
  private static func cutOff(_ cost: Int128, _ quantity: Int128) -> Int128 {
    let product = cost.magnitude.multipliedFullWidth(by: UInt128(Fixed.scale))
    let divisor = quantity.magnitude
    guard product.high < divisor else { return cost < 0 ? .min : .max }
    let quotient =
      product.high == 0
      ? product.low / divisor : divisor.dividingFullWidth((product.high, product.low)).quotient
    guard let value = Int128(exactly: quotient) else { return cost < 0 ? .min : .max }
    return cost < 0 ? 0 - value : value
  }
}

/// A binary heap of pieces: the one to take next is on top.
///
/// A piece that is used up stays until it comes to the top; one that comes to life again is pushed
/// again, so a piece may be in it twice, which changes nothing.
/// Source: Williams, Algorithm 232 (Heapsort), CACM 7 (1964) 347–348.
struct LotHeap: Sendable {
  let order: LotOrder
  private var ranks: [LotRank] = []

  init(_ order: LotOrder, _ ranks: [LotRank] = []) {
    self.order = order
    self.ranks = ranks
    for index in stride(from: ranks.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  /// The piece to take next.
  var top: Int32? { ranks.first?.piece }

  mutating func push(_ rank: LotRank) {
    ranks.append(rank)
    var index = ranks.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard rank.precedes(ranks[parent], order) else { break }
      ranks[index] = ranks[parent]
      index = parent
    }
    ranks[index] = rank
  }

  mutating func pop() {
    let last = ranks.removeLast()
    if ranks.isEmpty { return }
    ranks[0] = last
    sink(0)
  }

  private mutating func sink(_ start: Int) {
    let rank = ranks[start]
    var index = start
    while 2 * index + 1 < ranks.count {
      var child = 2 * index + 1
      if child + 1 < ranks.count, ranks[child + 1].precedes(ranks[child], order) { child += 1 }
      guard ranks[child].precedes(rank, order) else { break }
      ranks[index] = ranks[child]
      index = child
    }
    ranks[index] = rank
  }
}
