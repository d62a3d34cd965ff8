internal import Statistics

/// Between what and what a correlation may well lie, by how many returns it rests on.
public struct CorrelationInterval: Hashable, Sendable {
  /// The lower end.
  public let low: Double
  /// The upper end.
  public let high: Double

  /// Takes the interval through Fisher's atanh, where a correlation's error is about normal.
  ///
  /// Returns that depend on earlier ones make the true interval somewhat wider. For too few returns, or
  /// a correlation of all but 1, whose error is not known, there is none.
  ///
  /// - Parameters:
  ///   - correlation: The correlation, -1 to 1.
  ///   - measure: How it was taken: variance 1/(n-3) for Pearson's, (1 + ρ²/2)/(n-3) for Spearman's,
  ///     0.437/(n-4) for Kendall's.
  ///   - sampleSize: The number of pairs of returns.
  ///   - confidence: Over 0 and below 1.
  /// - Source: R. A. Fisher, On the probable error of a coefficient of correlation, Metron 1, 1921;
  ///   D. G. Bonett, T. A. Wright, Sample size requirements for estimating Pearson, Kendall and Spearman
  ///   correlations, Psychometrika 65(1), 2000.
  public init?(
    of correlation: Double, _ measure: CorrelationMeasure, sampleSize: Int,
    confidence: Double = 0.95
  ) {
    guard abs(correlation) < 0.999_999, sampleSize > 4, confidence > 0, confidence < 1,
      let quantile = Normal.quantile((1 + confidence) / 2)
    else { return nil }
    let count = Double(sampleSize)
    let variance =
      switch measure {
      case .pearson: 1 / (count - 3)
      case .spearman: (1 + correlation * correlation / 2) / (count - 3)
      case .kendall: 0.437 / (count - 4)
      }
    let middle = CorrelationInterval.transformed(correlation)
    let reach = quantile * variance.squareRoot()
    low = CorrelationInterval.back(middle - reach)
    high = CorrelationInterval.back(middle + reach)
  }

  /// How likely a change at least so great is between two samples of one pair if nothing changed.
  ///
  /// - Parameters:
  ///   - before: The correlation before, and on how many returns it rests.
  ///   - now: The same now.
  ///   - measure: How both were taken.
  /// - Returns: A probability; `nil` where there is no interval.
  public static func probability(
    before: (correlation: Double, sampleSize: Int), now: (correlation: Double, sampleSize: Int),
    _ measure: CorrelationMeasure
  ) -> Double? {
    guard min(before.sampleSize, now.sampleSize) > 4,
      max(abs(before.correlation), abs(now.correlation)) < 0.999_999
    else { return nil }
    func variance(_ sample: (correlation: Double, sampleSize: Int)) -> Double {
      let count = Double(sample.sampleSize)
      return switch measure {
      case .pearson: 1 / (count - 3)
      case .spearman: (1 + sample.correlation * sample.correlation / 2) / (count - 3)
      case .kendall: 0.437 / (count - 4)
      }
    }
    let gap = abs(transformed(before.correlation) - transformed(now.correlation))
    return 2 * Normal.probability(-gap / (variance(before) + variance(now)).squareRoot())
  }

  /// atanh.
  private static func transformed(_ correlation: Double) -> Double {
    (Elementary.log1p(correlation) - Elementary.log1p(-correlation)) / 2
  }

  /// tanh.
  private static func back(_ value: Double) -> Double {
    let power = Elementary.exp(2 * value)
    return (power - 1) / (power + 1)
  }
}
