public import Statistics

/// What is taken for a correlation.
public enum CorrelationMeasure: String, Hashable, Sendable, CaseIterable {
  /// Of the returns themselves.
  case pearson
  /// Of their ranks, which a single wild value cannot carry.
  case spearman
  /// By pairs that agree and pairs that do not.
  case kendall

  /// The correlations of series.
  ///
  /// - Parameter series: The series, N × T.
  /// - Returns: N × N; `nil` where a series does not vary.
  public func matrix(of series: [[Double]]) -> [[Double?]] {
    switch self {
    case .pearson:
      Covariance.sample(series).map { Covariance.correlation($0) }
        ?? series.map { _ in series.map { _ in nil } }
    case .spearman: RankCorrelation.spearman(series)
    case .kendall: RankCorrelation.kendall(series)
    }
  }

  /// The correlations of those series that vary.
  ///
  /// - Parameter series: The series, N × T.
  /// - Returns: The indices of the series that vary, and their correlations, M · M row after row.
  func varying(_ series: [[Double]]) -> (indices: [Int], values: [Double]) {
    if self == .kendall {
      let whole = matrix(of: series)
      let indices = whole.indices.filter { whole[$0][$0] != nil }
      return (indices, indices.flatMap { row in indices.map { whole[row][$0] ?? 0 } })
    }
    var indices: [Int] = []
    var directions: [[Double]] = []
    for (index, values) in series.enumerated() {
      let sample = Sample(self == .spearman ? RankCorrelation.ranks(values) : values)
      guard !sample.isConstant, let mean = sample.mean else { continue }
      let centred = sample.values.map { $0 - mean }
      let length = Matrix.dot(centred, centred).squareRoot()
      guard length > 0 else { continue }
      indices.append(index)
      directions.append(centred.map { $0 / length })
    }
    var values = Kernel.products(directions)
    for place in indices.indices { values[place * indices.count + place] = 1 }
    return (indices, values)
  }
}

/// A correlation matrix in an order in which a heat map shows its groups.
public struct CorrelationMap: Hashable, Sendable {
  /// The assets in the order shown.
  public let assets: [String]
  /// The number of returns behind each.
  public let sampleSize: Int
  /// The place among the assets that vary of each asset shown; those that do not stand at the end.
  private let order: [Int]
  /// The correlations of assets that vary, as they stood in the table, row after row.
  private let values: [Double]

  /// The most assets whose leaves are put into their best order, which costs the cube of their number;
  /// of more the order is the tree's.
  public static let mostOrdered = 128

  /// Orders assets so that neighbours are alike: average linkage of √(½(1-ρ)), best order of leaves.
  ///
  /// Assets that do not vary stand at the end.
  ///
  /// - Parameters:
  ///   - table: The assets' returns.
  ///   - measure: What is taken for a correlation.
  ///   - standards: How many returns are needed.
  /// - Throws: `RiskRefusal.tooFew`.
  public init(
    _ table: ReturnTable, _ measure: CorrelationMeasure = .pearson,
    standards: RiskStandards = RiskStandards()
  ) throws(RiskRefusal) {
    guard table.count >= standards.covariance else {
      throw .tooFew(have: table.count, needed: standards.covariance)
    }
    let (varying, values) = measure.varying(table.returns)
    var order = Array(varying.indices)
    let distances = values.map { max(0.5 * (1 - $0), 0).squareRoot() }
    if varying.count > 1, let distances = Matrix(square: distances) {
      let tree = Clustering(distances, .average)
      let isSmall = varying.count <= CorrelationMap.mostOrdered
      order = isSmall ? tree.optimalLeaves(distances) : tree.leaves
    }
    let moving = Set(varying)
    let still = table.assets.indices.filter { !moving.contains($0) }
    assets = (order.map { varying[$0] } + still).map { table.assets[$0] }
    sampleSize = table.count
    self.order = order
    self.values = values
  }

  /// The correlation of two assets by their places in the order shown; `nil` where one does not vary.
  public subscript(row: Int, column: Int) -> Double? {
    guard max(row, column) < order.count else { return nil }
    return values[order[row] * order.count + order[column]]
  }

  /// Correlations in the order shown, N × N; `nil` where an asset does not vary.
  public var correlation: [[Double?]] {
    assets.indices.map { row in assets.indices.map { self[row, $0] } }
  }
}

/// Pairs of assets whose correlation is no longer what it was.
public struct CorrelationBreaks: Hashable, Sendable {
  /// How many false alarms are accepted among all pairs.
  public enum Control: Hashable, Sendable {
    /// The probability of any false alarm (Bonferroni).
    case anyAlarm(Double)
    /// The expected share of false ones among the alarms (Benjamini and Hochberg).
    case shareOfAlarms(Double)
  }

  /// A pair that stands out.
  public struct Break: Hashable, Sendable {
    /// One asset.
    public let first: String
    /// The other.
    public let second: String
    /// Their correlation before.
    public let before: Double
    /// Their correlation now.
    public let now: Double
    /// The probability of a greater change if nothing changed.
    public let probability: Double
  }

  /// The pairs that stand out, the least likely first.
  public let breaks: [Break]
  /// The number of pairs compared.
  public let pairCount: Int
  /// The number of returns before and now.
  public let sampleSizes: [Int]
  /// What false alarms were accepted.
  public let control: Control

  /// Two assets that stay above this are one thing under two names, whose correlation cannot break.
  static let sameness = 0.999

  /// Compares the last returns with those before them.
  ///
  /// Pairs that are one thing under two names are left out: between correlations of nearly 1,
  /// atanh makes much of nothing.
  ///
  /// Spearman's correlations, so that fat tails do not ring the bell, through Fisher's atanh, whose
  /// difference is about normal with variance 1.06/(n₁-3) + 1.06/(n₂-3). The stated rate of false
  /// alarms supposes returns that do not depend on earlier ones; where volatility comes in clusters
  /// it is somewhat higher.
  ///
  /// - Parameters:
  ///   - table: The assets' returns.
  ///   - recent: How many of the last returns count as now.
  ///   - control: What false alarms are accepted.
  ///   - standards: How many returns are needed before; now it is a third of them.
  /// - Throws: `RiskRefusal.tooFew`.
  /// - Source: E. C. Fieller, H. O. Hartley, E. S. Pearson, Tests for rank correlation coefficients I,
  ///   Biometrika 44, 1957; Y. Benjamini, Y. Hochberg, Controlling the false discovery rate, Journal of
  ///   the Royal Statistical Society B 57(1), 1995.
  public init(
    _ table: ReturnTable, recent: Int, control: Control = .anyAlarm(0.01),
    standards: RiskStandards = RiskStandards()
  ) throws(RiskRefusal) {
    let least = max(standards.covariance / 3, 5)
    guard recent >= least else { throw .tooFew(have: recent, needed: least) }
    let earlier = table.count - recent
    guard earlier >= standards.covariance else {
      throw .tooFew(have: earlier, needed: standards.covariance)
    }
    let before = RankCorrelation.spearman(table.returns.map { Array($0.prefix(earlier)) })
    let now = RankCorrelation.spearman(table.returns.map { Array($0.suffix(recent)) })
    let deviation = (1.06 / Double(earlier - 3) + 1.06 / Double(recent - 3)).squareRoot()
    var found: [Break] = []
    for i in table.assets.indices {
      for j in 0..<i {
        guard let old = before[i][j], let new = now[i][j],
          min(old, new) < CorrelationBreaks.sameness
        else { continue }
        let size = abs(CorrelationBreaks.fisher(old) - CorrelationBreaks.fisher(new)) / deviation
        found.append(
          Break(
            first: table.assets[j], second: table.assets[i], before: old, now: new,
            probability: 2 * Normal.probability(-size)))
      }
    }
    found.sort { $0.probability < $1.probability }
    breaks = Array(found.prefix(CorrelationBreaks.count(found.map(\.probability), control)))
    pairCount = found.count
    sampleSizes = [earlier, recent]
    self.control = control
  }

  /// atanh, of correlations a little inside -1 and 1.
  private static func fisher(_ correlation: Double) -> Double {
    let inside = min(max(correlation, -0.999_999), 0.999_999)
    return (Elementary.log1p(inside) - Elementary.log1p(-inside)) / 2
  }

  /// How many of ascending probabilities count as alarms.
  static func count(_ ascending: [Double], _ control: Control) -> Int {
    let whole = Double(max(ascending.count, 1))
    switch control {
    case .anyAlarm(let rate): return ascending.count { $0 <= rate / whole }
    case .shareOfAlarms(let rate):
      let last = ascending.indices.last { ascending[$0] <= rate * Double($0 + 1) / whole }
      return last.map { $0 + 1 } ?? 0
    }
  }
}
