import DequeModule

/// Counts how often each of many byte strings came, remembering only the last so many different ones.
struct CountWindow: Sendable {
  /// How many different ones are remembered.
  static let most = 1 << 18

  private var counts: [Key: Int32] = [:]
  private var order: Deque<Key> = []

  /// Two hashes of 64 bits: two different strings meet by chance once in 2¹²⁸ pairs.
  private struct Key: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
  }

  /// How often this came before; the next time it is one more.
  mutating func count(_ bytes: [UInt8]) -> Int {
    let key = CountWindow.key(bytes)
    if let count = counts[key] {
      counts[key] = count &+ 1
      return Int(count)
    }
    if order.count == CountWindow.most, let oldest = order.popFirst() { counts[oldest] = nil }
    counts[key] = 1
    order.append(key)
    return 0
  }

  /// FNV-1a with two offsets and two primes.
  ///
  /// Source: http://www.isthe.com/chongo/tech/comp/fnv/ for the first; the second lane uses the odd
  /// constant of Knuth's MMIX generator.
  private static func key(_ bytes: [UInt8]) -> Key {
    var high: UInt64 = 0xcbf2_9ce4_8422_2325
    var low: UInt64 = 0x9e37_79b9_7f4a_7c15
    for byte in bytes {
      high = (high ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
      low = (low ^ UInt64(byte)) &* 6_364_136_223_846_793_005
    }
    return Key(high: high, low: low)
  }
}
