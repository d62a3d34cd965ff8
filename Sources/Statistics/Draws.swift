import func Glibc.erfc
import func Glibc.exp
import func Glibc.log

/// A fast generator that repeats from its seed.
///
/// Source: D. Blackman, S. Vigna, Scrambled linear pseudorandom number generators, ACM Transactions
/// on Mathematical Software 47(4), 2021, https://prng.di.unimi.it/xoshiro256plusplus.c; the state is
/// filled by SplitMix64, as there advised.
public struct Xoshiro256: RandomNumberGenerator, Hashable, Sendable {
  @usableFromInline var a: UInt64
  @usableFromInline var b: UInt64
  @usableFromInline var c: UInt64
  @usableFromInline var d: UInt64

  /// Starts from a seed.
  public init(seed: UInt64) {
    var filling = SplitMix64(seed: seed)
    a = filling.next()
    b = filling.next()
    c = filling.next()
    d = filling.next()
  }

  /// Starts from a state, of which not all may be zero.
  init(state a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
    self.a = a
    self.b = b
    self.c = c
    self.d = d
  }

  /// The next 64 bits.
  @inlinable
  public mutating func next() -> UInt64 {
    let sum = a &+ d
    let result = ((sum << 23) | (sum >> 41)) &+ a
    let shifted = b << 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 45) | (d >> 19)
    return result
  }

  /// A number from 0 to 1, 1 outside, in steps of 2⁻⁵³.
  @inlinable
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// Draws from the standard normal distribution.
///
/// The area under the density is cut into 256 layers of one size; all but about one draw in a
/// hundred cost one number and one comparison.
///
/// Source: G. Marsaglia, W. W. Tsang, The ziggurat method for generating random variables, Journal
/// of Statistical Software 5(8), 2000; layer and position come from separate bits, as J. A. Doornik
/// (An improved ziggurat method to generate normal random samples, 2005) advises.
public struct NormalDraws: Sendable {
  private static let layers = 256
  /// Where the lowest layer ends, for 256 layers.
  private static let edge = 3.6541528853610088

  @usableFromInline let widths: [Double]
  @usableFromInline let ratios: [Double]
  @usableFromInline let densities: [Double]

  /// Makes the layers.
  public init() {
    let layers = NormalDraws.layers
    var edges = [Double](repeating: 0, count: layers + 1)
    func density(_ x: Double) -> Double { Glibc.exp(-x * x / 2) }
    // The lowest layer is a rectangle and the tail beside it.
    let tail = (Double.pi / 2).squareRoot() * Glibc.erfc(NormalDraws.edge / 2.0.squareRoot())
    let area = NormalDraws.edge * density(NormalDraws.edge) + tail
    edges[0] = area / density(NormalDraws.edge)
    edges[1] = NormalDraws.edge
    for layer in 2..<layers {
      let above = area / edges[layer - 1] + density(edges[layer - 1])
      edges[layer] = (-2 * Glibc.log(above)).squareRoot()
    }
    widths = edges.map { $0 * 0x1p-52 }
    ratios = (0..<layers).map { edges[$0 + 1] / edges[$0] * 0x1p52 }
    densities = edges.map(density)
  }

  /// The next draw.
  ///
  /// - Parameter generator: Where the bits come from.
  /// - Returns: A normal number of mean 0 and deviation 1.
  @inlinable
  public func next(_ generator: inout Xoshiro256) -> Double {
    while true {
      let bits = generator.next()
      let layer = Int(truncatingIfNeeded: bits & 0xFF)
      // 52 bits and a sign, none of which chose the layer.
      let place = Double(Int64(truncatingIfNeeded: bits >> 12))
      let x = place * widths[layer]
      // A sign that is a guess half of the time is no branch.
      let sign = (bits & 0x100) << 55
      if place < ratios[layer] { return Double(bitPattern: x.bitPattern ^ sign) }
      if let rare = rare(layer, x, &generator) { return Double(bitPattern: rare.bitPattern ^ sign) }
    }
  }

  /// A draw at the edge of a layer or in the tail; `nil` to begin anew.
  @usableFromInline
  func rare(_ layer: Int, _ x: Double, _ generator: inout Xoshiro256) -> Double? {
    if layer == 0 {
      while true {
        let far = -Glibc.log(1 - generator.unit()) / NormalDraws.edge
        let height = -Glibc.log(1 - generator.unit())
        if 2 * height > far * far { return NormalDraws.edge + far }
      }
    }
    let low = densities[layer]
    let high = densities[layer + 1]
    return low + generator.unit() * (high - low) < Glibc.exp(-x * x / 2) ? x : nil
  }
}
