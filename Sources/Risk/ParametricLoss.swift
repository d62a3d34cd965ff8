import Statistics

/// Losses of a distribution that is known but for its mean and spread.
///
/// Losses are positive and in the returns' unit. z is the standard normal quantile at one less the
/// confidence and thus negative.
public enum ParametricLoss {
  /// A value at risk with the shortfall beyond it.
  public struct Loss: Hashable, Sendable {
    /// The loss exceeded with a probability of one less the confidence.
    public let valueAtRisk: Double
    /// The mean loss beyond.
    public let expectedShortfall: Double
  }

  /// Normal returns: VaR = -(hμ + z√h σ), ES = -hμ + √h σ φ(z)/(1-a).
  ///
  /// - Parameters:
  ///   - mean: The mean return a bar.
  ///   - deviation: The standard deviation a bar.
  ///   - confidence: Between 0 and 1.
  ///   - horizon: The number of bars, independent of each other.
  /// - Returns: `nil` for a confidence that is none.
  /// - Source: P. Jorion, Value at Risk, 3rd ed., 2007, sections 5.2 and 4.4.
  public static func normal(
    mean: Double, deviation: Double, _ confidence: Double, horizon: Double = 1
  ) -> Loss? {
    guard let z = Normal.quantile(1 - confidence) else { return nil }
    let spread = deviation * horizon.squareRoot()
    return Loss(
      valueAtRisk: -(horizon * mean + z * spread),
      expectedShortfall: -horizon * mean + spread * Normal.density(z) / (1 - confidence))
  }

  /// Student's returns scaled to a standard deviation.
  ///
  /// VaR = -(μ + σ√((ν-2)/ν) q); ES = -μ + σ√((ν-2)/ν) f(q)/(1-a) (ν+q²)/(ν-1).
  ///
  /// - Parameters:
  ///   - mean: The mean return a bar.
  ///   - deviation: The standard deviation a bar.
  ///   - confidence: Between 0 and 1.
  ///   - degrees: Degrees of freedom, above 2, without which there is no variance.
  /// - Returns: `nil` for a confidence or degrees that are none.
  /// - Source: A. J. McNeil, R. Frey, P. Embrechts, Quantitative Risk Management, 2nd ed., 2015,
  ///   examples 2.14 and 2.15.
  public static func student(
    mean: Double, deviation: Double, _ confidence: Double, degrees: Double
  ) -> Loss? {
    guard degrees > 2, let student = Student(degrees: degrees),
      let q = student.quantile(1 - confidence)
    else { return nil }
    let scale = deviation * ((degrees - 2) / degrees).squareRoot()
    let beyond = student.density(q) / (1 - confidence) * (degrees + q * q) / (degrees - 1)
    return Loss(valueAtRisk: -(mean + scale * q), expectedShortfall: -mean + scale * beyond)
  }

  /// A normal quantile corrected for skewness and kurtosis.
  public struct CornishFisher: Hashable, Sendable {
    /// The corrected quantile, negative in the tail of losses.
    public let quantile: Double
    /// Whether the correction still grows with the probability around here.
    ///
    /// Beyond its domain a smaller probability would get a smaller loss.
    public let isMonotone: Bool

    /// Corrects the quantile at one less the confidence.
    ///
    /// z + (z²-1)S/6 + (z³-3z)K/24 - (2z³-5z)S²/36.
    ///
    /// - Parameters:
    ///   - confidence: Between 0 and 1.
    ///   - skewness: S.
    ///   - excessKurtosis: K.
    /// - Source: E. A. Cornish, R. A. Fisher, Moments and cumulants in the specification of
    ///   distributions, Revue de l'Institut International de Statistique 5, 1938; for the domain D.
    ///   Maillard, A user's guide to the Cornish Fisher expansion, 2012.
    public init?(_ confidence: Double, skewness: Double, excessKurtosis: Double) {
      guard let z = Normal.quantile(1 - confidence) else { return nil }
      let squared = skewness * skewness
      let third = (z * z * z - 3 * z) * excessKurtosis / 24
      let fourth = (2 * z * z * z - 5 * z) * squared / 36
      quantile = z + (z * z - 1) * skewness / 6 + third - fourth
      let slope = 1 + z * skewness / 3 + (z * z - 1) * excessKurtosis / 8
      isMonotone = slope - (6 * z * z - 5) * squared / 36 > 0
    }
  }
}
