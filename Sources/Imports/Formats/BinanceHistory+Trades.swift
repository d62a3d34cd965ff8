import Amounts
import Ledger

/// One trade put together of rows of Binance's transaction history.
struct BinanceTrade {
  /// One side, in as many rows as it is told in.
  struct Side {
    var legs: [BinanceLeg]
    var amount: AssetQuantity
  }

  /// What came in.
  let incoming: Side
  /// What went out.
  let outgoing: Side
  /// What was charged.
  private(set) var fee: AssetQuantity?
  private var feeLegs: [BinanceLeg] = []

  private init(incoming: Side, outgoing: Side) {
    self.incoming = incoming
    self.outgoing = outgoing
  }

  /// Adds a fee, of the coin of the fee there is.
  mutating func take(_ more: BinanceFee) throws(RowFault) {
    fee =
      try fee.map { known throws(RowFault) in try known.adding(more.amount.quantity) }
      ?? more.amount
    feeLegs += more.legs
  }

  /// The trade under its first row.
  var transaction: ImportedTransaction {
    let legs = (incoming.legs + outgoing.legs + feeLegs).sorted { $0.change.row < $1.change.row }
    var trade = ImportedTransaction(
      row: legs[0].change.row, time: legs[0].change.time, kind: .trade,
      incoming: incoming.amount, outgoing: outgoing.amount, fee: fee?.unlessZero)
    trade.mergedRows = legs.dropFirst().map(\.change.row)
    trade.note = incoming.legs[0].operation
    return trade
  }

  /// The largest first: by what went out, or by what came in where that is of one coin only.
  static func largestFirst(_ trades: [BinanceTrade]) -> [BinanceTrade] {
    func sorted(by side: KeyPath<BinanceTrade, Side>) -> [BinanceTrade]? {
      guard Set(trades.map { $0[keyPath: side].amount.asset }).count == 1 else { return nil }
      return trades.sorted {
        $0[keyPath: side].amount.quantity > $1[keyPath: side].amount.quantity
      }
    }
    return sorted(by: \.outgoing) ?? sorted(by: \.incoming) ?? trades
  }

  /// Puts sides together.
  ///
  /// Fills of one market at one second are one trade where the file names its sides `Transaction
  /// Buy` and `Transaction Spend`. Else the largest amounts of two coins belong together, and of more
  /// coins those whose prices agree best.
  ///
  /// - Parameters:
  ///   - legs: The sides.
  ///   - sumsSides: Whether uneven numbers of rows can be fills of one trade.
  /// - Returns: The trades.
  /// - Throws: `incomplete` where sides are missing.
  static func paired(_ legs: [BinanceLeg], sumsSides: Bool) throws(RowFault) -> [BinanceTrade] {
    let incoming = legs.filter(\.change.isIncoming)
    let outgoing = legs.filter { !$0.change.isIncoming }
    let isOneMarket = hasOneAsset(incoming) && hasOneAsset(outgoing)
    let isFills = legs.allSatisfy {
      $0.operation == "Transaction Buy" || $0.operation == "Transaction Spend"
    }
    guard let first = legs.first, !incoming.isEmpty, !outgoing.isEmpty else {
      throw RowFault(.incomplete, column: "operation", text: legs.first?.operation ?? "")
    }
    if isOneMarket, sumsSides, isFills || incoming.count != outgoing.count {
      return [BinanceTrade(incoming: try sum(incoming), outgoing: try sum(outgoing))]
    }
    guard incoming.count == outgoing.count else {
      throw RowFault(.incomplete, column: "operation", text: first.operation)
    }
    let partners =
      isOneMarket
      ? bySize(incoming, outgoing) : BinancePrices(incoming, outgoing).bestPartners()
    return zip(incoming, partners).map { leg, partner in
      BinanceTrade(incoming: one(leg), outgoing: one(partner))
    }
  }

  private static func hasOneAsset(_ legs: [BinanceLeg]) -> Bool {
    Set(legs.map(\.change.amount.asset)).count == 1
  }

  private static func one(_ leg: BinanceLeg) -> Side {
    Side(legs: [leg], amount: leg.change.amount)
  }

  private static func sum(_ legs: [BinanceLeg]) throws(RowFault) -> Side {
    var amount = AssetQuantity(.zero, legs[0].change.amount.asset)
    for leg in legs { amount = try amount.adding(leg.change.amount.quantity) }
    return Side(legs: legs, amount: amount)
  }

  /// For each of `legs` the one of `others` of the same rank by size.
  private static func bySize(_ legs: [BinanceLeg], _ others: [BinanceLeg]) -> [BinanceLeg] {
    func ranked(_ legs: [BinanceLeg]) -> [Int] {
      legs.indices.sorted {
        legs[$0].change.amount.quantity > legs[$1].change.amount.quantity
      }
    }
    var partners = others
    for (index, other) in zip(ranked(legs), ranked(others)) { partners[index] = others[other] }
    return partners
  }
}

/// Finds which sides belong together, of several coins bought or sold at one second.
///
/// The file does not say it. That choice counts as best which has the fewest markets, and of these
/// the one in which prices within a market differ least; among equals, the order of the file.
struct BinancePrices {
  private let incoming: [BinanceLeg]
  private let outgoing: [BinanceLeg]
  /// Beyond this many sides the order of the file decides: the choices grow with the factorial.
  private static let mostSides = 7

  private var best: [Int] = []
  private var bestCost = (markets: Int.max, spread: Double.infinity)

  /// Takes as many sides of one direction as of the other.
  init(_ incoming: [BinanceLeg], _ outgoing: [BinanceLeg]) {
    precondition(incoming.count == outgoing.count, "Every side has a partner.")
    self.incoming = incoming
    self.outgoing = outgoing
    best = Array(outgoing.indices)
  }

  /// The outgoing side for each incoming one.
  func bestPartners() -> [BinanceLeg] {
    var search = self
    if incoming.count <= BinancePrices.mostSides {
      search.choose([], of: outgoing.indices.map { $0 })
    }
    return search.best.map { outgoing[$0] }
  }

  private mutating func choose(_ chosen: [Int], of left: [Int]) {
    if left.isEmpty {
      let cost = cost(of: chosen)
      if cost < bestCost { (best, bestCost) = (chosen, cost) }
      return
    }
    for (place, index) in left.enumerated() {
      var rest = left
      rest.remove(at: place)
      choose(chosen + [index], of: rest)
    }
  }

  private func cost(of chosen: [Int]) -> (markets: Int, spread: Double) {
    var ranges: [[String]: (low: Double, high: Double)] = [:]
    for (leg, index) in zip(incoming, chosen) {
      let (got, given) = (leg.change.amount, outgoing[index].change.amount)
      let price = given.quantity.fixed.approximate / got.quantity.fixed.approximate
      let market = [got.asset.code, given.asset.code]
      let known = ranges[market] ?? (price, price)
      ranges[market] = (min(known.low, price), max(known.high, price))
    }
    return (ranges.count, ranges.values.map { $0.high / $0.low }.sorted().reduce(0, +))
  }
}
