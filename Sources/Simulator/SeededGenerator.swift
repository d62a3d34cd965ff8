import Statistics

/// The generator behind everything that is simulated; it repeats from its seed.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var chance: SplitMix64

  /// Starts from a seed.
  public init(seed: UInt64) {
    chance = SplitMix64(seed: seed)
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 { chance.next() }

  /// A number between 0 and 1.
  mutating func unit() -> Double { chance.unit() }

  /// A number whose distribution is close to the standard normal.
  ///
  /// Twelve uniform numbers are added up (Irwin–Hall); the tails end at ±6, which a simulated price
  /// does not miss.
  mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
}
