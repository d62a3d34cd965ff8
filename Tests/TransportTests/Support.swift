import Foundation
import Ledger

/// The seed of a run: `SEED` in the environment, else a fixed one.
let runSeed = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 20_261_121

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// So many seconds after the epoch of the tests.
func second(_ seconds: Double) -> Instant {
  Instant(microseconds: 1_700_000_000_000_000 + Int64(seconds * 1_000_000))
}

extension Instant {
  /// The instant so many seconds later.
  func later(_ seconds: Double) -> Instant {
    Instant(microseconds: microseconds + Int64(seconds * 1_000_000))
  }
}
