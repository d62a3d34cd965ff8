extension Clustering {
  /// The things in the order of the tree's leaves, the groups as they were merged.
  public var leaves: [Int] {
    var members = (0..<count).map { [$0] }
    for merge in merges { members.append(members[merge.left] + members[merge.right]) }
    return members.last ?? []
  }

  /// The order of leaves, among all that respect the tree, with the least sum of distances between
  /// neighbours: what a heat map wants.
  ///
  /// - Parameter distances: The distances that were clustered, N × N.
  /// - Returns: Every thing once.
  /// - Complexity: O(N³) time, O(N²) memory.
  /// - Source: Z. Bar-Joseph, D. K. Gifford, T. S. Jaakkola, Fast optimal leaf ordering for
  ///   hierarchical clustering, Bioinformatics 17 (suppl. 1), 2001.
  public func optimalLeaves(_ distances: Matrix) -> [Int] {
    precondition(distances.rows == count && distances.isSquare, "one row a thing")
    guard let root = merges.last else { return leaves }
    var ordering = LeafOrdering(self, distances)
    return ordering.best(root)
  }
}

/// The least cost of each subtree between a leftmost and a rightmost leaf.
private struct LeafOrdering {
  private let tree: Clustering
  private let distances: Matrix
  /// The leaves below each group.
  private var members: [[Int]]
  /// The cost of the smallest common group of two leaves, ordered with one at each end.
  private var costs: Matrix

  init(_ tree: Clustering, _ distances: Matrix) {
    self.tree = tree
    self.distances = distances
    members = (0..<tree.count).map { [$0] }
    costs = Matrix(rows: tree.count, columns: tree.count)
    for merge in tree.merges {
      join(merge)
      members.append(members[merge.left] + members[merge.right])
    }
  }

  /// The leaves with which an order of a group may end when it begins with a leaf.
  private func ends(_ group: Int, from leaf: Int) -> [Int] {
    guard group >= tree.count else { return [leaf] }
    let merge = tree.merges[group - tree.count]
    return members[members[merge.left].contains(leaf) ? merge.right : merge.left]
  }

  private mutating func join(_ merge: Clustering.Merge) {
    let left = members[merge.left]
    let right = members[merge.right]
    // The best way from a leaf at the left end to a leaf just over the border.
    var over = Matrix(rows: left.count, columns: right.count)
    for (i, first) in left.enumerated() {
      let ends = ends(merge.left, from: first)
      for (j, next) in right.enumerated() {
        var least = Double.infinity
        for end in ends { least = min(least, costs[first, end] + distances[end, next]) }
        over[i, j] = least
      }
    }
    var places = [Int: Int]()
    for (place, leaf) in right.enumerated() { places[leaf] = place }
    for last in right {
      let starts = ends(merge.right, from: last).map { ($0, places[$0] ?? 0) }
      for (i, first) in left.enumerated() {
        var least = Double.infinity
        for (start, place) in starts { least = min(least, over[i, place] + costs[start, last]) }
        costs[first, last] = least
        costs[last, first] = least
      }
    }
  }

  /// The best order of the whole tree.
  mutating func best(_ root: Clustering.Merge) -> [Int] {
    var least = Double.infinity
    var pair = (0, 0)
    for first in members[root.left] {
      for last in members[root.right] where costs[first, last] < least {
        least = costs[first, last]
        pair = (first, last)
      }
    }
    return order(tree.count + tree.merges.count - 1, from: pair.0, to: pair.1)
  }

  private func order(_ group: Int, from first: Int, to last: Int) -> [Int] {
    guard group >= tree.count else { return [first] }
    let merge = tree.merges[group - tree.count]
    let isForward = members[merge.left].contains(first)
    let near = isForward ? merge.left : merge.right
    let far = isForward ? merge.right : merge.left
    var least = Double.infinity
    var pair = (first, last)
    for end in ends(near, from: first) {
      for start in ends(far, from: last) {
        let cost = costs[first, end] + distances[end, start] + costs[start, last]
        if cost < least {
          least = cost
          pair = (end, start)
        }
      }
    }
    return order(near, from: first, to: pair.0) + order(far, from: pair.1, to: last)
  }
}
