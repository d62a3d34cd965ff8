/// Estimates of the covariance of several series without gaps.
///
/// Series run from the oldest value to the newest, one array a series, all of one length.
/// Shape: N × T. Units: squared units of the series.
public enum Covariance {
  /// The sample covariance.
  ///
  /// - Parameters:
  ///   - series: The series.
  ///   - lost: Degrees of freedom lost: 1 for a sample, 0 for a population.
  /// - Returns: Σ (xᵢ-x̄ᵢ)(xⱼ-x̄ⱼ)/(T-lost), N × N; `nil` unless T > lost.
  public static func sample(_ series: [[Double]], lost: Int = 1) -> Matrix? {
    guard let count = series.first?.count, count > lost else { return nil }
    precondition(series.allSatisfy { $0.count == count }, "series of one length")
    let centred = series.map(centred)
    return products(centred, over: Double(count - lost))
  }

  /// Every series times every other, over a number, four of them at a time.
  static func products(_ series: [[Double]], over divisor: Double) -> Matrix {
    let count = series.count
    let length = series.first?.count ?? 0
    let flat = series.flatMap { $0 }
    var elements = [Double](repeating: 0, count: count * count)
    unsafe flat.withUnsafeBufferPointer { flat in
      unsafe elements.withUnsafeMutableBufferPointer { elements in
        for i in 0..<count {
          for j in 0...i {
            let value = unsafe dot(flat, i * length, j * length, length) / divisor
            unsafe elements[i * count + j] = value
            unsafe elements[j * count + i] = value
          }
        }
      }
    }
    return Matrix(rows: count, columns: count, elements: elements)
  }

  /// The sum of products of two stretches of one list, in four sums.
  private static func dot(
    _ list: UnsafeBufferPointer<Double>, _ first: Int, _ second: Int, _ length: Int
  ) -> Double {
    var sum = SIMD4<Double>.zero
    var place = 0
    while place + 4 <= length {
      let one = unsafe SIMD4(
        list[first + place], list[first + place + 1], list[first + place + 2],
        list[first + place + 3])
      let other = unsafe SIMD4(
        list[second + place], list[second + place + 1], list[second + place + 2],
        list[second + place + 3])
      sum += one * other
      place += 4
    }
    var total = (sum.x + sum.y) + (sum.z + sum.w)
    while place < length {
      total += unsafe list[first + place] * list[second + place]
      place += 1
    }
    return total
  }

  /// The exponentially weighted covariance about zero.
  ///
  /// S₁ = r₁r₁ᵀ, Sₜ = λSₜ₋₁ + (1-λ)rₜrₜᵀ.
  ///
  /// - Parameters:
  ///   - series: The series.
  ///   - lambda: The decay a bar, from 0 to 1.
  /// - Returns: The estimate after the last bar, N × N; `nil` without bars.
  /// - Complexity: O(N² T).
  /// - Source: J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th ed., 1996, section 5.2.
  public static func exponential(_ series: [[Double]], lambda: Double) -> Matrix? {
    guard let count = series.first?.count, count > 0 else { return nil }
    precondition(series.allSatisfy { $0.count == count }, "series of one length")
    var weights = [Double](repeating: 1, count: count)
    var weight = 1 - lambda
    for bar in stride(from: count - 1, to: 0, by: -1) {
      weights[bar] = weight
      weight *= lambda
    }
    weights[0] = weight / (1 - lambda)
    if lambda >= 1 { weights[0] = 1 }
    return weighted(series, weights)
  }

  /// The exponentially weighted mean and the covariance about it.
  ///
  /// wₖ ∝ λᵏ with k = 0 the newest; μ = Σ w r; S = Σ w (r-μ)(r-μ)ᵀ, over 1 - Σ w² if corrected.
  ///
  /// - Parameters:
  ///   - series: The series.
  ///   - lambda: The decay a bar, from 0 to 1.
  ///   - isCorrected: Whether the bias is taken out, as pandas does by default.
  /// - Returns: The means and the covariance; `nil` without bars, or with one bar if corrected.
  public static func exponentialAboutMean(
    _ series: [[Double]], lambda: Double, isCorrected: Bool = true
  ) -> (means: [Double], matrix: Matrix)? {
    guard let count = series.first?.count, count > 0 else { return nil }
    var weights = (0..<count).map { Elementary.pow(lambda, Double(count - 1 - $0)) }
    let whole = weights.reduce(0, +)
    weights = weights.map { $0 / whole }
    let squares = Matrix.dot(weights, weights)
    guard !isCorrected || squares < 1 else { return nil }
    let means = series.map { Matrix.dot($0, weights) }
    let centred = zip(series, means).map { column, mean in column.map { $0 - mean } }
    let matrix = weighted(centred, weights)
    return (means, isCorrected ? matrix.scaled(by: 1 / (1 - squares)) : matrix)
  }

  /// The correlation of a covariance matrix.
  ///
  /// - Parameter covariance: Square.
  /// - Returns: Sᵢⱼ/√(SᵢᵢSⱼⱼ); `nil` in the row and column of a variance that is not positive.
  public static func correlation(_ covariance: Matrix) -> [[Double?]] {
    let deviations = covariance.diagonal.map { $0 > 0 ? $0.squareRoot() : nil }
    return (0..<covariance.rows).map { i in
      (0..<covariance.columns).map { j in
        guard let own = deviations[i], let other = deviations[j] else { return nil }
        return i == j ? 1 : covariance[i, j] / (own * other)
      }
    }
  }

  /// The sum of a covariance's rank-one parts, Σₜ wₜ rₜrₜᵀ.
  static func weighted(_ series: [[Double]], _ weights: [Double]) -> Matrix {
    let scaled = series.map { column in zip(column, weights).map { $0 * $1 } }
    return symmetric(series.count) { i, j in Matrix.dot(scaled[i], series[j]) }
  }

  static func symmetric(_ count: Int, _ element: (Int, Int) -> Double) -> Matrix {
    var result = Matrix(rows: count, columns: count)
    for i in 0..<count {
      for j in 0...i {
        let value = element(i, j)
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }

  /// A series less its mean; exactly zero where it is constant.
  static func centred(_ series: [Double]) -> [Double] {
    let sample = Sample(series)
    if sample.isConstant { return [Double](repeating: 0, count: series.count) }
    let mean = sample.mean ?? 0
    return series.map { $0 - mean }
  }
}

/// A covariance pulled towards a simpler matrix.
public struct Shrinkage: Hashable, Sendable {
  /// The estimate, N × N.
  public let matrix: Matrix
  /// How far it was pulled, from 0 to 1.
  public let intensity: Double
  /// What it was pulled towards: a common variance, or the mean correlation.
  public let target: Double

  /// The estimate of Ledoit and Wolf that pulls towards a common variance without covariances.
  ///
  /// - Parameter series: The series, N × T.
  /// - Returns: The estimate; `nil` without bars.
  /// - Source: O. Ledoit, M. Wolf, A well-conditioned estimator for large-dimensional covariance
  ///   matrices, Journal of Multivariate Analysis 88(2), 2004, pp. 365-411.
  public static func identity(_ series: [[Double]]) -> Shrinkage? {
    guard let sample = Covariance.sample(series, lost: 0), let bars = series.first?.count else {
      return nil
    }
    let n = Double(series.count)
    let t = Double(bars)
    let mean = sample.trace / n
    let squares = sample.frobeniusNorm * sample.frobeniusNorm
    let centred = series.map(Covariance.centred)
    var fourth = 0.0
    for bar in 0..<bars {
      let length = centred.reduce(0) { $0 + $1[bar] * $1[bar] }
      fourth += length * length
    }
    // Σₜ‖xₜxₜᵀ - S‖² = Σₜ‖xₜ‖⁴ - T‖S‖².
    let distance = squares / n - mean * mean
    let noise = min((fourth - t * squares) / (n * t * t), distance)
    let intensity = distance > 0 ? max(noise / distance, 0) : 0
    return Shrinkage(sample, intensity, mean)
  }

  /// The oracle approximating estimate, which supposes normal returns.
  ///
  /// - Parameter series: The series, N × T.
  /// - Returns: The estimate; `nil` without bars.
  /// - Source: Y. Chen, A. Wiesel, Y. C. Eldar, A. O. Hero, Shrinkage algorithms for MMSE covariance
  ///   estimation, IEEE Transactions on Signal Processing 58(10), 2010, eq. 23, with the numerator
  ///   of scikit-learn.
  public static func oracle(_ series: [[Double]]) -> Shrinkage? {
    guard let sample = Covariance.sample(series, lost: 0), let bars = series.first?.count else {
      return nil
    }
    let n = Double(series.count)
    let mean = sample.trace / n
    let square = sample.elements.reduce(0) { $0 + $1 * $1 } / (n * n)
    let below = Double(bars + 1) * (square - mean * mean / n)
    let intensity = below > 0 ? min((square + mean * mean) / below, 1) : 1
    return Shrinkage(sample, intensity, mean)
  }

  /// The estimate of Ledoit and Wolf that pulls towards one correlation for all pairs.
  ///
  /// - Parameter series: The series, N × T.
  /// - Returns: The estimate; `nil` for fewer than two series, or where one does not vary.
  /// - Source: O. Ledoit, M. Wolf, Honey, I shrunk the sample covariance matrix, Journal of Portfolio
  ///   Management 30(4), 2004, appendix A and B.
  public static func constantCorrelation(_ series: [[Double]]) -> Shrinkage? {
    guard let sample = Covariance.sample(series, lost: 0), let bars = series.first?.count,
      series.count > 1, sample.diagonal.allSatisfy({ $0 > 0 })
    else { return nil }
    let n = series.count
    let t = Double(bars)
    let deviations = sample.diagonal.map { $0.squareRoot() }
    var together = 0.0
    for i in 0..<n {
      for j in 0..<i { together += sample[i, j] / (deviations[i] * deviations[j]) }
    }
    let mean = together / Double(n * (n - 1) / 2)
    let target = Covariance.symmetric(n) { i, j in
      i == j ? sample[i, i] : mean * deviations[i] * deviations[j]
    }
    let centred = series.map(Covariance.centred)
    let squares = centred.map { $0.map { $0 * $0 } }
    var noise = 0.0
    var shared = 0.0
    for i in 0..<n {
      let cubes = zip(centred[i], squares[i]).map { $0 * $1 }
      for j in 0..<n {
        let product = Matrix.dot(squares[i], squares[j]) / t - sample[i, j] * sample[i, j]
        noise += product
        if i == j {
          shared += product
        } else {
          let skew = Matrix.dot(cubes, centred[j]) / t - sample[i, i] * sample[i, j]
          shared += mean * deviations[j] / deviations[i] * skew
        }
      }
    }
    let gap = (target - sample).frobeniusNorm
    let raw = gap > 0 ? (noise - shared) / (gap * gap) / t : 0
    return Shrinkage(sample, min(max(raw, 0), 1), mean, towards: target)
  }

  private init(_ sample: Matrix, _ intensity: Double, _ mean: Double) {
    let diagonal = [Double](repeating: mean, count: sample.rows)
    self.init(sample, intensity, mean, towards: Matrix(diagonal: diagonal))
  }

  private init(
    _ sample: Matrix, _ intensity: Double, _ target: Double, towards simple: Matrix
  ) {
    matrix = Covariance.symmetric(sample.rows) { i, j in
      (1 - intensity) * sample[i, j] + intensity * simple[i, j]
    }
    self.intensity = intensity
    self.target = target
  }
}
