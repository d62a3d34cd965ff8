import Foundation

/// A generator that gives the same numbers for the same seed, so that a failure can be repeated.
///
/// Source: SplitMix64, G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number
/// generators, OOPSLA 2014, https://doi.org/10.1145/2660193.2660195.
public struct Seeded: RandomNumberGenerator, Sendable {
  /// What it began with, for a failing test to print.
  public let seed: UInt64
  private var state: UInt64

  /// Starts from a seed.
  public init(_ seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// The generator of this run: `SEED` in the environment sets its seed.
  public static func ofRun(_ usual: UInt64) -> Seeded {
    Seeded(ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? usual)
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
