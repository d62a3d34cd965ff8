import Statistics

/// Historical value at risk and shortfall, kept current from tick to tick.
///
/// Every past bar is a scenario; the book carries what each would do to the portfolio now. A tick of one
/// asset changes that vector by the asset's past returns times the change of its exposure, O(T). The
/// worst scenarios are found when the figures are read.
///
/// Laws: a book after any ticks and bars equals one rebuilt of its exposures and returns, to 10⁻¹² of the
/// greatest loss it had; the figures are those of `HistoricalLosses`.
public struct ScenarioBook: Sendable {
  /// The confidence of the figures.
  public let confidence: Double
  /// The number of scenarios, T.
  public let count: Int
  /// Money by asset, in one currency; negative when short.
  public private(set) var exposures: [Double]
  /// Past returns, asset after asset, T each.
  private var returns: [Double]
  /// What each scenario brings, in money.
  private var profits: [Double]
  /// The place of the oldest scenario.
  private var oldest = 0
  /// Where the worst scenarios were when last looked for.
  private var worst: [Int]

  /// A value at risk with its shortfall, in money, and how many bars they are of.
  public struct Figures: Hashable, Sendable {
    /// The type 7 quantile of losses.
    public let valueAtRisk: Double
    /// The mean of the floor((T-1)(1-a)) + 1 worst losses.
    public let expectedShortfall: Double
    /// The number of scenarios.
    public let scenarioCount: Int
  }

  /// Makes a book of past returns; `nil` without any or for a confidence that is none.
  ///
  /// - Parameters:
  ///   - returns: By asset, oldest first. Shape: N × T.
  ///   - exposures: Money by asset.
  ///   - confidence: Between 0 and 1.
  public init?(returns: [[Double]], exposures: [Double], confidence: Double = 0.99) {
    guard let count = returns.first?.count, count > 0, confidence > 0, confidence < 1 else {
      return nil
    }
    precondition(
      returns.count == exposures.count && returns.allSatisfy { $0.count == count },
      "returns of one length, one series an asset")
    self.confidence = confidence
    self.count = count
    self.exposures = exposures
    self.returns = returns.flatMap { $0 }
    profits = [Double](repeating: 0, count: count)
    let needed = min(TailCount.wholeValues(of: count, 1 - confidence) + 1, count)
    worst = Array(0..<needed)
    rebuild()
  }

  /// Takes a new exposure of one asset.
  ///
  /// - Parameters:
  ///   - exposure: Money, finite.
  ///   - asset: The asset's index.
  /// - Complexity: O(T).
  public mutating func setExposure(_ exposure: Double, of asset: Int) {
    precondition(exposure.isFinite, "a finite exposure")
    let change = exposure - exposures[asset]
    if change == 0 { return }
    exposures[asset] = exposure
    Kernel.add(change, row: asset, of: returns, to: &profits)
  }

  /// Puts a bar's returns in the place of the oldest scenario.
  ///
  /// - Parameter bar: One return an asset, finite.
  /// - Complexity: O(N).
  public mutating func close(returns bar: [Double]) {
    precondition(bar.count == exposures.count, "one return an asset")
    precondition(bar.allSatisfy(\.isFinite), "finite returns")
    var profit = 0.0
    for (asset, value) in bar.enumerated() {
      returns[asset * count + oldest] = value
      profit += value * exposures[asset]
    }
    profits[oldest] = profit
    oldest = (oldest + 1) % count
  }

  /// The figures now.
  ///
  /// The scenarios that were worst the last time bound how bad the worst are now, so that almost all
  /// others are passed by with one comparison; the result is exact.
  ///
  /// - Complexity: O(T).
  public mutating func figures() -> Figures {
    worst = Kernel.smallest(worst, of: profits)
    return read
  }

  /// Computes what each scenario brings anew.
  ///
  /// - Complexity: O(N T).
  public mutating func rebuild() {
    for scenario in profits.indices { profits[scenario] = 0 }
    for (asset, exposure) in exposures.enumerated() {
      Kernel.add(exposure, row: asset, of: returns, to: &profits)
    }
  }

  private var read: Figures {
    let place = Double(count - 1) * (1 - confidence)
    let tail = TailCount.wholeValues(of: count, 1 - confidence)
    var sum = 0.0
    for index in worst.prefix(tail) { sum += profits[index] }
    let low = profits[worst[tail - 1]]
    let high = worst.count > tail ? profits[worst[tail]] : low
    let fraction = min(max(place - Double(tail - 1), 0), 1)
    return Figures(
      valueAtRisk: -(low + fraction * (high - low)), expectedShortfall: -sum / Double(tail),
      scenarioCount: count)
  }
}

extension Kernel {
  /// The places of the smallest values, smallest first, as many as candidates are given.
  ///
  /// - Parameters:
  ///   - candidates: Different places whose values are expected to be small.
  ///   - values: All values.
  /// - Returns: As many places.
  static func smallest(_ candidates: [Int], of values: [Double]) -> [Int] {
    var found = candidates
    found.sort { values[$0] < values[$1] }
    guard let last = found.last else { return [] }
    // As many values as are wanted are at or below this one, so none above it can be among them.
    var bound = values[last]
    for place in values.indices where values[place] < bound && !candidates.contains(place) {
      var position = found.count - 1
      while position > 0, values[found[position - 1]] > values[place] {
        found[position] = found[position - 1]
        position -= 1
      }
      found[position] = place
      bound = values[found[found.count - 1]]
    }
    return found
  }
}
