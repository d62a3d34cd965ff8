/// Which children of a wallet to ask for next, until a stretch of unused ones ends the search.
///
/// A state machine: it is asked what to look up, told what was used, and asked again. Failed
/// look-ups are not answers: a child stays open until somebody says whether it was used.
///
/// Source: https://github.com/bitcoin/bips/blob/master/bip-0044.mediawiki#address-gap-limit
public struct GapScan: Hashable, Sendable {
  /// One child of a wallet.
  public struct Place: Hashable, Sendable, Comparable {
    /// 0 receiving, 1 change.
    public let branch: Int
    /// Which child.
    public let index: UInt32

    /// Names a child.
    public init(branch: Int, index: UInt32) {
      self.branch = branch
      self.index = index
    }

    /// Orders by branch, then child.
    public static func < (a: Place, b: Place) -> Bool {
      a.branch == b.branch ? a.index < b.index : a.branch < b.branch
    }
  }

  /// How many unused children in a row end a branch; 20 by BIP 44.
  public let gap: UInt32
  /// No child from here on is looked at, whatever was used.
  public let limit: UInt32
  /// One entry a branch: what is known of each child.
  private var branches: [Branch]

  private struct Branch: Hashable, Sendable {
    var used: Set<UInt32> = []
    var unused: Set<UInt32> = []
    /// One beyond the last used child.
    var end: UInt32 = 0
    /// Every child before it is known.
    var firstOpen: UInt32 = 0

    mutating func advance() {
      while used.contains(firstOpen) || unused.contains(firstOpen) { firstOpen += 1 }
    }
  }

  /// Starts with nothing known.
  ///
  /// - Parameters:
  ///   - branches: How many, 1 to 8.
  ///   - gap: The stretch of unused children that ends the search, 1 to 10,000.
  ///   - limit: The highest number of children of a branch.
  public init(branches: Int, gap: UInt32 = 20, limit: UInt32 = 100_000) {
    self.gap = min(max(gap, 1), 10_000)
    self.limit = limit
    self.branches = Array(repeating: Branch(), count: min(max(branches, 1), 8))
  }

  /// The children to look up next, in order; empty when the search is over.
  ///
  /// - Parameter count: How many at most.
  /// - Returns: Children of which nothing is known yet.
  public func next(_ count: Int) -> [Place] {
    var places: [Place] = []
    for (number, branch) in branches.enumerated() {
      let end = end(of: branch)
      guard branch.firstOpen < end else { continue }
      for index in branch.firstOpen..<end where places.count < count {
        if !branch.used.contains(index), !branch.unused.contains(index) {
          places.append(Place(branch: number, index: index))
        }
      }
    }
    return places
  }

  private func end(of branch: Branch) -> UInt32 {
    let (end, overflow) = branch.end.addingReportingOverflow(gap)
    return overflow ? limit : min(end, limit)
  }

  /// Takes the answer for a child; a child once used stays used.
  ///
  /// - Parameters:
  ///   - place: Which child; others than those asked for are taken too.
  ///   - isUsed: Whether the chain has seen it.
  public mutating func record(_ place: Place, isUsed: Bool) {
    guard branches.indices.contains(place.branch), place.index < limit else { return }
    if isUsed {
      branches[place.branch].used.insert(place.index)
      branches[place.branch].unused.remove(place.index)
      branches[place.branch].end = max(branches[place.branch].end, place.index + 1)
    } else if !branches[place.branch].used.contains(place.index) {
      branches[place.branch].unused.insert(place.index)
    }
    branches[place.branch].advance()
  }

  /// Forgets which children were unused, so that they are looked up again; used ones stay.
  public mutating func restart() {
    for number in branches.indices {
      branches[number].unused = []
      branches[number].firstOpen = 0
      branches[number].advance()
    }
  }

  /// Whether every branch ends with a whole gap of unused children.
  public var isComplete: Bool { next(1).isEmpty }

  /// Whether a branch was cut off at the limit while its last children were used.
  public var isCutOff: Bool {
    branches.contains { $0.end > 0 && $0.end >= limit - min(gap, limit) }
  }

  /// The used children in order.
  public var used: [Place] {
    branches.enumerated().flatMap { number, branch in
      branch.used.map { Place(branch: number, index: $0) }
    }.sorted()
  }

  /// The first child of a branch that was never used: the next address to receive on.
  public func firstUnused(branch: Int) -> UInt32? {
    branches.indices.contains(branch) ? branches[branch].end : nil
  }
}
