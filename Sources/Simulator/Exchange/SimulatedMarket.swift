public import Amounts

/// One market of a simulated venue, named by common codes.
public struct SimulatedMarket: Hashable, Sendable {
  /// Its place among the venue's markets.
  public let index: Int
  /// The common code of the base asset.
  public let base: String
  /// The common code of the quote asset.
  public let quote: String
  /// Digits of prices after the point.
  public let priceDigits: Int
  /// Digits of amounts after the point.
  public let amountDigits: Int
  /// The smallest amount.
  public var amountMin: Fixed { .step(amountDigits) }
  /// The smallest price times amount, in quote.
  public let costMin: Fixed
}

/// What a simulated venue lists and charges.
public struct SimulatedListing: Sendable {
  /// In which asset fees are taken.
  public enum FeeAsset: Sendable {
    /// In the quote asset.
    case quote
    /// In the asset that is received.
    case received
  }
  /// The venue's word.
  public let venue: String
  /// Its markets.
  public let markets: [SimulatedMarket]
  /// Where fees are taken.
  public let feeAsset: FeeAsset
  /// The part of a cost that a maker pays.
  public let makerRate: Fixed
  /// The part of a cost that a taker pays.
  public let takerRate: Fixed
  /// Whether it has an earn part.
  public let hasEarn: Bool
  /// Whether it has a futures part, to which the first deposit goes in part.
  public let hasFutures: Bool
  /// Whether its statements tell fees that belong to nothing else.
  public let hasCharges: Bool
  /// Every asset once, in order.
  public let assets: [String]

  /// Makes a listing of bases against quotes.
  ///
  /// - Parameters:
  ///   - venue: The venue's word.
  ///   - bases: Common codes.
  ///   - quotes: Common codes; the first is traded against every base, the others against BTC and
  ///     ETH.
  ///   - feeAsset: Where fees are taken.
  ///   - rates: Ten-thousandths for maker and taker.
  ///   - hasEarn: Whether it has an earn part.
  ///   - hasFutures: Whether it has a futures part.
  ///   - hasCharges: Whether its statements tell fees that belong to nothing else.
  public init(
    venue: String, bases: [String], quotes: [String], feeAsset: FeeAsset,
    rates: (maker: Int64, taker: Int64), hasEarn: Bool, hasFutures: Bool = false,
    hasCharges: Bool = true
  ) {
    self.venue = venue
    self.hasFutures = hasFutures
    self.hasCharges = hasCharges
    self.feeAsset = feeAsset
    self.hasEarn = hasEarn
    makerRate = Fixed(whole: rates.maker) / Fixed(whole: 10_000)
    takerRate = Fixed(whole: rates.taker) / Fixed(whole: 10_000)
    var markets: [SimulatedMarket] = []
    for (place, quote) in quotes.enumerated() {
      let traded = place == 0 ? bases : ["BTC", "ETH"].filter { bases.contains($0) }
      for base in traded where base != quote {
        markets.append(SimulatedListing.market(markets.count, base, quote))
      }
    }
    self.markets = markets
    var assets: [String] = []
    for code in quotes + bases where !assets.contains(code) { assets.append(code) }
    self.assets = assets
  }

  /// The market of two common codes.
  public func market(_ base: String, _ quote: String) -> SimulatedMarket? {
    markets.first { $0.base == base && $0.quote == quote }
  }

  private static func market(_ index: Int, _ base: String, _ quote: String) -> SimulatedMarket {
    let price = DemoAsset.all.first { $0.code == base }?.price ?? 1
    let priceDigits = price >= 1_000 ? 2 : price >= 1 ? 4 : price >= 0.001 ? 6 : 8
    let amountDigits = price >= 1_000 ? 5 : price >= 1 ? 3 : price >= 0.001 ? 1 : 0
    return SimulatedMarket(
      index: index, base: base, quote: quote, priceDigits: priceDigits,
      amountDigits: amountDigits, costMin: Fixed(whole: 5))
  }

  private static let common = [
    "BTC", "ETH", "SOL", "XRP", "ADA", "AVAX", "DOT", "DOGE", "LTC", "BCH", "ATOM", "LINK", "UNI",
    "AAVE",
  ]
  /// Binance: fees in the asset received, https://www.binance.com/en/fee/trading.
  public static let binance = SimulatedListing(
    venue: "binance", bases: common + ["BNB", "NEAR", "ARB", "OP", "SHIB", "PEPE"],
    quotes: ["USDT", "USDC", "EUR"], feeAsset: .received, rates: (10, 10), hasEarn: true,
    hasFutures: true, hasCharges: false)
  /// Coinbase: fees in the quote, https://help.coinbase.com/en/coinbase/trading-and-funding/advanced-trade/advanced-trade-fees.
  public static let coinbase = SimulatedListing(
    venue: "coinbase", bases: common + ["GRT", "MKR", "USDT"], quotes: ["USD", "USDC", "EUR"],
    feeAsset: .quote, rates: (40, 60), hasEarn: true)
  /// Kraken: fees in the quote, https://www.kraken.com/features/fee-schedule.
  public static let kraken = SimulatedListing(
    venue: "kraken", bases: common + ["XLM", "ZEC", "XMR", "USDT", "USDC", "EUR"],
    quotes: ["USD", "EUR", "USDT"],
    feeAsset: .quote, rates: (16, 26), hasEarn: true)
  /// Bitfinex: fees in the asset received, https://www.bitfinex.com/fees.
  public static let bitfinex = SimulatedListing(
    venue: "bitfinex", bases: common + ["XMR", "ZEC", "XLM", "USDT"],
    quotes: ["USD", "USDT", "EUR"],
    feeAsset: .received, rates: (10, 20), hasEarn: false)
  /// HTX: fees in the asset received, https://www.htx.com/fee/.
  public static let htx = SimulatedListing(
    venue: "htx", bases: common + ["TRX", "FIL"], quotes: ["USDT", "USDC"], feeAsset: .received,
    rates: (20, 20), hasEarn: false)
}
