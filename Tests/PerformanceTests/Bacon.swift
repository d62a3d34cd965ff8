import Testing

/// Monthly returns of a portfolio and its benchmark over two years.
///
/// C. R. Bacon, Practical Portfolio Performance Measurement and Attribution, 2nd ed., 2008, as the
/// data set `portfolio_bacon` of https://cran.r-project.org/package=PerformanceAnalytics; the
/// figures expected of it stand in that package's vignette PA-Bacon.
enum Bacon {
  static let portfolio: [Double] = [
    0.003, 0.026, 0.011, -0.010, 0.015, 0.025, 0.016, 0.067, -0.014, 0.040, -0.005, 0.081,
    0.040, -0.037, -0.061, 0.017, -0.049, -0.022, 0.070, 0.058, -0.065, 0.024, -0.005, -0.009,
  ]
}

/// Numbers from a seed, the same on every run.
struct Chance {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// A number from 0 to 1.
  mutating func next() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) / 9_007_199_254_740_992
  }

  mutating func next(_ low: Double, _ high: Double) -> Double { low + (high - low) * next() }

  mutating func returns(_ count: Int, _ size: Double = 0.05) -> [Double] {
    (0..<count).map { _ in next(-size, size * 1.05) }
  }
}

func near(_ found: Double?, _ wanted: Double, _ slack: Double) -> Bool {
  found.map { abs($0 - wanted) <= slack } ?? false
}
