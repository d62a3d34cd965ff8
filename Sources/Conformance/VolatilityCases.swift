import Encodings
import Risk
import Statistics

/// Volatility and moments of a portfolio's returns.
enum VolatilityCases {
  static let metrics: [String: RiskMetric] = [
    "volatility.sample": sample, "volatility.downside": downside, "moments": moments,
    "volatility.ewma": exponential, "volatility.rolling": rolling,
    "volatility.garch_fit": garch,
  ]

  private static func scaled(
    _ value: Double?, _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let year = riskCase.parameters["annualisation"].double ?? 365
    return riskCase.differences([
      "per_bar": RiskValue(value), "annual": RiskValue(value.map { $0 * year.squareRoot() }),
    ])
  }

  @Sendable private static func sample(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let returns = try riskCase.portfolio().returns
    return try scaled(Sample(returns).standardDeviation(lost: riskCase.lost), riskCase)
  }

  @Sendable private static func downside(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let target = riskCase.parameters["target"].double ?? 0
    let returns = try riskCase.portfolio().returns
    return try scaled(Sample(returns).downsideDeviation(target: target), riskCase)
  }

  @Sendable private static func moments(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let sample = Sample(try riskCase.portfolio().returns)
    return riskCase.differences([
      "mean": RiskValue(sample.mean), "skew": RiskValue(sample.skewness),
      "excess_kurtosis": RiskValue(sample.excessKurtosis),
    ])
  }

  @Sendable private static func exponential(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let start: ExponentialVolatility.Start
    switch riskCase.parameters["init"].string ?? "first" {
    case "first": start = .firstSquare
    case "sample": start = .meanSquare(of: try riskCase.whole("init_n"))
    case "normalized": start = .normalised
    case let other: throw .unclear("init \(other)")
    }
    let path = ExponentialVolatility(
      try riskCase.portfolio().returns, lambda: try riskCase.number("lambda"), start: start)
    let at = riskCase.expected["variance_at"].elements.map { pair -> RiskValue in
      let index = pair.elements.first?.whole ?? -1
      let variance = path.variances.indices.contains(index) ? path.variances[index] : nil
      return .list([RiskValue(index), RiskValue(variance)])
    }
    let year = (riskCase.parameters["annualisation"].double ?? 365).squareRoot()
    return riskCase.differences([
      "variance_at": .list(at), "sigma": RiskValue(path.volatility),
      "sigma_annual": RiskValue(path.volatility.map { $0 * year }),
      "n_values": RiskValue(path.variances.count { $0 != nil }),
    ])
  }

  @Sendable private static func rolling(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let portfolio = try riskCase.portfolio()
    let lost = riskCase.lost
    let path = RollingWindow.map(try riskCase.whole("window"), portfolio.returns) {
      Sample($0).standardDeviation(lost: lost)
    }
    return riskCase.differences(["at": riskCase.dated(portfolio.bars) { RiskValue(path[$0]) }])
  }

  @Sendable private static func garch(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let returns = try riskCase.portfolio().returns
    let fitted = Garch.fitted(
      returns, scale: riskCase.parameters["scale"].double ?? 100, backcast: riskCase.backcast)
    guard let found = fitted?.logLikelihood(returns),
      let wanted = riskCase.expected["log_likelihood"].double
    else { return ["no likelihood"] }
    // The case's own rule: any parameters that are as likely, or likelier.
    return found >= wanted - 1e-4 ? [] : ["log_likelihood: expected \(wanted), found \(found)"]
  }
}

extension RiskCase {
  /// Degrees of freedom lost.
  var lost: Int { Int(parameters["ddof"].double ?? 1) }

  /// How a variance before the first return is guessed.
  var backcast: Garch.Backcast {
    Garch.Backcast(
      count: Int(parameters["backcast_n"].double ?? 75),
      lambda: parameters["backcast_lambda"].double ?? 0.94)
  }

  /// A figure at each date that the case asks for: pairs of a date and the figure.
  func dated(_ bars: [String], _ figure: (Int) -> RiskValue) -> RiskValue {
    var places: [String: Int] = [:]
    for (place, bar) in bars.enumerated() { places[bar] = place }
    return .list(
      expected["at"].elements.map { element in
        let date = element.elements.first?.string ?? element["date"].string ?? ""
        let value = places[date].map(figure) ?? .undefined
        if case .table(var table) = value {
          table["date"] = .text(date)
          return .table(table)
        }
        return .list([.text(date), value])
      })
  }
}
