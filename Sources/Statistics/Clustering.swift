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
  /// - Complexity: O(N²) time and memory.
  /// - Source: F. Murtagh, A survey of recent advances in hierarchical clustering algorithms, The
  ///   Computer Journal 26(4), 1983: chains of nearest neighbours.
  public init(_ distances: Matrix, _ linkage: Linkage) {
    precondition(distances.isSquare, "a square matrix")
    count = distances.rows
    var chain = NeighbourChain(distances, linkage)
    var joins: [NeighbourChain.Join] = []
    while let join = chain.next() { joins.append(join) }
    merges = Clustering.named(joins, of: distances.rows)
  }

  /// The joins from the least distance to the greatest, with the names of groups.
  private static func named(_ joins: [NeighbourChain.Join], of count: Int) -> [Merge] {
    let order = joins.indices.sorted { (joins[$0].height, $0) < (joins[$1].height, $1) }
    var parents = Array(0..<(2 * count))
    var sizes = [Int](repeating: 1, count: 2 * count)
    func group(of thing: Int) -> Int {
      var group = thing
      while parents[group] != group {
        parents[group] = parents[parents[group]]
        group = parents[group]
      }
      return group
    }
    var merges: [Merge] = []
    for place in order {
      let join = joins[place]
      let (one, other) = (group(of: join.first), group(of: join.second))
      let number = count + merges.count
      parents[one] = number
      parents[other] = number
      sizes[number] = sizes[one] + sizes[other]
      merges.append(
        Merge(
          left: min(one, other), right: max(one, other), height: join.height, count: sizes[number]))
    }
    return merges
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

/// Groups still to be merged, and the way from one of them to its nearest, and to that one's nearest.
///
/// Two that are each other's nearest may be merged at once, whatever else is nearer to each other: with
/// these linkages no merge brings groups closer than they were.
private struct NeighbourChain {
  /// Two groups, each by a thing in it, becoming one.
  struct Join {
    let first: Int
    let second: Int
    let height: Double
  }

  private let linkage: Linkage
  private let width: Int
  private var distances: [Double]
  private var sizes: [Int]
  private var alive: [Int]
  private var chain: [Int] = []

  init(_ distances: Matrix, _ linkage: Linkage) {
    self.linkage = linkage
    width = distances.rows
    self.distances = distances.elements
    sizes = [Int](repeating: 1, count: distances.rows)
    alive = Array(0..<distances.rows)
  }

  mutating func next() -> Join? {
    guard alive.count > 1 else { return nil }
    if chain.isEmpty { chain.append(alive[0]) }
    while let end = chain.last {
      let before = chain.dropLast().last
      let nearest = nearest(to: end, before: before)
      guard nearest != before else {
        chain.removeLast(2)
        return join(min(end, nearest), max(end, nearest))
      }
      chain.append(nearest)
    }
    return nil
  }

  /// The nearest other group; of several the one before it in the chain, then the first.
  private func nearest(to group: Int, before: Int?) -> Int {
    let row = group * width
    var best = before ?? (alive[0] == group ? alive[1] : alive[0])
    var least = distances[row + best]
    for other in alive where distances[row + other] < least && other != group {
      least = distances[row + other]
      best = other
    }
    return best
  }

  /// The group of both goes on in the place of the second.
  private mutating func join(_ first: Int, _ second: Int) -> Join {
    let height = distances[first * width + second]
    let (left, right) = (Double(sizes[first]), Double(sizes[second]))
    alive.removeAll { $0 == first }
    for other in alive where other != second {
      let one = distances[first * width + other]
      let two = distances[second * width + other]
      let joined: Double
      switch linkage {
      case .single: joined = min(one, two)
      case .complete: joined = max(one, two)
      case .average: joined = (left * one + right * two) / (left + right)
      case .ward:
        let size = Double(sizes[other])
        let near = (left + size) * one * one + (right + size) * two * two
        joined = (max(near - size * height * height, 0) / (left + right + size)).squareRoot()
      }
      distances[second * width + other] = joined
      distances[other * width + second] = joined
    }
    sizes[second] += sizes[first]
    return Join(first: first, second: second, height: height)
  }
}
