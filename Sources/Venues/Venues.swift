public import VenueKit

extension Venue {
  /// Every venue that Coffer knows, by id.
  ///
  /// One file a venue; a test holds that every file is listed here and has cases.
  public static let all: [Venue] = [
    .aster,
    .backpack,
    .binance,
    .binanceus,
    .bingx,
    .bitfinex,
    .bitflyer,
    .bitget,
    .bithumb,
    .bitopro,
    .bitrue,
    .bitstamp,
    .bitvavo,
    .blofin,
    .bybit,
    .coinbase,
    .coinbaseexchange,
    .coincheck,
    .coinone,
    .coinsph,
    .cryptocom,
    .deepcoin,
    .deribit,
    .dydx,
    .gate,
    .gemini,
    .htx,
    .hyperliquid,
    .indodax,
    .kraken,
    .krakenfutures,
    .kucoin,
    .kucoinfutures,
    .mexc,
    .ndax,
    .okx,
    .p2b,
    .tokocrypto,
    .toobit,
    .upbit,
    .weex,
    .whitebit,
    .woo,
    .zebpay,
  ]

  /// The venue of an id.
  public static func named(_ id: String) -> Venue? { all.first { $0.id == id } }
}

extension VenueCatalogue {
  /// The venues that are built in.
  public static let builtIn = VenueCatalogue(Venue.all)
}
