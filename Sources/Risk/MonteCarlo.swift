public import Statistics

/// Losses of many simulated bars of a linear portfolio.
///
/// The same seed gives the same paths bit for bit; half the error needs four times the paths.
public struct MonteCarlo: Sendable {
  /// What the assets' returns are drawn from.
  public enum Distribution: Hashable, Sendable {
    /// Multivariate normal.
    case normal
    /// Multivariate Student scaled to the covariance, one chi-square for all assets of a draw.
    case student(degrees: Double)
  }

  /// The simulated portfolio returns, in the order drawn.
  public let returns: [Double]
  /// The lowest of them in order: a tenth, which the usual confidences lie in.
  private let lowest: [Double]

  /// Draws returns.
  ///
  /// With C = L Lᵀ a draw of the assets is μ + L z, and the portfolio's is wᵀμ + (Lᵀw)ᵀz: a sum of
  /// independent normal numbers, which is one normal number of variance |Lᵀw|². So a path of a linear
  /// portfolio costs one draw however many assets there are. `nil` where the covariance is none, or
  /// there is no variance for these degrees.
  ///
  /// - Parameters:
  ///   - paths: The number of draws.
  ///   - means: The mean return of each asset a bar.
  ///   - covariance: Of the assets' returns, N × N.
  ///   - weights: One an asset.
  ///   - distribution: What is drawn from.
  ///   - seed: What the draws follow from.
  /// - Source: P. Glasserman, Monte Carlo Methods in Financial Engineering, 2004, section 2.3.3.
  public init?(
    paths: Int, means: [Double], covariance: Matrix, weights: [Double],
    distribution: Distribution = .normal, seed: UInt64
  ) {
    guard let root = Cholesky(covariance), paths > 0 else { return nil }
    precondition(weights.count == means.count && covariance.rows == means.count, "one an asset")
    let loadings = root.lower.transposed.times(weights)
    let mean = Matrix.dot(weights, means)
    let deviation = Matrix.dot(loadings, loadings).squareRoot()
    var generator = Xoshiro256(seed: seed)
    let draws = NormalDraws()
    switch distribution {
    case .normal:
      returns = (0..<paths).map { _ in mean + deviation * draws.next(&generator) }
    case .student(let degrees):
      guard degrees > 2, degrees.isFinite else { return nil }
      let gamma = GammaDraws(shape: degrees / 2, normal: draws)
      let scale = deviation * ((degrees - 2) / 2).squareRoot()
      returns = (0..<paths).map { _ in
        // A chi-square number is twice a gamma number of half its degrees.
        mean + scale * draws.next(&generator) / gamma.next(&generator).squareRoot()
      }
    }
    lowest = MonteCarlo.lowest(paths / 10 + 2, of: returns)
  }

  /// The loss that is exceeded in one less the confidence of the paths, and the mean loss beyond.
  ///
  /// - Parameter confidence: Between 0 and 1.
  /// - Returns: The type 7 quantile and the mean of the floor((n-1)(1-a)) + 1 worst; `nil` for a
  ///   confidence that is none.
  /// - Complexity: O(paths) below a confidence of 0.9, else a tenth of it.
  public func loss(_ confidence: Double) -> ParametricLoss.Loss? {
    guard confidence > 0, confidence < 1 else { return nil }
    let place = Double(returns.count - 1) * (1 - confidence)
    let count = TailCount.wholeValues(of: returns.count, 1 - confidence)
    let tail =
      count < lowest.count || lowest.count == returns.count
      ? lowest : MonteCarlo.lowest(count + 1, of: returns)
    let low = tail[count - 1]
    let high = count < tail.count ? tail[count] : low
    let fraction = min(max(place - Double(count - 1), 0), 1)
    return ParametricLoss.Loss(
      valueAtRisk: -(low + fraction * (high - low)),
      expectedShortfall: -tail.prefix(count).reduce(0, +) / Double(count))
  }

  private static func lowest(_ count: Int, of values: [Double]) -> [Double] {
    let count = min(count, values.count)
    var moved = values
    Selection.moveSmallest(count, of: &moved)
    return moved.prefix(count).sorted()
  }
}

/// Draws from the gamma distribution of scale one.
///
/// Source: G. Marsaglia, W. W. Tsang, A simple method for generating gamma variables, ACM
/// Transactions on Mathematical Software 26(3), 2000.
struct GammaDraws {
  private let shape: Double
  private let normal: NormalDraws
  private let d: Double
  private let c: Double

  /// Makes draws of a shape of one or more.
  init(shape: Double, normal: NormalDraws) {
    self.shape = shape
    self.normal = normal
    d = shape - 1.0 / 3
    c = 1 / (9 * d).squareRoot()
  }

  func next(_ generator: inout Xoshiro256) -> Double {
    while true {
      let x = normal.next(&generator)
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      let u = 1 - generator.unit()
      if Elementary.log(u) < x * x / 2 + d - d * v + d * Elementary.log(v) { return d * v }
    }
  }
}
