public import Statistics

/// Weights by method, each a pure function of estimates.
public enum Allocation {
  /// Weights in proportion to 1/σ.
  ///
  /// - Parameter covariance: Of returns, N × N, in the order of the assets.
  /// - Returns: The weights; `nil` where a variance is not positive.
  public static func inverseVolatility(_ covariance: Matrix) -> [Double]? {
    guard let deviations = deviations(covariance) else { return nil }
    return normalised(deviations.map { 1 / $0 })
  }

  /// Standard deviations of a covariance; `nil` where one is not positive and finite.
  static func deviations(_ covariance: Matrix) -> [Double]? {
    precondition(covariance.isSquare, "A covariance is square.")
    let variances = covariance.diagonal
    guard !variances.isEmpty, covariance.elements.allSatisfy(\.isFinite),
      variances.allSatisfy({ $0 > 0 })
    else { return nil }
    return variances.map { $0.squareRoot() }
  }

  /// Numbers scaled to the sum 1; `nil` where that cannot be.
  static func normalised(_ weights: [Double]) -> [Double]? {
    let sum = weights.reduce(0, +)
    guard sum != 0, sum.isFinite else { return nil }
    return weights.map { $0 / sum }
  }
}

/// The least and the most that each asset may weigh.
public struct WeightLimits: Hashable, Sendable {
  /// One an asset.
  public let least: [Double]
  /// One an asset.
  public let most: [Double]

  /// Sets limits asset by asset.
  public init(least: [Double], most: [Double]) {
    precondition(least.count == most.count, "Every asset has two limits.")
    self.least = least
    self.most = most
  }

  /// The same limits for all assets; without more, no asset is sold short.
  ///
  /// - Parameters:
  ///   - count: The number of assets.
  ///   - least: For each.
  ///   - most: For each.
  public init(count: Int, least: Double = 0, most: Double = 1) {
    self.init(
      least: [Double](repeating: least, count: count),
      most: [Double](repeating: most, count: count))
  }

  /// Whether weights within the limits can add up to 1.
  public var canBeMet: Bool {
    zip(least, most).allSatisfy { $0 <= $1 } && !least.isEmpty
      && least.reduce(0, +) <= 1 + 1e-12 && most.reduce(0, +) >= 1 - 1e-12
  }
}

/// Risk of given weights.
public enum AllocationRisk {
  /// The standard deviation √(wᵀCw), in the unit of the covariance's root.
  public static func deviation(_ weights: [Double], _ covariance: Matrix) -> Double {
    max(covariance.quadraticForm(weights), 0).squareRoot()
  }

  /// Each asset's share of the variance, wᵢ(Cw)ᵢ/wᵀCw.
  ///
  /// - Parameters:
  ///   - weights: One an asset.
  ///   - covariance: N × N.
  /// - Returns: Shares that add up to 1; `nil` without risk.
  public static func shares(_ weights: [Double], _ covariance: Matrix) -> [Double]? {
    let slopes = covariance.times(weights)
    let variance = Matrix.dot(weights, slopes)
    guard variance > 0, variance.isFinite else { return nil }
    return zip(weights, slopes).map { $0 * $1 / variance }
  }

  /// Σ wᵢσᵢ over the portfolio's σ; `nil` without risk.
  ///
  /// - Parameters:
  ///   - weights: One an asset.
  ///   - covariance: N × N.
  /// - Returns: The diversification ratio, 1 or more without short sales.
  public static func diversification(_ weights: [Double], _ covariance: Matrix) -> Double? {
    let sigma = deviation(weights, covariance)
    guard sigma > 0 else { return nil }
    let sum = zip(weights, covariance.diagonal).reduce(0) { $0 + $1.0 * max($1.1, 0).squareRoot() }
    return sum / sigma
  }
}
