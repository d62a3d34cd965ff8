import func Glibc.erfc
import func Glibc.exp
import func Glibc.log
import func Glibc.pow

/// The standard normal distribution.
public enum Normal {
  private static let rootOfTwoPi = 2.506628274631000502

  /// The density at a point.
  public static func density(_ x: Double) -> Double {
    Glibc.exp(-x * x / 2) / rootOfTwoPi
  }

  /// The probability of a value at or below a point.
  public static func probability(_ x: Double) -> Double {
    Glibc.erfc(-x / 2.0.squareRoot()) / 2
  }

  /// The point below which a value lies with a probability.
  ///
  /// - Parameter probability: Between 0 and 1, both outside.
  /// - Returns: The quantile, to about 16 digits; `nil` for a probability outside.
  /// - Source: M. J. Wichura, Algorithm AS 241: The percentage points of the normal distribution,
  ///   Applied Statistics 37(3), 1988, pp. 477-484, routine PPND16.
  public static func quantile(_ probability: Double) -> Double? {
    guard probability > 0, probability < 1 else { return nil }
    let q = probability - 0.5
    if abs(q) <= 0.425 {
      let r = 0.180625 - q * q
      return q * polynomial(centreTop, r) / polynomial(centreBottom, r)
    }
    let r = (-Glibc.log(min(probability, 1 - probability))).squareRoot()
    let size =
      r <= 5
      ? polynomial(middleTop, r - 1.6) / polynomial(middleBottom, r - 1.6)
      : polynomial(farTop, r - 5) / polynomial(farBottom, r - 5)
    return q < 0 ? -size : size
  }

  private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }

  private static let centreTop: [Double] = [
    3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ]
  private static let centreBottom: [Double] = [
    1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
    21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610,
  ]
  private static let middleTop: [Double] = [
    1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
    3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
    0.0227238449892691845833, 0.000774545014278341407640,
  ]
  private static let middleBottom: [Double] = [
    1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
    0.148103976427480074590, 0.0151986665636164571966, 0.000547593808499534494600,
    0.00000000105075007164441684324,
  ]
  private static let farTop: [Double] = [
    6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
    0.296560571828504891230, 0.0265321895265761230930, 0.00124266094738807843860,
    0.0000271155556874348757815, 0.000000201033439929228813265,
  ]
  private static let farBottom: [Double] = [
    1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
    0.000786869131145613259100, 0.0000184631831751005468180, 0.000000142151175831644588870,
    0.00000000000000204426310338993978564,
  ]
}

/// Student's distribution with some degrees of freedom, not scaled to any variance.
public struct Student: Hashable, Sendable {
  /// The degrees of freedom, above zero.
  public let degrees: Double

  /// Makes the distribution.
  ///
  /// - Parameter degrees: Degrees of freedom, above zero and finite.
  public init?(degrees: Double) {
    guard degrees > 0, degrees.isFinite else { return nil }
    self.degrees = degrees
  }

  /// The density at a point.
  public func density(_ x: Double) -> Double {
    let half = SpecialFunctions.logGamma((degrees + 1) / 2)
    let scale = half - SpecialFunctions.logGamma(degrees / 2)
    let shape = Glibc.log(1 + x * x / degrees) * (degrees + 1) / 2
    return Glibc.exp(scale - shape) / (degrees * Double.pi).squareRoot()
  }

  /// The probability of a value at or below a point.
  public func probability(_ x: Double) -> Double {
    let outside = SpecialFunctions.incompleteBeta(
      degrees / 2, 0.5, degrees / (degrees + x * x))
    return x > 0 ? 1 - outside / 2 : outside / 2
  }

  /// The point below which a value lies with a probability.
  ///
  /// - Parameter probability: Between 0 and 1, both outside.
  /// - Returns: The quantile, by Newton's steps kept inside a bracket; `nil` for a probability
  ///   outside.
  public func quantile(_ probability: Double) -> Double? {
    guard probability > 0, probability < 1 else { return nil }
    if probability == 0.5 { return 0 }
    let tail = min(probability, 1 - probability)
    var low = -1.0
    while self.probability(low) > tail, low > -1e300 { low *= 2 }
    var high = 0.0
    var x = (low + high) / 2
    for _ in 0..<400 {
      let error = self.probability(x) - tail
      if error > 0 { high = x } else { low = x }
      let step = x - error / max(density(x), Double.leastNormalMagnitude)
      let next = step > low && step < high ? step : (low + high) / 2
      if abs(next - x) <= 1e-15 * abs(x) { break }
      x = next
    }
    return probability < 0.5 ? x : -x
  }
}

/// The chi-square distribution.
public enum ChiSquare {
  /// The probability of a value above a point: the p-value of a statistic.
  ///
  /// - Parameters:
  ///   - x: The statistic.
  ///   - degrees: Degrees of freedom, 1 or more.
  /// - Returns: From 0 to 1; 1 at and below zero.
  public static func probabilityAbove(_ x: Double, degrees: Int) -> Double {
    x > 0 ? SpecialFunctions.upperIncompleteGamma(Double(degrees) / 2, x / 2) : 1
  }
}

/// The binomial distribution.
public enum Binomial {
  /// The probability of at most some successes.
  ///
  /// - Parameters:
  ///   - successes: The most successes that count.
  ///   - trials: The number of trials.
  ///   - probability: The probability of a success, from 0 to 1.
  /// - Returns: The cumulative probability, by the incomplete beta function.
  public static func probability(
    atMost successes: Int, of trials: Int, each probability: Double
  ) -> Double {
    if successes < 0 { return 0 }
    if successes >= trials || probability <= 0 { return 1 }
    if probability >= 1 { return 0 }
    return SpecialFunctions.incompleteBeta(
      Double(trials - successes), Double(successes + 1), 1 - probability)
  }
}

/// Functions behind the distributions.
public enum SpecialFunctions {
  private static let lanczos: [Double] = [
    57.156235665862923517, -59.597960355475491248, 14.136097974741747174,
    -0.49191381609762019978, 0.000033994649984811888699, 0.000046523628927048575665,
    -0.000098374475304879564677, 0.00015808870322491248884, -0.00021026444172410488319,
    0.00021743961811521264320, -0.00016431810653676389022, 0.000084418223983852743293,
    -0.000026190838401581408670, 0.0000036899182659531622704,
  ]

  /// The logarithm of the gamma function.
  ///
  /// - Parameter x: Above zero.
  /// - Returns: ln Γ(x), to about 15 digits.
  /// - Source: C. Lanczos, A precision approximation of the gamma function, SIAM Journal on
  ///   Numerical Analysis B 1, 1964, with the coefficients for g = 607/128 of P. Godfrey,
  ///   https://my.fit.edu/~gabdo/gamma.txt.
  public static func logGamma(_ x: Double) -> Double {
    let series = lanczos.enumerated().reduce(0.99999999999999709182) { sum, term in
      sum + term.element / (x + Double(term.offset + 1))
    }
    let shifted = x + 607.0 / 128 + 0.5
    return (x + 0.5) * Glibc.log(shifted) - shifted
      + Glibc.log(2.506628274631000502 * series / x)
  }

  /// The regularised incomplete beta function.
  ///
  /// - Parameters:
  ///   - a: Above zero.
  ///   - b: Above zero.
  ///   - x: From 0 to 1.
  /// - Returns: I_x(a, b), by the continued fraction NIST DLMF 8.17.22 (https://dlmf.nist.gov/8.17).
  public static func incompleteBeta(_ a: Double, _ b: Double, _ x: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let logs = logGamma(a + b) - logGamma(a) - logGamma(b)
    let front = Glibc.exp(logs + a * Glibc.log(x) + b * Glibc.log(1 - x))
    return x < (a + 1) / (a + b + 2)
      ? front * betaFraction(a, b, x) / a : 1 - front * betaFraction(b, a, 1 - x) / b
  }

  /// The regularised upper incomplete gamma function.
  ///
  /// - Parameters:
  ///   - a: Above zero.
  ///   - x: Zero or above.
  /// - Returns: Q(a, x), by the series NIST DLMF 8.7.1 below a + 1 and the continued fraction 8.9.2
  ///   above (https://dlmf.nist.gov/8).
  public static func upperIncompleteGamma(_ a: Double, _ x: Double) -> Double {
    if x <= 0 { return 1 }
    let front = Glibc.exp(a * Glibc.log(x) - x - logGamma(a))
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      for _ in 0..<10_000 where term > sum * 1e-17 {
        n += 1
        term *= x / n
        sum += term
      }
      return 1 - front * sum
    }
    return front * gammaFraction(a, x)
  }

  private static func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    var fraction = ContinuedFraction(1, 1)
    fraction.add(-(a + b) * x / (a + 1), 1)
    for step in 1..<10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      fraction.add(even, 1)
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      if fraction.add(odd, 1) { break }
    }
    return fraction.value
  }

  private static func gammaFraction(_ a: Double, _ x: Double) -> Double {
    var fraction = ContinuedFraction(1, x + 1 - a)
    for step in 1..<10_000 {
      let n = Double(step)
      if fraction.add(-n * (n - a), x + 2 * n + 1 - a) { break }
    }
    return fraction.value
  }
}

/// A continued fraction evaluated forwards.
///
/// Source: W. J. Lentz, Generating Bessel functions in Mie scattering calculations using continued
/// fractions, Applied Optics 15(3), 1976, as modified by I. J. Thompson and A. R. Barnett, 1986.
private struct ContinuedFraction {
  private static let tiny = 1e-300
  private var ahead: Double
  private var behind: Double
  private(set) var value: Double

  /// 1 / denominator, its first convergent.
  init(_ numerator: Double, _ denominator: Double) {
    behind = numerator / (denominator == 0 ? ContinuedFraction.tiny : denominator)
    ahead = 1 / ContinuedFraction.tiny
    value = behind
  }

  /// Adds a term; says whether nothing changed any more.
  @discardableResult
  mutating func add(_ numerator: Double, _ denominator: Double) -> Bool {
    let below = denominator + numerator * behind
    behind = 1 / (below == 0 ? ContinuedFraction.tiny : below)
    let above = denominator + numerator / ahead
    ahead = above == 0 ? ContinuedFraction.tiny : above
    let change = ahead * behind
    value *= change
    return abs(change - 1) < 1e-16
  }
}
