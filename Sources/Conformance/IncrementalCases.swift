import Encodings
import Risk
import Statistics

/// Figures kept current from bar to bar and tick to tick.
enum IncrementalCases {
  static let metrics: [String: RiskMetric] = [
    "incremental.ewma_var_path": path, "incremental.sliding_covariance": sliding,
    "incremental.large_n": large, "incremental.order_statistics": orderStatistics,
    "incremental.exposure_ticks": ticks,
  ]

  @Sendable private static func path(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let table = try riskCase.returns()
    var book = RiskBook(
      exposures: try riskCase.weights(), lambda: try riskCase.number("lambda"),
      confidence: try riskCase.number("confidence"))
    var found: [RiskValue] = []
    for bar in table.bars.indices {
      book.close(returns: table.returns.map { $0[bar] })
      found.append(
        .table([
          "sigma": RiskValue(book.volatility), "var": RiskValue(book.valueAtRisk),
          "component": RiskValue(book.components),
        ]))
    }
    return riskCase.differences(["at": riskCase.dated(table.bars) { found[$0] }])
  }

  @Sendable private static func sliding(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let table = try riskCase.returns()
    let window = try riskCase.whole("window")
    let lost = riskCase.lost
    return riskCase.differences([
      "at": riskCase.dated(table.bars) { last in
        guard last + 1 >= window else { return .undefined }
        let part = table.returns.map { Array($0[(last + 1 - window)...last]) }
        let matrix = Covariance.sample(part, lost: lost)
        return .table(["covariance": matrix.map { RiskValue($0.nested) } ?? .undefined])
      }
    ])
  }

  @Sendable private static func orderStatistics(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let portfolio: (bars: [String], returns: [Double])
    if riskCase.input["weights"].doubles == nil, let only = try riskCase.returns().returns.first {
      portfolio = (try riskCase.returns().bars, only)
    } else {
      portfolio = try riskCase.portfolio()
    }
    let path = RollingWindow.sorted(try riskCase.whole("window"), portfolio.returns) { window in
      RiskValue.table([
        "p01": RiskValue(window.quantile(0.01)), "p05": RiskValue(window.quantile(0.05)),
        "p50": RiskValue(window.quantile(0.5)), "p95": RiskValue(window.quantile(0.95)),
        "distinct": RiskValue(window.distinctCount),
      ])
    }
    return riskCase.differences([
      "at": riskCase.dated(portfolio.bars) { path[$0] ?? .undefined }
    ])
  }

  /// The five greatest of named figures, greatest first.
  private static func top(_ names: [String], _ values: [Double]) -> RiskValue {
    let order = values.indices.sorted { (values[$0], $1) > (values[$1], $0) }.prefix(5)
    return .list(order.map { .list([.text(names[$0]), RiskValue(values[$0])]) })
  }

  @Sendable private static func large(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    if riskCase.parameters["confidence"].double != nil { return try history(riskCase) }
    let table = try riskCase.returns()
    let names = table.assets
    if let lambda = riskCase.parameters["lambda"].double {
      let weight = 1 / Double(names.count)
      var book = RiskBook(exposures: names.map { _ in weight }, lambda: lambda)
      for bar in table.bars.indices { book.close(returns: table.returns.map { $0[bar] }) }
      let matrix = book.covariance
      return riskCase.differences([
        "n": RiskValue(names.count), "returns": RiskValue(table.count),
        "trace": RiskValue(matrix.trace), "frobenius": RiskValue(matrix.frobeniusNorm),
        "sigma": RiskValue(book.volatility),
        "top_eigenvalue": RiskValue(SymmetricEigen.greatest(of: matrix)),
        "cov_first_two": RiskValue(matrix[0, 1]),
        "top5": top(names, book.components.map { $0 / book.multiplier }),
      ])
    }
    guard let covariance = Covariance.sample(table.returns),
      let matrix = PartialCovariance.complete(Covariance.correlation(covariance))
    else { return riskCase.differences(.undefined) }
    var sum = 0.0
    var least = 1.0
    for i in names.indices {
      for j in 0..<i {
        sum += matrix[i, j]
        least = min(least, matrix[i, j])
      }
    }
    let pairs = Double(names.count * (names.count - 1) / 2)
    let bitcoin = names.firstIndex(of: "BTCUSDT")
    let ether = names.firstIndex(of: "ETHUSDT")
    let both = bitcoin.flatMap { first in ether.map { matrix[first, $0] } }
    return riskCase.differences([
      "mean_off_diagonal": RiskValue(sum / pairs), "min_off_diagonal": RiskValue(least),
      "top_eigenvalue": RiskValue(SymmetricEigen.greatest(of: matrix)),
      "btc_eth": RiskValue(both),
    ])
  }

  /// The last 1001 closes of the columns that have all of them.
  private static func history(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let all = try riskCase.prices(assets: nil)
    let bars = Array(all.bars.suffix(1001))
    let kept = all.assets.indices.filter { column in
      all.prices[column].suffix(bars.count).allSatisfy { $0 != nil }
    }
    let window = PriceHistory(
      assets: kept.map { all.assets[$0] }, bars: bars,
      prices: kept.map { Array(all.prices[$0].suffix(bars.count)) })
    guard let table = window.completeReturns(riskCase.kind, .none),
      let covariance = Covariance.sample(table.returns)
    else { throw .unclear("the window has gaps") }
    let confidence = try riskCase.number("confidence")
    let weights = kept.map { _ in 1 / Double(kept.count) }
    let losses = HistoricalLosses(table.portfolio(weights))
    guard let risk = ComponentRisk.normal(weights, covariance, confidence),
      let z = Normal.quantile(confidence)
    else { return riskCase.differences(.undefined) }
    return riskCase.differences([
      "n": RiskValue(kept.count), "returns": RiskValue(table.count),
      "var": RiskValue(losses?.valueAtRisk(confidence)),
      "es": RiskValue(losses?.expectedShortfall(confidence)),
      "sigma": RiskValue(risk.volatility),
      "shrinkage": RiskValue(Shrinkage.identity(table.returns)?.intensity),
      "top5": top(table.assets, risk.component.map { $0 / z }),
    ])
  }

  @Sendable private static func ticks(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let history = try riskCase.prices()
    let lambda = try riskCase.number("lambda")
    // The definition's own split: 700 rows of prices for the covariance, the rest are ticks.
    let first = 700
    let complete = history.prices.map { $0.compactMap { $0 } }
    guard complete.allSatisfy({ $0.count == history.bars.count }), history.bars.count > first else {
      throw .unclear("the window has gaps")
    }
    let quantities = complete.map { 1000 / $0[0] }
    var book = RiskBook(
      exposures: complete.indices.map { quantities[$0] * complete[$0][first - 1] }, lambda: lambda)
    for row in 1..<first {
      book.close(returns: complete.map { Elementary.log($0[row] / $0[row - 1]) })
    }
    for row in first..<history.bars.count {
      for asset in complete.indices {
        book.setExposure(quantities[asset] * complete[asset][row], of: asset)
      }
    }
    return riskCase.differences([
      "value": RiskValue(book.exposures.reduce(0, +)), "sigma": RiskValue(book.volatility),
      "top5": top(history.assets, book.components.map { $0 / book.multiplier }),
    ])
  }
}
