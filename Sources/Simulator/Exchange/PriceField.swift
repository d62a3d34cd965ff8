import Amounts
public import Ledger

/// The price of every simulated asset at every time, past or future, from one seed.
///
/// A price is its first price times one factor for each span of time from a year to a second. The
/// factor of a span moves smoothly between random values at the span's ends (value noise), by the
/// asset's volatility over that span; half of it is shared by all assets. So any time can be asked
/// for, in any order, and the same time always has the same price.
public struct PriceField: Sendable {
  private let seed: UInt64
  private static let spans: [Int64] = [
    31_536_000, 7_776_000, 2_592_000, 604_800, 86_400, 14_400, 3_600, 600, 60, 10, 1,
  ]
  private static let reach: [Double] = spans.map { (Double($0) / 86_400).squareRoot() }
  private static let places: [String: Int] = {
    var places: [String: Int] = [:]
    for (index, asset) in DemoAsset.all.enumerated() { places[asset.code] = index }
    return places
  }()

  /// Another seed gives other prices.
  public init(seed: UInt64) { self.seed = seed }

  /// What one unit of an asset costs in US dollars; `nil` for an asset that is not simulated.
  public func dollars(_ ticker: String, at time: Instant) -> Double? {
    switch ticker {
    case "USD": return 1
    case "EUR": return 1.08 * factor(1_000, volatility: 0.004, beta: 0, time)
    default: break
    }
    guard let place = PriceField.places[ticker] else { return nil }
    let asset = DemoAsset.all[place]
    return asset.price
      * factor(UInt64(place), volatility: asset.volatility, beta: asset.beta, time)
  }

  /// What one unit of the base costs in the quote.
  func price(_ market: SimulatedMarket, at time: Instant) -> Double {
    guard let base = dollars(market.base, at: time), let quote = dollars(market.quote, at: time)
    else { return 1 }
    return base / quote
  }

  /// The same, with the market's digits.
  func fixedPrice(_ market: SimulatedMarket, at time: Instant) -> Fixed {
    let price = Fixed.near(self.price(market, at: time), digits: min(market.priceDigits, 15))
    return price.isZero ? .step(market.priceDigits) : price
  }

  private func factor(
    _ asset: UInt64, volatility: Double, beta: Double, _ time: Instant
  ) -> Double {
    var result = 1.0
    for (index, span) in PriceField.spans.enumerated() {
      let size = min(0.45, volatility * PriceField.reach[index])
      let own = noise(asset, index, span, time)
      let shared = beta == 0 ? 0 : noise(99_999, index, span, time)
      result *= 1 + size * (0.6 * own + 0.5 * shared)
    }
    return result
  }

  /// A number between −1 and 1 that moves smoothly over a span.
  private func noise(_ asset: UInt64, _ level: Int, _ span: Int64, _ time: Instant) -> Double {
    let micros = span * 1_000_000
    let cell = time.microseconds / micros
    let place = Double(time.microseconds % micros) / Double(micros)
    let ease = place * place * (3 - 2 * place)
    let key = asset << 8 | UInt64(level)
    let from = unit(mixed(seed, key, UInt64(bitPattern: cell)))
    let to = unit(mixed(seed, key, UInt64(bitPattern: cell + 1)))
    return 2 * (from + (to - from) * ease) - 1
  }
}
