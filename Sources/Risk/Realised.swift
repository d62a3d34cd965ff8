public import Statistics

/// Covariance of what happened, from prices within a day.
public enum Realised {
  /// The sum of products of returns, Σ rrᵀ.
  ///
  /// - Parameter series: Returns without gaps, N × T.
  /// - Returns: N × N.
  /// - Source: T. G. Andersen, T. Bollerslev, F. X. Diebold, P. Labys, Modeling and forecasting
  ///   realized volatility, Econometrica 71(2), 2003.
  public static func covariance(_ series: [[Double]]) -> Matrix {
    var result = Matrix(rows: series.count, columns: series.count)
    for i in series.indices {
      for j in 0...i {
        result[i, j] = Matrix.dot(series[i], series[j])
        result[j, i] = result[i, j]
      }
    }
    return result
  }
}

/// Prices of one asset at times of their own.
public struct TickSeries: Hashable, Sendable {
  /// The times, strictly ascending, in any unit.
  public let times: [Int]
  /// The price from each time on.
  public let prices: [Double]

  /// Takes ticks in order; of several at one time the last counts.
  ///
  /// - Parameter ticks: Times and positive prices, times never falling.
  public init(_ ticks: [(time: Int, price: Double)]) {
    var times: [Int] = []
    var prices: [Double] = []
    for tick in ticks where tick.price > 0 {
      if let last = times.last, last >= tick.time {
        precondition(last == tick.time, "times that never fall")
        prices[prices.count - 1] = tick.price
      } else {
        times.append(tick.time)
        prices.append(tick.price)
      }
    }
    self.times = times
    self.prices = prices
  }

  /// The logarithmic returns between neighbours, one less than prices.
  public var returns: [Double] {
    zip(prices, prices.dropFirst()).map { Elementary.log($1 / $0) }
  }

  /// The last price at or before each of ascending times; `nil` before the first.
  public func sampled(at times: [Int]) -> [Double?] {
    var place = 0
    return times.map { time in
      while place < self.times.count, self.times[place] <= time { place += 1 }
      return place == 0 ? nil : prices[place - 1]
    }
  }
}

/// The covariance of two assets that trade at times of their own.
public struct AsynchronousCovariance: Hashable, Sendable {
  /// The covariance over the whole time.
  public let covariance: Double
  /// The realised variances, Σ r².
  public let variances: [Double]
  /// The numbers of returns.
  public let counts: [Int]

  /// The correlation; `nil` where an asset did not move.
  ///
  /// It may leave -1 to 1 in small samples.
  public var correlation: Double? {
    let product = variances[0] * variances[1]
    return product > 0 ? covariance / product.squareRoot() : nil
  }

  /// Adds up products of returns whose spans of time overlap.
  ///
  /// Spans are (tₖ, tₖ₊₁]. Nothing is resampled, so nothing is biased towards zero (Epps, JASA 74,
  /// 1979).
  ///
  /// - Parameters:
  ///   - first: One asset's ticks.
  ///   - second: The other's.
  /// - Complexity: O(n₁ + n₂).
  /// - Source: T. Hayashi, N. Yoshida, On covariance estimation of non-synchronously observed
  ///   diffusion processes, Bernoulli 11(2), 2005.
  public init(_ first: TickSeries, _ second: TickSeries) {
    let left = first.returns
    let right = second.returns
    // Σⱼ over spans that overlap span i is a difference of running sums.
    var running = [0.0]
    for value in right { running.append((running.last ?? 0) + value) }
    var sum = 0.0
    var from = 0
    var to = 0
    for (index, value) in left.enumerated() {
      let start = first.times[index]
      let end = first.times[index + 1]
      while from < right.count, second.times[from + 1] <= start { from += 1 }
      to = max(to, from)
      while to < right.count, second.times[to] < end { to += 1 }
      sum += value * (running[to] - running[from])
    }
    covariance = sum
    variances = [left, right].map { $0.reduce(0) { $0 + $1 * $1 } }
    counts = [left.count, right.count]
  }

  /// Samples both at common times with the last price known, which is biased towards zero for
  /// short steps.
  ///
  /// - Parameters:
  ///   - first: One asset's ticks.
  ///   - second: The other's.
  ///   - times: Ascending.
  /// - Returns: `nil` where an asset has no price at the first time.
  public static func previousTick(
    _ first: TickSeries, _ second: TickSeries, at times: [Int]
  ) -> AsynchronousCovariance? {
    let prices = [first, second].map { $0.sampled(at: times).compactMap { $0 } }
    guard prices.allSatisfy({ $0.count == times.count }), times.count > 1 else { return nil }
    let returns = prices.map { column in
      zip(column, column.dropFirst()).map { Elementary.log($1 / $0) }
    }
    let matrix = Realised.covariance(returns)
    return AsynchronousCovariance(
      covariance: matrix[0, 1], variances: matrix.diagonal, counts: returns.map(\.count))
  }

  private init(covariance: Double, variances: [Double], counts: [Int]) {
    self.covariance = covariance
    self.variances = variances
    self.counts = counts
  }
}

/// How a pegged asset held its peg.
public struct PegReport: Hashable, Sendable {
  /// The lowest low.
  public let lowest: Double
  /// The bar of the lowest low, the first of equals.
  public let lowestBar: Int
  /// The number of bars that closed below the threshold.
  public let closesBelow: Int
  /// The number of bars that traded below the threshold.
  public let lowsBelow: Int
  /// The first bar that closed below the threshold.
  public let firstCloseBelow: Int?
  /// The largest fall from close to close, logarithmic; `nil` of one bar.
  public let worstReturn: Double?
  /// The bar at which it ended.
  public let worstBar: Int?
  /// The greatest exponentially weighted volatility a bar; `nil` of one bar.
  public let peakVolatility: Double?
  /// The bar of the greatest volatility.
  public let peakBar: Int?

  /// Reads bars.
  ///
  /// - Parameters:
  ///   - lows: The lowest price of each bar.
  ///   - closes: The last price of each bar.
  ///   - threshold: Below which the peg does not hold.
  ///   - lambda: The decay of the volatility a bar.
  public init?(lows: [Double], closes: [Double], threshold: Double, lambda: Double) {
    precondition(lows.count == closes.count, "a low and a close a bar")
    guard let least = lows.min(), let place = lows.firstIndex(of: least),
      closes.allSatisfy({ $0 > 0 })
    else { return nil }
    lowest = least
    lowestBar = place
    closesBelow = closes.count { $0 < threshold }
    lowsBelow = lows.count { $0 < threshold }
    firstCloseBelow = closes.firstIndex { $0 < threshold }
    let returns = zip(closes, closes.dropFirst()).map { Elementary.log($1 / $0) }
    worstReturn = returns.min()
    worstBar = returns.min().flatMap { returns.firstIndex(of: $0) }.map { $0 + 1 }
    let volatility = ExponentialVolatility(returns, lambda: lambda).variances.map { $0 ?? 0 }
    peakVolatility = volatility.max()?.squareRoot()
    peakBar = volatility.max().flatMap { volatility.firstIndex(of: $0) }.map { $0 + 1 }
  }
}
