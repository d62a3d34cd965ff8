internal import Statistics

/// A robust random cut forest: how much a point displaces others in random trees over the last points.
///
/// Each tree cuts the box around its points at random, a dimension in proportion to its width. A point
/// that is cut off early, from many at once, stands out; the score is the displacement, averaged over
/// the trees (CoDisp), and the dimension whose cut displaced most says why. Chance comes from a seed.
///
/// - Source: S. Guha, N. Mishra, G. Roy, O. Schrijvers, Robust Random Cut Forest Based Anomaly
///   Detection on Streams, ICML 2016, algorithms 1 and 2, definition 4.
public struct RandomCutForest: Sendable {
  /// What the forest says of a point.
  public struct Reading: Hashable, Sendable {
    /// The mean displacement: 1 for a point like the others, up to the number of points.
    public let displacement: Double
    /// The share of trees in which each dimension displaced most; sums to 1.
    public let shares: [Double]
  }

  /// How many numbers a point has.
  public let dimensions: Int
  /// How many points are kept.
  public let size: Int
  private var trees: [CutTree]
  private var generator: SplitMix64
  private var slot = 0
  /// How many points are in the trees.
  public private(set) var count = 0

  /// Makes a forest without points.
  ///
  /// - Parameters:
  ///   - dimensions: How many numbers a point has, from 1 to 32.
  ///   - trees: How many trees there are.
  ///   - size: How many points are kept.
  ///   - seed: Where the chance begins.
  public init(dimensions: Int, trees: Int = 40, size: Int = 256, seed: UInt64) {
    self.dimensions = min(max(dimensions, 1), 32)
    self.size = min(max(size, 8), 4096)
    let (width, room) = (self.dimensions, self.size)
    self.trees = (0..<min(max(trees, 1), 500)).map { _ in CutTree(width, room) }
    generator = SplitMix64(seed: seed)
  }

  /// Takes a point in and says how much it displaces; the oldest point leaves.
  ///
  /// - Parameter point: Its numbers; another count of numbers or one that is none gives `nil`.
  /// - Returns: What the forest says.
  public mutating func take(_ point: [Double]) -> Reading? {
    guard point.count == dimensions, point.allSatisfy({ abs($0) < 1e100 }) else { return nil }
    var shares = [Double](repeating: 0, count: dimensions)
    var sum = 0.0
    for index in trees.indices {
      if count == size { trees[index].remove(slot) }
      trees[index].insert(point, slot, &generator)
      let (displacement, dimension) = trees[index].displacement(slot)
      sum += displacement
      if let dimension { shares[dimension] += 1 }
    }
    slot = slot + 1 == size ? 0 : slot + 1
    count = min(count + 1, size)
    let all = shares.reduce(0, +)
    if all > 0 { shares = shares.map { $0 / all } }
    return Reading(displacement: sum / Double(trees.count), shares: shares)
  }
}

/// One tree: nodes by number, of each the box around its points.
struct CutTree: Sendable {
  private let width: Int
  private var parent: [Int]
  private var left: [Int]
  private var right: [Int]
  private var cutDimension: [Int]
  private var cut: [Double]
  private var count: [Int]
  /// Lowest and highest, by node and dimension.
  private var low: [Double]
  private var high: [Double]
  private var leaf: [Int]
  private var root = -1
  private var free: [Int]

  init(_ width: Int, _ size: Int) {
    let nodes = 2 * size + 2
    self.width = width
    parent = Array(repeating: -1, count: nodes)
    left = parent
    right = parent
    cutDimension = parent
    cut = Array(repeating: 0, count: nodes)
    count = Array(repeating: 0, count: nodes)
    low = Array(repeating: 0, count: nodes * width)
    high = low
    leaf = Array(repeating: -1, count: size)
    free = Array((0..<nodes).reversed())
  }

  private mutating func node(_ point: [Double]) -> Int {
    let node = free.removeLast()
    for dimension in 0..<width {
      low[node * width + dimension] = point[dimension]
      high[node * width + dimension] = point[dimension]
    }
    parent[node] = -1
    left[node] = -1
    right[node] = -1
    cutDimension[node] = -1
    count[node] = 1
    return node
  }

  mutating func insert(_ point: [Double], _ slot: Int, _ generator: inout SplitMix64) {
    guard root >= 0 else {
      root = node(point)
      leaf[slot] = root
      return
    }
    var at = root
    while true {
      // The box with the point in it, and a cut through it in proportion to its widths.
      var total = 0.0
      for dimension in 0..<width {
        let base = at * width + dimension
        total += max(high[base], point[dimension]) - min(low[base], point[dimension])
      }
      guard total > 0 else {
        // The same point once more.
        leaf[slot] = at
        grow(at, by: 1)
        return
      }
      var place = generator.unit() * total
      var chosen = width - 1
      for dimension in 0..<width {
        let base = at * width + dimension
        let span = max(high[base], point[dimension]) - min(low[base], point[dimension])
        if place < span || (dimension == width - 1) {
          chosen = dimension
          break
        }
        place -= span
      }
      let base = at * width + chosen
      let value = min(low[base], point[chosen]) + place
      if value < low[base] || value >= high[base] {
        // The cut has all old points on one side. A cut at the point itself keeps it apart.
        let isBelow = point[chosen] < low[base]
        guard isBelow || point[chosen] > high[base] else {
          if left[at] < 0 { break }
          at = child(at, point)
          continue
        }
        split(
          at, point, slot, chosen, isBelow ? min(value, low[base]) : max(value, high[base]), isBelow
        )
        return
      }
      guard left[at] >= 0 else { break }
      at = child(at, point)
    }
    // Rounding left no cut between two points: they count as one.
    leaf[slot] = at
    grow(at, by: 1)
  }

  private func child(_ node: Int, _ point: [Double]) -> Int {
    point[cutDimension[node]] <= cut[node] ? left[node] : right[node]
  }

  private mutating func split(
    _ at: Int, _ point: [Double], _ slot: Int, _ dimension: Int, _ value: Double, _ isBelow: Bool
  ) {
    let fresh = node(point)
    let above = node(point)
    let old = parent[at]
    parent[above] = old
    cutDimension[above] = dimension
    cut[above] = value
    left[above] = isBelow ? fresh : at
    right[above] = isBelow ? at : fresh
    parent[fresh] = above
    parent[at] = above
    count[above] = count[at]
    for dimension in 0..<width {
      let (own, below) = (above * width + dimension, at * width + dimension)
      low[own] = low[below]
      high[own] = high[below]
    }
    if old < 0 {
      root = above
    } else if left[old] == at {
      left[old] = above
    } else {
      right[old] = above
    }
    leaf[slot] = fresh
    var up = above
    while up >= 0 {
      count[up] += 1
      for dimension in 0..<width {
        let base = up * width + dimension
        low[base] = min(low[base], point[dimension])
        high[base] = max(high[base], point[dimension])
      }
      up = parent[up]
    }
  }

  private mutating func grow(_ node: Int, by more: Int) {
    var up = node
    while up >= 0 {
      count[up] += more
      up = parent[up]
    }
  }

  mutating func remove(_ slot: Int) {
    let node = leaf[slot]
    guard node >= 0 else { return }
    leaf[slot] = -1
    if count[node] > 1 { return grow(node, by: -1) }
    free.append(node)
    let above = parent[node]
    guard above >= 0 else {
      root = -1
      return
    }
    let sibling = left[above] == node ? right[above] : left[above]
    let old = parent[above]
    parent[sibling] = old
    free.append(above)
    if old < 0 {
      root = sibling
      return
    }
    if left[old] == above { left[old] = sibling } else { right[old] = sibling }
    var up = old
    while up >= 0 {
      let (one, other) = (left[up], right[up])
      count[up] = count[one] + count[other]
      for dimension in 0..<width {
        let (a, b) = (one * width + dimension, other * width + dimension)
        low[up * width + dimension] = min(low[a], low[b])
        high[up * width + dimension] = max(high[a], high[b])
      }
      up = parent[up]
    }
  }

  /// The greatest ratio of siblings to what would leave with the point, and the dimension of that cut.
  func displacement(_ slot: Int) -> (Double, Int?) {
    var at = leaf[slot]
    guard at >= 0 else { return (0, nil) }
    var best = (0.0, nil as Int?)
    while parent[at] >= 0 {
      let above = parent[at]
      let sibling = left[above] == at ? right[above] : left[above]
      let ratio = Double(count[sibling]) / Double(max(count[at], 1))
      if ratio > best.0 { best = (ratio, cutDimension[above]) }
      at = above
    }
    return best
  }

  fileprivate func write(to writer: inout StateWriter) {
    for numbers in [parent, left, right, cutDimension, count, leaf, free] {
      writer.put(numbers.map { Double($0) })
    }
    writer.put(cut)
    writer.put(low)
    writer.put(high)
    writer.put(root)
  }

  fileprivate init(_ width: Int, _ size: Int, from reader: inout StateReader) throws(StateFault) {
    let nodes = 2 * size + 2
    func numbers(_ length: ClosedRange<Int>, _ range: ClosedRange<Int>) throws(StateFault) -> [Int]
    {
      var found: [Int] = []
      for value in try reader.doubles(length) {
        guard let number = Int(exactly: value), range.contains(number) else { throw reader.fault }
        found.append(number)
      }
      return found
    }
    self.width = width
    parent = try numbers(nodes...nodes, -1...(nodes - 1))
    left = try numbers(nodes...nodes, -1...(nodes - 1))
    right = try numbers(nodes...nodes, -1...(nodes - 1))
    cutDimension = try numbers(nodes...nodes, -1...(width - 1))
    count = try numbers(nodes...nodes, 0...size)
    leaf = try numbers(size...size, -1...(nodes - 1))
    free = try numbers(0...nodes, 0...(nodes - 1))
    cut = try reader.doubles(nodes...nodes)
    low = try reader.doubles((nodes * width)...(nodes * width))
    high = try reader.doubles((nodes * width)...(nodes * width))
    root = try reader.int(-1...(nodes - 1))
    guard isTree else { throw reader.fault }
  }

  /// Whether the links make one tree, so that no walk runs for ever.
  private var isTree: Bool {
    guard root >= 0 else { return leaf.allSatisfy { $0 < 0 } }
    guard parent[root] < 0 else { return false }
    var (waiting, seen) = ([root], Set<Int>())
    while let node = waiting.popLast() {
      guard seen.insert(node).inserted else { return false }
      let (one, other) = (left[node], right[node])
      if one < 0 && other < 0 { continue }
      guard one >= 0, other >= 0, one != other, parent[one] == node, parent[other] == node,
        cutDimension[node] >= 0, count[node] == count[one] + count[other]
      else { return false }
      waiting += [one, other]
    }
    let isFree = Set(free)
    return leaf.allSatisfy { $0 < 0 || (seen.contains($0) && left[$0] < 0) }
      && isFree.count == free.count && isFree.isDisjoint(with: seen)
      && isFree.count + seen.count == parent.count
  }
}

extension RandomCutForest: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(dimensions)
    writer.put(size)
    writer.put(trees.count)
    for tree in trees { tree.write(to: &writer) }
    writer.put(generator.state)
    writer.put(slot)
    writer.put(count)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    dimensions = try reader.int(1...32)
    size = try reader.int(8...4096)
    trees = []
    for _ in 0..<(try reader.int(1...500)) {
      trees.append(try CutTree(dimensions, size, from: &reader))
    }
    generator = SplitMix64(seed: try reader.word())
    slot = try reader.int(0...(size - 1))
    count = try reader.int(0...size)
  }
}
