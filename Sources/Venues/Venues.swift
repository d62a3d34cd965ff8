public import VenueKit

extension Venue {
  /// Every venue that Coffer knows, by id.
  ///
  /// One file a venue; a test holds that every file is listed here and has cases.
  public static let all: [Venue] = [
    .binance,
    .binanceus,
    .bitfinex,
    .bitflyer,
    .bithumb,
    .bitopro,
    .bitstamp,
    .bullish,
    .bybit,
    .bydfi,
    .coinbase,
    .coincheck,
    .coinone,
    .coinsph,
    .cryptocom,
    .deribit,
    .dydx,
    .gate,
    .gemini,
    .htx,
    .hyperliquid,
    .indodax,
    .kraken,
    .kucoin,
    .kucoinfutures,
    .mexc,
    .ndax,
    .okx,
    .phemex,
    .poloniex,
    .tokocrypto,
    .toobit,
    .upbit,
    .woo,
    .woofipro,
  ]

  /// The venue of an id.
  public static func named(_ id: String) -> Venue? { all.first { $0.id == id } }
}
