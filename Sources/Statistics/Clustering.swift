/// How far two groups are from each other.
public enum Linkage: String, Hashable, Sendable, CaseIterable {
  /// The nearest members.
  case single
  /// The farthest members.
  case complete
  /// The mean over all pairs of members.
  case average
  /// The growth of the squared distances within, as a distance (Ward.D2).
  case ward
}

/// Groups of things by their distances, from the bottom up.
///
/// Source: G. N. Lance, W. T. Williams, A general theory of classificatory sorting strategies, The
/// Computer Journal 9(4), 1967; for Ward: F. Murtagh, P. Legendre, Ward's hierarchical agglomerative
/// clustering method, Journal of Classification 31, 2014 (Ward2).
public struct Clustering: Hashable, Sendable {
  /// Two groups becoming one.
  public struct Merge: Hashable, Sendable {
    /// The groups: a thing's index, or the number of things plus a merge's index.
    public let left: Int
    /// The other group.
    public let right: Int
    /// Their distance.
    public let height: Double
    /// How many things are in it.
    public let count: Int
  }

  /// The number of things.
  public let count: Int
  /// The merges in the order in which they happened, one less than things.
  public let merges: [Merge]

  /// Groups things.
  ///
  /// - Parameters:
  ///   - distances: Symmetric, zeros on the diagonal. Shape: N × N.
  ///   - linkage: How far two groups are from each other.
  /// - Complexity: O(N²) memory, O(N³) at worst.
  public init(_ distances: Matrix, _ linkage: Linkage) {
    precondition(distances.isSquare, "a square matrix")
    count = distances.rows
    var state = ClusterState(distances, linkage)
    var merges: [Merge] = []
    while let merge = state.next(number: count + merges.count) { merges.append(merge) }
    self.merges = merges
  }

  /// The height at which two things first share a group, N × N.
  public var copheneticDistances: Matrix {
    var result = Matrix(rows: count, columns: count)
    var members = (0..<count).map { [$0] }
    for merge in merges {
      for i in members[merge.left] {
        for j in members[merge.right] {
          result[i, j] = merge.height
          result[j, i] = merge.height
        }
      }
      members.append(members[merge.left] + members[merge.right])
    }
    return result
  }

  /// The distance of things whose correlation is known, √(½(1-ρ)).
  ///
  /// - Parameter correlation: N × N.
  /// - Returns: Distances from 0 to 1; `nil` while a correlation is undefined.
  /// - Source: R. N. Mantegna, Hierarchical structure in financial markets, European Physical
  ///   Journal B 11, 1999, scaled by one half.
  public static func distances(_ correlation: [[Double?]]) -> Matrix? {
    let count = correlation.count
    var elements: [Double] = []
    elements.reserveCapacity(count * count)
    for row in correlation {
      guard row.count == count else { return nil }
      for value in row {
        guard let value else { return nil }
        elements.append(max(0.5 * (1 - value), 0).squareRoot())
      }
    }
    return Matrix(rows: count, columns: count, elements: elements)
  }
}

/// Groups still to be merged, each with its nearest other one.
private struct ClusterState {
  private let linkage: Linkage
  private var distances: Matrix
  private var sizes: [Int]
  private var names: [Int]
  private var alive: [Int]
  private var nearest: [Int]

  init(_ distances: Matrix, _ linkage: Linkage) {
    self.linkage = linkage
    self.distances = distances
    sizes = [Int](repeating: 1, count: distances.rows)
    names = Array(0..<distances.rows)
    alive = names
    nearest = names
    for place in alive { nearest[place] = nearestOther(of: place) }
  }

  mutating func next(number: Int) -> Clustering.Merge? {
    guard alive.count > 1 else { return nil }
    var first = alive[0]
    for place in alive
    where distances[place, nearest[place]] < distances[first, nearest[first]] { first = place }
    let second = nearest[first]
    let height = distances[first, second]
    for other in alive where other != first && other != second {
      let joined = distance(first, second, to: other)
      distances[first, other] = joined
      distances[other, first] = joined
    }
    let merge = Clustering.Merge(
      left: min(names[first], names[second]), right: max(names[first], names[second]),
      height: height, count: sizes[first] + sizes[second])
    sizes[first] += sizes[second]
    names[first] = number
    alive.removeAll { $0 == second }
    for place in alive
    where place == first || nearest[place] == first || nearest[place] == second {
      nearest[place] = nearestOther(of: place)
    }
    for place in alive where place != first {
      if distances[place, first] < distances[place, nearest[place]] { nearest[place] = first }
    }
    return merge
  }

  private func nearestOther(of place: Int) -> Int {
    var best = place
    for other in alive where other != place {
      if best == place || distances[place, other] < distances[place, best] { best = other }
    }
    return best
  }

  private func distance(_ a: Int, _ b: Int, to c: Int) -> Double {
    let left = distances[a, c]
    let right = distances[b, c]
    switch linkage {
    case .single: return min(left, right)
    case .complete: return max(left, right)
    case .average:
      let first = Double(sizes[a])
      let second = Double(sizes[b])
      return (first * left + second * right) / (first + second)
    case .ward:
      let first = Double(sizes[a] + sizes[c]) * left * left
      let second = Double(sizes[b] + sizes[c]) * right * right
      let between = distances[a, b]
      let third = Double(sizes[c]) * between * between
      return (max(first + second - third, 0) / Double(sizes[a] + sizes[b] + sizes[c])).squareRoot()
    }
  }
}
