import Risk
import Statistics

/// Books of some size with returns and ticks that repeat from a seed.
struct RiskLoad {
  let count: Int
  let lambda = 0.94
  private(set) var returns: [[Double]]
  private(set) var exposures: [Double]
  private var generator: Xoshiro256
  private let draws = NormalDraws()

  /// One factor and own noise, so that correlations are about one half.
  init(assets: Int, bars: Int) {
    count = assets
    let draws = NormalDraws()
    var generator = Xoshiro256(seed: UInt64(assets))
    let market = (0..<bars).map { _ in 0.02 * draws.next(&generator) }
    returns = (0..<assets).map { _ in market.map { $0 + 0.02 * draws.next(&generator) } }
    exposures = (0..<assets).map { _ in 1000 * (0.5 + generator.unit()) }
    self.generator = generator
  }

  var book: RiskBook {
    var book = RiskBook(exposures: exposures, lambda: lambda)
    for bar in 0..<(returns.first?.count ?? 0) { book.close(returns: returns.map { $0[bar] }) }
    return book
  }

  /// Price moves of a few basis points: an asset and its new exposure.
  mutating func ticks(_ number: Int) -> [(asset: Int, exposure: Double)] {
    (0..<number).map { _ in
      let asset = Int(generator.next() % UInt64(count))
      exposures[asset] *= 1 + 0.0005 * draws.next(&generator)
      return (asset, exposures[asset])
    }
  }

  /// Returns of new bars.
  mutating func bars(_ number: Int) -> [[Double]] {
    (0..<number).map { _ in
      let market = 0.02 * draws.next(&generator)
      return (0..<count).map { _ in market + 0.02 * draws.next(&generator) }
    }
  }
}

/// What a run of the risk bench adds up so that nothing is left out as unused.
struct RiskCheck {
  var sum = 0.0
}
