/// Proofs over stored leaf hashes: that a record is in a log, and that a log only grew.
///
/// Making a proof hashes the whole tree once; checking one needs neither leaves nor trust.
/// Source: RFC 6962 2.1.1 and 2.1.2 for making, RFC 9162 2.1.3.2 and 2.1.4.2 for checking.
public enum MerkleProof {
  /// The root over some leaf hashes.
  ///
  /// - Parameter leaves: Leaf hashes in order.
  /// - Returns: The root hash.
  public static func root(of leaves: ArraySlice<Digest>) -> Digest {
    var hasher = MerkleHasher()
    return root(leaves, &hasher)
  }

  /// The proof that the leaf at `index` is in the tree over all of `leaves`.
  ///
  /// - Parameters:
  ///   - index: Which leaf, from 0.
  ///   - leaves: All leaf hashes in order.
  /// - Returns: The hashes beside the leaf's way to the root, the lowest first.
  public static func inclusion(of index: Int, in leaves: [Digest]) -> [Digest] {
    precondition(leaves.indices.contains(index), "The leaf must be in the tree.")
    var hasher = MerkleHasher()
    return path(index, leaves[...], &hasher)
  }

  /// The proof that the tree over `leaves` begins with the tree over the first `size` of them.
  ///
  /// - Parameters:
  ///   - size: Leaves in the old tree, at least 1.
  ///   - leaves: All leaf hashes in order.
  /// - Returns: The hashes; none when nothing was appended.
  public static func consistency(from size: Int, in leaves: [Digest]) -> [Digest] {
    precondition((1...leaves.count).contains(size), "The old tree must be a part of the new one.")
    var hasher = MerkleHasher()
    return subproof(size, leaves[...], isWhole: true, &hasher)
  }

  /// Whether `proof` shows that `leaf` is number `index` of the tree with `size` leaves and `root`.
  ///
  /// - Parameters:
  ///   - proof: From `inclusion`, or from anybody.
  ///   - leaf: The leaf hash.
  ///   - index: Which leaf, from 0.
  ///   - size: Leaves in the tree.
  ///   - root: The tree's root.
  /// - Returns: True when it does.
  public static func isIncluded(
    _ proof: [Digest], leaf: Digest, index: UInt64, size: UInt64, root: Digest
  ) -> Bool {
    guard index < size else { return false }
    var hasher = MerkleHasher()
    var walk = Walk(index: index, last: size - 1)
    var hash = leaf
    for other in proof {
      guard walk.last != 0 else { return false }
      if walk.isRight {
        hash = hasher.node(other, hash)
        walk.skipToRightChild()
      } else {
        hash = hasher.node(hash, other)
      }
      walk.rise()
    }
    return walk.last == 0 && hash == root
  }

  /// Whether `proof` shows that the tree of `newSize` leaves begins with the tree of `oldSize`.
  ///
  /// - Parameters:
  ///   - proof: From `consistency`, or from anybody.
  ///   - oldSize: Leaves in the old tree.
  ///   - oldRoot: The old tree's root.
  ///   - newSize: Leaves in the new tree.
  ///   - newRoot: The new tree's root.
  /// - Returns: True when it does.
  public static func isConsistent(
    _ proof: [Digest], oldSize: UInt64, oldRoot: Digest, newSize: UInt64, newRoot: Digest
  ) -> Bool {
    guard oldSize > 0, oldSize <= newSize else { return false }
    guard oldSize < newSize else { return proof.isEmpty && oldRoot == newRoot }
    // When the old tree is a whole subtree of the new one, its root is the first hash.
    let hashes = oldSize.nonzeroBitCount == 1 ? [oldRoot] + proof : proof
    guard let first = hashes.first, !proof.isEmpty else { return false }
    var hasher = MerkleHasher()
    var walk = Walk(index: oldSize - 1, last: newSize - 1)
    while walk.index & 1 == 1 { walk.rise() }
    var old = first
    var new = first
    for other in hashes.dropFirst() {
      guard walk.last != 0 else { return false }
      if walk.isRight {
        old = hasher.node(other, old)
        new = hasher.node(other, new)
        walk.skipToRightChild()
      } else {
        new = hasher.node(new, other)
      }
      walk.rise()
    }
    return walk.last == 0 && old == oldRoot && new == newRoot
  }

  /// The way from a leaf to the root; `fn` and `sn` of RFC 9162.
  private struct Walk {
    var index: UInt64
    var last: UInt64

    /// Whether the node is a right child, or the lone last one of its level.
    var isRight: Bool { index & 1 == 1 || index == last }

    /// Levels at which a lone node has no sibling have no hash in the proof.
    mutating func skipToRightChild() {
      while index & 1 == 0, index != 0 { rise() }
    }

    mutating func rise() {
      index >>= 1
      last >>= 1
    }
  }

  // MARK: The RFC's recursions

  private static func root(
    _ leaves: ArraySlice<Digest>, _ hasher: inout MerkleHasher
  ) -> Digest {
    var frontier = MerkleFrontier()
    for leaf in leaves { frontier.append(leaf, &hasher) }
    return frontier.root(&hasher)
  }

  /// The largest power of two smaller than `count`.
  private static func split(_ count: Int) -> Int {
    1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }

  /// PATH of RFC 6962 2.1.1.
  private static func path(
    _ index: Int, _ leaves: ArraySlice<Digest>, _ hasher: inout MerkleHasher
  ) -> [Digest] {
    guard leaves.count > 1 else { return [] }
    let k = split(leaves.count)
    if index < k {
      return path(index, leaves.prefix(k), &hasher) + [root(leaves.dropFirst(k), &hasher)]
    }
    return path(index - k, leaves.dropFirst(k), &hasher) + [root(leaves.prefix(k), &hasher)]
  }

  /// SUBPROOF of RFC 6962 2.1.2.
  private static func subproof(
    _ size: Int, _ leaves: ArraySlice<Digest>, isWhole: Bool, _ hasher: inout MerkleHasher
  ) -> [Digest] {
    guard size < leaves.count else { return isWhole ? [] : [root(leaves, &hasher)] }
    let k = split(leaves.count)
    if size <= k {
      return subproof(size, leaves.prefix(k), isWhole: isWhole, &hasher)
        + [root(leaves.dropFirst(k), &hasher)]
    }
    return subproof(size - k, leaves.dropFirst(k), isWhole: false, &hasher)
      + [root(leaves.prefix(k), &hasher)]
  }
}
