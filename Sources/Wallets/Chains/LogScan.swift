/// Which ranges of blocks to search for logs next; halves a range that a node finds too large.
///
/// Nodes bound a search by blocks or by results and say so in many words; a refused range is split
/// and tried again, so that no block is skipped and none is read twice.
public struct LogScan: Hashable, Sendable {
  /// Blocks from `first` to `last`, both counted.
  public struct Span: Hashable, Sendable {
    /// The first block.
    public let first: UInt64
    /// The last block.
    public let last: UInt64
  }
  /// The first block that is not yet read: everything before it is.
  public private(set) var next: UInt64
  /// The last block to read.
  public let last: UInt64
  /// How many blocks the next search spans.
  private(set) var size: UInt64
  /// The most that was ever asked for.
  public let largest: UInt64

  /// Starts a search.
  ///
  /// - Parameters:
  ///   - first: The first block.
  ///   - last: The last block; use a finalized one.
  ///   - largest: The most blocks a search spans, at least 1.
  public init(from first: UInt64, to last: UInt64, largest: UInt64 = 10_000) {
    next = first
    self.last = last
    self.largest = max(largest, 1)
    size = max(largest, 1)
  }

  /// What to search now, nil when all is read.
  public var span: Span? {
    guard next <= last else { return nil }
    let (end, overflow) = next.addingReportingOverflow(size - 1)
    return Span(first: next, last: overflow ? last : min(end, last))
  }

  /// The span was read; later ones may be larger again.
  public mutating func succeed() {
    guard let span else { return }
    next = span.last == .max ? span.last : span.last + 1
    if size < largest { size = min(largest, size * 2) }
  }

  /// The span was too large.
  ///
  /// - Returns: Whether a smaller one can be tried; a single block cannot be split.
  public mutating func shrink() -> Bool {
    guard size > 1 else { return false }
    size /= 2
    return true
  }
}
