/// The two hashes of a Merkle tree.
///
/// Their first bytes differ, so that no node can pass for a leaf.
/// Source: RFC 6962 2.1, RFC 9162 2.1.1.
public struct MerkleHasher: ~Copyable {
  private var hasher = DigestHasher()

  /// A hasher ready to use; one serves for millions of records.
  public init() {}

  /// The hash of a record: SHA-256 of a zero byte and the record.
  ///
  /// - Parameter record: The record's canonical bytes.
  /// - Returns: The leaf hash.
  public mutating func leaf(_ record: [UInt8]) -> Digest {
    record.withUnsafeBytes { leaf($0) }
  }

  /// The hash of a record in memory of the caller.
  ///
  /// - Parameter record: The record's canonical bytes.
  /// - Returns: The leaf hash.
  public mutating func leaf(_ record: UnsafeRawBufferPointer) -> Digest {
    hasher.update(0)
    hasher.update(record)
    return hasher.finish()
  }

  /// The hash of a node: SHA-256 of a one byte and both children.
  ///
  /// - Parameters:
  ///   - left: The hash of the left subtree.
  ///   - right: The hash of the right subtree.
  /// - Returns: The node's hash.
  public mutating func node(_ left: Digest, _ right: Digest) -> Digest {
    withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Digest.size, alignment: 1) { buffer in
      buffer[0] = 1
      left.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: $0) }
      right.withBytes {
        UnsafeMutableRawBufferPointer(rebasing: buffer[(1 + Digest.size)...]).copyMemory(from: $0)
      }
      hasher.update(UnsafeRawBufferPointer(buffer))
    }
    return hasher.finish()
  }
}

/// The right edge of a growing Merkle tree: all that is needed to append and to give the root.
///
/// One hash for each bit set in the size, the largest subtree first; 20 hashes for a million leaves.
/// Source: RFC 9162 2.1.2.
public struct MerkleFrontier: Equatable, Sendable {
  /// How many leaves were appended.
  public private(set) var size: UInt64 = 0
  private var subtrees: [Digest] = []

  /// The empty tree.
  public init() {}

  /// Appends a leaf.
  ///
  /// - Parameters:
  ///   - leaf: The leaf hash.
  ///   - hasher: Hashes the nodes that become whole.
  /// - Complexity: Two hashes on average, log2 of the size at most.
  public mutating func append(_ leaf: Digest, _ hasher: inout MerkleHasher) {
    precondition(size < .max, "A log cannot be longer than its numbers.")
    var whole = leaf
    for _ in 0..<size.trailingOnes { whole = hasher.node(subtrees.removeLast(), whole) }
    subtrees.append(whole)
    size += 1
  }

  /// The root of all leaves so far; of the empty tree, the hash of nothing.
  ///
  /// - Parameter hasher: Hashes the nodes above the whole subtrees.
  /// - Returns: The root hash.
  public func root(_ hasher: inout MerkleHasher) -> Digest {
    guard var root = subtrees.last else { return Digest.sha256([]) }
    for left in subtrees.dropLast().reversed() { root = hasher.node(left, root) }
    return root
  }

  /// The size, eight bytes in big-endian order, then the hashes.
  public var bytes: [UInt8] {
    withUnsafeBytes(of: size.bigEndian) { Array($0) } + subtrees.flatMap(\.bytes)
  }

  /// A frontier from its bytes, nil when their number does not fit the size.
  ///
  /// - Parameter bytes: What `bytes` gave.
  public init?(bytes: [UInt8]) {
    guard bytes.count >= 8, (bytes.count - 8) % Digest.size == 0 else { return nil }
    size = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    guard size.nonzeroBitCount == (bytes.count - 8) / Digest.size else { return nil }
    subtrees = stride(from: 8, to: bytes.count, by: Digest.size).compactMap {
      Digest(bytes[$0..<$0 + Digest.size])
    }
  }
}

extension UInt64 {
  /// How many of the lowest bits are set in a row.
  fileprivate var trailingOnes: Int { (~self).trailingZeroBitCount }
}
