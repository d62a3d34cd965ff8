/// Why a portfolio did better or worse than its benchmark, by groups of assets.
public struct BrinsonFachler: Hashable, Sendable {
  /// The weights and returns of a group in portfolio and benchmark.
  public struct Segment: Hashable, Sendable {
    /// The group's share of the portfolio.
    public let portfolioWeight: Double
    /// Its share of the benchmark.
    public let benchmarkWeight: Double
    /// What it returned in the portfolio.
    ///
    /// Unit: 1.
    public let portfolioReturn: Double
    /// What it returned in the benchmark.
    ///
    /// Unit: 1.
    public let benchmarkReturn: Double

    /// Makes a group.
    ///
    /// Where a group has no weight in one of the two, that one's return is taken from the other, so
    /// that it selects nothing; where it has none in both, pass 0.
    public init(
      portfolioWeight: Double, benchmarkWeight: Double, portfolioReturn: Double?,
      benchmarkReturn: Double?
    ) {
      self.portfolioWeight = portfolioWeight
      self.benchmarkWeight = benchmarkWeight
      self.portfolioReturn = portfolioReturn ?? benchmarkReturn ?? 0
      self.benchmarkReturn = benchmarkReturn ?? portfolioReturn ?? 0
    }

    /// Adds up a group of assets bought and held: returns are weighted by the opening weights.
    ///
    /// - Parameters:
    ///   - portfolio: Weight in the portfolio of each asset.
    ///   - benchmark: Weight in the benchmark.
    ///   - returns: What each asset returned. Unit: 1.
    public init(portfolio: [Double], benchmark: [Double], returns: [Double]) {
      precondition(
        portfolio.count == returns.count && benchmark.count == returns.count,
        "Every asset has two weights and a return.")
      self.init(
        portfolioWeight: portfolio.reduce(0, +), benchmarkWeight: benchmark.reduce(0, +),
        portfolioReturn: Segment.weighted(portfolio, returns),
        benchmarkReturn: Segment.weighted(benchmark, returns))
    }

    private static func weighted(_ weights: [Double], _ returns: [Double]) -> Double? {
      ratio(zip(weights, returns).reduce(0) { $0 + $1.0 * $1.1 }, weights.reduce(0, +))
    }
  }

  /// What a group explains of the difference of the returns.
  public struct Effect: Hashable, Sendable {
    /// Having more of a group that did better than the benchmark: (Wp − Wb)(Rb,g − Rb).
    public let allocation: Double
    /// Choosing better within the group: Wb (Rp,g − Rb,g).
    public let selection: Double
    /// Having more of what was chosen better: (Wp − Wb)(Rp,g − Rb,g).
    public let interaction: Double
    /// The sum of the three.
    public var total: Double { allocation + selection + interaction }
  }

  /// One effect a group, in the order given.
  ///
  /// They add up to ``active`` where the weights of portfolio and benchmark add up to the same.
  public let effects: [Effect]
  /// Σ Wp Rp,g.
  public let portfolioReturn: Double
  /// Σ Wb Rb,g.
  public let benchmarkReturn: Double

  /// The difference of the returns.
  public var active: Double { portfolioReturn - benchmarkReturn }

  /// Splits the difference of one period.
  ///
  /// - Parameter segments: The groups; together they are the whole portfolio and benchmark. Cash is
  ///   a group of its own.
  /// - Source: G. P. Brinson, N. Fachler, Measuring non-US equity portfolio performance, J. of
  ///   Portfolio Management 11 (1985), 73-76; interaction apart as in Brinson, Hood, Beebower,
  ///   Determinants of portfolio performance, Financial Analysts J. 42 (1986), 39-44.
  public init(_ segments: [Segment]) {
    let own = segments.reduce(0) { $0 + $1.portfolioWeight * $1.portfolioReturn }
    let other = segments.reduce(0) { $0 + $1.benchmarkWeight * $1.benchmarkReturn }
    portfolioReturn = own
    benchmarkReturn = other
    effects = segments.map { segment in
      let excess = segment.portfolioWeight - segment.benchmarkWeight
      let better = segment.portfolioReturn - segment.benchmarkReturn
      return Effect(
        allocation: excess * (segment.benchmarkReturn - other),
        selection: segment.benchmarkWeight * better, interaction: excess * better)
    }
  }
}
