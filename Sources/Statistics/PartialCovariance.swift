/// Covariance of several series with gaps, by what each pair has in common.
///
/// Nothing here promises a positive semidefinite matrix: `NearestCorrelation` mends one.
public struct PartialCovariance: Hashable, Sendable {
  /// Covariances, N × N; `nil` where a pair has too little in common.
  public let covariance: [[Double?]]
  /// Correlations, N × N; `nil` where undefined.
  public let correlation: [[Double?]]
  /// The number of bars behind each element, N × N.
  public let counts: [[Int]]

  /// The sample covariance of each pair over the bars on which both have a value.
  ///
  /// Means and deviations are of those bars too.
  ///
  /// - Parameters:
  ///   - series: By series, then bar.
  ///   - lost: Degrees of freedom lost.
  /// - Returns: The estimate.
  public static func pairwise(_ series: [[Double?]], lost: Int = 1) -> PartialCovariance {
    PartialCovariance(series.count) { i, j in
      var left: [Double] = []
      var right: [Double] = []
      for (a, b) in zip(series[i], series[j]) {
        guard let a, let b else { continue }
        left.append(a)
        right.append(b)
      }
      guard let matrix = Covariance.sample([left, right], lost: lost) else {
        return Element(count: left.count)
      }
      return Element(
        covariance: matrix[0, 1], correlation: Covariance.correlation(matrix)[0][1],
        count: left.count)
    }
  }

  /// The exponentially weighted covariance about zero, a pair's element moving only on its own bars.
  ///
  /// - Parameters:
  ///   - series: By series, then bar.
  ///   - lambda: The decay a bar that both have.
  /// - Returns: The estimate; its first product starts each element.
  public static func exponential(_ series: [[Double?]], lambda: Double) -> PartialCovariance {
    var values: [[Double?]] = series.map { _ in series.map { _ in nil } }
    var counts: [[Int]] = series.map { _ in series.map { _ in 0 } }
    for i in series.indices {
      for j in 0...i {
        for (a, b) in zip(series[i], series[j]) {
          guard let a, let b else { continue }
          let old = values[i][j]
          values[i][j] = old.map { lambda * $0 + (1 - lambda) * a * b } ?? a * b
          counts[i][j] += 1
        }
        values[j][i] = values[i][j]
        counts[j][i] = counts[i][j]
      }
    }
    return PartialCovariance(values, counts)
  }

  private struct Element {
    var covariance: Double?
    var correlation: Double?
    var count: Int
  }

  private init(_ size: Int, _ element: (Int, Int) -> Element) {
    var covariance: [[Double?]] = (0..<size).map { _ in [Double?](repeating: nil, count: size) }
    var correlation = covariance
    var counts = (0..<size).map { _ in [Int](repeating: 0, count: size) }
    for i in 0..<size {
      for j in 0...i {
        let found = element(i, j)
        for (row, column) in [(i, j), (j, i)] {
          covariance[row][column] = found.covariance
          correlation[row][column] = i == j && found.correlation != nil ? 1 : found.correlation
          counts[row][column] = found.count
        }
      }
    }
    self.covariance = covariance
    self.correlation = correlation
    self.counts = counts
  }

  private init(_ values: [[Double?]], _ counts: [[Int]]) {
    covariance = values
    self.counts = counts
    correlation = values.indices.map { i in
      values.indices.map { j in
        guard let both = values[i][j], let own = values[i][i], let other = values[j][j], own > 0,
          other > 0
        else { return nil }
        return i == j ? 1 : both / (own * other).squareRoot()
      }
    }
  }

  /// The complete matrix of elements; `nil` while one is missing.
  ///
  /// - Parameter elements: N × N.
  /// - Returns: A matrix.
  public static func complete(_ elements: [[Double?]]) -> Matrix? {
    let rows = elements.map { $0.compactMap { $0 } }
    guard zip(rows, elements).allSatisfy({ $0.count == $1.count }) else { return nil }
    return Matrix(rows)
  }
}

/// The exponentially weighted covariance of assets that come, go and take holidays.
///
/// An asset is active from its first to its last return. On a bar where both of a pair have a
/// return Sᵢⱼ becomes λSᵢⱼ + (1-λ)rᵢrⱼ, otherwise it stays; S starts at zero, which
/// √((1-λⁿⁱ)(1-λⁿʲ)) makes up for.
///
/// Source: the masked estimator of skfolio, https://skfolio.org/generated/skfolio.moments.EWCovariance.html
public struct ActiveCovariance: Hashable, Sendable {
  /// Covariances, N × N; `nil` in the rows of assets that are not active on the last bar.
  public let covariance: [[Double?]]
  /// The number of returns of each asset while active.
  public let counts: [Int]
  /// Whether each asset is active on the last bar.
  public let isActive: [Bool]

  /// Estimates from series with gaps.
  ///
  /// - Parameters:
  ///   - series: By series, then bar.
  ///   - halfLife: The bars after which a return counts half, above zero.
  public init(_ series: [[Double?]], halfLife: Double) {
    let lambda = Elementary.exp(-Elementary.log(2) / halfLife)
    let bars = series.first?.count ?? 0
    let counts = series.map { $0.count { $0 != nil } }
    let active = series.map { column in bars > 0 && column[bars - 1] != nil }
    var result: [[Double?]] = series.map { _ in series.map { _ in nil } }
    for i in series.indices where active[i] {
      for j in 0...i where active[j] {
        var value = 0.0
        for (a, b) in zip(series[i], series[j]) {
          guard let a, let b else { continue }
          value = lambda * value + (1 - lambda) * a * b
        }
        let known = (1 - Elementary.pow(lambda, Double(counts[i])))
        let other = (1 - Elementary.pow(lambda, Double(counts[j])))
        result[i][j] = value / (known * other).squareRoot()
        result[j][i] = result[i][j]
      }
    }
    covariance = result
    self.counts = counts
    isActive = active
  }

  /// The covariance of the active assets alone.
  public var ofActive: Matrix? {
    let kept = isActive.indices.filter { isActive[$0] }
    return PartialCovariance.complete(kept.map { row in kept.map { covariance[row][$0] } })
  }
}
