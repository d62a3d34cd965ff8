import Amounts
import Ledger

/// Rows of Binance's transaction history that make transactions together.
struct BinanceGroup: Hashable, Sendable {
  /// What the rows have to do with each other.
  enum Family: Hashable, Sendable {
    /// Sides and fees of trades.
    case trade
    /// Small rests given for BNB, each with a row for what came of it.
    case dust
    /// One coin given for another.
    case exchange
    /// The trade before a deposit into a pool.
    case liquidSwap
    /// Bought or sold for fiat money, whose row may be missing.
    case fiat
    /// Between the parts of one account.
    case transfer
  }

  /// What the rows have to do with each other.
  let family: Family
  /// Which of several groups of the family at one second.
  let part: String

  /// Whether sides are missing, which may come with the next second.
  func isOdd(_ legs: [BinanceLeg]) -> Bool {
    switch family {
    case .fiat: return false
    case .transfer: return legs.count % 2 == 1
    case .dust: return byRemark(legs).contains { !BinanceGroup.isEven($0) }
    case .exchange, .liquidSwap: return !BinanceGroup.isEven(legs)
    case .trade:
      let sides = legs.filter { !$0.isFee }
      return Set(sides.map(\.change.isIncoming)).count < 2
    }
  }

  private static func isEven(_ legs: [BinanceLeg]) -> Bool {
    legs.filter(\.change.isIncoming).count * 2 == legs.count
  }

  /// What the rows stand for.
  ///
  /// - Parameter legs: The rows, in order of the file.
  /// - Returns: Transactions that name all of them.
  /// - Throws: `incomplete` where sides are missing.
  func transactions(of legs: [BinanceLeg]) throws(RowFault) -> [ImportedTransaction] {
    switch family {
    case .transfer: return transfers(legs)
    case .fiat where Set(legs.map(\.change.isIncoming)).count < 2:
      return legs.map { $0.transaction($0.change.isIncoming ? .deposit : .withdrawal) }
    case .dust:
      var found: [ImportedTransaction] = []
      for legs in byRemark(legs) { found += try trades(legs) }
      return found
    case .trade, .exchange, .liquidSwap, .fiat: return try trades(legs)
    }
  }

  /// Both ends of a move, told once; where one part was not exported, one end.
  private func transfers(_ legs: [BinanceLeg]) -> [ImportedTransaction] {
    stride(from: 0, to: legs.count, by: 2).map { index in
      let leg = legs[index]
      var transfer = ImportedTransaction(
        row: leg.change.row, time: leg.change.time, kind: .internalTransfer,
        outgoing: leg.change.amount)
      if index + 1 < legs.count { transfer.mergedRows = [legs[index + 1].change.row] }
      transfer.note = leg.operation
      return transfer
    }
  }

  /// Rests whose remarks say what was given for what: `ADA to BNB`.
  private func byRemark(_ legs: [BinanceLeg]) -> [[BinanceLeg]] {
    guard legs.allSatisfy({ $0.remark.contains(" to ") }) else { return [legs] }
    var groups: [[BinanceLeg]] = []
    for leg in legs {
      if let index = groups.firstIndex(where: { $0[0].remark == leg.remark }) {
        groups[index].append(leg)
      } else {
        groups.append([leg])
      }
    }
    return groups
  }

  // MARK: - Trades

  private func trades(_ legs: [BinanceLeg]) throws(RowFault) -> [ImportedTransaction] {
    var trades: [BinanceTrade] = []
    for pool in pools(legs.filter { !$0.isFee }) {
      trades += try BinanceTrade.paired(pool, sumsSides: family == .trade)
    }
    trades = BinanceTrade.largestFirst(trades)
    var further: [ImportedTransaction] = []
    // Those of a trade's own coin can only be charged for it.
    let fees = try BinanceFee.fees(of: legs.filter(\.isFee))
    let own = fees.filter { $0.isOfCoin(in: trades) }
    for fee in own + fees.filter({ !$0.isOfCoin(in: trades) }) {
      if let index = fee.place(in: trades) {
        try trades[index].take(fee)
      } else {
        further += fee.legs.map { $0.transaction(.fee) }
      }
    }
    return trades.map(\.transaction) + further
  }

  /// Sides that can belong to each other.
  ///
  /// Older files call both sides of a purchase `Buy` and both of a sale `Sell`; newer ones have one
  /// name for each side.
  private func pools(_ sides: [BinanceLeg]) -> [[BinanceLeg]] {
    guard family == .trade else { return sides.isEmpty ? [] : [sides] }
    var own: [[BinanceLeg]] = []
    var common: [BinanceLeg] = []
    var names: [String] = []
    for side in sides where !names.contains(side.operation) { names.append(side.operation) }
    for name in names {
      let legs = sides.filter { $0.operation == name }
      let incoming = legs.filter(\.change.isIncoming).count
      if incoming * 2 == legs.count { own.append(legs) } else { common += legs }
    }
    return own + (common.isEmpty ? [] : [common.sorted { $0.change.row < $1.change.row }])
  }
}

/// A fee of one coin, in as many rows as it is told in.
struct BinanceFee {
  /// Its rows.
  var legs: [BinanceLeg]
  /// How much of what.
  var amount: AssetQuantity

  /// The fees of a second; newer files take all of one coin together.
  static func fees(of legs: [BinanceLeg]) throws(RowFault) -> [BinanceFee] {
    var fees: [BinanceFee] = []
    for leg in legs {
      let amount = leg.change.amount
      if leg.operation == "Transaction Fee",
        let index = fees.firstIndex(where: { $0.amount.asset == amount.asset })
      {
        fees[index].legs.append(leg)
        fees[index].amount = try fees[index].amount.adding(amount.quantity)
      } else {
        fees.append(BinanceFee(legs: [leg], amount: amount))
      }
    }
    return fees.sorted { $0.amount.quantity > $1.amount.quantity }
  }

  /// The trade that it was charged for: the largest without a fee, of its own coin if there is one.
  func place(in trades: [BinanceTrade]) -> Int? {
    let free = trades.indices.filter { trades[$0].fee == nil }
    if let own = free.first(where: { isOfCoin(in: [trades[$0]]) }) { return own }
    return free.first ?? trades.firstIndex { $0.fee?.asset == amount.asset }
  }

  /// Whether it is of a coin that one of the trades bought or sold.
  func isOfCoin(in trades: [BinanceTrade]) -> Bool {
    trades.contains {
      [$0.incoming.amount.asset, $0.outgoing.amount.asset].contains(amount.asset)
    }
  }
}
