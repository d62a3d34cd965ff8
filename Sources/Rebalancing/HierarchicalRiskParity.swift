public import Statistics

/// Weights of hierarchical risk parity with the order of the tree they came from.
public struct HierarchicalRiskParity: Hashable, Sendable {
  /// One an asset, in the order of the covariance; all positive.
  public let weights: [Double]
  /// The assets from left to right in the tree.
  public let leafOrder: [Int]

  /// Halves the leaves of a tree of correlations again and again, and shares weight by variance.
  ///
  /// Distances are √((1 − ρ)/2); the tree is cut in the middle of its leaves, not at its branches; a
  /// half's variance is that of its inverse-variance weights.
  ///
  /// It is `nil` where a variance is not positive.
  ///
  /// - Parameters:
  ///   - covariance: Of returns, N × N.
  ///   - linkage: How groups are joined; the paper uses the nearest members.
  /// - Complexity: O(N² log N) after the clustering.
  /// - Source: M. López de Prado, Building diversified portfolios that outperform out of sample,
  ///   J. of Portfolio Management 42 (2016), 59-69, snippets 1-4.
  public init?(_ covariance: Matrix, linkage: Linkage = .single) {
    guard let deviations = Allocation.deviations(covariance) else { return nil }
    var distances = Matrix(rows: covariance.rows, columns: covariance.rows)
    for (i, own) in deviations.enumerated() {
      for (j, other) in deviations.enumerated() where i != j {
        let correlation = covariance[i, j] / (own * other)
        distances[i, j] = max(0.5 * (1 - correlation), 0).squareRoot()
      }
    }
    self.init(covariance, leafOrder: Clustering(distances, linkage).leaves)
  }

  /// Shares weight over leaves in a given order.
  ///
  /// It is `nil` where a variance is not positive.
  ///
  /// - Parameters:
  ///   - covariance: Of returns, N × N.
  ///   - leafOrder: Every asset once.
  public init?(_ covariance: Matrix, leafOrder: [Int]) {
    precondition(
      leafOrder.sorted() == Array(0..<covariance.rows), "Every asset stands once in the order.")
    guard Allocation.deviations(covariance) != nil else { return nil }
    var weights = [Double](repeating: 1, count: leafOrder.count)
    var parts = [leafOrder[...]]
    while let part = parts.popLast() {
      guard part.count > 1 else { continue }
      let middle = part.startIndex + part.count / 2
      let (left, right) = (part[..<middle], part[middle...])
      let first = Self.variance(left, covariance)
      let second = Self.variance(right, covariance)
      guard first + second > 0 else { return nil }
      let share = 1 - first / (first + second)
      for leaf in left { weights[leaf] *= share }
      for leaf in right { weights[leaf] *= 1 - share }
      parts += [right, left]
    }
    self.weights = weights
    self.leafOrder = leafOrder
  }

  /// The variance of some assets with inverse-variance weights.
  private static func variance(_ part: ArraySlice<Int>, _ covariance: Matrix) -> Double {
    let weights = part.map { 1 / covariance[$0, $0] }
    let sum = weights.reduce(0, +)
    var variance = 0.0
    for (i, row) in part.enumerated() {
      var slope = 0.0
      for (j, column) in part.enumerated() { slope += covariance[row, column] * weights[j] }
      variance += weights[i] * slope
    }
    return max(variance, 0) / (sum * sum)
  }
}
