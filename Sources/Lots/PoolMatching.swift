import Amounts
import Ledger

/// A pool whose every unit costs the same: the average of the moment.
struct PoolMatching: AssetMatching {
  private struct Pool: Sendable {
    let account: AccountID?
    var quantity: Int128 = 0
    var cost = Fixed.zero
    /// Whether everything in it has a known cost; an empty pool starts anew.
    var isCostKnown = true
  }

  private let rules: LotRules
  private var pools: [Pool] = []
  private var numbers: [AccountID: Int32] = [:]
  private(set) var grain = Grain()

  init(rules: LotRules) {
    self.rules = rules
    if rules.scope == .universal { pools = [Pool(account: nil)] }
  }

  mutating func apply(
    _ step: Step, _ records: inout [MatchRecord]
  ) throws(ArithmeticFault) -> Outcome {
    var outcome = Outcome(firstRecord: records.count)
    outcome.grain = grain
    switch step.action {
    case .acquire(let incoming):
      let count = try grain.count(incoming.quantity)
      let pool = Int(pool(of: incoming.account))
      outcome.wasSourceKnown = pools[pool].isCostKnown
      if count > 0 { try add(count, incoming.cost, to: pool) }
    case .dispose(let leaving):
      let pool = pool(of: leaving.account)
      outcome.wasSourceKnown = pools[Int(pool)].isCostKnown
      let count = try grain.count(leaving.quantity)
      let left = count - take(count, of: pool, &records)
      if left > 0 {
        records.append(
          MatchRecord(
            rule: .missing, lot: -1, source: -2 - pool, quantity: left, cost: .zero,
            isCostKnown: rules.missingBasis != .unknown))
      }
      outcome.missing = left
    case .move(let quantity, let from, let to):
      if rules.scope == .universal || from == to { break }
      try move(quantity, from, to, &outcome, &records)
    case .split(let numerator, let denominator): try split(numerator, denominator)
    case .overflown: throw .overflow
    }
    return outcome
  }

  /// Takes at most what is there; the count taken is returned.
  private mutating func take(
    _ count: Int128, of pool: Int32, _ records: inout [MatchRecord]
  ) -> Int128 {
    let index = Int(pool)
    let taken = min(count, pools[index].quantity)
    if taken == 0 { return 0 }
    let cost = pools[index].cost.share(taken, of: pools[index].quantity)
    records.append(
      MatchRecord(
        rule: .average, lot: -1, source: pool, quantity: taken, cost: cost,
        isCostKnown: pools[index].isCostKnown))
    pools[index].quantity -= taken
    pools[index].cost = Fixed(units: pools[index].cost.units - cost.units)
    if pools[index].quantity == 0 { pools[index].isCostKnown = true }
    return taken
  }

  private mutating func add(
    _ count: Int128, _ cost: Fixed?, to pool: Int
  ) throws(ArithmeticFault) {
    let (sum, overflow) = pools[pool].quantity.addingReportingOverflow(count)
    if overflow { throw .overflow }
    pools[pool].cost = try pools[pool].cost.adding(cost ?? .zero)
    pools[pool].quantity = sum
    pools[pool].isCostKnown = pools[pool].isCostKnown && cost != nil
  }

  private mutating func move(
    _ quantity: Quantity, _ from: AccountID, _ to: AccountID, _ outcome: inout Outcome,
    _ records: inout [MatchRecord]
  ) throws(ArithmeticFault) {
    let count = try grain.count(quantity)
    let (source, target) = (pool(of: from), pool(of: to))
    outcome.wasSourceKnown = pools[Int(source)].isCostKnown
    outcome.wasTargetKnown = pools[Int(target)].isCostKnown
    let (before, room) = (pools[Int(source)], pools[Int(target)])
    let taken = take(count, of: source, &records)
    outcome.missing = count - taken
    do {
      if taken > 0 {
        let last = records.count - 1
        records[last].target = target
        let known = records[last].isCostKnown ? records[last].cost : nil
        try add(taken, known, to: Int(target))
      }
      if outcome.missing > 0, rules.missingBasis == .unknown {
        try add(outcome.missing, nil, to: Int(target))
      }
    } catch {
      pools[Int(source)] = before
      pools[Int(target)] = room
      records.removeSubrange(outcome.firstRecord...)
      throw error
    }
  }

  private mutating func split(_ numerator: Int128, _ denominator: Int128) throws(ArithmeticFault) {
    var counts: [Int128] = []
    for pool in pools { counts.append(try Grain.product(pool.quantity, numerator)) }
    let isWhole = counts.allSatisfy { $0 % denominator == 0 }
    if !isWhole { grain.perUnit = try Grain.product(grain.perUnit, denominator) }
    for index in pools.indices {
      pools[index].quantity = counts[index] / (isWhole ? denominator : 1)
    }
  }

  mutating func undo(_ step: Step, _ outcome: Outcome, _ records: ArraySlice<MatchRecord>) {
    switch step.action {
    case .acquire(let incoming):
      let pool = Int(pool(of: incoming.account))
      remove(incoming.quantity, incoming.cost, from: pool)
      pools[pool].isCostKnown = outcome.wasSourceKnown
    case .dispose(let leaving):
      giveBack(records)
      pools[Int(pool(of: leaving.account))].isCostKnown = outcome.wasSourceKnown
    case .move(_, let from, let to):
      if rules.scope == .universal || from == to { return }
      let (source, target) = (Int(pool(of: from)), Int(pool(of: to)))
      giveBack(records)
      if rules.missingBasis == .unknown { pools[target].quantity -= outcome.missing }
      pools[source].isCostKnown = outcome.wasSourceKnown
      pools[target].isCostKnown = outcome.wasTargetKnown
    case .split(let numerator, let denominator):
      let multiplier = grain == outcome.grain ? denominator : 1
      for index in pools.indices {
        pools[index].quantity = pools[index].quantity * multiplier / numerator
      }
      grain = outcome.grain
    case .overflown: return
    }
  }

  private mutating func remove(_ quantity: Quantity, _ cost: Fixed?, from pool: Int) {
    pools[pool].quantity -= quantity.fixed.units * grain.perUnit
    if !quantity.isZero, let cost {
      pools[pool].cost = Fixed(units: pools[pool].cost.units - cost.units)
    }
  }

  private mutating func giveBack(_ records: ArraySlice<MatchRecord>) {
    for record in records.reversed() where record.source >= 0 {
      let source = Int(record.source)
      pools[source].quantity += record.quantity
      pools[source].cost = Fixed(units: pools[source].cost.units + record.cost.units)
      guard record.target >= 0 else { continue }
      let target = Int(record.target)
      pools[target].quantity -= record.quantity
      let cost = record.isCostKnown ? record.cost.units : 0
      pools[target].cost = Fixed(units: pools[target].cost.units - cost)
    }
  }

  func didRewind() {}

  private mutating func pool(of account: AccountID) -> Int32 {
    if rules.scope == .universal { return 0 }
    if let known = numbers[account] { return known }
    let made = Int32(pools.count)
    pools.append(Pool(account: account))
    numbers[account] = made
    return made
  }

  func origin(_ lot: Int32) -> LotOrigin? { nil }

  func account(_ source: Int32) -> AccountID? {
    let pool = source >= 0 ? Int(source) : Int(-2 - source)
    return pools.indices.contains(pool) ? pools[pool].account : nil
  }

  func total() throws(ArithmeticFault) -> Quantity {
    try grain.total(pools.lazy.map(\.quantity))
  }

  func open() -> [OpenPiece] {
    pools.compactMap { pool in
      guard pool.quantity > 0 else { return nil }
      return OpenPiece(
        lot: nil, account: pool.account, quantity: grain.quantity(pool.quantity),
        cost: pool.isCostKnown ? pool.cost : nil)
    }
  }
}
