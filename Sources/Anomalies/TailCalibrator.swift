internal import Statistics

/// How the tail above the threshold is taken to fall.
public enum TailShape: Int, Hashable, Sendable {
  /// Exponentially: for values, differences and prices.
  case exponential
  /// As a generalised Pareto distribution: for counts and volumes, whose tails are heavier.
  case pareto
}

/// Turns a stream's raw scores into -log₁₀ of how often so high a score comes.
///
/// Below the 98 % quantile of the last scores the share of scores at least as high says it (the
/// conformal p-value); above, the tail is taken on from there with a shape fitted to the excesses.
/// A score is judged first and learned afterwards. Nothing is said before 100 scores, and a tail is
/// made of at least ten excesses: one fitted to fewer once gave 10⁻¹⁵ on an ordinary first day.
///
/// - Source: V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World, 2005, ch. 2
///   (ranks); A. Siffer et al., Anomaly Detection in Streams with Extreme Value Theory, KDD 2017
///   (peaks over a threshold in streams); J. R. M. Hosking, J. R. Wallis, Parameter and quantile
///   estimation for the generalized Pareto distribution, Technometrics 29(3), 1987 (moments).
struct TailCalibrator: Sendable, Kept {
  static let highest = 15.0
  static let warmUp = 100
  static let leastExcesses = 10
  static let tailShare = 0.02

  let shape: TailShape
  private(set) var window: RankWindow

  init(window capacity: Int = 5000, shape: TailShape = .exponential) {
    self.shape = shape
    window = RankWindow(capacity: capacity)
  }

  /// Whether enough scores were seen to say anything.
  var isReady: Bool { window.count >= TailCalibrator.warmUp }

  /// -log₁₀ of the probability of so high a score, then learned.
  mutating func take(_ raw: Double, learns: Bool = true) -> Double {
    guard raw.isFinite else { return raw > 0 ? TailCalibrator.highest : 0 }
    let key = RankWindow.key(raw)
    let below = window.countBelow(key)
    let surprise = surprise(key, below)
    if learns { window.insert(key, above: below) }
    return surprise
  }

  /// -log₁₀ of the probability of a score at least as high; zero while warming up.
  func surprise(of raw: Double) -> Double {
    raw.isFinite ? surprise(RankWindow.key(raw)) : raw > 0 ? TailCalibrator.highest : 0
  }

  private func surprise(_ key: UInt16) -> Double { surprise(key, window.countBelow(key)) }

  private func surprise(_ key: UInt16, _ below: Int) -> Double {
    let count = window.count
    guard count >= TailCalibrator.warmUp else { return 0 }
    let tail = max(TailCalibrator.leastExcesses, Int(Double(count) * TailCalibrator.tailShare))
    let threshold = window.key(at: count - 1 - tail)
    let whole = Double(count + 1)
    guard key > threshold else {
      let atLeast = Double(count - below + 1)
      return -(atLeast / whole).log10
    }
    let first = window.countBelow(threshold == .max ? .max : threshold + 1)
    let excesses = count - first
    let base = RankWindow.value(threshold)
    let excess = RankWindow.value(key) - base
    let start = -(Double(excesses + 1) / whole).log10
    let spread = base - window.value(at: count / 2)
    let fall = fall(excess, first, excesses, base, leastMean: 0.02 * spread)
    return min(max(start + fall, 0), TailCalibrator.highest)
  }

  /// -log₁₀ of the probability of such an excess among the excesses.
  private func fall(
    _ excess: Double, _ first: Int, _ count: Int, _ base: Double, leastMean: Double
  ) -> Double {
    let total = count > 0 ? window.sum(from: first) / Double(count) - base : 0
    let mean = max(total, leastMean)
    guard mean > 0 else { return TailCalibrator.highest }
    let exponential = excess / mean / 2.302585092994046
    guard shape == .pareto, count >= TailCalibrator.leastExcesses else { return exponential }
    var squares = 0.0
    for rank in first..<window.count {
      let distance = window.value(at: rank) - base - mean
      squares += distance * distance
    }
    let variance = squares / Double(count)
    guard variance > 0 else { return exponential }
    // Moments: shape ξ = ½(1 - mean²/variance), scale σ = ½ mean (1 + mean²/variance).
    let ratio = mean * mean / variance
    let heaviness = min(max((1 - ratio) / 2, 0), 0.45)
    guard heaviness > 0.001 else { return exponential }
    let scale = mean * (1 - heaviness)
    return Elementary.log1p(heaviness * excess / scale) / heaviness / 2.302585092994046
  }

  /// The raw score that is reached once in so many, `nil` while warming up.
  func raw(atSurprise surprise: Double) -> Double? {
    guard isReady, surprise > 0 else { return nil }
    if shape == .exponential, let raw = inverse(surprise) { return raw }
    var low: UInt16 = 0
    var high = UInt16.max
    while low < high {
      let middle = low + (high - low) / 2
      if self.surprise(middle) >= surprise { high = middle } else { low = middle + 1 }
    }
    return RankWindow.value(low)
  }

  /// The raw score in an exponential tail; `nil` below its beginning.
  private func inverse(_ surprise: Double) -> Double? {
    let count = window.count
    let tail = max(TailCalibrator.leastExcesses, Int(Double(count) * TailCalibrator.tailShare))
    let threshold = window.key(at: count - 1 - tail)
    let first = window.countBelow(threshold == .max ? .max : threshold + 1)
    let excesses = count - first
    guard excesses > 0 else { return nil }
    let base = RankWindow.value(threshold)
    let start = -(Double(excesses + 1) / Double(count + 1)).log10
    let spread = base - window.value(at: count / 2)
    let mean = max(window.sum(from: first) / Double(excesses) - base, 0.02 * spread)
    guard mean > 0, surprise > start else { return nil }
    return base + (surprise - start) * 2.302585092994046 * mean
  }

  func write(to writer: inout StateWriter) {
    writer.put(shape.rawValue)
    window.write(to: &writer)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    guard let shape = TailShape(rawValue: try reader.int(0...1)) else { throw reader.fault }
    self.shape = shape
    window = try RankWindow(from: &reader)
  }
}

extension Double {
  /// The decimal logarithm.
  var log10: Double { Elementary.log(self) / 2.302585092994046 }
}
