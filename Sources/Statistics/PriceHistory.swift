/// How a return is formed of two prices.
public enum ReturnKind: String, Hashable, Sendable {
  /// P₁/P₀ - 1.
  case simple
  /// ln(P₁/P₀), additive in time.
  case log

  /// The return from one price to the next.
  ///
  /// - Parameters:
  ///   - first: The earlier price.
  ///   - second: The later price.
  /// - Returns: The return; `nil` unless both prices are positive and finite.
  public func between(_ first: Double, _ second: Double) -> Double? {
    guard first > 0, second > 0, first.isFinite, second.isFinite else { return nil }
    return self == .simple ? second / first - 1 : Elementary.log(second / first)
  }
}

/// What becomes of bars in which an asset has no price.
public enum MissingPolicy: String, Hashable, Sendable {
  /// There must be no gap.
  case none
  /// A bar in which any asset has no price is left out; a return may then span several bars.
  case dropRows = "drop_rows"
  /// The last price is carried forward; before its first price an asset's return counts zero.
  case carryForward = "ffill"
  /// A return that lacks either price counts zero.
  case zero
  /// Only assets with a return count; their weights are scaled to the weights' sum.
  case renormalise = "renormalize"
  /// Every pair of assets uses the bars on which both have a return.
  case pairwise
}

/// Prices of several assets on common bars, oldest first, with gaps.
public struct PriceHistory: Hashable, Sendable {
  /// The assets, one a column.
  public let assets: [String]
  /// The bars' names, dates or times, oldest first.
  public let bars: [String]
  /// Prices by asset, then bar; `nil` where there is none.
  public let prices: [[Double?]]

  /// Takes columns of prices.
  ///
  /// - Parameters:
  ///   - assets: One a column.
  ///   - bars: One a price of every column.
  ///   - prices: The columns.
  public init(assets: [String], bars: [String], prices: [[Double?]]) {
    precondition(assets.count == prices.count, "one column of prices an asset")
    precondition(prices.allSatisfy { $0.count == bars.count }, "one price a bar")
    self.assets = assets
    self.bars = bars
    self.prices = prices
  }

  /// Returns with gaps: between consecutive bars that both have a price.
  ///
  /// - Parameter kind: How a return is formed.
  /// - Returns: By asset, then bar from the second on.
  public func returns(_ kind: ReturnKind) -> [[Double?]] {
    prices.map { column in
      zip(column, column.dropFirst()).map { first, second in
        guard let first, let second else { return nil }
        return kind.between(first, second)
      }
    }
  }

  /// Returns without gaps.
  ///
  /// - Parameters:
  ///   - kind: How a return is formed.
  ///   - policy: What becomes of gaps; `renormalise` and `pairwise` cannot close them.
  /// - Returns: By asset, with the bars at which the returns end; `nil` where a gap remains.
  public func completeReturns(_ kind: ReturnKind, _ policy: MissingPolicy) -> ReturnTable? {
    switch policy {
    case .none, .pairwise, .renormalise: return ReturnTable(assets, bars, returns(kind))
    case .dropRows: return withoutIncompleteBars.completeReturns(kind, .none)
    case .zero:
      return ReturnTable(assets, bars, returns(kind).map { $0.map { $0 ?? 0 } })
    case .carryForward:
      return ReturnTable(assets, bars, carried.returns(kind).map { $0.map { $0 ?? 0 } })
    }
  }

  /// Returns of constant weights, set back to them every bar.
  ///
  /// r_p = Σ wᵢ rᵢ with simple returns; what the weights leave of 1 is cash that earns nothing.
  ///
  /// - Parameters:
  ///   - weights: One an asset, of any sign and sum.
  ///   - kind: How an asset's return is formed.
  ///   - policy: What becomes of gaps.
  /// - Returns: The portfolio's returns with their bars; `nil` where a gap remains.
  public func portfolioReturns(
    weights: [Double], _ kind: ReturnKind, _ policy: MissingPolicy
  ) -> (bars: [String], returns: [Double])? {
    precondition(weights.count == assets.count, "one weight an asset")
    if policy == .renormalise {
      return (Array(bars.dropFirst()), renormalised(weights, returns(kind)))
    }
    guard let table = completeReturns(kind, policy) else { return nil }
    return (table.bars, table.portfolio(weights))
  }

  private func renormalised(_ weights: [Double], _ returns: [[Double?]]) -> [Double] {
    let whole = weights.reduce(0, +)
    return (0..<max(bars.count - 1, 0)).map { bar in
      var sum = 0.0
      var held = 0.0
      for (asset, weight) in weights.enumerated() {
        guard let value = returns[asset][bar] else { continue }
        sum += weight * value
        held += weight
      }
      return held == 0 ? 0 : sum * whole / held
    }
  }

  private var withoutIncompleteBars: PriceHistory {
    let kept = bars.indices.filter { bar in prices.allSatisfy { $0[bar] != nil } }
    return PriceHistory(
      assets: assets, bars: kept.map { bars[$0] },
      prices: prices.map { column in kept.map { column[$0] } })
  }

  private var carried: PriceHistory {
    let columns = prices.map { column in
      var last: Double?
      return column.map { price -> Double? in
        last = price ?? last
        return last
      }
    }
    return PriceHistory(assets: assets, bars: bars, prices: columns)
  }
}

/// Returns of several assets on common bars, oldest first, without gaps.
public struct ReturnTable: Hashable, Sendable {
  /// The assets, one a column.
  public let assets: [String]
  /// The bars at which the returns end.
  public let bars: [String]
  /// Returns by asset, then bar.
  ///
  /// Shape: N × T. Unit: 1 a bar.
  public let returns: [[Double]]

  /// Takes columns of returns.
  ///
  /// - Parameters:
  ///   - assets: One a column.
  ///   - bars: One a return of every column.
  ///   - returns: The columns.
  public init(assets: [String], bars: [String], returns: [[Double]]) {
    precondition(assets.count == returns.count, "one column of returns an asset")
    precondition(returns.allSatisfy { $0.count == bars.count }, "one return a bar")
    self.assets = assets
    self.bars = bars
    self.returns = returns
  }

  init?(_ assets: [String], _ prices: [String], _ returns: [[Double?]]) {
    let complete = returns.map { $0.compactMap { $0 } }
    guard zip(complete, returns).allSatisfy({ $0.count == $1.count }) else { return nil }
    self.init(assets: assets, bars: Array(prices.dropFirst()), returns: complete)
  }

  /// The number of bars.
  public var count: Int { bars.count }

  /// The returns of constant weights, set back to them every bar.
  ///
  /// - Parameter weights: One an asset.
  /// - Returns: One return a bar.
  public func portfolio(_ weights: [Double]) -> [Double] {
    precondition(weights.count == assets.count, "one weight an asset")
    var sums = [Double](repeating: 0, count: bars.count)
    for (column, weight) in zip(returns, weights) {
      for bar in sums.indices { sums[bar] += weight * column[bar] }
    }
    return sums
  }

  /// The last bars of the table.
  ///
  /// - Parameter count: How many at most.
  /// - Returns: A table of them.
  public func last(_ count: Int) -> ReturnTable {
    ReturnTable(
      assets: assets, bars: Array(bars.suffix(count)),
      returns: returns.map { Array($0.suffix(count)) })
  }
}
