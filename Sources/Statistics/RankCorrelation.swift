/// Correlation of ranks, which a single wild value cannot carry.
public enum RankCorrelation {
  /// Spearman's correlation: Pearson's of the ranks, ties sharing their mean rank.
  ///
  /// - Parameter series: The series, N × T.
  /// - Returns: N × N; `nil` where a series does not vary or there are fewer than two bars.
  /// - Source: C. Spearman, The proof and measurement of association between two things, American
  ///   Journal of Psychology 15(1), 1904.
  public static func spearman(_ series: [[Double]]) -> [[Double?]] {
    guard let matrix = Covariance.sample(series.map(ranks)) else {
      return series.map { _ in series.map { _ in nil } }
    }
    return Covariance.correlation(matrix)
  }

  /// Kendall's tau-b, which allows for ties.
  ///
  /// - Parameter series: The series, N × T.
  /// - Returns: N × N; `nil` where a series does not vary.
  /// - Complexity: O(N² T log T).
  /// - Source: M. G. Kendall, The treatment of ties in ranking problems, Biometrika 33(3), 1945;
  ///   W. R. Knight, A computer method for calculating Kendall's tau with ungrouped data, JASA 61,
  ///   1966.
  public static func kendall(_ series: [[Double]]) -> [[Double?]] {
    var result: [[Double?]] = series.map { _ in series.map { _ in nil } }
    for i in series.indices {
      for j in 0...i {
        let value = tau(series[i], series[j])
        result[i][j] = i == j && value != nil ? 1 : value
        result[j][i] = result[i][j]
      }
    }
    return result
  }

  /// The ranks of values from 1, ties sharing their mean rank.
  ///
  /// - Parameter values: The values.
  /// - Returns: One rank a value.
  public static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      let shared = Double(start + 1 + end) / 2
      for place in start..<end { ranks[order[place]] = shared }
      start = end
    }
    return ranks
  }

  private static func tau(_ x: [Double], _ y: [Double]) -> Double? {
    precondition(x.count == y.count, "series of one length")
    let order = x.indices.sorted { (x[$0], y[$0]) < (x[$1], y[$1]) }
    let pairs = tied(x.count)
    let tiedX = tiedPairs(order.map { x[$0] })
    let tiedY = tiedPairs(y.sorted())
    let tiedBoth = tiedPairs(order.map { [x[$0], y[$0]] })
    var sorted = order.map { y[$0] }
    let swaps = inversions(&sorted)
    let below = (Double(pairs - tiedX) * Double(pairs - tiedY)).squareRoot()
    guard below > 0 else { return nil }
    return Double(pairs - tiedX - tiedY + tiedBoth - 2 * swaps) / below
  }

  private static func tied(_ count: Int) -> Int { count * (count - 1) / 2 }

  private static func tiedPairs<T: Equatable>(_ sorted: [T]) -> Int {
    var total = 0
    var run = 1
    for (one, next) in zip(sorted, sorted.dropFirst()) {
      if one == next {
        run += 1
      } else {
        total += tied(run)
        run = 1
      }
    }
    return total + tied(run)
  }

  /// Sorts by merging and counts the pairs that stood the wrong way round.
  private static func inversions(_ values: inout [Double]) -> Int {
    var swaps = 0
    var width = 1
    var merged = values
    while width < values.count {
      var start = 0
      while start < values.count {
        let middle = min(start + width, values.count)
        let end = min(start + 2 * width, values.count)
        var left = start
        var right = middle
        for place in start..<end {
          if left < middle && (right >= end || values[left] <= values[right]) {
            merged[place] = values[left]
            left += 1
          } else {
            merged[place] = values[right]
            right += 1
            swaps += middle - left
          }
        }
        start = end
      }
      swap(&values, &merged)
      width *= 2
    }
    return swaps
  }
}
