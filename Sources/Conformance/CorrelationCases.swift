import Encodings
import Risk
import Statistics

/// Covariance, correlation, shrinkage and clusters.
enum CorrelationCases {
  static let metrics: [String: RiskMetric] = [
    "correlation.pearson": pearson, "correlation.rolling": rolling,
    "correlation.rolling_matrix": rollingMatrix, "covariance.ewma": exponential,
    "covariance.ewma_demeaned": demeaned, "correlation.pearson_pairwise": pairwise,
    "covariance.ewma_missing": missing, "covariance.ewma_active_mask": active,
    "covariance.ledoit_wolf": ledoitWolf, "covariance.oas": oracle,
    "covariance.ledoit_wolf_constant_correlation": constantCorrelation,
    "correlation.spearman": spearman, "correlation.kendall_tau_b": kendall,
    "psd.nearest_correlation": nearest, "psd.eigenvalue_clip": clip,
    "correlation.clustering": clustering,
  ]

  private static func described(_ matrix: Matrix) -> [String: RiskValue] {
    [
      "covariance": RiskValue(matrix.nested),
      "correlation": RiskValue(Covariance.correlation(matrix)),
      "min_eigenvalue": RiskValue(SymmetricEigen(matrix).smallest),
    ]
  }

  @Sendable private static func pearson(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    guard let matrix = Covariance.sample(try riskCase.returns().returns, lost: riskCase.lost) else {
      return riskCase.differences(.undefined)
    }
    return riskCase.differences(described(matrix))
  }

  @Sendable private static func rolling(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let table = try riskCase.returns()
    let window = try riskCase.whole("window")
    guard table.returns.count == 2 else { throw .unclear("not two assets") }
    return riskCase.differences([
      "at": riskCase.dated(table.bars) { last in
        guard last + 1 >= window else { return .undefined }
        let part = table.returns.map { Array($0[(last + 1 - window)...last]) }
        return RiskValue(Covariance.sample(part).map { Covariance.correlation($0)[0][1] } ?? nil)
      }
    ])
  }

  @Sendable private static func rollingMatrix(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let table = try riskCase.returns().last(try riskCase.whole("window"))
    let matrix = Covariance.sample(table.returns).map(Covariance.correlation)
    return riskCase.differences(["correlation": matrix.map { RiskValue($0) } ?? .undefined])
  }

  @Sendable private static func exponential(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    let found = Covariance.exponential(
      try riskCase.returns().returns, lambda: try riskCase.number("lambda"))
    return riskCase.differences(found.map { .table(described($0)) } ?? .undefined)
  }

  @Sendable private static func demeaned(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let isCorrected = riskCase.parameters["bias_corrected"].truth ?? true
    let found = Covariance.exponentialAboutMean(
      try riskCase.returns().returns, lambda: try riskCase.number("lambda"),
      isCorrected: isCorrected)
    guard let found else { return riskCase.differences(.undefined) }
    var table = described(found.matrix)
    table["mean"] = RiskValue(found.means)
    return riskCase.differences(table)
  }

  private static func partial(
    _ riskCase: RiskCase, _ found: PartialCovariance, of elements: [[Double?]]
  ) -> [String] {
    let smallest = PartialCovariance.complete(elements).flatMap { SymmetricEigen($0).smallest }
    return riskCase.differences([
      "covariance": RiskValue(found.covariance), "correlation": RiskValue(found.correlation),
      "count": .list(found.counts.map { RiskValue($0.map { Double($0) }) }),
      "min_eigenvalue": RiskValue(smallest),
    ])
  }

  @Sendable private static func pairwise(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let returns = try riskCase.prices().returns(riskCase.kind)
    let found = PartialCovariance.pairwise(returns, lost: riskCase.lost)
    return partial(riskCase, found, of: found.correlation)
  }

  @Sendable private static func missing(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let returns = try riskCase.prices().returns(riskCase.kind)
    let found = PartialCovariance.exponential(returns, lambda: try riskCase.number("lambda"))
    return partial(riskCase, found, of: found.covariance)
  }

  @Sendable private static func active(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let returns = try riskCase.prices().returns(riskCase.kind)
    let found = ActiveCovariance(returns, halfLife: try riskCase.number("half_life"))
    return riskCase.differences([
      "covariance": RiskValue(found.covariance),
      "count": RiskValue(found.counts.map { Double($0) }),
      "active": .list(found.isActive.map { .truth($0) }),
      "min_eigenvalue_active": RiskValue(found.ofActive.flatMap { SymmetricEigen($0).smallest }),
    ])
  }

  private static func shrunk(_ riskCase: RiskCase, _ found: Shrinkage?) -> [String] {
    guard let found else { return riskCase.differences(.undefined) }
    var table = described(found.matrix)
    table["shrinkage"] = RiskValue(found.intensity)
    table["mu"] = RiskValue(found.target)
    table["mean_correlation"] = RiskValue(found.target)
    return riskCase.differences(table)
  }

  @Sendable private static func ledoitWolf(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    shrunk(riskCase, Shrinkage.identity(try riskCase.returns().returns))
  }

  @Sendable private static func oracle(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    shrunk(riskCase, Shrinkage.oracle(try riskCase.returns().returns))
  }

  @Sendable private static func constantCorrelation(
    _ riskCase: RiskCase
  ) throws(RiskCaseFault) -> [String] {
    shrunk(riskCase, Shrinkage.constantCorrelation(try riskCase.returns().returns))
  }

  @Sendable private static func spearman(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    riskCase.differences([
      "correlation": RiskValue(RankCorrelation.spearman(try riskCase.returns().returns))
    ])
  }

  @Sendable private static func kendall(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    riskCase.differences([
      "correlation": RiskValue(RankCorrelation.kendall(try riskCase.returns().returns))
    ])
  }

  private static func matrix(_ riskCase: RiskCase) throws(RiskCaseFault) -> Matrix {
    let rows = riskCase.input["matrix"].elements.compactMap(\.doubles)
    guard let matrix = Matrix(rows), matrix.isSquare, matrix.rows > 0 else {
      throw .unclear("no square matrix")
    }
    return matrix
  }

  @Sendable private static func nearest(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let found = NearestCorrelation(try matrix(riskCase))
    return riskCase.differences([
      "is_psd": .truth(found.wasSemidefinite),
      "input_min_eigenvalue": RiskValue(found.smallestGiven),
      "distance": RiskValue(found.distance), "nearest": RiskValue(found.matrix.nested),
    ])
  }

  @Sendable private static func clip(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let found = NearestCorrelation.clipped(try matrix(riskCase))
    return riskCase.differences(["clipped": found.map { RiskValue($0.nested) } ?? .undefined])
  }

  @Sendable private static func clustering(_ riskCase: RiskCase) throws(RiskCaseFault) -> [String] {
    let name = riskCase.parameters["linkage"].string ?? ""
    guard let linkage = Linkage(rawValue: name) else { throw .unclear("linkage \(name)") }
    guard let covariance = Covariance.sample(try riskCase.returns().returns),
      let distances = Clustering.distances(Covariance.correlation(covariance))
    else { return riskCase.differences(.undefined) }
    let found = Clustering(distances, linkage)
    return riskCase.differences([
      "merge_heights": RiskValue(found.merges.map(\.height).sorted()),
      "cophenetic": RiskValue(found.copheneticDistances.nested),
    ])
  }
}
