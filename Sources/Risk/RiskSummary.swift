public import Statistics

/// The loss figures of one portfolio with what they rest on, or a refusal.
public struct RiskSummary: Hashable, Sendable {
  /// What all figures rest on.
  public let evidence: Evidence
  /// The confidence of the losses.
  public let confidence: Double
  /// The sample standard deviation, a bar.
  public let volatility: Double
  /// The type 7 historical value at risk, a fraction of the value.
  public let historicalValueAtRisk: Double
  /// The mean of the worst returns.
  public let historicalShortfall: Double
  /// The exponentially weighted normal value at risk about zero, with its parts.
  public let exponential: ComponentRisk

  /// Estimates.
  ///
  /// - Parameters:
  ///   - history: Prices of the portfolio's assets and of the proxy, where it is not among them.
  ///   - weights: By asset; assets of the history without one count as not held.
  ///   - confidence: Between one half and 1.
  ///   - lambda: The decay of the exponential covariance.
  ///   - proxy: What stands in for the missing part of a short history; `nil` refuses.
  ///   - standards: How many observations are needed.
  /// - Throws: `RiskRefusal` where there are too few data, or nothing varies.
  public init(
    _ history: PriceHistory, weights: [String: Double], confidence: Double = 0.99,
    lambda: Double = 0.94, proxy: String? = nil, standards: RiskStandards = RiskStandards()
  ) throws(RiskRefusal) {
    guard confidence > 0.5, confidence < 1 else { throw .notAConfidence(confidence) }
    let held = history.assets.filter { (weights[$0] ?? 0) != 0 }
    let (table, proxies) = try ProxiedReturns.table(history, held, proxy, standards)
    let needed = max(standards.historical, standards.covariance)
    guard table.count >= needed else { throw .tooFew(have: table.count, needed: needed) }
    let own = held.map { weights[$0] ?? 0 }
    let returns = table.portfolio(own)
    let losses = HistoricalLosses(returns)
    guard let covariance = Covariance.exponential(table.returns, lambda: lambda),
      let parts = ComponentRisk.normal(own, covariance, confidence),
      let deviation = Sample(returns).standardDeviation(), deviation > 0,
      let loss = losses?.valueAtRisk(confidence),
      let shortfall = losses?.expectedShortfall(confidence)
    else { throw .noVariance }
    evidence = Evidence(
      sampleSize: table.count, from: table.bars.first ?? "", to: table.bars.last ?? "",
      proxies: proxies)
    self.confidence = confidence
    volatility = deviation
    historicalValueAtRisk = loss
    historicalShortfall = shortfall
    exponential = parts
  }
}

/// Returns of assets of which some were not yet traded.
public enum ProxiedReturns {
  /// Returns in which a proxy, times a beta of the common past, stands where an asset has none.
  ///
  /// - Parameters:
  ///   - history: Prices of the assets and of the proxy.
  ///   - assets: The assets wanted.
  ///   - proxy: What stands in; `nil` refuses.
  ///   - standards: How many observations are needed.
  /// - Returns: Returns without gaps over the whole history, and where a proxy was used.
  /// - Throws: `RiskRefusal.noHistory` where an asset has too few returns for a beta.
  public static func table(
    _ history: PriceHistory, _ assets: [String], _ proxy: String?, _ standards: RiskStandards
  ) throws(RiskRefusal) -> (table: ReturnTable, proxies: [ProxyUse]) {
    let returns = history.returns(.simple)
    let bars = Array(history.bars.dropFirst())
    func column(_ asset: String) -> [Double?] {
      history.assets.firstIndex(of: asset).map { returns[$0] } ?? bars.map { _ in nil }
    }
    let base = proxy.map(column)
    var columns: [[Double]] = []
    var uses: [ProxyUse] = []
    for asset in assets {
      let own = column(asset)
      let known = own.compactMap { $0 }
      if known.count == own.count {
        columns.append(known)
        continue
      }
      guard let proxy, let base, proxy != asset, let beta = beta(own, base, standards) else {
        throw .noHistory(asset: asset, have: known.count, needed: standards.beta)
      }
      let filled = zip(own, base).map { $0 ?? $1.map { max(beta.value * $0, -1) } }
      let complete = filled.compactMap { $0 }
      guard complete.count == filled.count else {
        throw .noHistory(asset: proxy, have: base.count { $0 != nil }, needed: base.count)
      }
      columns.append(complete)
      uses.append(
        ProxyUse(
          asset: asset, proxy: proxy, beta: beta.value, commonReturns: beta.count,
          filledReturns: own.count - known.count))
    }
    return (ReturnTable(assets: assets, bars: bars, returns: columns), uses)
  }

  private static func beta(
    _ own: [Double?], _ base: [Double?], _ standards: RiskStandards
  ) -> (value: Double, count: Int)? {
    var left: [Double] = []
    var right: [Double] = []
    for (one, other) in zip(own, base) {
      guard let one, let other else { continue }
      left.append(one)
      right.append(other)
    }
    guard left.count >= standards.beta, let matrix = Covariance.sample([left, right]),
      matrix[1, 1] > 0
    else { return nil }
    return (matrix[0, 1] / matrix[1, 1], left.count)
  }
}
