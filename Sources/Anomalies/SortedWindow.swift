/// What a window keeps of a stream: in few bytes, comparable, and written into a model's state.
protocol Windowed: Comparable, BitwiseCopyable, Sendable {
  static func put(_ values: [Self], _ writer: inout StateWriter)
  static func read(
    atMost bound: Int, _ reader: inout StateReader
  ) throws(StateFault) -> [Self]
}

/// The last values of a stream, as they came and in order of size.
struct SortedWindow<Value: Windowed>: Sendable, Kept {
  let capacity: Int
  private var ring: [Value] = []
  private var next = 0
  private(set) var sorted: [Value] = []

  init(capacity: Int) {
    self.capacity = max(capacity, 1)
  }

  var count: Int { sorted.count }

  /// The bytes its arrays hold.
  var memoryBytes: Int { (ring.capacity + sorted.capacity) * MemoryLayout<Value>.stride }

  /// How many values are below one.
  func countBelow(_ value: Value) -> Int {
    var low = 0
    var left = sorted.count
    guard left > 0 else { return 0 }
    // Halves are chosen, not jumped to: which way it goes cannot be foreseen.
    while left > 1 {
      let half = left / 2
      low += sorted[low + half - 1] < value ? half : 0
      left -= half
    }
    return low + (sorted[low] < value ? 1 : 0)
  }

  /// Takes a value in; the oldest leaves when the window is full.
  mutating func insert(_ value: Value) { insert(value, above: countBelow(value)) }

  /// Takes a value in of which is known how many are below it.
  mutating func insert(_ value: Value, above below: Int) {
    guard ring.count == capacity else {
      if ring.count == ring.capacity || sorted.count == sorted.capacity {
        ring.reserveCapacity(min(capacity, max(64, 2 * ring.count)))
        sorted.reserveCapacity(min(capacity, max(64, 2 * ring.count)))
      }
      ring.append(value)
      sorted.insert(value, at: below)
      return
    }
    let old = ring[next]
    ring[next] = value
    next = next + 1 == capacity ? 0 : next + 1
    let gap = countBelow(old)
    let place = old < value ? below - 1 : below
    shift(gap, to: place)
    sorted[place] = value
  }

  /// Moves what lies between a gap and a place, so that the gap is there.
  private mutating func shift(_ gap: Int, to place: Int) {
    precondition(sorted.indices.contains(gap) && sorted.indices.contains(place), "inside")
    unsafe sorted.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      if gap < place {
        unsafe (base + gap).update(from: base + gap + 1, count: place - gap)
      } else {
        unsafe (base + place + 1).update(from: base + place, count: gap - place)
      }
    }
  }

  func write(to writer: inout StateWriter) {
    writer.put(capacity)
    writer.put(next)
    Value.put(ring, &writer)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    capacity = try reader.int(1...(1 << 20))
    next = try reader.int(0...capacity)
    ring = try Value.read(atMost: capacity, &reader)
    guard next < max(ring.count, 1), next == 0 || ring.count == capacity else {
      throw reader.fault
    }
    sorted = ring.sorted()
  }
}

extension UInt16: Windowed {
  static func put(_ values: [UInt16], _ writer: inout StateWriter) { writer.put(values) }

  static func read(
    atMost bound: Int, _ reader: inout StateReader
  ) throws(StateFault) -> [UInt16] { try reader.keys(0...bound) }
}

extension Float: Windowed {
  static func put(_ values: [Float], _ writer: inout StateWriter) { writer.put(values) }

  static func read(
    atMost bound: Int, _ reader: inout StateReader
  ) throws(StateFault) -> [Float] { try reader.floats(0...bound) }
}

/// The last scores of a stream in order, in four bytes each.
///
/// A score is kept as 16 bits: its power of two from -64 to 63 and nine bits of what follows, which
/// is one part in five hundred. That is far finer than any tail estimated from a hundred excesses
/// needs, keeps the order of scores, and lets 5,000 of them be moved in a fraction of a microsecond.
typealias RankWindow = SortedWindow<UInt16>

extension RankWindow {
  private static var lowest: Int { (127 - 64) << 9 }

  /// A score as 16 bits; order is kept, below 2⁻⁶⁴ is zero and above 2⁶⁴ the greatest.
  static func key(_ score: Double) -> UInt16 {
    guard score > 0 else { return 0 }
    let bits = Int(Float(min(score, 3e38)).bitPattern >> 14)
    return UInt16(min(max(bits - lowest, 0), 65535))
  }

  /// The middle of what a key stands for.
  static func value(_ key: UInt16) -> Double {
    guard key > 0 else { return 0 }
    let bits = UInt32(Int(key) + lowest) << 14 | 1 << 13
    return Double(Float(bitPattern: bits))
  }

  /// The score at a rank from the smallest, from 0.
  func value(at rank: Int) -> Double { RankWindow.value(sorted[rank]) }

  /// The key at a rank.
  func key(at rank: Int) -> UInt16 { sorted[rank] }

  /// The sum of the scores from a rank on.
  func sum(from rank: Int) -> Double {
    var sum = 0.0
    for place in rank..<max(rank, sorted.count) { sum += RankWindow.value(sorted[place]) }
    return sum
  }
}

/// The last values of a stream in order, for what lies near a value.
typealias ValueWindow = SortedWindow<Float>

extension ValueWindow {
  /// The value at a rank from the smallest.
  func value(at rank: Int) -> Double { Double(sorted[rank]) }

  /// The value at a share of the ranks, `nil` without values.
  func quantile(_ share: Double) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let rank = Int((Double(sorted.count - 1) * share).rounded())
    return Double(sorted[min(max(rank, 0), sorted.count - 1)])
  }

  /// The mean distance to the nearest values, `nil` while there are fewer.
  func meanDistance(of value: Double, nearest wanted: Int) -> Double? {
    guard sorted.count >= wanted, wanted > 0 else { return nil }
    var right = countBelow(Float(value))
    var left = right - 1
    var sum = 0.0
    for _ in 0..<wanted {
      let below = left >= 0 ? value - Double(sorted[left]) : .infinity
      let above = right < sorted.count ? Double(sorted[right]) - value : .infinity
      if below < above {
        sum += abs(below)
        left -= 1
      } else {
        sum += abs(above)
        right += 1
      }
    }
    return sum / Double(wanted)
  }

  /// Takes a value in; the oldest leaves when the window is full.
  mutating func insert(_ value: Double) { insert(Float(min(max(value, -3e38), 3e38))) }
}
