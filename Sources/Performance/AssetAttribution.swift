/// What each asset of a portfolio of constant quantities contributed.
public struct AssetAttribution: Hashable, Sendable {
  /// Profit and loss of each asset over all bars: qᵢ (Pᵢ,ₙ − Pᵢ,₀), summed bar by bar.
  public let profits: [Double]
  /// Profit and loss of the portfolio on each bar from the second on.
  public let profitByBar: [Double]
  /// The portfolio's simple return on each bar; `nil` where the value before was not positive.
  public let returns: [Double]?
  /// The return over all bars; `nil` where a bar has none.
  public let totalReturn: Double?
  /// Each asset's share of the total return, linked by Carino.
  ///
  /// The shares add up to it. `nil` as above, or where everything was lost.
  public let linkedContributions: [Double]?

  /// Takes quantities and their prices.
  ///
  /// A contribution is qᵢ (Pᵢ,ₜ − Pᵢ,ₜ₋₁)/Vₜ₋₁ with V the value of all assets.
  ///
  /// It is `nil` for fewer than two bars or a number that is none.
  ///
  /// - Parameters:
  ///   - quantities: One an asset; negative is owed.
  ///   - prices: One column an asset, oldest first, without gaps, all in one currency.
  /// - Complexity: O(assets · bars).
  /// - Source: C. R. Bacon, Practical Portfolio Performance Measurement and Attribution, 2nd ed.,
  ///   2008, ch. 5, contribution analysis; linking as ``Carino``.
  public init?(quantities: [Double], prices: [[Double]]) {
    precondition(quantities.count == prices.count, "Every asset has a quantity and prices.")
    let bars = prices.first?.count ?? 0
    precondition(prices.allSatisfy { $0.count == bars }, "Prices are of the same bars.")
    guard bars > 1 else { return nil }
    var values = [Double](repeating: 0, count: bars)
    var steps: [[Double]] = []
    for (quantity, column) in zip(quantities, prices) {
      for bar in values.indices { values[bar] += quantity * column[bar] }
      steps.append(zip(column, column.dropFirst()).map { quantity * ($1 - $0) })
    }
    let byBar = (0..<bars - 1).map { bar in steps.reduce(0) { $0 + $1[bar] } }
    guard values.allSatisfy(\.isFinite), byBar.allSatisfy(\.isFinite) else { return nil }
    profits = steps.map { $0.reduce(0, +) }
    profitByBar = byBar
    guard values.dropLast().allSatisfy({ $0 > 0 }) else {
      (returns, totalReturn, linkedContributions) = (nil, nil, nil)
      return
    }
    let series = zip(byBar, values).map { $0 / $1 }
    let carino = Carino(returns: series)
    returns = series
    totalReturn = Growth.linked(series)
    linkedContributions = carino.map { carino in
      steps.map { step in carino.linked(zip(step, values).map { $0 / $1 }) }
    }
  }

  /// Profit and loss of all assets.
  public var totalProfit: Double { profits.reduce(0, +) }

  /// The bar with the largest profit, the first of equals: 0 is the bar after the first price.
  public var bestBar: Int? { Self.first(profitByBar, by: >) }

  /// The bar with the largest loss or smallest profit, the first of equals.
  public var worstBar: Int? { Self.first(profitByBar, by: <) }

  private static func first(_ values: [Double], by isBetter: (Double, Double) -> Bool) -> Int? {
    var place: Int?
    for (index, value) in values.enumerated() {
      if let known = place, !isBetter(value, values[known]) { continue }
      place = index
    }
    return place
  }
}
