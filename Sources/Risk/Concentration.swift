public import Statistics

/// How unevenly a portfolio is spread.
///
/// Shares are |wᵢ|/Σ|w|, so that a short position counts like a long one.
public struct Concentration: Hashable, Sendable {
  /// Each position's share of the gross exposure.
  public let shares: [Double]
  /// The sum of absolute weights.
  public let gross: Double
  /// The sum of weights.
  public let net: Double

  /// Takes weights or values; `nil` where all are zero.
  public init?(_ weights: [Double]) {
    gross = weights.reduce(0) { $0 + abs($1) }
    net = weights.reduce(0, +)
    guard gross > 0, gross.isFinite else { return nil }
    let whole = gross
    shares = weights.map { abs($0) / whole }
  }

  /// The sum of squared shares, from 1/N to 1.
  ///
  /// Source: O. C. Herfindahl, Concentration in the Steel Industry, 1950.
  public var herfindahl: Double { shares.reduce(0) { $0 + $1 * $1 } }

  /// The number of equal positions of the same concentration.
  public var effectiveCount: Double { 1 / herfindahl }

  /// The sum of squared shares scaled to 0 for equal positions; `nil` of a single position.
  public var normalisedHerfindahl: Double? {
    guard shares.count > 1 else { return nil }
    let least = 1 / Double(shares.count)
    return (herfindahl - least) / (1 - least)
  }

  /// Shannon's entropy of the shares, -Σ s ln s.
  public var entropy: Double {
    -shares.reduce(0) { $1 > 0 ? $0 + $1 * Elementary.log($1) : $0 }
  }

  /// The number of equal positions of the same entropy.
  public var effectiveCountByEntropy: Double { Elementary.exp(entropy) }

  /// The share of the greatest positions.
  ///
  /// - Parameter count: How many.
  /// - Returns: Up to 1.
  public func top(_ count: Int) -> Double {
    shares.sorted(by: >).prefix(max(count, 0)).reduce(0, +)
  }
}

/// How many uncorrelated bets a portfolio is.
///
/// Source: A. Meucci, Managing diversification, Risk 22(5), 2009; for the absorption ratio M. Kritzman
/// et al., Principal components as a measure of systemic risk, Journal of Portfolio Management 37(4),
/// 2011.
public struct EffectiveBets: Hashable, Sendable {
  /// Each principal portfolio's share of the variance, that of the greatest eigenvalue first.
  public let shares: [Double]
  /// The greatest eigenvalue's share of the assets' total variance.
  public let absorption: Double

  /// Splits the variance; `nil` where the portfolio has none.
  ///
  /// - Parameters:
  ///   - weights: One an asset.
  ///   - covariance: Of the assets' returns, N × N.
  public init?(_ weights: [Double], _ covariance: Matrix) {
    let eigen = SymmetricEigen(covariance)
    let variances = eigen.values.indices.map { column -> Double in
      var sum = 0.0
      for row in weights.indices { sum += eigen.vectors[row, column] * weights[row] }
      return sum * sum * max(eigen.values[column], 0)
    }
    let whole = variances.reduce(0, +)
    guard whole > 0, let first = eigen.values.first else { return nil }
    shares = variances.map { $0 / whole }
    absorption = first / covariance.trace
  }

  /// exp(-Σ p ln p) of the shares.
  public var count: Double {
    Elementary.exp(-shares.reduce(0) { $1 > 0 ? $0 + $1 * Elementary.log($1) : $0 })
  }

  /// The greatest share.
  public var largestShare: Double { shares.max() ?? 0 }
}
