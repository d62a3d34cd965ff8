/// A small generator that repeats from its seed; its state is one word.
///
/// Source: SplitMix64, G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number
/// generators, OOPSLA 2014, https://doi.org/10.1145/2660193.2660195; the constants are those of
/// https://prng.di.unimi.it/splitmix64.c.
public struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
  @usableFromInline var word: UInt64

  /// Where it is; the seed at first.
  public var state: UInt64 { word }

  /// Starts from a seed, or goes on from a state.
  public init(seed: UInt64) {
    word = seed
  }

  /// The next 64 bits.
  @inlinable
  public mutating func next() -> UInt64 {
    word &+= 0x9E37_79B9_7F4A_7C15
    var bits = word
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// A number from 0 to 1, 1 outside, in steps of 2⁻⁵³.
  @inlinable
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
