internal import Amounts
public import Ledger
public import Prices

/// Prices that move by themselves, the same way from the same seed.
///
/// The log-returns of a step follow one market factor, one factor a group and noise of the asset's
/// own, scaled so that a day of steps has the asset's daily volatility; one step in 4,000 of an
/// asset is a jump of up to ±6 %.
public struct MarketWalk: Sendable {
  private var generator: SeededGenerator
  private var prices: [Double]
  private var opens: [Double]
  /// Fractions of a day that one quote of an asset stands for.
  private let step: Double

  /// Starts a market.
  ///
  /// - Parameters:
  ///   - seed: Decides everything.
  ///   - quotesPerSecond: How many quotes are drawn in a second, for the size of a step.
  ///   - field: Where prices begin, with its time; `nil` begins with the assets' own prices.
  public init(
    seed: UInt64 = 1, quotesPerSecond: Double = 32,
    field: (prices: PriceField, time: Instant)? = nil
  ) {
    generator = SeededGenerator(seed: seed)
    prices = DemoAsset.all.map { asset in
      field.flatMap { $0.prices.dollars(asset.code, at: $0.time) } ?? asset.price
    }
    opens = []
    // Time runs sixty times as fast as the clock, so that a minute shows what an hour does.
    step = Double(DemoAsset.all.count) / quotesPerSecond / 86400 * 60
    opens = prices.indices.map { index in
      prices[index] * (1 + DemoAsset.all[index].volatility * generator.normal())
    }
  }

  /// The assets without any price: the last of the sixty is one nobody quotes.
  public static var unpriced: AssetID { DemoAsset.all[DemoAsset.all.count - 1].asset }
  /// The asset whose price was last seen an hour before the demonstration began.
  public static var stale: AssetID { DemoAsset.all[DemoAsset.all.count - 2].asset }

  /// A quote of every asset that has one.
  public mutating func opening(at now: Instant) -> [Quote] {
    DemoAsset.all.indices.dropLast().compactMap { index in
      let isStale = DemoAsset.all[index].asset == MarketWalk.stale
      return quote(index, at: isStale ? now.advanced(bySeconds: -3600) : now)
    }
  }

  /// Moves some prices and quotes them.
  ///
  /// - Parameters:
  ///   - count: How many assets are drawn; one may be drawn twice.
  ///   - now: The time of the quotes.
  /// - Returns: Their quotes.
  public mutating func next(_ count: Int, at now: Instant) -> [Quote] {
    let market = generator.normal()
    let groups = (0..<DemoAsset.groups).map { _ in generator.normal() }
    return (0..<count).compactMap { _ in
      let index = Int(generator.next() % UInt64(DemoAsset.all.count - 2))
      move(index, market: market, group: groups[DemoAsset.all[index].group])
      return quote(index, at: now)
    }
  }

  private mutating func move(_ index: Int, market: Double, group: Double) {
    let item = DemoAsset.all[index]
    let shape = 0.7 * item.beta * market + 0.35 * group + 0.55 * generator.normal()
    var change = item.volatility * step.squareRoot() * shape
    if item.beta > 0 && generator.next() % 4000 == 0 { change += 0.12 * (generator.unit() - 0.5) }
    // A stablecoin is pulled back to its first price.
    if item.beta == 0 { change += (item.price / prices[index] - 1) * 0.2 }
    prices[index] *= 1 + min(max(change, -0.3), 0.3)
  }

  private func quote(_ index: Int, at now: Instant) -> Quote? {
    Quote(
      asset: DemoAsset.all[index].asset, price: MarketWalk.price(prices[index]),
      currency: .usDollar, time: now, source: .feed("demo"),
      dayOpen: MarketWalk.price(opens[index]))
  }

  /// Five significant digits for small prices, cents and tenths of them for large ones.
  private static func price(_ value: Double) -> Price {
    var digits = 2
    var size = value
    while size < 1000 && digits < 12 {
      size *= 10
      digits += 1
    }
    return Price(Fixed.near(value, digits: digits))
  }
}
