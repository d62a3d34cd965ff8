public import VenueKit

extension Venue {
  /// Every venue that Coffer knows, by id.
  ///
  /// One file a venue; a test holds that every file is listed here and has cases.
  public static let all: [Venue] = [
    .alpaca,
    .aster,
    .backpack,
    .bigone,
    .binance,
    .binanceus,
    .bingx,
    .bitfinex,
    .bitflyer,
    .bitget,
    .bithumb,
    .bitopro,
    .bitrue,
    .bitso,
    .bitstamp,
    .bitvavo,
    .blockchaincom,
    .blofin,
    .bullish,
    .bybit,
    .bydfi,
    .cex,
    .coinbase,
    .coinbaseexchange,
    .coincheck,
    .coinmate,
    .coinone,
    .coinsph,
    .cryptocom,
    .deepcoin,
    .deribit,
    .digifinex,
    .dydx,
    .gate,
    .gemini,
    .hitbtc,
    .hollaex,
    .htx,
    .hyperliquid,
    .independentreserve,
    .indodax,
    .kraken,
    .krakenfutures,
    .kucoin,
    .kucoinfutures,
    .latoken,
    .lbank,
    .luno,
    .mexc,
    .ndax,
    .okx,
    .onetrading,
    .p2b,
    .phemex,
    .poloniex,
    .tokocrypto,
    .toobit,
    .upbit,
    .weex,
    .whitebit,
    .woo,
    .woofipro,
    .xt,
    .zebpay,
  ]

  /// The venue of an id.
  public static func named(_ id: String) -> Venue? { all.first { $0.id == id } }
}

extension VenueCatalogue {
  /// The venues that are built in.
  public static let builtIn = VenueCatalogue(Venue.all)
}
