import Amounts
import Ledger

/// Lots, each with its own cost, taken in an order.
struct LotMatching: AssetMatching {
  /// What one acquisition made.
  struct Lot: Sendable {
    let id: LotID
    let acquired: Int64
    let sequence: Int
    let part: Int8
    let isCostKnown: Bool
    /// Made of what a transfer moved though it was not there.
    let isMissing: Bool
    let cost: Fixed
    /// In grains, as it was made.
    var quantity: Int128
  }

  /// What one pool has of one lot.
  private struct Piece: Sendable {
    let lot: Int32
    let pool: Int32
    var quantity: Int128
    var cost: Fixed
  }

  private struct PieceKey: Hashable {
    let lot: Int32
    let pool: Int32
  }

  /// What shares a queue, with one heap for each order that was asked for.
  private struct Pool: Sendable {
    let account: AccountID?
    var heaps: [LotHeap] = []
  }

  private let rules: LotRules
  private let order: LotOrder
  private var lots: [Lot] = []
  private var pieces: [Piece] = []
  /// The first piece of each lot, by the lot's number.
  private var homes: [Int32] = []
  /// Pieces that transfers made.
  private var moved: [PieceKey: Int32] = [:]
  private var pools: [Pool] = []
  private var poolNumbers: [AccountID: Int32] = [:]
  /// Lots by name; made when a disposal first names one.
  private var numbers: [LotID: Int32]?
  private(set) var grain = Grain()

  init(_ order: LotOrder, rules: LotRules) {
    self.order = order
    self.rules = rules
    if rules.scope == .universal { pools = [Pool(account: nil)] }
  }

  // MARK: - Steps

  mutating func apply(
    _ step: Step, _ records: inout [MatchRecord]
  ) throws(ArithmeticFault) -> Outcome {
    var outcome = Outcome(firstRecord: records.count)
    outcome.grain = grain
    outcome.lots = Int32(lots.count)
    outcome.pieces = Int32(pieces.count)
    switch step.action {
    case .acquire(let incoming):
      let count = try grain.count(incoming.quantity)
      if count == 0 { break }
      let pool = pool(of: incoming.account)
      let acquired = incoming.acquired.microseconds
      add(lot(step.key, acquired, count, incoming.cost), to: pool)
    case .dispose(let leaving):
      outcome.missing = try dispose(leaving, at: step.key, &records)
    case .move(let quantity, let from, let to):
      if rules.scope == .universal || from == to { break }
      do {
        outcome.missing = try move(quantity, from, to, at: step.key, &records)
      } catch {
        undo(step, outcome, records[outcome.firstRecord...])
        records.removeSubrange(outcome.firstRecord...)
        didRewind()
        throw error
      }
    case .split(let numerator, let denominator): try split(numerator, denominator)
    case .overflown: throw .overflow
    }
    return outcome
  }

  private mutating func dispose(
    _ leaving: Step.Leaving, at key: StepKey, _ records: inout [MatchRecord]
  ) throws(ArithmeticFault) -> Int128 {
    var left = try grain.count(leaving.quantity)
    var named: [(NamedLot, Int128)] = []
    for lot in leaving.named { named.append((lot, try grain.count(lot.quantity))) }
    let pool = pool(of: leaving.account)
    let order = rules.order(on: rules.calendar.day(of: key.time), else: order)
    var rest = (order: order, choice: LotChoice.method)
    if order == .specific {
      rest = rules.unnamed(of: leaving.account, at: key.time)
      for (lot, count) in named {
        guard left > 0, let piece = piece(of: lot.lot, in: pool) else { continue }
        let taken = min(count, left, pieces[Int(piece)].quantity)
        guard taken > 0 else { continue }
        var record = take(taken, of: piece)
        record.choice = .named
        records.append(record)
        left -= taken
      }
    }
    if order != .specific || named.isEmpty || rules.fillsNamed {
      while left > 0, let piece = next(in: pool, rest.order) {
        let taken = min(left, pieces[Int(piece)].quantity)
        var record = take(taken, of: piece)
        record.choice = rest.choice
        records.append(record)
        left -= taken
      }
    }
    if left > 0 {
      records.append(
        MatchRecord(
          rule: .missing, lot: -1, source: -2 - pool, quantity: left, cost: .zero,
          isCostKnown: rules.missingBasis != .unknown, choice: rest.choice))
    }
    return left
  }

  private mutating func move(
    _ quantity: Quantity, _ from: AccountID, _ to: AccountID, at key: StepKey,
    _ records: inout [MatchRecord]
  ) throws(ArithmeticFault) -> Int128 {
    var left = try grain.count(quantity)
    let (source, target) = (pool(of: from), pool(of: to))
    while left > 0, let piece = next(in: source, rules.transferOrder) {
      let taken = min(left, pieces[Int(piece)].quantity)
      var record = take(taken, of: piece)
      record.target = landing(of: record.lot, in: target)
      let landing = Int(record.target)
      do {
        pieces[landing].cost = try pieces[landing].cost.adding(record.cost)
      } catch {
        record.target = -1
        records.append(record)
        throw error
      }
      let wasEmpty = pieces[landing].quantity == 0
      pieces[landing].quantity += taken
      if wasEmpty { push(record.target) }
      records.append(record)
      left -= taken
    }
    if left > 0, rules.missingBasis == .unknown {
      add(lot(key, key.microseconds, left, nil, isMissing: true), to: target)
    }
    return left
  }

  private mutating func split(_ numerator: Int128, _ denominator: Int128) throws(ArithmeticFault) {
    var counts = lots.map(\.quantity)
    var shares = pieces.map(\.quantity)
    var isWhole = true
    for index in counts.indices {
      counts[index] = try Grain.product(counts[index], numerator)
      if counts[index] % denominator != 0 { isWhole = false }
    }
    for index in shares.indices {
      shares[index] = try Grain.product(shares[index], numerator)
      if shares[index] % denominator != 0 { isWhole = false }
    }
    if !isWhole { grain.perUnit = try Grain.product(grain.perUnit, denominator) }
    let divisor = isWhole ? denominator : 1
    for index in lots.indices { lots[index].quantity = counts[index] / divisor }
    for index in pieces.indices { pieces[index].quantity = shares[index] / divisor }
    // Ranks hold quantities of before.
    forgetHeaps()
  }

  // MARK: - Taking back

  mutating func undo(_ step: Step, _ outcome: Outcome, _ records: ArraySlice<MatchRecord>) {
    if case .split(let numerator, let denominator) = step.action {
      let multiplier = grain == outcome.grain ? denominator : 1
      for index in lots.indices {
        lots[index].quantity = lots[index].quantity * multiplier / numerator
      }
      for index in pieces.indices {
        pieces[index].quantity = pieces[index].quantity * multiplier / numerator
      }
      grain = outcome.grain
    }
    for record in records.reversed() where record.source >= 0 {
      let source = Int(record.source)
      pieces[source].quantity += record.quantity
      pieces[source].cost = Fixed(units: pieces[source].cost.units + record.cost.units)
      if record.target >= 0 {
        let target = Int(record.target)
        pieces[target].quantity -= record.quantity
        pieces[target].cost = Fixed(units: pieces[target].cost.units - record.cost.units)
      }
    }
    for piece in pieces[Int(outcome.pieces)...] {
      moved[PieceKey(lot: piece.lot, pool: piece.pool)] = nil
    }
    pieces.removeSubrange(Int(outcome.pieces)...)
    lots.removeSubrange(Int(outcome.lots)...)
    homes.removeSubrange(Int(outcome.lots)...)
  }

  mutating func didRewind() {
    forgetHeaps()
    numbers = nil
  }

  private mutating func forgetHeaps() {
    for index in pools.indices { pools[index].heaps = [] }
  }

  // MARK: - Lots and pieces

  private func lot(
    _ key: StepKey, _ acquired: Int64, _ count: Int128, _ cost: Fixed?, isMissing: Bool = false
  ) -> Lot {
    Lot(
      id: key.id, acquired: acquired, sequence: key.sequence, part: key.part,
      isCostKnown: cost != nil, isMissing: isMissing, cost: cost ?? .zero, quantity: count)
  }

  private mutating func add(_ lot: Lot, to pool: Int32) {
    let number = Int32(lots.count)
    let piece = Int32(pieces.count)
    lots.append(lot)
    homes.append(piece)
    pieces.append(Piece(lot: number, pool: pool, quantity: lot.quantity, cost: lot.cost))
    numbers?[lot.id] = number
    push(piece)
  }

  /// Takes a part of a piece, and its share of the cost.
  private mutating func take(_ count: Int128, of piece: Int32) -> MatchRecord {
    let index = Int(piece)
    let (lot, whole) = (pieces[index].lot, pieces[index].quantity)
    let cost = pieces[index].cost.share(count, of: whole)
    pieces[index].quantity = whole - count
    pieces[index].cost = Fixed(units: pieces[index].cost.units - cost.units)
    let origin = lots[Int(lot)]
    return MatchRecord(
      rule: origin.isMissing ? .missing : .lot, lot: lot, source: piece, quantity: count,
      cost: cost, isCostKnown: origin.isCostKnown)
  }

  /// The piece of a lot in a pool, made where there is none.
  private mutating func landing(of lot: Int32, in pool: Int32) -> Int32 {
    if let known = piece(of: lot, in: pool) { return known }
    let made = Int32(pieces.count)
    pieces.append(Piece(lot: lot, pool: pool, quantity: 0, cost: .zero))
    moved[PieceKey(lot: lot, pool: pool)] = made
    return made
  }

  private func piece(of lot: Int32, in pool: Int32) -> Int32? {
    let home = homes[Int(lot)]
    return pieces[Int(home)].pool == pool ? home : moved[PieceKey(lot: lot, pool: pool)]
  }

  private mutating func piece(of id: LotID, in pool: Int32) -> Int32? {
    if numbers == nil {
      var named: [LotID: Int32] = [:]
      for (index, lot) in lots.enumerated() { named[lot.id] = Int32(index) }
      numbers = named
    }
    return numbers?[id].flatMap { piece(of: $0, in: pool) }
  }

  private mutating func pool(of account: AccountID) -> Int32 {
    if rules.scope == .universal { return 0 }
    if let known = poolNumbers[account] { return known }
    let made = Int32(pools.count)
    pools.append(Pool(account: account))
    poolNumbers[account] = made
    return made
  }

  // MARK: - Order

  /// The piece to take next, in an order; heaps are made when they are first asked for.
  private mutating func next(in pool: Int32, _ order: LotOrder) -> Int32? {
    let order: LotOrder = order == .specific ? .fifo : order
    let index = Int(pool)
    let found = pools[index].heaps.firstIndex { $0.order == order }
    let heap = found ?? pools[index].heaps.count
    if found == nil { pools[index].heaps.append(LotHeap(order, ranks(in: pool))) }
    while let top = pools[index].heaps[heap].top {
      if pieces[Int(top)].quantity > 0 { return top }
      pools[index].heaps[heap].pop()
    }
    return nil
  }

  private func ranks(in pool: Int32) -> [LotRank] {
    var ranks: [LotRank] = []
    for (index, piece) in pieces.enumerated() where piece.pool == pool && piece.quantity > 0 {
      ranks.append(LotRank(lots[Int(piece.lot)], piece: Int32(index)))
    }
    return ranks
  }

  private mutating func push(_ piece: Int32) {
    let pool = Int(pieces[Int(piece)].pool)
    if pools[pool].heaps.isEmpty { return }
    let rank = LotRank(lots[Int(pieces[Int(piece)].lot)], piece: piece)
    for heap in pools[pool].heaps.indices { pools[pool].heaps[heap].push(rank) }
  }

  // MARK: - What is there

  func origin(_ lot: Int32) -> LotOrigin? {
    guard lot >= 0 else { return nil }
    let known = lots[Int(lot)]
    return LotOrigin(id: known.id, acquired: Instant(microseconds: known.acquired))
  }

  func account(_ source: Int32) -> AccountID? {
    let pool = source >= 0 ? Int(pieces[Int(source)].pool) : Int(-2 - source)
    return pools.indices.contains(pool) ? pools[pool].account : nil
  }

  func total() throws(ArithmeticFault) -> Quantity {
    try grain.total(pieces.lazy.map(\.quantity))
  }

  func open() -> [OpenPiece] {
    pieces.indices.compactMap { index in
      let piece = pieces[index]
      guard piece.quantity > 0 else { return nil }
      let isKnown = lots[Int(piece.lot)].isCostKnown
      return OpenPiece(
        lot: origin(piece.lot), account: pools[Int(piece.pool)].account,
        quantity: grain.quantity(piece.quantity), cost: isKnown ? piece.cost : nil)
    }
  }
}
