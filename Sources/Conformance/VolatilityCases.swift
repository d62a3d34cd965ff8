import Encodings
import Statistics

/// Volatility and moments of a portfolio's returns.
enum VolatilityCases {
  static let metrics: [String: RiskMetric] = [
    "volatility.sample": sample, "volatility.downside": downside, "moments": moments,
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
    let lost = Int(riskCase.parameters["ddof"].double ?? 1)
    let returns = try riskCase.portfolio().returns
    return try scaled(Sample(returns).standardDeviation(lost: lost), riskCase)
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
}
