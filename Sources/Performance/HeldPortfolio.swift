public import Statistics

/// A portfolio that was bought once and left alone.
public struct HeldPortfolio: Hashable, Sendable {
  /// The bars its returns end on.
  public let bars: [String]
  /// Its returns, oldest first.
  ///
  /// Unit: 1.
  public let returns: [Double]
  /// What one unit of money became.
  public let finalValue: Double
  /// Each asset's share of the final value; what is missing to 1 is cash.
  public let finalWeights: [Double]

  /// Buys on the first bar and holds: Vₜ = Σ wᵢ Pᵢ,ₜ/Pᵢ,₀ + (1 − Σ wᵢ).
  ///
  /// It is `nil` where a price is missing, for fewer than two bars, or where the
  /// value falls to nothing or below, from where no return is defined.
  ///
  /// - Parameters:
  ///   - prices: The assets' prices.
  ///   - weights: One an asset: its share on the first bar. The rest is cash that earns nothing.
  ///   - missing: What becomes of gaps. What is held must be valued on every bar, so that only
  ///     `carryForward` and `dropRows` close gaps, and none on the first bar by carrying.
  /// - Complexity: O(assets · bars).
  public init?(_ prices: PriceHistory, weights: [Double], missing: MissingPolicy) {
    precondition(weights.count == prices.assets.count, "Every asset has a weight.")
    let columns = HeldPortfolio.filled(prices.prices, missing)
    let rows = prices.bars.indices.filter { row in columns.allSatisfy { $0[row] != nil } }
    let isComplete = missing == .dropRows || rows.count == prices.bars.count
    guard isComplete, rows.count > 1, let first = rows.first else { return nil }
    var wealth = [Double](repeating: 1 - weights.reduce(0, +), count: rows.count)
    var last: [Double] = []
    for (weight, column) in zip(weights, columns) {
      guard let bought = column[first], bought > 0 else { return nil }
      var part = 0.0
      for (bar, row) in rows.enumerated() {
        part = weight * ((column[row] ?? 0) / bought)
        wealth[bar] += part
      }
      last.append(part)
    }
    guard let final = wealth.last, wealth.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    bars = rows.dropFirst().map { prices.bars[$0] }
    returns = zip(wealth, wealth.dropFirst()).map { $1 / $0 - 1 }
    finalValue = final
    finalWeights = last.map { $0 / final }
  }

  private static func filled(_ columns: [[Double?]], _ missing: MissingPolicy) -> [[Double?]] {
    guard missing == .carryForward else { return columns }
    return columns.map { column in
      var last: Double?
      return column.map { price in
        last = price ?? last
        return last
      }
    }
  }
}
