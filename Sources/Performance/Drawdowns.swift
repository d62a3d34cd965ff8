import Statistics

/// One fall below a peak, and the way back.
public struct Drawdown: Hashable, Sendable {
  /// The lowest point against the peak, 0 or negative.
  ///
  /// Unit: 1.
  public let depth: Double
  /// The last point at the peak: 0 is the start, t follows the t-th return.
  public let peak: Int
  /// The first point at the lowest value.
  public let trough: Int
  /// The first point at or above the peak again; `nil` while it is not reached.
  public let recovery: Int?
  /// The last point below the peak.
  public let lastUnderwater: Int

  /// How many points lie below the peak.
  ///
  /// Unit: bars.
  public var barsUnderwater: Int { lastUnderwater - peak }
  /// From peak to trough.
  ///
  /// Unit: bars.
  public var barsFalling: Int { trough - peak }
}

/// The path of wealth below its running maximum.
///
/// Wealth starts at 1, point 0, and is multiplied by 1 + r on every bar; the drawdown of a point is
/// wealth over the largest wealth so far, less 1.
public struct Drawdowns: Hashable, Sendable {
  /// Wealth at points 0...n, 1 at point 0.
  public let wealth: [Double]
  /// Drawdown at points 1...n: 0 or negative.
  ///
  /// Unit: 1.
  public let path: [Double]
  /// All falls, in order of their peaks.
  public let episodes: [Drawdown]

  /// Follows a series of returns.
  ///
  /// It is `nil` where wealth leaves what a number can hold.
  ///
  /// - Parameter returns: Simple returns, oldest first. Unit: 1.
  /// - Complexity: O(n).
  public init?(returns: [Double]) {
    var wealth = [1.0]
    var path: [Double] = []
    var episodes: [Drawdown] = []
    var (peak, trough) = (0, 0)
    wealth.reserveCapacity(returns.count + 1)
    path.reserveCapacity(returns.count)
    for (bar, value) in returns.enumerated() {
      let point = bar + 1
      let now = wealth[bar] * (1 + value)
      guard now.isFinite else { return nil }
      wealth.append(now)
      if now >= wealth[peak] {
        if peak < bar {
          episodes.append(
            Drawdown(
              depth: path[trough - 1], peak: peak, trough: trough, recovery: point,
              lastUnderwater: bar))
        }
        (peak, trough) = (point, point)
        path.append(0)
      } else {
        path.append(now / wealth[peak] - 1)
        if trough == peak || now < wealth[trough] { trough = point }
      }
    }
    if peak < returns.count {
      episodes.append(
        Drawdown(
          depth: path[trough - 1], peak: peak, trough: trough, recovery: nil,
          lastUnderwater: returns.count))
    }
    self.wealth = wealth
    self.path = path
    self.episodes = episodes
  }

  /// The deepest fall, the first of equals; `nil` where wealth never fell.
  public var deepest: Drawdown? { episodes.max { -$0.depth < -$1.depth } }

  /// The largest fall as a figure: 0 or negative.
  ///
  /// Unit: 1.
  public var maximum: Double { deepest?.depth ?? 0 }

  /// The fall that kept wealth below its peak for most bars, the first of equals.
  public var longest: Drawdown? { episodes.max { $0.barsUnderwater < $1.barsUnderwater } }

  /// The drawdown at the last point.
  ///
  /// Unit: 1.
  public var current: Double { path.last ?? 0 }

  /// Root mean square of the drawdowns at points 1...n.
  ///
  /// - Source: P. Martin, B. McCann, The Investor's Guide to Fidelity Funds, 1989; as a fraction
  ///   here, not in per cent.
  public var ulcerIndex: Double? {
    path.isEmpty
      ? nil : finite((path.reduce(0) { $0 + $1 * $1 } / Double(path.count)).squareRoot())
  }

  /// Mean depth at points 1...n, positive.
  ///
  /// - Source: T. Becker, The Zephyr K-Ratio and Pain Index, Zephyr Associates, 2006.
  public var painIndex: Double? {
    path.isEmpty ? nil : finite(0 - path.reduce(0, +) / Double(path.count))
  }

  /// Drawdown at risk and conditional drawdown at risk.
  ///
  /// With n points and confidence a, the tail is n(1 − a) points, of which the last may count in
  /// part. The first figure is the ⌈n(1 − a)⌉-th deepest drawdown, the second the mean of the tail;
  /// both are positive for a fall.
  ///
  /// - Parameter confidence: Between 0 and 1: 0.95 looks at the worst twentieth.
  /// - Returns: Both figures; `nil` without points or for a confidence outside (0, 1).
  /// - Source: A. Chekhlov, S. Uryasev, M. Zabarankin, Drawdown measure in portfolio optimization,
  ///   Int. J. of Theoretical and Applied Finance 8 (2005), 13-58, definition 3.2.
  public func atRisk(confidence: Double) -> (threshold: Double, mean: Double)? {
    guard !path.isEmpty, confidence > 0, confidence < 1 else { return nil }
    let mass = Double(path.count) * (1 - confidence)
    let rank = TailCount.ceiling(mass, within: path.count)
    let worst = path.sorted().prefix(rank)
    guard let last = worst.last else { return nil }
    let sum = worst.dropLast().reduce(0, +) + (mass - Double(rank - 1)) * last
    guard let mean = finite(0 - sum / mass) else { return nil }
    return (0 - last, mean)
  }
}
