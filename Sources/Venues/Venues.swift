public import VenueKit

extension Venue {
  /// Every venue that Coffer knows, by id.
  ///
  /// One file a venue; a test holds that every file is listed here and has cases.
  public static let all: [Venue] = [
    .bigone,
    .bitget,
    .blofin,
    .bybit,
    .deepcoin,
    .digifinex,
    .gate,
    .hollaex,
    .htx,
    .kraken,
    .kucoin,
    .kucoinfutures,
    .latoken,
    .lbank,
    .okx,
    .xt,
  ]

  /// The venue of an id.
  public static func named(_ id: String) -> Venue? { all.first { $0.id == id } }
}
