public import Amounts
import Statistics

/// How long it takes to sell a position without being the market.
public struct LiquidationTime: Hashable, Sendable {
  /// Days, each selling a share of an average day's volume.
  public let days: Double
  /// What a square-root law expects the selling to cost, a fraction of the value; `nil` without a
  /// volatility.
  public let impact: Double?

  /// Estimates.
  ///
  /// days = |q|/(p V). Selling the share p of a day's volume costs about σ√p, with σ the volatility of a
  /// day: the square-root law with a factor of one.
  ///
  /// - Parameters:
  ///   - quantity: What is held, of any sign.
  ///   - dailyVolume: An average day's volume, in the same unit.
  ///   - participation: The share of a day's volume that may be sold, above 0, up to 1.
  ///   - dailyVolatility: Of the price.
  /// - Source: the days, as liquidity duration, with the worked example of the test:
  ///   https://www.gaodun.com/q/9053qf (GARP FRM); the cost: B. Tóth et al., Anomalous price impact and the critical nature of liquidity in financial
  ///   markets, Physical Review X 1, 021006, 2011.
  public init?(
    quantity: Quantity, dailyVolume: Quantity, participation: Double,
    dailyVolatility: Double? = nil
  ) {
    let volume = dailyVolume.fixed.approximate
    guard volume > 0, participation > 0, participation <= 1 else { return nil }
    days = abs(quantity.fixed.approximate) / (participation * volume)
    impact = dailyVolatility.map { $0 * participation.squareRoot() }
  }
}

/// How far a price is from the one at which a venue closes a position.
public struct LiquidationDistance: Hashable, Sendable {
  /// The relative change of the price that would do it: negative for a long position.
  public let change: Double
  /// The change in standard deviations of a day; `nil` without a volatility.
  public let deviations: Double?
  /// The probability that the price gets there within a day, normal without drift.
  public let probability: Double?

  /// Measures.
  ///
  /// The probability of touching is twice that of ending beyond (reflection principle).
  ///
  /// - Parameters:
  ///   - mark: The price that the venue judges by.
  ///   - liquidation: The price at which it closes the position.
  ///   - dailyVolatility: Of the price.
  /// - Source: W. Feller, An Introduction to Probability Theory, vol. 1, 3rd ed., 1968, III.1.
  public init?(mark: Price, liquidation: Price, dailyVolatility: Double? = nil) {
    let from = mark.fixed.approximate
    let to = liquidation.fixed.approximate
    guard from > 0, to > 0 else { return nil }
    change = to / from - 1
    guard let dailyVolatility, dailyVolatility > 0 else {
      deviations = nil
      probability = nil
      return
    }
    let size = abs(Elementary.log(to / from)) / dailyVolatility
    deviations = size
    probability = min(2 * Normal.probability(-size), 1)
  }

  /// The price at which a linear contract's margin is used up, if no venue says it.
  ///
  /// With margin M at the mark P₀ and maintenance m|q|P - c, M + q(P-P₀) = m|q|P - c, so
  /// P = (qP₀ - M - c)/(q - m|q|). With cross margin M is the wallet's balance and the open profit of all
  /// positions, less the maintenance of the others.
  ///
  /// - Parameters:
  ///   - mark: P₀.
  ///   - contracts: q, negative when short.
  ///   - margin: M, in the quote's currency.
  ///   - maintenance: m, the share of the value that the venue wants, from 0 to 1.
  ///   - deduction: c, what the venue's tiers take off that; below zero for a fixed amount that it wants.
  /// - Returns: The price; `nil` where none above zero does it.
  /// - Source: https://www.binance.com/en/support/faq/b3c689c1f50a44cabb3a84e663b81d93 for cross margin;
  ///   for isolated margin, with a maintenance that stays as it was at the entry,
  ///   https://www.bybit.com/en/help-center/article/Liquidation-Price-Calculation-under-Isolated-Mode-Unified-Trading-Account
  public static func price(
    mark: Double, contracts: Double, margin: Double, maintenance: Double, deduction: Double = 0
  ) -> Double? {
    let below = contracts - maintenance * abs(contracts)
    guard below != 0 else { return nil }
    let price = (contracts * mark - margin - deduction) / below
    return price > 0 && price.isFinite ? price : nil
  }
}
